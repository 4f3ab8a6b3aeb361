/* SPDX-License-Identifier: ISC */
/*
 * transform: what is done to a cell before it is a value: a list of small
 * named steps, no language.
 *
 *   lower  upper  squeeze	letter case (ASCII and beyond); runs of blanks
 *   digits			only its digits
 *   prefix TEXT  suffix TEXT	put before, behind a value that is there
 *   default TEXT		in place of an empty one
 *   constant TEXT		whatever the cell says
 *   date FORMAT		into YYYY-MM-DD; FORMAT of DD D MM M YYYY YY
 *				and what stands between
 *   lookup TABLE		the table's right side; not in it is an error,
 *				unless "lookup TABLE else TEXT"
 *   split CHARACTERS		several values
 *   nothing TEXT		an empty value in place of TEXT ("N/A")
 *
 * Blanks around a cell never count. Pure.
 */
#ifndef FEED_TRANSFORM_H
#define FEED_TRANSFORM_H

#include "feed/feed.h"

struct transform;

/* The list that the words say; ERR_INVALID names the one that is none. */
int transform_compile(struct arena *a, const struct strv *words,
	const struct feed_table_conf *table, size_t n_tables,
	struct transform **out, struct err *e);
/* in: the cell's values (of most files one). Results in a; empty ones are left
 * out. ERR_ITEM_BAD says what of the value is wrong. */
int transform_run(struct arena *a, const struct transform *t,
	const struct strv *in, struct strv *out, struct err *e);

#endif
