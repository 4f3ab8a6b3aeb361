/* SPDX-License-Identifier: ISC */
/* What people and clients may write, whatever the way in, and what that comes
 * to. */
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
	const char *name, *who, *whom, *patch;
	const char *why;	/* in the refusal; NULL: it is let through */
	const char *said[6];	/* among its mods */
	const char *not;	/* in none of them */
} writes[] = {
	{ "V14 takes along what hung on the company", "admin", "partly",
	    "remove companies[value eq \\\"c1\\\"]", NULL,
	    { "-provostCompany c1\n", "-provostAccount a11\n",
	    "-provostToolAccount wan a11\n", "=provostPeriod \n",
	    "-provostProvenance account:a11 feed:hr 20260101000000Z\n" },
	    "a21" },
	{ "V14 by a client", "client", "partly",
	    "remove companies[value eq \\\"c2\\\"]", NULL,
	    { "-provostCompany c2\n", "-provostAccount a21\n",
	    "-provostToolAccount wan a21\n" }, "a11" },
	{ "V14 in the name of a person", "pc", "partly",
	    "remove companies[value eq \\\"c1\\\"]", NULL,
	    { "-provostCompany c1\n", "-provostAccount a11\n" }, "a21" },
	{ "V14 asks about all that goes", "adm", "wider",
	    "remove companies[value eq \\\"c1\\\"]", "(V4", { NULL }, NULL },
	{ "V14 the last company, with CPNI and tools", "client", "wider",
	    "remove companies", NULL, { "=provostCompany \n",
	    "=provostAccount \n", "=provostToolAccount \n",
	    "-provostToolGrant voip\n" }, "fire" },
	{ "V14 what goes can't be given in the same request", "admin",
	    "partly", "* {\"op\":\"remove\",\"path\":\"companies[value eq "
	    "\\\"c1\\\"]\"},{\"op\":\"add\",\"path\":\"accounts\",\"value\":"
	    "[\"a12\"]}", "authorise company c1", { NULL }, NULL },
	{ "V15 an account held through its company", "admin", "all",
	    "remove accounts[value eq \\\"a12\\\"]",
	    "all accounts of company c1", { NULL }, NULL },
	{ "V15 for a client", "client", "all",
	    "remove accounts [\"A11\"]", "(V15)", { NULL }, NULL },
	{ "V15 for a person", "pc", "all",
	    "remove accounts [{\"value\":\"a11\"}]", "(V15)", { NULL },
	    NULL },
	{ "V15 among others", "client", "all", "remove accounts[value eq "
	    "\\\"zz\\\" or value eq \\\"a11\\\"]", "(V15)", { NULL }, NULL },
	{ "V15 the same means", "client", "all",
	    "remove allAccountsOf[value eq \\\"c1\\\"]", NULL,
	    { "=provostAllAccountsOf \n" }, NULL },
	{ "V15 one that stands on the entry", "pc", "member",
	    "remove accounts[value eq \\\"a11\\\"]", NULL,
	    { "=provostAccount \n" }, NULL },
	{ "V15 one that nothing gives", "client", "member",
	    "remove accounts[value eq \\\"a12\\\"]", NULL, { NULL },
	    "provostAccount" },
	{ "V18 an account", "client", "member", "add accounts [\"a21\"]",
	    "account:a21: authorise company c2 for the user first (V18)",
	    { NULL }, NULL },
	{ "V18 for provider staff", "staff", "member",
	    "add accounts [\"a21\"]", "(V18)", { NULL }, NULL },
	{ "V18 for a primary contact of both", "both", "member",
	    "add accounts [\"a21\"]", "(V18)", { NULL }, NULL },
	{ "V18 all accounts of a company", "admin", "member",
	    "add allAccountsOf [\"c2\"]", "(V18)", { NULL }, NULL },
	{ "V18 with its company", "both", "member",
	    "* {\"op\":\"add\",\"path\":\"companies\",\"value\":[\"c2\"]},"
	    "{\"op\":\"add\",\"path\":\"accounts\",\"value\":[\"a21\"]}",
	    NULL, { "+provostCompany c2\n", "+provostAccount a21\n" },
	    NULL },
	{ "V18 a client mirrors what V13 cuts", "client", "member",
	    "add tools [{\"value\":\"wan\",\"accounts\":[\"a21\"]}]", NULL,
	    { "+provostToolAccount wan a21\n" }, NULL },
	{ "V2 before V18, which would tell whose it is", "pc", "member",
	    "add accounts [\"a21\"]", "(V2)", { NULL }, NULL },
	{ "V5 before V15, likewise", "viewer", "all",
	    "remove accounts[value eq \\\"a12\\\"]", "there is no User",
	    { NULL }, NULL },
	{ "V4a a name is all of theirs", "pc", "partly",
	    "replace displayName \"x\"", "(V4a)", { NULL }, NULL },
	{ "V3 not by a source's client", "client", "member",
	    "replace roles [{\"value\":\"primary-contact\"}]", "(V3)",
	    { NULL }, NULL },
	{ "A4 nobody makes themselves staff", "pc", "pc",
	    "add adminScopes [\"provider\"]", "(A4)", { NULL }, NULL },
};

