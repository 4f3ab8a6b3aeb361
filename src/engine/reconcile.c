/* SPDX-License-Identifier: ISC */
#include "engine/reconcile.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "directory/intake.h"
#include "directory/owed.h"
#include "directory/world.h"
#include "engine/upkeep.h"
#include "engine/reconcile_p.h"
#include "engine/requests.h"
#include "engine/schedule.h"

#define MAX_SLEEP CLOCK_SECOND		/* so that a clock that is set counts */
#define JUMP CLOCK_SECOND		/* ... from here on */
#define SHORT_SLEEP (100 * 1000)	/* while dispatch has no room */

/* --- one person ------------------------------------------------------------------ */

static void target_view(const struct person *p, const char *id,
    struct target_person *out)
{
	*out = (struct target_person){ .id = id, .uid = "", .display = "",
	    .given = "", .family = "", .mail = "" };
	if (p == NULL)
		return;
	*out = (struct target_person){ id, p->uid, p->display, p->given,
	    p->family, p->mail, true };
}

/* When an action was first tried, by the pending receipts of its tool. */
static int64_t *first_tried(struct arena *a, const struct receipts *rec,
    const struct action *act, size_t n)
{
	int64_t *since = arena_array(a, n + 1, sizeof(*since));
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < rec->n; j++)
			if (rec->v[j].state != RECEIPT_CONFIRMED &&
			    str_ieq(rec->v[j].right.key, act[i].tool) &&
			    str_eq(rec->v[j].target, act[i].target) &&
			    (since[i] == 0 || rec->v[j].time < since[i]))
				since[i] = rec->v[j].time;
	return since;
}

static int64_t grace(struct reconcile *r)
{
	int64_t g;

	pthread_mutex_lock(&r->lock);
	g = r->conf.grace;
	pthread_mutex_unlock(&r->lock);
	return g;
}

/* A change to the catalogue takes from many: one who is looked at before the
 * pass that it causes is weighed with them. Unless that can't go on. */
static bool joins_pass(const struct reconcile *r)
{
	return r->pass.active ? !r->pass.stuck : r->pass_wanted;
}

bool reconcile_person(struct reconcile *r, struct world_view *w,
    const uint8_t uuid[16])
{
	struct arena *a = r->scratch;
	struct target_person tp;
	struct ways ways;
	struct owed o;
	int64_t next, again;
	char id[37];

	arena_reset(a);
	str_uuid_text(uuid, id);
	reconcile_ways(r, &ways);
	owed_look(a, w, uuid, &ways, clock_now(), &o);
	if (o.person != NULL)
		reconcile_problems(r, a, &o.rights.problems);
	next = o.person != NULL ? o.rights.next_change : CLOCK_NEVER;
	schedule_set(r->schedule, uuid, next);
	target_view(o.person, id, &tp);
	counter_add(C_ENGINE_PEOPLE, 1);
	brake_look(r->brake, a, uuid, &o, joins_pass(r));
	if (!dispatch_person(r->dispatch, &tp, o.act,
	    first_tried(a, &o.receipts, o.act, o.n), o.n))
		return false;
	requests_look_person(r->requests, w, id);
	again = upkeep_look(r->upkeep, w, uuid, grace(r));
	if (again < next)
		schedule_set(r->schedule, uuid, again);
	return true;
}

/* --- what was touched -------------------------------------------------------------- */

/* Entries of these classes decide about everybody. */
static bool is_catalogue(const struct scim_map *m, int type)
{
	static const char *const classes[] = { "provostRoleEntry",
	    "provostEnterpriseEntry", "provostCompanyEntry",
	    "provostBillingAccount", "provostGroupIdentifier", "provostTool",
	    "provostRule", NULL };
	const struct scim_resource *res = scim_map_type(m, type);
	int i;

	for (i = 0; res != NULL && classes[i] != NULL; i++)
		if (str_ieq(res->object_class, classes[i]))
			return true;
	return false;
}

int reconcile_type_of(const struct scim_map *m, const char *object_class)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (str_ieq(m->resource[i].object_class, object_class))
			return m->resource[i].type;
	return -1;
}

static void look_person(struct reconcile *r, struct world_view *w,
    const uint8_t uuid[16])
{
	if (!reconcile_person(r, w, uuid))
		schedule_set(r->schedule, uuid, clock_now() + CLOCK_SECOND);
}

/* It is gone: a person with receipts, our own entry of receipts, or something
 * that others may depend on. */
static void look_gone(struct reconcile *r, struct world_view *w,
    const uint8_t uuid[16])
{
	char id[37];

	str_uuid_text(uuid, id);
	schedule_set(r->schedule, uuid, CLOCK_NEVER);
	if (world_receipts(w, id).entry != NULL ||
	    dispatch_knows(r->dispatch, id))
		look_person(r, w, uuid);
	else if (!dispatch_deleted(r->dispatch, uuid))
		reconcile_want_pass(r, false);
}

