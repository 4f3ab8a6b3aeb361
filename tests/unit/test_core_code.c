/* SPDX-License-Identifier: ISC */
/* Requests for accounts by code, phone and post (V23), billing (V24), wrong
 * codes (V28). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/attempts.h"
#include "core/contacts.h"
#include "core/request.h"
#include "world_table.h"

#define KEY "key"
#define UUID "0b9b9a3e-0000-4000-8000-000000000001"
#define ANN "dn: cn=ann\nentryCSN: csn-ann\nuid: ann\nprovostState: active\n"
#define PAT "dn: cn=pat\nuid: pat\nprovostState: active\n" \
	"provostRole: primary-contact\nprovostCompany: c1\n"
#define ASK "dn: provostRequestId=r1\nentryCSN: csn-r1\nentryUUID: " UUID \
	"\ncreateTimestamp: 20260310120000Z\nprovostRequestId: r1\n" \
	"provostRequester: cn=ann\nprovostRequestKind: accounts\n"
#define A11 ASK "provostAccount: a11\n"
#define PHONE A11 "provostDelivery: phone\n"
#define CALL PHONE "telephoneNumber: (202) 555-0100\n"
#define AWAIT "provostRequestState: awaitingCode\n"
#define GIVEN(right) " +provostProvenance:" right " request:r1 20260315120000Z"
#define COMPANY "+provostCompany:c1" GIVEN("company:c1")
#define GOT(account) " +provostAccount:" account GIVEN("account:" account)
#define DONE "=provostRequestState:approved =provostDecidedAt:" \
	"20260315120000Z =provostStatusText:granted by code (V23)"
#define OVER "=provostRequestState:failed =provostDecidedAt:20260315120000Z "
#define TEXT "=provostStatusText:"

static struct world_table *t;

#define ACCOUNT(id, company, more) "dn: provostAccountNumber=" id "\n" \
	"entryCSN: csn-" id "\nobjectClass: provostBillingAccount\n" \
	"provostAccountNumber: " id "\nprovostCompany: " company "\n" \
	"provostEnterprise: acme\n" more

/* The accounts of this world have codes, numbers and addresses. */
static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	t->n_account = 0;
	table_fill(t, arena_printf(t->a, ACCOUNT("a11", "c1", "c: US\n"
	    "telephoneNumber: +1 202 555 0100\npostalAddress: x\n"
	    "provostBilling: paper\nprovostInvitationCode: %s\n\n")
	    ACCOUNT("a12", "c1", "c: US\ntelephoneNumber: 202-555-0100\n"
	    "postalAddress: x\nprovostBilling: paper\n"
	    "provostInvitationCode: %s\n\n") ACCOUNT("a21", "c2",
	    "c: AT\ntelephoneNumber: +43 1 5550100\n"
	    "provostInvitationCode: %s\n\n"), code_hash(t->a, KEY, "ONE"),
	    code_hash(t->a, KEY, "TWO"), code_hash(t->a, KEY, "THREE")));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const char *print_before(const struct request_plan *p)
{
	const char *out = "";
	size_t i;

	for (i = 0; i < p->n_before; i++)
		out = arena_printf(t->a, "%s%s%s %s", out, i ? "; " : "",
		    p->before[i]->dn, table_print(t, p->before[i]));
	return out;
}

/* "printed:ONE" and "fresh:a11" are codes as they are stored. */
static const char *with_codes(const char *request, const char *codes)
{
	char *copy = arena_strdup(t->a, codes), *save, *w;
	uint8_t uuid[16];

	assert_true(str_uuid(UUID, uuid));
	for (w = strtok_r(copy, " ", &save); w != NULL;
	    w = strtok_r(NULL, " ", &save))
		request = arena_printf(t->a, "%sprovostInvitationCode: %s\n",
		    request, code_hash(t->a, KEY, strncmp(w, "fresh:", 6) ?
		    w : code_fresh(t->a, KEY, uuid, w + 6)));
	return request;
}

static struct request_plan next(const char *request, const char *codes,
    const char *person)
{
	const struct person *p = table_person(t, person, NULL);
	struct request_plan plan;

	request_next(t->a, &(struct request_case){ .r = table_request(t,
	    with_codes(request, codes)), .requester = p, .beneficiary = p,
	    .beneficiary_entry = table_entry(t, person), .w = &t->world,
	    .code_key = KEY, .now = table_noon() }, &plan);
	return plan;
}

