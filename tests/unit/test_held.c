/* SPDX-License-Identifier: ISC */
/* Against a private slapd: what is counted and held survives a restart, is
 * shared by two who use one directory, and is decided by whoever speaks first,
 * also with ldapmodify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/held.h"
#include "directory/sync.h"
#include "map_small.h"
#include "slapd_run.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define HOUR (INT64_C(3600) * CLOCK_SECOND)

static struct slapd_run slapd;
static struct scim_map *map;
static struct arena *a;
static struct err e;
static int64_t later;			/* by so much the clock is moved */

static int64_t moved(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000 + later;
}

/* --- a daemon's part of it ------------------------------------------------ */

struct node {
	char dir[128];
	struct view *view;
	struct journal *journal;
	struct sync *sync;
	struct writer *writer;
	struct held *held;
};

/* 5 at once, 8 a day, 12 by all. */
static struct held_limits limits(void)
{
	const struct guard_rules r = { { 1000, 5, 3 }, { 1000, 8, 3 },
	    { 1000, 0, 0 } };

	return (struct held_limits){ .source = r, .target = r,
	    .total = { 1000, 12, 3 } };
}

static void up(struct node *n, const char *name)
{
	struct view_conf vc = { .map_size = (size_t)64 << 20,
	    .fingerprint = map->fingerprint, .n_indexes = map->n_indexes };
	struct sync_conf sc = { .ldap = slapd_run_daemon(&slapd),
	    .base = SLAPD_SUFFIX, .accesslog = "", .sweep = { 50, 50, 10 } };
	struct writer_conf wc = { .ldap = slapd_run_daemon(&slapd),
	    .wait = 5 * CLOCK_SECOND };
	struct held_conf hc = { .map = map, .limits = limits() };
	const char *note;
	bool fresh;

	snprintf(n->dir, sizeof(n->dir), "%s/%s", slapd.dir, name);
	mkdir(n->dir, 0700);
	vc.dir = arena_printf(a, "%s/view", n->dir);
	if (view_open(&vc, &n->view, &fresh, &e) != 0 ||
	    journal_open(n->dir, &n->journal, &note, &e) != 0 ||
	    sync_start(&sc, map, n->view, n->journal, &n->sync, &e) != 0 ||
	    writer_start(&wc, n->view, &n->writer, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(sync_wait_served(n->sync, clock_mono() + PATIENCE));
	hc.view = n->view;
	hc.writer = n->writer;
	if (held_start(&hc, &n->held, &e) != 0)
		fail_msg("%s", e.text);
}

static void down(struct node *n)
{
	held_stop(n->held);
	writer_stop(n->writer, 5);
	sync_stop(n->sync);
	journal_close(n->journal);
	view_close(n->view);
}

static struct node x, y;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	later = 0;
	clock_set_source(moved);
	assert_int_equal(slapd_run_new(&slapd, NULL), 0);
	slapd_run_start(&slapd);
	map = map_small(SLAPD_SUFFIX);
	up(&x, "x");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	down(&x);
	scim_map_free(map);
	slapd_run_stop(&slapd, 15);
	slapd_run_free(&slapd);
	clock_set_source(NULL);
	arena_free(a);
	return 0;
}

/* --- asking ------------------------------------------------------------------ */

/* n people, the first of whom is called first. */
static struct held_ask ask_of(enum held_side side, const char *name,
    unsigned first, unsigned n)
{
	struct held_ask q = { .side = side, .name = name,
	    .author = "client:one", .kind = side == HELD_SOURCE ? "gate" :
	    "effects", .tally.n[GUARD_DELETE] = n, .population = 1000,
	    .what = "people deleted", .n_items = n };
	struct held_item *it = arena_array(a, n + 1, sizeof(*it));
	unsigned i;

	for (i = 0; i < n; i++)
		it[i] = (struct held_item){ arena_printf(a, "person-%u",
		    first + i), "d", arena_printf(a, "delete person %u",
		    first + i) };
	q.item = it;
	return q;
}

static int ask(struct node *n, const char *name, unsigned first, unsigned k,
    char id[HELD_ID])
{
	const struct held_ask q = ask_of(HELD_SOURCE, name, first, k);

	e = (struct err){ 0 };
	return held_ask(n->held, &q, id, &e);
}

static uint64_t counted(struct node *n, const char *name)
{
	const struct guard_tally t = held_counted(n->held, HELD_SOURCE, name);

	return guard_taken(&t);
}

/* Until node n counts so many. */
static void wait_counted(struct node *n, const char *name, uint64_t k)
{
	int64_t end = clock_mono() + PATIENCE;

	while (counted(n, name) != k && clock_mono() < end)
		usleep(2000);
	assert_int_equal(counted(n, name), k);
}

/* Until the directory says so: another daemon reads it there. */
static void wait_written(const char *name, uint64_t k)
{
	struct node other;

	up(&other, "reader");
	wait_counted(&other, name, k);
	down(&other);
}

static int settled_pipe[2];

static void settled(void *arg)
{
	(void)arg;
	assert_int_equal(write(settled_pipe[1], "x", 1), 1);
}

/* Until the job can be read. */
static void settle(struct node *n, const char *id)
{
	char c;

	assert_int_equal(pipe(settled_pipe), 0);
	held_settled(n->held, id, settled, NULL);
	assert_int_equal(read(settled_pipe[0], &c, 1), 1);
	close(settled_pipe[0]);
	close(settled_pipe[1]);
}

static struct held_job job_of(struct node *n, const char *id)
{
	struct held_job j = { 0 };

	if (held_get(n->held, a, id, 0, SIZE_MAX, &j, &e) != 0)
		fail_msg("%s", e.text);
	return j;
}

/* --- tests --------------------------------------------------------------------- */

static void test_run_and_day(void **state)
{
	char id[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	assert_int_equal(ask(&x, "hr", 5, 3, id), 0);
	assert_int_equal(ask(&x, "hr", 8, 1, id), ERR_HELD);
	assert_int_equal(counted(&x, "hr"), 8);
	settle(&x, id);
	assert_non_null(strstr(e.text, id));
	assert_int_equal(ask(&x, "it", 0, 6, id), ERR_HELD);
	assert_int_equal(counted(&x, "it"), 0);
	/* The bleed is over a day later. */
	later = 25 * HOUR;
	assert_int_equal(counted(&x, "hr"), 0);
	assert_int_equal(ask(&x, "hr", 8, 1, id), 0);
}

static void test_total(void **state)
{
	char id[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	assert_int_equal(ask(&x, "it", 0, 5, id), 0);
	assert_int_equal(ask(&x, "crm", 0, 3, id), ERR_HELD);
	assert_non_null(strstr(e.text, "all sources"));
	assert_int_equal(ask(&x, "crm", 0, 2, id), 0);
}

static void test_repeated(void **state)
{
	char id[HELD_ID], again[HELD_ID];
	struct held_job j;

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	assert_int_equal(ask(&x, "hr", 0, 6, again), ERR_HELD);
	assert_string_equal(id, again);
	assert_int_equal(ask(&x, "HR", 3, 6, again), ERR_HELD);
	assert_string_equal(id, again);
	settle(&x, id);
	j = job_of(&x, id);
	assert_int_equal(j.people, 9);
	assert_int_equal(j.tally.n[GUARD_DELETE], 9);
	assert_int_equal(j.n_items, 9);
	assert_int_equal(j.asks, 3);
	assert_int_equal(held_waiting(x.held), 1);
}

static void test_release(void **state)
{
	char id[HELD_ID], next[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:two",
	    "I know", &e), 0);
	assert_int_equal(ask(&x, "hr", 0, 6, next), 0);
	/* 8 a day and those 6. */
	assert_int_equal(ask(&x, "hr", 6, 8, next), 0);
	assert_int_equal(ask(&x, "hr", 14, 1, next), ERR_HELD);
	assert_string_not_equal(id, next);
	assert_int_equal(held_decide(x.held, id, HELD_REFUSED, "client:two",
	    "", &e), ERR_EXISTS);
	assert_non_null(strstr(e.text, "client:two"));
}

static void test_restart(void **state)
{
	char id[HELD_ID], next[HELD_ID];
	struct held_job j;

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	assert_int_equal(ask(&x, "hr", 5, 4, id), ERR_HELD);
	down(&x);
	up(&x, "x");
	assert_int_equal(counted(&x, "hr"), 5);
	j = job_of(&x, id);
	assert_int_equal(j.people, 4);
	assert_string_equal(j.what, "people deleted");
	assert_string_equal(j.authors.v[0], "client:one");
	assert_string_equal(j.item[3].text, "delete person 8");
	assert_int_equal(ask(&x, "hr", 5, 4, next), ERR_HELD);
	assert_string_equal(id, next);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:two",
	    "", &e), 0);
	down(&x);
	up(&x, "x");
	assert_int_equal(ask(&x, "hr", 5, 4, next), 0);
}

