/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/invite.h"
#include "arena_fixture.h"

#define KEY "a-key-of-the-daemon-that-is-long"
#define DAY (86400 * CLOCK_SECOND)

static int64_t at(const char *text)
{
	int64_t t;

	assert_true(clock_parse_gt(text, &t));
	return t;
}

static void test_token(void **state)
{
	int64_t expiry = at("20260129093000Z");
	const char *token = invite_token(a, KEY, "p1", expiry);
	const char *text = "invite p1 20260129093000Z";
	uint8_t mac[32];

	(void)state;
	hash_hmac256(KEY, strlen(KEY), text, strlen(text), mac);
	assert_int_equal(strlen(token), 32);
	assert_memory_equal(token, str_base64url(a, mac, 24), 32);
	assert_string_equal(invite_token(a, KEY, "p1", expiry), token);
	assert_string_not_equal(invite_token(a, KEY, "p2", expiry), token);
	assert_string_not_equal(invite_token(a, "x", "p1", expiry), token);
	assert_string_not_equal(invite_token(a, KEY, "p1",
	    expiry + CLOCK_SECOND), token);
}

/* As front/register looks at one. */
static bool good(const char *value, const char *token, int64_t now)
{
	int64_t expiry;

	return invite_matches(value, token) && invite_time(value, &expiry) &&
	    expiry > now;
}

static void test_check(void **state)
{
	int64_t expiry = at("20260129093000Z");
	const char *value = invite_value(a, KEY, "p1", expiry);
	const char *token = invite_token(a, KEY, "p1", expiry);

	(void)state;
	assert_string_equal(value, arena_printf(a, "%s 20260129093000Z",
	    hash_sha256_hex(a, token)));
	assert_true(good(value, token, expiry - 1));
	assert_false(good(value, token, expiry));
	assert_false(good(value, token, expiry + DAY));
	assert_false(good(value, "", expiry - 1));
	assert_false(good(value, arena_printf(a, "%sx", token),
	    expiry - 1));
	assert_false(good(value, arena_strndup(a, token, 31),
	    expiry - 1));
	/* The hash itself opens nothing, nor does what is no value. */
	assert_false(good(value, arena_strndup(a, value, 64),
	    expiry - 1));
	assert_false(good("", "", expiry - 1));
	assert_false(good("5b1c 20260129093000Z", token, 0));
	assert_false(good(arena_printf(a, "%s 2026",
	    hash_sha256_hex(a, token)), token, 0));
	assert_false(good(arena_printf(a, "%s -",
	    hash_sha256_hex(a, token)), token, 0));
}

static void test_fraction(void **state)
{
	int64_t expiry = at("20260129093000Z"), back;
	const char *value = invite_value(a, KEY, "p1", expiry + 123456);

	(void)state;
	assert_true(invite_time(value, &back));
	assert_int_equal(back, expiry);
	assert_string_equal(invite_token(a, KEY, "p1", back),
	    invite_token(a, KEY, "p1", expiry + 123456));
}

static void test_password(void **state)
{
	int64_t when = at("20260115093000Z");
	const char *p = invite_password(a, KEY, "p1", when);
	const char *value = invite_reset_value(a, KEY, "p1", when);

	(void)state;
	assert_int_equal(strlen(p), 23);
	assert_int_equal(strspn(p, "abcdefghijkmnpqrstuvwxyz23456789-"), 23);
	assert_int_equal(p[5], '-');
	assert_int_equal(p[17], '-');
	assert_true(invite_matches(value, p));
	assert_false(invite_matches(value, invite_password(a, KEY, "p1",
	    when + CLOCK_SECOND)));
	assert_string_not_equal(p, invite_password(a, KEY, "p2", when));
}

static void test_no_key(void **state)
{
	(void)state;
	assert_null(invite_token(a, "", "p1", 0));
	assert_null(invite_value(a, "", "p1", 0));
	assert_null(invite_value(a, NULL, "p1", 0));
	assert_null(invite_password(a, "", "p1", 0));
	assert_null(invite_reset_value(a, "", "p1", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_token), T(test_check), T(test_fraction),
		T(test_password), T(test_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
