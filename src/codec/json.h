/* SPDX-License-Identifier: ISC */
/*
 * json: JSON (RFC 8259) in and out. Parsing is jansson's, with duplicate keys,
 * NUL, invalid UTF-8, more than 32 levels, oversized numbers and masses of tiny
 * values refused; the result is a plain tree in an arena, kept in order of
 * appearance. Writing is into a struct buf. Member names are compared
 * ASCII-case-insensitively (RFC 7643 2.1), doubles that differ only in case are
 * refused too.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct buf;

enum json_kind { JSON_IS_NULL, JSON_IS_BOOL, JSON_IS_INT, JSON_IS_REAL,
	JSON_IS_STRING, JSON_IS_ARRAY, JSON_IS_OBJECT };

struct json {
	enum json_kind kind;
	const char *name;	/* member name when inside an object */
	bool b;
	int64_t i;
	double r;
	const char *s;
	struct json *child, *last;	/* elements or members, in order */
	struct json *next;
	size_t n;			/* number of children */
};

/* ERR_INVALID (kind invalidSyntax) says line and column; ERR_LIMIT. */
int json_parse(struct arena *a, const char *text, size_t len,
	struct json **out, struct err *e);

/* Reading: NULL or dflt when absent or of another kind; j may be NULL. */
struct json *json_member(const struct json *j, const char *name);
const char *json_member_str(const struct json *j, const char *name);
bool json_member_bool(const struct json *j, const char *name, bool dflt);
int64_t json_member_int(const struct json *j, const char *name, int64_t dflt);
bool json_same(const struct json *x, const struct json *y);

/* Building: nodes in a; json_put replaces a member of that name, json_push
 * appends; both return the child. */
struct json *json_new(struct arena *a, enum json_kind kind);
struct json *json_new_str(struct arena *a, const char *s);
struct json *json_new_int(struct arena *a, int64_t i);
struct json *json_new_bool(struct arena *a, bool b);
struct json *json_put(struct arena *a, struct json *obj, const char *name,
	struct json *value);
struct json *json_push(struct json *arr, struct json *value);
void json_remove(struct json *parent, const struct json *child);
struct json *json_dup(struct arena *a, const struct json *j);

/* Writing. json_text writes a quoted, escaped string. */
void json_write(struct buf *out, const struct json *j);
void json_write_pretty(struct buf *out, const struct json *j);
void json_text(struct buf *out, const char *s);

#endif
