/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/session.h"

/* RFC 7644 3.11 lets a server without it say so: a client's token has no
 * person behind it, and nothing in the directory says that a client stands for
 * one. A person's call has become another by now. */
void me(struct call *c)
{
	answer_status(c, 501, "", "there is no person behind a client's "
	    "token: name the person, as /Users/ID or with a filter");
}

void me_alias(struct call *c)
{
	const struct scim_map *m = c->f->conf.map;
	const struct scim_resource *users = scim_map_name(m, "User");
	struct router_match found;
	const char *path;
	char id[37];

	if (users == NULL)
		return;
	str_uuid_text(c->person, id);
	path = arena_printf(c->a, "/scim/v2%s/%s", users->endpoint, id);
	if (router_find(front_routes, m, c->a, c->q->method, path, &found)
	    != 0)
		return;
	c->route = found.route;
	c->resource = found.resource;
	c->id = found.id;
	/* The answers to PUT and PATCH have it anyway. */
	if (c->route->op == OP_READ || c->route->op == OP_DELETE)
		answer_header(c, "Location", arena_printf(c->a, "%s%s",
		    c->base, path));
}
