/* SPDX-License-Identifier: ISC */
#include "engine/drift.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "engine/drift_p.h"

#define FIRST (600 * CLOCK_SECOND)	/* after the start, at the latest */
#define LOOK (10 * CLOCK_SECOND)	/* for targets that are new */
#define PAUSE (60 * CLOCK_SECOND)	/* between two for a release */
#define TRIES 3				/* of a list that shifts under us */

/* A target that can be asked. */
struct watched {
	char *name;			/* owned */
	int64_t due, ended;		/* mono; ended: the last run, 0 none */
	bool wanted, accept;		/* somebody asked */
	bool running;
	uint64_t runs;			/* begun */
	struct report *last;		/* owned; NULL none */
};

struct drift {
	struct drift_conf conf;		/* live: with the lock */
	pthread_t thread;
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t more;
	_Atomic bool stop;
	struct map *watched;		/* name -> struct watched, owned */
};

struct asking {
	struct drift *d;
	struct seen_list *list;
};

/* --- one run ------------------------------------------------------------ */

/* From the dispatch thread, as list_done. */
static bool list_each(void *ctx, const struct target_account *acc)
{
	struct asking *k = ctx;

	return seen_add(k->list, acc);
}

static void list_done(void *ctx, int code, const struct err *e)
{
	struct asking *k = ctx;

	pthread_mutex_lock(&k->d->lock);
	k->list->code = code;
	k->list->err = *e;
	k->list->over = true;
	pthread_cond_broadcast(&k->d->more);
	pthread_mutex_unlock(&k->d->lock);
}

/* The list, and dispatch remembers since when; to be closed in any case. */
static int ask(struct drift *d, const char *target, struct seen_list *list,
    struct err *e)
{
	struct asking k = { d, list };
	struct dispatch_list q = { .target = target, .each = list_each,
	    .done = list_done, .ctx = &k };
	int rc = dispatch_tools(d->conf.dispatch, list->a, target, &q.tools,
	    e);

	if (rc == 0)
		rc = dispatch_list(d->conf.dispatch, &q, e);
	if (rc != 0)
		return rc;
	pthread_mutex_lock(&d->lock);
	while (!list->over)
		pthread_cond_wait(&d->more, &d->lock);
	pthread_mutex_unlock(&d->lock);
	if (list->code != 0)
		*e = list->err;
	return list->code;
}

static void compare(struct drift *d, struct report *r,
    struct seen_list *list, bool accept)
{
	struct drift_conf conf;
	struct comparison c = { .conf = &conf, .stop = &d->stop, .report = r,
	    .list = list, .a = arena_new(), .accept = accept };

	pthread_mutex_lock(&d->lock);
	conf = d->conf;
	pthread_mutex_unlock(&d->lock);
	c.strips = dispatch_strips(conf.dispatch, r->target);
	r->complete = true;
	r->accounts = list->accounts;
	drift_compare(&c);
	arena_free(c.a);
}

/* Pages that shift while they are read come right when they are read again. */
static void run_target(struct drift *d, struct report *r, bool accept)
{
	struct seen_list list;
	struct err e;
	int try, rc = ERR_RETRY;

	for (try = 0; try < TRIES && rc == ERR_RETRY && !d->stop; try++) {
		seen_init(&list);
		memset(&e, 0, sizeof(e));
		if ((rc = ask(d, r->target, &list, &e)) == 0)
			compare(d, r, &list, accept);
		dispatch_list_close(d->conf.dispatch);
		seen_fini(&list);
	}
	if (rc != 0)
		r->why = arena_strdup(r->a, e.text);
	r->mute = rc == ERR_UNSUPPORTED;
	r->ended = clock_now();
}

static void log_report(const struct report *r)
{
	if (!r->complete && r->mute)
		log_debug("target %s: %s", r->target, r->why);
	else if (!r->complete)
		log_warn("target %s: no complete list: %s", r->target,
		    r->why);
	else if (*r->held != '\0')
		log_error("target %s: held: %s", r->target, r->held);
	else if (r->missing + r->extra + r->unmanaged != 0)
		log_warn("target %s: of %" PRIu64 " people missing %"
		    PRIu64 ", extra %" PRIu64 "; accounts that are nobody's %"
		    PRIu64, r->target, r->people, r->missing, r->extra,
		    r->unmanaged);
	else
		log_info("target %s holds what %" PRIu64 " people "
		    "shall have", r->target, r->people);
}

/* --- what a person let pass --------------------------------------------- */

/* Jobs of ours that are released, of this target or (NULL) of all. */
static struct strv released(struct drift *d, struct arena *a,
    const char *target, struct strv *targets)
{
	struct strv ids = { 0 };
	struct held_job *job;
	size_t n = 0, i;

	if (d->conf.held != NULL)
		held_list(d->conf.held, a, true, &job, &n);
	for (i = 0; i < n; i++) {
		if (!str_eq(job[i].kind, DRIFT_KIND) ||
		    job[i].state != HELD_RELEASED ||
		    (target != NULL && !str_eq(job[i].name, target)))
			continue;
		strv_add(a, &ids, job[i].id);
		if (targets != NULL)
			strv_add(a, targets, job[i].name);
	}
	return ids;
}

