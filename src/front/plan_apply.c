/* SPDX-License-Identifier: ISC */
/* A plan applied: exactly it, or nothing (FAULTS D5). All is made valid again
 * before the first write: every entry stands as it was seen, and the same
 * question leads to the same steps now. What conflicts all the same while it
 * is written stops the rest, and the answer says what was done. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/plan.h"
#include "front/worker.h"
#include "model/dn.h"

#define KINDS (APPLY_LEFT + 1)

static const char *const outcome[KINDS] = { [APPLY_READY] = "ready",
	[APPLY_DONE] = "done", [APPLY_ALREADY] = "already",
	[APPLY_MOVED] = "moved", [APPLY_FAILED] = "failed",
	[APPLY_LEFT] = "left" };

/* Steps, and what became of them. */
struct applying {
	struct front *f;
	struct arena *a;
	struct apply_step *step;
	size_t n, next;
	const char *batch;		/* in the journal; NULL none */
	enum apply_is *is;		/* by step */
	const char **why;		/* NULL: all well */
	size_t of[KINDS];
};

/* --- steps ---------------------------------------------------------------- */

static void take_steps(struct applying *ap, const struct plan *p)
{
	size_t i;

	ap->step = arena_array(ap->a, p->n + 1, sizeof(*ap->step));
	ap->n = p->n;
	for (i = 0; i < p->n; i++) {
		struct apply_step *s = &ap->step[i];

		memcpy(s->uuid, p->step[i].uuid, 16);
		s->change = p->step[i].change;
		s->csn = p->step[i].old != NULL ? p->step[i].old->csn : "";
	}
}

/* As one batch, by which the journal knows it (and an undo finds it). */
static void set_batch(struct applying *ap)
{
	char name[JOURNAL_BATCH];
	struct change *c;
	size_t i;

	if (ap->f->conf.journal == NULL)
		return;
	journal_batch_name(ap->f->conf.journal, name);
	ap->batch = arena_strdup(ap->a, name);
	for (i = 0; i < ap->n; i++) {
		c = arena_memdup(ap->a, ap->step[i].change, sizeof(*c));
		c->batch = ap->batch;
		ap->step[i].change = c;
	}
}

/* Neighbours of one kind below one parent may go at the same time; all else
 * may rest on what comes before it. */
static void set_order(struct applying *ap)
{
	size_t i;

	ap->is = arena_array(ap->a, ap->n + 1, sizeof(*ap->is));
	ap->why = arena_array(ap->a, ap->n + 1, sizeof(*ap->why));
	for (i = 0; i < ap->n; i++) {
		struct apply_step *s = &ap->step[i];

		s->item = s;
		s->alone = i == 0 || s->change->kind !=
		    s[-1].change->kind || !str_ieq(dn_parent(s->change->dn),
		    dn_parent(s[-1].change->dn));
	}
}

static bool next(void *ctx, struct arena *a, struct apply_step *out)
{
	struct applying *ap = ctx;

	(void)a;
	if (ap->next == ap->n)
		return false;
	*out = ap->step[ap->next++];
	return true;
}

static void each(void *ctx, const struct apply_step *s, enum apply_is is,
    const struct err *err)
{
	struct applying *ap = ctx;
	size_t i = (size_t)((struct apply_step *)s->item - ap->step);

	ap->is[i] = is;
	ap->of[is]++;
	if (err->code != 0)
		ap->why[i] = arena_strdup(ap->a, err->text);
}

static int write_all(struct applying *ap, struct err *e)
{
	const struct apply conf = { .writer = ap->f->conf.writer,
	    .view = ap->f->conf.view, .map = ap->f->conf.map,
	    .stop = &ap->f->draining, .ctx = ap, .next = next,
	    .each = each };

	set_batch(ap);
	return apply_run(&conf, e);
}

