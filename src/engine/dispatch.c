/* SPDX-License-Identifier: ISC */
#include "engine/dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/dispatch_p.h"

#define CONNECTIONS 16
#define BREAKER 3
#define BURST 256		/* sent before receipts are looked at */
#define MAX_JOBS 20000
#define MAX_RECEIPTS 2000	/* unwritten: then nothing more is sent */
#define MAX_PAUSE (3600 * CLOCK_SECOND)

/* --- what came of a job ------------------------------------------------------ */

static void put_receipt(struct job *j, enum receipt_state state,
    const char *remote_id, bool awaited)
{
	struct action act = j->act;

	act.attempts += (int)j->failures - 1;
	receipts_put(j->d->receipts, j->who.id, &act, state,
	    state == RECEIPT_CONFIRMED ? clock_now() : j->since, remote_id,
	    awaited);
}

static const char *verb(const struct job *j)
{
	static const char *const verbs[] = { [ACTION_PUT] = "granting",
	    [ACTION_REMOVE] = "removing", [ACTION_MAIL] = "mailing" };

	return verbs[j->act.kind];
}

static void target_answers(struct tgt *t)
{
	if (circuit_answered(&t->circuit))
		log_info("target %s: answers again", t->target->conf.name);
	t->text[0] = '\0';
}

/* Its circuit, and a line when that changes. */
static void target_failed(struct tgt *t, const struct target_result *r)
{
	int64_t now = clock_mono();
	bool changed = false;

	snprintf(t->text, sizeof(t->text), "%.255s", r->err.text);
	switch (r->code) {
	case ERR_TARGET_DOWN:
		changed = circuit_down(&t->circuit, now);
		break;
	case ERR_STOP:
		changed = circuit_stop(&t->circuit, now);
		break;
	default:
		circuit_answered(&t->circuit);
		if (r->code == ERR_RETRY && r->err.retry_after > 0) {
			int64_t wait = r->err.retry_after * CLOCK_SECOND;

			circuit_pause(&t->circuit, now +
			    (wait < MAX_PAUSE ? wait : MAX_PAUSE));
		}
	}
	if (changed)
		log_warn("target %s: %s: %s", t->target->conf.name,
		    circuit_word(&t->circuit), t->text);
}

void dispatch_answered(struct tgt *t, const struct target_result *r)
{
	if (r->code == 0)
		target_answers(t);
	else
		target_failed(t, r);
}

static void succeeded(struct job *j, const struct target_result *r)
{
	log_debug("target %s: %s %s for person %s: done", j->act.target,
	    verb(j), j->act.tool, j->who.id);
	j->state = JOB_RECEIPT;
	put_receipt(j, RECEIPT_CONFIRMED, r->remote_id, true);
}

static void failed(struct job *j, const struct target_result *r)
{
	bool bad = r->code == ERR_ITEM_BAD;
	const char *remote = j->act.remote_id[0] != '\0' ? j->act.remote_id :
	    "-";

	counter_add(C_TARGET_ERRORS, 1);
	snprintf(j->text, sizeof(j->text), "%.159s", r->err.text);
	j->failures++;
	if (j->failures == 1 || bad)
		log_warn("target %s: %s %s for person %s: %s", j->act.target,
		    verb(j), j->act.tool, j->who.id, r->err.text);
	/* Whether the other side has done it is not known: the receipt must
	 * say so before anything else is decided by it. */
	if (bad || j->failures == 1 || j->failures % 10 == 0)
		put_receipt(j, bad ? RECEIPT_FAILED : RECEIPT_PENDING, remote,
		    j->dirty);
	if (j->dirty && (bad || j->failures == 1 || j->failures % 10 == 0)) {
		j->state = JOB_RECEIPT;
	} else if (j->dirty) {
		j->d->conf.recheck(j->d->conf.ctx, j->who.id);
		job_free(j);
	} else if (bad) {
		job_park(j);
	} else {
		j->wait.base = j->d->conf.retry_base;
		j->wait.max = j->d->conf.retry_max;
		job_wait(j, clock_mono() + backoff_next(&j->wait));
	}
}

