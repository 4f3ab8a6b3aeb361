/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/invite.h"
#include "core/notice.h"
#include "world_table.h"

#define KEY "the-code-key"
#define ID(n) "0e0e0e0e-0000-4000-8000-00000000000" n
#define AT " 20260310000000Z "		/* five days before noon */
#define LONG_AGO " 20260101000000Z "
#define DAY (86400 * CLOCK_SECOND)

/* Pat and Pia are primary contacts, Pia of another company; Ann asks. */
#define PAT "dn: cn=pat\nentryUUID: " ID("1") "\nuid: pat\ncn: Pat\n" \
	"mail: pat@x.example\nprovostRole: primary-contact\n" \
	"provostCompany: c1\n"
#define PIA "dn: cn=pia\nentryUUID: " ID("2") "\nuid: pia\n" \
	"mail: pia@x.example\nprovostRole: primary-contact\n" \
	"provostCompany: c2\n"
#define ANN "dn: cn=ann\nentryUUID: " ID("3") "\nuid: ann\n" \
	"cn: Ann Bell\nprovostPersonId: p3\nmail: ann@x.example\n" \
	"provostRole: viewer\nprovostCompany: c1\n"
#define ADA "dn: cn=ada\nentryUUID: " ID("4") "\nuid: ada\n" \
	"mail: ada@x.example\nprovostRole: administrator\n" \
	"provostCompany: c1\nprovostAccount: a11\n"
#define ACTIVE "provostState: active\n"
#define INVITED "provostState: invited\n"

#define REQUEST "dn: provostRequestId=r1,ou=requests\n" \
	"createTimestamp: 20260310000000Z\nprovostRequestId: r1\n" \
	"provostRequester: cn=ann\nprovostRequestKind: accounts\n" \
	"provostAccount: a11\nprovostAccount: a12\n"
#define PENDING "provostRequestState: pending\n"

