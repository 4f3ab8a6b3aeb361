/* SPDX-License-Identifier: ISC */
/* Requests as part of a plan: each goes through its own route and handler, so
 * that it is authorised, checked and completed (V14) as if it were sent, and
 * ends where it would be written. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "codec/scim_bulk.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/members.h"
#include "front/plan.h"
#include "front/write.h"

#define REQUESTS_MAX SCIM_BULK_OPERATIONS

/* One of them. */
struct asked {
	struct planning *pl;
	struct call_sink sink;
	const char *method, *path, *if_match;
	const struct json *data;
	size_t no;			/* from 1 */
	const char *why;
	int status;
	char *answer;			/* owned */
};

/* --- entries -------------------------------------------------------------- */

static int clash(const char *dn, size_t by, struct err *e)
{
	return err_set(e, ERR_REFERRED, "%.200s: request %zu changes it "
	    "already, and this one would have to see that: plan them one "
	    "after the other, or as one request", dn, by);
}

/* A request's own entry. */
static int touch_own(struct asked *k, struct write *w, struct err *e)
{
	struct touched t = { .old = w->old, .change = w->change,
	    .why = k->why, .made = "", .by = k->no };
	struct arena *a = k->pl->a;
	struct entry *want = NULL;
	int rc;

	if (w->change->kind == CHANGE_MODIFY && w->change->n == 0)
		return 0;
	if (w->change->kind == CHANGE_DELETE)
		w->change->assert_csn = w->old->csn;
	if (w->kind == WRITE_POST && *w->c->resource->natural_key == '\0')
		t.made = entry_get(w->want, w->c->resource->rdn);
	rc = change_apply(a, w->old, w->change, &want, e);
	t.want = want;
	return rc != 0 ? rc : planning_touch(k->pl, &t, e);
}

static const char *member_of(const struct asked *k)
{
	const struct scim_resource *people;

	return resolver_member_of(k->pl->c->f->conf.map, &people)->ldap;
}

/* What it is so far, and this value more or less. */
static int touch_member(struct asked *k, struct write *w,
    const struct membership *m, const char *group, struct err *e)
{
	struct touched *have = planning_find(k->pl, m->dn), t;
	struct arena *a = k->pl->a;
	struct change *c = change_new(a, CHANGE_MODIFY, m->dn);
	struct view_item item;
	struct entry *want;
	int rc;

	if (have != NULL && have->want == NULL)
		return clash(m->dn, have->by, e);
	if (have != NULL) {
		t = *have;
	} else {
		if (view_get(w->c->read, m->uuid, &item) != 0)
			return 0;	/* who is gone is in nothing */
		view_item_entry(a, &item);
		t = (struct touched){ .old = entry_dup(a, &item.entry),
		    .made = "", .by = k->no, .membership = true };
		t.want = t.old;
	}
	t.why = have != NULL && have->by != k->no ? arena_printf(a, "%s; %s",
	    have->why, k->why) : k->why;
	change_set(a, c, m->add ? MOD_ADD : MOD_DELETE, member_of(k), group);
	c->permissive = true;
	rc = change_apply(a, t.want, c, &want, e);
	if (rc != 0)
		return rc;
	t.want = want;
	planning_change(k->pl, &t);
	t.change->act_as = have != NULL ? have->change->act_as : w->act_as;
	return planning_touch(k->pl, &t, e);
}

static int touch_members(struct asked *k, struct write *w, struct err *e)
{
	const char *group = entry_get(w->old != NULL ? w->old : w->want,
	    w->c->resource->rdn);
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < w->n_memberships; i++)
		rc = touch_member(k, w, &w->membership[i], group, e);
	return rc;
}

/* --- what a plan can't be ------------------------------------------------- */

/* What is made up and shown once would be shown to nobody. */
static int check_secret(const struct write *w, struct err *e)
{
	if (w->secret != NULL)
		return err_set(e, ERR_UNSUPPORTED, "a %s is shown once, when "
		    "it is made, and a plan makes nothing: send the request "
		    "itself", w->secret_name);
	if (w->new_password || (w->kind == WRITE_POST && w->want != NULL &&
	    entry_get(w->want, "userPassword") != NULL))
		return err_set(e, ERR_UNSUPPORTED, "a password is not kept in "
		    "a plan: leave it out");
	return 0;
}

/* Other requests would have to see that it is gone, and it whether they refer
 * to it. */
static int check_delete(struct asked *k, const struct write *w,
    struct err *e)
{
	const struct touched *last = k->pl->n == 0 ? NULL :
	    k->pl->v[k->pl->n - 1];
	bool person = str_eq(w->c->resource->name, "User");
	bool catalogue = w->kind == WRITE_DELETE && !person;

