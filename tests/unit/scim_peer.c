/* SPDX-License-Identifier: ISC */
#include "scim_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define TYPE "application/scim+json"

static size_t reply(char *out, size_t size, int status, const char *extra,
    const char *body)
{
	return peer_reply(out, size, status, TYPE, extra, body);
}

static size_t error(char *out, size_t size, int status, const char *detail)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"schemas\":[\"urn:ietf:params:scim:api:"
	    "messages:2.0:Error\"],\"status\":\"%d\",\"detail\":\"%s\"}",
	    status, detail);
	return reply(out, size, status, "", body);
}

static int find(const struct scim_peer *s, const char *attr, const char *value)
{
	int i;

	for (i = 0; i < SCIM_PEER_USERS; i++)
		if (s->user[i].user != NULL && str_ieq(value,
		    str_eq(attr, "id") ? s->user[i].id :
		    json_member_str(s->user[i].user, attr)))
			return i;
	return -1;
}

static void render(struct scim_peer *s, int i, struct buf *b)
{
	struct arena *a = arena_new();
	struct json *u = json_dup(a, s->user[i].user), *meta;

	u->name = NULL;
	u->next = NULL;
	json_put(a, u, "id", json_new_str(a, s->user[i].id));
	meta = json_put(a, u, "meta", json_new(a, JSON_IS_OBJECT));
	json_put(a, meta, "resourceType", json_new_str(a, "User"));
	json_put(a, meta, "version", json_new_str(a,
	    arena_printf(a, "W/\"%u\"", s->user[i].version)));
	if (s->no_external_id && json_member(u, "externalId") != NULL)
		json_remove(u, json_member(u, "externalId"));
	json_write(b, u);
	arena_free(a);
}

static size_t show(struct scim_peer *s, int i, int status, char *out,
    size_t size)
{
	struct buf b;
	char extra[64];
	size_t n;

	buf_init(&b, PEER_MAX);
	render(s, i, &b);
	snprintf(extra, sizeof(extra), "ETag: W/\"%u\"\r\n",
	    s->user[i].version);
	n = reply(out, size, status, extra, buf_str(&b));
	buf_fini(&b);
	return n;
}

