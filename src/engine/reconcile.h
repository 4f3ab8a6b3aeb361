/* SPDX-License-Identifier: ISC */
/*
 * reconcile: the engine thread. Level-triggered: it looks at whatever has
 * changed in the view, computes what each person touched should hold, compares
 * with the receipts and hands what is owed to dispatch. A change to the
 * catalogue (tool, company, account, role, rule ...) touches everybody; so do
 * the start and every full_interval: a full pass, in batches, between which
 * single changes are dealt with. A full pass caused by changes waits until
 * four times its own length has gone by since the last one.
 *
 * Nothing is looked at while another daemon holds the lease (directory/lease);
 * with it a full pass begins, as after a start.
 *
 * Receipts whose person is gone lead to removals everywhere. Whatever takes
 * something from people at targets is weighed first (engine/brake): what is
 * found by a full pass, or while one is to come, together at its end.
 */
#ifndef ENGINE_RECONCILE_H
#define ENGINE_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "directory/held.h"
#include "directory/lease.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "engine/dispatch.h"
#include "store/view.h"

struct buf;
struct reconcile;

struct reconcile_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct held *held;
	struct sync *sync;		/* nothing is done before it has served;
					 * NULL: the view is complete */
	struct lease *lease;		/* nor while it is another's */
	/* Live, guarded by the lock: */
	int64_t full_interval;		/* microseconds */
	int64_t grace;			/* of who has left; 0: never removed */
	struct ways ways;		/* by which people are told */
};

struct reconcile *reconcile_new(const struct reconcile_conf *c);
int reconcile_start(struct reconcile *r, struct dispatch *d, struct err *e);
/* Ends the thread; r stays until reconcile_free. */
void reconcile_stop(struct reconcile *r);
void reconcile_free(struct reconcile *r);
/* Look at this person. Any thread. */
void reconcile_touch(struct reconcile *r, const char *person_id);
/* What is live of c from now on; a full pass at once. Any thread. */
void reconcile_reload(struct reconcile *r, const struct reconcile_conf *c);
/* A full pass at once. Any thread. */
void reconcile_go(struct reconcile *r);
/* The ways just now. Any thread. */
void reconcile_ways(struct reconcile *r, struct ways *out);
/* Appends members to a JSON object. Any thread. */
void reconcile_describe(struct reconcile *r, struct buf *out);

#endif
