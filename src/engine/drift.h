/* SPDX-License-Identifier: ISC */
/*
 * drift: receipts say what targets have confirmed; a list says what they hold.
 * Once an interval, and on request, each target that can be asked is, and the
 * two are compared, a person at a time:
 *
 *   confirmed, but not there      missing: the receipt says `pending', so that
 *                                 the engine sends the grant again
 *   there, but neither confirmed
 *     nor about to be             extra: a `pending' receipt says so, and the
 *                                 engine takes it away, if no right gives it;
 *                                 what that takes is weighed as all it takes
 *   there, on an account that is
 *     nobody's                    unmanaged: reported, or taken away where the
 *                                 target says so, under the guard
 *
 * Whom the target was told about meanwhile, or is to be, is left alone. A list
 * that is not complete changes nothing; neither does one that is empty, or
 * that misses more people than the guard lets lose something at a time,
 * unless somebody has said that it is right (rule 8).
 *
 * One thread, one target at a time. The list is kept in memory while it is
 * compared, up to a cap; the rows of the last report in a file without a name.
 */
#ifndef ENGINE_DRIFT_H
#define ENGINE_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "core/guard.h"
#include "directory/held.h"
#include "directory/lease.h"
#include "directory/sync.h"
#include "engine/dispatch.h"
#include "store/view.h"

#define DRIFT_KIND "unmanaged"	/* of its jobs (directory/held) */

struct buf;
struct drift;

struct drift_conf {
	struct view *view;
	const struct scim_map *map;
	struct sync *sync;		/* NULL: the view is complete */
	struct lease *lease;		/* nothing while it is another's */
	struct held *held;		/* NULL: no account is taken away */
	struct dispatch *dispatch;
	/* Live: */
	int64_t interval;		/* us; 0: on request only */
	struct guard_limits guard;	/* of people missing in one list */
};

int drift_start(const struct drift_conf *c, struct drift **out,
	struct err *e);
/* Before the dispatcher stops. NULL allowed. */
void drift_stop(struct drift *d);
/* What is live of c. Any thread, as all below. */
void drift_reload(struct drift *d, const struct drift_conf *c);

/* Compare this target now, NULL: all. accept: the list is right, however much
 * it misses. Appends "started":[{"target":..,"run":n}]: the run whose report
 * holds it. ERR_NOT_FOUND, ERR_UNSUPPORTED. */
int drift_now(struct drift *d, const char *target, bool accept,
	struct buf *out, struct err *e);
/* Appends the members of the last report; NULL: "reports":[..] of all, without
 * the differences one by one. */
int drift_report(struct drift *d, const char *target, struct buf *out,
	struct err *e);
/* Every row of the last report as CSV: a descriptor of the caller's own, to be
 * read with pread. ERR_NOT_FOUND: there is none yet. */
int drift_csv(struct drift *d, const char *target, int *fd, struct err *e);

#endif