	if (last == NULL || last->by == k->no)
		return 0;
	if (catalogue && last->want != NULL)
		return err_set(e, ERR_REFERRED, "the deletion of a %s is "
		    "planned alone or behind other deletions: what the "
		    "requests before it may refer to is not seen yet",
		    w->c->resource->name);
	if (w->kind != WRITE_DELETE && last->want == NULL)
		return err_set(e, ERR_REFERRED, "request %zu deletes "
		    "something, and this one would have to see that: plan "
		    "deletions last", last->by);
	return 0;
}

/* Twins within the plan: neither the view nor the directory has them yet. */
static int take_key(struct asked *k, const char *name, const char *key,
    struct err *e)
{
	struct planning *pl = k->pl;
	const size_t *by = map_get(pl->taken, key);

	if (by != NULL && *by != k->no)
		return err_set(e, ERR_EXISTS, "%s: request %zu uses this value "
		    "already", name, *by);
	map_put(pl->taken, key, arena_memdup(pl->a, &k->no, sizeof(k->no)));
	return 0;
}

static int take_keys(struct asked *k, const struct write *w, struct err *e)
{
	const struct scim_resource *r = w->c->resource;
	const struct scim_attr *at = r->schema[0].attr;
	struct arena *a = k->pl->a;
	const char *v = w->c->body != NULL ? json_member_str(w->c->body,
	    "externalId") : NULL;
	size_t i;
	int rc = v == NULL ? 0 : take_key(k, "externalId", arena_printf(a,
	    "%s\nexternalId\n%s", r->name, scim_external_key(a,
	    w->c->client.owner, v)), e);

	for (i = 0; rc == 0 && w->want != NULL && i < r->schema[0].n; i++) {
		v = at[i].unique == SU_NONE ? NULL : entry_get(w->want,
		    at[i].ldap);
		if (v != NULL)
			rc = take_key(k, at[i].name, arena_printf(a,
			    "%s\n%s\n%s", r->name, at[i].name, scim_key(a,
			    &at[i], v)), e);
	}
	return rc;
}

/* --- one request ---------------------------------------------------------- */

static int take(struct call_sink *s, struct write *w, struct err *e)
{
	struct asked *k = s->ctx;
	bool last = w->n_memberships > 0 && (w->kind == WRITE_DELETE ||
	    (w->change->kind == CHANGE_MODIFY && w->change->n == 0));
	const struct touched *have = planning_find(k->pl, w->change->dn);
	int rc = check_secret(w, e);

	if (rc == 0 && have != NULL)
		rc = clash(w->change->dn, have->by, e);
	if (rc == 0)
		rc = check_delete(k, w, e);
	if (rc == 0)
		rc = take_keys(k, w, e);
	/* In the order in which it would be written. */
	if (rc == 0 && last)
		rc = touch_members(k, w, e);
	if (rc == 0)
		rc = touch_own(k, w, e);
	if (rc == 0 && !last)
		rc = touch_members(k, w, e);
	return rc;
}

static void answered(struct call *c, int status, char *body)
{
	struct asked *k = c->sink->ctx;

	k->status = status;
	k->answer = body;
}

/* Those that end in one write. */
static bool can_be_planned(const struct route *r)
{
	static void (*const handler[])(struct call *c) = { scim_post,
		scim_put, scim_patch, scim_delete, users_portal_give,
		users_portal_take };
	size_t i;

	for (i = 0; i < sizeof(handler) / sizeof(handler[0]); i++)
		if (r->handle == handler[i])
			return true;
	return false;
}

static void run(struct asked *k, struct call *c)
{
	struct router_match m;
	struct err e = { 0 };
	int found = call_route(c, &m);

	if (found == 0 && !can_be_planned(m.route))
		found = 501;
	if (found != 0)
		answer_status(c, found, "", found == 404 ? "there is nothing "
		    "here" : found == 405 ? "not with this method" :
		    "this can't be planned: writes of SCIM resources can, and "
		    "those of /v1/users/ID/portal");
	else if (call_authorise(c, &e) != 0)
		answer_error(c, &e);
	else if (k->data == NULL && m.route->op != OP_DELETE &&
	    m.route->op != OP_PORTAL_REVOKE)
		answer_status(c, 400, "invalidSyntax", "data, an object, is "
		    "missing");
	else
		m.route->handle(c);
}

static int refused(struct asked *k, struct arena *a, int *status,
    struct err *e)
{
	const char *detail = NULL;
	struct json *j;

	if (k->answer != NULL && json_parse(a, k->answer, strlen(k->answer),
	    &j, NULL) == 0)
		detail = json_member_str(j, "detail");
	*status = k->status;
	return err_set(e, ERR_INVALID, "%s: %.400s", k->why, detail != NULL ?
	    detail : "refused");
}

