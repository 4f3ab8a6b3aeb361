/* SPDX-License-Identifier: ISC */
/* The commands that only read. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"

int command_status(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "TARGET", "KIND", "STATE",
	    "PENDING", "FAILED", "WHAT", "ERROR", NULL };
	static const char *const members[] = { "name", "kind", "state",
	    "pending", "failed", "what", "error" };
	/* Whose losses the guard holds. */
	static const char *const held_heads[] = { "TARGET", "PEOPLE HELD",
	    "REJECTED", NULL };
	static const char *const held_members[] = { "target", "people",
	    "rejected" };
	struct arena *a = l->client->arena;
	struct json *j, *engine, *held;
	int rc = command_get(l, "/v1/status", &j, e);

	if (rc != 0 || l->json)
		return rc;
	print_facts(a, j, "");
	engine = json_member(j, "engine");
	if (json_member(engine, "targets") != NULL)
		print_list(a, json_member(engine, "targets"), heads, members);
	held = json_member(engine, "held");
	if (held != NULL && held->child != NULL)
		print_list(a, held, held_heads, held_members);
	return 0;
}

int command_check(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "ENTRY", "ATTRIBUTE", "VALUE",
	    "WHAT IS WRONG", NULL };
	static const char *const members[] = { "dn", "attribute", "value",
	    "text" };
	struct json *j, *list;
	int rc = command_get(l, "/v1/check", &j, e);

	if (rc != 0)
		return rc;
	list = json_member(j, "problems");
	if (!l->json && (list == NULL || list->child == NULL))
		puts("no entry breaks a rule");
	else if (!l->json)
		print_list(l->client->arena, list, heads, members);
	return list != NULL && list->child != NULL;
}

int command_why(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	const struct json *x;
	const char *id;
	struct json *j, *steps;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = command_get(l, arena_printf(a, "/v1/explain?user=%s&right=%s",
		    str_url(a, id), str_url(a, l->argv[1])), &j,
		    e);
	if (rc != 0 || l->json)
		return rc;
	printf("%s %s: %s\n", l->argv[0], l->argv[1],
	    json_member_bool(j, "granted", false) ?
	    print_cell(a, j, "state") : "not granted");
	steps = json_member(j, "steps");
	for (x = steps ? steps->child : NULL; x != NULL; x = x->next) {
		const char *dn = json_member_str(x, "dn");

		printf("  %-11s %s\n", print_cell(a, x, "what"), print_cell(a, x, "text"));
		if (dn != NULL && *dn != '\0')
			printf("  %-11s dn: %s\n", "", dn);
	}
	return 0;
}

static void print_paths(struct arena *a, struct json *rights)
{
	struct json *x, *p;

	for (x = rights ? rights->child : NULL; x != NULL; x = x->next) {
		const struct json *paths = json_member(x, "paths");
		struct buf out;

		buf_init(&out, 1 << 16);
		for (p = paths ? paths->child : NULL; p != NULL; p = p->next) {
			const char *via = print_cell(a, p, "via");

			buf_printf(&out, "%s%s%s%s", out.len ? ", " : "",
			    print_cell(a, p, "kind"), via && *via ? " " : "",
			    via ? via : "");
		}
		json_put(a, x, "by", json_new_str(a,
		    arena_strdup(a, buf_str(&out))));
		if (json_member_bool(x, "granted", false))
			json_put(a, x, "why", json_new_str(a, ""));
		buf_fini(&out);
	}
}

int command_rights(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "RIGHT", "STATE", "BY", "CUT",
	    NULL };
	static const char *const members[] = { "right", "state", "by",
	    "why" };
	struct arena *a = l->client->arena;
	const char *id, *permissions;
	struct json *j, *list;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = command_get(l, arena_printf(a, "/v1/users/%s/rights",
		    str_url(a, id)), &j, e);
	if (rc != 0 || l->json)
		return rc;
	list = json_member(j, "rights");
	print_paths(a, list);
	print_list(a, list, heads, members);
	permissions = print_cell(a, j, "permissions");
	printf("permissions: %s\n", permissions && *permissions ?
	    permissions : "none");
	return 0;
}

/* --- schemas ---------------------------------------------------------------- */

struct attributes {
	struct arena *a;
	struct json *rows;
};

static void put_attributes(struct attributes *t, const struct json *list,
    const char *under)
{
	static const char *const members[] = { "type", "mutability",
	    "returned", "description" };
	struct json *x;
	size_t i;

	for (x = list ? list->child : NULL; x != NULL; x = x->next) {
		struct json *row = json_push(t->rows, json_new(t->a,
		    JSON_IS_OBJECT));
		const char *name = arena_printf(t->a, "%s%s%s", under,
		    print_cell(t->a, x, "name"), json_member_bool(x,
		    "multiValued", false) ? "[]" : "");

		print_put(t->a, row, "name", name);
		for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			print_put(t->a, row, members[i], print_cell(t->a, x,
			    members[i]));
		if (json_member_bool(x, "required", false))
			print_put(t->a, row, "required", "yes");
		put_attributes(t, json_member(x, "subAttributes"),
		    arena_printf(t->a, "%s.", name));
	}
}

static int print_schema(const struct command_line *l, const char *urn,
    struct err *e)
{
	static const char *const heads[] = { "ATTRIBUTE", "TYPE", "REQUIRED",
	    "MUTABILITY", "RETURNED", "DESCRIPTION", NULL };
	static const char *const members[] = { "name", "type", "required",
	    "mutability", "returned", "description" };
	struct attributes t = { .a = l->client->arena };
	struct json *j;
	int rc = command_get(l, arena_printf(t.a, "/scim/v2/Schemas/%s", str_url(t.a,
	    urn)), &j, e);

	if (rc != 0 || l->json)
		return rc;
	t.rows = json_new(t.a, JSON_IS_ARRAY);
	printf("%s\n", urn);
	put_attributes(&t, json_member(j, "attributes"), "");
	print_list(t.a, t.rows, heads, members);
	return 0;
}

/* A resource type with its core schema and extensions, or one schema. */
static int print_type(const struct command_line *l, const char *name,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *j, *x;
	int rc = client_call(l->client, "GET", arena_printf(a,
	    "/scim/v2/ResourceTypes/%s", str_url(a, name)), NULL, &j, e);

	if (rc != 0)
		return rc;
	rc = print_schema(l, json_member_str(j, "schema"), e);
	x = json_member(j, "schemaExtensions");
	for (x = x ? x->child : NULL; rc == 0 && x != NULL && !l->json;
	    x = x->next) {
		putchar('\n');
		rc = print_schema(l, json_member_str(x, "schema"), e);
	}
	return rc;
}

int command_schema(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "NAME", "ENDPOINT", "SCHEMA",
	    "DESCRIPTION", NULL };
	static const char *const members[] = { "name", "endpoint", "schema",
	    "description" };
	struct json *j;
	int rc;

	if (l->argc != 0)
		return str_starts(l->argv[0], "urn:") ? print_schema(l,
		    l->argv[0], e) : print_type(l, l->argv[0], e);
	rc = command_get(l, "/scim/v2/ResourceTypes", &j, e);
	if (rc == 0 && !l->json)
		print_list(l->client->arena, json_member(j, "Resources"),
		    heads, members);
	return rc;
}
