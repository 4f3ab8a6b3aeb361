/* SPDX-License-Identifier: ISC */
/*
 * changes_p: what the page (changes.c) and the stream (changes_stream.c) of
 * GET /v1/changes share: what is asked for, and a line of the journal as a
 * change: the line itself with "type" and "id" at its end.
 */
#ifndef FRONT_CHANGES_P_H
#define FRONT_CHANGES_P_H

#include "base/buf.h"
#include "front/call.h"
#include "store/journal_read.h"

struct changes_query {
	uint64_t since;
	size_t count;
	char user[37];			/* id; "" anybody */
	const char *batch;		/* "" any; in the call's arena */
	const struct scim_resource *type;	/* NULL any */
};

/* Appends the line, if it was asked for: head, change, tail. False: it was
 * not. a: scratch, emptied. */
bool changes_put(struct buf *out, const struct scim_map *m, struct arena *a,
	const struct changes_query *q, const char *line, size_t n);

/* Answers the call with a stream from there, or with 503; the cursor is the
 * stream's, or gone. On a worker. */
void changes_stream(struct call *c, const struct changes_query *q,
	struct journal_cursor *cursor);

#endif
