/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/assign.h"
#include "world_fixture.h"

#define SUE "dn: cn=sue\nobjectClass: provostUser\nentryCSN: csn-1\n" \
	"provostPersonId: sue\nuid: sue\nprovostState: active\n" \
	"provostRole: viewer\n"

static struct assign_result res;

static struct actor staff(void)
{
	static const char *scope[] = { "admin" };
	static const struct strv scopes = { scope, 1, 1 };

	return actor_client("boss", &scopes);
}

static struct actor client(void)
{
	static const char *scope[] = { "write" };
	static const struct strv scopes = { scope, 1, 1 };

	return actor_client("idp", &scopes);
}

static struct assign_order order(enum assign_kind kind, const char *right)
{
	struct assign_order o = { .kind = kind, .origin = "client:boss",
	    .now = table_noon() };
	struct right *r = arena_alloc(t->a, sizeof(*r));

	if (right != NULL) {
		assert_int_equal(right_parse(t->a, right, r, NULL), 0);
		o.right = r;
		o.n = 1;
	}
	return o;
}

static struct change *assign(enum assign_kind kind, const char *right,
    const char *ldif)
{
	const struct assign_order o = order(kind, right);
	const struct actor who = staff();

	return assign_person(t->a, &who, table_entry(t, ldif), &o, &t->world,
	    &res);
}

/* "add name value", a line each. */
static const char *text_of(const struct change *c)
{
	static const char *const ops[] = { [MOD_ADD] = "add",
	    [MOD_DELETE] = "delete", [MOD_REPLACE] = "replace" };
	const char *s = "";
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		s = arena_printf(t->a, "%s%s %s", s, ops[c->mod[i].op],
		    c->mod[i].name);
		for (k = 0; k < c->mod[i].n; k++)
			s = arena_printf(t->a, "%s %s", s,
			    c->mod[i].v[k].p);
		s = arena_printf(t->a, "%s\n", s);
	}
	return s;
}

