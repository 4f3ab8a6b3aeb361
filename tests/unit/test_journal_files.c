/* SPDX-License-Identifier: ISC */
/* A journal of several files: closing them, dying at it, verifying, reading. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/journal.h"
#include "store/journal_file.h"
#include "store/journal_line.h"
#include "store/journal_read.h"
#include "store/journal_verify.h"
#include "store_util.h"

static void add_line(struct journal *j, uint32_t n)
{
	struct arena *a = arena_new();
	struct entry en = { .dn = arena_printf(a, "provostPersonId=%u,"
	    "ou=people", n), .csn = util_csn(a, 1), .creator = "cn=maker",
	    .modifier = "" };

	util_uuid(en.uuid, n);
	entry_add(a, &en, "cn", "x");
	journal_diff(j, NULL, &en, "");
	arena_free(a);
}

/* Lines from 1, k files of each lines, and journal.jsonl with as many. */
static void add_files(struct journal *j, unsigned k, unsigned each)
{
	struct err e = { 0 };
	unsigned i;

	for (i = 0; i < (k + 1) * each; i++) {
		if (i > 0 && i % each == 0) {
			journal_ask(j);
			if (journal_rotate(j, &e) != 0)
				fail_msg("%s", e.text);
		}
		add_line(j, i + 1);
		assert_int_equal(journal_flush(j, NULL), 0);
	}
}

