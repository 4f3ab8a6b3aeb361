/* SPDX-License-Identifier: ISC */
/*
 * sweep: look at every entry of a type, a batch at a time, each batch in a
 * world and snapshot of its own, so that neither memory nor an old snapshot
 * grows with the directory. For workers: it takes as long as it takes.
 */
#ifndef FRONT_SWEEP_H
#define FRONT_SWEEP_H

#include "directory/world.h"
#include "front/call.h"

/* each gets an item of type with its entry filled; what it wants to keep it
 * copies. */
int sweep_type(struct call *c, int type, void (*each)(void *arg,
	struct world_view *w, struct view_item *item), void (*after_batch)(
	void *arg, struct world_view *w), void *arg, struct err *e);

#endif
