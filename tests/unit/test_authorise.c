/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "world_fixture.h"

static void test_client(void **state)
{
	static const struct {
		const char *scopes[3], *type;
		enum operation op;
		bool allowed;
	} c[] = {
		{ { "read" }, "User", OP_READ, true },
		{ { "read" }, "User", OP_CREATE, false },
		{ { "read" }, "metrics", OP_READ, false },
		{ { "write" }, "User", OP_DELETE, true },
		{ { "write" }, "User", OP_READ, false },
		{ { "write" }, "Client", OP_CREATE, false },
		{ { "write:Clients" }, "Client", OP_UPDATE, false },
		{ { "read" }, "Client", OP_READ, true },
		{ { "admin" }, "Client", OP_CREATE, true },
		{ { "admin" }, "metrics", OP_READ, true },
		{ { "admin:Users" }, "User", OP_DELETE, true },
		{ { "admin:Users" }, "Group", OP_READ, false },
		{ { "metrics" }, "metrics", OP_READ, true },
		{ { "metrics" }, "User", OP_READ, false },
		{ { "operations" }, "operations", OP_UPDATE, true },
		{ { "read:Users" }, "User", OP_READ, true },
		{ { "read:user" }, "Users", OP_READ, true },
		{ { "read:Users" }, "Group", OP_READ, false },
		{ { "read:Users" }, "User", OP_UPDATE, false },
		{ { "read:Companies" }, "Company", OP_READ, true },
		{ { "read:Company" }, "Companies", OP_READ, true },
		{ { "write:GroupIdentifiers" }, "GroupIdentifier", OP_CREATE,
		    true },
		{ { "read:Group" }, "GroupIdentifier", OP_READ, false },
		{ { "read:" }, "User", OP_READ, false },
		{ { "reader" }, "User", OP_READ, false },
		{ { "read:Groups", "write" }, "User", OP_UPDATE, true },
		{ { NULL }, "User", OP_READ, false },
		{ { "" }, "User", OP_READ, false },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct strv scopes = { 0 };
		struct err e = { 0 };
		int rc;

		for (k = 0; k < 3 && c[i].scopes[k] != NULL; k++)
			strv_add(t->a, &scopes, c[i].scopes[k]);
		rc = authorise_client(&scopes, c[i].type, c[i].op, &e);
		if ((rc == 0) != c[i].allowed)
			fail_msg("%s on %s, operation %d", k ? c[i].scopes[0] :
			    "none", c[i].type, c[i].op);
		assert_int_equal(e.code, rc);
	}
}

#define PERSON(name) "dn: cn=" name "\nuid: " name "\n"
#define ACTIVE "provostState: active\n"
#define PC PERSON("pat") ACTIVE "provostRole: primary-contact\n"
#define ADMIN PERSON("adam") ACTIVE "provostRole: administrator\n"
#define ANN PERSON("ann") ACTIVE "provostRole: viewer\nprovostCompany: c1\n"
#define ASK(kind) "dn: provostRequestId=r\nprovostRequestId: r\n" \
	"provostRequester: cn=ann\nprovostRequestKind: " kind "\n"
#define YES "provostDecision: approved\n"
#define NO "provostDecision: denied\n"
#define WAN ASK("tool") "provostToolGrant: wan\n"
#define A11 ASK("accounts") "provostAccount: a11\n"
#define MANAGER ASK("role") "provostRole: manager\n"

