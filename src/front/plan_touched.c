/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/cascade.h"
#include "front/acting.h"
#include "front/plan.h"
#include "model/dn.h"

#define TOUCHED_MAX 10000		/* entries of one plan */

void planning_init(struct planning *pl, struct call *c, struct arena *a)
{
	*pl = (struct planning){ .c = c, .a = a, .now = clock_now(),
	    .csn = "" };
	pl->by_dn = map_new();
	pl->taken = map_new();
	pl->over = overlay_new(a, c->f->conf.map);
}

void planning_fini(struct planning *pl)
{
	map_free(pl->by_dn, NULL);
	map_free(pl->taken, NULL);
}

static const char *normal(const struct planning *pl, const char *dn)
{
	const char *norm = dn_normal(pl->a, dn, NULL);

	return norm != NULL ? norm : dn;
}

struct touched *planning_find(const struct planning *pl, const char *dn)
{
	return map_get(pl->by_dn, normal(pl, dn));
}

static int keep(struct planning *pl, struct touched *t, struct err *e)
{
	if (pl->n == TOUCHED_MAX)
		return err_set(e, ERR_LIMIT, "more than %d entries would "
		    "change: that is more than one plan holds; plan it in "
		    "parts", TOUCHED_MAX);
	if (pl->n == pl->cap) {
		size_t cap = pl->cap == 0 ? 16 : pl->cap * 2;

		pl->v = arena_grow(pl->a, pl->v, pl->cap, cap,
		    sizeof(*pl->v));
		pl->cap = cap;
	}
	pl->v[pl->n++] = t;
	map_put(pl->by_dn, normal(pl, t->change->dn), t);
	return 0;
}

int planning_touch(struct planning *pl, const struct touched *t,
    struct err *e)
{
	struct touched *have = planning_find(pl, t->change->dn);
	int rc;

	if (have != NULL) {
		*have = *t;
	} else {
		have = arena_memdup(pl->a, t, sizeof(*t));
		rc = keep(pl, have, e);
		if (rc != 0)
			return rc;
	}
	if (t->old != NULL || t->want != NULL)
		overlay_add(pl->a, pl->over, t->old, t->want);
	if (t->old != NULL && strcmp(t->old->csn, pl->csn) > 0)
		pl->csn = t->old->csn;
	return 0;
}

struct entry *planning_entry(const struct planning *pl,
    struct view_item *item)
{
	struct entry *e;

	view_item_entry(pl->a, item);
	e = entry_dup(pl->a, &item->entry);
	entry_drop(e, CASCADE_TAKEN);
	return e;
}

static bool any(const char *name, void *ctx)
{
	(void)name;
	(void)ctx;
	return true;
}

static bool is_unique(const struct planning *pl, const struct change *c,
    const struct entry *old)
{
	const struct scim_resource *r = scim_map_classify(
	    pl->c->f->conf.map, old, normal(pl, old->dn));
	size_t i;

	for (i = 0; r != NULL && i < c->n; i++)
		if (scim_unique(r, c->mod[i].name))
			return true;
	return false;
}

void planning_change(const struct planning *pl, struct touched *t)
{
	if (t->old == NULL) {
		t->change = change_new(pl->a, CHANGE_ADD, t->want->dn);
		t->change->entry = entry_dup(pl->a, t->want);
		return;
	}
	if (t->want == NULL) {
		t->change = change_new(pl->a, CHANGE_DELETE, t->old->dn);
		t->change->assert_csn = t->old->csn;
		return;
	}
	t->change = change_diff(pl->a, t->old, t->want, any, NULL);
	if (is_unique(pl, t->change, t->old))
		t->change = change_by_value(pl->a, t->old, t->change);
}

int planning_finish(struct planning *pl, struct plan **out, struct err *e)
{
	const struct plan_conf conf = { .author = call_origin(pl->c),
	    .source = pl->source, .max_steps = TOUCHED_MAX,
	    .max_bytes = (size_t)128 << 20 };
	struct plan *p = plan_begin(&conf);
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < pl->n; i++) {
		const struct touched *t = pl->v[i];
		const struct plan_step s = { .change = t->change,
		    .old = t->old, .want = t->want, .why = t->why,
		    .made = t->made };

		/* Taken back by a later one, or never anything. */
		if (t->change->kind != CHANGE_MODIFY || t->change->n != 0)
			rc = plan_take(p, pl->a, &s, e);
	}
	plan_end(p);
	if (rc == 0 && p->cut)
		rc = err_set(e, ERR_LIMIT, "the changes are larger than one "
		    "plan holds: plan them in parts");
	if (rc != 0) {
		plan_free(p);
		p = NULL;
	}
	*out = p;
	return rc;
}
