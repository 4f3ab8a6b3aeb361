/* SPDX-License-Identifier: ISC */
#include <poll.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "link/ldapc_p.h"

const char *const ldapc_entry_attrs[] = { "entryUUID", "entryCSN",
	"createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName",
	NULL };

static const char *const all_attrs[] = { "*", "entryUUID", "entryCSN",
	"createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName",
	NULL };

struct timeval ldapc_timeval(int64_t us)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(us / CLOCK_SECOND);
	tv.tv_usec = (suseconds_t)(us % CLOCK_SECOND);
	return tv;
}

int ldapc_fd(const struct ldapc *l)
{
	int fd = -1;

	ldap_get_option(l->ld, LDAP_OPT_DESC, &fd);
	return fd;
}

const char *ldapc_uri(const struct ldapc *l)
{
	return l->uri;
}

bool ldapc_writable(const struct ldapc *l)
{
	struct pollfd p = { .fd = ldapc_fd(l), .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

static struct berval **bervals(struct arena *a, const struct val *v, size_t n)
{
	struct berval **p = arena_array(a, n + 1, sizeof(*p));
	struct berval *bv = arena_array(a, n, sizeof(*bv));
	size_t i;

	for (i = 0; i < n; i++) {
		bv[i].bv_val = (char *)v[i].p;
		bv[i].bv_len = v[i].n;
		p[i] = &bv[i];
	}
	return p;
}

static LDAPMod **mods_of_entry(struct arena *a, const struct entry *en)
{
	LDAPMod **p = arena_array(a, en->n + 1, sizeof(*p));
	LDAPMod *m = arena_array(a, en->n, sizeof(*m));
	size_t i;

	for (i = 0; i < en->n; i++) {
		m[i].mod_op = LDAP_MOD_ADD | LDAP_MOD_BVALUES;
		m[i].mod_type = (char *)en->a[i].name;
		m[i].mod_bvalues = bervals(a, en->a[i].v, en->a[i].n);
		p[i] = &m[i];
	}
	return p;
}

static LDAPMod **mods_of_change(struct arena *a, const struct change *c)
{
	static const int op[] = { [MOD_ADD] = LDAP_MOD_ADD,
		[MOD_DELETE] = LDAP_MOD_DELETE,
		[MOD_REPLACE] = LDAP_MOD_REPLACE };
	LDAPMod **p = arena_array(a, c->n + 1, sizeof(*p));
	LDAPMod *m = arena_array(a, c->n, sizeof(*m));
	size_t i;

	for (i = 0; i < c->n; i++) {
		m[i].mod_op = op[c->mod[i].op] | LDAP_MOD_BVALUES;
		m[i].mod_type = (char *)c->mod[i].name;
		if (c->mod[i].n > 0)
			m[i].mod_bvalues = bervals(a, c->mod[i].v,
			    c->mod[i].n);
		p[i] = &m[i];
	}
	return p;
}

int ldapc_send_change(struct ldapc *l, const struct change *c, int *msgid,
    struct err *e)
{
	struct ldapc_controls cs;
	int rc;

	arena_reset(l->scratch);
	rc = ldapc_controls_change(l, c, &cs, e);
	if (rc != 0)
		return rc;
	switch (c->kind) {
	case CHANGE_ADD:
		rc = ldap_add_ext(l->ld, c->dn,
		    mods_of_entry(l->scratch, c->entry), cs.p, NULL, msgid);
		break;
	case CHANGE_MODIFY:
		rc = ldap_modify_ext(l->ld, c->dn,
		    mods_of_change(l->scratch, c), cs.p, NULL, msgid);
		break;
	case CHANGE_DELETE:
		rc = ldap_delete_ext(l->ld, c->dn, cs.p, NULL, msgid);
		break;
	}
	return rc == LDAP_SUCCESS ? 0 : ldapc_fail(l, rc, "send", e);
}

int ldapc_send_search(struct ldapc *l, const struct ldapc_search *s,
    int *msgid, struct err *e)
{
	static const int scope[] = { [SCOPE_BASE] = LDAP_SCOPE_BASE,
		[SCOPE_ONE] = LDAP_SCOPE_ONELEVEL,
		[SCOPE_SUB] = LDAP_SCOPE_SUBTREE };
	const char *const *attrs = s->attrs != NULL ? s->attrs : all_attrs;
	struct ldapc_controls cs;
	int rc;

	arena_reset(l->scratch);
	rc = ldapc_controls_search(l, s, &cs, e);
	if (rc != 0)
		return rc;
	rc = ldap_search_ext(l->ld, s->base, scope[s->scope], s->filter,
	    (char **)attrs, 0, cs.p, NULL, NULL, s->size_limit, msgid);
	return rc == LDAP_SUCCESS ? 0 : ldapc_fail(l, rc, "search", e);
}

int ldapc_abandon(struct ldapc *l, int msgid)
{
	int rc = ldap_abandon_ext(l->ld, msgid, NULL, NULL);

	return rc == LDAP_SUCCESS ? 0 : ldapc_fail(l, rc, "abandon", NULL);
}

int ldapc_send_passwd(struct ldapc *l, const char *dn, const char *old,
    const char *new_password, int *msgid, struct err *e)
{
	struct ldapc_controls cs = { .n = 0 };
	struct berval v, none = { 0, NULL };
	int rc;

	arena_reset(l->scratch);
	rc = ldapc_passwd_value(l->scratch, dn, old, new_password, &v, e);
	if (rc != 0)
		return rc;
	ldapc_control(&cs, LDAP_CONTROL_PASSWORDPOLICYREQUEST, none, false);
	rc = ldap_extended_operation(l->ld, LDAP_EXOP_MODIFY_PASSWD, &v, cs.p,
	    NULL, msgid);
	return rc == LDAP_SUCCESS ? 0 : ldapc_fail(l, rc, "send", e);
}

int ldapc_next(struct ldapc *l, struct arena *a, int msgid,
    int64_t timeout_us, struct ldapc_result *out, struct err *e)
{
	struct timeval tv = ldapc_timeval(timeout_us);
	LDAPMessage *m = NULL;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = ldap_result(l->ld, msgid == 0 ? LDAP_RES_ANY : msgid,
	    LDAP_MSG_ONE, &tv, &m);
	if (rc == 0)
		return 0;
	if (rc < 0)
		return ldapc_fail(l, 0, "connection lost", e);
	rc = ldapc_decode(l, a, m, out, e);
	ldap_msgfree(m);
	/* RFC 4511 4.4.1, notice of disconnection */
	if (rc == 0 && out->msgid == LDAP_RES_UNSOLICITED)
		return err_set(e, ERR_BUSY, "LDAP %s: the server disconnects: "
		    "%s", l->uri, out->text);
	return rc;
}

/* The next answer to msgid, within the operation's time-out. */
static int next_in_time(struct ldapc *l, struct arena *a, int msgid,
    struct ldapc_result *out, struct err *e)
{
	int rc = ldapc_next(l, a, msgid, l->op_timeout, out, e);

	if (rc == 0 && out->kind == LDAPC_NONE) {
		ldapc_abandon(l, msgid);
		rc = err_set(e, ERR_TIMEOUT, "LDAP %s: no answer in %lld ms, "
		    "outcome unknown", l->uri, (long long)l->op_timeout / 1000);
	}
	return rc;
}

int ldapc_change(struct ldapc *l, struct arena *a, const struct change *c,
    struct ldapc_result *out, struct err *e)
{
	int rc, msgid;

	rc = ldapc_send_change(l, c, &msgid, e);
	if (rc == 0)
		rc = next_in_time(l, a, msgid, out, e);
	if (rc == 0)
		rc = ldapc_error(out, c->dn, e);
	return rc;
}

int ldapc_passwd(struct ldapc *l, struct arena *a, const char *old,
    const char *new_password, struct ldapc_result *out, struct err *e)
{
	int rc, msgid;

	rc = ldapc_send_passwd(l, NULL, old, new_password, &msgid, e);
	if (rc == 0)
		rc = next_in_time(l, a, msgid, out, e);
	if (rc == 0)
		rc = ldapc_error(out, "password", e);
	return rc;
}

int ldapc_search_all(struct ldapc *l, struct arena *a,
    const struct ldapc_search *s, struct entry ***entries, size_t *n,
    struct err *e)
{
	struct ldapc_result r;
	size_t cap = 16;
	int rc, msgid;

	*n = 0;
	*entries = arena_array(a, cap, sizeof(**entries));
	rc = ldapc_send_search(l, s, &msgid, e);
	if (rc != 0)
		return rc;
	while ((rc = next_in_time(l, a, msgid, &r, e)) == 0 &&
	    r.kind != LDAPC_DONE) {
		if (r.kind != LDAPC_ENTRY)
			continue;
		if (*n == cap) {
			*entries = arena_grow(a, *entries, cap, cap * 2,
			    sizeof(**entries));
			cap *= 2;
		}
		(*entries)[(*n)++] = r.entry;
	}
	return rc == 0 ? ldapc_error(&r, s->base, e) : rc;
}
