/* SPDX-License-Identifier: ISC */
/*
 * errands: dispatch's part of engine/drift: asks a target for a list, corrects
 * receipts, strips accounts that are nobody's. What drift wants stands in
 * queues that the dispatch thread works off between its jobs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "engine/dispatch_p.h"

#define MAX_WANTED 1000		/* corrections and strippings queued */
#define MAX_TOUCHED 200000	/* beyond: everybody counts as touched */
#define MAX_RECEIPTS 2000

enum list_state { LIST_NONE, LIST_WANTED, LIST_RUNS, LIST_OVER };

/* A correction, or, with a remote id, an account to strip. */
struct wanted {
	struct wanted *next;
	struct dispatch *d;
	struct arena *arena;		/* owned: of this too */
	const char *person_id;		/* "" strip */
	struct action act;
	struct target_person nobody;
	struct tgt *tgt;		/* under way there */
};

struct queue {
	struct wanted *first, **last;
};

struct errands {
	struct queue corrections, strips;
	size_t n_wanted;
	pthread_cond_t room;		/* with the dispatch's lock */
	enum list_state state;
	bool cancelled;
	struct dispatch_list list;	/* its target lives until it is closed */
	struct target_lister lister;
	struct tgt *tgt;		/* LIST_RUNS: it is under way there */
	struct map *touched;		/* person ids; since LIST_WANTED */
	int64_t later;			/* mono; 0: nobody asked for patience */
	void (*again)(void *arg);
	void *again_arg;
};

struct errands *errands_new(void)
{
	struct errands *u = calloc(1, sizeof(*u));

	if (u == NULL)
		abort();
	pthread_cond_init(&u->room, NULL);
	u->corrections.last = &u->corrections.first;
	u->strips.last = &u->strips.first;
	return u;
}

static struct wanted *queue_pop(struct queue *q)
{
	struct wanted *w = q->first;

	if (w != NULL && (q->first = w->next) == NULL)
		q->last = &q->first;
	return w;
}

void errands_free(struct errands *u)
{
	struct wanted *w;

	while ((w = queue_pop(&u->corrections)) != NULL ||
	    (w = queue_pop(&u->strips)) != NULL)
		arena_free(w->arena);
	map_free(u->touched, NULL);
	pthread_cond_destroy(&u->room);
	free(u);
}

/* --- which targets ------------------------------------------------------ */

struct strv dispatch_listing(struct dispatch *d, struct arena *a)
{
	struct strv names = { 0 };
	const struct tgt *t;

	pthread_mutex_lock(&d->lock);
	for (t = d->targets; t != NULL; t = t->next)
		if (!t->removed && t->target->kind->list != NULL)
			strv_add(a, &names, arena_strdup(a,
			    t->target->conf.name));
	pthread_mutex_unlock(&d->lock);
	return names;
}

bool dispatch_strips(struct dispatch *d, const char *target)
{
	const struct tgt *t;
	bool strips;

	pthread_mutex_lock(&d->lock);
	t = jobs_target(d, target);
	strips = t != NULL && t->target->conf.unmanaged == TARGET_DELETE;
	pthread_mutex_unlock(&d->lock);
	return strips;
}

int dispatch_tools(struct dispatch *d, struct arena *a, const char *target,
    struct strv *out, struct err *e)
{
	const struct target_source *s = d->conf.source;

	return s->tools(s->ctx, a, target, out, e);
}

/* --- a list ------------------------------------------------------------- */

int dispatch_list(struct dispatch *d, const struct dispatch_list *l,
    struct err *e)
{
	struct errands *u = d->errands;
	struct tgt *t;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	if ((t = jobs_target(d, l->target)) == NULL) {
		rc = dispatch_no_target(l->target, e);
	} else if (t->target->kind->list == NULL) {
		rc = err_set(e, ERR_UNSUPPORTED, "a target of kind %s cannot "
		    "be asked what it holds", t->target->conf.kind);
	} else {
		u->state = LIST_WANTED;
		u->cancelled = false;
		u->list = *l;
		u->touched = map_new();
	}
	pthread_mutex_unlock(&d->lock);
	httpc_wake(d->http);
	return rc;
}

void dispatch_list_cancel(struct dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	d->errands->cancelled = true;
	pthread_cond_broadcast(&d->errands->room);
	pthread_mutex_unlock(&d->lock);
	httpc_wake(d->http);
}

void dispatch_list_close(struct dispatch *d)
{
	struct errands *u = d->errands;

	pthread_mutex_lock(&d->lock);
	u->state = LIST_NONE;
	map_free(u->touched, NULL);
	u->touched = NULL;
	pthread_mutex_unlock(&d->lock);
}

