/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

static void test_valid(void **state)
{
	static const char *const good[] = { "", "ann", "Jos\xc3\xa9",
	    "\xf0\x9f\x98\x80", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf" };
	/* Cut, stray, overlong, surrogate, beyond U+10FFFF. */
	static const char *const bad[] = { "\xc3", "\xa9", "\xc0\x80",
	    "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
	    "\xff", "a\xf0\x9f\x98", "\xf8\x88\x80\x80\x80" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_false(utf8_valid("a\0b", 3));
}

static void test_next(void **state)
{
	uint32_t c;

	(void)state;
	assert_int_equal(utf8_next("\xc3\xa9x", 3, &c), 2);
	assert_int_equal(c, 0xe9);
	assert_int_equal(utf8_next("\xc3\xa9", 1, &c), 0);
	assert_int_equal(utf8_next("", 0, &c), 0);
	assert_int_equal(utf8_next("\0", 1, &c), 1);
	assert_int_equal(utf8_next("\xf0\x9f\x98\x80", 4, &c), 4);
	assert_int_equal(c, 0x1f600);
}

static void test_fold(void **state)
{
	static const char *const same[][2] = { { "Ann", "aNN" },
	    { "  a   b ", "A B" }, { "Jos\xc3\xa9", "JOSE\xcc\x81" },
	    { "stra\xc3\x9f" "e", "STRASSE" },
	    { "\xef\xbc\xa1", "a" },		/* full width */
	    { "a\xc2\xad" "b\xe2\x80\x8b", "AB" },	/* not seen */
	    { "\xcf\x83", "\xcf\x82" } };	/* sigma, final sigma */
	struct arena *a = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(utf8_fold(a, same[i][0]),
		    utf8_fold(a, same[i][1]));
	assert_string_not_equal(utf8_fold(a, "ab"), utf8_fold(a, "a b"));
	assert_string_not_equal(utf8_squeeze(a, "Ann"),
	    utf8_squeeze(a, "ann"));
	assert_string_equal(utf8_squeeze(a, " x  y "), "x y");
	assert_string_equal(utf8_squeeze(a, "\xe2\x84\xab"), "\xc3\x85");
	assert_string_equal(utf8_fold(a, ""), "");
	assert_string_equal(utf8_fold(a, "   "), "");
	arena_free(a);
}

static void expect_json(const char *s, size_t n, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	text_json(&b, s, n);
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

static void test_json(void **state)
{
	(void)state;
	expect_json("", 0, "\"\"");
	expect_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
	expect_json("\n\0\x1b", 3, "\"\\u000a\\u0000\\u001b\"");
	expect_json("\xc3\xa9\xf0\x9f\x98\x80", 6,
	    "\"\xc3\xa9\xf0\x9f\x98\x80\"");
	/* Bytes that are no text, writing turned round, a C1 control. */
	expect_json("a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_json("\xe2\x80\xae", 3, "\"\\u202e\"");
	expect_json("\xc2\x9b", 2, "\"\\u009b\"");
}

static void test_case(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(utf8_lower(a, "\xc3\x89 A\xc3\x9f""1"),
	    "\xc3\xa9 a\xc3\x9f""1");
	assert_string_equal(utf8_upper(a, "\xc3\xa9 a1"), "\xc3\x89 A1");
	assert_string_equal(utf8_upper(a, ""), "");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
