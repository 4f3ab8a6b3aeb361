/* SPDX-License-Identifier: ISC */
/*
 * db: LMDB for the view, and the only file that knows it. One environment
 * with the tables of store/keys.h; one writer, many snapshot readers. Read
 * transactions belong to no thread (MDB_NOTLS), are reset and renewed instead
 * of made anew, and see one state until they are reset. Opened MDB_NOSYNC:
 * the death of the process loses nothing (the pages are in the page cache),
 * the death of the machine may lose all; db_sync orders what must be durable.
 *
 * All functions return 0, ERR_NOT_FOUND where it says so, or set e.
 * Values read are borrowed until the transaction ends or writes.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct db_txn;
struct db_cur;

enum db_table { DB_META, DB_ENTRY, DB_ORDER, DB_BLOCK, DB_INDEX, DB_COUNT,
	DB_TABLES };

struct db_val {
	const void *p;
	size_t n;
};

/* map_size: most bytes it may grow to. ERR_CORRUPT: the files are there but
 * are not a usable environment. */
int db_open(const char *dir, size_t map_size, struct db **out, struct err *e);
/* NULL allowed. All transactions must have ended. */
void db_close(struct db *d);
/* Remove the environment's files from dir. */
int db_discard(const char *dir, struct err *e);
/* Commits from here on are durable and ordered (true) or not (false). */
void db_durable(struct db *d, bool on);
/* Bring everything committed to the disk. */
int db_sync(struct db *d, struct err *e);

int db_read_begin(struct db *d, struct db_txn **out, struct err *e);
void db_read_reset(struct db_txn *t);	/* keeps the reader's slot */
int db_read_renew(struct db_txn *t, struct err *e);
int db_write_begin(struct db *d, struct db_txn **out, struct err *e);
/* Ends and frees t whatever the result. */
int db_commit(struct db_txn *t, struct err *e);
void db_abort(struct db_txn *t);	/* both kinds; NULL allowed */

/* ERR_NOT_FOUND: no such key (e untouched). */
int db_get(struct db_txn *t, enum db_table table, struct db_val key,
	struct db_val *val, struct err *e);
int db_put(struct db_txn *t, enum db_table table, struct db_val key,
	struct db_val val, struct err *e);
/* In DB_INDEX val names the one of the key's values; else NULL.
 * ERR_NOT_FOUND as above. */
int db_del(struct db_txn *t, enum db_table table, struct db_val key,
	const struct db_val *val, struct err *e);
/* Pairs in a table. */
uint64_t db_entries(struct db_txn *t, enum db_table table);

enum db_op { DB_FIRST, DB_LAST, DB_NEXT, DB_PREV,
	DB_NEXT_KEY, DB_PREV_KEY,	/* first, last value of that key */
	DB_RANGE,		/* first key >= key */
	DB_SET,			/* this key, its first value */
	DB_NEXT_DUP, DB_PREV_DUP, DB_LAST_DUP,	/* values of the key */
	DB_DUP_RANGE };		/* this key, first value >= val */

int db_cur_open(struct db_txn *t, enum db_table table, struct db_cur **out,
	struct err *e);
void db_cur_close(struct db_cur *c);	/* NULL allowed */
/* ERR_NOT_FOUND at the end (e untouched). key and val are set (val in and
 * out for DB_DUP_RANGE, key in and out for DB_RANGE, DB_SET). */
int db_cur_get(struct db_cur *c, enum db_op op, struct db_val *key,
	struct db_val *val, struct err *e);
/* Values of the key the cursor stands on. O(1). */
uint64_t db_cur_count(struct db_cur *c);

#endif
