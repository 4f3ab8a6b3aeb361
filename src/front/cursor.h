/* SPDX-License-Identifier: ISC */
/* cursor: where a page ended, as opaque text (RFC 9865): the position in the
 * view, bound to resource type and filter by a weak hash, so that one from
 * another list is noticed. Pure. */
#ifndef FRONT_CURSOR_H
#define FRONT_CURSOR_H

#include "base/err.h"
#include "store/view.h"

struct arena;

uint64_t cursor_salt(const char *type, const char *filter);
char *cursor_print(struct arena *a, uint64_t salt,
	const struct view_pos *pos);
/* ERR_INVALID, invalidCursor. */
int cursor_read(const char *text, uint64_t salt, struct view_pos *pos,
	struct err *e);

#endif
