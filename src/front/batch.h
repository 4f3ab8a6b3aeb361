/* SPDX-License-Identifier: ISC */
/*
 * batch: changes of many entries, one LDAP modify each (rule 5), a few hundred
 * outstanding at a time. Items are decided a block at a time on a worker, each
 * block against a snapshot of its own; an item whose entry was changed by
 * somebody else in between is decided again with what the view has then. What
 * is broken off midway is completed by the same request again, if deciding an
 * item that is done already finds nothing to do.
 * All of a call's are one batch of the journal (call_batch).
 *
 * Lives in its call's arena. decide and over run on a worker, wrote on any
 * thread, but never two of them at a time.
 */
#ifndef FRONT_BATCH_H
#define FRONT_BATCH_H

#include "core/actor.h"
#include "directory/world.h"
#include "front/call.h"
#include "model/change.h"

struct batch {
	struct call *c;
	size_t n;			/* items */
	void *ctx;
	/* The change of item i and its entry's uuid, in a; NULL: there is
	 * nothing to write and its outcome stands. It should assert the
	 * entry's CSN. May be called several times. */
	struct change *(*decide)(struct batch *b, size_t i,
		struct world_view *w, const struct actor *who,
		struct arena *a, uint8_t uuid[16]);
	/* What came of it; e->code 0: it is in the directory. Items that were
	 * not begun because something stopped the batch are told so. */
	void (*wrote)(struct batch *b, size_t i, const struct err *e);
	/* When all is through. */
	void (*over)(struct batch *b);
};

/* Decides every item and writes nothing: what would be done. On a worker. */
int batch_weigh(struct batch *b, struct err *e);
/* Decides and writes; ends with over. */
void batch_run(struct batch *b);

#endif
