/* SPDX-License-Identifier: ISC */
/* Rights given to and taken from many people in one request (A5, V17), each
 * with an outcome. All is weighed first, so that the guard (rule 8) speaks
 * before anything is written; with mode=plan that is all. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "core/assign.h"
#include "core/authorise.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/batch.h"
#include "front/catalogue.h"
#include "front/gate.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/worker.h"

#define USERS "users"

/* One of those who are named. */
struct assignee {
	const char *name;		/* as they are */
	char id[37];			/* "" nobody */
	bool twice;
	enum outcome outcome;
	int code;
	const char *text;
	struct strv given, taken;
	struct held_item item;		/* what they lose; person NULL:
					 * nothing */
};

struct assignment {
	struct batch batch;
	struct assign_order order;
	struct assignee *v;
	const char *words;		/* the operation */
	bool plan;
	struct map *seen;		/* ids; of the first look only */
	struct gate gate;
};

/* --- one person ---------------------------------------------------------- */

static void refuse(struct assignee *x, const struct batch *b,
    const struct err *e)
{
	x->code = e->code;
	x->text = arena_strdup(b->c->a, e->text);
	x->outcome = catalogue_outcome(e->code, false);
}

/* FAULTS A9: what another source made is not this client's to change. */
static int check_owner(const struct batch *b, const struct actor *who,
    const struct person *p, struct err *e)
{
	const struct scim_resource *r = scim_map_name(b->c->f->conf.map,
	    "User");

	if (who->person != NULL || actor_is_staff(who) || !r->owned ||
	    str_ieq(p->owner, b->c->client.owner))
		return 0;
	return err_set(e, ERR_DENIED, "this user is not of the source that "
	    "this client writes for: only its own source, or a client with "
	    "the scope admin, changes it");
}

/* While everybody is looked at for the first time. */
static bool is_twice(struct assignment *g, struct assignee *x)
{
	if (g->seen != NULL)
		x->twice = map_put(g->seen, x->id, x) != NULL;
	return x->twice;
}

static struct strv keep(struct arena *a, const struct strv *v)
{
	struct strv out = { 0 };
	size_t i;

	for (i = 0; i < v->n; i++)
		strv_add(a, &out, arena_strdup(a, v->v[i]));
	return out;
}

static enum guard_kind kind_of(const struct assignment *g)
{
	return g->order.kind == ASSIGN_SUSPEND ? GUARD_DISABLE : GUARD_REVOKE;
}

static bool takes(const struct assignment *g)
{
	return g->order.kind == ASSIGN_TAKE || g->order.kind == ASSIGN_SUSPEND;
}

static void take_result(struct assignment *g, struct assignee *x,
    const struct assign_result *res, const struct change *c,
    const uint8_t uuid[16])
{
	struct arena *a = g->batch.c->a;

	x->code = res->code;
	x->text = res->code == 0 ? "" : arena_strdup(a, res->text);
	x->outcome = catalogue_outcome(res->code, c != NULL);
	x->given = keep(a, &res->given);
	x->taken = keep(a, &res->taken);
	if (g->seen != NULL && c != NULL && takes(g))
		x->item = gate_item(a, uuid, kind_of(g), x->name, c);
}

static struct change *decide(struct batch *b, size_t i, struct world_view *w,
    const struct actor *who, struct arena *a, uint8_t uuid[16])
{
	struct assignment *g = b->ctx;
	struct assignee *x = &g->v[i];
	struct assign_result res;
	struct change *c;
	struct err e = { 0 };

	if (catalogue_find(b->c, w, who, x->name, uuid, &e) != 0 ||
	    check_owner(b, who, world_person(w, uuid), &e) != 0) {
		refuse(x, b, &e);
		return NULL;
	}
	str_uuid_text(uuid, x->id);
	if (is_twice(g, x)) {
		x->text = "is named twice";
		x->outcome = OUTCOME_UNCHANGED;
		return NULL;
	}
	c = assign_person(a, who, world_entry(w, uuid), &g->order,
	    world_lookups(w), &res);
	take_result(g, x, &res, c, uuid);
	return c;
}

