/* SPDX-License-Identifier: ISC */
#include "codec/scim_patch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/scim_filter.h"
#include "codec/scim_kind.h"
#include "codec/scim_members.h"
#include "codec/scim_patch_p.h"

#define OPERATIONS_MAX 1000
#define LOOKS_MAX 2000000	/* at elements, of all operations together */

enum patch_op { PATCH_ADD, PATCH_REMOVE, PATCH_REPLACE };

struct patching {
	struct arena *a;
	struct arena *tmp;	/* emptied after each element */
	const struct scim_resource *r;
	struct json *resource;
	size_t looks;
	enum patch_op op;
	bool named;		/* the path was given, not a member's name */
	struct err *e;
};

/* Where one operation works. */
struct target {
	const struct scim_attr *at, *sub;
	const struct filter *filter;
	struct json *holder;	/* the object at's value is a member of */
};

static int apply(struct patching *p, const char *path,
    const struct json *value);

/* --- getting at the attribute -------------------------------------------- */

static const struct scim_schema *schema_of(const struct scim_resource *r,
    const char *urn)
{
	size_t i;

	for (i = 0; i < r->n_schemas; i++)
		if (str_ieq(r->schema[i].urn, urn))
			return &r->schema[i];
	return NULL;
}

/* The object that holds at; an extension's is made when something is to go
 * into it. */
static struct json *holder_of(struct patching *p, const struct scim_attr *at)
{
	struct json *ext;

	if (str_eq(at->urn, p->r->schema[0].urn))
		return p->resource;
	ext = json_member(p->resource, at->urn);
	if (ext == NULL || ext->kind != JSON_IS_OBJECT)
		ext = json_put(p->a, p->resource, at->urn,
		    json_new(p->a, JSON_IS_OBJECT));
	return ext;
}

static int read_only(struct patching *p, const struct target *t)
{
	return err_kind(p->e, ERR_INVALID, "mutability",
	    "%s%s%s is read-only: leave it out", t->at->name,
	    t->sub == NULL ? "" : ".", t->sub == NULL ? "" : t->sub->name);
}

/* Every operation may look at all of a list: what a megabyte of them comes to
 * must end. */
static int look(struct patching *p, const struct json *list)
{
	p->looks += list->n;
	if (p->looks <= LOOKS_MAX)
		return 0;
	return err_kind(p->e, ERR_INVALID, "tooMany", "too many operations "
	    "on lists of this length: send them in several requests");
}

/* --- one value ----------------------------------------------------------- */

static bool none(const struct json *value)
{
	return value == NULL || value->kind == JSON_IS_NULL;
}

/* A list becomes empty rather than absent: scim_read then knows that it was
 * meant. */
static void clear(struct patching *p, struct json *holder,
    const struct scim_attr *at)
{
	struct json *was = json_member(holder, at->name);

	if (at->multi)
		json_put(p->a, holder, at->name,
		    json_new(p->a, JSON_IS_ARRAY));
	else if (was != NULL)
		json_remove(holder, was);
}

static struct json *list_of(struct patching *p, struct json *holder,
    const struct scim_attr *at)
{
	struct json *list = json_member(holder, at->name);

	if (list == NULL || list->kind != JSON_IS_ARRAY)
		list = json_put(p->a, holder, at->name, list == NULL ?
		    json_new(p->a, JSON_IS_ARRAY) :
		    scim_patch_list(p->a, list));
	return list;
}

static int set_single(struct patching *p, struct json *holder,
    const struct scim_attr *at, const struct json *value)
{
	struct json *was = json_member(holder, at->name), *el;

	if (value->kind == JSON_IS_ARRAY && value->n <= 1)
		value = value->child;
	if (none(value)) {
		clear(p, holder, at);
		return 0;
	}
	el = scim_patch_element(p->a, at, value);
	if (was != NULL && was->kind == JSON_IS_OBJECT &&
	    el->kind == JSON_IS_OBJECT)
		scim_patch_merge(p->a, at, was, el);
	else
		json_put(p->a, holder, at->name, el);
	return 0;
}

