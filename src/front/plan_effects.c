/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "directory/owed.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/operations.h"
#include "front/plan.h"
#include "front/sweep.h"
#include "model/dn.h"

/* --- a list of actions ---------------------------------------------------- */

void plan_actions_init(struct plan_actions *x, struct arena *a)
{
	*x = (struct plan_actions){ .a = a };
	x->list = json_new(a, JSON_IS_ARRAY);
	buf_init(&x->keys, ANSWER_MAX);
}

static const char *word_of(const struct action *act)
{
	return act->kind == ACTION_MAIL ? "mail" : act->kind == ACTION_PUT ?
	    "put" : "remove";
}

/* What is to be done, not how often it was tried: that makes no other plan. */
static void count(struct plan_actions *x, const char *id,
    const struct action *act)
{
	size_t i;

	x->puts += act->kind == ACTION_PUT;
	x->removes += act->kind == ACTION_REMOVE;
	x->mails += act->kind == ACTION_MAIL;
	buf_printf(&x->keys, "%s %s %s %s", id, word_of(act), act->target,
	    act->tool);
	for (i = 0; i < act->accounts.n; i++)
		buf_printf(&x->keys, " %s", act->accounts.v[i]);
	buf_putc(&x->keys, '\n');
}

void plan_actions_add(struct plan_actions *x, const char *id,
    const struct person *p, const struct action *act)
{
	struct json *j = json_push(x->list, json_new(x->a, JSON_IS_OBJECT));
	struct arena *a = x->a;
	struct json *list;
	size_t i;

	operations_put(a, j, "do", word_of(act));
	operations_put(a, j, "target", arena_strdup(a, act->target));
	operations_put(a, j, "tool", arena_strdup(a, act->tool));
	operations_put(a, j, "user", arena_strdup(a, id));
	operations_put(a, j, "userName", p != NULL ? arena_strdup(a, p->uid) :
	    "");
	list = json_put(a, j, "accounts", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < act->accounts.n; i++)
		json_push(list, json_new_str(a, arena_strdup(a,
		    act->accounts.v[i])));
	operations_put(a, j, "key", arena_strdup(a, act->key));
	json_put(a, j, "attempts", json_new_int(a, act->attempts));
	count(x, id, act);
}

void plan_actions_put(const struct plan_actions *x, struct json *j)
{
	json_put(x->a, j, "people", json_new_int(x->a, x->people));
	json_put(x->a, j, "puts", json_new_int(x->a, x->puts));
	json_put(x->a, j, "removes", json_new_int(x->a, x->removes));
	json_put(x->a, j, "mails", json_new_int(x->a, x->mails));
	json_put(x->a, j, "actions", x->list);
}

/* --- before and after ----------------------------------------------------- */

struct effects {
	struct planning *pl;
	struct plan_actions x;
	struct arena *tmp;		/* of one person */
	struct ways ways;
	struct world_view *after;	/* over the snapshot of `before' */
	struct view_read *read;		/* which is this one */
	int64_t unseen;			/* people whom the caller doesn't see */
	struct map *done;		/* owned; ids that have been compared */
};

static const struct action *same(const struct owed *o,
    const struct action *act)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (strcmp(o->act[i].key, act->key) == 0)
			return &o->act[i];
	return NULL;
}

static bool is_seen(struct effects *f, struct world_view *w,
    const struct person *p)
{
	struct call *c = f->pl->c;
	struct actor who;

	if (c->person == NULL || p == NULL)
		return c->person == NULL;
	return call_actor(c, w, &who, NULL) == 0 &&
	    authorise_sees(f->tmp, &who, p, world_lookups(w)) != SIGHT_NONE;
}

static void compare(struct effects *f, struct world_view *w,
    const uint8_t uuid[16])
{
	struct owed before, after;
	bool any = false;
	char id[37];
	size_t i;

	str_uuid_text(uuid, id);
	if (map_put(f->done, id, f) != NULL)
		return;
	owed_look(f->tmp, w, uuid, &f->ways, f->pl->now, &before);
	owed_look(f->tmp, f->after, uuid, &f->ways, f->pl->now, &after);
	for (i = 0; i < after.n && !any; i++)
		any = same(&before, &after.act[i]) == NULL;
	f->x.people += any;
	if (any && !is_seen(f, w, before.person != NULL ? before.person :
	    after.person)) {
		f->unseen++;
		any = false;
	}
	for (i = 0; any && i < after.n; i++)
		if (same(&before, &after.act[i]) == NULL)
			plan_actions_add(&f->x, id, after.person != NULL ?
			    after.person : before.person, &after.act[i]);
	arena_reset(f->tmp);
}

