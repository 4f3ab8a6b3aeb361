/* SPDX-License-Identifier: ISC */
/* What is in a group identifier: services chosen, typed or uploaded, one
 * modify of its entry with an outcome a row (V16), and the inventory (V17). */
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "core/authorise.h"
#include "core/service_group.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/batch.h"
#include "front/catalogue.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sheet.h"
#include "front/worker.h"

#define TYPE "GroupIdentifier"
#define SERVICE "provostService"
#define MOST 10000

/* --- putting services in ------------------------------------------------- */

struct filling {
	struct batch batch;		/* of one item: the group */
	struct sheet sheet;
	struct fill_row {
		enum outcome outcome;
		int code;
		const char *text;
	} *row;				/* one each */
	struct err e;			/* why not at all */
	const char *group;
	size_t services;		/* in it afterwards */
	bool plan;
};

/* One service: does it exist, is it of the company, may the actor put it in?
 * The provider puts into its own kinds what it likes. */
static int check_service(const struct group_identifier *g, const char *id,
    const struct actor *who, const struct world *w, struct err *e)
{
	const struct service *s = w->service(w->ctx, id);
	struct group_identifier one = *g;
	const struct subject on = { .type = TYPE, .key = g->id,
	    .group = &one };
	const char *key;
	int rc = 0;

	if (str_ieq(g->kind, "serviceGroup"))
		rc = service_group_service(g, id, w, e);
	else if (s == NULL)
		rc = err_set(e, ERR_INVALID, "there is no service %.100s",
		    id);
	if (rc != 0)
		return rc;
	key = s->id;
	one.services = (struct strv){ &key, 1, 1 };
	return authorise_actor(who, OP_UPDATE, &on, w, e);
}

static void set_row(struct filling *f, size_t i, int code, bool changed,
    const char *text)
{
	f->row[i].code = code;
	f->row[i].outcome = catalogue_outcome(code, changed);
	f->row[i].text = arena_strdup(f->batch.c->a, text);
}

/* In it already, by hand or by a row above? */
static bool stands(struct filling *f, struct map *seen, size_t i,
    const char *id)
{
	struct arena *a = f->batch.c->a;
	const size_t *first = map_get(seen, id);

	if (first == NULL) {
		size_t *at = arena_alloc(a, sizeof(*at));

		*at = f->sheet.v[i].row;
		map_put(seen, id, at);
		return false;
	}
	if (*first == 0)
		set_row(f, i, 0, false, "");
	else
		set_row(f, i, ERR_INVALID, false, arena_printf(a, "service "
		    "%.100s stands in row %zu already (V16)", id, *first));
	return true;
}

static void fill_rows(struct filling *f, const struct group_identifier *g,
    const struct actor *who, const struct world *w, struct map *seen,
    struct arena *a, struct change *c)
{
	struct mod *m = NULL;
	size_t i;

	for (i = 0; i < f->sheet.n; i++) {
		const struct sheet_row *r = &f->sheet.v[i];
		const struct service *s;
		struct err e = { 0 };

		if (r->bad != NULL) {
			set_row(f, i, ERR_INVALID, false, r->bad);
			continue;
		}
		if (check_service(g, r->text, who, w, &e) != 0) {
			set_row(f, i, e.code, false, e.text);
			continue;
		}
		s = w->service(w->ctx, r->text);
		if (stands(f, seen, i, s->id))
			continue;
		if (m == NULL)
			m = change_mod(a, c, MOD_ADD, SERVICE);
		mod_value(a, m, s->id);
		set_row(f, i, 0, true, "");
		f->services++;
	}
}

/* Services that are in it already: row 0. Keys as the catalogue has them. */
static void note_present(struct filling *f, const struct group_identifier *g,
    const struct world *w, struct map *seen)
{
	size_t *zero = arena_alloc(f->batch.c->a, sizeof(*zero)), i;

	for (i = 0; i < g->services.n; i++) {
		const struct service *s = w->service(w->ctx,
		    g->services.v[i]);

		map_put(seen, s != NULL ? s->id : g->services.v[i], zero);
	}
	f->services = g->services.n;
}

static struct change *fill(struct filling *f, const struct entry *en,
    const struct group_identifier *g, const struct actor *who,
    const struct world *w, struct arena *a)
{
	struct change *c = change_new(a, CHANGE_MODIFY, en->dn);
	struct map *seen = map_new();

	f->group = arena_strdup(f->batch.c->a, g->id);
	note_present(f, g, w, seen);
	fill_rows(f, g, who, w, seen, a, c);
	map_free(seen, NULL);
	c->assert_csn = en->csn;
	return c;
}

/* The group as it is: refused whole. */
static int may_fill(struct group_identifier g, const struct actor *who,
    struct world_view *w, struct err *e)
{
	const struct subject on = { .type = TYPE, .key = g.id, .group = &g };

	g.services = (struct strv){ 0 };
	return authorise_actor(who, OP_UPDATE, &on, world_lookups(w), e);
}

static struct change *decide(struct batch *b, size_t i, struct world_view *w,
    const struct actor *who, struct arena *a, uint8_t uuid[16])
{
	struct filling *f = b->ctx;
	struct group_identifier g;
	const struct entry *en = catalogue_group(b->c, w, who, b->c->id, &g,
	    &f->e);

	(void)i;
	if (en == NULL || may_fill(g, who, w, &f->e) != 0)
		return NULL;
	memcpy(uuid, en->uuid, 16);
	return fill(f, en, &g, who, world_lookups(w), a);
}

static void wrote(struct batch *b, size_t i, const struct err *e)
{
	struct filling *f = b->ctx;

	(void)i;
	f->e = *e;
}

