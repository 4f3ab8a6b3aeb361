/* SPDX-License-Identifier: ISC */
/*
 * query: runs a bound filter over the view. A plan says which index look-ups
 * hold all that can match: eq, a stretch of an index (sw gt ge lt le), the
 * absent ones (pr, not pr), a stretch of the order (meta.created); of an and
 * the cheapest side, of an or the union; else everything is scanned. Where the
 * look-ups say it all, no entry is read; else each is, and matched, within a
 * limit of entries and of time. How an entry is matched is the caller's
 * function, since the codec is a sibling floor.
 *
 * Results come in the order of creation, or sorted: by walking an index whose
 * keys are the sort keys, else in memory, up to a number of matches.
 * totalResults is always right.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/view.h"

/* Where a page begins or ends: the cursor of RFC 9865. */
struct query_place {
	struct view_pos pos;
	bool has_key;			/* sorted, and it has a value */
	struct view_key key;
};

struct query {
	int type;
	const struct filter *filter;	/* NULL: all */
	bool (*match)(void *ctx, struct view_item *item);	/* entry filled */
	/* What an entry is sorted by, in a; NULL none: last (first when
	 * reverse). NULL: by creation. */
	const char *(*sort)(void *ctx, struct arena *a,
		struct view_item *item);
	int sort_index;			/* the index with exactly these keys and
					 * INDEX_ABSENT; 0: none */
	bool sort_multi;		/* ... with others beside them, and
					 * without INDEX_ABSENT */
	void *ctx;
	bool check;			/* call match whatever the plan: what may
					 * be seen depends on the caller */
	bool reverse;			/* newest first, or descending */
	uint64_t offset;		/* startIndex - 1 */
	const struct query_place *after;	/* cursor, goes before offset */
	uint64_t count;			/* at most so many */
	uint64_t scan_limit;		/* entries read; 0: 1,000,000 */
	uint64_t sort_limit;		/* sorted in memory; 0: 10,000 */
	int64_t deadline_mono;		/* 0: none */
};

struct query_result {
	struct query_place *page;	/* count of them at most, in order */
	size_t n;
	uint64_t total;
	bool more;			/* there is something behind the last */
	const char *plan;		/* "all", "index", "scan": for tests */
	const char *order;		/* "creation", "index", "memory" */
};

/* ERR_LIMIT (kind tooMany) when a limit was passed. */
int query_run(struct view_read *r, struct arena *a, const struct query *q,
	struct query_result *out, struct err *e);
/* About how long that will take, in microseconds. */
uint64_t query_cost(struct view_read *r, const struct query *q);

#endif
