/* SPDX-License-Identifier: ISC */
#include "engine/upkeep.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/map.h"
#include "core/cascade.h"
#include "core/leaver.h"
#include "core/review.h"
#include "directory/held.h"

#define AGAIN (2 * CLOCK_SECOND)	/* after a failure */
#define HELD_AGAIN (60 * CLOCK_SECOND)	/* it may have been released */
#define SOURCE "leavers"		/* by the guard's name */

/* One write under way. */
struct task {
	struct upkeep *q;
	struct task *done_next;
	struct arena *arena;		/* owned: the change */
	const char *what;		/* was done, for the log */
	struct guard_tally counted;	/* by the guard */
	uint8_t uuid[16];
	char id[37];
	struct writer_result result;
};

struct upkeep {
	struct upkeep_conf conf;
	struct map *under_way;		/* person -> struct task, owned */
	pthread_mutex_t lock;		/* of the rest */
	pthread_cond_t ended;
	struct task *done;
	bool closing;
};

struct upkeep *upkeep_new(const struct upkeep_conf *c)
{
	struct upkeep *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	q->conf = *c;
	q->under_way = map_new();
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->ended, NULL);
	return q;
}

static void on_written(void *arg, const struct writer_result *r)
{
	struct task *m = arg;
	struct upkeep *q = m->q;

	m->result = *r;
	pthread_mutex_lock(&q->lock);
	m->done_next = q->done;
	q->done = m;
	/* Under the lock: once it is free q may be gone. */
	if (!q->closing)
		q->conf.wake(q->conf.ctx);
	pthread_cond_signal(&q->ended);
	pthread_mutex_unlock(&q->lock);
}

static void task_free(struct task *m)
{
	arena_free(m->arena);
	free(m);
}

/* What the guard counted was not done. */
static void give_back(const struct task *m)
{
	const struct held_item item = { m->id, "", "" };
	const struct held_ask q = { .side = HELD_SOURCE, .name = SOURCE,
	    .tally = m->counted, .item = &item, .n_items = 1 };

	if (guard_taken(&m->counted) != 0)
		held_return(m->q->conf.held, &q);
}

/* A conflict means that the entry has changed: it is looked at anyway. */
static void task_end(struct task *m)
{
	struct upkeep *q = m->q;

	map_del(q->under_way, m->id);
	if (m->result.code == 0) {
		failpoint("after-upkeep");
		log_info("person %s: %s", m->id, m->what);
	} else {
		if (m->result.code != ERR_CONFLICT &&
		    m->result.code != ERR_BUSY)
			log_warn("person %s: %s", m->id, m->result.err.text);
		if (q->conf.held != NULL)
			give_back(m);
		q->conf.again(q->conf.ctx, m->uuid, clock_now() + AGAIN);
	}
	task_free(m);
}

void upkeep_run(struct upkeep *q)
{
	struct task *m, *next;

	pthread_mutex_lock(&q->lock);
	m = q->done;
	q->done = NULL;
	pthread_mutex_unlock(&q->lock);
	for (; m != NULL; m = next) {
		next = m->done_next;
		task_end(m);
	}
}

