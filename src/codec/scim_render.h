/* SPDX-License-Identifier: ISC */
/*
 * scim_render: entry -> SCIM JSON. A rendering holds only what the entry
 * itself says; where it names something else (a manager's id, a group's
 * display name, the base URL, counts, members) it has a splice: a hole with a
 * key, filled at reading time. The view stores rendering and splices; a GET is
 * one look-up and one fill. Thread rule: pure functions.
 */
#ifndef CODEC_SCIM_RENDER_H
#define CODEC_SCIM_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "codec/scim_map.h"

/* attributes / excludedAttributes (RFC 7644 3.9), bound to a type. */
struct scim_projection;

int scim_projection_parse(struct arena *a, const struct scim_resource *r,
	const char *attributes, const char *excluded,
	struct scim_projection **out, struct err *e);	/* NULL: everything */
/* Would this attribute be returned? For excludedAttributes=members. */
bool scim_projection_wants(const struct scim_projection *p,
	const struct scim_attr *attr);

/* Append one stored rendering: JSON with its splices in a compact form that
 * only scim_render_fill reads. version: meta.version's weak ETag is computed
 * from the representation. p NULL: everything by default. */
void scim_render(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r, const struct entry *e,
	const struct scim_projection *p, struct buf *out);
/* Stored rendering -> the JSON a client gets, appended to out. */
int scim_render_fill(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r, const struct entry *e,
	const char *stored, size_t len, const struct scim_resolver *rs,
	struct buf *out, struct err *e_out);
/* The ETag, W/"...", of a stored rendering; out 32 bytes. For a resource type
 * with members (r->members) it must hold them as well: scim_render_etag. */
void scim_render_version(const char *stored, size_t len, char out[32]);
/* meta.version as scim_render_fill writes it: the stored version and, where
 * there are members, their order-independent hash. */
void scim_render_etag(struct arena *a, const struct scim_resource *r,
	const struct entry *e, const char *stored, size_t len,
	const struct scim_resolver *rs, char out[32]);

/* One member's part of that hash. */
uint64_t scim_render_hash(const char *member_id);

/* Where scim_render_fill left the members of a group out, since there are many
 * (struct scim_resolver): the first such place in a text. What is to stand
 * there instead are members, each appended by scim_render_member. */
struct scim_hole {
	size_t at, len;			/* of it, in the text */
	const char *type, *key;		/* of members; the group's; borrowed */
};
bool scim_render_hole(const char *text, size_t len, struct scim_hole *out);
void scim_render_member(const struct scim_map *m, const char *type,
	const char *base_url, const char *id, const char *display,
	struct buf *out);

/* ServiceProviderConfig, ResourceTypes, Schemas (RFC 7643 5-7), from the map;
 * name NULL: the ListResponse, else one by id (ERR_NOT_FOUND). */
int scim_doc_resource_types(const struct scim_map *m, const char *name,
	const char *base_url, struct buf *out, struct err *e);
int scim_doc_schemas(const struct scim_map *m, const char *urn,
	const char *base_url, struct buf *out, struct err *e);

#endif
