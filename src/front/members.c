/* SPDX-License-Identifier: ISC */
#include "front/members.h"

#include <string.h>

#include "base/arena.h"
#include "codec/scim_members.h"
#include "front/acting.h"
#include "model/catalog.h"

#define NAMED_MANY 500

/* --- what is said ------------------------------------------------------------ */

int members_read(struct write *w, struct err *e)
{
	const struct scim_resource *r = w->c->resource;
	struct scim_members *m;
	int rc = 0;

	if (r->members == NULL)
		return 0;
	m = arena_alloc(w->c->a, sizeof(*m));
	if (w->kind == WRITE_DELETE)
		m->spoken = m->cleared = true;
	else if (w->kind == WRITE_PATCH)
		rc = scim_members_patch(w->c->a, r, w->c->body, m, e);
	else
		rc = scim_members_body(w->c->a, r, w->c->body,
		    w->kind == WRITE_PUT, m, e);
	if (rc == 0 && m->spoken)
		w->said = m;
	return rc;
}

bool members_heavy(const struct write *w)
{
	return w->said != NULL && (w->said->cleared ||
	    w->said->n_filters > 0 || w->said->n > NAMED_MANY);
}

/* --- who ---------------------------------------------------------------------- */

struct weighing {
	struct write *w;
	struct arena *tmp;		/* of one person */
	const struct scim_resource *people;
	const struct scim_attr *at;	/* theirs, that names groups */
	const char *key;		/* the group's, as indexed */
	size_t cap;
	bool gains;
};

const char *members_key(const struct write *w)
{
	return entry_get(w->old != NULL ? w->old : w->want,
	    w->c->resource->rdn);
}

const char *members_attr(const struct write *w)
{
	const struct scim_resource *people;

	return resolver_member_of(w->c->f->conf.map, &people)->ldap;
}

static void take(struct weighing *g, const uint8_t uuid[16], const char *dn,
    bool add)
{
	struct write *w = g->w;
	struct membership *m;

	if (w->n_memberships == g->cap) {
		size_t cap = g->cap == 0 ? 16 : g->cap * 2;

		w->membership = arena_grow(w->c->a, w->membership, g->cap,
		    cap, sizeof(*m));
		g->cap = cap;
	}
	m = &w->membership[w->n_memberships++];
	memcpy(m->uuid, uuid, 16);
	m->dn = dn == NULL ? NULL : arena_strdup(w->c->a, dn);
	m->add = add;
	g->gains |= add;
}

static bool is_in(const struct weighing *g, const struct entry *e)
{
	const struct attr *v = entry_attr(e, g->at->ldap);
	size_t i;

	for (i = 0; v != NULL && i < v->n; i++)
		if (str_eq(scim_key(g->tmp, g->at, v->v[i].p), g->key))
			return true;
	return false;
}

static void weigh(struct weighing *g, struct view_item *item)
{
	struct write *w = g->w;
	const char *display = NULL;
	bool now, then;

	view_item_entry(g->tmp, item);
	if (w->said->n_filters > 0)
		display = scim_map_display(g->tmp, g->people, &item->entry);
	now = is_in(g, &item->entry);
	then = scim_members_want(g->tmp, w->c->resource, w->said, item->uuid,
	    now, display);
	if (now != then)
		take(g, item->uuid, item->entry.dn, then);
	arena_reset(g->tmp);
}

static int no_person(const struct weighing *g, const uint8_t uuid[16],
    const struct view_item *item, struct err *e)
{
	const struct scim_resource *r = g->w->c->resource;
	char id[37];

	str_uuid_text(uuid, id);
	if (item != NULL && item->type == r->type)
		return err_kind(e, ERR_INVALID, "invalidValue", "%s: %s is a "
		    "%s: nested groups are not supported, name the people in "
		    "it", r->members->name, id, r->name);
	return err_kind(e, ERR_INVALID, "invalidValue", "%s: there is no %s "
	    "with the id %s", r->members->name, g->people->name, id);
}

static int weigh_named(struct weighing *g, struct err *e)
{
	const struct scim_members *said = g->w->said;
	struct view_item item;
	size_t i;
	int rc;

	for (i = 0; i < said->n; i++) {
		rc = view_get(g->w->c->read, said->v[i].uuid, &item);
		if (rc == 0 && item.type == g->people->type)
			weigh(g, &item);
		else if (said->v[i].added)
			return no_person(g, said->v[i].uuid,
			    rc == 0 ? &item : NULL, e);
	}
	return 0;
}

/* All who are in it and were not named. Where all of them go it is enough to
 * know who they are. */
