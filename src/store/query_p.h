/* SPDX-License-Identifier: ISC */
/* query_p: what the files of query share. */
#ifndef STORE_QUERY_P_H
#define STORE_QUERY_P_H

#include <endian.h>
#include <string.h>

#include "store/query.h"

#define QUERY_TERMS 64		/* as the parser's */

enum query_way {
	WAY_KEY,		/* one key of an index */
	WAY_RANGE,		/* a stretch of one */
	WAY_CREATED,		/* a stretch of the order */
};

/* One look-up. */
struct query_term {
	enum query_way way;
	bool single;			/* WAY_RANGE: no entry comes twice */
	const char *key;		/* WAY_KEY, with range.index */
	struct view_range range;
	char to[VIEW_BOUND + 1];	/* ... what range.to may point to */
	int64_t from, until;		/* WAY_CREATED: from <= t < until */
};

/* The look-ups whose union holds everything that can match. */
struct query_plan {
	struct query_term term[QUERY_TERMS];
	size_t n;
	bool all;		/* everything instead */
	bool exact;		/* nothing else: no need to match */
	uint64_t cost;		/* entries they lead to, about */
};

void query_plan_make(struct view_read *r, const struct query *q,
	struct query_plan *p);

/* A run on its way. */
struct query_run {
	struct view_read *read;
	struct arena *a, *scratch;
	const struct query *q;
	struct query_result *out;
	struct query_plan plan;
	uint64_t steps;		/* entries or positions looked at */
	size_t cap;		/* of out->page */
};

static inline int query_pos_cmp(const struct view_pos *a,
	const struct view_pos *b)
{
	uint64_t x, y;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	memcpy(&x, a->uuid, 8);
	memcpy(&y, b->uuid, 8);
	if (x != y)
		return be64toh(x) < be64toh(y) ? -1 : 1;
	return memcmp(a->uuid + 8, b->uuid + 8, 8);
}

/* One more was looked at: ERR_LIMIT when that passes a limit. */
int query_step(struct query_run *r, struct err *e);
/* Into the page; key NULL: it has none. */
void query_page_add(struct query_run *r, const struct view_pos *pos,
	const struct view_key *key);
/* The entry at a position, in scratch, which is emptied first. */
int query_read(struct query_run *r, const struct view_pos *pos,
	struct view_item *item, struct err *e);
/* Hands every match to each, in the order of creation (or turned round), until
 * it gives an error. */
int query_matches(struct query_run *r, bool reverse,
	int (*each)(void *arg, const struct view_pos *pos, struct err *e),
	void *arg, struct err *e);
/* What lies in a WAY_RANGE, by creation (or turned round), without doubles;
 * list in r->a. */
int query_range(struct query_run *r, const struct query_term *t, bool reverse,
	struct view_pos **out, size_t *n, struct err *e);
/* The page, when a single one of them is all. */
int query_range_page(struct query_run *r, const struct query_term *t,
	struct err *e);
/* The sorted page; matches are found as needed. */
int query_sorted(struct query_run *r, struct err *e);

#endif
