/* SPDX-License-Identifier: ISC */
#include "front/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/text.h"
#include "directory/held.h"
#include "front/acting.h"
#include "front/stream.h"

#define SCIM_TYPE "application/scim+json"
#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"
#define RETRY_AFTER "5"

int answer_code(const struct err *e)
{
	switch (e->code) {
	case ERR_INVALID:
		return 400;
	case ERR_DENIED:
	case ERR_HELD:
		return 403;
	case ERR_NOT_FOUND:
		return 404;
	case ERR_EXISTS:
	case ERR_REFERRED:
		return 409;
	case ERR_LIMIT:
		return strcmp(e->kind, "") == 0 ? 413 : 400;
	case ERR_UNSUPPORTED:
		return 501;
	case ERR_CONFLICT:
	case ERR_BUSY:
		return 503;
	case ERR_TIMEOUT:
		return 504;
	default:
		return 500;
	}
}

static bool is_operation(const char *path)
{
	return str_starts(path, "/v1/") || strcmp(path, "/v1") == 0;
}

static const char *title_of(int status)
{
	switch (status) {
	case 400: return "Bad request";
	case 401: return "Not authenticated";
	case 403: return "Refused";
	case 404: return "Not found";
	case 405: return "Method not allowed";
	case 409: return "Conflict";
	case 412: return "Precondition failed";
	case 413: return "Too large";
	case 415: return "Unsupported media type";
	case 429: return "Too many requests";
	case 501: return "Not implemented";
	case 503: return "Not available now";
	case 504: return "No answer in time";
	default: return status >= 500 ? "Internal error" : "Refused";
	}
}

static void problem(struct buf *b, int status, const char *detail)
{
	buf_printf(b, "{\"type\":\"about:blank\",\"title\":\"%s\","
	    "\"status\":%d,\"detail\":", title_of(status), status);
	text_json(b, detail, strlen(detail));
	buf_putc(b, '}');
}

void answer_scim_error(struct buf *b, int status, const char *kind,
    const char *detail)
{
	buf_printf(b, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "Error\"],\"status\":\"%d\",", status);
	if (*kind != '\0')
		buf_printf(b, "\"scimType\":\"%s\",", kind);
	buf_puts(b, "\"detail\":");
	text_json(b, detail, strlen(detail));
	buf_putc(b, '}');
}

static char *error_text(const char *path, int status, const char *kind,
    const char *detail, size_t *len)
{
	struct buf b;

	buf_init(&b, 8192);
	if (is_operation(path))
		problem(&b, status, detail);
	else
		answer_scim_error(&b, status, kind, detail);
	return buf_take(&b, len);
}

static void send_error(struct httpd_request *q, int status, char *text,
    size_t len)
{
	if (status == 503 || status == 504)
		httpd_set_header(q, "Retry-After", RETRY_AFTER);
	httpd_answer_take(q, status, is_operation(q->path) ? PROBLEM_TYPE :
	    SCIM_TYPE, text, len);
}

void answer_refused(struct httpd_request *q, int status, const char *why)
{
	size_t len;
	char *text = error_text(q->path, status, "", why, &len);

	send_error(q, status, text, len);
}

void answer_header(struct call *c, const char *name, const char *value)
{
	struct call_sink *s = c->sink;

	if (s == NULL)
		httpd_set_header(c->q, name, value);
	else if (strcasecmp(name, "Location") == 0)
		s->location = arena_strdup(c->a, value);
	else if (strcasecmp(name, "ETag") == 0)
		s->etag = arena_strdup(c->a, value);
}

static void note_refusal(struct call *c, const char *why)
{
	if (c->f->conf.journal != NULL)
		journal_refused(c->f->conf.journal, c->person != NULL ?
		    call_origin(c) : c->client.dn,
		    arena_printf(c->a, "%s %s", c->q->method, c->q->path),
		    why);
}

void answer_status(struct call *c, int status, const char *kind,
    const char *detail)
{
	size_t len;
	char *text = error_text(c->q->path, status, kind, detail, &len);

	call_close(c);
	if (status == 403 && !call_plans(c))
		note_refusal(c, detail);
	if (c->sink != NULL)
		c->sink->answered(c, status, text);
	else
		send_error(c->q, status, text, len);
}

/* What waits for its held job to be readable. */
struct refusal {
	struct call *c;
	struct err e;
};

static void answer_held(void *arg)
{
	struct refusal *r = arg;

	answer_status(r->c, answer_code(&r->e), "", r->e.text);
}

/* Whoever is told of a held job finds it. */
static void refuse_held(struct call *c, const struct err *e)
{
	struct refusal *r = arena_alloc(c->a, sizeof(*r));

	r->c = c;
	r->e = *e;
	call_close(c);
	held_settled(c->f->conf.held, c->held, answer_held, r);
}

void answer_error(struct call *c, const struct err *e)
{
	const char *kind = e->kind;

	if (e->code == ERR_EXISTS && *kind == '\0')
		kind = "uniqueness";
	if (e->code == ERR_INVALID && *kind == '\0')
		kind = "invalidValue";
	if (e->code == ERR_HELD && c->held != NULL) {
		refuse_held(c, e);
		return;
	}
	if (answer_code(e) == 500)
		log_error("http: request %s: %s %s: %s", c->q->id,
		    c->q->method, c->q->path, e->text);
	answer_status(c, answer_code(e), kind, e->text);
}

/* Rule 3's price: what is read may be old; say how old. */
static void note_age(struct call *c)
{
	struct sync_state s;
	char age[24];

	if (c->f->conf.sync == NULL || counter_get(C_SYNC_CONNECTED) == 1)
		return;
	sync_state(c->f->conf.sync, &s);
	if (s.connected)
		return;
	snprintf(age, sizeof(age), "%" PRId64,
	    (clock_mono() - s.agreed_mono) / CLOCK_SECOND);
	httpd_set_header(c->q, "Provost-View-Age", age);
}

void answer_buf(struct call *c, int status, struct buf *body)
{
	bool scim = str_starts(c->q->path, "/scim/");
	char *text;
	size_t len;

	call_close(c);
	if (body->failed) {
		buf_fini(body);
		answer_status(c, 400, "tooMany", "the answer is too large: "
		    "ask for less");
		return;
	}
	text = buf_take(body, &len);
	if (c->sink != NULL) {
		c->sink->answered(c, status, text);
		return;
	}
	note_age(c);
	if (stream_needed(c, text, len))
		stream_answer(c, status, SCIM_TYPE, text, len);
	else
		httpd_answer_take(c->q, status, scim ? SCIM_TYPE : JSON_TYPE,
		    text, len);
}

void answer_text(struct call *c, int status, const char *type,
    const char *text)
{
	call_close(c);
	httpd_answer(c->q, status, type, text, strlen(text));
}

void answer_problem(struct call *c, int status, const char *detail,
    const char *more)
{
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	problem(&b, status, detail);
	b.len -= b.len != 0;
	buf_printf(&b, ",%s", more + 1);
	if (b.failed)
		answer_status(c, status, "", detail);
	else
		answer_text(c, status, PROBLEM_TYPE, buf_str(&b));
	buf_fini(&b);
}

void answer_empty(struct call *c, int status)
{
	call_close(c);
	if (c->sink != NULL)
		c->sink->answered(c, status, NULL);
	else
		httpd_answer(c->q, status, NULL, "", 0);
}
