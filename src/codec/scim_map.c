/* SPDX-License-Identifier: ISC */
#include "codec/scim_map.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
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

bool scim_unique(const struct scim_resource *r, const char *ldap)
{
	size_t i, k;

	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++)
			if (r->schema[i].attr[k].unique != SU_NONE &&
			    str_ieq(r->schema[i].attr[k].ldap, ldap))
				return true;
	return false;
}
