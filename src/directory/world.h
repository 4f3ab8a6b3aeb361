/* SPDX-License-Identifier: ISC */
/*
 * world: typed values out of the view for the pure floors: a struct world
 * (model/catalog.h) over one read transaction, people, requests and receipts.
 * Look-ups are remembered for the life of the world. One thread; borrowed
 * values live until world_close.
 */
#ifndef DIRECTORY_WORLD_H
#define DIRECTORY_WORLD_H

#include "codec/scim_map.h"
#include "model/catalog.h"
#include "model/request.h"
#include "store/view.h"

struct overlay;
struct world_view;

int world_open(struct view *v, const struct scim_map *m,
	struct world_view **out, struct err *e);
/* Over a transaction of somebody else's, which outlives the world. */
struct world_view *world_over(struct view_read *r, const struct scim_map *m);
void world_close(struct world_view *w);
/* Before the first look-up: the world as it would be with these entries.
 * Borrowed; NULL: as it is. */
void world_overlay(struct world_view *w, const struct overlay *o);
const struct world *world_lookups(struct world_view *w);
struct view_read *world_read(struct world_view *w);
struct arena *world_arena(struct world_view *w);

/* NULL: there is no such entry. Problems met are collected in the world. */
const struct person *world_person(struct world_view *w,
	const uint8_t uuid[16]);
/* dn "": nobody. */
const struct person *world_person_dn(struct world_view *w, const char *dn);
/* Any entry, as the view has it. */
const struct entry *world_entry(struct world_view *w,
	const uint8_t uuid[16]);
const struct request *world_request(struct world_view *w,
	const uint8_t uuid[16]);
/* The receipts entry of a person (RDN the person's entryUUID): its values and
 * the entry itself (for the modify). n 0: none. */
struct receipts {
	const struct entry *entry;	/* NULL none */
	struct receipt *v;
	size_t n;
};
struct receipts world_receipts(struct world_view *w, const char *person_id);
const struct problems *world_problems(struct world_view *w);

/* The entries of a resource type whose attribute has this value, newest first
 * or, where it is not indexed, all of them: look again. Those that lie over the
 * view come first, whatever they have. NULL: there are none. */
struct world_iter;
struct world_iter *world_having(struct world_view *w, const char *type,
	const char *attr, const char *value);
/* False at the end. created: of an entry that is not there yet, now. */
bool world_next(struct world_iter *it, uint8_t uuid[16], int64_t *created);
void world_iter_free(struct world_iter *it);	/* NULL allowed */
/* A place for what one module above remembers in the arena; NULL at first. */
void **world_memo(struct world_view *w);

#endif
