/* SPDX-License-Identifier: ISC */
/*
 * xlsx: one sheet of an Office Open XML workbook (ECMA-376) as rows of text
 * cells, one at a time; and small workbooks written.
 *
 * Read are the first visible worksheet, or the one named.  A text cell is
 * given as it is, leading zeros included; a number in plain digits, never with
 * an exponent; a boolean as TRUE or FALSE; a date or time, known by its style,
 * in ISO 8601; a formula as the value that was stored with it.  A merged
 * area's value is in its first cell.  Rows without a value are left out, and
 * so are hidden sheets.  Charts, external links, embedded files and macros are
 * never opened.
 *
 * Rows are read as they are inflated: memory is bounded by the limits below,
 * most of it the shared strings.  See codec/row.h for what xlsx_next returns;
 * errors name the cell.  One thread at a time.
 */
#ifndef CODEC_XLSX_H
#define CODEC_XLSX_H

#include "codec/row.h"

struct buf;
struct xlsx;

/* 0 stands for the value given here. */
struct xlsx_limits {
	uint64_t file;		/* bytes: 64 MiB */
	uint64_t inflated;	/* bytes read from it, and bytes of text
				 * given out in cells: 512 MiB each */
	uint64_t ratio;		/* inflated to compressed: 100 to 1 */
	uint64_t ratio_floor;	/* what may always be inflated: 16 MiB */
	uint64_t entries;	/* in the zip: 10,000 */
	uint64_t cells;		/* 5,000,000 */
	uint64_t strings;	/* bytes of shared strings: 128 MiB */
	size_t columns;		/* 1,024 */
	size_t cell;		/* bytes: 128 KiB (Excel: 32,767 characters) */
};

struct xlsx_conf {
	const char *sheet;	/* its name, case ignored; NULL: the first
				 * that is visible */
	struct xlsx_limits limits;
};

/* A file in memory, which is borrowed until xlsx_close; or open at fd, which
 * stays the caller's.  conf NULL: all of it as above; it is not kept. */
int xlsx_open(const void *p, size_t n, const struct xlsx_conf *conf,
	struct xlsx **out, struct err *e);
int xlsx_open_fd(int fd, const struct xlsx_conf *conf, struct xlsx **out,
	struct err *e);
void xlsx_close(struct xlsx *x);
int xlsx_next(struct xlsx *x, const struct row **row, struct err *e);

/* Writing: every cell is text, stored in the sheet itself, never a formula;
 * columns are formatted as text, so that what is typed keeps its zeros.  The
 * same rows give the same bytes.  Row numbers must ascend. */
struct xlsx_out {
	const char *sheet;	/* its name: 1 to 31 characters */
	const struct row *row;
	size_t n;
	unsigned width;		/* of its columns, in characters; 0: 20 */
};

int xlsx_write(struct buf *out, const struct xlsx_out *w, struct err *e);

/* Templates to fill in: what to do in the rows above, the heading in row 5,
 * one number in each row of column A from XLSX_TEMPLATE_ROW on. */
#define XLSX_TEMPLATE_ROW 6
int xlsx_template_accounts(struct buf *out, struct err *e);
int xlsx_template_services(struct buf *out, struct err *e);

#endif
