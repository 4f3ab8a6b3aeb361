/* SPDX-License-Identifier: ISC */
/* backoff: exponential waits with full jitter on the upper half. Plain
 * values; the caller keeps one struct per thing that is retried. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t base, max;	/* microseconds */
	unsigned tries;		/* failures since the last success */
};

/* Count one more failure; the wait before the next try in microseconds,
 * between half of and the whole of min(max, base * 2^tries). */
int64_t backoff_next(struct backoff *b);
void backoff_reset(struct backoff *b);

#endif
