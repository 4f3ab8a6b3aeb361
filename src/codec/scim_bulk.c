/* SPDX-License-Identifier: ISC */
#include "codec/scim_bulk.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "codec/scim_bulk_p.h"

#define MARK "bulkId:"
#define ID_MAX 256		/* bytes of a bulkId */
#define MARK_LEN (sizeof(MARK) - 1)
#define BASE "/scim/v2/"
#define PATCH_URN "urn:ietf:params:scim:api:messages:2.0:PatchOp"

/* --- references in strings ------------------------------------------------ */

/* One reference in a string: what stands before it, its bulkId, what stands
 * behind. */
struct found {
	const char *id;
	size_t from, to;	/* of the whole reference */
};

/* The next one at or behind `at'; name is the member's that has the string. */
static bool next_ref(struct arena *a, const char *name, const char *s,
    size_t at, struct found *out)
{
	const char *p = s + at, *end;
	bool path = name != NULL && strcasecmp(name, "path") == 0;

	if (path) {
		p = strstr(p, "\"" MARK);
		if (p == NULL || (end = strchr(++p, '"')) == NULL)
			return false;
	} else {
		if (at != 0)
			return false;
		if (name != NULL && strcasecmp(name, "$ref") == 0 &&
		    strrchr(s, '/') != NULL)
			p = strrchr(s, '/') + 1;
		if (!str_starts(p, MARK))
			return false;
		end = p + strlen(p);
	}
	out->from = (size_t)(p - s);
	out->to = (size_t)(end - s);
	out->id = arena_strndup(a, p + MARK_LEN,
	    out->to - out->from - MARK_LEN);
	return true;
}

const char *scim_bulk_target(const struct scim_bulk_op *op)
{
	const char *last = strrchr(op->path, '/');

	return last != NULL && str_starts(last + 1, MARK) ?
	    last + 1 + MARK_LEN : NULL;
}

const struct scim_bulk_op *scim_bulk_find(const struct scim_bulk *b,
    const char *id)
{
	return map_get(b->ids, id);
}

static size_t index_of(const struct scim_bulk *b,
    const struct scim_bulk_op *op)
{
	return (size_t)(op - b->op);
}

/* --- reading -------------------------------------------------------------- */

struct reading {
	struct arena *a;
	struct scim_bulk *b;
	size_t *seen;		/* by op: 1 + the last one that refers to it */
};

/* "https://host/scim/v2/Users", "Users" -> "/Users". */
static const char *below_base(struct arena *a, const char *path)
{
	const char *p = strstr(path, BASE), *scheme = strstr(path, "://");

	if (p != NULL)
		return p + strlen(BASE) - 1;
	if (scheme != NULL) {
		p = strchr(scheme + 3, '/');
		return p != NULL ? p : "/";
	}
	return *path == '/' ? path : arena_printf(a, "/%s", path);
}

/* A string member; anything else there is wrong. */
static const char *text(struct scim_bulk_op *op, const struct json *j,
    const char *name)
{
	const struct json *m = json_member(j, name);

	if (m == NULL || m->kind == JSON_IS_NULL)
		return NULL;
	if (m->kind == JSON_IS_STRING)
		return m->s;
	op->wrong = "method, path, bulkId and version must be strings";
	return NULL;
}

static const char *known_method(const char *method)
{
	static const char *const known[] = { "POST", "PUT", "PATCH", "DELETE" };
	size_t i;

	for (i = 0; method != NULL && i < 4; i++)
		if (strcasecmp(method, known[i]) == 0)
			return known[i];
	return NULL;
}

static void read_op(struct reading *rd, const struct json *j,
    struct scim_bulk_op *op)
{
	const char *method = known_method(text(op, j, "method"));
	const char *path = text(op, j, "path");
	const struct json *data = json_member(j, "data");

	op->method = method != NULL ? method : "";
	op->path = path != NULL ? below_base(rd->a, path) : "";
	op->bulk_id = text(op, j, "bulkId");
	op->version = text(op, j, "version");
	if (op->bulk_id != NULL && strlen(op->bulk_id) > ID_MAX) {
		op->wrong = "bulkId is longer than 256 bytes";
		op->bulk_id = NULL;
	}
	if (op->wrong != NULL)
		return;
	if (j->kind != JSON_IS_OBJECT)
		op->wrong = "an operation must be an object with method, path "
		    "and data";
	else if (method == NULL)
		op->wrong = "method must be POST, PUT, PATCH or DELETE";
	else if (path == NULL)
		op->wrong = "path is missing: name the resource, as /Users or "
		    "/Users/ID";
	else if (strcmp(method, "POST") == 0 && (op->bulk_id == NULL ||
	    *op->bulk_id == '\0'))
		op->wrong = "a POST needs a bulkId (RFC 7644 3.7)";
	else if (strcmp(method, "DELETE") != 0 &&
	    (data == NULL || data->kind != JSON_IS_OBJECT))
		op->wrong = "data must be an object";
	else if (strcmp(method, "DELETE") != 0)
		op->data = data;
}