static int weigh_others(struct weighing *g, struct err *e)
{
	const struct scim_members *said = g->w->said;
	struct view_read *read = g->w->c->read;
	struct view_item item;
	struct view_iter *it;
	struct view_pos pos;
	int rc = view_iter_key(read, g->people->type, g->at->index, g->key,
	    false, NULL, &it, e);

	if (rc != 0)
		return rc;
	while (view_iter_next_pos(it, &pos)) {
		if (scim_members_find(said, pos.uuid) != NULL)
			continue;
		if (said->cleared)
			take(g, pos.uuid, NULL, false);
		else if (view_get(read, pos.uuid, &item) == 0)
			weigh(g, &item);
	}
	view_iter_free(it);
	return 0;
}

static int find_names(struct weighing *g, struct err *e)
{
	struct write *w = g->w;
	struct view_item item;
	size_t i;

	for (i = 0; i < w->n_memberships; i++) {
		if (w->membership[i].dn != NULL)
			continue;
		if (view_get(w->c->read, w->membership[i].uuid, &item) != 0)
			return err_set(e, ERR_CORRUPT, "the view has lost an "
			    "entry: stop, remove the view's directory and "
			    "start again");
		view_item_entry(g->tmp, &item);
		w->membership[i].dn = arena_strdup(w->c->a, item.entry.dn);
		arena_reset(g->tmp);
	}
	return 0;
}

/* --- whether ------------------------------------------------------------------- */

static bool is_restricted(const struct weighing *g, const char *tool)
{
	const struct world *w = world_lookups(call_world(g->w->c));
	const struct tool *t = w->tool(w->ctx, tool);

	return t != NULL && t->restricted;
}

/* The restricted tool (V6) that a rule gives, NULL none. */
static const char *restricted_tool(const struct weighing *g,
    const struct rule *r)
{
	size_t i;

	for (i = 0; i < r->tools.n; i++)
		if (is_restricted(g, r->tools.v[i]))
			return r->tools.v[i];
	for (i = 0; i < r->n_tool_accounts; i++)
		if (is_restricted(g, r->tool_accounts[i].tool))
			return r->tool_accounts[i].tool;
	return NULL;
}

static int check_rule(const struct weighing *g, const struct entry *en,
    struct err *e)
{
	struct problems unused = { 0 };
	const char *tool;
	struct rule r;

	rule_read(g->tmp, en, &r, &unused);
	tool = str_ieq(r.group, members_key(g->w)) ? restricted_tool(g, &r) :
	    NULL;
	if (tool == NULL)
		return 0;
	return err_set(e, ERR_DENIED, "rule %s gives the members of this "
	    "group the tool %s, which is restricted: only provider staff add "
	    "to it; this needs the scope admin or provider (V4a, V6)", r.id, tool);
}

/* V4a: who acts must be able to grant everything that the act confers. */
static int check_rules(const struct weighing *g, struct err *e)
{
	struct call *c = g->w->c;
	const struct scim_resource *rule = scim_map_name(c->f->conf.map,
	    "Rule");
	const struct scim_attr *at = rule == NULL ? NULL :
	    resolver_attr(rule, "provostRuleGroup");
	struct view_item item;
	struct view_iter *it;
	int rc;

	if (!g->gains || c->names.provider || at == NULL)
		return 0;
	rc = at->index != 0 ? view_iter_key(c->read, rule->type, at->index,
	    scim_key(g->tmp, at, members_key(g->w)), false, NULL, &it, e) :
	    view_iter_type(c->read, rule->type, false, 0, NULL, &it, e);
	if (rc != 0)
		return rc;
	while (rc == 0 && view_iter_next(it, &item)) {
		view_item_entry(g->tmp, &item);
		rc = check_rule(g, &item.entry, e);
	}
	view_iter_free(it);
	return rc;
}

int members_prepare(struct write *w, struct err *e)
{
	struct weighing g = { .w = w };
	int rc;

	w->membership = NULL;
	w->n_memberships = 0;
	if (w->said == NULL)
		return 0;
	g.at = resolver_member_of(w->c->f->conf.map, &g.people);
	if (g.at == NULL || members_key(w) == NULL)
		return err_set(e, ERR_UNSUPPORTED, "members: the mapping has "
		    "no attribute of people that names their groups");
	g.key = scim_key(w->c->a, g.at, members_key(w));
	g.tmp = arena_new();
	rc = weigh_named(&g, e);
	if (rc == 0 && (w->said->cleared || w->said->n_filters > 0))
		rc = weigh_others(&g, e);
	if (rc == 0)
		rc = check_rules(&g, e);
	if (rc == 0)
		rc = find_names(&g, e);
	arena_free(g.tmp);
	return rc;
}
