/* SPDX-License-Identifier: ISC */
#include "engine/feeds.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "directory/lease.h"
#include "engine/feed_run.h"
#include "engine/feed_spool.h"

#define QUEUE_MAX 100
#define INTERVAL (5 * CLOCK_SECOND)

/* A feed as it is configured, and what became of it last. */
struct one {
	struct feed *feed;		/* owned */
	struct feed_progress progress;
	char *report;			/* owned; NULL none yet */
	uint64_t run;			/* the last that was sent and is over */
	bool running;
};

struct sent {
	struct sent *next;
	char *name, *hash, *author;	/* owned */
	bool apply;
	int fd;
	uint64_t run;
	void (*done)(void *arg, int code, const struct err *e, char *report);
	void *arg;
};

struct feeds {
	struct feeds_conf conf;
	pthread_t thread;
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t wake;
	struct one *one;
	size_t n;
	struct sent *first, **last;
	size_t n_sent;
	uint64_t runs;
	bool busy;			/* one is in use by the thread: */
	struct one *fresh;		/* ... this takes its place, NULL none */
	struct feeds_conf next;
	bool joined;
	_Atomic bool stop;
};

/* --- the feeds ------------------------------------------------------------------- */

static void free_all(struct one *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		feed_close(v[i].feed);
		free(v[i].report);
	}
	free(v);
}

static int open_all(const struct feeds_conf *c, struct one **out,
    struct err *e)
{
	struct one *v = calloc(c->n + 1, sizeof(*v));
	size_t i;
	int rc = 0;

	if (v == NULL)
		abort();
	for (i = 0; rc == 0 && i < c->n; i++) {
		v[i].progress.phase = "";
		if ((rc = feed_open(&c->feed[i], c->map, &v[i].feed, e)) == 0)
			rc = feed_spool_check(v[i].feed, e);
	}
	if (rc != 0)
		free_all(v, c->n);
	else
		*out = v;
	return rc;
}

static struct one *find(struct feeds *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (str_eq(feed_config(f->one[i].feed)->name, name))
			return &f->one[i];
	return NULL;
}

static int no_feed(const char *name, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no feed \"%.64s\": feeds "
	    "are sections of provostd.conf; GET /v1/feeds lists them", name);
}

/* --- the thread -------------------------------------------------------------------- */

static struct feed_run run_of(struct feeds *f, struct one *o)
{
	return (struct feed_run){ .view = f->conf.view, .map = f->conf.map,
	    .writer = f->conf.writer, .held = f->conf.held,
	    .journal = f->conf.journal, .feed = o->feed, .hash = "",
	    .tmp = f->conf.tmp,
	    .progress = &o->progress, .stop = &f->stop };
}

static void keep_report(struct feeds *f, struct one *o, uint64_t number,
    const char *text)
{
	pthread_mutex_lock(&f->lock);
	if (number != 0)
		o->run = number;
	free(o->report);
	o->report = strdup(text);
	pthread_mutex_unlock(&f->lock);
}

static void running(struct feeds *f, struct one *o, bool on)
{
	pthread_mutex_lock(&f->lock);
	o->running = on;
	pthread_mutex_unlock(&f->lock);
}

static void answer(struct sent *s, int code, const struct err *e,
    char *report)
{
	if (s->done != NULL)
		s->done(s->arg, code, e, report);
	else
		free(report);
	close(s->fd);
	free(s->name);
	free(s->hash);
	free(s->author);
	free(s);
}

static void run_sent(struct feeds *f, struct sent *s)
{
	struct one *o = find(f, s->name);
	struct feed_outcome out;
	struct feed_run run;
	struct err e;

	if (o == NULL) {
		no_feed(s->name, &e);
		answer(s, e.code, &e, NULL);
		return;
	}
	run = run_of(f, o);
	run.fd = s->fd;
	run.apply = s->apply;
	run.hash = s->hash;
	run.author = s->author;
	running(f, o, true);
	feed_run(&run, &out);
	keep_report(f, o, s->run, buf_str(&out.report));
	running(f, o, false);
	answer(s, out.code, &out.err, buf_take(&out.report, NULL));
}