/* V23: what nobody delivers is not offered. */
static void test_ways(void **state)
{
	const struct ways calls = { .phone = "calls" };
	struct request_case c = { .w = &t->world, .ways = &calls,
	    .code_key = KEY, .now = table_noon() };
	struct err e;

	(void)state;
	c.r = table_request(t, CALL);
	assert_int_equal(request_check(&c, &e), 0);
	c.r = table_request(t, A11 "provostDelivery: post\n");
	assert_int_equal(request_check(&c, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "by post here"));
	c.ways = NULL;
	assert_int_equal(request_check(&c, &e), 0);
}

static const struct {
	const char *name, *request, *codes, *person;
	enum request_step step;
	const char *before, *grant, *record, *why;	/* NULL: whatever */
} cases[] = {
	{ "V23 a code is enough: the account and its company", ASK, "one",
	    ANN "provostCpniAuthorized: FALSE\n", STEP_GRANT, "", COMPANY
	    GOT("a11"), DONE " =provostAccount:a11", NULL },
	{ "V23 several codes", ASK, "ONE TWO", ANN, STEP_GRANT, "", COMPANY
	    GOT("a11") GOT("a12"), DONE " =provostAccount:a11:a12", NULL },
	{ "V23 the company is authorised already", ASK, "ONE", ANN
	    "provostCompany: c1\n", STEP_GRANT, "",
	    "+provostAccount:a11" GIVEN("account:a11"), NULL, NULL },
	{ "V23 the account and its code", A11, "ONE", ANN, STEP_GRANT, "",
	    COMPANY GOT("a11"), NULL, NULL },
	{ "V23 granted before a crash: nothing twice", ASK, "ONE", ANN
	    "provostCompany: c1\nprovostAccount: a11\nprovostProvenance: "
	    "account:a11 request:r1 20260315115900Z\n", STEP_GRANT, "", "",
	    DONE " =provostAccount:a11", NULL },
	{ "V28 a wrong code is counted, then taken off", ASK, "NINE", ANN,
	    STEP_WRONG, "cn=ann =provostWrongCodes:1 20260315120000Z", "",
	    NULL, "a code is wrong" },
	{ "V28 and one more", ASK, "NINE TEN", ANN
	    "provostWrongCodes: 2 20260315110000Z\n", STEP_WRONG,
	    "cn=ann =provostWrongCodes:4 20260315120000Z", "", NULL,
	    "2 codes are wrong" },
	{ "V28 counted for the account it was meant for", A11, "NINE", ANN,
	    STEP_WRONG, "cn=ann =provostWrongCodes:1 20260315120000Z; "
	    "provostAccountNumber=a11 =provostWrongCodes:1 20260315120000Z",
	    "", NULL, NULL },
	{ "V23 another account's code", A11, "TWO", ANN, STEP_WRONG, NULL,
	    "", NULL, "wrong" },
	{ "V28 a right one beside a wrong one stays", ASK, "ONE NINE", ANN,
	    STEP_WRONG, "cn=ann =provostWrongCodes:1 20260315120000Z", "",
	    NULL, NULL },
	{ "V28 slowed down after 5", ASK, "ONE", ANN
	    "provostWrongCodes: 5 20260315115930Z\n", STEP_NOTE, "", "",
	    TEXT "too many wrong codes for ann: the next one is looked at "
	    "from 2026-03-15T12:00:30Z on (V28)", NULL },
	{ "V28 a minute later", ASK, "ONE", ANN
	    "provostWrongCodes: 5 20260315115900Z\n", STEP_GRANT, "", NULL,
	    NULL, NULL },
	{ "V28 locked after 10: right ones are not looked at", ASK, "ONE",
	    ANN "provostWrongCodes: 10 20260314120100Z\n", STEP_WRONG, "",
	    "", NULL, "from 2026-03-15T12:01:00Z on (V28)" },
	{ "V28 a day later", ASK, "ONE", ANN
	    "provostWrongCodes: 10 20260314120000Z\n", STEP_GRANT, "", NULL,
	    NULL, NULL },
	{ "V24 billing that was chosen is written first", ASK
	    "provostItemBilling: a11 paperless\n", "ONE", ANN, STEP_GRANT,
	    "provostAccountNumber=a11 =provostBilling:paperless", NULL, NULL,
	    NULL },
	{ "V24 the same billing", ASK "provostItemBilling: a11 paper\n",
	    "ONE", ANN, STEP_GRANT, "", NULL, NULL, NULL },
	{ "V24 no billing: it waits", ASK, "THREE", ANN, STEP_NOTE, "", "",
	    TEXT "choose paper or paperless billing for account a21 (V24)",
	    NULL },
	{ "V24 and says so once", ASK "provostStatusText: choose paper or "
	    "paperless billing for account a21 (V24)\n", "THREE", ANN,
	    STEP_NONE, "", "", "", "(V24)" },
	{ "V23 for somebody else", ASK "provostBeneficiary: cn=bob\n", "ONE",
	    ANN, STEP_FAIL, "", "", NULL, "for oneself" },
	{ "V23 a suspended user", ASK, "ONE", "dn: cn=ann\nuid: ann\n"
	    "provostState: suspended\n", STEP_FAIL, "", "", NULL,
	    "is suspended" },
	{ "V23 an account whose code is missing", A11 "provostAccount: a12\n",
	    "ONE", ANN, STEP_FAIL, "", "", NULL, "account a12 is missing" },
	{ "V26 a code that comes too late", ASK
	    "provostExpiresAt: 20260315120000Z\n", "ONE", ANN, STEP_EXPIRE,
	    "", "", NULL, "V26" },
	{ "V23 by phone", CALL, "", ANN, STEP_AWAIT, "", "",
	    "=provostRequestState:awaitingCode", NULL },
	{ "V23 not the account's number", PHONE
	    "telephoneNumber: 202 555 0199\n", "", ANN, STEP_FAIL, "", "",
	    NULL, "is not that of account a11 (V23)" },
	{ "V23 no number given", PHONE, "", ANN, STEP_FAIL, "", "", NULL,
	    "is not that of account a11 (V23)" },
	{ "V23 a phone outside the US", ASK "provostAccount: a21\n"
	    "provostDelivery: phone\ntelephoneNumber: +43 1 5550100\n", "",
	    ANN, STEP_FAIL, "", "", NULL, "in the US" },
	{ "V23 by post", A11 "provostDelivery: post\n", "", ANN, STEP_AWAIT,
	    "", "", NULL, NULL },
	{ "V23 by post without an address", ASK "provostAccount: a21\n"
	    "provostDelivery: post\n", "", ANN, STEP_FAIL, "", "", NULL,
	    "no invoice address" },
	{ "V23 by pigeon", A11 "provostDelivery: pigeon\n", "", ANN,
	    STEP_NONE, "", "", "", NULL },
	{ "V23 awaiting the code", CALL AWAIT, "", ANN, STEP_NONE, "", "",
	    "", NULL },
	{ "V23 the fresh code", CALL AWAIT, "fresh:a11", ANN, STEP_GRANT, "",
	    COMPANY GOT("a11"), DONE " =provostAccount:a11", NULL },
	{ "V23 a printed code is no fresh one", CALL AWAIT, "ONE", ANN,
	    STEP_WRONG, NULL, "", NULL, NULL },
	{ "V28 a wrong code leaves it awaiting", CALL AWAIT, "NINE", ANN,
	    STEP_WRONG, "cn=ann =provostWrongCodes:1 20260315120000Z; "
	    "provostAccountNumber=a11 =provostWrongCodes:1 20260315120000Z",
	    "", NULL, NULL },
	{ "V23 one of two fresh codes", CALL "provostAccount: a12\n" AWAIT,
	    "fresh:a12", ANN, STEP_GRANT, "", COMPANY GOT("a12"), "", NULL },
	{ "V23 the first one has been granted", CALL "provostAccount: a12\n"
	    AWAIT, "fresh:a12", ANN "provostCompany: c1\n"
	    "provostAccount: a12\nprovostProvenance: account:a12 request:r1 "
	    "20260315115900Z\n", STEP_NONE, "", "", "", NULL },
	{ "V23 both", CALL "provostAccount: a12\n" AWAIT,
	    "fresh:a12 fresh:a11", ANN, STEP_GRANT, "", NULL, NULL, NULL },
	{ "V26 not completed in 30 days", CALL AWAIT
	    "provostExpiresAt: 20260315120000Z\n", "", ANN, STEP_EXPIRE, "",
	    "", NULL, "was not entered in time" },
};

