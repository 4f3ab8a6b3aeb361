/* SPDX-License-Identifier: ISC */
/* Against a private slapd, with a view that follows it: many steps outstanding
 * at once, one that has moved midway, dying and going on. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/apply.h"
#include "directory/sync.h"
#include "map_small.h"
#include "people_fixture.h"
#include "slapd_run.h"

#define N 120			/* steps: a third of each kind */
#define PATIENCE (20 * CLOCK_SECOND)

static struct slapd_run slapd;
static struct scim_map *map;
static struct view *view;
static struct journal *journal;
static struct sync *sync_thread;
static struct writer *writer;
static struct err e;

/* --- the parts ---------------------------------------------------------- */

static void must(int rc)
{
	if (rc != 0)
		fail_msg("%s", e.text);
}

static void wait_connected(void)
{
	int64_t end = clock_mono() + PATIENCE;
	struct sync_state s;

	do {
		usleep(2000);
		sync_state(sync_thread, &s);
	} while (!s.connected && clock_mono() < end);
	assert_true(s.connected);
}

static void up(void)
{
	struct view_conf vc = { .dir = arena_printf(a, "%s/view", slapd.dir),
		.map_size = (size_t)64 << 20, .fingerprint = map->fingerprint,
		.n_indexes = map->n_indexes };
	struct sync_conf sc = { .ldap = slapd_run_daemon(&slapd),
		.base = SLAPD_SUFFIX, .accesslog = "",
		.sweep = { 1000, UINT64_MAX, 0 } };
	struct writer_conf wc = { .ldap = slapd_run_daemon(&slapd),
		.wait = 5 * CLOCK_SECOND };
	const char *note;
	bool fresh;

	must(view_open(&vc, &view, &fresh, &e));
	must(journal_open(slapd.dir, &journal, &note, &e));
	must(sync_start(&sc, map, view, journal, &sync_thread, &e));
	must(writer_start(&wc, view, &writer, &e));
	wait_connected();
}

static void down(void)
{
	writer_stop(writer, 5);
	sync_stop(sync_thread);
	journal_close(journal);
	view_close(view);
	writer = NULL;
}

static struct change *addition(const char *id)
{
	struct change *c = person(id);

	entry_add(a, c->entry, "userPassword", "a-secret-of-people");
	return c;
}

/* By the manager, past the daemon; its CSN. */
static const char *past(struct change *c, uint8_t uuid[16])
{
	struct ldapc_conf conf = slapd_run_manager(&slapd);
	struct ldapc_result r;
	struct ldapc *l;
	size_t start = 0;

	must(ldapc_open(&conf, &start, &l, &e));
	must(ldapc_change(l, a, c, &r, &e));
	ldapc_close(l);
	if (uuid != NULL && r.entry != NULL)
		memcpy(uuid, r.entry->uuid, 16);
	return r.entry != NULL ? arena_strdup(a, r.entry->csn) : "";
}

/* How many people have this value; -1: cannot be asked. */
static int count(const char *filter)
{
	struct ldapc_conf conf = slapd_run_manager(&slapd);
	struct ldapc_search s = { .base = SLAPD_PEOPLE, .scope = SCOPE_ONE,
		.filter = filter };
	struct entry **en;
	struct ldapc *l;
	size_t start = 0, n;

	must(ldapc_open(&conf, &start, &l, &e));
	must(ldapc_search_all(l, a, &s, &en, &n, &e));
	ldapc_close(l);
	return (int)n;
}

/* --- a list of steps ------------------------------------------------------ */

struct list {
	struct apply_step step[N];
	size_t n, next;
	enum apply_is is[N];
	int told[N];
	size_t of[APPLY_LEFT + 1];
};

static bool next_step(void *ctx, struct arena *scratch, struct apply_step *out)
{
	struct list *l = ctx;

	(void)scratch;
	if (l->next == l->n)
		return false;
	*out = l->step[l->next];
	out->item = &l->step[l->next++];
	return true;
}

static void each(void *ctx, const struct apply_step *s, enum apply_is is,
    const struct err *err)
{
	struct list *l = ctx;
	size_t i = (size_t)((struct apply_step *)s->item - l->step);

	assert_true((is == APPLY_DONE || is == APPLY_ALREADY) ==
	    (err->code == 0));
	l->is[i] = is;
	l->told[i]++;
	l->of[is]++;
}

