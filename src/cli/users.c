/* SPDX-License-Identifier: ISC */
/* People, as they are. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"

#define USERS "/scim/v2/Users"

/* A word is looked for in names and addresses; anything with a space in it is
 * a filter of RFC 7644 already. */
static const char *filter_of(struct arena *a, const char *s)
{
	if (strchr(s, ' ') != NULL)
		return str_url(a, s);
	return arena_printf(a, "%s%%20or%%20%s%%20or%%20%s",
	    client_filter(a, "userName", "co", s),
	    client_filter(a, "displayName", "co", s),
	    client_filter(a, "emails.value", "co", s));
}

int command_users(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "USER", "NAME", "ROLE", "STATE",
	    "COMPANIES", NULL };
	static const char *const members[] = { "userName|+temporaryLogin",
	    "displayName", "roles.value", "+state", "+companies" };
	struct arena *a = l->client->arena;
	const char *query = l->json ? "?" : "?attributes=userName,displayName,"
	    "roles," USER_EXTENSION ":temporaryLogin," USER_EXTENSION ":state,"
	    USER_EXTENSION ":companies&";

	if (l->argc != 0)
		query = arena_printf(a, "%sfilter=%s&", query, filter_of(a,
		    l->argv[0]));
	if (l->opt[OPT_NEWEST] != NULL)
		query = arena_printf(a, "%ssortBy=meta.created&sortOrder="
		    "descending&", query);
	return command_list(l, USERS, arena_strndup(a, query,
	    strlen(query) - 1), heads, members, e);
}

int command_user(const struct command_line *l, struct err *e)
{
	struct json *j;
	int rc = client_find(l->client, USERS, "userName", l->argv[0], &j, e);

	if (rc != 0)
		return rc;
	if (l->json) {
		print_json(j);
		return 0;
	}
	print_facts(l->client->arena, j, "");
	putchar('\n');
	return command_rights(l, e);
}
