/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void test_alloc(void **state)
{
	struct arena *a = arena_new();
	size_t i, k;

	(void)state;
	for (i = 0; i < 2000; i++) {
		unsigned char *p = arena_alloc(a, i);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (k = 0; k < i; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i);
	}
	assert_true(arena_used(a) >= 2000 * 1999 / 2);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	/* Zeroed again, though the block was used. */
	for (i = 0; i < 100; i++)
		assert_int_equal(*(char *)arena_alloc(a, 1), 0);
	arena_free(a);
	arena_free(NULL);
}

static void test_strings(void **state)
{
	struct arena *a = arena_new();
	int v[3] = { 1, 2, 3 }, *w;

	(void)state;
	assert_string_equal(arena_strdup(a, ""), "");
	assert_string_equal(arena_strndup(a, "abc", 2), "ab");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	assert_memory_equal(arena_memdup(a, v, sizeof(v)), v, sizeof(v));
	assert_non_null(arena_memdup(a, NULL, 0));
	w = arena_grow(a, v, 3, 6, sizeof(*v));
	assert_memory_equal(w, v, sizeof(v));
	assert_int_equal(w[5], 0);
	assert_non_null(arena_grow(a, NULL, 0, 4, 8));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
