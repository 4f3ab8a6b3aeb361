/* SPDX-License-Identifier: ISC */
/*
 * stored: the rights that stand on a person's entry as values, each with the
 * attribute and the value that say it. What rules, companies and identifiers
 * give beyond that is core/rights.h's matter. Pure; in the arena.
 */
#ifndef CORE_STORED_H
#define CORE_STORED_H

#include <stdbool.h>
#include <stddef.h>

#include "model/change.h"
#include "model/right.h"

struct stored {
	struct right right;
	const char *attr, *value;	/* value as it stands on the entry */
};

struct stored_list {
	struct stored *v;		/* sorted by right_cmp */
	size_t n, cap;
};

/* The attribute that holds rights of this kind. */
const char *stored_attr(enum right_kind kind);
/* The value that says r; of portal access "active". */
const char *stored_value(struct arena *a, const struct right *r);
/* All of an entry; malformed values are left out. NULL: none. */
struct stored_list stored_read(struct arena *a, const struct entry *e);
const struct stored *stored_find(const struct stored_list *l,
	const struct right *r);
/* What x has and y has not. */
struct stored_list stored_beyond(struct arena *a, const struct stored_list *x,
	const struct stored_list *y);
/* At the end: sort before anything is looked for. */
void stored_add(struct arena *a, struct stored_list *l,
	const struct stored *s);
void stored_sort(struct stored_list *l);

/* The right that this value of an attribute, a period or provenance, is
 * about; false: it is neither, or malformed. */
bool stored_about(struct arena *a, const char *attr, const char *value,
	struct right *right);
/* The values of l, their periods and provenance (which stand on e) as mods
 * that take them away; and the same done to an entry in the arena. */
void stored_take(struct arena *a, struct change *c, const struct entry *e,
	const struct stored_list *l);
void stored_drop(struct arena *a, struct entry *e,
	const struct stored_list *l);

#endif
