/* SPDX-License-Identifier: ISC */
/*
 * resolver: what the codec asks of the view (struct scim_resolver) over one
 * read transaction: ids, DNs, keys, names, counts, members. Counts compute the
 * person's rights; the world they need is opened at the first question and
 * kept for the life of the resolver. One thread at a time.
 */
#ifndef FRONT_RESOLVER_H
#define FRONT_RESOLVER_H

#include "codec/scim_map.h"
#include "directory/world.h"
#include "store/view.h"

struct resolver {
	const struct scim_map *map;
	struct view *view;
	struct view_read *read;
	struct world_view *world;	/* NULL: not needed so far */
	struct arena *scratch;		/* of counts, emptied each time */
	uint8_t counted[16];		/* whose counts these are */
	int64_t count[3];		/* accounts, groups, tools */
	bool provider;			/* the caller grants restricted tools */
};

/* Fills r and the functions and ctx of rs; base_url and owner are the
 * caller's to set. */
void resolver_init(struct resolver *r, struct scim_resolver *rs,
	const struct scim_map *m, struct view *v, struct view_read *read);
void resolver_fini(struct resolver *r);
/* A person by id, user name or provostPersonId; ERR_NOT_FOUND. */
int resolver_person(struct resolver *r, struct arena *a, const char *name,
	uint8_t uuid[16], struct err *e);

#endif
