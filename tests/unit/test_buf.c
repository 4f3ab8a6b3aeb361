/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void test_fill(void **state)
{
	struct buf b;
	size_t i, n;
	char *p;

	(void)state;
	buf_init(&b, 100000);
	assert_string_equal(buf_str(&b), "");
	buf_put(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	for (i = 0; i < 1000; i++) {
		buf_puts(&b, "ab");
		buf_putc(&b, 'c');
		buf_printf(&b, "%03u", (unsigned)i);
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_int_equal(b.len, 6000);
	assert_memory_equal(b.data + 5994, "abc999", 7);
	p = buf_take(&b, &n);
	assert_int_equal(n, 6000);
	free(p);
	assert_string_equal(buf_str(&b), "");
	p = buf_take(&b, NULL);
	assert_string_equal(p, "");
	free(p);
	buf_puts(&b, "again");
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	buf_fini(&b);
}

/* At the cap it stops, says so until it is emptied, and never goes beyond. */
static void test_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "12345");
	assert_false(b.failed);
	buf_putc(&b, '6');
	assert_true(b.failed);
	assert_string_equal(buf_str(&b), "12345");
	buf_reset(&b);
	assert_false(b.failed);
	buf_printf(&b, "%s", "123456");
	assert_true(b.failed);
	buf_puts(&b, "1");
	assert_string_equal(buf_str(&b), "");
	buf_reset(&b);
	buf_put(&b, "1\0002", 3);
	assert_memory_equal(b.data, "1\0002", 4);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
