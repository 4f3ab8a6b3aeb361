/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/service_group.h"
#include "world_table.h"

#define SERVICE(id, account, product) "dn: x\n" \
	"objectClass: provostServiceEntry\nprovostServiceId: " id "\n" \
	"provostAccount: " account "\nprovostProduct: " product "\n\n"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	table_fill(t, SERVICE("s11", "a11", "mpls") SERVICE("s12", "a12",
	    "x") SERVICE("s21", "a21", "x") SERVICE("s99", "a99", "x"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const char *check(const char *more)
{
	struct group_identifier g;
	struct err *e = arena_alloc(t->a, sizeof(*e));

	group_identifier_read(t->a, table_entry(t, arena_printf(t->a,
	    "dn: x\nprovostGroupIdentifierId: g\n%s", more)), &g, NULL);
	return service_group_check(&g, &t->world, e) == 0 ? "" : e->text;
}

#define GROUP "cn: Sites\nprovostKind: serviceGroup\n" \
	"provostPurpose: businessSite\nprovostCompany: c1\n"

/* V16: name, company, kind, services of accounts of that company. */
static void test_check(void **state)
{
	(void)state;
	assert_string_equal(check(GROUP "provostService: s11\n"
	    "provostService: S12\n"), "");
	assert_string_equal(check(GROUP), "");
	assert_non_null(strstr(check(GROUP "provostService: s11\n"
	    "provostService: s21\n"), "no service s21 under an account of "
	    "company c1 (V16)"));
	assert_non_null(strstr(check(GROUP "provostService: s99\n"),
	    "(V16)"));
	assert_non_null(strstr(check(GROUP "provostService: s0\n"),
	    "no service s0"));
	assert_non_null(strstr(check(GROUP "provostAccount: a11\n"),
	    "not accounts (V16)"));
	assert_non_null(strstr(check("cn: x\nprovostKind: serviceGroup\n"
	    "provostPurpose: businessSite\n"), "one company"));
	assert_non_null(strstr(check("cn: x\nprovostKind: serviceGroup\n"
	    "provostPurpose: fun\nprovostCompany: c1\n"), "purpose"));
	assert_string_equal(check("provostKind: cgi\nprovostAccount: a11\n"),
	    "");
}

static struct rights *rights_of(const char *ldif, const struct person **p)
{
	struct rights *r = arena_alloc(t->a, sizeof(*r));

	*p = table_person(t, ldif, NULL);
	rights_compute(t->a, *p, &t->world, table_noon(), r);
	return r;
}

static const char *company(const char *ldif)
{
	const struct person *p;
	const struct rights *r = rights_of(ldif, &p);
	const struct actor who = actor_person(p, r);

	return service_group_company(&who);
}

/* V16: the maker's own company where there is only one. */
static void test_company(void **state)
{
	(void)state;
	assert_string_equal(company("dn: x\nprovostState: active\n"
	    "provostCompany: c1\n"), "c1");
	assert_null(company("dn: x\nprovostState: active\n"
	    "provostCompany: c1\nprovostCompany: c2\n"));
	assert_null(company("dn: x\nprovostState: active\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_check),
		T(test_company),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
