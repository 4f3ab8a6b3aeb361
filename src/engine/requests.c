/* SPDX-License-Identifier: ISC */
#include "engine/requests.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "core/explain.h"
#include "core/request.h"

#define AGAIN (5 * 1000)		/* us, after a conflict */

/* One request with its writes under way. */
struct chain {
	struct requests *q;
	struct chain *done_next;
	struct arena *arena;		/* owned: the changes */
	uint8_t uuid[16];
	char key[37];
	char beneficiary[37];		/* "" when nothing is granted */
	struct change **before;		/* in the arena */
	size_t n_before, next_before;
	struct change *grant, *record;	/* NULL: done or not needed */
	enum request_step step;
	bool dirty;			/* look again at the end */
	struct writer_result result;
};

/* Uuids that wait for something. */
struct waiting {
	uint8_t (*v)[16];
	size_t n, cap;
};

struct requests {
	struct requests_conf conf;
	struct map *chains;		/* request -> struct chain, owned */
	struct map *granting;		/* beneficiary -> struct waiting, owned:
					 * requests behind the one under way */
	struct map *approved;		/* beneficiary -> struct waiting, owned */
	struct map *tries;		/* request -> struct backoff, owned */
	pthread_mutex_t lock;		/* of the two below */
	pthread_cond_t ended;
	struct chain *done;
	bool closing;
};

struct requests *requests_new(const struct requests_conf *c)
{
	struct requests *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	q->conf = *c;
	q->chains = map_new();
	q->granting = map_new();
	q->approved = map_new();
	q->tries = map_new();
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->ended, NULL);
	return q;
}

static void waiting_free(void *arg)
{
	struct waiting *w = arg;

	if (w == NULL)
		return;
	free(w->v);
	free(w);
}

static void waiting_add(struct waiting *w, const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (memcmp(w->v[i], uuid, 16) == 0)
			return;
	if (w->n == w->cap) {
		w->cap = w->cap != 0 ? w->cap * 2 : 4;
		w->v = realloc(w->v, w->cap * sizeof(*w->v));
		if (w->v == NULL)
			abort();
	}
	memcpy(w->v[w->n++], uuid, 16);
}

static struct waiting *waiting_of(struct map *m, const char *key)
{
	struct waiting *w = map_get(m, key);

	if (w != NULL)
		return w;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		abort();
	map_put(m, key, w);
	return w;
}

static void chain_free(void *arg)
{
	struct chain *c = arg;

	arena_free(c->arena);
	free(c);
}

/* --- writing -------------------------------------------------------------------- */

static void on_written(void *arg, const struct writer_result *r)
{
	struct chain *c = arg;
	struct requests *q = c->q;

	c->result = *r;
	pthread_mutex_lock(&q->lock);
	c->done_next = q->done;
	q->done = c;
	/* Under the lock: once it is free q may be gone. */
	if (!q->closing)
		q->conf.wake(q->conf.ctx);
	pthread_cond_signal(&q->ended);
	pthread_mutex_unlock(&q->lock);
}

/* Looked at again later; how much later depends on how often. */
static int64_t delay(struct requests *q, const struct chain *c)
{
	struct backoff *b = map_get(q->tries, c->key);

	if (c->result.code == ERR_CONFLICT && (b == NULL || b->tries < 8))
		return AGAIN;
	if (b == NULL) {
		if ((b = calloc(1, sizeof(*b))) == NULL)
			abort();
		*b = (struct backoff){ CLOCK_SECOND / 2, 300 * CLOCK_SECOND, 0 };
		map_put(q->tries, c->key, b);
	}
	return backoff_next(b);
}

/* Those behind it may have their turn. */
static void release(struct requests *q, const struct chain *c)
{
	struct waiting *w;
	size_t i;

	if (c->beneficiary[0] == '\0')
		return;
	w = map_del(q->granting, c->beneficiary);
	for (i = 0; w != NULL && i < w->n; i++)
		q->conf.again(q->conf.ctx, w->v[i], 0);
	waiting_free(w);
}

