/* SPDX-License-Identifier: ISC */
/*
 * pages: a list that comes page by page, the same for all targets over HTTP.
 * A target's own part asks for a page (ask) and reads one (take); here is
 * decided whether the list is complete: each page says how many there are in
 * all, or does not, and that must not change; what came must be as many,
 * nothing twice, and no cursor comes back. A page refused with 429 or 5xx is
 * asked for again when the other side says; an answer that is no JSON object
 * likewise, a few times. The first thing wrong is what the end says.
 *
 *   pages_begin -> ask -> pages_answered -> take -> pages_next -> ask ..
 *                                                        +-> lister's done
 * A struct pages stands first in the target's own struct, which it frees.
 */
#ifndef TARGET_PAGES_H
#define TARGET_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "codec/json.h"
#include "target/target.h"

struct pages {
	const struct target_lister *l;	/* borrowed until done */
	struct arena *a;		/* of one page */
	const char *what;		/* "listing the users" */
	void (*ask)(struct pages *p);
	void (*take)(struct pages *p, const struct json *page);
	char *cursor;			/* owned; NULL none */
	size_t n;			/* accounts that came */
	int64_t total;			/* announced, -1 not known */
	bool cut;			/* the lister wants no more */
	unsigned tries;			/* of the page that is asked for */
	struct err err;			/* code 0: nothing is wrong yet */
	uint64_t *seen, *cursors;	/* owned: hashes of what came */
	size_t cap, n_cursors, cap_cursors;
};

#define PAGES_MAX ((size_t)16 << 20)	/* bytes of one page */

/* p is malloc'd; does not ask yet. */
void pages_begin(struct pages *p, const struct target_lister *l,
	const char *what, void (*ask)(struct pages *p),
	void (*take)(struct pages *p, const struct json *page));
/* For httpc: arg is the struct pages. */
void pages_answered(void *arg, const struct httpc_answer *a);
/* From take: what a page says. */
void pages_total(struct pages *p, int64_t total);
/* id as the other side has it; acc->remote_id is made of it. */
void pages_tell(struct pages *p, const char *id, struct target_account *acc);
void pages_wrong(struct pages *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The page is read: on by the next cursor if there is one (not NULL, not ""),
 * by number if more; else, or if something was wrong, the list is over. */
void pages_next(struct pages *p, const char *cursor, bool more);
/* The list is over, for this reason. */
void pages_stop(struct pages *p, int code, const struct err *e);

#endif
