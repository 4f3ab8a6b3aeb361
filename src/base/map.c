/* SPDX-License-Identifier: ISC */
#include "base/map.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	char *key;		/* owned; NULL: empty */
	void *value;
};

struct map {
	struct slot *slot;
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

static size_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

struct map *map_new(void)
{
	struct map *m = xcalloc(1, sizeof(*m));

	m->cap = 16;
	m->slot = xcalloc(m->cap, sizeof(*m->slot));
	return m;
}

void map_free(struct map *m, void (*free_value)(void *))
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->cap; i++) {
		if (m->slot[i].key != NULL && free_value != NULL)
			free_value(m->slot[i].value);
		free(m->slot[i].key);
	}
	free(m->slot);
	free(m);
}

static struct slot *find(const struct map *m, const char *key)
{
	size_t i = hash(key) & (m->cap - 1);

	while (m->slot[i].key != NULL && strcmp(m->slot[i].key, key) != 0)
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

void *map_get(const struct map *m, const char *key)
{
	return find(m, key)->value;
}

static void grow(struct map *m)
{
	struct slot *old = m->slot;
	size_t cap = m->cap, i;

	m->cap *= 2;
	m->slot = xcalloc(m->cap, sizeof(*m->slot));
	for (i = 0; i < cap; i++)
		if (old[i].key != NULL)
			*find(m, old[i].key) = old[i];
	free(old);
}

void *map_put(struct map *m, const char *key, void *value)
{
	struct slot *s;
	void *old;

	if (m->n * 4 >= m->cap * 3)
		grow(m);
	s = find(m, key);
	old = s->value;
	if (s->key == NULL) {
		s->key = xcalloc(1, strlen(key) + 1);
		strcpy(s->key, key);
		m->n++;
	}
	s->value = value;
	return old;
}

void *map_del(struct map *m, const char *key)
{
	struct slot *s = find(m, key);
	void *old = s->value;
	size_t i;

	if (s->key == NULL)
		return NULL;
	free(s->key);
	*s = (struct slot){ 0 };
	m->n--;
	/* Close the gap: put back what a probe would no longer reach. */
	for (i = (size_t)(s - m->slot + 1) & (m->cap - 1);
	    m->slot[i].key != NULL; i = (i + 1) & (m->cap - 1)) {
		struct slot moved = m->slot[i];

		m->slot[i] = (struct slot){ 0 };
		*find(m, moved.key) = moved;
	}
	return old;
}

size_t map_count(const struct map *m)
{
	return m->n;
}

const char *map_next(const struct map *m, size_t *pos, void **value)
{
	for (; *pos < m->cap; (*pos)++)
		if (m->slot[*pos].key != NULL) {
			if (value != NULL)
				*value = m->slot[*pos].value;
			return m->slot[(*pos)++].key;
		}
	return NULL;
}