/* A whole attribute (or sub-attribute, holder then being the element). Where
 * there can be one value only, adding one replaces it. */
static int set_attr(struct patching *p, struct json *holder,
    const struct scim_attr *at, const struct json *value)
{
	struct json *elements, *list;
	int rc;

	if (p->op == PATCH_REMOVE) {
		if (!at->multi || none(value)) {
			clear(p, holder, at);
			return 0;
		}
		list = list_of(p, holder, at);
		rc = look(p, list);
		if (rc == 0)
			scim_patch_take(p->a, at, list,
			    scim_patch_list(p->a, value));
		return rc;
	}
	if (none(value)) {
		if (p->op == PATCH_REPLACE)
			clear(p, holder, at);
		return 0;
	}
	if (!at->multi)
		return set_single(p, holder, at, value);
	elements = scim_patch_list(p->a, value);
	if (p->op == PATCH_REPLACE || (at->max == 1 && elements->n == 1))
		clear(p, holder, at);
	list = list_of(p, holder, at);
	rc = look(p, list);
	if (rc == 0)
		scim_patch_add(p->a, at, list, elements);
	return rc;
}

/* --- values picked by a filter -------------------------------------------- */

static int set_element(struct patching *p, const struct target *t,
    struct json *list, struct json *el, const struct json *value)
{
	struct json *new;
	int rc = 0;

	if (t->sub != NULL) {
		rc = set_attr(p, el, t->sub, value);
	} else if (!none(value)) {
		new = scim_patch_element(p->a, t->at, value);
		if (new->kind != JSON_IS_OBJECT)
			return err_kind(p->e, ERR_INVALID, "invalidValue",
			    "%s: expected an object", t->at->name);
		if (p->op == PATCH_REPLACE) {
			el->child = el->last = NULL;
			el->n = 0;
		}
		scim_patch_merge(p->a, t->at, el, new);
		scim_patch_satisfy(p->a, t->filter, el);
	}
	if (rc == 0 && scim_patch_is_primary(p->a, el)) {
		rc = look(p, list);
		scim_patch_primary(p->a, list, el);
	}
	return rc;
}

/* emails[type eq "work"].value on a user without one makes it. */
static int create_element(struct patching *p, const struct target *t,
    struct json *list, const struct json *value)
{
	struct json *el = json_new(p->a, JSON_IS_OBJECT);

	if (!scim_patch_satisfy(p->a, t->filter, el))
		return err_kind(p->e, ERR_INVALID, "noTarget",
		    "%s: no value meets the filter, and one can be made only "
		    "from eq terms joined by and", t->at->name);
	json_push(list, el);
	return set_element(p, t, list, el, value);
}

static int remove_elements(struct patching *p, const struct target *t,
    struct json *list)
{
	struct json *c, *next;
	struct json old = *list;
	bool meets;
	int rc = look(p, list);

	list->child = list->last = NULL;
	list->n = 0;
	for (c = old.child; c != NULL; c = next) {
		next = c->next;
		if (rc == 0)
			rc = scim_patch_meets(p->tmp, t->at, c, t->filter,
			    &meets, p->e);
		if (rc != 0 || !meets)
			json_push(list, c);
		arena_reset(p->tmp);
	}
	return rc;
}

static int filtered(struct patching *p, const struct target *t,
    const struct json *value)
{
	struct json *list = list_of(p, t->holder, t->at), *c;
	bool meets, any = false;
	int rc;

	if (p->op == PATCH_REMOVE && t->sub == NULL)
		return remove_elements(p, t, list);
	rc = look(p, list);
	for (c = list->child; rc == 0 && c != NULL; c = c->next) {
		rc = scim_patch_meets(p->tmp, t->at, c, t->filter, &meets,
		    p->e);
		arena_reset(p->tmp);
		if (rc != 0 || !meets)
			continue;
		any = true;
		if (c->kind != JSON_IS_OBJECT)
			return err_kind(p->e, ERR_INVALID, "invalidPath",
			    "path: %s has no sub-attributes", t->at->name);
		rc = set_element(p, t, list, c, value);
	}
	if (rc != 0 || any || p->op == PATCH_REMOVE || none(value))
		return rc;
	return create_element(p, t, list, value);
}

