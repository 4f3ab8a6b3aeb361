/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "model/right.h"
#include "arena_fixture.h"

static void test_rights(void **state)
{
	static const char *const good[] = { "role:viewer", "company:c1",
	    "account:A 1", "all-accounts:c1", "group:g", "tool:wan",
	    "tool:wan/a/1", "portal", "cpni", "account:a:b" };
	static const char *const bad[] = { "", "role", "role:", "tool:",
	    "tool:/a", "tool:wan/", "Portal", "cpni:", "TOOL:x", "accounts:a",
	    " tool:x", "mail:request/r1" };
	struct right r;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(right_parse(a, good[i], &r, &e), 0);
		assert_string_equal(right_print(a, &r), good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(right_parse(a, bad[i], &r, &e), ERR_INVALID);
	assert_int_equal(right_parse(a, "tool:wan/a/1", &r, &e), 0);
	assert_string_equal(r.key, "wan");
	assert_string_equal(r.account, "a/1");
}

/* Kind, key, account, case ignored; a tool before its accounts. */
static void test_order(void **state)
{
	static const char *const order[] = { "role:z", "company:a",
	    "account:b", "account:C", "all-accounts:a", "group:a", "tool:a",
	    "tool:a/x", "tool:A/y", "tool:b", "portal", "cpni" };
	struct right x, y;
	size_t n = sizeof(order) / sizeof(order[0]), i, k;

	(void)state;
	for (i = 0; i < n; i++)
		for (k = 0; k < n; k++) {
			right_parse(a, order[i], &x, NULL);
			right_parse(a, order[k], &y, NULL);
			assert_int_equal(right_cmp(&x, &y) < 0, i < k);
			assert_int_equal(right_eq(&x, &y), i == k);
		}
	right_parse(a, "tool:WAN/A1", &x, NULL);
	right_parse(a, "tool:wan/a1", &y, NULL);
	assert_true(right_eq(&x, &y));
}

static void test_period(void **state)
{
	static const char *const good[] = {
	    "tool:wan 20260101000000Z 20270101000000Z",
	    "tool:wan - 20270101000000Z", "company:c 20260101000000Z -",
	    "account:a%20b - -", "portal - 20270101000000Z" };
	static const char *const bad[] = { "", "tool:wan", "tool:wan -",
	    "tool:wan - - -", "tool:wan  - -", "tool:wan 2026 -",
	    "tool:wan - tomorrow", "nothing - -",
	    "tool:wan 20270101000000Z 20260101000000Z",
	    "tool:wan 20260101000000Z 20260101000000Z", "account:%zz - -",
	    "tool:wan 20260230000000Z -", " tool:wan - -",
	    "mail:request/r1 - -" };
	struct period p;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(period_parse(a, good[i], &p, &e), 0);
		assert_string_equal(period_print(a, &p), good[i]);
	}
	assert_int_equal(period_parse(a, good[1], &p, &e), 0);
	assert_true(p.from == INT64_MIN);
	assert_int_equal(period_parse(a, good[2], &p, &e), 0);
	assert_true(p.until == CLOCK_NEVER);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(period_parse(a, bad[i], &p, &e),
		    ERR_INVALID);
}

static void test_provenance(void **state)
{
	static const char *const good[] = {
	    "tool:wan request:r1 20260101000000Z",
	    "role:x person:0e0e0e0e-0000-4000-8000-000000000000 "
	    "20260101000000Z", "account:a%20b feed:staff%20list "
	    "20260101000000Z" };
	static const char *const bad[] = { "tool:wan request:r1",
	    "tool:wan request: 20260101000000Z",
	    "tool:wan somebody 20260101000000Z",
	    "tool:wan request:r1 -", "x request:r1 20260101000000Z",
	    "mail:request/r1 request:r1 20260101000000Z" };
	struct provenance p;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(provenance_parse(a, good[i], &p, &e), 0);
		assert_string_equal(provenance_print(a, &p), good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(provenance_parse(a, bad[i], &p, &e),
		    ERR_INVALID);
}

static void test_receipt(void **state)
{
	static const char *const good[] = {
	    "sample-tool tool:wan confirmed 20260101000000Z 4711 0",
	    "t tool:wan/a1 failed 20260101000000Z - 12",
	    "t tool:wan pending 20260101000000Z a%20b 1",
	    "mail mail:request/r/1%20b pending 20260101000000Z - 0" };
	static const char *const bad[] = { "t tool:wan done "
	    "20260101000000Z - 0", "t tool:wan confirmed - - 0",
	    "t tool:wan confirmed 20260101000000Z - -1",
	    "t tool:wan confirmed 20260101000000Z - x",
	    "t tool:wan confirmed 20260101000000Z -",
	    "t wan confirmed 20260101000000Z - 0",
	    "mail mail:request confirmed 20260101000000Z - 0",
	    "mail mail:/r1 confirmed 20260101000000Z - 0",
	    "mail mail:request/ confirmed 20260101000000Z - 0" };
	struct receipt r;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(receipt_parse(a, good[i], &r, &e), 0);
		assert_string_equal(receipt_print(a, &r), good[i]);
	}
	assert_int_equal(receipt_parse(a, good[2], &r, &e), 0);
	assert_string_equal(r.remote_id, "a b");
	assert_int_equal(receipt_parse(a, good[3], &r, &e), 0);
	assert_int_equal(r.right.kind, RIGHT_MAIL);
	assert_string_equal(r.right.key, "request/r/1 b");
	assert_string_equal(r.right.account, "");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(receipt_parse(a, bad[i], &r, &e),
		    ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_period),
		cmocka_unit_test(test_provenance),
		cmocka_unit_test(test_receipt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
