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
}

void reconcile_drop_pass(struct reconcile *r)
{
	r->pass.active = r->pass.stuck = false;
	r->pass_at = 0;
}

static void begin(struct reconcile *r)
{
	struct pass *p = &r->pass;

	p->active = true;
	p->phase = PASS_PEOPLE;
	p->begun = false;
	p->started = clock_mono();
	p->people = p->receipts = 0;
	p->n_orphans = p->next_orphan = 0;
	p->holders = 0;
	map_free(p->problems, NULL);
	p->problems = map_new();
	r->again = false;
}

static void end(struct reconcile *r)
{
	int64_t now = clock_mono();

	r->pass.active = false;
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

static void note_orphan(struct pass *p, const uint8_t uuid[16])
{
	if (p->n_orphans == p->cap_orphans) {
		p->cap_orphans = p->cap_orphans != 0 ? p->cap_orphans * 2 : 64;
		p->orphan = realloc(p->orphan,
		    p->cap_orphans * sizeof(*p->orphan));
		if (p->orphan == NULL)
			abort();
	}
	memcpy(p->orphan[p->n_orphans++], uuid, 16);
}

/* Mails that were sent take nothing from anybody. */
static bool holds(struct world_view *w, const char *person_id)
{
	struct receipts rec = world_receipts(w, person_id);
	size_t i;

	for (i = 0; i < rec.n; i++)
		if (rec.v[i].right.kind != RIGHT_MAIL)
			return true;
	return false;
}

static void see_receipts(struct reconcile *r, struct world_view *w,
    struct view_item *item)
{
	const char *id;
	uint8_t person[16];
	struct view_item unused;

	view_item_entry(world_arena(w), item);
	id = entry_get(&item->entry, "provostPersonUuid");
	r->pass.receipts++;
	if (id == NULL || !str_uuid(id, person) ||
	    view_get(world_read(w), person, &unused) != ERR_NOT_FOUND)
		return;
	note_orphan(&r->pass, person);
	r->pass.holders += holds(w, id);
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
		see_receipts(r, w, item);
		break;
	case PASS_ORPHANS:
		break;
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

/* --- people who are gone -------------------------------------------------------- */

static void show_held(struct reconcile *r, const char *text)
{
	bool news;

	counter_set(C_HELD, *text != '\0');
	pthread_mutex_lock(&r->lock);
	news = *text != '\0' && r->held == 0;
	r->held = *text != '\0';
	snprintf(r->held_text, sizeof(r->held_text), "%s", text);
	pthread_mutex_unlock(&r->lock);
	if (news)
		log_error("held: %s", text);
}

static bool orphans_pass(struct reconcile *r)
{
	struct err e = { 0 };
	struct guard_limits limits;

	pthread_mutex_lock(&r->lock);
	limits = r->conf.guard;
	pthread_mutex_unlock(&r->lock);
	if (guard_check(&limits, r->pass.holders, r->pass.receipts,
	    "people whose entries are gone but who hold rights at targets",
	    &e) != 0) {
		show_held(r, e.text);
		return false;
	}
	show_held(r, "");
	return true;
}

/* True: the phase is over. */
static bool orphans(struct reconcile *r, struct world_view *w)
{
	struct pass *p = &r->pass;
	size_t n;

	if (p->next_orphan == 0 && !orphans_pass(r))
		return true;
	for (n = 0; n < BATCH && p->next_orphan < p->n_orphans; n++) {
		p->stuck = !reconcile_person(r, w, p->orphan[p->next_orphan]);
		if (p->stuck)
			return false;
		p->next_orphan++;
	}
	return p->next_orphan == p->n_orphans;
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
	over = p->phase == PASS_ORPHANS ? orphans(r, w) : batch(r, w);
	reconcile_problems(r, world_arena(w), world_problems(w));
	world_close(w);
	if (!over)
		return;
	p->begun = false;
	if (p->phase == PASS_ORPHANS)
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
	buf_puts(out, ",\"held\":");
	json_text(out, r->held_text);
	pthread_mutex_unlock(&r->lock);
}
