/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/request.h"
#include "world_fixture.h"

#define ANN "dn: cn=ann\nentryCSN: csn-ann\nuid: ann\nprovostState: active\n" \
	"provostCompany: c1\n"
#define PAT "dn: cn=pat\nuid: pat\nprovostState: active\n" \
	"provostRole: primary-contact\nprovostCompany: c1\nprovostCompany: c2\n"
#define ASK(kind) "dn: provostRequestId=r1\nentryCSN: csn-r1\n" \
	"createTimestamp: 20260310120000Z\nprovostRequestId: r1\n" \
	"provostRequester: cn=ann\nprovostRequestKind: " kind "\n"
#define WAN ASK("tool") "provostToolGrant: wan\n"
#define BY "provostDecidedBy: cn=pat\n"
#define YES "provostDecision: approved\n" BY
#define NO "provostDecision: denied\n" BY
#define GIVEN(right) " +provostProvenance:" right " request:r1 20260315120000Z"
#define TOLD "=provostRequestState:"
#define DECIDED " =provostDecidedAt:20260315120000Z"

#define KEY "key"

static struct request_plan next(const char *request, const char *beneficiary,
    const char *decider, bool confirmed)
{
	struct person *d = decider ? table_person(t, decider, NULL) : NULL;
	struct person *b = NULL;
	struct entry *e = NULL;
	struct request_plan plan;
	struct rights rights;

	if (beneficiary != NULL) {
		e = table_entry(t, beneficiary);
		b = table_person(t, beneficiary, NULL);
	}
	if (d != NULL)
		rights_compute(t->a, d, &t->world, table_noon(), &rights);
	request_next(t->a, &(struct request_case){ .r = table_request(t,
	    request), .requester = b, .beneficiary = b, .decider = d,
	    .beneficiary_entry = e, .decider_rights = d ? &rights : NULL,
	    .w = &t->world, .code_key = KEY, .confirmed = confirmed,
	    .now = table_noon() }, &plan);
	return plan;
}