/* Both count at once; each has then what the other counted, too. */
static void test_shared(void **state)
{
	char id[HELD_ID];

	(void)state;
	up(&y, "y");
	assert_int_equal(ask(&x, "hr", 0, 3, id), 0);
	assert_int_equal(ask(&y, "hr", 3, 2, id), 0);
	wait_counted(&x, "hr", 5);
	wait_counted(&y, "hr", 5);
	assert_int_equal(ask(&y, "hr", 5, 1, id), 0);
	wait_counted(&x, "hr", 6);
	assert_int_equal(ask(&x, "hr", 6, 3, id), ERR_HELD);
	down(&y);
}

static void test_return(void **state)
{
	struct held_ask two = ask_of(HELD_SOURCE, "hr", 0, 2);
	char id[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	held_return(x.held, &two);
	assert_int_equal(counted(&x, "hr"), 3);
	held_return(x.held, &two);
	assert_int_equal(counted(&x, "hr"), 3);
	wait_written("hr", 3);
	two = ask_of(HELD_SOURCE, "hr", 2, 2);
	held_return(x.held, &two);
	assert_int_equal(counted(&x, "hr"), 1);
	down(&x);
	up(&x, "x");
	assert_int_equal(counted(&x, "hr"), 1);
}

/* Who loses something again and again is one person. */
static void test_once(void **state)
{
	char id[HELD_ID];
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++)
		assert_int_equal(ask(&x, "hr", 0, 3, id), 0);
	assert_int_equal(counted(&x, "hr"), 3);
	assert_int_equal(ask(&x, "hr", 2, 5, id), 0);
	assert_int_equal(counted(&x, "hr"), 7);
	assert_int_equal(ask(&x, "hr", 0, 3, id), 0);
	later = 25 * HOUR;
	assert_int_equal(ask(&x, "hr", 0, 3, id), 0);
	assert_int_equal(counted(&x, "hr"), 3);
}

