/* SPDX-License-Identifier: ISC */
/* dispatch's own: jobs and targets, kept by jobs.c, driven by dispatch.c,
 * shown by dispatch_status.c. Everything below is under the dispatch's lock;
 * a job that is SENT is only read by others. */
#ifndef ENGINE_DISPATCH_P_H
#define ENGINE_DISPATCH_P_H

#include <pthread.h>

#include "base/backoff.h"
#include "base/map.h"
#include "engine/circuit.h"
#include "engine/dispatch.h"
#include "engine/heap.h"
#include "engine/receipts.h"

enum job_state { JOB_WAITING, JOB_SENT, JOB_RECEIPT, JOB_PARKED };

/* One configured target. */
struct tgt {
	struct tgt *next;
	struct target *target;		/* owned */
	struct target *replacement;	/* owned; taken when none is under way */
	bool removed;			/* no longer configured */
	struct circuit circuit;
	struct heap waiting;		/* of jobs */
	size_t jobs, under_way, parked;
	int64_t next_send;		/* mono; the rate */
	char text[256];			/* the last failure, "" none */
};

struct job {
	struct heap_node node;		/* first: a node is its job */
	struct dispatch *d;
	struct tgt *tgt;
	struct person_jobs *person;
	struct job *sibling;		/* the same person's next */
	enum job_state state;
	bool blocked;			/* waiting for a sibling to end */
	bool dirty;			/* something else is owed by now */
	struct target_person who;	/* strings in data */
	struct action act;
	uint64_t fingerprint;		/* of who */
	struct backoff wait;
	unsigned failures;
	int64_t since;			/* first tried (wall) */
	char text[160];
	char *data;			/* owned */
};

struct person_jobs {
	char id[37];
	struct job *first;
};

struct errands;

struct dispatch {
	struct dispatch_conf conf;
	struct httpc *http;
	struct receipts_writer *receipts;
	pthread_t thread;
	pthread_mutex_t lock;
	struct tgt *targets;
	struct map *people;		/* id -> struct person_jobs, owned */
	struct map *fresh;		/* people whose receipts are in the view
					 * since the engine opened its world */
	struct map *unknown;		/* target names nobody configured */
	struct errands *errands;		/* owned */
	struct heap unsaid;		/* jobs: ends that were let pass and
					 * that no receipt says yet */
	size_t n_jobs, n_parked;
	bool stopping;
	int64_t deadline;
};

/* errands.c. On the dispatch thread: what is to be done, without the lock;
 * that something is sent, with it; that the thread has ended. */
struct errands *errands_new(void);
void errands_free(struct errands *u);
void errands_run(struct dispatch *d, int64_t *wake);
void errands_sent(struct dispatch *d, const struct job *j);
void errands_end(struct dispatch *d);

/* dispatch.c: the target as a whole after an answer; with the lock. */
void dispatch_answered(struct tgt *t, const struct target_result *r);
/* As if it had never failed; likewise. */
void dispatch_reset_circuit(const struct dispatch *d, struct tgt *t);

/* All with the lock held. */
size_t jobs_limit(const struct tgt *t);		/* under way at a time */
void jobs_each(struct dispatch *d, struct tgt *t, void (*what)(struct job *j,
	void *arg), void *arg);
struct tgt *jobs_target(struct dispatch *d, const char *name);
void jobs_owed(struct dispatch *d, const struct target_person *p,
	const struct action *act, const int64_t *since, size_t n);
void job_free(struct job *j);
/* Into the queue, not before at (mono). */
void job_wait(struct job *j, int64_t at);
void job_park(struct job *j);
/* Its siblings at the same target may go on. */
void jobs_unblock(struct job *j);
struct job *jobs_find(struct dispatch *d, const char *person_id,
	const char *target, const char *tool);
/* The next job that may be sent now, marked as SENT, or, where the receipts do
 * not announce it yet, as RECEIPT; NULL: none before *wake, which is only ever
 * lowered. */
struct job *jobs_ready(struct dispatch *d, int64_t now, int64_t *wake);
void jobs_unpark(struct dispatch *d, struct tgt *t);
/* All that wait or are parked for t. */
void jobs_drop(struct dispatch *d, struct tgt *t);

#endif