/* grant and record are compared when not NULL; why is part of plan.why. */
static const struct {
	const char *name, *request, *beneficiary, *decider;
	enum request_step step;
	const char *grant, *record, *why;
} cases[] = {
	{ "nobody has decided", WAN, ANN, NULL, STEP_NONE, "", "", NULL },
	{ "V26 nobody decides in 30 days", "dn: x\n"
	    "createTimestamp: 20260213120000Z\nprovostRequester: cn=ann\n"
	    "provostRequestKind: tool\nprovostToolGrant: wan\n", ANN, NULL,
	    STEP_EXPIRE, "", TOLD "expired =provostStatusText:not decided in "
	    "time (V26)", "V26" },
	{ "V26 one microsecond before", "dn: x\n"
	    "createTimestamp: 20260213120000.000001Z\n"
	    "provostRequester: cn=ann\nprovostRequestKind: tool\n", ANN, NULL,
	    STEP_NONE, "", "", NULL },
	{ "V26 its own expiry", WAN "provostExpiresAt: 20260315120000Z\n",
	    ANN, NULL, STEP_EXPIRE, "", NULL, NULL },
	{ "unknown age", "dn: x\nprovostRequester: cn=ann\n"
	    "provostRequestKind: tool\n", ANN, NULL, STEP_NONE, "", "", NULL },
	{ "V26 half a decision is none", WAN "provostDecision: approved\n",
	    ANN, NULL, STEP_NONE, "", "", "without provostDecidedBy" },
	{ "V26 the other half", WAN BY, ANN, PAT, STEP_NONE, "", "",
	    "without provostDecision" },
	{ "no such decision", WAN "provostDecision: maybe\n" BY, ANN, PAT,
	    STEP_FAIL, "", TOLD "failed" DECIDED " =provostStatusText:"
	    "\"maybe\" is no decision; one is approved, denied or withdrawn",
	    "maybe" },
	{ "V25 denied", WAN NO, ANN, PAT, STEP_DENY, "", TOLD "denied"
	    DECIDED, NULL },
	{ "V26 withdrawn by the requester", WAN "provostDecision: withdrawn\n"
	    "provostDecidedBy: CN=Ann\n", ANN, ANN, STEP_DENY, "",
	    TOLD "withdrawn" DECIDED, NULL },
	{ "V26 withdrawn by another", WAN "provostDecision: withdrawn\n" BY,
	    ANN, PAT, STEP_FAIL, "", NULL, "V26" },
	{ "V27 a tool", WAN YES, ANN, PAT, STEP_GRANT,
	    "+provostToolGrant:wan" GIVEN("tool:wan"), TOLD "approved"
	    DECIDED, NULL },
	{ "V27 a tool with accounts", WAN "provostAccount: a11\n" YES, ANN,
	    PAT, STEP_GRANT, "+provostToolGrant:wan" GIVEN("tool:wan")
	    " +provostToolAccount:wan a11" GIVEN("tool:wan/a11"), NULL, NULL },
	{ "V27 more accounts in a tool already held", WAN
	    "provostAccount: a11\n" YES, ANN "provostToolGrant: WAN\n"
	    "provostProvenance: tool:wan request:r1 20250101000000Z\n", PAT,
	    STEP_GRANT, "+provostToolAccount:wan a11" GIVEN("tool:wan/a11"),
	    NULL, NULL },
	{ "applied before a crash: nothing twice", WAN YES, ANN
	    "provostToolGrant: wan\n"
	    "provostProvenance: tool:wan request:r1 20260315115900Z\n", PAT,
	    STEP_GRANT, "", TOLD "approved" DECIDED, NULL },
	{ "V18 the company comes first", WAN "provostAccount: a21\n" YES,
	    ANN, PAT, STEP_FAIL, "", NULL,
	    "authorise company c2 for the user first (V18)" },
	{ "V26 items decided singly", WAN "provostAccount: a11\n"
	    "provostAccount: a21\nprovostItemDecision: a21 denied\n" YES, ANN,
	    PAT, STEP_GRANT, "+provostToolGrant:wan" GIVEN("tool:wan")
	    " +provostToolAccount:wan a11" GIVEN("tool:wan/a11"), NULL, NULL },
	{ "V26 denied if all items are", ASK("accounts")
	    "provostAccount: a11\nprovostItemDecision: a11 denied\n" YES, ANN,
	    PAT, STEP_DENY, "", TOLD "denied" DECIDED, NULL },
	{ "V19 accounts without their tool are nothing", WAN
	    "provostAccount: a11\nprovostItemDecision: wan denied\n" YES, ANN,
	    PAT, STEP_DENY, "", NULL, NULL },
	{ "V18 accounts", ASK("accounts") "provostAccount: a11\n" YES, ANN,
	    PAT, STEP_GRANT, "+provostAccount:a11" GIVEN("account:a11"), NULL,
	    NULL },
	{ "V18 accounts of a company beyond", ASK("accounts")
	    "provostAccount: a21\n" YES, ANN, PAT, STEP_FAIL, "", NULL,
	    "company c2" },
	{ "V27 a company", ASK("company") "provostCompany: c2\n" YES, ANN,
	    PAT, STEP_GRANT, "+provostCompany:c2" GIVEN("company:c2"), NULL,
	    NULL },
	{ "V27 a role", ASK("role") "provostRole: manager\n" YES, ANN
	    "provostRole: viewer\n", PAT, STEP_GRANT, "=provostRole:manager"
	    GIVEN("role:manager"), NULL, NULL },
	{ "V27 a group identifier", ASK("groupIdentifier")
	    "provostGroupIdentifierId: sites\n" YES, ANN, PAT, STEP_GRANT,
	    "+provostGroupIdentifierId:sites" GIVEN("group:sites"), NULL,
	    NULL },
	{ "V14 one of a company beyond", ASK("groupIdentifier")
	    "provostGroupIdentifierId: media\n" YES, ANN, PAT, STEP_FAIL, "",
	    NULL, "company c2" },
	{ "V27 portal access", ASK("portal") YES, ANN, PAT, STEP_GRANT,
	    "=provostPortalAccess:active" GIVEN("portal"), NULL, NULL },
	{ "T3 a period that has ended goes", WAN YES, ANN
	    "provostToolGrant: wan\nprovostPeriod: tool:wan - "
	    "20260101000000Z\nprovostPeriod: tool:voip - 20260101000000Z\n",
	    PAT, STEP_GRANT, "+provostProvenance:tool:wan request:r1 "
	    "20260315120000Z -provostPeriod:tool:wan - 20260101000000Z", NULL,
	    NULL },
	{ "it asks for nothing", ASK("accounts") YES, ANN, PAT, STEP_FAIL,
	    "", NULL, "asks for nothing" },
	{ "V25 somebody who may not decide", WAN YES, ANN, "dn: cn=pat\n"
	    "uid: pat\nprovostState: active\nprovostRole: viewer\n",
	    STEP_FAIL, "", TOLD "failed" DECIDED " =provostStatusText:pat is "
	    "neither primary contact nor administrator (V25)", "V25" },
	{ "a decider who does not exist", WAN YES, ANN, NULL, STEP_FAIL, "",
	    NULL, "the decider cn=pat does not exist" },
	{ "a beneficiary who is gone", WAN YES, NULL, PAT, STEP_FAIL, "",
	    NULL, "gone" },
	{ "a suspended beneficiary", WAN YES, "dn: cn=ann\nuid: ann\n"
	    "provostState: suspended\nprovostCompany: c1\n", PAT, STEP_FAIL,
	    "", NULL, "is suspended" },
	{ "V23 an approval is no code", WAN
	    "provostRequestState: awaitingCode\n" YES, ANN, PAT, STEP_FAIL,
	    "", NULL, "V23" },
	{ "V6 a restricted tool", ASK("tool") "provostToolGrant: fire\n" YES,
	    ANN, PAT, STEP_FAIL, "", NULL, "V6" },
	{ "V26 decided after all when it came in time", WAN
	    "provostExpiresAt: 20260101000000Z\n" NO, ANN, PAT, STEP_DENY, "",
	    NULL, NULL },
	{ "already denied", WAN "provostRequestState: denied\n" YES, ANN, PAT,
	    STEP_NONE, "", "", NULL },
	{ "already failed", WAN "provostRequestState: failed\n" YES, ANN, PAT,
	    STEP_NONE, "", "", NULL },
	{ "approved, not confirmed", WAN "provostRequestState: approved\n"
	    YES, ANN, PAT, STEP_NONE, "", "", NULL },
};

