/* SPDX-License-Identifier: ISC */
/* drop: files for somebody else's program to fetch. A file appears whole: it
 * is written under a name that begins with a dot, synced, renamed, and the
 * directory synced. Mode 0600. That is a short wait for the disk on the
 * dispatcher's thread; the directory should be local. */
#ifndef TARGET_DROP_H
#define TARGET_DROP_H

#include "base/buf.h"
#include "base/err.h"
#include "target/target.h"

/* Of the kinds that do so, one file an action. ERR_INVALID: the directory is
 * not there or cannot be written. */
int drop_open(const struct target_kind *kind, const struct target_conf *c,
	struct target **out, struct err *e);
void drop_close(struct target *t);
const char *drop_describe(const struct target *t);
/* deliver puts the action's file; it is not called for receipts to forget. */
void drop_apply(struct target *t, const struct target_person *p,
	const struct action *act,
	int (*deliver)(struct target *t, struct arena *a,
		const struct target_person *p, const struct action *act,
		struct err *e),
	void (*done)(void *arg, const struct target_result *r), void *arg);
/* One of the same name is replaced. ERR_ITEM_BAD: b has failed, the file is
 * too large; ERR_TARGET_DOWN: it cannot be written. */
int drop_put(const char *dir, const char *name, const struct buf *b,
	struct err *e);

#endif
