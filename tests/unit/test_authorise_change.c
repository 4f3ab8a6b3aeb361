/* SPDX-License-Identifier: ISC */
/* What a change of a person's entry amounts to, and what is seen of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "world_table.h"

#define PERSON(name) "dn: cn=" name "\nuid: " name "\n" \
	"provostState: active\n"
#define PC PERSON("pat") "provostRole: primary-contact\n" \
	"provostEnterprise: acme\nprovostCompany: c1\n"
#define ADM PERSON("adam") "provostRole: administrator\n" \
	"provostCompany: c1\nprovostAccount: a11\nprovostToolGrant: wan\n"
#define ANN PERSON("ann") "provostRole: viewer\nprovostCompany: c1\n"
#define BOTH ANN "provostCompany: c2\n"

static struct world_table *t;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	table_fill(t, "dn: x\nobjectClass: provostRule\nprovostRuleId: two\n"
	    "provostRuleGroup: g2\nprovostCompany: c2\n\n"
	    "dn: x\nobjectClass: provostRule\nprovostRuleId: sales\n"
	    "departmentNumber: sales\nprovostToolGrant: wan\n\n"
	    "dn: x\nobjectClass: provostGroupIdentifier\n"
	    "provostGroupIdentifierId: stale\nprovostKind: cgi\n"
	    "provostCompany: c1\nprovostAccount: gone\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

/* who NULL: a client with the scope write. */
static struct actor actor_of(const char *who)
{
	struct strv *scopes = arena_alloc(t->a, sizeof(*scopes));
	struct rights *r = arena_alloc(t->a, sizeof(*r));
	const struct person *p;

	strv_add(t->a, scopes, "write");
	if (who == NULL)
		return actor_client("feed", scopes);
	p = table_person(t, who, NULL);
	rights_compute(t->a, p, &t->world, table_noon(), r);
	return actor_person(p, r);
}

static const struct {
	const char *name, *who, *old, *want;
	const char *why;	/* NULL: allowed */
} changes[] = {
	{ "V5 own preferences", ANN, ANN, ANN "provostPreference: a b\n",
	    NULL },
	{ "V5 nothing else of their own", ANN, ANN, ANN "mail: x@y\n",
	    "(V5)" },
	{ "V5 no right of their own", ANN, ANN, ANN "provostAccount: a11\n",
	    "(V5)" },
	{ "V5 no period of their own", ANN, ANN, ANN
	    "provostPeriod: company:c1 - 20270101000000Z\n", "(V5)" },
	{ "V5 nothing of others", PERSON("bob") "provostCompany: c1\n", ANN,
	    ANN "provostPreference: a b\n", "(V5)" },
	{ "V7 a new user", PC, NULL, ANN "provostAccount: a11\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostCpniAuthorized: TRUE\nprovostEnterprise: acme\n", NULL },
	{ "V2 a new user of no company", PC, NULL, PERSON("new"), "(V2)" },
	{ "V2 a new user of another's company too", PC, NULL, BOTH, "(V2)" },
	{ "V4 a new user with more than their maker has", ADM, NULL, ANN
	    "provostAccount: a12\n", "a12 (V4)" },
	{ "V3 a new primary contact", PC, NULL, PC, "(V3)" },
	{ "V4 a new administrator, by one", ADM, NULL, ADM, "(V4)" },
	{ "V3 a new primary contact, by a feed", NULL, NULL, PC, "(V3)" },
	{ "V6 a restricted tool, by a feed", NULL, ANN, ANN
	    "provostToolGrant: fire\n", "(V6)" },
	{ "other rights, by a feed", NULL, ANN, BOTH "provostAccount: a21\n"
	    "provostToolGrant: wan\n", NULL },
	{ "A4 provider staff, by a feed", NULL, ANN, ANN
	    "provostAdminScope: provider\n", "(A4)" },
	{ "V16 an identifier with an account that is gone", NULL, ANN, ANN
	    "provostGroupIdentifierId: stale\n", NULL },
	{ "V16 for a primary contact", PC, ANN, ANN
	    "provostGroupIdentifierId: stale\n", NULL },
	{ "V2 a primary contact gives and takes", PC, ANN
	    "provostAccount: a11\n", ANN "provostAccount: a12\n"
	    "provostToolGrant: voip\n", NULL },
	{ "V4a a role with a company beyond", PC, BOTH, PERSON("ann")
	    "provostRole: manager\nprovostCompany: c1\nprovostCompany: c2\n",
	    "(V4a)" },
	{ "V4a the shared part", PC, BOTH, BOTH "provostAccount: a11\n",
	    NULL },
	{ "V4a the other part", PC, BOTH "provostAccount: a21\n", BOTH,
	    "(V2)" },
	{ "V4a the name belongs to all", PC, BOTH, BOTH "mail: x@y\n",
	    "mail: ann has company c2" },
	{ "V4a the name of a user of one company", PC, ANN,
	    ANN "mail: x@y\n", NULL },
	{ "V4a suspended with a company beyond", PC, BOTH,
	    "dn: cn=ann\nuid: ann\nprovostState: suspended\n"
	    "provostRole: viewer\nprovostCompany: c1\nprovostCompany: c2\n",
	    "(V4a)" },
	{ "V4a suspended", PC, ANN, "dn: cn=ann\nuid: ann\n"
	    "provostState: suspended\nprovostRole: viewer\n"
	    "provostCompany: c1\n", NULL },
	{ "T3 a last day, as to suspend", PC, ANN, ANN
	    "provostEndsAt: 20261231170000Z\n", NULL },
	{ "T3 ... with a company beyond", PC, BOTH, BOTH
	    "provostEndsAt: 20261231170000Z\n", "(V4a)" },
	{ "T3 nobody moves their own last day", ANN, ANN
	    "provostEndsAt: 20261231170000Z\n", ANN, "" },
	{ "T3 ... whatever their role", PC, PC
	    "provostEndsAt: 20261231170000Z\n", PC, "(T3)" },
	{ "T3 ... nor when they join", ANN, ANN
	    "provostStartsAt: 20261231170000Z\n", ANN, "" },
	{ "J1 ... nor that they left", ANN, ANN
	    "provostLeftAt: 20261231170000Z\n", ANN, "" },
	{ "V4a a group push confers what its rules do", PC, ANN, ANN
	    "provostMemberOf: g2\n", "rule two: pat does not have company c2" },
	{ "V4a a group without a rule", PC, ANN, ANN "provostMemberOf: g9\n",
	    NULL },
	{ "V4a a department confers, too", PERSON("eve")
	    "provostRole: administrator\nprovostCompany: c1\n", ANN, ANN
	    "departmentNumber: Sales\n", "rule sales" },
	{ "V4a and may", ADM, ANN, ANN "departmentNumber: Sales\n", NULL },
	{ "V4a a period prolongs a right", ADM, ANN "provostAccount: a12\n",
	    ANN "provostAccount: a12\n"
	    "provostPeriod: account:a12 - 20270101000000Z\n", "a12 (V4)" },
	{ "A4 own scope", PC, PC, PC "provostAdminScope: group g1\n",
	    "(A4)" },
	{ "A4 provider staff are made by provider staff", PC, ANN, ANN
	    "provostAdminScope: provider\n", "(A4)" },
	{ "A4 a scope", PC, ANN, ANN "provostAdminScope: group g1\n", NULL },
	{ "L1 an enterprise that is not theirs", PC, ANN, ANN
	    "provostEnterprise: dormant\n", "(L1)" },
	{ "L1 one of their companies", ADM, ANN, ANN
	    "provostEnterprise: acme\n", NULL },
};

