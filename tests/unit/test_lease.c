/* SPDX-License-Identifier: ISC */
/*
 * The lease with a real slapd. Each daemon is a process of its own that does
 * nothing but hold the lease, so that it can be killed, stopped and given
 * another clock; it notes in shared memory from when until when it was the
 * holder. No two of these intervals may overlap, whatever happens.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/lease.h"
#include "directory/writer.h"
#include "slapd_run.h"

#define DN "provostJobId=lease,ou=jobs," SLAPD_SUFFIX
#define VALID (2 * CLOCK_SECOND)
#define PATIENCE (60 * CLOCK_SECOND)
#define SEATS 2
#define SPANS 4096
#define CSNS 65536

struct span {
	int who;
	_Atomic int64_t from, to;
};

struct shared {
	struct seat {
		atomic_bool stop;
		atomic_uint mine;	/* times it became the holder */
		atomic_bool now;
		atomic_int provider;	/* 0 one, 1 two, of those in use */
		atomic_uint written;	/* what a writer has done */
	} seat[SEATS];
	atomic_uint n_csns;
	char csn[CSNS][64];
	atomic_uint n;
	struct span span[SPANS];
};

static struct shared *sh;
static struct slapd_run slapd, second;	/* the latter is rarely used */
static bool astray;		/* what begins can't reach the first one */
static struct arena *a;
static pid_t pid[SEATS];
static struct err e;

/* --- daemons ------------------------------------------------------------ */

static int64_t wild(void)
{
	static _Atomic int64_t n;
	int64_t far = (int64_t)86400 * 365 * CLOCK_SECOND;

	/* A year forward, a year back, with every look. */
	return clock_boot() + (atomic_fetch_add(&n, 1) % 2 ? far : -far) +
	    10 * far;
}

/* As a daemon has them that can't reach the first one: astray. */
static struct ldapc_conf providers(void)
{
	static const char *uri[2];
	struct ldapc_conf c = slapd_run_daemon(&slapd);

	uri[0] = astray ? "ldapi://%2Fnonexistent%2Fldapi" : slapd.uri;
	uri[1] = second.uri;
	c.connect_timeout = VALID / 2;
	c.uris = (struct strv){ uri, second.pid != 0 ? 2 : 1, 2 };
	return c;
}

/* Writes all the time, each daemon to an entry of its own, and notes the CSNs,
 * which say where that was. */
static void *write_on(void *arg)
{
	struct writer *w = ((void **)arg)[0];
	int who = (int)(intptr_t)((void **)arg)[1];
	struct arena *own = arena_new();
	struct seat *s = &sh->seat[who];
	struct writer_result r;
	struct change *c;

	while (!atomic_load(&s->stop)) {
		arena_reset(own);
		c = change_new(own, CHANGE_MODIFY, who == 0 ?
		    "ou=jobs," SLAPD_SUFFIX : "ou=receipts," SLAPD_SUFFIX);
		change_set(own, c, MOD_REPLACE, "description",
		    arena_printf(own, "%u", atomic_load(&s->written)));
		if (writer_call(w, c, NULL, false, &r) == 0) {
			atomic_fetch_add(&s->written, 1);
			strcpy(sh->csn[atomic_fetch_add(&sh->n_csns, 1) %
			    CSNS], r.csn);
		}
		usleep(2000);
	}
	arena_free(own);
	return NULL;
}

/* The time first: what is noted was so at the time noted. */
static void watch(struct lease *l, int who)
{
	struct seat *s = &sh->seat[who];
	struct span *span = NULL;
	struct lease_state st;
	int64_t t;

	while (!atomic_load(&s->stop)) {
		lease_state(l, &st);
		atomic_store(&s->provider, *st.provider == '\0' ? -1 :
		    strcmp(st.provider, slapd.uri) != 0);
		t = clock_boot();
		if (!lease_mine(l)) {
			span = NULL;
			atomic_store(&s->now, false);
		} else if (span == NULL) {
			span = &sh->span[atomic_fetch_add(&sh->n, 1) % SPANS];
			span->who = who;
			atomic_store(&span->from, t);
			atomic_store(&span->to, t);
			atomic_fetch_add(&s->mine, 1);
			atomic_store(&s->now, true);
		} else {
			atomic_store(&span->to, t);
		}
		usleep(200);
	}
}

