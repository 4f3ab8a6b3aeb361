/* SPDX-License-Identifier: ISC */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "link/httpc.h"

#define DEFAULT_URL "http://127.0.0.1:8080"
#define DEFAULT_TOKEN_FILE "/etc/provost/token"
#define TIMEOUT (60 * INT64_C(1000000))
#define MAX_ANSWER ((size_t)256 << 20)

static int read_token(struct arena *a, const char *path, const char **token,
    struct err *e)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return err_set(e, ERR_INVALID, "cannot read the token file "
		    "%s: %m; name it with --token-file or PROVOST_TOKEN_FILE",
		    path);
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	*token = arena_strdup(a, line);
	return 0;
}

static const char *choose(const char *given, const char *env,
    const char *dflt)
{
	if (given == NULL)
		given = getenv(env);
	return given == NULL ? dflt : given;
}

int client_init(struct client *c, struct arena *a, const char *url,
    const char *token_file, struct err *e)
{
	size_t n;
	char *u;

	*c = (struct client){ .arena = a };
	u = arena_strdup(a, choose(url, "PROVOST_URL", DEFAULT_URL));
	for (n = strlen(u); n > 0 && u[n - 1] == '/'; n--)
		u[n - 1] = '\0';
	c->url = u;
	c->ca_file = choose(NULL, "PROVOST_CA_FILE", "");
	return read_token(a, choose(token_file, "PROVOST_TOKEN_FILE",
	    DEFAULT_TOKEN_FILE), &c->token, e);
}

/* What the server says of an error (RFC 9457 or RFC 7644 3.12). */
static int refused(struct client *c, const struct httpc_answer *ans,
    const char *body, struct err *e)
{
	struct json *j = NULL;
	const char *detail = NULL;

	if (body != NULL && json_parse(c->arena, body, ans->len, &j, NULL) == 0)
		detail = json_member_str(j, "detail");
	return err_set(e, ans->status == 404 ? ERR_NOT_FOUND : ERR_DENIED,
	    "%s (HTTP %d)", detail ? detail : "the server gave no reason",
	    ans->status);
}

int client_call(struct client *c, const char *method, const char *path,
    const struct json *body, struct json **out, struct err *e)
{
	const char *headers[] = {
		arena_printf(c->arena, "Authorization: Bearer %s", c->token),
		"Content-Type: application/json", "Accept: application/json",
		NULL };
	struct httpc_request q = { .method = method, .headers = headers,
	    .url = arena_printf(c->arena, "%s%s", c->url, path),
	    .insecure = true, .ca_file = c->ca_file, .timeout = TIMEOUT,
	    .max_answer = MAX_ANSWER };
	struct httpc_answer ans = { 0 };
	struct buf text;
	char *got = NULL;
	int rc;

	buf_init(&text, MAX_ANSWER);
	if (body != NULL) {
		json_write(&text, body);
		q.body = buf_str(&text);
		q.body_len = text.len;
	}
	*out = NULL;
	rc = httpc_call(&q, &ans, &got, e);
	if (rc != 0)
		err_wrap(e, "%s", c->url);
	else if (ans.status >= 400)
		rc = refused(c, &ans, got, e);
	else if (ans.len != 0)
		rc = json_parse(c->arena, got, ans.len, out, e);
	free(got);
	buf_fini(&text);
	return rc;
}

int client_user(struct client *c, const char *name, const char **id,
    struct err *e)
{
	struct json *j, *list;
	uint8_t uuid[16];
	int rc;

	*id = name;
	if (str_uuid(name, uuid))
		return 0;
	rc = client_call(c, "GET", arena_printf(c->arena,
	    "/scim/v2/Users?attributes=id&filter=%s", str_url(c->arena,
	    arena_printf(c->arena, "userName eq \"%s\"", name))), NULL, &j, e);
	if (rc != 0)
		return rc;
	list = json_member(j, "Resources");
	if (list == NULL || list->child == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no user \"%s\"; "
		    "name one by user name or id", name);
	*id = json_member_str(list->child, "id");
	return 0;
}
