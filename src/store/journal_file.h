/* SPDX-License-Identifier: ISC */
/*
 * journal_file: the files of a journal (store/journal.h), and the lines of
 * one. A closed file is named by the number of its first line:
 *
 *	DIR/journal-000000000001.jsonl	closed: lines 1 to 48212
 *	DIR/journal-000000048213.jsonl	closed: lines 48213 to 97001
 *	DIR/journal.jsonl		written to: lines from 97002 on
 *
 * Closing one is link(2) to its new name and rename(2) of an empty file onto
 * journal.jsonl, so that this is there at every moment; who dies in between
 * leaves one file with two names, which counts as journal.jsonl.
 */
#ifndef STORE_JOURNAL_FILE_H
#define STORE_JOURNAL_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct arena;

/* One line after the other. A plain value of one thread. */
struct journal_lines {
	int fd;			/* borrowed */
	struct buf line;	/* the last one, without its newline; cut and
				 * failed when it was too long */
	bool whole;		/* it had a newline */
	off_t end;		/* where the next one begins */
	int error;		/* errno of a failed read */
	char chunk[65536];
	size_t pos, len;
};

struct journal_lines *journal_lines_new(int fd, off_t from);
void journal_lines_free(struct journal_lines *r);	/* NULL allowed */
/* False at the end of the file. */
bool journal_lines_next(struct journal_lines *r);
/* Go on there; what was read ahead is forgotten. */
void journal_lines_seek(struct journal_lines *r, off_t to);

const char *journal_path(struct arena *a, const char *dir);
const char *journal_path_closed(struct arena *a, const char *dir,
	uint64_t first);
/* The closed files, oldest first, with the numbers in their names. */
struct journal_closed {
	const char *path;
	uint64_t first;
};
int journal_closed_list(struct arena *a, const char *dir,
	struct journal_closed **out, size_t *n, struct err *e);
/* The number of the first line, by its first bytes alone; false: there is
 * none. */
bool journal_first(int fd, uint64_t *seq);
/* Is it the file of that name that is open? */
bool journal_is_file(int fd, const char *path);

#endif
