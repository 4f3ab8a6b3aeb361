/* SPDX-License-Identifier: ISC */
/* What the guard holds, and the word of provider staff about it. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/held.h"
#include "directory/sweep.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/plan.h"
#include "front/worker.h"

/* --- showing ------------------------------------------------------------------- */

static void put_count(struct arena *a, struct json *j, const char *name,
    uint64_t n)
{
	json_put(a, j, name, json_new_int(a, (int64_t)n));
}

static void put_time(struct arena *a, struct json *j, const char *name,
    int64_t t)
{
	char text[32];

	if (t != 0)
		operations_put(a, j, name, clock_print_rfc3339(t, text));
}

static void put_tally(struct arena *a, struct json *j,
    const struct guard_tally *t)
{
	struct json *counts = json_put(a, j, "counts", json_new(a,
	    JSON_IS_OBJECT));
	int k;

	for (k = 0; k < GUARD_KINDS; k++)
		if (t->n[k] != 0)
			put_count(a, counts, guard_word((enum guard_kind)k),
			    t->n[k]);
}

static void put_decided(struct arena *a, struct json *j,
    const struct held_job *h)
{
	if (h->decided == 0)
		return;
	operations_put(a, j, "decidedBy", h->by);
	put_time(a, j, "decidedAt", h->decided);
	if (*h->reason != '\0')
		operations_put(a, j, "reason", h->reason);
}

static struct json *job_json(struct arena *a, const struct held_job *h)
{
	struct json *j = json_new(a, JSON_IS_OBJECT);

	operations_put(a, j, "id", h->id);
	operations_put(a, j, "state", held_state_word(h->state));
	operations_put(a, j, "kind", h->kind);
	operations_put(a, j, str_eq(h->kind, SWEEP_KIND) ? "directory" :
	    h->side == HELD_SOURCE ? "source" : "target", h->name);
	operations_put(a, j, "what", h->what);
	operations_put(a, j, "why", h->why);
	put_count(a, j, "people", h->people);
	put_tally(a, j, &h->tally);
	operations_put_list(a, j, "askedBy", &h->authors);
	put_time(a, j, "since", h->since);
	put_time(a, j, "lastAsked", h->last);
	put_count(a, j, "asked", h->asks);
	put_count(a, j, "itemCount", h->n_items);
	put_decided(a, j, h);
	return j;
}

static void put_items(struct arena *a, struct json *j,
    const struct held_job *h)
{
	struct json *list = json_put(a, j, "items", json_new(a,
	    JSON_IS_ARRAY)), *it;
	size_t i;

	for (i = 0; i < h->n_shown; i++) {
		it = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, it, "person", h->item[i].person);
		operations_put(a, it, "text", h->item[i].text);
		operations_put(a, it, "digest", h->item[i].digest);
	}
}

/* What a refresh waits with, as the others. */
static int get_sweep(const struct front *f, struct arena *a, const char *id,
    size_t skip, size_t most, struct held_job *out)
{
	return f->conf.sync == NULL ? ERR_NOT_FOUND :
	    sweep_get(sync_sweep(f->conf.sync), a, id, skip, most, out,
	    NULL);
}

static void put_sweep(struct call *c, struct json *list, bool all)
{
	struct held_job h;

	if (get_sweep(c->f, c->a, NULL, 0, 0, &h) == 0 &&
	    (all || h.state == HELD_HELD))
		json_push(list, job_json(c->a, &h));
}

void held_jobs(struct call *c)
{
	const char *state = call_arg(c, "state");
	bool all = str_eq(state, "all");
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *list;
	struct held_job *job;
	size_t n, i;

	if (!call_staff(c))
		return;
	if (state != NULL && !all && !str_eq(state, "held")) {
		answer_status(c, 400, "", "state is held (the default) or "
		    "all");
		return;
	}
	held_list(c->f->conf.held, c->a, all, &job, &n);
	list = json_put(c->a, j, "held", json_new(c->a, JSON_IS_ARRAY));
	put_sweep(c, list, all);
	for (i = 0; i < n; i++)
		json_push(list, job_json(c->a, &job[i]));
	operations_answer(c, j);
}

