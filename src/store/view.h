/* SPDX-License-Identifier: ISC */
/*
 * view: the disposable copy of the directory that answers every read: an LMDB
 * environment in a directory of its own. One thread (directory/sync) writes;
 * any thread reads in a read transaction (a snapshot). Cookie and entries are
 * committed together. Layout with sample rows: store/keys.h. Delete the
 * directory and it is rebuilt. Opened with MDB_NOSYNC: a clean mark and the
 * boot id tell whether it can be trusted at start.
 *
 * Whoever wrote to the directory waits for its own entry (rule 4): view_wait.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/entry.h"
#include "model/filter.h"

struct arena;
struct view;
struct view_read;
struct view_write;

struct view_conf {
	const char *dir;	/* made (0700) if missing */
	size_t map_size;	/* bytes; 0: 16 GiB of address space */
	uint64_t fingerprint;	/* format, mapping, schema, base: another one
				 * discards the view */
	int n_indexes;
};

/* What is stored of an entry. Reading: borrowed from the transaction. */
struct view_item {
	uint8_t uuid[16];
	int type;		/* resource type, 1..; 0: kept, not served */
	int64_t created;	/* order: createTimestamp, then uuid */
	const char *csn;
	const char *json;	/* stored rendering (codec/scim_render) */
	size_t json_len;
	struct entry entry;	/* unpacked by view_item_entry */
	const void *packed;	/* for the store's own use */
	size_t packed_len;
};

/* Opens or rebuilds. *fresh: nothing usable was there: no refresh was ever
 * committed with its cookie (view_set_cookie, even an empty one), or what lay
 * there was unreadable, of another format or fingerprint, or left without a
 * clean close before the last boot. A second process on the same directory is
 * refused (ERR_BUSY, lock file). A full map is ERR_LIMIT. */
int view_open(const struct view_conf *c, struct view **out, bool *fresh,
	struct err *e);
/* Writes the clean mark, closes. No transaction may be open. */
void view_close(struct view *v);

/* --- reading: any thread; a transaction belongs to one thread ----------- */
/* ERR_BUSY: more than 512 at a time. */
int view_read_begin(struct view *v, struct view_read **out, struct err *e);
void view_read_end(struct view_read *r);	/* NULL allowed */
/* All return 0, ERR_NOT_FOUND or ERR_CORRUPT. */
int view_get(struct view_read *r, const uint8_t uuid[16],
	struct view_item *out);
/* The first entry that has key in an index (unique ones: the entry). */
int view_find(struct view_read *r, int type, int index, const char *key,
	struct view_item *out);
/* Fill item->entry; arrays in a, strings borrowed from the transaction. */
void view_item_entry(struct arena *a, struct view_item *item);
bool view_empty(struct view_read *r);
/* Entries of a type. O(1). */
uint64_t view_count(struct view_read *r, int type);
/* Entries that have key in an index. O(log n). */
uint64_t view_count_key(struct view_read *r, int type, int index,
	const char *key);

/* Where an entry stands in its type's order; the cursor of RFC 9865. */
struct view_pos {
	int64_t created;
	uint8_t uuid[16];
};
struct view_iter;
/* All of a type in order (newest first if reverse), from the offset-th on
 * (O(n/512) in what is skipped) or from just behind after (O(log n)). */
int view_iter_type(struct view_read *r, int type, bool reverse,
	uint64_t offset, const struct view_pos *after, struct view_iter **out,
	struct err *e);
/* All that have key in an index, in order. */
int view_iter_key(struct view_read *r, int type, int index, const char *key,
	bool reverse, const struct view_pos *after, struct view_iter **out,
	struct err *e);
/* False at the end. */
bool view_iter_next(struct view_iter *it, struct view_item *out);
/* Position only, without reading the entry. */
bool view_iter_next_pos(struct view_iter *it, struct view_pos *out);
void view_iter_free(struct view_iter *it);

/* How many entries stand before the first one made at created. O(n/512). */
int view_rank(struct view_read *r, int type, int64_t created, uint64_t *n,
	struct err *e);

/* A stretch of an index; NULL: no bound. */
#define VIEW_BOUND 168		/* the longest bound, in bytes: where keys
				 * are cut */
