/* SPDX-License-Identifier: ISC */
/*
 * writer_p: what writer.c (submission, life) and writer_loop.c (the thread
 * that sends and receives) share. An op is in one list at a time: the queue
 * (not seen by the loop yet), ready (may be sent), the list of a connection
 * (sent), or held by the op for the same DN that is ready or sent. The lock
 * covers what says so; all else is the loop's own.
 */
#ifndef DIRECTORY_WRITER_P_H
#define DIRECTORY_WRITER_P_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/backoff.h"
#include "base/map.h"
#include "directory/writer.h"

struct op;

struct ops {
	struct op *head, *tail;
};

struct op {
	struct op *next;
	struct ops held;		/* later ones for the same DN */
	struct arena *a;		/* owned; holds the op itself */
	struct writer *w;
	const struct change *change;	/* borrowed until done */
	const char *key;		/* normal DN */
	bool has_uuid, wait;
	void (*done)(void *arg, const struct writer_result *r);
	void *arg;
	int64_t since;			/* mono: submitted, then sent */
	int msgid;
	struct journal_mark *mark;	/* NULL none */
	struct writer_result r;
};

#define WRITER_MAX_CONNECTIONS 16
#define NOWHERE SIZE_MAX

struct conn {
	struct ldapc *l;		/* NULL: down */
	size_t uri;
	struct ops sent;		/* oldest first */
	unsigned n;
	bool readable;			/* poll said so */
	bool wanted;			/* lock: the connector is to open it */
	struct ldapc *fresh;		/* lock: opened, not taken over yet */
	size_t fresh_uri;		/* lock */
};

struct writer {
	struct writer_conf conf;
	struct arena *a;		/* owned: conf's strings */
	struct view *view;		/* NULL: nobody waits for it */
	int wake;			/* eventfd */
	pthread_t loop, connector;
	pthread_mutex_t lock;
	pthread_cond_t want;		/* a connection is wanted, or stop */
	struct ops queue;		/* lock */
	bool stopping;			/* lock */
	int64_t stop_at;		/* lock; mono */
	size_t uri;			/* lock; the one written to; NOWHERE */
	_Atomic int64_t until;		/* boot; so long */
	atomic_uint up, pending;

	/* The loop's own: */
	struct conn conn[WRITER_MAX_CONNECTIONS];
	struct ops ready;
	struct map *by_dn;		/* normal DN -> op ready or sent */
	struct arena *message;
	bool draining;			/* stopping, seen by the loop */
};

void ops_push(struct ops *l, struct op *op);
void ops_unshift(struct ops *l, struct op *op);
struct op *ops_pop(struct ops *l);

/* May it be written to that one still? */
bool writer_allowed(const struct writer *w);
/* Calls done with code and text, frees the op. No lock held. */
void writer_end(struct op *op, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void writer_wake(struct writer *w);
void *writer_loop(void *w);

#endif
