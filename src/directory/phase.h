/* SPDX-License-Identifier: ISC */
/*
 * phase: what the messages of one sync search (RFC 4533 3.3, 3.4) do to the
 * view. A refresh is one write transaction: entries are put and marked, told
 * deletions are collected, and only when the provider has said that all is
 * there are they and - where absence means deletion - everything unmarked
 * taken out, if the guard or a person (directory/sweep) lets them; then
 * entries and cookie are committed together. A connection lost before that
 * leaves no trace. Afterwards (persist) the caller commits once per batch of
 * messages.
 *
 * A view that holds nothing is filled in many transactions: LMDB keeps the
 * memory of the largest one for good. Nobody reads it before it has a cookie,
 * and there is nothing to be taken out.
 *
 * Of several mirrored providers one may lag behind what another one has shown
 * before. What its contextCSN does not cover it cannot know: an entry that is
 * not there, or older there, stays as it is in the view; one that the view no
 * longer has stays away. phase_behind says so until it has caught up.
 *
 * Cookies met in the persist phase are held back a little before they are
 * stored: messages overtake one another, and a cookie may arrive before a
 * change that it covers. Resuming from an older one costs nothing.
 */
#ifndef DIRECTORY_PHASE_H
#define DIRECTORY_PHASE_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/guard.h"
#include "directory/csn.h"
#include "directory/intake.h"
#include "directory/sweep.h"
#include "link/ldapc.h"

struct phase_cookie {
	struct buf bytes;
	int64_t at;			/* mono; 0 none */
};

struct phase {
	struct intake in;		/* owned */
	struct view *view;
	struct guard_limits limits;
	struct sweep *sweep;		/* borrowed; what the guard stops */
	uint64_t fill_part;		/* entries of a transaction that fills;
					 * the caller's to set */
	struct view_write *w;		/* owned; NULL none open */
	struct view_read *seen;		/* owned, with w */
	const char *origin;		/* borrowed; of the cookies */
	const struct csns *context;	/* borrowed; how far the provider has
					 * come; NULL: it is the only one */
	struct csns known;		/* how far the view has seen */
	bool refreshing;
	bool full;			/* no cookie was sent */
	bool present;			/* there was a present phase */
	bool filling;			/* the view held nothing before */
	uint64_t parts;			/* commits of this refresh so far */
	uint64_t taken;			/* entries since the last */
	bool resync;			/* the view can't be right: the caller
					 * must ask for everything again */
	uint8_t (*gone)[16];		/* owned; told deletions of a refresh */
	size_t n_gone, cap_gone;
	struct phase_cookie next, ripe;	/* newest; the one before */
	uint64_t kept;			/* the provider lacks them as yet */
	uint64_t changed;		/* entries by the last commit */
	uint64_t commits;
};

int phase_init(struct phase *p, struct view *v, const struct scim_map *m,
	struct journal *j, struct aside *aside, struct sweep *sweep,
	const struct guard_limits *limits, struct err *e);
void phase_fini(struct phase *p);
/* A search was sent, with a cookie or (full) without, to this run of a server
 * (directory/cookie), which has come so far (NULL: there is no other one);
 * both are borrowed until the next phase_start. */
void phase_start(struct phase *p, bool full, const char *origin,
	const struct csns *context);
/* A refresh kept nothing back: the provider has all that the view has. */
void phase_caught_up(struct phase *p);
/* Has the provider not come as far as the view has seen? */
bool phase_behind(const struct phase *p, const struct csns *context);
/* One message of it. Ends the refresh when it is complete (refreshing turns
 * false; ERR_HELD: not committed). After an error: phase_abort. */
int phase_take(struct phase *p, struct arena *a, struct ldapc_result *r,
	struct err *e);
/* Persist: make what was taken visible. Ripe cookies are stored as well. */
int phase_commit(struct phase *p, struct arena *a, struct err *e);
void phase_abort(struct phase *p);
/* The run of the server has become known: note it with the stored cookie. */
int phase_stamp(struct phase *p, struct arena *a, struct err *e);
/* When phase_commit has a cookie to store though nothing arrives (mono). */
int64_t phase_due(const struct phase *p);

#endif