/* "op path[ value]", or "* " and whole operations. */
static const char *patch_words(const char *words)
{
	const char *path, *value;

	if (*words == '*')
		return arena_printf(gate.a, "{\"Operations\":[%s]}", words + 2);
	path = strchr(words, ' ') + 1;
	value = strstr(path, " [\"");
	if (value == NULL)
		value = strstr(path, " [{");
	if (value == NULL)
		value = strstr(path, " \"");
	return gate_patch(arena_strndup(gate.a, words,
	    (size_t)(path - words - 1)),
	    value != NULL ? arena_strndup(gate.a, path,
	    (size_t)(value - path)) : path, value != NULL ? value + 1 : NULL);
}

static void changes(void **state)
{
	struct buf said;
	struct err e;
	size_t i, k;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		buf_init(&said, 8192);
		rc = gate_try(writes[i].who, WRITE_PATCH, "User",
		    writes[i].whom, patch_words(writes[i].patch), &e, &said);
		if ((rc == 0) != (writes[i].why == NULL) || (rc != 0 &&
		    strstr(e.text, writes[i].why) == NULL))
			fail_msg("%s: %d %s", writes[i].name, rc, e.text);
		for (k = 0; k < 6 && writes[i].said[k] != NULL; k++)
			if (strstr(buf_str(&said), writes[i].said[k]) == NULL)
				fail_msg("%s: no %s in:\n%s", writes[i].name,
				    writes[i].said[k], buf_str(&said));
		if (writes[i].not != NULL && strstr(buf_str(&said),
		    writes[i].not) != NULL)
			fail_msg("%s: %s", writes[i].name, buf_str(&said));
		buf_fini(&said);
	}
}

/* V7: all that a new user has is asked about, and it is one add or none. */
static void v7_creations(void **state)
{
	static const struct {
		const char *who, *rest, *why;
	} rows[] = {
		{ "pc", "\"companies\":[\"c1\"],\"accounts\":[\"a12\"],"
		    "\"cpniAuthorized\":true,\"tools\":[{\"value\":\"voip\","
		    "\"accounts\":[\"a11\"]}]", NULL },
		{ "pc", "\"companies\":[\"c1\"],\"accounts\":[\"a12\","
		    "\"a21\"]", "(V2)" },
		{ "pc", "\"accounts\":[\"a11\"]", "(V2)" },
		{ "pc", "\"companies\":[\"c1\"],\"tools\":[{\"value\":"
		    "\"fire\"}]", "(V6)" },
		{ "adm", "\"companies\":[\"c1\"],\"accounts\":[\"a12\"]",
		    "(V4)" },
		{ "viewer", "\"companies\":[\"c1\"]", "(V5)" },
		{ "client", "\"accounts\":[\"a11\"]", "(V18)" },
		{ "client", "\"companies\":[\"c1\"],\"tools\":[{\"value\":"
		    "\"fire\"}]", "(V6)" },
		{ "both", "\"companies\":[\"c1\"],\"accounts\":[\"a21\"]",
		    "authorise company c2" },
		{ "staff", "\"companies\":[\"c2\"],\"tools\":[{\"value\":"
		    "\"fire\"}]", NULL },
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = gate_try(rows[i].who, WRITE_POST, "User", NULL,
		    arena_printf(gate.a, "{\"userName\":\"new\",\"roles\":"
		    "[{\"value\":\"viewer\"}],\"" GATE_EXT "\":{%s}}",
		    rows[i].rest), &e, NULL);

		if ((rc == 0) != (rows[i].why == NULL) || (rc != 0 &&
		    strstr(e.text, rows[i].why) == NULL))
			fail_msg("%s: %s: %d %s", rows[i].who, rows[i].rest,
			    rc, e.text);
	}
	/* V5, V11: who makes a user does not know their password. */
	assert_int_equal(gate_try("pc", WRITE_POST, "User", NULL,
	    "{\"userName\":\"new\",\"password\":\"x-1-y-2\",\"" GATE_EXT
	    "\":{\"companies\":[\"c1\"]}}", &e, NULL), ERR_DENIED);
}

/* T2: who gave it stands beside it. */
static void t2_provenance(void **state)
{
	struct buf said;
	struct err e;

	(void)state;
	buf_init(&said, 8192);
	assert_int_equal(gate_try("pc", WRITE_PATCH, "User", "member",
	    patch_words("add accounts [\"a12\"]"), &e, &said), 0);
	assert_int_equal(gate_try("client", WRITE_PATCH, "User", "member",
	    patch_words("add accounts [\"a12\"]"), &e, &said), 0);
	assert_non_null(strstr(buf_str(&said), arena_printf(gate.a,
	    "+provostProvenance account:a12 person:%s ", gate_id("User",
	    "pc"))));
	assert_non_null(strstr(buf_str(&said),
	    "+provostProvenance account:a12 client:client "));
	buf_fini(&said);
}

