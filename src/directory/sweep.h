/* SPDX-License-Identifier: ISC */
/*
 * sweep: what a refresh would remove from the view and the guard has stopped,
 * for people to decide, as a held job of the kind refresh. It is this daemon's
 * own matter, for the view is: it is kept in memory, and held again after a
 * restart. A release is good for exactly those entries, whenever a refresh
 * misses them next, also for some of them; a rejection keeps them.
 *
 * The sync thread holds, any thread decides.
 */
#ifndef DIRECTORY_SWEEP_H
#define DIRECTORY_SWEEP_H

#include "directory/held.h"

#define SWEEP_KIND "refresh"

struct sweep;

struct sweep *sweep_new(const char *suffix);
void sweep_free(struct sweep *s);	/* NULL allowed */

/* --- the sync thread -------------------------------------------------------- */
/* A refresh misses these; line says what the i-th is, for people, borrowed
 * until the next call of it. The same ones again: the same job. */
void sweep_hold(struct sweep *s, uint8_t (*uuid)[16], size_t n,
	const char *why, const char *(*line)(void *ctx, size_t i), void *ctx);
/* Has somebody let it go? */
bool sweep_lets(struct sweep *s, const uint8_t uuid[16]);
/* A refresh was committed: nothing waits any more. What was decided can still
 * be seen. */
void sweep_over(struct sweep *s);
/* Readable (poll) once something was decided; then call sweep_heard. */
int sweep_fd(const struct sweep *s);
void sweep_heard(struct sweep *s);

/* --- for people: as held_get and held_decide ---------------------------------- */
/* id NULL: whatever there is. */
int sweep_get(struct sweep *s, struct arena *a, const char *id, size_t skip,
	size_t most, struct held_job *out, struct err *e);
int sweep_decide(struct sweep *s, const char *id, enum held_state state,
	const char *by, const char *reason, struct err *e);

#endif
