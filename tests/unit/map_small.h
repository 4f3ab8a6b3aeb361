/* SPDX-License-Identifier: ISC */
/* map_small: a small sealed mapping for tests below config: each resource
 * type with its natural key and the few attributes that are looked up. */
#ifndef TESTS_MAP_SMALL_H
#define TESTS_MAP_SMALL_H

#include "codec/scim_map.h"

/* Free with scim_map_free. Ends the process when it can't be sealed. */
struct scim_map *map_small(const char *suffix);

#endif
