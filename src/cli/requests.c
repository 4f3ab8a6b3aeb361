/* SPDX-License-Identifier: ISC */
/* Access requests, as they are. */
#include <stdio.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/requests.h"
#include "cli/table.h"

/* What a request asks for, in a few words. */
static const char *what(struct arena *a, const struct json *r)
{
	static const char *const names[] = { "tool", "role", "accounts",
	    "companies", "groupIdentifiers" };
	const char *text = json_member_str(r, "kind");
	size_t i;

	for (i = 0; i < 5; i++) {
		const struct json *m = json_member(r, names[i]), *x;

		if (m != NULL && m->kind == JSON_IS_STRING)
			text = arena_printf(a, "%s %s", text, m->s);
		for (x = m && m->kind == JSON_IS_ARRAY ? m->child : NULL;
		    x != NULL; x = x->next)
			text = arena_printf(a, "%s%s%s", text,
			    x == m->child ? " " : ",", x->s ? x->s : "");
	}
	return text;
}

static const char *user_name(struct client *c, const char *id,
    const char **person_id)
{
	struct json *j;
	const char *name = NULL;

	if (id == NULL || client_call(c, "GET", arena_printf(c->arena,
	    "/scim/v2/Users/%s?attributes=userName," USER_EXTENSION
	    ":personId", id), NULL, &j, NULL) != 0)
		return id;
	name = json_member_str(j, "userName");
	if (person_id != NULL)
		*person_id = json_member_str(json_member(j, USER_EXTENSION),
		    "personId");
	return name ? name : id;
}

int request_find(struct client *c, const char *name, struct json **out,
    struct err *e)
{
	int rc = client_find(c, REQUESTS, "requestId", name, out, e);

	if (rc == ERR_NOT_FOUND)
		return err_set(e, rc, "there is no request \"%s\"; provost "
		    "requests --all lists them", name);
	return rc;
}

/* NULL: the daemon tells its own staff only; people decide with provost. */
static const char *suffix_of(const struct command_line *l)
{
	struct json *j;

	return client_call(l->client, "GET", "/v1/status", NULL, &j,
	    NULL) == 0 ? json_member_str(j, "suffix") : NULL;
}

/* One request whole, with the text that decides it by ldapmodify. */
static void print_one(const struct command_line *l, const struct json *r,
    const char *as)
{
	static const char *const names[] = { "requestId", "state",
	    "justification", "decision", "reason", "decidedAt", "expiresAt",
	    "appliedAt", "statusText" };
	struct arena *a = l->client->arena;
	const char *suffix = str_eq(json_member_str(r, "state"), "pending") ?
	    suffix_of(l) : NULL;
	size_t i;

	printf("%-14s %s\n", "what", what(a, r));
	printf("%-14s %s\n", "requester", user_name(l->client,
	    json_member_str(r, "requester"), NULL));
	printf("%-14s %s\n", "beneficiary", user_name(l->client,
	    json_member_str(r, "beneficiary"), NULL));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member_str(r, names[i]) != NULL)
			printf("%-14s %s\n", names[i],
			    json_member_str(r, names[i]));
	if (json_member_str(r, "decidedBy") != NULL)
		printf("%-14s %s\n", "decidedBy", user_name(l->client,
		    json_member_str(r, "decidedBy"), NULL));
	if (suffix != NULL)
		printf("\nTo decide it with ldapmodify, bound as the person "
		    "who decides:\n\n"
		    "dn: provostRequestId=%s,ou=requests,%s\n"
		    "changetype: modify\nadd: provostDecision\n"
		    "provostDecision: approved\n-\nadd: provostDecidedBy\n"
		    "provostDecidedBy: provostPersonId=%s,ou=people,%s\n",
		    json_member_str(r, "requestId"), suffix,
		    as ? as : "YOUR-ID", suffix);
}

/* Who asks for what: the same people again and again. */
static const char *named(struct client *c, struct map *seen, const char *id)
{
	const char *name = id == NULL ? NULL : map_get(seen, id);

	if (name != NULL || id == NULL)
		return name;
	name = user_name(c, id, NULL);
	map_put(seen, id, (void *)(uintptr_t)name);
	return name;
}

/* Open ones, unless a state or all are asked for. */
static int query_of(const struct command_line *l, const char **out,
    struct err *e)
{
	struct arena *a = l->client->arena;
	const char *f = "", *state = l->opt[OPT_STATE], *id;
	int rc;

	if (state != NULL)
		f = client_filter(a, "state", "eq", state);
	else if (l->opt[OPT_ALL] == NULL)
		f = arena_printf(a, "(%s%%20or%%20%s)", client_filter(a,
		    "state", "eq", "pending"), client_filter(a, "state", "eq",
		    "awaitingCode"));
	if (l->opt[OPT_KIND] != NULL)
		f = client_both(a, f, client_filter(a, "kind", "eq",
		    l->opt[OPT_KIND]));
	if (l->opt[OPT_FOR] != NULL) {
		rc = client_user(l->client, l->opt[OPT_FOR], &id, e);
		if (rc != 0)
			return rc;
		f = client_both(a, f, client_filter(a, "beneficiary", "eq", id));
	}
	*out = *f == '\0' ? "" : arena_printf(a, "?filter=%s", f);
	return 0;
}

static void print_requests(const struct command_line *l,
    const struct json *list)
{
	static const char *const heads[] = { "REQUEST", "STATE", "FOR",
	    "WHAT", "EXPIRES", "WHY", NULL };
	struct arena *a = l->client->arena;
	struct map *seen = map_new();
	const struct json *x;
	struct table t;

	table_init(&t, a, heads);
	for (x = list ? list->child : NULL; x != NULL; x = x->next)
		table_add(&t, (const char *[]){
		    json_member_str(x, "requestId"),
		    json_member_str(x, "state"), named(l->client, seen,
		    json_member_str(x, "beneficiary")), what(a, x),
		    json_member_str(x, "expiresAt"),
		    json_member_str(x, "justification") });
	table_print(&t);
	map_free(seen, NULL);
	if (t.n > 1)
		puts("\nprovost requests ID shows one whole and how to decide "
		    "it with ldapmodify.");
}

static int list_requests(const struct command_line *l, struct err *e)
{
	const char *query;
	struct json *j;
	size_t limit;
	int rc;

	if ((rc = command_count(l, &limit, e)) != 0 ||
	    (rc = query_of(l, &query, e)) != 0 || (rc = client_list(l->client,
	    REQUESTS, query, limit, &j, e)) != 0)
		return rc;
	if (l->json)
		print_json(j);
	else
		print_requests(l, json_member(j, "Resources"));
	return 0;
}

int command_requests(const struct command_line *l, struct err *e)
{
	const char *id, *person_id = NULL;
	struct json *r;
	int rc;

	if (l->argc == 0)
		return list_requests(l, e);
	if ((rc = request_find(l->client, l->argv[0], &r, e)) != 0)
		return rc;
	if (l->json) {
		print_json(r);
		return 0;
	}
	if (l->opt[OPT_AS] != NULL) {
		rc = client_user(l->client, l->opt[OPT_AS], &id, e);
		if (rc != 0)
			return rc;
		user_name(l->client, id, &person_id);
	}
	print_one(l, r, person_id);
	return 0;
}
