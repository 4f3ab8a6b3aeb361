/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/rights.h"
#include "world_fixture.h"

#define MAX_EXPECTED 10
#define ACTIVE "dn: cn=ann\nuid: ann\nprovostState: active\n"

static const struct effective *find(const struct rights *r, const char *word)
{
	struct right right;

	assert_int_equal(right_parse(t->a, word, &right, NULL), 0);
	return rights_find(r, &right);
}

static struct rights compute(const char *ldif)
{
	struct rights r;

	rights_compute(t->a, table_person(t, ldif, NULL), &t->world,
	    table_noon(), &r);
	return r;
}

/* "right": granted; "?right": nothing gives it; "!right why": cut because of
 * something with why in its text. */
static void expect(const struct rights *r, const char *what)
{
	const struct effective *e;
	char *copy = arena_strdup(t->a, what), *why = NULL;

	if (*what == '!') {
		why = strchr(copy, ' ');
		*why++ = '\0';
	}
	e = find(r, copy + (*what == '!' || *what == '?'));
	if (*what == '?') {
		if (e != NULL)
			fail_msg("%s is there", what);
		return;
	}
	if (e == NULL || e->granted != (*what != '!'))
		fail_msg("%s: %s", what, e == NULL ? "is absent" :
		    e->granted ? "is granted" : e->why);
	if (why != NULL && strstr(e->why, why) == NULL)
		fail_msg("%s, but: %s", what, e->why);
	assert_true(e->n_paths > 0);
	assert_int_equal(e->why[0] != '\0', why != NULL);
}