/* --- sub-attributes without a filter -------------------------------------- */

static int sub_of_list(struct patching *p, const struct target *t,
    const struct json *value)
{
	struct json *list = list_of(p, t->holder, t->at), *c, *el;
	int rc = look(p, list);

	for (c = list->child; rc == 0 && c != NULL; c = c->next)
		if (c->kind == JSON_IS_OBJECT)
			rc = set_attr(p, c, t->sub, value);
	if (rc != 0 || list->n > 0 || p->op == PATCH_REMOVE || none(value))
		return rc;
	el = json_push(list, json_new(p->a, JSON_IS_OBJECT));
	return set_attr(p, el, t->sub, value);
}

static int sub_of_single(struct patching *p, const struct target *t,
    const struct json *value)
{
	struct json *obj = json_member(t->holder, t->at->name);

	if (obj == NULL || obj->kind != JSON_IS_OBJECT) {
		if (p->op == PATCH_REMOVE)
			return 0;
		obj = json_put(p->a, t->holder, t->at->name,
		    json_new(p->a, JSON_IS_OBJECT));
	}
	return set_attr(p, obj, t->sub, value);
}

/* --- operations ----------------------------------------------------------- */

/* Not named by a path, it stands in the resource by its name: scim_read passes
 * it over and says so. */
static int unknown(struct patching *p, const char *path)
{
	if (!p->named) {
		json_put(p->a, p->resource, path, json_new(p->a,
		    JSON_IS_NULL));
		return 0;
	}
	return err_kind(p->e, ERR_INVALID, "invalidPath",
	    "path: %s has no attribute %.64s", p->r->name, path);
}

/* In a value without path read-only attributes are passed over (Okta sends
 * the id); a path that names one is an error (RFC 7644 3.5.2). */
static int at_target(struct patching *p, struct target *t,
    const struct json *value)
{
	if (t->at->mutability == SM_READ_ONLY ||
	    (t->sub != NULL && t->sub->mutability == SM_READ_ONLY))
		return p->named ? read_only(p, t) : 0;
	if (t->at->how == SH_SCHEMAS || t->at->how == SH_MEMBERS)
		return 0;
	if (p->named && t->at->mutability == SM_IMMUTABLE &&
	    (p->op == PATCH_REMOVE || scim_nothing(value)))
		return err_kind(p->e, ERR_INVALID, "mutability",
		    "%s can't be taken away", t->at->name);
	t->holder = holder_of(p, t->at);
	if (t->filter != NULL && !t->at->multi)
		return err_kind(p->e, ERR_INVALID, "invalidPath",
		    "path: %s has one value, a filter can't pick from it",
		    t->at->name);
	if (t->filter != NULL)
		return filtered(p, t, value);
	if (t->sub == NULL)
		return set_attr(p, t->holder, t->at, value);
	return t->at->multi ? sub_of_list(p, t, value) :
	    sub_of_single(p, t, value);
}

/* An extension as a whole: each of its attributes in turn. */
static int whole_schema(struct patching *p, const struct scim_schema *s,
    const struct json *value)
{
	const struct json *c;
	size_t i;
	int rc = 0;
	bool named = p->named;

	p->named = false;
	if (p->op == PATCH_REMOVE) {
		for (i = 0; rc == 0 && i < s->n; i++)
			rc = at_target(p, &(struct target){ .at = &s->attr[i] },
			    NULL);
	} else if (value == NULL || value->kind != JSON_IS_OBJECT) {
		rc = err_kind(p->e, ERR_INVALID, "invalidValue",
		    "%s: expected an object", s->urn);
	} else {
		for (c = value->child; rc == 0 && c != NULL; c = c->next)
			rc = apply(p, arena_printf(p->a, "%s:%s", s->urn,
			    c->name), c);
	}
	p->named = named;
	return rc;
}

