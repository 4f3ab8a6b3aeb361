/* SPDX-License-Identifier: ISC */
/*
 * row: one row of a CSV file or of a spreadsheet, as text cells, and columns,
 * the names in a header row.  Both kinds of file give the same rows, so that
 * what reads a feed need not know which it was.
 *
 * Every reader of records (csv, xlsx, xml_record, ldif) returns the same from
 * its _next: 1 a record; 0 the end; ERR_ITEM_BAD this one is wrong, the error
 * says where, and the next call goes on behind it; any other code: the file as
 * a whole is refused, and every further call says so again.  A record is
 * borrowed until the next call.
 */
#ifndef CODEC_ROW_H
#define CODEC_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct row {
	uint64_t number;	/* from 1, as a spreadsheet program shows it */
	uint64_t line;		/* of the file, where it begins; XLSX: 0 */
	const char *const *cell;	/* UTF-8, "" when empty; no NUL */
	size_t n;
};

struct columns;

/* The names of a header row: spaces around them do not count; one without a
 * name cannot be asked for; a name twice (ASCII case ignored) is refused. */
int columns_new(const struct row *header, struct columns **out, struct err *e);
void columns_free(struct columns *c);
/* The index of a name (ASCII case ignored), -1: there is none. */
int columns_find(const struct columns *c, const char *name);
size_t columns_count(const struct columns *c);
/* "" beyond the last. */
const char *columns_name(const struct columns *c, size_t i);
/* A cell, "" beyond the row's end and for i < 0. */
const char *row_cell(const struct row *r, int i);

#endif