static void check(size_t i, const struct request_plan *p)
{
	const char *before = print_before(p), *grant = table_print(t, p->grant);
	const char *record = table_print(t, p->record), *name = cases[i].name;

	if (p->step != cases[i].step)
		fail_msg("%s: step %d: %s", name, p->step, p->why);
	if (cases[i].before != NULL && strcmp(before, cases[i].before) != 0)
		fail_msg("%s: before %s", name, before);
	if (cases[i].grant != NULL && strcmp(grant, cases[i].grant) != 0)
		fail_msg("%s: grant %s", name, grant);
	if (cases[i].record != NULL && strcmp(record, cases[i].record) != 0)
		fail_msg("%s: record %s", name, record);
	if (cases[i].why != NULL && strstr(p->why, cases[i].why) == NULL)
		fail_msg("%s: why %s", name, p->why);
}

static void test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request_plan plan = next(cases[i].request,
		    cases[i].codes, cases[i].person);

		check(i, &plan);
	}
}

/* V28: what is taken off, when the request is over, when it is looked at
 * again. */
static void test_wrong(void **state)
{
	struct request_plan p = next(ASK, "NINE", ANN);
	const char *nine = code_hash(t->a, KEY, "NINE");

	(void)state;
	assert_string_equal(table_print(t, p.record), arena_printf(t->a, OVER TEXT
	    "a code is wrong (V23) -provostInvitationCode:%s", nine));
	assert_string_equal(p.before[0]->assert_csn, "csn-ann");
	assert_string_equal(p.record->assert_csn, "csn-r1");
	p = next(ASK, "ONE NINE", ANN);
	assert_string_equal(table_print(t, p.record), arena_printf(t->a, TEXT
	    "a code is wrong (V23) -provostInvitationCode:%s", nine));
	p = next(CALL AWAIT, "NINE", ANN);
	assert_string_equal(table_print(t, p.record), arena_printf(t->a, TEXT
	    "a code is wrong (V23) -provostInvitationCode:%s", nine));
	p = next(ASK, "ONE", ANN "provostWrongCodes: 9 20260315115900Z\n");
	assert_int_equal(p.step, STEP_NOTE);
	assert_int_equal(p.again, table_noon() + 15 * 60 * CLOCK_SECOND);
}

