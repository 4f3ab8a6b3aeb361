/* SPDX-License-Identifier: ISC */
/*
 * journal_marks: which changes that are under way belong to a batch, by the DN
 * they are of, so that the line made of one can say so whether its message
 * comes before the server's answer or after. A line takes the oldest mark of
 * its DN. A mark whose change may still come though nobody waits for it any
 * more is kept for ten minutes. Not thread safe: store/journal has the lock.
 */
#ifndef STORE_JOURNAL_MARKS_H
#define STORE_JOURNAL_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#define JOURNAL_MARKS 65536	/* at a time; more are not made */

struct journal_mark;
struct journal_marks;

struct journal_marks *journal_marks_new(void);
void journal_marks_free(struct journal_marks *m);
size_t journal_marks_count(const struct journal_marks *m);
/* dn and by in normal form; by NULL: whoever changes it. NULL: too many. */
struct journal_mark *journal_marks_add(struct journal_marks *m,
	const char *batch, const char *dn, const char *by);
/* later: its line may still come. */
void journal_marks_end(struct journal_marks *m, struct journal_mark *k,
	bool later);
/* The batch of a line of dn, changed by (normal, "" unknown), borrowed until
 * the next call; NULL none. */
const char *journal_marks_take(struct journal_marks *m, const char *dn,
	const char *by);

#endif