static void expect_good(const char *dir, unsigned files, uint64_t first,
    uint64_t last)
{
	struct journal_check k;
	struct err e = { 0 };

	if (journal_verify(dir, &k, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(k.files, files);
	assert_int_equal(k.first, first);
	assert_int_equal(k.last, last);
	assert_int_equal(k.lines, last == 0 ? 0 : last - first + 1);
}

/* The error names this file, line and fault. */
static void expect_bad(const char *dir, const char *file, unsigned line,
    const char *why)
{
	struct journal_check k;
	struct err e = { 0 };
	char where[64];

	assert_int_equal(journal_verify(dir, &k, &e), ERR_CORRUPT);
	snprintf(where, sizeof(where), "%s: line %u: ", file, line);
	if (strstr(e.text, where) == NULL || strstr(e.text, why) == NULL)
		fail_msg("\"%s\", not \"%s ... %s\"", e.text, where, why);
}

/* --- files and their bytes --------------------------------------------------- */

static char *path_of(const char *dir, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static char *slurp(const char *dir, const char *name, size_t *n)
{
	FILE *f = fopen(path_of(dir, name), "r");
	char *p = malloc(1 << 20);

	assert_non_null(f);
	*n = fread(p, 1, (1 << 20) - 1, f);
	p[*n] = '\0';
	fclose(f);
	return p;
}

static void spew(const char *dir, const char *name, const char *p, size_t n)
{
	FILE *f = fopen(path_of(dir, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

#define FIRST "journal-000000000001.jsonl"
#define SECOND "journal-000000000005.jsonl"
#define THIRD "journal-000000000009.jsonl"
#define LAST "journal.jsonl"

/* --- closing ----------------------------------------------------------------- */

static void test_closed_at_a_size(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	struct stat sb;
	uint32_t i;

	(void)state;
	journal_limit(j, 2000);
	for (i = 1; i <= 40; i++) {
		add_line(j, i);
		/* Nothing is closed while something is queued. */
		assert_int_equal(journal_rotate(j, NULL), 0);
		assert_int_equal(stat(path_of(dir, LAST), &sb), 0);
		assert_true(sb.st_size < 2000);
		assert_int_equal(journal_flush(j, NULL), 0);
		assert_int_equal(journal_rotate(j, NULL), 0);
	}
	assert_int_equal(journal_last(j), 40);
	journal_close(j);
	expect_good(dir, 6, 1, 40);
	util_rmdir(dir);
}

/* Asked for with nothing in the file: there is nothing to close. */
static void test_asked(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);

	(void)state;
	journal_ask(j);
	assert_int_equal(journal_rotate(j, NULL), 0);
	add_files(j, 2, 4);
	journal_ask(j);
	assert_int_equal(journal_rotate(j, NULL), 0);
	assert_int_equal(journal_rotate(j, NULL), 0);
	expect_good(dir, 4, 1, 12);
	/* The chain goes on from what is closed, also after a restart. */
	journal_close(j);
	j = util_journal(dir, NULL);
	assert_int_equal(journal_last(j), 12);
	add_line(j, 13);
	journal_close(j);
	expect_good(dir, 4, 1, 13);
	util_rmdir(dir);
}

static void test_doubles(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	const char *note;
	uint32_t i;

	(void)state;
	add_files(j, 3, 4);
	journal_close(j);
	j = util_journal(dir, &note);
	assert_null(note);
	for (i = 1; i <= 17; i++)
		add_line(j, i);
	journal_close(j);
	expect_good(dir, 4, 1, 17);
	j = util_journal(dir, NULL);
	assert_int_equal(journal_recall(j, NULL), 0);
	for (i = 1; i <= 18; i++)
		add_line(j, i);
	journal_close(j);
	expect_good(dir, 4, 1, 18);
	util_rmdir(dir);
}

/* A file whose new name is taken stays open, and the journal goes on. */
static void test_cannot_close(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	struct err e = { 0 };

	(void)state;
	add_files(j, 0, 4);
	spew(dir, FIRST, "mine\n", 5);
	journal_ask(j);
	assert_int_equal(journal_rotate(j, &e), ERR_IO);
	assert_non_null(strstr(e.text, FIRST));
	add_line(j, 5);
	assert_int_equal(journal_flush(j, NULL), 0);
	assert_int_equal(unlink(path_of(dir, FIRST)), 0);
	assert_int_equal(journal_rotate(j, NULL), 0);
	add_line(j, 6);
	journal_close(j);
	expect_good(dir, 2, 1, 6);
	util_rmdir(dir);
}

static const char *const steps[] = { "journal-next:1", "journal-next:2",
    "journal-linked:1", "journal-linked:2", "journal-renamed:1",
    "journal-renamed:2" };
#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

/* In a process of its own, which reads the step but once. */
static void die_at(const char *step, const char *dir)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setenv("PROVOST_FAILPOINT", step, 1);
		add_files(util_journal(dir, NULL), 2, 4);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
}

/* Killed at every step of closing, the first and the second time: nothing is
 * lost and nothing comes twice. Must be the first test. */
static void test_kill(void **state)
{
	char *dir[N_STEPS];
	struct journal *j;
	const char *note;
	size_t i;

	(void)state;
	for (i = 0; i < N_STEPS; i++) {
		dir[i] = util_dir();
		die_at(steps[i], dir[i]);
	}
	for (i = 0; i < N_STEPS; i++) {
		unsigned n = strchr(steps[i], '2') != NULL ? 2 : 1;

		expect_good(dir[i], n + (strncmp(steps[i], "journal-r", 9) ==
		    0), 1, n * 4);
		j = util_journal(dir[i], &note);
		assert_null(note);
		assert_int_equal(journal_last(j), n * 4);
		add_files(j, 2, 4);
		journal_close(j);
		expect_good(dir[i], 3, 1, 12);
		util_rmdir(dir[i]);
	}
}

/* --- verifying --------------------------------------------------------------- */

static void test_bit_flips(void **state)
{
	char *dir = util_dir(), *all;
	struct journal *j = util_journal(dir, NULL);
	size_t n, i;
	unsigned line = 1;

	(void)state;
	add_files(j, 3, 4);
	journal_close(j);
	all = slurp(dir, SECOND, &n);
	for (i = 0; i < n; i++) {
		all[i] ^= 4;
		spew(dir, SECOND, all, n);
		all[i] ^= 4;
		/* Without its end a line runs into the next. */
		expect_bad(dir, i == n - 1 ? "" : SECOND, line, "");
		line += all[i] == '\n';
	}
	spew(dir, SECOND, all, n);
	expect_good(dir, 4, 1, 16);
	free(all);
	util_rmdir(dir);
}

static void test_lines_gone(void **state)
{
	char *dir = util_dir(), *all, *bad, *line[5];
	struct journal *j = util_journal(dir, NULL);
	size_t n, i;

	(void)state;
	add_files(j, 3, 4);
	journal_close(j);
	all = slurp(dir, SECOND, &n);
	bad = calloc(1, n + 1);
	line[0] = all;
	for (i = 1; i < 5; i++)
		line[i] = strchr(line[i - 1], '\n') + 1;
	/* The second line deleted. */
	memcpy(bad, all, (size_t)(line[1] - all));
	memcpy(bad + (line[1] - all), line[2], n - (size_t)(line[2] - all));
	spew(dir, SECOND, bad, n - (size_t)(line[2] - line[1]));
	expect_bad(dir, SECOND, 2, "missing before it: 6 to 6");
	/* The second and the third swapped. */
	memcpy(bad + (line[1] - all), line[2], (size_t)(line[3] - line[2]));
	memcpy(bad + (line[1] - all) + (line[3] - line[2]), line[1],
	    (size_t)(line[2] - line[1]));
	memcpy(bad + (line[3] - all), line[3], n - (size_t)(line[3] - all));
	spew(dir, SECOND, bad, n);
	expect_bad(dir, SECOND, 2, "missing before it: 6 to 6");
	/* Its end cut off, at a line's end and within a line. */
	spew(dir, SECOND, all, (size_t)(line[3] - all));
	expect_bad(dir, THIRD, 1, "missing before it: 8 to 8");
	spew(dir, SECOND, all, n - 3);
	expect_bad(dir, SECOND, 4, "torn");
	/* Put in once more, with a name that is not its own. */
	spew(dir, SECOND, all, n);
	spew(dir, "journal-000000000006.jsonl", all, n);
	expect_bad(dir, "journal-000000000006.jsonl", 1, "file's name");
	unlink(path_of(dir, "journal-000000000006.jsonl"));
	expect_good(dir, 4, 1, 16);
	free(bad);
	free(all);
	util_rmdir(dir);
}

static void test_files_gone(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);

	(void)state;
	add_files(j, 3, 4);
	journal_close(j);
	/* Archived elsewhere: what is here stands for itself. */
	assert_int_equal(unlink(path_of(dir, FIRST)), 0);
	expect_good(dir, 3, 5, 16);
	/* A hole is none of that. */
	assert_int_equal(unlink(path_of(dir, THIRD)), 0);
	expect_bad(dir, LAST, 1, "missing before it: 9 to 12");
	util_rmdir(dir);
}

/* --- reading ----------------------------------------------------------------- */

/* All lines behind since, as far as upto. */
static void expect_lines(const char *dir, uint64_t since, uint64_t upto)
{
	struct journal_cursor *c;
	struct journal_line l;
	struct err e = { 0 };
	const char *line;
	uint64_t oldest;
	size_t n;

	if (journal_cursor_open(dir, since, &c, &oldest, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(journal_cursor_at(c), since);
	for (; since < upto; since++) {
		if (journal_cursor_next(c, upto, &line, &n, &e) != 0)
			fail_msg("%s", e.text);
		assert_true(journal_line_parse(line, n, &l));
		assert_int_equal(l.seq, since + 1);
	}
	assert_int_equal(journal_cursor_next(c, upto, &line, &n, &e),
	    ERR_NOT_FOUND);
	journal_cursor_close(c);
}

static void test_read(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	struct journal_cursor *c;
	struct err e = { 0 };
	uint64_t i, oldest;

	(void)state;
	expect_lines(dir, 0, 0);
	add_files(j, 3, 4);
	for (i = 0; i <= 16; i++)
		expect_lines(dir, i, 16);
	expect_lines(dir, 3, 9);
	journal_ask(j);
	assert_int_equal(journal_rotate(j, NULL), 0);
	for (i = 0; i <= 16; i++)
		expect_lines(dir, i, 16);
	assert_int_equal(unlink(path_of(dir, FIRST)), 0);
	assert_int_equal(journal_cursor_open(dir, 3, &c, &oldest, &e),
	    ERR_NOT_FOUND);
	assert_int_equal(oldest, 5);
	expect_lines(dir, 4, 16);
	journal_close(j);
	util_rmdir(dir);
}

/* A damaged line is not passed over in silence, but one may go on behind. */
static void test_read_damaged(void **state)
{
	char *dir = util_dir(), *all;
	struct journal *j = util_journal(dir, NULL);
	struct journal_cursor *c;
	struct err e = { 0 };
	uint64_t oldest;
	const char *line;
	size_t n, i;

	(void)state;
	add_files(j, 3, 4);
	journal_close(j);
	all = slurp(dir, SECOND, &n);
	for (i = 0; i < 40; i += 13) {
		char *at = strchr(all, '\n') + 1 + i;

		*at ^= 4;
		spew(dir, SECOND, all, n);
		*at ^= 4;
		assert_int_equal(journal_cursor_open(dir, 4, &c, &oldest, &e),
		    0);
		assert_int_equal(journal_cursor_next(c, 16, &line, &n, &e), 0);
		assert_int_equal(journal_cursor_next(c, 16, &line, &n, &e),
		    ERR_CORRUPT);
		assert_non_null(strstr(e.text, "since=6"));
		journal_cursor_close(c);
		expect_lines(dir, 6, 16);
		n = strlen(all);
	}
	free(all);
	util_rmdir(dir);
}

/* Files of some size: any place in them is found. */
static void test_read_large(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	uint32_t i;
	uint64_t at;

	(void)state;
	for (i = 1; i <= 12000; i++) {
		add_line(j, i);
		if (i == 5000)
			journal_ask(j);
		if (i % 1000 == 0) {
			assert_int_equal(journal_flush(j, NULL), 0);
			assert_int_equal(journal_rotate(j, NULL), 0);
		}
	}
	for (i = 0; i < 200; i++) {
		at = util_random(12001);
		expect_lines(dir, at, at + 10 < 12000 ? at + 10 : 12000);
	}
	journal_close(j);
	util_rmdir(dir);
}

struct follower {
	struct journal *j;
	const char *dir;
	uint64_t until, seen;
	char wrong[512];
};

static void *follow(void *arg)
{
	struct follower *f = arg;
	struct journal_cursor *c;
	struct err e = { 0 };
	const char *line;
	uint64_t oldest;
	size_t n;
	int rc = journal_cursor_open(f->dir, 0, &c, &oldest, &e);

	while (rc == 0 && f->seen < f->until) {
		rc = journal_cursor_next(c, journal_last(f->j), &line, &n, &e);
		if (rc == 0)
			f->seen++;
		if (rc != ERR_NOT_FOUND)
			continue;
		rc = 0;
		journal_wait(f->j, f->seen, clock_mono() + CLOCK_SECOND);
	}
	if (rc != 0)
		snprintf(f->wrong, sizeof(f->wrong), "%s", e.text);
	else
		journal_cursor_close(c);
	return NULL;
}

/* Readers follow while lines are written and files closed. */
static void test_follow(void **state)
{
	char *dir = util_dir();
	struct journal *j = util_journal(dir, NULL);
	struct follower f[3];
	pthread_t t[3];
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		f[i] = (struct follower){ .j = j, .dir = dir, .until = 3000 };
		assert_int_equal(pthread_create(&t[i], NULL, follow, &f[i]),
		    0);
	}
	journal_limit(j, 4000);
	for (i = 1; i <= 3000; i++) {
		add_line(j, i);
		if (i % 3 == 0) {
			assert_int_equal(journal_flush(j, NULL), 0);
			assert_int_equal(journal_rotate(j, NULL), 0);
		}
	}
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		assert_string_equal(f[i].wrong, "");
		assert_int_equal(f[i].seen, 3000);
	}
	journal_close(j);
	util_rmdir(dir);
}

/* --- what is there already (C9) ------------------------------------------------ */

/* Two lines as versions without closed files and batches wrote them. */
static const char old_lines[] =
    "{\"seq\":1,\"time\":\"2026-11-26T17:39:08Z\",\"op\":\"add\","
    "\"uuid\":\"0704e912-7e0c-1041-9d43-adc03f0e6b53\",\"csn\":\""
    "20261126173908.366173Z#000000#000#000000\",\"dn\":\"dc=examp"
    "le,dc=com\",\"by\":\"cn=manager,dc=example,dc=com\",\"add\":"
    "{\"objectClass\":[\"dcObject\",\"organization\"],\"dc\":[\"e"
    "xample\"],\"o\":[\"example\"]},\"prev\":\"000000000000000000"
    "0000000000000000000000000000000000000000000000\",\"sum\":\"c"
    "8e5260fa2fa3233\"}\n"
    "{\"seq\":2,\"time\":\"2026-11-26T17:39:08Z\",\"op\":\"add\","
    "\"uuid\":\"0704ec78-7e0c-1041-9d44-adc03f0e6b53\",\"csn\":\""
    "20261126173908.366314Z#000000#000#000000\",\"dn\":\"ou=polic"
    "ies,dc=example,dc=com\",\"by\":\"cn=manager,dc=example,dc=co"
    "m\",\"add\":{\"objectClass\":[\"organizationalUnit\"],\"ou\""
    ":[\"policies\"],\"description\":[\"password policies\"]},\"p"
    "rev\":\"75f5f1c968d1ddc9a5d23182917331c200d664c0ae86c9caea16"
    "c2827d702bc9\",\"sum\":\"432fe1448050f290\"}\n";

static void test_old_version(void **state)
{
	char *dir = util_dir();
	struct entry en = { .dn = "ou=policies,dc=example,dc=com", .csn = "20261126173908.366314Z#000000#000#000000" };
	struct arena *a = arena_new();
	struct journal *j;
	const char *note;

	(void)state;
	spew(dir, LAST, old_lines, sizeof(old_lines) - 1);
	j = util_journal(dir, &note);
	assert_null(note);
	assert_int_equal(journal_last(j), 2);
	/* Known as a double, or the next start would write it again. */
	assert_true(str_uuid("0704ec78-7e0c-1041-9d44-adc03f0e6b53", en.uuid));
	entry_add(a, &en, "ou", "x");
	journal_diff(j, NULL, &en, "");
	journal_ask(j);
	assert_int_equal(journal_flush(j, NULL), 0);
	assert_int_equal(journal_rotate(j, NULL), 0);
	add_line(j, 3);
	journal_close(j);
	expect_good(dir, 2, 1, 3);
	expect_lines(dir, 0, 3);
	arena_free(a);
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_closed_at_a_size),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_cannot_close),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_lines_gone),
		cmocka_unit_test(test_files_gone),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_damaged),
		cmocka_unit_test(test_read_large),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_old_version),
	};

	util_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
