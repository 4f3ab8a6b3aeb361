/* SPDX-License-Identifier: ISC */
/*
 * scim_filter: text -> model/filter tree: the whole grammar of RFC 7644
 * 3.4.2.2, PATCH paths (3.5.2), attribute names and lists (3.9, 3.10).
 * Recursive descent with limits checked while parsing: 16,384 bytes, 32
 * levels, 64 terms. Leniency that clients need (SCIM-CLIENTS.md): operators
 * and names in any case, an unquoted value after eq.
 */
#ifndef CODEC_SCIM_FILTER_H
#define CODEC_SCIM_FILTER_H

#include "base/err.h"
#include "model/filter.h"

struct arena;
struct buf;
struct scim_resource;

/* kind invalidFilter; the text names the column. */
int scim_filter_parse(struct arena *a, const char *text, struct filter **out,
	struct err *e);
/* kind invalidPath. "attr", "attr.sub", "urn:..:attr", "attr[filter].sub" */
int scim_path_parse(struct arena *a, const char *text, struct scim_path *out,
	struct err *e);
/* Resolve every name against r and fill attr, sub, index and key. Unknown or
 * never-returned attributes: ERR_INVALID, invalidFilter. */
struct scim_map;
struct scim_resolver;
int scim_filter_bind(struct arena *a, struct filter *f,
	const struct scim_resource *r, const struct scim_resolver *rs,
	struct err *e);
/* The same for a query over several types (RFC 7644 3.4.2.1): what another
 * type of m has and r has not is an attribute without a value. */
int scim_filter_bind_any(struct arena *a, struct filter *f,
	const struct scim_map *m, const struct scim_resource *r,
	const struct scim_resolver *rs, struct err *e);
/* Canonical text; parsing it again gives the same tree. */
void scim_filter_print(struct buf *out, const struct filter *f);

#endif