static int apply(struct patching *p, const char *path,
    const struct json *value)
{
	const struct scim_schema *s = schema_of(p->r, path);
	struct scim_path sp;
	struct target t = { 0 };
	int rc;

	if (s != NULL)
		return whole_schema(p, s, value);
	if (scim_members_path(p->r, path))
		return 0;
	rc = scim_path_parse(p->a, path, &sp, p->e);
	if (rc != 0)
		return rc;
	t.at = scim_attr_find(p->r, &sp, &t.sub);
	t.filter = sp.value;
	return t.at == NULL ? unknown(p, path) : at_target(p, &t, value);
}

/* Without a path: every member of the value names its own target. */
static int pathless(struct patching *p, const struct json *value)
{
	const struct json *c;
	int rc = 0;

	if (p->op == PATCH_REMOVE)
		return err_kind(p->e, ERR_INVALID, "noTarget",
		    "remove needs a path");
	if (value == NULL || value->kind != JSON_IS_OBJECT)
		return err_kind(p->e, ERR_INVALID, "invalidValue",
		    "without a path the value must be an object");
	p->named = false;
	for (c = value->child; rc == 0 && c != NULL; c = c->next)
		rc = apply(p, c->name, c);
	return rc;
}

static int read_op(struct patching *p, const struct json *o)
{
	const char *op = json_member_str(o, "op");

	if (str_ieq(op == NULL ? "" : op, "add"))
		p->op = PATCH_ADD;
	else if (str_ieq(op == NULL ? "" : op, "remove"))
		p->op = PATCH_REMOVE;
	else if (str_ieq(op == NULL ? "" : op, "replace"))
		p->op = PATCH_REPLACE;
	else
		return err_kind(p->e, ERR_INVALID, "invalidSyntax",
		    "op: expected add, remove or replace");
	return 0;
}

static int one(struct patching *p, const struct json *o)
{
	const struct json *path = json_member(o, "path");
	const struct json *value = json_member(o, "value");
	int rc;

	if (o->kind != JSON_IS_OBJECT)
		return err_kind(p->e, ERR_INVALID, "invalidSyntax",
		    "expected an object with op, path and value");
	rc = read_op(p, o);
	if (rc != 0)
		return rc;
	if (path == NULL || path->kind == JSON_IS_NULL ||
	    (path->kind == JSON_IS_STRING && path->s[0] == '\0'))
		return pathless(p, value);
	if (path->kind != JSON_IS_STRING)
		return err_kind(p->e, ERR_INVALID, "invalidPath",
		    "path: expected a string");
	if (p->op != PATCH_REMOVE && value == NULL)
		return err_kind(p->e, ERR_INVALID, "invalidValue",
		    "%.64s: a value is missing", path->s);
	p->named = true;
	return apply(p, path->s, value);
}

int scim_patch_apply(struct arena *a, const struct scim_resource *r,
    const struct json *message, struct json *resource, struct err *e)
{
	const struct json *ops = json_member(message, "Operations");
	const struct json *o;
	struct patching p = { .a = a, .r = r, .resource = resource, .e = e };
	size_t n = 0, max = r->members != NULL ? SCIM_MEMBERS_OPERATIONS :
	    OPERATIONS_MAX;
	int rc = 0;

	if (ops == NULL || ops->kind != JSON_IS_ARRAY)
		return err_kind(e, ERR_INVALID, "invalidSyntax",
		    "expected a PatchOp message with an array Operations");
	if (ops->n > max)
		return err_kind(e, ERR_INVALID, "tooMany",
		    "more than %zu operations: send them in several requests",
		    max);
	p.tmp = arena_new();
	for (o = ops->child; rc == 0 && o != NULL; o = o->next) {
		n++;
		rc = one(&p, o);
	}
	arena_free(p.tmp);
	if (rc != 0)
		err_wrap(e, "operation %zu", n);
	return rc;
}
