/* SPDX-License-Identifier: ISC */
/*
 * undo: how entries should be, were it not for some lines of the journal
 * (FAULTS D10): from those lines, backwards, and the entries as they are now.
 * Value by value: what a line added and is still there goes, what it took away
 * and is still absent comes back; what others have changed since is left alone
 * and told. Whoever was made is taken away again unless they were changed
 * since; whoever was deleted is made again under their old name, without a
 * password or any other secret. Receipts, jobs and clients are never undone.
 *
 * Life cycle: undo_new, undo_line for each line in the journal's order, then
 * undo_make for each entry that they touch. In one arena, one thread. Pure.
 */
#ifndef CORE_UNDO_H
#define CORE_UNDO_H

#include "base/err.h"
#include "base/str.h"
#include "model/entry.h"

#define UNDO_LINES 200000	/* of one undo */
#define UNDO_BYTES ((size_t)256 << 20)

struct arena;
struct undo;

/* never: DNs in normal form; what is below them is left out. */
struct undo *undo_new(struct arena *a, const struct strv *never);
/* ERR_LIMIT: too many; ERR_CORRUPT. Lines of other kinds are passed over. */
int undo_line(struct undo *u, const char *line, size_t n, struct err *e);

struct undo_entry {
	uint8_t uuid[16];
	const char *dn;
	bool deleted;			/* the lines delete it: is another
					 * there under its DN by now? */
};
size_t undo_count(const struct undo *u);
/* In the order in which they are to be undone: the last touched first. */
void undo_at(const struct undo *u, size_t i, struct undo_entry *out);

struct undo_look {
	const struct entry *now;	/* by its uuid; NULL: it is not there */
	bool taken;			/* its DN is another's by now */
	/* Has the attribute one value at most? */
	bool (*single)(const char *name, void *ctx);
	void *ctx;
};
struct undo_result {
	const struct entry *want;	/* NULL: away with it, or nothing */
	bool change;			/* false: nothing is to be done */
	bool conflict;			/* some of it is left as others have
					 * made it */
	struct strv notes;		/* what to know, in sentences */
};
/* What becomes of it, in a. */
void undo_make(const struct undo *u, size_t i, struct arena *a,
	const struct undo_look *look, struct undo_result *out);

#endif
