/* SPDX-License-Identifier: ISC */
/*
 * held_p: what held's own files share: windows and jobs as they stand in
 * memory. Everything is guarded by h->lock; a part or window that is being
 * written (flying) is changed by nobody but its writer (held_write.c), and
 * what the view says of it is looked at afterwards.
 *
 * As entries below ou=jobs:
 *   provostJobId   w-source-hr (words), kind window, provostJobData
 *	"side source" "name hr" "hour 2026112616 deleted 3" ...
 *   provostJobId   k3x...(16), kind held, provostJobState held,
 *	description what, provostStatusText why, provostJobTime since,
 *	provostJobData "side source" "name hr" "of gate" "author client:hr"
 *	"people 61" "tally deleted 61" "asks 3" "last TIME" "data ..."
 *	"item PERSON DIGEST TEXT" ... "decided TIME WHO REASON"
 *   provostJobId   k3x...-1, kind part, provostJobData "item ..." ...
 */
#ifndef DIRECTORY_HELD_P_H
#define DIRECTORY_HELD_P_H

#include <pthread.h>

#include "base/map.h"
#include "directory/held.h"

#define HELD_PART 500			/* items in one entry */
#define HELD_MOST 200000		/* items of one job */
#define HELD_HOURS 26
#define HELD_HOUR (GUARD_DAY / 24)

/* What happened in one hour; negative: more was given back than taken. */
struct hour {
	int64_t at;			/* hours since the epoch */
	int64_t n[GUARD_KINDS];
};

struct hours {
	struct hour v[HELD_HOURS];
	size_t n;
};

/* An entry's place between here and there. */
struct stand {
	char csn[64];			/* of the newest that is known */
	bool exists;			/* it has been added */
	bool dirty;			/* differs from what is written */
	bool flying;			/* is being written */
};

/* A person who has lost something. */
struct mark {
	int64_t at;			/* when it was counted */
	unsigned n;			/* asks that counted on it */
};

struct window {
	enum held_side side;
	char *name, *id;		/* owned */
	struct stand at;
	struct hours base, own, sent;	/* written; not yet; under way */
	struct map *people;		/* owned; id -> mark, of this daemon */
	size_t many;			/* marks: look for old ones then */
};

struct item {
	struct held_item v;
	unsigned part;
	size_t at;			/* in the job's list */
	bool sent, stored;		/* is being written; the entry has it */
	bool seen;			/* ... in the reading under way */
};

struct part {
	struct stand at;
	unsigned n;
};

enum ticket { TICKET_NONE, TICKET_OPEN, TICKET_WON, TICKET_LOST };

struct job {
	struct arena *a;		/* owned; has what follows */
	struct held_job v;
	struct item **item;
	size_t n, cap;
	struct map *by_person;		/* owned */
	struct part *part;		/* [0] is the job's own entry */
	size_t n_parts;
	enum held_state want;		/* not HELD_HELD: is to become so */
	enum ticket ticket;		/* what came of that */
	bool told;			/* its hook has had it */
};

/* An entry as the view had it when it was last looked at. */
struct known {
	char csn[64];			/* "": not yet */
	char *id;			/* owned */
	uint64_t pass;			/* that has seen it */
};

struct settler {
	struct settler *next;
	char id[HELD_ID];
	void (*done)(void *arg);
	void *arg;
	unsigned tries;
};

struct hook {
	struct hook *next;
	char *kind;			/* owned */
	void (*fn)(void *ctx, const struct held_job *job);
	void *ctx;
};

struct held {
	struct view *view;
	const char *suffix;
	struct writer *writer;
	pthread_mutex_t lock;
	pthread_cond_t wake, moved;	/* the writer's; something was written */
	struct held_limits limits;	/* in limits_a */
	struct arena *limits_a;		/* owned */
	_Atomic bool adds;		/* some of them limit additions */
	struct map *windows;		/* by id; owned */
	struct map *jobs;		/* by id; owned */
	uint64_t seen;			/* view_changed when last read */
	bool read;
	struct map *known;		/* by entryUUID; owned */
	uint64_t pass;
	bool passed_over;		/* an entry that is being written */
	int64_t forget_at;		/* what is old */
	struct settler *settlers;
	struct hook *hooks;
	struct hook *telling;		/* lock: its fn runs */
	pthread_t thread, teller;
	bool stopping;
};

/* --- held_read.c, held_entry.c: entries and memory ------------------------------------- */
/* Take over what the view has that is newer. */
void held_read(struct held *h);
const char *held_side_word(enum held_side side);
void held_known_free(struct known *k);
struct window *held_window(struct held *h, enum held_side side,
	const char *name);
struct job *held_job_new(struct held *h, const char *id);
void held_job_free(struct job *j);
void held_window_free(struct window *w);
/* Adds the item unless it is there with this digest; part: where it stands, or
 * -1: where there is room. True: a person it did not name yet. */
bool held_job_item(struct job *j, const struct held_item *it, int part);
/* It need not wait any more; NULL allowed. */
void held_job_drop(struct job *j, struct item *it);
struct part *held_part(struct job *j, size_t i);
const char *held_part_id(struct arena *a, const struct job *j, size_t i);
const char *held_dn(struct arena *a, const struct held *h, const char *id);
/* The entry that this part or window is to be. */
struct change *held_part_change(struct arena *a, const struct held *h,
	struct job *j, size_t i);
struct change *held_window_change(struct arena *a, const struct held *h,
	const struct window *w);

/* --- held_count.c ----------------------------------------------------------- */
/* How many of these are counted already. */
uint64_t held_known(const struct window *w, const struct held_item *item,
	size_t n, int64_t now);
/* Count them; and not. t is what is counted: of each person once. */
void held_count(struct window *w, const struct held_ask *q, int64_t now);
void held_uncount(struct window *w, const struct held_ask *q, int64_t now);
void hours_put(struct hours *h, int64_t at, enum guard_kind k, int64_t n);
void hours_move(struct hours *to, struct hours *from);	/* from is empty then */
void hours_forget(struct hours *h, int64_t now);	/* what is over a day old */
struct guard_tally held_sum(const struct window *w, int64_t now);

/* --- held_write.c --------------------------------------------------------------- */
void *held_write(void *h);
/* Lock held: a while, or until cond is signalled. By the system's clock: the
 * test's may stand still. */
void held_nap(struct held *h, pthread_cond_t *cond, int ms);
/* Is anything of it not yet in the directory? */
bool held_unwritten(const struct job *j);

/* --- held_pass.c ---------------------------------------------------------------- */
/* q has passed: what waits of it need not any more. */
void held_passed(struct held *h, const struct held_ask *q);
bool held_job_of(const struct job *j, enum held_side side, const char *name);
struct job *held_find_waiting(struct held *h, const struct held_ask *q);

/* --- held_old.c ----------------------------------------------------------------- */
/* Lock held, let go of in between: now and then. */
void held_forget_old(struct held *h);

/* --- held_show.c ---------------------------------------------------------------- */
/* Some of it has been read: not a part without its job. */
bool held_job_there(const struct job *j);
void held_job_copy(struct arena *a, const struct job *j, struct held_job *out);
/* Lock held, the view read. NULL: ERR_NOT_FOUND. */
struct job *held_find(struct held *h, const char *id, struct err *e);

/* --- held_release.c ------------------------------------------------------------- */
void *held_tell(void *h);

#endif
