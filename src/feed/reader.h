/* SPDX-License-Identifier: ISC */
/*
 * reader: the five codecs behind one face: records of a file, one at a time,
 * each with the values of the feed's fields in their order. A file that lacks
 * a column, or is cut off, is refused. Returns as codec/row.h says: 1 a
 * record, 0 the end, ERR_ITEM_BAD this one, anything else the file. A record
 * is borrowed until the next call. One thread at a time.
 */
#ifndef FEED_READER_H
#define FEED_READER_H

#include "codec/json.h"
#include "feed/feed_p.h"

struct reader;

struct record {
	uint64_t row, line;
	const struct strv *value;	/* of each field; NULL: body is set */
	const bool *said;		/* does the record speak of the field at
					 * all? NULL: of all of them */
	const struct json *body;	/* bulk: the resource */
	const char *key;		/* bulk: what a DELETE names; NULL */
	bool leaver;			/* the record takes the entry away */
};

/* The file is read from its beginning. f and a file descriptor that can seek
 * are borrowed. sum NULL, or the SHA-256 of what was read, there after the
 * end. */
int reader_open(const struct feed *f, int fd, struct reader **out,
	struct err *e);
int reader_next(struct reader *r, const struct record **out, struct err *e);
void reader_close(struct reader *r);

#endif
