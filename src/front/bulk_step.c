/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "front/answer.h"
#include "front/bulk_p.h"
#include "front/handlers.h"

#define KEY_MAX 256		/* a longer natural key is not put in */

/* One step under way; lives in an arena of its own. */
struct part {
	struct call *call;
	struct call_sink sink;
	struct bulk *b;
	size_t step;
};

static bool good(int status)
{
	return status >= 200 && status < 300;
}

static const struct scim_bulk_step *step_of(const struct part *p)
{
	return &p->b->plan.step[p->step];
}

/* --- what it needs -------------------------------------------------------- */

static const char *name_of(void *ctx, size_t op, bool key)
{
	const struct bulk *b = ctx;
	const struct bulk_result *r = &b->result[op];

	return key && r->key != NULL ? r->key : r->id;
}

/* The first of these operations that made nothing; NULL none. */
static const size_t *find_failed(const struct bulk *b, const size_t *ref,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (b->result[ref[i]].id == NULL)
			return &ref[i];
	return NULL;
}

/* Why the references can't be put in; NULL: they can. */
static const char *unresolved(const struct part *p)
{
	const struct scim_bulk_op *op = &p->b->plan.op[step_of(p)->op];
	const size_t *failed;

	if (op->unknown != NULL)
		return arena_printf(p->call->a, "bulkId:%.64s: no POST of this "
		    "request has this bulkId", op->unknown);
	failed = step_of(p)->rest ? find_failed(p->b, op->held, op->n_held) :
	    find_failed(p->b, op->ref, op->n_refs);
	return failed == NULL ? NULL : arena_printf(p->call->a,
	    "bulkId:%.64s: the operation that was to make it failed with %d",
	    p->b->plan.op[*failed].bulk_id, p->b->result[*failed].status);
}

/* --- when it is over ------------------------------------------------------ */

/* By what others name this resource: its natural key if it has one. */
static const char *natural_key(const struct part *p)
{
	const char *name = p->call->resource->natural_key, *key;

	if (*name == '\0')
		return NULL;
	key = json_member_str(p->b->plan.op[step_of(p)->op].data, name);
	return key != NULL && strlen(key) <= KEY_MAX ? key : NULL;
}

/* "http://host/scim/v2/Users/ID" */
static const char *id_of(const char *location)
{
	return strrchr(location, '/') + 1;
}

static void take_answer(struct part *p, struct bulk_result *r, int status,
    const char *body)
{
	struct arena *a = p->b->c->a;
	const struct call_sink *s = &p->sink;

	r->status = status;
	r->version = s->etag != NULL ? arena_strdup(a, s->etag) : NULL;
	if (body != NULL && (!good(status) || s->once))
		r->body = arena_strdup(a, body);
	if (s->location != NULL)
		r->location = arena_strdup(a, s->location);
	if (good(status) && s->location != NULL) {
		r->id = id_of(r->location);
		r->key = natural_key(p);
	}
}

/* It is there, and something is missing: that is what its answer says. */
static void take_failed_rest(struct part *p, struct bulk_result *r,
    int status, const char *body)
{
	struct json *j = NULL;
	const char *detail = NULL;
	struct buf text;

	if (body != NULL && json_parse(p->call->a, body, strlen(body), &j,
	    NULL) == 0)
		detail = json_member_str(j, "detail");
	buf_init(&text, 8192);
	answer_scim_error(&text, status, "", arena_printf(p->call->a, "it was "
	    "made, but without its references to other new resources: %s",
	    detail != NULL ? detail : "their PATCH failed"));
	r->status = status;
	r->body = arena_strdup(p->b->c->a, buf_str(&text));
	buf_fini(&text);
}

/* A POST of what its client has already, where such POSTs are merges. */
static bool goes_on(const struct part *p, const struct bulk_result *r,
    int status)
{
	return p->b->upsert && status == 409 && !step_of(p)->rest &&
	    r->merge == NULL && p->sink.location != NULL &&
	    strcmp(p->call->route->method, "POST") == 0;
}

/* The lock is held. True: wake the driver. */
static bool take(struct part *p, int status, const char *body)
{
	struct bulk_result *r = &p->b->result[step_of(p)->op];

	if (goes_on(p, r, status)) {
		r->merge = arena_strdup(p->b->c->a,
		    id_of(p->sink.location));
		return bulk_step_again(p->b, p->step);
	}
	if (step_of(p)->rest && !good(status)) {
		take_failed_rest(p, r, status, body);
	} else {
		r->whole = step_of(p)->rest;
		take_answer(p, r, step_of(p)->rest ? r->status : status,
		    body);
	}
	return bulk_step_over(p->b, p->step, !good(status));
}

