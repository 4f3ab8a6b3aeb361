/* SPDX-License-Identifier: ISC */
#include "front/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/worker.h"

/* --- keeping -------------------------------------------------------------- */

static struct client client_dup(struct arena *a, const struct client *c)
{
	struct client d = { .dn = arena_strdup(a, c->dn),
	    .name = arena_strdup(a, c->name),
	    .title = c->title != NULL ? arena_strdup(a, c->title) : NULL,
	    .owner = arena_strdup(a, c->owner), .rate = c->rate };
	size_t i;

	for (i = 0; i < c->scopes.n; i++)
		strv_add(a, &d.scopes, arena_strdup(a, c->scopes.v[i]));
	return d;
}

static struct planned *planned_new(struct call *c, enum planned_kind kind)
{
	struct arena *a = arena_new();
	struct planned *p = arena_alloc(a, sizeof(*p));

	p->a = a;
	p->kind = kind;
	p->author = arena_strdup(a, call_origin(c));
	p->client = client_dup(a, &c->client);
	if (c->person != NULL)
		p->person = arena_memdup(a, c->person, 16);
	p->made = clock_now();
	p->expires = p->made + PLANS_KEPT;
	p->body = arena_strndup(a, c->q->body, c->q->body_len);
	p->body_len = c->q->body_len;
	return p;
}

/* j without its last brace is what is kept: what follows changes. */
static int keep_text(struct planned *p, const struct json *j, struct err *e)
{
	struct buf out;
	bool failed;

	buf_init(&out, ANSWER_MAX);
	json_write(&out, j);
	failed = out.failed || out.len == 0;
	if (!failed)
		p->text = arena_strndup(p->a, out.data, out.len - 1);
	buf_fini(&out);
	p->size = arena_used(p->a) + (p->plan != NULL ?
	    arena_used(p->plan->a) : 0);
	return failed ? err_set(e, ERR_LIMIT, "the plan is too large to be "
	    "shown: plan it in parts") : 0;
}

static void answer_planned(struct call *c, struct planned *p)
{
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	buf_puts(&out, p->text);
	plans_put_state(c->f->plans, p, &out);
	buf_putc(&out, '}');
	plans_let_go(c->f->plans, p);
	answer_buf(c, 200, &out);
}

/* Of a plan that stands among the others from here on. */
static void keep(struct call *c, struct planned *p)
{
	const char *id = arena_strdup(c->a, p->id);
	struct err e = { 0 };

	if (plans_put(c->f->plans, p, &e) != 0)
		answer_error(c, &e);
	else if ((p = plans_get(c->f->plans, id)) != NULL)
		answer_planned(c, p);
	else
		answer_status(c, 503, "", "too many plans are made at a time");
}

/* --- a reconciliation ----------------------------------------------------- */

static void name_it(struct planned *p, const char *keys)
{
	p->hash = hash_sha256_hex(p->a, keys);
	p->id = arena_strndup(p->a, p->hash, 16);
}

int plan_again_reconcile(struct call *c, const char **hash, struct err *e)
{
	struct plan_actions x;
	int rc;

	plan_actions_init(&x, c->a);
	rc = plan_reconcile(c, &x, e);
	*hash = hash_sha256_hex(c->a, buf_str(&x.keys));
	buf_fini(&x.keys);
	return rc;
}

static void reconcile_now(struct call *c)
{
	struct planned *p = planned_new(c, PLANNED_RECONCILE);
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct plan_actions x;
	struct err e = { 0 };
	int rc;

	plan_actions_init(&x, c->a);
	rc = plan_reconcile(c, &x, &e);
	if (rc == 0) {
		name_it(p, buf_str(&x.keys));
		plan_show_head(p, j, c->a);
		plan_actions_put(&x, j);
		rc = keep_text(p, j, &e);
	}
	buf_fini(&x.keys);
	if (rc == 0) {
		keep(c, p);
		return;
	}
	planned_free(p);
	answer_error(c, &e);
}

/* --- changes of the directory --------------------------------------------- */

int plan_make(struct planning *pl, struct plan **out, int *status,
    struct err *e)
{
	int rc = pl->kind == PLANNED_LDIF ? plan_ldif(pl,
	    json_member_str(pl->body, "ldif"), e) :
	    pl->kind == PLANNED_UNDO ? plan_undo(pl, status, e) :
	    plan_requests(pl, status, e);

	return rc != 0 ? rc : planning_finish(pl, out, e);
}

static int show(struct planning *pl, struct planned *p, struct err *e)
{
	struct json *j = json_new(pl->a, JSON_IS_OBJECT);
	int rc;

	p->id = p->plan->id;
	p->hash = p->plan->hash;
	plan_show_head(p, j, pl->a);
	rc = plan_show(pl, p->plan, j, e);
	if (rc == 0)
		rc = plan_effects(pl, j, e);
	if (rc == 0)
		rc = plan_verdict(pl, p, j, e);
	return rc != 0 ? rc : keep_text(p, j, e);
}

/* status 0: as the error says. */
static void refuse(struct call *c, int status, const struct err *e)
{
	if (status == 0)
		answer_error(c, e);
	else
		answer_status(c, status, e->kind, e->text);
}