static struct world_table *t;
static const struct person *people[8];
static struct notice_facts f;
static struct notice *list;
static size_t n_list;
static struct err e;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	memset(people, 0, sizeof(people));
	people[0] = table_person(t, PAT ACTIVE, NULL);
	people[1] = table_person(t, PIA ACTIVE, NULL);
	people[2] = table_person(t, ANN ACTIVE, NULL);
	people[3] = table_person(t, ADA ACTIVE, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const struct person *by_dn(void *ctx, const char *dn)
{
	size_t i;

	(void)ctx;
	for (i = 0; people[i] != NULL; i++)
		if (str_eq(people[i]->dn_norm, dn))
			return people[i];
	return NULL;
}

static struct ways ways = { .mail = true };

/* What there is for p; request NULL: nobody asks. */
static void look(const struct person *p, const char *request)
{
	static struct rights rights;
	static const struct request *r[1];

	r[0] = request != NULL ? table_request(t, request) : NULL;
	rights_compute(t->a, p, &t->world, table_noon(), &rights);
	f = (struct notice_facts){ .person = p, .rights = &rights,
	    .creator = f.creator, .world = &t->world, .ways = &ways,
	    .by_dn = by_dn,
	    .now = table_noon() };
	if (r[0] != NULL && r[0]->state == REQUEST_PENDING) {
		f.waiting = r;
		f.n_waiting = 1;
	}
	if (r[0] != NULL && str_eq(r[0]->requester, p->dn_norm)) {
		f.own = r;
		f.n_own = 1;
	}
	notice_list(t->a, &f, &list, &n_list);
}

static const char *listed(void)
{
	const char *out = "";
	size_t i;

	for (i = 0; i < n_list; i++)
		out = arena_printf(t->a, "%s%s%s%s", out, i ? " " : "",
		    list[i].due ? "" : "!", list[i].key);
	return out;
}

static const char *diff(bool gone, const char *const *have)
{
	struct receipt *r = arena_array(t->a, 16, sizeof(*r));
	const char *out = "";
	struct action *act;
	size_t n, i;

	for (n = 0; have[n] != NULL; n++)
		assert_int_equal(receipt_parse(t->a, have[n], &r[n], NULL), 0);
	notice_diff(t->a, ID("3"), gone, &ways, list, gone ? 0 : n_list, r,
	    n, table_noon(), &act, &n);
	for (i = 0; i < n; i++) {
		assert_string_equal(act[i].target, "mail");
		out = arena_printf(t->a, "%s%s%s %s%s", out, i ? "; " : "",
		    act[i].kind == ACTION_MAIL ? "mail" : "forget",
		    act[i].tool, act[i].announced ? "" : " first");
	}
	return out;
}
#define DIFF(...) diff(false, (const char *[]){ __VA_ARGS__ })

/* --- causes --------------------------------------------------------------------- */

static const char *value(int64_t when)
{
	return invite_value(t->a, KEY, "p3", when);
}

static void test_invitation(void **state)
{
	int64_t now = table_noon();
	const char *ldif = arena_printf(t->a, ANN INVITED
	    "provostInvitation: %s\n", value(now + DAY));

	(void)state;
	look(table_person(t, ldif, NULL), NULL);
	assert_string_equal(listed(), "invitation/20260316120000Z");
	assert_true(list[0].to == f.person);
	/* Expired, or taken up: nothing to send, but it is what it was. */
	look(table_person(t, arena_printf(t->a, ANN INVITED
	    "provostInvitation: %s\n", value(now)), NULL), NULL);
	assert_string_equal(listed(), "!invitation/20260315120000Z");
	look(table_person(t, arena_printf(t->a, ANN ACTIVE
	    "provostInvitation: %s\n", value(now + DAY)), NULL), NULL);
	assert_string_equal(listed(), "!invitation/20260316120000Z");
	look(table_person(t, ANN INVITED "provostInvitation: x y\n", NULL),
	    NULL);
	assert_string_equal(listed(), "");
}

static void test_reset(void **state)
{
	const char *reset = invite_reset_value(t->a, KEY, "p3", table_noon());

	(void)state;
	look(table_person(t, arena_printf(t->a, ANN ACTIVE
	    "provostReset: %s\n", reset), NULL), NULL);
	assert_string_equal(listed(), "reset/20260315120000Z");
	look(table_person(t, arena_printf(t->a, ANN
	    "provostState: suspended\nprovostReset: %s\n", reset), NULL),
	    NULL);
	assert_string_equal(listed(), "!reset/20260315120000Z");
}

static void test_portal(void **state)
{
	(void)state;
	look(table_person(t, ANN ACTIVE "provostPortalAccess: invited\n",
	    NULL), NULL);
	assert_string_equal(listed(), "portal/-");
	look(table_person(t, ANN ACTIVE "provostPortalAccess: invited\n"
	    "provostProvenance: portal client:x 20260101000000Z\n"
	    "provostProvenance: portal client:x 20260301000000Z\n"
	    "provostProvenance: cpni client:x 20260302000000Z\n", NULL), NULL);
	assert_string_equal(listed(), "portal/20260301000000Z");
	look(table_person(t, ANN ACTIVE "provostPortalAccess: active\n",
	    NULL), NULL);
	assert_string_equal(listed(), "");
	/* The invitation says how to register. */
	look(table_person(t, arena_printf(t->a, ANN INVITED
	    "provostPortalAccess: invited\nprovostInvitation: %s\n",
	    value(table_noon() + DAY)), NULL), NULL);
	assert_string_equal(listed(), "invitation/20260316120000Z !portal/-");
}

static void test_confirmation(void **state)
{
	(void)state;
	f.creator = people[0];
	look(table_person(t, ANN INVITED, NULL), NULL);
	assert_string_equal(listed(), "");
	look(table_person(t, ANN ACTIVE
	    "provostFirstLogin: 20260314000000Z\n", NULL), NULL);
	assert_string_equal(listed(), "confirmation/" ID("1"));
	assert_true(list[0].to == people[0]);
	look(table_person(t, ANN ACTIVE
	    "provostFirstLogin: 20260213000000Z\n", NULL), NULL);
	assert_string_equal(listed(), "!confirmation/" ID("1"));
	f.creator = table_person(t, PAT "provostState: left\n", NULL);
	look(table_person(t, ANN ACTIVE
	    "provostFirstLogin: 20260314000000Z\n", NULL), NULL);
	assert_string_equal(listed(), "!confirmation/" ID("1"));
	f.creator = NULL;
	look(table_person(t, ANN ACTIVE
	    "provostFirstLogin: 20260314000000Z\n", NULL), NULL);
	assert_string_equal(listed(), "");
}

/* V25: the company's primary contacts, nobody else. */
static void test_request(void **state)
{
	(void)state;
	look(people[0], REQUEST PENDING);
	assert_string_equal(listed(), "request/r1");
	look(people[1], REQUEST PENDING);
	assert_string_equal(listed(), "");
	look(people[2], REQUEST PENDING);
	assert_string_equal(listed(), "");
	look(people[3], REQUEST PENDING);
	assert_string_equal(listed(), "");
	look(table_person(t, PAT "provostState: suspended\n", NULL),
	    REQUEST PENDING);
	assert_string_equal(listed(), "");
	/* Decided but not taken up, or expired: it waits no more. */
	look(people[0], REQUEST PENDING "provostDecision: denied\n");
	assert_string_equal(listed(), "");
	look(people[0], REQUEST PENDING "provostExpiresAt: 20260314000000Z\n");
	assert_string_equal(listed(), "");
	look(people[0], REQUEST "provostRequestState: awaitingCode\n");
	assert_string_equal(listed(), "");
	/* One of the accounts is the other company's: both are told. */
	look(people[1], REQUEST "provostAccount: a21\n" PENDING);
	assert_string_equal(listed(), "request/r1");
	/* Provider staff decide about restricted tools. */
	look(people[0], "dn: cn=r\nprovostRequestId: r2\n"
	    "createTimestamp: 20260310000000Z\nprovostRequester: cn=ann\n"
	    "provostRequestKind: tool\nprovostToolGrant: fire\n" PENDING);
	assert_string_equal(listed(), "");
}

/* V26: nobody decides as requester or beneficiary. */
static void test_own_request(void **state)
{
	(void)state;
	look(people[0], "dn: cn=r\nprovostRequestId: r2\n"
	    "createTimestamp: 20260310000000Z\nprovostRequester: cn=pat\n"
	    "provostBeneficiary: cn=ann\nprovostRequestKind: accounts\n"
	    "provostAccount: a11\n" PENDING);
	assert_string_equal(listed(), "");
}

static void test_decision(void **state)
{
	static const char *const states[] = { "approved", "denied",
	    "withdrawn", "expired", "applied", "failed" };
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		look(people[2], arena_printf(t->a, REQUEST
		    "provostRequestState: %s\n"
		    "provostDecidedAt: 20260314000000Z\n", states[i]));
		assert_string_equal(listed(), "decision/r1");
		assert_true(list[0].to == people[2]);
	}
	look(people[2], REQUEST "provostRequestState: denied\n"
	    "provostDecidedAt: 20260213120000Z\n");
	assert_string_equal(listed(), "");
	look(table_person(t, ANN "provostState: left\n", NULL), REQUEST
	    "provostRequestState: denied\n"
	    "provostDecidedAt: 20260314000000Z\n");
	assert_string_equal(listed(), "!decision/r1");
}