/* What was released before this run began has been carried out by it. */
static void close_jobs(struct drift *d, const struct strv *ids)
{
	struct err e;
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (held_claim(d->conf.held, ids->v[i], &e) != 0)
			log_debug("%s", e.text);
}

/* --- when --------------------------------------------------------------- */

static struct watched *watch(struct drift *d, const char *name)
{
	struct watched *w = map_get(d->watched, name);
	int64_t wait = d->conf.interval < FIRST ? d->conf.interval : FIRST;

	if (w != NULL)
		return w;
	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    (w->name = strdup(name)) == NULL)
		abort();
	w->due = clock_mono() + wait;
	map_put(d->watched, name, w);
	return w;
}

static void watched_free(void *arg)
{
	struct watched *w = arg;

	report_free(w->last);
	free(w->name);
	free(w);
}

static bool may_run(struct drift *d)
{
	struct sync_state s;

	if (d->conf.sync != NULL) {
		sync_state(d->conf.sync, &s);
		if (!s.served)
			return false;
	}
	return lease_mine(d->conf.lease);
}

/* With the lock: a release is a reason, but not to ask without a pause. */
static void note_released(struct drift *d, const struct strv *targets)
{
	int64_t now = clock_mono();
	struct watched *w;
	size_t i;

	for (i = 0; i < targets->n; i++) {
		w = watch(d, targets->v[i]);
		if (w->ended == 0 || now - w->ended > PAUSE)
			w->wanted = true;
	}
}

/* With the lock: who is to be compared now, NULL: nobody before *wake. Targets
 * that are no longer configured keep their last report and are not asked. */
static struct watched *next(struct drift *d, const struct strv *names,
    int64_t *wake)
{
	int64_t now = clock_mono();
	struct watched *w, *found = NULL;
	size_t i;

	*wake = now + LOOK;
	for (i = 0; i < names->n; i++) {
		w = watch(d, names->v[i]);
		if (w->wanted || (d->conf.interval > 0 && w->due <= now)) {
			if (found == NULL || (w->wanted && !found->wanted))
				found = w;
		} else if (d->conf.interval > 0 && w->due < *wake) {
			*wake = w->due;
		}
	}
	return found;
}

static void run_one(struct drift *d, struct watched *w)
{
	struct arena *a = arena_new();
	struct strv ids = released(d, a, w->name, NULL);
	struct report *r, *old;
	bool accept;

	pthread_mutex_lock(&d->lock);
	accept = w->accept;
	w->wanted = w->accept = false;
	w->running = true;
	r = report_new(w->name, ++w->runs);
	pthread_mutex_unlock(&d->lock);
	run_target(d, r, accept);
	log_report(r);
	if (r->complete)
		close_jobs(d, &ids);
	pthread_mutex_lock(&d->lock);
	old = w->last;
	w->last = r;
	w->running = false;
	w->due = clock_mono() + d->conf.interval;
	w->ended = clock_mono();
	pthread_mutex_unlock(&d->lock);
	report_free(old);
	arena_free(a);
}

/* With the lock: until then, at the latest. */
static void wait_until(struct drift *d, int64_t mono)
{
	int64_t left = mono - clock_mono();
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	left = (left > 0 ? left : 0) + ts.tv_nsec / 1000;
	ts.tv_sec += (time_t)(left / CLOCK_SECOND);
	ts.tv_nsec = (long)(left % CLOCK_SECOND) * 1000;
	pthread_cond_timedwait(&d->more, &d->lock, &ts);
}

/* One target, if there is one due; else wait. */
static void turn(struct drift *d)
{
	struct arena *a = arena_new();
	struct strv names = dispatch_listing(d->conf.dispatch, a);
	struct strv passed = { 0 };
	struct watched *w = NULL;
	int64_t wake = 0;
	bool may = may_run(d);

	released(d, a, NULL, &passed);
	pthread_mutex_lock(&d->lock);
	note_released(d, &passed);
	if (!d->stop && (w = next(d, &names, &wake)) != NULL && !may) {
		w = NULL;
		wake = clock_mono() + CLOCK_SECOND / 10;
	}
	if (!d->stop && w == NULL)
		wait_until(d, wake);
	pthread_mutex_unlock(&d->lock);
	if (w != NULL)
		run_one(d, w);
	arena_free(a);
}

static void *run(void *arg)
{
	struct drift *d = arg;

	pthread_setname_np(pthread_self(), "drift");
	log_tag("drift");
	while (!d->stop)
		turn(d);
	return NULL;
}

/* --- life --------------------------------------------------------------- */

