/* SPDX-License-Identifier: ISC */
/*
 * Values with a type and a primary mark, kept as attribute options:
 *	mail;x-primary;x-work: a@example.com
 *	l;x-home: Bonn
 * Options are written in alphabetical order, as slapd gives them back.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "codec/scim_kind.h"

#define PRIMARY "primary"
#define TYPE_MAX 64
#define TYPES_MAX 32	/* of one attribute */

/* The SCIM type among the options, "" none. */
static const char *type_of(struct arena *a, const char *description)
{
	const char *p = description;

	while ((p = strchr(p, ';')) != NULL) {
		size_t n = strcspn(++p, ";");

		if (n > 2 && strncasecmp(p, "x-", 2) == 0 &&
		    !(n == 9 && strncasecmp(p + 2, PRIMARY, 7) == 0))
			return arena_strndup(a, p + 2, n - 2);
	}
	return "";
}

static const char *description(struct arena *a, const char *ldap,
    const char *type, bool primary)
{
	bool first = primary && (type[0] == '\0' || strcmp(PRIMARY, type) < 0);

	return arena_printf(a, "%s%s%s%s%s", ldap,
	    first ? ";x-" PRIMARY : "", type[0] != '\0' ? ";x-" : "", type,
	    primary && !first ? ";x-" PRIMARY : "");
}

/* What is not the primary one is shown as false (RFC 7643 2.4). */
static void put_marks(struct scim_elems *b, const struct scim_attr *at,
    const char *name)
{
	const char *type = type_of(b->a, name);

	if (type[0] != '\0')
		scim_elems_add(b, scim_sub(at, "type"), SF_TEXT, type);
	scim_elems_bool(b, scim_sub(at, PRIMARY),
	    attr_option(name, "x-" PRIMARY));
}

static void typed_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct scim_attr *value = scim_sub(at, "value");
	const struct attr *la;
	size_t i = 0, k;

	while ((la = scim_src_next(b->src, at->ldap, at->hash, &i)) != NULL) {
		for (k = 0; k < la->n; k++) {
			scim_elems_value(b, value, value, &la->v[k]);
			put_marks(b, at, la->name);
			b->n_elems++;
		}
	}
}

/* type and primary of one JSON element. */
struct marks {
	const char *type;
	bool primary;
};

static int read_type(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct marks *m, struct err *e)
{
	const struct scim_attr *sub = scim_sub(at, "type");
	char *p;

	m->type = "";
	if (j == NULL || j->kind == JSON_IS_NULL)
		return 0;
	if (j->kind != JSON_IS_STRING)
		return scim_bad(sub, e, "expected a string such as \"work\"");
	p = arena_strdup(rd->a, j->s);
	m->type = p;
	for (; *p != '\0'; p++) {
		*p = (char)tolower((unsigned char)*p);
		if (!isalnum((unsigned char)*p) && *p != '-')
			break;
	}
	if (*p != '\0' || p - m->type > TYPE_MAX ||
	    strcmp(m->type, PRIMARY) == 0)
		return scim_bad(sub, e, "\"%.40s\": expected up to %d letters,"
		    " digits and hyphens, and not \"primary\"", j->s,
		    TYPE_MAX);
	return 0;
}

static int read_marks(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, struct marks *m, struct err *e)
{
	const struct json *p = json_member(el, PRIMARY);
	int rc = read_type(rd, at, json_member(el, "type"), m, e);

	m->primary = false;
	if (rc == 0 && p != NULL && p->kind != JSON_IS_NULL)
		rc = scim_stored_bool(scim_sub(at, PRIMARY), p, &m->primary,
		    e);
	return rc;
}

struct seen {
	struct strv types;
	bool primary;
};

/* Each type is an attribute description, which slapd never forgets. */
static int note_marks(struct scim_reading *rd, const struct scim_attr *at,
    const struct marks *m, struct seen *seen, struct err *e)
{
	if (m->primary && seen->primary)
		return scim_bad(at, e, "only one may be primary");
	seen->primary = seen->primary || m->primary;
	if (strv_has(&seen->types, m->type))
		return 0;
	if (seen->types.n == TYPES_MAX)
		return scim_bad(at, e, "takes values of at most %d types",
		    TYPES_MAX);
	strv_add(rd->a, &seen->types, m->type);
	return 0;
}

static int typed_one(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, struct seen *seen, struct err *e)
{
	const struct scim_attr *value = scim_sub(at, "value");
	const struct json *j = el;
	struct marks m = { .type = "" };
	const char *v;
	size_t n;
	int rc = 0;

	if (el->kind == JSON_IS_OBJECT) {
		j = json_member(el, "value");
		rc = read_marks(rd, at, el, &m, e);
		if (rc == 0 && (j == NULL || j->kind == JSON_IS_NULL))
			return 0;
	}
	if (rc == 0)
		rc = scim_stored(rd, value, j, &v, &n, e);
	if (rc == 0 && v != NULL) {
		rc = note_marks(rd, at, &m, seen, e);
		scim_reading_add(rd, value, description(rd->a, at->ldap,
		    m.type, m.primary), v, n);
	}
	return rc;
}

