/* SPDX-License-Identifier: ISC */
/*
 * wait: who waits for which entry to arrive in the view (rule 4). A waiter is
 * registered first, then its caller looks into the view, then it is settled:
 * so a commit in between is never missed, and until it is settled nobody else
 * ends it. Every waiter's done is called once, with no lock held. Entries
 * deleted lately are remembered, for those who ask after the deletion. Thread
 * safe.
 */
#ifndef STORE_WAIT_H
#define STORE_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/view.h"

struct waits;
struct waiter;

/* One entry that a transaction changed. */
struct wait_event {
	uint8_t uuid[16];
	const char *csn;		/* NULL: deleted */
};

struct waits *waits_new(void);
/* Ends all that are left with VIEW_WAIT_DEADLINE. */
void waits_free(struct waits *w);

/* csn is copied; NULL: waits for the deletion. */
struct waiter *waits_add(struct waits *w, const uint8_t uuid[16],
	const char *csn, int64_t deadline_mono,
	void (*done)(void *arg, enum view_wait_end end), void *arg);
/* What the view held after waits_add: the entry's csn or NULL; or looked
 * false when nobody could tell. Ends the waiter if that, or a commit since,
 * is what it waits for; else leaves it. */
void waits_settle(struct waits *w, struct waiter *x, bool looked,
	const char *csn);

/* After a commit: end those who wait for one of these. */
void waits_committed(struct waits *w, const struct wait_event *ev, size_t n);
/* As view_wait_expire. */
int64_t waits_expire(struct waits *w);

#endif
