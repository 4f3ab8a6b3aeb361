/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "world_table.h"

static struct world_table *t;
static struct problems problems;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	problems = (struct problems){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static void test_all(void **state)
{
	struct person *p = table_person(t, "dn: provostPersonId=P1,ou=people\n"
	    "entryUUID: 0e0e0e0e-0000-4000-8000-000000000001\n"
	    "provostPersonId: P1\nuid: ann\ncn: Ann Bell\nsn: Bell\n"
	    "givenName: Ann\nmail;x-home: h@x.example\n"
	    "mail;x-work;x-primary: w@x.example\nprovostState: active\n"
	    "provostRole: viewer\nprovostCompany: c1\nprovostCompany: c2\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a%201\n"
	    "provostPeriod: tool:wan - 20270101000000Z\n"
	    "provostProvenance: tool:wan request:r1 20260101000000Z\n"
	    "provostCpniAuthorized: TRUE\nprovostPortalAccess: active\n"
	    "provostTemporaryLogin: t1\nprovostInvitation: h e\n"
	    "provostReset: h t\nprovostCreatedBy: client:hr\n"
	    "provostFirstLogin: 20260101000000Z\n", &problems);

	(void)state;
	assert_int_equal(problems.n, 0);
	assert_string_equal(p->id, "0e0e0e0e-0000-4000-8000-000000000001");
	assert_string_equal(p->dn_norm, "provostpersonid=p1,ou=people");
	assert_string_equal(p->display, "Ann Bell");
	assert_string_equal(p->mail, "w@x.example");
	assert_int_equal(p->state, PERSON_ACTIVE);
	assert_int_equal(p->companies.n, 2);
	assert_int_equal(p->n_tool_accounts, 1);
	assert_string_equal(p->tool_accounts[0].account, "a 1");
	assert_int_equal(p->n_periods, 1);
	assert_string_equal(p->provenance[0].origin, "request:r1");
	assert_true(p->cpni);
	assert_string_equal(p->temporary_login, "t1");
	assert_string_equal(p->invitation, "h e");
	assert_string_equal(p->reset, "h t");
	assert_string_equal(p->created_by, "client:hr");
	assert_true(p->first_login > 0);
	assert_string_equal(p->owner, "");
}

/* Unknown and absent states grant nothing and are reported. */
static void test_state(void **state)
{
	static const struct {
		const char *line;
		enum person_state state;
		size_t problems;
	} c[] = {
		{ "provostState: active\n", PERSON_ACTIVE, 0 },
		{ "provostState: Invited\n", PERSON_INVITED, 0 },
		{ "provostState: suspended\n", PERSON_SUSPENDED, 0 },
		{ "provostState: left\n", PERSON_LEFT, 0 },
		{ "provostState: actve\n", PERSON_SUSPENDED, 1 },
		{ "", PERSON_SUSPENDED, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct problems p = { 0 };

		assert_int_equal(table_person(t, arena_printf(t->a,
		    "dn: cn=a\n%s", c[i].line), &p)->state, c[i].state);
		assert_int_equal(p.n, c[i].problems);
	}
}

/* T3: what a malformed period names is closed, not unlimited. */
static void test_period(void **state)
{
	static const char *const closing[] = { "tool:wan", "tool:wan -",
	    "tool:wan - soon", "tool:wan  - -", " tool:wan - -",
	    "tool:wan - - - - - - - - -", "tool:wan 20270101000000Z "
	    "20260101000000Z", "tool:wan - 20270101000000Z %zz" };
	static const char *const unreadable[] = { "tool - -", "- - -", "",
	    "%zz - -", "TOOL:wan - -" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(closing) / sizeof(closing[0]); i++) {
		struct problems q = { 0 };
		struct person *p = table_person(t, arena_printf(t->a,
		    "dn: cn=a\nprovostState: active\nprovostPeriod: %s\n",
		    closing[i]), &q);

		assert_int_equal(q.n, 1);
		assert_string_equal(q.v[0].attr, "provostPeriod");
		assert_int_equal(p->n_periods, 1);
		assert_string_equal(p->periods[0].right.key, "wan");
		assert_true(p->periods[0].until == INT64_MIN);
	}
	for (i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		struct problems q = { 0 };
		struct person *p = table_person(t, arena_printf(t->a,
		    "dn: cn=a\nprovostState: active\nprovostPeriod: %s\n",
		    unreadable[i]), &q);

		assert_int_equal(q.n, 1);
		assert_int_equal(p->n_periods, 0);
	}
}

static void test_malformed(void **state)
{
	struct person *p = table_person(t, "dn: cn=a\nprovostState: active\n"
	    "provostToolAccount: wan\nprovostToolAccount: wan a b\n"
	    "provostToolAccount: wan  a\nprovostToolAccount: voip a2\n"
	    "provostProvenance: tool:wan yesterday\n", &problems);

	(void)state;
	assert_int_equal(problems.n, 4);
	assert_string_equal(problems.v[0].dn, "cn=a");
	assert_string_equal(problems.v[0].value, "wan");
	assert_int_equal(p->n_tool_accounts, 1);
	assert_string_equal(p->tool_accounts[0].tool, "voip");
	assert_int_equal(p->n_provenance, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_period, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