static void test_give(void **state)
{
	struct change *c = assign(ASSIGN_GIVE, "group:sites", SUE
	    "provostCompany: c1\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->assert_csn, "csn-1");
	assert_string_equal(text_of(c), "add provostGroupIdentifierId sites\n"
	    "add provostProvenance group:sites client:boss "
	    "20260315120000Z\n");
	assert_int_equal(res.given.n, 1);
	assert_string_equal(res.given.v[0], "group:sites");
	assert_int_equal(res.taken.n, 0);
	/* Again: nothing. */
	assert_null(assign(ASSIGN_GIVE, "group:SITES", SUE
	    "provostCompany: c1\nprovostGroupIdentifierId: sites\n"));
	assert_int_equal(res.code, 0);
}

/* V18: the company comes first, and is named. */
static void test_company_first(void **state)
{
	(void)state;
	assert_null(assign(ASSIGN_GIVE, "group:sites", SUE));
	assert_int_equal(res.code, ERR_INVALID);
	assert_non_null(strstr(res.text, "authorise company c1"));
}

/* V1: one role; the other one goes with who gave it. */
static void test_role(void **state)
{
	struct change *c = assign(ASSIGN_GIVE, "role:manager", SUE
	    "provostProvenance: role:viewer client:x 20260101000000Z\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(text_of(c), "replace provostRole manager\n"
	    "replace provostProvenance role:manager client:boss "
	    "20260315120000Z\n");
	assert_string_equal(res.taken.v[0], "role:viewer");
}

/* V3, V6: what the actor may not give is refused with their reason. */
static void test_denied(void **state)
{
	const struct actor who = client();
	struct assign_order o = order(ASSIGN_GIVE, "tool:fire");

	(void)state;
	assert_null(assign_person(t->a, &who, table_entry(t, SUE), &o,
	    &t->world, &res));
	assert_int_equal(res.code, ERR_DENIED);
	assert_non_null(strstr(res.text, "(V6)"));
	o = order(ASSIGN_GIVE, "role:primary-contact");
	assert_null(assign_person(t->a, &who, table_entry(t, SUE), &o,
	    &t->world, &res));
	assert_non_null(strstr(res.text, "(V3)"));
}

/* V19: an account in a tool that is not held. */
static void test_tool_account(void **state)
{
	(void)state;
	assert_null(assign(ASSIGN_GIVE, "tool:wan/a11", SUE
	    "provostCompany: c1\n"));
	assert_int_equal(res.code, ERR_INVALID);
	assert_non_null(strstr(res.text, "the tool wan first"));
	assert_non_null(assign(ASSIGN_GIVE, "tool:wan/a11", SUE
	    "provostCompany: c1\nprovostToolGrant: wan\n"));
}

/* V14: the company goes with all that hangs on it, V20: a tool with its
 * accounts; periods and provenance, too. */
static void test_take(void **state)
{
	struct change *c = assign(ASSIGN_TAKE, "company:c1", SUE
	    "provostCompany: c1\nprovostCompany: c2\nprovostAccount: a11\n"
	    "provostAccount: a21\nprovostGroupIdentifierId: sites\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n");

	(void)state;
	assert_non_null(c);
	assert_string_equal(text_of(c), "delete provostCompany c1\n"
	    "delete provostAccount a11\n"
	    "replace provostGroupIdentifierId\nreplace provostToolGrant\n"
	    "replace provostToolAccount\n");
	assert_int_equal(res.taken.n, 5);
	c = assign(ASSIGN_TAKE, "tool:wan", SUE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostPeriod: tool:wan - 20270101000000Z\n");
	assert_string_equal(text_of(c), "replace provostToolGrant\n"
	    "replace provostToolAccount\nreplace provostPeriod\n");
	assert_null(assign(ASSIGN_TAKE, "tool:wan", SUE));
	assert_int_equal(res.code, 0);
}

/* V15: what comes by other means goes by them. */
static void test_held_through(void **state)
{
	(void)state;
	assert_null(assign(ASSIGN_TAKE, "account:a11", SUE
	    "provostCompany: c1\nprovostAllAccountsOf: c1\n"));
	assert_int_equal(res.code, ERR_INVALID);
	assert_non_null(strstr(res.text, "all accounts of company c1"));
	table_fill(t, "dn: cn=r\nobjectClass: provostRule\n"
	    "provostRuleId: r1\ndepartmentNumber: ops\n"
	    "provostGroupIdentifierId: sites\n");
	assert_null(assign(ASSIGN_TAKE, "group:sites", SUE
	    "departmentNumber: ops\nprovostCompany: c1\n"));
	assert_non_null(strstr(res.text, "through the rule r1"));
}

/* A5: states. */
static void test_states(void **state)
{
	struct change *c = assign(ASSIGN_SUSPEND, NULL, SUE);

	(void)state;
	assert_string_equal(text_of(c), "replace provostState suspended\n");
	assert_null(assign(ASSIGN_REACTIVATE, NULL, SUE));
	assert_int_equal(res.code, 0);
	assert_null(assign(ASSIGN_SUSPEND, NULL, "dn: cn=x\nobjectClass: "
	    "provostUser\nuid: x\nprovostState: left\n"));
	assert_int_equal(res.code, ERR_INVALID);
	assert_null(assign(ASSIGN_REACTIVATE, NULL, "dn: cn=x\nobjectClass: "
	    "provostUser\nuid: x\nprovostState: invited\n"));
	assert_non_null(strstr(res.text, "(V8)"));
}

static int check(enum assign_kind kind, const char *right, const char *why)
{
	const struct assign_order o = order(kind, right);
	struct err e = { 0 };
	int rc = assign_check(t->a, &o, &t->world, &e);

	if (rc != 0)
		assert_non_null(strstr(e.text, why));
	return rc;
}

static void test_check(void **state)
{
	(void)state;
	assert_int_equal(check(ASSIGN_GIVE, "group:sites", ""), 0);
	assert_int_equal(check(ASSIGN_SUSPEND, NULL, ""), 0);
	assert_int_equal(check(ASSIGN_TAKE, "account:gone", ""), 0);
	assert_int_equal(check(ASSIGN_GIVE, NULL, "which rights"),
	    ERR_INVALID);
	assert_int_equal(check(ASSIGN_SUSPEND, "cpni", "no rights"),
	    ERR_INVALID);
	assert_int_equal(check(ASSIGN_GIVE, "account:gone", "no such thing"),
	    ERR_INVALID);
	assert_int_equal(check(ASSIGN_GIVE, "portal", "(A1)"), ERR_INVALID);
	assert_int_equal(check(ASSIGN_TAKE, "role:viewer", "(V1)"),
	    ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_give),
	    TEST(test_company_first), TEST(test_role), TEST(test_denied),
	    TEST(test_tool_account), TEST(test_take),
	    TEST(test_held_through), TEST(test_states), TEST(test_check) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
