/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "link/ldapc_p.h"

static int corrupt(struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "LDAP: the server sent %s that is "
	    "malformed", what);
}

static char *bv_dup(struct arena *a, const struct berval *bv)
{
	return arena_strndup(a, bv->bv_val == NULL ? "" : bv->bv_val,
	    bv->bv_len);
}

static struct val val_dup(struct arena *a, const struct berval *bv)
{
	char *p = arena_alloc(a, bv->bv_len + 1);

	/* Not strndup: a value may hold NUL bytes. */
	if (bv->bv_len > 0)
		memcpy(p, bv->bv_val, bv->bv_len);
	return (struct val){ p, bv->bv_len };
}

/* Attributes that are fields of struct entry: true if name was one. */
static bool set_field(struct arena *a, struct entry *en, const char *name,
    const struct berval *bv)
{
	char *s = bv_dup(a, bv);

	if (strcasecmp(name, "entryUUID") == 0)
		str_uuid(s, en->uuid);
	else if (strcasecmp(name, "entryCSN") == 0)
		en->csn = s;
	else if (strcasecmp(name, "createTimestamp") == 0)
		clock_parse_gt(s, &en->created);
	else if (strcasecmp(name, "modifyTimestamp") == 0)
		clock_parse_gt(s, &en->modified);
	else if (strcasecmp(name, "creatorsName") == 0)
		en->creator = s;
	else if (strcasecmp(name, "modifiersName") == 0)
		en->modifier = s;
	else
		return false;
	return true;
}

static bool is_field(const char *name)
{
	int i;

	for (i = 0; ldapc_entry_attrs[i] != NULL; i++)
		if (strcasecmp(ldapc_entry_attrs[i], name) == 0)
			return true;
	return false;
}

static bool is_secret(const struct berval *name)
{
	static const char secret[] = "userPassword";
	size_t n = sizeof(secret) - 1;

	return name->bv_len >= n && strncasecmp(name->bv_val, secret, n) == 0 &&
	    (name->bv_len == n || name->bv_val[n] == ';');
}

/* A server has each type once in an entry (RFC 4511 4.1.7), but slapd serves
 * as slapadd -q took it in what an LDIF wrote apart: to drop the rest of the
 * values would take rights from people. */
static struct attr *attr_place(struct arena *a, struct entry *en,
    const char *name)
{
	const struct attr *have = entry_attr(en, name);

	if (have != NULL)
		return &en->a[have - en->a];
	if (en->n == en->cap) {
		en->cap = en->cap == 0 ? 16 : en->cap * 2;
		en->a = arena_grow(a, en->a, en->n, en->cap, sizeof(*en->a));
	}
	en->a[en->n].name = name;
	return &en->a[en->n++];
}

static void add_attr(struct arena *a, struct entry *en,
    const struct berval *name, BerVarray v)
{
	struct attr *at;
	char *s;
	size_t n, i;

	for (n = 0; v != NULL && v[n].bv_val != NULL; n++)
		;
	if (is_secret(name))
		return;
	s = bv_dup(a, name);
	if (is_field(s)) {
		if (n > 0)
			set_field(a, en, s, &v[0]);
		return;
	}
	at = attr_place(a, en, s);
	at->cap = at->n + n;
	at->v = arena_grow(a, at->v, at->n, at->cap, sizeof(*at->v));
	for (i = 0; i < n; i++)
		at->v[at->n++] = val_dup(a, &v[i]);
}

static struct entry *new_entry(struct arena *a, const struct berval *dn)
{
	struct entry *en = arena_alloc(a, sizeof(*en));

	en->dn = bv_dup(a, dn);
	en->csn = en->creator = en->modifier = "";
	return en;
}

/* RFC 4527 3.2: the answer's value is a SearchResultEntry. */
static int decode_post_read(struct arena *a, struct berval *value,
    struct ldapc_result *r, struct err *e)
{
	BerElement *ber = ber_init(value);
	struct berval dn, name;
	ber_tag_t tag;
	ber_len_t len;
	char *last;
	BerVarray v;
	int rc = 0;

