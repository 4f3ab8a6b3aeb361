/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/recommend.h"
#include "world_table.h"

#define SERVICE(id, account, product) "dn: x\n" \
	"objectClass: provostServiceEntry\nprovostServiceId: " id "\n" \
	"provostAccount: " account "\nprovostProduct: " product "\n\n"
#define TOOL(id, product) "dn: x\nobjectClass: provostTool\n" \
	"provostToolId: " id "\nprovostTarget: t\nprovostProduct: " product \
	"\n\n"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	t->n_tool = 0;
	table_fill(t, SERVICE("s11", "a11", "mpls") SERVICE("s22", "a22",
	    "voice") SERVICE("s12", "a12", "dns") TOOL("wan", "MPLS")
	    TOOL("voip", "voice") TOOL("name", "dns") TOOL("mail", "mail"));
	strv_add(t->a, &t->account[0].products, "internet");
	strv_add(t->a, &t->account[1].products, "mpls");
	t->tool[1].restricted = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static struct recommendation *v;

static size_t recommend(const char *ldif)
{
	struct rights r;

	rights_compute(t->a, table_person(t, ldif, NULL), &t->world,
	    table_noon(), &r);
	return recommend_tools(t->a, &r, &t->world, &v);
}

/* V21: out of the products of their accounts and services. */
static void test_matrix(void **state)
{
	(void)state;
	assert_int_equal(recommend("dn: cn=x\nprovostState: active\n"
	    "provostCompany: c1\nprovostAllAccountsOf: c1\n"), 2);
	assert_string_equal(v[0].tool->id, "wan");
	assert_int_equal(v[0].products.n, 1);
	assert_int_equal(v[0].accounts.n, 2);
	assert_string_equal(v[0].accounts.v[0], "a11");
	assert_string_equal(v[1].tool->id, "name");
	assert_string_equal(v[1].accounts.v[0], "a12");
	/* Held already; nothing of an account they have not. */
	assert_int_equal(recommend("dn: cn=x\nprovostState: active\n"
	    "provostCompany: c1\nprovostAccount: a11\n"
	    "provostToolGrant: wan\n"), 0);
	assert_int_equal(recommend("dn: cn=x\nprovostState: active\n"
	    "provostCompany: c1\n"), 0);
}

/* V6: a restricted one is marked; V16: a group gives services only. */
static void test_group(void **state)
{
	(void)state;
	table_fill(t, "dn: x\nobjectClass: provostGroupIdentifier\n"
	    "provostGroupIdentifierId: g\nprovostKind: serviceGroup\n"
	    "provostCompany: c2\nprovostService: s22\n");
	assert_int_equal(recommend("dn: cn=x\nprovostState: active\n"
	    "provostCompany: c2\nprovostGroupIdentifierId: g\n"), 1);
	assert_string_equal(v[0].tool->id, "voip");
	assert_true(v[0].tool->restricted);
	assert_int_equal(v[0].accounts.n, 0);
	/* V13: not without the company. */
	assert_int_equal(recommend("dn: cn=x\nprovostState: active\n"
	    "provostGroupIdentifierId: g\n"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_matrix),
		T(test_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