static void wrote(struct batch *b, size_t i, const struct err *e)
{
	struct assignment *g = b->ctx;
	struct assignee *x = &g->v[i];

	if (e->code == 0)
		return;
	if (x->item.person != NULL && e->code != ERR_TIMEOUT)
		gate_return(b->c, &g->gate, &x->item, 1);
	x->code = e->code;
	x->text = catalogue_failure(b->c->a, e);
	x->outcome = catalogue_outcome(e->code, false);
	x->given = x->taken = (struct strv){ 0 };
}

/* --- the answer ---------------------------------------------------------- */

static void put_assignee(struct arena *a, struct json *list,
    const struct assignee *x)
{
	struct json *j = json_push(list, json_new(a, JSON_IS_OBJECT));

	operations_put(a, j, "user", x->name);
	if (x->id[0] != '\0')
		operations_put(a, j, "id", x->id);
	catalogue_put(a, j, x->outcome, x->code, x->text);
	if (x->given.n != 0)
		operations_put_list(a, j, "given", &x->given);
	if (x->taken.n != 0)
		operations_put_list(a, j, "taken", &x->taken);
}

static void over(struct batch *b)
{
	struct assignment *g = b->ctx;
	size_t count[N_OUTCOMES] = { 0 }, i;
	struct json *j, *list;

	for (i = 0; i < b->n; i++)
		count[g->v[i].outcome]++;
	j = catalogue_answer(b->c, g->plan, count);
	operations_put(b->c->a, j, "operation", g->words);
	list = json_put(b->c->a, j, "outcomes", json_new(b->c->a,
	    JSON_IS_ARRAY));
	for (i = 0; i < b->n; i++)
		put_assignee(b->c->a, list, &g->v[i]);
	operations_answer(b->c, j);
}

/* --- all of them --------------------------------------------------------- */

static int weigh(struct assignment *g, struct err *e)
{
	int rc;

	g->seen = map_new();
	rc = batch_weigh(&g->batch, e);
	map_free(g->seen, NULL);
	g->seen = NULL;
	return rc;
}

static int ask_guard(struct assignment *g, struct err *e)
{
	struct call *c = g->batch.c;
	struct held_item *it = arena_array(c->a, g->batch.n, sizeof(*it));
	size_t i, n = 0;

	for (i = 0; i < g->batch.n; i++)
		if (g->v[i].item.person != NULL)
			it[n++] = g->v[i].item;
	return gate_people(c, &g->gate, kind_of(g), it, n, e);
}

