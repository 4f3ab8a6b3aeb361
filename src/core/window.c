/* SPDX-License-Identifier: ISC */
#include "core/window.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"

static int cmp(const void *x, const void *y)
{
	return right_cmp(&((const struct period *)x)->right,
	    &((const struct period *)y)->right);
}

void window_make(struct arena *a, const struct person *p, struct window *out)
{
	out->n = p->n_periods;
	out->v = arena_memdup(a, p->periods, out->n * sizeof(*out->v));
	if (out->n != 0)
		qsort(out->v, out->n, sizeof(*out->v), cmp);
}

/* The first period whose right is not before r. */
static size_t first(const struct window *w, const struct right *r)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (right_cmp(&w->v[mid].right, r) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const char *why_closed(struct arena *a, int64_t begins, int64_t ended)
{
	char t[32];

	if (begins != CLOCK_NEVER)
		return arena_printf(a, "it begins at %s (T3)",
		    clock_print_rfc3339(begins, t));
	return arena_printf(a, "it ended at %s (T3)",
	    clock_print_rfc3339(ended, t));
}

const char *window_cut(struct arena *a, const struct window *w,
    const struct right *r, int64_t now)
{
	int64_t begins = CLOCK_NEVER, ended = INT64_MIN;
	size_t i = first(w, r), start = i;
	bool open = false;

	for (; i < w->n && right_eq(&w->v[i].right, r); i++) {
		const struct period *q = &w->v[i];

		if (q->until == INT64_MIN)
			return "its period is malformed (T3)";
		open |= q->from <= now && now < q->until;
		if (q->from > now && q->from < begins)
			begins = q->from;
		if (q->until <= now && q->until > ended)
			ended = q->until;
	}
	return open || i == start ? NULL : why_closed(a, begins, ended);
}

int64_t window_ended(const struct window *w, const struct right *r,
    int64_t now)
{
	int64_t ended = INT64_MIN;
	size_t i;

	for (i = first(w, r); i < w->n && right_eq(&w->v[i].right, r); i++) {
		const struct period *q = &w->v[i];

		if (q->until == INT64_MIN || (q->from <= now && now < q->until))
			return INT64_MIN;
		if (q->until <= now && q->until > ended)
			ended = q->until;
	}
	return ended;
}

int64_t window_next(const struct window *w, int64_t now)
{
	int64_t next = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->v[i].from > now && w->v[i].from < next)
			next = w->v[i].from;
		if (w->v[i].until > now && w->v[i].until < next)
			next = w->v[i].until;
	}
	return next;
}
