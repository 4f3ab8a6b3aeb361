/* SPDX-License-Identifier: ISC */
#include "store/uset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define FIRST 64

struct slot {
	uint8_t v[16];
};

struct uset {
	struct slot *slot;	/* owned */
	bool *used;		/* owned, one a slot */
	size_t n, cap;
};

static void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

static void make(struct uset *s, size_t cap)
{
	s->n = 0;
	s->cap = cap;
	s->slot = xcalloc(cap, sizeof(*s->slot));
	s->used = xcalloc(cap, sizeof(*s->used));
}

struct uset *uset_new(void)
{
	struct uset *s = xcalloc(1, sizeof(*s));

	make(s, FIRST);
	return s;
}

void uset_free(struct uset *s)
{
	if (s == NULL)
		return;
	free(s->slot);
	free(s->used);
	free(s);
}

void uset_clear(struct uset *s)
{
	if (s->n == 0)
		return;
	free(s->slot);
	free(s->used);
	make(s, FIRST);
}

static size_t find(const struct uset *s, const uint8_t v[16])
{
	size_t i = (size_t)hash_fast(v, 16, 0) & (s->cap - 1);

	while (s->used[i] && memcmp(s->slot[i].v, v, 16) != 0)
		i = (i + 1) & (s->cap - 1);
	return i;
}

static void put(struct uset *s, const uint8_t v[16])
{
	size_t i = find(s, v);

	memcpy(s->slot[i].v, v, 16);
	s->used[i] = true;
	s->n++;
}

static void grow(struct uset *s)
{
	struct uset old = *s;
	size_t i;

	make(s, old.cap * 2);
	for (i = 0; i < old.cap; i++)
		if (old.used[i])
			put(s, old.slot[i].v);
	free(old.slot);
	free(old.used);
}

bool uset_add(struct uset *s, const uint8_t v[16])
{
	if (uset_has(s, v))
		return false;
	if ((s->n + 1) * 4 > s->cap * 3)
		grow(s);
	put(s, v);
	return true;
}

bool uset_has(const struct uset *s, const uint8_t v[16])
{
	return s->used[find(s, v)];
}

void uset_del(struct uset *s, const uint8_t v[16])
{
	size_t i = find(s, v);

	if (!s->used[i])
		return;
	s->used[i] = false;
	s->n--;
	/* Put back what a probe would no longer reach over the gap. */
	for (i = (i + 1) & (s->cap - 1); s->used[i];
	    i = (i + 1) & (s->cap - 1)) {
		struct slot moved = s->slot[i];

		s->used[i] = false;
		s->n--;
		put(s, moved.v);
	}
}

size_t uset_count(const struct uset *s)
{
	return s->n;
}

const uint8_t *uset_next(const struct uset *s, size_t *pos)
{
	while (*pos < s->cap) {
		size_t i = (*pos)++;

		if (s->used[i])
			return s->slot[i].v;
	}
	return NULL;
}
