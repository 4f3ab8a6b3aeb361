/* SPDX-License-Identifier: ISC */
/* xlsx_p: what xlsx's own files share. */
#ifndef CODEC_XLSX_P_H
#define CODEC_XLSX_P_H

#include <stdbool.h>

#include "base/buf.h"
#include "codec/source.h"
#include "codec/xlsx.h"
#include "codec/xlsx_zip.h"
#include "codec/xml.h"

struct arena;

#define XLSX_ROW_MAX 1048576u
#define XLSX_COLUMN_MAX 16384u

/* What a cell's style makes of its number. */
enum xlsx_style { XLSX_NUMBER, XLSX_DATE, XLSX_TIME, XLSX_DATE_TIME };

/* Shared strings: one text, where each string begins. */
struct xlsx_strings {
	struct buf text;
	uint32_t *off;		/* owned */
	size_t n, cap;
};

/* The cell that is being read. */
struct xlsx_cell {
	unsigned column;	/* from 1 */
	char type[12];
	unsigned long style;
	bool has_value, has_formula, inline_string, run;
	int collect;		/* depth whose text is the value; 0: none */
	struct buf text;
};

struct xlsx {
	struct xlsx_limits limits;
	struct xlsx_zip *zip;
	struct arena *a;	/* of the object */
	struct arena *cells;	/* texts of the row */
	bool date1904;
	const char *name, *part;	/* of the sheet */
	const char *strings_part, *styles_part;	/* NULL: none */
	struct xlsx_strings strings;
	unsigned char *style;	/* enum xlsx_style a cell format, in a */
	size_t n_styles;
	struct source source;
	struct xml *xml;
	bool in_data, in_row, in_cell;
	struct xlsx_cell cell;
	const char **value;	/* of the row, limits.columns of them */
	struct row row;
	unsigned number;	/* of the last row */
	unsigned column;	/* of the last cell in it */
	uint64_t n_cells, given;	/* cells, bytes of text in them */
	bool bad;		/* this row */
	int dead;
	struct err why;
};

/* xlsx_parts: finds the sheet's part and those it needs. */
int xlsx_parts_find(struct xlsx *x, const char *sheet, struct err *e);
/* One of SpreadsheetML's namespaces, transitional or strict. */
bool xlsx_is_main(const char *ns);
/* A part's reader; its root must be this element. */
int xlsx_parts_open(struct xlsx *x, const char *part, const char *root,
	struct xml **out, struct err *e);

/* xlsx_strings */
int xlsx_strings_read(struct xlsx *x, struct err *e);
void xlsx_strings_free(struct xlsx_strings *s);
const char *xlsx_strings_get(const struct xlsx_strings *s, size_t i,
	size_t *n);
/* _xHHHH_ becomes the character it stands for (ECMA-376, 22.9.2.19). */
void xlsx_unescape(struct buf *text, size_t from);

/* xlsx_style */
int xlsx_style_read(struct xlsx *x, struct err *e);
enum xlsx_style xlsx_style_of_format(const char *code);

/* xlsx_value: a number as written -> plain digits, NULL when it is none; then
 * a date or time, NULL when there is none of that number. */
char *xlsx_value_number(struct arena *a, const char *s);
char *xlsx_value_date(struct arena *a, const char *number,
	enum xlsx_style style, bool date1904);

#endif
