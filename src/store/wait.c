/* SPDX-License-Identifier: ISC */
#include "store/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"

#define BUCKETS 4096
#define GONE 256		/* deletions remembered */

struct waiter {
	struct waiter *next;		/* in its bucket, or of those to end */
	struct waiter *sooner, *later;	/* by deadline */
	uint8_t uuid[16];
	char csn[64];
	bool gone;			/* waits for the deletion */
	int64_t deadline;
	bool settled;			/* its caller has looked */
	bool hit;			/* committed before it was settled */
	void (*done)(void *arg, enum view_wait_end end);
	void *arg;
};

struct waits {
	pthread_mutex_t lock;
	struct waiter *bucket[BUCKETS];
	struct waiter *soonest, *latest;
	uint8_t gone[GONE][16];
	unsigned gone_next, gone_n;
};

static void *xcalloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

struct waits *waits_new(void)
{
	struct waits *w = xcalloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	return w;
}

static struct waiter **bucket(struct waits *w, const uint8_t uuid[16])
{
	return &w->bucket[hash_fast(uuid, 16, 0) % BUCKETS];
}

/* Into the list of deadlines, looking from its end: most have the same
 * patience, so most go there. */
static void queue_in(struct waits *w, struct waiter *x)
{
	struct waiter *before = w->latest;

	while (before != NULL && before->deadline > x->deadline)
		before = before->sooner;
	x->sooner = before;
	x->later = before ? before->later : w->soonest;
	*(before ? &before->later : &w->soonest) = x;
	*(x->later ? &x->later->sooner : &w->latest) = x;
}

static void queue_out(struct waits *w, struct waiter *x)
{
	*(x->sooner ? &x->sooner->later : &w->soonest) = x->later;
	*(x->later ? &x->later->sooner : &w->latest) = x->sooner;
}

static void take_out(struct waits *w, struct waiter *x)
{
	struct waiter **p = bucket(w, x->uuid);

	while (*p != x)
		p = &(*p)->next;
	*p = x->next;
	queue_out(w, x);
}

/* Call everybody on the list; no lock held. */
static void end_all(struct waiter *list, enum view_wait_end how)
{
	while (list != NULL) {
		struct waiter *x = list;

		list = x->next;
		x->done(x->arg, how);
		free(x);
	}
}

void waits_free(struct waits *w)
{
	if (w == NULL)
		return;
	while (w->soonest != NULL) {
		struct waiter *x = w->soonest;

		take_out(w, x);
		x->next = NULL;
		end_all(x, VIEW_WAIT_DEADLINE);
	}
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct waiter *waits_add(struct waits *w, const uint8_t uuid[16],
    const char *csn, int64_t deadline_mono,
    void (*done)(void *arg, enum view_wait_end end), void *arg)
{
	struct waiter *x = xcalloc(sizeof(*x)), **b = bucket(w, uuid);

	memcpy(x->uuid, uuid, 16);
	x->gone = csn == NULL;
	if (csn != NULL)
		snprintf(x->csn, sizeof(x->csn), "%s", csn);
	x->deadline = deadline_mono;
	x->done = done;
	x->arg = arg;
	pthread_mutex_lock(&w->lock);
	x->next = *b;
	*b = x;
	queue_in(w, x);
	pthread_mutex_unlock(&w->lock);
	return x;
}

static bool lately_gone(const struct waits *w, const uint8_t uuid[16])
{
	unsigned i;

	for (i = 0; i < w->gone_n; i++)
		if (memcmp(w->gone[i], uuid, 16) == 0)
			return true;
	return false;
}

/* A deletion ends every wait: what was waited for will not come any more. */
static bool meets(const struct waiter *x, const char *csn)
{
	return csn == NULL || (!x->gone && strcmp(csn, x->csn) >= 0);
}

void waits_settle(struct waits *w, struct waiter *x, bool looked,
    const char *csn)
{
	bool over;

	pthread_mutex_lock(&w->lock);
	if (csn != NULL)
		over = meets(x, csn);
	else
		over = looked && (x->gone || lately_gone(w, x->uuid));
	over |= x->hit;
	x->settled = true;
	if (over)
		take_out(w, x);
	pthread_mutex_unlock(&w->lock);
	if (!over)
		return;
	x->next = NULL;
	end_all(x, VIEW_WAIT_SEEN);
}

/* Move those who wait for ev to *ended; those not settled yet are told. */
static void event(struct waits *w, const struct wait_event *ev,
    struct waiter **ended)
{
	struct waiter **p = bucket(w, ev->uuid), *x;

	while ((x = *p) != NULL) {
		if (memcmp(x->uuid, ev->uuid, 16) != 0 ||
		    !meets(x, ev->csn)) {
			p = &x->next;
		} else if (!x->settled) {
			x->hit = true;
			p = &x->next;
		} else {
			*p = x->next;
			queue_out(w, x);
			x->next = *ended;
			*ended = x;
		}
	}
	if (ev->csn != NULL)
		return;
	memcpy(w->gone[w->gone_next], ev->uuid, 16);
	w->gone_next = (w->gone_next + 1) % GONE;
	if (w->gone_n < GONE)
		w->gone_n++;
}

void waits_committed(struct waits *w, const struct wait_event *ev, size_t n)
{
	struct waiter *ended = NULL;
	size_t i;

	pthread_mutex_lock(&w->lock);
	for (i = 0; i < n; i++)
		event(w, &ev[i], &ended);
	pthread_mutex_unlock(&w->lock);
	end_all(ended, VIEW_WAIT_SEEN);
}

int64_t waits_expire(struct waits *w)
{
	int64_t now = clock_mono(), next = CLOCK_NEVER;
	struct waiter *ended = NULL, *x, *later;

	pthread_mutex_lock(&w->lock);
	for (x = w->soonest; x != NULL && x->deadline <= now; x = later) {
		later = x->later;
		if (!x->settled)
			continue;
		take_out(w, x);
		x->next = ended;
		ended = x;
	}
	if (w->soonest != NULL)
		next = w->soonest->deadline;
	pthread_mutex_unlock(&w->lock);
	end_all(ended, VIEW_WAIT_DEADLINE);
	return next;
}
