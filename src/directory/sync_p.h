/* SPDX-License-Identifier: ISC */
/* sync_p: what sync.c (answers, the thread) and sync_ask.c (what is asked of
 * which provider) share. */
#ifndef DIRECTORY_SYNC_P_H
#define DIRECTORY_SYNC_P_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/backoff.h"
#include "directory/aside.h"
#include "directory/phase.h"
#include "directory/sync.h"

#define NOWHERE SIZE_MAX

struct sync {
	struct sync_conf conf;		/* what it points to is the caller's */
	struct view *view;
	struct phase phase;
	struct aside *aside;		/* owned */
	struct sweep *sweep;		/* owned */
	struct arena *arena;		/* owned; of one message */
	pthread_t thread;
	int wake;			/* eventfd: look at use, or stop */
	atomic_bool stopping;
	atomic_size_t use;		/* the URI to read; NOWHERE any */

	/* The thread's own: */
	struct ldapc *l;		/* owned; NULL not connected */
	size_t uri;
	uint64_t sessions;
	bool forget;			/* ask without the cookie */
	bool recalled;			/* the journal knows its past */
	char origin[300];		/* run of the server, directory/cookie */
	int64_t ask_origin;		/* again, at this time; CLOCK_NEVER */
	bool lost;			/* it may have been another one since */
	bool verify;			/* what the cookie brings is not all,
					 * perhaps: compare everything next */
	bool again;			/* the next session starts at once */
	struct csns context;		/* how far the provider has come */
	int64_t lag_at;			/* ask again; CLOCK_NEVER: no lag */
	struct backoff lag_read;	/* read everything again */
	int64_t lag_read_at;
	struct backoff settle;		/* compare once more, of several: */
	int64_t settle_at;		/* then; CLOCK_NEVER */
	unsigned settled;
	int64_t moved_at;		/* to the one in use */
	uint64_t changed;		/* by refreshes, not yet logged */
	int search, probe;		/* message ids; probe -1 none */
	int64_t probe_at;		/* sent, or to be sent */
	uint64_t commits;		/* at the last journal_sync */
	int64_t synced_at;
	size_t taken;			/* messages, by the last drain */
	char said[512];			/* what was last logged */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct sync_state state;	/* guarded */
};

bool sync_lags(const struct sync *s);
/* A refresh of a provider that lags has ended: does it lack anything at all?
 * One that was killed may have forgotten only how far it had come. */
void sync_look_lag(struct sync *s);
/* A refresh of one of several has ended: see there. */
void sync_settle(struct sync *s);
/* Connect and ask, with the cookie where it can be trusted. */
int sync_connect(struct sync *s, struct err *e);
/* What is due though nothing arrived: a sign of life from the server, which
 * run of it this is, how far one that lags has come. */
int sync_ask_due(struct sync *s, struct err *e);

#endif
