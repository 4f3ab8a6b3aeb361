/* SPDX-License-Identifier: ISC */
/*
 * worker: a few threads for what would hold up the server's own: reads that
 * look at everybody. A call handed over is answered from there.
 */
#ifndef FRONT_WORKER_H
#define FRONT_WORKER_H

#include <stdbool.h>

#include "base/err.h"

struct call;
struct worker;

int worker_start(unsigned threads, struct worker **out, struct err *e);
/* Does what is queued, then ends. NULL allowed. */
void worker_stop(struct worker *w);
/* Run fn(c) on a worker; false: too many wait. */
bool worker_take(struct worker *w, struct call *c,
	void (*fn)(struct call *c));
/* The same; at once answers 503 when too many wait. */
void worker_submit(struct worker *w, struct call *c,
	void (*fn)(struct call *c));

#endif
