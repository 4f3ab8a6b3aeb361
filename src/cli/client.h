/* SPDX-License-Identifier: ISC */
/*
 * client: the command's calls to provostd: URL and token from options,
 * environment, the session that `provost login' keeps, or defaults; JSON in,
 * JSON out. One call at a time. Whatever changes something goes through
 * client_change, which with dry_run shows the call instead of making it.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "codec/json.h"

struct arena;
struct httpc_file;

struct client {
	struct arena *arena;		/* borrowed */
	const char *url;		/* "http://127.0.0.1:8080" */
	const char *token;		/* "" none */
	const char *ca_file;
	bool dry_run, json;
};

/* url NULL: $PROVOST_URL, then the default. No token yet. */
void client_init(struct client *c, struct arena *a, const char *url);
/* path NULL: $PROVOST_TOKEN_FILE, the session of this URL, the default. */
int client_token(struct client *c, const char *path, struct err *e);

struct client_text {
	const char *s;			/* in the arena, NUL-terminated */
	size_t len;
};
/* One call with a body of this type; without a body (NULL) the type is that of
 * the answer. The answer as it is; one of 400 and above is an error with the
 * server's own detail: ERR_NOT_FOUND for 404, else ERR_DENIED. */
int client_send(struct client *c, const char *method, const char *path,
	const char *type, const void *body, size_t len,
	struct client_text *out, struct err *e);
/* The same, the body from a file's beginning, of any size. */
int client_send_file(struct client *c, const char *path, const char *type,
	const struct httpc_file *file, struct client_text *out,
	struct err *e);
/* The same with JSON; body NULL none, *out NULL for an empty answer. */
int client_call(struct client *c, const char *method, const char *path,
	const struct json *body, struct json **out, struct err *e);
/* A call that changes something; dry_run prints it and, where the daemon can
 * plan it (cli/plan.h), what it would do; *out is NULL then. */
int client_change(struct client *c, const char *method, const char *path,
	const struct json *body, struct json **out, struct err *e);
/* All pages of a list (RFC 9865) as one answer, at most limit resources
 * (0: all), with a bar when it is long; query: "?a=b" or "". */
int client_list(struct client *c, const char *path, const char *query,
	size_t limit, struct json **out, struct err *e);

/* attr op "value" percent-encoded for a query; what a filter would read is
 * escaped. */
const char *client_filter(struct arena *a, const char *attr, const char *op,
	const char *value);
/* Both of two such filters; x "" none. */
const char *client_both(struct arena *a, const char *x, const char *y);
/* The one resource whose key is name, or whose id it is; a user's key is the
 * user name or the temporary login. */
int client_find(struct client *c, const char *path, const char *key,
	const char *name, struct json **out, struct err *e);
/* The id of a user named by id, user name or temporary login. */
int client_user(struct client *c, const char *name, const char **id,
	struct err *e);
/* The id of the person who is signed in. */
int client_me(struct client *c, const char **id, struct err *e);

#endif
