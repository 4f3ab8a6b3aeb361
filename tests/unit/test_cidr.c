/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cidr.h"

static struct cidr of(const char *text)
{
	struct cidr c;
	struct err e;

	if (cidr_parse(text, &c, &e) != 0)
		fail_msg("%s", e.text);
	return c;
}

static bool in(const char *net, const char *addr)
{
	const struct cidr n = of(net), a = of(addr);

	return cidr_has(&n, &a);
}

static void test_has(void **state)
{
	(void)state;
	assert_true(in("192.0.2.7", "192.0.2.7"));
	assert_false(in("192.0.2.7", "192.0.2.8"));
	assert_true(in("192.0.2.0/24", "192.0.2.255"));
	assert_false(in("192.0.2.0/24", "192.0.3.0"));
	assert_true(in("10.0.0.0/9", "10.127.0.1"));
	assert_false(in("10.0.0.0/9", "10.128.0.1"));
	assert_true(in("0.0.0.0/0", "255.1.2.3"));
	assert_false(in("0.0.0.0/0", "2001:db8::1"));
	assert_true(in("::/0", "255.1.2.3"));
	assert_true(in("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(in("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(in("192.0.2.0/24", "::ffff:192.0.2.1"));
	assert_true(in("192.0.2.0/24", "192.0.2.128/25"));
	assert_false(in("192.0.2.128/25", "192.0.2.0/24"));
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "", "/", "x", "192.0.2", "192.0.2.7/",
	    "192.0.2.7/33", "192.0.2.7/-1", "192.0.2.7/x", "192.0.2.7/24",
	    "2001:db8::/129", "2001:db8::1/64", "192.0.2.7 ", "[::1]",
	    "192.0.2.7:80", "::1%lo", "192.0.2.0/24/24",
	    "1234567890123456789012345678901234567890123456789012345678901" };
	struct cidr c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };

		if (cidr_parse(bad[i], &c, &e) != ERR_INVALID ||
		    e.text[0] == '\0')
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void test_cut(void **state)
{
	struct cidr c = of("2001:db8:1:2:3:4:5:6"), v4 = of("192.0.2.7");
	const struct cidr net = of("2001:db8:1:2::/64");

	(void)state;
	assert_false(cidr_is_v4(&c));
	assert_true(cidr_is_v4(&v4));
	cidr_cut(&c, 64);
	assert_memory_equal(c.addr, net.addr, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