static void be_daemon(int who, bool mad)
{
	const char *const names[] = { "east", "west" };
	struct lease_conf c = { .ldap = providers(),
		.suffix = SLAPD_SUFFIX, .name = names[who], .valid = VALID };
	const struct writer_conf wc = { .ldap = c.ldap };
	void *arg[2] = { NULL, (void *)(intptr_t)who };
	pthread_t thread;
	struct lease *l;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mad)
		clock_set_source(wild);
	if (second.pid != 0 && (writer_start(&wc, NULL, &c.writer, &e) != 0 ||
	    (arg[0] = c.writer, pthread_create(&thread, NULL, write_on,
	    arg)) != 0))
		_exit(1);
	if (lease_start(&c, &l, &e) != 0)
		_exit(1);
	watch(l, who);
	if (second.pid != 0)
		pthread_join(thread, NULL);
	lease_stop(l);
	writer_stop(c.writer, 1);
	_exit(0);
}

static void begin(int who, bool mad)
{
	atomic_store(&sh->seat[who].stop, false);
	atomic_store(&sh->seat[who].now, false);
	pid[who] = fork();
	assert_true(pid[who] >= 0);
	if (pid[who] == 0)
		be_daemon(who, mad);
}

/* With a signal, or 0: cleanly. */
static void end(int who, int sig)
{
	int status;

	if (pid[who] <= 0)
		return;
	if (sig != 0)
		kill(pid[who], sig);
	atomic_store(&sh->seat[who].stop, true);
	assert_int_equal(waitpid(pid[who], &status, 0), pid[who]);
	assert_true(sig != 0 || (WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0));
	atomic_store(&sh->seat[who].now, false);
	pid[who] = 0;
}

static void wait_mine(int who)
{
	int64_t until = clock_boot() + PATIENCE;

	while (!atomic_load(&sh->seat[who].now)) {
		assert_true(clock_boot() < until);
		usleep(1000);
	}
}

/* --- the entry ------------------------------------------------------------ */

static struct entry *stored(struct ldapc *l)
{
	const struct ldapc_search q = { .base = DN, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)" };
	struct entry **v;
	size_t n;
	int rc = ldapc_search_all(l, a, &q, &v, &n, &e);

	return rc == 0 && n == 1 ? v[0] : NULL;
}

static struct ldapc *manager(void)
{
	const struct ldapc_conf c = slapd_run_manager(&slapd);
	struct ldapc *l = NULL;
	size_t first = 0;

	if (ldapc_open(&c, &first, &l, &e) != 0)
		fail_msg("%s", e.text);
	return l;
}

static void put(struct ldapc *l, const char *text)
{
	struct change *c = change_new(a, CHANGE_MODIFY, DN);
	struct ldapc_result r;

	change_set(a, c, MOD_REPLACE, "provostJobState", "held");
	change_set(a, c, MOD_REPLACE, "provostJobData", text);
	if (ldapc_change(l, a, c, &r, &e) != 0)
		fail_msg("%s", e.text);
}

/* The same with another provider; false: it was counted up meanwhile. */
static bool replaced(struct ldapc *l, const char **word, const char *uri)
{
	struct change *c = change_new(a, CHANGE_MODIFY, DN);
	struct ldapc_result r;

	change_set(a, c, MOD_DELETE, "provostJobData", arena_printf(a,
	    "%s %s %s %s", word[0], word[1], word[2], str_word(a, word[3])));
	change_set(a, c, MOD_ADD, "provostJobData", arena_printf(a,
	    "%s %s %s %s", word[0], word[1], word[2], str_word(a, uri)));
	return ldapc_change(l, a, c, &r, &e) == 0;
}

/* --- fixture --------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(sh != MAP_FAILED);
	slapd_run_start(&slapd);
	return 0;
}

/* Every two intervals of different daemons are apart. */
static void check_apart(void)
{
	unsigned n = atomic_load(&sh->n), i, j;

	assert_true(n <= SPANS);
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (sh->span[i].who != sh->span[j].who)
				assert_true(sh->span[i].from >
				    sh->span[j].to ||
				    sh->span[j].from > sh->span[i].to);
}

static int teardown(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SEATS; i++)
		end(i, SIGKILL);
	check_apart();
	memset(sh, 0, sizeof(*sh));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	slapd_run_free(&slapd);
	munmap(sh, sizeof(*sh));
	arena_free(a);
	return 0;
}

/* --- tests -------------------------------------------------------------------- */

