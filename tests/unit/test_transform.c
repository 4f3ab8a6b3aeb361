/* SPDX-License-Identifier: ISC */
/* transform: each step on a cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "arena_fixture.h"
#include "feed/transform.h"

static struct feed_table_conf table = { .name = "d" };

static const struct {
	const char *words;		/* bars between */
	const char *in, *out;		/* values with bars between; out
					 * "!..." an error */
} rows[] = {
	{ "", "  a b ", "a b" }, { "", "   ", "" },
	{ "lower", "\xc3\x84nn", "\xc3\xa4nn" }, { "upper", "ann", "ANN" },
	{ "squeeze", "a   b  c", "a b c" }, { "digits", "+49 (30) 1", "49301" },
	{ "prefix E", "12", "E12" }, { "prefix E", "", "" },
	{ "suffix @x", "a", "a@x" }, { "default none", "", "none" },
	{ "default none", "a", "a" }, { "constant c", "", "c" },
	{ "constant c", "a", "c" }, { "nothing N/A", "N/A", "" },
	{ "split ;,", "a; b,c;;", "a|b|c" },
	{ "split ;|upper|prefix x", "a;b", "xA|xB" },
	{ "lookup d", "10", "Billing" }, { "lookup d", "XX", "! is not in" },
	{ "lookup d else other one", "XX", "other one" },
	{ "lookup d", "", "" },
	{ "date DD.MM.YYYY", "01.12.2026", "2026-12-01" },
	{ "date D.M.YYYY", "1.2.2024", "2024-02-01" },
	{ "date M/D/YYYY", "2/29/2024", "2024-02-29" },
	{ "date M/D/YYYY", "2/29/2026", "!is no date" },
	{ "date MM/DD/YY", "12/31/99", "1999-12-31" },
	{ "date YYYYMMDD", "20260102", "2026-01-02" },
	{ "date YYYY-MM-DD", "2026-01-02T00:00:00Z", "2026-01-02" },
	{ "date YYYY-MM-DD", "2026-01-02-08:00", "2026-01-02" },
	{ "date YYYY-MM-DD", "2026-13-02", "!is no date" },
	{ "date YYYY-MM-DD", "2026-1-02", "!is no date" },
	{ "date YYYY-MM-DD", "2026-01-02x", "!is no date" },
	/* Another country's way of writing one. */
	{ "date DD.MM.YYYY", "12/01/2026", "!is no date" },
	{ "date DD.MM.YYYY", "2026-12-01", "!is no date" },
	{ "date M/D/YYYY", "31/12/2026", "!is no date" },
	{ "date DD.MM.YYYY", "1. Dezember 2026", "!is no date" },
	{ "date M/D/YYYY", "Dec 1, 2026", "!is no date" },
	{ "date D.M.YYYY", "1.12.26", "!is no date" },
	{ "date YYYY-MM-DD", "45992", "!is no date" },
	{ "date YYYY-MM-DD", "", "" },
};

static struct strv bars(const char *s)
{
	struct strv out = { 0 };

	for (; *s != '\0'; s += strcspn(s, "|"), s += *s == '|')
		strv_add(a, &out, arena_strndup(a, s, strcspn(s, "|")));
	return out;
}

static void each_row(void **state)
{
	size_t i, k;

	(void)state;
	strv_add(a, &table.from, "10");
	strv_add(a, &table.to, "Billing");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strv words = bars(rows[i].words), in = bars(rows[i].in);
		struct strv out = { 0 }, want = bars(rows[i].out);
		struct transform *t;
		struct err e = { 0 };
		int rc;

		if (transform_compile(a, &words, &table, 1, &t, &e) != 0)
			fail_msg("%s: %s", rows[i].words, e.text);
		rc = transform_run(a, t, &in, &out, &e);
		if (rows[i].out[0] == '!') {
			assert_int_equal(rc, ERR_ITEM_BAD);
			assert_non_null(strstr(e.text, rows[i].out + 1));
			continue;
		}
		if (rc != 0 || out.n != want.n)
			fail_msg("%s of %s: %zu values, %s", rows[i].words,
			    rows[i].in, out.n, e.text);
		for (k = 0; k < out.n; k++)
			assert_string_equal(out.v[k], want.v[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_row) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