static const struct {
	const char *name, *request, *decider, *beneficiary;
	const char *why;	/* NULL: allowed */
} decisions[] = {
	{ "V2 a primary contact of the company", WAN YES, PC
	    "provostCompany: c1\n", ANN, NULL },
	{ "V2 of another company", WAN YES, PC "provostCompany: c2\n", ANN,
	    "(V2)" },
	{ "V13 a company that is over", WAN YES, PC "provostCompany: c1\n"
	    "provostPeriod: company:c1 - 20260101000000Z\n", ANN, "(V2)" },
	{ "V25 a viewer", WAN YES, PERSON("vic") ACTIVE
	    "provostRole: viewer\nprovostCompany: c1\n", ANN, "(V25)" },
	{ "V25 a primary contact no more (T3)", WAN YES, PC
	    "provostCompany: c1\n"
	    "provostPeriod: role:primary-contact - 20260101000000Z\n", ANN,
	    "(V25)" },
	{ "a suspended primary contact", WAN YES, PERSON("pat")
	    "provostState: suspended\nprovostRole: primary-contact\n"
	    "provostCompany: c1\n", ANN, "is suspended" },
	{ "V26 the requester", ASK("tool") "provostToolGrant: wan\n"
	    "provostBeneficiary: cn=bob\n" YES, PERSON("ann") ACTIVE
	    "provostRole: primary-contact\nprovostCompany: c1\n",
	    PERSON("bob") ACTIVE "provostCompany: c1\n", "(V26)" },
	{ "V26 the beneficiary", "dn: x\nprovostRequester: cn=ann\n"
	    "provostBeneficiary: CN = Pat\nprovostRequestKind: tool\n"
	    "provostToolGrant: wan\n" YES, PC "provostCompany: c1\n", PC
	    "provostCompany: c1\n", "(V26)" },
	{ "V6 a restricted tool", ASK("tool") "provostToolGrant: fire\n" YES,
	    PC "provostCompany: c1\nprovostToolGrant: fire\n", ANN,
	    "help desk (V6)" },
	{ "an unknown tool", ASK("tool") "provostToolGrant: telex\n" YES, PC
	    "provostCompany: c1\n", ANN, "there is no tool telex" },
	{ "V4 an administrator without the tool", WAN YES, ADMIN
	    "provostCompany: c1\n", ANN, "(V4)" },
	{ "V4 with the tool", WAN YES, ADMIN "provostCompany: c1\n"
	    "provostToolGrant: wan\n", ANN, NULL },
	{ "V4 with the tool, not its account", WAN "provostAccount: a11\n"
	    YES, ADMIN "provostCompany: c1\nprovostToolGrant: wan\n", ANN,
	    "account a11 (V4)" },
	{ "V4 with the tool and its account", WAN "provostAccount: a11\n"
	    YES, ADMIN "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n", ANN, NULL },
	{ "V27 an account of a company beyond", WAN "provostAccount: a21\n"
	    YES, PC "provostCompany: c1\n", ANN, "account a21" },
	{ "V26 unless that item is denied", WAN "provostAccount: a21\n"
	    "provostItemDecision: a21 denied\n" YES, PC
	    "provostCompany: c1\n", ANN, NULL },
	{ "V25 accounts", A11 YES, PC "provostCompany: c1\n", ANN, NULL },
	{ "V25 accounts beyond", A11 "provostAccount: a22\n" YES, PC
	    "provostCompany: c1\n", ANN, "account a22" },
	{ "V27 all items are denied when one is in reach", A11
	    "provostAccount: a22\n" NO, PC "provostCompany: c1\n", ANN,
	    NULL },
	{ "V27 none is in reach", ASK("accounts") "provostAccount: a22\n" NO,
	    PC "provostCompany: c1\n", ANN, "account a22" },
	{ "V4 an administrator without the account", A11 YES, ADMIN
	    "provostCompany: c1\nprovostAccount: a12\n", ANN, "(V4)" },
	{ "V15 with it, through the company", A11 YES, ADMIN
	    "provostCompany: c1\nprovostAllAccountsOf: c1\n", ANN, NULL },
	{ "V3 nobody makes a primary contact", ASK("role")
	    "provostRole: primary-contact\n" YES, PC "provostCompany: c1\n",
	    ANN, "(V3)" },
	{ "V3 nor takes it away", MANAGER YES, PC "provostCompany: c1\n",
	    PERSON("ann") ACTIVE "provostRole: primary-contact\n"
	    "provostCompany: c1\n", "(V3)" },
	{ "V4 a primary contact makes an administrator", ASK("role")
	    "provostRole: administrator\n" YES, PC "provostCompany: c1\n",
	    ANN, NULL },
	{ "V4 an administrator does not", ASK("role")
	    "provostRole: administrator\n" YES, ADMIN "provostCompany: c1\n",
	    ANN, "(V4)" },
	{ "V4 another role", MANAGER YES, ADMIN "provostCompany: c1\n", ANN,
	    NULL },
	{ "V4a all companies must be within reach", MANAGER YES, PC
	    "provostCompany: c1\n", ANN "provostCompany: c2\n", "(V4a)" },
	{ "V4a and the tools, for an administrator", MANAGER YES, ADMIN
	    "provostCompany: c1\n", ANN "provostToolGrant: voip\n", "(V4a)" },
	{ "V2 a company", ASK("company") "provostCompany: c2\n" YES, PC
	    "provostCompany: c2\n", ANN, NULL },
	{ "V2 a company beyond", ASK("company") "provostCompany: c2\n" YES,
	    PC "provostCompany: c1\n", ANN, "(V2)" },
	{ "V16 a group identifier", ASK("groupIdentifier")
	    "provostGroupIdentifierId: sites\n" YES, PC
	    "provostCompany: c1\n", ANN, NULL },
	{ "V16 one of another company", ASK("groupIdentifier")
	    "provostGroupIdentifierId: media\n" YES, PC
	    "provostCompany: c1\n", ANN, "media" },
	{ "V4 an administrator without it", ASK("groupIdentifier")
	    "provostGroupIdentifierId: sites\n" YES, ADMIN
	    "provostCompany: c1\n", ANN, "(V4)" },
	{ "A1 portal access", ASK("portal") YES, PC "provostCompany: c1\n",
	    ANN, NULL },
	{ "A1 an administrator needs enterprise scope", ASK("portal") YES,
	    ADMIN "provostCompany: c1\n", ANN, "(A1)" },
	{ "A1 with it", ASK("portal") YES, ADMIN "provostCompany: c1\n"
	    "provostAdminScope: enterprise acme\n", ANN, NULL },
	{ "A4 the group is not theirs", WAN YES, PC "provostCompany: c1\n"
	    "provostAdminScope: group g1\n", ANN, "(A4)" },
	{ "A4 the group is theirs", WAN YES, PC "provostCompany: c1\n"
	    "provostAdminScope: group g1\n", ANN "provostMemberOf: G1\n",
	    NULL },
	{ "A4 the department is theirs", WAN YES, PC "provostCompany: c1\n"
	    "provostAdminScope: department Night%20Shift\n", ANN
	    "departmentNumber: night shift\n", NULL },
	{ "A4 malformed scopes cover nobody", WAN YES, PC
	    "provostCompany: c1\nprovostAdminScope: everything\n", ANN,
	    "(A4)" },
	{ "a company that a rule gives counts", WAN YES, PC
	    "provostCompany: c1\n", PERSON("ann") ACTIVE
	    "provostMemberOf: joiners\n", NULL },
};