static struct apply apply_of(struct list *l)
{
	return (struct apply){ .writer = writer, .view = view, .map = map,
		.ctx = l, .next = next_step, .each = each };
}

static int run(struct list *l, bool go_on)
{
	struct apply ap = apply_of(l);
	size_t i;
	int rc;

	ap.go_on = go_on;
	l->next = 0;
	memset(l->told, 0, sizeof(l->told));
	memset(l->of, 0, sizeof(l->of));
	rc = apply_run(&ap, &e);
	for (i = 0; i < l->n; i++)
		assert_int_equal(l->told[i], 1);
	return rc;
}

/* People whose names begin so: made, changed and deleted in turn. */
static void fill(struct list *l, const char *prefix)
{
	struct apply_step *s;

	memset(l, 0, sizeof(*l));
	for (; l->n < N; l->n++) {
		const char *id = arena_printf(a, "%s%03zu", prefix, l->n);
		const char *dn = person_dn(id);

		s = &l->step[l->n];
		s->csn = "";
		if (l->n % 3 == 0) {
			s->change = addition(id);
			continue;
		}
		s->csn = past(addition(id), s->uuid);
		s->change = l->n % 3 == 1 ? title(dn, prefix) :
		    change_new(a, CHANGE_DELETE, dn);
		((struct change *)s->change)->assert_csn = s->csn;
	}
}

/* Is all of it so, and nothing else? */
static void all_done(const char *prefix)
{
	assert_int_equal(count(arena_printf(a, "(uid=%s*)", prefix)),
	    N / 3 * 2);
	assert_int_equal(count(arena_printf(a, "(title=%s)", prefix)), N / 3);
}

/* --- tests ---------------------------------------------------------------- */

static void wait_view(const struct apply_step *s)
{
	int64_t end = clock_mono() + PATIENCE;
	struct view_read *r;
	struct view_item it;
	bool there = false;

	while (!there && clock_mono() < end) {
		must(view_read_begin(view, &r, &e));
		there = view_get(r, s->uuid, &it) == 0 &&
		    str_eq(it.csn, s->csn);
		view_read_end(r);
		usleep(2000);
	}
	assert_true(there);
}

static void all_of_them(void **state)
{
	struct list l;

	(void)state;
	fill(&l, "all");
	up();
	must(run(&l, false));
	assert_int_equal(l.of[APPLY_DONE], N);
	all_done("all");
	/* Once more: nothing is left to be done. */
	must(run(&l, false));
	assert_int_equal(l.of[APPLY_ALREADY], N);
	down();
}

/* One that somebody else changed stops what has not begun; the rest says so,
 * and what is done is done. */
static void moved(void **state)
{
	struct list l;
	struct apply ap;
	size_t i, first;

	(void)state;
	fill(&l, "mov");
	past(title(l.step[61].change->dn, "other"), NULL);
	up();
	ap = apply_of(&l);
	ap.window = 4;
	assert_int_equal(apply_run(&ap, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, l.step[61].change->dn));
	assert_int_equal(l.is[61], APPLY_MOVED);
	assert_int_equal(l.of[APPLY_MOVED], 1);
	for (i = 0; i < 58; i++)
		assert_int_equal(l.is[i], APPLY_DONE);
	for (first = 61; first < N && l.is[first] != APPLY_LEFT; first++)
		;
	assert_true(first <= 66);
	for (i = first; i < N; i++)
		assert_int_equal(l.is[i], APPLY_LEFT);
	/* With go_on the others are done. */
	must(run(&l, true));
	assert_int_equal(l.of[APPLY_ALREADY] + l.of[APPLY_DONE], N - 1);
	assert_int_equal(l.is[61], APPLY_MOVED);
	assert_int_equal(count("(title=other)"), 1);
	down();
}

