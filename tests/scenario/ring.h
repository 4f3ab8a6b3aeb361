/* SPDX-License-Identifier: ISC */
/*
 * ring: the ring in small, for scenarios. A directory of two people (ann, who
 * changes, and pat, the primary contact of c1 and c2), one request and ann's
 * receipts, and a tool's own system that remembers what it was told. ring_run
 * does what the engine does, decided by the code under test, one effect after
 * the other, and can be made to die after any of them: what is left is what a
 * restart finds.
 */
#ifndef TESTS_RING_H
#define TESTS_RING_H

#include "world_table.h"

#define RING_MAX 64

struct ring {
	struct world_table *t;
	struct entry *person, *request;	/* NULL: none */
	const struct entry *pat;
	int64_t now;
	const char *receipt[RING_MAX];
	size_t n_receipts;
	struct holding {		/* what the tool's system has */
		const char *target, *tool, *accounts;
		char key[65];		/* of the last action */
	} holding[RING_MAX];
	size_t n_holdings;
	bool down;			/* the tool does not answer */
	int csn;
	unsigned effects;		/* done so far */
	unsigned repeated;		/* the tool was told the same twice */
	unsigned die_after;		/* effects; 0: never */
	bool dead;
};

/* request NULL: none. */
void ring_init(struct ring *r, const char *person, const char *request);
void ring_fini(struct ring *r);
/* One input: "add|del|set person|request ATTR: VALUE", "delete person",
 * "now TIME", "tool down", "tool up", or LDIF for the catalogue. */
void ring_input(struct ring *r, const char *input);
/* Until nothing is left to do, or it dies. */
void ring_run(struct ring *r);
/* "tool: accounts" lines of what the tool's system holds, in order. */
const char *ring_tools(struct ring *r);
/* Everything that lasts, for comparing. */
const char *ring_print(struct ring *r);

#endif
