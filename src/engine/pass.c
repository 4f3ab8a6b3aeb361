/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "codec/json.h"
#include "directory/intake.h"
#include "engine/reconcile_p.h"
#include "engine/requests.h"

#define MAX_PROBLEMS 10000
#define PAUSE 4			/* lengths of a pass between two */

void reconcile_want_pass(struct reconcile *r, bool at_once)
{
	int64_t at = at_once ? 0 : r->last_end + PAUSE * r->last_length;

	if (r->pass.active)
		r->again = true;
	else if (at < r->pass_at)
		r->pass_at = at;
	r->pass_wanted = true;
}

void reconcile_drop_pass(struct reconcile *r)
{
	r->pass.active = r->pass.stuck = false;
	r->pass_at = 0;
	r->pass_wanted = true;
	brake_forget(r->brake);
}

static void begin(struct reconcile *r)
{
	struct pass *p = &r->pass;

	p->active = true;
	p->phase = PASS_PEOPLE;
	p->begun = false;
	p->started = clock_mono();
	p->people = 0;
	p->failed = false;
	map_free(p->problems, NULL);
	p->problems = map_new();
	r->again = false;
	r->pass_wanted = false;
	brake_pass_begin(r->brake);
}

static void end(struct reconcile *r)
{
	int64_t now = clock_mono();

	r->pass.active = false;
	r->again |= r->pass.failed;
	brake_pass_end(r->brake, !r->pass.failed);
	r->last_end = now;
	r->last_length = now - r->pass.started;
	counter_add(C_ENGINE_PASSES, 1);
	counter_set(C_ENGINE_PROBLEMS,
	    (int64_t)map_count(r->pass.problems));
	pthread_mutex_lock(&r->lock);
	r->pass_at = now + (r->again ? PAUSE * r->last_length :
	    r->conf.full_interval);
	r->passes++;
	r->shown_people = r->pass.people;
	r->shown_length = r->last_length;
	r->shown_end = clock_now();
	pthread_mutex_unlock(&r->lock);
	log_debug("full pass over %" PRIu64 " people in %" PRId64
	    " ms", r->pass.people, r->last_length / 1000);
}

/* A rule's fault shows with everybody: each is counted once. */
void reconcile_problems(struct reconcile *r, struct arena *a,
    const struct problems *p)
{
	const char *key;
	size_t i;

	for (i = 0; r->pass.active && i < p->n &&
	    map_count(r->pass.problems) < MAX_PROBLEMS; i++) {
		key = arena_printf(a, "%s\n%s\n%s\n%s", p->v[i].dn,
		    p->v[i].attr, p->v[i].value, p->v[i].text);
		if (map_get(r->pass.problems, key) == NULL)
			map_put(r->pass.problems, key, r);
	}
}

/* --- a phase: a batch of one type at a time ---------------------------------- */

/* False: dispatch has no room. */
static bool see_receipts(struct reconcile *r, struct world_view *w,
    struct view_item *item)
{
	const char *id;
	uint8_t person[16];
	struct view_item unused;

	view_item_entry(world_arena(w), item);
	id = entry_get(&item->entry, "provostPersonUuid");
	/* Those who are there have been looked at. */
	if (id != NULL && str_uuid(id, person) &&
	    view_get(world_read(w), person, &unused) == ERR_NOT_FOUND &&
	    !reconcile_person(r, w, person))
		return false;
	brake_pass_receipts(r->brake, &item->entry);
	return true;
}

/* False: dispatch has no room, the same entry comes again. */
static bool see(struct reconcile *r, struct world_view *w,
    struct view_item *item)
{
	switch (r->pass.phase) {
	case PASS_PEOPLE:
		if (!reconcile_person(r, w, item->uuid))
			return false;
		r->pass.people++;
		break;
	case PASS_REQUESTS:
		requests_look(r->requests, w, item->uuid);
		break;
	case PASS_RECEIPTS:
		return see_receipts(r, w, item);
	}
	return true;
}

static int phase_type(const struct reconcile *r)
{
	return r->pass.phase == PASS_PEOPLE ? r->type_person :
	    r->pass.phase == PASS_REQUESTS ? r->type_request :
	    INTAKE_RECEIPTS;
}

/* True: the phase is over. */
static bool batch(struct reconcile *r, struct world_view *w)
{
	struct pass *p = &r->pass;
	struct view_iter *it;
	struct view_item item;
	struct err e;
	size_t n = 0;
	bool over = false;

	if (phase_type(r) < 0)
		return true;
	if (view_iter_type(world_read(w), phase_type(r), false, 0,
	    p->begun ? &p->after : NULL, &it, &e) != 0) {
		log_error("full pass: %s", e.text);
		p->failed = true;
		return true;
	}
	while (n < BATCH && !(over = !view_iter_next(it, &item))) {
		if ((p->stuck = !see(r, w, &item)))
			break;
		p->after.created = item.created;
		memcpy(p->after.uuid, item.uuid, 16);
		p->begun = true;
		n++;
	}
	view_iter_free(it);
	return over;
}

void reconcile_pass(struct reconcile *r)
{
	struct pass *p = &r->pass;
	struct world_view *w;
	bool over;

	if (!p->active && clock_mono() < r->pass_at)
		return;
	if (!p->active)
		begin(r);
	p->stuck = false;
	if (!dispatch_room(r->dispatch)) {
		p->stuck = true;
		return;
	}
	if ((w = reconcile_world(r)) == NULL) {
		p->stuck = true;
		return;
	}
	over = batch(r, w);
	reconcile_problems(r, world_arena(w), world_problems(w));
	world_close(w);
	if (!over)
		return;
	p->begun = false;
	if (p->phase == PASS_RECEIPTS)
		end(r);
	else
		p->phase++;
}

void reconcile_describe(struct reconcile *r, struct buf *out)
{
	char when[32];

	pthread_mutex_lock(&r->lock);
	buf_printf(out, "\"passes\":%" PRIu64 ",\"people\":%" PRIu64
	    ",\"passMilliseconds\":%" PRId64 ",\"lastPass\":", r->passes,
	    r->shown_people, r->shown_length / 1000);
	json_text(out, r->passes != 0 ?
	    clock_print_rfc3339(r->shown_end, when) : "");
	pthread_mutex_unlock(&r->lock);
	buf_putc(out, ',');
	brake_describe(r->brake, out);
}
