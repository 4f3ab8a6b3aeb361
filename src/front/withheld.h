/* SPDX-License-Identifier: ISC */
/* withheld: what the guard holds of a person's losses at targets (T1): rights
 * that nothing gives any more and that a tool has still, until somebody says a
 * word about the held job. */
#ifndef FRONT_WITHHELD_H
#define FRONT_WITHHELD_H

#include "front/call.h"

struct withheld {
	struct strv text;		/* "tool:wan/7" ... */
	const char **job;		/* the same many: "" unknown */
	bool *rejected;
};

void withheld_find(struct call *c, struct world_view *w,
	const uint8_t uuid[16], struct withheld *out);
/* Is it among them? Its place, or -1. */
int withheld_at(struct arena *a, const struct withheld *h,
	const struct right *r);

#endif
