/* SPDX-License-Identifier: ISC */
/* V13-V15, V18-V20: what goes with a company, what needs one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/cascade.h"
#include "core/given.h"
#include "world_table.h"

#define ANN "dn: cn=ann\nuid: ann\nprovostState: active\n"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	table_fill(t, "dn: x\nobjectClass: provostRule\nprovostRuleId: one\n"
	    "provostRuleGroup: g1\nprovostCompany: c1\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const char *words(const struct stored_list *l)
{
	const char *out = "";
	size_t i;

	for (i = 0; i < l->n; i++)
		out = arena_printf(t->a, "%s%s%s", out, i ? " " : "",
		    right_print(t->a, &l->v[i].right));
	return out;
}

static const struct {
	const char *name, *before, *after;
	const char *goes;	/* rights */
} cases[] = {
	{ "V14 nothing hung on it", ANN "provostCompany: c1\n", ANN, "" },
	{ "V14 accounts, identifiers, tool accounts", ANN
	    "provostCompany: c1\nprovostCompany: c2\n", ANN
	    "provostCompany: c2\nprovostAccount: A11\nprovostAccount: a21\n"
	    "provostAllAccountsOf: c1\nprovostGroupIdentifierId: sites\n"
	    "provostGroupIdentifierId: media\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a21\n"
	    "provostCpniAuthorized: TRUE\n",
	    "account:A11 all-accounts:c1 group:sites tool:wan/a11" },
	{ "V14 a tool whose every account goes", ANN "provostCompany: c1\n"
	    "provostCompany: c2\n", ANN "provostCompany: c2\n"
	    "provostToolGrant: wan\nprovostToolGrant: voip\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a12\n",
	    "tool:wan tool:wan/a11 tool:wan/a12" },
	{ "V19 a grant without account stays", ANN "provostCompany: c1\n",
	    ANN "provostToolGrant: wan\n", "" },
	{ "V14 all its CPNI: with the last company", ANN
	    "provostCompany: c1\n", ANN "provostCpniAuthorized: TRUE\n",
	    "cpni" },
	{ "V14 CPNI stays with another company, by a rule", ANN
	    "provostCompany: c2\n", ANN "provostMemberOf: g1\n"
	    "provostCpniAuthorized: TRUE\n", "" },
	{ "V14 a rule gives it still", ANN "provostCompany: c1\n"
	    "provostMemberOf: g1\n", ANN "provostMemberOf: g1\n"
	    "provostAccount: a11\n", "" },
	{ "V14 lost because a rule no longer gives it", ANN
	    "provostMemberOf: g1\n", ANN "provostAccount: a11\n", "" },
	{ "V14 taken away with its accounts", ANN "provostCompany: c1\n"
	    "provostAccount: a11\n", ANN "provostAccount: a21\n", "" },
	{ "V14 only its case has changed", ANN "provostCompany: c1\n", ANN
	    "provostCompany: C1\nprovostAccount: a11\n", "" },
	{ "V14 an account that there is not", ANN "provostCompany: c1\n",
	    ANN "provostAccount: a99\n", "" },
};

static void test_list(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct entry *after = table_entry(t, cases[i].after);
		struct strv gone = cascade_gone(t->a, table_entry(t,
		    cases[i].before), after, &t->world);
		struct stored_list l = cascade_list(t->a, after, &gone,
		    &t->world);

		if (strcmp(words(&l), cases[i].goes) != 0)
			fail_msg("%s: %s", cases[i].name, words(&l));
	}
}

