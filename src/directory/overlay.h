/* SPDX-License-Identifier: ISC */
/*
 * overlay: entries as they would be, laid over a world (directory/world): what
 * a plan would leave behind is computed with the very same pure floors. Made
 * once, then only read, by any thread. Borrows the entries.
 */
#ifndef DIRECTORY_OVERLAY_H
#define DIRECTORY_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/scim_map.h"
#include "model/entry.h"

struct arena;
struct overlay;

struct overlaid {
	uint8_t uuid[16];		/* of a new one: made up, see below */
	int type;			/* resource type, 0 none */
	const char *dn;			/* normal form */
	const char *key;		/* natural key's index key, "" none */
	const struct entry *want;	/* NULL: gone */
};

struct overlay *overlay_new(struct arena *a, const struct scim_map *m);
/* old NULL: it is new; want NULL: it goes. */
void overlay_add(struct arena *a, struct overlay *o, const struct entry *old,
	const struct entry *want);
/* NULL: it is as the view has it. */
const struct overlaid *overlay_get(const struct overlay *o,
	const uint8_t uuid[16]);
/* All of them; *i begins at 0. NULL at the end. */
const struct overlaid *overlay_next(const struct overlay *o, size_t *i);
/* The uuid by which a new entry of this DN is known here. */
void overlay_uuid(struct arena *a, const char *dn, uint8_t uuid[16]);

#endif
