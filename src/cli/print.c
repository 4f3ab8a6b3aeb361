/* SPDX-License-Identifier: ISC */
#include "cli/print.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/table.h"

#define MAX_TEXT ((size_t)256 << 20)
#define MAX_CELL ((size_t)1 << 20)

void print_json(const struct json *j)
{
	struct buf out;

	if (j == NULL)
		return;
	buf_init(&out, MAX_TEXT);
	json_write_pretty(&out, j);
	puts(buf_str(&out));
	buf_fini(&out);
}

static void collect(struct arena *a, struct buf *out, const struct json *j,
    const char *path)
{
	size_t n = strcspn(path, ".");
	const struct json *x;

	if (j == NULL || j->kind == JSON_IS_NULL)
		return;
	if (j->kind == JSON_IS_ARRAY) {
		for (x = j->child; x != NULL; x = x->next)
			collect(a, out, x, path);
		return;
	}
	if (*path != '\0') {
		collect(a, out, json_member(j, arena_strndup(a, path, n)),
		    path[n] == '.' ? path + n + 1 : path + n);
		return;
	}
	if (out->len != 0)
		buf_putc(out, ',');
	if (j->kind == JSON_IS_STRING)
		buf_puts(out, j->s);
	else
		json_write(out, j);
}

const char *print_cell(struct arena *a, const struct json *j,
    const char *path)
{
	const char *text = NULL, *or = strchr(path, '|');
	struct buf out;

	if (or != NULL) {
		text = print_cell(a, j, arena_strndup(a, path,
		    (size_t)(or - path)));
		return text != NULL ? text : print_cell(a, j, or + 1);
	}
	if (*path == '+') {
		j = json_member(j, USER_EXTENSION);
		path++;
	}
	buf_init(&out, MAX_CELL);
	collect(a, &out, j, path);
	if (out.len != 0)
		text = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

void print_list(struct arena *a, const struct json *list,
    const char *const *heads, const char *const *members)
{
	const struct json *x;
	struct table t;

	table_init(&t, a, heads);
	for (x = list ? list->child : NULL; x != NULL; x = x->next) {
		const char *cells[TABLE_COLUMNS];
		size_t i;

		for (i = 0; i < t.columns; i++)
			cells[i] = print_cell(a, x, members[i]);
		table_add(&t, cells);
	}
	table_print(&t);
}

static const char *upper(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p;

	for (p = out; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return out;
}

void print_any(struct arena *a, const struct json *list)
{
	const char *heads[TABLE_COLUMNS + 1] = { NULL };
	const char *members[TABLE_COLUMNS];
	const struct json *x, *m;
	size_t n = 0, i;

	for (x = list ? list->child : NULL; x != NULL; x = x->next)
		for (m = x->child; m != NULL && n < TABLE_COLUMNS;
		    m = m->next) {
			for (i = 0; i < n && !str_ieq(members[i], m->name); i++)
				;
			if (i < n || m->kind == JSON_IS_OBJECT)
				continue;
			members[n] = m->name;
			heads[n++] = upper(a, m->name);
		}
	if (n != 0)
		print_list(a, list, heads, members);
}

/* Values of a list with what belongs to each: "a@b (work)". */
static const char *values(struct arena *a, const struct json *list)
{
	static const char *const more[] = { "type", "display", "userName",
	    "accounts", "billing", "decision", "notBefore", "notAfter" };
	const struct json *x;
	struct buf out;
	const char *text;
	size_t i;

	buf_init(&out, MAX_CELL);
	for (x = list->child; x != NULL; x = x->next) {
		const char *value = x->kind == JSON_IS_OBJECT ? print_cell(a,
		    x, "value") : print_cell(a, x, "");
		size_t had;

		if (value == NULL)
			value = print_cell(a, x, "formatted");
		buf_printf(&out, "%s%s", x == list->child ? "" : ", ",
		    value ? value : "-");
		had = out.len;
		for (i = 0; x->kind == JSON_IS_OBJECT &&
		    i < sizeof(more) / sizeof(more[0]); i++) {
			const char *s = print_cell(a, x, more[i]);

			if (s != NULL)
				buf_printf(&out, "%s%s", out.len == had ?
				    " (" : "; ", s);
		}
		if (out.len != had)
			buf_putc(&out, ')');
	}
	text = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

static const char *under_of(struct arena *a, const char *under,
    const struct json *x)
{
	return str_starts(x->name, "urn:") ? under :
	    arena_printf(a, "%s%s.", under, x->name);
}

/* A list of things that have no name of their own to stand for them. */
static bool is_table(const struct json *x)
{
	return x->kind == JSON_IS_ARRAY && x->child != NULL &&
	    x->child->kind == JSON_IS_OBJECT &&
	    json_member(x->child, "value") == NULL &&
	    json_member(x->child, "formatted") == NULL;
}

void print_facts(struct arena *a, const struct json *j, const char *under)
{
	const struct json *x;

	for (x = j ? j->child : NULL; x != NULL; x = x->next) {
		const char *text;

		if (x->kind == JSON_IS_OBJECT) {
			print_facts(a, x, under_of(a, under, x));
			continue;
		}
		if (str_eq(x->name, "schemas") || str_eq(x->name, "$ref") ||
		    str_eq(x->name, "location") || is_table(x))
			continue;
		text = x->kind == JSON_IS_ARRAY ? values(a, x) :
		    print_cell(a, x, "");
		printf("%-24s %s\n", arena_printf(a, "%s%s", under, x->name),
		    table_clean(a, text));
	}
}

void print_put(struct arena *a, struct json *obj, const char *name,
    const char *text)
{
	if (text != NULL)
		json_put(a, obj, name, json_new_str(a, text));
}
