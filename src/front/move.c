/* SPDX-License-Identifier: ISC */
/*
 * An account goes to another enterprise (L4). Its own modify comes first: from
 * then on it is cut for everybody without the new company (V13). Then what
 * people held on it by hand is taken from their entries, and the account and
 * its services from group identifiers of other companies, one modify each.
 * Broken off midway, the same request completes it: what is still held then by
 * people without the new company ends.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/authorise.h"
#include "core/enterprise.h"
#include "core/stored.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/batch.h"
#include "front/catalogue.h"
#include "front/gate.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sweep.h"
#include "front/worker.h"

/* A person, or a group identifier, that has something of the account. */
struct touched {
	uint8_t uuid[16];
	char id[37];
	const char *name;		/* user name or key */
	bool group;
	enum outcome outcome;
	int code;
	const char *text;
	struct strv taken;
	struct held_item item;		/* of a person */
};

struct moving {
	struct batch own, others;
	struct call *c;
	const char *number, *enterprise, *company;
	bool plan, again;		/* again: it has been moved already */
	struct touched *v;
	size_t n, cap;
	struct gate gate;
	struct err e;			/* why the account was not moved */
	struct arena *scratch;
};

/* --- whom it touches ----------------------------------------------------- */

static struct touched *touch(struct moving *g, const struct entry *en,
    const char *name)
{
	struct touched *t;

	if (g->n == g->cap) {
		size_t cap = g->cap != 0 ? g->cap * 2 : 64;

		g->v = arena_grow(g->c->a, g->v, g->n, cap, sizeof(*g->v));
		g->cap = cap;
	}
	t = &g->v[g->n++];
	memcpy(t->uuid, en->uuid, 16);
	str_uuid_text(en->uuid, t->id);
	t->name = arena_strdup(g->c->a, name);
	t->text = "";
	return t;
}

static void note_taken(struct moving *g, struct touched *t,
    const struct change *c)
{
	size_t i, k;

	t->taken = (struct strv){ 0 };
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->mod[i].n; k++)
			strv_add(g->c->a, &t->taken, arena_printf(g->c->a,
			    "%s:%s", str_ieq(c->mod[i].name, "provostService")
			    ? "service" : "account", c->mod[i].v[k].p));
}

static void note_ends(struct moving *g, struct touched *t,
    const struct stored_list *l)
{
	size_t i;

	t->taken = (struct strv){ 0 };
	for (i = 0; i < l->n; i++)
		strv_add(g->c->a, &t->taken, right_print(g->c->a,
		    &l->v[i].right));
}

static bool has_company(struct moving *g, struct world_view *w,
    const struct person *p)
{
	struct rights rights;

	rights_compute(g->scratch, p, world_lookups(w), clock_now(), &rights);
	return rights_hold(&rights, &(struct right){ RIGHT_COMPANY,
	    g->company, "" });
}

/* The second time nobody can tell what was given before the move from what was
 * given since, but by this. */
static bool ends_for(struct moving *g, struct world_view *w,
    const uint8_t uuid[16])
{
	const struct person *p = g->again ? world_person(w, uuid) : NULL;

	return p == NULL || !has_company(g, w, p);
}

static struct change *ends_change(struct moving *g, const struct entry *en,
    const struct stored_list *l)
{
	struct change *c = change_new(g->scratch, CHANGE_MODIFY, en->dn);

	stored_take(g->scratch, c, en, l);
	return c;
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct moving *g = arg;
	struct stored_list l = enterprise_move_ends(g->scratch, &item->entry,
	    g->number);
	struct touched *t;

	if (l.n != 0 && ends_for(g, w, item->uuid)) {
		t = touch(g, &item->entry, entry_text(g->scratch,
		    &item->entry, "uid"));
		note_ends(g, t, &l);
		t->outcome = OUTCOME_CHANGED;
		t->item = gate_item(g->c->a, t->uuid, GUARD_REVOKE, t->name,
		    ends_change(g, &item->entry, &l));
	}
	arena_reset(g->scratch);
}

static void each_group(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct moving *g = arg;
	struct change *c = enterprise_move_group(g->scratch, &item->entry,
	    g->number, g->company, world_lookups(w));
	struct touched *t;

	if (c != NULL) {
		t = touch(g, &item->entry, entry_text(g->scratch,
		    &item->entry, "provostGroupIdentifierId"));
		t->group = true;
		note_taken(g, t, c);
		t->outcome = OUTCOME_CHANGED;
	}
	arena_reset(g->scratch);
}

