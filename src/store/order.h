/* SPDX-License-Identifier: ISC */
/*
 * order: the entries of each type in the order of their creation, with counted
 * blocks beside them, so that the n-th is found by walking n/512 counters and
 * at most 512 positions. A block splits when it would pass ORDER_BLOCK (one
 * filled from behind stays full) and joins the one before when both are low.
 * The thread of the transaction.
 */
#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"
#include "store/view.h"

#define ORDER_BLOCK 512

/* The position must not be there yet. */
int order_add(struct db_txn *t, int type, const struct view_pos *p,
	struct err *e);
/* The position must be there. */
int order_del(struct db_txn *t, int type, const struct view_pos *p,
	struct err *e);
uint64_t order_count(struct db_txn *t, int type);

/* Put a cursor over DB_ORDER on the offset-th position (0 first) in order or
 * from the end; ERR_NOT_FOUND: there are not so many. */
int order_seek(struct db_txn *t, struct db_cur *c, int type, bool reverse,
	uint64_t offset, struct view_pos *p, struct err *e);
/* The one behind after (before it, when reverse). */
int order_seek_after(struct db_cur *c, int type, bool reverse,
	const struct view_pos *after, struct view_pos *p, struct err *e);
/* The next one of the type. */
int order_next(struct db_cur *c, int type, bool reverse, struct view_pos *p,
	struct err *e);

/* How many positions stand before p, which need not be one of them. */
int order_rank(struct db_txn *t, int type, const struct view_pos *p,
	uint64_t *n, struct err *e);

/* Walk everything of a type and compare with its counters. */
int order_check(struct db_txn *t, int type, struct err *e);

#endif
