/* SPDX-License-Identifier: ISC */
/* A stretch of an index as positions in the order of creation: an index stands
 * in the order of its keys, so they are collected and sorted. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/query_p.h"

#define SMALL 64		/* sorted whole */
#define DEEP 48			/* halvings before we give up halving */

typedef int (*compare)(const void *, const void *);

static int up(const void *x, const void *y)
{
	return query_pos_cmp(x, y);
}

static int down(const void *x, const void *y)
{
	return query_pos_cmp(y, x);
}

static int collect(struct query_run *r, const struct query_term *t,
    struct view_pos **out, size_t *n, struct err *e)
{
	struct view_pos *v = NULL, pos;
	struct view_iter *it;
	size_t cap = 0;
	int rc = view_iter_range(r->read, r->q->type, &t->range, false, NULL,
	    NULL, &it, e);

	*n = 0;
	if (rc != 0)
		return rc;
	while (rc == 0 && view_iter_next_pos(it, &pos)) {
		if (*n == cap) {
			v = arena_grow(r->a, v, cap, cap ? cap * 2 : 64,
			    sizeof(*v));
			cap = cap ? cap * 2 : 64;
		}
		v[(*n)++] = pos;
		rc = query_step(r, e);
	}
	view_iter_free(it);
	*out = v;
	return rc;
}

static size_t without_doubles(struct view_pos *v, size_t n)
{
	size_t i, m = 0;

	for (i = 0; i < n; i++)
		if (m == 0 || query_pos_cmp(&v[m - 1], &v[i]) != 0)
			v[m++] = v[i];
	return m;
}

int query_range(struct query_run *r, const struct query_term *t, bool reverse,
    struct view_pos **out, size_t *n, struct err *e)
{
	int rc = collect(r, t, out, n, e);

	if (rc != 0 || *n == 0)
		return rc;
	qsort(*out, *n, sizeof(**out), reverse ? down : up);
	if (!t->single)
		*n = without_doubles(*out, *n);
	return 0;
}

/* --- only a page of it ---------------------------------------------------------- */

static void swap(struct view_pos *a, struct view_pos *b)
{
	struct view_pos t = *a;

	*a = *b;
	*b = t;
}

/* What is less than the value in the middle to the front, the rest behind it;
 * how many stand in front, neither 0 nor n. */
static size_t halve(struct view_pos *v, size_t n, compare cmp)
{
	struct view_pos mid;
	size_t i = 0, k = n - 1;

	if (cmp(&v[n / 2], &v[0]) < 0)
		swap(&v[n / 2], &v[0]);
	if (cmp(&v[n - 1], &v[0]) < 0)
		swap(&v[n - 1], &v[0]);
	if (cmp(&v[n - 1], &v[n / 2]) < 0)
		swap(&v[n - 1], &v[n / 2]);
	mid = v[n / 2];
	for (;;) {
		while (cmp(&v[i], &mid) < 0)
			i++;
		while (cmp(&mid, &v[k]) < 0)
			k--;
		if (i >= k)
			return k + 1 < n ? k + 1 : n - 1;
		swap(&v[i++], &v[k--]);
	}
}

/* So that what belongs to [from, to) stands there in order: a quicksort that
 * leaves out the rest. */
static void sort_part(struct view_pos *v, size_t n, size_t from, size_t to,
    compare cmp, int deep)
{
	size_t m;

	if (from >= n || to == 0)
		return;
	if (n <= SMALL || deep == 0) {
		qsort(v, n, sizeof(*v), cmp);
		return;
	}
	m = halve(v, n, cmp);
	sort_part(v, m, from, to, cmp, deep - 1);
	sort_part(v + m, n - m, from > m ? from - m : 0, to > m ? to - m : 0,
	    cmp, deep - 1);
}

int query_range_page(struct query_run *r, const struct query_term *t,
    struct err *e)
{
	const struct query *q = r->q;
	compare cmp = q->reverse ? down : up;
	struct view_pos *v;
	size_t n, from = 0, to, i;
	int rc = collect(r, t, &v, &n, e);

	if (rc != 0)
		return rc;
	for (i = 0; q->after != NULL && i < n; i++)
		from += cmp(&v[i], &q->after->pos) <= 0;
	if (q->after == NULL)
		from = q->offset < n ? (size_t)q->offset : n;
	to = n - from < q->count ? n : from + (size_t)q->count;
	sort_part(v, n, from, to, cmp, DEEP);
	for (i = from; i < to; i++)
		query_page_add(r, &v[i], NULL);
	r->out->total = n;
	r->out->more = to < n;
	return 0;
}
