/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "core/diff.h"
#include "world_fixture.h"

#define ACTIVE "dn: cn=ann\nuid: ann\nprovostState: active\n"
#define ID "0e0e0e0e-0000-4000-8000-000000000001"
#define AT " 20260101000000Z "

static struct receipt *receipts(const char *const *v, size_t *n)
{
	struct receipt *r = arena_array(t->a, 64, sizeof(*r));

	for (*n = 0; v[*n] != NULL; (*n)++)
		assert_int_equal(receipt_parse(t->a, v[*n], &r[*n], NULL), 0);
	return r;
}

static const char *print(const struct action *v, size_t n)
{
	const char *out = "";
	size_t i, k;

	for (i = 0; i < n; i++) {
		out = arena_printf(t->a, "%s%s%s %s@%s", out, i ? "; " : "",
		    v[i].kind == ACTION_PUT ? "put" : "remove", v[i].tool,
		    v[i].target);
		for (k = 0; k < v[i].accounts.n; k++)
			out = arena_printf(t->a, "%s %s", out,
			    v[i].accounts.v[k]);
	}
	return out;
}

/* person NULL: gone. */
static struct action *diff(const char *person, const char *const *have,
    size_t *n)
{
	size_t n_have;
	struct receipt *r = receipts(have, &n_have);
	struct action *out;
	struct rights rights;

	if (person != NULL)
		rights_compute(t->a, table_person(t, person, NULL), &t->world,
		    table_noon(), &rights);
	diff_tools(t->a, ID, person ? &rights : NULL, &t->world, r, n_have,
	    &out, n);
	return out;
}

static const struct {
	const char *name, *person;
	const char *have[6];
	const char *actions;
} cases[] = {
	{ "nothing", ACTIVE, { NULL }, "" },
	{ "V19 an empty grant", ACTIVE "provostToolGrant: wan\n", { NULL },
	    "put wan@t" },
	{ "the whole list, sorted", ACTIVE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a12\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a21\n",
	    { NULL }, "put wan@t a11 a12" },
	{ "confirmed and equal", ACTIVE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n",
	    { "t tool:wan confirmed" AT "7 0", "t tool:wan/A11 confirmed" AT
	    "7 0" }, "" },
	{ "V20 restricting is not removing", ACTIVE
	    "provostToolGrant: wan\n", { "t tool:wan confirmed" AT "7 0",
	    "t tool:wan/a11 confirmed" AT "7 0" }, "put wan@t" },
	{ "failed before", ACTIVE "provostToolGrant: wan\n",
	    { "t tool:wan failed" AT "- 3" }, "put wan@t" },
	{ "pending", ACTIVE "provostToolGrant: wan\n",
	    { "t tool:wan pending" AT "- 1" }, "put wan@t" },
	{ "the tool's own receipt is missing", ACTIVE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n",
	    { "t tool:wan/a11 confirmed" AT "7 0" }, "put wan@t a11" },
	{ "T1 revoked", ACTIVE, { "t tool:wan confirmed" AT "7 0" },
	    "remove wan@t" },
	{ "T1 gone", NULL, { "t tool:wan confirmed" AT "7 0",
	    "t tool:voip failed" AT "7 1" }, "remove voip@t; remove wan@t" },
	{ "a leaver", "dn: cn=a\nprovostState: left\nprovostToolGrant: wan\n",
	    { "t tool:wan confirmed" AT "7 0" }, "remove wan@t" },
	{ "a tool that is no longer", ACTIVE,
	    { "old-target tool:telex confirmed" AT "7 0" },
	    "remove telex@old-target" },
	{ "the tool has another target now", ACTIVE
	    "provostToolGrant: wan\n", { "old tool:wan confirmed" AT "7 0" },
	    "remove wan@old; put wan@t" },
	{ "removals first", ACTIVE "provostToolGrant: fire\n",
	    { "t tool:wan confirmed" AT "7 0" }, "remove wan@t; put fire@t" },
	{ "other receipts are nobody's business", ACTIVE,
	    { "mail role:viewer confirmed" AT "7 0" }, "" },
};

static void test_cases(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct action *v = diff(cases[i].person, cases[i].have, &n);

		if (strcmp(print(v, n), cases[i].actions) != 0)
			fail_msg("%s: %s", cases[i].name, print(v, n));
	}
}

