/* SPDX-License-Identifier: ISC */
/* table: rows for people: columns as wide as they must be, control characters
 * escaped, the last column cut at the terminal's width when there is one. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

struct arena;

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
void table_print(const struct table *t);

#endif