/* --- against receipts -------------------------------------------------------------- */

static void test_diff(void **state)
{
	(void)state;
	look(people[0], REQUEST PENDING);
	assert_string_equal(DIFF(NULL), "mail request/r1 first");
	assert_string_equal(DIFF("mail mail:request/r1 pending" AT "- 0",
	    NULL), "mail request/r1");
	assert_string_equal(DIFF("mail mail:request/r1 failed" AT "- 3",
	    NULL), "mail request/r1");
	assert_string_equal(DIFF("mail mail:request/r1 confirmed" AT "- 0",
	    NULL), "");
	/* Others' receipts are nothing of ours. */
	assert_string_equal(DIFF("t tool:wan confirmed" AT "7 0",
	    "other mail:request/r1 confirmed" AT "- 0", NULL),
	    "mail request/r1 first");
}

static void test_forget(void **state)
{
	(void)state;
	look(people[2], NULL);
	/* Of closed requests later, of the rest at once. */
	assert_string_equal(DIFF("mail mail:request/r7 confirmed" AT "- 0",
	    "mail mail:decision/r8 confirmed" AT "- 0", NULL), "");
	assert_string_equal(DIFF("mail mail:request/r7 confirmed" LONG_AGO
	    "- 0", "mail mail:decision/r8 confirmed" LONG_AGO "- 0", NULL),
	    "forget decision/r8; forget request/r7");
	assert_string_equal(DIFF("mail mail:request/r7 pending" AT "- 0",
	    "mail mail:portal/- confirmed" AT "- 0",
	    "mail mail:what/ever confirmed" AT "- 0", NULL),
	    "forget portal/-; forget request/r7; forget what/ever");
	/* A person who is gone. */
	assert_string_equal(diff(true, (const char *[]){
	    "mail mail:request/r7 confirmed" AT "- 0",
	    "t tool:wan confirmed" AT "7 0", NULL }), "forget request/r7");
	/* What is not due keeps its receipt. */
	look(table_person(t, ANN "provostState: suspended\n"
	    "provostPortalAccess: invited\n", NULL), NULL);
	assert_string_equal(listed(), "!portal/-");
	assert_string_equal(DIFF("mail mail:portal/- confirmed" AT "- 0",
	    NULL), "");
}

