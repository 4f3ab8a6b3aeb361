/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "store/order.h"
#include "store/view_p.h"

enum walk { WALK_ORDER, WALK_KEY, WALK_RANGE };

struct view_iter {
	struct view_read *read;
	struct db_cur *cur;	/* owned; over DB_ORDER or DB_INDEX */
	enum walk walk;
	bool reverse;
	int type;
	bool ahead;		/* next is where the cursor stands already */
	bool end;
	struct view_pos next;
	struct view_range range;	/* WALK_RANGE; strings borrowed */
	size_t from_len, to_len;
	uint8_t front[3];	/* ... what its keys begin with */
	struct db_val key;	/* ... where the cursor stands */
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

	it->walk = WALK_KEY;
	if (rc == 0)
		rc = after != NULL ? dup_after(it, k, after, e) :
		    dup_first(it, k, e);
	return iter_started(it, rc, out);
}

/* --- a stretch of an index -------------------------------------------------- */

void view_key_of(const char *text, struct view_key *out)
{
	out->n = (uint16_t)key_text(out->p, text);
}

static int bytes_cmp(const uint8_t *a, size_t n, const uint8_t *b, size_t k)
{
	int c = memcmp(a, b, n < k ? n : k);

	return c != 0 ? c : n < k ? -1 : n > k;
}

int view_key_cmp(const struct view_key *a, const struct view_key *b)
{
	return bytes_cmp(a->p, a->n, b->p, b->n);
}

/* Is the key within the bounds? */
static bool in_range(const struct view_iter *it, struct db_val k)
{
	const struct view_range *g = &it->range;
	const uint8_t *text = (const uint8_t *)k.p + 3;
	int c;

	if (k.n < 3 || memcmp(k.p, it->front, 3) != 0)
		return false;
	if (g->from != NULL) {
		c = bytes_cmp(text, k.n - 3, (const uint8_t *)g->from,
		    it->from_len);
		if (c < 0 || (c == 0 && g->after_from))
			return false;
	}
	if (g->to == NULL)
		return true;
	c = bytes_cmp(text, k.n - 3, (const uint8_t *)g->to, it->to_len);
	return c < 0 || (c == 0 && g->with_to);
}

/* Take what the cursor stands on, if it lies in the range. */
static int range_take(struct view_iter *it, struct db_val k, struct db_val v,
    struct err *e)
{
	if (!in_range(it, k))
		return ERR_NOT_FOUND;
	if (v.n != KEY_POS)
		return err_set(e, ERR_CORRUPT, "view: index: a position's "
		    "length");
	it->key = k;
	key_pos_get(v.p, &it->next);
	return 0;
}

static int range_step(struct view_iter *it, enum db_op op, struct err *e)
{
	struct db_val k = { 0 }, v = { 0 };
	int rc = db_cur_get(it->cur, op, &k, &v, e);

	return rc != 0 ? rc : range_take(it, k, v, e);
}

/* The bound where the walk begins, as key; none: where the index, or the one
 * behind it, begins. */
static struct db_val range_bound(const struct view_iter *it,
    uint8_t buf[KEY_INDEX])
{
	const struct view_range *g = &it->range;
	const char *b = it->reverse ? g->to : g->from;

	if (b == NULL) {
		key_index_of(buf, it->type, g->index + it->reverse);
		return (struct db_val){ buf, 3 };
	}
	return key_index(buf, it->type, g->index, b);
}

static bool is_bound(struct db_val k, struct db_val bound)
{
	return k.n == bound.n && memcmp(k.p, bound.p, k.n) == 0;
}

static int range_first(struct view_iter *it, struct err *e)
{
	uint8_t buf[KEY_INDEX];
	struct db_val bound = range_bound(it, buf), k = bound, v = { 0 };
	int rc = db_cur_get(it->cur, DB_RANGE, &k, &v, e);

	if (it->reverse) {
		if (rc == ERR_NOT_FOUND)
			return range_step(it, DB_LAST, e);
		/* A key that is in itself: its last value is the first. */
		if (rc == 0 && it->range.to != NULL && it->range.with_to &&
		    is_bound(k, bound))
			rc = db_cur_get(it->cur, DB_LAST_DUP, &k, &v, e);
		else if (rc == 0)
			return range_step(it, DB_PREV, e);
	} else if (rc == 0 && it->range.after_from && it->range.from != NULL &&
	    is_bound(k, bound)) {
		return range_step(it, DB_NEXT_KEY, e);
	}
	return rc != 0 ? rc : range_take(it, k, v, e);
}

