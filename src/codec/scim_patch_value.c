/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "codec/scim_kind.h"
#include "codec/scim_patch_p.h"

struct json *scim_patch_list(struct arena *a, const struct json *value)
{
	struct json *list;

	if (value->kind == JSON_IS_ARRAY)
		return json_dup(a, value);
	list = json_new(a, JSON_IS_ARRAY);
	if (value->kind != JSON_IS_NULL)
		json_push(list, json_dup(a, value));
	return list;
}

struct json *scim_patch_element(struct arena *a, const struct scim_attr *at,
    const struct json *value)
{
	struct json *el;

	if (value->kind == JSON_IS_OBJECT || at->n_sub == 0 ||
	    scim_sub(at, "value") == NULL)
		return json_dup(a, value);
	el = json_new(a, JSON_IS_OBJECT);
	json_put(a, el, "value", json_dup(a, value));
	return el;
}

/* --- what makes two elements the same ------------------------------------ */

static const char *text(struct arena *a, const struct json *j)
{
	if (j == NULL)
		return NULL;
	switch (j->kind) {
	case JSON_IS_STRING:
		return j->s;
	case JSON_IS_BOOL:
		return j->b ? "true" : "false";
	case JSON_IS_INT:
		return arena_printf(a, "%lld", (long long)j->i);
	case JSON_IS_REAL:
		return arena_printf(a, "%.17g", j->r);
	case JSON_IS_NULL:
	case JSON_IS_ARRAY:
	case JSON_IS_OBJECT:
		break;
	}
	return NULL;
}

static const char *key(struct arena *a, const struct scim_attr *at,
    const struct json *j)
{
	const char *s = text(a, j);

	return s == NULL ? NULL : scim_text_key(a, at, s);
}

static const char *value_key(struct arena *a, const struct scim_attr *at,
    const struct json *el)
{
	const struct scim_attr *value = scim_sub(at, "value");

	return key(a, value == NULL ? at : value, el->kind == JSON_IS_OBJECT ?
	    json_member(el, "value") : el);
}

static const char *type_key(struct arena *a, const struct scim_attr *at,
    const struct json *el)
{
	const char *type;

	if (at->how != SH_TYPED && at->how != SH_ADDRESS)
		return "";
	type = json_member_str(el, "type");
	return type == NULL ? "" : scim_fold(a, type);
}

/* NULL: an element that says nothing by which to know it. */
static const char *identity(struct arena *a, const struct scim_attr *at,
    const struct json *el)
{
	const char *value = value_key(a, at, el);

	if (value == NULL && at->how != SH_ADDRESS)
		return NULL;
	return arena_printf(a, "%s\x1f%s", value == NULL ? "" : value,
	    type_key(a, at, el));
}

/* --- changing lists ------------------------------------------------------ */

void scim_patch_merge(struct arena *a, const struct scim_attr *at,
    struct json *to, const struct json *from)
{
	const struct json *c;

	for (c = from->child; c != NULL; c = c->next) {
		const struct scim_attr *sub = scim_sub(at, c->name);
		struct json *was = json_member(to, c->name);

		if (sub != NULL && sub->multi && was != NULL &&
		    was->kind == JSON_IS_ARRAY)
			scim_patch_add(a, sub, was, scim_patch_list(a, c));
		else
			json_put(a, to, c->name, json_dup(a, c));
	}
}

bool scim_patch_is_primary(struct arena *a, const struct json *el)
{
	const char *s = text(a, json_member(el, "primary"));

	return s != NULL && str_ieq(s, "true");
}

void scim_patch_primary(struct arena *a, struct json *list,
    const struct json *el)
{
	struct json *c;

	if (!scim_patch_is_primary(a, el))
		return;
	for (c = list->child; c != NULL; c = c->next) {
		struct json *was = json_member(c, "primary");

		if (c != el && was != NULL)
			json_remove(c, was);
	}
}

void scim_patch_add(struct arena *a, const struct scim_attr *at,
    struct json *list, const struct json *elements)
{
	struct map *have = map_new();
	struct arena *tmp = arena_new();	/* of keys, which map copies */
	struct json *c;
	const struct json *new, *primary = NULL;

	for (c = list->child; c != NULL; c = c->next) {
		const char *id = identity(tmp, at, c);

		if (id != NULL)
			map_put(have, id, c);
		arena_reset(tmp);
	}
	for (new = elements->child; new != NULL; new = new->next) {
		struct json *el = scim_patch_element(a, at, new);
		const char *id = identity(tmp, at, el);
		struct json *was = id == NULL ? NULL : map_get(have, id);

		if (was == NULL) {
			json_push(list, el);
			if (id != NULL)
				map_put(have, id, el);
			was = el;
		} else if (el->kind == JSON_IS_OBJECT &&
		    was->kind == JSON_IS_OBJECT) {
			scim_patch_merge(a, at, was, el);
		}
		if (scim_patch_is_primary(a, was))
			primary = was;
		arena_reset(tmp);
	}
	if (primary != NULL)
		scim_patch_primary(a, list, primary);
	arena_free(tmp);
	map_free(have, NULL);
}