/* From the dispatch thread's httpc_drive, or at once. */
static void on_done(void *arg, const struct target_result *r)
{
	struct job *j = arg;
	struct dispatch *d = j->d;

	failpoint("after-answer");
	pthread_mutex_lock(&d->lock);
	j->tgt->under_way--;
	jobs_unblock(j);
	dispatch_answered(j->tgt, r);
	if (r->code == 0)
		succeeded(j, r);
	else
		failed(j, r);
	pthread_mutex_unlock(&d->lock);
}

/* The receipt is in the view: the job is over. */
static void on_written(void *ctx, const char *person_id, const char *target,
    const char *tool)
{
	struct dispatch *d = ctx;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = jobs_find(d, person_id, target, tool);
	map_put(d->fresh, person_id, d);
	if (j != NULL && j->state == JOB_RECEIPT) {
		if (j->dirty)
			d->conf.recheck(d->conf.ctx, person_id);
		job_free(j);
	}
	pthread_mutex_unlock(&d->lock);
}

/* --- the thread --------------------------------------------------------------- */

/* What is to be sent is announced by pending receipts first. When they are in
 * the view the person is looked at again, and the job made of that is sent. */
static struct job *next_job(struct dispatch *d, int64_t *wake)
{
	struct job *j = NULL;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping && lease_mine(d->conf.lease) &&
	    receipts_pending(d->receipts) < MAX_RECEIPTS &&
	    (j = jobs_ready(d, clock_mono(), wake)) != NULL &&
	    j->state == JOB_RECEIPT) {
		put_receipt(j, RECEIPT_PENDING, j->act.remote_id, true);
		j = NULL;
	}
	if (j != NULL)
		errands_sent(d, j);
	pthread_mutex_unlock(&d->lock);
	return j;
}

static void send_jobs(struct dispatch *d, int64_t *wake)
{
	struct job *j;
	int i;

	for (i = 0; i < BURST && (j = next_job(d, wake)) != NULL; i++) {
		struct target *t = j->tgt->target;

		counter_add(C_TARGET_CALLS, 1);
		failpoint("before-send");
		t->kind->apply(t, &j->who, &j->act, on_done, j);
	}
	if (i == BURST)
		*wake = 0;
}

static void tgt_free(struct tgt *t)
{
	target_close(t->target);
	target_close(t->replacement);
	heap_fini(&t->waiting);
	free(t);
}

/* Targets that were taken out of the configuration and have ended. */
static void reap(struct dispatch *d)
{
	struct tgt **at, *t;

	pthread_mutex_lock(&d->lock);
	for (at = &d->targets; (t = *at) != NULL;)
		if (t->removed && t->jobs == 0 && t->under_way == 0) {
			*at = t->next;
			tgt_free(t);
		} else {
			at = &t->next;
		}
	pthread_mutex_unlock(&d->lock);
}

/* Stopping, and nothing is left that should be waited for? */
static bool over(struct dispatch *d)
{
	bool late, busy = false;
	struct tgt *t;

	pthread_mutex_lock(&d->lock);
	late = d->stopping && clock_mono() >= d->deadline;
	for (t = d->targets; t != NULL; t = t->next)
		busy |= t->under_way != 0;
	busy = !d->stopping || (!late && (busy ||
	    receipts_pending(d->receipts) != 0));
	pthread_mutex_unlock(&d->lock);
	if (late)
		receipts_stop(d->receipts);
	return !busy && !receipts_under_way(d->receipts);
}

static void *run(void *arg)
{
	struct dispatch *d = arg;
	int64_t wake, due, now;

	pthread_setname_np(pthread_self(), "dispatch");
	log_tag("dispatch");
	while (!over(d)) {
		now = clock_mono();
		wake = now + CLOCK_SECOND;
		reap(d);
		send_jobs(d, &wake);
		errands_run(d, &wake);
		due = receipts_run(d->receipts);
		wake = due < wake ? due : wake;
		now = clock_mono();
		httpc_drive(d->http, wake > now ? wake - now : 0);
	}
	return NULL;
}

static void wake_up(void *ctx)
{
	struct dispatch *d = ctx;

	httpc_wake(d->http);
}

/* --- life ----------------------------------------------------------------------- */

void dispatch_reset_circuit(const struct dispatch *d, struct tgt *t)
{
	circuit_init(&t->circuit, d->conf.breaker, d->conf.retry_base,
	    d->conf.retry_max);
}

