/* SPDX-License-Identifier: ISC */
/* What people see of the directory, by every way there is to look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "gate_help.h"

static const struct {
	const char *who, *filter;
	int64_t total;
} searches[] = {
	/* V5: oneself, and whom to gate_ask. */
	{ "viewer", "id pr", 4 },
	{ "viewer", "userName eq \"contact\"", 0 },
	{ "viewer", "displayName eq \"contact\"", 1 },
	{ "viewer", "displayName eq \"member\"", 0 },
	{ "viewer", "not (userName eq \"viewer\")", 3 },
	/* V4a: what is beyond reach is found by no filter, however put. */
	{ "pc", "displayName eq \"partly\" and companies eq \"c1\"", 1 },
	{ "pc", "companies eq \"c2\"", 0 },
	{ "pc", "accounts eq \"a21\" or displayName eq \"stranger\"", 0 },
	{ "pc", "accounts sw \"a2\"", 0 },
	{ "pc", "tools[value eq \"wan\" and accounts eq \"a21\"]", 0 },
	{ "pc", "displayName eq \"partly\" and not (companies eq \"c2\")",
	    1 },
	{ "pc", "displayName eq \"partly\" and accounts ne \"a21\"", 1 },
	{ "pc", "displayName eq \"partly\" and accountCount gt 0", 0 },
	{ "pc", "displayName eq \"member\" and accountCount gt 0", 1 },
	{ "both", "companies eq \"c2\"", 5 },
	/* A4 */
	{ "grp", "displayName eq \"shared\"", 0 },
	{ "grp", "displayName eq \"member\"", 1 },
	{ "staff", "companies eq \"c2\"", 5 },
	{ "client", "companies eq \"c2\"", 5 },
};

static void v4a_filters(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
		int64_t n = gate_find(searches[i].who, "Users",
		    searches[i].filter, NULL);

		if (n != searches[i].total)
			fail_msg("%s: %s: %lld", searches[i].who,
			    searches[i].filter, (long long)n);
	}
}

/* Indexes know of all that there is. */
static void v4a_indexes(void **state)
{
	struct answer q = gate_ask("chief", "POST", "/scim/v2/Users/.search",
	    "{\"count\":1000,\"sortBy\":\"allAccountsOf\"}");

	(void)state;
	assert_int_equal(gate_find("pc", "Users", "not (allAccountsOf pr)",
	    NULL), gate_find("pc", "Users", "id pr", NULL) - 1);
	assert_int_equal(gate_find("viewer", "Users", "not (department pr)",
	    NULL), gate_find("viewer", "Users", "id pr", NULL));
	/* Neither lost nor told apart by where it stands. */
	assert_int_equal(json_member_int(q.j, "totalResults", 0),
	    GATE_CROWD + 1);
	assert_int_equal(json_member(q.j, "Resources")->n, GATE_CROWD + 1);
}

static const char *rendered(const char *who, const char *whom)
{
	struct answer q = gate_ask(who, "GET", arena_printf(gate.a,
	    "/scim/v2/Users/%s", gate_id("User", whom)), NULL);
	struct buf text;
	const char *s;

	assert_int_equal(q.status, 200);
	buf_init(&text, 65536);
	json_write(&text, q.j);
	s = arena_strdup(gate.a, buf_str(&text));
	buf_fini(&text);
	return s;
}

/* V4a: of a user of two companies their own is shown. */
static void v4a_partly(void **state)
{
	const char *s = rendered("pc", "partly"), *all;
	struct json *list, *j;

	(void)state;
	assert_non_null(strstr(s, "a11"));
	assert_null(strstr(s, "a21"));
	assert_null(strstr(s, "\"c2\""));
	assert_null(strstr(s, "accountCount"));
	all = rendered("both", "partly");
	assert_non_null(strstr(all, "a21"));
	assert_non_null(strstr(all, "accountCount"));
	/* The version is that of what is shown. */
	assert_string_not_equal(strstr(s, "W/"), strstr(all, "W/"));
	assert_int_equal(gate_find("pc", "Users", "displayName eq \"partly\"",
	    &list), 1);
	j = json_member(json_member(list->child, GATE_EXT), "companies");
	assert_int_equal(j->n, 1);
	/* V5: of a primary contact whom to gate_ask, and no more. */
	s = rendered("viewer", "contact");
	assert_null(strstr(s, "a11"));
	assert_null(strstr(s, "userName"));
	assert_non_null(strstr(s, "primary-contact"));
}