#define CALL "dn: provostRequestId=r1,ou=requests\n" \
	"entryUUID: " ID("7") "\ncreateTimestamp: 20260310000000Z\n" \
	"provostRequestId: r1\nprovostRequester: cn=ann\n" \
	"provostRequestKind: accounts\nprovostAccount: a11\n" \
	"provostAccount: a12\nprovostRequestState: awaitingCode\n" \
	"provostDelivery: "

static struct action *deliveries(const char *request, const char *receipt,
    size_t *n)
{
	struct receipt r;
	struct action *act;

	if (receipt != NULL)
		assert_int_equal(receipt_parse(t->a, receipt, &r, NULL), 0);
	look(people[2], request);
	notice_diff(t->a, ID("3"), false, &ways, list, n_list, &r,
	    receipt != NULL, table_noon(), &act, n);
	return act;
}

/* V23: a call or a letter for each account, once, while its code is awaited. */
static void test_deliveries(void **state)
{
	const char *key;
	struct action *act;
	size_t n;

	(void)state;
	ways = (struct ways){ .phone = "calls", .post = "letters" };
	act = deliveries(CALL "phone\n", NULL, &n);
	assert_string_equal(listed(), "phone/r1/a11 phone/r1/a12");
	assert_int_equal(n, 2);
	assert_string_equal(act[1].target, "calls");
	assert_int_equal(act[1].kind, ACTION_MAIL);
	assert_true(act[0].notice && !act[0].announced);
	key = act[0].key;
	assert_string_not_equal(key, act[1].key);
	/* Whatever became of it, it is the same call. */
	act = deliveries(CALL "phone\n", "calls mail:phone/r1/a11 pending" AT
	    "- 3", &n);
	assert_int_equal(n, 2);
	assert_true(act[0].announced);
	assert_string_equal(act[0].key, key);
	act = deliveries(CALL "phone\n", "calls mail:phone/r1/a11 confirmed"
	    AT "- 0", &n);
	assert_int_equal(n, 1);
	assert_string_equal(act[0].tool, "phone/r1/a12");
	act = deliveries(CALL "post\n", NULL, &n);
	assert_string_equal(act[0].target, "letters");
	assert_string_equal(act[0].tool, "post/r1/a11");
	/* Over: what was not made is forgotten, what was is kept a while. */
	deliveries(REQUEST PENDING, "calls mail:phone/r1/a11 confirmed" AT
	    "- 0", &n);
	assert_int_equal(n, 0);
	act = deliveries(REQUEST PENDING, "calls mail:phone/r1/a11 pending"
	    AT "- 0", &n);
	assert_int_equal(n, 1);
	assert_int_equal(act[0].kind, ACTION_REMOVE);
	assert_string_equal(act[0].target, "calls");
	/* Nobody calls any more. */
	ways = (struct ways){ .mail = true };
	deliveries(CALL "phone\n", "calls mail:phone/r1/a11 pending" AT
	    "- 0", &n);
	assert_int_equal(n, 0);
}

