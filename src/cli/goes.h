/* SPDX-License-Identifier: ISC */
/* goes: what a company that is taken away takes along (V14): core/cascade over
 * a world that is asked for by HTTP, of those companies alone. */
#ifndef CLI_GOES_H
#define CLI_GOES_H

#include "cli/client.h"
#include "core/stored.h"

/* Rights of after that go when before became after; n 0: none. */
int goes_along(struct client *c, const struct entry *before,
	const struct entry *after, struct stored_list *out, struct err *e);

#endif