static int open_target(struct dispatch *d, const struct target_conf *c,
    struct tgt **out, struct err *e)
{
	struct tgt *t = calloc(1, sizeof(*t));
	struct target_conf tc = *c;
	int rc;

	if (t == NULL)
		abort();
	tc.source = d->conf.source;
	if ((rc = target_open(&tc, d->http, &t->target, e)) != 0) {
		free(t);
		return rc;
	}
	dispatch_reset_circuit(d, t);
	*out = t;
	return 0;
}

static void free_list(struct tgt *t)
{
	struct tgt *next;

	for (; t != NULL; t = next) {
		next = t->next;
		tgt_free(t);
	}
}

static int open_all(struct dispatch *d, const struct target_conf *c, size_t n,
    struct tgt **out, struct err *e)
{
	struct tgt *t;
	size_t i;
	int rc;

	*out = NULL;
	for (i = 0; i < n; i++) {
		if ((rc = open_target(d, &c[i], &t, e)) != 0) {
			free_list(*out);
			*out = NULL;
			return rc;
		}
		t->next = *out;
		*out = t;
	}
	return 0;
}

/* t is the new form of old: keep what is running, change what differs. */
static void reconfigure(struct dispatch *d, struct tgt *old, struct tgt *t)
{
	if (old->replacement == NULL &&
	    target_same(old->target, t->target))
		return;
	target_close(old->replacement);
	old->replacement = t->target;
	t->target = NULL;
	dispatch_reset_circuit(d, old);
	old->text[0] = '\0';
	jobs_unpark(d, old);
}

static struct tgt *in_list(struct tgt *t, const char *name)
{
	while (t != NULL && !str_eq(t->target->conf.name, name))
		t = t->next;
	return t;
}

static void merge(struct dispatch *d, struct tgt *list)
{
	struct tgt *t, *next, *old;

	for (t = d->targets; t != NULL; t = t->next)
		if (!t->removed &&
		    in_list(list, t->target->conf.name) == NULL) {
			jobs_drop(d, t);
			t->removed = true;
		}
	for (t = list; t != NULL; t = next) {
		next = t->next;
		if ((old = jobs_target(d, t->target->conf.name)) == NULL) {
			dispatch_reset_circuit(d, t);
			t->next = d->targets;
			d->targets = t;
		} else {
			reconfigure(d, old, t);
			tgt_free(t);
		}
	}
	map_free(d->unknown, NULL);
	d->unknown = map_new();
}

static void retime(struct dispatch *d, const struct dispatch_conf *c)
{
	struct tgt *t;

	d->conf.retry_base = c->retry_base;
	d->conf.retry_max = c->retry_max;
	d->conf.overdue = c->overdue;
	receipts_retime(d->receipts, c->retry_base, c->retry_max);
	for (t = d->targets; t != NULL; t = t->next) {
		t->circuit.wait.base = c->retry_base;
		t->circuit.wait.max = c->retry_max;
	}
}

int dispatch_reload(struct dispatch *d, const struct dispatch_conf *c,
    struct err *e)
{
	struct tgt *list;
	int rc;

	if ((rc = open_all(d, c->target, c->n_targets, &list, e)) != 0)
		return rc;
	pthread_mutex_lock(&d->lock);
	retime(d, c);
	merge(d, list);
	pthread_mutex_unlock(&d->lock);
	httpc_wake(d->http);
	return 0;
}

static void forget(struct dispatch *d)
{
	struct job *j, *next;
	size_t pos = 0, n = 0, i, cap = map_count(d->people);
	struct job **all = calloc(cap + 1, sizeof(*all));
	void *p;

	if (all == NULL)
		abort();
	while (map_next(d->people, &pos, &p) != NULL)
		all[n++] = ((struct person_jobs *)p)->first;
	for (i = 0; i < n; i++)
		for (j = all[i]; j != NULL; j = next) {
			next = j->sibling;
			job_free(j);
		}
	free(all);
}

static void stop_targets(struct dispatch *d)
{
	struct tgt *t;

	for (t = d->targets; t != NULL; t = t->next)
		if (t->target->kind->stop != NULL)
			t->target->kind->stop(t->target);
}