static const struct scene {
	const char *name, *person;
	size_t problems;
	const char *expected[MAX_EXPECTED];
} scenes[] = {
	{ "V13 an account needs its company", ACTIVE "provostCompany: c1\n"
	    "provostAccount: a11\nprovostAccount: a21\n", 1, { "company:c1",
	    "account:a11", "!account:a21 company c2 is not authorised (V13)",
	    "?account:a12" } },
	{ "V13 keys match in any case", ACTIVE "provostCompany: C1\n"
	    "provostAccount: A11\nprovostRole: VIEWER\n", 0, { "account:a11",
	    "company:c1", "role:viewer" } },
	{ "L1 an inactive enterprise grants nothing", ACTIVE
	    "provostCompany: c9\nprovostAccount: a91\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a91\n", 0, { "company:c9",
	    "!account:a91 dormant is inactive (L1)", "tool:wan",
	    "!tool:wan/a91 (L1)" } },
	{ "V15 all accounts of a company", ACTIVE "provostCompany: c1\n"
	    "provostAllAccountsOf: c1\n", 0, { "all-accounts:c1",
	    "account:a11", "account:a12", "?account:a21" } },
	{ "V15 all accounts of a company that is not authorised", ACTIVE
	    "provostAllAccountsOf: c1\n", 1, { "!all-accounts:c1 (V13)",
	    "!account:a11 company c1 is not authorised" } },
	{ "V15 by CGI and eMedia identifier", ACTIVE "provostCompany: c1\n"
	    "provostCompany: c2\nprovostGroupIdentifierId: cgi1\n"
	    "provostGroupIdentifierId: media\n", 0, { "group:cgi1",
	    "account:a12", "account:a22", "?account:a11" } },
	{ "V16 a service group gives no account", ACTIVE "provostCompany: c1\n"
	    "provostGroupIdentifierId: sites\n", 0, { "group:sites",
	    "?account:a11" } },
	{ "V14 identifiers go with their company", ACTIVE
	    "provostGroupIdentifierId: sites\n"
	    "provostGroupIdentifierId: media\n", 2, { "!group:sites (V13)",
	    "!group:media (V13)", "!account:a22 (V13)" } },
	{ "V19 a tool account needs the grant and the company, no account",
	    ACTIVE "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: voip a11\n"
	    "provostToolAccount: wan a21\n", 2, { "tool:wan", "tool:wan/a11",
	    "!tool:voip/a11 tool voip is not granted (V19)", "?tool:voip",
	    "!tool:wan/a21 (V13)", "?account:a11" } },
	{ "V19 an account elsewhere gives nothing in a tool", ACTIVE
	    "provostCompany: c1\nprovostAccount: a11\nprovostToolGrant: wan\n",
	    0, { "tool:wan", "?tool:wan/a11" } },
	{ "V14 a tool goes when every account of it goes", ACTIVE
	    "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a21\nprovostToolAccount: wan a22\n"
	    "provostToolGrant: voip\nprovostToolAccount: voip a11\n"
	    "provostToolAccount: voip a21\n", 3, { "!tool:wan (V14)",
	    "!tool:wan/a21 (V13)", "tool:voip", "tool:voip/a11",
	    "!tool:voip/a21 (V13)" } },
	{ "V6 a restricted tool is held when somebody gave it", ACTIVE
	    "provostToolGrant: fire\n", 0, { "tool:fire" } },
	{ "unknown things grant nothing", ACTIVE "provostRole: king\n"
	    "provostCompany: c7\nprovostCompany: c1\nprovostAccount: a77\n"
	    "provostAllAccountsOf: c7\nprovostToolGrant: abacus\n"
	    "provostGroupIdentifierId: nobody\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a77\n", 7, {
	    "!role:king there is no role king", "!company:c7 there is no",
	    "!account:a77 there is no account", "!all-accounts:c7 c7",
	    "!tool:abacus there is no tool", "!group:nobody there is no",
	    "tool:wan", "!tool:wan/a77 there is no account" } },
	{ "portal and CPNI", ACTIVE "provostPortalAccess: active\n"
	    "provostCpniAuthorized: TRUE\n", 0, { "portal", "cpni" } },
	{ "A1 an invitation opens no portal", ACTIVE
	    "provostPortalAccess: invited\n", 0, { "!portal (A1)", "?cpni" } },
	{ "A1 a word that is none", ACTIVE "provostPortalAccess: yes\n", 1,
	    { "?portal" } },
	{ "a suspended person has nothing", "dn: cn=a\n"
	    "provostState: suspended\nprovostRole: viewer\n"
	    "provostCompany: c1\nprovostAccount: a11\n"
	    "provostToolGrant: wan\nprovostAccount: a21\n", 1, {
	    "!role:viewer person is suspended", "!company:c1 is suspended",
	    "!account:a11 is suspended", "!tool:wan is suspended",
	    "!account:a21 is suspended" } },
	{ "a leaver has nothing", "dn: cn=a\nprovostState: left\n"
	    "provostRole: viewer\n", 0, { "!role:viewer has left" } },
	{ "an unknown state grants nothing", "dn: cn=a\n"
	    "provostState: here\nprovostRole: viewer\n", 0,
	    { "!role:viewer suspended" } },
	{ "V8 an invited person is at no tool yet", "dn: cn=a\n"
	    "provostState: invited\nprovostRole: viewer\n"
	    "provostCompany: c1\nprovostAccount: a11\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n", 0, { "role:viewer", "account:a11",
	    "!tool:wan invited", "!tool:wan/a11 invited" } },
	{ "T3 who has not joined yet has nothing", ACTIVE
	    "provostRole: viewer\nprovostToolGrant: wan\n"
	    "provostStartsAt: 20260315120001Z\n", 0,
	    { "!role:viewer joined yet (T3)", "!tool:wan joined yet" } },
	{ "T3 from the second on", ACTIVE "provostToolGrant: wan\n"
	    "provostStartsAt: 20260315120000Z\n"
	    "provostEndsAt: 20260315120001Z\n", 0, { "tool:wan" } },
	{ "T3 until the second", ACTIVE "provostToolGrant: wan\n"
	    "provostEndsAt: 20260315120000Z\n", 0,
	    { "!tool:wan time has ended (T3)" } },
	{ "T3 times that cannot be read open nothing", ACTIVE
	    "provostToolGrant: wan\nprovostEndsAt: never\n", 0,
	    { "!tool:wan time has ended" } },
	{ "T3 within a period", ACTIVE "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan 20260315120000Z 20260315120001Z\n", 0,
	    { "tool:wan" } },
	{ "T3 a period ends at its end", ACTIVE "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan - 20260315120000Z\n", 0,
	    { "!tool:wan ended at 2026-03-15T12:00:00Z (T3)" } },
	{ "T3 a period that has not begun", ACTIVE "provostToolGrant: wan\n"
	    "provostPeriod: tool:WAN 20260315120001Z -\n", 0,
	    { "!tool:wan begins at 2026-03-15T12:00:01Z (T3)" } },
	{ "T3 several periods add up", ACTIVE "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan - 20260101000000Z\n"
	    "provostPeriod: tool:wan 20260301000000Z 20260401000000Z\n", 0,
	    { "tool:wan" } },
	{ "T3 a malformed period closes", ACTIVE "provostToolGrant: wan\n"
	    "provostToolGrant: voip\nprovostPeriod: tool:wan - whenever\n"
	    "provostPeriod: tool:wan - -\n", 0, { "!tool:wan malformed",
	    "tool:voip" } },
	{ "T3 a tool's period is its accounts' too", ACTIVE
	    "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n"
	    "provostPeriod: tool:wan - 20260101000000Z\n", 0, {
	    "!tool:wan (T3)", "!tool:wan/a11 tool wan is not granted (V19)" } },
	{ "T3 one account of a tool ends", ACTIVE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostToolAccount: wan a12\n"
	    "provostPeriod: tool:wan/a11 - 20260101000000Z\n", 0, { "tool:wan",
	    "!tool:wan/a11 (T3)", "tool:wan/a12" } },
	{ "T3 a company that ended cuts its accounts, nothing is wrong",
	    ACTIVE "provostCompany: c1\nprovostAccount: a11\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostPeriod: company:c1 - 20260101000000Z\n", 0, {
	    "!company:c1 (T3)", "!account:a11 (V13)", "!tool:wan (V14)" } },
	{ "T3 all accounts end, a single one stays (V15: they add up)",
	    ACTIVE "provostCompany: c1\nprovostAllAccountsOf: c1\n"
	    "provostAccount: a11\n"
	    "provostPeriod: all-accounts:c1 - 20260101000000Z\n", 0, {
	    "!all-accounts:c1 (T3)", "account:a11", "!account:a12 (T3)" } },
	{ "nothing at all", ACTIVE, 0, { "?role:viewer", "?portal" } },
};

