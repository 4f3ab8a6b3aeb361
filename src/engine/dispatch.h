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
 * Before anything is sent the receipts say that it may have happened; of an end
 * that was let pass they say so at once, whether the target can be reached or
 * not, so that nobody counts it again. The one window: a process that dies between a target's answer and the receipt's
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
/* A look at the view begins. What one that began before says of people whose
 * receipts have come in since is old: they are looked at again. */
void dispatch_look(struct dispatch *d);
/* Forget what has not been sent: another daemon has it to do now. */
void dispatch_drop(struct dispatch *d);
bool dispatch_room(struct dispatch *d);
/* Has this person jobs? */
bool dispatch_knows(struct dispatch *d, const char *person_id);
/* Is this target configured? Nothing is told to one that is not. */
bool dispatch_has(struct dispatch *d, const char *target);
/* As receipts_deleted. */
bool dispatch_deleted(struct dispatch *d, const uint8_t uuid[16]);
/* Appends members to a JSON object: "pending":..,"failed":..,"targets":[..] */
void dispatch_describe(struct dispatch *d, struct buf *out);

/* --- for people: any thread; ERR_NOT_FOUND: no such target ----------------- */

int dispatch_no_target(const char *name, struct err *e);

/* Appends "targets":[..], the same as above. */
void dispatch_targets(struct dispatch *d, struct buf *out);
/* Appends "parked":[..] with the reasons, "more":.. those left out. */
int dispatch_parked(struct dispatch *d, const char *target, struct buf *out,
	struct err *e);
/* What is parked or waits after a failure is due now, of these people (n 0: of
 * all), and the target counts as up until it fails again. *n: so many jobs. */
int dispatch_retry(struct dispatch *d, const char *target,
	const struct strv *people, size_t *n, struct err *e);

/* --- for engine/drift (errands.c); one thread ------------------------------- */

/* Targets that can be asked what they hold; in a. */
struct strv dispatch_listing(struct dispatch *d, struct arena *a);
/* Are accounts there that are nobody's to be taken away? */
bool dispatch_strips(struct dispatch *d, const char *target);
/* The tools whose other side it is; in a. 0 or ERR_RETRY. */
int dispatch_tools(struct dispatch *d, struct arena *a, const char *target,
	struct strv *out, struct err *e);

/* As struct target_lister; done comes once, from the dispatch thread, as each
 * does. What it points at is borrowed until dispatch_list_close. */
struct dispatch_list {
	const char *target;
	struct strv tools;
	bool (*each)(void *ctx, const struct target_account *acc);
	void (*done)(void *ctx, int code, const struct err *e);
	void *ctx;
};

/* Asks a target what it holds; ERR_NOT_FOUND, ERR_UNSUPPORTED: it has nothing
 * that could be asked. One list at a time in all, until dispatch_list_close.
 * Until then it is remembered whom the target was told about. */
int dispatch_list(struct dispatch *d, const struct dispatch_list *l,
	struct err *e);
/* Let it end soon; nothing is corrected any more until the next list. */
void dispatch_list_cancel(struct dispatch *d);
void dispatch_list_close(struct dispatch *d);
/* Nothing was told to the listed target about this person since the list
 * began, and nothing is to be. */
bool dispatch_still(struct dispatch *d, const char *person_id);
/* The receipts of act's tool shall say `pending' of all its accounts: what the
 * target holds differs. Nothing if a job is there by then. Waits for room;
 * false: cancelled. */
bool dispatch_correct(struct dispatch *d, const char *person_id,
	const struct action *act);
/* Take a tool from an account that is nobody's. Once: not tried again. Waits
 * likewise. */
bool dispatch_strip(struct dispatch *d, const char *target,
	const char *remote_id, const char *tool);

#endif
