/* SPDX-License-Identifier: ISC */
/* V23: calls and letters as files of a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/str.h"

#include "files_fixture.h"

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NAME "post-" KEY ".xml"

static int calls;

static int letter(void *ctx, struct arena *to, const char *person_id,
    const struct action *act, const char *link, struct letter *out,
    struct err *e)
{
	static const char *const value[] = { "r1", "2026-04-09T00:00:00Z",
	    "Ann <b> Bell", "ABCD-2345", "a11", "Acme & Sons",
	    "1 Main St\nReno" };

	(void)ctx;
	(void)to;
	(void)person_id;
	(void)link;
	calls++;
	if (strstr(act->tool, "gone") != NULL)
		return err_set(e, ERR_RETRY, "it is not owed any more");
	*out = (struct letter){ NOTICE_POST, "", "", value };
	return 0;
}

static const struct target_source source = { NULL, letter, NULL };

static int apply(enum action_kind kind, bool notice, const char *tool)
{
	const struct target_conf c = { .name = "letters", .kind = "spool",
	    .dir = dir, .source = &source };
	const struct target_person p = { .id = "x", .exists = true };
	const struct action act = { .kind = kind, .target = "letters",
	    .tool = tool, .remote_id = "-", .notice = notice, .key = KEY };

	calls = 0;
	return apply_at(&c, &p, &act);
}

static void test_file(void **state)
{
	const char *text;
	struct stat st;

	(void)state;
	assert_int_equal(apply(ACTION_MAIL, true, "post/r1/a11"), 0);
	assert_int_equal(stat(in(NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	text = content(NAME);
	assert_non_null(strstr(text, "<delivery id=\"" KEY
	    "\" kind=\"post\" created=\""));
	assert_non_null(strstr(text, "<code>ABCD-2345</code>"));
	assert_non_null(strstr(text, "<name>Ann &lt;b&gt; Bell</name>"));
	assert_non_null(strstr(text, "<company>Acme &amp; Sons</company>"));
	assert_non_null(strstr(text, "1 Main St\nReno</address></delivery>"));
}

/* The same job has the same name; what a crash left is in nobody's way. */
static void test_again(void **state)
{
	FILE *f = fopen(in("." NAME), "we");

	(void)state;
	assert_non_null(f);
	fclose(f);
	assert_int_equal(apply(ACTION_MAIL, true, "post/r1/a11"), 0);
	assert_int_equal(apply(ACTION_MAIL, true, "post/r1/a11"), 0);
	assert_non_null(strstr(content(NAME), "ABCD-2345"));
	assert_int_not_equal(access(in("." NAME), F_OK), 0);
	/* A link of somebody else's is replaced, not followed. */
	assert_int_equal(unlink(in(NAME)), 0);
	assert_int_equal(symlink("/dev/null", in("." NAME)), 0);
	assert_int_equal(apply(ACTION_MAIL, true, "post/r1/a11"), 0);
	assert_non_null(strstr(content(NAME), "ABCD-2345"));
}

static void test_not(void **state)
{
	const struct target_conf bad = { .name = "letters", .kind = "spool",
	    .dir = "/nonexistent" };
	struct target *t;
	struct err e;

	(void)state;
	assert_int_equal(apply(ACTION_REMOVE, true, "post/r1/a11"), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(apply(ACTION_PUT, false, "wan"), ERR_ITEM_BAD);
	assert_int_equal(apply(ACTION_MAIL, true, "post/gone/a11"),
	    ERR_RETRY);
	assert_int_not_equal(access(in(NAME), F_OK), 0);
	assert_int_equal(target_open(&bad, NULL, &t, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "/nonexistent"));
}

/* The directory goes away: later, all of them. */
static void test_down(void **state)
{
	const struct target_conf c = { .name = "letters", .kind = "spool",
	    .dir = dir, .source = &source };
	const struct action act = { .kind = ACTION_MAIL, .tool = "post/r/a",
	    .notice = true, .key = KEY };
	const struct target_person p = { .id = "x" };
	struct target *t;

	(void)state;
	assert_int_equal(target_open(&c, NULL, &t, NULL), 0);
	assert_int_equal(rmdir(dir), 0);
	t->kind->apply(t, &p, &act, done, NULL);
	assert_int_equal(res.code, ERR_TARGET_DOWN);
	assert_non_null(strstr(res.err.text, dir));
	assert_string_equal(t->kind->describe(t), dir);
	target_close(t);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(test_file), CASE(test_again),
	    CASE(test_not), CASE(test_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
