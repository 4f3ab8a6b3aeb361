/* SPDX-License-Identifier: ISC */
/*
 * acting: who acts in a call: the client of the token with its scopes, or the
 * person of the session with their rights, as the snapshot at hand has them,
 * so that what is taken from somebody ends with the next request. V2-V6.
 */
#ifndef FRONT_ACTING_H
#define FRONT_ACTING_H

#include "core/actor.h"
#include "directory/world.h"
#include "front/call.h"

/* Everything borrowed from the call and the world. ERR_DENIED: the person is
 * gone, or not active. */
int call_actor(struct call *c, struct world_view *w, struct actor *out,
	struct err *e);
/* The world of the call's open snapshot; it ends with it. */
struct world_view *call_world(struct call *c);
/* Who did it, as provenance and the journal say: "client:NAME" or
 * "person:entryUUID". */
const char *call_origin(const struct call *c);
/* What is about everybody is for provider staff among the people (clients'
 * scopes have been asked). May open the snapshot. False: it was answered. */
bool call_staff(struct call *c);

#endif
