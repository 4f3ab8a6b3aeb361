/* SPDX-License-Identifier: ISC */
/* What is behind the tools: how it is, what it refused, trying again. */
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/commands.h"
#include "cli/print.h"

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
	int rc = command_get(l, path_of(l, "targets", "/parked"), &j, e);

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
	rc = command_get(l, "/v1/targets", &j, e);
	if (rc == 0 && !l->json)
		print_list(l->client->arena, json_member(j, "targets"), heads,
		    members);
	return rc;
}

int command_retry(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *users = NULL, *j;
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

/* --- drift -------------------------------------------------------------- */

#define LOOK 200000		/* us between two looks at a comparison */

static const struct json *first_of(const struct json *j, const char *name)
{
	const struct json *list = json_member(j, name);

	return list != NULL ? list->child : NULL;
}

/* Until the report of that run is there. */
static int await(const struct command_line *l, const char *target,
    int64_t run, struct err *e)
{
	struct arena *a = l->client->arena;
	const char *path = arena_printf(a, "/v1/drift/%s", str_url(a, target));
	struct json *j;
	int rc;

	while ((rc = client_call(l->client, "GET", path, NULL, &j, e)) == 0 &&
	    json_member_int(j, "run", 0) < run)
		usleep(LOOK);
	return rc;
}

static int compare_now(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	const struct json *s;
	int rc;

	if (l->argc != 0)
		print_put(a, body, "target", l->argv[0]);
	if (l->opt[OPT_ACCEPT] != NULL)
		json_put(a, body, "accept", json_new_bool(a, true));
	rc = client_call(l->client, "POST", "/v1/drift", body, &j, e);
	for (s = rc == 0 ? first_of(j, "started") : NULL; rc == 0 && s != NULL;
	    s = s->next)
		rc = await(l, json_member_str(s, "target"),
		    json_member_int(s, "run", 0), e);
	return rc;
}

static int print_rows(const struct command_line *l, struct err *e)
{
	struct client_text text;
	int rc = client_send(l->client, "GET", path_of(l, "drift",
	    "?format=csv"), "text/csv", NULL, 0, &text, e);

	if (rc == 0 && (fwrite(text.s, 1, text.len, stdout) != text.len ||
	    fflush(stdout) != 0))
		rc = err_set(e, ERR_IO, "cannot write to standard output: %m");
	return rc;
}

static void print_compared(const struct command_line *l, const struct json *j)
{
	static const char *const facts[] = { "started", "complete", "why",
	    "held", "accounts", "people", "corrected", "stripped" };
	static const char *const heads[] = { "TOOL", "SEEN", "MISSING",
	    "EXTRA", "UNMANAGED", "PENDING", NULL };
	static const char *const members[] = { "tool", "seen", "missing",
	    "extra", "unmanaged", "pending" };
	static const char *const row_heads[] = { "USER", "STATE", "TOOL",
	    "ACCOUNT", "THERE", NULL };
	static const char *const row_members[] = { "userName|person", "state",
	    "tool", "account", "remoteId" };
	struct arena *a = l->client->arena;
	const char *cell;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if ((cell = print_cell(a, j, facts[i])) != NULL &&
		    *cell != '\0')
			printf("%-10s %s\n", facts[i], cell);
	if (first_of(j, "tools") != NULL)
		print_list(a, json_member(j, "tools"), heads, members);
	if (first_of(j, "differences") != NULL)
		print_list(a, json_member(j, "differences"), row_heads,
		    row_members);
	if (json_member_int(j, "more", 0) != 0)
		printf("%s more: --csv shows all\n", print_cell(a, j, "more"));
}

static int show_one(const struct command_line *l, struct err *e)
{
	struct json *j;
	int rc = command_get(l, path_of(l, "drift", ""), &j, e);

	if (rc != 0 || l->json)
		return rc;
	if (json_member_int(j, "run", 0) == 0)
		printf("%s was not compared yet: --now\n", l->argv[0]);
	else
		print_compared(l, j);
	return 0;
}

int command_drift(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "TARGET", "STARTED", "COMPLETE",
	    "PEOPLE", "MISSING", "EXTRA", "UNMANAGED", "WHY", NULL };
	static const char *const members[] = { "target", "started", "complete",
	    "people", "missing", "extra", "unmanaged", "why|held" };
	struct json *j;
	int rc = 0;

	if ((l->opt[OPT_ACCEPT] != NULL || l->opt[OPT_CSV] != NULL) &&
	    l->argc == 0)
		return command_usage(e, "--accept and --csv go with one "
		    "target");
	if (l->opt[OPT_NOW] != NULL || l->opt[OPT_ACCEPT] != NULL)
		rc = compare_now(l, e);
	if (rc != 0)
		return rc;
	if (l->opt[OPT_CSV] != NULL)
		return print_rows(l, e);
	if (l->argc != 0)
		return show_one(l, e);
	rc = command_get(l, "/v1/drift", &j, e);
	if (rc == 0 && !l->json)
		print_list(l->client->arena, json_member(j, "reports"), heads,
		    members);
	return rc;
}
