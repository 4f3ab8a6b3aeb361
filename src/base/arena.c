/* SPDX-License-Identifier: ISC */
#include "base/arena.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 16
#define FIRST 4096
#define LARGEST ((size_t)1 << 20)	/* unless one thing needs more */

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char data[];
};

struct arena {
	struct block *blocks;	/* newest first; the last one is the first */
	size_t used;
};

void arena_setup(void)
{
	/* Blocks must not be mapped one by one either. */
	mallopt(M_MMAP_THRESHOLD, (int)(2 * LARGEST));
	mallopt(M_TRIM_THRESHOLD, (int)(16 * LARGEST));
}

static struct block *block_new(size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	a->blocks = block_new(FIRST);
	return a;
}

void arena_reset(struct arena *a)
{
	struct block *b;

	while ((b = a->blocks)->next != NULL) {
		a->blocks = b->next;
		free(b);
	}
	b->used = 0;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a->blocks);
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->blocks;
	size_t need;
	void *p;

	if (size > SIZE_MAX / 2)
		abort();
	need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (b->size - b->used < need) {
		size_t grow = b->size < LARGEST ? b->size * 2 : LARGEST;

		b = block_new(need > grow ? need : grow);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += need;
	a->used += need;
	return memset(p, 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / 2 / size)
		abort();
	return arena_alloc(a, n * size);
}

void *arena_grow(struct arena *a, const void *old, size_t old_n, size_t new_n,
    size_t size)
{
	void *p = arena_array(a, new_n, size);

	if (old_n != 0)
		memcpy(p, old, old_n * size);
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);

	if (n != 0)
		memcpy(q, p, n);
	return q;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n != 0)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char brief[256], *p;	/* most are: formatted once */
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(brief, sizeof(brief), fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n < sizeof(brief))
		return arena_strndup(a, brief, (size_t)n);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