static void test_clean_end_gives_back(void **state)
{
	struct ldapc *l = manager();
	const char *text;

	(void)state;
	begin(0, false);
	wait_mine(0);
	text = entry_get(stored(l), "provostJobData");
	assert_memory_equal(text, "east ", 5);
	assert_string_equal(entry_get(stored(l), "provostJobState"), "held");
	begin(1, false);
	end(0, 0);
	wait_mine(1);
	assert_int_equal(atomic_load(&sh->seat[1].mine), 1);
	end(1, 0);
	assert_string_equal(entry_get(stored(l), "provostJobState"), "free");
	ldapc_close(l);
}

static void test_killed_on_this_machine(void **state)
{
	(void)state;
	begin(0, false);
	wait_mine(0);
	begin(1, false);
	end(0, SIGKILL);
	wait_mine(1);
	begin(0, false);
	end(1, SIGKILL);
	wait_mine(0);
	end(0, 0);
}

/* Stopped, and overtaken, it finds its time over before anything else. */
static void test_stopped_holder(void **state)
{
	(void)state;
	begin(0, false);
	wait_mine(0);
	begin(1, false);
	kill(pid[0], SIGSTOP);
	atomic_store(&sh->seat[0].now, false);
	wait_mine(1);
	kill(pid[0], SIGCONT);
	/* Long enough to be sure that both have looked: the entry counts. */
	usleep(VALID);
	assert_int_equal(atomic_load(&sh->seat[0].mine), 1);
	assert_true(atomic_load(&sh->seat[1].now));
	end(1, 0);
	wait_mine(0);
	assert_int_equal(atomic_load(&sh->seat[0].mine), 2);
	end(0, 0);
}

static void wait_count(struct ldapc *l, int64_t more)
{
	int64_t until = clock_boot() + PATIENCE, first = 0, n = 0;
	const char *word[4];
	struct entry *en;

	do {
		assert_true(clock_boot() < until);
		usleep(10000);
		if ((en = stored(l)) == NULL || str_words(a, entry_get(en,
		    "provostJobData"), word, 4) != 4)
			continue;
		assert_true(str_int(word[2], &n));
		first = first == 0 ? n : first;
	} while (n < first + more);
}

/* Whose wall clock jumps neither loses it nor takes it from others. */
static void test_clock_jumps(void **state)
{
	struct ldapc *l = manager();
	int mad;

	(void)state;
	for (mad = 0; mad < SEATS; mad++) {
		begin(0, mad == 0);
		wait_mine(0);
		begin(1, mad == 1);
		wait_count(l, 8);
		assert_int_equal(atomic_load(&sh->seat[0].mine), mad + 1);
		assert_int_equal(atomic_load(&sh->seat[1].mine), 0);
		end(1, 0);
		end(0, 0);
	}
	ldapc_close(l);
}

/* One on another machine is believed as long as it counts. */
static void test_holder_elsewhere(void **state)
{
	struct ldapc *l = manager();
	int64_t last, gap = 0;
	int i;

	(void)state;
	begin(0, false);
	wait_mine(0);
	end(0, 0);
	put(l, "far:1 elsewhere:1:1:1:x 1000 ldap://far");
	begin(0, false);
	last = clock_boot();
	for (i = 1; i <= 12; i++) {
		usleep(VALID / 6);
		put(l, arena_printf(a,
		    "far:1 elsewhere:1:1:1:x %d ldap://far", 1000 + i));
		gap = clock_boot() - last > gap ? clock_boot() - last : gap;
		last = clock_boot();
	}
	/* A test that was held up itself has shown nothing. */
	if (gap < VALID)
		assert_int_equal(atomic_load(&sh->seat[0].mine), 1);
	wait_mine(0);
	end(0, 0);
	ldapc_close(l);
}

/* What nobody understands is somebody's, for a while. */
static void test_nonsense(void **state)
{
	struct ldapc *l = manager();

	(void)state;
	begin(0, false);
	wait_mine(0);
	put(l, "what is this");
	begin(1, false);
	while (!atomic_load(&sh->seat[1].now) &&
	    atomic_load(&sh->seat[0].mine) < 2)
		usleep(1000);
	ldapc_close(l);
}

/* Two that begin at once, again and again. */
static void test_race(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		begin(0, false);
		begin(1, false);
		while (!atomic_load(&sh->seat[0].now) &&
		    !atomic_load(&sh->seat[1].now))
			usleep(200);
		end(0, 0);
		wait_mine(1);
		end(1, 0);
	}
}

