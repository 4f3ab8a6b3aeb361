/* SPDX-License-Identifier: ISC */
/*
 * held: what the guard (core/guard) has counted and what it has stopped. Both
 * stand in ou=jobs as provostJob entries, so that they survive a restart, are
 * shared by all daemons on a directory, and can be decided with ldapmodify
 * (provostJobState: released or rejected).
 *
 *  window  one a source and one a target: how many people lost something by
 *          it, by hour, for 24 hours. What is counted is what the view's entry
 *          says and what this daemon has counted since and not yet written.
 *  held    one for what waits: a source's gate, effects at a target, a plan.
 *          All that a source asks in vain while its job waits joins that job;
 *          people are counted in it once. Its items stand in the entry and,
 *          when they are many, in entries of the kind part beside it.
 *
 * Who loses something several times within 24 hours, in several groups say, is
 * counted once; a daemon that was restarted, or another one, may count them
 * again, never too few.
 *
 * A source's job that is released raises what the source may take by as many
 * people as it names, for 24 hours. A target's job that is released lets those
 * people's effects pass, with those digests and no others. What is rejected
 * stays undone. Decided jobs and empty windows are removed after some days.
 *
 * One thread of its own writes; every function may be called from any thread
 * and none but held_stop and those said to block waits for the directory.
 */
#ifndef DIRECTORY_HELD_H
#define DIRECTORY_HELD_H

#include "base/str.h"
#include "codec/scim_map.h"
#include "core/guard.h"
#include "directory/writer.h"
#include "store/view.h"

struct held;

#define HELD_ID 17			/* of a job, with its NUL */

enum held_side { HELD_SOURCE, HELD_TARGET };

/* What became of a person's effect at a target. */
enum held_is { HELD_NONE, HELD_WAITS, HELD_PASSED, HELD_REJECTED };

/* OVER: nothing that it holds is to be done any more. */
enum held_state { HELD_HELD, HELD_RELEASED, HELD_REFUSED, HELD_APPLIED,
	HELD_OVER, HELD_STATES };

/* Limits that differ for one source or target. */
struct held_rules {
	enum held_side side;
	const char *name;
	struct guard_rules rules;
};

struct held_limits {
	struct guard_rules source, target;
	struct guard_limits total;	/* of all sources, within 24 hours */
	bool second_person;		/* who asked does not release */
	const struct held_rules *own;	/* before the two above */
	size_t n_own;
};

struct held_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;		/* NULL: nothing is written (tests) */
	struct held_limits limits;	/* copied */
};

/* One line of the difference. */
struct held_item {
	const char *person;		/* entryUUID, or what else there is one
					 * of; "" nobody */
	const char *digest;		/* of what would be done; "" any */
	const char *text;		/* the same for people */
};

struct held_ask {
	enum held_side side;
	const char *name;		/* source as in provostOwner, "feed:F";
					 * target: its section */
	const char *author;		/* client:NAME, person:UUID ...; "" the
					 * daemon itself */
	const char *kind;		/* "gate", "effects", "plan" ...: asks
					 * of one kind and data join */
	struct guard_tally tally;
	uint64_t population;		/* of the source or at the target */
	uint64_t everybody;		/* people in all, for the total limit;
					 * 0: as population */
	const char *what;		/* "people who lose ...", for people */
	const struct held_item *item;
	size_t n_items;
	const char *data;		/* the kind's own, kept with the job and
					 * given back; NULL none */
};

int held_start(const struct held_conf *c, struct held **out, struct err *e);
/* Writes what there is to write. NULL allowed. */
void held_stop(struct held *h);
/* Other limits, from the next ask on. */
void held_limits(struct held *h, const struct held_limits *l);

/* 0: counted, go on. ERR_HELD: nothing is counted; a job waits whose id is in
 * id and, with what to do, in the sentence. held_settled tells when it can be
 * read. */
int held_ask(struct held *h, const struct held_ask *q, char id[HELD_ID],
	struct err *e);
/* A job for q whatever the limits say, e.g. for a plan that a person has to
 * look at: always ERR_HELD unless it can't be made. */
int held_hold(struct held *h, const struct held_ask *q, const char *why,
	char id[HELD_ID], struct err *e);
/* Would held_ask let it pass? Nothing is counted or held. */
int held_would(struct held *h, const struct held_ask *q, struct err *e);
/* What was counted was not done after all: q as it was asked, or with those of
 * its items and that of its tally alone. */
void held_return(struct held *h, const struct held_ask *q);
/* Are additions limited anywhere? If not, they need not be asked about. */
bool held_limits_adds(struct held *h);
/* Of people whose effect differs now from what was held: HELD_NONE. */
enum held_is held_is(struct held *h, const char *target, const char *person,
	const char *digest);
/* done is called once the job is in the view, or could not be written in good
 * time; at once if there is nothing to wait for. It must not block. */
void held_settled(struct held *h, const char *id, void (*done)(void *arg),
	void *arg);

/* --- for people ---------------------------------------------------------- */

struct held_job {
	const char *id;
	const char *kind;
	enum held_side side;
	const char *name;
	struct strv authors;
	enum held_state state;
	const char *what, *why;		/* why: the guard's sentence */
	struct guard_tally tally;	/* of all asks together */
	uint64_t people;		/* that it names, each once */
	int64_t since, last;		/* first and last ask */
	uint64_t asks;
	const char *by, *reason;	/* who decided, and why; "" nobody */
	int64_t decided;		/* 0 not yet */
	const char *data;		/* "" none */
	uint64_t n_items;
	const struct held_item *item;	/* held_get only: as many as asked */
	size_t n_shown;
};

const char *held_state_word(enum held_state s);
/* Newest first, without items; all or those that wait. In a. */
void held_list(struct held *h, struct arena *a, bool all,
	struct held_job **job, size_t *n);
/* One, with items from the skip-th on, at most so many. ERR_NOT_FOUND. */
int held_get(struct held *h, struct arena *a, const char *id, size_t skip,
	size_t most, struct held_job *out, struct err *e);
/* Releases or rejects: by is who, as an author is written. Blocks until it is
 * in the directory. ERR_NOT_FOUND; ERR_EXISTS: it has been decided (the
 * sentence says by whom, when); ERR_DENIED: by asked for it themselves and
 * guard.second_person is set. */
int held_decide(struct held *h, const char *id, enum held_state state,
	const char *by, const char *reason, struct err *e);
/* released -> applied, for whoever carries out a released job: of several
 * daemons one alone succeeds, the others get ERR_EXISTS. Blocks. */
int held_claim(struct held *h, const char *id, struct err *e);
/* Nothing is left of a target's job: released -> applied, held -> over. Not
 * waited for; a job that stands otherwise, or that somebody decides just now,
 * stays as it is. */
void held_close(struct held *h, const char *id, enum held_state state);
/* fn is called with every job of this kind that is released and not yet
 * applied, however it came to be: also at start. From a thread of held's; it
 * may block and call held. One a kind. */
void held_on_release(struct held *h, const char *kind,
	void (*fn)(void *ctx, const struct held_job *job), void *ctx);
/* No more, and none is under way: before ctx goes. */
void held_off_release(struct held *h, const char *kind);

/* What is counted now within 24 hours. */
struct guard_tally held_counted(struct held *h, enum held_side side,
	const char *name);
/* Jobs that wait. */
uint64_t held_waiting(struct held *h);
/* Entries that are not yet in the directory as they are here. */
uint64_t held_behind(struct held *h);

#endif
