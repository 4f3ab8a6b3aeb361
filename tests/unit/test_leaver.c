/* SPDX-License-Identifier: ISC */
/* J1, T3: who leaves, is back, and is removed when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/leaver.h"
#include "world_fixture.h"

#define ANN "dn: cn=ann\n"
#define DAY (86400 * CLOCK_SECOND)

/* What settling leaves of the state and the times, at noon, 15 March 2026. */
static const struct {
	const char *name, *before;
	const char *state, *ends, *left;	/* NULL: none */
} cases[] = {
	{ "nobody leaves", ANN "provostState: active\n", "active", NULL, NULL },
	{ "J1 left: since when is written", ANN "provostState: left\n", "left",
	    NULL, "20260315120000Z" },
	{ "... once", ANN "provostState: left\n"
	    "provostLeftAt: 20260301000000Z\n", "left", NULL,
	    "20260301000000Z" },
	{ "... and an end set for later is over", ANN "provostState: left\n"
	    "provostEndsAt: 20260401000000Z\n", "left", NULL,
	    "20260315120000Z" },
	{ "J1 back: it is forgotten", ANN "provostState: active\n"
	    "provostLeftAt: 20260301000000Z\n", "active", NULL, NULL },
	{ "... with the end they left by", ANN "provostState: active\n"
	    "provostEndsAt: 20260301000000Z\n"
	    "provostLeftAt: 20260301000000Z\n", "active", NULL, NULL },
	{ "... but not with a new one", ANN "provostState: active\n"
	    "provostEndsAt: 20270301000000Z\n"
	    "provostLeftAt: 20260301000000Z\n", "active", "20270301000000Z",
	    NULL },
	{ "... invited again", ANN "provostState: invited\n"
	    "provostLeftAt: 20260301000000Z\n", "invited", NULL, NULL },
	{ "T3 the last day is not over", ANN "provostState: active\n"
	    "provostEndsAt: 20260315120001Z\n", "active", "20260315120001Z",
	    NULL },
	{ "T3 it is over, to the second", ANN "provostState: active\n"
	    "provostEndsAt: 20260315120000Z\n", "left", NULL,
	    "20260315120000Z" },
	{ "T3 it was missed while nobody looked", ANN "provostState: active\n"
	    "provostEndsAt: 20251231000000Z\n", "left", NULL,
	    "20251231000000Z" },
	{ "... of who is suspended", ANN "provostState: suspended\n"
	    "provostEndsAt: 20260315110000Z\n", "left", NULL,
	    "20260315110000Z" },
	{ "suspended by a feed that says so", ANN "provostState: suspended\n"
	    "provostLeftAt: 20260301000000Z\n", "suspended", NULL,
	    "20260301000000Z" },
	{ "a malformed end ends nothing for good", ANN
	    "provostState: active\nprovostEndsAt: tomorrow\n", "active",
	    "tomorrow", NULL },
};

static bool any(const char *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return true;
}

static void same(const char *name, const char *attr, const struct entry *e,
    const char *want)
{
	const char *got = entry_get(e, attr);

	if (want == NULL ? got != NULL : got == NULL || strcmp(got, want) != 0)
		fail_msg("%s: %s is %s, not %s", name, attr, got ? got : "-",
		    want ? want : "-");
}

static void test_settle(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct entry *e = table_entry(t, cases[i].before);
		struct entry *was = entry_dup(t->a, e);
		bool changed = leaver_settle(t->a, e, table_noon());

		same(cases[i].name, "provostState", e, cases[i].state);
		same(cases[i].name, "provostEndsAt", e, cases[i].ends);
		same(cases[i].name, "provostLeftAt", e, cases[i].left);
		if (changed != (change_diff(t->a, was, e, any, NULL)->n != 0))
			fail_msg("%s: changed %d", cases[i].name, changed);
		/* A second look changes nothing. */
		if (leaver_settle(t->a, e, table_noon()))
			fail_msg("%s: not settled", cases[i].name);
	}
}

static int64_t removal(const char *lines, int64_t grace)
{
	return leaver_removal(table_person(t, lines, NULL), grace);
}

static void test_removal(void **state)
{
	static const char left[] = ANN "provostState: left\n"
	    "provostLeftAt: 20260315120000Z\n";

	(void)state;
	assert_int_equal(removal(left, 30 * DAY), table_noon() + 30 * DAY);
	assert_int_equal(removal(left, 1), table_noon() + 1);
	assert_int_equal(removal(left, 0), CLOCK_NEVER);
	assert_int_equal(removal(left, CLOCK_NEVER), CLOCK_NEVER);
	assert_int_equal(removal(ANN "provostState: suspended\n"
	    "provostLeftAt: 20260315120000Z\n", DAY), table_noon() + DAY);
	assert_int_equal(removal(ANN "provostState: suspended\n", DAY),
	    CLOCK_NEVER);
	assert_int_equal(removal(ANN "provostState: left\n", DAY),
	    CLOCK_NEVER);
	assert_int_equal(removal(ANN "provostState: active\n"
	    "provostLeftAt: 20260315120000Z\n", DAY), CLOCK_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
