/* SPDX-License-Identifier: ISC */
/* What a SCIM service holds: all of /Users, by cursor (RFC 9865) where its
 * ServiceProviderConfig says so, else by startIndex. A service that goes on by
 * cursor unasked is followed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "target/pages.h"
#include "target/scim_p.h"

#define PAGE 100

struct reading {
	struct pages p;			/* first */
	struct scim *s;
};

static void tell(struct pages *p, const struct scim *s,
    const struct json *user)
{
	const char *external = json_member_str(user, "externalId");
	const char *id = json_member_str(user, "id");
	const char *name = json_member_str(user, "userName");
	struct target_account acc = { .by = TARGET_BY_ID, .name =
	    name != NULL ? name : id, .key = external != NULL ? external : "",
	    .active = json_member_bool(user, "active", true) };
	struct target_holding *held = arena_array(p->a, p->l->tools.n + 1,
	    sizeof(*held));
	struct strv accounts;
	size_t i;

	for (i = 0; i < p->l->tools.n; i++)
		if (scim_merge_held(p->a, s->form, user, p->l->tools.v[i],
		    &accounts))
			held[acc.n++] = (struct target_holding){
			    p->l->tools.v[i], false, accounts };
	acc.held = held;
	pages_tell(p, id, &acc);
}

/* Is this the page that was asked for? The users on it, NULL none. */
static const struct json *check(struct pages *p, const struct json *page)
{
	const struct json *list = json_member(page, "Resources");
	int64_t total = json_member_int(page, "totalResults", -1);
	int64_t want = (int64_t)p->n + 1;
	int64_t start = json_member_int(page, "startIndex", want);

	if (list != NULL && list->kind != JSON_IS_ARRAY)
		pages_wrong(p, "Resources is no array");
	else if (list == NULL && total != 0)
		pages_wrong(p, "the answer is no list: it has no Resources");
	else if (p->cursor == NULL && total < 0)
		pages_wrong(p, "the answer has no totalResults");
	else if (p->cursor == NULL && start != want)
		pages_wrong(p, "startIndex %" PRId64 " was asked for, %" PRId64
		    " was answered", want, start);
	pages_total(p, total);
	return list != NULL ? list->child : NULL;
}

static void take(struct pages *p, const struct json *page)
{
	const struct reading *r = (const struct reading *)(void *)p;
	const struct json *first = check(p, page), *u;

	for (u = first; u != NULL && p->err.code == 0; u = u->next)
		tell(p, r->s, u);
	pages_next(p, json_member_str(page, "nextCursor"), p->cursor == NULL &&
	    first != NULL && (int64_t)p->n < p->total);
}

static void get(struct reading *r, const char *path,
    void (*done)(void *arg, const struct httpc_answer *a))
{
	const struct target_conf *c = &r->s->t.conf;
	const char *headers[] = { "Accept: application/scim+json",
	    r->s->authorization, NULL };
	struct httpc_request q = { .method = "GET", .headers = headers,
	    .url = arena_printf(r->p.a, "%s%s", r->s->base, path),
	    .insecure = c->insecure, .ca_file = c->ca_file,
	    .timeout = c->timeout, .max_answer = PAGES_MAX };
	struct err e;

	if (httpc_submit(r->s->http, &q, done, r, &e) != 0)
		pages_stop(&r->p, ERR_STOP, &e);
}

static void ask(struct pages *p)
{
	const char *path;

	if (p->cursor != NULL)
		path = arena_printf(p->a, "/Users?cursor=%s&count=%d",
		    str_url(p->a, p->cursor), PAGE);
	else
		path = arena_printf(p->a, "/Users?startIndex=%zu&count=%d",
		    p->n + 1, PAGE);
	get((struct reading *)(void *)p, path, pages_answered);
}

/* What is no sensible answer says only that there are no cursors. */
static void on_config(void *arg, const struct httpc_answer *a)
{
	struct pages *p = arg;
	struct json *j;

	if (a->status == 200 &&
	    json_parse(p->a, a->body, a->len, &j, NULL) == 0 &&
	    json_member_bool(json_member(j, "pagination"), "cursor", false) &&
	    (p->cursor = strdup("")) == NULL)
		abort();
	ask(p);
}

void scim_list_users(struct target *t, const struct target_lister *l)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->s = (struct scim *)(void *)t;
	pages_begin(&r->p, l, "listing the users", ask, take);
	get(r, "/ServiceProviderConfig", on_config);
}
