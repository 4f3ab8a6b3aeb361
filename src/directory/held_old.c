/* SPDX-License-Identifier: ISC */
/* What nobody needs any more: jobs that were decided long ago, windows in which
 * nothing has happened. */
#include "directory/held_p.h"

#include "base/arena.h"
#include "base/clock.h"

#define KEPT (30 * GUARD_DAY)			/* decided jobs */
#define EVERY HELD_HOUR

struct old {
	struct arena *a;
	struct change **v;
	size_t n, cap;
};

static void add(struct old *o, const struct held *h, const char *id,
    const struct stand *at)
{
	struct change *c;

	if (!at->exists || at->dirty || at->flying)
		return;
	if (o->n == o->cap) {
		o->cap = o->cap != 0 ? o->cap * 2 : 16;
		o->v = arena_grow(o->a, o->v, o->n, o->cap, sizeof(*o->v));
	}
	c = change_new(o->a, CHANGE_DELETE, held_dn(o->a, h, id));
	c->assert_csn = arena_strdup(o->a, at->csn);
	o->v[o->n++] = c;
}

/* The job's own entry last: a part without it says nothing. */
static void add_jobs(struct old *o, struct held *h, int64_t now)
{
	struct job *j;
	size_t pos = 0, i;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		for (i = j->n_parts; i-- > 0 && j->v.state != HELD_HELD &&
		    now - j->v.decided > KEPT; )
			add(o, h, held_part_id(o->a, j, i), &j->part[i].at);
}

static void add_windows(struct old *o, struct held *h, int64_t now)
{
	struct window *w;
	size_t pos = 0;

	while (map_next(h->windows, &pos, (void **)&w) != NULL) {
		hours_forget(&w->base, now);
		if (w->base.n == 0 && w->own.n == 0 && w->sent.n == 0)
			add(o, h, w->id, &w->at);
	}
}

void held_forget_old(struct held *h)
{
	const int64_t now = clock_now();
	struct old o = { 0 };
	struct writer_result r;
	size_t i;

	if (now < h->forget_at)
		return;
	h->forget_at = now + EVERY;
	o.a = arena_new();
	add_jobs(&o, h, now);
	add_windows(&o, h, now);
	pthread_mutex_unlock(&h->lock);
	/* What can't be removed now is the next time. */
	for (i = 0; i < o.n; i++)
		writer_call(h->writer, o.v[i], NULL, false, &r);
	arena_free(o.a);
	pthread_mutex_lock(&h->lock);
}
