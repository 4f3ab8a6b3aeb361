/* SPDX-License-Identifier: ISC */
/* J4: what was given by hand to somebody who has moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/review.h"
#include "world_fixture.h"

#define ANN "dn: cn=ann\nprovostState: active\n"
#define HAND "provostToolGrant: wan\n"
#define AT " 20260315120000Z"

static const struct {
	const char *name, *before, *after;
	const char *pending;		/* one after the other, sorted */
} cases[] = {
	{ "nobody moves", ANN HAND "departmentNumber: Sales\n", ANN HAND
	    "departmentNumber: Sales\ntitle: Boss\n", "" },
	{ "J4 another department", ANN HAND "departmentNumber: Sales\n", ANN
	    HAND "departmentNumber: After Sales\n",
	    "department Sales After%20Sales" AT ";" },
	{ "J4 none any more", ANN HAND "departmentNumber: Sales\n", ANN HAND,
	    "department Sales -" AT ";" },
	{ "the same in another case", ANN HAND "departmentNumber: Sales\n",
	    ANN HAND "departmentNumber: SALES\n", "" },
	{ "the first department is no move", ANN HAND, ANN HAND
	    "departmentNumber: Sales\n", "" },
	{ "nor the first group", ANN HAND, ANN HAND "provostMemberOf: g1\n",
	    "" },
	{ "J4 a group is lost", ANN HAND "provostMemberOf: g1\n"
	    "provostMemberOf: g2\n", ANN HAND "provostMemberOf: g2\n",
	    "group g1 -" AT ";" },
	{ "J4 one for another", ANN HAND "provostMemberOf: g1\n", ANN HAND
	    "provostMemberOf: g2\n", "group - g2" AT ";group g1 -" AT ";" },
	{ "J4 the other one comes later", ANN HAND "provostReview: group g1 - "
	    "20260315110000Z\n", ANN HAND "provostReview: group g1 - "
	    "20260315110000Z\nprovostMemberOf: g2\n", "group - g2" AT ";" },
	{ "nothing was given by hand", ANN "departmentNumber: Sales\n", ANN
	    "departmentNumber: Marketing\n", "" },
	{ "what a feed gave is its own", ANN HAND "departmentNumber: Sales\n",
	    ANN HAND "departmentNumber: Marketing\nprovostProvenance: tool:wan "
	    "feed:hr 20260101000000Z\n", "" },
	{ "... unless it was given by hand later", ANN HAND
	    "departmentNumber: Sales\n", ANN HAND "departmentNumber: M\n"
	    "provostProvenance: tool:wan feed:hr 20260101000000Z\n"
	    "provostProvenance: tool:wan client:x 20260102000000Z\n",
	    "department Sales M" AT ";" },
	{ "a leaver is no mover", ANN HAND "departmentNumber: Sales\n",
	    "dn: cn=ann\nprovostState: left\n" HAND, "" },
	{ "what is pending stays so", ANN HAND "x-moved: group g1 - "
	    "20260301000000Z\n", ANN HAND "title: Boss\n",
	    "group g1 - 20260301000000Z;" },
	{ "... until it is on the entry", ANN HAND "x-moved: group g1 - "
	    "20260301000000Z\n", ANN HAND "provostReview: group g1 - "
	    "20260301000000Z\n", "" },
	{ "... or nothing is left to be looked at", ANN HAND
	    "x-moved: group g1 - 20260301000000Z\n", ANN, "" },
};

static void test_pending(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct entry *after = table_entry(t, cases[i].after);
		const char *got = "";
		struct strv l;

		after->modified = table_noon();
		l = review_pending(t->a, table_entry(t, cases[i].before),
		    after);
		strv_sort(&l);
		for (k = 0; k < l.n; k++)
			got = arena_printf(t->a, "%s%s;", got, l.v[k]);
		if (strcmp(got, cases[i].pending) != 0)
			fail_msg("%s: %s, not %s", cases[i].name, got,
			    cases[i].pending);
	}
}

static void test_settle(void **state)
{
	struct entry *e = table_entry(t, ANN HAND "x-moved: group g1 - "
	    "20260301000000Z\nprovostReview: department A B 20260101000000Z\n");

	(void)state;
	assert_true(review_settle(t->a, e));
	assert_true(entry_has(e, REVIEW_ATTR, "group g1 - 20260301000000Z"));
	assert_true(entry_has(e, REVIEW_ATTR,
	    "department A B 20260101000000Z"));
	assert_false(review_settle(t->a, e));
	/* The last right is revoked: nothing is left to be looked at. */
	entry_drop(e, "provostToolGrant");
	assert_true(review_settle(t->a, e));
	assert_null(entry_attr(e, REVIEW_ATTR));
	assert_false(review_settle(t->a, e));
	assert_false(review_settle(t->a, table_entry(t, ANN HAND)));
}

static void test_parse(void **state)
{
	struct review_move m;

	(void)state;
	assert_true(review_parse(t->a, "department Sales After%20Sales" AT,
	    &m));
	assert_string_equal(m.kind, "department");
	assert_string_equal(m.from, "Sales");
	assert_string_equal(m.to, "After Sales");
	assert_int_equal(m.time, table_noon());
	assert_true(review_parse(t->a, "group g1 -" AT, &m));
	assert_string_equal(m.to, "");
	assert_false(review_parse(t->a, "group g1" AT, &m));
	assert_false(review_parse(t->a, "group g1 - yesterday", &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parse, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