/* V28: for an account as for a user. */
static void test_account_locked(void **state)
{
	(void)state;
	t->account[0].wrong = (struct wrong_codes){ 10, table_noon() };
	assert_int_equal(next(ASK, "ONE", ANN).step, STEP_WRONG);
	assert_int_equal(next(ASK, "ONE", ANN).n_before, 0);
	assert_int_equal(next(CALL AWAIT, "fresh:a11", ANN).step, STEP_WRONG);
	assert_int_equal(next(ASK, "TWO", ANN).step, STEP_GRANT);
	t->account[0].wrong.count = 5;
	assert_int_equal(next(ASK, "ONE", ANN).step, STEP_NOTE);
}

static void test_attempts(void **state)
{
	static const struct {
		int64_t count, age;	/* seconds */
		enum attempts is;
		int64_t wait;
	} c[] = {
		{ 0, 0, ATTEMPTS_OPEN, 0 }, { 4, 0, ATTEMPTS_OPEN, 0 },
		{ 5, 0, ATTEMPTS_SLOWED, 60 }, { 5, 59, ATTEMPTS_SLOWED, 1 },
		{ 5, 60, ATTEMPTS_OPEN, 0 }, { 6, 0, ATTEMPTS_SLOWED, 120 },
		{ 9, 0, ATTEMPTS_SLOWED, 960 },
		{ 10, 0, ATTEMPTS_LOCKED, 86400 },
		{ 999, 86399, ATTEMPTS_LOCKED, 1 },
		{ 999, 86400, ATTEMPTS_OPEN, 0 },
	};
	const struct wrong_codes old = { 7, table_noon() -
	    86400 * CLOCK_SECOND };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct wrong_codes w = { c[i].count, table_noon() -
		    c[i].age * CLOCK_SECOND };
		int64_t until = table_noon();

		assert_int_equal(attempts_judge(&w, table_noon(), &until),
		    c[i].is);
		assert_int_equal(until, table_noon() +
		    c[i].wait * CLOCK_SECOND);
	}
	assert_string_equal(table_print(t, attempts_count(t->a, "cn=x", "", &old, 1,
	    table_noon())), "=provostWrongCodes:1 20260315120000Z");
}

/* --- what a new request may look like ------------------------------------ */

