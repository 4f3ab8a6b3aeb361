/* SPDX-License-Identifier: ISC */
/* The keys of a file in 16 bytes each: a hash of the key and one of the row.
 * Two keys with one 64-bit hash would be taken for one; in a file of a million
 * rows that comes once in thirty million files, and then the rows are refused
 * as doubles: nobody is taken for gone. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "feed/feed_p.h"

#define FIRST 1024
#define CLASH UINT64_C(1)	/* lowest bit of the contents */

struct slot {
	uint64_t key;			/* 0: free */
	uint64_t contents;
};

struct feed_seen {
	struct slot *v;
	size_t n, size;
};

static uint64_t hash(const char *key)
{
	uint64_t h = hash_fast(key, strlen(key), 0x5eed);

	return h != 0 ? h : 1;
}

static struct slot *slot_of(const struct feed_seen *s, uint64_t key)
{
	size_t i = (size_t)key & (s->size - 1);

	while (s->v[i].key != 0 && s->v[i].key != key)
		i = (i + 1) & (s->size - 1);
	return &s->v[i];
}

static struct slot *slots_new(size_t n)
{
	struct slot *v = calloc(n, sizeof(*v));

	if (v == NULL)
		abort();
	return v;
}

struct feed_seen *feed_seen_new(void)
{
	struct feed_seen *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->size = FIRST;
	s->v = slots_new(s->size);
	return s;
}

static void grow(struct feed_seen *s)
{
	struct slot *old = s->v;
	size_t i, n = s->size;

	s->size *= 2;
	s->v = slots_new(s->size);
	for (i = 0; i < n; i++)
		if (old[i].key != 0)
			*slot_of(s, old[i].key) = old[i];
	free(old);
}

bool feed_seen_add(struct feed_seen *s, const char *key, uint64_t contents)
{
	uint64_t k = hash(key);
	struct slot *at;

	if (s->n * 4 >= s->size * 3)
		grow(s);
	at = slot_of(s, k);
	if (at->key == k) {
		if ((at->contents | CLASH) != (contents | CLASH))
			at->contents |= CLASH;
		return false;
	}
	*at = (struct slot){ k, contents & ~CLASH };
	s->n++;
	return true;
}

bool feed_seen_has(const struct feed_seen *s, const char *key)
{
	return slot_of(s, hash(key))->key != 0;
}

bool feed_seen_clashes(const struct feed_seen *s, const char *key)
{
	const struct slot *at = slot_of(s, hash(key));

	return at->key != 0 && (at->contents & CLASH) != 0;
}

void feed_seen_free(struct feed_seen *s)
{
	if (s == NULL)
		return;
	free(s->v);
	free(s);
}