void scim_patch_take(struct arena *a, const struct scim_attr *at,
    struct json *list, const struct json *elements)
{
	struct json old = *list, *c, *next;
	struct map *gone = map_new(), *gone_any = map_new();
	struct arena *tmp = arena_new();
	const struct json *el;

	for (el = elements->child; el != NULL; el = el->next) {
		const char *id = identity(a, at, el);

		if (id == NULL)
			continue;
		map_put(gone, id, list);
		if (at->how != SH_ADDRESS && type_key(a, at, el)[0] == '\0')
			map_put(gone_any, value_key(a, at, el), list);
	}
	list->child = list->last = NULL;
	list->n = 0;
	for (c = old.child; c != NULL; c = next) {
		const char *id = identity(tmp, at, c);
		const char *value = value_key(tmp, at, c);

		next = c->next;
		if ((id == NULL || map_get(gone, id) == NULL) &&
		    (value == NULL || map_get(gone_any, value) == NULL))
			json_push(list, c);
		arena_reset(tmp);
	}
	arena_free(tmp);
	map_free(gone, NULL);
	map_free(gone_any, NULL);
}

/* --- filters over elements ----------------------------------------------- */

static bool compare(const struct filter *f, const char *x, const char *y)
{
	size_t n = strlen(x), k = strlen(y);

	switch (f->op) {
	case FILTER_EQ:
		return strcmp(x, y) == 0;
	case FILTER_NE:
		return strcmp(x, y) != 0;
	case FILTER_CO:
		return strstr(x, y) != NULL;
	case FILTER_SW:
		return k <= n && memcmp(x, y, k) == 0;
	case FILTER_EW:
		return k <= n && memcmp(x + n - k, y, k) == 0;
	case FILTER_GT:
		return strcmp(x, y) > 0;
	case FILTER_GE:
		return strcmp(x, y) >= 0;
	case FILTER_LT:
		return strcmp(x, y) < 0;
	case FILTER_LE:
		return strcmp(x, y) <= 0;
	default:
		return true;
	}
}

static int meets_term(struct arena *a, const struct scim_attr *at,
    const struct json *el, const struct filter *f, bool *out, struct err *e)
{
	const struct scim_attr *sub = scim_sub(at, f->path.attr);
	const struct json *j = el;
	const char *x;

	if (sub == NULL && (at->n_sub > 0 ||
	    !str_ieq(f->path.attr, "value")))
		return err_kind(e, ERR_INVALID, "invalidPath",
		    "path: %s has no sub-attribute %.64s", at->name,
		    f->path.attr);
	if (sub == NULL)
		sub = at;
	if (el->kind == JSON_IS_OBJECT)
		j = json_member(el, f->path.attr);
	x = key(a, sub, j);
	if (f->op == FILTER_PR || x == NULL || f->type == FT_NULL)
		*out = f->op == FILTER_PR ? j != NULL :
		    f->type == FT_NULL ? (x == NULL) == (f->op == FILTER_EQ) :
		    f->op == FILTER_NE;
	else
		*out = compare(f, x, sub->type == ST_BOOLEAN ?
		    scim_fold(a, f->s) : scim_text_key(a, sub, f->s));
	return 0;
}

int scim_patch_meets(struct arena *a, const struct scim_attr *at,
    const struct json *el, const struct filter *f, bool *out, struct err *e)
{
	bool right = false;
	int rc;

	if (f->op == FILTER_VALUE || f->path.value != NULL)
		return err_kind(e, ERR_INVALID, "invalidPath",
		    "path: a filter in [] can't stand inside another");
	if (f->op != FILTER_AND && f->op != FILTER_OR && f->op != FILTER_NOT)
		return meets_term(a, at, el, f, out, e);
	rc = scim_patch_meets(a, at, el, f->left, out, e);
	if (rc == 0 && f->op == FILTER_NOT)
		*out = !*out;
	if (rc != 0 || f->op == FILTER_NOT)
		return rc;
	rc = scim_patch_meets(a, at, el, f->right, &right, e);
	*out = f->op == FILTER_AND ? *out && right : *out || right;
	return rc;
}

static struct json *literal(struct arena *a, const struct filter *f)
{
	int64_t i;

	if (f->type == FT_BOOL)
		return json_new_bool(a, f->b);
	if (f->type == FT_NUMBER && str_int(f->s, &i))
		return json_new_int(a, i);
	return json_new_str(a, f->s);
}

bool scim_patch_satisfy(struct arena *a, const struct filter *f,
    struct json *el)
{
	if (f->op == FILTER_AND)
		return scim_patch_satisfy(a, f->left, el) &&
		    scim_patch_satisfy(a, f->right, el);
	if (f->op != FILTER_EQ || f->type == FT_NULL)
		return false;
	if (json_member(el, f->path.attr) == NULL)
		json_put(a, el, f->path.attr, literal(a, f));
	return true;
}
