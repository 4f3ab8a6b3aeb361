/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/session.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/ignored.h"
#include "front/lanes.h"
#include "front/members.h"
#include "front/render.h"
#include "front/sight.h"
#include "front/worker.h"
#include "front/write.h"
#include "front/write_request.h"

#define TRIES 5			/* when somebody else wrote in between */
#define NEWER_WAIT CLOCK_SECOND	/* for their entry to arrive */
#define LARGE ((size_t)128 << 10)	/* a body for a worker */

static void go(struct write *w);

/* --- answering ---------------------------------------------------------------- */

/* Spliced in before the last brace. */
static void put_member(struct buf *out, const char *name,
    const struct json *value)
{
	if (value == NULL || out->len == 0)
		return;
	out->len--;
	buf_putc(out, ',');
	json_text(out, name);
	buf_putc(out, ':');
	json_write(out, value);
	buf_putc(out, '}');
}

/* The token, shown this once. */
static void put_secret(const struct write *w, struct buf *out)
{
	if (w->secret == NULL || out->len == 0)
		return;
	put_member(out, w->secret_name, json_new_str(w->c->a, w->secret));
	if (w->c->sink != NULL)
		w->c->sink->once = true;
}

/* Only what a person sees after what they did, if anything. */
static bool is_seen(struct call *c, struct view_item *item)
{
	if (!c->bounded)
		return true;
	if (!sight_item(c, c->a, c->resource, item))
		return false;
	sight_render(c, c->a, item);
	return true;
}

/* From the view; or, when that was slower than we may wait, as it was written
 * (rule 4: it is done all the same). Nothing: it isn't seen any more. */
static int render_result(struct write *w, const uint8_t uuid[16],
    const struct writer_result *r, const struct scim_projection *p,
    struct buf *out, struct err *e)
{
	struct call *c = w->c;
	struct view_item item;
	char etag[32];

	if ((r == NULL || r->in_view) &&
	    view_get(c->read, uuid, &item) == 0) {
		view_item_entry(c->a, &item);
		if (!is_seen(c, &item))
			return 0;
		if (render_has_etag(c, p)) {
			render_etag(c, &item, etag);
			answer_header(c, "ETag", etag);
		}
		return render_item(c, c->a, &item, p, out, e);
	}
	memcpy(w->want->uuid, uuid, 16);
	if (w->old != NULL) {
		w->want->dn = w->old->dn;
		w->want->created = w->old->created;
	}
	if (r != NULL && r->created != 0)
		w->want->created = r->created;
	if (r != NULL)
		w->want->modified = r->modified;
	item = (struct view_item){ .entry = *w->want };
	return !is_seen(c, &item) ? 0 : render_entry(c, &item.entry, p, out,
	    e);
}

static void set_location(struct write *w, const char *id)
{
	struct call *c = w->c;

	answer_header(c, "Location", arena_printf(c->a, "%s%s/%s",
	    c->rs.base_url, c->resource->endpoint, id));
}

static void answer_written(struct write *w, const uint8_t uuid[16],
    const struct writer_result *r)
{
	struct call *c = w->c;
	struct scim_projection *p;
	struct err e = { 0 };
	struct buf out;
	char id[37];

	ignored_note(c->f->ignored, c->client.title, c->resource->name,
	    &w->ignored);
	if (render_projection(c, &p) != 0)
		return;
	/* Who took away what they asked with doesn't see it either. */
	if (call_view(c, &e) == ERR_DENIED) {
		answer_empty(c, 204);
		return;
	}
	if (e.code != 0) {
		answer_error(c, &e);
		return;
	}
	str_uuid_text(uuid, id);
	set_location(w, id);
	buf_init(&out, ANSWER_MAX);
	if (render_result(w, uuid, r, p, &out, &e) != 0) {
		buf_fini(&out);
		answer_error(c, &e);
		return;
	}
	if (out.len == 0) {
		buf_fini(&out);
		answer_empty(c, w->kind == WRITE_POST ? 201 : 204);
		return;
	}
	put_secret(w, &out);
	put_member(&out, w->also_name, w->also);
	answer_buf(c, w->kind == WRITE_POST ? 201 : 200, &out);
}

/* --- writing -------------------------------------------------------------------- */

static void again(void *arg, enum view_wait_end how)
{
	struct write *w = arg;

	(void)how;
	w->placed = false;
	go(w);
}

/* The entry has another CSN than the view had. Any later one sorts behind
 * this one with a character more. */
static void wait_for_newer(struct write *w)
{
	struct call *c = w->c;
	const char *csn = arena_printf(c->a, "%s~", w->old->csn);

	view_wait(c->f->conf.view, w->uuid, csn, clock_mono() + NEWER_WAIT,
	    again, w);
}