static void drift_free(struct drift *d)
{
	map_free(d->watched, watched_free);
	pthread_cond_destroy(&d->more);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

int drift_start(const struct drift_conf *c, struct drift **out,
    struct err *e)
{
	struct drift *d = calloc(1, sizeof(*d));
	pthread_condattr_t attr;

	if (d == NULL)
		abort();
	d->conf = *c;
	d->watched = map_new();
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->more, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&d->thread, NULL, run, d) != 0) {
		drift_free(d);
		return err_set(e, ERR_IO, "drift: cannot start a thread");
	}
	*out = d;
	return 0;
}

void drift_stop(struct drift *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_broadcast(&d->more);
	pthread_mutex_unlock(&d->lock);
	dispatch_list_cancel(d->conf.dispatch);
	pthread_join(d->thread, NULL);
	drift_free(d);
}

void drift_reload(struct drift *d, const struct drift_conf *c)
{
	struct watched *w;
	int64_t now = clock_mono();
	size_t pos = 0;
	void *p;

	pthread_mutex_lock(&d->lock);
	d->conf.interval = c->interval;
	d->conf.guard = c->guard;
	while (map_next(d->watched, &pos, &p) != NULL) {
		w = p;
		if (w->due > now + c->interval)
			w->due = now + c->interval;
	}
	pthread_cond_broadcast(&d->more);
	pthread_mutex_unlock(&d->lock);
}

/* --- for people --------------------------------------------------------- */

static int unknown(struct drift *d, const char *target, struct err *e)
{
	if (!dispatch_has(d->conf.dispatch, target))
		return dispatch_no_target(target, e);
	return err_set(e, ERR_UNSUPPORTED, "target %.64s is of a kind that "
	    "cannot be asked what it holds", target);
}

/* With the lock. */
static void want(struct watched *w, bool accept, struct buf *out, bool first)
{
	w->wanted = true;
	w->accept |= accept;
	buf_printf(out, "%s{\"target\":", first ? "" : ",");
	json_text(out, w->name);
	buf_printf(out, ",\"run\":%" PRIu64 "}", w->runs + 1);
}

int drift_now(struct drift *d, const char *target, bool accept,
    struct buf *out, struct err *e)
{
	struct arena *a = arena_new();
	struct strv names = dispatch_listing(d->conf.dispatch, a);
	size_t i, n = 0;
	int rc = 0;

	buf_puts(out, "\"started\":[");
	pthread_mutex_lock(&d->lock);
	for (i = 0; i < names.n; i++)
		if (target == NULL || str_eq(names.v[i], target))
			want(watch(d, names.v[i]), accept, out, n++ == 0);
	pthread_cond_broadcast(&d->more);
	pthread_mutex_unlock(&d->lock);
	buf_putc(out, ']');
	if (target != NULL && n == 0)
		rc = unknown(d, target, e);
	arena_free(a);
	return rc;
}

/* With the lock. */
static void show(const struct watched *w, bool rows, struct buf *out)
{
	buf_puts(out, "\"target\":");
	json_text(out, w->name);
	buf_printf(out, ",\"running\":%s,", w->running || w->wanted ? "true" :
	    "false");
	if (w->last != NULL)
		report_write(w->last, rows, out);
	else
		buf_puts(out, "\"run\":0");
}

static void show_all(struct drift *d, struct buf *out)
{
	struct arena *a = arena_new();
	struct strv names = { 0 };
	size_t pos = 0, i;
	const char *name;

	while ((name = map_next(d->watched, &pos, NULL)) != NULL)
		strv_add(a, &names, name);
	strv_sort(&names);
	buf_puts(out, "\"reports\":[");
	for (i = 0; i < names.n; i++) {
		buf_puts(out, i != 0 ? ",{" : "{");
		show(map_get(d->watched, names.v[i]), false, out);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	arena_free(a);
}

int drift_report(struct drift *d, const char *target, struct buf *out,
    struct err *e)
{
	struct watched *w = NULL;

	pthread_mutex_lock(&d->lock);
	if (target == NULL)
		show_all(d, out);
	else if ((w = map_get(d->watched, target)) != NULL)
		show(w, true, out);
	pthread_mutex_unlock(&d->lock);
	return target == NULL || w != NULL ? 0 : unknown(d, target, e);
}

int drift_csv(struct drift *d, const char *target, int *fd, struct err *e)
{
	struct watched *w;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	w = map_get(d->watched, target);
	if (w == NULL)
		rc = ERR_UNSUPPORTED;
	else if (w->last == NULL)
		rc = err_set(e, ERR_NOT_FOUND, "target %s was not compared "
		    "yet: POST /v1/drift", target);
	else if (w->last->csv == NULL || fflush(w->last->csv) != 0 ||
	    (*fd = fcntl(fileno(w->last->csv), F_DUPFD_CLOEXEC, 0)) < 0)
		rc = err_set(e, ERR_IO, "the rows were not kept: see TMPDIR "
		    "and the disk");
	pthread_mutex_unlock(&d->lock);
	return w == NULL ? unknown(d, target, e) : rc;
}
