/* SPDX-License-Identifier: ISC */
#include "front/sight.h"

#include "base/arena.h"
#include "codec/scim_render.h"
#include "core/authorise.h"
#include "front/acting.h"
#include "front/answer.h"

bool sight_type(const struct call *c, const struct scim_resource *r)
{
	return c->person != NULL ? r->type != c->f->token_type :
	    authorise_client(&c->client.scopes, r->name, OP_READ, NULL) == 0;
}

static bool sees_user(struct call *c, struct arena *a,
    struct view_item *item)
{
	const struct world *w = world_lookups(call_world(c));
	const struct entry *left;
	enum sight sight;
	struct person p;

	person_read(a, &item->entry, &p, NULL);
	sight = authorise_sees(a, &c->actor, &p, w);
	/* What is counted over all that they hold says what that is. */
	c->names.partly = sight != SIGHT_FULL;
	if (sight == SIGHT_NONE || sight == SIGHT_FULL)
		return sight == SIGHT_FULL;
	left = authorise_view(a, &c->actor, &p, &item->entry, sight, w);
	item->entry = *left;
	item->json = NULL;
	item->json_len = 0;
	return true;
}

static bool sees_request(struct call *c, struct arena *a,
    const struct entry *e)
{
	struct world_view *w = call_world(c);
	struct request q;
	struct subject on = { .type = "AccessRequest", .request = &q };

	if (request_read(a, e, &q, NULL, NULL) != 0)
		return false;
	on.person = world_person_dn(w, q.beneficiary);
	return authorise_actor(&c->actor, OP_READ, &on, world_lookups(w),
	    NULL) == 0;
}

static bool sees_thing(struct call *c, struct arena *a,
    const struct scim_resource *r, const struct entry *e)
{
	struct group_identifier g;
	struct rule rule;
	struct subject on = { .type = r->name, .key = entry_get(e, r->rdn) };

	if (on.key == NULL)
		return false;
	if (str_eq(r->name, "GroupIdentifier")) {
		group_identifier_read(a, e, &g, NULL);
		on.group = &g;
	}
	if (str_eq(r->name, "Rule")) {
		rule_read(a, e, &rule, NULL);
		on.rule = &rule;
	}
	return authorise_actor(&c->actor, OP_READ, &on,
	    world_lookups(call_world(c)), NULL) == 0;
}

bool sight_item(struct call *c, struct arena *a,
    const struct scim_resource *r, struct view_item *item)
{
	c->names.partly = false;
	if (!sight_type(c, r))
		return false;
	if (!c->bounded)
		return true;
	if (str_eq(r->name, "User"))
		return sees_user(c, a, item);
	if (str_eq(r->name, "AccessRequest"))
		return sees_request(c, a, &item->entry);
	return sees_thing(c, a, r, &item->entry);
}

void sight_render(struct call *c, struct arena *a, struct view_item *item)
{
	struct buf out;

	if (item->json != NULL)
		return;
	buf_init(&out, ANSWER_MAX);
	scim_render(a, c->f->conf.map, c->resource, &item->entry, NULL, &out);
	item->json = arena_memdup(a, buf_str(&out), out.len);
	item->json_len = out.len;
	buf_fini(&out);
}
