/* SPDX-License-Identifier: ISC */
/* Who is counted, and in which hour. The rolling 24 hours, by hours on the
 * clock: an hour counts until its last minute is a day old. */
#include "directory/held_p.h"

#include <stdlib.h>

#include "base/arena.h"

static bool is_old(int64_t at, int64_t now)
{
	return (at + 1) * HELD_HOUR <= now - GUARD_DAY;
}

static struct hour *find(struct hours *h, int64_t at)
{
	size_t i, least = 0;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].at == at)
			return &h->v[i];
		if (h->v[i].at < h->v[least].at)
			least = i;
	}
	i = h->n < HELD_HOURS ? h->n++ : least;
	h->v[i] = (struct hour){ .at = at };
	return &h->v[i];
}

void hours_put(struct hours *h, int64_t at, enum guard_kind k, int64_t n)
{
	find(h, at)->n[k] += n;
}

void hours_move(struct hours *to, struct hours *from)
{
	struct hour *t;
	size_t i;
	int k;

	for (i = 0; i < from->n; i++) {
		t = find(to, from->v[i].at);
		for (k = 0; k < GUARD_KINDS; k++)
			t->n[k] += from->v[i].n[k];
	}
	from->n = 0;
}

void hours_forget(struct hours *h, int64_t now)
{
	size_t i, n = 0;

	for (i = 0; i < h->n; i++)
		if (!is_old(h->v[i].at, now))
			h->v[n++] = h->v[i];
	h->n = n;
}

static void sum(const struct hours *h, int64_t now, int64_t n[GUARD_KINDS])
{
	size_t i;
	int k;

	for (i = 0; i < h->n; i++)
		for (k = 0; k < GUARD_KINDS && !is_old(h->v[i].at, now); k++)
			n[k] += h->v[i].n[k];
}

struct guard_tally held_sum(const struct window *w, int64_t now)
{
	struct guard_tally t = { 0 };
	int64_t n[GUARD_KINDS] = { 0 };
	int k;

	sum(&w->base, now, n);
	sum(&w->own, now, n);
	sum(&w->sent, now, n);
	for (k = 0; k < GUARD_KINDS; k++)
		t.n[k] = n[k] > 0 ? (uint64_t)n[k] : 0;
	return t;
}

/* --- people --------------------------------------------------------------- */

static struct mark *mark_of(const struct window *w, const char *person,
    int64_t now)
{
	struct mark *m = *person == '\0' ? NULL : map_get(w->people, person);

	return m != NULL && now - m->at < GUARD_DAY ? m : NULL;
}

uint64_t held_known(const struct window *w, const struct held_item *item,
    size_t n, int64_t now)
{
	uint64_t known = 0;
	size_t i;

	for (i = 0; i < n; i++)
		known += mark_of(w, item[i].person, now) != NULL;
	return known;
}

/* Those that count no more, when there are twice as many as were left the last
 * time. */
static void forget_old(struct window *w, int64_t now)
{
	struct arena *a;
	struct strv old = { 0 };
	struct mark *m;
	const char *person;
	size_t pos = 0, i;

	if (map_count(w->people) < w->many)
		return;
	a = arena_new();
	while ((person = map_next(w->people, &pos, (void **)&m)) != NULL)
		if (now - m->at >= GUARD_DAY)
			strv_add(a, &old, person);
	for (i = 0; i < old.n; i++)
		free(map_del(w->people, old.v[i]));
	w->many = 2 * map_count(w->people) + 1000;
	arena_free(a);
}

/* True: they were not counted yet. */
static bool mark(struct window *w, const char *person, int64_t now)
{
	struct mark *m = mark_of(w, person, now);

	if (m != NULL) {
		m->n++;
		return false;
	}
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		abort();
	*m = (struct mark){ now, 1 };
	if (*person != '\0')
		m = map_put(w->people, person, m);
	free(m);
	return true;
}

/* True: nobody counts on it any more. */
static bool unmark(struct window *w, const char *person, int64_t now)
{
	struct mark *m = mark_of(w, person, now);

	if (m == NULL || --m->n != 0)
		return *person == '\0';
	free(map_del(w->people, person));
	return true;
}

static void put(struct window *w, const struct guard_tally *t, int sign,
    int64_t now)
{
	int k;

	for (k = 0; k < GUARD_KINDS; k++) {
		if (t->n[k] == 0)
			continue;
		hours_put(&w->own, now / HELD_HOUR, (enum guard_kind)k,
		    sign * (int64_t)t->n[k]);
		w->at.dirty = true;
	}
}

void held_count(struct window *w, const struct held_ask *q, int64_t now)
{
	struct guard_tally t = q->tally;
	uint64_t fresh = 0;
	size_t i;

	forget_old(w, now);
	for (i = 0; i < q->n_items; i++)
		fresh += mark(w, q->item[i].person, now);
	if (q->n_items != 0)
		guard_keep(&t, fresh);
	put(w, &t, 1, now);
}

void held_uncount(struct window *w, const struct held_ask *q, int64_t now)
{
	struct guard_tally t = q->tally;
	uint64_t gone = 0;
	size_t i;

	for (i = 0; i < q->n_items; i++)
		gone += unmark(w, q->item[i].person, now);
	if (q->n_items != 0)
		guard_keep(&t, gone);
	put(w, &t, -1, now);
}