static int sweep(struct moving *g, const char *type, void (*each)(void *arg,
    struct world_view *w, struct view_item *item), struct err *e)
{
	const struct scim_resource *r = scim_map_name(g->c->f->conf.map,
	    type);

	return r == NULL ? 0 : sweep_type(g->c, r->type, each, NULL, g, e);
}

static int find_touched(struct moving *g, struct err *e)
{
	int rc = sweep(g, "GroupIdentifier", each_group, e);

	return rc != 0 ? rc : sweep(g, "User", each_person, e);
}

/* --- writing ------------------------------------------------------------- */

static struct change *decide_own(struct batch *b, size_t i,
    struct world_view *w, const struct actor *who, struct arena *a,
    uint8_t uuid[16])
{
	struct moving *g = b->ctx;
	const struct entry *en = catalogue_entry(w, b->c->f->conf.map,
	    "Account", g->number);
	struct change *c = NULL;

	(void)i;
	(void)who;
	if (enterprise_move(a, g->number, g->enterprise, g->company,
	    world_lookups(w), &c, &g->e) != 0 || en == NULL)
		return NULL;
	memcpy(uuid, en->uuid, 16);
	return c;
}

static void wrote_own(struct batch *b, size_t i, const struct err *e)
{
	struct moving *g = b->ctx;

	(void)i;
	g->e = *e;
}

static struct change *decide_other(struct batch *b, size_t i,
    struct world_view *w, const struct actor *who, struct arena *a,
    uint8_t uuid[16])
{
	struct moving *g = b->ctx;
	struct touched *t = &g->v[i];
	const struct entry *en = world_entry(w, t->uuid);
	struct stored_list l;
	struct change *c;

	(void)who;
	memcpy(uuid, t->uuid, 16);
	t->outcome = OUTCOME_UNCHANGED;
	if (en == NULL)
		return NULL;
	if (t->group) {
		c = enterprise_move_group(a, en, g->number, g->company,
		    world_lookups(w));
	} else {
		l = enterprise_move_ends(a, en, g->number);
		c = change_new(a, CHANGE_MODIFY, en->dn);
		c->assert_csn = en->csn;
		stored_take(a, c, en, &l);
		note_ends(g, t, &l);
	}
	if (c == NULL || c->n == 0)
		return NULL;
	t->outcome = OUTCOME_CHANGED;
	return c;
}

static void wrote_other(struct batch *b, size_t i, const struct err *e)
{
	struct moving *g = b->ctx;
	struct touched *t = &g->v[i];

	if (e->code == 0)
		return;
	if (!t->group && e->code != ERR_TIMEOUT)
		gate_return(b->c, &g->gate, &t->item, 1);
	t->code = e->code;
	t->text = catalogue_failure(b->c->a, e);
	t->outcome = catalogue_outcome(e->code, false);
}

/* --- the answer ---------------------------------------------------------- */

static void put_touched(struct arena *a, struct json *j,
    const struct touched *t)
{
	struct json *o = json_push(json_member(j, t->group ? "groups" :
	    "users"), json_new(a, JSON_IS_OBJECT));

	operations_put(a, o, t->group ? "group" : "user", t->name);
	operations_put(a, o, "id", t->id);
	catalogue_put(a, o, t->outcome, t->code, t->text);
	operations_put_list(a, o, "taken", &t->taken);
}

static void answer_moved(struct moving *g)
{
	struct arena *a = g->c->a;
	size_t count[N_OUTCOMES] = { 0 }, i;
	struct json *j;

	for (i = 0; i < g->n; i++)
		count[g->v[i].outcome]++;
	j = catalogue_answer(g->c, g->plan, count);
	operations_put(a, j, "account", g->number);
	operations_put(a, j, "enterprise", g->enterprise);
	operations_put(a, j, "company", g->company);
	json_put(a, j, "movedBefore", json_new_bool(a, g->again));
	json_put(a, j, "users", json_new(a, JSON_IS_ARRAY));
	json_put(a, j, "groups", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < g->n; i++)
		put_touched(a, j, &g->v[i]);
	operations_answer(g->c, j);
}

static void over_others(struct batch *b)
{
	answer_moved(b->ctx);
}

