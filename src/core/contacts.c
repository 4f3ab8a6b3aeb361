/* SPDX-License-Identifier: ISC */
#include "core/contacts.h"

#include "base/arena.h"
#include "core/actor.h"

struct seeking {
	const struct world *w;
	const char *company;
	int64_t now;
	bool found;
};

static bool see(void *arg, const struct person *p)
{
	struct seeking *s = arg;
	struct arena *a = arena_new();
	struct rights r;
	struct actor who;

	rights_compute(a, p, s->w, s->now, &r);
	who = actor_person(p, &r);
	s->found = p->state == PERSON_ACTIVE &&
	    actor_holds(&who, RIGHT_ROLE, ROLE_PRIMARY_CONTACT, "") &&
	    actor_holds(&who, RIGHT_COMPANY, s->company, "");
	arena_free(a);
	return !s->found;
}

bool contacts_any(const struct world *w, const char *company, int64_t now)
{
	struct seeking s = { w, company, now, false };

	w->primary_contacts(w->ctx, see, &s);
	return s.found;
}
