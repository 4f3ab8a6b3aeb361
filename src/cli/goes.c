/* SPDX-License-Identifier: ISC */
#include "cli/goes.h"

#include "base/arena.h"
#include "core/cascade.h"
#include "model/catalog.h"

/* What was read: of the companies that go, and all rules. */
struct known {
	struct arena *a;
	struct account *account;
	size_t n_accounts;
	struct group_identifier *group;
	size_t n_groups;
	struct rule *rule;
	size_t n_rules;
};

static const char *text(const struct json *j, const char *name)
{
	const char *s = json_member_str(j, name);

	return s != NULL ? s : "";
}

static const struct account *account_of(void *ctx, const char *number)
{
	struct known *k = ctx;
	size_t i;

	for (i = 0; i < k->n_accounts; i++)
		if (str_ieq(k->account[i].number, number))
			return &k->account[i];
	return NULL;
}

static const struct group_identifier *group_of(void *ctx, const char *id)
{
	struct known *k = ctx;
	size_t i;

	for (i = 0; i < k->n_groups; i++)
		if (str_ieq(k->group[i].id, id))
			return &k->group[i];
	return NULL;
}

static const struct rule *rules_of(void *ctx, size_t *n)
{
	struct known *k = ctx;

	*n = k->n_rules;
	return k->rule;
}

static int read_rules(struct client *c, struct known *k, struct err *e)
{
	struct json *j, *x, *co;
	int rc = client_list(c, "/scim/v2/Rules", "", 0, &j, e);

	if (rc != 0)
		return rc;
	j = json_member(j, "Resources");
	k->rule = arena_array(k->a, j ? j->n + 1 : 1, sizeof(*k->rule));
	for (x = j ? j->child : NULL; x != NULL; x = x->next) {
		struct rule *r = &k->rule[k->n_rules++];

		*r = (struct rule){ .group = text(x, "group"),
		    .id = text(x, "ruleId"),
		    .department = text(x, "department") };
		co = json_member(x, "companies");
		for (co = co ? co->child : NULL; co != NULL; co = co->next)
			strv_add(k->a, &r->companies, co->s);
	}
	return 0;
}

/* The resources of one type that belong to the company. */
static int of_company(struct client *c, const char *path, const char *company,
    struct json **out, struct err *e)
{
	int rc = client_list(c, path, arena_printf(c->arena, "?filter=%s",
	    client_filter(c->arena, "company", "eq", company)), 0, out, e);

	if (rc == 0)
		*out = json_member(*out, "Resources");
	return rc;
}

static int read_company(struct client *c, struct known *k,
    const char *company, struct err *e)
{
	struct json *j, *x;
	int rc = of_company(c, "/scim/v2/Accounts", company, &j, e);

	if (rc != 0)
		return rc;
	k->account = arena_grow(k->a, k->account, k->n_accounts,
	    k->n_accounts + (j ? j->n : 0) + 1, sizeof(*k->account));
	for (x = j ? j->child : NULL; x != NULL; x = x->next)
		k->account[k->n_accounts++] = (struct account){
		    .number = text(x, "accountNumber"), .company = company };
	rc = of_company(c, "/scim/v2/GroupIdentifiers", company, &j, e);
	if (rc != 0)
		return rc;
	k->group = arena_grow(k->a, k->group, k->n_groups, k->n_groups +
	    (j ? j->n : 0) + 1, sizeof(*k->group));
	for (x = j ? j->child : NULL; x != NULL; x = x->next)
		k->group[k->n_groups++] = (struct group_identifier){
		    .id = text(x, "groupIdentifierId"), .company = company };
	return 0;
}

/* Nothing was taken: no need to ask for rules. */
static bool same_companies(struct arena *a, const struct entry *before,
    const struct entry *after)
{
	struct strv had = entry_list(a, before, stored_attr(RIGHT_COMPANY));
	struct strv has = entry_list(a, after, stored_attr(RIGHT_COMPANY));
	size_t i;

	for (i = 0; i < had.n; i++)
		if (!strv_has(&has, had.v[i]))
			return false;
	return true;
}

int goes_along(struct client *c, const struct entry *before,
    const struct entry *after, struct stored_list *out, struct err *e)
{
	struct known k = { .a = c->arena };
	struct world w = { .ctx = &k, .account = account_of,
	    .group_identifier = group_of, .rules = rules_of };
	struct strv gone;
	size_t i;
	int rc;

	*out = (struct stored_list){ 0 };
	if (same_companies(c->arena, before, after))
		return 0;
	if ((rc = read_rules(c, &k, e)) != 0)
		return rc;
	gone = cascade_gone(c->arena, before, after, &w);
	for (i = 0; i < gone.n; i++)
		if ((rc = read_company(c, &k, gone.v[i], e)) != 0)
			return rc;
	*out = cascade_list(c->arena, after, &gone, &w);
	return 0;
}
