/* SPDX-License-Identifier: ISC */
/* Kinds of one LDAP attribute without options, and the common attributes. */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "codec/scim_kind.h"

/* --- computed defaults ("=x|y z") -------------------------------------- */

static const char *first_value(struct arena *a,
    const struct scim_resource *r, const struct scim_src *s, const char *ldap,
    size_t n)
{
	char name[128];
	struct scim_attr at = { .ldap = name };
	const struct val *v;

	if (n >= sizeof(name))
		return NULL;
	memcpy(name, ldap, n);
	name[n] = '\0';
	at.hash = scim_hash_name(name, attr_base_len(name));
	v = scim_src_value(s, &at);
	if (v != NULL && r != NULL && r->hidden != NULL &&
	    str_ieq(r->hidden->ldap, name) &&
	    str_eq(scim_default(a, NULL, r->hidden, s), v->p))
		return NULL;
	return v == NULL ? NULL : v->p;
}

/* "y z": every one of them, joined; NULL if one is missing. */
static const char *joined(struct arena *a, const struct scim_resource *r,
    const struct scim_src *s, const char *spec, const char *end)
{
	const char *out = NULL;

	while (spec < end) {
		size_t n = strcspn(spec, " |");
		const char *v = first_value(a, r, s, spec, n);

		if (v == NULL)
			return NULL;
		out = out == NULL ? v : arena_printf(a, "%s %s", out, v);
		spec += n;
		while (spec < end && *spec == ' ')
			spec++;
	}
	return out;
}

const char *scim_default(struct arena *a, const struct scim_resource *r,
    const struct scim_attr *at, const struct scim_src *s)
{
	const char *p = at->dflt + 1;

	if (at->dflt[0] != '=')
		return NULL;
	while (*p != '\0') {
		const char *end = p + strcspn(p, "|");
		const char *v = joined(a, r, s, p, end);

		if (v != NULL)
			return v;
		p = *end == '|' ? end + 1 : end;
	}
	return NULL;
}

static bool hidden(const struct scim_elems *b, const struct scim_attr *at,
    const char *v)
{
	const char *d;

	if (!at->hide_dflt)
		return false;
	d = scim_default(b->a, NULL, at, b->src);
	return d != NULL && strcmp(d, v) == 0;
}

/* --- plain -------------------------------------------------------------- */

static void plain_value(struct scim_elems *b, const struct scim_attr *at,
    const struct scim_attr *sub, const struct val *v)
{
	struct scim_field *f;

	if (at->how == SH_LINES) {
		scim_elems_add(b, sub, SF_TEXT, scim_unlines(b->a, v->p));
	} else if (at->by_id) {
		f = scim_elems_add(b, sub, SF_KEY, v->p);
		f->what = 'i';
		f->type = at->refers;
	} else {
		scim_elems_value(b, at, sub, v);
	}
}

static void plain_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la;
	size_t i = 0, k;

	while ((la = scim_src_next(b->src, at->ldap, at->hash, &i)) != NULL) {
		for (k = 0; k < la->n; k++) {
			if (hidden(b, at, la->v[k].p))
				continue;
			plain_value(b, at, NULL, &la->v[k]);
			b->n_elems++;
			if (!at->multi)
				return;
		}
	}
}

/* A single attribute over one that holds several values: as long as the first
 * is not changed, the others, which SCIM can't show, stay. */
static bool first_unchanged(struct scim_reading *rd,
    const struct scim_attr *at, const char *v)
{
	const struct val *was;

	if (at->multi || rd->old == NULL)
		return false;
	was = scim_src_value(rd->old, at);
	return was != NULL && strcmp(was->p, v) == 0;
}

static int plain_one(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const char *v;
	size_t n;
	int rc = scim_stored(rd, at, j, &v, &n, e);

	if (rc != 0 || v == NULL)
		return rc;
	if (first_unchanged(rd, at, v))
		scim_reading_keep(rd, at->ldap);
	else
		scim_reading_add(rd, at, at->ldap, v, n);
	return 0;
}

static int too_many(const struct scim_attr *at, struct err *e)
{
	return scim_bad(at, e, "takes at most %d value%s",
	    at->multi ? at->max : 1, at->multi && at->max > 1 ? "s" : "");
}

static int plain_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct json *c;
	int rc = 0, n = 0;
	int max = at->multi ? at->max : 1;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		if (max != 0 && ++n > max)
			return too_many(at, e);
		rc = plain_one(rd, at, c, e);
	}
	return rc;
}

const struct scim_kind scim_kind_plain = { .word = "plain", .n_ldap = 1,
	.elements = plain_elements, .read = plain_read };

