/* SPDX-License-Identifier: ISC */
#include "codec/scim_members.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/scim_filter.h"
#include "codec/scim_kind.h"
#include "codec/scim_patch_p.h"

#define FILTERS_MAX 64

enum members_op { MEMBERS_ADD, MEMBERS_REMOVE, MEMBERS_REPLACE };

struct saying {
	struct arena *a, *tmp;		/* tmp: emptied after each operation */
	const struct scim_resource *r;
	struct scim_members *m;
	enum members_op op;
	bool named;			/* by a path, not by a value's name */
	struct err *e;
};

/* --- names ---------------------------------------------------------------- */

bool scim_members_path(const struct scim_resource *r, const char *path)
{
	size_t n, i;

	if (r->members == NULL || path == NULL)
		return false;
	n = strlen(r->members->name);
	for (i = strcspn(path, "["); i > 0; i--)
		if (path[i - 1] == ':')
			break;
	path += i;
	return str_istarts(path, r->members->name) &&
	    strchr(".[", path[n]) != NULL;
}

static bool is_core(const struct scim_resource *r, const char *name)
{
	return str_ieq(name, r->schema[0].urn);
}

/* --- what is said ---------------------------------------------------------- */

static void name_one(struct saying *s, const uint8_t uuid[16], bool present)
{
	struct scim_members *m = s->m;

	if (m->n == m->cap) {
		size_t cap = m->cap == 0 ? 16 : m->cap * 2;

		m->v = arena_grow(s->a, m->v, m->cap, cap, sizeof(*m->v));
		m->cap = cap;
	}
	m->v[m->n] = (struct scim_member){ .present = present,
		.added = present, .no = ++m->no };
	memcpy(m->v[m->n++].uuid, uuid, 16);
}

/* What was said before this counts no more. */
static void clear(struct scim_members *m)
{
	m->cleared = true;
	m->n = m->n_filters = 0;
}

static int no_value(struct saying *s)
{
	return err_kind(s->e, ERR_INVALID, "invalidValue", "%s: expected "
	    "[{\"value\": \"an id\"}]", s->r->members->name);
}

static int nested(struct saying *s, const char *id)
{
	return err_kind(s->e, ERR_INVALID, "invalidValue", "%s: %.64s is a "
	    "%s: nested groups are not supported, name the people in it",
	    s->r->members->name, id, s->r->name);
}

static int unknown_id(struct saying *s, const char *id)
{
	return err_kind(s->e, ERR_INVALID, "invalidValue", "%s: there is no "
	    "%s with the id \"%.64s\"", s->r->members->name,
	    s->r->members->refers, id);
}

static int one(struct saying *s, const struct json *el, bool present)
{
	const char *type = json_member_str(el, "type"), *id;
	uint8_t uuid[16];

	id = el->kind == JSON_IS_STRING ? el->s : json_member_str(el, "value");
	if (id == NULL)
		return no_value(s);
	if (present && type != NULL && str_ieq(type, s->r->name))
		return nested(s, id);
	if (str_uuid(id, uuid))
		name_one(s, uuid, present);
	else if (present)
		return unknown_id(s, id);
	return 0;
}

/* A list, or the one element of it. */
static int each(struct saying *s, const struct json *value, bool present)
{
	const struct json *el;
	int rc = 0;

	if (value->kind != JSON_IS_ARRAY)
		return one(s, value, present);
	for (el = value->child; rc == 0 && el != NULL; el = el->next)
		rc = one(s, el, present);
	return rc;
}

static bool none(const struct json *value)
{
	return value == NULL || value->kind == JSON_IS_NULL;
}

static int whole(struct saying *s, const struct json *value)
{
	if (s->op == MEMBERS_REPLACE ||
	    (s->op == MEMBERS_REMOVE && none(value)))
		clear(s->m);
	return none(value) ? 0 : each(s, value, s->op != MEMBERS_REMOVE);
}

/* --- members[...] ------------------------------------------------------------ */

/* value eq "x", also several joined by or: names. */
static bool only_ids(const struct filter *f)
{
	if (f->op == FILTER_OR)
		return only_ids(f->left) && only_ids(f->right);
	return f->op == FILTER_EQ && f->type != FT_NULL &&
	    f->path.urn == NULL && f->path.sub == NULL &&
	    f->path.value == NULL && str_ieq(f->path.attr, "value");
}

