/* SPDX-License-Identifier: ISC */
/*
 * cookie: what is kept with the view to resume from: the provider's opaque
 * cookie (RFC 4533 2.1.2) and its origin, the run of the server that gave it
 * ("URI start-time", "" unknown). Stored as "origin\ncookie".
 *
 * The origin matters because slapd 2.5, killed, comes back with the contextCSN
 * of its last checkpoint: to a cookie from then it says that nothing has
 * changed, whatever was written in between. Only the run that gave a cookie
 * can be trusted with it.
 */
#ifndef DIRECTORY_COOKIE_H
#define DIRECTORY_COOKIE_H

#include <stddef.h>

#include "base/err.h"

struct arena;
struct view;
struct view_write;

struct cookie {
	const char *origin;
	const char *p;		/* n 0: none */
	size_t n;
};

/* In a. origin NULL: nothing was ever stored. */
int cookie_load(struct view *v, struct arena *a, struct cookie *out,
	struct err *e);
int cookie_store(struct view_write *w, const struct cookie *c, struct err *e);

#endif
