/* SPDX-License-Identifier: ISC */
/* The rolling 24 hours, by hours on the clock: an hour counts until its last
 * minute is a day old. */
#include "directory/held_p.h"

#include <string.h>

#include "base/clock.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)

static bool is_old(int64_t at, int64_t now)
{
	return (at + 1) * HOUR <= now - GUARD_DAY;
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