static int ids_of(struct saying *s, const struct filter *f, bool present)
{
	const struct json id = { .kind = JSON_IS_STRING, .s = f->s };
	int rc;

	if (f->op != FILTER_OR)
		return one(s, &id, present);
	rc = ids_of(s, f->left, present);
	return rc != 0 ? rc : ids_of(s, f->right, present);
}

static struct json *element(struct arena *a, const struct scim_resource *r,
    const char *id, const char *display)
{
	struct json *el = json_new(a, JSON_IS_OBJECT);

	json_put(a, el, "value", json_new_str(a, id));
	if (display != NULL && *display != '\0')
		json_put(a, el, "display", json_new_str(a, display));
	json_put(a, el, "type", json_new_str(a, r->members->refers));
	return el;
}

/* Any other filter is asked of who is there: keep it. */
static int keep_filter(struct saying *s, const char *path)
{
	struct scim_members *m = s->m;
	struct scim_path sp;
	bool unused;
	int rc = scim_path_parse(s->a, path, &sp, s->e);

	if (rc == 0)
		rc = scim_patch_meets(s->tmp, s->r->members,
		    element(s->tmp, s->r, "", NULL), sp.value, &unused, s->e);
	if (rc != 0)
		return rc;
	if (m->n_filters == FILTERS_MAX)
		return err_kind(s->e, ERR_INVALID, "tooMany", "more than %d "
		    "filters over %s: send them in several requests",
		    FILTERS_MAX, s->r->members->name);
	if (m->filter == NULL)
		m->filter = arena_array(s->a, FILTERS_MAX,
		    sizeof(*m->filter));
	m->filter[m->n_filters++] = (struct scim_member_filter){ sp.value,
		++m->no };
	return 0;
}

/* Does the value bring ids of its own? One is all there is to a member. */
static bool names(const struct json *value)
{
	return !none(value) && (value->kind != JSON_IS_OBJECT ||
	    json_member(value, "value") != NULL);
}

static int filtered(struct saying *s, const char *path,
    const struct filter *f, const struct json *value)
{
	int rc;

	if (s->op == MEMBERS_REMOVE)
		return only_ids(f) ? ids_of(s, f, false) :
		    keep_filter(s, path);
	if (f->op == FILTER_OR || !only_ids(f))
		return err_kind(s->e, ERR_INVALID, "noTarget", "%s: a member "
		    "can be made only from value eq \"an id\"",
		    s->r->members->name);
	rc = s->op == MEMBERS_REPLACE ? ids_of(s, f, false) : 0;
	if (rc == 0)
		rc = names(value) ? each(s, value, true) : ids_of(s, f, true);
	return rc;
}

/* --- operations --------------------------------------------------------------- */

static int say_path(struct saying *s, const char *path,
    const struct json *value)
{
	const struct scim_attr *at, *sub;
	struct scim_path sp;
	int rc = scim_path_parse(s->tmp, path, &sp, s->e);

	if (rc != 0)
		return rc;
	at = scim_attr_find(s->r, &sp, &sub);
	if (at != s->r->members)
		return !s->named ? 0 : err_kind(s->e, ERR_INVALID,
		    "invalidPath", "path: %s has no attribute %.64s",
		    s->r->name, path);
	if (sub != NULL)
		return err_kind(s->e, ERR_INVALID, "mutability", "%s.%s can't "
		    "be changed: add and remove whole members", at->name,
		    sub->name);
	s->m->spoken = true;
	return sp.value != NULL ? filtered(s, path, sp.value, value) :
	    whole(s, value);
}

/* The members of an object: of a value without path, or of the schema. */
static int say_object(struct saying *s, const struct json *obj)
{
	const struct json *c = obj != NULL && obj->kind == JSON_IS_OBJECT ?
	    obj->child : NULL;
	int rc = 0;

	s->named = false;
	for (; rc == 0 && c != NULL; c = c->next) {
		if (is_core(s->r, c->name))
			rc = say_object(s, c);
		else if (scim_members_path(s->r, c->name))
			rc = say_path(s, c->name, c);
	}
	return rc;
}

static bool read_op(struct saying *s, const struct json *o)
{
	const char *op = json_member_str(o, "op");

	s->op = str_ieq(op, "remove") ? MEMBERS_REMOVE :
	    str_ieq(op, "replace") ? MEMBERS_REPLACE : MEMBERS_ADD;
	return op != NULL && (s->op != MEMBERS_ADD || str_ieq(op, "add"));
}

