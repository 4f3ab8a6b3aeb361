/* SPDX-License-Identifier: ISC */
#include "world_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

#define FIND(field, key) \
	struct world_table *t = ctx; \
	size_t i; \
	for (i = 0; i < t->n_##field; i++) \
		if (str_ieq(t->field[i].key, id)) \
			return &t->field[i]; \
	return NULL

static const struct role *find_role(void *ctx, const char *id)
{
	FIND(role, id);
}

static const struct enterprise *find_enterprise(void *ctx, const char *id)
{
	FIND(enterprise, id);
}

static const struct company *find_company(void *ctx, const char *id)
{
	FIND(company, id);
}

static const struct account *find_account(void *ctx, const char *id)
{
	FIND(account, number);
}

static const struct group_identifier *find_group(void *ctx, const char *id)
{
	FIND(group, id);
}

static const struct tool *find_tool(void *ctx, const char *id)
{
	FIND(tool, id);
}

static const struct rule *all_rules(void *ctx, size_t *n)
{
	struct world_table *t = ctx;

	*n = t->n_rule;
	return t->rule;
}

static void accounts_of(void *ctx, const char *company,
    bool (*each)(void *arg, const struct account *acc), void *arg)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_account; i++)
		if (str_ieq(t->account[i].company, company) &&
		    !each(arg, &t->account[i]))
			return;
}

static const struct service *find_service(void *ctx, const char *id)
{
	FIND(service, id);
}

static void services_of(void *ctx, const char *account,
    bool (*each)(void *arg, const struct service *s), void *arg)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_service; i++)
		if (str_ieq(t->service[i].account, account) &&
		    !each(arg, &t->service[i]))
			return;
}

static void companies_of(void *ctx, const char *enterprise,
    bool (*each)(void *arg, const struct company *c), void *arg)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_company; i++)
		if (str_ieq(t->company[i].enterprise, enterprise) &&
		    !each(arg, &t->company[i]))
			return;
}

static void all_tools(void *ctx,
    bool (*each)(void *arg, const struct tool *t), void *arg)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_tool; i++)
		if (!each(arg, &t->tool[i]))
			return;
}

static const struct account *account_of_code(void *ctx, const char *hash)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_account; i++)
		if (strv_has(&t->account[i].codes, hash))
			return &t->account[i];
	return NULL;
}

static void primary_contacts(void *ctx,
    bool (*each)(void *arg, const struct person *p), void *arg)
{
	struct world_table *t = ctx;
	size_t i;

	for (i = 0; i < t->n_contact; i++)
		if (!each(arg, &t->contact[i]))
			return;
}

struct world_table *table_new(void)
{
	struct world_table *t = calloc(1, sizeof(*t));

	assert(t != NULL);
	t->a = arena_new();
	t->world = (struct world){ t, find_role, find_enterprise,
	    find_company, find_account, find_group, find_tool, find_service,
	    all_rules, accounts_of, services_of, companies_of, all_tools,
	    account_of_code, primary_contacts };
	return t;
}

void table_free(struct world_table *t)
{
	arena_free(t->a);
	free(t);
}

/* One "name: value" line; returns what follows it. */
static const char *read_line(struct world_table *t, struct entry *e,
    const char *line)
{
	size_t n = strcspn(line, "\n"), k = strcspn(line, ":");
	char *name = arena_strndup(t->a, line, k), *value;

	assert(k + 2 <= n);
	value = arena_strndup(t->a, line + k + 2, n - k - 2);
	if (str_eq(name, "dn"))
		e->dn = value;
	else if (str_eq(name, "entryCSN"))
		e->csn = value;
	else if (str_eq(name, "entryUUID"))
		assert(str_uuid(value, e->uuid));
	else if (str_eq(name, "createTimestamp"))
		assert(clock_parse_gt(value, &e->created));
	else if (str_eq(name, "modifyTimestamp"))
		assert(clock_parse_gt(value, &e->modified));
	else
		entry_add(t->a, e, name, value);
	return line + n + (line[n] == '\n');
}

static int by_order(const void *x, const void *y)
{
	const struct rule *p = x, *q = y;

	if (p->priority != q->priority)
		return p->priority < q->priority ? 1 : -1;
	return strcmp(p->id, q->id);
}

