/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "core/cascade.h"
#include "front/operations.h"
#include "front/plan.h"

void plan_show_head(const struct planned *p, struct json *j, struct arena *a)
{
	static const char *const kind[] = { "reconcile", "request", "ldif",
	    "undo" };
	char text[32];

	operations_put(a, j, "id", p->id);
	operations_put(a, j, "hash", p->hash);
	operations_put(a, j, "kind", kind[p->kind]);
	operations_put(a, j, "author", p->author);
	operations_put(a, j, "time", clock_print_rfc3339(p->made, text));
	operations_put(a, j, "expires", clock_print_rfc3339(p->expires,
	    text));
}

/* --- values --------------------------------------------------------------- */

static const char *shown(struct arena *a, const char *name,
    const struct val *v)
{
	if (attr_secret(name))
		return "*";
	return utf8_valid(v->p, v->n) && strlen(v->p) == v->n ? v->p :
	    arena_printf(a, "base64:%s", str_base64(a, v->p, v->n));
}

/* What x has and y has not, by attribute. */
static void put_beyond(struct arena *a, struct json *step, const char *name,
    const struct entry *x, const struct entry *y)
{
	struct json *all = json_new(a, JSON_IS_OBJECT), *list;
	size_t i, k;

	for (i = 0; x != NULL && i < x->n; i++) {
		const struct attr *at = &x->a[i];

		list = NULL;
		for (k = 0; k < at->n; k++) {
			if (entry_has_val(y, at->name, &at->v[k]))
				continue;
			if (list == NULL)
				list = json_put(a, all, at->name, json_new(a,
				    JSON_IS_ARRAY));
			json_push(list, json_new_str(a, shown(a, at->name,
			    &at->v[k])));
		}
	}
	if (all->child != NULL)
		json_put(a, step, name, all);
}

/* --- reasons -------------------------------------------------------------- */

/* What of it goes with a company (V14). */
static void put_cascade(struct planning *pl, struct world_view *w,
    struct json *step, const struct plan_step *s)
{
	const struct world *l = world_lookups(w);
	struct arena *a = pl->a;
	struct strv gone = cascade_gone(a, s->old, s->want, l);
	struct json *because = NULL;
	struct stored_list list;
	size_t i;

	if (gone.n == 0)
		return;
	list = cascade_list(a, s->old, &gone, l);
	for (i = 0; i < list.n; i++) {
		if (entry_has(s->want, list.v[i].attr, list.v[i].value))
			continue;
		if (because == NULL)
			because = json_put(a, step, "because", json_new(a,
			    JSON_IS_ARRAY));
		json_push(because, json_new_str(a, arena_printf(a,
		    "%s %s: goes with its company (V14)", list.v[i].attr,
		    list.v[i].value)));
	}
}

/* --- steps ---------------------------------------------------------------- */

static const char *op_of(const struct plan_step *s)
{
	return s->old == NULL ? "add" : s->want == NULL ? "delete" :
	    "modify";
}

static void put_step(struct planning *pl, struct world_view *w,
    struct json *list, const struct plan_step *s)
{
	struct arena *a = pl->a;
	struct json *j = json_push(list, json_new(a, JSON_IS_OBJECT));
	char id[37];

	operations_put(a, j, "dn", s->change->dn);
	operations_put(a, j, "op", op_of(s));
	if (s->old != NULL) {
		str_uuid_text(s->uuid, id);
		operations_put(a, j, "id", id);
		operations_put(a, j, "csn", s->old->csn);
	}
	operations_put(a, j, "why", s->why);
	put_beyond(a, j, "add", s->want, s->old);
	/* Who deletes a person need not see all that stands there. */
	if (s->want != NULL || pl->c->person == NULL)
		put_beyond(a, j, "remove", s->old, s->want);
	if (s->old != NULL && s->want != NULL &&
	    entry_is(s->old, "provostUser"))
		put_cascade(pl, w, j, s);
}

static void put_counts(struct arena *a, const struct plan *p, struct json *j)
{
	struct json *o = json_put(a, j, "counts", json_new(a,
	    JSON_IS_OBJECT));

	json_put(a, o, "adds", json_new_int(a, (int64_t)p->adds));
	json_put(a, o, "modifies", json_new_int(a, (int64_t)p->modifies));
	json_put(a, o, "deletes", json_new_int(a, (int64_t)p->deletes));
}

int plan_show(struct planning *pl, const struct plan *p, struct json *j,
    struct err *e)
{
	struct front *f = pl->c->f;
	struct world_view *w;
	struct json *steps;
	size_t i;
	int rc = world_open(f->conf.view, f->conf.map, &w, e);

	if (rc != 0)
		return rc;
	operations_put(pl->a, j, "csn", p->csn);
	if (pl->notes != NULL)
		json_put(pl->a, j, "notes", pl->notes);
	put_counts(pl->a, p, j);
	steps = json_put(pl->a, j, "steps", json_new(pl->a, JSON_IS_ARRAY));
	for (i = 0; i < p->n; i++)
		put_step(pl, w, steps, &p->step[i]);
	world_close(w);
	return 0;
}
