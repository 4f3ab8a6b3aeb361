/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "core/explain.h"
#include "world_table.h"

#define ANN "dn: cn=ann\nuid: ann\nprovostState: active\nprovostCompany: c1\n" \
	"provostAccount: a11\nprovostAccount: a21\nprovostToolGrant: wan\n" \
	"provostToolAccount: wan a11\nprovostAllAccountsOf: c1\n" \
	"provostProvenance: tool:wan request:r1 20260301090000Z\n" \
	"provostProvenance: account:a11 request:r9 20260301090000Z\n" \
	"provostPeriod: tool:wan - 20270101000000Z\n"

static struct world_table *t;
static struct request *r1;

static int setup(void **state)
{
	(void)state;
	t = table_new();
	table_acme(t);
	r1 = table_request(t, "dn: provostRequestId=r1\nprovostRequestId: r1\n"
	    "createTimestamp: 20260301080000Z\nprovostRequester: cn=ann\n"
	    "provostRequestKind: tool\nprovostToolGrant: wan\n"
	    "provostDecision: approved\nprovostDecidedBy: cn=pat\n"
	    "provostDecidedAt: 20260301085900Z\nprovostReason: needed\n"
	    "provostJustification: slow sites\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

static const struct request *by_id(void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "r1") == 0 ? r1 : NULL;
}

static struct explanation explain(const char *word,
    const struct receipt *receipt, size_t n)
{
	struct explanation x;
	struct right right;
	struct rights rights;
	struct person *p = table_person(t, ANN, NULL);

	assert_int_equal(right_parse(t->a, word, &right, NULL), 0);
	rights_compute(t->a, p, &t->world, table_noon(), &rights);
	explain_right(t->a, p, &rights, &right, receipt, n, by_id, NULL, &x);
	return x;
}

/* A step of kind what whose sentence contains text. */
static const struct explain_step *step(const struct explanation *x,
    const char *what, const char *text)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (strcmp(x->step[i].what, what) == 0 &&
		    strstr(x->step[i].text, text) != NULL)
			return &x->step[i];
	fail_msg("no %s says \"%s\"", what, text);
	return NULL;
}

/* T2: which entry, which request, decided by whom, when, confirmed when. */
static void test_tool(void **state)
{
	struct receipt rec;
	struct explanation x;

	(void)state;
	assert_int_equal(receipt_parse(t->a, "t tool:wan confirmed "
	    "20260301090001Z 7 0", &rec, NULL), 0);
	x = explain("tool:wan", &rec, 1);
	assert_true(x.granted);
	assert_string_equal(x.state, "confirmed");
	assert_string_equal(step(&x, "path", "tool:wan")->dn, "cn=ann");
	step(&x, "provenance", "request:r1");
	assert_string_equal(step(&x, "request", "r1")->dn,
	    "provostRequestId=r1");
	step(&x, "request", "made by cn=ann at 2026-03-01T08:00:00Z");
	step(&x, "request", "slow sites");
	step(&x, "decision", "approved by cn=pat at 2026-03-01T08:59:00Z");
	step(&x, "period", "20270101000000Z");
	step(&x, "receipt", "confirmed by target t at 2026-03-01T09:00:01Z");
}

static void test_cut(void **state)
{
	struct explanation x = explain("account:a21", NULL, 0);

	(void)state;
	assert_false(x.granted);
	assert_string_equal(x.state, "none");
	step(&x, "cut", "account:a21 is cut: company c2 is not authorised "
	    "(V13)");
}

static void test_paths(void **state)
{
	struct explanation x = explain("account:A11", NULL, 0);

	(void)state;
	assert_true(x.granted);
	assert_string_equal(x.state, "confirmed");
	step(&x, "path", "all accounts of company c1");
	step(&x, "missing", "request r9 is no longer");
}

static void test_missing(void **state)
{
	struct explanation x = explain("tool:voip", NULL, 0);

	(void)state;
	assert_false(x.granted);
	step(&x, "missing", "nothing gives tool:voip to ann");
}

static void test_state(void **state)
{
	static const struct {
		const char *right, *receipt, *state;
		bool granted;
	} c[] = {
		{ "tool:wan", "confirmed", "confirmed", true },
		{ "tool:wan", "failed", "failed", true },
		{ "tool:wan", "pending", "pending", true },
		{ "tool:wan", "confirmed", "removing", false },
		{ "tool:voip", "confirmed", "wanted", true },
		{ "tool:voip", "confirmed", "none", false },
		{ "role:viewer", "confirmed", "confirmed", true },
		{ "role:viewer", "confirmed", "none", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct receipt rec;
		struct right right;

		receipt_parse(t->a, arena_printf(t->a, "t tool:wan %s "
		    "20260301090001Z 7 0", c[i].receipt), &rec, NULL);
		right_parse(t->a, c[i].right, &right, NULL);
		assert_string_equal(explain_state(&right, c[i].granted, &rec,
		    1), c[i].state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
