/* SPDX-License-Identifier: ISC */
/* requests: what those who read and those who decide access requests share. */
#ifndef CLI_REQUESTS_H
#define CLI_REQUESTS_H

#include "cli/client.h"

#define REQUESTS "/scim/v2/AccessRequests"

/* A request named by id or by its name in the directory. */
int request_find(struct client *c, const char *name, struct json **out,
	struct err *e);

#endif