struct view_range {
	int index;
	const char *from, *to;
	bool after_from;	/* from itself is out */
	bool with_to;		/* to itself is in */
};
/* A key as the index has it, which compares byte by byte. */
#define VIEW_KEY 200
struct view_key {
	uint16_t n;
	uint8_t p[VIEW_KEY];
};
void view_key_of(const char *text, struct view_key *out);
int view_key_cmp(const struct view_key *a, const struct view_key *b);
/* What lies in a range, in the order of the keys, and of the positions under
 * each (all turned round if reverse); an entry comes once for each of its
 * keys. From just behind key and pos, unless NULL. */
int view_iter_range(struct view_read *r, int type, const struct view_range *g,
	bool reverse, const struct view_key *key, const struct view_pos *pos,
	struct view_iter **out, struct err *e);
/* view_iter_next_pos with its key. */
bool view_iter_next_key(struct view_iter *it, struct view_pos *out,
	struct view_key *key);
/* At the beginning of a range without key and pos: leave out the first n.
 * O(keys). */
void view_iter_skip(struct view_iter *it, uint64_t n);
/* How many there are in a range; false: more keys than most, *n is what was
 * counted until then. */
bool view_count_range(struct view_read *r, int type,
	const struct view_range *g, uint64_t most, uint64_t *n);

/* --- writing: the sync thread only ------------------------------------- */
struct view_record {
	const struct entry *entry;	/* uuid, csn, created, dn, attributes */
	int type;
	const char *json;
	size_t json_len;
	const struct index_key *key;
	size_t n_keys;
};
int view_write_begin(struct view *v, struct view_write **out, struct err *e);
/* Insert or replace. old, if not NULL, is the entry before (in a), or left
 * with dn NULL when it is new. Without any difference nothing is written and
 * nobody told. ERR_INVALID (too large): the transaction can go on; after any
 * other failure it can only be aborted, and commit says so too. */
int view_put(struct view_write *w, struct arena *a,
	const struct view_record *rec, struct entry *old, struct err *e);
/* Remove; ERR_NOT_FOUND is no failure of the transaction. */
int view_del(struct view_write *w, struct arena *a, const uint8_t uuid[16],
	struct entry *old, struct err *e);
/* Refresh: everything not put or marked present since view_mark_begin is
 * handed to each (which deletes it or not); number in *swept. */
int view_mark_begin(struct view_write *w, struct err *e);
int view_mark(struct view_write *w, const uint8_t uuid[16], struct err *e);
int view_unmarked(struct view_write *w, struct arena *a, uint8_t (**uuid)[16],
	size_t *n, struct err *e);
int view_set_cookie(struct view_write *w, const void *cookie, size_t len,
	struct err *e);
/* The cookie in a; *len 0: none. */
int view_cookie(struct view *v, struct arena *a, void **cookie, size_t *len,
	struct err *e);
/* Commit, wake who waits, hand what changed to the change queue. Ends w
 * whatever the result. */
int view_write_commit(struct view_write *w, struct err *e);
void view_write_abort(struct view_write *w);

/* --- waiting for one's own entry (rule 4) ------------------------------ */
enum view_wait_end { VIEW_WAIT_SEEN, VIEW_WAIT_DEADLINE };
/* done is called exactly once: from the caller's thread if it is there
 * already, else from the writing thread after its commit or from
 * view_wait_expire. csn NULL: until the entry is gone. A deletion ends every
 * wait for the entry. It must not block. */
void view_wait(struct view *v, const uint8_t uuid[16], const char *csn,
	int64_t deadline_mono, void (*done)(void *arg, enum view_wait_end end),
	void *arg);
/* End all waits whose deadline has passed; returns the next deadline (mono),
 * CLOCK_NEVER for none. Called by the writer's thread loop. */
int64_t view_wait_expire(struct view *v);

/* Walk everything and compare tables with each other: every entry stands in
 * its order and under all its keys, nothing else does, the counts are right.
 * For tests and for those who doubt. ERR_CORRUPT names what is wrong. */
int view_check(struct view *v, struct err *e);

/* --- what changed: one consumer (the engine) ---------------------------- */
/* Blocks until something changed, until (mono) is reached or view_wake is
 * called. Takes up to max uuids; *all: too many or the first time: look at
 * everything. Returns the number taken. */
size_t view_changes(struct view *v, uint8_t (*uuid)[16], size_t max,
	bool *all, int64_t until_mono);
void view_wake(struct view *v);
/* Grows with every commit that put or removed an entry of this type: for those
 * who keep something made of them. Any thread; ask before the snapshot is
 * opened. */
uint64_t view_changed(const struct view *v, int type);

#endif
