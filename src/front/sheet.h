/* SPDX-License-Identifier: ISC */
/*
 * sheet: a column of numbers or names, however it comes: a JSON list, a text
 * with commas, blanks or line ends between, an XLSX file as its template has
 * it (column A, from row 6), or CSV (a header, data from row 2). Blank cells
 * are passed over; a row that can't be read is refused by itself and says
 * where it is. What is beyond a limit is refused whole while it is read.
 */
#ifndef FRONT_SHEET_H
#define FRONT_SHEET_H

#include "front/call.h"

#define SHEET_XLSX_TYPE \
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

struct sheet_form {
	const char *member;		/* of a JSON body: the list */
	const char *column;		/* of a CSV header; one column alone
					 * may be called anything */
	const char *what;		/* for sentences: "accounts (L2)" */
	size_t most;			/* rows */
};

struct sheet_row {
	size_t row;			/* in the file, or in the list from 1 */
	const char *text;		/* "" bad */
	const char *bad;		/* why, NULL good */
};

struct sheet {
	struct sheet_row *v;
	size_t n, cap;
};

/* Reads the body of c into its arena; of JSON c->body is there afterwards. 0,
 * or it was answered. For workers: a spreadsheet takes a while. */
int sheet_read(struct call *c, const struct sheet_form *form,
	struct sheet *out);

#endif
