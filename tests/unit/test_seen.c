/* SPDX-License-Identifier: ISC */
/* The keys of a file, on disk: more than fit a block, doubles, a full disk. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "feed/feed_p.h"

static struct err e;

static struct feed_seen *begin(void)
{
	struct feed_seen *s = NULL;

	assert_int_equal(feed_seen_new("", &s, &e), 0);
	return s;
}

static const char *key(unsigned n)
{
	static char text[16];

	snprintf(text, sizeof(text), "k%u", n);
	return text;
}

/* Every third is left out, every 1000th is there twice, every 3000th with
 * something else in its row. */
static void some(unsigned rows)
{
	struct feed_seen *s = begin();
	unsigned i, doubles = 0;

	for (i = 0; i < rows; i++)
		if (i % 3 != 2)
			feed_seen_add(s, key(i), i);
	for (i = 0; i < rows; i += 1000)
		if (i % 3 != 2)
			feed_seen_add(s, key(i), i % 3000 == 0 ? i + 1 : i);
	assert_int_equal(feed_seen_end(s, &e), 0);
	for (i = 0; i < rows; i++) {
		bool there = i % 3 != 2, twice = there && i % 1000 == 0;

		assert_true(feed_seen_has(s, key(i)) == there);
		assert_true((feed_seen_double(s, key(i)) >= 0) == twice);
		assert_true(feed_seen_clashes(s, key(i)) ==
		    (i % 3000 == 0));
		doubles += twice;
	}
	assert_int_equal(feed_seen_doubles(s), doubles);
	feed_seen_free(s);
}

static void none_few_and_many(void **state)
{
	(void)state;
	some(0);
	some(1);
	some(4000);
	some(1000000);	/* whole blocks, and buckets above a window */
}

/* Each has a number of its own. */
static void doubles_are_numbered(void **state)
{
	struct feed_seen *s = begin();
	bool got[500] = { false };
	unsigned i;

	(void)state;
	for (i = 0; i < 1500; i++)
		feed_seen_add(s, key(i % 500), 1);
	assert_int_equal(feed_seen_end(s, &e), 0);
	assert_int_equal(feed_seen_doubles(s), 500);
	for (i = 0; i < 500; i++) {
		ptrdiff_t n = feed_seen_double(s, key(i));

		assert_in_range(n, 0, 499);
		assert_false(got[n]);
		assert_false(feed_seen_clashes(s, key(i)));
		got[n] = true;
	}
	feed_seen_free(s);
}

static int all_twice(unsigned n)
{
	struct feed_seen *s = begin();
	unsigned i;
	int rc;

	for (i = 0; i < 2 * n; i++)
		feed_seen_add(s, key(i % n), 1);
	rc = feed_seen_end(s, &e);
	feed_seen_free(s);
	return rc;
}

static void so_many_doubles(void **state)
{
	(void)state;
	assert_int_equal(all_twice(FEED_DOUBLES_MAX), 0);
	assert_int_equal(all_twice(FEED_DOUBLES_MAX + 1), ERR_INVALID);
	assert_non_null(strstr(e.text, "more than 10000 keys"));
}

static void full_at(rlim_t bytes, unsigned rows)
{
	struct feed_seen *s = begin();
	struct rlimit old, few;
	unsigned i;

	getrlimit(RLIMIT_FSIZE, &old);
	few = (struct rlimit){ bytes, old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &few);
	for (i = 0; i < rows; i++)
		feed_seen_add(s, key(i), i);
	assert_int_equal(feed_seen_end(s, &e), ERR_IO);
	setrlimit(RLIMIT_FSIZE, &old);
	feed_seen_free(s);
}

static void full_disk(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	full_at(1 << 20, 1000000);	/* while rows are added */
	full_at(4096, 1000);		/* only when they are sorted */
}

static void no_directory(void **state)
{
	struct feed_seen *s = NULL;

	(void)state;
	assert_int_equal(feed_seen_new("/nonexistent", &s, &e), ERR_IO);
	assert_non_null(strstr(e.text, "/nonexistent: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_few_and_many),
		cmocka_unit_test(doubles_are_numbered),
		cmocka_unit_test(so_many_doubles),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
