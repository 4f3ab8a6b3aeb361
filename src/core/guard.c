/* SPDX-License-Identifier: ISC */
#include "core/guard.h"

#include <inttypes.h>

const struct guard_limits guard_defaults = { 50, 50, 10 };

int guard_check(const struct guard_limits *l, uint64_t n,
    uint64_t population, const char *what, struct err *e)
{
	if (n < l->floor)
		return 0;
	if (n > l->count)
		return err_set(e, ERR_HELD, "%s: %" PRIu64 " of %" PRIu64
		    " is over the limit of %" PRIu64, what, n, population,
		    l->count);
	if (n * 1000 > (uint64_t)l->share_permille * population)
		return err_set(e, ERR_HELD, "%s: %" PRIu64 " of %" PRIu64
		    " is over the share of %" PRIu32 ".%" PRIu32 " %%", what,
		    n, population, l->share_permille / 10,
		    l->share_permille % 10);
	return 0;
}