static int hex(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* "filter=..." of the target, decoded. */
static void get_filter(const char *target, char *out, size_t size)
{
	const char *p = strstr(target, "filter=");
	size_t n = 0;

	for (p = p != NULL ? p + 7 : ""; *p != '\0' && *p != '&' &&
	    n + 1 < size; p++)
		if (*p == '%') {
			out[n++] = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else {
			out[n++] = *p;
		}
	out[n] = '\0';
}

static size_t list(struct scim_peer *s, const char *target, char *out,
    size_t size)
{
	char filter[1024], attr[64], value[512];
	struct buf b;
	size_t n;
	int i;

	get_filter(target, filter, sizeof(filter));
	if (sscanf(filter, "%63s eq \"%511[^\"]\"", attr, value) != 2)
		return error(out, size, 400, "invalidFilter");
	i = find(s, attr, value);
	buf_init(&b, PEER_MAX);
	buf_printf(&b, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "ListResponse\"],\"totalResults\":%d,\"Resources\":[", i >= 0);
	if (i >= 0)
		render(s, i, &b);
	buf_puts(&b, "]}");
	n = reply(out, size, 200, "", buf_str(&b));
	buf_fini(&b);
	return n;
}

static struct json *body_of(struct scim_peer *s, const struct peer_request *q)
{
	struct json *j;

	if (json_parse(s->a, q->body, q->body_len, &j, NULL) != 0 ||
	    j->kind != JSON_IS_OBJECT ||
	    json_member_str(j, "userName") == NULL)
		return NULL;
	return j;
}

static size_t create(struct scim_peer *s, const struct peer_request *q,
    char *out, size_t size)
{
	struct json *j = body_of(s, q);
	int i;

	if (j == NULL)
		return error(out, size, 400, "invalidSyntax");
	if (find(s, "userName", json_member_str(j, "userName")) >= 0)
		return error(out, size, 409, "uniqueness");
	for (i = 0; s->user[i].user != NULL; i++)
		;
	snprintf(s->user[i].id, sizeof(s->user[i].id), "u %u", s->next_id++);
	s->user[i].version = 1;
	s->user[i].user = j;
	s->writes++;
	return show(s, i, 201, out, size);
}

static size_t replace(struct scim_peer *s, int i, const struct peer_request *q,
    char *out, size_t size)
{
	struct json *j = body_of(s, q);
	char match[64] = "", is[32];
	int other;

	if (j == NULL)
		return error(out, size, 400, "invalidSyntax");
	if (s->bump) {
		s->bump = false;
		s->user[i].version++;
	}
	snprintf(is, sizeof(is), "W/\"%u\"", s->user[i].version);
	if (peer_header(q, "If-Match", match, sizeof(match)) &&
	    strcmp(match, is) != 0)
		return error(out, size, 412, "version");
	other = find(s, "userName", json_member_str(j, "userName"));
	if (other >= 0 && other != i)
		return error(out, size, 409, "uniqueness");
	s->user[i].user = j;
	s->user[i].version++;
	s->writes++;
	return show(s, i, 200, out, size);
}

static size_t one(struct scim_peer *s, const struct peer_request *q,
    const char *path, char *out, size_t size)
{
	char id[16];
	int i;

	/* Ids hold a space so that the client has to encode them. */
	if (strncmp(path, "u%20", 4) != 0)
		return error(out, size, 404, "no such user");
	snprintf(id, sizeof(id), "u %.8s", path + 4);
	if ((i = find(s, "id", id)) < 0)
		return error(out, size, 404, "no such user");
	if (strcmp(q->method, "GET") == 0)
		return show(s, i, 200, out, size);
	if (strcmp(q->method, "PUT") == 0)
		return replace(s, i, q, out, size);
	if (strcmp(q->method, "DELETE") != 0)
		return error(out, size, 405, "method");
	s->user[i].user = NULL;
	s->deletes++;
	return peer_reply(out, size, 204, TYPE, "", "");
}

static size_t route(struct scim_peer *s, const struct peer_request *q,
    char *out, size_t size)
{
	if (strncmp(q->target, "/scim/v2/Users", 14) != 0)
		return error(out, size, 404, "no such path");
	if (q->target[14] == '/')
		return one(s, q, q->target + 15, out, size);
	return strcmp(q->method, "POST") == 0 ? create(s, q, out, size) :
	    list(s, q->target, out, size);
}

static bool goes_wrong(struct scim_peer *s, const struct peer_request *q)
{
	if (s->fail == 0 || (s->fail_method != NULL &&
	    strcmp(s->fail_method, q->method) != 0))
		return false;
	s->fail--;
	return true;
}

static size_t wrong(struct scim_peer *s, char *out, size_t size, bool *closing)
{
	if (s->fail_raw != NULL) {
		*closing = true;
		return (size_t)snprintf(out, size, "%s", s->fail_raw);
	}
	return peer_reply(out, size, s->fail_status, "text/html",
	    s->fail_headers != NULL ? s->fail_headers : "",
	    s->fail_body != NULL ? s->fail_body : "");
}

static size_t answer(void *ctx, const struct peer_request *q, char *out,
    size_t size, bool *closing)
{
	struct scim_peer *s = ctx;
	size_t n;

	pthread_mutex_lock(&s->lock);
	peer_header(q, "Idempotency-Key", s->key, sizeof(s->key));
	if (s->lose_answer && strcmp(q->method, "GET") != 0) {
		s->lose_answer = false;
		route(s, q, out, size);
		*closing = true;
		n = (size_t)snprintf(out, size, "HTTP/1.1 201 "
		    "Created\r\nContent-Length: 99\r\n\r\n{");
	} else if (goes_wrong(s, q)) {
		n = wrong(s, out, size, closing);
	} else {
		n = route(s, q, out, size);
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

void scim_peer_start_on(struct scim_peer *s, int port)
{
	if (s->a == NULL) {
		s->a = arena_new();
		pthread_mutex_init(&s->lock, NULL);
	}
	s->peer = peer_start_on(port, answer, s);
}

void scim_peer_start(struct scim_peer *s)
{
	memset(s, 0, sizeof(*s));
	scim_peer_start_on(s, 0);
}

void scim_peer_stop(struct scim_peer *s)
{
	if (s->peer != NULL)
		peer_stop(s->peer);
	s->peer = NULL;
}

void scim_peer_free(struct scim_peer *s)
{
	scim_peer_stop(s);
	arena_free(s->a);
	pthread_mutex_destroy(&s->lock);
}

const char *scim_peer_url(const struct scim_peer *s)
{
	static char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/scim/v2/",
	    peer_port(s->peer));
	return url;
}

void scim_peer_add(struct scim_peer *s, const char *text)
{
	struct peer_request q = { .body_len = strlen(text) };
	char out[4096];

	memcpy(q.body, text, q.body_len);
	pthread_mutex_lock(&s->lock);
	create(s, &q, out, sizeof(out));
	s->writes--;
	pthread_mutex_unlock(&s->lock);
}

const char *scim_peer_dump(struct scim_peer *s, struct arena *a)
{
	struct buf b;
	const char *text;
	int i;

	buf_init(&b, 16 * PEER_MAX);
	pthread_mutex_lock(&s->lock);
	for (i = 0; i < SCIM_PEER_USERS; i++)
		if (s->user[i].user != NULL) {
			json_write(&b, s->user[i].user);
			buf_putc(&b, '\n');
		}
	pthread_mutex_unlock(&s->lock);
	text = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

unsigned scim_peer_count(struct scim_peer *s)
{
	unsigned n = 0;
	int i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < SCIM_PEER_USERS; i++)
		n += s->user[i].user != NULL;
	pthread_mutex_unlock(&s->lock);
	return n;
}
