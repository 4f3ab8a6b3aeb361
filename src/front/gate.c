/* SPDX-License-Identifier: ISC */
#include "front/gate.h"

#include <string.h>

#include "base/arena.h"
#include "front/acting.h"
#include "front/members.h"
#include "front/write.h"

/* --- who ------------------------------------------------------------------------ */

const char *gate_source(const struct client *c, const uint8_t *person,
    const char *origin)
{
	return person == NULL && *c->owner != '\0' ? c->owner : origin;
}

static const struct scim_attr *owner_attr(const struct scim_resource *people)
{
	const struct scim_attr *at = resolver_attr(people,
	    people->owner_attr);

	return at != NULL && at->index != 0 ? at : NULL;
}

/* The people whom the source has made, if there are any; else it is about
 * everybody. */
static uint64_t own_people(const struct call *c, struct view_read *r,
    const struct scim_resource *people, uint64_t everybody)
{
	const struct scim_attr *at = owner_attr(people);
	uint64_t n = at == NULL || c->person != NULL ? 0 : view_count_key(r,
	    people->type, at->index, scim_key(c->a, at, c->client.owner));

	return n != 0 ? n : everybody;
}

static int populations(struct call *c, struct held_ask *q, struct err *e)
{
	const struct scim_resource *people = scim_map_name(c->f->conf.map,
	    "User");
	struct view_read *r = c->read;
	int rc = r != NULL ? 0 : view_read_begin(c->f->conf.view, &r, e);

	if (rc != 0)
		return rc;
	q->everybody = view_count(r, people->type);
	q->population = own_people(c, r, people, q->everybody);
	if (r != c->read)
		view_read_end(r);
	return 0;
}

/* --- asking ---------------------------------------------------------------------- */

static int ask(struct call *c, struct gate *g, const struct held_ask *what,
    struct err *e)
{
	struct held_ask *q = &g->ask;
	char id[HELD_ID];
	int rc;

	*q = *what;
	q->side = HELD_SOURCE;
	q->author = call_origin(c);
	q->name = gate_source(&c->client, c->person, q->author);
	q->kind = "gate";
	q->what = arena_printf(c->a, "what %s takes from people",
	    c->person == NULL ? c->client.title : q->name);
	rc = populations(c, q, e);
	if (rc != 0)
		return rc;
	rc = held_ask(c->f->conf.held, q, id, e);
	g->counted = rc == 0;
	if (rc == ERR_HELD)
		c->held = arena_strdup(c->a, id);
	return rc;
}

int gate_people(struct call *c, struct gate *g, enum guard_kind kind,
    const struct held_item *item, size_t n, struct err *e)
{
	struct held_ask q = { .item = item, .n_items = n };

	q.tally.n[kind] = n;
	return n == 0 ? 0 : ask(c, g, &q, e);
}

void gate_return(struct call *c, struct gate *g,
    const struct held_item *item, size_t n)
{
	struct held_ask q = g->ask;

	if (!g->counted)
		return;
	if (item == NULL) {
		g->counted = false;
	} else {
		q.item = item;
		q.n_items = n;
		guard_keep(&q.tally, n);
	}
	held_return(c->f->conf.held, &q);
}

/* --- one write --------------------------------------------------------------------- */

static bool is_person(const struct write *w)
{
	return w->old != NULL && entry_is(w->old, "provostUser");
}

static bool is_heeded(const struct change *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (guard_heeds(c->mod[i].name))
			return true;
	return c->kind != CHANGE_MODIFY;
}

static enum guard_kind worst(const struct guard_tally *t)
{
	int k;

	for (k = 0; k < GUARD_ADD; k++)
		if (t->n[k] != 0)
			break;
	return (enum guard_kind)k;
}

static const char *name_of(struct write *w)
{
	const char *uid = entry_get(w->old, "uid");

	return uid != NULL ? uid : entry_text(w->c->a, w->old,
	    "provostPersonId");
}

/* A change that does not go with the entry will be refused, or made anew. */
static void weigh_person(struct write *w, struct held_ask *q)
{
	struct entry *then = NULL;
	struct held_item *it;

	if (!is_heeded(w->change) ||
	    change_apply(w->c->a, w->old, w->change, &then, NULL) != 0)
		return;
	q->tally = guard_weigh(w->old, then);
	it = arena_alloc(w->c->a, sizeof(*it));
	*it = gate_item(w->c->a, w->uuid, worst(&q->tally), name_of(w),
	    w->change);
	q->item = it;
	q->n_items = 1;
}

static struct held_item member_item(struct arena *a,
    const struct membership *m, const struct change *c)
{
	return gate_item(a, m->uuid, GUARD_MEMBER, m->dn, c);
}

/* The groups of people whom it takes out; they may be thousands, so what is
 * said of each is said once. */
static void weigh_members(struct write *w, struct held_ask *q)
{
	struct arena *a = w->c->a;
	struct change *c = change_new(a, CHANGE_MODIFY, "");
	struct held_item *it;
	size_t i, n = 0;

	for (i = 0; i < w->n_memberships; i++)
		n += !w->membership[i].add;
	q->tally.n[GUARD_MEMBER] = q->n_items = n;
	q->tally.n[GUARD_ADD] = w->n_memberships - n;
	if (n == 0)
		return;
	change_set(a, c, MOD_DELETE, members_attr(w), members_key(w));
	q->item = it = arena_array(a, n, sizeof(*it));
	for (i = 0; i < w->n_memberships; i++)
		if (!w->membership[i].add)
			*it++ = member_item(a, &w->membership[i], c);
}

static void weigh(struct write *w, struct held_ask *q)
{
	if (w->n_memberships != 0)
		weigh_members(w, q);
	else if (is_person(w))
		weigh_person(w, q);
	else if (w->kind == WRITE_POST &&
	    entry_is(w->want, "provostUser"))
		q->tally.n[GUARD_ADD] = 1;
}

static bool same_tally(const struct guard_tally *x, const struct guard_tally *y)
{
	return memcmp(x, y, sizeof(*x)) == 0;
}

/* When it was asked before with an older snapshot, nothing is counted twice. Of
 * a plan the verdict is part. */
int gate_write(struct write *w, struct err *e)
{
	struct held *h = w->c->f->conf.held;
	struct held_ask q = { 0 };

	if (h == NULL || call_plans(w->c))
		return 0;
	weigh(w, &q);
	if (w->gate.counted && same_tally(&q.tally, &w->gate.ask.tally))
		return 0;
	gate_return(w->c, &w->gate, NULL, 0);
	if (guard_taken(&q.tally) == 0 && (q.tally.n[GUARD_ADD] == 0 ||
	    !held_limits_adds(h)))
		return 0;
	return ask(w->c, &w->gate, &q, e);
}

/* Of members some are out by then. */
void gate_unwritten(struct write *w)
{
	const struct held_item *it = w->gate.ask.item;
	size_t i;

	if (!w->gate.counted)
		return;
	if (w->n_memberships == 0) {
		gate_return(w->c, &w->gate, NULL, 0);
		return;
	}
	for (i = 0; i < w->n_memberships; i++)
		if (!w->membership[i].add) {
			if (!w->membership[i].written)
				gate_return(w->c, &w->gate, it, 1);
			it++;
		}
}
