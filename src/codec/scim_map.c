/* SPDX-License-Identifier: ISC */
#include "codec/scim_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "codec/scim_kind.h"
#include "model/dn.h"

struct scim_map *scim_map_new(const char *suffix)
{
	struct arena *a = arena_new();
	struct scim_map *m = arena_alloc(a, sizeof(*m));

	m->arena = a;
	m->suffix = arena_strdup(a, suffix);
	m->code_key = "";
	return m;
}

void scim_map_free(struct scim_map *m)
{
	if (m != NULL)
		arena_free(m->arena);
}

const struct scim_resource *scim_map_endpoint(const struct scim_map *m,
    const char *endpoint)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (str_eq(m->resource[i].endpoint, endpoint))
			return &m->resource[i];
	return NULL;
}

const struct scim_resource *scim_map_name(const struct scim_map *m,
    const char *name)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (str_ieq(m->resource[i].name, name))
			return &m->resource[i];
	return NULL;
}

const struct scim_resource *scim_map_type(const struct scim_map *m, int type)
{
	if (type < 1 || (size_t)type > m->n)
		return NULL;
	return &m->resource[type - 1];
}

char *scim_map_container(struct arena *a, const struct scim_map *m,
    const struct scim_resource *r)
{
	return arena_printf(a, "%s,%s", r->container, m->suffix);
}

const struct scim_resource *scim_map_classify(const struct scim_map *m,
    const struct entry *e, const char *dn_norm)
{
	const char *parent = dn_parent(dn_norm);
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];

		if (str_eq(parent, r->container_norm) &&
		    entry_is(e, r->object_class))
			return r;
	}
	return NULL;
}

const char *scim_map_display(struct arena *a, const struct scim_resource *r,
    const struct entry *e)
{
	const struct scim_attr at = { .dflt = arena_printf(a, "=%s",
	    r->display) };
	struct scim_src src;
	const char *s;

	scim_src_init(&src, e);
	s = scim_default(a, NULL, &at, &src);
	return s == NULL ? "" : s;
}

static const struct scim_attr *find_in(const struct scim_attr *at, size_t n,
    const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_ieq(at[i].name, name))
			return &at[i];
	return NULL;
}

static const struct scim_attr *find_plain(const struct scim_resource *r,
    const char *name)
{
	const struct scim_attr *at = find_in(r->common, r->n_common, name);
	size_t i;

	for (i = 0; at == NULL && i < r->n_schemas; i++)
		at = find_in(r->schema[i].attr, r->schema[i].n, name);
	return at;
}

static const struct scim_schema *find_schema(const struct scim_resource *r,
    const char *urn)
{
	size_t i;

	for (i = 0; i < r->n_schemas; i++)
		if (str_ieq(r->schema[i].urn, urn))
			return &r->schema[i];
	return NULL;
}

static const struct scim_attr *find_urn(const struct scim_resource *r,
    const char *urn, const char *name)
{
	const struct scim_schema *s = find_schema(r, urn);
	const struct scim_attr *at;

	if (s == NULL)
		return NULL;
	at = find_in(s->attr, s->n, name);
	if (at == NULL && s == r->schema)
		at = find_in(r->common, r->n_common, name);
	return at;
}

/* "URN.attr" and "URN.attr.sub": the parser took the end of the URN for the
 * attribute, because the last colon stands before it. */
static const struct scim_attr *find_dotted(const struct scim_resource *r,
    const struct scim_path *path, char *name, size_t size, const char **sub)
{
	char urn[256];
	char *dot;

	if (path->sub == NULL || snprintf(urn, sizeof(urn), "%s:%s", path->urn,
	    path->attr) >= (int)sizeof(urn))
		return NULL;
	snprintf(name, size, "%s", path->sub);
	dot = strchr(name, '.');
	*sub = NULL;
	if (dot != NULL) {
		*dot = '\0';
		*sub = dot + 1;
	}
	return find_urn(r, urn, name);
}

const struct scim_attr *scim_attr_find(const struct scim_resource *r,
    const struct scim_path *path, const struct scim_attr **sub)
{
	const struct scim_attr *at;
	const char *sub_name = path->sub;
	char name[128];

	if (sub != NULL)
		*sub = NULL;
	if (path->urn == NULL)
		at = find_plain(r, path->attr);
	else
		at = find_urn(r, path->urn, path->attr);
	if (at == NULL && path->urn != NULL)
		at = find_dotted(r, path, name, sizeof(name), &sub_name);
	if (at == NULL || sub_name == NULL)
		return at;
	if (at->n_sub == 0 && str_ieq(sub_name, "value"))
		return at;
	if (sub == NULL)
		return NULL;
	*sub = scim_sub(at, sub_name);
	return *sub == NULL ? NULL : at;
}