void errands_sent(struct dispatch *d, const struct job *j)
{
	struct errands *u = d->errands;

	if (u->touched != NULL && str_eq(j->act.target, u->list.target) &&
	    map_count(u->touched) < MAX_TOUCHED)
		map_put(u->touched, j->who.id, d);
}

bool dispatch_still(struct dispatch *d, const char *person_id)
{
	struct errands *u = d->errands;
	const struct person_jobs *p;
	const struct job *j;
	bool still;

	pthread_mutex_lock(&d->lock);
	p = map_get(d->people, person_id);
	still = u->touched != NULL && map_count(u->touched) < MAX_TOUCHED &&
	    map_get(u->touched, person_id) == NULL;
	for (j = p != NULL ? p->first : NULL; j != NULL; j = j->sibling)
		still &= !str_eq(j->act.target, u->list.target);
	pthread_mutex_unlock(&d->lock);
	return still;
}

static bool each(void *ctx, const struct target_account *acc)
{
	struct dispatch *d = ctx;
	bool cancelled;

	pthread_mutex_lock(&d->lock);
	cancelled = d->errands->cancelled;
	pthread_mutex_unlock(&d->lock);
	return !cancelled && d->errands->list.each(d->errands->list.ctx, acc);
}

static void done(void *ctx, int code, const struct err *e)
{
	struct dispatch *d = ctx;
	struct errands *u = d->errands;
	struct target_result r = { .code = code, .err = *e };

	pthread_mutex_lock(&d->lock);
	u->tgt->under_way--;
	/* What the target cannot say is not its failure. */
	if (code == ERR_UNSUPPORTED || code == ERR_LIMIT)
		r.code = 0;
	dispatch_answered(u->tgt, &r);
	u->state = LIST_OVER;
	u->tgt = NULL;
	pthread_mutex_unlock(&d->lock);
	u->list.done(u->list.ctx, code, e);
}

/* The target as a whole shall be patient. */
static void later(void *ctx, int64_t at, void (*again)(void *arg), void *arg)
{
	struct dispatch *d = ctx;
	struct errands *u = d->errands;

	pthread_mutex_lock(&d->lock);
	circuit_pause(&u->tgt->circuit, at);
	pthread_mutex_unlock(&d->lock);
	u->later = at;
	u->again = again;
	u->again_arg = arg;
}

static void begin(struct dispatch *d, struct tgt *t)
{
	struct errands *u = d->errands;

	u->lister = (struct target_lister){ .tools = u->list.tools,
	    .each = each, .done = done, .later = later, .ctx = d };
	t->target->kind->list(t->target, &u->lister);
}

static void refuse(struct dispatch *d, int code, const char *why)
{
	struct errands *u = d->errands;
	struct err e;

	err_set(&e, code, "%s", why);
	u->list.done(u->list.ctx, code, &e);
}

/* A target that is down is not asked; one that asked for patience later. */
static void try_list(struct dispatch *d, int64_t *wake)
{
	struct errands *u = d->errands;
	int64_t now = clock_mono();
	char why[256] = "the target is not configured any more";
	struct tgt *t;
	bool refused;

	pthread_mutex_lock(&d->lock);
	t = jobs_target(d, u->list.target);
	refused = t == NULL || u->cancelled || t->target->kind->list == NULL ||
	    t->circuit.state != CIRCUIT_CLOSED;
	if (refused && t != NULL && t->text[0] != '\0')
		memcpy(why, t->text, sizeof(why));
	if (refused) {
		u->state = LIST_OVER;
	} else if (t->replacement != NULL || t->circuit.until > now) {
		if (t->circuit.until > now && t->circuit.until < *wake)
			*wake = t->circuit.until;
		t = NULL;
	} else {
		u->state = LIST_RUNS;
		u->tgt = t;
		t->under_way++;
	}
	pthread_mutex_unlock(&d->lock);
	if (refused)
		refuse(d, ERR_TARGET_DOWN, why);
	else if (t != NULL)
		begin(d, t);
}

static void go_on(struct dispatch *d)
{
	struct errands *u = d->errands;

	u->later = 0;
	u->again(u->again_arg);
}

static void run_list(struct dispatch *d, int64_t *wake)
{
	struct errands *u = d->errands;
	enum list_state state;
	bool cancelled;

	pthread_mutex_lock(&d->lock);
	state = u->state;
	cancelled = u->cancelled;
	pthread_mutex_unlock(&d->lock);
	if (state == LIST_WANTED)
		try_list(d, wake);
	if (u->later != 0 && (cancelled || u->later <= clock_mono()))
		go_on(d);
	else if (u->later != 0 && u->later < *wake)
		*wake = u->later;
}

/* --- what drift wants --------------------------------------------------- */

/* With the lock: room, or nobody wants it any more. */
static bool wait_for_room(struct dispatch *d)
{
	struct errands *u = d->errands;

	while (!u->cancelled && u->n_wanted >= MAX_WANTED)
		pthread_cond_wait(&u->room, &d->lock);
	return !u->cancelled;
}

