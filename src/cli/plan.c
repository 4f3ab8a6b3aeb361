/* SPDX-License-Identifier: ISC */
#include "cli/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"

#define FILE_MAX ((size_t)15 << 20)	/* the daemon takes 16 MiB */

/* --- asking --------------------------------------------------------------- */

/* What makes something that is shown once can't be; nor what is no single
 * write. */
bool plan_takes(const char *method, const char *path)
{
	size_t n = strlen(path), end = strlen("/portal");

	if (str_starts(path, "/v1/users/"))
		return n > end && strcmp(path + n - end, "/portal") == 0;
	return str_starts(path, "/scim/v2/") && !(str_eq(method, "POST") &&
	    str_starts(path, "/scim/v2/Clients"));
}

/* data: NULL none. */
static void put_request(struct arena *a, struct json *body,
    const char *method, const char *path, struct json *data)
{
	struct json *r = json_put(a, body, "request", json_new(a,
	    JSON_IS_OBJECT));

	print_put(a, r, "method", method);
	print_put(a, r, "path", path);
	if (data != NULL)
		json_put(a, r, "data", data);
}

int plan_call(struct client *c, const char *method, const char *path,
    const struct json *body, struct json **plan, struct err *e)
{
	struct json *j = json_new(c->arena, JSON_IS_OBJECT);

	put_request(c->arena, j, method, path, body != NULL ?
	    json_dup(c->arena, body) : NULL);
	return client_call(c, "POST", "/v1/plan", j, plan, e);
}

int plan_apply(struct client *c, const struct json *plan, struct json **out,
    struct err *e)
{
	struct json *body = json_new(c->arena, JSON_IS_OBJECT);
	const char *id = json_member_str(plan, "id");

	print_put(c->arena, body, "hash", json_member_str(plan, "hash"));
	return client_call(c, "POST", arena_printf(c->arena,
	    "/v1/plans/%s/apply", str_url(c->arena, id != NULL ? id : "")),
	    body, out, e);
}

/* --- what is asked for ---------------------------------------------------- */

static int read_file(struct arena *a, const char *path, const char **out,
    struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, FILE_MAX);
	rc = command_file(path, &b, e);
	*out = rc == 0 ? arena_strdup(a, buf_str(&b)) : "";
	buf_fini(&b);
	return rc;
}

static int read_json(struct arena *a, const char *path, struct json **out,
    struct err *e)
{
	const char *text;
	int rc = read_file(a, path, &text, e);

	return rc != 0 ? rc : json_parse(a, text, strlen(text), out, e);
}

/* METHOD PATH [FILE] */
static int of_request(const struct command_line *l, struct json *body,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *data = NULL;
	int rc = l->argc > 2 ? read_json(a, l->argv[2], &data, e) : 0;

	if (rc == 0)
		put_request(a, body, l->argv[0], l->argv[1], data);
	return rc;
}

/* JSON: a body of POST /v1/plan, a list of requests, or a Bulk message. */
static int of_json(struct arena *a, const char *text, struct json *body,
    struct err *e)
{
	struct json *j, *x, *next;
	int rc = json_parse(a, text, strlen(text), &j, e);

	if (rc != 0)
		return rc;
	if (j->kind == JSON_IS_ARRAY) {
		json_put(a, body, "requests", j);
	} else if (json_member(j, "Operations") != NULL) {
		put_request(a, body, "POST", "/scim/v2/Bulk", j);
	} else {
		for (x = j->child; x != NULL; x = next) {
			next = x->next;
			json_put(a, body, x->name, json_dup(a, x));
		}
	}
	return 0;
}

static int of_file(const struct command_line *l, struct json *body,
    struct err *e)
{
	struct arena *a = l->client->arena;
	const char *text;
	int rc = read_file(a, l->argv[0], &text, e);

	if (rc != 0)
		return rc;
	text += strspn(text, " \t\r\n");
	if (*text == '{' || *text == '[')
		return of_json(a, text, body, e);
	json_put(a, body, "ldif", json_new_str(a, text));
	return 0;
}

static int question(const struct command_line *l, struct json *body,
    struct err *e)
{
	if (l->argc == 0)
		json_put(l->client->arena, body, "reconcile", json_new_bool(
		    l->client->arena, true));
	else if (l->argc == 1)
		return of_file(l, body, e);
	return l->argc > 1 ? of_request(l, body, e) : 0;
}

/* --- showing -------------------------------------------------------------- */

static void print_actions(struct arena *a, const struct json *j)
{
	static const char *const heads[] = { "USER", "TOOL", "TARGET", "WHAT",
	    "ACCOUNTS", NULL };
	static const char *const members[] = { "userName", "tool", "target",
	    "do", "accounts" };
	const struct json *list = json_member(j, "actions");

	if (list == NULL || list->child == NULL)
		puts("nothing to do: every target holds what it should");
	else
		print_list(a, list, heads, members);
}

static bool has_steps(const struct json *plan)
{
	const struct json *steps = json_member(plan, "steps");

	return steps != NULL && steps->child != NULL;
}