static void test_changes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct actor who = actor_of(changes[i].who);
		struct err e = { 0 };
		int rc = authorise_change(&who, changes[i].old == NULL ?
		    NULL : table_entry(t, changes[i].old), table_entry(t,
		    changes[i].want), &t->world, &e);

		if ((rc == 0) != (changes[i].why == NULL) || (rc != 0 &&
		    strstr(e.text, changes[i].why) == NULL))
			fail_msg("%s: %d %s", changes[i].name, rc, e.text);
		assert_true(rc == 0 || rc == ERR_DENIED);
	}
}

/* --- seeing -------------------------------------------------------------- */

static enum sight sees(const char *who, const char *whom)
{
	const struct actor a = actor_of(who);

	return authorise_sees(t->a, &a, table_person(t, whom, NULL),
	    &t->world);
}

/* V5, V2, V4a: themselves, whom to ask, the shared part. */
static void test_sight(void **state)
{
	(void)state;
	assert_int_equal(sees(ANN, ANN), SIGHT_FULL);
	assert_int_equal(sees(ANN, PC), SIGHT_CONTACT);
	assert_int_equal(sees(ANN, ADM), SIGHT_NONE);
	assert_int_equal(sees(PC, ANN), SIGHT_FULL);
	assert_int_equal(sees(PC, BOTH), SIGHT_SHARED);
	assert_int_equal(sees(PC, PERSON("x") "provostCompany: c2\n"),
	    SIGHT_NONE);
	assert_int_equal(sees(NULL, BOTH), SIGHT_FULL);
}

static const struct entry *view(const char *who, const char *whom)
{
	const struct actor a = actor_of(who);
	const struct person *p = table_person(t, whom, NULL);

	return authorise_view(t->a, &a, p, table_entry(t, whom),
	    authorise_sees(t->a, &a, p, &t->world), &t->world);
}

static void test_view(void **state)
{
	const struct entry *e = view(PC, BOTH "provostAccount: a11\n"
	    "provostAccount: a21\nprovostToolAccount: wan a21\n"
	    "provostProvenance: account:a21 client:x 20260101000000Z\n"
	    "provostProvenance: account:a11 client:x 20260101000000Z\n"
	    "provostWrongCodes: 3 20260101000000Z\n");

	(void)state;
	assert_true(entry_has(e, "provostCompany", "c1"));
	assert_false(entry_has(e, "provostCompany", "c2"));
	assert_string_equal(entry_get(e, "provostAccount"), "a11");
	assert_int_equal(entry_attr(e, "provostAccount")->n, 1);
	assert_null(entry_attr(e, "provostToolAccount"));
	assert_int_equal(entry_attr(e, "provostProvenance")->n, 1);
	assert_null(entry_attr(e, "provostWrongCodes"));
	e = view(ANN, PC "mail;x-work: pat@acme\nprovostAccount: a11\n");
	assert_string_equal(entry_get(e, "mail;x-work"), "pat@acme");
	assert_string_equal(entry_get(e, "provostRole"), "primary-contact");
	assert_null(entry_attr(e, "provostAccount"));
	assert_null(entry_attr(e, "uid"));
	assert_null(view(ANN, ADM));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_sight, setup, teardown),
		cmocka_unit_test_setup_teardown(test_view, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
