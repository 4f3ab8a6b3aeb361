/* SPDX-License-Identifier: ISC */
/*
 * feed_run: one file of a feed, from its first byte to the last write: read
 * for keys (feed_scan), read again as a plan that the guard weighs whole
 * before anything is written (J3), and, unless that was all that was asked
 * for, read once more while it is written, each entry asserted as it was seen.
 * Rows are independent: one that is wrong, or that somebody else has changed
 * meanwhile, is reported and the others go on (J2). Managers who stand further
 * down are set when everybody is there, by one more reading.
 *
 * What the feed brought last stands in ou=jobs, feed.NAME:
 *	provostJobData: rows 1047
 *	provostJobData: file SHA256-HEX TIME		the last thirty
 *
 * Blocks; for a thread of its own. Nothing of it is half done when the process
 * dies: the same file again completes it.
 */
#ifndef ENGINE_FEED_RUN_H
#define ENGINE_FEED_RUN_H

#include <stdatomic.h>
#include <stdio.h>

#include "base/buf.h"
#include "codec/scim_map.h"
#include "directory/held.h"
#include "directory/writer.h"
#include "feed/feed.h"
#include "store/view.h"

struct feed_progress {
	_Atomic uint64_t done, of;	/* rows; of 0: not known yet */
	const char *_Atomic phase;	/* "reading", "planning", "writing" */
};

struct feed_run {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct held *held;
	struct journal *journal;	/* what is written is one batch there */
	const struct feed *feed;
	int fd;				/* can seek; borrowed */
	const char *tmp;		/* directory for temporary files */
	bool apply;			/* false: the plan is all */
	const char *hash;		/* of the plan that was agreed to, ""
					 * whatever comes out */
	const char *author;		/* for the guard and held jobs */
	bool once;			/* the file that came last is not gone
					 * through again */
	FILE *rows;			/* a JSON line each that is not same;
					 * NULL: the first go into the report */
	struct feed_progress *progress;
	const _Atomic bool *stop;
};

struct feed_outcome {
	int code;			/* 0, ERR_HELD (see held), ERR_CONFLICT
					 * (another plan than agreed to),
					 * ERR_INVALID the file is refused,
					 * ERR_BUSY: later (it is still being
					 * written, the directory is away) */
	struct err err;
	bool again;			/* it is the file that came last */
	char held[HELD_ID];		/* "" none */
	struct buf report;		/* a JSON object; buf_fini */
};

/* out->report is filled whatever the code says. */
void feed_run(const struct feed_run *r, struct feed_outcome *out);

#endif
