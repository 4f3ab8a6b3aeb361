/* SPDX-License-Identifier: ISC */
#include "engine/heap.h"

#include <stdbool.h>
#include <stdlib.h>

void heap_fini(struct heap *h)
{
	free(h->v);
	*h = (struct heap){ 0 };
}

static bool before(const struct heap_node *x, const struct heap_node *y)
{
	return x->at != y->at ? x->at < y->at : x->seq < y->seq;
}

static void place(struct heap *h, struct heap_node *n, size_t pos)
{
	h->v[pos] = n;
	n->pos = pos;
}

static void up(struct heap *h, struct heap_node *n, size_t pos)
{
	for (; pos > 1 && before(n, h->v[pos / 2]); pos /= 2)
		place(h, h->v[pos / 2], pos);
	place(h, n, pos);
}

static void down(struct heap *h, struct heap_node *n, size_t pos)
{
	size_t c;

	for (; (c = pos * 2) <= h->n; pos = c) {
		if (c < h->n && before(h->v[c + 1], h->v[c]))
			c++;
		if (!before(h->v[c], n))
			break;
		place(h, h->v[c], pos);
	}
	place(h, n, pos);
}

void heap_put(struct heap *h, struct heap_node *n, int64_t at)
{
	heap_del(h, n);
	if (h->n + 1 >= h->cap) {
		h->cap = h->cap != 0 ? h->cap * 2 : 64;
		h->v = realloc(h->v, h->cap * sizeof(*h->v));
		if (h->v == NULL)
			abort();
	}
	n->at = at;
	n->seq = h->seq++;
	h->n++;
	up(h, n, h->n);
}

void heap_del(struct heap *h, struct heap_node *n)
{
	struct heap_node *last;
	size_t pos = n->pos;

	if (pos == 0)
		return;
	last = h->v[h->n--];
	n->pos = 0;
	if (last == n)
		return;
	if (pos > 1 && before(last, h->v[pos / 2]))
		up(h, last, pos);
	else
		down(h, last, pos);
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->n != 0 ? h->v[1] : NULL;
}
