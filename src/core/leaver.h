/* SPDX-License-Identifier: ISC */
/*
 * leaver: who joins and leaves when (J1, T3), by four values of a person's
 * entry: the state, provostStartsAt and provostEndsAt, which people and feeds
 * set, and provostLeftAt, which says since when the state is left.
 *
 *	active, ends 20261130170000Z	leaves then: rights end to the second
 *					(core/rights), then the entry becomes
 *	left, left 20261130170000Z	removed when the grace period is over
 *	active, left 20261130170000Z	is back: the time is taken away
 *
 * A person whom a feed suspends and gives a provostLeftAt is a leaver like
 * one whose state is left. Level-triggered: what is decided here hangs on the
 * entry alone, whoever changed it and however long ago. Pure.
 */
#ifndef CORE_LEAVER_H
#define CORE_LEAVER_H

#include "model/person.h"

#define LEAVER_LEFT "provostLeftAt"

/* Makes want consistent; true: something was changed. */
bool leaver_settle(struct arena *a, struct entry *want, int64_t now);
/* When the entry of who has left is to be removed; grace in microseconds, 0
 * never. CLOCK_NEVER: not at all. */
int64_t leaver_removal(const struct person *p, int64_t grace);

#endif
