/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/clone.h"
#include "world_fixture.h"

#define PERSON(name) "dn: cn=" name "\nuid: " name "\n" \
	"provostState: active\n"
#define PC PERSON("pat") "provostRole: primary-contact\n" \
	"provostCompany: c1\n"
#define ADM PERSON("adam") "provostRole: administrator\n" \
	"provostCompany: c1\nprovostAccount: a11\nprovostToolGrant: wan\n"
#define RICH PERSON("ann") "provostRole: manager\nprovostCompany: c1\n" \
	"provostCompany: c2\nprovostAccount: a11\nprovostAccount: a12\n" \
	"provostAccount: a21\nprovostAllAccountsOf: c1\n" \
	"provostGroupIdentifierId: sites\nprovostToolGrant: wan\n" \
	"provostToolGrant: fire\nprovostToolAccount: wan a11\n" \
	"provostToolAccount: wan a21\nprovostToolAccount: fire a11\n" \
	"provostCpniAuthorized: TRUE\nprovostPortalAccess: active\n" \
	"provostPreference: language en\n"

static struct entry *out;
static struct clone left;
static struct err err;

static int clone(const char *who, const char *source)
{
	struct strv scopes = { 0 };
	struct rights r;
	struct actor actor;

	strv_add(t->a, &scopes, "admin");
	actor = actor_client("staff", &scopes);
	if (who != NULL) {
		const struct person *p = table_person(t, who, NULL);

		rights_compute(t->a, p, &t->world, table_noon(), &r);
		actor = actor_person(p, &r);
	}
	out = arena_alloc(t->a, sizeof(*out));
	out->dn = "cn=new";
	return clone_rights(t->a, &actor, table_entry(t, source), &t->world,
	    table_noon(), out, &left, &err);
}

static const char *values(void)
{
	const char *s = "";
	size_t i, k;

	for (i = 0; i < out->n; i++)
		for (k = 0; k < out->a[i].n; k++)
			s = arena_printf(t->a, "%s%s%s:%s", s, *s ? " " : "",
			    out->a[i].name + strlen("provost"),
			    out->a[i].v[k].p);
	return s;
}

static const char *omitted(const char *word)
{
	size_t i;

	for (i = 0; i < left.n; i++)
		if (strcmp(right_print(t->a, &left.v[i].right), word) == 0)
			return left.v[i].why;
	return "";
}

/* V9: all that a clone gets; CPNI and portal access are acts of their own. */
static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(clone(NULL, RICH), 0);
	assert_string_equal(values(), "Role:manager Company:c1 Company:c2 "
	    "Account:a11 Account:a12 Account:a21 AllAccountsOf:c1 "
	    "GroupIdentifierId:sites ToolGrant:fire ToolGrant:wan "
	    "ToolAccount:fire a11 ToolAccount:wan a11 ToolAccount:wan a21 "
	    "Preference:language en Enterprise:acme");
	assert_int_equal(left.n, 0);
}

/* V4a: what its maker could not give is left out and reported. */
static void test_left_out(void **state)
{
	(void)state;
	assert_int_equal(clone(PC, RICH), 0);
	assert_string_equal(values(), "Role:manager Company:c1 Account:a11 "
	    "Account:a12 AllAccountsOf:c1 GroupIdentifierId:sites "
	    "ToolGrant:wan ToolAccount:wan a11 Preference:language en "
	    "Enterprise:acme");
	/* Another company and what hangs on it is counted, not named. */
	assert_int_equal(left.n, 2);
	assert_int_equal(left.unseen, 3);
	assert_non_null(strstr(omitted("tool:fire"), "(V6)"));
	assert_non_null(strstr(omitted("tool:fire/a11"), "(V6)"));
	assert_int_equal(clone(ADM, RICH), 0);
	assert_string_equal(values(), "Role:manager Company:c1 Account:a11 "
	    "ToolGrant:wan ToolAccount:wan a11 Preference:language en "
	    "Enterprise:acme");
	assert_non_null(strstr(omitted("account:a12"), "(V4)"));
}

/* V4a: never primary contact, not even by the provider's staff. */
static void test_role(void **state)
{
	(void)state;
	assert_int_equal(clone(NULL, PC), 0);
	assert_null(entry_get(out, "provostRole"));
	assert_non_null(strstr(omitted("role:primary-contact"), "(V4a)"));
	assert_int_equal(clone(PC, ADM), 0);
	assert_string_equal(entry_get(out, "provostRole"), "administrator");
	assert_int_equal(clone(ADM, PERSON("eve") "provostCompany: c1\n"
	    "provostRole: administrator\n"), 0);
	assert_non_null(strstr(omitted("role:administrator"), "(V4)"));
}

/* V9: what the source does not hold just now; what needs a company that came
 * by a rule (V18); T3: an end stays an end. */
static void test_held(void **state)
{
	(void)state;
	table_fill(t, "dn: x\nobjectClass: provostRule\nprovostRuleId: j\n"
	    "provostRuleGroup: g\nprovostCompany: c2\n");
	assert_int_equal(clone(NULL, PERSON("ann") "provostMemberOf: g\n"
	    "provostCompany: c1\nprovostAccount: a11\nprovostAccount: a21\n"
	    "provostToolGrant: wan\nprovostToolGrant: voip\n"
	    "provostPeriod: tool:wan - 20270101000000Z\n"
	    "provostPeriod: tool:voip - 20260101000000Z\n"), 0);
	assert_string_equal(values(), "Company:c1 Account:a11 ToolGrant:wan "
	    "Period:tool:wan - 20270101000000Z Enterprise:acme");
	assert_non_null(strstr(omitted("tool:voip"), "(T3)"));
	assert_non_null(strstr(omitted("account:a21"), "(V18)"));
}

static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(clone(PC, PERSON("x") "provostCompany: c2\n"),
	    ERR_DENIED);
	assert_non_null(strstr(err.text, "(V2)"));
	assert_int_equal(clone(PC, "dn: cn=x\nuid: x\n"
	    "provostState: suspended\nprovostCompany: c1\n"), ERR_DENIED);
	assert_non_null(strstr(err.text, "(V9)"));
	/* Nor by provider staff. */
	assert_int_equal(clone(NULL, "dn: cn=x\ncn: x\n"
	    "provostState: invited\nprovostCompany: c1\n"), ERR_DENIED);
	assert_non_null(strstr(err.text, "x is invited"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_whole),
		T(test_left_out),
		T(test_role),
		T(test_held),
		T(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
