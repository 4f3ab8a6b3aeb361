/* SPDX-License-Identifier: ISC */
/* Who sees whom, and what of them (V2, V4a, V5). */
#include <string.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "core/cascade.h"
#include "core/review.h"
#include "core/stored.h"

/* Whom to ask: an active primary contact of one of the actor's companies. */
static bool is_contact(const struct reach *r)
{
	const struct person *p = r->whom;

	return p->state == PERSON_ACTIVE &&
	    str_ieq(p->role, ROLE_PRIMARY_CONTACT) &&
	    reach_shares(r, NULL) == 0;
}

enum sight authorise_sees(struct arena *a, const struct actor *who,
    const struct person *whom, const struct world *w)
{
	struct reach r;

	if (who->rank >= ACTOR_CLIENT || actor_is(who, whom))
		return SIGHT_FULL;
	if (who->person->state != PERSON_ACTIVE)
		return SIGHT_NONE;
	reach_init(a, who, whom, w, &r);
	if (actor_manages(who) && reach_shares(&r, NULL) == 0 &&
	    reach_scope(&r, NULL, NULL) == 0)
		return reach_all(&r, NULL) == 0 ? SIGHT_FULL : SIGHT_SHARED;
	return is_contact(&r) ? SIGHT_CONTACT : SIGHT_NONE;
}

static bool contact_attr(const char *name)
{
	static const char *const names[] = { "objectClass",
	    "provostPersonId", "cn", "displayName", "givenName", "sn",
	    "title", "mail", "telephoneNumber", "provostRole", NULL };
	size_t n = attr_base_len(name), i;

	for (i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == n && str_istarts(name, names[i]))
			return true;
	return false;
}

/* Marks that are the daemon's own, and whom the person administers. */
static bool private_attr(const char *name)
{
	return str_ieq(name, "provostInvitation") ||
	    str_ieq(name, "provostAdminScope") ||
	    str_ieq(name, "provostExternalId") ||
	    str_ieq(name, WRONG_CODES_ATTR) || str_ieq(name, CASCADE_TAKEN) ||
	    str_ieq(name, REVIEW_MOVED);
}

static bool shown(struct arena *a, const struct reach *r,
    const struct stored_list *beyond, const char *name, const char *value)
{
	struct right right;
	size_t i;

	if (private_attr(name))
		return false;
	if (stored_about(a, name, value, &right))
		return reach_sees(r, &right);
	for (i = 0; i < beyond->n; i++)
		if (str_ieq(beyond->v[i].attr, name) &&
		    str_eq(beyond->v[i].value, value))
			return false;
	return true;
}

static struct stored_list hidden(struct arena *a, const struct reach *r,
    const struct entry *e)
{
	struct stored_list all = stored_read(a, e), out = { 0 };
	size_t i;

	for (i = 0; i < all.n; i++)
		if (!reach_sees(r, &all.v[i].right))
			stored_add(a, &out, &all.v[i]);
	return out;
}

const struct entry *authorise_view(struct arena *a, const struct actor *who,
    const struct person *whom, const struct entry *e, enum sight sight,
    const struct world *w)
{
	struct stored_list beyond = { 0 };
	struct entry *out;
	struct reach r;
	size_t i, k;

	if (sight == SIGHT_FULL || sight == SIGHT_NONE)
		return sight == SIGHT_FULL ? e : NULL;
	reach_init(a, who, whom, w, &r);
	if (sight == SIGHT_SHARED)
		beyond = hidden(a, &r, e);
	out = arena_memdup(a, e, sizeof(*e));
	out->a = NULL;
	out->n = out->cap = 0;
	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			if (sight == SIGHT_CONTACT ?
			    contact_attr(e->a[i].name) : shown(a, &r, &beyond,
			    e->a[i].name, e->a[i].v[k].p))
				entry_add_n(a, out, e->a[i].name,
				    e->a[i].v[k].p, e->a[i].v[k].n);
	return out;
}
