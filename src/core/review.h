/* SPDX-License-Identifier: ISC */
/*
 * review: what was given by hand to somebody who has moved (J4). A move is a
 * department that changes or an IdP group that is lost; a group that is got
 * belongs to it when it comes with one or while one is open. Birthrights
 * follow by themselves (core/rights); what stands on the entry stays, and is
 * listed until somebody has confirmed it or it is gone. What a feed gave is
 * the feed's to take.
 *
 * Open moves stand on the entry (REVIEW_ATTR), "kind from to time":
 *
 *	department Sales Marketing 20261126093000Z
 *	group g1 - 20261126093000Z
 *
 * Whoever sees an entry before and after (directory/intake) keeps with the
 * view's copy what is not there yet (REVIEW_MOVED); the engine writes it.
 * A view that is built from nothing knows of none. Pure.
 */
#ifndef CORE_REVIEW_H
#define CORE_REVIEW_H

#include "core/stored.h"

#define REVIEW_ATTR "provostReview"
#define REVIEW_MOVED "x-moved"

/* One of them, its words decoded; "" nothing. */
struct review_move {
	const char *kind, *from, *to;
	int64_t time;
};

/* False: malformed. */
bool review_parse(struct arena *a, const char *value,
	struct review_move *out);
/* The rights on the entry that are to be looked at. */
struct stored_list review_by_hand(struct arena *a, const struct entry *e);
/* The moves from before to after, and those that before had pending, which
 * after does not say yet; none while nothing is to be looked at. */
struct strv review_pending(struct arena *a, const struct entry *before,
	const struct entry *after);
/* Puts right what want says of moves: what is pending in the view's copy comes
 * in, all goes when nothing is to be looked at. True: something was changed. */
bool review_settle(struct arena *a, struct entry *want);

#endif
