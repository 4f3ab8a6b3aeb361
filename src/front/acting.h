/* SPDX-License-Identifier: ISC */
/* acting: who a call acts for, as the pure rules know actors: the person of
 * its session, or its client. */
#ifndef FRONT_ACTING_H
#define FRONT_ACTING_H

#include "core/actor.h"
#include "directory/world.h"
#include "front/call.h"

/* out borrows from c and w. ERR_DENIED: the person is gone. */
int call_actor(struct call *c, struct world_view *w, struct actor *out,
	struct err *e);

#endif
