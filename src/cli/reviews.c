/* SPDX-License-Identifier: ISC */
/* Who has moved, and what they were given by hand (J4). */
#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

static const char *or_none(const char *s)
{
	return s != NULL && *s != '\0' ? s : "none";
}

/* "department Sales -> Marketing, group Night -> none" */
static const char *moves(struct arena *a, const struct json *review)
{
	const struct json *list = json_member(review, "moves"), *m;
	const char *out = "";

	for (m = list != NULL ? list->child : NULL; m != NULL; m = m->next)
		out = arena_printf(a, "%s%s%s %s -> %s", out,
		    *out != '\0' ? ", " : "", json_member_str(m, "kind"),
		    or_none(json_member_str(m, "from")),
		    or_none(json_member_str(m, "to")));
	return out;
}

static void add(struct table *t, struct arena *a, const struct json *review)
{
	const struct json *list = json_member(review, "rights"), *r;
	const char *moved = moves(a, review);

	for (r = list != NULL ? list->child : NULL; r != NULL; r = r->next) {
		const char *cells[] = { print_cell(a, review,
		    "user.userName|user.displayName|user.id"), moved,
		    json_member_str(r, "right"), json_member_str(r, "origin"),
		    json_member_str(r, "since") };

		table_add(t, cells);
	}
}

int command_reviews(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "USER", "MOVED", "BY HAND",
	    "GIVEN BY", "SINCE", NULL };
	struct arena *a = l->client->arena;
	const struct json *list, *x;
	struct table t;
	struct json *j;
	int rc = command_get(l, "/v1/reviews", &j, e);

	if (rc != 0 || l->json)
		return rc;
	list = json_member(j, "reviews");
	table_init(&t, a, heads);
	for (x = list != NULL ? list->child : NULL; x != NULL; x = x->next)
		add(&t, a, x);
	table_print(&t);
	return 0;
}

int command_reviews_done(const struct command_line *l, struct err *e)
{
	const char *id;
	struct json *j = NULL;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = client_change(l->client, "POST", arena_printf(
		    l->client->arena, "/v1/reviews/%s/done", id), NULL, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: reviewed", l->argv[0]);
	return rc;
}