/* As an administrator does it. */
static void modify_state(const char *id, const char *state)
{
	struct ldapc_conf lc = slapd_run_manager(&slapd);
	struct ldapc *l = NULL;
	struct ldapc_result r = { 0 };
	struct change *c = change_new(a, CHANGE_MODIFY, arena_printf(a,
	    "provostJobId=%s,ou=jobs," SLAPD_SUFFIX, id));
	size_t start = 0;

	change_set(a, c, MOD_REPLACE, "provostJobState", state);
	assert_int_equal(ldapc_open(&lc, &start, &l, &e), 0);
	if (ldapc_change(l, a, c, &r, &e) != 0)
		fail_msg("%s", e.text);
	ldapc_close(l);
}

static void wait_is(const char *person, enum held_is want)
{
	int64_t end = clock_mono() + PATIENCE;

	while (held_is(x.held, "crm", person, "d") != want &&
	    clock_mono() < end)
		usleep(2000);
	assert_int_equal(held_is(x.held, "crm", person, "d"), want);
}

/* A target's job lets exactly those pass that it names, as it names them. */
static void test_effects(void **state)
{
	struct held_ask q = ask_of(HELD_TARGET, "crm", 0, 6);
	char id[HELD_ID];
	struct held_job j;

	(void)state;
	assert_int_equal(held_ask(x.held, &q, id, &e), ERR_HELD);
	assert_int_equal(held_is(x.held, "crm", "person-5", "d"), HELD_WAITS);
	assert_int_equal(held_is(x.held, "crm", "person-5", "e"), HELD_NONE);
	assert_int_equal(held_is(x.held, "crm", "person-6", "d"), HELD_NONE);
	assert_int_equal(held_is(x.held, "erp", "person-5", "d"), HELD_NONE);
	settle(&x, id);
	modify_state(id, "released");
	wait_is("person-5", HELD_PASSED);
	assert_int_equal(held_is(x.held, "crm", "person-5", "e"), HELD_NONE);
	j = job_of(&x, id);
	assert_int_equal(j.state, HELD_RELEASED);
	assert_non_null(strstr(j.by, "cn="));
	assert_true(j.decided != 0);
	/* No allowance comes of that. */
	q = ask_of(HELD_TARGET, "crm", 6, 6);
	assert_int_equal(held_ask(x.held, &q, id, &e), ERR_HELD);
	settle(&x, id);
	modify_state(id, "rejected");
	wait_is("person-6", HELD_REJECTED);
}

