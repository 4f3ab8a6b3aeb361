/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_address(void **state)
{
	static const char *const good[] = { "a@b", "ann@example.com",
	    "a.b+c@sub.example.com", "o'neil@x-y.example", X64 "@example.com",
	    "{x}~|`!#$%&*/=?^_-@127.0.0.1" };
	static const char *const bad[] = { "", "@", "a", "a@", "@b", "a@b@c",
	    ".a@b", "a.@b", "a..b@c", "a@b.", "a@.b", "a@b..c", "a b@c", "a @b",
	    "a@b ", " a@b", "a@b\r\nRCPT TO:<x@y>", "a\n@b", "a@b\n", "<a@b>",
	    "a@b>", "\"a b\"@c", "a,b@c", "a@b,c@d", "a@[1.2.3.4]",
	    "j\xc3\xb6rg@example.com", "a@m\xc3\xbcnchen.example", "a;b@c",
	    "a@b;c", "a(b)@c", "a:b@c", "a\\b@c", "a@b_c", "a\t@b", "a@b\x7f",
	    X64 "x@example.com", "a@" X64 "." X64 "." X64 "." X64 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!text_address(good[i]))
			fail_msg("refused: %s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (text_address(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
