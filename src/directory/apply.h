/* SPDX-License-Identifier: ISC */
/*
 * apply: many changes written one after the other, a few hundred outstanding
 * at a time, none of them lost sight of: of each step it is said whether it is
 * done, was done already, or why not. A step is one change of one entry, so
 * none is ever half done.
 *
 * A step goes with an entry as it was seen: what stands against it in the view
 * is not sent at all, and what the view does not show yet fails by the step's
 * own assertion. An entry that is already as the step leaves it counts as
 * done, so the same apply, repeated after a crash or an answer that never
 * came, completes what is missing and nothing else.
 *
 * apply_run blocks; it is for threads that may wait. next is called on that
 * thread, each on any, but never two at a time.
 */
#ifndef DIRECTORY_APPLY_H
#define DIRECTORY_APPLY_H

#include "codec/scim_map.h"
#include "directory/writer.h"
#include "store/view.h"

enum apply_is {
	APPLY_READY,		/* apply_look: as it was seen */
	APPLY_DONE,
	APPLY_ALREADY,		/* nothing was to be done any more */
	APPLY_MOVED,		/* the entry is another than was seen */
	APPLY_FAILED,		/* refused, or the directory is away */
	APPLY_LEFT,		/* not begun: something else stopped it */
};

struct apply_step {
	uint8_t uuid[16];		/* of an add: not used */
	const struct change *change;
	const char *csn;		/* as it was seen; "" of an add, or
					 * not known */
	bool alone;			/* begins only when all steps before it
					 * are over and nothing has stopped */
	void *item;			/* the caller's */
};

struct apply {
	struct writer *writer;
	struct view *view;
	const struct scim_map *map;
	unsigned window;		/* outstanding; 0: 256 */
	bool go_on;			/* at a step that moved or failed:
					 * with the others */
	const _Atomic bool *stop;	/* begin nothing more; NULL: never */
	void *ctx;
	/* The next step, its parts in a (or living longer); false: there is
	 * none. */
	bool (*next)(void *ctx, struct arena *a, struct apply_step *out);
	/* What became of it; err says why of MOVED, FAILED and LEFT. After a
	 * stop all that next still has are handed over as LEFT. */
	void (*each)(void *ctx, const struct apply_step *s, enum apply_is is,
		const struct err *err);
};

/* Writes them. 0: every step is done; or what stopped it first:
 * ERR_CONFLICT for one that moved. With go_on: only what stops all of them
 * (the directory is away). */
int apply_run(const struct apply *ap, struct err *e);
/* How a step stands in this snapshot: READY, ALREADY or MOVED (err says how).
 * Scratch memory in a. */
enum apply_is apply_look(struct view_read *r, const struct scim_map *m,
	struct arena *a, const struct apply_step *s, struct err *err);

#endif