#define TAKE(cls, field, read) do { \
	if (entry_is(e, cls)) { \
		assert(t->n_##field < TABLE_MAX); \
		read(t->a, e, &t->field[t->n_##field++], NULL); \
	} \
} while (0)

static void take(struct world_table *t, const struct entry *e)
{
	TAKE("provostRoleEntry", role, role_read);
	TAKE("provostEnterpriseEntry", enterprise, enterprise_read);
	TAKE("provostCompanyEntry", company, company_read);
	TAKE("provostBillingAccount", account, account_read);
	TAKE("provostGroupIdentifier", group, group_identifier_read);
	TAKE("provostTool", tool, tool_read);
	TAKE("provostRule", rule, rule_read);
	TAKE("provostServiceEntry", service, service_read);
	if (str_ieq(entry_get(e, "provostRole"), ROLE_PRIMARY_CONTACT))
		TAKE("provostUser", contact, person_read);
	qsort(t->rule, t->n_rule, sizeof(t->rule[0]), by_order);
}

static const char *read_entry(struct world_table *t, const char *ldif,
    struct entry **out)
{
	*out = arena_alloc(t->a, sizeof(**out));
	(*out)->csn = (*out)->creator = (*out)->modifier = "";
	while (*ldif != '\0' && *ldif != '\n')
		ldif = read_line(t, *out, ldif);
	take(t, *out);
	return *ldif == '\n' ? ldif + 1 : ldif;
}

struct entry *table_entry(struct world_table *t, const char *ldif)
{
	struct entry *e;

	read_entry(t, ldif, &e);
	return e;
}

void table_fill(struct world_table *t, const char *ldif)
{
	struct entry *e;

	while (*ldif != '\0')
		ldif = read_entry(t, ldif, &e);
}

#define ROLE(id) "dn: provostRoleId=" id ",ou=roles\n" \
	"objectClass: provostRoleEntry\nprovostRoleId: " id "\n" \
	"provostPermission: billing view\n\n"
#define ENTERPRISE(id, active) "dn: provostEnterpriseId=" id "\n" \
	"objectClass: provostEnterpriseEntry\nprovostEnterpriseId: " id "\n" \
	"provostActive: " active "\n\n"
#define COMPANY(id, enterprise) "dn: provostCompanyId=" id "\n" \
	"objectClass: provostCompanyEntry\nprovostCompanyId: " id "\n" \
	"provostEnterprise: " enterprise "\n\n"
#define ACCOUNT(id, company, enterprise) "dn: provostAccountNumber=" id "\n" \
	"objectClass: provostBillingAccount\nprovostAccountNumber: " id "\n" \
	"provostCompany: " company "\nprovostEnterprise: " enterprise "\n" \
	"provostBilling: paper\n\n"
#define TOOL(id, restricted) "dn: provostToolId=" id "\n" \
	"objectClass: provostTool\nprovostToolId: " id "\n" \
	"provostRestricted: " restricted "\nprovostTarget: t\n\n"
#define GROUP(id, kind, company, account) \
	"dn: provostGroupIdentifierId=" id "\n" \
	"objectClass: provostGroupIdentifier\n" \
	"provostGroupIdentifierId: " id "\nprovostKind: " kind "\n" \
	"provostCompany: " company "\nprovostAccount: " account "\n\n"

void table_acme(struct world_table *t)
{
	table_fill(t, ROLE("primary-contact") ROLE("administrator")
	    ROLE("viewer") ROLE("manager") ENTERPRISE("acme", "TRUE")
	    ENTERPRISE("dormant", "FALSE") COMPANY("c1", "acme")
	    COMPANY("c2", "acme") COMPANY("c9", "dormant")
	    ACCOUNT("a11", "c1", "acme") ACCOUNT("a12", "c1", "acme")
	    ACCOUNT("a21", "c2", "acme") ACCOUNT("a22", "c2", "acme")
	    ACCOUNT("a91", "c9", "dormant") TOOL("wan", "FALSE")
	    TOOL("voip", "FALSE") TOOL("fire", "TRUE")
	    GROUP("sites", "serviceGroup", "c1", "a11")
	    GROUP("cgi1", "cgi", "c1", "a12")
	    GROUP("media", "emedia", "c2", "a22"));
}

struct person *table_person(struct world_table *t, const char *ldif,
    struct problems *p)
{
	struct person *out = arena_alloc(t->a, sizeof(*out));

	person_read(t->a, table_entry(t, ldif), out, p);
	return out;
}

struct request *table_request(struct world_table *t, const char *ldif)
{
	struct request *r = arena_alloc(t->a, sizeof(*r));
	int rc = request_read(t->a, table_entry(t, ldif), r, NULL, NULL);

	assert(rc == 0);
	(void)rc;
	return r;
}

const char *table_print(struct world_table *t, const struct change *c)
{
	const char *out = "";
	size_t i, k;

	for (i = 0; c != NULL && i < c->n; i++) {
		out = arena_printf(t->a, "%s%s%c%s", out, i ? " " : "",
		    "+-="[c->mod[i].op], c->mod[i].name);
		for (k = 0; k < c->mod[i].n; k++)
			out = arena_printf(t->a, "%s:%s", out,
			    c->mod[i].v[k].p);
	}
	return out;
}

int64_t table_noon(void)
{
	int64_t t = 0;
	bool ok = clock_parse_gt("20260315120000Z", &t);

	assert(ok);
	(void)ok;
	return t;
}
