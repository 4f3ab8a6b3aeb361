/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "link/ldapc_p.h"

static int flatten(struct arena *a, BerElement *ber, struct berval *out,
    struct err *e)
{
	struct berval bv;

	if (ber == NULL || ber_flatten2(ber, &bv, 0) == -1) {
		ber_free(ber, 1);
		return err_set(e, ERR_INVALID,
		    "LDAP: a control's value can't be encoded");
	}
	out->bv_len = bv.bv_len;
	out->bv_val = arena_memdup(a, bv.bv_val, bv.bv_len);
	ber_free(ber, 1);
	return 0;
}

void ldapc_control(struct ldapc_controls *cs, const char *oid,
    struct berval value, bool critical)
{
	LDAPControl *c = &cs->c[cs->n];

	c->ldctl_oid = (char *)oid;
	c->ldctl_value = value;
	c->ldctl_iscritical = critical;
	cs->p[cs->n++] = c;
	cs->p[cs->n] = NULL;
}

int ldapc_post_read_value(struct berval *out)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	int rc = -1;

	if (ber != NULL && ber_printf(ber, "{v}", ldapc_entry_attrs) != -1)
		rc = ber_flatten2(ber, out, 1);
	ber_free(ber, 1);
	return rc;
}

/* RFC 4528 2: the value is a filter, here one equality match. */
static int control_assert(struct ldapc *l, const char *csn,
    struct ldapc_controls *cs, struct err *e)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval v;
	int rc;

	if (ber != NULL)
		ber_printf(ber, "t{ss}", LDAP_FILTER_EQUALITY, "entryCSN", csn);
	rc = flatten(l->scratch, ber, &v, e);
	if (rc == 0)
		ldapc_control(cs, LDAP_CONTROL_ASSERT, v, true);
	return rc;
}

/* RFC 4370 2: the value is an authzId, bare. */
static void control_act_as(struct ldapc *l, const char *dn,
    struct ldapc_controls *cs)
{
	struct berval v;

	v.bv_val = arena_printf(l->scratch, "dn:%s", dn);
	v.bv_len = strlen(v.bv_val);
	ldapc_control(cs, LDAP_CONTROL_PROXY_AUTHZ, v, true);
}

int ldapc_controls_change(struct ldapc *l, const struct change *c,
    struct ldapc_controls *cs, struct err *e)
{
	struct berval none = { 0, NULL };

	cs->n = 0;
	cs->p[0] = NULL;
	/* Not critical: a change must not fail for want of its answer. */
	if (c->kind != CHANGE_DELETE)
		ldapc_control(cs, LDAP_CONTROL_POST_READ, l->post_read, false);
	if (c->permissive)
		ldapc_control(cs, LDAP_CONTROL_X_PERMISSIVE_MODIFY, none,
		    true);
	if (c->act_as != NULL)
		control_act_as(l, c->act_as, cs);
	if (c->assert_csn != NULL)
		return control_assert(l, c->assert_csn, cs, e);
	return 0;
}

/* RFC 4533 2.2; reloadHint keeps its default. */
static int control_sync(struct ldapc *l, const struct ldapc_search *s,
    struct ldapc_controls *cs, struct err *e)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval v;
	int rc;

	if (ber != NULL) {
		ber_printf(ber, "{e", s->persist ?
		    LDAP_SYNC_REFRESH_AND_PERSIST : LDAP_SYNC_REFRESH_ONLY);
		if (s->cookie != NULL)
			ber_printf(ber, "o", (const char *)s->cookie,
			    (ber_len_t)s->cookie_len);
		ber_printf(ber, "N}");
	}
	rc = flatten(l->scratch, ber, &v, e);
	if (rc == 0)
		ldapc_control(cs, LDAP_CONTROL_SYNC, v, true);
	return rc;
}

int ldapc_controls_search(struct ldapc *l, const struct ldapc_search *s,
    struct ldapc_controls *cs, struct err *e)
{
	struct berval none = { 0, NULL };

	cs->n = 0;
	cs->p[0] = NULL;
	if (s->sync_manage)
		ldapc_control(cs, LDAP_CONTROL_MANAGEDSAIT, none, false);
	if (s->act_as != NULL)
		control_act_as(l, s->act_as, cs);
	return s->sync ? control_sync(l, s, cs, e) : 0;
}

int ldapc_passwd_value(struct arena *a, const char *dn, const char *old,
    const char *new_password, struct berval *out, struct err *e)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);

	if (ber != NULL) {
		ber_printf(ber, "{");
		if (dn != NULL)
			ber_printf(ber, "ts", LDAP_TAG_EXOP_MODIFY_PASSWD_ID,
			    dn);
		if (old != NULL)
			ber_printf(ber, "ts", LDAP_TAG_EXOP_MODIFY_PASSWD_OLD,
			    old);
		if (new_password != NULL)
			ber_printf(ber, "ts", LDAP_TAG_EXOP_MODIFY_PASSWD_NEW,
			    new_password);
		ber_printf(ber, "N}");
	}
	return flatten(a, ber, out, e);
}