/* Receipts of somebody who is gone may have come in after the last look. */
static void look_receipts(struct reconcile *r, struct world_view *w,
    const struct entry *e)
{
	const char *id = entry_get(e, "provostPersonUuid");
	uint8_t person[16];

	if (id != NULL && str_uuid(id, person))
		look_person(r, w, person);
}

/* Who is told of a request: its requester, those who may decide about it, and
 * those who were about to be told. */
static void look_request(struct reconcile *r, struct world_view *w,
    const uint8_t uuid[16])
{
	const struct request *q = world_request(w, uuid);
	const struct person *p, *const *contact;
	struct ways ways;
	size_t n, i;

	requests_look(r->requests, w, uuid);
	if (q == NULL)
		return;
	if ((p = world_person_dn(w, q->requester)) != NULL)
		look_person(r, w, p->uuid);
	reconcile_ways(r, &ways);
	if (!ways.mail)
		return;
	contact = owed_contacts(w, &n);
	for (i = 0; i < n; i++)
		if (dispatch_knows(r->dispatch, contact[i]->id) ||
		    owed_concerns(w, q, i, clock_now()))
			look_person(r, w, contact[i]->uuid);
}

/* A word on a job of the guard, by whatever way: everybody is looked at. */
static void look_job(struct reconcile *r, const struct entry *e)
{
	const char *state = entry_get(e, "provostJobState");

	if (str_eq(state, held_state_word(HELD_REFUSED)) || (str_eq(state,
	    held_state_word(HELD_RELEASED)) && brake_releases(r->brake)))
		reconcile_want_pass(r, true);
}

static void look(struct reconcile *r, struct world_view *w,
    const uint8_t uuid[16])
{
	struct view_item item;

	if (view_get(world_read(w), uuid, &item) != 0) {
		look_gone(r, w, uuid);
	} else if (item.type == r->type_person) {
		look_person(r, w, uuid);
	} else if (item.type == r->type_request) {
		look_request(r, w, uuid);
	} else if (item.type == INTAKE_RECEIPTS) {
		view_item_entry(world_arena(w), &item);
		look_receipts(r, w, &item.entry);
	} else if (item.type == INTAKE_JOBS) {
		view_item_entry(world_arena(w), &item);
		look_job(r, &item.entry);
	} else if (is_catalogue(r->conf.map, item.type)) {
		reconcile_want_pass(r, false);
	}
}

struct world_view *reconcile_world(struct reconcile *r)
{
	struct world_view *w;
	struct err e;

	dispatch_look(r->dispatch);
	if (world_open(r->conf.view, r->conf.map, &w, &e) == 0)
		return w;
	log_error("the view cannot be read: %s", e.text);
	reconcile_want_pass(r, false);
	return NULL;
}

static void look_all(struct reconcile *r, uint8_t (*uuid)[16], size_t n)
{
	struct world_view *w;
	size_t i;

	if (n == 0 || (w = reconcile_world(r)) == NULL)
		return;
	for (i = 0; i < n; i++)
		look(r, w, uuid[i]);
	world_close(w);
}

/* --- other threads' wishes ------------------------------------------------------------ */

void reconcile_touch(struct reconcile *r, const char *person_id)
{
	uint8_t uuid[16];

	if (!str_uuid(person_id, uuid))
		return;
	pthread_mutex_lock(&r->lock);
	if (r->n_touched < MAX_TOUCHED)
		memcpy(r->touched[r->n_touched++], uuid, 16);
	else
		r->full_wanted = true;
	view_wake(r->conf.view);
	pthread_mutex_unlock(&r->lock);
}

void reconcile_ways(struct reconcile *r, struct ways *out)
{
	pthread_mutex_lock(&r->lock);
	*out = r->conf.ways;
	pthread_mutex_unlock(&r->lock);
}

void reconcile_go(struct reconcile *r)
{
	pthread_mutex_lock(&r->lock);
	r->full_wanted = true;
	view_wake(r->conf.view);
	pthread_mutex_unlock(&r->lock);
}

void reconcile_reload(struct reconcile *r, const struct reconcile_conf *c)
{
	pthread_mutex_lock(&r->lock);
	r->conf.full_interval = c->full_interval;
	r->conf.grace = c->grace;
	r->conf.ways = c->ways;
	r->full_wanted = true;
	view_wake(r->conf.view);
	pthread_mutex_unlock(&r->lock);
}

static size_t take_touched(struct reconcile *r, uint8_t (*uuid)[16])
{
	bool full;
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->n_touched;
	memcpy(uuid, r->touched, n * sizeof(*uuid));
	r->n_touched = 0;
	full = r->full_wanted;
	r->full_wanted = false;
	pthread_mutex_unlock(&r->lock);
	if (full)
		reconcile_want_pass(r, true);
	return n;
}

static void look_again(void *ctx, const uint8_t uuid[16], int64_t at)
{
	struct reconcile *r = ctx;

	schedule_set(r->schedule, uuid, at);
}

static void wake(void *ctx)
{
	struct reconcile *r = ctx;

	view_wake(r->conf.view);
}

/* --- the thread ------------------------------------------------------------------------ */

static bool stopping(struct reconcile *r)
{
	bool s;

	pthread_mutex_lock(&r->lock);
	s = r->stop;
	pthread_mutex_unlock(&r->lock);
	return s;
}

