/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"

#define T 1795338000			/* 2026-11-22 09:00:00 */

static void gt(const char *s, int64_t want)
{
	int64_t t;

	if (!clock_parse_gt(s, &t))
		fail_msg("not taken: %s", s);
	assert_int_equal(t, want);
}

static void test_gt(void **state)
{
	static const char *const bad[] = { "", "20261122090000",
	    "20261122090000+0000", "2026112209000Z", "20261122090000.Z",
	    "20261322090000Z", "20260022090000Z", "20260230090000Z",
	    "20260230090060Z", "20250229000000Z", "20261122240000Z",
	    "19000229000000Z",
	    "20261122096000Z", "20261122090061Z", "20261122090000Zx",
	    " 20261122090000Z", "2026112209Z" };
	char out[24];
	int64_t t;
	size_t i;

	(void)state;
	gt("20261122090000Z", T * CLOCK_SECOND);
	gt("20261122090000.25Z", T * CLOCK_SECOND + 250000);
	gt("20261122090000.1234567Z", T * CLOCK_SECOND + 123456);
	gt("19700101000000Z", 0);
	gt("19691231235959Z", -CLOCK_SECOND);
	gt("20240229000000Z", 1709164800 * CLOCK_SECOND);
	gt("00000101000000Z", -62167219200 * CLOCK_SECOND);
	gt("00000229000000Z", -62162121600 * CLOCK_SECOND);
	gt("00000301000000Z", -62162035200 * CLOCK_SECOND);
	gt("99991231235959Z", 253402300799 * CLOCK_SECOND);
	gt("20161231235960Z", 1483228800 * CLOCK_SECOND);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (clock_parse_gt(bad[i], &t))
			fail_msg("taken: \"%s\"", bad[i]);
	assert_string_equal(clock_print_gt(T * CLOCK_SECOND + 999999, out),
	    "20261122090000Z");
	assert_string_equal(clock_print_gt(-1, out), "19691231235959Z");
}

static void rfc3339(const char *s, int64_t want)
{
	int64_t t;

	if (!clock_parse_rfc3339(s, &t))
		fail_msg("not taken: %s", s);
	assert_int_equal(t, want);
}

static void test_rfc3339(void **state)
{
	static const char *const bad[] = { "", "2026-11-22", "2026-11-22T09:00Z",
	    "2026-11-22 09:00:00Z", "2026-11-22T09:00:00",
	    "2026-11-22T09:00:00+1", "2026-11-22T09:00:00+24:00",
	    "2026-11-22T09:00:00+01:60", "2026-02-30T09:00:00Z",
	    "2026-11-22T09:00:00Zx", "2026-11-22T09:00:00.Z" };
	char out[32];
	int64_t t;
	size_t i;

	(void)state;
	rfc3339("2026-11-22T09:00:00Z", T * CLOCK_SECOND);
	rfc3339("2026-11-22t09:00:00z", T * CLOCK_SECOND);
	rfc3339("2026-11-22T10:30:00.5+01:30", T * CLOCK_SECOND + 500000);
	rfc3339("2026-11-22T04:00:00-05:00", T * CLOCK_SECOND);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (clock_parse_rfc3339(bad[i], &t))
			fail_msg("taken: \"%s\"", bad[i]);
	assert_string_equal(clock_print_rfc3339(T * CLOCK_SECOND, out),
	    "2026-11-22T09:00:00Z");
}

/* Every second printed is read back as itself, over 400 years of them. */
static void test_round(void **state)
{
	int64_t t, back;
	char out[32];

	(void)state;
	for (t = INT64_C(-2208988800); t < INT64_C(10413792000);
	    t += 86400 * 11 + 3601) {
		assert_true(clock_parse_gt(clock_print_gt(t * CLOCK_SECOND,
		    out), &back));
		assert_int_equal(back, t * CLOCK_SECOND);
		assert_true(clock_parse_rfc3339(clock_print_rfc3339(
		    t * CLOCK_SECOND, out), &back));
		assert_int_equal(back, t * CLOCK_SECOND);
	}
	/* The extremes print something that ends. */
	assert_true(strlen(clock_print_gt(CLOCK_NEVER, out)) < 24);
	assert_true(strlen(clock_print_rfc3339(CLOCK_NEVER, out)) < 32);
	assert_true(strlen(clock_print_rfc3339(INT64_MIN, out)) < 32);
	assert_true(strlen(clock_print_gt(INT64_MIN, out)) < 24);
}

static int64_t fixed(void)
{
	return 42;
}

static void test_source(void **state)
{
	(void)state;
	clock_set_source(fixed);
	assert_int_equal(clock_now(), 42);
	assert_int_equal(clock_mono(), 42);
	clock_set_source(NULL);
	assert_true(clock_now() > T * CLOCK_SECOND / 2);
	assert_true(clock_mono() <= clock_mono());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gt),
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
