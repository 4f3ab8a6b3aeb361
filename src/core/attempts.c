/* SPDX-License-Identifier: ISC */
#include "core/attempts.h"

#include "base/arena.h"
#include "base/clock.h"

#define SLOWED_FROM 5
#define LOCKED_FROM 10
#define MINUTE (60 * CLOCK_SECOND)
#define DAY (24 * 60 * MINUTE)

static int64_t counted(const struct wrong_codes *w, int64_t now)
{
	return w->last + DAY <= now ? 0 : w->count;
}

enum attempts attempts_judge(const struct wrong_codes *w, int64_t now,
    int64_t *until)
{
	int64_t n = counted(w, now), end;

	if (n < SLOWED_FROM)
		return ATTEMPTS_OPEN;
	end = w->last + (n >= LOCKED_FROM ? DAY :
	    MINUTE << (n - SLOWED_FROM));
	if (end <= now)
		return ATTEMPTS_OPEN;
	*until = end;
	return n >= LOCKED_FROM ? ATTEMPTS_LOCKED : ATTEMPTS_SLOWED;
}

char *attempts_value(struct arena *a, const struct wrong_codes *w, size_t n,
    int64_t now)
{
	const struct wrong_codes next = { counted(w, now) + (int64_t)n, now };

	return wrong_codes_print(a, &next);
}

struct change *attempts_count(struct arena *a, const char *dn,
    const char *csn, const struct wrong_codes *w, size_t n, int64_t now)
{
	struct change *c = change_new(a, CHANGE_MODIFY, dn);

	c->assert_csn = *csn ? csn : NULL;
	change_set(a, c, MOD_REPLACE, WRONG_CODES_ATTR,
	    attempts_value(a, w, n, now));
	return c;
}
