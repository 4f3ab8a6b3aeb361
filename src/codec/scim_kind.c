/* SPDX-License-Identifier: ISC */
#include "codec/scim_kind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/dn.h"

static const struct scim_kind *const kinds[] = {
	[SH_PLAIN] = &scim_kind_plain,
	[SH_COMPLEX] = &scim_kind_complex,
	[SH_TYPED] = &scim_kind_typed,
	[SH_ADDRESS] = &scim_kind_address,
	[SH_STATE] = &scim_kind_state,
	[SH_REF_DN] = &scim_kind_ref_dn,
	[SH_PERSON] = &scim_kind_person,
	[SH_REF_KEY] = &scim_kind_ref_key,
	[SH_TOOLS] = &scim_kind_tools,
	[SH_ENTITLEMENTS] = &scim_kind_entitlements,
	[SH_ITEMS] = &scim_kind_items,
	[SH_SECRET] = &scim_kind_secret,
	[SH_PASSWORD] = &scim_kind_password,
	[SH_TOKENS] = &scim_kind_tokens,
	[SH_COUNT] = &scim_kind_count,
	[SH_MEMBERS] = &scim_kind_members,
	[SH_EXTERNAL_ID] = &scim_kind_external_id,
	[SH_LINES] = &scim_kind_lines,
	[SH_ID] = &scim_kind_id,
	[SH_META] = &scim_kind_meta,
	[SH_SCHEMAS] = &scim_kind_schemas,
};

const struct scim_kind *scim_kind(enum scim_how how)
{
	return kinds[how];
}

int scim_kind_word(const char *word)
{
	size_t i;

	for (i = 0; i < SH_ID; i++)
		if (str_eq(kinds[i]->word, word))
			return (int)i;
	return -1;
}

uint32_t scim_hash_name(const char *name, size_t n)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ ((unsigned char)name[i] | 0x20u)) * 16777619u;
	return h;
}

void scim_src_init(struct scim_src *s, const struct entry *e)
{
	*s = (struct scim_src){ .e = e };
}

void scim_src_hash(struct arena *a, struct scim_src *s)
{
	uint32_t *h = arena_array(a, s->e->n + 1, sizeof(*h));
	size_t i;

	for (i = 0; i < s->e->n; i++) {
		const char *name = s->e->a[i].name;

		h[i] = scim_hash_name(name, attr_base_len(name));
		s->bloom[0] |= UINT64_C(1) << (h[i] & 63);
		s->bloom[1] |= UINT64_C(1) << (h[i] >> 6 & 63);
	}
	s->hash = h;
}

const struct attr *scim_src_next(const struct scim_src *s, const char *ldap,
    uint32_t h, size_t *i)
{
	size_t n;

	if (s->hash != NULL && ((s->bloom[0] >> (h & 63) &
	    s->bloom[1] >> (h >> 6 & 63)) & 1) == 0)
		return NULL;
	n = attr_base_len(ldap);
	for (; *i < s->e->n; (*i)++) {
		const struct attr *at = &s->e->a[*i];

		if (s->hash != NULL && s->hash[*i] != h)
			continue;
		if (attr_base_len(at->name) == n &&
		    strncasecmp(at->name, ldap, n) == 0) {
			(*i)++;
			return at;
		}
	}
	return NULL;
}

const struct val *scim_src_value(const struct scim_src *s,
    const struct scim_attr *at)
{
	const struct attr *la;
	size_t i = 0;

	while ((la = scim_src_next(s, at->ldap, at->hash, &i)) != NULL)
		if (la->n > 0 && str_ieq(la->name, at->ldap))
			return &la->v[0];
	return NULL;
}

struct scim_field *scim_elems_add(struct scim_elems *b,
    const struct scim_attr *sub, enum scim_form form, const char *s)
{
	struct scim_field *f;

	if (b->n == b->cap) {
		size_t cap = b->cap == 0 ? 8 : b->cap * 2;

		b->f = arena_grow(b->a, b->f, b->n, cap, sizeof(*b->f));
		b->cap = cap;
	}
	f = &b->f[b->n++];
	*f = (struct scim_field){ .sub = sub, .form = form, .s = s,
		.elem = b->n_elems, .type = "" };
	return f;
}

