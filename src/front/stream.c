/* SPDX-License-Identifier: ISC */
#include "front/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/scim_render.h"

#define PIECE ((size_t)32 << 10)	/* about so much with one snapshot */
#define PIECE_MAX ((size_t)16 << 20)	/* with the last member's name */

struct stream {
	struct view *view;
	const struct scim_map *map;
	struct arena *a;		/* owned; of one piece */
	char *base_url;			/* owned */
	char *text;			/* owned */
	size_t len, off;
	struct scim_hole hole;		/* the next one, from off on */
	bool holes;			/* there is one */
	struct view_pos after;		/* the last member that was sent */
	bool begun;			/* ... of this hole */
	const char *p;			/* what is being sent */
	size_t n;
	struct buf piece;
};

static void next_hole(struct stream *s)
{
	s->holes = scim_render_hole(s->text + s->off, s->len - s->off,
	    &s->hole);
	s->begun = false;
}

static void put_member(struct stream *s, const struct scim_resource *people,
    struct view_item *item)
{
	char id[37];

	if (s->begun)
		buf_putc(&s->piece, ',');
	view_item_entry(s->a, item);
	str_uuid_text(item->uuid, id);
	scim_render_member(s->map, s->hole.type, s->base_url, id,
	    scim_map_display(s->a, people, &item->entry), &s->piece);
	s->after.created = item->created;
	memcpy(s->after.uuid, item->uuid, 16);
	s->begun = true;
	arena_reset(s->a);
}

static int read_members(struct stream *s, struct view_read *read)
{
	const struct scim_resource *people;
	const struct scim_attr *at = resolver_member_of(s->map, &people);
	struct view_item item;
	struct view_iter *it;
	bool more = true;
	int rc = view_iter_key(read, people->type, at->index, scim_key(s->a,
	    at, s->hole.key), false, s->begun ? &s->after : NULL, &it, NULL);

	if (rc != 0)
		return rc;
	while (s->piece.len < PIECE && (more = view_iter_next(it, &item)))
		put_member(s, people, &item);
	view_iter_free(it);
	if (!more) {
		s->off += s->hole.len;
		next_hole(s);
	}
	return s->piece.failed ? ERR_LIMIT : 0;
}

static int more_members(struct stream *s)
{
	struct view_read *read;
	int rc = view_read_begin(s->view, &read, NULL);

	if (rc != 0)
		return rc;
	buf_reset(&s->piece);
	rc = read_members(s, read);
	view_read_end(read);
	s->p = buf_str(&s->piece);
	s->n = s->piece.len;
	return rc;
}

static void more_text(struct stream *s, size_t n)
{
	s->p = s->text + s->off;
	s->n = n;
	s->off += n;
	s->hole.at -= s->holes ? n : 0;
}

static ssize_t stream_read(void *ctx, char *out, size_t max)
{
	struct stream *s = ctx;

	while (s->n == 0) {
		if (!s->holes && s->off == s->len)
			return 0;
		if (s->holes && s->hole.at == 0) {
			if (more_members(s) != 0)
				return -1;
		} else {
			more_text(s, s->holes ? s->hole.at : s->len - s->off);
		}
	}
	if (max > s->n)
		max = s->n;
	memcpy(out, s->p, max);
	s->p += max;
	s->n -= max;
	return (ssize_t)max;
}

static void stream_free(void *ctx)
{
	struct stream *s = ctx;

	arena_free(s->a);
	buf_fini(&s->piece);
	free(s->base_url);
	free(s->text);
	free(s);
}

bool stream_needed(const struct call *c, const char *text, size_t len)
{
	return c->resource != NULL && c->resource->members != NULL &&
	    memchr(text, 1, len) != NULL;
}

void stream_answer(struct call *c, int status, const char *type, char *text,
    size_t len)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct httpd_stream source = { .read = stream_read,
	    .free = stream_free, .ctx = s };

	if (s == NULL || (s->base_url = strdup(c->rs.base_url)) == NULL)
		abort();
	s->view = c->f->conf.view;
	s->map = c->f->conf.map;
	s->a = arena_new();
	s->text = text;
	s->len = len;
	buf_init(&s->piece, PIECE_MAX);
	next_hole(s);
	httpd_answer_stream(c->q, status, type, &source);
}
