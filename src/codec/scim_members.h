/* SPDX-License-Identifier: ISC */
/*
 * scim_members: what a SCIM message says about the members of a group, as a
 * net effect over ids: nobody is looked up, and of the members there are
 * nothing is known here. Operations are taken in order (RFC 7644 3.5.2), in
 * all forms of SCIM-CLIENTS.md; then an id's fate is decided by the last thing
 * that was said of it and by what came behind that: all are dropped (replace,
 * remove without value, a PUT), or those that a filter picks.
 *
 * Pure functions; the result lives in the arena and is read-only then.
 */
#ifndef CODEC_SCIM_MEMBERS_H
#define CODEC_SCIM_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/json.h"
#include "codec/scim_map.h"

/* Operations of one PATCH of a resource type with members. */
#define SCIM_MEMBERS_OPERATIONS 200000

struct scim_member {
	uint8_t uuid[16];
	bool present;		/* what was said last */
	bool added;		/* by any operation: must exist */
	size_t no;		/* when, from 1 */
};

/* remove members[display sw "A"]: of those that are there then */
struct scim_member_filter {
	const struct filter *f;
	size_t no;
};

struct scim_members {
	bool spoken;		/* the message says something of members */
	bool cleared;		/* who is not named is none any more */
	struct scim_member *v;	/* one an id, sorted */
	size_t n, cap, no;
	struct scim_member_filter *filter;
	size_t n_filters;
};

/* Does a path (or a member's name in a value without path) lead to members?
 * "members", "MEMBERS[...]", "urn:...:Group:members.value". */
bool scim_members_path(const struct scim_resource *r, const char *path);

/* A PatchOp message. What it says of other attributes is scim_patch's, which
 * passes over members in turn. ERR_INVALID: invalidPath, invalidValue,
 * mutability, tooMany, with the operation's number; "nested groups are not
 * supported". Removing what is no id is nothing. */
int scim_members_patch(struct arena *a, const struct scim_resource *r,
	const struct json *message, struct scim_members *out, struct err *e);
/* A whole resource. replace: a PUT, where who isn't named is dropped. */
int scim_members_body(struct arena *a, const struct scim_resource *r,
	const struct json *body, bool replace, struct scim_members *out,
	struct err *e);

/* NULL: not named. */
const struct scim_member *scim_members_find(const struct scim_members *m,
	const uint8_t uuid[16]);
/* Shall this one be a member in the end, who is one now or not? display (NULL
 * none) is asked for only where there are filters. Scratch memory in a. */
bool scim_members_want(struct arena *a, const struct scim_resource *r,
	const struct scim_members *m, const uint8_t uuid[16], bool is_member,
	const char *display);

#endif