static void chain_end(struct chain *c)
{
	struct requests *q = c->q;

	map_del(q->chains, c->key);
	release(q, c);
	if (c->result.code != 0)
		q->conf.again(q->conf.ctx, c->uuid, clock_now() + delay(q, c));
	else {
		free(map_del(q->tries, c->key));
		if (c->dirty)
			q->conf.again(q->conf.ctx, c->uuid, 0);
	}
	chain_free(c);
}

/* Send what comes next, or end. */
static void chain_next(struct chain *c)
{
	struct requests *q = c->q;

	c->result.code = 0;
	if (q->closing) {
		chain_end(c);
	} else if (c->next_before < c->n_before) {
		failpoint("before-account");
		writer_submit(q->conf.writer, c->before[c->next_before], NULL,
		    true, on_written, c);
	} else if (c->grant != NULL) {
		failpoint("before-grant");
		writer_submit(q->conf.writer, c->grant, NULL, true, on_written,
		    c);
	} else if (c->record != NULL) {
		failpoint("before-record");
		writer_submit(q->conf.writer, c->record, NULL, true,
		    on_written, c);
	} else {
		chain_end(c);
	}
}

static void recorded(const struct chain *c)
{
	failpoint("after-record");
	if (c->step == STEP_APPLIED)
		counter_add(C_REQUESTS_APPLIED, 1);
	if (c->step == STEP_FAIL)
		counter_add(C_REQUESTS_FAILED, 1);
}

static void chain_written(struct chain *c)
{
	if (c->result.code != 0) {
		if (c->result.code != ERR_CONFLICT &&
		    c->result.code != ERR_BUSY)
			log_warn("request %s: %s", c->key,
			    c->result.err.text);
		chain_end(c);
		return;
	}
	if (c->next_before < c->n_before) {
		c->next_before++;
		failpoint("after-account");
	} else if (c->grant != NULL) {
		c->grant = NULL;
		failpoint("after-grant");
		release(c->q, c);
		c->beneficiary[0] = '\0';
	} else {
		c->record = NULL;
		recorded(c);
	}
	chain_next(c);
}

void requests_run(struct requests *q)
{
	struct chain *c, *next;

	pthread_mutex_lock(&q->lock);
	c = q->done;
	q->done = NULL;
	pthread_mutex_unlock(&q->lock);
	for (; c != NULL; c = next) {
		next = c->done_next;
		chain_written(c);
	}
}