static void test_carried(void **state)
{
	static const char *const have[] = { "t tool:wan failed" AT "- 3",
	    "t tool:wan/a11 failed" AT "r%20x 4", NULL };
	static const char *const none[] = { NULL };
	size_t n;
	struct action *v = diff(ACTIVE "provostToolGrant: wan\n", have, &n);
	char key[65];

	(void)state;
	assert_int_equal(n, 1);
	assert_string_equal(v->remote_id, "r x");
	assert_int_equal(v->attempts, 4);
	assert_int_equal(strlen(v->key), 64);
	/* The same action repeated has the same key; another round another. */
	memcpy(key, v->key, sizeof(key));
	v = diff(ACTIVE "provostToolGrant: wan\n", have, &n);
	assert_string_equal(v->key, key);
	v = diff(ACTIVE "provostToolGrant: wan\n", none, &n);
	assert_string_not_equal(v->key, key);
	assert_string_equal(v->remote_id, "-");
	v = diff(ACTIVE "provostToolGrant: voip\n", none, &n);
	assert_string_not_equal(v->key, key);
	v = diff(NULL, have, &n);
	assert_int_equal(v->kind, ACTION_REMOVE);
	assert_string_not_equal(v->key, key);
}

/* What may be sent: receipts that name all of it and confirm none of it. */
static void test_announced(void **state)
{
	static const struct {
		const char *rights, *have[3];
		bool yes;
	} row[] = {
		{ "provostToolGrant: wan\n", { NULL }, false },
		{ "provostToolGrant: wan\n", { "t tool:wan pending" AT "- 0" }, true },
		{ "provostToolGrant: wan\n", { "t tool:wan failed" AT "- 3" }, true },
		{ "provostToolGrant: wan\n", { "t tool:wan confirmed" AT "- 0",
		    "t tool:wan/a11 confirmed" AT "- 0" }, false },
		{ "provostToolGrant: wan\n", { "t tool:wan confirmed" AT "- 0",
		    "t tool:wan/a11 pending" AT "- 0" }, false },
		{ "", { "t tool:wan confirmed" AT "7 0" }, false },
		/* What may be held there ends only with the guard's consent. */
		{ "", { "t tool:wan pending" AT "7 0" }, false },
		{ "", { "t tool:wan ending" AT "7 0" }, true },
		{ "", { "t tool:wan ending" AT "7 0",
		    "t tool:wan/a11 pending" AT "7 0" }, false },
		{ "provostToolGrant: wan\n", { "t tool:wan pending" AT "- 0",
		    "t tool:wan/a11 ending" AT "- 0" }, true },
		{ "provostToolGrant: wan\n", { "t tool:wan pending" AT "- 0",
		    "t tool:wan/a11 pending" AT "- 0" }, false },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct action *v;
		char ldif[200];

		snprintf(ldif, sizeof(ldif), ACTIVE "%s", row[i].rights);
		v = diff(ldif, row[i].have, &n);

		assert_int_equal(n, 1);
		if (v->announced != row[i].yes)
			fail_msg("row %zu", i);
	}
}

#define HOLDS2 { "t tool:wan confirmed" AT "7 0", \
	"t tool:wan/a11 confirmed" AT "7 0", "t tool:wan/a12 confirmed" AT \
	"7 0" }
#define ENDED ACTIVE "modifyTimestamp: 20260301000000Z\n"
#define UNTIL(right) "provostPeriod: " right " - 20260315110000Z\n"