static void check(size_t i, const struct request_plan *plan)
{
	const char *grant = table_print(t, plan->grant);
	const char *record = table_print(t, plan->record);

	if (plan->step != cases[i].step)
		fail_msg("%s: step %d: %s", cases[i].name, plan->step,
		    plan->why);
	if (strcmp(grant, cases[i].grant) != 0)
		fail_msg("%s: grant %s", cases[i].name, grant);
	if (cases[i].record != NULL && strcmp(record, cases[i].record) != 0)
		fail_msg("%s: record %s", cases[i].name, record);
	if (cases[i].why != NULL && strstr(plan->why, cases[i].why) == NULL)
		fail_msg("%s: why %s", cases[i].name, plan->why);
}

static void test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request_plan plan = next(cases[i].request,
		    cases[i].beneficiary, cases[i].decider, false);

		check(i, &plan);
	}
}

static void test_guards(void **state)
{
	struct request_plan plan = next(WAN YES, ANN, PAT, false);

	(void)state;
	assert_string_equal(plan.grant->dn, "cn=ann");
	assert_string_equal(plan.grant->assert_csn, "csn-ann");
	assert_true(plan.grant->permissive);
	assert_string_equal(plan.record->dn, "provostRequestId=r1");
	assert_string_equal(plan.record->assert_csn, "csn-r1");
}

static void test_applied(void **state)
{
	struct request_plan plan = next(WAN
	    "provostRequestState: approved\n" YES, ANN, PAT, true);

	(void)state;
	assert_int_equal(plan.step, STEP_APPLIED);
	assert_string_equal(table_print(t, plan.record), TOLD "applied "
	    "=provostAppliedAt:20260315120000Z");
	assert_null(plan.grant);
	/* Confirmed is nothing before it is approved. */
	assert_int_equal(next(WAN, ANN, NULL, true).step, STEP_NONE);
}

static void test_rights(void **state)
{
	struct right *v;

	(void)state;
	assert_int_equal(request_rights(t->a, table_request(t, WAN
	    "provostAccount: a11\nprovostAccount: a12\n"), &v), 3);
	assert_string_equal(right_print(t->a, &v[2]), "tool:wan/a12");
	assert_int_equal(request_rights(t->a, table_request(t,
	    ASK("portal")), &v), 1);
	assert_int_equal(v[0].kind, RIGHT_PORTAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_guards, setup, teardown),
		cmocka_unit_test_setup_teardown(test_applied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