/* What is said: the code that core/request looks for. */
static void test_delivery_values(void **state)
{
	const char *const *v;
	uint8_t uuid[16];

	(void)state;
	assert_true(str_uuid(ID("7"), uuid));
	ways = (struct ways){ .phone = "calls", .post = "letters" };
	t->n_account = 0;
	table_fill(t, "dn: provostAccountNumber=a11\n"
	    "objectClass: provostBillingAccount\nprovostAccountNumber: a11\n"
	    "provostCompany: c1\nprovostEnterprise: acme\n"
	    "telephoneNumber: +1 202 555 0100\n"
	    "postalAddress: Acme\\5C\\24$1 Main St$Reno\n\n");
	look(people[2], CALL "phone\n");
	assert_int_equal(notice_values(t->a, &list[0], &f, "k", "", &v, &e),
	    0);
	assert_string_equal(notice_names(NOTICE_PHONE)[5], "phone");
	assert_string_equal(v[5], "+1 202 555 0100");
	/* What is said outlives the world. */
	assert_ptr_not_equal(v[0], list[0].request->id);
	assert_ptr_not_equal(v[4], t->world.account(t->world.ctx,
	    "a11")->number);
	assert_ptr_not_equal(v[5], t->world.account(t->world.ctx,
	    "a11")->phone);
	assert_string_equal(v[3], code_fresh(t->a, "k", uuid, "a11"));
	assert_string_equal(v[1], "2026-04-09T00:00:00Z");
	assert_int_equal(notice_values(t->a, &list[1], &f, "k", "", &v, &e),
	    ERR_ITEM_BAD);
	assert_int_equal(notice_values(t->a, &list[0], &f, "", "", &v, &e),
	    ERR_ITEM_BAD);
	look(people[2], CALL "post\n");
	assert_int_equal(notice_values(t->a, &list[0], &f, "k", "", &v, &e),
	    0);
	assert_string_equal(v[2], "Ann Bell");
	assert_string_equal(v[6], "Acme\\$\n1 Main St\nReno");
	ways = (struct ways){ .mail = true };
}

static const char *key_of(const char *receipt)
{
	struct receipt r;
	struct action *act;
	size_t n = receipt != NULL;

	if (receipt != NULL)
		assert_int_equal(receipt_parse(t->a, receipt, &r, NULL), 0);
	notice_diff(t->a, ID("1"), false, &ways, list, n_list, &r, n,
	    table_noon(), &act, &n);
	assert_int_equal(n, 1);
	return act[0].key;
}

/* The same mail has the same key as long as its receipt stays as it is. */
static void test_key(void **state)
{
	const char *pending = "mail mail:request/r1 pending" AT "- 0";

	(void)state;
	look(people[0], REQUEST PENDING);
	assert_int_equal(strlen(key_of(NULL)), 64);
	assert_string_equal(key_of(pending), key_of(pending));
	assert_string_equal(key_of(pending),
	    key_of("mail mail:request/r1 failed" AT "- 9"));
	assert_string_not_equal(key_of(pending), key_of(
	    "mail mail:request/r1 pending" LONG_AGO "- 0"));
}

static const char *after(enum receipt_state state)
{
	struct action act = { .kind = ACTION_MAIL, .target = "mail",
	    .tool = "request/r1", .remote_id = "-", .attempts = 2 };
	struct receipt old, *out;
	const char *s = "";
	size_t n, i;

	assert_int_equal(receipt_parse(t->a, "mail mail:request/r1 pending" AT
	    "- 0", &old, NULL), 0);
	diff_receipts_after(t->a, &act, state, table_noon(), "-", &old, 1,
	    &out, &n);
	for (i = 0; i < n; i++)
		s = arena_printf(t->a, "%s%s;", s, receipt_print(t->a,
		    &out[i]));
	return s;
}

static void test_receipts_after(void **state)
{
	(void)state;
	assert_string_equal(after(RECEIPT_CONFIRMED), "mail mail:request/r1 "
	    "confirmed 20260315120000Z - 0;");
	assert_string_equal(after(RECEIPT_FAILED), "mail mail:request/r1 "
	    "failed 20260315120000Z - 3;");
}

