/* SPDX-License-Identifier: ISC */
/* The thread that brings to the directory what has been counted and held. One
 * write at a time; counts wait a moment for more of them. */
#include "directory/held_p.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

#define SOON 200			/* ms: counts come in crowds */
#define AWAY 1000			/* ms: the directory is away */
#define IDLE 1000			/* ms: has the view something new? */
#define PATIENCE 5			/* writes that fail before nobody waits
					 * for it any more */

/* One write. */
struct work {
	struct arena *a;		/* owned */
	struct change *change;
	struct window *window;		/* or */
	char id[HELD_ID];		/* of the job, and */
	size_t part;
	enum held_state word;		/* that it brings; HELD_HELD none */
	bool removal;
	uint8_t uuid[16];
};

/* --- waiting -------------------------------------------------------------------- */

void held_nap(struct held *h, pthread_cond_t *cond, int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(cond, &h->lock, &t);
}

/* --- what is to be written ------------------------------------------------------ */

bool held_unwritten(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->n_parts; i++)
		if (j->part[i].at.dirty || j->part[i].at.flying)
			return true;
	return false;
}

/* The job's own entry last: where it is, all of it is. */
static bool dirty_part(const struct job *j, size_t *part)
{
	size_t i;

	for (i = j->n_parts; i-- > 0; )
		if (j->part[i].at.dirty && (i != 0 || j->want != HELD_HELD ||
		    j->v.state == HELD_HELD)) {
			*part = i;
			return true;
		}
	return false;
}

static bool find_part(struct held *h, struct work *w)
{
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL) {
		if (!dirty_part(j, &w->part))
			continue;
		snprintf(w->id, sizeof(w->id), "%s", j->v.id);
		w->word = w->part == 0 ? j->want : HELD_HELD;
		w->change = held_part_change(w->a, h, j, w->part);
		j->part[w->part].at.dirty = false;
		j->part[w->part].at.flying = true;
		return true;
	}
	return false;
}

static bool any_counts(struct held *h)
{
	struct window *w;
	size_t pos = 0;

	while (map_next(h->windows, &pos, (void **)&w) != NULL)
		if (w->at.dirty)
			return true;
	return false;
}

static bool find_window(struct held *h, struct work *w)
{
	struct window *v;
	size_t pos = 0;

	while (map_next(h->windows, &pos, (void **)&v) != NULL) {
		if (!v->at.dirty)
			continue;
		hours_move(&v->sent, &v->own);
		w->window = v;
		w->change = held_window_change(w->a, h, v);
		v->at.dirty = false;
		v->at.flying = true;
		return true;
	}
	return false;
}

/* --- what came of it ------------------------------------------------------------- */

/* True: it is there as it was to be. */
static bool take_result(struct held *h, struct stand *at,
    const struct writer_result *r)
{
	at->flying = false;
	h->read = false;		/* what came meanwhile was left out */
	if (r->code == 0) {
		at->exists = true;
		snprintf(at->csn, sizeof(at->csn), "%s", r->csn);
		return true;
	}
	if (r->code == ERR_NOT_FOUND)
		*at = (struct stand){ 0 };
	at->dirty = true;
	return false;
}

static void wrote_window(struct held *h, struct window *w,
    const struct writer_result *r)
{
	if (take_result(h, &w->at, r))
		hours_move(&w->base, &w->sent);
	else
		hours_move(&w->own, &w->sent);
	hours_forget(&w->base, clock_now());
	hours_forget(&w->own, clock_now());
}

/* Somebody else wrote it first: what they wrote is on its way. */
static bool is_race(int code)
{
	return code == ERR_CONFLICT || code == ERR_EXISTS ||
	    code == ERR_NOT_FOUND;
}

/* A word that can't be written now is not kept for later: whoever gave it is
 * told so. */
static void wrote_word(struct job *j, int code)
{
	if (code == 0) {
		j->v.state = j->want;
		j->ticket = TICKET_WON;
	} else if (is_race(code)) {
		return;
	} else {
		if (j->v.state == HELD_HELD)
			j->v.decided = 0;
		j->ticket = TICKET_LOST;
	}
	j->want = HELD_HELD;
}