	if (ber == NULL || ber_scanf(ber, "{m", &dn) == LBER_ERROR) {
		ber_free(ber, 1);
		return corrupt(e, "a post-read answer");
	}
	r->entry = new_entry(a, &dn);
	for (tag = ber_first_element(ber, &len, &last); tag != LBER_DEFAULT;
	    tag = ber_next_element(ber, &len, last)) {
		v = NULL;
		if (ber_scanf(ber, "{m[W]}", &name, &v) == LBER_ERROR) {
			rc = corrupt(e, "a post-read answer");
			break;
		}
		add_attr(a, r->entry, &name, v);
		ber_bvarray_free(v);
	}
	ber_free(ber, 1);
	return rc;
}

static void set_cookie(struct arena *a, struct ldapc_result *r,
    const struct berval *bv)
{
	r->cookie = arena_memdup(a, bv->bv_val, bv->bv_len);
	r->cookie_len = bv->bv_len;
}

/* An OPTIONAL cookie and an optional BOOLEAN with the default in *flag. */
static int get_cookie_flag(struct arena *a, BerElement *ber,
    struct ldapc_result *r, bool *flag)
{
	struct berval bv;
	ber_len_t len;
	ber_int_t b;

	if (ber_peek_tag(ber, &len) == LDAP_TAG_SYNC_COOKIE) {
		if (ber_scanf(ber, "m", &bv) == LBER_ERROR)
			return -1;
		set_cookie(a, r, &bv);
	}
	if (ber_peek_tag(ber, &len) == LBER_BOOLEAN) {
		if (ber_scanf(ber, "b", &b) == LBER_ERROR)
			return -1;
		*flag = b != 0;
	}
	return 0;
}

/* RFC 4533 2.3 */
static int decode_sync_state(struct arena *a, struct berval *value,
    struct ldapc_result *r)
{
	BerElement *ber = ber_init(value);
	struct berval uuid, cookie;
	ber_int_t state;
	ber_len_t len;
	int rc = -1;

	if (ber == NULL)
		return -1;
	if (ber_scanf(ber, "{em", &state, &uuid) != LBER_ERROR &&
	    uuid.bv_len == sizeof(r->uuid) && state >= SYNC_PRESENT &&
	    state <= SYNC_DELETE) {
		rc = 0;
		r->state = (enum ldapc_sync)state;
		memcpy(r->uuid, uuid.bv_val, sizeof(r->uuid));
		if (ber_peek_tag(ber, &len) == LDAP_TAG_SYNC_COOKIE) {
			if (ber_scanf(ber, "m", &cookie) == LBER_ERROR)
				rc = -1;
			else
				set_cookie(a, r, &cookie);
		}
	}
	ber_free(ber, 1);
	return rc;
}

/* RFC 4533 2.4: refreshDeletes DEFAULT FALSE. */
static int decode_sync_done(struct arena *a, struct berval *value,
    struct ldapc_result *r)
{
	BerElement *ber = ber_init(value);
	int rc = -1;

	if (ber == NULL)
		return -1;
	if (ber_scanf(ber, "{") != LBER_ERROR)
		rc = get_cookie_flag(a, ber, r, &r->refresh_deletes);
	ber_free(ber, 1);
	return rc;
}

static int decode_id_set(struct arena *a, BerElement *ber,
    struct ldapc_result *r)
{
	struct berval uuid;
	ber_len_t len;
	ber_tag_t tag;
	size_t cap;
	char *last;

	if (ber_peek_tag(ber, &len) != LBER_SET)
		return -1;
	cap = len / (2 + sizeof(*r->set));
	r->set = arena_array(a, cap, sizeof(*r->set));
	for (tag = ber_first_element(ber, &len, &last); tag != LBER_DEFAULT;
	    tag = ber_next_element(ber, &len, last)) {
		if (ber_scanf(ber, "m", &uuid) == LBER_ERROR ||
		    uuid.bv_len != sizeof(*r->set) || r->n_set == cap)
			return -1;
		memcpy(r->set[r->n_set++], uuid.bv_val, sizeof(*r->set));
	}
	return 0;
}

