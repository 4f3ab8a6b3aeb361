/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "directory/intake.h"
#include "directory/owed.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/sweep.h"
#include "front/worker.h"

struct planning {
	struct call *c;
	struct json *actions;
	struct buf keys;		/* what the hash is of */
	struct arena *scratch;
	int64_t puts, removes, mails, people;
	struct ways ways;		/* how people are told */
};

static void put_action(struct planning *pl, const char *id,
    const struct person *p, const struct action *act)
{
	struct arena *a = pl->c->a;
	struct json *j = json_push(pl->actions, json_new(a, JSON_IS_OBJECT));
	struct json *list;
	size_t i;

	operations_put(a, j, "do", act->kind == ACTION_MAIL ? "mail" :
	    act->kind == ACTION_PUT ? "put" : "remove");
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
	pl->puts += act->kind == ACTION_PUT;
	pl->removes += act->kind == ACTION_REMOVE;
	pl->mails += act->kind == ACTION_MAIL;
	buf_printf(&pl->keys, "%s\n", act->key);
}

/* The same look as the engine's own. */
static void look(struct planning *pl, struct world_view *w,
    const uint8_t uuid[16], const char *id)
{
	struct owed o;
	size_t i;

	owed_look(pl->scratch, w, uuid, &pl->ways, clock_now(), &o);
	for (i = 0; i < o.n; i++)
		put_action(pl, id, o.person, &o.act[i]);
	arena_reset(pl->scratch);
}

static void each_person(void *arg, struct world_view *w,
    struct view_item *item)
{
	struct planning *pl = arg;
	char id[37];

	pl->people++;
	str_uuid_text(item->uuid, id);
	look(pl, w, item->uuid, id);
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

static void answer_plan(struct planning *pl)
{
	struct arena *a = pl->c->a;
	struct json *j = json_new(a, JSON_IS_OBJECT);
	const char *hash = hash_sha256_hex(a, buf_str(&pl->keys));
	char now[32];

	operations_put(a, j, "id", arena_strndup(a, hash, 16));
	operations_put(a, j, "hash", hash);
	operations_put(a, j, "time", clock_print_rfc3339(clock_now(), now));
	json_put(a, j, "people", json_new_int(a, pl->people));
	json_put(a, j, "puts", json_new_int(a, pl->puts));
	json_put(a, j, "removes", json_new_int(a, pl->removes));
	json_put(a, j, "mails", json_new_int(a, pl->mails));
	json_put(a, j, "actions", pl->actions);
	operations_answer(pl->c, j);
}

static void plan_now(struct call *c)
{
	const struct scim_resource *people = scim_map_name(c->f->conf.map,
	    "User");
	struct planning pl = { .c = c };
	struct err e = { 0 };
	int rc = 0;

	pl.actions = json_new(c->a, JSON_IS_ARRAY);
	pl.scratch = arena_new();
	if (c->f->conf.engine_ways != NULL)
		c->f->conf.engine_ways(c->f->conf.engine, &pl.ways);
	buf_init(&pl.keys, ANSWER_MAX);
	if (people != NULL)
		rc = sweep_type(c, people->type, each_person, NULL, &pl, &e);
	if (rc == 0)
		rc = sweep_type(c, INTAKE_RECEIPTS, each_receipts, NULL, &pl,
		    &e);
	if (rc == 0)
		answer_plan(&pl);
	else
		answer_error(c, &e);
	buf_fini(&pl.keys);
	arena_free(pl.scratch);
}

void operations_plan(struct call *c)
{
	if (call_body(c) != 0)
		return;
	if (!json_member_bool(c->body, "reconcile", false)) {
		answer_status(c, 400, "", "what is to be planned? Only "
		    "{\"reconcile\": true} can be: what reconciliation would "
		    "do now");
		return;
	}
	if (!call_staff(c))
		return;
	call_close(c);
	worker_submit(c->f->worker, c, plan_now);
}