static int read_ops(struct reading *rd, const struct json *list,
    struct err *e)
{
	struct map *all = map_new();
	const struct json *j;
	struct scim_bulk_op *op = rd->b->op;
	int rc = 0;

	for (j = list->child; j != NULL && rc == 0; j = j->next, op++) {
		read_op(rd, j, op);
		if (op->bulk_id == NULL)
			continue;
		if (map_put(all, op->bulk_id, op) != NULL)
			rc = err_kind(e, ERR_INVALID, "invalidValue",
			    "bulkId \"%.64s\" is there twice: each must be "
			    "one operation's", op->bulk_id);
		if (strcmp(op->method, "POST") == 0)
			map_put(rd->b->ids, op->bulk_id, op);
	}
	map_free(all, NULL);
	return rc;
}

static void add_ref(struct reading *rd, struct scim_bulk_op *op,
    const char *id)
{
	const struct scim_bulk_op *to = scim_bulk_find(rd->b, id);
	size_t n = op->n_refs, i;

	if (to == NULL) {
		if (op->unknown == NULL)
			op->unknown = id;
		return;
	}
	i = index_of(rd->b, to);
	if (rd->seen[i] == index_of(rd->b, op) + 1)
		return;
	rd->seen[i] = index_of(rd->b, op) + 1;
	/* Room is made when n is a power of two. */
	if ((n & (n - 1)) == 0)
		op->ref = arena_grow(rd->a, op->ref, n, n == 0 ? 1 : 2 * n,
		    sizeof(*op->ref));
	op->ref[op->n_refs++] = i;
}

static void find_refs(struct reading *rd, struct scim_bulk_op *op,
    const struct json *j)
{
	const struct json *c;
	struct found f = { .to = 0 };

	if (j->kind == JSON_IS_STRING)
		while (next_ref(rd->a, j->name, j->s, f.to, &f))
			add_ref(rd, op, f.id);
	for (c = j->child; c != NULL; c = c->next)
		find_refs(rd, op, c);
}

static void refer(struct reading *rd)
{
	size_t i;

	for (i = 0; i < rd->b->n; i++) {
		struct scim_bulk_op *op = &rd->b->op[i];

		if (op->wrong != NULL)
			continue;
		if (scim_bulk_target(op) != NULL)
			add_ref(rd, op, scim_bulk_target(op));
		if (op->data != NULL)
			find_refs(rd, op, op->data);
	}
}

static int read_fail_on_errors(const struct json *message, int64_t *out,
    struct err *e)
{
	const struct json *j = json_member(message, "failOnErrors");

	*out = 0;
	if (j == NULL || j->kind == JSON_IS_NULL)
		return 0;
	*out = j->kind == JSON_IS_INT ? j->i : 0;
	return *out >= 1 ? 0 : err_kind(e, ERR_INVALID, "invalidValue",
	    "failOnErrors must be a number from 1: leave it out to go on "
	    "whatever fails");
}

int scim_bulk_read(struct arena *a, const struct json *message, size_t max,
    struct scim_bulk *out, struct err *e)
{
	const struct json *list = json_member(message, "Operations");
	struct reading rd = { .a = a, .b = out };
	int rc;

	*out = (struct scim_bulk){ .n = 0 };
	if (list == NULL || list->kind != JSON_IS_ARRAY)
		return err_kind(e, ERR_INVALID, "invalidSyntax", "expected a "
		    "BulkRequest message with an array Operations");
	if (list->n > max)
		return err_set(e, ERR_LIMIT, "%zu operations: at most %zu in "
		    "one request (maxOperations)", list->n, max);
	rc = read_fail_on_errors(message, &out->fail_on_errors, e);
	if (rc != 0)
		return rc;
	out->n = list->n;
	out->op = arena_array(a, out->n, sizeof(*out->op));
	out->ids = map_new();
	rd.seen = arena_array(a, out->n, sizeof(*rd.seen));
	rc = read_ops(&rd, list, e);
	if (rc != 0)
		return rc;
	refer(&rd);
	scim_bulk_plan(a, out);
	return 0;
}

void scim_bulk_fini(struct scim_bulk *b)
{
	map_free(b->ids, NULL);
	b->ids = NULL;
}

/* --- putting in ----------------------------------------------------------- */

struct putting {
	struct arena *a;
	const struct scim_bulk *b;
	const struct scim_bulk_names *names;
	bool *held;		/* by op */
};

static struct putting putting(struct arena *a, const struct scim_bulk *b,
    size_t i, const struct scim_bulk_names *names)
{
	struct putting p = { a, b, names, arena_array(a, b->n,
	    sizeof(bool)) };
	size_t k;

	for (k = 0; k < b->op[i].n_held; k++)
		p.held[b->op[i].held[k]] = true;
	return p;
}

/* A value inside quotes. */
static void put_quoted(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
}