static void test_scenes(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct rights r = compute(scenes[i].person);

		if (r.problems.n != scenes[i].problems)
			fail_msg("%s: %zu problems, not %zu, the first: %s",
			    scenes[i].name, r.problems.n, scenes[i].problems,
			    r.problems.n ? r.problems.v[0].text : "");
		for (k = 0; k < MAX_EXPECTED && scenes[i].expected[k]; k++)
			expect(&r, scenes[i].expected[k]);
	}
}

#define RULE(id, lines) "dn: provostRuleId=" id "\nobjectClass: provostRule\n" \
	"provostRuleId: " id "\n" lines "\n"

/* Birthright: group and department, by hand before rules, V4a, V6. */
static void test_rules(void **state)
{
	struct rights r;

	(void)state;
	table_fill(t, RULE("r1", "provostRuleGroup: sales\n"
	    "provostCompany: c1\nprovostAllAccountsOf: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostRole: viewer\nprovostPriority: 1\n")
	    RULE("r2", "departmentNumber: Billing  Desk\n"
	    "provostRole: manager\nprovostPriority: 5\nprovostToolGrant: fire\n"
	    "provostToolAccount: fire a11\n")
	    RULE("r3", "provostRuleGroup: sales\ndepartmentNumber: nowhere\n"
	    "provostCompany: c2\n")
	    RULE("r4", "provostRuleGroup: chiefs\n"
	    "provostRole: primary-contact\nprovostPriority: 9\n"
	    "provostToolGrant: abacus\n"));
	r = compute(ACTIVE "provostMemberOf: SALES\n");
	expect(&r, "company:c1");
	expect(&r, "account:a12");
	expect(&r, "tool:wan/a11");
	expect(&r, "role:viewer");
	expect(&r, "?company:c2");
	assert_int_equal(find(&r, "tool:wan")->path[0].kind, PATH_RULE);
	assert_string_equal(find(&r, "tool:wan")->path[0].via, "r1");
	assert_int_equal(r.problems.n, 0);

	/* Both rules: the higher priority has the role; V6 the restricted
	 * tool stays out. */
	r = compute(ACTIVE "provostMemberOf: sales\n"
	    "departmentNumber: billing desk\n");
	expect(&r, "role:manager");
	expect(&r, "?role:viewer");
	expect(&r, "?tool:fire");
	expect(&r, "?tool:fire/a11");
	assert_int_equal(r.problems.n, 1);
	assert_string_equal(r.problems.v[0].dn, "provostRuleId=r2");

	/* By hand wins; what is held by hand and by rule has both paths. */
	r = compute(ACTIVE "provostMemberOf: sales\nprovostRole: manager\n"
	    "provostToolGrant: wan\n");
	expect(&r, "role:manager");
	expect(&r, "?role:viewer");
	assert_int_equal(find(&r, "tool:wan")->n_paths, 2);
	assert_int_equal(find(&r, "tool:wan")->path[0].kind, PATH_DIRECT);

	/* Until it ends (T3). */
	r = compute(ACTIVE "provostMemberOf: sales\nprovostRole: manager\n"
	    "provostPeriod: role:manager - 20260101000000Z\n");
	expect(&r, "!role:manager (T3)");
	expect(&r, "role:viewer");

	/* V4a: no rule confers primary contact. */
	r = compute(ACTIVE "provostMemberOf: chiefs\nprovostMemberOf: sales\n");
	expect(&r, "?role:primary-contact");
	expect(&r, "role:viewer");
	expect(&r, "!tool:abacus there is no tool");
	assert_int_equal(r.problems.n, 2);
}