/* RFC 4533 2.5: refreshDone DEFAULT TRUE, refreshDeletes DEFAULT FALSE. */
static int decode_sync_info_ber(struct arena *a, BerElement *ber,
    struct ldapc_result *r)
{
	struct berval cookie;
	ber_len_t len;

	switch (ber_peek_tag(ber, &len)) {
	case LDAP_TAG_SYNC_NEW_COOKIE:
		r->info = INFO_NEWCOOKIE;
		if (ber_scanf(ber, "m", &cookie) == LBER_ERROR)
			return -1;
		set_cookie(a, r, &cookie);
		return 0;
	case LDAP_TAG_SYNC_REFRESH_DELETE:
		r->info = INFO_REFRESH_DELETE;
		break;
	case LDAP_TAG_SYNC_REFRESH_PRESENT:
		r->info = INFO_REFRESH_PRESENT;
		break;
	case LDAP_TAG_SYNC_ID_SET:
		r->info = INFO_ID_SET;
		break;
	default:
		return -1;
	}
	r->refresh_done = r->info != INFO_ID_SET;
	if (ber_scanf(ber, "{") == LBER_ERROR)
		return -1;
	if (r->info != INFO_ID_SET)
		return get_cookie_flag(a, ber, r, &r->refresh_done);
	if (get_cookie_flag(a, ber, r, &r->refresh_deletes) != 0)
		return -1;
	return decode_id_set(a, ber, r);
}

static int decode_intermediate(struct ldapc *l, struct arena *a,
    LDAPMessage *m, struct ldapc_result *r, struct err *e)
{
	struct berval *data = NULL;
	BerElement *ber;
	char *oid = NULL;
	int rc = 0;

	r->kind = LDAPC_INTERMEDIATE;
	if (ldap_parse_intermediate(l->ld, m, &oid, &data, NULL, 0) !=
	    LDAP_SUCCESS)
		return corrupt(e, "an intermediate answer");
	if (oid != NULL && strcmp(oid, LDAP_SYNC_INFO) == 0) {
		ber = data == NULL ? NULL : ber_init(data);
		if (ber == NULL || decode_sync_info_ber(a, ber, r) != 0)
			rc = corrupt(e, "a sync info message");
		ber_free(ber, 1);
	}
	ber_bvfree(data);
	ldap_memfree(oid);
	return rc;
}

static int decode_controls(struct arena *a, LDAPControl **ctl,
    struct ldapc_result *r, struct err *e)
{
	LDAPControl *c;
	int rc = 0;

	for (; rc == 0 && ctl != NULL && *ctl != NULL; ctl++) {
		c = *ctl;
		if (c->ldctl_value.bv_val == NULL)
			continue;
		if (strcmp(c->ldctl_oid, LDAP_CONTROL_SYNC_STATE) == 0)
			rc = decode_sync_state(a, &c->ldctl_value, r);
		else if (strcmp(c->ldctl_oid, LDAP_CONTROL_SYNC_DONE) == 0)
			rc = decode_sync_done(a, &c->ldctl_value, r);
		else if (strcmp(c->ldctl_oid, LDAP_CONTROL_POST_READ) == 0)
			return decode_post_read(a, &c->ldctl_value, r, e);
	}
	return rc == 0 ? 0 : corrupt(e, "a sync control");
}

static int decode_entry(struct ldapc *l, struct arena *a, LDAPMessage *m,
    struct ldapc_result *r, struct err *e)
{
	struct berval dn = { 0, NULL }, name;
	LDAPControl **ctl = NULL;
	BerElement *ber = NULL;
	BerVarray v;
	int rc;

