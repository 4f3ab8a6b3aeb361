/* SPDX-License-Identifier: ISC */
#include "front/changes.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/changes_p.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/worker.h"
#include "model/dn.h"
#include "store/journal_line.h"

#define COUNT 100		/* changes of a page, unless it says more */
#define COUNT_MAX 1000
#define PAGE_MAX ((size_t)8 << 20)	/* bytes of one */
#define LOOK_MAX ((size_t)32 << 20)	/* bytes looked through for one */

/* --- a line -------------------------------------------------------------- */

static const char *normal_dn(struct arena *a, const struct journal_line *l)
{
	struct json *j;
	const char *text;

	if (l->dn_len == 0)
		return "";
	text = arena_printf(a, "[%.*s]", (int)l->dn_len, l->dn);
	if (json_parse(a, text, l->dn_len + 2, &j, NULL) != 0 ||
	    j->child == NULL || j->child->kind != JSON_IS_STRING)
		return "";
	text = dn_normal(a, j->child->s, NULL);
	return text != NULL ? text : "";
}

static const struct scim_resource *type_of(const struct scim_map *m,
    const char *dn)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (dn_child(dn, m->resource[i].container_norm))
			return &m->resource[i];
	return NULL;
}

/* Their own entry, or their receipts. */
static bool is_users(struct arena *a, const char *user,
    const struct journal_line *l, const char *dn)
{
	return str_eq(l->uuid, user) || str_starts(dn, arena_printf(a,
	    "provostpersonuuid=%s,", user));
}

bool changes_put(struct buf *out, const struct scim_map *m, struct arena *a,
    const struct changes_query *q, const char *line, size_t n)
{
	const struct scim_resource *r;
	struct journal_line l;
	const char *dn;

	arena_reset(a);
	if (!journal_line_parse(line, n, &l))
		return false;
	dn = normal_dn(a, &l);
	r = type_of(m, dn);
	if ((q->type != NULL && q->type != r) || (*q->batch != '\0' &&
	    !str_eq(q->batch, l.batch)) || (*q->user != '\0' &&
	    !is_users(a, q->user, &l, dn)))
		return false;
	buf_put(out, line, n - 1);
	if (r != NULL)
		buf_printf(out, ",\"type\":\"%s\"", r->name);
	if (l.uuid[0] != '\0')
		buf_printf(out, ",\"id\":\"%s\"", l.uuid);
	buf_putc(out, '}');
	return true;
}

/* --- arguments ----------------------------------------------------------- */

static int bad(struct call *c, const char *text)
{
	answer_status(c, 400, "", text);
	return -1;
}

/* A stream that was cut goes on where it was (Last-Event-ID). */
static int read_since(struct call *c, struct changes_query *q, bool stream)
{
	const char *s = stream ? call_header(c, "Last-Event-ID") : NULL;
	struct journal *j = c->f->conf.journal;
	uint64_t last = journal_last(j), oldest;
	int64_t v;

	if (s == NULL)
		s = call_arg(c, "since");
	if (s != NULL) {
		if (!str_int(s, &v) || v < 0)
			return bad(c, "since and Last-Event-ID: a number of a "
			    "change is needed");
		q->since = (uint64_t)v;
		return q->since <= last ? 0 : bad(c, arena_printf(c->a,
		    "since: the newest change has the number %" PRIu64, last));
	}
	q->since = last;
	if (!stream && journal_oldest(journal_dir(j), &oldest, NULL) == 0)
		q->since = oldest > 0 ? oldest - 1 : 0;
	return 0;
}

static int read_count(struct call *c, struct changes_query *q)
{
	const char *s = call_arg(c, "count");
	int64_t v = COUNT;

	if (s != NULL && (!str_int(s, &v) || v < 1))
		return bad(c, "count: a number from 1 to 1000 is needed");
	q->count = v < COUNT_MAX ? (size_t)v : COUNT_MAX;
	return 0;
}

static int read_query(struct call *c, struct changes_query *q, bool stream)
{
	const char *user = call_arg(c, "user"), *type = call_arg(c, "type");
	uint8_t uuid[16];

	q->batch = call_arg(c, "batch");
	if (q->batch == NULL)
		q->batch = "";
	if (user != NULL && !str_uuid(user, uuid))
		return bad(c, "user: the id of a user is needed");
	if (user != NULL)
		str_uuid_text(uuid, q->user);
	if (type != NULL && (q->type = scim_map_name(c->f->conf.map, type)) ==
	    NULL)
		return bad(c, "type: there is no such resource type; "
		    "/scim/v2/ResourceTypes lists them");
	return read_count(c, q) != 0 || read_since(c, q, stream) != 0 ? -1 :
	    0;
}

/* --- a page -------------------------------------------------------------- */

static int read_page(struct call *c, const struct changes_query *q,
    struct journal_cursor *cursor, uint64_t last, struct buf *out,
    struct err *e)
{
	struct arena *a = arena_new();
	size_t n, looked = 0, count = 0;
	const char *line;
	int rc = 0;

	while (rc == 0 && count < q->count && looked < LOOK_MAX &&
	    out->len < PAGE_MAX) {
		size_t mark = out->len;

		rc = journal_cursor_next(cursor, last, &line, &n, e);
		if (rc != 0)
			break;
		looked += n;
		if (count > 0)
			buf_putc(out, ',');
		if (changes_put(out, c->f->conf.map, a, q, line, n))
			count++;
		else
			out->len = mark;
	}
	arena_free(a);
	/* What was read before a damaged line is good. */
	return rc == ERR_NOT_FOUND || (rc == ERR_CORRUPT && count > 0) ? 0 :
	    rc;
}

static void page(struct call *c, const struct changes_query *q,
    struct journal_cursor *cursor)
{
	uint64_t last = journal_last(c->f->conf.journal), at;
	struct err e = { 0 };
	struct buf out;

	buf_init(&out, ANSWER_MAX);
	buf_puts(&out, "{\"changes\":[");
	if (read_page(c, q, cursor, last, &out, &e) != 0) {
		buf_fini(&out);
		answer_error(c, &e);
		return;
	}
	at = journal_cursor_at(cursor);
	buf_printf(&out, "],\"next\":%" PRIu64 ",\"last\":%" PRIu64
	    ",\"more\":%s}", at, last, at < last ? "true" : "false");
	answer_buf(c, 200, &out);
}

/* --- the handler --------------------------------------------------------- */

static bool wants_stream(const struct call *c)
{
	const char *accept = call_header(c, "Accept");

	return accept != NULL && strcasestr(accept, "text/event-stream") !=
	    NULL;
}

static void changes_now(struct call *c)
{
	struct changes_query q = { 0 };
	struct journal_cursor *cursor;
	bool stream = wants_stream(c);
	struct err e = { 0 };
	uint64_t oldest;
	int rc;

	if (read_query(c, &q, stream) != 0)
		return;
	rc = journal_cursor_open(journal_dir(c->f->conf.journal), q.since,
	    &cursor, &oldest, &e);
	if (rc == ERR_NOT_FOUND) {
		answer_status(c, 410, "", e.text);
	} else if (rc != 0) {
		answer_error(c, &e);
	} else if (stream) {
		changes_stream(c, &q, cursor);
	} else {
		page(c, &q, cursor);
		journal_cursor_close(cursor);
	}
}

void changes_get(struct call *c)
{
	if (c->f->changes == NULL) {
		answer_status(c, 503, "", "there is no journal");
		return;
	}
	if (!call_staff(c))
		return;
	call_close(c);
	worker_submit(c->f->worker, c, changes_now);
}