/* Is the view there, and the work ours? */
static bool may_work(struct reconcile *r)
{
	struct sync_state s = { .served = true };

	if (r->conf.sync != NULL)
		sync_state(r->conf.sync, &s);
	return s.served && lease_mine(r->conf.lease);
}

/* Whatever comes meanwhile, the full pass will see it. */
static void stand_by(struct reconcile *r)
{
	bool all;

	reconcile_drop_pass(r);
	dispatch_drop(r->dispatch);
	requests_run(r->requests);
	upkeep_run(r->upkeep);
	view_changes(r->conf.view, r->batch, 1, &all,
	    clock_mono() + SHORT_SLEEP);
}

/* Until when (mono) there is nothing to do unless something changes. */
static int64_t sleep_until(struct reconcile *r)
{
	int64_t now = clock_mono(), until = now + MAX_SLEEP, left;

	if (r->pass.active)
		return r->pass.stuck ? now + SHORT_SLEEP : 0;
	left = brake_due(r->brake);
	until = left < until ? left : until;
	left = schedule_next(r->schedule);
	if (left != CLOCK_NEVER && left - clock_now() < until - now)
		until = now + (left - clock_now());
	return r->pass_at < until ? r->pass_at : until;
}

static void due(struct reconcile *r)
{
	int64_t now = clock_now();
	size_t n = 0;

	while (n < BATCH && schedule_take(r->schedule, now, r->batch[n]))
		n++;
	look_all(r, r->batch, n);
}

/* Somebody has set the clock: what has ended may be on again, and what was
 * scheduled by the old time may lie elsewhere. */
static void watch_clock(struct reconcile *r)
{
	int64_t offset = clock_now() - clock_mono(), by = offset - r->offset;

	r->offset = offset;
	if (by > -JUMP && by < JUMP)
		return;
	log_info("the clock was set by %" PRId64 " s: everybody is compared "
	    "again", by / CLOCK_SECOND);
	reconcile_want_pass(r, true);
}

static void weigh(struct reconcile *r)
{
	struct world_view *w;

	if (clock_mono() < brake_due(r->brake) ||
	    (w = reconcile_world(r)) == NULL)
		return;
	brake_run(r->brake, w, joins_pass(r));
	world_close(w);
}

static void turn(struct reconcile *r)
{
	bool all = false;
	size_t n = view_changes(r->conf.view, r->batch, BATCH, &all,
	    sleep_until(r));

	if (!may_work(r)) {
		stand_by(r);
		return;
	}
	if (all)
		reconcile_want_pass(r, true);
	watch_clock(r);
	requests_run(r->requests);
	upkeep_run(r->upkeep);
	look_all(r, r->batch, n);
	look_all(r, r->batch, take_touched(r, r->batch));
	due(r);
	reconcile_pass(r);
	weigh(r);
}

static void *run(void *arg)
{
	struct reconcile *r = arg;

	pthread_setname_np(pthread_self(), "engine");
	log_tag("engine");
	while (!stopping(r))
		turn(r);
	return NULL;
}

static bool has_target(void *ctx, const char *target)
{
	struct reconcile *r = ctx;

	return dispatch_has(r->dispatch, target);
}

static void ways(void *ctx, struct ways *out)
{
	reconcile_ways(ctx, out);
}

/* --- life --------------------------------------------------------------------------------- */

struct reconcile *reconcile_new(const struct reconcile_conf *c)
{
	struct reconcile *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->conf = *c;
	r->pass_wanted = true;
	r->type_person = reconcile_type_of(c->map, "provostUser");
	r->type_request = reconcile_type_of(c->map, "provostAccessRequest");
	r->schedule = schedule_new();
	r->scratch = arena_new();
	r->offset = clock_now() - clock_mono();
	r->requests = requests_new(&(struct requests_conf){ .writer =
	    c->writer, .map = c->map, .again = look_again, .ways = ways,
	    .wake = wake, .ctx = r });
	r->upkeep = upkeep_new(&(struct upkeep_conf){ .writer =
	    c->writer, .held = c->held, .type_person = r->type_person,
	    .again = look_again, .wake = wake, .ctx = r });
	r->brake = brake_new(&(struct brake_conf){ .held = c->held,
	    .has = has_target, .again = look_again, .ctx = r });
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

int reconcile_start(struct reconcile *r, struct dispatch *d, struct err *e)
{
	r->dispatch = d;
	if (pthread_create(&r->thread, NULL, run, r) != 0)
		return err_set(e, ERR_IO, "engine: cannot start a thread");
	r->started = true;
	return 0;
}

void reconcile_stop(struct reconcile *r)
{
	if (!r->started)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	view_wake(r->conf.view);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->started = false;
}

void reconcile_free(struct reconcile *r)
{
	if (r == NULL)
		return;
	requests_free(r->requests);
	upkeep_free(r->upkeep);
	schedule_free(r->schedule);
	arena_free(r->scratch);
	brake_free(r->brake);
	map_free(r->pass.problems, NULL);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
