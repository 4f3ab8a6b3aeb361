/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "cli/table.h"

#define COMBINED "Ame\xcc\x81lie"	/* e with a combining acute: 6 */
#define WIDE "\xe5\xb1\xb1\xe7\x94\xb0"	/* two ideographs: 4 columns */

static const char *const heads[] = { "USER", "NAME", "WHY", NULL };

static int set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *laid_out(const struct table *t, size_t width, bool colour)
{
	struct buf out;
	const char *text;

	buf_init(&out, 1 << 20);
	table_layout(t, width, colour, &out);
	text = arena_strdup(t->arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

/* The widest line. */
static size_t widest(struct arena *a, const char *text)
{
	size_t most = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		size_t w = table_width(arena_strndup(a, text, n));

		if (w > most)
			most = w;
		text += n + (text[n] == '\n');
	}
	return most;
}

static void sample(struct arena *a, struct table *t)
{
	table_init(t, a, heads);
	table_add(t, (const char *[]){ "amelie", COMBINED, "x" });
	table_add(t, (const char *[]){ "yamada", WIDE, "because it is so" });
	table_add(t, (const char *[]){ "z", NULL, "" });
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(table_width(""), 0);
	assert_int_equal(table_width("abc"), 3);
	assert_int_equal(table_width(COMBINED), 6);
	assert_int_equal(table_width(WIDE), 4);
	assert_int_equal(table_width("\xf0\x9f\x98\x80"), 2);
	assert_int_equal(table_width("a\xff" "b"), 3);	/* malformed */
	assert_int_equal(utf8_columns(0x301), 0);
	assert_int_equal(utf8_columns('a'), 1);
}

static void columns_line_up(void **state)
{
	struct table t;

	sample(*state, &t);
	assert_string_equal(laid_out(&t, 0, false),
	    "USER    NAME    WHY\n"
	    "amelie  " COMBINED "  x\n"
	    "yamada  " WIDE "    because it is so\n"
	    "z       -       -\n");
}

static void fits_exactly(void **state)
{
	struct table t;

	sample(*state, &t);
	assert_string_equal(laid_out(&t, 32, false), laid_out(&t, 0, false));
	assert_int_equal(widest(*state, laid_out(&t, 32, false)), 32);
	assert_string_equal(laid_out(&t, 31, false),
	    "USER    NAME    WHY\n"
	    "amelie  " COMBINED "  x\n"
	    "yamada  " WIDE "    because it i...\n"
	    "z       -       -\n");
}

/* A wide character is not cut in half, nor one from what combines with it. */
static void cut_between_characters(void **state)
{
	static const char *const two[] = { "N", "HEAD", NULL };
	struct table t;

	table_init(&t, *state, two);
	table_add(&t, (const char *[]){ "1", WIDE WIDE WIDE });
	table_add(&t, (const char *[]){ "2", "1234e\xcc\x81" "678901" });
	assert_string_equal(laid_out(&t, 11, false),
	    "N  HEAD\n1  " WIDE "...\n2  1234e\xcc\x81...\n");
}

static void blocks_when_narrow(void **state)
{
	struct table t;

	sample(*state, &t);
	table_add(&t, (const char *[]){ "a.very.long.name", "A Very Long Name",
	    "a very long reason" });
	assert_string_equal(laid_out(&t, 35, false),
	    "USER  amelie\nNAME  " COMBINED "\nWHY   x\n\n"
	    "USER  yamada\nNAME  " WIDE "\nWHY   because it is so\n\n"
	    "USER  z\nNAME  -\nWHY   -\n\n"
	    "USER  a.very.long.name\nNAME  A Very Long Name\n"
	    "WHY   a very long reason\n");
}

/* Whatever the width, no line of a table goes beyond it. */
static void never_beyond(void **state)
{
	struct table t;
	size_t width;

	sample(*state, &t);
	table_add(&t, (const char *[]){ WIDE WIDE WIDE WIDE WIDE WIDE,
	    COMBINED COMBINED COMBINED COMBINED, "a very long reason" });
	for (width = 44; width < 80; width++)
		assert_true(widest(*state, laid_out(&t, width, false)) <=
		    width);
}

static void nothing_acts(void **state)
{
	struct arena *a = *state;

	assert_string_equal(table_clean(a, "a\033[31mb\n"), "a?[31mb?");
	assert_string_equal(table_clean(a, "\xc2\x9b" "1m"), "?1m");
	assert_string_equal(table_clean(a, "\xe2\x80\xae" "txt"), "?txt");
	assert_string_equal(table_clean(a, "a\xff"), "a?");
	assert_string_equal(table_clean(a, NULL), "-");
	assert_string_equal(table_clean(a, WIDE), WIDE);
}

static void colours(void **state)
{
	static const char *const one[] = { "STATE", NULL };
	struct table t;

	table_init(&t, *state, one);
	table_add(&t, (const char *[]){ "failed" });
	table_add(&t, (const char *[]){ "active" });
	assert_string_equal(laid_out(&t, 0, true),
	    "\033[1mSTATE\033[0m\n\033[31mfailed\033[0m\nactive\n");
	assert_null(strchr(laid_out(&t, 0, false), '\033'));
}

/* Standard output is no terminal here. */
static void terminal(void **state)
{
	(void)state;
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	if (table_terminal() == 0)
		assert_false(table_colour());
	setenv("COLUMNS", "40", 1);
	assert_int_equal(table_terminal(), 40);
	setenv("COLUMNS", "200", 1);
	assert_int_equal(table_terminal(), 200);
	setenv("COLUMNS", "many", 1);
	assert_true(table_terminal() != 200);
	setenv("NO_COLOR", "1", 1);
	assert_false(table_colour());
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(widths), TEST(columns_line_up), TEST(fits_exactly),
		TEST(cut_between_characters), TEST(blocks_when_narrow),
		TEST(never_beyond), TEST(nothing_acts), TEST(colours),
		TEST(terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
