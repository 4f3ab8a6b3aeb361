/* SPDX-License-Identifier: ISC */
/* heap: things ordered by time, first in first out within one time. The node
 * stands inside the thing; the heap holds pointers only. Not thread safe. */
#ifndef ENGINE_HEAP_H
#define ENGINE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t at;
	uint64_t seq;
	size_t pos;		/* 1..; 0: in no heap */
};

struct heap {
	struct heap_node **v;	/* owned array, [1..n] */
	size_t n, cap;
	uint64_t seq;
};

void heap_fini(struct heap *h);
/* Insert, or move when it is in the heap already. */
void heap_put(struct heap *h, struct heap_node *n, int64_t at);
/* No-op when it is in no heap. */
void heap_del(struct heap *h, struct heap_node *n);
/* The earliest, NULL when empty. */
struct heap_node *heap_first(const struct heap *h);

#endif
