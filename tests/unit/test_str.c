/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static void test_compare(void **state)
{
	(void)state;
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_false(str_eq(NULL, NULL));
	assert_true(str_ieq("aZ", "Az"));
	assert_false(str_ieq("a", NULL));
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_istarts("ABC", "ab"));
	assert_true(str_ct_eq("", ""));
	assert_true(str_ct_eq("secret", "secret"));
	assert_false(str_ct_eq("secret", "secreT"));
	assert_false(str_ct_eq("secret", "secre"));
}

static void test_int(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0",
	    "0x1", "--1", "a", "9223372036854775808", "-9223372036854775809" };
	int64_t v;
	size_t i;

	(void)state;
	assert_true(str_int("0", &v));
	assert_int_equal(v, 0);
	assert_true(str_int("-17", &v));
	assert_int_equal(v, -17);
	assert_true(str_int("9223372036854775807", &v));
	assert_true(v == INT64_MAX);
	assert_true(str_int("-9223372036854775808", &v));
	assert_true(v == INT64_MIN);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_int(bad[i], &v))
			fail_msg("taken: \"%s\"", bad[i]);
}

static void test_words(void **state)
{
	static const char *const bad[] = { "", " ", "a ", " a", "a  b", "a%",
	    "a%2", "a%zz", "a%00b" };
	struct arena *a = arena_new();
	const char *w[3];
	size_t i;

	(void)state;
	assert_string_equal(str_word(a, "a b%\t\x7f\xc3\xa9"),
	    "a%20b%25%09%7F\xc3\xa9");
	assert_int_equal(str_words(a, "one t%20wo %25%c3%A9", w, 3), 3);
	assert_string_equal(w[0], "one");
	assert_string_equal(w[1], "t wo");
	assert_string_equal(w[2], "%\xc3\xa9");
	assert_int_equal(str_words(a, "a b c d", w, 3), -1);
	assert_int_equal(str_words(a, "a", w, 3), 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_words(a, bad[i], w, 3) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
	arena_free(a);
}

/* Every byte but NUL goes round through a word. */
static void test_word_round(void **state)
{
	struct arena *a = arena_new();
	char raw[256];
	const char *w[1];
	int i;

	(void)state;
	for (i = 1; i < 256; i++)
		raw[i - 1] = (char)i;
	raw[255] = '\0';
	assert_int_equal(str_words(a, str_word(a, raw), w, 1), 1);
	assert_string_equal(w[0], raw);
	arena_free(a);
}

static void test_base64(void **state)
{
	/* RFC 4648 10, and what is not canonical. */
	static const char *const good[][2] = { { "", "" }, { "f", "Zg==" },
	    { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
	    { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zh==", "Zm9=",
	    "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Z===", "Zm-_" };
	struct arena *a = arena_new();
	unsigned char *out;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_string_equal(str_base64(a, good[i][0],
		    strlen(good[i][0])), good[i][1]);
		assert_int_equal(str_unbase64(a, good[i][1], &out, &n), 0);
		assert_int_equal(n, strlen(good[i][0]));
		assert_memory_equal(out, good[i][0], n);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_unbase64(a, bad[i], &out, &n) != -1)
			fail_msg("taken: \"%s\"", bad[i]);
	assert_string_equal(str_base64url(a, "\xfb\xff", 2), "-_8");
	assert_string_equal(str_hex(a, "\x00\xaf", 2), "00af");
	assert_string_equal(str_url(a, "/a-Z.9_~ \"\xc3"), "%2Fa-Z.9_~%20%22%C3");
	arena_free(a);
}

static void test_uuid(void **state)
{
	static const char *const bad[] = { "", "8f3a0c1e-0000-4000-8000-00000000000",
	    "8f3a0c1e-0000-4000-8000-0000000000000",
	    "8f3a0c1e00000-4000-8000-000000000000",
	    "8f3a0c1e-0000-4000-8000-00000000000g" };
	uint8_t u[16];
	char text[37];
	size_t i;

	(void)state;
	assert_true(str_uuid("8F3A0c1e-0123-4567-89ab-cdef01234567", u));
	str_uuid_text(u, text);
	assert_string_equal(text, "8f3a0c1e-0123-4567-89ab-cdef01234567");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(str_uuid(bad[i], u));
}

static void test_strv(void **state)
{
	struct arena *a = arena_new();
	struct strv sv = { 0 };
	static const char *const in[] = { "d", "b", "a", "b", "c", "d", "e" };
	size_t i;

	(void)state;
	assert_false(strv_has(&sv, "a"));
	assert_false(strv_find(&sv, "a"));
	strv_sort(&sv);
	for (i = 0; i < 7; i++)
		strv_add(a, &sv, in[i]);
	assert_true(strv_has(&sv, "e"));
	assert_false(strv_has(&sv, "f"));
	strv_sort(&sv);
	assert_int_equal(sv.n, 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(sv.v[i][0], 'a' + (int)i);
	assert_true(strv_find(&sv, "c"));
	assert_false(strv_find(&sv, "x"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_int),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_word_round),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_strv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