/* The plan is what would be done, also where the guard would hold it. */
static void run(struct assignment *g)
{
	struct call *c = g->batch.c;
	struct err e = { 0 };

	if (weigh(g, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if (g->plan) {
		over(&g->batch);
		return;
	}
	if (ask_guard(g, &e) != 0)
		answer_error(c, &e);
	else
		batch_run(&g->batch);
}

static int read_users(struct assignment *g, struct err *e)
{
	struct call *c = g->batch.c;
	const struct json *list = json_member(c->body, USERS), *el;
	size_t i = 0;

	if (list == NULL || list->kind != JSON_IS_ARRAY || list->n == 0)
		return err_set(e, ERR_INVALID, USERS ": a list of ids, user "
		    "names or provostPersonIds is needed");
	g->batch.n = list->n;
	g->v = arena_array(c->a, list->n, sizeof(*g->v));
	for (el = list->child; el != NULL; el = el->next) {
		if (el->kind != JSON_IS_STRING || *el->s == '\0')
			return err_set(e, ERR_INVALID, USERS ": element %zu "
			    "is no string", i + 1);
		g->v[i].text = "";
		g->v[i++].name = el->s;
	}
	return 0;
}

/* 0, or it was answered. */
static int begin(struct call *c, struct assignment **out)
{
	struct assignment *g = arena_alloc(c->a, sizeof(*g));
	struct err e = { 0 };

	g->batch = (struct batch){ .c = c, .ctx = g, .decide = decide,
	    .wrote = wrote, .over = over };
	g->order.origin = call_origin(c);
	g->order.now = clock_now();
	if (catalogue_mode(c, &g->plan) != 0 || call_body(c) != 0)
		return -1;
	if (read_users(g, &e) != 0) {
		answer_error(c, &e);
		return -1;
	}
	*out = g;
	return 0;
}

/* --- a group identifier (V17) -------------------------------------------- */

static int find_group(struct assignment *g, struct world_view *w,
    struct err *e)
{
	struct call *c = g->batch.c;
	struct group_identifier gi;
	struct right *r;
	struct actor who;
	int rc = call_actor(c, w, &who, e);

	if (rc != 0)
		return rc;
	if (catalogue_group(c, w, &who, c->id, &gi, e) == NULL)
		return ERR_NOT_FOUND;
	r = arena_alloc(c->a, sizeof(*r));
	*r = (struct right){ RIGHT_GROUP, arena_strdup(c->a, gi.id), "" };
	g->order.right = r;
	g->order.n = 1;
	return 0;
}

static void group_users(struct call *c, enum assign_kind kind)
{
	struct assignment *g;
	struct world_view *w;
	struct err e = { 0 };
	int rc;

	if (begin(c, &g) != 0)
		return;
	g->order.kind = kind;
	g->words = kind == ASSIGN_GIVE ? "assign" : "unassign";
	rc = world_open(c->f->conf.view, c->f->conf.map, &w, &e);
	if (rc == 0)
		rc = find_group(g, w, &e);
	world_close(w);
	if (rc != 0)
		answer_error(c, &e);
	else
		run(g);
}

static void assign_now(struct call *c)
{
	group_users(c, ASSIGN_GIVE);
}

static void unassign_now(struct call *c)
{
	group_users(c, ASSIGN_TAKE);
}

void assignments_group_assign(struct call *c)
{
	worker_submit(c->f->worker, c, assign_now);
}

void assignments_group_unassign(struct call *c)
{
	worker_submit(c->f->worker, c, unassign_now);
}

/* --- any rights (A5) ----------------------------------------------------- */

static int read_operation(struct assignment *g, struct err *e)
{
	static const char *const words[] = { [ASSIGN_GIVE] = "assign",
	    [ASSIGN_TAKE] = "unassign", [ASSIGN_SUSPEND] = "suspend",
	    [ASSIGN_REACTIVATE] = "reactivate" };
	const char *said = json_member_str(g->batch.c->body, "operation");
	int k;

	for (k = 0; k < 4; k++)
		if (str_eq(said, words[k])) {
			g->order.kind = (enum assign_kind)k;
			g->words = words[k];
			return 0;
		}
	return err_set(e, ERR_INVALID, "operation is assign, unassign, "
	    "suspend or reactivate");
}

static int read_rights(struct assignment *g, struct err *e)
{
	struct arena *a = g->batch.c->a;
	const struct json *list = json_member(g->batch.c->body, "rights"), *el;
	struct right *r;
	int rc = 0;

	if (list == NULL)
		return 0;
	r = arena_array(a, list->n + 1, sizeof(*r));
	for (el = list->child; rc == 0 && el != NULL; el = el->next)
		rc = el->kind == JSON_IS_STRING ? right_parse(a, el->s,
		    &r[g->order.n++], e) : err_set(e, ERR_INVALID, "rights: "
		    "a list of strings such as account:100001 is needed");
	g->order.right = r;
	return rc;
}

static int check_order(struct assignment *g, struct err *e)
{
	struct call *c = g->batch.c;
	struct world_view *w;
	int rc = world_open(c->f->conf.view, c->f->conf.map, &w, e);

	if (rc == 0)
		rc = assign_check(c->a, &g->order, world_lookups(w), e);
	world_close(w);
	return rc;
}

static void users_now(struct call *c)
{
	struct assignment *g;
	struct err e = { 0 };

	if (begin(c, &g) != 0)
		return;
	if (read_operation(g, &e) != 0 || read_rights(g, &e) != 0 ||
	    check_order(g, &e) != 0)
		answer_error(c, &e);
	else
		run(g);
}

void assignments_users(struct call *c)
{
	worker_submit(c->f->worker, c, users_now);
}
