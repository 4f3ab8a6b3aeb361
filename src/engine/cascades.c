/* SPDX-License-Identifier: ISC */
#include "engine/cascades.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/map.h"
#include "core/cascade.h"

#define AGAIN (2 * CLOCK_SECOND)	/* after a failure */

/* One write under way. */
struct removal {
	struct cascades *q;
	struct removal *done_next;
	struct arena *arena;		/* owned: the change */
	uint8_t uuid[16];
	char id[37];
	struct writer_result result;
};

struct cascades {
	struct cascades_conf conf;
	struct map *under_way;		/* person -> struct removal, owned */
	pthread_mutex_t lock;		/* of the rest */
	pthread_cond_t ended;
	struct removal *done;
	bool closing;
};

struct cascades *cascades_new(const struct cascades_conf *c)
{
	struct cascades *q = calloc(1, sizeof(*q));

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
	struct removal *m = arg;
	struct cascades *q = m->q;

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

static void removal_free(struct removal *m)
{
	arena_free(m->arena);
	free(m);
}

/* A conflict means that the entry has changed: it is looked at anyway. */
static void removal_end(struct removal *m)
{
	struct cascades *q = m->q;

	map_del(q->under_way, m->id);
	if (m->result.code == 0) {
		failpoint("after-cascade");
		log_info("person %s: removed what hung on a company that was "
		    "taken away (V14)", m->id);
	} else {
		if (m->result.code != ERR_CONFLICT &&
		    m->result.code != ERR_BUSY)
			log_warn("person %s: %s", m->id, m->result.err.text);
		q->conf.again(q->conf.ctx, m->uuid, clock_now() + AGAIN);
	}
	removal_free(m);
}

void cascades_run(struct cascades *q)
{
	struct removal *m, *next;

	pthread_mutex_lock(&q->lock);
	m = q->done;
	q->done = NULL;
	pthread_mutex_unlock(&q->lock);
	for (; m != NULL; m = next) {
		next = m->done_next;
		removal_end(m);
	}
}

void cascades_free(struct cascades *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	while (map_count(q->under_way) != 0) {
		while (q->done == NULL)
			pthread_cond_wait(&q->ended, &q->lock);
		pthread_mutex_unlock(&q->lock);
		cascades_run(q);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	map_free(q->under_way, NULL);
	pthread_cond_destroy(&q->ended);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void start(struct cascades *q, const struct entry *e,
    const struct strv *gone, const struct stored_list *list)
{
	struct removal *m = calloc(1, sizeof(*m));
	struct change *c;

	if (m == NULL)
		abort();
	m->q = q;
	m->arena = arena_new();
	memcpy(m->uuid, e->uuid, 16);
	str_uuid_text(e->uuid, m->id);
	/* The change outlives the world. */
	c = change_new(m->arena, CHANGE_MODIFY, e->dn);
	c->assert_csn = arena_strdup(m->arena, e->csn);
	c->permissive = true;
	cascade_change(m->arena, c, e, gone, list);
	map_put(q->under_way, m->id, m);
	failpoint("before-cascade");
	writer_submit(q->conf.writer, c, NULL, true, on_written, m);
}

void cascades_look(struct cascades *q, struct world_view *w,
    const uint8_t uuid[16])
{
	const struct entry *e = world_entry(w, uuid);
	struct arena *a = world_arena(w);
	struct stored_list list;
	struct strv gone;
	char id[37];

	str_uuid_text(uuid, id);
	if (e == NULL || entry_attr(e, CASCADE_TAKEN) == NULL ||
	    map_get(q->under_way, id) != NULL)
		return;
	gone = cascade_pending(a, e, e, world_lookups(w));
	list = cascade_list(a, e, &gone, world_lookups(w));
	if (list.n != 0)
		start(q, e, &gone, &list);
}
