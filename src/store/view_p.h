/* SPDX-License-Identifier: ISC */
/* view_p: what the files of the view share. */
#ifndef STORE_VIEW_P_H
#define STORE_VIEW_P_H

#include <pthread.h>

#include "store/changes.h"
#include "store/db.h"
#include "store/view.h"
#include "store/wait.h"

/* meta "state": is what lies on the disk ours, and can it be trusted? */
struct view_state {
	uint32_t format;
	uint32_t clean;		/* 1: closed in order */
	uint64_t fingerprint;
	char boot[40];		/* /proc/sys/kernel/random/boot_id */
};

struct view {
	char *dir;		/* owned */
	int lock_fd;		/* flock'd as long as the view is open */
	struct db *db;
	struct view_state state;
	struct waits *waits;
	struct changes *changes;
	_Atomic uint64_t changed[256];	/* commits, by type */
	pthread_mutex_t pool_lock;
	struct view_read *idle;	/* reset read transactions, a stack */
};

struct view_read {
	struct view *view;
	struct db_txn *txn;
	struct view_read *next;	/* in the pool */
};

struct db_val view_meta_key(const char *name);

#endif
