/* SPDX-License-Identifier: ISC */
#include "codec/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define DEPTH_MAX 32
#define VALUES_FREE 100000	/* behind these a value ... */
#define VALUE_BYTES 8		/* ... must have as many bytes on average */

/* Nesting and number of values are measured before jansson sees the text: its
 * own limit is 2,048 levels, a million brackets shall cost nothing, and "0,"
 * takes a hundred times its length in memory. */
static int check_size(const char *text, size_t len, struct err *e)
{
	size_t i, values = 0;
	int depth = 0;
	bool quoted = false;

	for (i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == ',') {
			values++;
		} else if (c == '[' || c == '{') {
			values++;
			if (++depth > DEPTH_MAX)
				return err_kind(e, ERR_INVALID, "invalidSyntax",
				    "JSON: nested deeper than %d levels at "
				    "byte %zu", DEPTH_MAX, i + 1);
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	if (values <= VALUES_FREE || values <= len / VALUE_BYTES)
		return 0;
	return err_set(e, ERR_LIMIT, "JSON: %zu values: too many for one "
	    "text of this length: send it in several requests", values);
}

static int by_name(const void *x, const void *y)
{
	return strcasecmp((*(struct json *const *)x)->name,
	    (*(struct json *const *)y)->name);
}

/* jansson finds equal names; names that differ in case only are the same
 * attribute to SCIM and as ambiguous. */
static int check_names(struct arena *a, const struct json *obj, struct err *e)
{
	const struct json **v;
	const struct json *c;
	size_t i = 0;

	if (obj->n < 2)
		return 0;
	v = arena_array(a, obj->n, sizeof(*v));
	for (c = obj->child; c != NULL; c = c->next)
		v[i++] = c;
	qsort(v, i, sizeof(*v), by_name);
	for (i = 1; i < obj->n; i++)
		if (strcasecmp(v[i - 1]->name, v[i]->name) == 0)
			return err_kind(e, ERR_INVALID, "invalidSyntax",
			    "JSON: member \"%.64s\" appears twice",
			    v[i]->name);
	return 0;
}

static int convert(struct arena *a, json_t *in, struct json **out,
    struct err *e);

static int convert_object(struct arena *a, json_t *in, struct json *j,
    struct err *e)
{
	const char *name;
	json_t *value;
	int rc;

	json_object_foreach(in, name, value) {
		struct json *c;

		rc = convert(a, value, &c, e);
		if (rc != 0)
			return rc;
		c->name = arena_strdup(a, name);
		json_push(j, c);
	}
	return check_names(a, j, e);
}

static int convert_array(struct arena *a, json_t *in, struct json *j,
    struct err *e)
{
	size_t i;
	json_t *value;
	int rc;

	json_array_foreach(in, i, value) {
		struct json *c;

		rc = convert(a, value, &c, e);
		if (rc != 0)
			return rc;
		json_push(j, c);
	}
	return 0;
}

static int convert(struct arena *a, json_t *in, struct json **out,
    struct err *e)
{
	struct json *j = json_new(a, JSON_IS_NULL);

	*out = j;
	switch (json_typeof(in)) {
	case JSON_OBJECT:
		j->kind = JSON_IS_OBJECT;
		return convert_object(a, in, j, e);
	case JSON_ARRAY:
		j->kind = JSON_IS_ARRAY;
		return convert_array(a, in, j, e);
	case JSON_STRING:
		j->kind = JSON_IS_STRING;
		j->s = arena_strdup(a, json_string_value(in));
		return 0;
	case JSON_INTEGER:
		j->kind = JSON_IS_INT;
		j->i = json_integer_value(in);
		return 0;
	case JSON_REAL:
		j->kind = JSON_IS_REAL;
		j->r = json_real_value(in);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		j->kind = JSON_IS_BOOL;
		j->b = json_is_true(in);
		return 0;
	case JSON_NULL:
		break;
	}
	return 0;
}

int json_parse(struct arena *a, const char *text, size_t len,
    struct json **out, struct err *e)
{
	json_error_t je;
	json_t *root;
	int rc;

	*out = NULL;
	rc = check_size(text, len, e);
	if (rc != 0)
		return rc;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	if (root == NULL)
		return err_kind(e, ERR_INVALID, "invalidSyntax",
		    "JSON: line %d, column %d: %.120s", je.line, je.column,
		    je.text);
	rc = convert(a, root, out, e);
	json_decref(root);
	if (rc != 0)
		*out = NULL;
	return rc;
}

struct json *json_member(const struct json *j, const char *name)
{
	struct json *c;

	if (j == NULL || j->kind != JSON_IS_OBJECT)
		return NULL;
	for (c = j->child; c != NULL; c = c->next)
		if (str_ieq(c->name, name))
			return c;
	return NULL;
}

const char *json_member_str(const struct json *j, const char *name)
{
	const struct json *c = json_member(j, name);

	return c != NULL && c->kind == JSON_IS_STRING ? c->s : NULL;
}

bool json_member_bool(const struct json *j, const char *name, bool dflt)
{
	const struct json *c = json_member(j, name);

	return c != NULL && c->kind == JSON_IS_BOOL ? c->b : dflt;
}

int64_t json_member_int(const struct json *j, const char *name, int64_t dflt)
{
	const struct json *c = json_member(j, name);

	return c != NULL && c->kind == JSON_IS_INT ? c->i : dflt;
}

static bool same_children(const struct json *x, const struct json *y)
{
	const struct json *c, *d = y->child;

	if (x->n != y->n)
		return false;
	for (c = x->child; c != NULL; c = c->next) {
		if (x->kind == JSON_IS_OBJECT)
			d = json_member(y, c->name);
		if (d == NULL || !json_same(c, d))
			return false;
		d = d->next;
	}
	return true;
}

bool json_same(const struct json *x, const struct json *y)
{
	if (x == NULL || y == NULL)
		return x == y;
	if (x->kind != y->kind)
		return false;
	switch (x->kind) {
	case JSON_IS_NULL:
		return true;
	case JSON_IS_BOOL:
		return x->b == y->b;
	case JSON_IS_INT:
		return x->i == y->i;
	case JSON_IS_REAL:
		return x->r >= y->r && x->r <= y->r;
	case JSON_IS_STRING:
		return strcmp(x->s, y->s) == 0;
	case JSON_IS_ARRAY:
	case JSON_IS_OBJECT:
		break;
	}
	return same_children(x, y);
}

struct json *json_new(struct arena *a, enum json_kind kind)
{
	struct json *j = arena_alloc(a, sizeof(*j));

	j->kind = kind;
	return j;
}

struct json *json_new_str(struct arena *a, const char *s)
{
	struct json *j = json_new(a, JSON_IS_STRING);

	j->s = arena_strdup(a, s);
	return j;
}

struct json *json_new_int(struct arena *a, int64_t i)
{
	struct json *j = json_new(a, JSON_IS_INT);

	j->i = i;
	return j;
}

struct json *json_new_bool(struct arena *a, bool b)
{
	struct json *j = json_new(a, JSON_IS_BOOL);

	j->b = b;
	return j;
}

struct json *json_push(struct json *arr, struct json *value)
{
	value->next = NULL;
	if (arr->last == NULL)
		arr->child = value;
	else
		arr->last->next = value;
	arr->last = value;
	arr->n++;
	return value;
}

struct json *json_put(struct arena *a, struct json *obj, const char *name,
    struct json *value)
{
	struct json *c, *prev = NULL;

	value->name = arena_strdup(a, name);
	for (c = obj->child; c != NULL; prev = c, c = c->next)
		if (str_ieq(c->name, name))
			break;
	if (c == NULL)
		return json_push(obj, value);
	value->next = c->next;
	if (prev == NULL)
		obj->child = value;
	else
		prev->next = value;
	if (obj->last == c)
		obj->last = value;
	return value;
}

void json_remove(struct json *parent, const struct json *child)
{
	struct json *c, *prev = NULL;

	for (c = parent->child; c != NULL && c != child; c = c->next)
		prev = c;
	if (c == NULL)
		return;
	if (prev == NULL)
		parent->child = c->next;
	else
		prev->next = c->next;
	if (parent->last == c)
		parent->last = prev;
	parent->n--;
}

struct json *json_dup(struct arena *a, const struct json *j)
{
	struct json *d = json_new(a, j->kind);
	const struct json *c;

	d->name = j->name;
	d->b = j->b;
	d->i = j->i;
	d->r = j->r;
	d->s = j->s;
	for (c = j->child; c != NULL; c = c->next)
		json_push(d, json_dup(a, c));
	return d;
}

void json_text(struct buf *out, const char *s)
{
	const char *run = s;

	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(out, run, (size_t)(s - run));
		run = s + 1;
		switch (c) {
		case '"': buf_put(out, "\\\"", 2); break;
		case '\\': buf_put(out, "\\\\", 2); break;
		case '\n': buf_put(out, "\\n", 2); break;
		case '\r': buf_put(out, "\\r", 2); break;
		case '\t': buf_put(out, "\\t", 2); break;
		default: buf_printf(out, "\\u%04x", c);
		}
	}
	buf_put(out, run, (size_t)(s - run));
	buf_putc(out, '"');
}

