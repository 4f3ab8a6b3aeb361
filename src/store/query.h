/* SPDX-License-Identifier: ISC */
/*
 * query: runs a bound filter over the view. Picks the cheapest way: an index
 * for an eq term (of an and: the one with fewest entries; of an or whose both
 * sides have one: their union), else a scan in order within a limit of entries
 * read and of time. totalResults comes without a scan where the filter allows
 * it (none, or one indexed eq). How an entry is matched is the caller's
 * function, since the codec is a sibling floor.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/view.h"

struct query {
	int type;
	const struct filter *filter;	/* NULL: all */
	bool (*match)(void *ctx, struct view_item *item);	/* entry filled */
	void *ctx;
	bool check;			/* call match for a single indexed eq
					 * too: what may be seen depends on
					 * the caller */
	bool reverse;			/* newest first */
	uint64_t offset;		/* startIndex - 1 */
	const struct view_pos *after;	/* cursor, goes before offset */
	uint64_t count;			/* at most so many */
	uint64_t scan_limit;		/* entries read; 0: 1,000,000 */
	int64_t deadline_mono;		/* 0: none */
};

struct query_result {
	struct view_pos *pos;		/* count of them at most, in order */
	size_t n;
	uint64_t total;
	bool more;			/* there is something behind the last */
	const char *plan;		/* "all", "index", "scan": for tests */
};

/* ERR_LIMIT (kind tooMany) when a scan passed its limit. */
int query_run(struct view_read *r, struct arena *a, const struct query *q,
	struct query_result *out, struct err *e);

#endif
