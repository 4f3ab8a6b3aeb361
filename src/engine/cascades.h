/* SPDX-License-Identifier: ISC */
/*
 * cascades: carries out V14 where a company was taken away past the daemon:
 * what hung on it is removed from the entry, in one modify that asserts the
 * entry's CSN. The view's copy says which companies are pending
 * (core/cascade.h); it forgets them when nothing hangs on them any more, so
 * that a write that failed or was never sent is made again at the next look.
 *
 * The engine thread's own; the writer's answers come in through its threads
 * and are taken in by cascades_run.
 */
#ifndef ENGINE_CASCADES_H
#define ENGINE_CASCADES_H

#include <stdint.h>

#include "directory/world.h"
#include "directory/writer.h"

struct cascades;

struct cascades_conf {
	struct writer *writer;
	/* Look at this person again at the time at (wall). */
	void (*again)(void *ctx, const uint8_t uuid[16], int64_t at);
	/* Call cascades_run. Any thread, must not block. */
	void (*wake)(void *ctx);
	void *ctx;
};

struct cascades *cascades_new(const struct cascades_conf *c);
/* Waits for what is under way at the writer. NULL allowed. */
void cascades_free(struct cascades *q);
/* Is something to be removed from this entry of a person? */
void cascades_look(struct cascades *q, struct world_view *w,
	const uint8_t uuid[16]);
/* Take in what the writer has answered. */
void cascades_run(struct cascades *q);

#endif
