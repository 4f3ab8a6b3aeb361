/* SPDX-License-Identifier: ISC */
#include "front/acting.h"

#include "base/arena.h"
#include "base/clock.h"

int call_actor(struct call *c, struct world_view *w, struct actor *out,
    struct err *e)
{
	const struct person *p;
	struct rights *r;

	if (c->person == NULL) {
		*out = actor_client(c->client.name, &c->client.scopes);
		return 0;
	}
	p = world_person(w, c->person);
	if (p == NULL)
		return err_set(e, ERR_DENIED, "whoever asks is gone");
	r = arena_alloc(world_arena(w), sizeof(*r));
	rights_compute(world_arena(w), p, world_lookups(w), clock_now(), r);
	*out = actor_person(p, r);
	return 0;
}
