/* SPDX-License-Identifier: ISC */
/* Every row of matrix.txt once more, over HTTP: who may read, find and write
 * what. */
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

static int wrong, cells;

/* The PATCH that gives or takes a right; NULL: there is none for it. */
static const char *patch_right(const char *word, bool give)
{
	static const char *const name[] = { "roles", "companies", "accounts",
	    "allAccountsOf", "groupIdentifiers", "tools", NULL,
	    "portalAccess", "cpniAuthorized" };
	const char *op = give ? "add" : "remove";
	struct right r;

	assert_int_equal(right_parse(gate.a, word, &r, NULL), 0);
	if (r.kind == RIGHT_TOOL_ACCOUNT)
		return gate_patch(op, arena_printf(gate.a,
		    "tools[value eq \\\"%s\\\"].accounts", r.key),
		    arena_printf(gate.a, "[\"%s\"]", r.account));
	if (r.kind == RIGHT_PORTAL || r.kind == RIGHT_CPNI)
		return gate_patch("replace", name[r.kind], r.kind ==
		    RIGHT_CPNI ? "true" : "\"active\"");
	if (!give)
		return gate_patch(op, arena_printf(gate.a,
		    "%s[value eq \\\"%s\\\"]", name[r.kind], r.key), NULL);
	return gate_patch(r.kind == RIGHT_ROLE ? "replace" : op, name[r.kind],
	    arena_printf(gate.a, "[{\"value\":\"%s\"}]", r.key));
}

static const char *group_body(const char *word)
{
	char *s = arena_strdup(gate.a, word), *save;
	const char *kind = strtok_r(s, "/", &save);
	const char *company = strtok_r(NULL, "/", &save);

	return arena_printf(gate.a, "{\"groupIdentifierId\":\"new\",\"name\":"
	    "\"new\",\"kind\":\"%s\",\"purpose\":\"businessSite\","
	    "\"company\":\"%s\",\"services\":[\"%s\"]}", kind, company,
	    strtok_r(NULL, "/", &save));
}

/* "g1/company:c1" */
static const char *rule_body(const char *word)
{
	static const char *const name[] = { "role", "companies", "accounts",
	    "allAccountsOf", "groupIdentifiers", "tools" };
	size_t n = strcspn(word, "/");
	struct right r;

	assert_int_equal(right_parse(gate.a, word + n + 1, &r, NULL), 0);
	return arena_printf(gate.a, "{\"ruleId\":\"new\",\"group\":\"%s\","
	    "\"%s\":%s\"%s\"%s}", gate_id("Group", arena_strndup(gate.a, word,
	    n)),
	    name[r.kind], r.kind == RIGHT_ROLE ? "" : r.kind == RIGHT_TOOL ?
	    "[{\"value\":" : "[", r.key, r.kind == RIGHT_ROLE ? "" :
	    r.kind == RIGHT_TOOL ? "}]" : "]");
}

static const char *request_body(const char *who, const char *whom)
{
	bool client = strcmp(who, "admin") == 0 || strcmp(who, "client") == 0;

	return arena_printf(gate.a, "{\"requester\":\"%s\",\"beneficiary\":"
	    "\"%s\",\"kind\":\"tool\",\"tool\":\"wan\"}", gate_id("User",
	    client ? whom : who), gate_id("User", whom));
}

struct trial {
	enum write_kind kind;
	const char *key, *body;		/* body NULL: DELETE */
};

/* The write that a row is about; false: HTTP has none for it. */
static bool trial_of(char **w, const char *who, const char *whom,
    struct trial *t)
{
	const char *op = w[0], *type = w[1];
	bool user = strcmp(type, "User") == 0;