void scim_elems_bool(struct scim_elems *b, const struct scim_attr *sub, bool v)
{
	scim_elems_add(b, sub, SF_BOOL, NULL)->i = v;
}

void scim_elems_value(struct scim_elems *b, const struct scim_attr *at,
    const struct scim_attr *sub, const struct val *v)
{
	int64_t i;

	switch (at->type) {
	case ST_BOOLEAN:
		scim_elems_bool(b, sub, str_ieq(v->p, "TRUE"));
		return;
	case ST_INTEGER:
		if (str_int(v->p, &i))
			scim_elems_add(b, sub, SF_INT, NULL)->i = i;
		return;
	case ST_DATETIME:
		if (clock_parse_gt(v->p, &i))
			scim_elems_add(b, sub, SF_TIME, NULL)->i = i;
		return;
	case ST_BINARY:
		scim_elems_add(b, sub, SF_TEXT, str_base64(b->a, v->p, v->n));
		return;
	case ST_STRING:
	case ST_REFERENCE:
	case ST_COMPLEX:
		break;
	}
	scim_elems_add(b, sub, SF_TEXT, v->p);
}

void scim_elems_of(struct scim_elems *b, const struct scim_attr *at)
{
	b->n = 0;
	b->n_elems = 0;
	kinds[at->how]->elements(b, at);
}

const struct scim_attr *scim_sub(const struct scim_attr *at, const char *name)
{
	size_t i;

	for (i = 0; i < at->n_sub; i++)
		if (str_ieq(at->sub[i].name, name))
			return &at->sub[i];
	return NULL;
}

int scim_bad(const struct scim_attr *at, struct err *e, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at->parent != NULL)
		return err_kind(e, ERR_INVALID, "invalidValue", "%s.%s: %s",
		    at->parent->name, at->name, text);
	return err_kind(e, ERR_INVALID, "invalidValue", "%s: %s", at->name,
	    text);
}

static const char *kind_word(const struct json *j)
{
	static const char *const word[] = { "null", "a boolean", "a number",
		"a number", "a string", "an array", "an object" };

	return word[j->kind];
}

/* {"value": "x"} for "x", as many clients write simple values. */
static const struct json *unwrap(const struct json *j)
{
	if (j->kind == JSON_IS_ARRAY && j->n == 1)
		j = j->child;
	if (j->kind == JSON_IS_OBJECT && json_member(j, "value") != NULL)
		return json_member(j, "value");
	return j;
}

int scim_stored_bool(const struct scim_attr *at, const struct json *j,
    bool *out, struct err *e)
{
	j = unwrap(j);
	if (j->kind == JSON_IS_BOOL)
		*out = j->b;
	else if (j->kind == JSON_IS_STRING && str_ieq(j->s, "true"))
		*out = true;
	else if (j->kind == JSON_IS_STRING && str_ieq(j->s, "false"))
		*out = false;
	else
		return scim_bad(at, e, "is %s, expected true or false",
		    kind_word(j));
	return 0;
}

static const char *canonical(const struct scim_attr *at, const char *s)
{
	size_t i;

	for (i = 0; i < at->canonical.n; i++)
		if (str_ieq(at->canonical.v[i], s))
			return at->canonical.v[i];
	return NULL;
}

static int bad_word(struct arena *a, const struct scim_attr *at,
    const char *s, struct err *e)
{
	char *list = arena_strdup(a, at->canonical.v[0]);
	size_t i;

	for (i = 1; i < at->canonical.n; i++)
		list = arena_printf(a, "%s, %s", list, at->canonical.v[i]);
	return scim_bad(at, e, "\"%.64s\" is none of: %s", s, list);
}

static int stored_string(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, struct err *e)
{
	*out = NULL;
	if (j->kind != JSON_IS_STRING)
		return scim_bad(at, e, "is %s, expected a string",
		    kind_word(j));
	if (j->s[0] == '\0')
		return 0;
	*out = j->s;
	if (at->canonical.n > 0) {
		*out = canonical(at, j->s);
		if (*out == NULL)
			return bad_word(rd->a, at, j->s, e);
	}
	return 0;
}