/* What sources' gates let pass is not held again where it arrives. */
static void test_passed_once(void **state)
{
	struct held_ask q = ask_of(HELD_TARGET, "crm", 0, 13);
	char id[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	assert_int_equal(ask(&x, "hr", 5, 3, id), 0);
	assert_int_equal(held_would(x.held, &q, &e), 0);
	q = ask_of(HELD_TARGET, "crm", 0, 14);
	assert_int_equal(held_would(x.held, &q, &e), ERR_HELD);
}

/* Thousands of them stand in several entries. */
static void test_many(void **state)
{
	const struct held_ask q = ask_of(HELD_TARGET, "crm", 0, 1700);
	char id[HELD_ID];
	struct held_job j;
	unsigned i;

	(void)state;
	assert_int_equal(held_ask(x.held, &q, id, &e), ERR_HELD);
	down(&x);
	up(&x, "x");
	j = job_of(&x, id);
	assert_int_equal(j.people, 1700);
	assert_int_equal(j.n_items, 1700);
	for (i = 0; i < 1700; i++)
		assert_int_equal(held_is(x.held, "crm", q.item[i].person,
		    "d"), HELD_WAITS);
}

/* What somebody said no to is not asked again. */
static void test_rejected(void **state)
{
	char id[HELD_ID], next[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	assert_int_equal(held_decide(x.held, id, HELD_REFUSED, "person:1",
	    "a mistake", &e), 0);
	assert_int_equal(ask(&x, "hr", 0, 6, next), ERR_HELD);
	assert_string_equal(id, next);
	assert_non_null(strstr(e.text, "a mistake"));
	assert_int_equal(held_waiting(x.held), 0);
	assert_int_equal(ask(&x, "hr", 1, 6, next), ERR_HELD);
	assert_string_not_equal(id, next);
}

static void test_second_person(void **state)
{
	struct held_limits l = limits();
	char id[HELD_ID];

	(void)state;
	l.second_person = true;
	held_limits(x.held, &l);
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:one",
	    "", &e), ERR_DENIED);
	assert_int_equal(job_of(&x, id).state, HELD_HELD);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:two",
	    "", &e), 0);
	assert_int_equal(job_of(&x, id).state, HELD_RELEASED);
	assert_string_equal(job_of(&x, id).by, "client:two");
}