static const char *put_string(const struct putting *p, const char *name,
    const char *s)
{
	bool url = name != NULL && strcasecmp(name, "$ref") == 0;
	bool path = name != NULL && strcasecmp(name, "path") == 0;
	struct found f = { .to = 0 };
	struct buf out;
	size_t at = 0;

	if (!next_ref(p->a, name, s, 0, &f))
		return s;
	buf_init(&out, SIZE_MAX / 2);
	do {
		const char *v = p->names->of(p->names->ctx, index_of(p->b,
		    scim_bulk_find(p->b, f.id)), !url);

		buf_put(&out, s + at, f.from - at);
		if (path)
			put_quoted(&out, v);
		else
			buf_puts(&out, v);
		at = f.to;
	} while (next_ref(p->a, name, s, at, &f));
	buf_puts(&out, s + at);
	s = arena_strdup(p->a, buf_str(&out));
	buf_fini(&out);
	return s;
}

static struct json *put_all(const struct putting *p, const struct json *j)
{
	struct json *d = json_new(p->a, j->kind);
	const struct json *c;

	d->name = j->name;
	d->b = j->b;
	d->i = j->i;
	d->r = j->r;
	d->s = j->kind == JSON_IS_STRING ? put_string(p, j->name, j->s) : NULL;
	for (c = j->child; c != NULL; c = c->next)
		json_push(d, put_all(p, c));
	return d;
}

/* Does j name something that its resource is made without at first? */
static bool is_held(const struct putting *p, const struct json *j)
{
	const struct json *c;
	struct found f = { .to = 0 };

	if (j->kind == JSON_IS_STRING)
		while (next_ref(p->a, j->name, j->s, f.to, &f))
			if (p->held[index_of(p->b, scim_bulk_find(p->b,
			    f.id))])
				return true;
	for (c = j->child; c != NULL; c = c->next)
		if (is_held(p, c))
			return true;
	return false;
}

static bool is_schema(const struct json *j)
{
	return j->kind == JSON_IS_OBJECT && str_istarts(j->name, "urn:");
}

/* The elements that are held, or those that are not; NULL: none of them. */
static struct json *part_of_list(const struct putting *p,
    const struct json *list, bool held)
{
	struct json *d = json_new(p->a, JSON_IS_ARRAY);
	const struct json *c;

	d->name = list->name;
	for (c = list->child; c != NULL; c = c->next)
		if (is_held(p, c) == held)
			json_push(d, put_all(p, c));
	return d->n != 0 || (!held && list->n == 0) ? d : NULL;
}

static struct json *part_of_attr(const struct putting *p,
    const struct json *j, bool held)
{
	if (j->kind == JSON_IS_ARRAY)
		return part_of_list(p, j, held);
	return is_held(p, j) == held ? put_all(p, j) : NULL;
}

/* The attributes of a resource without what is held. */
static struct json *first_part(const struct putting *p, const struct json *j)
{
	struct json *d = json_new(p->a, JSON_IS_OBJECT), *v;
	const struct json *c;

	d->name = j->name;
	for (c = j->child; c != NULL; c = c->next) {
		v = is_schema(c) ? first_part(p, c) : part_of_attr(p, c,
		    false);
		if (v != NULL)
			json_push(d, v);
	}
	return d;
}

/* An operation of a PATCH for each attribute with something held. */
static void rest_part(const struct putting *p, const struct json *j,
    struct json *ops)
{
	struct json *op, *v;
	const struct json *c;

	for (c = j->child; c != NULL; c = c->next) {
		if (is_schema(c)) {
			rest_part(p, c, ops);
			continue;
		}
		v = part_of_attr(p, c, true);
		if (v == NULL)
			continue;
		op = json_push(ops, json_new(p->a, JSON_IS_OBJECT));
		json_put(p->a, op, "op", json_new_str(p->a, "add"));
		json_put(p->a, op, "path", json_new_str(p->a,
		    j->name != NULL && is_schema(j) ? arena_printf(p->a,
		    "%s:%s", j->name, c->name) : c->name));
		json_put(p->a, op, "value", v);
	}
}

const char *scim_bulk_path(struct arena *a, const struct scim_bulk *b,
    size_t i, const struct scim_bulk_names *names)
{
	const char *id = scim_bulk_target(&b->op[i]), *path = b->op[i].path;

	if (id == NULL)
		return path;
	return arena_printf(a, "%.*s%s", (int)(id - MARK_LEN - path), path,
	    names->of(names->ctx, index_of(b, scim_bulk_find(b, id)), false));
}

struct json *scim_bulk_data(struct arena *a, const struct scim_bulk *b,
    size_t i, const struct scim_bulk_names *names)
{
	struct putting p = putting(a, b, i, names);

	return b->op[i].n_held == 0 ? put_all(&p, b->op[i].data) :
	    first_part(&p, b->op[i].data);
}

struct json *scim_bulk_rest(struct arena *a, const struct scim_bulk *b,
    size_t i, const struct scim_bulk_names *names)
{
	struct putting p = putting(a, b, i, names);
	struct json *j = json_new(a, JSON_IS_OBJECT);

	json_push(json_put(a, j, "schemas", json_new(a, JSON_IS_ARRAY)),
	    json_new_str(a, PATCH_URN));
	rest_part(&p, b->op[i].data, json_put(a, j, "Operations",
	    json_new(a, JSON_IS_ARRAY)));
	return j;
}
