/* SPDX-License-Identifier: ISC */
/*
 * brake: the engine's side of the guard (rule 8, J3). What somebody changed in
 * the directory stands; what it takes from people at targets is weighed before
 * the first of it is told:
 *
 *   looked at -> aside -> weighed -> let pass -> dispatch -> `ending' receipts
 *                            |
 *                            +-> held in a job of the target, until somebody
 *                                releases that, or it is not owed any more
 *
 * Weighed together, a target at a time, is what comes in one go: all that is
 * found until nothing has come for a moment, and all that one full pass finds.
 * It passes whole or is held whole. Each person has one digest a target, of
 * everything they are about to lose there and that was not let pass yet: who
 * loses something else than what was held is weighed anew. What a person gets,
 * and what happens at other targets, goes on.
 *
 * Remembered is who is about to lose what, from the first look until it is
 * not owed any more or their receipts say `ending'. In memory only: after a
 * restart the full pass finds it again, and who was held is held. The engine
 * thread's own, but for brake_describe.
 */
#ifndef ENGINE_BRAKE_H
#define ENGINE_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/held.h"
#include "directory/owed.h"

#define BRAKE_KIND "effects"	/* of its jobs (directory/held) */

struct buf;
struct brake;

struct brake_conf {
	struct held *held;
	/* Is this target configured? What is owed to one that is not is told to
	 * nobody, and takes nothing. */
	bool (*has)(void *ctx, const char *target);
	/* Look at this person again, at the time at (wall). */
	void (*again)(void *ctx, const uint8_t uuid[16], int64_t at);
	void *ctx;
};

struct brake *brake_new(const struct brake_conf *c);
void brake_free(struct brake *b);	/* NULL allowed */
/* What a person is owed, just looked at: takes out of o->act what may not be
 * told now, or puts what is left of it in its place. in_pass: found by a full
 * pass, or while one is to come: weighed at its end. */
void brake_look(struct brake *b, struct arena *a, const uint8_t uuid[16],
	struct owed *o, bool in_pass);
/* Weighs what has come in one go, if that is over; joins: leaves it to the full
 * pass that runs or is to come. */
void brake_run(struct brake *b, struct world_view *w, bool joins);
/* When to call it (mono); CLOCK_NEVER. */
int64_t brake_due(const struct brake *b);

/* A full pass: it begins; sees an entry of receipts, each once; has ended,
 * complete if it has seen everybody. */
void brake_pass_begin(struct brake *b);
void brake_pass_receipts(struct brake *b, const struct entry *receipts);
void brake_pass_end(struct brake *b, bool complete);

/* Is a job released that was not yet? It is closed when a full pass that begins
 * after this has seen everybody and what passed is `ending'. */
bool brake_releases(struct brake *b);

/* Everything: another daemon's business now, or not known any more. */
void brake_forget(struct brake *b);
/* Appends "held":[{"target":..,"people":..,"rejected":..}] without braces. Any thread. */
void brake_describe(struct brake *b, struct buf *out);

#endif