static int stored_time(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, struct err *e)
{
	char gt[24];
	int64_t t;

	if (j->kind != JSON_IS_STRING || !clock_parse_rfc3339(j->s, &t))
		return scim_bad(at, e, "expected a date and time such as "
		    "2026-11-22T12:00:00Z");
	*out = arena_strdup(rd->a, clock_print_gt(t, gt));
	return 0;
}

static int stored_binary(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, size_t *n, struct err *e)
{
	unsigned char *p;

	*n = 0;
	if (j->kind == JSON_IS_STRING && j->s[0] == '\0')
		return 0;
	if (j->kind != JSON_IS_STRING ||
	    str_unbase64(rd->a, j->s, &p, n) != 0)
		return scim_bad(at, e, "expected base64 (RFC 4648 4)");
	*out = (const char *)p;
	return 0;
}

int scim_stored(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, size_t *n, struct err *e)
{
	bool b;
	int rc = 0;

	*out = NULL;
	j = unwrap(j);
	switch (at->type) {
	case ST_BOOLEAN:
		rc = scim_stored_bool(at, j, &b, e);
		*out = rc == 0 && b ? "TRUE" : "FALSE";
		break;
	case ST_INTEGER:
		if (j->kind != JSON_IS_INT)
			return scim_bad(at, e, "is %s, expected an integer",
			    kind_word(j));
		*out = arena_printf(rd->a, "%lld", (long long)j->i);
		break;
	case ST_DATETIME:
		rc = stored_time(rd, at, j, out, e);
		break;
	case ST_BINARY:
		return stored_binary(rd, at, j, out, n, e);
	case ST_STRING:
	case ST_REFERENCE:
	case ST_COMPLEX:
		rc = at->refers[0] != '\0' ?
		    scim_stored_key(rd, at, j, out, e) :
		    stored_string(rd, at, j, out, e);
		break;
	}
	*n = rc == 0 && *out != NULL ? strlen(*out) : 0;
	return rc;
}

char *scim_fold(struct arena *a, const char *s)
{
	return utf8_valid(s, strlen(s)) ? utf8_fold(a, s) : arena_strdup(a, s);
}

bool scim_same_key(struct arena *a, const char *x, const char *y)
{
	return str_ieq(x, y) || str_eq(scim_fold(a, x), scim_fold(a, y));
}

/* Was this reference there before? What is stored need not exist any more. */
static bool was_there(const struct scim_reading *rd,
    const struct scim_attr *at, const char *key)
{
	const struct scim_attr *owner = at->parent != NULL ? at->parent : at;
	struct scim_elems b = { .a = rd->a, .src = rd->old, .r = rd->r };
	size_t i;

	if (rd->old == NULL)
		return false;
	scim_elems_of(&b, owner);
	for (i = 0; i < b.n; i++)
		if (b.f[i].s != NULL && scim_same_key(rd->a, b.f[i].s, key))
			return true;
	return false;
}

const char *scim_key_of_id(struct arena *a, const struct scim_resolver *rs,
    const char *type, const char *id)
{
	const char *dn;

	if (rs == NULL || rs->dn_of_id == NULL ||
	    !rs->dn_of_id(rs->ctx, a, type, id, &dn))
		return NULL;
	return dn_rdn_value(a, dn, NULL);
}

int scim_stored_key(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, struct err *e)
{
	const struct scim_resolver *rs = rd->rs;
	const char *id, *display, *key;
	int rc = stored_string(rd, at, unwrap(j), out, e);

	if (rc != 0 || *out == NULL || rs == NULL || at->refers[0] == '\0')
		return rc;
	if (at->by_id) {
		id = *out;
		*out = scim_key_of_id(rd->a, rs, at->refers, id);
		if (*out == NULL)
			return scim_bad(at, e, "there is no %s with id "
			    "\"%.64s\"", at->refers, id);
		return 0;
	}
	if (was_there(rd, at, *out) || rs->of_key == NULL)
		return 0;
	if (!rs->of_key(rs->ctx, rd->a, at->refers, *out, &id, &display))
		return scim_bad(at, e, "there is no %s \"%.64s\"",
		    at->refers, *out);
	/* As the entry writes it: what compares keys need not fold them. */
	key = scim_key_of_id(rd->a, rs, at->refers, id);
	if (key != NULL)
		*out = key;
	return 0;
}

