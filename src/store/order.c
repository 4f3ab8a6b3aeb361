/* SPDX-License-Identifier: ISC */
#include "store/order.h"

#include <inttypes.h>
#include <string.h>

#include "store/keys.h"

#define LOW 128			/* join a block that is below */
#define JOINED 384		/* when both make no more than this */

/* A block: its key and how many positions it holds. */
struct block {
	uint8_t key[KEY_ORDER];
	uint32_t n;
};

static int damaged(struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "view: order: %s: stop, remove the "
	    "view's directory and start again", what);
}

uint64_t order_count(struct db_txn *t, int type)
{
	uint8_t k = (uint8_t)type;
	struct db_val v;
	uint64_t n = 0;

	if (db_get(t, DB_COUNT, (struct db_val){ &k, 1 }, &v, NULL) == 0 &&
	    v.n == sizeof(n))
		memcpy(&n, v.p, sizeof(n));
	return n;
}

static int count_add(struct db_txn *t, int type, int by, struct err *e)
{
	uint64_t n = order_count(t, type) + (uint64_t)(int64_t)by;
	uint8_t k = (uint8_t)type;

	return db_put(t, DB_COUNT, (struct db_val){ &k, 1 },
	    (struct db_val){ &n, sizeof(n) }, e);
}

static int block_put(struct db_txn *t, const struct block *b, struct err *e)
{
	return db_put(t, DB_BLOCK, (struct db_val){ b->key, KEY_ORDER },
	    (struct db_val){ &b->n, sizeof(b->n) }, e);
}

/* What a cursor over DB_BLOCK gave; ERR_NOT_FOUND when of another type. */
static int block_read(struct db_val k, struct db_val v, int type,
    struct block *b, struct err *e)
{
	if (k.n != KEY_ORDER || v.n != sizeof(b->n))
		return damaged(e, "a block's length");
	if (*(const uint8_t *)k.p != type)
		return ERR_NOT_FOUND;
	memcpy(b->key, k.p, KEY_ORDER);
	memcpy(&b->n, v.p, sizeof(b->n));
	return 0;
}

static int block_step(struct db_cur *c, enum db_op op, int type,
    struct block *b, struct err *e)
{
	struct db_val k = { 0 }, v = { 0 };
	int rc = db_cur_get(c, op, &k, &v, e);

	return rc != 0 ? rc : block_read(k, v, type, b, e);
}

/* The last block at or before key, which has its type's byte in front. */
static int block_floor(struct db_cur *c, const uint8_t key[KEY_ORDER],
    struct block *b, struct err *e)
{
	struct db_val k = { key, KEY_ORDER }, v = { 0 };
	int rc = db_cur_get(c, DB_RANGE, &k, &v, e);

	if (rc == 0 && k.n == KEY_ORDER && memcmp(k.p, key, KEY_ORDER) == 0)
		return block_read(k, v, key[0], b, e);
	if (rc != 0 && rc != ERR_NOT_FOUND)
		return rc;
	return block_step(c, rc == 0 ? DB_PREV : DB_LAST, key[0], b, e);
}

static int read_pos(struct db_val k, int type, struct view_pos *p,
    struct err *e)
{
	if (k.n != KEY_ORDER)
		return damaged(e, "a position's length");
	if (*(const uint8_t *)k.p != type)
		return ERR_NOT_FOUND;
	key_pos_get((const uint8_t *)k.p + 1, p);
	return 0;
}

int order_next(struct db_cur *c, int type, bool reverse, struct view_pos *p,
    struct err *e)
{
	struct db_val k = { 0 }, v = { 0 };
	int rc = db_cur_get(c, reverse ? DB_PREV : DB_NEXT, &k, &v, e);

	return rc != 0 ? rc : read_pos(k, type, p, e);
}

/* The n-th position from key on. */
static int walk(struct db_cur *c, const uint8_t key[KEY_ORDER], uint64_t n,
    struct view_pos *p, struct err *e)
{
	struct db_val k = { key, KEY_ORDER }, v = { 0 };
	int type = key[0], rc = db_cur_get(c, DB_RANGE, &k, &v, e);

	for (; rc == 0 && n > 0; n--)
		rc = db_cur_get(c, DB_NEXT, &k, &v, e);
	return rc != 0 ? rc : read_pos(k, type, p, e);
}