/* --- what they say --------------------------------------------------------------------- */

static const char *said(const char *name)
{
	const char *const *names = notice_names(list[0].kind), *const *v;
	int i;

	if (notice_values(t->a, &list[0], &f, KEY, "https://x.example/reg",
	    &v, &e) != 0)
		fail_msg("%s", e.text);
	for (i = 0; names[i] != NULL; i++) {
		assert_non_null(v[i]);
		if (str_eq(names[i], name))
			return v[i];
	}
	fail_msg("no %s", name);
	return NULL;
}

static void test_secrets(void **state)
{
	int64_t now = table_noon();
	const char *token = invite_token(t->a, KEY, "p3", now + DAY);
	const char *const *v;

	(void)state;
	look(table_person(t, arena_printf(t->a, ANN INVITED
	    "provostTemporaryLogin: t 1\nprovostInvitation: %s\n",
	    value(now + DAY)), NULL), NULL);
	assert_string_equal(said("name"), "Ann Bell");
	assert_string_equal(said("token"), token);
	assert_string_equal(said("login"), "t 1");
	assert_string_equal(said("expires"), "2026-03-16 12:00 UTC");
	assert_string_equal(said("link"), arena_printf(t->a,
	    "https://x.example/reg?login=t%%201&token=%s", token));
	assert_int_equal(notice_values(t->a, &list[0], &f, "other", "x", &v,
	    &e), ERR_ITEM_BAD);
	assert_int_equal(notice_values(t->a, &list[0], &f, "", "x", &v, &e),
	    ERR_ITEM_BAD);
	look(table_person(t, arena_printf(t->a, ANN ACTIVE
	    "provostReset: %s\n", invite_reset_value(t->a, KEY, "p3", now)),
	    NULL), NULL);
	assert_string_equal(said("password"), invite_password(t->a, KEY, "p3",
	    now));
	assert_int_equal(notice_values(t->a, &list[0], &f, "other", "x", &v,
	    &e), ERR_ITEM_BAD);
}

static void test_said(void **state)
{
	(void)state;
	look(people[0], REQUEST PENDING
	    "provostJustification: For\n");
	assert_string_equal(said("name"), "Pat");
	assert_string_equal(said("requester"), "Ann Bell");
	assert_string_equal(said("items"), "account a11\naccount a12");
	assert_string_equal(said("justification"), "For");
	assert_string_equal(said("expires"), "2026-04-09 00:00 UTC");
	look(people[2], REQUEST "provostRequestState: applied\n"
	    "provostDecision: approved\nprovostDecidedBy: cn=pat\n"
	    "provostReason: All right\nprovostItemDecision: a12 denied\n"
	    "provostItemReason: a12 not%20yours\n"
	    "provostDecidedAt: 20260314000000Z\n");
	assert_string_equal(said("outcome"), "approved");
	assert_string_equal(said("items"),
	    "account a11: approved\naccount a12: denied, not yours");
	assert_string_equal(said("decider"), "Pat");
	assert_string_equal(said("reason"), "All right");
	look(people[2], REQUEST "provostRequestState: expired\n"
	    "provostExpiresAt: 20260314000000Z\n");
	assert_string_equal(said("outcome"), "expired");
	assert_string_equal(said("items"), "account a11\naccount a12");
	assert_string_equal(said("decider"), "nobody");
}

/* A name cannot write lines of its own into somebody's mail. */
static void test_clean(void **state)
{
	struct person *eve = table_person(t, ANN ACTIVE, NULL);

	(void)state;
	eve->display = "Eve\r\n\r\nClick http://evil\xe2\x80\xae";
	people[2] = eve;
	look(people[0], REQUEST PENDING);
	assert_string_equal(said("requester"), "Eve    Click http://evil ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_invitation), T(test_reset), T(test_portal),
		T(test_confirmation), T(test_request), T(test_own_request),
		T(test_decision), T(test_diff), T(test_forget), T(test_key),
		T(test_receipts_after), T(test_secrets), T(test_said),
		T(test_clean), T(test_deliveries), T(test_delivery_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
