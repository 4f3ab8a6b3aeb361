/* SPDX-License-Identifier: ISC */
/*
 * print: JSON for people. Members are named by a path such as "name.formatted"
 * or "roles.value"; '+' begins one of the extension for users of Provost.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "codec/json.h"

struct arena;

#define USER_EXTENSION \
	"urn:ietf:params:scim:schemas:extension:provost:2.0:User"

/* Prints j indented on standard output. */
void print_json(const struct json *j);
/* What is at path as text: of lists all, commas between; NULL: nothing. In
 * "x|y" y is for where x is nothing. */
const char *print_cell(struct arena *a, const struct json *j,
	const char *path);
/* One row an element of list, the members at these paths as its cells. */
void print_list(struct arena *a, const struct json *list,
	const char *const *heads, const char *const *members);
/* The same of objects that are not known here: a column a member. */
void print_any(struct arena *a, const struct json *list);
/* A line a member, those inside named under.name; links and schemas out. */
void print_facts(struct arena *a, const struct json *j, const char *under);

/* obj.name = text, unless that is NULL. */
void print_put(struct arena *a, struct json *obj, const char *name,
	const char *text);

#endif