void requests_free(struct requests *q)
{
	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	while (map_count(q->chains) != 0) {
		while (q->done == NULL)
			pthread_cond_wait(&q->ended, &q->lock);
		pthread_mutex_unlock(&q->lock);
		requests_run(q);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	map_free(q->chains, chain_free);
	map_free(q->granting, waiting_free);
	map_free(q->approved, waiting_free);
	map_free(q->tries, free);
	pthread_cond_destroy(&q->ended);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* --- deciding -------------------------------------------------------------------- */

/* Does anybody outside have to confirm it? */
static bool has_target(struct world_view *w, const struct right *right)
{
	const struct world *l = world_lookups(w);
	const struct tool *t;

	if (right->kind != RIGHT_TOOL && right->kind != RIGHT_TOOL_ACCOUNT)
		return false;
	t = l->tool(l->ctx, right->key);
	return t != NULL && *t->target != '\0';
}

/* In effect, and at the targets where it has one. */
static bool is_confirmed(struct world_view *w, const struct request *r,
    const struct person *p, int64_t now)
{
	struct arena *a = world_arena(w);
	struct receipts rec = world_receipts(w, p->id);
	struct rights rights;
	struct right *v;
	size_t n = request_rights(a, r, &v), i;

	rights_compute(a, p, world_lookups(w), now, &rights);
	for (i = 0; i < n; i++) {
		/* Codes need no decision. */
		if (*r->decision != '\0' && !request_right_approved(r, &v[i]))
			continue;
		if (!rights_hold(&rights, &v[i]))
			return false;
		if (has_target(w, &v[i]) && !str_eq(explain_state(&v[i], true,
		    rec.v, rec.n), "confirmed"))
			return false;
	}
	return true;
}

static void decide(struct requests *q, struct world_view *w,
    const struct request *r, const struct person *beneficiary, int64_t now,
    struct request_plan *plan)
{
	struct arena *a = world_arena(w);
	const struct person *decider = world_person_dn(w, r->decided_by);
	struct rights rights;
	struct ways ways;
	const struct request_case c = { .r = r, .ways = &ways,
	    .requester = world_person_dn(w, r->requester),
	    .beneficiary = beneficiary, .decider = decider,
	    .beneficiary_entry = beneficiary == NULL ? NULL :
	    world_entry(w, beneficiary->uuid),
	    .decider_rights = decider == NULL ? NULL : &rights,
	    .w = world_lookups(w), .code_key = q->conf.map->code_key,
	    .confirmed = r->state == REQUEST_APPROVED && beneficiary != NULL
	    && is_confirmed(w, r, beneficiary, now), .now = now };

	q->conf.ways(q->conf.ctx, &ways);
	if (decider != NULL)
		rights_compute(a, decider, world_lookups(w), now, &rights);
	request_next(a, &c, plan);
}

/* Grants to one person follow one another: each asserts the entry's CSN. */
static bool grant_turn(struct requests *q, const struct request *r,
    const char *beneficiary)
{
	struct waiting *w = map_get(q->granting, beneficiary);

	if (w != NULL) {
		waiting_add(w, r->uuid);
		return false;
	}
	waiting_of(q->granting, beneficiary);
	return true;
}

static void start(struct requests *q, const struct request *r,
    const struct person *beneficiary, const struct request_plan *plan)
{
	bool grants = plan->step == STEP_GRANT && plan->grant != NULL &&
	    plan->grant->n != 0 && beneficiary != NULL;
	struct chain *c;
	size_t i;

	if (grants && !grant_turn(q, r, beneficiary->id))
		return;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		abort();
	c->q = q;
	c->arena = arena_new();
	c->step = plan->step;
	memcpy(c->uuid, r->uuid, 16);
	str_uuid_text(r->uuid, c->key);
	if (grants) {
		c->grant = change_dup(c->arena, plan->grant);
		memcpy(c->beneficiary, beneficiary->id,
		    sizeof(c->beneficiary));
	}
	c->n_before = plan->n_before;
	c->before = arena_array(c->arena, c->n_before + 1,
	    sizeof(struct change *));
	for (i = 0; i < c->n_before; i++)
		c->before[i] = change_dup(c->arena, plan->before[i]);
	c->record = plan->record != NULL ?
	    change_dup(c->arena, plan->record) : NULL;
	map_put(q->chains, c->key, c);
	chain_next(c);
}

static bool open_state(enum request_state s)
{
	return s == REQUEST_PENDING || s == REQUEST_AWAITING_CODE;
}

void requests_look(struct requests *q, struct world_view *w,
    const uint8_t uuid[16])
{
	const struct request *r = world_request(w, uuid);
	const struct person *beneficiary;
	struct request_plan plan = { .step = STEP_NONE };
	int64_t now = clock_now();
	struct chain *c;
	char key[37];

	if (r == NULL || (!open_state(r->state) &&
	    r->state != REQUEST_APPROVED))
		return;
	str_uuid_text(uuid, key);
	if ((c = map_get(q->chains, key)) != NULL) {
		c->dirty = true;
		return;
	}
	beneficiary = world_person_dn(w, r->beneficiary);
	decide(q, w, r, beneficiary, now, &plan);
	if (plan.step != STEP_NONE)
		start(q, r, beneficiary, &plan);
	else if (r->state == REQUEST_APPROVED && beneficiary != NULL)
		waiting_add(waiting_of(q->approved, beneficiary->id), uuid);
	else if (open_state(r->state) && request_expires(r) > now)
		q->conf.again(q->conf.ctx, uuid, plan.again != 0 &&
		    plan.again < request_expires(r) ? plan.again :
		    request_expires(r));
}

void requests_look_person(struct requests *q, struct world_view *w,
    const char *person_id)
{
	struct waiting *list = map_del(q->approved, person_id);
	size_t i;

	for (i = 0; list != NULL && i < list->n; i++)
		requests_look(q, w, list->v[i]);
	waiting_free(list);
}
