/* SPDX-License-Identifier: ISC */
/*
 * scim_patch: RFC 7644 3.5.2 over a JSON tree. A PATCH is applied to the
 * resource's JSON in memory, all operations or none; scim_read and
 * change_diff then make one LDAP modify of it. All client forms of
 * SCIM-CLIENTS.md: op in any case, URN paths, dotted and URN keys in a
 * path-less value, filter paths that create, value lists on remove,
 * arrays for single values, "True" for booleans. At most 1,000 operations.
 * Members of a group are passed over: see scim_members, which also sets how
 * many operations a group's PATCH may have.
 */
#ifndef CODEC_SCIM_PATCH_H
#define CODEC_SCIM_PATCH_H

#include "base/err.h"
#include "codec/json.h"
#include "codec/scim_map.h"

/* Applies the PatchOp message to resource (changed in place, a copy is the
 * caller's business). Error kinds: invalidSyntax, invalidPath, noTarget,
 * invalidValue, mutability, tooMany; the text names the operation's number. */
int scim_patch_apply(struct arena *a, const struct scim_resource *r,
	const struct json *message, struct json *resource, struct err *e);

#endif