static void changes_now(struct call *c)
{
	enum planned_kind kind = json_member(c->body, "ldif") != NULL ?
	    PLANNED_LDIF : json_member(c->body, "undo") != NULL ?
	    PLANNED_UNDO : PLANNED_REQUEST;
	struct planned *p = planned_new(c, kind);
	struct planning pl;
	struct err e = { 0 };
	int status = 0, rc;

	planning_init(&pl, c, c->a);
	pl.body = c->body;
	pl.kind = kind;
	pl.source = kind == PLANNED_LDIF ? "ldif" : kind == PLANNED_UNDO ?
	    "undo" : "scim";
	rc = plan_make(&pl, &p->plan, &status, &e);
	if (rc == 0)
		rc = show(&pl, p, &e);
	planning_fini(&pl);
	if (rc == 0) {
		keep(c, p);
		return;
	}
	planned_free(p);
	refuse(c, status, &e);
}

/* --- what is asked -------------------------------------------------------- */

static void plan_everything(struct call *c)
{
	struct err e = { 0 };

	if (c->person == NULL && authorise_client(&c->client.scopes,
	    "operations", OP_READ, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if (!call_staff(c))
		return;
	call_close(c);
	worker_submit(c->f->worker, c, reconcile_now);
}

static bool is_admin(const struct call *c)
{
	return c->person == NULL && strv_has(&c->client.scopes, "admin");
}

/* As the directory's manager would: past the rules of who may what. */
static void plan_the_ldif(struct call *c)
{
	if (!is_admin(c))
		answer_status(c, 403, "", "LDIF goes past the rules of who "
		    "may do what: planning it needs the scope admin");
	else if (json_member_str(c->body, "ldif") == NULL)
		answer_status(c, 400, "", "ldif: the text of the file is "
		    "needed, a string");
	else
		worker_submit(c->f->worker, c, changes_now);
}

/* Likewise: it gives back what who asks might not give. */
static void plan_the_undo(struct call *c)
{
	const struct json *j = json_member(c->body, "undo");

	if (!is_admin(c))
		answer_status(c, 403, "", "an undo goes past the rules of who "
		    "may do what: planning it needs the scope admin");
	else if (j->kind != JSON_IS_OBJECT)
		answer_status(c, 400, "", "undo: {\"batch\": \"...\"} or "
		    "{\"since\": n, \"until\": n} is needed");
	else
		worker_submit(c->f->worker, c, changes_now);
}

void operations_plan(struct call *c)
{
	if (call_body(c) != 0)
		return;
	if (json_member_bool(c->body, "reconcile", false) ||
	    json_member_bool(c->body, "now", false))
		plan_everything(c);
	else if (json_member(c->body, "ldif") != NULL)
		plan_the_ldif(c);
	else if (json_member(c->body, "undo") != NULL)
		plan_the_undo(c);
	else if (json_member(c->body, "request") != NULL ||
	    json_member(c->body, "requests") != NULL)
		worker_submit(c->f->worker, c, changes_now);
	else
		answer_status(c, 400, "", "what is to be planned? "
		    "{\"reconcile\": true}, {\"request\": {\"method\", "
		    "\"path\", \"data\"}}, {\"requests\": [...]}, "
		    "{\"ldif\": \"...\"} or {\"undo\": {\"batch\": "
		    "\"...\"}}");
}

/* --- looking at one ------------------------------------------------------- */

struct planned *plan_find(struct call *c)
{
	struct planned *p = plans_get(c->f->plans, c->id);

	/* Nobody learns that others' are there. */
	if (p != NULL && !str_eq(p->author, call_origin(c)) && !is_admin(c)) {
		plans_let_go(c->f->plans, p);
		p = NULL;
	}
	if (p == NULL)
		answer_status(c, 404, "", "there is no such plan: each is "
		    "kept for ten minutes, for who made it");
	return p;
}

static void answer_ldif(struct call *c, struct planned *p)
{
	struct buf out;
	size_t i;

	buf_init(&out, ANSWER_MAX);
	buf_puts(&out, "version: 1\n");
	for (i = 0; i < p->plan->n; i++)
		plan_put_step(&out, c->a, &p->plan->step[i]);
	plans_let_go(c->f->plans, p);
	if (out.failed)
		answer_status(c, 400, "", "the plan is too large for LDIF");
	else
		answer_text(c, 200, "text/x-ldif; charset=utf-8",
		    buf_str(&out));
	buf_fini(&out);
}

static bool wants_ldif(const struct call *c)
{
	const char *accept = call_header(c, "Accept");

	return str_eq(call_arg(c, "format"), "ldif") || (accept != NULL &&
	    strstr(accept, "ldif") != NULL);
}

void plans_show(struct call *c)
{
	struct planned *p = plan_find(c);

	if (p == NULL)
		return;
	if (!wants_ldif(c)) {
		answer_planned(c, p);
	} else if (p->plan == NULL) {
		plans_let_go(c->f->plans, p);
		answer_status(c, 400, "", "a reconciliation changes nothing "
		    "in the directory: there is no LDIF of it");
	} else {
		answer_ldif(c, p);
	}
}