int scim_stored_dn(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, const char **out, struct err *e)
{
	const char *id;
	int rc = stored_string(rd, at, unwrap(j), &id, e);

	*out = NULL;
	if (rc != 0 || id == NULL)
		return rc;
	if (rd->rs != NULL && rd->rs->dn_of_id != NULL &&
	    rd->rs->dn_of_id(rd->rs->ctx, rd->a, at->refers, id, out))
		return 0;
	return scim_bad(at, e, "there is no %s with id \"%.64s\"", at->refers,
	    id);
}

const struct json *scim_first(const struct json *j)
{
	return j->kind == JSON_IS_ARRAY ? j->child : j;
}

const struct json *scim_next(const struct json *j, const struct json *c)
{
	return j->kind == JSON_IS_ARRAY ? c->next : NULL;
}

void scim_reading_add(struct scim_reading *rd, const struct scim_attr *at,
    const char *description, const char *v, size_t n)
{
	const char *key = at->type == ST_BINARY ? str_base64(rd->a, v, n) :
	    scim_key(rd->a, at, v);

	key = arena_printf(rd->a, "%u %s\x1f%s", rd->cleared, description, key);
	if (map_put(rd->seen, key, rd) == NULL)
		entry_add_n(rd->a, rd->out, description, v, n);
}

static bool has_values(const struct entry *e, const char *ldap, uint32_t h)
{
	struct scim_src src = { .e = e };
	const struct attr *la;
	size_t i = 0;

	while ((la = scim_src_next(&src, ldap, h, &i)) != NULL)
		if (la->n > 0)
			return true;
	return false;
}

void scim_reading_keep(struct scim_reading *rd, const char *ldap)
{
	const struct attr *la;
	size_t i = 0, k;
	uint32_t h = scim_hash_name(ldap, attr_base_len(ldap));

	if (rd->old == NULL || ldap[0] == '\0' || has_values(rd->out, ldap, h))
		return;
	while ((la = scim_src_next(rd->old, ldap, h, &i)) != NULL)
		for (k = 0; k < la->n; k++)
			entry_add_n(rd->a, rd->out, la->name, la->v[k].p,
			    la->v[k].n);
}

void scim_reading_clear(struct scim_reading *rd, const char *ldap)
{
	size_t i, n = attr_base_len(ldap);

	rd->cleared++;
	for (i = 0; i < rd->out->n; i++) {
		struct attr *la = &rd->out->a[i];

		if (attr_base_len(la->name) == n &&
		    strncasecmp(la->name, ldap, n) == 0)
			la->n = 0;
	}
}

bool scim_nothing(const struct json *j)
{
	return j->kind == JSON_IS_NULL ||
	    (j->kind == JSON_IS_ARRAY && j->n == 0) ||
	    (j->kind == JSON_IS_STRING && j->s[0] == '\0');
}

/* The unusual places: "URN:attr", and the core schema's URN as an object. */
static const struct json *by_urn(const struct scim_reading *rd,
    const struct json *body, const struct scim_attr *at)
{
	const struct json *j = json_member(body, arena_printf(rd->a, "%s:%s",
	    at->urn, at->name));

	return j != NULL ? j : json_member(json_member(body, at->urn),
	    at->name);
}

const struct json *scim_reading_json(const struct scim_reading *rd,
    const struct json *body, const struct scim_attr *at)
{
	struct scim_path p = { .attr = at->name };
	bool core = str_eq(at->urn, rd->r->schema[0].urn);
	const struct json *j = json_member(core ? body :
	    json_member(body, at->urn), at->name);

	if (j == NULL && body == rd->body && rd->urn_names)
		j = by_urn(rd, body, at);
	if (j != NULL || core)
		return j;
	j = json_member(body, at->name);
	return j != NULL && scim_attr_find(rd->r, &p, NULL) == at ? j : NULL;
}