static int print_ldif(struct client *c, const char *id, struct err *e)
{
	struct client_text text;
	int rc = client_send(c, "GET", arena_printf(c->arena,
	    "/v1/plans/%s?format=ldif", str_url(c->arena, id)),
	    "text/x-ldif", NULL, 0, &text, e);

	if (rc == 0)
		fwrite(text.s, 1, text.len, stdout);
	return rc;
}

static int show(const struct command_line *l, const struct json *j,
    struct err *e)
{
	struct arena *a = l->client->arena;
	const char *id = json_member_str(j, "id");

	if (l->opt[OPT_LDIF] != NULL && id != NULL)
		return print_ldif(l->client, id, e);
	if (l->json) {
		print_json(j);
	} else if (json_member(j, "actions") != NULL) {
		print_actions(a, j);
	} else {
		plan_print(a, j);
		if (has_steps(j))
			printf("to do exactly this, within ten minutes: "
			    "provost apply %s\n", id);
	}
	return 0;
}

int command_plan(const struct command_line *l, struct err *e)
{
	struct json *body = json_new(l->client->arena, JSON_IS_OBJECT), *j;
	int rc = question(l, body, e);

	if (rc == 0)
		rc = client_call(l->client, "POST", "/v1/plan", body, &j, e);
	return rc != 0 ? rc : show(l, j, e);
}

/* --- applying ------------------------------------------------------------- */

static int confirm(const struct command_line *l, const char *id,
    struct err *e)
{
	struct arena *a = l->client->arena;

	return command_ask(l, arena_printf(a, "apply plan %s?", id),
	    arena_printf(a, "--yes says that plan %s is to be applied", id),
	    e);
}

/* Which are done, and which not. */
static void print_outcomes(const struct command_line *l, const char *path)
{
	static const char *const heads[] = { "ENTRY", "OUTCOME", "WHY",
	    NULL };
	static const char *const members[] = { "dn", "outcome", "detail" };
	struct json *j, *steps;

	if (client_call(l->client, "GET", path, NULL, &j, NULL) != 0)
		return;
	steps = json_member(json_member(j, "result"), "steps");
	if (steps != NULL && l->json)
		print_json(j);
	else if (steps != NULL)
		print_list(l->client->arena, steps, heads, members);
}

static const char *done(struct arena *a, const struct json *j)
{
	const struct json *r = json_member(j, "result");
	int64_t n = json_member_int(r, "done", 0) + json_member_int(r,
	    "already", 0);

	return r != NULL ? arena_printf(a, "%lld change%s done",
	    (long long)n, n == 1 ? "" : "s") : "the targets are told";
}

int command_apply(const struct command_line *l, struct err *e)
{
	struct client *c = l->client;
	const char *path = arena_printf(c->arena, "/v1/plans/%s",
	    str_url(c->arena, l->argv[0]));
	struct json *j, *out;
	int rc = client_call(c, "GET", path, NULL, &j, e);

	if (rc != 0)
		return rc;
	if (l->opt[OPT_YES] == NULL && (rc = show(l, j, e)) != 0)
		return rc;
	if ((rc = confirm(l, l->argv[0], e)) != 0)
		return rc;
	rc = plan_apply(c, j, &out, e);
	if (rc != 0)
		print_outcomes(l, path);
	else
		command_done(l, out, "plan %s: %s", l->argv[0], done(c->arena,
		    out));
	return rc;
}

/* --- undoing ------------------------------------------------------------- */

/* A batch by its name, or what is behind one number up to another. */
static int undo_body(const struct command_line *l, struct json *body,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *u = json_put(a, body, "undo", json_new(a,
	    JSON_IS_OBJECT));
	int64_t since, until;

	if (l->argc == 1) {
		print_put(a, u, "batch", l->argv[0]);
		return 0;
	}
	if (!str_int(l->argv[0], &since) || !str_int(l->argv[1], &until))
		return command_usage(e, "two numbers of changes are needed, "
		    "or the name of a batch");
	json_put(a, u, "since", json_new_int(a, since));
	json_put(a, u, "until", json_new_int(a, until));
	return 0;
}

static int apply_undo(const struct command_line *l, const struct json *plan,
    struct err *e)
{
	struct client *c = l->client;
	const char *id = json_member_str(plan, "id");
	struct json *out;
	int rc = confirm(l, id != NULL ? id : "", e);

	if (rc == 0)
		rc = plan_apply(c, plan, &out, e);
	if (rc == 0)
		command_done(l, out, "%s; to undo that: provost undo %s",
		    done(c->arena, out), print_cell(c->arena, out,
		    "result.batch"));
	return rc;
}

int command_undo(const struct command_line *l, struct err *e)
{
	struct client *c = l->client;
	struct json *body = json_new(c->arena, JSON_IS_OBJECT), *j;
	int rc = undo_body(l, body, e);

	if (rc == 0)
		rc = client_call(c, "POST", "/v1/plan", body, &j, e);
	if (rc != 0)
		return rc;
	if (l->json && c->dry_run)
		print_json(j);
	else if (!l->json)
		plan_print(c->arena, j);
	return c->dry_run || !has_steps(j) ? 0 : apply_undo(l, j, e);
}