static void over_own(struct batch *b)
{
	struct moving *g = b->ctx;

	if (g->e.code == 0) {
		batch_run(&g->others);
		return;
	}
	gate_return(g->c, &g->gate, NULL, 0);
	answer_error(g->c, &g->e);
}

/* --- the request --------------------------------------------------------- */

/* Where it goes to: as the account will say, or says already. */
static int find_company(struct moving *g, struct world_view *w,
    const struct change *c, struct err *e)
{
	const struct world *l = world_lookups(w);
	const struct account *acc = l->account(l->ctx, g->number);
	size_t i;

	if (g->again && *g->company != '\0' &&
	    !str_ieq(acc->company, g->company))
		return err_set(e, ERR_EXISTS, "account %s is in enterprise "
		    "%s, under company %s (L4)", g->number, g->enterprise,
		    acc->company);
	g->company = arena_strdup(g->c->a, acc->company);
	for (i = 0; c != NULL && i < c->n; i++)
		if (str_ieq(c->mod[i].name, stored_attr(RIGHT_COMPANY)))
			g->company = arena_strdup(g->c->a,
			    c->mod[i].v[0].p);
	return 0;
}

static int find_account(struct moving *g, struct world_view *w,
    struct err *e)
{
	struct call *c = g->c;
	const struct entry *en = catalogue_entry(w, c->f->conf.map, "Account",
	    c->id);
	struct subject on = { .type = "Account", .key = c->id };
	struct change *own = NULL;
	struct account acc;
	struct actor who;
	int rc = call_actor(c, w, &who, e);

	if (rc == 0)
		rc = authorise_actor(&who, OP_MOVE_ACCOUNT, &on,
		    world_lookups(w), e);
	if (rc != 0)
		return rc;
	if (en == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no account %.100s",
		    c->id);
	account_read(world_arena(w), en, &acc, NULL);
	g->number = arena_strdup(c->a, acc.number);
	rc = enterprise_move(world_arena(w), g->number, g->enterprise,
	    g->company, world_lookups(w), &own, e);
	g->again = rc == ERR_EXISTS;
	return rc != 0 && !g->again ? rc : find_company(g, w, own, e);
}

static int ask_guard(struct moving *g, struct err *e)
{
	struct held_item *it = arena_array(g->c->a, g->n + 1, sizeof(*it));
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		if (!g->v[i].group)
			it[n++] = g->v[i].item;
	return gate_people(g->c, &g->gate, GUARD_REVOKE, it, n, e);
}

static int look(struct moving *g, struct err *e)
{
	struct call *c = g->c;
	struct world_view *w;
	int rc = world_open(c->f->conf.view, c->f->conf.map, &w, e);

	if (rc == 0)
		rc = find_account(g, w, e);
	world_close(w);
	if (rc != 0)
		return rc;
	g->scratch = arena_new();
	rc = find_touched(g, e);
	arena_free(g->scratch);
	return rc != 0 || g->plan ? rc : ask_guard(g, e);
}

static int read_body(struct moving *g, struct err *e)
{
	const char *enterprise = json_member_str(g->c->body, "enterprise");
	const char *company = json_member_str(g->c->body, "company");

	g->enterprise = enterprise;
	g->company = company != NULL ? company : "";
	return enterprise != NULL && *enterprise != '\0' ? 0 : err_set(e,
	    ERR_INVALID, "enterprise is missing: where does the account go? "
	    "(L4)");
}

static void begin(struct moving *g)
{
	struct call *c = g->c;

	g->own = (struct batch){ .c = c, .n = 1, .ctx = g,
	    .decide = decide_own, .wrote = wrote_own, .over = over_own };
	g->others = (struct batch){ .c = c, .n = g->n, .ctx = g,
	    .decide = decide_other, .wrote = wrote_other,
	    .over = over_others };
	batch_run(g->again ? &g->others : &g->own);
}

static void move_now(struct call *c)
{
	struct moving *g = arena_alloc(c->a, sizeof(*g));
	struct err e = { 0 };

	g->c = c;
	if (catalogue_mode(c, &g->plan) != 0 || call_body(c) != 0)
		return;
	if (read_body(g, &e) != 0 || look(g, &e) != 0)
		answer_error(c, &e);
	else if (g->plan)
		answer_moved(g);
	else
		begin(g);
}

void accounts_move(struct call *c)
{
	worker_submit(c->f->worker, c, move_now);
}
