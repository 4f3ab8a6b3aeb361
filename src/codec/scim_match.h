/* SPDX-License-Identifier: ISC */
/*
 * scim_match: does an entry meet a bound filter? Compares as the directory
 * does (case rules by attribute), per element for value paths. The same
 * accessors serve sorting. Pure; scratch memory from a.
 */
#ifndef CODEC_SCIM_MATCH_H
#define CODEC_SCIM_MATCH_H

#include <stdbool.h>

#include "codec/scim_map.h"

bool scim_match(struct arena *a, const struct scim_resource *r,
	const struct entry *e, const struct filter *f,
	const struct scim_resolver *rs);
/* What an entry is sorted by (RFC 7644 3.4.2.3): the primary or first value,
 * as the directory compares it; strcmp orders numbers and times too. NULL:
 * it has none and goes last. */
char *scim_sort_key(struct arena *a, const struct scim_resource *r,
	const struct entry *e, const struct scim_attr *attr,
	const struct scim_attr *sub, const struct scim_resolver *rs);

#endif
