/* SPDX-License-Identifier: ISC */
/* limits on a clock that the test moves (FAULTS A10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/clock.h"
#include "front/limits.h"

static int64_t now;
static struct limits *l;

static int64_t the_time(void)
{
	return now;
}

static int setup(void **state)
{
	const struct limits_conf c = { .rate = 10, .burst = 5, .failures = 3 };

	(void)state;
	now = 1000 * CLOCK_SECOND;
	clock_set_source(the_time);
	l = limits_new(&c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	limits_free(l);
	clock_set_source(NULL);
	return 0;
}

/* --- how much -------------------------------------------------------------- */

/* How many of n requests at once pass. */
static int pass(const char *client, int64_t rate, int n)
{
	int i, passed = 0;

	for (i = 0; i < n; i++)
		passed += limits_take(l, client, rate) == 0;
	return passed;
}

static void buckets(void **state)
{
	(void)state;
	assert_int_equal(pass("a", -1, 100), 5);
	assert_int_equal(limits_take(l, "a", -1), 1);
	assert_int_equal(pass("b", -1, 100), 5);
	now += CLOCK_SECOND / 10;
	assert_int_equal(pass("a", -1, 100), 1);
	now += CLOCK_SECOND / 2;
	assert_int_equal(pass("a", -1, 100), 5);
	now += 3600 * CLOCK_SECOND;
	assert_int_equal(pass("a", -1, 100), 5);
}

static void own_rates(void **state)
{
	const struct limits_conf none = { 0 };

	(void)state;
	assert_int_equal(pass("a", 0, 10000), 10000);
	assert_int_equal(pass("b", 100, 10000), 200);
	assert_int_equal(pass("c", 1, 10), 2);
	assert_int_equal(limits_take(l, "c", 1), 1);
	now += CLOCK_SECOND;
	assert_int_equal(pass("c", 1, 10), 1);
	assert_int_equal(pass("d", 1000000, 10000), 10000);
	limits_set(l, &none);
	assert_int_equal(pass("e", -1, 10000), 10000);
	assert_int_equal(pass("b", 100, 10000), 100);
}

static void many_clients(void **state)
{
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < 30000; i++) {
		snprintf(name, sizeof(name), "client-%d", i);
		assert_int_equal(limits_take(l, name, -1), 0);
	}
}

/* --- how often wrong ----------------------------------------------------------- */

static void bad(const char *peer, int n)
{
	for (; n > 0; n--)
		limits_bad(l, peer);
}

static void a10_penalty(void **state)
{
	static const int want[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	size_t i;

	(void)state;
	assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 0);
	bad("192.0.2.1", 3);
	assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 0);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(limits_bad(l, "192.0.2.1"));
		assert_int_equal(limits_guess(l, "192.0.2.1", "x"), want[i]);
		assert_int_equal(limits_guess(l, "192.0.2.2", "x"), 0);
		/* Others from there that were under way say nothing new. */
		now += want[i] * CLOCK_SECOND;
		assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 0);
	}
	assert_true(limits_bad(l, "192.0.2.1"));
	assert_false(limits_bad(l, "192.0.2.1"));
	now += 599 * CLOCK_SECOND;
	assert_true(limits_bad(l, "192.0.2.1"));
	assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 60);
	now += 600 * CLOCK_SECOND;
	assert_false(limits_bad(l, "192.0.2.1"));
	assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 0);
}

static void a10_good_tokens_go_on(void **state)
{
	(void)state;
	limits_good(l, "Bearer good");
	bad("192.0.2.1", 30);
	assert_int_equal(limits_guess(l, "192.0.2.1", "Bearer good"), 0);
	assert_int_not_equal(limits_guess(l, "192.0.2.1", "Bearer goo"), 0);
	assert_int_not_equal(limits_guess(l, "192.0.2.1", ""), 0);
	/* What a good token did before does not end the penalty. */
	limits_good(l, "Bearer good");
	assert_int_not_equal(limits_guess(l, "192.0.2.1", "x"), 0);
}

static void a10_networks(void **state)
{
	(void)state;
	bad("2001:db8:1:2::1", 2);
	bad("2001:db8:1:2:ffff::1", 2);
	assert_int_not_equal(limits_guess(l, "2001:db8:1:2:3::4", "x"), 0);
	assert_int_equal(limits_guess(l, "2001:db8:1:3::1", "x"), 0);
	bad("::ffff:192.0.2.9", 4);
	assert_int_not_equal(limits_guess(l, "192.0.2.9", "x"), 0);
	assert_int_equal(limits_guess(l, "192.0.2.8", "x"), 0);
}

/* However many addresses there are, one that goes on is remembered. */
static void a10_bounded(void **state)
{
	char peer[32];
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		snprintf(peer, sizeof(peer), "10.%d.%d.%d", i >> 16,
		    i >> 8 & 255, i & 255);
		limits_bad(l, peer);
		now++;
		if (i % 100 == 0)
			limits_bad(l, "192.0.2.1");
	}
	assert_int_not_equal(limits_guess(l, "192.0.2.1", "x"), 0);
}

static void a10_off(void **state)
{
	const struct limits_conf c = { 0 };

	(void)state;
	bad("192.0.2.2", 30);
	limits_set(l, &c);
	bad("192.0.2.1", 10000);
	assert_int_equal(limits_guess(l, "192.0.2.1", "x"), 0);
	assert_int_equal(limits_guess(l, "192.0.2.2", "x"), 0);
	assert_int_equal(limits_guess(l, "", "x"), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(buckets), T(own_rates), T(many_clients), T(a10_penalty),
		T(a10_good_tokens_go_on), T(a10_networks), T(a10_bounded),
		T(a10_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