/* --- lines: RFC 4517 3.3.28, '$' between lines, \24 and \5C escaped ------ */

const char *scim_unlines(struct arena *a, const char *stored)
{
	char *out = arena_strdup(a, stored), *w = out;
	const char *p;

	for (p = stored; *p != '\0'; p++) {
		if (*p == '$') {
			*w++ = '\n';
		} else if (strncmp(p, "\\24", 3) == 0) {
			*w++ = '$';
			p += 2;
		} else if (strncasecmp(p, "\\5C", 3) == 0) {
			*w++ = '\\';
			p += 2;
		} else {
			*w++ = *p;
		}
	}
	*w = '\0';
	return out;
}

const char *scim_lines(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) * 3 + 1), *w = out;

	for (; *text != '\0'; text++) {
		if (*text == '\r')
			continue;
		if (*text == '\n')
			*w++ = '$';
		else if (*text == '$' || *text == '\\')
			w = stpcpy(w, *text == '$' ? "\\24" : "\\5C");
		else
			*w++ = *text;
	}
	return out;
}

static int lines_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const char *v;
	size_t n;
	int rc = scim_stored(rd, at, j, &v, &n, e);

	if (rc != 0 || v == NULL)
		return rc;
	v = scim_lines(rd->a, v);
	if (first_unchanged(rd, at, v))
		scim_reading_keep(rd, at->ldap);
	else
		scim_reading_add(rd, at, at->ldap, v, strlen(v));
	return 0;
}

const struct scim_kind scim_kind_lines = { .word = "lines", .n_ldap = 1,
	.elements = plain_elements, .read = lines_read };

/* --- complex: each sub-attribute stored its own way --------------------- */

static void complex_elements(struct scim_elems *b, const struct scim_attr *at)
{
	size_t i;

	for (i = 0; i < at->n_sub; i++) {
		const struct scim_attr *sub = &at->sub[i];
		const struct val *v = scim_src_value(b->src, sub);

		if (v != NULL && !hidden(b, sub, v->p))
			plain_value(b, sub, sub, v);
	}
	b->n_elems = b->n > 0;
}

static int complex_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	size_t i;
	int rc = 0;

	if (j->kind == JSON_IS_ARRAY && j->n == 1)
		j = j->child;
	if (j->kind != JSON_IS_OBJECT)
		return scim_bad(at, e, "expected an object");
	for (i = 0; rc == 0 && i < at->n_sub; i++) {
		const struct scim_attr *sub = &at->sub[i];
		const struct json *c = json_member(j, sub->name);

		if (c != NULL && c->kind != JSON_IS_NULL &&
		    sub->mutability != SM_READ_ONLY)
			rc = scim_kind(sub->how)->read(rd, sub, c, e);
	}
	return rc;
}

const struct scim_kind scim_kind_complex = { .word = "complex", .n_ldap = 0,
	.elements = complex_elements, .read = complex_read };

/* --- state: active <-> provostState ------------------------------------- */

static bool is_active(const char *state)
{
	return !str_ieq(state, SCIM_STATE_SUSPENDED) &&
	    !str_ieq(state, SCIM_STATE_LEFT);
}

static void state_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct val *v = scim_src_value(b->src, at);

	if (v != NULL) {
		scim_elems_bool(b, NULL, is_active(v->p));
		b->n_elems = 1;
	}
}

/* The state as a word may be there as well: when it has changed and active has
 * not, it is what the client means; when both have, active decides. */
static int state_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct val *was = rd->old == NULL ? NULL :
	    scim_src_value(rd->old, at);
	const char *now;
	bool active;
	int rc = scim_stored_bool(at, j, &active, e);

	if (rc != 0)
		return rc;
	scim_reading_keep(rd, at->ldap);
	now = entry_get(rd->out, at->ldap);
	if (now != NULL && is_active(now) == active)
		return 0;
	if (strv_has(&rd->decided, at->ldap) && was != NULL &&
	    is_active(was->p) == active)
		return 0;
	scim_reading_clear(rd, at->ldap);
	entry_add(rd->a, rd->out, at->ldap, active ? "active" : "suspended");
	return 0;
}

/* PUT without active must not disable, nor enable. */
static void state_absent(struct scim_reading *rd, const struct scim_attr *at,
    bool given)
{
	(void)given;
	scim_reading_keep(rd, at->ldap);
}

const struct scim_kind scim_kind_state = { .word = "state", .n_ldap = 1,
	.late = true, .elements = state_elements, .read = state_read,
	.absent = state_absent };