/* Does every entry stand as it was seen? begun: some may be done already. */
static int check_entries(struct applying *ap, bool begun, struct err *e)
{
	struct view_read *r;
	struct err why;
	size_t i, moved = 0;
	enum apply_is is;
	int rc = view_read_begin(ap->f->conf.view, &r, e);

	for (i = 0; rc == 0 && i < ap->n; i++) {
		why = (struct err){ 0 };
		is = apply_look(r, ap->f->conf.map, ap->a, &ap->step[i],
		    &why);
		if (is == APPLY_READY || (begun && is == APPLY_ALREADY))
			continue;
		if (is == APPLY_ALREADY)
			err_set(&why, ERR_CONFLICT, "%s: somebody did this "
			    "meanwhile", ap->step[i].change->dn);
		if (moved++ == 0)
			err_set(e, ERR_CONFLICT, "%s", why.text);
	}
	if (rc == 0)
		view_read_end(r);
	if (moved > 1)
		err_set(e, ERR_CONFLICT, "%.400s, and %zu more",
		    arena_strdup(ap->a, e->text), moved - 1);
	return rc != 0 ? rc : moved != 0 ? ERR_CONFLICT : 0;
}

/* --- the same question once more ------------------------------------------ */

static int no_more(struct err *e, const char *why)
{
	return err_set(e, ERR_CONFLICT, "the same would come to something else "
	    "now: %.399s", why);
}

static int make_again(struct call *c, const struct planned *p,
    struct err *e)
{
	struct call *as = call_under(c, NULL, c->a);
	struct plan *again = NULL;
	struct planning pl;
	struct json *body;
	int status = 0, rc;

	as->client = p->client;
	as->person = p->person;
	rc = json_parse(c->a, p->body, p->body_len, &body, e);
	if (rc != 0)
		return rc;
	planning_init(&pl, as, c->a);
	pl.body = body;
	pl.kind = p->kind;
	pl.source = p->plan->conf.source;
	rc = plan_make(&pl, &again, &status, e);
	planning_fini(&pl);
	if (rc != 0)
		rc = no_more(e, arena_strdup(c->a, e->text));
	else if (strcmp(again->sense, p->plan->sense) != 0)
		rc = no_more(e, "what it rests on has changed; plan it "
		    "again");
	plan_free(again);
	return rc;
}

/* --- the answer ----------------------------------------------------------- */

static struct json *result_json(const struct applying *ap, struct arena *a)
{
	struct json *j = json_new(a, JSON_IS_OBJECT), *list, *x;
	size_t i;
	int k;

	for (k = APPLY_DONE; k < KINDS; k++)
		json_put(a, j, outcome[k], json_new_int(a,
		    (int64_t)ap->of[k]));
	if (ap->batch != NULL)
		operations_put(a, j, "batch", ap->batch);
	if (ap->of[APPLY_DONE] + ap->of[APPLY_ALREADY] == ap->n)
		return j;
	list = json_put(a, j, "steps", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < ap->n; i++) {
		x = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, x, "dn", ap->step[i].change->dn);
		operations_put(a, x, "outcome", outcome[ap->is[i]]);
		if (ap->why[i] != NULL)
			operations_put(a, x, "detail", ap->why[i]);
	}
	return j;
}

