/* SPDX-License-Identifier: ISC */
/*
 * arena: memory of one unit of work (a request, a pass, a message), freed
 * as a whole.  Allocation never returns NULL: the process ends when the
 * system has no memory.  Whatever the *input* sizes goes through struct buf.
 * Not thread safe: an arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Once, at a process's start: what arenas free stays with the process, up to
 * 16 MiB a thread. Giving it back to the system and asking again was a fifth
 * of a full pass of the engine. */
void arena_setup(void);

struct arena *arena_new(void);
/* NULL is allowed. */
void arena_free(struct arena *a);
/* Forget everything, keep the first block for the next unit of work. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size)
	__attribute__((malloc, returns_nonnull));
/* n*size, zeroed; ends the process on overflow. */
void *arena_array(struct arena *a, size_t n, size_t size)
	__attribute__((malloc, returns_nonnull));
/* A larger array with the old contents; new room zeroed. */
void *arena_grow(struct arena *a, const void *old, size_t old_n, size_t new_n,
	size_t size) __attribute__((returns_nonnull));
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));
/* Bytes handed out since new or reset. */
size_t arena_used(const struct arena *a);

#endif
