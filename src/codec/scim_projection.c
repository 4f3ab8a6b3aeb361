/* SPDX-License-Identifier: ISC */
#include "codec/scim_projection.h"

#include <string.h>

#include "base/arena.h"
#include "codec/scim_filter.h"

#define NAMES_MAX 128
#define NAME_MAX_LEN 512

struct scim_projection {
	const struct scim_resource *r;
	bool only;		/* attributes, not excludedAttributes */
	unsigned char *named;	/* by scim_attr.no: 1 itself, 2 a part of it */
};

static bool returned(const struct scim_projection *p,
    const struct scim_attr *at)
{
	if (p == NULL)
		return at->returned != SR_REQUEST;
	if (p->only)
		return p->named[at->no] != 0;
	return p->named[at->no] != 1 && at->returned != SR_REQUEST;
}

bool scim_projection_has(const struct scim_projection *p,
    const struct scim_attr *at)
{
	if (at->returned == SR_NEVER)
		return false;
	return at->returned == SR_ALWAYS || returned(p, at);
}

bool scim_projection_wants(const struct scim_projection *p,
    const struct scim_attr *attr)
{
	return scim_projection_has(p, attr);
}

static void mark_all(struct scim_projection *p, const struct scim_attr *at,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		p->named[at[i].no] = 1;
		mark_all(p, at[i].sub, at[i].n_sub);
	}
}

/* Part of a complex attribute: of `attributes`, the whole is there with only
 * that in it; of excludedAttributes, the whole without it. */
static void mark(struct scim_projection *p, const struct scim_attr *at,
    const struct scim_attr *sub)
{
	if (sub == NULL) {
		mark_all(p, at, 1);
		return;
	}
	p->named[sub->no] = 1;
	if (p->named[at->no] == 0)
		p->named[at->no] = 2;
}

static void mark_name(struct scim_projection *p, struct arena *a,
    const char *name)
{
	const struct scim_attr *at, *sub;
	struct scim_path path;
	size_t i;

	for (i = 0; i < p->r->n_schemas; i++) {
		const struct scim_schema *s = &p->r->schema[i];

		if (str_ieq(s->urn, name)) {
			mark_all(p, s->attr, s->n);
			return;
		}
	}
	if (scim_path_parse(a, name, &path, NULL) != 0 || path.value != NULL)
		return;
	at = scim_attr_find(p->r, &path, &sub);
	if (at != NULL)
		mark(p, at, sub);
}

static int mark_list(struct scim_projection *p, struct arena *a,
    const char *list, const char *what, struct err *e)
{
	size_t names = 0;

	while (*list != '\0') {
		size_t n = strcspn(list, ", \t");

		if (n > NAME_MAX_LEN || ++names > NAMES_MAX)
			return err_kind(e, ERR_INVALID, "invalidValue",
			    "%s: more than %d names, or one is longer than "
			    "%d bytes", what, NAMES_MAX, NAME_MAX_LEN);
		if (n > 0)
			mark_name(p, a, arena_strndup(a, list, n));
		list += n;
		list += strspn(list, ", \t");
	}
	return 0;
}

int scim_projection_parse(struct arena *a, const struct scim_resource *r,
    const char *attributes, const char *excluded,
    struct scim_projection **out, struct err *e)
{
	bool only = attributes != NULL && attributes[0] != '\0';
	struct scim_projection *p;

	*out = NULL;
	if (excluded != NULL && excluded[0] == '\0')
		excluded = NULL;
	if (!only && excluded == NULL)
		return 0;
	if (only && excluded != NULL)
		return err_kind(e, ERR_INVALID, "invalidValue",
		    "attributes and excludedAttributes exclude each other: "
		    "send one of them");
	p = arena_alloc(a, sizeof(*p));
	p->r = r;
	p->only = only;
	p->named = arena_alloc(a, (size_t)r->n_attrs + 1);
	*out = p;
	return mark_list(p, a, only ? attributes : excluded,
	    only ? "attributes" : "excludedAttributes", e);
}
