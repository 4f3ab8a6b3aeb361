/* SPDX-License-Identifier: ISC */
/*
 * journal_verify: reads a journal from its first kept line to its last: form,
 * sums, numbers, the chain, over all its files. Needs no daemon and disturbs
 * none. What is whole need not be all: when the oldest files are elsewhere, or
 * lines were taken off the very end, only `first' and `last' say so.
 */
#ifndef STORE_JOURNAL_VERIFY_H
#define STORE_JOURNAL_VERIFY_H

#include <stdint.h>

#include "base/err.h"

struct journal_check {
	uint64_t lines;			/* good ones */
	uint64_t first, last;		/* their numbers; 0 none */
	unsigned files;
	uint8_t hash[32];		/* of the last line */
};

/* path: a file, or a journal's directory. ERR_CORRUPT names the first bad
 * line by its file and line number, and what is wrong with it. */
int journal_verify(const char *path, struct journal_check *out,
	struct err *e);

#endif