/* Of two daemons one carries it out. */
static void test_claim(void **state)
{
	struct held_ask q = ask_of(HELD_SOURCE, "hr", 0, 6);
	char id[HELD_ID];

	(void)state;
	q.kind = "plan";
	q.data = "of the plan";
	assert_int_equal(held_hold(x.held, &q, "look at it", id, &e),
	    ERR_HELD);
	assert_int_equal(held_claim(x.held, id, &e), ERR_DENIED);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:two",
	    "", &e), 0);
	up(&y, "y");
	assert_string_equal(job_of(&y, id).data, "of the plan");
	assert_int_equal(held_claim(y.held, id, &e), 0);
	assert_int_equal(held_claim(x.held, id, &e), ERR_EXISTS);
	down(&y);
}

static void wait_jobs(size_t n)
{
	int64_t end = clock_mono() + PATIENCE;
	struct held_job *job;
	size_t got = SIZE_MAX;

	while (got != n && clock_mono() < end) {
		held_list(x.held, a, true, &job, &got);
		usleep(2000);
	}
	assert_int_equal(got, n);
}

static size_t entries(void)
{
	struct ldapc_conf lc = slapd_run_daemon(&slapd);
	struct ldapc_search s = { .base = "ou=jobs," SLAPD_SUFFIX,
	    .scope = SCOPE_ONE, .filter = "(objectClass=provostJob)" };
	struct ldapc *l = NULL;
	struct entry **en;
	size_t n = 0, start = 0;

	assert_int_equal(ldapc_open(&lc, &start, &l, &e), 0);
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e), 0);
	ldapc_close(l);
	return n;
}

static void wait_entries(size_t n)
{
	int64_t end = clock_mono() + PATIENCE;

	while (entries() != n && clock_mono() < end)
		usleep(2000);
	assert_int_equal(entries(), n);
}

static void wait_waiting(struct node *n, uint64_t k)
{
	int64_t end = clock_mono() + PATIENCE;

	while (held_waiting(n->held) != k && clock_mono() < end)
		usleep(2000);
	assert_int_equal(held_waiting(n->held), k);
}

/* What was decided a month ago goes with all its parts, what waits stays. */
static void test_old(void **state)
{
	struct held_ask q = ask_of(HELD_TARGET, "crm", 0, 1200);
	char id[HELD_ID], waits[HELD_ID];

	(void)state;
	assert_int_equal(ask(&x, "it", 0, 5, id), 0);
	assert_int_equal(held_ask(x.held, &q, id, &e), ERR_HELD);
	assert_int_equal(held_decide(x.held, id, HELD_RELEASED, "client:two",
	    "", &e), 0);
	assert_int_equal(ask(&x, "hr", 0, 6, waits), ERR_HELD);
	settle(&x, waits);
	wait_written("it", 5);
	assert_int_equal(entries(), 5);
	later = 29 * 24 * HOUR;
	assert_int_equal(held_is(x.held, "crm", "person-7", "d"),
	    HELD_PASSED);
	later = 31 * 24 * HOUR;
	wait_jobs(1);
	wait_entries(1);
	assert_int_equal(job_of(&x, waits).state, HELD_HELD);
	/* What is removed is made anew when it is needed. */
	assert_int_equal(ask(&x, "it", 0, 5, id), 0);
	wait_written("it", 5);
	assert_int_equal(entries(), 2);
}

/* A day later it passes without anybody's word: nobody is asked for it. */
static void test_passes_later(void **state)
{
	char id[HELD_ID], next[HELD_ID];
	struct held_job j;

	(void)state;
	up(&y, "y");
	assert_int_equal(ask(&x, "hr", 0, 5, id), 0);
	assert_int_equal(ask(&x, "hr", 5, 3, id), 0);
	assert_int_equal(ask(&x, "hr", 8, 5, id), ERR_HELD);
	settle(&x, id);
	wait_waiting(&y, 1);
	later = 25 * HOUR;
	assert_int_equal(ask(&x, "hr", 8, 2, next), 0);
	j = job_of(&x, id);
	assert_int_equal(j.people, 3);
	assert_int_equal(j.n_items, 3);
	assert_int_equal(j.tally.n[GUARD_DELETE], 3);
	settle(&x, id);
	down(&x);
	up(&x, "x");
	assert_int_equal(job_of(&x, id).n_items, 3);
	assert_int_equal(ask(&x, "hr", 10, 3, next), 0);
	settle(&x, id);
	assert_int_equal(held_waiting(x.held), 0);
	assert_int_equal(job_of(&x, id).state, HELD_OVER);
	wait_waiting(&y, 0);
	assert_int_equal(job_of(&y, id).n_items, 0);
	/* It is no allowance. */
	assert_int_equal(counted(&x, "hr"), 5);
	assert_int_equal(ask(&x, "hr", 20, 4, next), ERR_HELD);
	down(&y);
}