static const char *refusal(const char *request, const char *key)
{
	struct err *e = arena_alloc(t->a, sizeof(*e));

	return request_check(&(struct request_case){ .r = table_request(t,
	    request), .w = &t->world, .code_key = key, .now = table_noon() },
	    e) == 0 ? "" : e->text;
}

/* V23: the primary contact is offered only where there is one. */
static void test_check(void **state)
{
	(void)state;
	assert_non_null(strstr(refusal(A11 "provostDelivery: "
	    "primaryContact\n", KEY), "no primary contact"));
	assert_false(contacts_any(&t->world, "c1", table_noon()));
	table_fill(t, PAT "objectClass: provostUser\n");
	assert_true(contacts_any(&t->world, "c1", table_noon()));
	assert_false(contacts_any(&t->world, "c2", table_noon()));
	assert_string_equal(refusal(A11 "provostDelivery: "
	    "primaryContact\n", KEY), "");
	t->contact[0].state = PERSON_SUSPENDED;
	assert_false(contacts_any(&t->world, "c1", table_noon()));
	assert_string_equal(refusal(CALL, KEY), "");
	assert_non_null(strstr(refusal(CALL, ""), "code_key_file"));
	assert_non_null(strstr(refusal(A11 "provostDelivery: pigeon\n", KEY),
	    "no delivery"));
	assert_non_null(strstr(refusal(ASK, KEY), "asks for nothing"));
	assert_non_null(strstr(refusal(ASK "provostAccount: a99\n", KEY),
	    "no account a99"));
	assert_non_null(strstr(refusal(ASK "provostDelivery: post\n"
	    "provostInvitationCode: x\n", KEY), "name the accounts"));
	assert_non_null(strstr(refusal("dn: x\nprovostRequester: cn=ann\n"
	    "provostRequestKind: tool\nprovostToolGrant: wan\n"
	    "provostInvitationCode: x\n", KEY), "for accounts"));
}

/* V24: with a decision, too; V25: where there is no primary contact the
 * provider's staff decide. */
static void test_decided(void **state)
{
	static const char staff[] = "dn: cn=sue\nuid: sue\n"
	    "provostState: active\nprovostAdminScope: provider\n";
	const struct person *p = table_person(t, ANN "provostCompany: c2\n",
	    NULL), *d = table_person(t, staff, NULL);
	struct request_case c = { .requester = p, .beneficiary = p,
	    .decider = d, .w = &t->world, .code_key = KEY,
	    .now = table_noon() };
	struct request_plan plan;
	struct rights rights;

	(void)state;
	rights_compute(t->a, d, &t->world, table_noon(), &rights);
	c.decider_rights = &rights;
	c.beneficiary_entry = table_entry(t, ANN "provostCompany: c2\n");
	c.r = table_request(t, ASK "provostAccount: a21\n"
	    "provostDecision: approved\nprovostDecidedBy: cn=sue\n");
	request_next(t->a, &c, &plan);
	assert_int_equal(plan.step, STEP_NOTE);
	assert_non_null(strstr(plan.why, "(V24)"));
	c.r = table_request(t, ASK "provostAccount: a21\n"
	    "provostItemBilling: a21 paperless\nprovostStatusText: choose\n"
	    "provostDecision: approved\nprovostDecidedBy: cn=sue\n");
	request_next(t->a, &c, &plan);
	assert_int_equal(plan.step, STEP_GRANT);
	assert_string_equal(print_before(&plan),
	    "provostAccountNumber=a21 =provostBilling:paperless");
	assert_string_equal(table_print(t, plan.grant), "+provostAccount:a21"
	    GIVEN("account:a21"));
	assert_string_equal(table_print(t, plan.record), "=provostRequestState:"
	    "approved =provostDecidedAt:20260315120000Z =provostStatusText");
}

/* --- what is refused while it is being made -------------------------------- */

