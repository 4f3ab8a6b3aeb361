/* SPDX-License-Identifier: ISC */
/*
 * buf: a growing byte buffer with a cap and a sticky error.  Fill it without
 * checking, check buf_error once at the end.  The data is always followed by
 * a NUL that len does not count.  Owned by its holder: buf_fini frees.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;		/* owned; NULL while empty */
	size_t len, cap, max;
	bool failed;		/* the cap was reached: contents cut */
};

/* max: most bytes it may hold. */
void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
/* Empty it and clear the error; keeps the memory. */
void buf_reset(struct buf *b);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The bytes as a malloc'd string; the buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *len);
/* The string, "" when empty. */
const char *buf_str(const struct buf *b);

#endif