void upkeep_free(struct upkeep *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	while (map_count(q->under_way) != 0) {
		while (q->done == NULL)
			pthread_cond_wait(&q->ended, &q->lock);
		pthread_mutex_unlock(&q->lock);
		upkeep_run(q);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	map_free(q->under_way, NULL);
	pthread_cond_destroy(&q->ended);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* --- deciding ------------------------------------------------------------------ */

static struct task *task_new(struct upkeep *q, const struct entry *e,
    const char *what)
{
	struct task *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->q = q;
	m->arena = arena_new();
	m->what = what;
	memcpy(m->uuid, e->uuid, 16);
	str_uuid_text(e->uuid, m->id);
	return m;
}

static void start(struct task *m, struct change *c, const struct entry *e)
{
	struct upkeep *q = m->q;

	/* The change outlives the world. */
	c->assert_csn = arena_strdup(m->arena, e->csn);
	map_put(q->under_way, m->id, m);
	failpoint("before-upkeep");
	writer_submit(q->conf.writer, c, m->uuid, true, on_written, m);
}

/* V14 */
static bool cascade(struct upkeep *q, struct world_view *w,
    const struct entry *e)
{
	struct arena *a = world_arena(w);
	struct stored_list list;
	struct strv gone;
	struct change *c;
	struct task *m;

	if (entry_attr(e, CASCADE_TAKEN) == NULL)
		return false;
	gone = cascade_pending(a, e, e, world_lookups(w));
	list = cascade_list(a, e, &gone, world_lookups(w));
	if (list.n == 0)
		return false;
	m = task_new(q, e, "removed what hung on a company that was taken "
	    "away (V14)");
	c = change_new(m->arena, CHANGE_MODIFY, arena_strdup(m->arena, e->dn));
	c->permissive = true;
	cascade_change(m->arena, c, e, &gone, &list);
	start(m, c, e);
	return true;
}

static bool written(const char *name, void *ctx)
{
	(void)ctx;
	return !str_ieq(name, CASCADE_TAKEN) && !str_ieq(name, REVIEW_MOVED);
}

/* Few people leave or have moved: the others are not looked at closely. */
static bool concerns(const struct person *p, const struct entry *e)
{
	return p->state == PERSON_LEFT || p->left != 0 ||
	    p->ends != CLOCK_NEVER || entry_attr(e, REVIEW_MOVED) != NULL ||
	    entry_attr(e, REVIEW_ATTR) != NULL;
}

/* J1, J4 */
static bool settle(struct upkeep *q, struct world_view *w,
    const struct entry *e, int64_t now)
{
	struct entry *want = entry_dup(world_arena(w), e);
	bool leaver = leaver_settle(world_arena(w), want, now);
	bool mover = review_settle(world_arena(w), want);
	struct task *m;

	if (!leaver && !mover)
		return false;
	m = task_new(q, e, leaver ? "their time or state was put right (J1)" :
	    "moves to be reviewed were written or closed (J4)");
	start(m, change_diff(m->arena, entry_dup(m->arena, e),
	    entry_dup(m->arena, want), written, NULL), e);
	return true;
}

/* True: the guard lets it pass. */
static bool may_remove(struct upkeep *q, struct world_view *w,
    const struct entry *e)
{
	struct held_ask ask = { .side = HELD_SOURCE, .name = SOURCE,
	    .author = "", .kind = "leavers", .tally = guard_weigh(e, NULL),
	    .population = view_count(world_read(w),
	    q->conf.type_person), .what = "people who left and whose "
	    "grace period is over" };
	struct held_item item = { .digest = "", .text = person_name(
	    world_person(w, e->uuid)) };
	char id[37], job[HELD_ID];
	struct err err = { 0 };

	if (q->conf.held == NULL)
		return true;
	str_uuid_text(e->uuid, id);
	item.person = id;
	ask.item = &item;
	ask.n_items = 1;
	return held_ask(q->conf.held, &ask, job, &err) == 0;
}

static int64_t remove_person(struct upkeep *q, struct world_view *w,
    const struct entry *e)
{
	struct task *m;

	if (!may_remove(q, w, e))
		return clock_now() + HELD_AGAIN;
	m = task_new(q, e, "removed: they left, and the grace period is over "
	    "(J1)");
	m->counted = guard_weigh(e, NULL);
	start(m, change_new(m->arena, CHANGE_DELETE,
	    arena_strdup(m->arena, e->dn)), e);
	return CLOCK_NEVER;
}

int64_t upkeep_look(struct upkeep *q, struct world_view *w,
    const uint8_t uuid[16], int64_t grace)
{
	const struct person *p = world_person(w, uuid);
	const struct entry *e = p == NULL ? NULL : world_entry(w, uuid);
	int64_t now = clock_now(), at;

	if (e == NULL || map_get(q->under_way, p->id) != NULL ||
	    cascade(q, w, e) || (concerns(p, e) && settle(q, w, e, now)))
		return CLOCK_NEVER;
	at = leaver_removal(p, grace);
	return at <= now ? remove_person(q, w, e) : at;
}
