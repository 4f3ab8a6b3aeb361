/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/guard.h"

/* J3: over 5 % or over 50, never fewer than 10. */
static void test_defaults(void **state)
{
	static const struct {
		uint64_t n, of;
		int rc;
	} t[] = {
		{ 0, 0, 0 }, { 9, 9, 0 }, { 9, 0, 0 }, { 10, 10, ERR_HELD },
		{ 10, 200, 0 }, { 10, 199, ERR_HELD }, { 50, 1000, 0 },
		{ 51, 1000, ERR_HELD }, { 51, 1000000, ERR_HELD },
		{ 50, 1000000, 0 }, { 10, 0, ERR_HELD },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(guard_check(&guard_defaults, t[i].n,
		    t[i].of, "suspensions", &e), t[i].rc);
		assert_int_equal(e.text[0] != '\0', t[i].rc != 0);
	}
}

static void test_limits(void **state)
{
	const struct guard_limits none = { 0, 0, 0 };
	const struct guard_limits wide = { 1000, UINT64_MAX, 0 };

	(void)state;
	assert_int_equal(guard_check(&none, 0, 0, "x", NULL), 0);
	assert_int_equal(guard_check(&none, 1, 100, "x", NULL), ERR_HELD);
	assert_int_equal(guard_check(&wide, 100, 100, "x", NULL), 0);
}

/* J3: nine passed under the floor, six were held and released: all six pass,
 * and nobody beyond. */
static void test_released(void **state)
{
	struct guard_case c = { .ask.n[GUARD_DELETE] = 1, .population = 31,
	    .more = 6, .who = "source x" };
	uint64_t day;
	struct err e = { 0 };

	(void)state;
	for (day = 0; day < 15; day++) {
		c.day.n[GUARD_DELETE] = day;
		assert_int_equal(guard_decide(&guard_rules_default, &c, &e),
		    0);
	}
	c.day.n[GUARD_DELETE] = 15;
	assert_int_equal(guard_decide(&guard_rules_default, &c, &e),
	    ERR_HELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