/* V4a: what is put back as it was seen takes nothing of the rest. */
static void v4a_put(void **state)
{
	const char *s = rendered("pc", "partly");
	struct buf said;
	struct err e;

	(void)state;
	buf_init(&said, 8192);
	if (gate_try("pc", WRITE_PUT, "User", "partly", s, &e, &said) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(buf_str(&said), "");
	buf_fini(&said);
	/* Nor is it told what that is. */
	assert_int_equal(gate_try("pc", WRITE_DELETE, "User", "partly", NULL,
	    &e, NULL), ERR_DENIED);
	assert_non_null(strstr(e.text, "(V4a)"));
	assert_null(strstr(e.text, "c2"));
}

static struct json *member_of(const char *who, const char *group)
{
	struct answer q = gate_ask(who, "GET", arena_printf(gate.a,
	    "/scim/v2/Groups/%s", gate_id("Group", group)), NULL);

	assert_int_equal(q.status, 200);
	return json_member(q.j, "members");
}

/* A group shows those of its members whom one sees. */
static void v2_members(void **state)
{
	struct json *m = member_of("pc", "g3");

	(void)state;
	assert_int_equal(m->n, 1);
	assert_string_equal(json_member_str(m->child, "value"), gate_id("User",
	    "partly"));
	assert_int_equal(member_of("both", "g3")->n, 2);
	assert_int_equal(gate_find("pc", "Groups", arena_printf(gate.a,
	    "members.value eq \"%s\"", gate_id("User", "stranger")), NULL), 0);
	assert_int_equal(gate_find("both", "Groups", arena_printf(gate.a,
	    "members.value eq \"%s\"", gate_id("User", "stranger")), NULL), 1);
	assert_int_equal(gate_get("viewer", "Group", "g3"), 404);
}

/* V6: what may be granted, and to whom that is said. */
static void v6_manageable(void **state)
{
	(void)state;
	assert_int_equal(gate_find("pc", "Tools", "manageable eq true", NULL),
	    2);
	assert_int_equal(gate_find("adm", "Tools", "manageable eq true", NULL),
	    1);
	assert_int_equal(gate_find("viewer", "Tools", "manageable eq true",
	    NULL), 0);
	assert_int_equal(gate_find("staff", "Tools", "manageable eq true",
	    NULL), 3);
	assert_int_equal(gate_find("client", "Tools", "manageable eq true",
	    NULL), 2);
}

/* L1, V5, V25: each type's own, in lists too. */
static void l1_lists(void **state)
{
	struct answer q;

	(void)state;
	assert_int_equal(gate_find("pc", "Enterprises", "id pr", NULL), 1);
	assert_int_equal(gate_find("pc", "Companies", "id pr", NULL), 1);
	assert_int_equal(gate_find("pc", "Accounts", "id pr", NULL), 2);
	assert_int_equal(gate_find("viewer", "Accounts", "id pr", NULL), 1);
	assert_int_equal(gate_find("viewer", "Services", "id pr", NULL), 1);
	assert_int_equal(gate_find("viewer", "Rules", "id pr", NULL), 0);
	assert_int_equal(gate_find("viewer", "AccessRequests", "id pr", NULL),
	    1);
	assert_int_equal(gate_find("staff", "Companies", "id pr", NULL), 3);
	q = gate_ask("viewer", "GET", "/scim/v2/Clients", NULL);
	assert_int_equal(q.status, 403);
	/* The root has no clients either, and no more than the lists. */
	q = gate_ask("viewer", "POST", "/scim/v2/.search",
	    "{\"filter\":\"meta.resourceType eq \\\"Client\\\"\"}");
	assert_int_equal(q.status, 200);
	assert_int_equal(json_member_int(q.j, "totalResults", -1), 0);
	q = gate_ask("viewer", "POST", "/scim/v2/.search",
	    "{\"filter\":\"meta.resourceType eq \\\"User\\\"\"}");
	assert_int_equal(json_member_int(q.j, "totalResults", -1), 4);
}

/* V4a: who shares a company sees neither requests nor rules about another. */
static void v4a_beyond(void **state)
{
	const char *theirs = gate_request("partly", "account:a21");

	(void)state;
	assert_int_equal(gate_get("partly", "AccessRequest", theirs), 200);
	assert_int_equal(gate_get("both", "AccessRequest", theirs), 200);
	assert_int_equal(gate_get("pc", "AccessRequest", theirs), 404);
	assert_int_equal(gate_get("pc", "AccessRequest", gate_request(
	    "partly", "account:a11")), 200);
	assert_int_equal(gate_get("pc", "Rule", "mine"), 200);
	assert_int_equal(gate_get("pc", "Rule", "theirs"), 404);
	assert_int_equal(gate_get("both", "Rule", "theirs"), 200);
	assert_int_equal(gate_get("staff", "Rule", "theirs"), 200);
	assert_int_equal(gate_get("client", "Rule", "theirs"), 200);
}

static int rights(const char *who, const char *whom)
{
	return gate_ask(who, "GET", arena_printf(gate.a, "/v1/users/%s/rights",
	    whom), NULL).status;
}

/* V5, V4a, T2: one's own rights, and those of whom one administers. */
static void v5_rights(void **state)
{
	struct answer q;
	struct buf text;

	(void)state;
	assert_int_equal(rights("viewer", "viewer"), 200);
	assert_int_equal(rights("viewer", "member"), 404);
	assert_int_equal(rights("viewer", "contact"), 404);
	assert_int_equal(rights("viewer", "no-one"), 404);
	assert_int_equal(rights("grp", "shared"), 404);
	assert_int_equal(rights("staff", "stranger"), 200);
	assert_int_equal(rights("admin", "stranger"), 200);
	q = gate_ask("pc", "GET", "/v1/users/partly/rights", NULL);
	assert_int_equal(q.status, 200);
	buf_init(&text, 65536);
	json_write(&text, q.j);
	assert_non_null(strstr(buf_str(&text), "account:a11"));
	assert_null(strstr(buf_str(&text), "a21"));
	assert_null(strstr(buf_str(&text), "c2"));
	buf_fini(&text);
}

/* What is about everybody is for clients and provider staff. */
static void v2_operations(void **state)
{
	static const char *const paths[] = { "/v1/check", "/v1/status" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(gate_ask("pc", "GET", paths[i], NULL).status,
		    403);
	assert_int_equal(gate_ask("pc", "POST", "/v1/plan",
	    "{\"reconcile\":true}").status, 403);
	assert_int_equal(gate_ask("staff", "GET", "/v1/check", NULL).status,
	    200);
	assert_int_equal(gate_ask("staff", "GET", "/metrics", NULL).status,
	    403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v4a_filters),
		cmocka_unit_test(v4a_indexes),
		cmocka_unit_test(v4a_partly),
		cmocka_unit_test(v4a_put),
		cmocka_unit_test(v2_members),
		cmocka_unit_test(v6_manageable),
		cmocka_unit_test(l1_lists),
		cmocka_unit_test(v4a_beyond),
		cmocka_unit_test(v5_rights),
		cmocka_unit_test(v2_operations),
	};

	return cmocka_run_group_tests(tests, gate_setup, gate_teardown);
}