static void test_paths(void **state)
{
	struct rights r = compute(ACTIVE "provostCompany: c1\n"
	    "provostAccount: a12\nprovostAllAccountsOf: c1\n"
	    "provostGroupIdentifierId: cgi1\nprovostRole: viewer\n"
	    "provostToolGrant: wan\nprovostToolGrant: voip\n"
	    "provostProvenance: account:a12 request:old 20250101000000Z\n"
	    "provostProvenance: account:A12 request:new 20260101000000Z\n"
	    "provostProvenance: account:a11 feed:hr 20260101000000Z\n");
	const struct effective *e = find(&r, "account:a12");
	int64_t accounts, groups, tools;

	(void)state;
	/* V15: each path is listed. */
	assert_int_equal(e->n_paths, 3);
	assert_int_equal(e->path[0].kind, PATH_DIRECT);
	assert_string_equal(e->path[0].provenance->origin, "request:new");
	assert_int_equal(e->path[1].kind, PATH_ALL_ACCOUNTS);
	assert_string_equal(e->path[1].via, "c1");
	assert_int_equal(e->path[2].kind, PATH_GROUP_IDENTIFIER);
	assert_null(find(&r, "account:a11")->path[0].provenance);
	assert_int_equal(r.permissions.n, 1);
	/* V15 single accounts; companies and groups; V22 tools. */
	rights_counts(&r, &accounts, &groups, &tools);
	assert_int_equal(accounts, 1);
	assert_int_equal(groups, 2);
	assert_int_equal(tools, 2);
}

/* V15: accounts that a company gets later come too. */
static void test_later(void **state)
{
	static const char ann[] = ACTIVE "provostCompany: c1\n"
	    "provostAllAccountsOf: c1\n";
	struct rights r = compute(ann);

	(void)state;
	expect(&r, "?account:a13");
	table_fill(t, "dn: a\nobjectClass: provostBillingAccount\n"
	    "provostAccountNumber: a13\nprovostCompany: c1\n");
	r = compute(ann);
	expect(&r, "account:a13");
}

static void test_next_change(void **state)
{
	struct rights r = compute(ACTIVE "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan 20260101000000Z 20260315120005Z\n"
	    "provostPeriod: tool:voip 20260315120003Z -\n");
	const int64_t noon = table_noon();

	(void)state;
	assert_true(r.next_change == noon + 3 * CLOCK_SECOND);
	r = compute(ACTIVE "provostEndsAt: 20260315120007Z\n"
	    "provostStartsAt: 20260315120002Z\n");
	assert_true(r.next_change == noon + 2 * CLOCK_SECOND);
	r = compute(ACTIVE "provostEndsAt: 20260315120007Z\n"
	    "provostStartsAt: 20260315110000Z\n");
	assert_true(r.next_change == noon + 7 * CLOCK_SECOND);
	rights_compute(t->a, table_person(t, ACTIVE, NULL), &t->world, noon,
	    &r);
	assert_true(r.next_change == CLOCK_NEVER);
}

/* --- against a slow and obvious model ------------------------------------ */

static const char *pick(const char *const *v, int n)
{
	return v[random() % n];
}

static const char *const companies[] = { "c1", "c2", "c9", "c7" };
static const char *const accounts_all[] = { "a11", "a12", "a21", "a22", "a91",
    "a77" };
