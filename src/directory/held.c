/* SPDX-License-Identifier: ISC */
#include "directory/held_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

/* --- limits ------------------------------------------------------------------ */

static const struct guard_rules *rules_of(const struct held *h,
    enum held_side side, const char *name)
{
	const struct held_limits *l = &h->limits;
	size_t i;

	for (i = 0; i < l->n_own; i++)
		if (l->own[i].side == side && str_ieq(l->own[i].name, name))
			return &l->own[i].rules;
	return side == HELD_SOURCE ? &l->source : &l->target;
}

static void take_limits(struct held *h, const struct held_limits *l)
{
	struct arena *a = arena_new();
	struct held_rules *own = arena_array(a, l->n_own + 1, sizeof(*own));
	size_t i;

	for (i = 0; i < l->n_own; i++) {
		own[i] = l->own[i];
		own[i].name = arena_strdup(a, own[i].name);
	}
	arena_free(h->limits_a);
	h->limits_a = a;
	h->limits = *l;
	h->limits.own = own;
	h->adds = l->source.add.count != 0 || l->target.add.count != 0;
	for (i = 0; i < l->n_own; i++)
		h->adds |= own[i].rules.add.count != 0;
}

void held_limits(struct held *h, const struct held_limits *l)
{
	pthread_mutex_lock(&h->lock);
	take_limits(h, l);
	pthread_mutex_unlock(&h->lock);
}

bool held_limits_adds(struct held *h)
{
	return h->adds;
}

/* --- what is counted ----------------------------------------------------------- */

/* A release is good for a day. */
static bool is_allowed(const struct job *j, int64_t now)
{
	return j->v.side == HELD_SOURCE && (j->v.state == HELD_RELEASED ||
	    j->v.state == HELD_APPLIED) && now - j->v.decided < GUARD_DAY;
}

/* What people have let pass; of all sources if name is NULL. */
static struct guard_tally allowance(struct held *h, const char *name,
    int64_t now)
{
	struct guard_tally t = { 0 };
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (is_allowed(j, now) &&
		    (name == NULL || str_ieq(j->v.name, name)))
			guard_add(&t, &j->v.tally);
	return t;
}

static struct guard_tally all_sources(struct held *h, int64_t now)
{
	struct guard_tally all = { 0 }, t;
	struct window *w;
	size_t pos = 0;

	while (map_next(h->windows, &pos, (void **)&w) != NULL) {
		if (w->side != HELD_SOURCE)
			continue;
		t = held_sum(w, now);
		guard_add(&all, &t);
	}
	return all;
}

/* --- deciding ------------------------------------------------------------------- */

static int decide_total(struct held *h, const struct held_ask *q,
    uint64_t known, struct err *e)
{
	const int64_t now = clock_now();
	struct guard_case c = { .ask = q->tally, .day = all_sources(h, now),
	    .known = known, .population = q->everybody != 0 ? q->everybody :
	    q->population, .more = allowance(h, NULL, now), .who = "all sources together" };

	return guard_decide_total(&h->limits.total, &c, e);
}

static bool is_named(struct held *h, const char *source, const char *person,
    int64_t now)
{
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (held_job_of(j, HELD_SOURCE, source) && is_allowed(j, now) &&
		    map_get(j->by_person, person) != NULL)
			return true;
	return false;
}

/* Everybody whom it is about was named when somebody let it pass, whoever else
 * has come before them since. */
static bool is_released(struct held *h, const struct held_ask *q, int64_t now)
{
	size_t i;

	if (q->side != HELD_SOURCE)
		return false;
	for (i = 0; i < q->n_items; i++)
		if (!is_named(h, q->name, q->item[i].person, now))
			return false;
	return q->n_items != 0;
}

/* What a source's gate let pass is not held again where it arrives. */
static int decide(struct held *h, const struct held_ask *q, struct err *e)
{
	const int64_t now = clock_now();
	const bool source = q->side == HELD_SOURCE;
	struct arena *a = arena_new();
	struct guard_tally passed = all_sources(h, now);
	const struct window *w = held_window(h, q->side, q->name);
	struct guard_case c = { .ask = q->tally, .day = held_sum(w, now),
	    .known = held_known(w, q->item, q->n_items, now),
	    .population = q->population, .more = source ?
	    allowance(h, q->name, now) : passed,
	    .who = arena_printf(a, "%s %s", source ? "source" : "target",
	    q->name) };
	int rc;

	if (source)
		c.gone = c.day.n[GUARD_DELETE];
	rc = guard_decide(rules_of(h, q->side, q->name), &c, e);
	if (rc == 0 && source)
		rc = decide_total(h, q, c.known, e);
	if (rc != 0 && is_released(h, q, now))
		rc = 0;
	arena_free(a);
	return rc;
}

