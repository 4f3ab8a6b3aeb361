/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define KEYS 500

static void test_basic(void **state)
{
	struct map *m = map_new();
	int one, two;

	(void)state;
	assert_null(map_get(m, "a"));
	assert_null(map_put(m, "a", &one));
	assert_ptr_equal(map_put(m, "a", &two), &one);
	assert_ptr_equal(map_get(m, "a"), &two);
	assert_int_equal(map_count(m), 1);
	assert_null(map_del(m, "b"));
	assert_ptr_equal(map_del(m, "a"), &two);
	assert_null(map_get(m, "a"));
	assert_int_equal(map_count(m), 0);
	map_free(m, NULL);
	map_free(NULL, NULL);
}

/* A random walk against an array. */
static void test_model(void **state)
{
	struct map *m = map_new();
	char *is[KEYS] = { 0 };
	unsigned x = 1;
	size_t n = 0, pos = 0, seen = 0;
	void *value;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		unsigned k;
		char key[16];

		x = x * 1103515245u + 12345u;
		k = (x >> 8) % KEYS;
		snprintf(key, sizeof(key), "key%u", k);
		if ((x >> 20) % 2) {
			char *v = strdup(key);

			assert_ptr_equal(map_put(m, key, v), is[k]);
			n += is[k] == NULL;
			free(is[k]);
			is[k] = v;
		} else {
			assert_ptr_equal(map_del(m, key), is[k]);
			n -= is[k] != NULL;
			free(is[k]);
			is[k] = NULL;
		}
		assert_int_equal(map_count(m), n);
		assert_ptr_equal(map_get(m, key), is[k]);
	}
	for (i = 0; i < KEYS; i++) {
		char key[16];

		snprintf(key, sizeof(key), "key%d", i);
		assert_ptr_equal(map_get(m, key), is[i]);
	}
	while ((value = NULL, map_next(m, &pos, &value)) != NULL) {
		assert_non_null(value);
		seen++;
	}
	assert_int_equal(seen, n);
	map_free(m, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basic),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