static void dispatch_free(struct dispatch *d)
{
	errands_end(d);
	stop_targets(d);
	httpc_close(d->http);
	errands_free(d->errands);
	forget(d);
	free_list(d->targets);
	heap_fini(&d->unsaid);
	receipts_free(d->receipts);
	map_free(d->people, NULL);
	map_free(d->unknown, NULL);
	map_free(d->fresh, NULL);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static struct dispatch *dispatch_new(const struct dispatch_conf *c)
{
	struct dispatch *d = calloc(1, sizeof(*d));

	if (d == NULL)
		abort();
	d->conf = *c;
	if (d->conf.breaker == 0)
		d->conf.breaker = BREAKER;
	pthread_mutex_init(&d->lock, NULL);
	d->people = map_new();
	d->unknown = map_new();
	d->fresh = map_new();
	d->errands = errands_new();
	d->receipts = receipts_new(&(struct receipts_conf){ .view = c->view,
	    .map = c->map, .writer = c->writer, .lease = c->lease,
	    .retry_base = c->retry_base,
	    .retry_max = c->retry_max, .written = on_written,
	    .wake = wake_up, .ctx = d });
	return d;
}

int dispatch_start(const struct dispatch_conf *c, struct dispatch **out,
    struct err *e)
{
	struct dispatch *d = dispatch_new(c);
	int rc;

	if ((rc = httpc_open(CONNECTIONS, &d->http, e)) != 0 ||
	    (rc = open_all(d, c->target, c->n_targets, &d->targets, e)) != 0) {
		dispatch_free(d);
		return rc;
	}
	if (pthread_create(&d->thread, NULL, run, d) != 0) {
		dispatch_free(d);
		return err_set(e, ERR_IO, "engine: cannot start a thread");
	}
	*out = d;
	return 0;
}

void dispatch_stop(struct dispatch *d, unsigned seconds)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	d->deadline = clock_mono() + seconds * CLOCK_SECOND;
	pthread_mutex_unlock(&d->lock);
	httpc_wake(d->http);
	pthread_join(d->thread, NULL);
	dispatch_free(d);
}

/* --- from the engine thread -------------------------------------------------------- */

void dispatch_look(struct dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	if (map_count(d->fresh) != 0) {
		map_free(d->fresh, NULL);
		d->fresh = map_new();
	}
	pthread_mutex_unlock(&d->lock);
}

void dispatch_drop(struct dispatch *d)
{
	struct tgt *t;

	pthread_mutex_lock(&d->lock);
	for (t = d->targets; t != NULL; t = t->next)
		if (t->jobs != 0)
			jobs_drop(d, t);
	pthread_mutex_unlock(&d->lock);
}

bool dispatch_room(struct dispatch *d)
{
	bool room;

	pthread_mutex_lock(&d->lock);
	room = d->n_jobs < MAX_JOBS;
	pthread_mutex_unlock(&d->lock);
	return room;
}

bool dispatch_person(struct dispatch *d, const struct target_person *p,
    const struct action *act, const int64_t *since, size_t n)
{
	size_t before;
	bool more, room;

	pthread_mutex_lock(&d->lock);
	if (map_get(d->fresh, p->id) != NULL) {
		pthread_mutex_unlock(&d->lock);
		d->conf.recheck(d->conf.ctx, p->id);
		return true;
	}
	before = d->n_jobs;
	room = n == 0 || before < MAX_JOBS ||
	    map_get(d->people, p->id) != NULL;
	if (room)
		jobs_owed(d, p, act, since, n);
	more = d->n_jobs > before || n != 0;
	pthread_mutex_unlock(&d->lock);
	if (more && room)
		httpc_wake(d->http);
	return room;
}

bool dispatch_knows(struct dispatch *d, const char *person_id)
{
	bool known;

	pthread_mutex_lock(&d->lock);
	known = map_get(d->people, person_id) != NULL;
	pthread_mutex_unlock(&d->lock);
	return known;
}

bool dispatch_has(struct dispatch *d, const char *target)
{
	bool has;

	pthread_mutex_lock(&d->lock);
	has = jobs_target(d, target) != NULL;
	pthread_mutex_unlock(&d->lock);
	return has;
}

bool dispatch_deleted(struct dispatch *d, const uint8_t uuid[16])
{
	return receipts_deleted(d->receipts, uuid);
}
