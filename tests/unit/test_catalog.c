/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "world_table.h"

static struct world_table *t;
static struct problems p;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	p = (struct problems){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static void test_plain(void **state)
{
	struct role role;
	struct enterprise en;
	struct company co;
	struct account acc;
	struct tool tool;

	(void)state;
	role_read(t->a, table_entry(t, "dn: a\nprovostRoleId: viewer\n"
	    "provostPermission: orders view\nprovostPermission: billing view\n"),
	    &role, &p);
	assert_string_equal(role.display, "viewer");
	assert_int_equal(role.permissions.n, 2);
	assert_string_equal(role.permissions.v[0], "billing view");
	enterprise_read(t->a, table_entry(t, "dn: a\n"
	    "provostEnterpriseId: acme\ncn: Acme\n"), &en, &p);
	assert_true(en.active);
	assert_false(en.self_registration);
	company_read(t->a, table_entry(t, "dn: a\nprovostCompanyId: c1\n"
	    "provostEnterprise: acme\n"), &co, &p);
	assert_string_equal(co.name, "c1");
	account_read(t->a, table_entry(t, "dn: a\nprovostAccountNumber: 1\n"
	    "provostCompany: c1\nprovostProduct: wan\n"), &acc, &p);
	assert_string_equal(acc.enterprise, "");
	assert_int_equal(acc.products.n, 1);
	tool_read(t->a, table_entry(t, "dn: a\nprovostToolId: wan\n"
	    "provostTarget: t\nprovostRestricted: TRUE\n"), &tool, &p);
	assert_true(tool.restricted);
	assert_int_equal(p.n, 0);
}

static void test_rule(void **state)
{
	struct rule r;

	(void)state;
	rule_read(t->a, table_entry(t, "dn: r\nprovostRuleId: r1\n"
	    "provostRuleGroup: g\nprovostPriority: -5\nprovostRole: viewer\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a1\n"), &r, &p);
	assert_int_equal(p.n, 0);
	assert_int_equal(r.priority, -5);
	assert_string_equal(r.dn, "r");
	assert_string_equal(r.department, "");
	assert_string_equal(r.tool_accounts[0].account, "a1");
	rule_read(t->a, table_entry(t, "dn: r\nprovostRuleId: r2\n"
	    "provostPriority: high\nprovostToolAccount: wan\n"), &r, &p);
	/* Priority, nobody to apply to, a tool account of one word. */
	assert_int_equal(p.n, 3);
	assert_int_equal(r.priority, 0);
	assert_int_equal(r.n_tool_accounts, 0);
}

static void test_missing(void **state)
{
	struct account acc;
	struct role role;

	(void)state;
	account_read(t->a, table_entry(t, "dn: a\nprovostAccountNumber: 1\n"),
	    &acc, &p);
	assert_int_equal(p.n, 1);
	assert_string_equal(p.v[0].attr, "provostCompany");
	assert_string_equal(acc.company, "");
	role_read(t->a, table_entry(t, "dn: a\nprovostRoleId: viewer\n"
	    "provostPermission: everything\n"), &role, &p);
	assert_int_equal(p.n, 2);
	assert_int_equal(role.permissions.n, 0);
}

static void test_request(void **state)
{
	struct request *r = table_request(t, "dn: provostRequestId=r1\n"
	    "provostRequestId: r1\nprovostRequester: provostPersonId=P1,dc=X\n"
	    "provostRequestKind: tool\nprovostToolGrant: wan\n"
	    "provostAccount: a1\nprovostAccount: a2\n"
	    "provostDecision: approved\nprovostItemDecision: a2 denied\n"
	    "provostItemDecision: a3 approved\nprovostItemDecision: a3 denied\n"
	    "provostExpiresAt: 20260101000000Z\n");
	struct entry *bad = table_entry(t, "dn: provostRequestId=r2\n"
	    "provostRequester: cn=a\nprovostRequestKind: everything\n");
	struct err e;

	(void)state;
	assert_int_equal(r->state, REQUEST_PENDING);
	assert_int_equal(r->kind, REQUEST_TOOL);
	assert_string_equal(r->requester, "provostpersonid=p1,dc=x");
	assert_string_equal(r->beneficiary, r->requester);
	assert_true(r->expires_at > 0);
	/* V26: items may be decided singly; a denial is never overruled. */
	assert_true(request_item_approved(r, "wan"));
	assert_true(request_item_approved(r, "A1"));
	assert_false(request_item_approved(r, "A2"));
	assert_false(request_item_approved(r, "a3"));
	r->decision = "denied";
	assert_false(request_item_approved(r, "a1"));
	assert_int_equal(request_read(t->a, bad, r, &p, &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_request, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