	*t = (struct trial){ .kind = WRITE_PATCH, .key = whom };
	if (strcmp(type, "AccessRequest") == 0)
		t->key = gate_request(whom, w[3]);
	else if (strcmp(type, "GroupIdentifier") == 0)
		t->key = gate_dashed(w[2]);
	if (strcmp(op, "delete") == 0) {
		t->kind = WRITE_DELETE;
		return strcmp(type, "Rule") != 0;
	}
	if (strcmp(op, "create") == 0) {
		t->kind = WRITE_POST;
		t->body = strcmp(type, "GroupIdentifier") == 0 ?
		    group_body(w[2]) : strcmp(type, "Rule") == 0 ?
		    rule_body(w[2]) : strcmp(type, "Client") == 0 ?
		    "{\"name\":\"new\",\"scopes\":[\"read\"]}" :
		    user ? NULL : request_body(who, whom);
	} else if (strcmp(op, "suspend") == 0) {
		t->body = gate_patch("replace", "active", "false");
	} else if (strcmp(op, "scope") == 0) {
		t->body = gate_patch("add", "adminScopes", "[\"group g7\"]");
	} else if (strcmp(op, "prefer") == 0) {
		t->body = gate_patch("add", "preferences", "[\"colour red\"]");
	} else if (strcmp(op, "portal-grant") == 0) {
		t->body = patch_right("portal", true);
	} else if (strcmp(op, "grant") == 0 || strcmp(op, "revoke") == 0) {
		t->body = patch_right(w[3], *op == 'g');
	} else if (strcmp(op, "decide") == 0) {
		t->body = gate_patch("add", "decision", "\"approved\"");
	} else if (strcmp(op, "update") == 0 && !user) {
		t->body = gate_patch("replace", strcmp(type, "AccessRequest") ==
		    0 ? "justification" : strcmp(type, "Account") == 0 ?
		    "phone" : "name", "\"y\"");
	}
	return t->body != NULL;
}

/* What may not be done by anybody is no refusal of who asks. */
static bool let(int rc, const struct err *e)
{
	return rc == 0 || rc == ERR_REFERRED || rc == ERR_EXISTS ||
	    (rc == ERR_INVALID &&
	    strstr(e->text, "(V18)") != NULL);
}

static void report(char **w, const char *who, const char *want, int rc,
    const struct err *e)
{
	wrong++;
	printf("%s %s %s %s: %s is to be %s, but: %d %s\n", w[0], w[1], w[2],
	    w[3], who, want, rc, e->text);
}

static void write_cell(char **w, const char *who, const char *whom,
    const char *want)
{
	struct err e = { 0 };
	struct trial t;
	struct buf said;
	int rc;

	if (!trial_of(w, who, whom, &t))
		return;
	buf_init(&said, 8192);
	rc = gate_try(who, t.kind, w[1], t.key, t.body, &e, &said);
	/* What changes nothing needs no right. */
	if (rc != 0 || t.kind != WRITE_PATCH || said.len != 0) {
		cells++;
		if (let(rc, &e) != (strcmp(want, "+") == 0) || (!let(rc, &e)
		    && rc != ERR_DENIED && rc != ERR_NOT_FOUND))
			report(w, who, want, rc, &e);
	}
	buf_fini(&said);
}

static void read_cell(char **w, const char *who, const char *whom,
    const char *want)
{
	struct err e = { 0 };
	const char *key = strcmp(w[1], "GroupIdentifier") == 0 ?
	    gate_dashed(w[2]) : strcmp(w[1], "AccessRequest")
	    == 0 ? gate_request(whom, w[3]) : whom;
	int status = strcmp(w[0], "list") == 0 ? gate_find(who, "Users",
	    arena_printf(gate.a, "displayName eq \"%s\"", whom), NULL) == 1 ?
	    200 : 404 : gate_get(who, w[1], key);

	cells++;
	if ((status == 200) != (strcmp(want, "+") == 0) ||
	    (status != 200 && status != 404 && status != 403))
		report(w, who, want, status, &e);
}

static void cell(char **w, const char *who, const char *want)
{
	const char *whom = strcmp(w[2], "self") == 0 ? who : w[2];

	/* /Clients are for nobody who is a person. */
	if (strcmp(w[1], "Client") == 0 && strcmp(who, "staff") == 0)
		want = "V5";
	if (strcmp(w[0], "read") == 0 || strcmp(w[0], "list") == 0)
		read_cell(w, who, whom, want);
	else
		write_cell(w, who, whom, want);
}

static void row(char **w, int n)
{
	int first = n - (int)GATE_ACTORS;
	size_t i, k;

	for (i = 0; i < GATE_ACTORS; i++) {
		const char *want = w[first + (int)i];

		if (strcmp(want, ".") == 0)
			continue;
		for (k = 0; k < (i == GATE_ACTORS - 1 ? 8 : 1); k++)
			cell(w, i == GATE_ACTORS - 1 ? gate_eight[k] :
			    gate_actors[i], want);
	}
}

/* V1-V6, V16, V25-V27, A1, A4, L1: as matrix.txt says, over HTTP. */
static void matrix(void **state)
{
	(void)state;
	gate_rows(row);
	printf("%d of %d cells are wrong\n", wrong, cells);
	assert_int_equal(wrong, 0);
	assert_true(cells > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix),
	};

	return cmocka_run_group_tests(tests, gate_setup, gate_teardown);
}
