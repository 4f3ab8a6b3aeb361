/* SPDX-License-Identifier: ISC */
/*
 * csv: comma-separated values (RFC 4180) as rows, one at a time, from a
 * source of any length; memory is bounded by row_max.
 *
 * Lines end with CRLF, LF or CR, in any mix; a blank line is skipped but
 * counted.  A byte order mark decides the charset, else the configuration.
 * The first row sets how many cells a row has; whether it holds names is the
 * caller's business (columns_new).  See codec/row.h for what csv_next returns
 * and how to go on behind a bad row: on the line after the one where it began,
 * so that a quote that is never closed costs one row and not the rest.  A bad
 * first row refuses the file.  One thread at a time.
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include <stdbool.h>

#include "codec/charset.h"
#include "codec/row.h"

struct buf;
struct csv;
struct source;

struct csv_conf {
	char delimiter;		/* 0: found in the first line: , ; tab | */
	enum charset_kind charset;	/* of a file without a mark */
	size_t columns_max;	/* 0: 1,024 */
	size_t cell_max;	/* bytes; 0: 64 KiB */
	size_t row_max;		/* bytes; 0: 1 MiB */
};

/* conf NULL: all of it as above.  The source is borrowed until csv_close. */
struct csv *csv_open(struct source *src, const struct csv_conf *conf);
void csv_close(struct csv *c);
int csv_next(struct csv *c, const struct row **row, struct err *e);
/* After the end: did the last line end as a line does?  A file cut off in its
 * last cell shows only here. */
bool csv_whole(const struct csv *c);

struct csv_format {
	char delimiter;		/* 0: comma */
	bool guard;		/* a cell that begins with = + - @ TAB CR LF
				 * gets a leading ' so that no spreadsheet
				 * program takes it for a formula */
};

/* Appends one row, ended by CRLF.  f NULL: commas, no guard. */
void csv_put(struct buf *out, const struct csv_format *f,
	const char *const *cell, size_t n);

#endif
