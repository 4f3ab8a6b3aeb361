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

/* The directory is there and can be written: ERR_INVALID names the target. */
int drop_check(const struct target_conf *c, struct err *e);
/* One of the same name is replaced. ERR_ITEM_BAD: b has failed, the file is
 * too large; ERR_TARGET_DOWN: it cannot be written. */
int drop_put(const char *dir, const char *name, const struct buf *b,
	struct err *e);

#endif
