/* SPDX-License-Identifier: ISC */
/*
 * list: what a list is asked for (RFC 7644 3.4.2, RFC 9865) and how its pages
 * are found and written; of one resource type (scim_list.c) or of all
 * (scim_root.c). Lives as long as its call.
 */
#ifndef FRONT_LIST_H
#define FRONT_LIST_H

#include "codec/scim_render.h"
#include "front/call.h"
#include "front/cursor.h"
#include "store/query.h"

#define LIST_COUNT 100		/* resources in a page by default */
#define LIST_COUNT_MAX 1000
#define LIST_QUICK 1500		/* microseconds that the server's own threads
				 * may be held up */

struct list {
	struct call *c;
	const struct scim_resource *r;
	struct filter *filter;		/* NULL: none */
	struct scim_projection *projection;
	const struct scim_attr *sort, *sort_sub;	/* NULL: by creation */
	bool descending;
	bool by_cursor, has_from;
	struct cursor from;
	int64_t start, count;
	uint64_t salt;			/* what a cursor belongs to */
	struct arena *scratch;		/* of one entry */
};

/* startIndex, count, cursor; name: what the list is of. */
int list_read_paging(struct list *l, const char *name, struct err *e);
int list_read_sort(struct list *l, struct err *e);
/* any: over several types. */
int list_read_filter(struct list *l, bool any, struct err *e);
/* The query for the page that is asked for. */
struct query list_query(struct list *l);

/* Where the page lies, for the answer. */
struct list_head {
	uint64_t total;
	size_t n;
	const struct cursor *previous, *next;	/* NULL: none */
};
void list_put_head(struct list *l, const struct list_head *h,
	struct buf *out);
/* The resources of a page, with commas between; *first: none stands there
 * yet. */
int list_put_page(struct list *l, const struct query_result *res, bool *first,
	struct buf *out, struct err *e);

#endif