static void stored(struct job *j, size_t part, bool good)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		if (j->item[i]->part == part && j->item[i]->sent) {
			j->item[i]->stored |= good;
			j->item[i]->sent = false;
		}
}

static void wrote_part(struct held *h, struct work *w,
    const struct writer_result *r)
{
	struct job *j = map_get(h->jobs, w->id);

	if (j == NULL)
		return;
	stored(j, w->part, take_result(h, &j->part[w->part].at, r));
	/* Not one that was given meanwhile. */
	if (w->word != HELD_HELD)
		wrote_word(j, r->code);
}

static void note(struct held *h, struct work *w, const struct writer_result *r)
{
	if (w->window != NULL)
		wrote_window(h, w->window, r);
	else
		wrote_part(h, w, r);
	if (r->code != 0 && !is_race(r->code))
		log_warn("guard: %s could not be written: %s", w->change->dn,
		    r->err.text);
}

/* --- who waits for it -------------------------------------------------------------- */

static bool is_settled(struct held *h, struct settler *s, bool failed)
{
	const struct job *j = map_get(h->jobs, s->id);

	if (j == NULL || !held_unwritten(j) || h->stopping ||
	    h->writer == NULL)
		return true;
	s->tries += failed;
	return s->tries >= PATIENCE;
}

/* Called without the lock: they answer. */
static void settle(struct held *h, bool failed)
{
	struct settler **p = &h->settlers, *ready = NULL, *s;

	while ((s = *p) != NULL) {
		if (!is_settled(h, s, failed)) {
			p = &s->next;
			continue;
		}
		*p = s->next;
		s->next = ready;
		ready = s;
	}
	pthread_cond_broadcast(&h->moved);
	pthread_mutex_unlock(&h->lock);
	while ((s = ready) != NULL) {
		ready = s->next;
		s->done(s->arg);
		free(s);
	}
	pthread_mutex_lock(&h->lock);
}

void held_settled(struct held *h, const char *id, void (*done)(void *arg),
    void *arg)
{
	struct settler *s = calloc(1, sizeof(*s));
	bool now;

	if (s == NULL)
		abort();
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->done = done;
	s->arg = arg;
	pthread_mutex_lock(&h->lock);
	now = is_settled(h, s, false);
	if (!now) {
		s->next = h->settlers;
		h->settlers = s;
	}
	pthread_mutex_unlock(&h->lock);
	if (now) {
		done(arg);
		free(s);
	}
}

/* --- the loop ------------------------------------------------------------------------ */

static void write_one(struct held *h, struct work *w)
{
	struct writer_result r = { 0 };

	pthread_mutex_unlock(&h->lock);
	r.code = writer_call(h->writer, w->change, NULL, true, &r);
	pthread_mutex_lock(&h->lock);
	note(h, w, &r);
	settle(h, r.code != 0);
	if (r.code != 0 && !h->stopping)
		held_nap(h, &h->wake, is_race(r.code) ? SOON : AWAY);
}

/* Counts are written when no job is to be, and not at once. */
static bool find_work(struct held *h, struct work *w)
{
	held_read(h);
	if (h->writer == NULL)
		return false;
	if (find_part(h, w))
		return true;
	if (!any_counts(h))
		return false;
	if (!h->stopping)
		held_nap(h, &h->wake, SOON);
	return find_part(h, w) || find_window(h, w);
}

static void idle(struct held *h)
{
	if (h->writer != NULL)
		held_forget_old(h);
	held_nap(h, &h->wake, IDLE);
}

/* At the end everything has one more try. */
void *held_write(void *arg)
{
	struct held *h = arg;
	unsigned last = 0;

	pthread_mutex_lock(&h->lock);
	while (!h->stopping || last < 100) {
		struct work w = { .a = arena_new() };
		bool found = find_work(h, &w);

		if (found)
			write_one(h, &w);
		arena_free(w.a);
		if (h->stopping)
			last = found ? last + 1 : 100;
		else if (!found)
			idle(h);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}