/* What is left of a write when it has been answered. */
struct left {
	struct lanes *lanes;		/* NULL: it was in none */
	uint8_t uuid[16];
};

static struct left take_left(const struct write *w)
{
	struct left l = { .lanes = w->in_lane ? w->c->f->lanes : NULL };

	memcpy(l.uuid, w->lane, 16);
	return l;
}

static struct write *leave(const struct left *l)
{
	return l->lanes != NULL ? lanes_leave(l->lanes, l->uuid) : NULL;
}

/* RFC 7644 3.5.2: 204 for members, unless it is said what to show. */
static bool is_quiet(const struct write *w)
{
	const char *only = call_arg(w->c, "attributes");
	const char *not = call_arg(w->c, "excludedAttributes");

	return w->kind == WRITE_DELETE || (w->kind == WRITE_PATCH &&
	    w->said != NULL && (only == NULL || *only == '\0') &&
	    (not == NULL || *not == '\0'));
}

static void answer_done(struct write *w)
{
	if (w->then != NULL)
		w->then(w);
	else if (is_quiet(w))
		answer_empty(w->c, 204);
	else
		answer_written(w, w->kind == WRITE_POST ? w->result.uuid :
		    w->uuid, w->written ? &w->result : NULL);
}

/* All is written, or e says what stopped it. */
static void end(struct write *w, const struct err *e)
{
	struct left l = take_left(w);

	/* Nobody knows what became of what was not answered. */
	if (e->code != 0 && e->code != ERR_TIMEOUT)
		gate_unwritten(w);
	if (e->code == 0)
		answer_done(w);
	else
		answer_error(w->c, e);
	go(leave(&l));
}

/* The group is there, whatever became of its members. */
static void members_made(struct write *w, const struct err *e)
{
	char id[37];

	if (e->code != 0 && w->kind == WRITE_POST) {
		str_uuid_text(w->result.uuid, id);
		set_location(w, id);
	}
	end(w, e);
}

/* IdPs that know the password send it with every PUT; ppolicy refuses one that
 * is not new, and nobody but the directory can tell (slapd 2.5's words). */
static bool is_same_password(const struct write *w,
    const struct writer_result *r)
{
	return w->new_password && r->code == ERR_INVALID &&
	    strstr(r->err.text, "not being changed from existing") != NULL;
}

static void go_on(struct write *w)
{
	const struct err good = { 0 };

	if (w->kind != WRITE_DELETE && w->n_memberships > 0)
		members_write(w, members_made);
	else
		end(w, &good);
}

static void ended(void *arg, const struct writer_result *r)
{
	struct write *w = arg;
	struct err e = { 0 };

	if (r->code == 0) {
		w->result = *r;
		go_on(w);
		return;
	}
	err_set(&e, ERR_BUSY, "the password is changed, but sessions that "
	    "began meanwhile with the old one could not be ended: set another "
	    "one (%s)", r->err.text);
	end(w, &e);
}

/* The old password was good until the new one was written: who signed in with
 * it while the change was under way is out only by a time after that. */
static void end_sessions(struct write *w)
{
	struct arena *a = w->c->a;
	struct change *c = change_new(a, CHANGE_MODIFY, w->change->dn);
	int64_t now = clock_now();

	c->act_as = w->change->act_as;
	session_end(a, c, now, session_begin(w->old, now));
	writer_submit(w->c->f->conf.writer, c, w->uuid, true, ended, w);
}

static void done(void *arg, const struct writer_result *r)
{
	struct write *w = arg;

	if (is_same_password(w, r)) {
		w->same_password = true;
		go(w);
		return;
	}
	if (r->code == ERR_CONFLICT && w->old != NULL && ++w->tries < TRIES) {
		wait_for_newer(w);
		return;
	}
	w->result = *r;
	w->written = r->code == 0;
	if (r->code != 0)
		end(w, &r->err);
	else if (w->ends_sessions)
		end_sessions(w);
	else
		go_on(w);
}

static void write_own(struct write *w, const struct err *e)
{
	if (e->code != 0)
		end(w, e);
	else
		writer_submit(w->c->f->conf.writer, w->change,
		    w->old != NULL ? w->uuid : NULL, true, done, w);
}

static void refuse(struct write *w, const struct err *e)
{
	gate_return(w->c, &w->gate, NULL, 0);
	if (w->twin != NULL)
		answer_header(w->c, "Location", w->twin);
	if (w->stale)
		answer_status(w->c, 412, "", e->text);
	else
		answer_error(w->c, e);
}

/* Of a plan: the same, as far as here. */
static void hand_over_plan(struct write *w)
{
	struct call *c = w->c;
	struct err e = { 0 };

	if (c->sink->plan(c->sink, w, &e) != 0)
		answer_error(c, &e);
	else
		answer_empty(c, 204);
}

