/* SPDX-License-Identifier: ISC */
/*
 * keys: how the view's tables are keyed. All numbers in keys are big-endian,
 * so that LMDB's byte order is the order meant.
 *
 * A position is 24 bytes: created (microseconds, sign bit turned over, 8),
 * uuid (16). Types are one byte, index numbers two.
 *
 * table  key                               value
 * ------ --------------------------------- ------------------------------
 * meta   "state"                           struct view_state (view_p.h)
 *        "cookie"                          the syncrepl cookie, may be ""
 *                                          (no such key: never filled)
 * entry  uuid                              packed record (store/pack.h)
 * order  type position                     ""
 * block  type position                     u32: entries of order from this
 *                                          position to the next block's
 * index  type index text                   positions, sorted (DUPSORT)
 * count  type                              u64: entries of the type
 *
 * Sample: two users made at 09:00:00 and 09:00:01, type 1; uid is index 3,
 * their role index 7:
 *
 * entry  8f3a..01                          (300 bytes)
 * entry  8f3a..02                          (290 bytes)
 * order  01 8006341f5c2a0000 8f3a..01      ""
 * order  01 8006341f5c394240 8f3a..02      ""
 * block  01 0000000000000000 0000..00      2
 * index  01 0003 "ann"                     [ 8006341f5c2a0000 8f3a..01 ]
 * index  01 0003 "bob"                     [ 8006341f5c394240 8f3a..02 ]
 * index  01 0007 "account"                 [ 8006341f5c2a0000 8f3a..01,
 *                                            8006341f5c394240 8f3a..02 ]
 * index  01 8009 ""                        [ 8006341f5c394240 8f3a..02 ]
 *        (the second has nothing under index 9: INDEX_ABSENT)
 * count  01                                2
 *
 * The first block of a type starts at the lowest position there can be, so
 * every position has a block. An index text longer than KEY_TEXT bytes (LMDB
 * takes keys of 511) is its first KEY_CUT bytes and the SHA-256 of the whole:
 * longer than any that stands for itself, so equal keys are equal texts.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "store/db.h"
#include "store/view.h"

#define KEY_POS 24
#define KEY_ORDER (1 + KEY_POS)
#define KEY_TEXT 192
#define KEY_CUT 168
#define KEY_INDEX (3 + KEY_CUT + 32)	/* the longest index key */

_Static_assert(KEY_CUT == VIEW_BOUND && KEY_INDEX == 3 + VIEW_KEY,
	"view.h says how keys are cut");

static inline void key_u64(uint8_t out[8], uint64_t v)
{
	int i;

	for (i = 7; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

static inline void key_pos(uint8_t out[KEY_POS], const struct view_pos *p)
{
	key_u64(out, (uint64_t)p->created ^ UINT64_C(1) << 63);
	memcpy(out + 8, p->uuid, 16);
}

static inline void key_pos_get(const uint8_t in[KEY_POS], struct view_pos *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | in[i];
	p->created = (int64_t)(v ^ UINT64_C(1) << 63);
	memcpy(p->uuid, in + 8, 16);
}

/* Key of the tables order and block. */
static inline void key_order(uint8_t out[KEY_ORDER], int type,
	const struct view_pos *p)
{
	out[0] = (uint8_t)type;
	key_pos(out + 1, p);
}

/* What stands for a text in a key of the table index; its length. */
static inline size_t key_text(uint8_t out[VIEW_KEY], const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n <= KEY_TEXT ? n : KEY_CUT);
	if (n <= KEY_TEXT)
		return n;
	hash_sha256(text, n, out + KEY_CUT);
	return VIEW_KEY;
}

static inline void key_index_of(uint8_t out[3], int type, int index)
{
	out[0] = (uint8_t)type;
	out[1] = (uint8_t)(index >> 8);
	out[2] = (uint8_t)index;
}

/* Key of the table index; the result points into out. */
static inline struct db_val key_index(uint8_t out[KEY_INDEX], int type,
	int index, const char *text)
{
	key_index_of(out, type, index);
	return (struct db_val){ out, 3 + key_text(out + 3, text) };
}

#endif