static void answered(struct call *c, int status, char *body)
{
	struct part *p = c->sink->ctx;
	struct bulk *b = p->b;
	struct worker *w = c->f->worker;
	bool wake;

	pthread_mutex_lock(&b->lock);
	wake = take(p, status, body);
	pthread_mutex_unlock(&b->lock);
	free(body);
	arena_free(c->a);
	if (wake)
		worker_resume(w, &b->task);
}

/* --- doing it ------------------------------------------------------------- */

static struct part *part_new(struct bulk *b, size_t s)
{
	struct arena *a = arena_new();
	struct part *p = arena_alloc(a, sizeof(*p));

	p->b = b;
	p->step = s;
	p->sink = (struct call_sink){ .ctx = p, .answered = answered };
	p->call = call_under(b->c, &p->sink, a);
	return p;
}

static struct json *patch_message(struct arena *a, const char *op,
    struct json *value)
{
	struct json *j = json_new(a, JSON_IS_OBJECT), *o;

	o = json_push(json_put(a, j, "Operations", json_new(a,
	    JSON_IS_ARRAY)), json_new(a, JSON_IS_OBJECT));
	json_put(a, o, "op", json_new_str(a, op));
	json_put(a, o, "value", value);
	return j;
}

/* A password is for whoever is new. */
static void drop_password(const struct part *p, struct json *data)
{
	const struct scim_resource *r = p->call->resource;
	const struct json *j;
	size_t i;

	for (i = 0; i < r->schema[0].n; i++)
		if (r->schema[0].attr[i].how == SH_PASSWORD &&
		    (j = json_member(data, r->schema[0].attr[i].name)) != NULL)
			json_remove(data, j);
}

static void set_request(struct part *p, const char *method, const char *path)
{
	p->call->q->method = method;
	p->call->q->path = arena_printf(p->call->a, "/scim/v2%s", path);
}

/* Method, path, body and version of the step. */
static void fill(struct part *p)
{
	const struct scim_bulk *plan = &p->b->plan;
	size_t i = step_of(p)->op;
	const struct scim_bulk_op *op = &plan->op[i];
	struct bulk_result *r = &p->b->result[i];
	const struct scim_bulk_names names = { p->b, name_of };
	struct arena *a = p->call->a;

	if (step_of(p)->rest || r->merge != NULL)
		set_request(p, "PATCH", arena_printf(a, "%s/%s", op->path,
		    step_of(p)->rest ? r->id : r->merge));
	else
		set_request(p, op->method, r->path);
	if (step_of(p)->rest)
		p->call->body = scim_bulk_rest(a, plan, i, &names);
	else if (op->data != NULL)
		p->call->body = scim_bulk_data(a, plan, i, &names);
	if (!step_of(p)->rest && r->merge == NULL)
		p->sink.if_match = op->version;
}

static void perform(struct part *p)
{
	struct call *c = p->call;
	struct router_match m;
	struct err e = { 0 };
	int found = call_route(c, &m);

	if (found == 0 && (m.resource == NULL || m.route->op == OP_READ ||
	    *m.route->type != '\0'))
		found = 404;
	if (found != 0) {
		answer_status(c, found, "", found == 404 ? "path: there is no "
		    "such resource type" : "path: not with this method: a "
		    "POST goes to a resource type, all others to a resource");
		return;
	}
	if (call_authorise(c, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if (p->b->result[step_of(p)->op].merge != NULL &&
	    !step_of(p)->rest) {
		drop_password(p, c->body);
		c->body = patch_message(c->a, "replace", c->body);
	}
	m.route->handle(c);
}

/* The rest of what was not made is nothing to do. */
static void skip(struct bulk *b, size_t s)
{
	struct worker *w = b->c->f->worker;
	bool wake;

	pthread_mutex_lock(&b->lock);
	wake = bulk_step_over(b, s, false);
	pthread_mutex_unlock(&b->lock);
	if (wake)
		worker_resume(w, &b->task);
}

static void set_path(struct part *p, struct bulk_result *r)
{
	const struct scim_bulk_names names = { p->b, name_of };
	struct bulk *b = p->b;

	pthread_mutex_lock(&b->lock);
	r->path = scim_bulk_path(b->c->a, &b->plan, step_of(p)->op, &names);
	pthread_mutex_unlock(&b->lock);
}

void bulk_step_begin(struct bulk *b, size_t s)
{
	const struct scim_bulk_step *st = &b->plan.step[s];
	const struct scim_bulk_op *op = &b->plan.op[st->op];
	struct bulk_result *r = &b->result[st->op];
	struct part *p;
	const char *why;

	failpoint("bulk-step");
	if (st->rest && !good(r->status)) {
		skip(b, s);
		return;
	}
	p = part_new(b, s);
	why = unresolved(p);
	if (op->wrong != NULL) {
		answer_status(p->call, 400, "invalidSyntax", op->wrong);
	} else if (why != NULL) {
		answer_status(p->call, 409, "", why);
	} else {
		if (r->path == NULL)
			set_path(p, r);
		fill(p);
		perform(p);
	}
}
