/* SPDX-License-Identifier: ISC */
/* journal_line: one line of the journal (store/journal.h), written and read.
 * Pure but for the clock. */
#ifndef STORE_JOURNAL_LINE_H
#define STORE_JOURNAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/entry.h"
#include "store/journal.h"

#define JOURNAL_LINE_MAX (4u << 20)

struct arena;

/* Where the chain stands: number and hash of the last line. */
struct journal_chain {
	uint64_t seq;
	uint8_t hash[32];
};

/* What a line says of itself. */
struct journal_line {
	uint64_t seq;
	uint8_t prev[32];
	bool keyed;		/* key is set */
	uint8_t key[16];	/* of entry and CSN: a double has the same */
	char op[16];
	char uuid[37];		/* "" of a refused attempt */
	const char *dn;		/* JSON string, quotes included, borrowed; n 0
				 * none */
	size_t dn_len;
	char batch[JOURNAL_BATCH];	/* "" none */
};

/* The key of a change; false: csn unknown, so there is none. */
bool journal_key(const uint8_t uuid[16], const char *csn, bool deleted,
	uint8_t key[16]);

/* The line for a difference into b, from empty; old or now NULL as in
 * journal_diff, batch NULL none. False: nothing differs that is journalled,
 * b is of no use.
 * Scratch memory from a. */
bool journal_line_diff(struct buf *b, struct arena *a,
	const struct journal_chain *c, const struct entry *old,
	const struct entry *now, const char *deleter, const char *batch);
void journal_line_refused(struct buf *b, const struct journal_chain *c,
	const char *who, const char *what, const char *why);

/* Form and sum of a line of n bytes, newline not included. */
bool journal_line_parse(const char *line, size_t n, struct journal_line *out);
/* Its number, by its first bytes alone. */
bool journal_line_seq(const char *line, size_t n, uint64_t *seq);
/* Does the line follow on c? */
bool journal_line_follows(const struct journal_chain *c,
	const struct journal_line *l);
/* Let c stand on this line. */
void journal_chain_set(struct journal_chain *c, uint64_t seq,
	const char *line, size_t n);

#endif
