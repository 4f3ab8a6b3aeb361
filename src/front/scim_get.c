/* SPDX-License-Identifier: ISC */
#include "base/arena.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/render.h"
#include "front/sight.h"
#include "front/worker.h"

static void not_found(struct call *c)
{
	answer_status(c, 404, "", arena_printf(c->a, "there is no %s with "
	    "this id", c->resource->name));
}

static void get_now(struct call *c)
{
	const char *known = call_header(c, "If-None-Match");
	struct scim_projection *p;
	struct view_item item;
	struct buf out;
	struct err e = { 0 };
	uint8_t uuid[16];
	char etag[32];

	if (render_projection(c, &p) != 0 || call_open(c) != 0)
		return;
	if (!str_uuid(c->id, uuid) || view_get(c->read, uuid, &item) != 0 ||
	    item.type != c->resource->type) {
		not_found(c);
		return;
	}
	view_item_entry(c->a, &item);
	if (c->bounded) {
		if (!sight_item(c, c->a, c->resource, &item)) {
			not_found(c);
			return;
		}
		sight_render(c, c->a, &item);
	}
	if (render_has_etag(c, p)) {
		render_etag(c, &item, etag);
		answer_header(c, "ETag", etag);
		if (known != NULL && render_etag_among(known, etag)) {
			answer_empty(c, 304);
			return;
		}
	}
	buf_init(&out, ANSWER_MAX);
	if (render_item(c, c->a, &item, p, &out, &e) == 0) {
		answer_buf(c, 200, &out);
	} else {
		buf_fini(&out);
		answer_error(c, &e);
	}
}

/* Which members a person sees is asked for each of them. */
void scim_get(struct call *c)
{
	if (c->person != NULL && c->resource->members != NULL)
		worker_submit(c->f->worker, c, get_now);
	else
		get_now(c);
}
