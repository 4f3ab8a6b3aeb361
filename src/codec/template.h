/* SPDX-License-Identifier: ISC */
/*
 * template: text with {{name}} in it. The names a template may use are given
 * when it is read, so that a name nobody fills in is found then and not in
 * somebody's mail. There is nothing else to it: no conditions, no loops.
 * Templates live in the arena given. Pure.
 */
#ifndef CODEC_TEMPLATE_H
#define CODEC_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct buf;

struct template_piece {
	const char *text;	/* n bytes of it as they are */
	size_t n;
	int value;		/* then this value; -1 none */
};

struct template {
	struct template_piece *v;
	size_t n;
};

/* text: UTF-8, kept (not copied), from this line of file on; names end with
 * NULL. ERR_INVALID with "file:line" for an unknown name, a {{ without }} or
 * bytes that are not UTF-8. */
int template_read(struct arena *a, const char *file, int line,
	const char *text,
	const char *const *names, struct template *out, struct err *e);
/* value[i] stands for names[i], NULL for nothing. html: as HTML text or the
 * value of an attribute in quotes. */
void template_write(const struct template *t, const char *const *value,
	bool html, struct buf *out);

#endif