char *scim_text_key(struct arena *a, const struct scim_attr *at,
    const char *s)
{
	if (!utf8_valid(s, strlen(s)))
		return arena_strdup(a, s);
	return at->case_exact ? utf8_squeeze(a, s) : utf8_fold(a, s);
}

static char *typed_key(struct arena *a, const struct scim_attr *at,
    const char *value)
{
	int64_t i;
	char gt[24];

	switch (at->type) {
	case ST_INTEGER:
		if (str_int(value, &i))
			return arena_printf(a, "%lld", (long long)i);
		break;
	case ST_DATETIME:
		if (clock_parse_gt(value, &i))
			return arena_strdup(a, clock_print_gt(i, gt));
		break;
	case ST_BINARY:
		return arena_strdup(a, value);
	case ST_STRING:
	case ST_BOOLEAN:
	case ST_REFERENCE:
	case ST_COMPLEX:
		break;
	}
	return scim_text_key(a, at, value);
}

char *scim_key(struct arena *a, const struct scim_attr *at,
    const char *value)
{
	char *k = NULL;

	if (at->how == SH_REF_DN || at->how == SH_PERSON)
		k = dn_normal(a, value, NULL);
	return k != NULL ? k : typed_key(a, at, value);
}

struct keys {
	struct arena *a;
	struct index_key *v;
	size_t n, cap;
};

static void key_add(struct keys *k, int index, const char *key)
{
	if (k->n == k->cap) {
		size_t cap = k->cap == 0 ? 16 : k->cap * 2;

		k->v = arena_grow(k->a, k->v, k->n, cap, sizeof(*k->v));
		k->cap = cap;
	}
	k->v[k->n++] = (struct index_key){ index, key };
}

/* The key of one field, NULL when the field is not what is indexed. */
static const char *field_key(struct arena *a, const struct scim_attr *at,
    const struct scim_field *f)
{
	char gt[24];

	if (f->sub != NULL && at->how != SH_COMPLEX &&
	    !str_eq(f->sub->name, "value"))
		return NULL;
	switch (f->form) {
	case SF_BOOL:
		return f->i ? "true" : "false";
	case SF_INT:
		return arena_printf(a, "%lld", (long long)f->i);
	case SF_TIME:
		return arena_strdup(a, clock_print_gt(f->i, gt));
	case SF_EXTERNAL:
		return scim_external_key(a, f->type, f->s);
	case SF_TEXT:
	case SF_DN:
	case SF_KEY:
		return scim_key(a, f->sub != NULL && at->how == SH_COMPLEX ?
		    f->sub : at, f->s);
	case SF_COUNT:
	case SF_MEMBERS:
	case SF_BASE:
	case SF_VERSION:
		break;
	}
	return NULL;
}

static void attr_keys(struct keys *k, struct scim_elems *b,
    const struct scim_attr *at)
{
	size_t i;

	scim_elems_of(b, at);
	for (i = 0; i < b->n; i++) {
		const struct scim_field *f = &b->f[i];
		int index = at->how == SH_COMPLEX ? f->sub->index : at->index;
		const char *key = index == 0 ? NULL : field_key(k->a, at, f);

		if (key != NULL)
			key_add(k, index, key);
	}
}

static bool has_index(const struct scim_attr *at)
{
	size_t i;

	if (at->index != 0)
		return true;
	for (i = 0; at->how == SH_COMPLEX && i < at->n_sub; i++)
		if (at->sub[i].index != 0)
			return true;
	return false;
}

size_t scim_index_keys(struct arena *a, const struct scim_resource *r,
    const struct entry *e, const char *dn_norm, struct index_key **out)
{
	struct keys k = { .a = a };
	struct scim_src src;
	struct scim_elems b = { .a = a, .src = &src, .r = r };
	size_t i, s;

	scim_src_init(&src, e);
	scim_src_hash(a, &src);
	key_add(&k, SCIM_INDEX_DN, dn_norm);
	for (i = 0; i < r->n_common; i++)
		if (has_index(&r->common[i]))
			attr_keys(&k, &b, &r->common[i]);
	for (s = 0; s < r->n_schemas; s++)
		for (i = 0; i < r->schema[s].n; i++)
			if (has_index(&r->schema[s].attr[i]))
				attr_keys(&k, &b, &r->schema[s].attr[i]);
	*out = k.v;
	return k.n;
}

char *scim_external_key(struct arena *a, const char *owner, const char *id)
{
	return arena_printf(a, "%s\x1f%s", utf8_fold(a, owner),
	    utf8_squeeze(a, id));
}
