/* SPDX-License-Identifier: ISC */
/* guard: absence is never proof (rule 8, J3): is this many, of that many,
 * too many? Pure. */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct guard_limits {
	uint32_t share_permille;	/* 50: 5 % */
	uint64_t count;			/* 50 */
	uint64_t floor;			/* fewer than so many always pass: 10 */
};

extern const struct guard_limits guard_defaults;

/* 0, or ERR_HELD with a sentence: n of population is over the limit. */
int guard_check(const struct guard_limits *l, uint64_t n,
	uint64_t population, const char *what, struct err *e);

#endif
