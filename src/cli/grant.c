/* SPDX-License-Identifier: ISC */
/* Rights given and taken: one PATCH a user, as a whole or not at all. */
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/goes.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/words.h"

#define USERS "/scim/v2/Users"

struct granting {
	struct stored_list rights;
	bool give;
};

static struct json *message(const struct command_line *l,
    const struct granting *g)
{
	struct arena *a = l->client->arena;
	struct json *ops, *body = words_patch(a, &ops);

	if (g->give)
		words_give(a, ops, &g->rights, l->opt[OPT_FROM],
		    l->opt[OPT_UNTIL]);
	else
		words_take(a, ops, &g->rights);
	return body;
}

/* --- the change, shown --------------------------------------------------- */

struct preview {
	struct arena *a;
	struct json *rows;
	const char *user;
};

static void row(struct preview *p, const char *sign, const struct right *r,
    const char *why)
{
	struct json *j = json_push(p->rows, json_new(p->a, JSON_IS_OBJECT));

	print_put(p->a, j, "user", p->user);
	print_put(p->a, j, "change", sign);
	print_put(p->a, j, "right", right_print(p->a, r));
	print_put(p->a, j, "why", why);
}

static bool among(const struct stored_list *l, const struct right *r)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (right_eq(&l->v[i].right, r))
			return true;
	return false;
}

/* The tool goes, and its accounts with it; one role replaces the other. */
static bool ended_by(const struct granting *g, const struct right *had)
{
	const struct right tool = { RIGHT_TOOL, had->key, "" };
	size_t i;

	if (!g->give)
		return among(&g->rights, had) ||
		    (had->kind == RIGHT_TOOL_ACCOUNT &&
		    among(&g->rights, &tool));
	for (i = 0; i < g->rights.n && had->kind == RIGHT_ROLE; i++)
		if (g->rights.v[i].right.kind == RIGHT_ROLE &&
		    !right_eq(&g->rights.v[i].right, had))
			return true;
	return false;
}

static struct stored_list implied(struct arena *a, const struct granting *g)
{
	struct stored_list out = { 0 };
	size_t i;

	for (i = 0; g->give && i < g->rights.n; i++) {
		const struct right *r = &g->rights.v[i].right;
		const struct right tool = { RIGHT_TOOL, r->key, "" };

		if (r->kind == RIGHT_TOOL_ACCOUNT && !among(&out, &tool))
			stored_add(a, &out, &(struct stored){ tool,
			    stored_attr(RIGHT_TOOL), r->key });
		if (!among(&out, r))
			stored_add(a, &out, &g->rights.v[i]);
	}
	return out;
}

static int preview(const struct command_line *l, struct preview *p,
    const struct granting *g, const struct json *user, struct err *e)
{
	struct entry before = { 0 }, *after;
	struct stored_list had, add = implied(p->a, g), goes, gone = { 0 };
	size_t i;
	int rc;

	words_entry(p->a, user, &before);
	had = stored_read(p->a, &before);
	after = entry_dup(p->a, &before);
	for (i = 0; i < had.n; i++)
		if (ended_by(g, &had.v[i].right)) {
			stored_add(p->a, &gone, &had.v[i]);
			row(p, "-", &had.v[i].right, NULL);
		}
	stored_drop(p->a, after, &gone);
	for (i = 0; i < add.n; i++)
		if (!among(&had, &add.v[i].right))
			row(p, "+", &add.v[i].right, NULL);
	if ((rc = goes_along(l->client, &before, after, &goes, e)) != 0)
		return rc;
	for (i = 0; i < goes.n; i++)
		row(p, "-", &goes.v[i].right, "goes with its company (V14)");
	return 0;
}

static void print_preview(const struct command_line *l,
    const struct preview *p, const char *path, struct json *body,
    struct json *plan)
{
	static const char *const heads[] = { "USER", "CHANGE", "RIGHT", "WHY",
	    NULL };
	static const char *const members[] = { "user", "change", "right",
	    "why" };
	struct json *j;

	if (l->json) {
		j = json_new(p->a, JSON_IS_OBJECT);
		print_put(p->a, j, "method", "PATCH");
		print_put(p->a, j, "path", path);
		json_put(p->a, j, "body", body);
		json_put(p->a, j, "plan", plan);
		json_put(p->a, j, "changes", p->rows);
		print_json(j);
	} else if (p->rows->child == NULL) {
		printf("%s: nothing would change\n", p->user);
	} else {
		print_list(p->a, p->rows, heads, members);
	}
}

/* --- the change, made ---------------------------------------------------- */

static int change_one(const struct command_line *l, const char *name,
    void *arg, struct err *e)
{
	const struct granting *g = arg;
	struct arena *a = l->client->arena;
	struct preview p = { a, json_new(a, JSON_IS_ARRAY), name };
	struct json *j, *user;
	const char *id, *path;
	size_t n;
	int rc;

	if ((rc = client_find(l->client, USERS, "userName", name, &user,
	    e)) != 0 || (rc = preview(l, &p, g, user, e)) != 0)
		return rc;
	id = json_member_str(user, "id");
	path = arena_printf(a, USERS "/%s", id);
	if (l->client->dry_run) {
		rc = plan_call(l->client, "PATCH", path, message(l, g), &j,
		    e);
		if (rc == 0)
			print_preview(l, &p, path, message(l, g), j);
		return rc;
	}
	rc = client_call(l->client, "PATCH", path, message(l, g), &j, e);
	if (rc != 0)
		return rc;
	n = p.rows->n;
	if (n != 0)
		command_done(l, j, "%s: %zu right%s %s", name, n,
		    n == 1 ? "" : "s", g->give ? "given" : "taken away");
	else
		command_done(l, j, g->give ? "%s: has that already" :
		    "%s: nothing to take away: none of it stands on the "
		    "person's entry; provost why says what gives it", name);
	return 0;
}

/* T3 is for tools, and only a tool named as such can have one. */
static int check_period(const struct command_line *l,
    const struct granting *g, struct err *e)
{
	size_t i;

	if (l->opt[OPT_FROM] == NULL && l->opt[OPT_UNTIL] == NULL)
		return 0;
	for (i = 0; i < g->rights.n; i++)
		if (g->rights.v[i].right.kind == RIGHT_TOOL)
			return 0;
	return command_usage(e, "--from and --until are for tools: name "
	    "tool:T itself");
}

static int change(const struct command_line *l, bool give, struct err *e)
{
	struct granting g = { .give = give };
	int rc;

	if ((rc = words_read(l->client->arena, l->argv + 1, l->argc - 1,
	    &g.rights, e)) != 0 || (rc = check_period(l, &g, e)) != 0)
		return rc;
	return command_each(l, change_one, &g, e);
}

int command_grant(const struct command_line *l, struct err *e)
{
	return change(l, true, e);
}

int command_revoke(const struct command_line *l, struct err *e)
{
	return change(l, false, e);
}
