/* SPDX-License-Identifier: ISC */
/*
 * guard: absence is never proof (rule 8, J3): is this many, of that many, too
 * many? Pure.
 *
 * What is counted is people, each of them once a change, under the heaviest
 * thing that it does to them; beside that under GUARD_ADD if they get something
 * as well. What happens to people in one run (a request, a feed, a pass) and
 * what has happened within 24 hours are each held against a share and a
 * number; fewer than the floor always pass, so that a small population is not
 * held for one leaver, nor for what an ordinary day takes from it.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/entry.h"

#define GUARD_DAY (INT64_C(24) * 3600 * 1000000)	/* us: what rolls */

enum guard_kind {
	GUARD_DISABLE,			/* suspended, or has left */
	GUARD_DELETE,			/* the entry goes */
	GUARD_MEMBER,			/* out of a group */
	GUARD_REVOKE,			/* loses any other right, or its time */
	GUARD_ADD,			/* is new, or gets something */
	GUARD_KINDS
};

struct guard_tally {
	uint64_t n[GUARD_KINDS];	/* people */
};

struct guard_limits {
	uint32_t share_permille;	/* 50: 5 %; 1000: any */
	uint64_t count;			/* 50 */
	uint64_t floor;			/* fewer than so many always pass: 10 */
};

/* What holds for one source or target. */
struct guard_rules {
	struct guard_limits run, day;	/* of what is taken */
	struct guard_limits add;	/* of additions within 24 hours; count
					 * 0: there is no limit */
};

/* The same as settings say it of one source or target; -1: as for all. */
struct guard_own {
	int64_t share, count, floor, day_share, day_count, day_floor;
	int64_t add_count;
};

/* What is to be done, against what was. */
struct guard_case {
	struct guard_tally ask;
	struct guard_tally day;		/* counted within 24 hours */
	uint64_t known;			/* of those who are asked about: so many
					 * are counted in day already */
	uint64_t population;
	uint64_t gone;			/* so many more there were a day ago */
	struct guard_tally more;	/* so many people above the limits pass:
					 * a person has said so */
	const char *who;		/* for the sentence: "source hr" */
};

extern const struct guard_limits guard_defaults;
extern const struct guard_rules guard_rules_default;

/* r with what is said otherwise in own. */
struct guard_rules guard_rules_own(const struct guard_rules *r,
	const struct guard_own *own);
extern const struct guard_own guard_own_none;
bool guard_own_any(const struct guard_own *own);

/* "disabled", "deleted" ...: what people are, of the kind. */
const char *guard_word(enum guard_kind k);
bool guard_kind_of(const char *word, enum guard_kind *out);

/* What a change to one person's entry takes or gives: at most one of the kinds
 * that take, and GUARD_ADD. old NULL: they are new; want NULL: they go. Also
 * of entries of other types, where it finds nothing. */
struct guard_tally guard_weigh(const struct entry *old,
	const struct entry *want);
void guard_add(struct guard_tally *to, const struct guard_tally *t);
/* At most n people who lose something, those first who lose most. */
void guard_keep(struct guard_tally *t, uint64_t n);
/* Does a change of this attribute of a person matter to guard_weigh? */
bool guard_heeds(const char *attr);
/* People who lose something. */
uint64_t guard_taken(const struct guard_tally *t);

/* 0, or ERR_HELD with a sentence: n of population is over the limit. */
int guard_check(const struct guard_limits *l, uint64_t n,
	uint64_t population, const char *what, struct err *e);
/* The same for a case, in all its respects. */
int guard_decide(const struct guard_rules *r, const struct guard_case *c,
	struct err *e);
/* What is taken within 24 hours alone, against one limit more: of all sources
 * together. */
int guard_decide_total(const struct guard_limits *l,
	const struct guard_case *c, struct err *e);

#endif
