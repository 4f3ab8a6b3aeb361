/* SPDX-License-Identifier: ISC */
/* brake's own: brake.c looks at people, brake_weigh.c weighs what was found
 * and closes jobs. */
#ifndef ENGINE_BRAKE_P_H
#define ENGINE_BRAKE_P_H

#include <pthread.h>

#include "base/map.h"
#include "engine/brake.h"

enum share_state {
	SHARE_NONE,			/* all was let pass */
	SHARE_ASIDE,			/* to be weighed */
	SHARE_PASSED,			/* weighed; not looked at since */
	SHARE_HELD,
	SHARE_REFUSED			/* rejected: it stays undone */
};

/* What one person is about to lose at one target. */
struct share {
	struct share *next;		/* the same person's */
	struct loser *who;
	struct goal *goal;
	enum share_state state;
	bool in_pass;			/* weighed with the full pass */
	bool seen;			/* by the look under way */
	bool queued;			/* by the weighing under way */
	enum guard_kind kind;
	char digest[17];		/* of what was not let pass yet */
	char *text;			/* owned; the same for people */
	char (*let)[17];		/* owned: actions that were let pass
					 * and are not `ending' yet */
	size_t n_let;
};

struct loser {
	uint8_t uuid[16];
	char id[37];
	unsigned run;			/* the pass that saw them last */
	struct share *first;
};

/* A target. */
struct goal {
	struct goal *next;
	char *name;			/* owned */
	uint64_t waiting, refused;	/* shares held; under the lock */
	uint64_t letting;		/* passed, and not `ending' yet */
	uint64_t population;		/* people who hold something there */
	uint64_t counted[2];		/* in the making: by a pass, at once */
	uint64_t stamp;			/* the last entry that counted */
	struct share **aside;		/* owned; while weighing */
	size_t n, cap;
	char job[HELD_ID];		/* the last one that was logged */
};

struct queue {
	uint8_t (*uuid)[16];		/* owned */
	size_t n, cap;
};

struct release {
	struct release *next;
	char id[HELD_ID];
	char *target;			/* owned */
	unsigned run;			/* the pass then */
	bool looked;			/* at everybody since */
};

struct brake {
	struct brake_conf conf;
	struct map *losers;		/* by id; owned */
	struct goal *goals;
	struct queue queue[2];		/* touched; of the pass */
	int64_t first_at, last_at;	/* (mono) of queue[0] */
	int64_t counted_at, count_took;	/* (mono) the last count at once */
	uint64_t stamp;
	unsigned run;
	bool passing, complete;		/* one has seen everybody */
	bool settle;			/* jobs may be over */
	struct release *releases;
	pthread_mutex_t lock;		/* of goals and their waiting */
};

/* Made if it is not there. */
struct goal *brake_goal(struct brake *b, const char *name);
/* NULL: nobody of whom something is known. */
struct loser *brake_loser(const struct brake *b, const uint8_t uuid[16]);
void brake_set(struct brake *b, struct share *s, enum share_state state);
void brake_weigh(struct brake *b, int which, struct world_view *w);
/* Close the jobs of which nothing is left. */
void brake_settle(struct brake *b);

#endif
