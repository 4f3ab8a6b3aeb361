/* SPDX-License-Identifier: ISC */
/*
 * pack: one entry with its index keys and its rendering as bytes in the view.
 * In the machine's own byte order: a view never leaves its machine.
 *
 *   struct pack_head                         lengths, numbers, type, times
 *   "20261122090000.000000Z#000000#000#000000" NUL      csn
 *   {"id":"8f3a..","userName":"ann"} NUL                json
 *   "uid=..,ou=people,dc=example,dc=com" NUL            dn
 *   "cn=admin,dc=example,dc=com" NUL                    creator
 *   "cn=admin,dc=example,dc=com" NUL                    modifier
 *   0300 "ann" NUL  0700 "account" NUL                  keys, sorted
 *   "uid" NUL 01000000  03000000 "ann" NUL              attributes
 *   "mail;x-work" NUL 02000000  05000000 "a@b.c" NUL  05000000 "a@b.d" NUL
 *
 * csn and json stand first so that a GET touches nothing else. Reading checks
 * every length against the end: damaged bytes give ERR_CORRUPT or an entry
 * without attributes, never a read beyond. Pure.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/buf.h"
#include "store/view.h"

#define PACK_FORMAT 2		/* change it with the layout, also that of
				 * store/keys.h */
#define PACK_MAX (64u << 20)	/* longest record */

struct arena;

/* Sorted by index and key, doubles out; in a. */
size_t pack_sort_keys(struct arena *a, const struct index_key *in, size_t n,
	struct index_key **out);
/* Append the record to b; key (n_keys) sorted, instead of rec's own. */
void pack_record(struct buf *b, const struct view_record *rec,
	const struct index_key *key, size_t n_keys);
/* Fill out but for uuid and entry; borrowed from p. */
int pack_open(const void *p, size_t n, struct view_item *out);
/* The keys of a record that was opened; array in a, strings borrowed. */
int pack_keys(struct arena *a, const struct view_item *item,
	struct index_key **key, size_t *n);
/* item->entry; arrays in a, strings borrowed. Without attributes and dn ""
 * when the bytes are damaged. */
int pack_entry(struct arena *a, struct view_item *item);

#endif
