/* SPDX-License-Identifier: ISC */
/* What is behind the tools: how it is, what it refused, trying again. */
#include <stdio.h>

#include "base/arena.h"
#include "cli/commands.h"
#include "cli/print.h"

static int get(const struct command_line *l, const char *path,
    struct json **j, struct err *e)
{
	int rc = client_call(l->client, "GET", path, NULL, j, e);

	if (rc == 0 && l->json)
		print_json(*j);
	return rc;
}

static const char *path_of(const struct command_line *l, const char *under,
    const char *behind)
{
	struct arena *a = l->client->arena;

	return arena_printf(a, "/v1/%s/%s%s", under, str_url(a, l->argv[0]),
	    behind);
}

static int show_parked(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "USER", "TOOL", "SINCE",
	    "ATTEMPTS", "WHY", NULL };
	static const char *const members[] = { "person", "tool", "since",
	    "attempts", "error" };
	const struct json *list;
	struct json *j;
	int rc = get(l, path_of(l, "targets", "/parked"), &j, e);

	if (rc != 0 || l->json)
		return rc;
	list = json_member(j, "parked");
	if (list == NULL || list->child == NULL)
		printf("%s refuses nothing\n", l->argv[0]);
	else
		print_list(l->client->arena, list, heads, members);
	return 0;
}

int command_targets(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "TARGET", "KIND", "STATE",
	    "WAITING", "PARKED", "OVERDUE", "LAST ERROR", NULL };
	static const char *const members[] = { "name", "kind", "state",
	    "pending", "failed", "overdue", "error" };
	struct json *j;
	int rc;

	if (l->argc != 0)
		return show_parked(l, e);
	rc = get(l, "/v1/targets", &j, e);
	if (rc == 0 && !l->json)
		print_list(l->client->arena, json_member(j, "targets"), heads,
		    members);
	return rc;
}

int command_retry(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *users, *j;
	const char *id;
	int i, rc = 0;

	if (l->argc > 1)
		users = json_put(a, body, "users", json_new(a, JSON_IS_ARRAY));
	for (i = 1; rc == 0 && i < l->argc; i++)
		if ((rc = client_user(l->client, l->argv[i], &id, e)) == 0)
			json_push(users, json_new_str(a, id));
	if (rc == 0)
		rc = client_change(l->client, "POST", path_of(l, "targets",
		    "/retry"), body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s tries again", print_cell(a, j,
		    "retried"));
	return rc;
}