/* startIndex from 1, count: of the items; all of them without. */
static int page(struct call *c, size_t *skip, size_t *most)
{
	const char *from = call_arg(c, "startIndex");
	const char *count = call_arg(c, "count");
	int64_t n;

	*skip = 0;
	*most = SIZE_MAX;
	if (from != NULL) {
		if (!str_int(from, &n) || n < 1)
			return -1;
		*skip = (size_t)n - 1;
	}
	if (count != NULL) {
		if (!str_int(count, &n) || n < 0)
			return -1;
		*most = (size_t)n;
	}
	return 0;
}

static void answer_job(struct call *c, size_t skip, size_t most)
{
	struct held_job h;
	struct err e = { 0 };
	struct json *j;

	if (get_sweep(c->f, c->a, c->id, skip, most, &h) != 0 &&
	    held_get(c->f->conf.held, c->a, c->id, skip, most, &h, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	j = job_json(c->a, &h);
	if (most != 0)
		put_items(c->a, j, &h);
	operations_answer(c, j);
}

void held_one(struct call *c)
{
	size_t skip, most;

	if (!call_staff(c))
		return;
	if (page(c, &skip, &most) != 0)
		answer_status(c, 400, "", "startIndex is a number from 1, "
		    "count one from 0");
	else
		answer_job(c, skip, most);
}

uint64_t held_jobs_waiting(const struct front *f)
{
	struct arena *a = arena_new();
	struct held_job h = { .state = HELD_APPLIED };
	uint64_t n = held_waiting(f->conf.held);

	if (get_sweep(f, a, NULL, 0, 0, &h) == 0 && h.state == HELD_HELD)
		n++;
	arena_free(a);
	return n;
}

/* --- deciding ------------------------------------------------------------------- */

/* Whoever lets through what the guard stopped answers for everybody. */
static bool may_decide(struct call *c)
{
	if (call_open(c) != 0)
		return false;
	if (actor_is_staff(&c->actor))
		return true;
	answer_status(c, 403, "", c->person != NULL ? "only provider staff "
	    "decide what the guard holds" : "deciding what the guard holds "
	    "needs the scope admin or provider");
	return false;
}

/* A body is not needed; "" then. NULL: it was answered. */
static const char *reason_of(struct call *c)
{
	const char *reason;

	if (c->q->body_len == 0)
		return "";
	if (call_body(c) != 0)
		return NULL;
	reason = json_member_str(c->body, "reason");
	return reason != NULL ? reason : "";
}

/* A plan that nothing stands for any more is not released (FAULTS D5). */
static int check_plan(struct call *c, struct err *e)
{
	struct err why = { 0 };
	struct held_job h;
	int rc;

	if (held_get(c->f->conf.held, c->a, c->id, 0, 0, &h, NULL) != 0 ||
	    h.state != HELD_HELD || !str_eq(h.kind, PLAN_HELD))
		return 0;
	rc = plan_held_check(c->f, h.data, &why);
	return rc == 0 ? 0 : err_set(e, rc == ERR_CONFLICT ? ERR_REFERRED :
	    rc, "the world has moved, and the plan is not released: %.300s",
	    why.text);
}

static int decide_one(struct call *c, enum held_state state,
    const char *reason, struct err *e)
{
	const char *by = call_origin(c);
	int rc = c->f->conf.sync == NULL ? ERR_NOT_FOUND :
	    sweep_decide(sync_sweep(c->f->conf.sync), c->id, state, by,
	    reason, e);

	return rc != ERR_NOT_FOUND ? rc : held_decide(c->f->conf.held, c->id,
	    state, by, reason, e);
}

static void decide(struct call *c, enum held_state state)
{
	struct err e = { 0 };
	const char *reason;

	if (!may_decide(c) || (reason = reason_of(c)) == NULL)
		return;
	call_close(c);
	if ((state == HELD_RELEASED && check_plan(c, &e) != 0) ||
	    decide_one(c, state, reason, &e) != 0)
		answer_error(c, &e);
	else
		answer_job(c, 0, 0);
}

static void release_now(struct call *c)
{
	decide(c, HELD_RELEASED);
}

static void reject_now(struct call *c)
{
	decide(c, HELD_REFUSED);
}

void held_release_call(struct call *c)
{
	worker_submit(c->f->worker, c, release_now);
}

void held_reject_call(struct call *c)
{
	worker_submit(c->f->worker, c, reject_now);
}