/* What each action takes, and what is left of it while that is held. */
static const struct {
	const char *name, *person;
	const char *have[6];
	const char *takes, *withheld;
} losses[] = {
	{ "gives only", ACTIVE "provostToolGrant: wan\n", { NULL }, "", "" },
	{ "T1 all of it", ACTIVE, HOLDS2, "tool:wan, tool:wan/a11, "
	    "tool:wan/a12", "" },
	{ "V10 gone", NULL, HOLDS2, "tool:wan, tool:wan/a11, tool:wan/a12",
	    "" },
	{ "suspended", "dn: cn=a\nprovostState: suspended\n"
	    "provostToolGrant: wan\n", { "t tool:wan confirmed" AT "7 0" },
	    "tool:wan", "" },
	{ "V20 restricted", ACTIVE "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n", HOLDS2, "tool:wan/a12", "" },
	{ "gives as well", ACTIVE "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a12\n",
	    { "t tool:wan confirmed" AT "7 0",
	    "t tool:wan/a12 confirmed" AT "7 0",
	    "t tool:wan/x confirmed" AT "7 0" }, "tool:wan/x",
	    "put wan@t a11 a12 x" },
	{ "never confirmed: it may be there", ACTIVE,
	    { "t tool:wan pending" AT "- 1" }, "tool:wan", "" },
	{ "refused once", ACTIVE, { "t tool:wan failed" AT "- 1" },
	    "tool:wan", "" },
	{ "let pass before", ACTIVE, { "t tool:wan ending" AT "7 1",
	    "t tool:wan/a11 ending" AT "7 1" }, "", "" },
	{ "let pass, given again, taken again", ACTIVE,
	    { "t tool:wan pending" AT "7 0", "t tool:wan/a11 ending" AT
	    "7 1" }, "tool:wan", "" },
	{ "another target", ACTIVE "provostToolGrant: wan\n",
	    { "old tool:wan confirmed" AT "9 0" }, "tool:wan", "" },
	{ "T3 its end came", ENDED "provostToolGrant: wan\n"
	    UNTIL("tool:wan"), HOLDS2, "", "" },
	{ "T3 an account's end came", ENDED "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostToolAccount: wan a12\n" UNTIL("tool:wan/a12"), HOLDS2,
	    "", "" },
	{ "T3 the company's end came", ENDED "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostToolAccount: wan a12\n" UNTIL("company:c1"), HOLDS2, "",
	    "" },
	{ "T3 the person's time ended", ENDED "provostToolGrant: wan\n"
	    "provostEndsAt: 20260315110000Z\n", HOLDS2, "", "" },
	{ "an end in the past is taking away", ACTIVE
	    "modifyTimestamp: 20260315113000Z\nprovostToolGrant: wan\n"
	    UNTIL("tool:wan"), HOLDS2, "tool:wan, tool:wan/a11, tool:wan/a12",
	    "" },
	{ "nobody knows when it was set", ACTIVE "provostToolGrant: wan\n"
	    UNTIL("tool:wan"), { "t tool:wan confirmed" AT "7 0" },
	    "tool:wan", "" },
	{ "one that does not begin yet", ENDED "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan 20260401000000Z -\n",
	    { "t tool:wan confirmed" AT "7 0" }, "tool:wan", "" },
	{ "a malformed one", ENDED "provostToolGrant: wan\n"
	    "provostPeriod: tool:wan - yesterday\n",
	    { "t tool:wan confirmed" AT "7 0" }, "tool:wan", "" },
	{ "an end and a loss", ENDED "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    UNTIL("tool:wan/a11"), HOLDS2, "tool:wan/a12", "" },
};

static void test_losses(void **state)
{
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		struct action *v = diff(losses[i].person, losses[i].have, &n);
		const char *takes = "", *left = "";
		struct action rest;

		for (k = 0; k < n; k++) {
			assert_int_equal(v[k].takes,
			    *diff_loss_text(t->a, &v[k]) != '\0');
			assert_int_equal(strlen(v[k].loss),
			    v[k].takes ? 16 : 0);
			if (!v[k].takes)
				continue;
			assert_false(v[k].announced);
			if (v[k].ended)
				continue;
			takes = diff_loss_text(t->a, &v[k]);
			if (diff_withheld(t->a, &v[k], &rest))
				left = print(&rest, 1);
		}
		if (strcmp(takes, losses[i].takes) != 0 ||
		    strcmp(left, losses[i].withheld) != 0)
			fail_msg("%s: takes %s, leaves %s", losses[i].name,
			    takes, left);
	}
}

/* Held people are known again by what they lose, whatever else changes. */
static void test_loss_digest(void **state)
{
	static const char *const have[6] = HOLDS2;
	static const char *const later[] = {
	    "t tool:wan pending 20260202000000Z 8 2",
	    "t tool:wan/a11 confirmed" AT "7 0",
	    "t tool:wan/a12 confirmed" AT "7 0", NULL };
	static const char *const other[] = { "t tool:wan confirmed" AT "7 0",
	    "t tool:wan/a11 confirmed" AT "7 0", NULL };
	struct action *v, rest;
	char loss[17], key[65];
	size_t n;

	(void)state;
	/* Somebody notes on the entry that the end has come. */
	v = diff(ENDED "provostToolGrant: wan\n" UNTIL("tool:wan"), have, &n);
	assert_true(v->ended);
	memcpy(loss, v->loss, sizeof(loss));
	v = diff(ACTIVE, have, &n);
	assert_false(v->ended);
	assert_string_equal(v->loss, loss);
	assert_string_equal(diff(NULL, later, &n)->loss, loss);
	assert_string_not_equal(diff(ACTIVE, other, &n)->loss, loss);
	/* What a held action gives meanwhile is another action. */
	v = diff(ACTIVE "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\n", later, &n);
	memcpy(key, v->key, sizeof(key));
	assert_true(diff_withheld(t->a, v, &rest));
	assert_false(rest.takes);
	assert_string_not_equal(rest.key, key);
	assert_string_equal(print(&rest, 1), "put wan@t a11 a12");
}

/* Given, taken away, given and taken away again: a receiver that drops what it
 * knows must not drop the second end (T1). */
