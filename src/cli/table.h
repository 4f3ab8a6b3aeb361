/* SPDX-License-Identifier: ISC */
/*
 * table: rows for people. Columns are as wide as they must be, counted as a
 * terminal does (wide and combining characters); what a terminal would act on
 * is shown as '?'. When they do not fit, the widest are cut with "...", never
 * the first, which names the row; when that would leave too little of them,
 * each row becomes a block of lines, a cell a line. Without a width nothing is cut, so that scripts see all.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

#define TABLE_COLUMNS 8

struct table {
	struct arena *arena;		/* borrowed */
	size_t columns, n, cap;
	const char *(*row)[TABLE_COLUMNS];
};

/* heads: the column titles, ended by NULL. */
void table_init(struct table *t, struct arena *a, const char *const *heads);
/* As many cells as columns; NULL is shown as "-". */
void table_add(struct table *t, const char *const *cells);
/* width 0: any. colour: titles bold, states by what they mean. */
void table_layout(const struct table *t, size_t width, bool colour,
	struct buf *out);
/* On standard output, to fit the terminal. */
void table_print(const struct table *t);

/* s without what a terminal would act on, "-" for nothing. */
const char *table_clean(struct arena *a, const char *s);
/* Columns that s takes on a terminal. */
size_t table_width(const char *s);
/* Columns of the output: COLUMNS, else the terminal's, 0 for any. */
size_t table_terminal(void);
/* Standard output is a terminal, and nobody said NO_COLOR. */
bool table_colour(void);

#endif