/* V14: in the same operation, with periods and provenance. */
static void test_change(void **state)
{
	struct entry *e = table_entry(t, ANN "provostCompany: c2\n"
	    "provostAccount: a11\nprovostAccount: a21\n"
	    "provostPeriod: account:a11 - 20270101000000Z\n"
	    "provostPeriod: account:a21 - 20270101000000Z\n"
	    "provostProvenance: account:A11 client:x 20260101000000Z\n"
	    "provostProvenance: company:c1 client:x 20260101000000Z\n"
	    "provostProvenance: company:c2 client:x 20260101000000Z\n");
	const char *v[] = { "c1" };
	struct strv gone = { v, 1, 1 };
	struct stored_list l = cascade_list(t->a, e, &gone, &t->world);
	struct change *c = change_new(t->a, CHANGE_MODIFY, e->dn);

	(void)state;
	cascade_change(t->a, c, e, &gone, &l);
	assert_int_equal(c->n, 3);
	assert_string_equal(c->mod[0].name, "provostAccount");
	assert_int_equal(c->mod[0].n, 1);
	assert_string_equal(c->mod[1].v[0].p,
	    "account:a11 - 20270101000000Z");
	assert_int_equal(c->mod[1].n, 1);
	assert_int_equal(c->mod[2].n, 2);
	cascade_drop(t->a, e, &gone, &l);
	assert_string_equal(entry_get(e, "provostAccount"), "a21");
	assert_int_equal(entry_attr(e, "provostAccount")->n, 1);
	assert_int_equal(entry_attr(e, "provostPeriod")->n, 1);
	assert_int_equal(entry_attr(e, "provostProvenance")->n, 1);
	/* Done is done. */
	assert_int_equal(cascade_list(t->a, e, &gone, &t->world).n, 0);
}

static const char *pending(const char *before, const char *after)
{
	struct strv v = cascade_pending(t->a, table_entry(t, before),
	    table_entry(t, after), &t->world);

	return v.n == 0 ? "" : v.n == 1 ? v.v[0] : arena_printf(t->a, "%s %s",
	    v.v[0], v.v[1]);
}

/* V14: what is seen of an entry before and after, again and again. */
static void test_pending(void **state)
{
	(void)state;
	/* An account first, its company later: nothing was taken away. */
	assert_string_equal(pending(ANN, ANN "provostAccount: a11\n"), "");
	assert_string_equal(pending(ANN "provostAccount: a11\n", ANN
	    "provostAccount: a11\nprovostCompany: c1\n"), "");
	assert_string_equal(pending(ANN "provostCompany: c1\n", ANN
	    "provostAccount: a11\n"), "c1");
	/* It stays until that is gone, ... */
	assert_string_equal(pending(ANN CASCADE_TAKEN ": c1\n", ANN
	    "provostAccount: a11\nprovostToolGrant: wan\n"), "c1");
	assert_string_equal(pending(ANN CASCADE_TAKEN ": c1\n", ANN
	    "provostAccount: a21\n"), "");
	/* ... or the company is back, by hand or by a rule. */
	assert_string_equal(pending(ANN CASCADE_TAKEN ": c1\n", ANN
	    "provostAccount: a11\nprovostCompany: c1\n"), "");
	assert_string_equal(pending(ANN CASCADE_TAKEN ": c1\n", ANN
	    "provostAccount: a11\nprovostMemberOf: g1\n"), "");
	assert_string_equal(pending(ANN "provostCompany: c1\n"
	    "provostCompany: c2\n", ANN "provostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a21\n"),
	    "c1 c2");
	assert_string_equal(pending(ANN "provostCompany: c1\n"
	    "provostCompany: c2\n", ANN "provostCpniAuthorized: TRUE\n"),
	    "c1 c2");
}

/* V18, V19: the company comes first. */
static const struct {
	const char *name, *old, *want, *why;
} additions[] = {
	{ "V18 an account", ANN, ANN "provostAccount: a21\n",
	    "account:a21: authorise company c2 for the user first (V18)" },
	{ "V18 with its company", ANN, ANN "provostCompany: c2\n"
	    "provostAccount: a21\n", NULL },
	{ "V18 with its company by a rule", ANN "provostMemberOf: g1\n", ANN
	    "provostMemberOf: g1\nprovostAccount: a11\n", NULL },
	{ "V18 what stands there already", ANN "provostAccount: a21\n", ANN
	    "provostAccount: a21\nmail: a@b\n", NULL },
	{ "V18 an identifier", ANN, ANN "provostGroupIdentifierId: media\n",
	    "company c2" },
	{ "V18 all accounts", ANN, ANN "provostAllAccountsOf: c2\n",
	    "company c2" },
	{ "V19 a tool account needs its company", ANN
	    "provostToolGrant: wan\n", ANN "provostToolGrant: wan\n"
	    "provostToolAccount: wan a21\n", "tool:wan/a21: authorise" },
	{ "V19 but not the account", ANN, ANN "provostCompany: c2\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a21\n", NULL },
	{ "V18 of somebody suspended", NULL, "dn: cn=x\n"
	    "provostState: suspended\nprovostCompany: c2\n"
	    "provostAccount: a21\n", NULL },
	{ "V18 for a person who begins later", NULL, ANN
	    "provostStartsAt: 21990101000000Z\nprovostCompany: c1\n"
	    "provostAccount: a11\n", NULL },
	{ "V18 for a company that begins later", NULL, ANN
	    "provostCompany: c2\nprovostAccount: a21\n"
	    "provostPeriod: company:c2 20270101000000Z -\n", NULL },
	{ "V18 not for one that has ended", NULL, ANN
	    "provostCompany: c2\nprovostAccount: a21\n"
	    "provostPeriod: company:c2 - 20260101000000Z\n", "(V18)" },
	{ "there is no such account", NULL, ANN "provostAccount: a99\n",
	    "no such thing" },
};

