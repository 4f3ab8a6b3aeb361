/* SPDX-License-Identifier: ISC */
/*
 * feed_report: what became of a file, row by row, as JSON: the first rows in
 * the report itself, or a line each into a file.
 *
 *	{"do":"join","row":3,"line":3,"key":"1047"}
 *	{"do":"bad","row":4,"line":4,"key":"1048","why":"userName: ..."}
 */
#ifndef ENGINE_FEED_REPORT_H
#define ENGINE_FEED_REPORT_H

#include <stdio.h>

#include "base/buf.h"
#include "feed/feed.h"
#include "store/journal.h"

struct feed_outcome;
struct feed_run;

struct feed_report {
	struct buf rows;		/* JSON objects, commas between */
	uint64_t shown;
	bool cut;			/* there are more rows than shown */
	FILE *file;			/* NULL: none */
	struct feed_counts counts;	/* of the plan */
	uint64_t written, failed;
	uint64_t people;		/* in all */
	char hash[65], sum[65];		/* "" not known */
	char batch[JOURNAL_BATCH];	/* in the journal; "" nothing written */
};

const char *feed_report_word(enum feed_what what);
void feed_report_init(struct feed_report *r, FILE *file);
/* why: it was refused; NULL: as the step says. */
void feed_report_row(struct feed_report *r, const struct feed_step *s,
	const char *why);
/* It was not written. */
void feed_report_failed(struct feed_report *r, const char *key,
	const char *why);
/* The whole into out->report; r is gone. */
void feed_report_end(struct feed_report *r, const struct feed_run *run,
	struct feed_outcome *out);

#endif