static const char *const tools_all[] = { "wan", "voip", "fire", "abacus" };
static const char *const groups_all[] = { "sites", "cgi1", "media", "none" };
static const char *const states[] = { "active", "active", "active",
    "invited", "suspended" };
static const char *const periods[] = { "- 20260101000000Z", "- -",
    "20260101000000Z 20270101000000Z", "20270101000000Z -", "soon -" };

#define PICK(v) pick(v, (int)(sizeof(v) / sizeof((v)[0])))

static const char *some(const char *attr, const char *const *v, int n)
{
	const char *out = "";
	int i;

	for (i = 0; i < n; i++)
		if (random() % 3 == 0)
			out = arena_printf(t->a, "%s%s: %s\n", out, attr,
			    v[i]);
	return out;
}

#define SOME(attr, v) some(attr, v, (int)(sizeof(v) / sizeof((v)[0])))

/* Any values, on a person or a rule. */
static const char *random_values(void)
{
	const char *out = arena_printf(t->a, "%s%s%s%s%s",
	    SOME("provostCompany", companies),
	    SOME("provostAccount", accounts_all),
	    SOME("provostAllAccountsOf", companies),
	    SOME("provostGroupIdentifierId", groups_all),
	    SOME("provostToolGrant", tools_all));
	long i, n = random() % 4;

	for (i = 0; i < n; i++)
		out = arena_printf(t->a, "%sprovostToolAccount: %s %s\n", out,
		    PICK(tools_all), PICK(accounts_all));
	return out;
}

static const char *random_word(void)
{
	switch (random() % 5) {
	case 0: return arena_printf(t->a, "company:%s", PICK(companies));
	case 1: return arena_printf(t->a, "account:%s", PICK(accounts_all));
	case 2: return arena_printf(t->a, "all-accounts:%s",
	    PICK(companies));
	case 3: return arena_printf(t->a, "tool:%s", PICK(tools_all));
	default: return arena_printf(t->a, "tool:%s/%s", PICK(tools_all),
	    PICK(accounts_all));
	}
}

static const char *random_person(const char *state)
{
	const char *out = arena_printf(t->a, "dn: cn=a\nprovostState: %s\n%s"
	    "%s", state, random() % 2 ? "provostMemberOf: g\n" : "",
	    random_values());
	long i, n = random() % 4;

	for (i = 0; i < n; i++)
		out = arena_printf(t->a, "%sprovostPeriod: %s %s\n", out,
		    random_word(), PICK(periods));
	return out;
}

struct model {
	const struct person *p;
	const struct rule *rule;	/* NULL: applies not */
	const struct world *w;
};

static bool in(const struct strv *v, const char *s)
{
	return strv_has(v, s);
}

static bool open_now(const struct model *m, const char *word)
{
	bool any = false, open = false;
	size_t i;

	for (i = 0; i < m->p->n_periods; i++) {
		const struct period *q = &m->p->periods[i];

		if (!str_eq(right_print(t->a, &q->right), word))
			continue;
		if (q->until == INT64_MIN)
			return false;
		any = true;
		open |= q->from <= table_noon() && table_noon() < q->until;
	}
	return !any || open;
}

static bool m_company(const struct model *m, const char *c)
{
	return (in(&m->p->companies, c) ||
	    (m->rule && in(&m->rule->companies, c))) &&
	    m->w->company(m->w->ctx, c) != NULL &&
	    open_now(m, arena_printf(t->a, "company:%s", c));
}

static bool m_reach(const struct model *m, const char *number)
{
	const struct account *acc = m->w->account(m->w->ctx, number);

	return acc != NULL && m_company(m, acc->company) &&
	    !str_eq(acc->enterprise, "dormant");
}

static bool m_all(const struct model *m, const char *c)
{
	return (in(&m->p->all_accounts_of, c) || (m->rule &&
	    in(&m->rule->all_accounts_of, c))) && m_company(m, c) &&
	    open_now(m, arena_printf(t->a, "all-accounts:%s", c));
}

static bool m_group(const struct model *m, const char *g)
{
	const struct group_identifier *gi =
	    m->w->group_identifier(m->w->ctx, g);

	return gi != NULL && m_company(m, gi->company) &&
	    (in(&m->p->group_identifiers, g) ||
	    (m->rule && in(&m->rule->group_identifiers, g)));
}

