/* SPDX-License-Identifier: ISC */
/*
 * dispatch: tells the targets. One thread with one HTTP client; the engine
 * thread says of one person at a time everything that is owed (dispatch_person)
 * and dispatch makes that one job a tool (or mail) and target:
 *
 *   waiting -> announced -> gone, made again    pending, receipt in the view
 *   waiting -> sent -> receipt -> gone          confirmed, receipt in the view
 *      ^         |
 *      +- RETRY, TARGET_DOWN, STOP              with back-off, forever
 *                +- ITEM_BAD -> parked          until person or target change
 *
 * A job stays until its receipt is in the view, so nothing is sent twice. What
 * is owed now replaces a job that has not been sent; one that has been sent
 * is looked at again when it has ended. One job at a time for a person and
 * target; per target a limit of concurrency and rate, and a circuit. A failed
 * job writes a `pending` receipt at its first failure and every tenth, a
 * parked one a `failed` receipt. A restart tries parked jobs once more.
 *
 * Before anything is sent the receipts say that it may have happened. The one
 * window: a process that dies between a target's answer and the receipt's
 * arrival in the directory sends the same action with the same key once more;
 * or, if what is owed has changed meanwhile, that.
 */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "directory/lease.h"
#include "directory/writer.h"
#include "store/view.h"
#include "target/target.h"

struct buf;
struct dispatch;

struct dispatch_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct lease *lease;		/* asked right before each action */
	const struct target_conf *target;	/* copied */
	size_t n_targets;
	int64_t retry_base, retry_max, overdue;	/* microseconds */
	unsigned breaker;		/* failures in a row; 0: 3 */
	const struct target_source *source;	/* borrowed; for targets */
	/* Look at this person again. Any thread, must not block. */
	void (*recheck)(void *ctx, const char *person_id);
	void *ctx;
};

/* ERR_INVALID names the target that cannot be. */
int dispatch_start(const struct dispatch_conf *c, struct dispatch **out,
	struct err *e);
/* What is under way ends, at most seconds. NULL allowed. */
void dispatch_stop(struct dispatch *d, unsigned seconds);
/* Other targets and times from now on; all or, on an error, none. Unchanged
 * targets go on, changed ones try again what was parked. A wait that has begun
 * keeps its length. Of c only target, n_targets, retry_base, retry_max and
 * overdue count. */
int dispatch_reload(struct dispatch *d, const struct dispatch_conf *c,
	struct err *e);

/* Everything owed for a person just now, one action a tool or mail; n 0: nothing.
 * since[i]: when the action was first tried by its receipt, 0 never. Copied.
 * False: too many jobs are waiting, offer it again later. Any thread. */
bool dispatch_person(struct dispatch *d, const struct target_person *p,
	const struct action *act, const int64_t *since, size_t n);
/* Forget what has not been sent: another daemon has it to do now. */
void dispatch_drop(struct dispatch *d);
bool dispatch_room(struct dispatch *d);
/* Has this person jobs? */
bool dispatch_knows(struct dispatch *d, const char *person_id);
/* As receipts_deleted. */
bool dispatch_deleted(struct dispatch *d, const uint8_t uuid[16]);
/* Appends members to a JSON object: "pending":..,"failed":..,"targets":[..] */
void dispatch_describe(struct dispatch *d, struct buf *out);

#endif