/* An administrator who deletes one has decided, too. */
static void test_deleted(void **state)
{
	struct ldapc_conf lc = slapd_run_manager(&slapd);
	struct ldapc *l = NULL;
	struct ldapc_result r = { 0 };
	char id[HELD_ID], next[HELD_ID];
	size_t start = 0;

	(void)state;
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	settle(&x, id);
	assert_int_equal(ldapc_open(&lc, &start, &l, &e), 0);
	assert_int_equal(ldapc_change(l, a, change_new(a, CHANGE_DELETE,
	    arena_printf(a, "provostJobId=%s,ou=jobs," SLAPD_SUFFIX, id)), &r,
	    &e), 0);
	ldapc_close(l);
	wait_jobs(0);
	assert_int_equal(ask(&x, "hr", 0, 6, next), ERR_HELD);
	assert_string_not_equal(id, next);
}

/* Both hold for one source at the same time. */
static void test_both_hold(void **state)
{
	char id[HELD_ID], other[HELD_ID];

	(void)state;
	up(&y, "y");
	assert_int_equal(ask(&x, "hr", 0, 6, id), ERR_HELD);
	settle(&x, id);
	wait_jobs(1);
	wait_waiting(&y, 1);
	assert_int_equal(ask(&y, "hr", 3, 6, other), ERR_HELD);
	assert_string_equal(id, other);
	assert_int_equal(ask(&x, "hr", 20, 6, other), ERR_HELD);
	assert_string_equal(id, other);
	settle(&x, id);
	settle(&y, id);
	while (job_of(&x, id).n_items != 15 || job_of(&y, id).n_items != 15)
		usleep(2000);
	assert_int_equal(held_decide(y.held, id, HELD_RELEASED, "client:two",
	    "", &e), 0);
	while (job_of(&x, id).state != HELD_RELEASED)
		usleep(2000);
	assert_int_equal(held_decide(x.held, id, HELD_REFUSED, "client:two",
	    "", &e), ERR_EXISTS);
	down(&y);
}

/* --- who carries out what was released ---------------------------------------- */

static int told_pipe[2];

static void told(void *ctx, const struct held_job *job)
{
	struct held *h = ctx;
	struct err why = { 0 };
	char got = job->kind[0];

	if (held_claim(h, job->id, &why) != 0)
		got = '!';
	assert_int_equal(write(told_pipe[1], &got, 1), 1);
}

static void test_told(void **state)
{
	struct held_ask q = ask_of(HELD_SOURCE, "hr", 0, 6);
	char id[HELD_ID], c;

	(void)state;
	assert_int_equal(pipe(told_pipe), 0);
	q.kind = "plan";
	held_on_release(x.held, "plan", told, x.held);
	assert_int_equal(held_hold(x.held, &q, "look at it", id, &e),
	    ERR_HELD);
	settle(&x, id);
	modify_state(id, "released");
	assert_int_equal(read(told_pipe[0], &c, 1), 1);
	assert_int_equal(c, 'p');
	assert_int_equal(job_of(&x, id).state, HELD_APPLIED);
	close(told_pipe[0]);
	close(told_pipe[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_run_and_day, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_total, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repeated, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_release, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_restart, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_shared, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_return, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_effects, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_passed_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_many, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_rejected, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_second_person, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_claim, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_old, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_passes_later, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_deleted, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_both_hold, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_told, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
