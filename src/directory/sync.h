/* SPDX-License-Identifier: ISC */
/*
 * sync: the syncrepl consumer (RFC 4533 refreshAndPersist), the only writer
 * of the view. One thread: searches, batches what has queued up into one
 * transaction, renders (codec), appends the journal, commits, wakes. All
 * phases and cookie cases of MEASURED.md: full refresh with mark and sweep,
 * present and delete phases, syncIdSets, no cookie at the end, result 53
 * (provider restored or killed), 4096. A sweep over the guard's share is not
 * committed and readiness turns red. Reconnects with back-off, forever. After
 * a lost connection, or when the server was restarted, what the cookie brings
 * is shown at once and then compared with everything (directory/cookie.h).
 *
 * Of several providers it reads the one that sync_use names, or, while that
 * can't be reached, any. One that lags takes nothing away (directory/phase);
 * readiness is red until it has caught up and everything was compared.
 */
#ifndef DIRECTORY_SYNC_H
#define DIRECTORY_SYNC_H

#include <stdbool.h>

#include "codec/scim_map.h"
#include "core/guard.h"
#include "link/ldapc.h"
#include "store/journal.h"
#include "store/view.h"

struct sweep;
struct sync;

struct sync_conf {
	struct ldapc_conf ldap;
	const char *base;
	const char *accesslog;		/* "cn=accesslog", "" none: who deleted */
	struct guard_limits sweep;	/* deletions by one refresh's sweep */
	int64_t probe_every, probe_wait;	/* us; 0: 10 s, 20 s: a silent
				 * connection is asked, and given up */
	uint64_t fill_part;		/* entries of a transaction that fills
					 * an empty view; 0: 10,000 */
};

struct sync_state {
	bool connected;			/* in the persist phase */
	bool served;			/* a refresh was completed once, or the
					 * view was kept: reads are possible */
	bool held;			/* a sweep was refused by the guard */
	int64_t agreed_mono;		/* when last known to agree */
	char why[256];			/* "" or what is wrong, for /readyz */
};

int sync_start(const struct sync_conf *c, const struct scim_map *m,
	struct view *v, struct journal *j, struct sync **out, struct err *e);
void sync_stop(struct sync *s);
/* Other limits, from the next refresh on. Any thread. */
void sync_limits(struct sync *s, const struct guard_limits *sweep);
/* What a refresh waits with for a person's word. */
struct sweep *sync_sweep(struct sync *s);
/* Read this one of the URIs from now on. Any thread. */
void sync_use(struct sync *s, size_t uri);
void sync_state(struct sync *s, struct sync_state *out);
/* Blocks until reads are possible or the deadline; false: not yet. */
bool sync_wait_served(struct sync *s, int64_t deadline_mono);

#endif
