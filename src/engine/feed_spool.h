/* SPDX-License-Identifier: ISC */
/*
 * feed_spool: a feed's directory, where files arrive and leave:
 *
 *	DIR/in/NAME		arrives whole: renamed into place, or followed
 *				by an empty NAME.done where the feed's marker
 *				says so; names that begin with a dot or end
 *				with .part or .tmp are somebody's business still
 *	DIR/archive/TIME-NAME	was taken in, with TIME-NAME.report
 *	DIR/reject/TIME-NAME	was refused, likewise
 *	DIR/held/JOB-NAME	waits for a person's word on the held job
 *
 * A report is a JSON object, preceded by a line for every row that changed
 * something or was wrong. A link, a pipe, a directory, a file that everybody
 * may write, or one that is too large is refused unread.
 */
#ifndef ENGINE_FEED_SPOOL_H
#define ENGINE_FEED_SPOOL_H

#include "engine/feed_run.h"

/* Makes the directories that are missing. ERR_INVALID names one that cannot
 * be. */
int feed_spool_check(const struct feed *f, struct err *e);
/* Takes in what has arrived and what was released. base: all of a run but the
 * file, which may have max_file bytes. done is told of each run's report. */
void feed_spool_look(const struct feed_run *base, int64_t max_file,
	void (*done)(void *ctx, const struct feed_outcome *o), void *ctx);

#endif
