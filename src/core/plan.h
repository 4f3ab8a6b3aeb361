/* SPDX-License-Identifier: ISC */
/*
 * plan: what would be changed in the directory, one step an entry, before any
 * of it is (T4). Whoever knows how entries shall be (a request, a file, an
 * undo) hands them over one by one; each becomes one change that asserts the
 * entry as it was seen, is folded into the hash and weighed for the guard, and
 * is kept for showing and applying while there is room. The hash covers every
 * step, kept or not: author and source, DN, entryUUID and entryCSN, and the
 * change as LDIF (of secrets that they change). The same from the same
 * directory has the same hash (FAULTS D5, D6).
 *
 * Life cycle: plan_begin, plan_step for each entry, plan_end; then it is only
 * read, by any thread, until plan_free. Pure.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/guard.h"
#include "model/change.h"

struct buf;
struct hash_run;

struct plan_conf {
	const char *author;		/* "client:NAME", "person:UUID" */
	const char *source;		/* what it comes of: "scim", "ldif",
					 * "feed:NAME", "undo:ID" */
	size_t max_steps;		/* kept; 0: 10,000 */
	size_t max_bytes;		/* that they take; 0: 64 MiB */
	/* Must this attribute's values be unique among entries like e? Its
	 * changes are guarded by the values then (change_by_value). NULL:
	 * none. */
	bool (*unique)(void *ctx, const struct entry *e, const char *attr);
	void *ctx;
};

struct plan_step {
	uint8_t uuid[16];		/* zeros: an add */
	const struct change *change;
	const struct entry *old;	/* as it was seen; NULL: an add */
	const struct entry *want;	/* as it shall be; NULL: a delete */
	const char *why;
	const char *made;		/* what was made up for it and those
					 * behind it (a new RDN's value); ""
					 * nothing */
};

struct plan {
	struct arena *a;		/* owned */
	struct plan_conf conf;		/* owned strings */
	char id[17], hash[65];		/* hex; id: its first 16 */
	/* The hash without what differs from one time to the next though it
	 * means the same: times inside of values, and what was made up. */
	char sense[65];
	const char *csn;		/* the highest that was seen, "" */
	uint64_t adds, modifies, deletes;
	struct guard_tally tally;	/* what all of them take and give */
	struct plan_step *step;
	size_t n, cap;
	bool cut;			/* there are more than are kept */
	struct strv made;		/* of all steps */
	struct hash_run *running, *meaning;	/* owned; NULL: it has ended */
};

/* Of conf the strings are copied. */
struct plan *plan_begin(const struct plan_conf *conf);
void plan_free(struct plan *p);		/* NULL allowed */
/* One entry: old NULL is an add, want NULL a delete. *out, if wanted, in a:
 * the change, asserting old's CSN; NULL: nothing differs and it is no step.
 * ERR_UNSUPPORTED: its DN would change. */
int plan_step(struct plan *p, struct arena *a, const struct entry *old,
	const struct entry *want, const char *why, struct change **out,
	struct err *e);
/* Only the change that plan_step makes, of no plan. */
int plan_change(const struct plan_conf *conf, struct arena *a,
	const struct entry *old, const struct entry *want, struct change **out,
	struct err *e);
/* plan_step with a change that is made already. The step's parts are copied;
 * want is worked out where it is NULL and the change no delete:
 * ERR_CONFLICT. */
int plan_take(struct plan *p, struct arena *a, const struct plan_step *s,
	struct err *e);
void plan_end(struct plan *p);
/* A step as LDIF, the reason and what was seen as comments before it. */
void plan_put_step(struct buf *b, struct arena *a, const struct plan_step *s);

#endif