/* What is no operation at all is scim_patch's to say. */
static int say(struct saying *s, const struct json *o)
{
	const char *path = json_member_str(o, "path");
	const struct json *value = json_member(o, "value");

	if (!read_op(s, o))
		return 0;
	if (path == NULL || *path == '\0')
		return s->op == MEMBERS_REMOVE ? 0 : say_object(s, value);
	if (is_core(s->r, path) && s->op != MEMBERS_REMOVE)
		return say_object(s, value);
	if (is_core(s->r, path)) {
		s->m->spoken = true;
		clear(s->m);
		return 0;
	}
	if (!scim_members_path(s->r, path))
		return 0;
	s->named = true;
	if (s->op != MEMBERS_REMOVE && value == NULL)
		return no_value(s);
	return say_path(s, path, value);
}

/* --- in the end ----------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
	const struct scim_member *a = x, *b = y;
	int cmp = memcmp(a->uuid, b->uuid, 16);

	return cmp != 0 ? cmp : a->no < b->no ? -1 : a->no > b->no;
}

/* Of each id the last word. */
static void settle(struct scim_members *m)
{
	size_t i, n = 0;

	if (m->n > 0)
		qsort(m->v, m->n, sizeof(*m->v), by_id);
	for (i = 0; i < m->n; i++) {
		if (n > 0 && memcmp(m->v[n - 1].uuid, m->v[i].uuid, 16) == 0) {
			m->v[i].added |= m->v[n - 1].added;
			n--;
		}
		m->v[n++] = m->v[i];
	}
	m->n = n;
}

int scim_members_patch(struct arena *a, const struct scim_resource *r,
    const struct json *message, struct scim_members *out, struct err *e)
{
	struct saying s = { .a = a, .r = r, .m = out, .e = e };
	const struct json *o = json_member(message, "Operations");
	size_t n = 0;
	int rc = 0;

	*out = (struct scim_members){ 0 };
	if (r->members == NULL || o == NULL || o->kind != JSON_IS_ARRAY ||
	    o->n > SCIM_MEMBERS_OPERATIONS)
		return 0;
	s.tmp = arena_new();
	for (o = o->child; rc == 0 && o != NULL; o = o->next) {
		n++;
		rc = say(&s, o);
		arena_reset(s.tmp);
	}
	arena_free(s.tmp);
	if (rc != 0)
		return err_wrap(e, "operation %zu", n);
	settle(out);
	return 0;
}

int scim_members_body(struct arena *a, const struct scim_resource *r,
    const struct json *body, bool replace, struct scim_members *out,
    struct err *e)
{
	struct saying s = { .a = a, .r = r, .m = out, .op = MEMBERS_ADD,
		.e = e };
	int rc;

	*out = (struct scim_members){ 0 };
	if (r->members == NULL)
		return 0;
	s.tmp = arena_new();
	rc = say_object(&s, body);
	arena_free(s.tmp);
	if (rc != 0)
		return rc;
	settle(out);
	out->spoken |= replace;
	out->cleared |= replace;
	return 0;
}

/* --- asking ------------------------------------------------------------------ */

static int id_cmp(const void *uuid, const void *member)
{
	return memcmp(uuid, ((const struct scim_member *)member)->uuid, 16);
}

const struct scim_member *scim_members_find(const struct scim_members *m,
    const uint8_t uuid[16])
{
	return m->n == 0 ? NULL : bsearch(uuid, m->v, m->n, sizeof(*m->v),
	    id_cmp);
}

/* Is there a filter behind no that picks it? Names in it were checked. */
static bool picked(struct arena *a, const struct scim_resource *r,
    const struct scim_members *m, const uint8_t uuid[16],
    const char *display, size_t no)
{
	bool meets = false;
	char id[37];
	size_t i;

	str_uuid_text(uuid, id);
	for (i = 0; i < m->n_filters && !meets; i++)
		if (m->filter[i].no > no)
			scim_patch_meets(a, r->members, element(a, r, id,
			    display), m->filter[i].f, &meets, NULL);
	return meets;
}

bool scim_members_want(struct arena *a, const struct scim_resource *r,
    const struct scim_members *m, const uint8_t uuid[16], bool is_member,
    const char *display)
{
	const struct scim_member *said = scim_members_find(m, uuid);

	if (said != NULL ? !said->present : m->cleared || !is_member)
		return false;
	return !picked(a, r, m, uuid, display, said != NULL ? said->no : 0);
}
