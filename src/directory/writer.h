/* SPDX-License-Identifier: ISC */
/*
 * writer: all LDAP writes. One thread, a few connections, many operations
 * outstanding on each; a write for one entry never overtakes an earlier one
 * for the same DN. Callers hand over a change and are called back with their
 * own result. While the directory is away writes end at once with ERR_BUSY.
 * With wait set the callback comes after the view holds the entry (rule 4) or
 * at the deadline; the write has been done in either case.
 *
 * Of several URIs it writes to the one that writer_use names, and nothing
 * before it was told (directory/lease); going over to another one ends what
 * is outstanding with ERR_TIMEOUT, outcome unknown.
 */
#ifndef DIRECTORY_WRITER_H
#define DIRECTORY_WRITER_H

#include <stdbool.h>

#include "link/ldapc.h"
#include "model/change.h"
#include "store/journal.h"
#include "store/view.h"

struct writer;

struct writer_result {
	int code;		/* 0 or an ERR_ code; text in err */
	struct err err;
	uint8_t uuid[16];	/* post-read; of deletes as given */
	char csn[64];		/* "" after a delete */
	bool in_view;		/* false: deadline reached before */
	int64_t created, modified;
};

struct writer_conf {
	struct ldapc_conf ldap;
	unsigned connections;		/* 0: 2 */
	unsigned max_queue;		/* 0: 10,000; beyond: ERR_BUSY */
	int64_t wait;			/* longest wait for the view, us */
	struct journal *journal;	/* is told of batches; while it can't
					 * be written all end with ERR_BUSY
					 * (FAULTS C4). NULL none */
};

/* c is copied. A directory that can't be reached is no error: it is tried on
 * and on; a bind that is refused (ERR_DENIED) and a bad URI are. v NULL:
 * nobody waits; else it is closed after the writer was stopped. */
int writer_start(const struct writer_conf *c, struct view *v,
	struct writer **out, struct err *e);
/* Ends what is outstanding (at most seconds), answers the rest ERR_BUSY; who
 * waits for the view is told at their deadline. Nobody may submit any more.
 * NULL allowed. */
void writer_stop(struct writer *w, unsigned seconds);
/* The change is borrowed until done is called, which happens once, from the
 * caller's, the writer's or the sync thread; it must not block (submitting is
 * allowed). uuid: the entry's, needed for deletes when wait is set (NULL
 * otherwise). */
void writer_submit(struct writer *w, const struct change *c,
	const uint8_t *uuid, bool wait,
	void (*done)(void *arg, const struct writer_result *r), void *arg);
/* Blocking, for threads that may wait (engine). */
int writer_call(struct writer *w, const struct change *c,
	const uint8_t *uuid, bool wait, struct writer_result *r);
/* Write to this one of several URIs, until then (clock_boot). Any thread. */
void writer_use(struct writer *w, size_t uri, int64_t until);
/* Which one that is; false: none may be written to just now. Any thread. */
bool writer_provider(struct writer *w, size_t *uri);
/* Can anything be written just now? */
bool writer_up(const struct writer *w);

#endif
