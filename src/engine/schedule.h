/* SPDX-License-Identifier: ISC */
/*
 * schedule: which entry has to be looked at again when, although nothing
 * changes in the directory: a period begins or ends, a request expires, a
 * write is to be tried again. One time an entry. Not kept over a restart: the
 * full pass at start fills it. The engine thread's own.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule;

struct schedule *schedule_new(void);
void schedule_free(struct schedule *s);	/* NULL allowed */
/* Replaces what was set; CLOCK_NEVER: not at all. */
void schedule_set(struct schedule *s, const uint8_t uuid[16], int64_t at);
/* CLOCK_NEVER when there is nothing. */
int64_t schedule_next(const struct schedule *s);
/* Takes the earliest entry whose time has come; false: none. */
bool schedule_take(struct schedule *s, int64_t now, uint8_t uuid[16]);
size_t schedule_count(const struct schedule *s);

#endif
