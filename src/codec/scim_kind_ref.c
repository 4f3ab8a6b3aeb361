/* SPDX-License-Identifier: ISC */
/* References: to people by DN, to everything else by natural key; and what is
 * counted or listed from elsewhere. */
#include <string.h>

#include "base/arena.h"
#include "codec/scim_kind.h"
#include "model/dn.h"

static void add_ref(struct scim_elems *b, const struct scim_attr *sub,
    enum scim_form form, char what, const char *s, const char *type)
{
	struct scim_field *f = scim_elems_add(b, sub, form, s);

	f->what = what;
	f->type = type;
}

/* --- a person, as complex and as plain id ------------------------------- */

static void ref_dn_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la;
	size_t i = 0, k;

	la = scim_src_next(b->src, at->ldap, at->hash, &i);
	for (k = 0; la != NULL && k < la->n && (k == 0 || at->multi); k++) {
		const char *dn = la->v[k].p;

		add_ref(b, &at->sub[0], SF_DN, 'i', dn, at->refers);
		add_ref(b, &at->sub[1], SF_DN, 'r', dn, at->refers);
		add_ref(b, &at->sub[2], SF_DN, 'n', dn, at->refers);
		b->n_elems++;
	}
}

static void person_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct attr *la;
	size_t i = 0, k;

	la = scim_src_next(b->src, at->ldap, at->hash, &i);
	for (k = 0; la != NULL && k < la->n && (k == 0 || at->multi); k++) {
		add_ref(b, NULL, SF_DN, 'i', la->v[k].p, at->refers);
		b->n_elems++;
	}
}

/* The value of an element that is an object or the id itself. */
static const struct json *ref_value(const struct json *el)
{
	if (el->kind != JSON_IS_OBJECT)
		return el;
	el = json_member(el, "value");
	return el == NULL || el->kind == JSON_IS_NULL ? NULL : el;
}

/* The last segment of $ref, where the value is missing or is still the old
 * one; a $ref that is the old one says nothing. */
static const struct json *by_ref(struct scim_reading *rd,
    const struct scim_attr *at, const struct json *el, const struct json *v)
{
	const char *ref = json_member_str(el, "$ref"), *slash;
	const struct json *was;

	if (ref == NULL || (slash = strrchr(ref, '/')) == NULL)
		return v;
	was = rd->before == NULL ? NULL : scim_reading_json(rd, rd->before,
	    at);
	if (was != NULL && str_eq(ref, json_member_str(was, "$ref")))
		return v;
	if (v != NULL && (was == NULL ||
	    !json_same(v, json_member(was, "value"))))
		return v;
	return json_new_str(rd->a, slash + 1);
}

static int ref_dn_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct json *c, *v;
	const char *dn;
	int rc = 0, n = 0;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		v = by_ref(rd, at, c, ref_value(c));
		if (v == NULL)
			continue;
		if (!at->multi && ++n > 1)
			return scim_bad(at, e, "takes one value");
		rc = scim_stored_dn(rd, at, v, &dn, e);
		if (rc == 0 && dn != NULL)
			scim_reading_add(rd, at, at->ldap, dn, strlen(dn));
	}
	return rc;
}

