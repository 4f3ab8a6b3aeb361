/* SPDX-License-Identifier: ISC */
/* world_p: what world.c (the catalog) and world_people.c (people, requests,
 * receipts) share. */
#ifndef DIRECTORY_WORLD_P_H
#define DIRECTORY_WORLD_P_H

#include "base/map.h"
#include "directory/world.h"

enum known { ROLE, ENTERPRISE, COMPANY, ACCOUNT, GROUP_IDENTIFIER, TOOL,
	SERVICE, PERSON, KINDS };

struct world_view {
	struct arena *arena;		/* owned */
	struct view_read *read;
	bool owned;			/* read is */
	const struct overlay *over;	/* NULL: as it is */
	const struct scim_map *map;
	struct map *known[KINDS];	/* key -> value or &nothing;
					 * NULL: none yet */
	struct problems problems;
	struct world lookups;
	const struct rule *rules;
	size_t n_rules;
	bool rules_read;
	void *memo;
};

/* One walk over a kind of thing that belongs to something with this key. */
struct walking {
	const char *type, *name, *key;
	union {
		bool (*account)(void *arg, const struct account *x);
		bool (*service)(void *arg, const struct service *x);
		bool (*company)(void *arg, const struct company *x);
		bool (*tool)(void *arg, const struct tool *x);
		bool (*person)(void *arg, const struct person *x);
	} each;
	void *arg;
};

/* What is remembered of a kind under a key; false: nothing so far. *out NULL:
 * that there is no such thing. */
bool world_recall(struct world_view *w, enum known kind, const char *key,
	const void **out);
const void *world_remember(struct world_view *w, enum known kind,
	const char *key, void *value);

const struct scim_attr *world_attr(const struct scim_resource *r,
	const char *name);
const char *world_key(struct world_view *w, const char *type,
	const char *name, const char *value);
const struct entry *world_item(struct world_view *w, struct view_item *it);
/* What lies over an entry: *out, NULL when it is gone. False: nothing does. */
bool world_over_entry(struct world_view *w, const uint8_t uuid[16],
	const struct entry **out);
const struct entry *world_find_dn(struct world_view *w, int type,
	const char *dn);
void world_walk(struct world_view *w, const char *type, const char *name,
	const char *key, bool (*each)(struct world_view *w,
	const struct entry *e, void *arg), void *arg);
void world_contacts(void *ctx, bool (*each)(void *arg,
	const struct person *p), void *arg);

#endif