static bool want(struct dispatch *d, struct queue *q, struct wanted *w)
{
	bool room;

	pthread_mutex_lock(&d->lock);
	if ((room = wait_for_room(d))) {
		*q->last = w;
		q->last = &w->next;
		d->errands->n_wanted++;
	}
	pthread_mutex_unlock(&d->lock);
	if (!room)
		arena_free(w->arena);
	httpc_wake(d->http);
	return room;
}

static struct wanted *wanted_new(struct dispatch *d, const char *person_id,
    const struct action *act)
{
	struct arena *a = arena_new();
	struct wanted *w = arena_alloc(a, sizeof(*w));
	size_t i;

	w->arena = a;
	w->d = d;
	w->person_id = arena_strdup(a, person_id);
	w->act = *act;
	w->act.target = arena_strdup(a, act->target);
	w->act.tool = arena_strdup(a, act->tool);
	w->act.remote_id = arena_strdup(a, act->remote_id);
	w->act.accounts = (struct strv){ 0 };
	for (i = 0; i < act->accounts.n; i++)
		strv_add(a, &w->act.accounts, arena_strdup(a,
		    act->accounts.v[i]));
	return w;
}

bool dispatch_correct(struct dispatch *d, const char *person_id,
    const struct action *act)
{
	return want(d, &d->errands->corrections, wanted_new(d, person_id, act));
}

bool dispatch_strip(struct dispatch *d, const char *target,
    const char *remote_id, const char *tool)
{
	const struct action act = { .kind = ACTION_REMOVE, .target = target,
	    .tool = tool, .remote_id = remote_id };
	struct wanted *w = wanted_new(d, "", &act);

	w->nobody = (struct target_person){ "", "", "", "", "", "", false };
	return want(d, &d->errands->strips, w);
}

static void gone(struct dispatch *d, struct wanted *w)
{
	d->errands->n_wanted--;
	pthread_cond_signal(&d->errands->room);
	arena_free(w->arena);
}

/* A job that is there by now decides what the receipts say. */
static void correct(struct dispatch *d)
{
	struct wanted *w;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping && receipts_pending(d->receipts) < MAX_RECEIPTS &&
	    (w = queue_pop(&d->errands->corrections)) != NULL) {
		/* diff_receipts_after counts one attempt more. */
		w->act.attempts = -1;
		if (jobs_find(d, w->person_id, w->act.target,
		    w->act.tool) == NULL)
			receipts_put(d->receipts, w->person_id, &w->act,
			    RECEIPT_PENDING, clock_now(), w->act.remote_id,
			    false);
		gone(d, w);
	}
	pthread_mutex_unlock(&d->lock);
}

static void stripped(void *arg, const struct target_result *r)
{
	struct wanted *w = arg;
	struct dispatch *d = w->d;

	pthread_mutex_lock(&d->lock);
	w->tgt->under_way--;
	dispatch_answered(w->tgt, r);
	if (r->code == 0)
		log_info("target %s: took %s from %s, which is nobody's",
		    w->act.target, w->act.tool, w->act.remote_id);
	else
		log_warn("target %s: taking %s from %s, which is nobody's: %s",
		    w->act.target, w->act.tool, w->act.remote_id, r->err.text);
	gone(d, w);
	pthread_mutex_unlock(&d->lock);
}

/* The next one that may be sent now; what cannot be is dropped: the next
 * comparison finds it again. */
static struct wanted *next_strip(struct dispatch *d)
{
	struct errands *u = d->errands;
	struct wanted *w;
	struct tgt *t;

	while ((w = u->strips.first) != NULL) {
		t = jobs_target(d, w->act.target);
		if (t != NULL && t->circuit.state == CIRCUIT_CLOSED &&
		    (t->under_way >= jobs_limit(t) || t->replacement != NULL ||
		    t->circuit.until > clock_mono()))
			return NULL;
		queue_pop(&u->strips);
		if (t != NULL && t->circuit.state == CIRCUIT_CLOSED) {
			w->tgt = t;
			t->under_way++;
			return w;
		}
		gone(d, w);
	}
	return NULL;
}

static void strip(struct dispatch *d)
{
	struct wanted *w;

	for (;;) {
		pthread_mutex_lock(&d->lock);
		w = d->stopping ? NULL : next_strip(d);
		pthread_mutex_unlock(&d->lock);
		if (w == NULL)
			break;
		w->tgt->target->kind->apply(w->tgt->target, &w->nobody,
		    &w->act, stripped, w);
	}
}

void errands_run(struct dispatch *d, int64_t *wake)
{
	run_list(d, wake);
	correct(d);
	strip(d);
}

void errands_end(struct dispatch *d)
{
	if (d->errands->later != 0)
		go_on(d);
}