/* --- jobs ---------------------------------------------------------------------- */

static bool names_all(const struct job *j, const struct held_ask *q)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < q->n_items; i++) {
		it = map_get(j->by_person, q->item[i].person);
		if (it == NULL || !str_eq(it->v.digest, q->item[i].digest))
			return false;
	}
	return q->n_items != 0;
}

/* Somebody has said no to exactly this not long ago. */
static struct job *find_refused(struct held *h, const struct held_ask *q)
{
	const int64_t now = clock_now();
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (j->v.state == HELD_REFUSED && held_job_of(j, q->side, q->name) &&
		    now - j->v.decided < GUARD_DAY && names_all(j, q))
			return j;
	return NULL;
}

static struct job *new_job(struct held *h, const struct held_ask *q)
{
	char id[HELD_ID];
	struct job *j;

	hash_random_id(id, HELD_ID - 1);
	j = held_job_new(h, id);
	j->v.side = q->side;
	j->v.name = arena_strdup(j->a, q->name);
	j->v.kind = arena_strdup(j->a, q->kind);
	j->v.what = arena_strdup(j->a, q->what);
	j->v.data = arena_strdup(j->a, q->data != NULL ? q->data : "");
	j->v.since = clock_now();
	return j;
}

static uint64_t least(uint64_t x, uint64_t y)
{
	return x < y ? x : y;
}

static uint64_t most(uint64_t x, uint64_t y)
{
	return x > y ? x : y;
}

/* People whom it named already have not become more. */
static void add_tally(struct job *j, const struct held_ask *q, uint64_t fresh)
{
	uint64_t n;
	int k;

	for (k = 0; k < GUARD_KINDS; k++) {
		n = q->tally.n[k];
		j->v.tally.n[k] = most(j->v.tally.n[k] + least(n, fresh), n);
	}
	n = most(guard_taken(&q->tally), q->tally.n[GUARD_ADD]);
	j->v.people = most(j->v.people + least(n, fresh), n);
}

static void join(struct held *h, struct job *j, const struct held_ask *q,
    const char *why)
{
	uint64_t fresh = 0;
	size_t i;

	for (i = 0; i < q->n_items; i++)
		fresh += held_job_item(j, &q->item[i], -1);
	add_tally(j, q, fresh);
	if (*q->author != '\0' && !strv_has(&j->v.authors, q->author))
		strv_add(j->a, &j->v.authors, arena_strdup(j->a, q->author));
	j->v.why = arena_strdup(j->a, why);
	j->v.last = clock_now();
	j->v.asks++;
	j->part[0].at.dirty = true;
	pthread_cond_signal(&h->wake);
}

static int say_held(const struct job *j, const struct held_ask *q,
    const char *why, struct err *e)
{
	return err_set(e, ERR_HELD, "%.200s. Nothing was changed and nothing "
	    "is queued: it waits as held job %s. If it is meant, somebody "
	    "releases that (provost release %s, or POST /v1/held/%s/release)"
	    "%s", why, j->v.id, j->v.id, j->v.id, q->data != NULL ?
	    ", and with that it is done" : q->side == HELD_SOURCE ?
	    "; then send it again" : "");
}

static int say_refused(const struct job *j, const char *why, struct err *e)
{
	return err_set(e, ERR_HELD, "%.200s. Nothing was changed: held job "
	    "%s, which was this, was rejected by %.80s%s%.80s", why, j->v.id,
	    j->v.by, *j->v.reason != '\0' ? ": " : "", j->v.reason);
}

static int hold(struct held *h, const struct held_ask *q, const char *why,
    char id[HELD_ID], struct err *e)
{
	struct job *j = find_refused(h, q);
	bool refused = j != NULL;

	if (j == NULL)
		j = held_find_waiting(h, q);
	if (j == NULL)
		j = new_job(h, q);
	if (!refused)
		join(h, j, q, why);
	snprintf(id, HELD_ID, "%s", j->v.id);
	return refused ? say_refused(j, why, e) : say_held(j, q, why, e);
}

static void note_count(struct held *h, const struct held_ask *q,
    void (*how)(struct window *w, const struct held_ask *q, int64_t now))
{
	how(held_window(h, q->side, q->name), q, clock_now());
	pthread_cond_signal(&h->wake);
}

