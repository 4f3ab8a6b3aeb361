/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/code.h"

static const uint8_t request[16] = { 1, 2, 3 };

/* V23: what is typed in need not look as it was printed. */
static void test_hash(void **state)
{
	struct arena *a = arena_new();
	const char *h = code_hash(a, "key", "ABCD-2345");

	(void)state;
	assert_int_equal(strlen(h), 64);
	assert_string_equal(code_hash(a, "key", "ab cd 23-45"), h);
	assert_string_not_equal(code_hash(a, "key", "ABCD-2346"), h);
	assert_string_not_equal(code_hash(a, "other", "ABCD-2345"), h);
	assert_string_not_equal(code_hash(a, "", "ABCD-2345"), h);
	arena_free(a);
}

/* V23: a fresh code belongs to one request and one account. */
static void test_fresh(void **state)
{
	static const uint8_t other[16] = { 1, 2, 4 };
	struct arena *a = arena_new();
	const char *c = code_fresh(a, "key", request, "a11"), *p;

	(void)state;
	assert_int_equal(strlen(c), 9);
	assert_int_equal(c[4], '-');
	for (p = c; *p != '\0'; p++)
		assert_true(*p == '-' || isupper((unsigned char)*p) ||
		    (*p >= '2' && *p <= '7'));
	assert_string_equal(code_fresh(a, "key", request, "A11"), c);
	assert_string_not_equal(code_fresh(a, "key", request, "a12"), c);
	assert_string_not_equal(code_fresh(a, "key", other, "a11"), c);
	assert_string_not_equal(code_fresh(a, "yek", request, "a11"), c);
	assert_null(code_fresh(a, "", request, "a11"));
	arena_free(a);
}

/* V28: the count is one value. */
static void test_wrong(void **state)
{
	struct arena *a = arena_new();
	struct entry e = { .dn = "cn=x" };
	struct problems p = { 0 };
	struct wrong_codes w;

	(void)state;
	wrong_codes_read(a, &e, &w, &p);
	assert_int_equal(w.count, 0);
	entry_add(a, &e, WRONG_CODES_ATTR, "7 20260315120000Z");
	wrong_codes_read(a, &e, &w, &p);
	assert_int_equal(w.count, 7);
	assert_string_equal(wrong_codes_print(a, &w), "7 20260315120000Z");
	assert_int_equal(p.n, 0);
	e.a[0].v[0].p = "-1 20260315120000Z";
	wrong_codes_read(a, &e, &w, &p);
	assert_int_equal(w.count, 0);
	assert_int_equal(p.n, 1);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_fresh),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
