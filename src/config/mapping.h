/* SPDX-License-Identifier: ISC */
/*
 * mapping: reads conf/mapping.conf (libconfig syntax, described at its top)
 * into a sealed struct scim_map. Unknown settings, wrong types and words are
 * errors with file, line and path; a file that has one gives no map at all.
 */
#ifndef CONFIG_MAPPING_H
#define CONFIG_MAPPING_H

#include "base/err.h"

struct scim_map;

/* suffix: the directory's base DN. Free with scim_map_free. */
int mapping_read(const char *path, const char *suffix, struct scim_map **out,
	struct err *e);

#endif
