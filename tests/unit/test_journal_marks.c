/* SPDX-License-Identifier: ISC */
/* Which line belongs to which batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/clock.h"
#include "store/journal_marks.h"

static int64_t now = CLOCK_SECOND;

static int64_t test_clock(void)
{
	return now;
}

static struct journal_marks *m;

static int setup(void **state)
{
	(void)state;
	clock_set_source(test_clock);
	m = journal_marks_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	journal_marks_free(m);
	clock_set_source(NULL);
	return 0;
}

static void expect(const char *dn, const char *by, const char *batch)
{
	const char *got = journal_marks_take(m, dn, by);

	if (batch == NULL)
		assert_null(got);
	else
		assert_string_equal(got, batch);
}

static void test_once(void **state)
{
	struct journal_mark *x;

	(void)state;
	x = journal_marks_add(m, "b1", "cn=a", NULL);
	expect("cn=b", "cn=x", NULL);
	expect("cn=a", "cn=x", "b1");
	expect("cn=a", "cn=x", NULL);
	journal_marks_end(m, x, false);
	assert_int_equal(journal_marks_count(m), 0);
	/* Refused by the server: the next line is somebody else's. */
	x = journal_marks_add(m, "b1", "cn=a", NULL);
	journal_marks_end(m, x, false);
	expect("cn=a", "", NULL);
}

static void test_order(void **state)
{
	struct journal_mark *x, *y, *z;

	(void)state;
	x = journal_marks_add(m, "b1", "cn=a", NULL);
	y = journal_marks_add(m, "b2", "cn=a", NULL);
	z = journal_marks_add(m, "b3", "cn=a", NULL);
	expect("cn=a", "", "b1");
	journal_marks_end(m, y, false);
	expect("cn=a", "", "b3");
	journal_marks_end(m, z, false);
	journal_marks_end(m, x, false);
	assert_int_equal(journal_marks_count(m), 0);
}

static void test_who(void **state)
{
	struct journal_mark *x;

	(void)state;
	x = journal_marks_add(m, "b1", "cn=a", "cn=ann");
	expect("cn=a", "cn=bob", NULL);
	expect("cn=a", "cn=ann", "b1");
	journal_marks_end(m, x, false);
	/* A deletion may name nobody. */
	x = journal_marks_add(m, "b1", "cn=a", "cn=ann");
	expect("cn=a", "", "b1");
	journal_marks_end(m, x, false);
}

static void test_later(void **state)
{
	struct journal_mark *x;

	(void)state;
	journal_marks_end(m, journal_marks_add(m, "b1", "cn=a", NULL), true);
	now += 599 * CLOCK_SECOND;
	x = journal_marks_add(m, "b2", "cn=b", NULL);
	expect("cn=a", "", "b1");
	journal_marks_end(m, x, false);
	x = journal_marks_add(m, "b2", "cn=b", NULL);
	assert_int_equal(journal_marks_count(m), 1);
	journal_marks_end(m, x, true);
	now += 601 * CLOCK_SECOND;
	x = journal_marks_add(m, "b3", "cn=c", NULL);
	assert_int_equal(journal_marks_count(m), 1);
	expect("cn=b", "", NULL);
	journal_marks_end(m, x, false);
}

static void test_bounded(void **state)
{
	char dn[32];
	int i;

	(void)state;
	for (i = 0; i < JOURNAL_MARKS; i++) {
		snprintf(dn, sizeof(dn), "cn=%d", i);
		assert_non_null(journal_marks_add(m, "b1", dn, NULL));
	}
	assert_null(journal_marks_add(m, "b1", "cn=x", NULL));
	expect("cn=65535", "", "b1");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_once),
		T(test_order),
		T(test_who),
		T(test_later),
		T(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
