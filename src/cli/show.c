/* SPDX-License-Identifier: ISC */
/* The commands that only read. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "store/journal.h"

#define MAX_TEXT ((size_t)256 << 20)

void command_json(const struct json *j)
{
	struct buf out;

	if (j == NULL)
		return;
	buf_init(&out, MAX_TEXT);
	json_write_pretty(&out, j);
	puts(buf_str(&out));
	buf_fini(&out);
}

/* A member as text for a cell: arrays joined by commas. */
static const char *cell(struct arena *a, const struct json *j,
    const char *name)
{
	const struct json *m = json_member(j, name), *x;
	struct buf out;
	char *text;

	if (m == NULL || m->kind == JSON_IS_NULL)
		return NULL;
	if (m->kind == JSON_IS_STRING)
		return m->s;
	buf_init(&out, 1 << 20);
	if (m->kind == JSON_IS_ARRAY)
		for (x = m->child; x != NULL; x = x->next)
			buf_printf(&out, "%s%s", x == m->child ? "" : ",",
			    x->s ? x->s : "");
	else
		json_write(&out, m);
	text = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

/* One row an element of list, the named members as its cells. */
static void print_list(struct arena *a, const struct json *list,
    const char *const *heads, const char *const *members)
{
	const struct json *x;
	struct table t;

	table_init(&t, a, heads);
	for (x = list ? list->child : NULL; x != NULL; x = x->next) {
		const char *cells[TABLE_COLUMNS];
		size_t i;

		for (i = 0; i < t.columns; i++)
			cells[i] = cell(a, x, members[i]);
		table_add(&t, cells);
	}
	table_print(&t);
}

static int get(const struct command_line *l, const char *path,
    struct json **j, struct err *e)
{
	int rc = client_call(l->client, "GET", path, NULL, j, e);

	if (rc == 0 && l->json)
		command_json(*j);
	return rc;
}

static void print_facts(struct arena *a, const struct json *j,
    const char *under)
{
	const struct json *x;

	for (x = j ? j->child : NULL; x != NULL; x = x->next)
		if (x->kind == JSON_IS_OBJECT)
			print_facts(a, x, arena_printf(a, "%s%s.", under,
			    x->name));
		else if (x->kind != JSON_IS_ARRAY ||
		    (x->child != NULL && x->child->kind == JSON_IS_STRING))
			printf("%-24s %s\n", arena_printf(a, "%s%s", under,
			    x->name), cell(a, j, x->name));
}

int command_status(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "TARGET", "KIND", "STATE",
	    "PENDING", "FAILED", "WHAT", "ERROR", NULL };
	static const char *const members[] = { "name", "kind", "state",
	    "pending", "failed", "what", "error" };
	struct arena *a = l->client->arena;
	struct json *j, *engine;
	int rc = get(l, "/v1/status", &j, e);

	if (rc != 0 || l->json)
		return rc;
	print_facts(a, j, "");
	engine = json_member(j, "engine");
	if (json_member(engine, "targets") != NULL)
		print_list(a, json_member(engine, "targets"), heads, members);
	return 0;
}

int command_check(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "ENTRY", "ATTRIBUTE", "VALUE",
	    "WHAT IS WRONG", NULL };
	static const char *const members[] = { "dn", "attribute", "value",
	    "text" };
	struct json *j, *list;
	int rc = get(l, "/v1/check", &j, e);

	if (rc != 0)
		return rc;
	list = json_member(j, "problems");
	if (!l->json && (list == NULL || list->child == NULL))
		puts("no entry breaks a rule");
	else if (!l->json)
		print_list(l->client->arena, list, heads, members);
	return list != NULL && list->child != NULL;
}

int command_plan(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "USER", "TOOL", "TARGET", "WHAT",
	    "ACCOUNTS", NULL };
	static const char *const members[] = { "userName", "tool", "target",
	    "do", "accounts" };
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j, *list;
	int rc;

	json_put(a, body, "reconcile", json_new_bool(a, true));
	rc = client_call(l->client, "POST", "/v1/plan", body, &j, e);
	if (rc != 0)
		return rc;
	list = json_member(j, "actions");
	if (l->json)
		command_json(j);
	else if (list == NULL || list->child == NULL)
		puts("nothing to do: every target holds what it should");
	else
		print_list(a, list, heads, members);
	return 0;
}

int command_why(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	const struct json *x;
	const char *id;
	struct json *j, *steps;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = get(l, arena_printf(a, "/v1/explain?user=%s&right=%s",
		    str_url(a, id), str_url(a, l->argv[1])), &j,
		    e);
	if (rc != 0 || l->json)
		return rc;
	printf("%s %s: %s\n", l->argv[0], l->argv[1],
	    json_member_bool(j, "granted", false) ?
	    cell(a, j, "state") : "not granted");
	steps = json_member(j, "steps");
	for (x = steps ? steps->child : NULL; x != NULL; x = x->next) {
		const char *dn = json_member_str(x, "dn");

		printf("  %-11s %s\n", cell(a, x, "what"), cell(a, x, "text"));
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
			const char *via = cell(a, p, "via");

			buf_printf(&out, "%s%s%s%s", out.len ? ", " : "",
			    cell(a, p, "kind"), via && *via ? " " : "",
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
		rc = get(l, arena_printf(a, "/v1/users/%s/rights",
		    str_url(a, id)), &j, e);
	if (rc != 0 || l->json)
		return rc;
	list = json_member(j, "rights");
	print_paths(a, list);
	print_list(a, list, heads, members);
	permissions = cell(a, j, "permissions");
	printf("permissions: %s\n", permissions && *permissions ?
	    permissions : "none");
	return 0;
}

int command_journal(const struct command_line *l, struct err *e)
{
	uint64_t lines;
	int rc;

	if (strcmp(l->argv[0], "verify") != 0)
		return err_set(e, ERR_INVALID, "the journal has one "
		    "command: verify FILE");
	rc = journal_verify(l->argv[1], &lines, e);
	if (rc == 0)
		printf("%llu lines, the chain is whole\n",
		    (unsigned long long)lines);
	return rc;
}
