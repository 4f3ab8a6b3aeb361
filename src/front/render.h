/* SPDX-License-Identifier: ISC */
/* render: one entry of the view as the JSON its reader gets, and its ETag. */
#ifndef FRONT_RENDER_H
#define FRONT_RENDER_H

#include "base/buf.h"
#include "codec/scim_render.h"
#include "front/call.h"

/* `attributes` and `excludedAttributes` of the request. 0, or it was
 * answered. */
int render_projection(struct call *c, struct scim_projection **out);
/* Append item; its entry must be filled. Scratch memory from a. */
int render_item(struct call *c, struct arena *a,
	const struct view_item *item, const struct scim_projection *p,
	struct buf *out, struct err *e);
/* An entry that is not in the view (yet). */
int render_entry(struct call *c, const struct entry *en,
	const struct scim_projection *p, struct buf *out, struct err *e);
void render_etag(struct call *c, const struct view_item *item, char out[32]);
/* Has such an answer a version? A group's holds its members: an answer without
 * them has none, since finding out would mean looking at each. */
bool render_has_etag(const struct call *c, const struct scim_projection *p);
/* Is etag among those of an If-Match or If-None-Match header (RFC 9110 13.1)?
 * Compared weakly, since all of ours are weak. */
bool render_etag_among(const char *header, const char *etag);

#endif
