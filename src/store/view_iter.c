/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "store/order.h"
#include "store/view_p.h"

struct view_iter {
	struct view_read *read;
	struct db_cur *cur;	/* owned; over DB_ORDER or DB_INDEX */
	bool by_key, reverse;
	int type;
	bool ahead;		/* next is where the cursor stands already */
	bool end;
	struct view_pos next;
};

static struct view_iter *iter_new(struct view_read *r, int type, bool reverse)
{
	struct view_iter *it = calloc(1, sizeof(*it));

	if (it == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	it->read = r;
	it->type = type;
	it->reverse = reverse;
	return it;
}

/* rc of the first step: nothing there is an iterator at its end. */
static int iter_started(struct view_iter *it, int rc, struct view_iter **out)
{
	if (rc != 0 && rc != ERR_NOT_FOUND) {
		view_iter_free(it);
		return rc;
	}
	it->ahead = rc == 0;
	it->end = rc != 0;
	*out = it;
	return 0;
}

int view_iter_type(struct view_read *r, int type, bool reverse,
    uint64_t offset, const struct view_pos *after, struct view_iter **out,
    struct err *e)
{
	struct view_iter *it = iter_new(r, type, reverse);
	int rc = db_cur_open(r->txn, DB_ORDER, &it->cur, e);

	if (rc == 0 && after != NULL)
		rc = order_seek_after(it->cur, type, reverse, after,
		    &it->next, e);
	else if (rc == 0)
		rc = order_seek(r->txn, it->cur, type, reverse, offset,
		    &it->next, e);
	return iter_started(it, rc, out);
}

static int dup_step(struct view_iter *it, enum db_op op, struct err *e)
{
	struct db_val k = { 0 }, v = { 0 };
	int rc = db_cur_get(it->cur, op, &k, &v, e);

	if (rc != 0)
		return rc;
	if (v.n != KEY_POS)
		return err_set(e, ERR_CORRUPT, "view: index: a position's "
		    "length");
	key_pos_get(v.p, &it->next);
	return 0;
}

/* Stand on the first value behind after (before it, when reverse). */
static int dup_after(struct view_iter *it, struct db_val key,
    const struct view_pos *after, struct err *e)
{
	uint8_t pos[KEY_POS];
	struct db_val v = { pos, KEY_POS }, k = key;
	int rc;

	key_pos(pos, after);
	rc = db_cur_get(it->cur, DB_DUP_RANGE, &k, &v, e);
	if (rc == ERR_NOT_FOUND && it->reverse) {
		/* All are before it, or there are none. */
		rc = db_cur_get(it->cur, DB_SET, &key, &v, e);
		return rc != 0 ? rc : dup_step(it, DB_LAST_DUP, e);
	}
	if (rc != 0)
		return rc;
	if (it->reverse)
		return dup_step(it, DB_PREV_DUP, e);
	key_pos_get(v.p, &it->next);
	return memcmp(v.p, pos, KEY_POS) == 0 ? dup_step(it, DB_NEXT_DUP, e) :
	    0;
}

static int dup_first(struct view_iter *it, struct db_val key, struct err *e)
{
	struct db_val v = { 0 };
	int rc = db_cur_get(it->cur, DB_SET, &key, &v, e);

	if (rc != 0)
		return rc;
	if (it->reverse)
		return dup_step(it, DB_LAST_DUP, e);
	key_pos_get(v.p, &it->next);
	return 0;
}

int view_iter_key(struct view_read *r, int type, int index, const char *key,
    bool reverse, const struct view_pos *after, struct view_iter **out,
    struct err *e)
{
	struct view_iter *it = iter_new(r, type, reverse);
	uint8_t buf[KEY_INDEX];
	struct db_val k = key_index(buf, type, index, key);
	int rc = db_cur_open(r->txn, DB_INDEX, &it->cur, e);

	it->by_key = true;
	if (rc == 0)
		rc = after != NULL ? dup_after(it, k, after, e) :
		    dup_first(it, k, e);
	return iter_started(it, rc, out);
}

bool view_iter_next_pos(struct view_iter *it, struct view_pos *out)
{
	int rc = 0;

	if (!it->ahead && !it->end && it->by_key)
		rc = dup_step(it, it->reverse ? DB_PREV_DUP : DB_NEXT_DUP,
		    NULL);
	else if (!it->ahead && !it->end)
		rc = order_next(it->cur, it->type, it->reverse, &it->next,
		    NULL);
	it->ahead = false;
	it->end = it->end || rc != 0;
	if (!it->end)
		*out = it->next;
	return !it->end;
}

bool view_iter_next(struct view_iter *it, struct view_item *out)
{
	struct view_pos pos;

	return view_iter_next_pos(it, &pos) &&
	    view_get(it->read, pos.uuid, out) == 0;
}

void view_iter_free(struct view_iter *it)
{
	if (it == NULL)
		return;
	db_cur_close(it->cur);
	free(it);
}
