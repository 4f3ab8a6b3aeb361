/* SPDX-License-Identifier: ISC */
/*
 * change: one LDAP write as plain values (RFC 4511 4.6-4.8): an add, a modify
 * or a delete, with the controls that guard it. Everything in one arena.
 */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/entry.h"

enum change_kind { CHANGE_ADD, CHANGE_MODIFY, CHANGE_DELETE };
enum mod_op { MOD_ADD, MOD_DELETE, MOD_REPLACE };

struct mod {
	enum mod_op op;
	const char *name;
	struct val *v;		/* n 0: the whole attribute */
	size_t n, cap;
};

struct change {
	enum change_kind kind;
	const char *dn;
	struct entry *entry;	/* CHANGE_ADD: attributes to add */
	struct mod *mod;	/* CHANGE_MODIFY */
	size_t n, cap;
	const char *assert_csn;	/* RFC 4528 on entryCSN; NULL: none */
	const char *act_as;	/* RFC 4370 identity, a DN; NULL: the daemon */
	const char *batch;	/* as one of which it is made, for the journal;
				 * NULL none */
	bool permissive;	/* adding a present, deleting an absent value
				 * is no error (1.2.840.113556.1.4.1413) */
};

struct change *change_new(struct arena *a, enum change_kind kind,
	const char *dn);
/* All of it but the batch, in a: it outlives what c was made of. */
struct change *change_dup(struct arena *a, const struct change *c);
/* A new mod at the end; values are added with mod_value. */
struct mod *change_mod(struct arena *a, struct change *c, enum mod_op op,
	const char *name);
void mod_value(struct arena *a, struct mod *m, const char *value);
/* The same with a length, for a value that may hold NUL. */
void mod_val(struct arena *a, struct mod *m, const struct val *value);
/* Shorthand: one op with one value (NULL: the whole attribute). */
void change_set(struct arena *a, struct change *c, enum mod_op op,
	const char *name, const char *value);
/* The modify that turns old into want: per attribute description the values
 * to delete and to add (replace when all go or for single values). Only
 * descriptions for which owned(name, ctx) is true are touched. Returns a
 * change whose n is 0 when nothing differs. DN and assert_csn from old. */
struct change *change_diff(struct arena *a, const struct entry *old,
	const struct entry *want, bool (*owned)(const char *name, void *ctx),
	void *ctx);

/* What old is after c (RFC 4511 4.6; NULL for an add), in a; *out NULL: it is
 * gone. ERR_CONFLICT: c does not go with old, and the server would refuse it:
 * the entry or a value is there already, or isn't there. Values are compared
 * byte by byte, those to be taken away in any case of ASCII. */
int change_apply(struct arena *a, const struct entry *old,
	const struct change *c, struct entry **out, struct err *e);
/* The modify c of old without an assertion: replacements take away exactly the
 * old values and add the new, so that these guard them. For servers that ask
 * more under the same assertion (slapo-unique of slapd 2.5). */
struct change *change_by_value(struct arena *a, const struct entry *old,
	const struct change *c);

#endif
