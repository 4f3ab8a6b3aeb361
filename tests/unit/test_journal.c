/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/counters.h"
#include "store/journal.h"
#include "store/journal_file.h"
#include "store/journal_verify.h"
#include "store_util.h"

/* --- a file and its bytes --------------------------------------------------- */

static char path[4096];

static char *start(void)
{
	char *dir = util_dir();

	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	return dir;
}

static char *slurp(size_t *n)
{
	FILE *f = fopen(path, "r");
	char *p = malloc(1 << 22);

	assert_non_null(f);
	*n = fread(p, 1, (1 << 22) - 1, f);
	p[*n] = '\0';
	fclose(f);
	return p;
}

static void spew(const char *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void expect_good(uint64_t n)
{
	struct err e = { 0 };
	struct journal_check k;

	if (journal_verify(path, &k, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(k.lines, n);
}

static void expect_bad(uint64_t line, const char *why)
{
	struct err e = { 0 };
	struct journal_check k;
	char text[32];

	assert_int_equal(journal_verify(path, &k, &e), ERR_CORRUPT);
	snprintf(text, sizeof(text), "line %u:", (unsigned)line);
	assert_non_null(strstr(e.text, text));
	assert_non_null(strstr(e.text, why));
	assert_int_equal(k.lines, line - 1);
}

/* --- entries ----------------------------------------------------------------- */

static struct entry *entry(struct arena *a, uint32_t n, uint32_t csn)
{
	struct entry *en = arena_alloc(a, sizeof(*en));

	en->dn = arena_printf(a, "provostPersonId=%u,ou=people", n);
	en->csn = util_csn(a, csn);
	en->creator = "cn=maker";
	en->modifier = "cn=changer";
	util_uuid(en->uuid, n);
	return en;
}

static void add_lines(struct journal *j, uint32_t from, uint32_t n)
{
	struct arena *a = arena_new();
	uint32_t i;

	for (i = from; i < from + n; i++) {
		struct entry *en = entry(a, i, 1);

		entry_add(a, en, "cn", "x");
		journal_diff(j, NULL, en, "");
	}
	assert_int_equal(journal_flush(j, NULL), 0);
	arena_free(a);
}

/* The file holds text exactly so often. */
static void expect_text(const char *text, int times)
{
	size_t n;
	char *p = slurp(&n), *q = p;
	int found = 0;

	while ((q = strstr(q, text)) != NULL) {
		found++;
		q++;
	}
	if (found != times)
		fail_msg("\"%s\" %d times instead of %d in: %s", text, found,
		    times, p);
	free(p);
}

static void test_lines(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	struct arena *a = arena_new();
	struct entry *old = entry(a, 1, 1), *now = entry(a, 1, 2);
	int64_t before = counter_get(C_JOURNAL_LINES);

	(void)state;
	entry_add(a, old, "cn", "Ann");
	entry_add(a, old, "provostCompany", "acme");
	entry_add(a, old, "provostCompany", "beta");
	entry_add(a, now, "CN", "Ann");
	entry_add(a, now, "provostCompany", "beta");
	entry_add(a, now, "provostCompany", "corp");
	entry_add(a, now, "provostRole", "a\"b\\c\n\x1b[31m\xe2\x80\xae");
	journal_diff(j, NULL, old, "");
	journal_diff(j, old, now, "");
	journal_diff(j, now, NULL, "cn=deleter");
	journal_refused(j, "client:x", "PATCH /Users/1", "no scope");
	assert_int_equal(journal_flush(j, NULL), 0);
	assert_int_equal(counter_get(C_JOURNAL_LINES) - before, 4);
	journal_close(j);
	expect_good(4);
	expect_text("{\"seq\":1,\"time\":\"", 1);
	expect_text("\"op\":\"add\",\"uuid\":\"", 1);
	expect_text("\"by\":\"cn=maker\",\"add\":{\"cn\":[\"Ann\"],"
	    "\"provostCompany\":[\"acme\",\"beta\"]},\"prev\":\"000000", 1);
	expect_text("\"by\":\"cn=changer\",\"add\":{\"provostCompany\":"
	    "[\"corp\"],\"provostRole\":[\"a\\\"b\\\\c\\u000a\\u001b[31m"
	    "\\u202e\"]},\"del\":{\"provostCompany\":[\"acme\"]},\"prev\"", 1);
	expect_text("\"op\":\"delete\"", 1);
	expect_text("\"by\":\"cn=deleter\",\"del\":{\"CN\"", 1);
	expect_text("\"op\":\"refused\",\"by\":\"client:x\",\"what\":"
	    "\"PATCH /Users/1\",\"why\":\"no scope\"", 1);
	arena_free(a);
	util_rmdir(dir);
}

static void test_left_out(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	struct arena *a = arena_new();
	struct entry *old = entry(a, 1, 1), *now = entry(a, 1, 2);
	char *big = arena_alloc(a, 70001);

	(void)state;
	entry_add(a, old, "cn", "Ann");
	entry_add(a, now, "cn", "Ann");
	entry_add(a, now, "pwdFailureTime", "20261122090000Z");
	journal_diff(j, old, now, "");
	assert_int_equal(journal_flush(j, NULL), 0);
	expect_good(0);
	now = entry(a, 1, 3);
	entry_add(a, now, "cn", "Ann");
	entry_add(a, now, "provostTokenHash", "deadbeef -");
	entry_add_n(a, now, "provostPhoto", "\xff\x00\x01", 3);
	memset(big, 'x', 70000);
	entry_add(a, now, "provostPreference", big);
	journal_diff(j, old, now, "");
	now = entry(a, 1, 4);
	now->dn = "provostPersonId=1,ou=elsewhere";
	entry_add(a, now, "cn", "Ann");
	journal_diff(j, old, now, "");
	journal_close(j);
	expect_good(2);
	expect_text("deadbeef", 0);
	expect_text("\"provostTokenHash\":[\"*\"]", 1);
	expect_text("\"provostPhoto\":[{\"base64\":\"/wAB\"}]", 1);
	expect_text("\",\"size\":70000}]", 1);
	expect_text("\"dn\":\"provostPersonId=1,ou=elsewhere\",\"from\":"
	    "\"provostPersonId=1,ou=people\"", 1);
	arena_free(a);
	util_rmdir(dir);
}

/* A line of any size stays readable. */
static void test_cut(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	struct arena *a = arena_new();
	struct entry *en = entry(a, 1, 1);
	char *big = arena_alloc(a, 60001);
	int i;

	(void)state;
	memset(big, 'x', 60000);
	for (i = 0; i < 200; i++) {
		big[0] = (char)('0' + i % 60);
		big[1] = (char)('0' + i / 60);
		entry_add(a, en, "provostPreference", big);
	}
	journal_diff(j, NULL, en, "");
	add_lines(j, 2, 1);
	journal_close(j);
	expect_good(2);
	expect_text("\"by\":\"cn=maker\",\"cut\":true,\"prev\"", 1);
	j = util_journal(dir, NULL);
	add_lines(j, 1, 3);
	journal_close(j);
	expect_good(3);
	arena_free(a);
	util_rmdir(dir);
}

static void test_doubles(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	struct arena *a = arena_new();
	struct entry *en = entry(a, 1, 1);

	(void)state;
	add_lines(j, 1, 10);
	add_lines(j, 1, 12);
	expect_good(12);
	journal_close(j);
	/* After a crash the same comes again. */
	j = util_journal(dir, NULL);
	add_lines(j, 5, 10);
	expect_good(14);
	/* A deletion carries the CSN of what it deletes: it is no double. */
	journal_diff(j, en, NULL, "");
	journal_diff(j, en, NULL, "");
	assert_int_equal(journal_flush(j, NULL), 0);
	expect_good(15);
	assert_int_equal(journal_recall(j, NULL), 0);
	add_lines(j, 1, 14);
	journal_diff(j, en, NULL, "");
	journal_close(j);
	expect_good(15);
	arena_free(a);
	util_rmdir(dir);
}

/* Cut within the last line, at every byte: it goes, the rest stays and the
 * journal goes on. */
static void test_torn(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	const char *note;
	size_t n, last, cut;
	char *all;

	(void)state;
	add_lines(j, 1, 5);
	journal_close(j);
	all = slurp(&n);
	for (last = n - 1; all[last - 1] != '\n'; last--)
		;
	for (cut = last; cut <= n; cut++) {
		spew(all, cut);
		j = util_journal(dir, &note);
		assert_int_equal(note != NULL, cut > last && cut < n);
		expect_good(cut < n ? 4 : 5);
		add_lines(j, 5, 2);
		journal_close(j);
		expect_good(6);
	}
	free(all);
	util_rmdir(dir);
}

/* The last line damaged, zeroed or followed by zeros. */
static void test_damaged_tail(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	const char *note;
	size_t n, last, i;
	char *all, *bad;

	(void)state;
	add_lines(j, 1, 5);
	journal_close(j);
	all = slurp(&n);
	for (last = n - 1; all[last - 1] != '\n'; last--)
		;
	bad = malloc(n + 4096);
	for (i = last; i <= n + 1; i++) {
		memcpy(bad, all, n);
		memset(bad + n, 0, 4096);
		if (i < n)
			bad[i] ^= 1;
		else if (i == n)
			memset(bad + last, 0, n - last);
		spew(bad, i > n ? n + 4096 : n);
		expect_bad(i > n ? 6 : 5, "");
		j = util_journal(dir, &note);
		assert_non_null(note);
		add_lines(j, 1, 6);
		journal_close(j);
		expect_good(6);
	}
	free(bad);
	free(all);
	util_rmdir(dir);
}

/* Whatever is changed in the middle, or taken out, is found. */
static void test_verify(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	char *all, *line3, *line4, *bad;
	const char *note;
	size_t n, i;

	(void)state;
	add_lines(j, 1, 6);
	journal_close(j);
	all = slurp(&n);
	bad = malloc(n + 1);
	line3 = strchr(strchr(all, '\n') + 1, '\n') + 1;
	line4 = strchr(line3, '\n') + 1;
	for (i = (size_t)(line3 - all); i < (size_t)(line4 - all) - 1; i++) {
		memcpy(bad, all, n + 1);
		bad[i] ^= 4;
		spew(bad, n);
		expect_bad(3, "");
	}
	/* Good lines behind: kept for whoever looks into it, but told. */
	j = util_journal(dir, &note);
	assert_non_null(note);
	add_lines(j, 7, 1);
	journal_close(j);
	expect_bad(3, "damaged");
	memmove(bad, all, n);
	memmove(bad + (line3 - all), line4, n - (size_t)(line4 - all));
	spew(bad, n - (size_t)(line4 - line3));
	expect_bad(3, "missing");
	spew(all, (size_t)(line4 - all) - 1);
	expect_bad(3, "torn");
	/* A part of a longer journal stands for itself. */
	spew(line3, n - (size_t)(line3 - all));
	expect_good(4);
	free(bad);
	free(all);
	util_rmdir(dir);
}

static void test_not_ours(void **state)
{
	char *dir = start();
	struct journal *j, *other;
	const char *note;
	struct err e = { 0 };

	(void)state;
	spew("hello\nworld\n", 12);
	assert_int_equal(journal_open(dir, &j, &note, &e), ERR_CORRUPT);
	expect_text("hello\nworld\n", 1);
	unlink(path);
	j = util_journal(dir, NULL);
	assert_int_equal(journal_open(dir, &other, &note, &e), ERR_BUSY);
	journal_close(j);
	util_rmdir(dir);
}

/* A disk without room: nothing of the batch counts, and the next one does. */
static void test_no_room(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	struct arena *a = arena_new();
	struct rlimit old, low;
	struct err e = { 0 };
	struct stat sb;
	uint32_t i;

	(void)state;
	add_lines(j, 1, 5);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)sb.st_size + 500;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	for (i = 6; i < 20; i++)
		journal_diff(j, NULL, entry(a, i, 1), "");
	assert_int_equal(journal_flush(j, &e), ERR_IO);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	expect_good(5);
	/* Not written, so not doubles either. */
	add_lines(j, 6, 14);
	expect_good(19);
	journal_close(j);
	expect_good(19);
	arena_free(a);
	util_rmdir(dir);
}

static void *refuse(void *arg)
{
	int i;

	for (i = 0; i < 300; i++)
		journal_refused(arg, "client:x", "DELETE /Users/1", "no");
	return NULL;
}

static void test_threads(void **state)
{
	char *dir = start();
	struct journal *j = util_journal(dir, NULL);
	pthread_t t[3];
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, refuse, j), 0);
	for (i = 0; i < 40; i++)
		add_lines(j, i * 10, 10);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	/* Written through: there without a flush. */
	expect_good(3 * 300 + 400);
	journal_close(j);
	util_rmdir(dir);
}

/* Killed at any moment: what was flushed is there, and the journal goes on. */
static void test_kill(void **state)
{
	char *dir = start();
	uint32_t said = 0, n;
	int p[2], status, i;
	struct journal_check k;
	pid_t pid;

	(void)state;
	for (i = 0; i < 8; i++) {
		struct journal *j;

		assert_int_equal(pipe(p), 0);
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			j = util_journal(dir, NULL);
			for (n = said;; n += 7) {
				add_lines(j, n, 7);
				if (write(p[1], &n, sizeof(n)) < 0)
					_exit(1);
			}
		}
		close(p[1]);
		assert_int_equal(read(p[0], &said, sizeof(said)),
		    sizeof(said));
		usleep(util_random(15000));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		while (read(p[0], &n, sizeof(n)) == (ssize_t)sizeof(n))
			said = n;
		close(p[0]);
		said += 7;
		j = util_journal(dir, NULL);
		journal_close(j);
		assert_int_equal(journal_verify(path, &k, NULL), 0);
		assert_true(k.lines >= said);
	}
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_damaged_tail),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
