/* SPDX-License-Identifier: ISC */
/* What the guard holds, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"

#define HELD "/v1/held"

static int list(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "ID", "STATE", "OF", "PEOPLE",
	    "SINCE", "WHY", NULL };
	static const char *const members[] = { "id", "state",
	    "source|target|directory", "people", "since", "why" };
	struct json *j, *jobs;
	int rc = command_get(l, l->opt[OPT_ALL] != NULL ? HELD "?state=all" :
	    HELD, &j, e);

	if (rc != 0 || l->json)
		return rc;
	jobs = json_member(j, "held");
	if (jobs == NULL || jobs->child == NULL)
		puts("the guard holds nothing");
	else
		print_list(l->client->arena, jobs, heads, members);
	return 0;
}

static const char *path_of(const struct command_line *l, const char *verb)
{
	struct arena *a = l->client->arena;

	return arena_printf(a, HELD "/%s%s", str_url(a, l->argv[0]), verb);
}

static int one(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "WHAT", NULL };
	static const char *const members[] = { "text" };
	struct arena *a = l->client->arena;
	struct json *j, *items;
	int rc = command_get(l, path_of(l, ""), &j, e);

	if (rc != 0 || l->json)
		return rc;
	items = json_member(j, "items");
	if (items != NULL)
		json_remove(j, items);
	print_facts(a, j, "");
	if (items != NULL && items->child != NULL)
		print_list(a, items, heads, members);
	return 0;
}

int command_held(const struct command_line *l, struct err *e)
{
	return l->argc == 0 ? list(l, e) : one(l, e);
}

static int decide(const struct command_line *l, const char *verb,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	int rc;

	print_put(a, body, "reason", l->opt[OPT_REASON]);
	rc = client_change(l->client, "POST", path_of(l, verb), body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: %s", l->argv[0],
		    json_member_str(j, "state"));
	return rc;
}

int command_release(const struct command_line *l, struct err *e)
{
	return decide(l, "/release", e);
}

int command_reject(const struct command_line *l, struct err *e)
{
	return decide(l, "/reject", e);
}
