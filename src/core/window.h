/* SPDX-License-Identifier: ISC */
/*
 * window: when a right holds (T3). The periods of a person, sorted for
 * look-up: a right without a period always holds, one with several holds
 * within any of them, one with a malformed period never. Plain values in an
 * arena; pure.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "model/person.h"

struct window {
	struct period *v;	/* sorted by right_cmp */
	size_t n;
};

void window_make(struct arena *a, const struct person *p,
	struct window *out);
/* NULL when r holds at now, else why not, with "(T3)". */
const char *window_cut(struct arena *a, const struct window *w,
	const struct right *r, int64_t now);
/* When the newest of r's periods that have ended did so; INT64_MIN: it holds at
 * now, or no end has come. */
int64_t window_ended(const struct window *w, const struct right *r,
	int64_t now);
/* When the next period begins or ends after now; CLOCK_NEVER: none. */
int64_t window_next(const struct window *w, int64_t now);

#endif
