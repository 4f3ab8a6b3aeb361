/* SPDX-License-Identifier: ISC */
#include "front/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/admit.h"
#include "front/answer.h"
#include "front/auth.h"
#include "front/changes.h"
#include "front/handlers.h"
#include "front/ignored.h"
#include "front/lanes.h"
#include "front/plan.h"
#include "front/session.h"
#include "front/signer.h"
#include "front/worker.h"

#define WORKERS 4		/* one that applies a plan waits for it */
#define MEMBERS_BODY ((size_t)16 << 20)	/* where a body may list members */

/* --- before the body is read ------------------------------------------------ */

/* From the Host header, if it can stand in an answer. */
static const char *base_url(const struct front *f, struct httpd_request *q)
{
	const char *h = q->host;
	size_t n = strspn(h, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");

	if (*f->conf.base_url != '\0')
		return f->conf.base_url;
	if (n == 0 || h[n] != '\0')
		return f->url;
	return arena_printf(q->arena, "%s://%s", q->tls ? "https" : "http", h);
}

static struct call *call_new(struct front *f, struct httpd_request *q)
{
	struct call *c = arena_alloc(q->arena, sizeof(*c));

	c->f = f;
	c->q = q;
	c->a = q->arena;
	c->base = base_url(f, q);
	c->client = (struct client){ .dn = "", .name = "", .owner = "",
	    .rate = -1 };
	q->p = c;
	return c;
}

static bool is_open(const struct front *f, const struct route *r)
{
	return r != NULL && (r->open || (f->conf.metrics_public &&
	    r->type != NULL && strcmp(r->type, "metrics") == 0));
}

/* Each operation is asked for itself; who may write nothing at all need not
 * try (A4). */
static int authorise_bulk(const struct call *c, struct err *e)
{
	const struct scim_map *m = c->f->conf.map;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (authorise_client(&c->client.scopes, m->resource[i].name,
		    OP_UPDATE, e) == 0)
			return 0;
	return err_set(e, ERR_DENIED, "this client may not write anything: "
	    "Bulk needs the scope write, also write:TYPE, or admin");
}

/* Clients make scopes; a type that is no resource's is about everybody. */
static int authorise_person(const struct call *c, struct err *e)
{
	const struct route *r = c->route;

	if (c->resource != NULL && c->resource->type == c->f->token_type)
		return err_set(e, ERR_DENIED, "%s are for clients with the "
		    "scope admin, not for people", c->resource->endpoint + 1);
	if (front_for_people(r) || (strcmp(r->type, "metrics") != 0 &&
	    strcmp(r->type, "operations") != 0))
		return 0;
	return err_set(e, ERR_DENIED, "this is for clients with the scope "
	    "%s or admin, not for people", r->type);
}

/* Whoever writes clients makes scopes: that takes all of them. */
int call_authorise(const struct call *c, struct err *e)
{
	const struct route *r = c->route;
	const char *type = r->type;

	if (type == NULL)
		return 0;
	if (c->person != NULL)
		return authorise_person(c, e);
	if (strcmp(type, ROUTE_BULK) == 0)
		return authorise_bulk(c, e);
	if (c->resource != NULL && r->op != OP_READ &&
	    c->resource->type == c->f->token_type &&
	    !strv_has(&c->client.scopes, "admin"))
		return err_set(e, ERR_DENIED, "writing %s needs the scope "
		    "admin", c->resource->endpoint + 1);
	if (authorise_client(&c->client.scopes, *type != '\0' ? type :
	    c->resource->name, r->op, e) == 0)
		return 0;
	return strcmp(type, "metrics") != 0 ? ERR_DENIED : err_set(e,
	    ERR_DENIED, "/metrics needs the scope metrics or admin");
}

size_t front_largest_body(const struct front *f, const struct route *r,
    const struct scim_resource *res)
{
	size_t most = f->conf.http.max_body, n = r->max_body;

	if (n == ROUTE_FILE)
		return f->max_file;
	if (res != NULL && res->members != NULL &&
	    (r->op == OP_UPDATE || r->op == OP_CREATE))
		n = MEMBERS_BODY;
	return most != 0 && n > most ? most : n;
}

int call_route(struct call *c, struct router_match *m)
{
	int found = router_find(front_routes, c->f->conf.map, c->a,
	    c->q->method, c->q->path, m);

	c->route = m->route;
	c->resource = m->resource;
	c->id = m->id;
	return found;
}

static bool on_accept(void *ctx, struct httpd_request *q, size_t *max_body)
{
	struct front *f = ctx;
	struct call *c = call_new(f, q);
	struct router_match m;
	struct err e = { 0 };
	int found = call_route(c, &m);
	bool open = is_open(f, m.route);

	if (!open && !admit(c))
		return false;
	if (found == 405)
		httpd_set_header(q, "Allow", m.allow);
	if (found != 0) {
		answer_status(c, found, "", found == 404 ?
		    "there is nothing here" : "not with this method");
		return false;
	}
	if (c->person != NULL && c->route->handle == me)
		me_alias(c);
	if (!open && call_authorise(c, &e) != 0) {
		answer_error(c, &e);
		return false;
	}
	*max_body = front_largest_body(f, c->route, c->resource);
	return c->route->max_body != ROUTE_FILE || feeds_accept(c);
}

static void on_handle(void *ctx, struct httpd_request *q)
{
	struct call *c = q->p;

	(void)ctx;
	c->route->handle(c);
}

static void on_refused(void *ctx, struct httpd_request *q, int status,
    const char *why)
{
	const struct call *c = q->p;
	bool file = c != NULL && c->route != NULL &&
	    c->route->max_body == ROUTE_FILE;

	(void)ctx;
	if (status == 413 && c != NULL && c->route != NULL)
		why = arena_printf(q->arena, "the %s is larger than %zu bytes"
		    "%s", file ? "file" : "request body",
		    front_largest_body(c->f, c->route, c->resource), file ?
		    " (spool.max_file)" : ": send it in several requests");
	if (status == 503)
		log_error("http: request %s: %s %s: %s", q->id, q->method,
		    q->path, why);
	answer_refused(q, status, why);
}

/* --- start and stop ------------------------------------------------------- */

static void print_url(struct front *f, int port)
{
	const char *listen = f->conf.http.listen;
	const char *colon = strrchr(listen, ':');
	int n = colon != NULL ? (int)(colon - listen) : 0;
	bool tls = f->conf.http.cert_file != NULL &&
	    *f->conf.http.cert_file != '\0';

	snprintf(f->url, sizeof(f->url), "%s://%.*s:%d",
	    tls ? "https" : "http", n > 0 ? n : 9,
	    n > 0 ? listen : "127.0.0.1", port);
}

static void front_free(struct front *f)
{
	changes_stop(f->changes);
	worker_stop(f->worker);
	signer_stop(f->signer);
	lanes_free(f->lanes);
	plans_free(f->plans);
	ignored_free(f->ignored);
	limits_free(f->limits);
	issuer_free(f->issuer);
	free(f);
}

int front_start(const struct front_conf *c, struct front **out,
    struct err *e)
{
	struct front *f = calloc(1, sizeof(*f));
	struct httpd_handler h = { f, on_accept, on_handle, on_refused };
	struct issuer_keys *keys;
	int port = 0, rc;

	if (f == NULL)
		return err_set(e, ERR_IO, "front: out of memory");
	f->conf = *c;
	if (f->conf.base_url == NULL)
		f->conf.base_url = "";
	f->started = clock_now();
	f->max_file = c->max_file;
	auth_init(f);
	f->lanes = lanes_new();
	f->plans = plans_new();
	f->ignored = ignored_new();
	f->limits = limits_new(&c->limits);
	rc = issuer_load(&c->issuer, &keys, e);
	if (rc == 0) {
		f->issuer = issuer_new(keys);
		rc = worker_start(WORKERS, &f->worker, e);
	}
	if (rc == 0)
		rc = signer_start(&f->conf.ldap, f->conf.writer,
		    &f->signer, e);
	if (rc == 0)
		rc = changes_start(f, &f->changes, e);
	if (rc == 0)
		rc = httpd_start(&c->http, &h, &f->httpd, &port, e);
	if (rc != 0) {
		front_free(f);
		return rc;
	}
	print_url(f, port);
	plan_held_start(f);
	*out = f;
	return 0;
}

struct front_fresh {
	struct live *live;
	struct issuer_keys *keys;
	struct limits_conf limits;
	size_t max_file;
};

int front_prepare(const struct front_conf *c, struct front_fresh **out,
    struct err *e)
{
	struct front_fresh *n = calloc(1, sizeof(*n));
	int rc;

	if (n == NULL)
		return err_set(e, ERR_IO, "front: out of memory");
	n->limits = c->limits;
	n->max_file = c->max_file;
	rc = httpd_live_load(&c->http, &n->live, e);
	if (rc == 0)
		rc = issuer_load(&c->issuer, &n->keys, e);
	if (rc != 0)
		front_discard(n);
	else
		*out = n;
	return rc;
}

void front_use(struct front *f, struct front_fresh *n)
{
	if (!httpd_live_use(f->httpd, n->live))
		log_warn("reload: between HTTP and HTTPS (http.cert_file) the "
		    "server changes at a restart only");
	issuer_use(f->issuer, n->keys);
	limits_set(f->limits, &n->limits);
	f->max_file = n->max_file;
	free(n);
}

void front_discard(struct front_fresh *n)
{
	if (n == NULL)
		return;
	httpd_live_free(n->live);
	issuer_keys_free(n->keys);
	free(n);
}

void front_drain(struct front *f)
{
	f->draining = true;
	httpd_drain(f->httpd);
	changes_drain(f->changes);
}

void front_stop(struct front *f, unsigned seconds)
{
	if (f == NULL)
		return;
	front_drain(f);
	plan_held_stop(f);
	if (!httpd_stop(f->httpd, seconds))
		return;
	front_free(f);
}

const char *front_url(const struct front *f)
{
	return f->url;
}