	r->kind = LDAPC_ENTRY;
	/* Controls first: liblber ends strings in place, the last value's NUL
	 * falls on the tag of the controls. */
	if (ldap_get_entry_controls(l->ld, m, &ctl) != LDAP_SUCCESS)
		return corrupt(e, "an entry");
	rc = decode_controls(a, ctl, r, e);
	ldap_controls_free(ctl);
	if (rc != 0)
		return rc;
	if (ldap_get_dn_ber(l->ld, m, &ber, &dn) != LDAP_SUCCESS)
		return corrupt(e, "an entry");
	r->entry = new_entry(a, &dn);
	for (;;) {
		v = NULL;
		rc = ldap_get_attribute_ber(l->ld, m, ber, &name, &v);
		if (rc != LDAP_SUCCESS || name.bv_val == NULL)
			break;
		add_attr(a, r->entry, &name, v);
		ber_memfree(v);
	}
	ber_free(ber, 0);
	if (rc != LDAP_SUCCESS)
		return corrupt(e, "an entry");
	if (r->state != SYNC_NONE)
		memcpy(r->entry->uuid, r->uuid, sizeof(r->uuid));
	else
		memcpy(r->uuid, r->entry->uuid, sizeof(r->uuid));
	return 0;
}

static int decode_reference(struct ldapc *l, struct arena *a, LDAPMessage *m,
    struct ldapc_result *r, struct err *e)
{
	char **urls = NULL;

	r->kind = LDAPC_REFERRAL;
	if (ldap_parse_reference(l->ld, m, &urls, NULL, 0) != LDAP_SUCCESS)
		return corrupt(e, "a search reference");
	if (urls != NULL && urls[0] != NULL)
		r->text = arena_strdup(a, urls[0]);
	ber_memvfree((void **)urls);
	return 0;
}

/* RFC 3062 2: genPasswd [0] OPTIONAL. */
static int decode_extended(struct ldapc *l, struct arena *a, LDAPMessage *m,
    struct ldapc_result *r, struct err *e)
{
	struct berval *data = NULL, passwd;
	BerElement *ber;
	ber_len_t len;
	int rc = 0;

	if (ldap_parse_extended_result(l->ld, m, NULL, &data, 0) !=
	    LDAP_SUCCESS)
		return corrupt(e, "an extended answer");
	if (data == NULL)
		return 0;
	ber = ber_init(data);
	if (ber == NULL || ber_scanf(ber, "{") == LBER_ERROR)
		rc = corrupt(e, "a password modify answer");
	else if (ber_peek_tag(ber, &len) == LDAP_TAG_EXOP_MODIFY_PASSWD_GEN &&
	    ber_scanf(ber, "m", &passwd) != LBER_ERROR)
		r->password = bv_dup(a, &passwd);
	ber_free(ber, 1);
	ber_bvfree(data);
	return rc;
}

static int decode_done(struct ldapc *l, struct arena *a, LDAPMessage *m,
    struct ldapc_result *r, struct err *e)
{
	char *matched = NULL, *text = NULL;
	LDAPControl **ctl = NULL;
	int rc = 0;

	r->kind = LDAPC_DONE;
	if (ldap_parse_result(l->ld, m, &r->code, &matched, &text, NULL, &ctl,
	    0) != LDAP_SUCCESS)
		return corrupt(e, "a result");
	if (text != NULL)
		r->text = arena_strdup(a, text);
	if (matched != NULL)
		r->matched = arena_strdup(a, matched);
	ldap_memfree(text);
	ldap_memfree(matched);
	r->policy = ldapc_policy(l->ld, ldap_control_find(
	    LDAP_CONTROL_PASSWORDPOLICYRESPONSE, ctl, NULL));
	rc = decode_controls(a, ctl, r, e);
	ldap_controls_free(ctl);
	if (rc == 0 && ldap_msgtype(m) == LDAP_RES_EXTENDED)
		rc = decode_extended(l, a, m, r, e);
	return rc;
}

int ldapc_decode(struct ldapc *l, struct arena *a, LDAPMessage *m,
    struct ldapc_result *r, struct err *e)
{
	r->msgid = ldap_msgid(m);
	r->text = r->matched = "";
	r->state = SYNC_NONE;
	switch (ldap_msgtype(m)) {
	case LDAP_RES_SEARCH_ENTRY:
		return decode_entry(l, a, m, r, e);
	case LDAP_RES_SEARCH_REFERENCE:
		return decode_reference(l, a, m, r, e);
	case LDAP_RES_INTERMEDIATE:
		return decode_intermediate(l, a, m, r, e);
	default:
		return decode_done(l, a, m, r, e);
	}
}