static void test_decisions(void **state)
{
	size_t i;

	(void)state;
	table_fill(t, "dn: x\nobjectClass: provostRule\nprovostRuleId: j\n"
	    "provostRuleGroup: joiners\nprovostCompany: c1\n");
	for (i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		const struct person *d = table_person(t, decisions[i].decider,
		    NULL);
		struct rights rights;
		struct err e = { 0 };
		int rc;

		rights_compute(t->a, d, &t->world, table_noon(), &rights);
		rc = authorise_decision(table_request(t,
		    decisions[i].request), d, &rights, table_person(t,
		    decisions[i].beneficiary, NULL), &t->world, &e);
		if ((rc == 0) != (decisions[i].why == NULL) || (rc != 0 &&
		    strstr(e.text, decisions[i].why) == NULL))
			fail_msg("%s: %d %s", decisions[i].name, rc, e.text);
		assert_true(rc == 0 || rc == ERR_DENIED);
	}
}

/* Every pair of scopes: what is left is allowed by both of them. */
static void test_narrow_never_widens(void **state)
{
	static const char *const scopes[] = { "admin", "read", "write",
		"metrics", "operations", "decide", "User", "Users", "Client",
		"admin:Users", "read:User", "read:Users", "write:Users",
		"read:Clients", "write:Clients", "admin:Clients",
		"read:metrics", "admin:metrics", "write:metrics",
		"read:operations", "READ", "ADMIN", "Admin:user", "openid",
		"read:", ":User", "", "*", "read:*", "metrics:User" };
	static const char *const types[] = { "User", "Group", "Client",
		"metrics", "operations", "*", "" };
	const size_t n = sizeof(scopes) / sizeof(scopes[0]);
	struct arena *a = arena_new();
	size_t i, k, t_;
	int op;

	(void)state;
	for (i = 0; i < n * n; i++) {
		const char *x = scopes[i / n], *y = scopes[i % n];
		const struct strv have = { &x, 1, 1 }, claimed = { &y, 1, 1 };
		struct strv out;

		authorise_narrow(a, &have, &claimed, &out);
		for (k = 0; k < sizeof(types) / sizeof(types[0]); k++)
			for (op = OP_READ; op <= OP_DELETE; op++)
				if (authorise_client(&out, types[k],
				    (enum operation)op, NULL) == 0 &&
				    (authorise_client(&have, types[k],
				    (enum operation)op, NULL) != 0 ||
				    authorise_client(&claimed, types[k],
				    (enum operation)op, NULL) != 0))
					fail_msg("%s and %s: %s %d", x, y,
					    types[k], op);
		for (t_ = 0; t_ < out.n; t_++)
			if (strcasecmp(out.v[t_], "admin") == 0)
				assert_true(strcasecmp(x, "admin") == 0 &&
				    strcasecmp(y, "admin") == 0);
	}
	arena_free(a);
}

static void test_narrow(void **state)
{
	static const struct {
		const char *have[2], *claimed[2], *want;
	} c[] = {
		{ { "admin" }, { "read", "openid" }, "read openid " },
		{ { "read", "write" }, { "read" }, "read " },
		{ { "read" }, { "read:Users" }, "read:Users " },
		{ { "read:User" }, { "read" }, "read:User " },
		{ { "read:User" }, { "read:Users" }, "read:Users " },
		{ { "Users" }, { "write:User" }, "write:User " },
		{ { "admin:Users" }, { "read:Users", "read" },
		    "read:Users " },
		{ { "read", "metrics" }, { "metrics" }, "metrics " },
		{ { "read" }, { "metrics", "read:metrics" }, "" },
		{ { "read" }, { "write" }, "" },
		{ { "read" }, { NULL }, "" },
		{ { NULL }, { "admin" }, "" },
	};
	struct arena *a = arena_new();
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct strv have = { 0 }, claimed = { 0 }, out;
		const char *got = "";

		for (k = 0; k < 2; k++) {
			if (c[i].have[k] != NULL)
				strv_add(a, &have, c[i].have[k]);
			if (c[i].claimed[k] != NULL)
				strv_add(a, &claimed, c[i].claimed[k]);
		}
		authorise_narrow(a, &have, &claimed, &out);
		for (k = 0; k < out.n; k++)
			got = arena_printf(a, "%s%s ", got, out.v[k]);
		assert_string_equal(got, c[i].want);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_client, setup, teardown),
		cmocka_unit_test(test_narrow_never_widens),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test_setup_teardown(test_decisions, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
