/* SPDX-License-Identifier: ISC */
/*
 * ignored: what clients send and nobody reads. An attribute that is not known
 * is no error (RFC 7644 3.3), but a client's administrator may wonder where
 * its value has gone: each name is logged once for a client and resource
 * type. Remembers a limited number of names. Thread safe.
 */
#ifndef FRONT_IGNORED_H
#define FRONT_IGNORED_H

#include "base/str.h"

struct ignored;

struct ignored *ignored_new(void);
/* NULL allowed. */
void ignored_free(struct ignored *g);
/* Logs those of names that were not logged before, in one line at info. */
void ignored_note(struct ignored *g, const char *client, const char *type,
	const struct strv *names);

#endif
