/* SPDX-License-Identifier: ISC */
/*
 * entry: a directory entry as plain values: what LDAP says, nothing decided.
 * Everything lives in one arena (or is borrowed from a view transaction, see
 * store/view.h). Attribute descriptions keep their options ("mail;x-work").
 * Values are NUL-terminated bytes with a length.
 */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

struct val {
	const char *p;		/* NUL-terminated; n does not count it */
	size_t n;
};

struct attr {
	const char *name;	/* attribute description, any case */
	struct val *v;
	size_t n, cap;
};

struct entry {
	const char *dn;		/* as the server wrote it */
	uint8_t uuid[16];	/* entryUUID */
	const char *csn;	/* entryCSN, "" unknown; compare with strcmp */
	int64_t created, modified;	/* microseconds, 0 unknown */
	const char *creator, *modifier;	/* DNs, "" unknown */
	struct attr *a;		/* user attributes, objectClass included */
	size_t n, cap;
};

/* All names are compared ASCII-case-insensitively. attr_get matches the whole
 * description, so "mail" is not "mail;x-work". NULL: not there. */
const struct attr *entry_attr(const struct entry *e, const char *name);
/* The next attribute at or after *i that is name or name with options. */
const struct attr *entry_next(const struct entry *e, const char *name,
	size_t *i);
/* First value of the exact description, NULL none. */
const char *entry_get(const struct entry *e, const char *name);
/* Is value (exact bytes) among those of the exact description. */
bool entry_has(const struct entry *e, const char *name, const char *value);
/* The same with any bytes; of nothing, NULL, no. */
bool val_eq(const struct val *x, const struct val *y);
bool attr_has_val(const struct attr *at, const struct val *v);
bool entry_has_val(const struct entry *e, const char *name,
	const struct val *v);
/* objectClass contains cls (case ignored). */
bool entry_is(const struct entry *e, const char *cls);
/* "TRUE" of a Boolean attribute; dflt when absent. */
bool entry_bool(const struct entry *e, const char *name, bool dflt);
/* Does description name have this option ("x-work")? */
bool attr_option(const char *name, const char *option);
/* Holds it what must not be copied anywhere: passwords, hashes of what is
 * sent to people? */
bool attr_secret(const char *name);
/* The length of the description's base name, before the first ';'. */
size_t attr_base_len(const char *name);

/* The same copied into a: "" when absent; all values as a list. */
const char *entry_text(struct arena *a, const struct entry *e,
	const char *name);
struct strv entry_list(struct arena *a, const struct entry *e,
	const char *name);

/* Building: strings are copied into a. */
void entry_add(struct arena *a, struct entry *e, const char *name,
	const char *value);
void entry_add_n(struct arena *a, struct entry *e, const char *name,
	const char *value, size_t n);
/* Without the attribute of this exact description; the others keep their
 * order. */
void entry_drop(struct entry *e, const char *name);
struct entry *entry_dup(struct arena *a, const struct entry *e);

#endif
