/* SPDX-License-Identifier: ISC */
#include "store/uset.h"
#include "store_util.h"

#define VALUES 800

/* A random walk against an array. */
static void test_model(void **state)
{
	struct uset *s = uset_new();
	bool is[VALUES] = { false };
	uint8_t v[16];
	const uint8_t *p;
	size_t n = 0, pos = 0, seen = 0;
	uint32_t k;
	int i;

	(void)state;
	for (i = 0; i < 30000; i++) {
		k = util_random(VALUES);
		util_uuid(v, k);
		if (util_random(2)) {
			assert_int_equal(uset_add(s, v), !is[k]);
			n += !is[k];
			is[k] = true;
		} else {
			uset_del(s, v);
			n -= is[k];
			is[k] = false;
		}
		assert_int_equal(uset_has(s, v), is[k]);
		assert_int_equal(uset_count(s), n);
	}
	for (k = 0; k < VALUES; k++) {
		util_uuid(v, k);
		assert_int_equal(uset_has(s, v), is[k]);
	}
	while ((p = uset_next(s, &pos)) != NULL) {
		assert_true(uset_has(s, p));
		seen++;
	}
	assert_int_equal(seen, n);
	uset_clear(s);
	assert_int_equal(uset_count(s), 0);
	assert_false(uset_has(s, v));
	assert_true(uset_add(s, v));
	uset_free(s);
	uset_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