static void write_real(struct buf *out, double r)
{
	char s[32];
	char *p;

	snprintf(s, sizeof(s), "%.17g", r);
	p = strchr(s, ',');
	if (p != NULL)
		*p = '.';
	buf_puts(out, s);
	if (strpbrk(s, ".eEn") == NULL)
		buf_puts(out, ".0");
}

/* level < 0: everything on one line. */
static void indent(struct buf *out, int level)
{
	if (level < 0)
		return;
	buf_putc(out, '\n');
	for (; level > 0; level--)
		buf_put(out, "  ", 2);
}

static void write_node(struct buf *out, const struct json *j, int level);

static void write_children(struct buf *out, const struct json *j, int level)
{
	const struct json *c;
	bool object = j->kind == JSON_IS_OBJECT;
	int inner = level < 0 ? level : level + 1;

	buf_putc(out, object ? '{' : '[');
	for (c = j->child; c != NULL; c = c->next) {
		if (c != j->child)
			buf_putc(out, ',');
		indent(out, inner);
		if (object) {
			json_text(out, c->name);
			buf_put(out, ": ", level < 0 ? 1 : 2);
		}
		write_node(out, c, inner);
	}
	if (j->child != NULL)
		indent(out, level);
	buf_putc(out, object ? '}' : ']');
}

static void write_node(struct buf *out, const struct json *j, int level)
{
	switch (j->kind) {
	case JSON_IS_NULL:
		buf_puts(out, "null");
		return;
	case JSON_IS_BOOL:
		buf_puts(out, j->b ? "true" : "false");
		return;
	case JSON_IS_INT:
		buf_printf(out, "%lld", (long long)j->i);
		return;
	case JSON_IS_REAL:
		write_real(out, j->r);
		return;
	case JSON_IS_STRING:
		json_text(out, j->s);
		return;
	case JSON_IS_ARRAY:
	case JSON_IS_OBJECT:
		break;
	}
	write_children(out, j, level);
}

void json_write(struct buf *out, const struct json *j)
{
	write_node(out, j, -1);
}

void json_write_pretty(struct buf *out, const struct json *j)
{
	write_node(out, j, 0);
}