/* The world as it would be, of the same snapshot. */
static void after_of(struct effects *f, struct world_view *w)
{
	if (f->read == world_read(w))
		return;
	world_close(f->after);
	f->read = world_read(w);
	f->after = world_over(f->read, f->pl->c->f->conf.map);
	world_overlay(f->after, f->pl->over);
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct effects *f = arg;

	after_of(f, w);
	compare(f, w, item->uuid);
}

static void end_batch(void *arg, struct world_view *w)
{
	struct effects *f = arg;

	(void)w;
	world_close(f->after);
	f->after = NULL;
	f->read = NULL;
}

/* --- whom it concerns ----------------------------------------------------- */

static bool is_person(const struct touched *t)
{
	return entry_is(t->old != NULL ? t->old : t->want, "provostUser");
}

/* Entries of these types make rights of many people. */
static bool is_for_all(const struct planning *pl, const struct touched *t)
{
	static const char *const types[] = { "Role", "Enterprise", "Company",
		"Account", "Service", "GroupIdentifier", "Tool", "Rule" };
	const struct entry *e = t->old != NULL ? t->old : t->want;
	const struct scim_resource *r;
	size_t i;

	if (e == NULL || is_person(t))
		return false;
	r = scim_map_classify(pl->c->f->conf.map, e, dn_normal(pl->a, e->dn,
	    NULL));
	for (i = 0; r != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(r->name, types[i]))
			return true;
	return false;
}

/* Whom mails about an access request go to. */
static void concerned(struct effects *f, struct world_view *w,
    const struct entry *e)
{
	const struct person *const *contact, *who;
	struct request r;
	size_t n, i;

	if (e == NULL || !entry_is(e, "provostAccessRequest") ||
	    request_read(f->pl->a, e, &r, NULL, NULL) != 0)
		return;
	contact = owed_contacts(w, &n);
	for (i = 0; i < n; i++)
		compare(f, w, contact[i]->uuid);
	who = world_person_dn(w, r.requester);
	if (who != NULL)
		compare(f, w, who->uuid);
}

static void touched_one(struct effects *f, struct world_view *w,
    const struct touched *t)
{
	uint8_t uuid[16];

	if (t->old == NULL && t->want == NULL)
		return;
	if (!is_person(t)) {
		concerned(f, w, t->want);
	} else if (t->old != NULL) {
		compare(f, w, t->old->uuid);
	} else {
		overlay_uuid(f->pl->a, t->want->dn, uuid);
		compare(f, w, uuid);
	}
}

static int touched_people(struct effects *f, struct err *e)
{
	struct planning *pl = f->pl;
	struct world_view *w;
	size_t i;
	int rc = world_open(pl->c->f->conf.view, pl->c->f->conf.map, &w, e);

	if (rc != 0)
		return rc;
	after_of(f, w);
	for (i = 0; i < pl->n; i++)
		touched_one(f, w, pl->v[i]);
	end_batch(f, w);
	world_close(w);
	return 0;
}

static int look(struct effects *f, struct err *e)
{
	const struct scim_resource *people = scim_map_name(
	    f->pl->c->f->conf.map, "User");
	bool all = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < f->pl->n && !all; i++)
		all = is_for_all(f->pl, f->pl->v[i]);
	if (all && people != NULL)
		rc = sweep_type(f->pl->c, people->type, each_person,
		    end_batch, f, e);
	return rc != 0 ? rc : touched_people(f, e);
}

int plan_effects(struct planning *pl, struct json *j, struct err *e)
{
	struct effects f = { .pl = pl, .tmp = arena_new(),
	    .done = map_new() };
	struct json *o = json_put(pl->a, j, "effects", json_new(pl->a,
	    JSON_IS_OBJECT));
	struct front *fr = pl->c->f;
	int rc;

	plan_actions_init(&f.x, pl->a);
	if (fr->conf.engine_ways != NULL)
		fr->conf.engine_ways(fr->conf.engine, &f.ways);
	rc = look(&f, e);
	plan_actions_put(&f.x, o);
	if (f.unseen != 0)
		json_put(pl->a, o, "unseen", json_new_int(pl->a, f.unseen));
	buf_fini(&f.x.keys);
	map_free(f.done, NULL);
	arena_free(f.tmp);
	return rc;
}