/* --- the common attributes ---------------------------------------------- */

static const char *owner_of(const struct scim_src *s,
    const struct scim_resource *r)
{
	const char *v = r->owner_attr[0] == '\0' ? NULL :
	    entry_get(s->e, r->owner_attr);

	return v == NULL ? "" : v;
}

static void external_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct val *v = scim_src_value(b->src, at);

	if (v == NULL)
		return;
	scim_elems_add(b, NULL, SF_EXTERNAL, v->p)->type =
	    owner_of(b->src, b->r);
	b->n_elems = 1;
}

/* Somebody else's externalId is neither shown nor changed. */
static bool is_owner(const struct scim_reading *rd)
{
	const char *me = rd->rs == NULL || rd->rs->owner == NULL ? "" :
	    rd->rs->owner;

	if (rd->r->owner_attr[0] == '\0')
		return true;
	if (rd->old == NULL)
		return me[0] != '\0';
	return me[0] != '\0' && str_ieq(owner_of(rd->old, rd->r), me);
}

static int external_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	if (is_owner(rd))
		return plain_one(rd, at, j, e);
	strv_add(rd->a, &rd->res->ignored, at->name);
	scim_reading_keep(rd, at->ldap);
	return 0;
}

static void external_absent(struct scim_reading *rd,
    const struct scim_attr *at, bool given)
{
	(void)given;
	if (!is_owner(rd))
		scim_reading_keep(rd, at->ldap);
}

const struct scim_kind scim_kind_external_id = { .word = "externalId",
	.n_ldap = 1, .elements = external_elements, .read = external_read,
	.absent = external_absent };

static const char *uuid_text(struct scim_elems *b)
{
	char *s = arena_alloc(b->a, 37);

	str_uuid_text(b->src->e->uuid, s);
	return s;
}

static void id_elements(struct scim_elems *b, const struct scim_attr *at)
{
	(void)at;
	scim_elems_add(b, NULL, SF_TEXT, uuid_text(b));
	b->n_elems = 1;
}

const struct scim_kind scim_kind_id = { .word = "id",
	.elements = id_elements };

static const struct scim_sub_def meta_subs[] = {
	{ .name = "resourceType", .mutability = SM_READ_ONLY },
	{ .name = "created", .type = ST_DATETIME,
	  .mutability = SM_READ_ONLY },
	{ .name = "lastModified", .type = ST_DATETIME,
	  .mutability = SM_READ_ONLY },
	{ .name = "location", .type = ST_REFERENCE,
	  .mutability = SM_READ_ONLY },
	{ .name = "version", .mutability = SM_READ_ONLY },
	{ .name = NULL }
};

static void meta_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct entry *e = b->src->e;

	scim_elems_add(b, &at->sub[0], SF_TEXT, b->r->name);
	if (e->created != 0)
		scim_elems_add(b, &at->sub[1], SF_TIME, NULL)->i = e->created;
	if (e->modified != 0)
		scim_elems_add(b, &at->sub[2], SF_TIME, NULL)->i = e->modified;
	scim_elems_add(b, &at->sub[3], SF_BASE, arena_printf(b->a, "%s/%s",
	    b->r->endpoint, uuid_text(b)));
	scim_elems_add(b, &at->sub[4], SF_VERSION, NULL);
	b->n_elems = 1;
}

const struct scim_kind scim_kind_meta = { .word = "meta", .subs = meta_subs,
	.elements = meta_elements };

static bool present(const struct scim_elems *b, const struct scim_schema *s)
{
	size_t i, k, pos;

	for (i = 0; i < s->n; i++) {
		const struct scim_attr *at = &s->attr[i];

		if (at->how == SH_COUNT)
			return true;
		for (k = 0; k <= at->n_sub; k++) {
			const struct scim_attr *x = k == 0 ? at :
			    &at->sub[k - 1];

			pos = 0;
			if (x->ldap[0] != '\0' && scim_src_next(b->src,
			    x->ldap, x->hash, &pos) != NULL)
				return true;
		}
	}
	return false;
}

static void schemas_elements(struct scim_elems *b, const struct scim_attr *at)
{
	size_t i;

	(void)at;
	for (i = 0; i < b->r->n_schemas; i++) {
		const struct scim_schema *s = &b->r->schema[i];

		if (i > 0 && !s->required && !present(b, s))
			continue;
		scim_elems_add(b, NULL, SF_TEXT, s->urn);
		b->n_elems++;
	}
}

const struct scim_kind scim_kind_schemas = { .word = "schemas",
	.elements = schemas_elements };
