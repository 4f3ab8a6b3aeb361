/* SPDX-License-Identifier: ISC */
/*
 * words: rights as provost-schema(7) writes them, in what SCIM says of a user:
 * from a user's JSON to an entry's values and back, and as operations of PATCH
 * (RFC 7644 3.5.2).
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/client.h"
#include "core/stored.h"
#include "model/entry.h"

/* argv as rights, sorted, each once; a tool's account without its tool too. */
int words_read(struct arena *a, char *const *argv, int argc,
	struct stored_list *out, struct err *e);
/* What a user's JSON gives, with department and groups, by which rules go. */
void words_entry(struct arena *a, const struct json *user, struct entry *out);
/* Members of a user that is to be made. */
void words_user(struct arena *a, struct json *user,
	const struct stored_list *rights);
/* An operation a right; from, until: of tools, NULL open. */
void words_give(struct arena *a, struct json *ops,
	const struct stored_list *rights, const char *from,
	const char *until);
void words_take(struct arena *a, struct json *ops,
	const struct stored_list *rights);
/* A new object of this schema or message. */
struct json *words_object(struct arena *a, const char *urn);
/* A PatchOp message; *ops its operations. */
struct json *words_patch(struct arena *a, struct json **ops);
/* One operation; value NULL none. */
void words_operation(struct arena *a, struct json *ops, const char *op,
	const char *path, struct json *value);

#endif