/* Once more from the start if the view has something newer by then. True: it
 * is under way; false: it was answered. */
static bool attempt(struct write *w)
{
	struct call *c = w->c;
	struct err e = { 0 };
	bool own;

	if (call_view(c, &e) != 0) {
		refuse(w, &e);
		return false;
	}
	if (write_prepare(w, &e) != 0) {
		refuse(w, &e);
		return false;
	}
	if (call_plans(c)) {
		hand_over_plan(w);
		return false;
	}
	call_close(c);
	own = w->change->kind != CHANGE_MODIFY || w->change->n > 0;
	if (!own && w->n_memberships == 0) {
		answer_done(w);
		return false;
	}
	/* A group goes last, else who is in it would be in nothing. */
	if (w->n_memberships > 0 && (!own || w->kind == WRITE_DELETE))
		members_write(w, own ? write_own : end);
	else
		write_own(w, &e);
	return true;
}

static void on_worker(struct call *c)
{
	struct write *w = c->work;

	w->placed = true;
	go(w);
}

/* What looks at many people does so on a worker, if one is to be had. */
static bool hand_over(struct write *w)
{
	if (w->placed || !members_heavy(w))
		return false;
	w->c->work = w;
	return worker_take(w->c->f->worker, w->c, on_worker);
}

/* w, and whoever waits behind it. */
static void go(struct write *w)
{
	while (w != NULL) {
		struct left l = take_left(w);

		if (hand_over(w) || attempt(w))
			return;
		w = leave(&l);
	}
}

/* The key of the first unique attribute that is no RDN. */
static const char *unique_key(const struct call *c)
{
	const struct scim_resource *r = c->resource;
	const struct scim_schema *s = &r->schema[0];
	const char *v;
	size_t i;

	for (i = 0; i < s->n && *r->natural_key == '\0'; i++) {
		v = s->attr[i].unique == SU_NONE ? NULL :
		    json_member_str(c->body, s->attr[i].name);
		if (v != NULL)
			return scim_key(c->a, &s->attr[i], v);
	}
	return NULL;
}

/* Twins that come at the same time go one after the other: the view can't
 * show what is not written yet, and of externalIds and most names the
 * directory has no rule. False: it has no twin. */
static bool twins_lane(const struct call *c, uint8_t lane[16])
{
	const char *id = json_member_str(c->body, "externalId");
	const char *key = id != NULL ? scim_external_key(c->a,
	    c->client.owner, id) : unique_key(c);
	uint8_t hash[32];

	if (key == NULL)
		return false;
	key = arena_printf(c->a, "%s\n%d\n%s", c->resource->name, id != NULL,
	    key);
	hash_sha256(key, strlen(key), hash);
	memcpy(lane, hash, 16);
	return true;
}

void write_start(struct write *w)
{
	struct call *c = w->c;
	struct err e = { 0 };

	if (members_read(w, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if (call_plans(c)) {
		w->in_lane = false;	/* it writes nothing */
	} else if (w->kind == WRITE_POST) {
		w->in_lane = twins_lane(c, w->lane) ||
		    write_request_lane(c, w->lane);
	} else {
		w->in_lane = str_uuid(c->id, w->uuid);
		memcpy(w->lane, w->uuid, 16);
	}
	if (!w->in_lane || lanes_enter(c->f->lanes, w->lane, w))
		go(w);
}

static void start(struct call *c, enum write_kind kind)
{
	struct write *w = arena_alloc(c->a, sizeof(*w));

	w->c = c;
	w->kind = kind;
	write_start(w);
}

/* Names of attributes that can't be returned are refused before anything is
 * written. A body that was parsed already is taken as it is. */
static void begin(struct call *c, enum write_kind kind)
{
	struct scim_projection *p;

	if ((c->body != NULL || call_body(c) == 0) &&
	    render_projection(c, &p) == 0)
		start(c, kind);
}

static void post_now(struct call *c)
{
	begin(c, WRITE_POST);
}

static void put_now(struct call *c)
{
	begin(c, WRITE_PUT);
}

static void patch_now(struct call *c)
{
	begin(c, WRITE_PATCH);
}

/* Parsing thousands of members takes a while too. */
static void by_size(struct call *c, void (*now)(struct call *c))
{
	if (c->body == NULL && c->q->body_len > LARGE)
		worker_submit(c->f->worker, c, now);
	else
		now(c);
}

void scim_post(struct call *c)
{
	by_size(c, post_now);
}

void scim_put(struct call *c)
{
	by_size(c, put_now);
}

void scim_patch(struct call *c)
{
	by_size(c, patch_now);
}

static void delete_now(struct call *c)
{
	start(c, WRITE_DELETE);
}

/* Looking for references may mean looking at everybody. */
void scim_delete(struct call *c)
{
	worker_submit(c->f->worker, c, delete_now);
}
