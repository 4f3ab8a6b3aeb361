/* SPDX-License-Identifier: ISC */
/* export_requests' own: which requests (export_requests.c) and what is said of
 * each (export_row.c). */
#ifndef FRONT_EXPORT_REQUESTS_H
#define FRONT_EXPORT_REQUESTS_H

#include "base/buf.h"
#include "directory/world.h"
#include "model/request.h"

/* The names of the columns, as a row. */
void export_head_csv(struct buf *out);
/* A row an item; one in any case. What a spreadsheet program would take for a
 * formula gets an apostrophe in front (E1). */
void export_put_csv(struct world_view *w, const struct request *r,
	struct buf *out);
/* One line of JSON, nothing changed. */
void export_put_json(struct world_view *w, const struct request *r,
	struct buf *out);

#endif