static void test_rounds(void **state)
{
	static const char *const first[] = {
	    "t tool:wan confirmed 20260101000000Z 7 0", NULL };
	static const char *const second[] = {
	    "t tool:wan confirmed 20260102000000Z 7 0", NULL };
	static const char *const none[] = { NULL };
	char key[65];
	size_t n;

	(void)state;
	memcpy(key, diff(ACTIVE, first, &n)->key, sizeof(key));
	assert_string_equal(diff(ACTIVE, first, &n)->key, key);
	assert_string_not_equal(diff(ACTIVE, second, &n)->key, key);
	memcpy(key, diff(ACTIVE "provostToolGrant: wan\n"
	    "provostProvenance: tool:wan request:r1 20260101000000Z\n", none,
	    &n)->key, sizeof(key));
	assert_string_not_equal(diff(ACTIVE "provostToolGrant: wan\n"
	    "provostProvenance: tool:wan request:r2 20260102000000Z\n", none,
	    &n)->key, key);
}

static const char *after(const struct action *act, enum receipt_state s,
    const char *remote_id, const char *const *have)
{
	size_t n_have, n, i;
	struct receipt *old = receipts(have, &n_have), *r;
	const char *out = "";

	diff_receipts_after(t->a, act, s, table_noon(), remote_id, old,
	    n_have, &r, &n);
	for (i = 0; i < n; i++)
		out = arena_printf(t->a, "%s%s%s", out, i ? "\n" : "",
		    receipt_print(t->a, &r[i]));
	return out;
}

static void test_after(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const have[] = { "t tool:wan confirmed" AT "7 0",
	    "t tool:wan/a11 confirmed" AT "7 0",
	    "t tool:wan/a12 confirmed" AT "7 0",
	    "old tool:wan confirmed" AT "9 0",
	    "t tool:voip confirmed" AT "8 0", NULL };
	struct action act = { .kind = ACTION_PUT, .target = "t",
	    .tool = "wan", .remote_id = "7", .attempts = 2 };

	(void)state;
	strv_add(t->a, &act.accounts, "a11");
	assert_string_equal(after(&act, RECEIPT_CONFIRMED, "8", have),
	    "t tool:wan confirmed 20260315120000Z 8 0\n"
	    "t tool:wan/a11 confirmed 20260315120000Z 8 0");
	/* What should have ended may still be there. */
	assert_string_equal(after(&act, RECEIPT_FAILED, "-", have),
	    "t tool:wan failed 20260315120000Z 7 3\n"
	    "t tool:wan/a11 failed 20260315120000Z 7 3\n"
	    "t tool:wan/a12 ending 20260315120000Z 7 3");
	assert_string_equal(after(&act, RECEIPT_PENDING, NULL, none),
	    "t tool:wan pending 20260315120000Z 7 3\n"
	    "t tool:wan/a11 pending 20260315120000Z 7 3");
	act.kind = ACTION_REMOVE;
	act.accounts.n = 0;
	assert_string_equal(after(&act, RECEIPT_CONFIRMED, "7", have), "");
	assert_string_equal(after(&act, RECEIPT_FAILED, "", have),
	    "t tool:wan ending 20260315120000Z 7 3\n"
	    "t tool:wan/a11 ending 20260315120000Z 7 3\n"
	    "t tool:wan/a12 ending 20260315120000Z 7 3");
}

/* Level-triggered (rule 7): whatever fails on the way, once every action is
 * confirmed nothing is left to do, and a second pass does nothing. */
static void test_converges(void **state)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) :
	    (unsigned)time(NULL);
	static const char *const people[] = { ACTIVE, NULL, ACTIVE
	    "provostToolGrant: wan\n", ACTIVE "provostCompany: c1\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n", ACTIVE
	    "provostCompany: c1\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a12\n"
	    "provostToolGrant: voip\n" };
	const char *have[32] = { NULL };
	int round;

	(void)state;
	printf("SEED=%u\n", seed);
	srandom(seed);
	for (round = 0; round < 400; round++) {
		bool last = round % 4 == 3;
		const char *person = people[round / 4 % 5];
		size_t n, i;
		struct action *v = diff(person, have, &n);

		for (i = 0; i < n; i++) {
			size_t n_have, n_new, k, m = 0;
			struct receipt *old = receipts(have, &n_have), *r;

			diff_receipts_after(t->a, &v[i], last ?
			    RECEIPT_CONFIRMED : (enum receipt_state)(random() %
			    3), table_noon(), "7", old, n_have, &r, &n_new);
			for (k = 0; k < n_have; k++)
				if (strcmp(old[k].right.key, v[i].tool) != 0)
					have[m++] = receipt_print(t->a,
					    &old[k]);
			for (k = 0; k < n_new; k++)
				have[m++] = receipt_print(t->a, &r[k]);
			have[m] = NULL;
		}
		diff(person, have, &n);
		if (last)
			assert_int_equal(n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_carried, setup, teardown),
		cmocka_unit_test_setup_teardown(test_announced, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_losses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loss_digest, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_rounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after, setup, teardown),
		cmocka_unit_test_setup_teardown(test_converges, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