static int bulk(const char *who, const char *method, const char *path)
{
	struct answer q = gate_ask(who, "POST", "/scim/v2/Bulk",
	    arena_printf(gate.a,
	    "{\"Operations\":[{\"method\":\"%s\",\"path\":\"%s\"}]}",
	    method, path));

	assert_int_equal(q.status, 200);
	return atoi(json_member_str(json_member(q.j, "Operations")->child,
	    "status"));
}

/* V4a: whatever the way in. */
static void v4a_bulk(void **state)
{
	(void)state;
	assert_int_equal(bulk("pc", "DELETE", arena_printf(gate.a, "/Users/%s",
	    gate_id("User", "partly"))), 403);
	assert_int_equal(bulk("pc", "DELETE", arena_printf(gate.a, "/Users/%s",
	    gate_id("User", "stranger"))), 404);
	assert_int_equal(bulk("pc", "DELETE", arena_printf(gate.a,
	    "/Clients/%s", gate_id("Client", "any"))), 403);
}

/* V26: in one's own name, and nothing else with it. */
static void v26_requests(void **state)
{
	const char *key = gate_request("member", "tool:wan");
	struct buf said;
	struct err e;

	(void)state;
	buf_init(&said, 8192);
	assert_int_equal(gate_try("pc", WRITE_PATCH, "AccessRequest", key,
	    patch_words("replace decision \"approved\""), &e, &said), 0);
	assert_non_null(strstr(buf_str(&said), "provostDecidedBy "
	    "provostPersonId=pc,"));
	buf_fini(&said);
	assert_int_equal(gate_try("pc", WRITE_PATCH, "AccessRequest", key,
	    arena_printf(gate.a, "{\"Operations\":[{\"op\":\"add\",\"value\":"
	    "{\"decision\":\"denied\",\"decidedBy\":\"%s\"}}]}",
	    gate_id("User", "contact")), &e, NULL), ERR_DENIED);
	assert_int_equal(gate_try("pc", WRITE_PATCH, "AccessRequest", key,
	    "{\"Operations\":[{\"op\":\"add\",\"value\":{\"decision\":"
	    "\"denied\",\"justification\":\"x\"}}]}", &e, NULL), ERR_DENIED);
	assert_int_equal(gate_try("member", WRITE_PATCH, "AccessRequest", key,
	    patch_words("add items [{\"value\":\"wan\",\"decision\":"
	    "\"approved\"}]"), &e, NULL), ERR_DENIED);
	assert_int_equal(gate_try("member", WRITE_PATCH, "AccessRequest", key,
	    patch_words("replace decision \"withdrawn\""), &e, NULL), 0);
	/* V5: nobody asks in another's name. */
	assert_int_equal(gate_try("pc", WRITE_POST, "AccessRequest", NULL,
	    arena_printf(gate.a, "{\"requester\":\"%s\","
	    "\"kind\":\"tool\",\"tool\":\"wan\"}", gate_id("User", "member")),
	    &e, NULL), ERR_DENIED);
}

/* V16: a service group is whole, and its company that of who makes it. */
static void v16_groups(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(gate_try("pc", WRITE_POST, "GroupIdentifier", NULL,
	    "{\"groupIdentifierId\":\"new\",\"name\":\"n\",\"purpose\":"
	    "\"businessSite\",\"services\":[\"S11\"]}", &e, NULL), 0);
	assert_int_equal(gate_try("both", WRITE_POST, "GroupIdentifier", NULL,
	    "{\"groupIdentifierId\":\"new\",\"name\":\"n\",\"purpose\":"
	    "\"businessSite\",\"services\":[\"S11\"]}", &e, NULL),
	    ERR_DENIED);
	assert_int_equal(gate_try("pc", WRITE_POST, "GroupIdentifier", NULL,
	    "{\"groupIdentifierId\":\"new\",\"name\":\"n\",\"purpose\":"
	    "\"businessSite\",\"services\":[\"S21\"]}", &e, NULL),
	    ERR_INVALID);
	assert_non_null(strstr(e.text, "(V16)"));
}

/* A11: with who it was. */
static void a11_refusals_are_journalled(void **state)
{
	const char *who = arena_printf(gate.a, "person:%s", gate_id("User",
	    "pc"));
	char line[8192], path[128];
	struct err e = { 0 };
	bool seen = false;
	FILE *j;

	(void)state;
	assert_int_equal(gate_get("pc", "Client", "any"), 403);
	assert_int_equal(journal_flush(gate.journal, &e), 0);
	snprintf(path, sizeof(path), "%s/journal.jsonl", gate.dir);
	j = fopen(path, "r");
	assert_non_null(j);
	while (fgets(line, sizeof(line), j) != NULL)
		if (strstr(line, "\"refused\"") != NULL &&
		    strstr(line, who) != NULL)
			seen = true;
	fclose(j);
	assert_true(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(v7_creations),
		cmocka_unit_test(t2_provenance),
		cmocka_unit_test(v4a_bulk),
		cmocka_unit_test(v26_requests),
		cmocka_unit_test(v16_groups),
		cmocka_unit_test(a11_refusals_are_journalled),
	};

	return cmocka_run_group_tests(tests, gate_setup, gate_teardown);
}