struct keeping {
	struct feeds *f;
	struct one *o;
};

static void spool_done(void *ctx, const struct feed_outcome *out)
{
	struct keeping *k = ctx;

	keep_report(k->f, k->o, 0, buf_str(&out->report));
}

static void look_spools(struct feeds *f)
{
	size_t i;

	if (f->conf.lease != NULL && !lease_mine(f->conf.lease))
		return;
	for (i = 0; i < f->n && !f->stop; i++) {
		struct keeping k = { f, &f->one[i] };
		struct feed_run run = run_of(f, k.o);
		char author[128];

		if (*feed_config(k.o->feed)->dir == '\0')
			continue;
		snprintf(author, sizeof(author), "feed:%s",
		    feed_config(k.o->feed)->name);
		run.author = author;
		run.apply = run.once = true;
		running(f, k.o, true);
		feed_spool_look(&run, f->conf.max_file, spool_done, &k);
		running(f, k.o, false);
	}
}

static void wait_for(struct feeds *f, int64_t us)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	us += t.tv_nsec / 1000;
	t.tv_sec += us / CLOCK_SECOND;
	t.tv_nsec = us % CLOCK_SECOND * 1000;
	pthread_cond_timedwait(&f->wake, &f->lock, &t);
}

/* Lock held. */
static struct sent *take(struct feeds *f)
{
	struct sent *s = f->first;

	if (s != NULL && (f->first = s->next) == NULL)
		f->last = &f->first;
	if (s != NULL)
		f->n_sent--;
	return s;
}

/* The new feeds instead of the old; lock held, and nobody uses those. */
static void renew(struct feeds *f)
{
	size_t i;

	for (i = 0; i < f->next.n; i++) {
		struct one *old = find(f,
		    feed_config(f->fresh[i].feed)->name);

		if (old == NULL)
			continue;
		f->fresh[i].report = old->report;
		old->report = NULL;
	}
	free_all(f->one, f->n);
	f->one = f->fresh;
	f->n = f->next.n;
	f->conf = f->next;
	f->fresh = NULL;
}

static void *thread(void *arg)
{
	struct feeds *f = arg;
	int64_t look_at = 0;
	struct sent *s;

	log_tag("feeds");
	pthread_mutex_lock(&f->lock);
	while (!f->stop) {
		s = take(f);
		if (s == NULL && clock_mono() < look_at) {
			wait_for(f, look_at - clock_mono());
			continue;
		}
		f->busy = true;
		pthread_mutex_unlock(&f->lock);
		if (s != NULL)
			run_sent(f, s);
		else
			look_spools(f);
		pthread_mutex_lock(&f->lock);
		f->busy = false;
		if (f->fresh != NULL)
			renew(f);
		if (s == NULL)
			look_at = clock_mono() + f->conf.interval;
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* --- life ------------------------------------------------------------------------------ */

int feeds_start(const struct feeds_conf *c, struct feeds **out, struct err *e)
{
	struct feeds *f = calloc(1, sizeof(*f));
	pthread_condattr_t mono;
	int rc;

	if (f == NULL)
		abort();
	f->conf = *c;
	f->n = c->n;
	f->last = &f->first;
	if (f->conf.interval <= 0)
		f->conf.interval = INTERVAL;
	if ((rc = open_all(c, &f->one, e)) != 0) {
		free(f);
		return rc;
	}
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&mono);
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &mono);
	pthread_condattr_destroy(&mono);
	if (pthread_create(&f->thread, NULL, thread, f) != 0)
		abort();
	*out = f;
	return 0;
}