/* Is there none of the type behind p? */
static int is_last(struct db_cur *c, int type, const struct view_pos *p,
    bool *last, struct err *e)
{
	struct view_pos next;
	int rc = order_seek_after(c, type, false, p, &next, e);

	*last = rc == ERR_NOT_FOUND;
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* b holds one more than it may since p came in: cut it in two. */
static int split(struct db_txn *t, int type, struct block *b,
    const struct view_pos *p, struct err *e)
{
	struct block right = { .n = b->n / 2 };
	struct db_cur *c = NULL;
	struct view_pos mid;
	bool last;
	int rc = db_cur_open(t, DB_ORDER, &c, e);

	if (rc == 0)
		rc = is_last(c, type, p, &last, e);
	if (rc == 0 && last)
		right.n = 1;
	if (rc == 0)
		rc = walk(c, b->key, b->n - right.n, &mid, e);
	db_cur_close(c);
	if (rc == ERR_NOT_FOUND)
		rc = damaged(e, "a block has fewer than it counts");
	if (rc != 0)
		return rc;
	b->n -= right.n;
	key_order(right.key, type, &mid);
	rc = block_put(t, &right, e);
	return rc != 0 ? rc : block_put(t, b, e);
}

/* The block that p belongs to; a type's first is made when it is not there
 * yet (n 0). */
static int block_of(struct db_txn *t, const uint8_t key[KEY_ORDER],
    struct block *b, struct err *e)
{
	struct db_cur *c = NULL;
	int rc = db_cur_open(t, DB_BLOCK, &c, e);

	if (rc == 0)
		rc = block_floor(c, key, b, e);
	db_cur_close(c);
	if (rc == ERR_NOT_FOUND) {
		*b = (struct block){ .key = { key[0] } };
		rc = 0;
	}
	return rc;
}

int order_add(struct db_txn *t, int type, const struct view_pos *p,
    struct err *e)
{
	uint8_t key[KEY_ORDER];
	struct block b;
	int rc;

	key_order(key, type, p);
	rc = db_put(t, DB_ORDER, (struct db_val){ key, KEY_ORDER },
	    (struct db_val){ "", 0 }, e);
	if (rc == 0)
		rc = count_add(t, type, 1, e);
	if (rc == 0)
		rc = block_of(t, key, &b, e);
	if (rc != 0)
		return rc;
	if (++b.n > ORDER_BLOCK)
		return split(t, type, &b, p, e);
	return block_put(t, &b, e);
}

/* b is low: give what it has to the block before it, if there is room. */
static int join(struct db_txn *t, const struct block *b, struct err *e)
{
	struct db_cur *c = NULL;
	struct block prev, same;
	int rc = db_cur_open(t, DB_BLOCK, &c, e);

	if (rc == 0)
		rc = block_floor(c, b->key, &same, e);
	if (rc == 0)
		rc = block_step(c, DB_PREV, b->key[0], &prev, e);
	db_cur_close(c);
	if (rc != 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	if (prev.n + b->n > JOINED)
		return 0;
	prev.n += b->n;
	rc = db_del(t, DB_BLOCK, (struct db_val){ b->key, KEY_ORDER }, NULL,
	    e);
	return rc != 0 ? rc : block_put(t, &prev, e);
}

int order_del(struct db_txn *t, int type, const struct view_pos *p,
    struct err *e)
{
	uint8_t key[KEY_ORDER];
	struct block b;
	int rc;

	key_order(key, type, p);
	rc = db_del(t, DB_ORDER, (struct db_val){ key, KEY_ORDER }, NULL, e);
	if (rc == ERR_NOT_FOUND)
		return damaged(e, "an entry is not in it");
	if (rc == 0)
		rc = count_add(t, type, -1, e);
	if (rc == 0)
		rc = block_of(t, key, &b, e);
	if (rc == 0 && b.n == 0)
		rc = damaged(e, "a block counts nothing");
	if (rc != 0)
		return rc;
	b.n--;
	rc = block_put(t, &b, e);
	return rc != 0 || b.n >= LOW ? rc : join(t, &b, e);
}

static int seek_forward(struct db_cur *b, struct db_cur *c, int type,
    uint64_t offset, struct view_pos *p, struct err *e)
{
	uint8_t low[KEY_ORDER] = { (uint8_t)type };
	struct db_val k = { low, KEY_ORDER }, v = { 0 };
	struct block blk;
	int rc = db_cur_get(b, DB_RANGE, &k, &v, e);

	if (rc == 0)
		rc = block_read(k, v, type, &blk, e);
	while (rc == 0 && offset >= blk.n) {
		offset -= blk.n;
		rc = block_step(b, DB_NEXT, type, &blk, e);
	}
	return rc != 0 ? rc : walk(c, blk.key, offset, p, e);
}

static int seek_backward(struct db_cur *b, struct db_cur *c, int type,
    uint64_t offset, struct view_pos *p, struct err *e)
{
	uint8_t high[KEY_ORDER];
	struct block blk;
	int rc;

	memset(high, 0xff, sizeof(high));
	high[0] = (uint8_t)type;
	rc = block_floor(b, high, &blk, e);
	while (rc == 0 && offset >= blk.n) {
		offset -= blk.n;
		rc = block_step(b, DB_PREV, type, &blk, e);
	}
	return rc != 0 ? rc : walk(c, blk.key, blk.n - 1 - offset, p, e);
}

int order_seek(struct db_txn *t, struct db_cur *c, int type, bool reverse,
    uint64_t offset, struct view_pos *p, struct err *e)
{
	struct db_cur *b = NULL;
	int rc = db_cur_open(t, DB_BLOCK, &b, e);

	if (rc != 0)
		return rc;
	rc = (reverse ? seek_backward : seek_forward)(b, c, type, offset, p,
	    e);
	db_cur_close(b);
	return rc;
}

int order_seek_after(struct db_cur *c, int type, bool reverse,
    const struct view_pos *after, struct view_pos *p, struct err *e)
{
	uint8_t key[KEY_ORDER];
	struct db_val k = { key, KEY_ORDER }, v = { 0 };
	int rc;

	key_order(key, type, after);
	rc = db_cur_get(c, DB_RANGE, &k, &v, e);
	if (reverse) {
		if (rc == 0 || rc == ERR_NOT_FOUND)
			rc = db_cur_get(c, rc == 0 ? DB_PREV : DB_LAST, &k,
			    &v, e);
	} else if (rc == 0 && k.n == KEY_ORDER &&
	    memcmp(k.p, key, KEY_ORDER) == 0) {
		rc = db_cur_get(c, DB_NEXT, &k, &v, e);
	}
	return rc != 0 ? rc : read_pos(k, type, p, e);
}

/* Positions from a block's key up to key. */
static int count_upto(struct db_txn *t, const struct block *b,
    const uint8_t key[KEY_ORDER], uint64_t *n, struct err *e)
{
	struct db_val k = { b->key, KEY_ORDER }, v = { 0 };
	struct db_cur *c = NULL;
	int rc = db_cur_open(t, DB_ORDER, &c, e);

	if (rc == 0)
		rc = db_cur_get(c, DB_RANGE, &k, &v, e);
	while (rc == 0 && k.n == KEY_ORDER &&
	    memcmp(k.p, key, KEY_ORDER) < 0) {
		++*n;
		rc = db_cur_get(c, DB_NEXT, &k, &v, e);
	}
	db_cur_close(c);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int order_rank(struct db_txn *t, int type, const struct view_pos *p,
    uint64_t *n, struct err *e)
{
	uint8_t low[KEY_ORDER] = { (uint8_t)type }, key[KEY_ORDER];
	struct db_val k = { low, KEY_ORDER }, v = { 0 };
	struct block b, next;
	struct db_cur *c = NULL;
	int rc = db_cur_open(t, DB_BLOCK, &c, e);

	*n = 0;
	key_order(key, type, p);
	if (rc == 0)
		rc = db_cur_get(c, DB_RANGE, &k, &v, e);
	if (rc == 0)
		rc = block_read(k, v, type, &b, e);
	while (rc == 0 && block_step(c, DB_NEXT, type, &next, e) == 0 &&
	    memcmp(next.key, key, KEY_ORDER) <= 0) {
		*n += b.n;
		b = next;
	}
	db_cur_close(c);
	if (rc == 0)
		return count_upto(t, &b, key, n, e);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* Positions from one block's key up to the next one's. */
static int count_block(struct db_cur *c, const struct block *b,
    const uint8_t *end, uint64_t *n, struct err *e)
{
	struct db_val k = { b->key, KEY_ORDER }, v = { 0 };
	int rc = db_cur_get(c, DB_RANGE, &k, &v, e);

	for (*n = 0; rc == 0; rc = db_cur_get(c, DB_NEXT, &k, &v, e), ++*n)
		if (*(const uint8_t *)k.p != b->key[0] ||
		    (end != NULL && memcmp(k.p, end, KEY_ORDER) >= 0))
			return 0;
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int check_blocks(struct db_cur *b, struct db_cur *c, int type,
    uint64_t *total, struct err *e)
{
	uint8_t low[KEY_ORDER] = { (uint8_t)type };
	struct db_val k = { low, KEY_ORDER }, v = { 0 };
	struct block blk, next;
	uint64_t n;
	int rc = db_cur_get(b, DB_RANGE, &k, &v, e), more;

	if (rc == 0)
		rc = block_read(k, v, type, &blk, e);
	for (; rc == 0; rc = more, blk = next) {
		more = block_step(b, DB_NEXT, type, &next, e);
		if (more != 0 && more != ERR_NOT_FOUND)
			return more;
		rc = count_block(c, &blk, more == 0 ? next.key : NULL, &n, e);
		if (rc != 0)
			return rc;
		if (n != blk.n || n > ORDER_BLOCK)
			return damaged(e, "a block's count");
		*total += n;
		if (more != 0)
			break;
	}
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int order_check(struct db_txn *t, int type, struct err *e)
{
	struct db_cur *b = NULL, *c = NULL;
	uint64_t total = 0;
	int rc = db_cur_open(t, DB_BLOCK, &b, e);

	if (rc == 0)
		rc = db_cur_open(t, DB_ORDER, &c, e);
	if (rc == 0)
		rc = check_blocks(b, c, type, &total, e);
	db_cur_close(b);
	db_cur_close(c);
	if (rc == 0 && total != order_count(t, type))
		rc = damaged(e, "the number of entries");
	return rc;
}
