/* SPDX-License-Identifier: ISC */
/*
 * scim_projection: which attributes a client wants (RFC 7644 3.9). The public
 * part is in scim_render.h; this is what rendering asks of it.
 */
#ifndef CODEC_SCIM_PROJECTION_H
#define CODEC_SCIM_PROJECTION_H

#include "codec/scim_render.h"

/* Is the attribute or sub-attribute in it? p NULL: what is returned by
 * default. Never for what is never returned. */
bool scim_projection_has(const struct scim_projection *p,
	const struct scim_attr *at);

#endif
