/* SPDX-License-Identifier: ISC */
#include "base/backoff.h"

#include "base/hash.h"

int64_t backoff_next(struct backoff *b)
{
	int64_t wait = b->base;
	unsigned i;
	uint32_t r;

	for (i = 0; i < b->tries && wait < b->max; i++)
		wait *= 2;
	b->tries++;
	if (wait > b->max)
		wait = b->max;
	hash_random(&r, sizeof(r));
	return wait / 2 + (int64_t)(r % 1024) * (wait - wait / 2) / 1023;
}

void backoff_reset(struct backoff *b)
{
	b->tries = 0;
}