static const struct {
	const char *name, *request, *person;
	int code;
	const char *why;
} refusals[] = {
	{ "V23 an account", A11, ANN, 0, NULL },
	{ "V27 nothing", ASK, ANN, ERR_INVALID, "asks for nothing" },
	{ "V27 a tool beside", A11 "provostToolGrant: wan\n", ANN,
	    ERR_INVALID, "tool: a request of kind accounts has none" },
	{ "V27 a role beside", A11 "provostRole: viewer\n", ANN, ERR_INVALID,
	    "role" },
	{ "V27 a company beside", A11 "provostCompany: c1\n", ANN,
	    ERR_INVALID, "companies" },
	{ "V27 a group identifier beside", A11
	    "provostGroupIdentifierId: g\n", ANN, ERR_INVALID,
	    "groupIdentifiers" },
	{ "V23 a number without a call", A11 "telephoneNumber: 1\n", ANN,
	    ERR_INVALID, "phone" },
	{ "V24 billing is not known", ASK "provostAccount: a21\n", ANN,
	    ERR_INVALID, "billing for account a21 (V24)" },
	{ "V24 nor chosen for another", ASK "provostAccount: a21\n"
	    "provostItemBilling: a11 paper\n", ANN, ERR_INVALID,
	    "does not ask for a11" },
	{ "V24 it is chosen", ASK "provostAccount: a21\n"
	    "provostItemBilling: a21 paper\n", ANN, 0, NULL },
	{ "V24 nothing is told of a code's account", ASK
	    "provostInvitationCode: x\nprovostItemBilling: a21 paper\n", ANN,
	    0, NULL },
	{ "V26 decided at once", A11 "provostItemDecision: a11 approved\n",
	    ANN, ERR_INVALID, "not decided when it is made" },
	{ "V23 it is held already", A11, ANN "provostCompany: c1\n"
	    "provostAccount: a11\n", ERR_EXISTS, "ann has all of that" },
	{ "V23 one of two is not", A11 "provostAccount: a12\n", ANN
	    "provostCompany: c1\nprovostAccount: a11\n", 0, NULL },
	{ "V5 who is suspended asks for nothing", A11, "dn: cn=ann\n"
	    "uid: ann\nprovostState: suspended\n", ERR_REFERRED,
	    "the requester ann is suspended" },
};

static void test_new(void **state)
{
	struct request_case c = { .w = &t->world, .code_key = KEY,
	    .now = table_noon() };
	struct err e;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		c.r = table_request(t, refusals[i].request);
		c.requester = c.beneficiary = table_person(t,
		    refusals[i].person, NULL);
		e.text[0] = '\0';
		rc = request_check_new(t->a, &c, &e);
		if (rc != refusals[i].code || (rc != 0 && strstr(e.text,
		    refusals[i].why) == NULL))
			fail_msg("%s: %d %s", refusals[i].name, rc, e.text);
	}
	c.beneficiary = NULL;
	c.r = table_request(t, A11);
	assert_int_equal(request_check_new(t->a, &c, &e), ERR_INVALID);
}

static bool covers(const char *open, const char *r)
{
	return request_covers(t->a, table_request(t, open),
	    table_request(t, r));
}

/* V23: the same is asked for once at a time. */
static void test_covers(void **state)
{
	const char *both = A11 "provostAccount: a12\n";

	(void)state;
	assert_true(covers(A11, A11));
	assert_true(covers(CALL AWAIT, A11));
	assert_true(covers(both, A11));
	assert_false(covers(A11, both));
	assert_false(covers(A11 "provostRequestState: denied\n", A11));
	assert_false(covers(A11 "provostBeneficiary: cn=bob\n", A11));
	assert_false(covers(A11, A11 "provostInvitationCode: x\n"));
}

static const char *with_line(const char *request, const char *decision)
{
	return arena_printf(t->a, "%sprovostItemDecision: %s\n", request,
	    decision);
}

/* V26: mixed items approve, unless all are denied. */
static void test_items(void **state)
{
	const char *both = A11 "provostAccount: a12\n"
	    "provostItemDecision: a12 denied\n";
	const struct request *r;
	struct err e;

	(void)state;
	assert_null(request_decision(t->a, table_request(t, both)));
	r = table_request(t, with_line(both, "a11 approved"));
	assert_string_equal(request_decision(t->a, r), "approved");
	r = table_request(t, with_line(both, "a11 denied"));
	assert_string_equal(request_decision(t->a, r), "denied");
	r = table_request(t, arena_printf(t->a, "%sprovostDecision: denied\n",
	    with_line(both, "a11 approved")));
	assert_int_equal(request_check_items(t->a, r, &e), ERR_INVALID);
	r = table_request(t, with_line(both, "a99 approved"));
	assert_int_equal(request_check_items(t->a, r, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "does not ask for a99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_cases), T(test_wrong), T(test_account_locked),
		T(test_attempts), T(test_check), T(test_decided),
		T(test_ways), T(test_new), T(test_covers), T(test_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
