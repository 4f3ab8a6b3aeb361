/* SPDX-License-Identifier: ISC */
#include "core/contacts.h"

#include "base/arena.h"
#include "core/actor.h"

struct seeking {
	const struct world *w;
	const char *company;
	int64_t now;
	bool (*each)(void *arg, const struct person *p);
	void *arg;
};

static bool see(void *arg, const struct person *p)
{
	struct seeking *s = arg;
	struct arena *a = arena_new();
	struct rights r;
	struct actor who;
	bool is;

	rights_compute(a, p, s->w, s->now, &r);
	who = actor_person(p, &r);
	is = p->state == PERSON_ACTIVE &&
	    actor_holds(&who, RIGHT_ROLE, ROLE_PRIMARY_CONTACT, "") &&
	    actor_holds(&who, RIGHT_COMPANY, s->company, "");
	arena_free(a);
	return !is || s->each(s->arg, p);
}

void contacts_each(const struct world *w, const char *company, int64_t now,
    bool (*each)(void *arg, const struct person *p), void *arg)
{
	struct seeking s = { w, company, now, each, arg };

	w->primary_contacts(w->ctx, see, &s);
}

static bool found(void *arg, const struct person *p)
{
	(void)p;
	*(bool *)arg = true;
	return false;
}

bool contacts_any(const struct world *w, const char *company, int64_t now)
{
	bool any = false;

	contacts_each(w, company, now, found, &any);
	return any;
}
