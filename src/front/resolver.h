/* SPDX-License-Identifier: ISC */
/*
 * resolver: what the codec asks of the view (struct scim_resolver) over one
 * read transaction: ids, DNs, keys, names, counts, members. Counts compute the
 * person's rights; the world they need is opened at the first question and
 * kept for the life of the resolver, and so is what a person is a member of.
 * One thread at a time.
 */
#ifndef FRONT_RESOLVER_H
#define FRONT_RESOLVER_H

#include "codec/scim_map.h"
#include "core/actor.h"
#include "directory/world.h"
#include "store/view.h"

struct resolver {
	const struct scim_map *map;
	struct view_read *read;
	struct world_view *world;	/* NULL: not needed so far */
	const struct overlay *over;	/* laid over it; NULL: nothing */
	struct arena *scratch;		/* of counts, emptied each time */
	uint8_t counted[16];		/* whose counts these are */
	int64_t count[3];		/* accounts, groups, tools */
	bool provider;			/* the caller grants restricted tools */
	const struct actor *who;	/* whose sight bounds what is shown of
					 * members; NULL: nobody's */
	bool partly;			/* who sees the entry at hand only in
					 * part: nothing is counted */
	struct arena *keep;		/* of what follows; NULL: nothing yet */
	const char *member;		/* whose groups these are; NULL none */
	struct strv groups;		/* their keys, sorted */
	const char *hashed;		/* whose members' hash it is; NULL none */
	uint64_t hash;
};

/* Fills r and the functions and ctx of rs; base_url and owner are the
 * caller's to set. */
void resolver_init(struct resolver *r, struct scim_resolver *rs,
	const struct scim_map *m, struct view_read *read);
void resolver_fini(struct resolver *r);
/* The world of its transaction, made when it is first asked for. */
struct world_view *resolver_world(struct resolver *r);
/* Where a group's members are found: the attribute of the people that names
 * their groups, and its resource type; NULL: the mapping has none. The index
 * key of a group is scim_key of that attribute and the group's key. */
const struct scim_attr *resolver_member_of(const struct scim_map *m,
	const struct scim_resource **people);
/* The attribute of type that is stored as ldap, NULL none. */
const struct scim_attr *resolver_attr(const struct scim_resource *type,
	const char *ldap);
/* A person by id, user name or provostPersonId; ERR_NOT_FOUND. */
int resolver_person(struct resolver *r, struct arena *a, const char *name,
	uint8_t uuid[16], struct err *e);
/* What is said of one that isn't there, or isn't seen. */
int resolver_nobody(struct err *e);

#endif
