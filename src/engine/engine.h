/* SPDX-License-Identifier: ISC */
/*
 * engine: makes the outside agree with the directory (rule 7): reconcile and
 * dispatch, each a thread, put together. Start it when the writer runs and
 * the view is open; stop it before either goes. Nothing is remembered but in
 * the directory: a stopped or killed engine goes on where the receipts say.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "directory/held.h"
#include "directory/lease.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "store/view.h"
#include "target/target.h"

struct buf;
struct engine;

struct engine_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct held *held;		/* borrowed */
	struct sync *sync;		/* NULL: the view is complete (tests) */
	struct lease *lease;		/* NULL: nobody else is there (tests) */
	/* Live: what engine_reload takes. */
	const struct target_conf *target;	/* copied */
	size_t n_targets;
	const char *phone, *post;	/* targets of calls and letters (V23);
					 * NULL or "" none */
	int64_t full_interval;		/* microseconds; 0: 1 h */
	int64_t grace;			/* who has left is removed after; 0:
					 * never */
	int64_t retry_base, retry_max;	/* 0: 1 s, 5 min */
	int64_t overdue;		/* 0: 48 h */
	int64_t drift_interval;		/* 0: on request only */
	struct guard_limits drift_guard;	/* people missing in one list */
};

/* ERR_INVALID names the target that cannot be. */
int engine_start(const struct engine_conf *c, struct engine **out,
	struct err *e);
/* Starts nothing new, lets end what is under way, at most drain seconds.
 * NULL allowed. */
void engine_stop(struct engine *g, unsigned drain);
/* What can change while running, from target on: other targets, intervals and
 * limits; all or, on an error, none. A full pass follows. */
int engine_reload(struct engine *g, const struct engine_conf *c,
	struct err *e);
/* A JSON object for status; engine is a struct engine. For front,
 * which cannot see this floor, as a function pointer. Any thread. */
void engine_describe(void *engine, struct buf *out);
/* For people, likewise: what struct front_targets says. */
int engine_targets(void *engine, const char *target, struct buf *out,
	struct err *e);
int engine_parked(void *engine, const char *target, struct buf *out,
	struct err *e);
int engine_retry(void *engine, const char *target, const struct strv *people,
	size_t *n, struct err *e);
int engine_compare(void *engine, const char *target, bool accept,
	struct buf *out, struct err *e);
int engine_compared(void *engine, const char *target, struct buf *out,
	struct err *e);
int engine_rows(void *engine, const char *target, int *fd, struct err *e);
/* A full pass at once: for front likewise. Any thread. */
void engine_go(void *engine);
/* How people are told here. For front likewise. Any thread. */
void engine_ways(void *engine, struct ways *out);

#endif
