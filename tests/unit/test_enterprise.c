/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/enterprise.h"
#include "core/rights.h"
#include "world_table.h"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	table_fill(t, "dn: cn=f1\nobjectClass: provostBillingAccount\n"
	    "entryCSN: csn-f1\nprovostAccountNumber: f1\n\n"
	    "dn: cn=f2\nobjectClass: provostBillingAccount\n"
	    "provostAccountNumber: f2\nprovostCompany: c2\n\n"
	    "dn: cn=f3\nobjectClass: provostBillingAccount\n"
	    "provostAccountNumber: f3\nprovostCompany: c9\n\n"
	    "dn: x\nobjectClass: provostServiceEntry\nprovostServiceId: s11\n"
	    "provostAccount: a11\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const struct enterprise_help help = { "Pat Contact", "Rep Smith" };
static struct err err;

static int add(const char *enterprise, const char *company,
    struct enterprise_row *rows, size_t n)
{
	return enterprise_add(t->a, enterprise, company, rows, n, &help,
	    &t->world, &err);
}

/* L2: known accounts in no enterprise; each row has its outcome. */
static void test_add(void **state)
{
	struct enterprise_row rows[] = { { .row = 6, .number = "F1" },
	    { .row = 7, .number = "a11" }, { .row = 9, .number = "none" },
	    { .row = 10, .number = "f1" }, { .row = 11, .number = "f2" } };

	(void)state;
	assert_int_equal(add("acme", "c1", rows, 5), 0);
	assert_int_equal(rows[0].code, 0);
	assert_string_equal(rows[0].text, "");
	assert_string_equal(rows[0].change->dn, "cn=f1");
	assert_string_equal(rows[0].change->assert_csn, "csn-f1");
	assert_string_equal(rows[0].change->mod[0].v[0].p, "acme");
	assert_string_equal(rows[0].change->mod[1].v[0].p, "c1");
	assert_int_equal(rows[1].code, ERR_EXISTS);
	assert_null(rows[1].change);
	assert_int_equal(rows[2].code, ERR_NOT_FOUND);
	assert_non_null(strstr(rows[3].text, "stands in row 6 already"));
	assert_non_null(strstr(rows[4].text, "another company than c1"));
}

/* L2: the company is named, or the enterprise's only one, or the account's. */
static void test_company(void **state)
{
	struct enterprise_row rows[] = { { .number = "f1" },
	    { .number = "f2" } };

	(void)state;
	assert_int_equal(add("acme", "", rows, 2), 0);
	assert_non_null(strstr(rows[0].text, "several companies"));
	assert_int_equal(rows[1].code, 0);
	assert_int_equal(rows[1].change->n, 1);
	assert_int_equal(add("dormant", "", rows, 1), 0);
	assert_int_equal(rows[0].code, 0);
	assert_string_equal(rows[0].change->mod[1].v[0].p, "c9");
	assert_int_equal(add("acme", "c9", rows, 1), ERR_INVALID);
	assert_non_null(strstr(err.text, "belong together (L2)"));
	assert_int_equal(add("none", "", rows, 1), ERR_NOT_FOUND);
}

/* L2: refused whole. */
static void test_too_many(void **state)
{
	static struct enterprise_row rows[101];

	(void)state;
	assert_int_equal(add("acme", "c1", rows, 101), ERR_LIMIT);
	assert_non_null(strstr(err.text, "at most 100"));
}

/* L3: whom to ask, and never who holds it. */
static void test_assigned(void **state)
{
	const struct enterprise_help nobody = { "", NULL };
	struct enterprise_row row = { .number = "a91" };

	(void)state;
	assert_int_equal(add("acme", "", &row, 1), 0);
	assert_int_equal(row.code, ERR_EXISTS);
	assert_string_equal(row.text, "Account has already been assigned to "
	    "the enterprise; for access to it ask Pat Contact, to have it "
	    "moved ask Rep Smith (L3)");
	assert_null(strstr(row.text, "dormant"));
	/* By its company. */
	row.number = "f3";
	assert_int_equal(add("acme", "", &row, 1), 0);
	assert_int_equal(row.code, ERR_EXISTS);
	/* In this one, too. */
	row.number = "a11";
	assert_int_equal(enterprise_add(t->a, "acme", "", &row, 1, &nobody,
	    &t->world, &err), 0);
	assert_non_null(strstr(row.text, "your system administrator"));
}

