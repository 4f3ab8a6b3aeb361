/* SPDX-License-Identifier: ISC */
/* What rights are about, as it is: lists and single things. */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/table.h"

struct kind {
	const char *plural, *singular;	/* the commands */
	const char *path, *key, *name;	/* name: looked for as well, NULL */
	const char *heads[TABLE_COLUMNS], *members[TABLE_COLUMNS];
};

static const struct kind kinds[] = {
{ "groups", "group", "/scim/v2/Groups", "displayName", NULL,
  { "GROUP", "ID", "MADE", NULL },
  { "displayName", "id", "meta.created" } },
{ "companies", "company", "/scim/v2/Companies", "companyId", "name",
  { "COMPANY", "NAME", "ENTERPRISE", NULL },
  { "companyId", "name", "enterprise" } },
{ "enterprises", "enterprise", "/scim/v2/Enterprises", "enterpriseId", "name",
  { "ENTERPRISE", "NAME", "CUSTOM NAME", "NUMBERS", "SELF REGISTRATION",
    "ACTIVE", "CREATED", NULL },
  { "enterpriseId", "name", "customName", "customerNumbers",
    "selfRegistration", "active", "meta.created" } },
{ "accounts", "account", "/scim/v2/Accounts", "accountNumber", NULL,
  { "ACCOUNT", "COMPANY", "ENTERPRISE", "PRODUCTS", "BILLING", NULL },
  { "accountNumber", "company", "enterprise", "products", "billing" } },
{ "services", NULL, "/scim/v2/Services", "serviceId", "location",
  { "SERVICE", "ACCOUNT", "PRODUCT", "LOCATION", NULL },
  { "serviceId", "account", "product", "location" } },
{ "tools", "tool", "/scim/v2/Tools", "toolId", "name",
  { "TOOL", "NAME", "RESTRICTED", "PRODUCTS", "TARGET", NULL },
  { "toolId", "name", "restricted", "products", "target" } },
{ "roles", NULL, "/scim/v2/Roles", "value", "display",
  { "ROLE", "NAME", "PERMISSIONS", NULL },
  { "value", "display", "permissions" } },
{ "rules", NULL, "/scim/v2/Rules", "ruleId", NULL,
  { "RULE", "PRIORITY", "GROUP", "DEPARTMENT", "ROLE", "COMPANIES", "TOOLS",
    NULL },
  { "ruleId", "priority", "group", "department", "role", "companies",
    "tools.value" } },
{ "service-groups", "service-group", "/scim/v2/GroupIdentifiers",
  "groupIdentifierId", "name",
  { "ID", "NAME", "KIND", "PURPOSE", "COMPANY", "SERVICES", "ACCOUNTS",
    NULL },
  { "groupIdentifierId", "name", "kind", "purpose", "company", "services",
    "accounts" } },
};

static const struct kind *kind_of(const char *command)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(kinds[i].plural, command) ||
		    str_eq(kinds[i].singular, command))
			return &kinds[i];
	return NULL;
}

/* The argument and --company, --enterprise as one filter, percent-encoded. */
static const char *filter_of(const struct command_line *l,
    const struct kind *k)
{
	struct arena *a = l->client->arena;
	const char *s = l->argc != 0 ? l->argv[0] : NULL, *out = "";

	if (s != NULL && strchr(s, ' ') != NULL)
		out = arena_printf(a, "(%s)", str_url(a, s));
	else if (s != NULL && k->name != NULL)
		out = arena_printf(a, "(%s%%20or%%20%s)",
		    client_filter(a, k->key, "co", s),
		    client_filter(a, k->name, "co", s));
	else if (s != NULL)
		out = client_filter(a, k->key, "co", s);
	if (l->opt[OPT_COMPANY] != NULL)
		out = client_both(a, out, client_filter(a, "company", "eq",
		    l->opt[OPT_COMPANY]));
	if (l->opt[OPT_ENTERPRISE] != NULL)
		out = client_both(a, out, client_filter(a, "enterprise", "eq",
		    l->opt[OPT_ENTERPRISE]));
	return out;
}

int command_things(const struct command_line *l, struct err *e)
{
	const struct kind *k = kind_of(l->command->name);
	const char *filter = filter_of(l, k);
	const char *query = "";

	if (*filter != '\0')
		query = arena_printf(l->client->arena, "?filter=%s", filter);
	else if (str_eq(k->singular, "group") && !l->json)
		query = "?excludedAttributes=members";
	return command_list(l, k->path, query, k->heads, k->members, e);
}

int command_thing(const struct command_line *l, struct err *e)
{
	const struct kind *k = kind_of(l->command->name);
	struct json *j;
	int rc = client_find(l->client, k->path, k->key, l->argv[0], &j, e);

	if (rc == 0 && l->json)
		print_json(j);
	else if (rc == 0)
		print_facts(l->client->arena, j, "");
	return rc;
}

/* --- answers of /v1 ------------------------------------------------------ */

/* The first list of things in an answer, or the answer itself if it is one. */
static const struct json *list_in(const struct json *j)
{
	const struct json *x;

	if (j == NULL || j->kind == JSON_IS_ARRAY)
		return j;
	for (x = j->child; x != NULL; x = x->next)
		if (x->kind == JSON_IS_ARRAY)
			return x;
	return NULL;
}

static int print_answer(const struct command_line *l, const char *path,
    struct err *e)
{
	struct json *j;
	int rc = client_call(l->client, "GET", path, NULL, &j, e);

	if (rc == 0 && l->json)
		print_json(j);
	else if (rc == 0)
		print_any(l->client->arena, list_in(j));
	return rc;
}

int command_inventory(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;

	return print_answer(l, l->argc == 0 ? "/v1/inventory" : arena_printf(a,
	    "/v1/inventory?group=%s", str_url(a, l->argv[0])), e);
}

int command_recommended(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	const char *id;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = print_answer(l, arena_printf(a,
		    "/v1/tools/recommended?user=%s", str_url(a, id)), e);
	return rc;
}