static bool m_account(const struct model *m, const char *number)
{
	const struct account *acc = m->w->account(m->w->ctx, number);
	bool given = in(&m->p->accounts, number) ||
	    (m->rule && in(&m->rule->accounts, number));

	given |= acc != NULL && m_all(m, acc->company);
	given |= str_eq(number, "a12") && m_group(m, "cgi1");
	given |= str_eq(number, "a22") && m_group(m, "media");
	return given && m_reach(m, number) &&
	    open_now(m, arena_printf(t->a, "account:%s", number));
}

static bool m_listed(const struct model *m, const char *tool,
    const char *number)
{
	size_t i;

	for (i = 0; i < m->p->n_tool_accounts; i++)
		if (str_eq(m->p->tool_accounts[i].tool, tool) &&
		    str_eq(m->p->tool_accounts[i].account, number))
			return true;
	for (i = 0; m->rule && !str_eq(tool, "fire") &&
	    i < m->rule->n_tool_accounts; i++)
		if (str_eq(m->rule->tool_accounts[i].tool, tool) &&
		    str_eq(m->rule->tool_accounts[i].account, number))
			return true;
	return false;
}

/* V14: has accounts, and none of an authorised company. */
static bool m_closed(const struct model *m, const char *tool)
{
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(accounts_all) / sizeof(accounts_all[0]); i++) {
		const struct account *acc = m->w->account(m->w->ctx,
		    accounts_all[i]);

		if (!m_listed(m, tool, accounts_all[i]))
			continue;
		any = true;
		if (acc == NULL || m_company(m, acc->company))
			return false;
	}
	return any;
}

static bool m_tool(const struct model *m, const char *tool)
{
	bool given = in(&m->p->tools, tool) || (m->rule &&
	    in(&m->rule->tools, tool) && !str_eq(tool, "fire"));

	return m->p->state == PERSON_ACTIVE && given &&
	    m->w->tool(m->w->ctx, tool) != NULL && !m_closed(m, tool) &&
	    open_now(m, arena_printf(t->a, "tool:%s", tool));
}

static void check(const struct rights *r, const char *word, bool wanted)
{
	const struct effective *e = find(r, word);

	if ((e != NULL && e->granted) != wanted)
		fail_msg("%s should %sbe granted: %s", word,
		    wanted ? "" : "not ", e ? e->why : "nothing gives it");
}

static void compare(const struct model *m, const struct rights *r)
{
	bool alive = m->p->state == PERSON_ACTIVE ||
	    m->p->state == PERSON_INVITED;
	size_t i, k;

	for (i = 0; i < 4; i++) {
		check(r, arena_printf(t->a, "company:%s", companies[i]),
		    alive && m_company(m, companies[i]));
		check(r, arena_printf(t->a, "all-accounts:%s", companies[i]),
		    alive && m_all(m, companies[i]));
		check(r, arena_printf(t->a, "group:%s", groups_all[i]),
		    alive && m_group(m, groups_all[i]));
		check(r, arena_printf(t->a, "tool:%s", tools_all[i]),
		    m_tool(m, tools_all[i]));
	}
	for (i = 0; i < 6; i++) {
		const char *acc = accounts_all[i];

		check(r, arena_printf(t->a, "account:%s", acc), alive &&
		    m_account(m, acc));
		for (k = 0; k < 4; k++) {
			const char *word = arena_printf(t->a, "tool:%s/%s",
			    tools_all[k], acc);

			check(r, word, m_tool(m, tools_all[k]) &&
			    m_listed(m, tools_all[k], acc) &&
			    m_reach(m, acc) && open_now(m, word));
		}
	}
	for (i = 1; i < r->n; i++)
		assert_true(right_cmp(&r->v[i - 1].right, &r->v[i].right) < 0);
}

static void test_random(void **state)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) :
	    (unsigned)time(NULL);
	int round;

	(void)state;
	printf("SEED=%u\n", seed);
	srandom(seed);
	for (round = 0; round < 600; round++) {
		struct model m = { .w = &t->world };
		struct rights r;

		teardown(NULL);
		setup(NULL);
		m.w = &t->world;
		table_fill(t, arena_printf(t->a, RULE("r", "%s"
		    "provostRuleGroup: g\n"), random_values()));
		m.p = table_person(t, random_person(PICK(states)), NULL);
		m.rule = m.p->member_of.n ? &t->rule[0] : NULL;
		rights_compute(t->a, m.p, &t->world, table_noon(), &r);
		compare(&m, &r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_scenes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_next_change, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
