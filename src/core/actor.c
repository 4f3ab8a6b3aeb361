/* SPDX-License-Identifier: ISC */
#include "core/actor.h"

#include <string.h>

struct actor actor_client(const char *name, const struct strv *scopes)
{
	bool staff = strv_ihas(scopes, "admin") ||
	    strv_ihas(scopes, ACTOR_PROVIDER);

	return (struct actor){ staff ? ACTOR_STAFF : ACTOR_CLIENT, name,
	    NULL, NULL, scopes };
}

struct actor actor_person(const struct person *p, const struct rights *r)
{
	struct actor a = { ACTOR_USER, person_name(p), p, r, NULL };

	if (p->state != PERSON_ACTIVE)
		return a;
	if (actor_scopes_staff(&p->admin_scopes))
		a.rank = ACTOR_STAFF;
	else if (actor_holds(&a, RIGHT_ROLE, ROLE_PRIMARY_CONTACT, ""))
		a.rank = ACTOR_PRIMARY_CONTACT;
	else if (actor_holds(&a, RIGHT_ROLE, ROLE_ADMINISTRATOR, ""))
		a.rank = ACTOR_ADMINISTRATOR;
	return a;
}

bool actor_scopes_staff(const struct strv *admin_scopes)
{
	return strv_ihas(admin_scopes, ACTOR_PROVIDER);
}

bool actor_is_staff(const struct actor *who)
{
	return who->rank == ACTOR_STAFF;
}

bool actor_manages(const struct actor *who)
{
	return who->rank == ACTOR_ADMINISTRATOR ||
	    who->rank == ACTOR_PRIMARY_CONTACT;
}

bool actor_holds(const struct actor *who, enum right_kind kind,
    const char *key, const char *account)
{
	return who->rights != NULL && rights_hold(who->rights,
	    &(struct right){ kind, key, account });
}

bool actor_is(const struct actor *who, const struct person *p)
{
	return who->person != NULL && p != NULL &&
	    strcmp(who->person->dn_norm, p->dn_norm) == 0;
}
