/* SPDX-License-Identifier: ISC */
#include "front/call.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "front/acting.h"
#include "front/answer.h"

/* Members of a group are asked for one by one then, whether they are seen. */
static void bound(struct call *c)
{
	c->names.who = &c->actor;
	c->rs.is_member = NULL;
	c->rs.groups_of = NULL;
	c->rs.members_hash = NULL;
	c->rs.many_members = NULL;
}

struct call *call_under(const struct call *of, struct call_sink *sink,
    struct arena *a)
{
	struct httpd_request *q = arena_alloc(a, sizeof(*q));
	struct call *c = arena_alloc(a, sizeof(*c));

	*q = (struct httpd_request){ .arena = a, .host = of->q->host,
	    .method = "", .path = "/scim/v2", .body = "", .body_fd = -1,
	    .tls = of->q->tls, .peer = of->q->peer };
	memcpy(q->id, of->q->id, sizeof(q->id));
	*c = (struct call){ .f = of->f, .q = q, .sink = sink, .a = a,
	    .base = of->base, .client = of->client, .person = of->person,
	    .batch = of->batch };
	return c;
}

bool call_plans(const struct call *c)
{
	return c->sink != NULL && c->sink->plan != NULL;
}

int call_view(struct call *c, struct err *e)
{
	int rc;

	if (c->read != NULL)
		return 0;
	rc = view_read_begin(c->f->conf.view, &c->read, e);
	if (rc != 0)
		return rc;
	resolver_init(&c->names, &c->rs, c->f->conf.map, c->read);
	c->rs.base_url = arena_printf(c->a, "%s/scim/v2", c->base);
	c->rs.owner = c->client.owner;
	c->names.over = c->sink != NULL ? c->sink->over : NULL;
	rc = call_actor(c, c->person != NULL ? call_world(c) : NULL,
	    &c->actor, e);
	if (rc != 0) {
		call_close(c);
		return rc;
	}
	c->names.provider = actor_is_staff(&c->actor);
	c->bounded = c->person != NULL && !c->names.provider;
	if (c->bounded)
		bound(c);
	return 0;
}

int call_open(struct call *c)
{
	struct err e = { 0 };
	int rc = call_view(c, &e);

	if (rc != 0)
		answer_error(c, &e);
	return rc;
}

void call_close(struct call *c)
{
	if (c->read == NULL)
		return;
	resolver_fini(&c->names);
	view_read_end(c->read);
	c->read = NULL;
}

/* A media type with parameters, of which charset must be UTF-8 (RFC 8259
 * 8.1). */
static bool is_json(const char *type)
{
	static const char *const good[] = { "application/scim+json",
	    "application/json" };
	const char *p;
	size_t i, n;

	if (type == NULL)
		return false;
	n = strcspn(type, "; \t");
	for (i = 0; i < 2; i++)
		if (strlen(good[i]) == n && strncasecmp(type, good[i], n) == 0)
			break;
	p = strcasestr(type + n, "charset=");
	if (i == 2 || p == NULL)
		return i < 2;
	p += strlen("charset=");
	p += *p == '"';
	return strncasecmp(p, "utf-8", 5) == 0 &&
	    strchr("\"; \t", p[5]) != NULL;
}

int call_body(struct call *c)
{
	struct err e = { 0 };
	int rc;

	if (c->sink != NULL)
		return 0;
	if (!is_json(httpd_header(c->q, "Content-Type"))) {
		answer_status(c, 415, "", "Content-Type must be "
		    "application/scim+json or application/json, in UTF-8");
		return -1;
	}
	rc = json_parse(c->a, c->q->body, c->q->body_len, &c->body, &e);
	if (rc == 0 && c->body->kind != JSON_IS_OBJECT)
		rc = err_kind(&e, ERR_INVALID, "invalidSyntax", "the body "
		    "must be one JSON object");
	if (rc != 0)
		answer_error(c, &e);
	return rc;
}

/* An array as a list with commas. */
static const char *joined(const struct call *c, const struct json *j)
{
	const struct json *el;
	struct buf list;
	const char *s;

	buf_init(&list, c->q->body_len);
	for (el = j->child; el != NULL; el = el->next) {
		if (el != j->child)
			buf_putc(&list, ',');
		buf_puts(&list, el->s);
	}
	s = arena_strdup(c->a, buf_str(&list));
	buf_fini(&list);
	return s;
}

/* call_search has seen what kinds there are. */
static const char *from_body(const struct call *c, const char *name)
{
	const struct json *j = json_member(c->body, name);

	if (j == NULL || j->kind == JSON_IS_NULL)
		return NULL;
	if (j->kind == JSON_IS_INT)
		return arena_printf(c->a, "%lld", (long long)j->i);
	return j->kind == JSON_IS_ARRAY ? joined(c, j) : j->s;
}

static bool is_strings(const struct json *j)
{
	const struct json *el = j->child;

	while (el != NULL && el->kind == JSON_IS_STRING)
		el = el->next;
	return el == NULL;
}

/* An argument of a kind that can't be read would be one that is left out:
 * no filter, everything. */
int call_search(struct call *c)
{
	static const struct {
		const char *name;
		enum json_kind kind;	/* or a string */
	} args[] = { { "filter", JSON_IS_STRING },
	    { "sortBy", JSON_IS_STRING }, { "sortOrder", JSON_IS_STRING },
	    { "cursor", JSON_IS_STRING }, { "startIndex", JSON_IS_INT },
	    { "count", JSON_IS_INT }, { "attributes", JSON_IS_ARRAY },
	    { "excludedAttributes", JSON_IS_ARRAY } };
	const struct json *j;
	size_t i;

	if (call_body(c) != 0)
		return -1;
	c->search = true;
	for (i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
		j = json_member(c->body, args[i].name);
		if (j == NULL || j->kind == JSON_IS_NULL ||
		    j->kind == JSON_IS_STRING || (j->kind == args[i].kind &&
		    is_strings(j)))
			continue;
		answer_status(c, 400, strcmp(args[i].name, "filter") == 0 ?
		    "invalidFilter" : "invalidValue", arena_printf(c->a,
		    "%s: this kind of value can't be read", args[i].name));
		return -1;
	}
	return 0;
}

void call_batch(struct call *c)
{
	char name[JOURNAL_BATCH];

	if (c->batch != NULL || c->f->conf.journal == NULL || call_plans(c))
		return;
	journal_batch_name(c->f->conf.journal, name);
	c->batch = arena_strdup(c->a, name);
	answer_header(c, "Provost-Batch", c->batch);
}

const char *call_header(const struct call *c, const char *name)
{
	if (c->sink == NULL)
		return httpd_header(c->q, name);
	return strcasecmp(name, "If-Match") == 0 ? c->sink->if_match : NULL;
}

const char *call_arg(const struct call *c, const char *name)
{
	if (c->search)
		return from_body(c, name);
	return c->sink != NULL ? NULL : httpd_query(c->q, name);
}
