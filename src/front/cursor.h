/* SPDX-License-Identifier: ISC */
/*
 * cursor: where a page ended, as opaque text (RFC 9865): the place in the view
 * (with the sort key, when sorted), the direction, the time. Nothing is kept
 * here. It is bound to its list - resource type, filter, sorting - by a weak
 * hash, so that one from another list is noticed; it grants nothing, whatever
 * it says. Pure.
 */
#ifndef FRONT_CURSOR_H
#define FRONT_CURSOR_H

#include "base/err.h"
#include "store/query.h"

#define CURSOR_TIMEOUT 3600	/* seconds */

struct arena;

struct cursor {
	bool backward;		/* the page ends before the place */
	int type;		/* of the place */
	struct query_place place;
};

/* Of the n texts that make a list what it is; NULL counts as "". */
uint64_t cursor_salt(const char *const *part, size_t n);
/* now: wall clock, microseconds. */
char *cursor_print(struct arena *a, uint64_t salt, const struct cursor *c,
	int64_t now);
/* ERR_INVALID, invalidCursor or expiredCursor. */
int cursor_read(const char *text, uint64_t salt, int64_t now,
	struct cursor *c, struct err *e);

#endif
