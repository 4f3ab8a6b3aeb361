/* SPDX-License-Identifier: ISC */
/*
 * row: a record of a feed against the view: who is meant, and what their entry
 * should say. Everything in the arena. ERR_ITEM_BAD: the row is wrong, the
 * error says what of it.
 */
#ifndef FEED_ROW_H
#define FEED_ROW_H

#include "feed/feed_p.h"
#include "feed/reader.h"

/* The key of a record and a hash of all that it says. */
int row_key(const struct feed *f, struct arena *a, const struct record *rec,
	const char **key, uint64_t *contents, struct err *e);
/* What is to be done about it. *deferred: it names a manager who is in the
 * file and not there yet. */
int row_step(struct feed_find *w, struct arena *a, const struct feed_seen *seen,
	const struct record *rec, int64_t now, struct feed_step *out,
	bool *deferred, struct err *e);
/* Somebody with this entry has left. NULL: they have already. */
const struct entry *row_left(struct arena *a, const struct entry *old);

#endif