/* L4: it moves, and what was held on it ends. */
static void test_move(void **state)
{
	struct change *c;
	struct stored_list l;

	(void)state;
	assert_int_equal(enterprise_move(t->a, "a11", "dormant", "",
	    &t->world, &c, &err), 0);
	assert_string_equal(c->mod[0].v[0].p, "dormant");
	assert_string_equal(c->mod[1].v[0].p, "c9");
	assert_int_equal(enterprise_move(t->a, "a11", "acme", "c2",
	    &t->world, &c, &err), ERR_EXISTS);
	assert_int_equal(enterprise_move(t->a, "a11", "dormant", "c2",
	    &t->world, &c, &err), ERR_INVALID);
	assert_int_equal(enterprise_move(t->a, "a91", "acme", "",
	    &t->world, &c, &err), ERR_INVALID);
	l = enterprise_move_ends(t->a, table_entry(t, "dn: x\n"
	    "provostAccount: A11\nprovostAccount: a12\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostToolAccount: wan a12\n"), "a11");
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].value, "A11");
	assert_string_equal(l.v[1].value, "wan a11");
}

static void test_move_group(void **state)
{
	struct change *c = enterprise_move_group(t->a, table_entry(t,
	    "dn: cn=g\nprovostCompany: c1\nprovostAccount: a11\n"
	    "provostAccount: a12\nprovostService: s11\n"), "a11", "c9",
	    &t->world);

	(void)state;
	assert_int_equal(c->n, 2);
	assert_string_equal(c->mod[0].v[0].p, "a11");
	assert_string_equal(c->mod[1].v[0].p, "s11");
	assert_null(enterprise_move_group(t->a, table_entry(t, "dn: cn=g\n"
	    "provostCompany: c1\nprovostAccount: a12\n"), "a11", "c9",
	    &t->world));
	assert_null(enterprise_move_group(t->a, table_entry(t, "dn: cn=g\n"
	    "provostCompany: c9\nprovostAccount: a11\n"), "a11", "c9",
	    &t->world));
}

/* L5: with a code, where self registration is on. */
static void test_register(void **state)
{
	const struct account *acc = NULL;
	struct entry out = { .dn = "cn=new" };

	(void)state;
	strv_add(t->a, &t->account[0].codes, "hash");
	strv_add(t->a, &t->account[4].codes, "other");
	assert_int_equal(enterprise_register(&t->world, "hash", table_noon(),
	    &acc, &err), ERR_DENIED);
	t->enterprise[0].self_registration = true;
	t->enterprise[1].self_registration = true;
	assert_int_equal(enterprise_register(&t->world, "hash", table_noon(),
	    &acc, &err), 0);
	assert_string_equal(acc->number, "a11");
	/* L1: inactive. */
	assert_int_equal(enterprise_register(&t->world, "other", table_noon(),
	    &acc, &err), ERR_DENIED);
	assert_int_equal(enterprise_register(&t->world, "wrong", table_noon(),
	    &acc, &err), ERR_DENIED);
	assert_null(strstr(err.text, "acme"));
	/* Of no company: there is none to authorise. */
	t->account[0].company = "";
	assert_int_equal(enterprise_register(&t->world, "hash", table_noon(),
	    &acc, &err), ERR_DENIED);
	t->account[0].company = "c1";
	/* V28: locked. */
	t->account[0].wrong = (struct wrong_codes){ 10, table_noon() };
	assert_int_equal(enterprise_register(&t->world, "hash", table_noon(),
	    &acc, &err), ERR_DENIED);
	enterprise_registrant(t->a, &t->account[0], &out);
	assert_string_equal(entry_get(&out, "provostRole"), "viewer");
	assert_string_equal(entry_get(&out, "provostAccount"), "a11");
	assert_string_equal(entry_get(&out, "provostCompany"), "c1");
	assert_string_equal(entry_get(&out, "provostEnterprise"), "acme");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_add),
		T(test_company),
		T(test_too_many),
		T(test_assigned),
		T(test_move),
		T(test_move_group),
		T(test_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