static void put_rows(struct filling *f, struct json *j)
{
	struct arena *a = f->batch.c->a;
	struct json *list = json_put(a, j, "outcomes", json_new(a,
	    JSON_IS_ARRAY));
	size_t i;

	for (i = 0; i < f->sheet.n; i++) {
		struct json *o = json_push(list, json_new(a, JSON_IS_OBJECT));

		json_put(a, o, "row", json_new_int(a,
		    (int64_t)f->sheet.v[i].row));
		operations_put(a, o, "service", f->sheet.v[i].text);
		catalogue_put(a, o, f->row[i].outcome, f->row[i].code,
		    f->row[i].text);
	}
}

static void over(struct batch *b)
{
	struct filling *f = b->ctx;
	size_t count[N_OUTCOMES] = { 0 }, i;
	struct json *j;

	if (f->e.code != 0) {
		answer_error(b->c, &f->e);
		return;
	}
	for (i = 0; i < f->sheet.n; i++)
		count[f->row[i].outcome]++;
	j = catalogue_answer(b->c, f->plan, count);
	operations_put(b->c->a, j, "group", f->group);
	json_put(b->c->a, j, "services", json_new_int(b->c->a,
	    (int64_t)f->services));
	put_rows(f, j);
	operations_answer(b->c, j);
}

static void services_now(struct call *c)
{
	static const struct sheet_form form = { "services", "serviceId",
	    "services (V16)", MOST };
	struct filling *f = arena_alloc(c->a, sizeof(*f));
	struct err e = { 0 };

	f->batch = (struct batch){ .c = c, .n = 1, .ctx = f,
	    .decide = decide, .wrote = wrote, .over = over };
	if (catalogue_mode(c, &f->plan) != 0 ||
	    sheet_read(c, &form, &f->sheet) != 0)
		return;
	f->row = arena_array(c->a, f->sheet.n, sizeof(*f->row));
	if (!f->plan)
		batch_run(&f->batch);
	else if (batch_weigh(&f->batch, &e) == 0)
		over(&f->batch);
	else
		answer_error(c, &e);
}

void group_services_add(struct call *c)
{
	worker_submit(c->f->worker, c, services_now);
}

/* --- the inventory ------------------------------------------------------- */

static void put_service(struct call *c, struct world_view *w,
    struct json *list, const char *id)
{
	const struct world *l = world_lookups(w);
	const struct service *s = l->service(l->ctx, id);
	const struct entry *en = catalogue_entry(w, c->f->conf.map, "Service",
	    id);
	struct json *j = json_push(list, json_new(c->a, JSON_IS_OBJECT));

	operations_put(c->a, j, "service", id);
	if (s == NULL || en == NULL)
		return;
	operations_put(c->a, j, "account", s->account);
	operations_put(c->a, j, "product", s->product);
	operations_put(c->a, j, "location", entry_text(c->a, en, "l"));
}

static void put_group(struct call *c, struct world_view *w, struct json *list,
    const struct group_identifier *g)
{
	struct json *j = json_push(list, json_new(c->a, JSON_IS_OBJECT)), *to;
	size_t i;

	operations_put(c->a, j, "group", g->id);
	operations_put(c->a, j, "name", g->name);
	operations_put(c->a, j, "kind", g->kind);
	operations_put(c->a, j, "company", g->company);
	operations_put_list(c->a, j, "accounts", &g->accounts);
	to = json_put(c->a, j, "services", json_new(c->a, JSON_IS_ARRAY));
	for (i = 0; i < g->services.n; i++)
		put_service(c, w, to, g->services.v[i]);
}

static int group_inventory(struct call *c, struct world_view *w,
    const struct actor *who, const char *group, struct json *list,
    struct err *e)
{
	struct group_identifier g;

	if (catalogue_group(c, w, who, group, &g, e) == NULL)
		return ERR_NOT_FOUND;
	put_group(c, w, list, &g);
	return 0;
}

/* V17: by the groups that they hold now. */
static void user_inventory(struct call *c, struct world_view *w,
    const struct rights *rights, struct json *list)
{
	const struct world *l = world_lookups(w);
	const struct group_identifier *g;
	size_t i;

	for (i = 0; i < rights->n; i++) {
		if (rights->v[i].right.kind != RIGHT_GROUP ||
		    !rights->v[i].granted)
			continue;
		g = l->group_identifier(l->ctx, rights->v[i].right.key);
		if (g != NULL)
			put_group(c, w, list, g);
	}
}

static int inventory(struct call *c, struct world_view *w, struct json *list,
    struct err *e)
{
	const char *group = call_arg(c, "group");
	const struct person *p;
	struct rights rights;
	struct actor who;
	int rc = call_actor(c, w, &who, e);

	if (rc == 0 && group != NULL && *group != '\0')
		return group_inventory(c, w, &who, group, list, e);
	if (rc == 0)
		rc = catalogue_rights(c, w, &who, call_arg(c, "user"), &p,
		    &rights, e);
	if (rc == 0)
		user_inventory(c, w, &rights, list);
	return rc;
}

static void inventory_now(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *list;
	struct world_view *w;
	struct err e = { 0 };
	int rc = world_open(c->f->conf.view, c->f->conf.map, &w, &e);

	list = json_put(c->a, j, "groups", json_new(c->a, JSON_IS_ARRAY));
	if (rc == 0)
		rc = inventory(c, w, list, &e);
	world_close(w);
	if (rc != 0)
		answer_error(c, &e);
	else
		operations_answer(c, j);
}

void group_services_inventory(struct call *c)
{
	worker_submit(c->f->worker, c, inventory_now);
}