static void test_add(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(additions) / sizeof(additions[0]); i++) {
		struct err e = { 0 };
		int rc = given_change(t->a, additions[i].old == NULL ? NULL :
		    table_entry(t, additions[i].old), table_entry(t,
		    additions[i].want), &t->world, table_noon(), &e);

		if ((rc == 0) != (additions[i].why == NULL) || (rc != 0 &&
		    strstr(e.text, additions[i].why) == NULL))
			fail_msg("%s: %s", additions[i].name, e.text);
	}
}

/* V15: by the same means as it came. */
static void test_take(void **state)
{
	struct person *p = table_person(t, ANN "provostCompany: c1\n"
	    "provostCompany: c2\nprovostAllAccountsOf: c1\n"
	    "provostAccount: a12\nprovostGroupIdentifierId: media\n", NULL);
	struct right a11 = { RIGHT_ACCOUNT, "a11", "" };
	struct right a12 = { RIGHT_ACCOUNT, "a12", "" };
	struct right a22 = { RIGHT_ACCOUNT, "a22", "" };
	struct right a21 = { RIGHT_ACCOUNT, "a21", "" };
	struct rights r;
	struct err e = { 0 };

	(void)state;
	rights_compute(t->a, p, &t->world, table_noon(), &r);
	assert_int_equal(given_take(&r, &a11, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "all accounts of company c1"));
	assert_non_null(strstr(e.text, "(V15)"));
	assert_int_equal(given_take(&r, &a22, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "group identifier media"));
	/* They add up: the single one may go, the account stays. */
	assert_int_equal(given_take(&r, &a12, &e), 0);
	assert_int_equal(given_take(&r, &a21, &e), 0);
}

/* V15: two counts; V22: and the tools. */
static void test_counts(void **state)
{
	struct person *p = table_person(t, ANN "provostCompany: c1\n"
	    "provostAllAccountsOf: c1\nprovostAccount: a11\n"
	    "provostAccount: a21\nprovostGroupIdentifierId: sites\n"
	    "provostToolGrant: wan\nprovostToolGrant: voip\n", NULL);
	int64_t accounts, groups, tools;
	struct rights r;

	(void)state;
	rights_compute(t->a, p, &t->world, table_noon(), &r);
	rights_counts(&r, &accounts, &groups, &tools);
	assert_int_equal(accounts, 1);
	assert_int_equal(groups, 2);
	assert_int_equal(tools, 2);
}

/* V20: taking the last account leaves an empty grant. */
static void test_empty_grant(void **state)
{
	struct person *p = table_person(t, ANN "provostCompany: c1\n"
	    "provostToolGrant: wan\n", NULL);
	struct rights r;

	(void)state;
	rights_compute(t->a, p, &t->world, table_noon(), &r);
	assert_true(rights_find(&r, &(struct right){ RIGHT_TOOL, "wan",
	    "" })->granted);
	assert_null(rights_find(&r, &(struct right){ RIGHT_TOOL_ACCOUNT,
	    "wan", "a11" }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_list), T(test_change), T(test_pending), T(test_add),
		T(test_take), T(test_counts), T(test_empty_grant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
