/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sweep.h"
#include "front/worker.h"
#include "model/dn.h"

#define PROBLEMS_MAX 10000

struct checking {
	struct call *c;
	struct json *list;
	struct map *seen;		/* a rule's fault shows with everybody */
	struct arena *scratch;
	const char *what;		/* the type being looked at */
	int64_t looked;
	bool cut;
};

static void put_problem(struct checking *ck, const struct problem *p)
{
	struct arena *a = ck->c->a;
	const char *key = arena_printf(ck->scratch, "%s\n%s\n%s\n%s", p->dn,
	    p->attr, p->value, p->text);
	struct json *j;

	if (map_get(ck->seen, key) != NULL)
		return;
	if (ck->list->n >= PROBLEMS_MAX) {
		ck->cut = true;
		return;
	}
	map_put(ck->seen, key, ck);
	j = json_push(ck->list, json_new(a, JSON_IS_OBJECT));
	operations_put(a, j, "dn", arena_strdup(a, p->dn));
	operations_put(a, j, "attribute", arena_strdup(a, p->attr));
	operations_put(a, j, "value", arena_strdup(a, p->value));
	operations_put(a, j, "text", arena_strdup(a, p->text));
}

static void put_problems(struct checking *ck, const struct problems *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		put_problem(ck, &p->v[i]);
	arena_reset(ck->scratch);
}

static void after_batch(void *arg, struct world_view *w)
{
	put_problems(arg, world_problems(w));
}

/* What the other side will not take: parked until somebody looks. */
static void put_refused(struct checking *ck, struct world_view *w,
    const struct person *p)
{
	struct receipts rec = world_receipts(w, p->id);
	size_t i;

	for (i = 0; i < rec.n; i++)
		if (rec.v[i].state == RECEIPT_FAILED ||
		    (rec.v[i].state == RECEIPT_ENDING &&
		    rec.v[i].attempts != 0))
			put_problem(ck, &(struct problem){ p->dn,
			    "provostReceipt", receipt_print(world_arena(w),
			    &rec.v[i]), "the target has not done this; its "
			    "log line says why" });
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct checking *ck = arg;
	const struct person *p = world_person(w, item->uuid);
	struct rights rights;

	ck->looked++;
	if (p == NULL)
		return;
	rights_compute(world_arena(w), p, world_lookups(w), clock_now(),
	    &rights);
	put_problems(ck, &rights.problems);
	put_refused(ck, w, p);
}

static void each_request(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct checking *ck = arg;

	ck->looked++;
	world_request(w, item->uuid);
}

/* Looking a thing up reads it, and reading notes what is wrong. */
static void each_thing(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct checking *ck = arg;
	const struct world *l = world_lookups(w);
	const char *key = dn_rdn_value(world_arena(w), item->entry.dn, NULL);

	ck->looked++;
	if (key == NULL)
		return;
	if (strcmp(ck->what, "Role") == 0)
		l->role(l->ctx, key);
	else if (strcmp(ck->what, "Enterprise") == 0)
		l->enterprise(l->ctx, key);
	else if (strcmp(ck->what, "Company") == 0)
		l->company(l->ctx, key);
	else if (strcmp(ck->what, "Account") == 0)
		l->account(l->ctx, key);
	else if (strcmp(ck->what, "GroupIdentifier") == 0)
		l->group_identifier(l->ctx, key);
	else if (strcmp(ck->what, "Tool") == 0)
		l->tool(l->ctx, key);
}

static void each_rule(void *arg, struct world_view *w, struct view_item *item)
{
	const struct world *l = world_lookups(w);
	struct checking *ck = arg;
	size_t n;

	(void)item;
	ck->looked++;
	l->rules(l->ctx, &n);
}

static int check_type(struct checking *ck, const char *name,
    void (*each)(void *arg, struct world_view *w, struct view_item *item),
    struct err *e)
{
	const struct scim_resource *r = scim_map_name(ck->c->f->conf.map,
	    name);

	ck->what = name;
	return r == NULL ? 0 : sweep_type(ck->c, r->type, each, after_batch,
	    ck, e);
}

static int check_all(struct checking *ck, struct err *e)
{
	static const char *const things[] = { "Role", "Enterprise", "Company",
	    "Account", "GroupIdentifier", "Tool" };
	size_t i;
	int rc = check_type(ck, "User", each_person, e);

	if (rc == 0)
		rc = check_type(ck, "Rule", each_rule, e);
	if (rc == 0)
		rc = check_type(ck, "AccessRequest", each_request, e);
	for (i = 0; rc == 0 && i < sizeof(things) / sizeof(things[0]); i++)
		rc = check_type(ck, things[i], each_thing, e);
	return rc;
}

static void check_now(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct checking ck = { .c = c, .seen = map_new(),
	    .scratch = arena_new() };
	struct err e = { 0 };
	int rc;

	ck.list = json_new(c->a, JSON_IS_ARRAY);
	rc = check_all(&ck, &e);
	map_free(ck.seen, NULL);
	arena_free(ck.scratch);
	if (rc != 0) {
		answer_error(c, &e);
		return;
	}
	json_put(c->a, j, "looked", json_new_int(c->a, ck.looked));
	json_put(c->a, j, "complete", json_new_bool(c->a, !ck.cut));
	json_put(c->a, j, "problems", ck.list);
	operations_answer(c, j);
}

void operations_check(struct call *c)
{
	if (!call_staff(c))
		return;
	call_close(c);
	worker_submit(c->f->worker, c, check_now);
}