/* Just behind this pair, which need not be there any more. */
static int range_after(struct view_iter *it, const struct view_key *key,
    const struct view_pos *after, struct err *e)
{
	uint8_t buf[KEY_INDEX], pos[KEY_POS];
	struct db_val want = { buf, 3 + (size_t)key->n };
	struct db_val k = want, v = { pos, KEY_POS };
	int rc;

	key_index_of(buf, it->type, it->range.index);
	memcpy(buf + 3, key->p, key->n);
	key_pos(pos, after);
	rc = db_cur_get(it->cur, DB_DUP_RANGE, &k, &v, e);
	if (rc == 0 && it->reverse)
		return range_step(it, DB_PREV, e);
	if (rc == 0)
		return memcmp(v.p, pos, KEY_POS) == 0 ?
		    range_step(it, DB_NEXT, e) : range_take(it, want, v, e);
	if (rc != ERR_NOT_FOUND)
		return rc;
	/* No such key, or all its values stand before. */
	rc = db_cur_get(it->cur, DB_RANGE, &k, &v, e);
	if (it->reverse) {
		if (rc == 0 && is_bound(k, want)) {
			rc = db_cur_get(it->cur, DB_LAST_DUP, &k, &v, e);
			return rc != 0 ? rc : range_take(it, k, v, e);
		}
		return range_step(it, rc == 0 ? DB_PREV : DB_LAST, e);
	}
	if (rc == 0 && is_bound(k, want))
		return range_step(it, DB_NEXT_KEY, e);
	return rc != 0 ? rc : range_take(it, k, v, e);
}

int view_iter_range(struct view_read *r, int type, const struct view_range *g,
    bool reverse, const struct view_key *key, const struct view_pos *pos,
    struct view_iter **out, struct err *e)
{
	struct view_iter *it = iter_new(r, type, reverse);
	int rc = db_cur_open(r->txn, DB_INDEX, &it->cur, e);

	it->walk = WALK_RANGE;
	it->range = *g;
	it->from_len = g->from == NULL ? 0 : strlen(g->from);
	it->to_len = g->to == NULL ? 0 : strlen(g->to);
	key_index_of(it->front, type, g->index);
	if (rc == 0)
		rc = key != NULL ? range_after(it, key, pos, e) :
		    range_first(it, e);
	return iter_started(it, rc, out);
}

void view_iter_skip(struct view_iter *it, uint64_t n)
{
	struct view_pos unused;
	uint64_t k;
	int rc = 0;

	while (!it->end && n > 0 && (k = db_cur_count(it->cur)) <= n) {
		n -= k;
		rc = range_step(it, it->reverse ? DB_PREV_KEY : DB_NEXT_KEY,
		    NULL);
		it->end = rc != 0;
	}
	while (n > 0 && view_iter_next_pos(it, &unused))
		n--;
}

bool view_count_range(struct view_read *r, int type,
    const struct view_range *g, uint64_t most, uint64_t *n)
{
	struct view_iter *it;

	*n = 0;
	if (view_iter_range(r, type, g, false, NULL, NULL, &it, NULL) != 0)
		return true;
	while (!it->end && most > 0) {
		*n += db_cur_count(it->cur);
		it->end = range_step(it, DB_NEXT_KEY, NULL) != 0;
		most--;
	}
	most = it->end;
	view_iter_free(it);
	return most != 0;
}

/* --- going on --------------------------------------------------------------- */

static int iter_step(struct view_iter *it)
{
	switch (it->walk) {
	case WALK_KEY:
		return dup_step(it, it->reverse ? DB_PREV_DUP : DB_NEXT_DUP,
		    NULL);
	case WALK_RANGE:
		return range_step(it, it->reverse ? DB_PREV : DB_NEXT, NULL);
	case WALK_ORDER:
		break;
	}
	return order_next(it->cur, it->type, it->reverse, &it->next, NULL);
}

bool view_iter_next_pos(struct view_iter *it, struct view_pos *out)
{
	if (!it->ahead && !it->end)
		it->end = iter_step(it) != 0;
	it->ahead = false;
	if (!it->end)
		*out = it->next;
	return !it->end;
}

bool view_iter_next_key(struct view_iter *it, struct view_pos *out,
    struct view_key *key)
{
	if (!view_iter_next_pos(it, out))
		return false;
	key->n = (uint16_t)(it->key.n - 3);
	memcpy(key->p, (const uint8_t *)it->key.p + 3, key->n);
	return true;
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
