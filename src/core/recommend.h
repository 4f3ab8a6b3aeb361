/* SPDX-License-Identifier: ISC */
/* recommend: tools for a user out of the products of their accounts and
 * services (V21): those that are for one of these products and are not held.
 * Pure. */
#ifndef CORE_RECOMMEND_H
#define CORE_RECOMMEND_H

#include "core/rights.h"

struct recommendation {
	const struct tool *tool;
	struct strv products;	/* why: those that match */
	struct strv accounts;	/* with one of them, also by a service; a
				 * service of a group names no account (V16) */
};

/* Most accounts first, then by id. */
size_t recommend_tools(struct arena *a, const struct rights *r,
	const struct world *w, struct recommendation **out);

#endif
