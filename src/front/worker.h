/* SPDX-License-Identifier: ISC */
/*
 * worker: a few threads for what would hold up the server's own: reads that
 * look at everybody, requests that are many. A call handed over is answered
 * from there.
 */
#ifndef FRONT_WORKER_H
#define FRONT_WORKER_H

#include <stdbool.h>

#include "base/err.h"

struct call;
struct worker;

/* Something to be run; lives with whoever hands it over until it is. */
struct worker_task {
	struct worker_task *next;
	void (*run)(void *arg);
	void *arg;
};

int worker_start(unsigned threads, struct worker **out, struct err *e);
/* Does what is queued, then ends. NULL allowed. */
void worker_stop(struct worker *w);
/* Run fn(c) on a worker, at once if this thread is one; false: too many
 * wait. */
bool worker_take(struct worker *w, struct call *c,
	void (*fn)(struct call *c));
/* The same; answers 503 when too many wait. */
void worker_submit(struct worker *w, struct call *c,
	void (*fn)(struct call *c));
/* Go on with what a worker has begun: however many wait. */
void worker_resume(struct worker *w, struct worker_task *t);

#endif
