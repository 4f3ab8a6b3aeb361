/* SPDX-License-Identifier: ISC */
#include "front/acting.h"

#include "base/arena.h"
#include "base/clock.h"
#include "front/answer.h"

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
		return err_set(e, ERR_DENIED, "who asks is not in the "
		    "directory any more");
	if (p->state != PERSON_ACTIVE)
		return err_set(e, ERR_DENIED, "who asks is %s: only active "
		    "people may do anything", person_state_word(p->state));
	r = arena_alloc(world_arena(w), sizeof(*r));
	rights_compute(world_arena(w), p, world_lookups(w), clock_now(), r);
	*out = actor_person(p, r);
	return 0;
}

struct world_view *call_world(struct call *c)
{
	return resolver_world(&c->names);
}

const char *call_origin(const struct call *c)
{
	char id[37];

	if (c->person == NULL)
		return arena_printf(c->a, "client:%s", c->client.name);
	str_uuid_text(c->person, id);
	return arena_printf(c->a, "person:%s", id);
}

bool call_staff(struct call *c)
{
	if (c->person == NULL)
		return true;
	if (call_open(c) != 0)
		return false;
	if (!c->bounded)
		return true;
	answer_status(c, 403, "", "this is about everybody: only provider "
	    "staff may ask");
	return false;
}