/* What the view does not show yet the directory refuses by itself. */
static void late_view(void **state)
{
	struct list l = { .n = 2 };
	struct apply_step *s = l.step;

	(void)state;
	s[0].csn = past(addition("late0"), s[0].uuid);
	s[1].csn = past(addition("late1"), s[1].uuid);
	up();
	wait_view(&s[0]);
	wait_view(&s[1]);
	s[0].change = title(person_dn("late0"), "mine");
	s[1].change = title(person_dn("late1"), "mine");
	((struct change *)s[0].change)->assert_csn = s[0].csn;
	((struct change *)s[1].change)->assert_csn = s[1].csn;
	past(title(person_dn("late0"), "theirs"), NULL);
	past(title(person_dn("late1"), "mine"), NULL);
	must(run(&l, true));
	assert_int_equal(l.is[0], APPLY_MOVED);
	assert_int_equal(l.is[1], APPLY_ALREADY);
	assert_int_equal(count("(title=theirs)"), 1);
	down();
}

/* What the directory does not take is told of that step alone. */
static void refused(void **state)
{
	struct list l = { .n = 3 };
	struct change *bad = addition("bad1");

	(void)state;
	entry_drop(bad->entry, "sn");
	entry_add(a, bad->entry, "provostState", "no such state");
	l.step[0] = (struct apply_step){ .change = addition("bad0"),
	    .csn = "" };
	l.step[1] = (struct apply_step){ .change = bad, .csn = "" };
	l.step[2] = (struct apply_step){ .change = addition("bad2"),
	    .csn = "" };
	up();
	must(run(&l, true));
	assert_int_equal(l.is[0], APPLY_DONE);
	assert_int_equal(l.is[1], APPLY_FAILED);
	assert_int_equal(l.is[2], APPLY_DONE);
	down();
}

static void stopped(void **state)
{
	_Atomic bool stop = true;
	struct list l;
	struct apply ap;

	(void)state;
	fill(&l, "stop");
	up();
	ap = apply_of(&l);
	ap.stop = &stop;
	assert_int_equal(apply_run(&ap, &e), ERR_BUSY);
	assert_int_equal(l.of[APPLY_LEFT], N);
	assert_int_equal(count("(title=stop)"), 0);
	down();
}

/* While slapd is away nothing is half said. */
static void away(void **state)
{
	struct list l;

	(void)state;
	fill(&l, "away");
	up();
	slapd_run_stop(&slapd, SIGTERM);
	assert_int_equal(run(&l, true), ERR_BUSY);
	assert_int_equal(l.of[APPLY_DONE], 0);
	slapd_run_start(&slapd);
	down();
	up();
	must(run(&l, false));
	all_done("away");
	down();
}

/* In a process of its own, which dies behind the nth step. */
static void die_at(struct list *l, int n)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		setenv("PROVOST_FAILPOINT", arena_printf(a, "apply:%d", n), 1);
		up();
		run(l, false);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

#define DEATHS 4

/* A process looks for failpoints once: these before it. */
static void killed(void **state)
{
	static const int at[DEATHS] = { 1, 2, N / 2, N };
	static struct list l[DEATHS];
	int i;

	(void)state;
	for (i = 0; i < DEATHS; i++) {
		fill(&l[i], arena_printf(a, "die%d", i));
		die_at(&l[i], at[i]);
	}
	up();
	for (i = 0; i < DEATHS; i++) {
		must(run(&l[i], false));
		assert_int_equal(l[i].of[APPLY_DONE] + l[i].of[APPLY_ALREADY],
		    N);
		assert_true(l[i].of[APPLY_ALREADY] >= (size_t)at[i]);
		all_done(arena_printf(a, "die%d", i));
		must(run(&l[i], false));
		assert_int_equal(l[i].of[APPLY_ALREADY], N);
	}
	down();
}

/* --- life ----------------------------------------------------------------- */

static int setup(void **state)
{
	int rc = slapd_run_new(&slapd, NULL);

	(void)state;
	if (rc != 0)
		exit(rc);
	slapd_run_start(&slapd);
	map = map_small(SLAPD_SUFFIX);
	a = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	slapd_run_stop(&slapd, SIGTERM);
	slapd_run_free(&slapd);
	scim_map_free(map);
	arena_free(a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: see there. */
		cmocka_unit_test(killed),
		cmocka_unit_test(all_of_them), cmocka_unit_test(moved),
		cmocka_unit_test(late_view), cmocka_unit_test(refused),
		cmocka_unit_test(stopped), cmocka_unit_test(away),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
