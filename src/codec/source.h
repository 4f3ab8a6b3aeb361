/* SPDX-License-Identifier: ISC */
/*
 * source: where a codec's bytes come from: memory, a file descriptor, or a
 * function.  The codecs pull from it and never hold the whole of it, so a
 * file may be larger than memory.  Plain value, used by one reader at a time;
 * what it points at is borrowed.
 */
#ifndef CODEC_SOURCE_H
#define CODEC_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct source {
	/* Up to cap bytes into p, their number into *n: 0 at the end. */
	int (*read)(struct source *s, char *p, size_t cap, size_t *n,
	    struct err *e);
	void *ctx;		/* the function's own */
	const char *p;		/* source_mem: what is left of it */
	size_t left;
	uint64_t given;		/* bytes so far */
	uint64_t max;		/* most it may give, ERR_LIMIT; 0: any */
};

struct source source_mem(const void *p, size_t n);
/* Reads on, holding the source to its max. */
int source_read(struct source *s, char *p, size_t cap, size_t *n,
	struct err *e);

#endif