int held_ask(struct held *h, const struct held_ask *q, char id[HELD_ID],
    struct err *e)
{
	struct err why = { 0 };
	int rc = 0;

	id[0] = '\0';
	pthread_mutex_lock(&h->lock);
	held_read(h);
	if (decide(h, q, &why) != 0) {
		rc = hold(h, q, why.text, id, e);
	} else {
		note_count(h, q, held_count);
		held_passed(h, q);
	}
	pthread_mutex_unlock(&h->lock);
	return rc;
}

int held_hold(struct held *h, const struct held_ask *q, const char *why,
    char id[HELD_ID], struct err *e)
{
	int rc;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	rc = hold(h, q, why, id, e);
	pthread_mutex_unlock(&h->lock);
	return rc;
}

int held_would(struct held *h, const struct held_ask *q, struct err *e)
{
	int rc;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	rc = decide(h, q, e);
	pthread_mutex_unlock(&h->lock);
	return rc;
}

void held_return(struct held *h, const struct held_ask *q)
{
	pthread_mutex_lock(&h->lock);
	note_count(h, q, held_uncount);
	pthread_mutex_unlock(&h->lock);
}

/* --- effects at targets -------------------------------------------------------- */

static enum held_is is_now(const struct job *j)
{
	switch (j->want == HELD_OVER ? j->want : j->v.state) {
	case HELD_RELEASED:
		return HELD_PASSED;
	case HELD_REFUSED:
		return HELD_REJECTED;
	case HELD_HELD:
		return HELD_WAITS;
	default:		/* it has done its work */
		return HELD_NONE;
	}
}

/* Of several jobs that name it the last word counts; of one second, the one
 * that still says something. */
enum held_is held_is(struct held *h, const char *target, const char *person,
    const char *digest)
{
	enum held_is is = HELD_NONE;
	const struct item *it;
	struct job *j;
	int64_t last = 0;
	size_t pos = 0;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	while (map_next(h->jobs, &pos, (void **)&j) != NULL) {
		if (!held_job_of(j, HELD_TARGET, target) || j->v.since < last)
			continue;
		it = map_get(j->by_person, person);
		if (it == NULL || !str_eq(it->v.digest, digest) ||
		    (j->v.since == last && is_now(j) == HELD_NONE))
			continue;
		is = is_now(j);
		last = j->v.since;
	}
	pthread_mutex_unlock(&h->lock);
	return is;
}

/* --- life ---------------------------------------------------------------------- */

static void settle_all(struct held *h)
{
	struct settler *s;

	while ((s = h->settlers) != NULL) {
		h->settlers = s->next;
		s->done(s->arg);
		free(s);
	}
}

static void free_all(struct held *h)
{
	struct hook *k;

	settle_all(h);
	map_free(h->known, (void (*)(void *))held_known_free);
	map_free(h->windows, (void (*)(void *))held_window_free);
	map_free(h->jobs, (void (*)(void *))held_job_free);
	while ((k = h->hooks) != NULL) {
		h->hooks = k->next;
		free(k->kind);
		free(k);
	}
	arena_free(h->limits_a);
	pthread_cond_destroy(&h->wake);
	pthread_cond_destroy(&h->moved);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static void end_thread(struct held *h, pthread_t thread)
{
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_broadcast(&h->wake);
	pthread_cond_broadcast(&h->moved);
	pthread_mutex_unlock(&h->lock);
	pthread_join(thread, NULL);
}

int held_start(const struct held_conf *c, struct held **out, struct err *e)
{
	struct held *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return err_set(e, ERR_IO, "held: out of memory");
	h->view = c->view;
	h->suffix = c->map->suffix;
	h->writer = c->writer;
	h->windows = map_new();
	h->known = map_new();
	h->jobs = map_new();
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	pthread_cond_init(&h->moved, NULL);
	take_limits(h, &c->limits);
	if (pthread_create(&h->thread, NULL, held_write, h) != 0) {
		free_all(h);
		return err_set(e, ERR_IO, "held: no thread: %m");
	}
	if (pthread_create(&h->teller, NULL, held_tell, h) != 0) {
		end_thread(h, h->thread);
		free_all(h);
		return err_set(e, ERR_IO, "held: no thread: %m");
	}
	*out = h;
	return 0;
}

void held_stop(struct held *h)
{
	if (h == NULL)
		return;
	end_thread(h, h->teller);
	end_thread(h, h->thread);
	free_all(h);
}
