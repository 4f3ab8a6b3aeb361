/* SPDX-License-Identifier: ISC */
/*
 * bulk_p: what bulk's own files share: a Bulk request under way (bulk.c: what
 * comes when, and the answer) and one of its steps as a call of its own
 * (bulk_step.c).
 *
 * Only a worker begins steps, one worker at a time (`driving'); steps end on
 * any thread. Everything marked so is guarded by lock; the rest is made before
 * the first step begins. A result is written when its step ends and read by
 * steps that begin later.
 */
#ifndef FRONT_BULK_P_H
#define FRONT_BULK_P_H

#include <pthread.h>

#include "codec/scim_bulk.h"
#include "front/call.h"
#include "front/worker.h"

/* What became of an operation. */
struct bulk_result {
	int status;			/* 0: not begun */
	const char *path;		/* with references put in */
	const char *id;			/* its resource's; NULL: none is there */
	const char *key;		/* by which others name it */
	const char *location, *version;	/* NULL none */
	const char *body;		/* NULL: none to show */
	const char *merge;		/* a POST goes on as PATCH of this
					 * resource; NULL: it does not */
	bool whole;			/* the rest is there too */
};

struct bulk {
	struct call *c;
	struct scim_bulk plan;
	bool upsert;			/* the client's POSTs may merge */
	struct worker_task task;
	pthread_mutex_t lock;
	/* Guarded by lock, and with it the arena of c: */
	struct bulk_result *result;	/* by operation */
	bool *over;			/* by step */
	size_t next;			/* step to begin */
	size_t low;			/* all steps before are over */
	size_t running;
	int64_t errors;
	size_t *again, n_again;		/* steps to begin once more */
	bool driving;			/* a worker has it, or will */
};

/* Begin step s, on a worker. It ends in bulk_step_over, now or later. */
void bulk_step_begin(struct bulk *b, size_t s);
/* The lock is held and b->result has what there is to say. True: nobody
 * drives, the caller must resume b->task once it has let go of the lock. b may
 * be gone as soon as it has. */
bool bulk_step_over(struct bulk *b, size_t s, bool failed);
/* Likewise: step s must be begun once more. */
bool bulk_step_again(struct bulk *b, size_t s);

#endif
