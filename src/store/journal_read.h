/* SPDX-License-Identifier: ISC */
/*
 * journal_read: the lines of a journal behind a number, in order, whatever
 * files they stand in, while it is written to and its files are closed. The
 * place is found by the files' names and by bisecting one, so that the end of
 * gigabytes costs a few reads; nothing is kept in memory but one line. Any
 * thread; a cursor belongs to one at a time and holds one descriptor.
 */
#ifndef STORE_JOURNAL_READ_H
#define STORE_JOURNAL_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct journal_cursor;

/* Behind the line `since' (0: from line 1 on). ERR_NOT_FOUND: the next line is
 * not kept here any more; *oldest is the first behind it that is, 0 none. */
int journal_cursor_open(const char *dir, uint64_t since,
	struct journal_cursor **out, uint64_t *oldest, struct err *e);
void journal_cursor_close(struct journal_cursor *c);	/* NULL allowed */
/* The number of the line that was read last, `since' at first. */
uint64_t journal_cursor_at(const struct journal_cursor *c);
/* The next line up to the number `upto' (journal_last), without its newline,
 * borrowed until the next call. ERR_NOT_FOUND: there is none yet; ERR_CORRUPT:
 * it is damaged or gone. */
int journal_cursor_next(struct journal_cursor *c, uint64_t upto,
	const char **line, size_t *n, struct err *e);
/* The oldest line that is kept in dir; 0 none. */
int journal_oldest(const char *dir, uint64_t *seq, struct err *e);

#endif