void feeds_stop(struct feeds *f)
{
	struct err e;
	struct sent *s;

	if (f == NULL || f->joined)
		return;
	f->joined = true;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_broadcast(&f->wake);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	err_set(&e, ERR_BUSY, "the daemon is stopping: send the file again");
	while ((s = take(f)) != NULL)
		answer(s, e.code, &e, NULL);
}

void feeds_free(struct feeds *f)
{
	if (f == NULL)
		return;
	feeds_stop(f);
	if (f->fresh != NULL)
		free_all(f->fresh, f->next.n);
	free_all(f->one, f->n);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->wake);
	free(f);
}

int feeds_reload(struct feeds *f, const struct feeds_conf *c, struct err *e)
{
	struct feeds_conf next = f->conf;
	struct one *fresh;
	int rc;

	next.feed = c->feed;
	next.n = c->n;
	next.interval = c->interval > 0 ? c->interval : INTERVAL;
	next.max_file = c->max_file;
	if ((rc = open_all(&next, &fresh, e)) != 0)
		return rc;
	pthread_mutex_lock(&f->lock);
	if (f->fresh != NULL)
		free_all(f->fresh, f->next.n);
	f->fresh = fresh;
	f->next = next;
	if (!f->busy)
		renew(f);
	pthread_mutex_unlock(&f->lock);
	return 0;
}

/* --- for front ----------------------------------------------------------------------------- */

int feeds_submit(void *ctx, const char *name, bool apply, const char *hash,
    const char *author, int fd,
    void (*done)(void *arg, int code, const struct err *e, char *report),
    void *arg, uint64_t *run, struct err *e)
{
	struct feeds *f = ctx;
	struct sent *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		abort();
	*s = (struct sent){ .name = strdup(name), .hash = strdup(hash),
	    .author = strdup(author), .apply = apply, .fd = fd,
	    .done = done, .arg = arg };
	pthread_mutex_lock(&f->lock);
	if (find(f, name) == NULL)
		rc = no_feed(name, e);
	else if (f->stop || f->n_sent >= QUEUE_MAX)
		rc = err_set(e, ERR_BUSY, "%zu files wait already: send it "
		    "again later", f->n_sent);
	if (rc == 0) {
		*run = s->run = ++f->runs;
		*f->last = s;
		f->last = &s->next;
		f->n_sent++;
		pthread_cond_signal(&f->wake);
	}
	pthread_mutex_unlock(&f->lock);
	if (rc != 0) {
		s->done = NULL;
		answer(s, rc, e, NULL);
	}
	return rc;
}

/* Lock held. */
static void put_one(struct one *o, struct buf *out)
{
	const struct feed_conf *c = feed_config(o->feed);

	buf_puts(out, "{\"name\":");
	json_text(out, c->name);
	buf_printf(out, ",\"kind\":\"%s\",\"list\":\"%s\",\"owner\":", c->kind,
	    c->list);
	json_text(out, feed_owner(o->feed));
	buf_puts(out, ",\"directory\":");
	json_text(out, c->dir);
	buf_printf(out, ",\"running\":%s", o->running ? "true" : "false");
	if (o->running)
		buf_printf(out, ",\"phase\":\"%s\",\"done\":%llu,\"of\":%llu",
		    o->progress.phase, (unsigned long long)o->progress.done,
		    (unsigned long long)o->progress.of);
	buf_printf(out, ",\"run\":%llu,\"last\":%s}",
	    (unsigned long long)o->run, o->report != NULL ? o->report :
	    "null");
}

int feeds_describe(void *ctx, const char *name, struct buf *out,
    struct err *e)
{
	struct feeds *f = ctx;
	struct one *o;
	size_t i;
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	if (name != NULL) {
		if ((o = find(f, name)) != NULL)
			put_one(o, out);
		else
			rc = no_feed(name, e);
	} else {
		buf_puts(out, "{\"feeds\":[");
		for (i = 0; i < f->n; i++) {
			if (i > 0)
				buf_putc(out, ',');
			put_one(&f->one[i], out);
		}
		buf_puts(out, "]}");
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}
