/* SPDX-License-Identifier: ISC */
/*
 * upkeep: what the engine itself has to write on a person's entry, whoever
 * changed it before and however: what hung on a company that was taken away
 * (V14, core/cascade), the state of who leaves and is back, the removal of who
 * left long enough ago (J1, core/leaver), moves that are to be reviewed (J4,
 * core/review). Each is one change that asserts the entry's CSN, one a person
 * at a time; one that failed or was never sent is made again at the next look.
 *
 * Removals are counted by the guard as the source "leavers": a clock that runs
 * ahead by years must not take the corporation with it.
 *
 * The engine thread's own; the writer's answers come in through its threads
 * and are taken in by upkeep_run.
 */
#ifndef ENGINE_UPKEEP_H
#define ENGINE_UPKEEP_H

#include <stdint.h>

#include "directory/world.h"
#include "directory/writer.h"

struct held;
struct upkeep;

struct upkeep_conf {
	struct writer *writer;
	struct held *held;		/* NULL: nothing is held (tests) */
	int type_person;
	/* Look at this person again at the time at (wall). */
	void (*again)(void *ctx, const uint8_t uuid[16], int64_t at);
	/* Call upkeep_run. Any thread, must not block. */
	void (*wake)(void *ctx);
	void *ctx;
};

struct upkeep *upkeep_new(const struct upkeep_conf *c);
/* Waits for what is under way at the writer. NULL allowed. */
void upkeep_free(struct upkeep *q);
/* Is something to be written on this entry of a person? Returns when to look
 * again (wall), CLOCK_NEVER: not before it changes. grace: after which who has
 * left is removed, 0 never. */
int64_t upkeep_look(struct upkeep *q, struct world_view *w,
	const uint8_t uuid[16], int64_t grace);
/* Take in what the writer has answered. */
void upkeep_run(struct upkeep *q);

#endif
