/* SPDX-License-Identifier: ISC */
/* journal_p: what journal.c (writing, closing the file) and journal_open.c
 * (where it ends, start and stop) share. */
#ifndef STORE_JOURNAL_P_H
#define STORE_JOURNAL_P_H

#include <pthread.h>
#include <sys/types.h>

#include "base/buf.h"
#include "store/journal.h"
#include "store/journal_line.h"
#include "store/journal_marks.h"
#include "store/uset.h"

#define JOURNAL_QUEUE (1u << 20)	/* written through beyond */

/* A state of the file that can be returned to. */
struct mark {
	struct journal_chain chain;
	off_t size;
};

struct journal {
	pthread_mutex_t lock;
	pthread_cond_t grown;
	int fd;
	char *dir, *path;	/* owned */
	uint64_t first;		/* number of the file's first line */
	uint64_t limit;		/* the file is closed when it is so large */
	bool asked;		/* ... or now */
	unsigned wakes;
	struct mark now;	/* with all lines made, size: those written */
	struct mark safe;	/* at the last flush */
	off_t durable;		/* size at the last fdatasync */
	struct buf line, queue;
	struct arena *scratch;	/* owned */
	bool cut;		/* bytes beyond now.size may be in the file */
	/* Keys of lines not flushed, flushed, and flushed longer ago. */
	struct uset *pending, *seen, *older;
	struct journal_marks *marks;	/* owned; of batches */
	struct err failed;	/* since the last flush */
	bool failing;		/* the last flush did */
};

/* fsync of the directory: names. */
int journal_sync_dir(const char *dir, struct err *e);

#endif
