/* SPDX-License-Identifier: ISC */
/*
 * client: the command's calls to provostd: URL and token from options,
 * environment or defaults; JSON in, JSON out. One call at a time.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/err.h"
#include "codec/json.h"

struct arena;

struct client {
	struct arena *arena;		/* borrowed */
	const char *url;		/* "http://127.0.0.1:8080" */
	const char *token;
	const char *ca_file;
};

/* url, token_file NULL: $PROVOST_URL, $PROVOST_TOKEN_FILE, then defaults. */
int client_init(struct client *c, struct arena *a, const char *url,
	const char *token_file, struct err *e);
/* body NULL none. *out NULL for an empty answer. An answer of 400 and above is
 * an error with the server's own detail. */
int client_call(struct client *c, const char *method, const char *path,
	const struct json *body, struct json **out, struct err *e);
/* The id of a user named by id or user name. */
int client_user(struct client *c, const char *name, const char **id,
	struct err *e);

#endif
