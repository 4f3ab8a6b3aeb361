/* SPDX-License-Identifier: ISC */
#include "base/arena.h"
#include "base/clock.h"
#include "directory/intake.h"
#include "directory/owed.h"
#include "front/plan.h"
#include "front/sweep.h"

struct looking {
	struct plan_actions *x;
	struct arena *scratch;
	struct ways ways;		/* how people are told */
};

/* The same look as the engine's own. */
static void look(struct looking *l, struct world_view *w,
    const uint8_t uuid[16], const char *id)
{
	struct owed o;
	size_t i;

	owed_look(l->scratch, w, uuid, &l->ways, clock_now(), &o);
	for (i = 0; i < o.n; i++)
		plan_actions_add(l->x, id, o.person, &o.act[i]);
	arena_reset(l->scratch);
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct looking *l = arg;
	char id[37];

	l->x->people++;
	str_uuid_text(item->uuid, id);
	look(l, w, item->uuid, id);
}

/* Receipts that outlived their person. */
static void each_receipts(void *arg, struct world_view *w,
    struct view_item *item)
{
	const char *id = entry_get(&item->entry, "provostPersonUuid");
	struct view_item unused;
	uint8_t uuid[16];

	if (id != NULL && str_uuid(id, uuid) && view_get(world_read(w), uuid,
	    &unused) == ERR_NOT_FOUND)
		look(arg, w, uuid, id);
}

int plan_reconcile(struct call *c, struct plan_actions *x, struct err *e)
{
	const struct scim_resource *people = scim_map_name(c->f->conf.map,
	    "User");
	struct looking l = { .x = x, .scratch = arena_new() };
	int rc = 0;

	if (c->f->conf.engine_ways != NULL)
		c->f->conf.engine_ways(c->f->conf.engine, &l.ways);
	if (people != NULL)
		rc = sweep_type(c, people->type, each_person, NULL, &l, e);
	if (rc == 0)
		rc = sweep_type(c, INTAKE_RECEIPTS, each_receipts, NULL, &l,
		    e);
	arena_free(l.scratch);
	return rc;
}