static const char *text_of(struct arena *a, const struct json *j)
{
	const char *text;
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	json_write(&b, j);
	text = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

static void answer_applied(struct call *c, const struct planned *p)
{
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	buf_printf(&out, "{\"id\":\"%s\",\"hash\":\"%s\"", p->id, p->hash);
	plans_put_state(c->f->plans, p, &out);
	buf_putc(&out, '}');
	answer_buf(c, 200, &out);
}

/* 409 also for what answers to requests are 503: sending the same again is no
 * use. */
static void answer_moved(struct call *c, const struct err *e)
{
	if (e->code == ERR_CONFLICT)
		answer_status(c, 409, "", arena_printf(c->a, "the world has "
		    "moved, nothing was written: %s", e->text));
	else
		answer_error(c, e);
}

/* --- changes of the directory --------------------------------------------- */

static void answer_held(struct call *c, struct planned *p, const char *id,
    const struct err *e)
{
	const char *job = arena_printf(c->a, "{\"held\":\"%s\"}", id);

	plans_end(c->f->plans, p, PLANNED_HELD, job);
	answer_problem(c, 403, e->text, job);
}

static void end(struct call *c, struct planned *p, struct applying *ap,
    int rc, const struct err *e)
{
	const char *result = text_of(c->a, result_json(ap, c->a));

	plans_end(c->f->plans, p, rc == 0 ? PLANNED_APPLIED :
	    PLANNED_STOPPED, result);
	if (rc == 0)
		answer_applied(c, p);
	else
		answer_problem(c, rc == ERR_CONFLICT ? 409 : answer_code(e),
		    arena_printf(c->a, "%zu of %zu steps are done, then: %s",
		    ap->of[APPLY_DONE] + ap->of[APPLY_ALREADY], ap->n,
		    e->text), arena_printf(c->a, "{\"result\":%s}",
		    result));
}

static void apply_changes(struct call *c, struct planned *p, bool begun)
{
	struct applying ap = { .f = c->f, .a = c->a };
	struct err e = { 0 };
	char id[HELD_ID];
	int rc;

	take_steps(&ap, p->plan);
	set_order(&ap);
	rc = check_entries(&ap, begun, &e);
	if (rc == 0 && !begun)
		rc = make_again(c, p, &e);
	if (rc != 0) {
		plans_end(c->f->plans, p, begun ? PLANNED_STOPPED :
		    PLANNED_OPEN, NULL);
		answer_moved(c, &e);
		return;
	}
	rc = begun ? 0 : plan_ask(c->f, c->a, p, id, &e);
	if (rc == ERR_HELD) {
		answer_held(c, p, id, &e);
		return;
	}
	if (rc == 0)
		rc = write_all(&ap, &e);
	end(c, p, &ap, rc, &e);
}

/* --- a reconciliation ----------------------------------------------------- */

static bool is_staff(struct call *c)
{
	bool staff = call_view(c, NULL) == 0 && actor_is_staff(&c->actor);

	call_close(c);
	return staff;
}

/* What the guard holds of it is released by whoever applies what shows it, if
 * they may. */
static int release_effects(struct call *c, struct err *e)
{
	struct held *h = c->f->conf.held;
	bool staff = is_staff(c);
	struct held_job *job;
	size_t n = 0, i;
	int rc = 0;

	if (h != NULL)
		held_list(h, c->a, false, &job, &n);
	for (i = 0; rc == 0 && i < n; i++) {
		if (job[i].side != HELD_TARGET)
			continue;
		rc = staff ? held_decide(h, job[i].id, HELD_RELEASED,
		    call_origin(c), "a reconciliation was applied", e) :
		    err_set(e, ERR_REFERRED, "the guard holds part of it, as "
		    "job %s: only who may release that applies it",
		    job[i].id);
	}
	return rc;
}

static void apply_reconcile(struct call *c, struct planned *p)
{
	struct err e = { 0 };
	const char *hash;
	int rc = plan_again_reconcile(c, &hash, &e);

	if (rc == 0 && strcmp(hash, p->hash) != 0)
		rc = err_set(&e, ERR_CONFLICT, "something else is to be done "
		    "by now: plan it again");
	if (rc == 0)
		rc = release_effects(c, &e);
	if (rc == 0 && c->f->conf.engine_go != NULL)
		c->f->conf.engine_go(c->f->conf.engine);
	plans_end(c->f->plans, p, rc == 0 ? PLANNED_APPLIED : PLANNED_OPEN,
	    NULL);
	if (rc == 0)
		answer_applied(c, p);
	else
		answer_moved(c, &e);
}

/* --- the route ------------------------------------------------------------ */

static void apply_now(struct call *c)
{
	struct planned *p = c->work;
	enum planned_state was = plans_begin(c->f->plans, p);
	static const char *const why[] = {
		[PLANNED_APPLYING] = "it is being applied just now",
		[PLANNED_APPLIED] = "it was applied already",
		[PLANNED_HELD] = "the guard holds it: who releases the held "
		    "job applies it" };

	if (was != PLANNED_OPEN && was != PLANNED_STOPPED)
		answer_status(c, 409, "", why[was]);
	else if (p->plan == NULL)
		apply_reconcile(c, p);
	else
		apply_changes(c, p, was == PLANNED_STOPPED);
	plans_let_go(c->f->plans, p);
}

/* A reconciliation is for who may ask for one. */
static bool may(struct call *c, const struct planned *p)
{
	struct err e = { 0 };

	if (p->plan != NULL || c->person != NULL || authorise_client(
	    &c->client.scopes, "operations", OP_UPDATE, &e) == 0)
		return true;
	answer_error(c, &e);
	return false;
}

void plans_apply(struct call *c)
{
	struct planned *p;
	const char *hash;

	if (c->q->body_len != 0 && call_body(c) != 0)
		return;
	hash = c->body != NULL ? json_member_str(c->body, "hash") : NULL;
	p = plan_find(c);
	if (p == NULL)
		return;
	if (hash != NULL && strcmp(hash, p->hash) != 0) {
		plans_let_go(c->f->plans, p);
		answer_status(c, 409, "", "hash: the plan of this id is "
		    "another one");
		return;
	}
	if (!may(c, p)) {
		plans_let_go(c->f->plans, p);
		return;
	}
	c->work = p;
	if (!worker_take(c->f->worker, c, apply_now)) {
		plans_let_go(c->f->plans, p);
		answer_status(c, 503, "", "too many large requests at a "
		    "time");
	}
}

/* --- released by the guard ------------------------------------------------ */

static int read_job(struct applying *ap, const char *data, struct err *e)
{
	int rc = plan_read_data(ap->a, data, &ap->step, &ap->n, e);

	if (rc == 0)
		set_order(ap);
	return rc;
}

int plan_held_check(struct front *f, const char *data, struct err *e)
{
	struct applying ap = { .f = f, .a = arena_new() };
	int rc = read_job(&ap, data, e);

	if (rc == 0)
		rc = check_entries(&ap, false, e);
	arena_free(ap.a);
	return rc;
}

/* The release has made room for just as many; where it has not, they need not
 * be counted either: a person has let them pass. */
static int count(struct applying *ap, const struct held_job *job,
    struct err *e)
{
	struct held_ask q = { .side = job->side, .name = job->name,
	    .author = job->by, .kind = job->kind, .what = job->what,
	    .tally = job->tally, .data = job->data };
	char id[HELD_ID];
	int rc = plan_population(ap->f, &q.population, e);

	if (rc == 0 && held_would(ap->f->conf.held, &q, NULL) == 0)
		held_ask(ap->f->conf.held, &q, id, NULL);
	return rc;
}

/* Some of it may be done already: who began may have died. */
static int apply_job(struct applying *ap, const struct held_job *job,
    struct err *e)
{
	int rc = read_job(ap, job->data, e);

	if (rc == 0)
		rc = check_entries(ap, true, e);
	if (rc == 0)
		rc = count(ap, job, e);
	return rc != 0 ? rc : write_all(ap, e);
}

static void on_release(void *ctx, const struct held_job *job)
{
	struct applying ap = { .f = ctx, .a = arena_new() };
	struct err e = { 0 };
	int rc = apply_job(&ap, job, &e);

	if (rc == 0 || rc == ERR_CONFLICT)
		held_claim(ap.f->conf.held, job->id, NULL);
	if (rc == 0)
		log_info("plan: held job %s is applied: %zu entries",
		    job->id, ap.n);
	else
		log_warn("plan: held job %s: %zu of %zu steps are done: %s",
		    job->id, ap.of[APPLY_DONE] + ap.of[APPLY_ALREADY], ap.n,
		    e.text);
	arena_free(ap.a);
}

void plan_held_start(struct front *f)
{
	if (f->conf.held != NULL)
		held_on_release(f->conf.held, PLAN_HELD, on_release, f);
}

void plan_held_stop(struct front *f)
{
	if (f->conf.held != NULL)
		held_off_release(f->conf.held, PLAN_HELD);
}