static const struct scim_sub_def ref_dn_subs[] = {
	{ .name = "value", .description = "The id of the resource" },
	{ .name = "$ref", .type = ST_REFERENCE,
	  .description = "The URI of the resource" },
	{ .name = "displayName", .mutability = SM_READ_ONLY,
	  .description = "The display name of the resource" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_ref_dn = { .word = "ref_dn", .n_ldap = 1,
	.subs = ref_dn_subs, .elements = ref_dn_elements,
	.read = ref_dn_read };

const struct scim_kind scim_kind_person = { .word = "person", .n_ldap = 1,
	.elements = person_elements, .read = ref_dn_read };

/* --- natural keys -------------------------------------------------------- */

/* Where there can be one only, it is the primary one. */
static void ref_key_elements(struct scim_elems *b, const struct scim_attr *at)
{
	const struct scim_attr *primary = at->max == 1 ?
	    scim_sub(at, "primary") : NULL;
	const struct attr *la;
	size_t i = 0, k;
	char what = at->by_id ? 'i' : 'k';

	la = scim_src_next(b->src, at->ldap, at->hash, &i);
	for (k = 0; la != NULL && k < la->n && (k == 0 || at->multi); k++) {
		const char *key = la->v[k].p;

		add_ref(b, &at->sub[0], SF_KEY, what, key, at->refers);
		add_ref(b, &at->sub[1], SF_KEY, 'n', key, at->refers);
		add_ref(b, &at->sub[2], SF_KEY, 'r', key, at->refers);
		if (primary != NULL)
			scim_elems_bool(b, primary, true);
		b->n_elems++;
	}
}

static int ref_key_read(struct scim_reading *rd, const struct scim_attr *at,
    const struct json *j, struct err *e)
{
	const struct scim_attr *value = scim_sub(at, "value");
	const struct json *c, *v;
	const char *key;
	int rc = 0, n = 0;
	int max = at->multi ? at->max : 1;

	for (c = scim_first(j); rc == 0 && c != NULL; c = scim_next(j, c)) {
		v = ref_value(c);
		if (v == NULL)
			continue;
		if (max != 0 && ++n > max)
			return scim_bad(at, e, "takes at most %d value%s", max,
			    max > 1 ? "s" : "");
		rc = scim_stored_key(rd, value, v, &key, e);
		if (rc == 0 && key != NULL)
			scim_reading_add(rd, at, at->ldap, key, strlen(key));
	}
	return rc;
}

static const struct scim_sub_def ref_key_subs[] = {
	{ .name = "value", .description = "The key of the resource" },
	{ .name = "display", .mutability = SM_READ_ONLY,
	  .description = "The display name of the resource" },
	{ .name = "$ref", .type = ST_REFERENCE, .mutability = SM_READ_ONLY,
	  .description = "The URI of the resource" },
	{ .name = NULL }
};

const struct scim_kind scim_kind_ref_key = { .word = "ref_key", .n_ldap = 1,
	.subs = ref_key_subs, .elements = ref_key_elements,
	.read = ref_key_read };

/* --- counted at reading -------------------------------------------------- */

static void count_elements(struct scim_elems *b, const struct scim_attr *at)
{
	scim_elems_add(b, NULL, SF_COUNT, at->name)->i =
	    at->type == ST_BOOLEAN;
	b->n_elems = 1;
}

const struct scim_kind scim_kind_count = { .word = "count", .n_ldap = 0,
	.elements = count_elements };

/* --- members of a group: their own side says so -------------------------- */

struct listing {
	struct scim_elems *b;
	const struct scim_attr *at;
};

static void one_member(void *arg, const char *id, const char *display)
{
	struct listing *l = arg;

	scim_elems_add(l->b, &l->at->sub[0], SF_TEXT,
	    arena_strdup(l->b->a, id));
	if (display != NULL && display[0] != '\0')
		scim_elems_add(l->b, &l->at->sub[1], SF_TEXT,
		    arena_strdup(l->b->a, display));
	scim_elems_add(l->b, &l->at->sub[2], SF_TEXT, l->at->refers);
	l->b->n_elems++;
}

static void members_elements(struct scim_elems *b, const struct scim_attr *at)
{
	struct listing l = { b, at };
	const char *key = entry_get(b->src->e, b->r->rdn);

	if (key == NULL)
		return;
	if (b->rs != NULL && b->rs->members != NULL) {
		b->rs->members(b->rs->ctx, b->a, key, one_member, &l);
	} else {
		scim_elems_add(b, NULL, SF_MEMBERS, key)->type = at->refers;
		b->n_elems = 1;
	}
}

static const struct scim_sub_def members_subs[] = {
	{ .name = "value", .mutability = SM_IMMUTABLE,
	  .description = "The id of the member" },
	{ .name = "display", .mutability = SM_READ_ONLY,
	  .description = "The member's display name" },
	{ .name = "type", .mutability = SM_IMMUTABLE,
	  .description = "The member's resource type" },
	{ .name = "$ref", .type = ST_REFERENCE, .mutability = SM_IMMUTABLE,
	  .description = "The URI of the member" },
	{ .name = NULL }
};

/* Written on the members' entries, not here: front/scim does. */
const struct scim_kind scim_kind_members = { .word = "members", .n_ldap = 0,
	.subs = members_subs, .elements = members_elements };
