/* SPDX-License-Identifier: ISC */
/* reconcile's own: reconcile.c looks at what is touched, pass.c goes through
 * everybody. All of it belongs to the engine thread but what the lock guards. */
#ifndef ENGINE_RECONCILE_P_H
#define ENGINE_RECONCILE_P_H

#include <pthread.h>

#include "directory/world.h"
#include "engine/brake.h"
#include "engine/reconcile.h"

#define BATCH 500
#define MAX_TOUCHED BATCH

enum pass_phase { PASS_PEOPLE, PASS_REQUESTS, PASS_RECEIPTS };

/* A full pass, as far as it has come. */
struct pass {
	bool active;
	bool stuck;			/* dispatch had no room */
	enum pass_phase phase;
	struct view_pos after;		/* in the phase's type */
	bool begun;			/* after is set */
	int64_t started;		/* mono */
	bool failed;			/* it has not seen everybody */
	uint64_t people;
	struct map *problems;		/* met so far, as texts */
};

struct reconcile {
	struct reconcile_conf conf;
	struct dispatch *dispatch;
	struct requests *requests;
	struct upkeep *upkeep;
	struct brake *brake;
	struct schedule *schedule;
	struct arena *scratch;		/* owned: of one person's look */
	int type_person, type_request;
	pthread_t thread;
	bool started;
	struct pass pass;
	int64_t pass_at;		/* the next one begins (mono) */
	bool pass_wanted;		/* because of what has changed */
	int64_t last_end, last_length;	/* of the last one (mono) */
	bool again;			/* wanted while one is running */
	int64_t offset;			/* of the wall clock from mono */
	uint8_t batch[BATCH][16];
	pthread_mutex_t lock;		/* of everything below */
	bool stop, full_wanted;
	uint8_t touched[MAX_TOUCHED][16];
	size_t n_touched;
	/* For the status: */
	uint64_t passes, shown_people;
	int64_t shown_length, shown_end;	/* us; wall */
};

/* False: dispatch has no room now. */
bool reconcile_person(struct reconcile *r, struct world_view *w,
	const uint8_t uuid[16]);
int reconcile_type_of(const struct scim_map *m, const char *object_class);
/* NULL: the view cannot be read; logged. */
struct world_view *reconcile_world(struct reconcile *r);
/* A full pass: at once, or when the last one is long enough ago. */
void reconcile_want_pass(struct reconcile *r, bool at_once);
/* Forget the one that is running; another begins when turned to. */
void reconcile_drop_pass(struct reconcile *r);
/* Count what is wrong, if a full pass is running. */
void reconcile_problems(struct reconcile *r, struct arena *a,
	const struct problems *p);
/* One batch of the full pass, if one is due or running. */
void reconcile_pass(struct reconcile *r);

#endif