static int plan_one(struct planning *pl, struct asked *k, int *status,
    struct err *e)
{
	struct call *c;
	int rc = 0;

	k->pl = pl;
	k->why = arena_printf(pl->a, "request %zu: %s %s", k->no, k->method,
	    k->path);
	k->sink = (struct call_sink){ .ctx = k, .plan = take,
	    .answered = answered, .if_match = k->if_match,
	    .over = pl->over };
	c = call_under(pl->c, &k->sink, pl->a);
	c->q->method = k->method;
	c->q->path = str_starts(k->path, "/v1/") ||
	    str_starts(k->path, "/scim/") ? k->path :
	    arena_printf(pl->a, "/scim/v2%s", k->path);
	c->body = k->data != NULL ? json_dup(pl->a, k->data) : NULL;
	run(k, c);
	if (k->status < 200 || k->status > 299)
		rc = refused(k, pl->a, status, e);
	free(k->answer);
	return rc;
}

/* --- all of them ---------------------------------------------------------- */

struct list {
	struct asked *v;
	size_t n;
};

static int wrong(size_t no, const char *what, struct err *e)
{
	return err_set(e, ERR_INVALID, "request %zu: %s", no, what);
}

static struct asked *one_more(struct list *l)
{
	struct asked *k;

	if (l->n == REQUESTS_MAX)
		return NULL;
	k = &l->v[l->n++];
	*k = (struct asked){ .no = l->n };
	return k;
}

static int too_many(struct err *e)
{
	return err_set(e, ERR_LIMIT, "more than %d requests: plan them in "
	    "parts", REQUESTS_MAX);
}

static int add_op(struct list *l, const struct scim_bulk_op *op,
    struct err *e)
{
	struct asked *k = one_more(l);

	if (k == NULL)
		return too_many(e);
	if (op->wrong != NULL)
		return wrong(k->no, op->wrong, e);
	if (op->n_refs != 0 || op->unknown != NULL)
		return wrong(k->no, "bulkId: what is only planned has no id "
		    "that others could refer to: plan what it is part of "
		    "without it", e);
	k->method = op->method;
	k->path = op->path;
	k->if_match = op->version;
	k->data = op->data;
	return 0;
}

/* A Bulk request is its operations. */
static int add_bulk(struct planning *pl, struct list *l,
    const struct json *data, struct err *e)
{
	struct scim_bulk b;
	size_t i;
	int rc = scim_bulk_read(pl->a, data, REQUESTS_MAX, &b, e);

	for (i = 0; rc == 0 && i < b.n; i++)
		rc = add_op(l, &b.op[i], e);
	scim_bulk_fini(&b);
	return rc;
}

static int add(struct planning *pl, struct list *l, const struct json *j,
    struct err *e)
{
	const char *method = json_member_str(j, "method"),
	    *path = json_member_str(j, "path");
	const struct json *data = json_member(j, "data");
	struct asked *k;

	if (method == NULL || path == NULL || *path != '/')
		return wrong(l->n + 1, "method and path are needed: "
		    "{\"method\": \"PATCH\", \"path\": \"/Users/ID\", "
		    "\"data\": {...}}", e);
	if (data != NULL && data->kind != JSON_IS_OBJECT)
		return wrong(l->n + 1, "data must be an object", e);
	if (str_eq(method, "POST") && data != NULL && (str_eq(path, "/Bulk") ||
	    str_eq(path, "/scim/v2/Bulk")))
		return add_bulk(pl, l, data, e);
	k = one_more(l);
	if (k == NULL)
		return too_many(e);
	k->method = method;
	k->path = path;
	k->data = data;
	k->if_match = json_member_str(j, "ifMatch");
	return 0;
}

static int read_list(struct planning *pl, struct list *l, struct err *e)
{
	const struct json *one = json_member(pl->body, "request"),
	    *many = json_member(pl->body, "requests"), *j;
	int rc = 0;

	l->v = arena_array(pl->a, REQUESTS_MAX, sizeof(*l->v));
	if (one != NULL)
		return add(pl, l, one, e);
	if (many->kind != JSON_IS_ARRAY || many->child == NULL)
		return err_set(e, ERR_INVALID, "requests must be a list of "
		    "them");
	for (j = many->child; rc == 0 && j != NULL; j = j->next)
		rc = add(pl, l, j, e);
	return rc;
}

int plan_requests(struct planning *pl, int *status, struct err *e)
{
	struct list l = { 0 };
	size_t i;
	int rc = read_list(pl, &l, e);

	for (i = 0; rc == 0 && i < l.n; i++)
		rc = plan_one(pl, &l.v[i], status, e);
	return rc;
}
