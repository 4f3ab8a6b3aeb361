/* SPDX-License-Identifier: ISC */
/*
 * sight: what a person sees of the view's entries (V2, V4a, V5, V25, L1). An
 * entry that they don't see isn't there for them: it is not found, not listed
 * and not counted. Of one that they see in part nothing else is rendered,
 * matched by filters or sorted by. Clients and provider staff (c->bounded
 * false) need not ask: their scopes have been.
 */
#ifndef FRONT_SIGHT_H
#define FRONT_SIGHT_H

#include "front/call.h"

/* Does who asks see the entry of type r, which must be filled? What they don't
 * see of it is taken out of item then, whose json is NULL; it is in a. */
bool sight_item(struct call *c, struct arena *a,
	const struct scim_resource *r, struct view_item *item);
/* Renders anew what sight_item has left over, as the view stores it. */
void sight_render(struct call *c, struct arena *a, struct view_item *item);
/* May they see entries of this type at all? */
bool sight_type(const struct call *c, const struct scim_resource *r);

#endif