static int typed_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	struct seen seen = { 0 };
	const struct json *c;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c))
		rc = typed_one(rd, at, c, &seen, e);
	return rc;
}

static const struct scim_sub_def typed_subs[] = {
	{ .name = "value", .description = "The value itself" },
	{ .name = "type", .description = "What it is for" },
	{ .name = PRIMARY, .type = ST_BOOLEAN,
	  .description = "The preferred one" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_typed = { .word = "typed", .n_ldap = 1,
	.subs = typed_subs, .elements = typed_elements, .read = typed_read };

/* --- addresses: one a set of options ------------------------------------ */

static bool same_options(const char *x, const char *y)
{
	x = strchr(x, ';');
	y = strchr(y, ';');
	return x == NULL || y == NULL ? x == y : strcasecmp(x, y) == 0;
}

/* Was this address seen with an earlier part or attribute? */
static bool seen_before(const struct scim_elems *b, const struct scim_attr *at,
    const struct scim_attr *sub, size_t pos, const char *name)
{
	const struct scim_attr *s;
	const struct attr *la;

	for (s = at->sub; s <= sub; s++) {
		size_t i = 0;

		if (s->ldap[0] == '\0')
			continue;
		while ((la = scim_src_next(b->src, s->ldap, s->hash, &i)) !=
		    NULL && (s != sub || i < pos))
			if (same_options(la->name, name))
				return true;
	}
	return false;
}

static void address_part(struct scim_elems *b, const struct scim_attr *sub,
    const char *options)
{
	const struct attr *la;
	size_t i = 0;

	while ((la = scim_src_next(b->src, sub->ldap, sub->hash, &i)) != NULL) {
		if (la->n == 0 || !same_options(la->name, options))
			continue;
		if (sub->how == SH_LINES)
			scim_elems_add(b, sub, SF_TEXT,
			    scim_unlines(b->a, la->v[0].p));
		else
			scim_elems_value(b, sub, sub, &la->v[0]);
		return;
	}
}

static void address_element(struct scim_elems *b, const struct scim_attr *at,
    const char *options)
{
	size_t i;

	for (i = 0; i < at->n_sub; i++)
		if (at->sub[i].ldap[0] != '\0')
			address_part(b, &at->sub[i], options);
	put_marks(b, at, options);
	b->n_elems++;
}

static void address_elements(struct scim_elems *b, const struct scim_attr *at)
{
	size_t k;

	for (k = 0; k < at->n_sub; k++) {
		const struct scim_attr *sub = &at->sub[k];
		const struct attr *la;
		size_t i = 0;

		if (sub->ldap[0] == '\0')
			continue;
		while ((la = scim_src_next(b->src, sub->ldap, sub->hash, &i))
		    != NULL)
			if (!seen_before(b, at, sub, i, la->name))
				address_element(b, at, la->name);
	}
}

static int address_parts(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *el, const struct marks *m, struct err *e)
{
	size_t i, n;
	int rc = 0;

	for (i = 0; rc == 0 && i < at->n_sub; i++) {
		const struct scim_attr *sub = &at->sub[i];
		const struct json *j = json_member(el, sub->name);
		const char *v, *name;

		if (j == NULL || j->kind == JSON_IS_NULL ||
		    sub->ldap[0] == '\0')
			continue;
		rc = scim_stored(rd, sub, j, &v, &n, e);
		if (rc != 0 || v == NULL)
			continue;
		if (sub->how == SH_LINES)
			v = scim_lines(rd->a, v);
		name = description(rd->a, sub->ldap, m->type, m->primary);
		entry_add(rd->a, rd->out, name, v);
	}
	return rc;
}

static int address_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	struct seen seen = { 0 };
	const struct json *c;
	int rc = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		struct marks m;

		if (c->kind != JSON_IS_OBJECT)
			return scim_bad(at, e, "expected objects");
		rc = read_marks(rd, at, c, &m, e);
		if (rc == 0 && strv_has(&seen.types, m.type))
			return scim_bad(at, e, "there can be one address of "
			    "type \"%s\"", m.type);
		if (rc == 0)
			rc = note_marks(rd, at, &m, &seen, e);
		if (rc == 0)
			rc = address_parts(rd, at, c, &m, e);
	}
	return rc;
}

static const struct scim_sub_def address_subs[] = {
	{ .name = "type", .description = "What it is for" },
	{ .name = PRIMARY, .type = ST_BOOLEAN,
	  .description = "The preferred one" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_address = { .word = "address", .n_ldap = 0,
	.subs = address_subs, .elements = address_elements,
	.read = address_read };