/* The directory is away, and comes back, while both look on. */
static void test_restarted_server(void **state)
{
	int i;

	(void)state;
	begin(0, false);
	wait_mine(0);
	begin(1, false);
	slapd_run_stop(&slapd, SIGKILL);
	slapd_run_start(&slapd);
	for (i = 0; i < SEATS; i++)
		atomic_store(&sh->seat[i].mine, 0);
	end(0, 0);
	wait_mine(1);
	end(1, 0);
}

/* --- two providers ------------------------------------------------------------ */

static void wait_provider(int provider)
{
	int64_t until = clock_boot() + PATIENCE;
	unsigned before;
	int i;

	for (i = 0; i < SEATS; i++) {
		while (atomic_load(&sh->seat[i].provider) != provider) {
			assert_true(clock_boot() < until);
			usleep(1000);
		}
		before = atomic_load(&sh->seat[i].written);
		while (atomic_load(&sh->seat[i].written) < before + 10) {
			assert_true(clock_boot() < until);
			usleep(1000);
		}
	}
}

static int by_text(const void *x, const void *y)
{
	return strcmp(x, y);
}

/* One that sees another provider than the one in use writes nowhere. */
static void one_astray(void)
{
	struct ldapc *l = manager();

	astray = true;
	begin(1, false);
	astray = false;
	while (atomic_load(&sh->seat[1].provider) != 0)
		usleep(1000);
	wait_count(l, 2 * 5);
	assert_int_equal(atomic_load(&sh->seat[1].written), 0);
	assert_int_equal(atomic_load(&sh->seat[1].mine), 0);
	end(1, 0);
	ldapc_close(l);
}

/* In the order of time: how often was the provider another one than that of
 * the write before, whoever wrote? */
static int changes_of_provider(void)
{
	unsigned n = atomic_load(&sh->n_csns), i;
	int changes = 0;

	assert_true(n > 100 && n <= CSNS);
	qsort(sh->csn, n, sizeof(sh->csn[0]), by_text);
	for (i = 1; i < n; i++)
		changes += strcmp(strstr(sh->csn[i], "#00000") + 7,
		    strstr(sh->csn[i - 1], "#00000") + 7) != 0;
	return changes;
}

/* An administrator names the other one. */
static void switch_by_hand(void)
{
	struct ldapc *l;
	const char *word[4];

	begin(0, false);
	begin(1, false);
	wait_provider(0);
	l = manager();
	do
		assert_int_equal(str_words(a, entry_get(stored(l),
		    "provostJobData"), word, 4), 4);
	while (!replaced(l, word, second.uri));
	ldapc_close(l);
	wait_provider(1);
}

/* Both write to one; when it dies both go over to the other, and stay there
 * when it is back, until that one dies. Nobody ever writes beside. */
static void test_providers(void **state)
{
	(void)state;
	assert_int_equal(slapd_run_new(&second, NULL), 0);
	slapd_run_stop(&slapd, SIGTERM);
	slapd_run_mirror(&slapd, &second);
	slapd_run_start(&slapd);
	slapd_run_start(&second);
	slapd_run_mirror_ready(&slapd, &second);
	begin(0, false);
	wait_mine(0);
	one_astray();
	begin(1, false);
	wait_provider(0);
	slapd_run_stop(&slapd, SIGKILL);
	wait_provider(1);
	slapd_run_start(&slapd);
	wait_provider(1);
	end(0, SIGKILL);
	begin(0, false);
	wait_provider(1);
	slapd_run_stop(&second, SIGKILL);
	wait_provider(0);
	slapd_run_start(&second);
	wait_provider(0);
	end(0, 0);
	end(1, 0);
	assert_int_equal(changes_of_provider(), 2);
	switch_by_hand();
	slapd_run_free(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_clean_end_gives_back, teardown),
		cmocka_unit_test_teardown(test_killed_on_this_machine,
		    teardown),
		cmocka_unit_test_teardown(test_stopped_holder, teardown),
		cmocka_unit_test_teardown(test_clock_jumps, teardown),
		cmocka_unit_test_teardown(test_holder_elsewhere, teardown),
		cmocka_unit_test_teardown(test_nonsense, teardown),
		cmocka_unit_test_teardown(test_race, teardown),
		cmocka_unit_test_teardown(test_restarted_server, teardown),
		cmocka_unit_test_teardown(test_providers, teardown),
	};

	if (slapd_run_new(&slapd, NULL) == 77)
		return 77;
	return cmocka_run_group_tests_name("lease", tests, setup, finish);
}
