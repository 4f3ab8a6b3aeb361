/* SPDX-License-Identifier: ISC */
#include "map_small.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

struct row {
	const char *name, *endpoint, *container, *rdn, *cls;
	const char *key;	/* natural key, "" none */
	const char *attr[3], *ldap[3];	/* NULL: no more */
};

static const struct row rows[] = {
	{ "User", "/Users", "ou=people", "provostPersonId", "provostUser", "",
	  { "userName", "displayName" }, { "uid", "displayName" } },
	{ "Role", "/Roles", "ou=roles", "provostRoleId", "provostRoleEntry",
	  "value", { "value", "display" }, { "provostRoleId", "displayName" } },
	{ "Enterprise", "/Enterprises", "ou=enterprises",
	  "provostEnterpriseId", "provostEnterpriseEntry", "enterpriseId",
	  { "enterpriseId", "name" }, { "provostEnterpriseId", "cn" } },
	{ "Company", "/Companies", "ou=companies", "provostCompanyId",
	  "provostCompanyEntry", "companyId",
	  { "companyId", "name", "enterprise" },
	  { "provostCompanyId", "cn", "provostEnterprise" } },
	{ "Account", "/Accounts", "ou=accounts", "provostAccountNumber",
	  "provostBillingAccount", "accountNumber",
	  { "accountNumber", "company", "invitationCode" },
	  { "provostAccountNumber", "provostCompany",
	    "provostInvitationCode" } },
	{ "Service", "/Services", "ou=services", "provostServiceId",
	  "provostServiceEntry", "serviceId", { "serviceId", "account" },
	  { "provostServiceId", "provostAccount" } },
	{ "GroupIdentifier", "/GroupIdentifiers", "ou=groupIdentifiers",
	  "provostGroupIdentifierId", "provostGroupIdentifier",
	  "groupIdentifierId", { "groupIdentifierId", "name" },
	  { "provostGroupIdentifierId", "cn" } },
	{ "Tool", "/Tools", "ou=tools", "provostToolId", "provostTool",
	  "toolId", { "toolId", "name" }, { "provostToolId", "cn" } },
	{ "Rule", "/Rules", "ou=rules", "provostRuleId", "provostRule",
	  "ruleId", { "ruleId", "group" },
	  { "provostRuleId", "provostRuleGroup" } },
	{ "AccessRequest", "/AccessRequests", "ou=requests",
	  "provostRequestId", "provostAccessRequest", "",
	  { "kind", "state" },
	  { "provostRequestKind", "provostRequestState" } },
};

static void fill(struct arena *a, const struct row *row,
    struct scim_resource *r)
{
	struct scim_schema *s = arena_alloc(a, sizeof(*s));
	int i;

	r->name = row->name;
	r->endpoint = row->endpoint;
	r->container = row->container;
	r->rdn = row->rdn;
	r->object_class = row->cls;
	strv_add(a, &r->object_classes, row->cls);
	r->natural_key = row->key;
	r->schema = s;
	r->n_schemas = 1;
	s->urn = arena_printf(a, "urn:test:%s", row->name);
	s->attr = arena_array(a, 3, sizeof(*s->attr));
	for (i = 0; i < 3 && row->attr[i] != NULL; i++, s->n++)
		s->attr[i] = (struct scim_attr){ .name = row->attr[i],
			.ldap = row->ldap[i], .how = SH_PLAIN,
			.type = ST_STRING, .indexed = true };
}

struct scim_map *map_small(const char *suffix)
{
	struct scim_map *m = scim_map_new(suffix);
	struct err e;
	size_t i;

	m->n = sizeof(rows) / sizeof(rows[0]);
	m->resource = arena_array(m->arena, m->n, sizeof(*m->resource));
	for (i = 0; i < m->n; i++)
		fill(m->arena, &rows[i], &m->resource[i]);
	if (scim_map_seal(m, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return m;
}
