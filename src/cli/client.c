/* SPDX-License-Identifier: ISC */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/plan.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "link/httpc.h"

#define DEFAULT_URL "http://127.0.0.1:8080"
#define DEFAULT_TOKEN_FILE "/etc/provost/token"
#define TIMEOUT (60 * INT64_C(1000000))
#define MAX_ANSWER ((size_t)256 << 20)
#define PAGE 1000

static int read_token(struct arena *a, const char *path, const char **token,
    struct err *e)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return err_set(e, ERR_INVALID, "cannot read the token file "
		    "%s: %m; name it with --token-file or PROVOST_TOKEN_FILE, "
		    "or sign in with provost login", path);
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	*token = arena_strdup(a, line);
	return 0;
}

void client_init(struct client *c, struct arena *a, const char *url)
{
	size_t n;
	char *u;

	*c = (struct client){ .arena = a, .token = "" };
	if (url == NULL)
		url = getenv("PROVOST_URL");
	u = arena_strdup(a, url == NULL ? DEFAULT_URL : url);
	for (n = strlen(u); n > 0 && u[n - 1] == '/'; n--)
		u[n - 1] = '\0';
	c->url = u;
	c->ca_file = getenv("PROVOST_CA_FILE");
	if (c->ca_file == NULL)
		c->ca_file = "";
}

int client_token(struct client *c, const char *path, struct err *e)
{
	if (path == NULL)
		path = getenv("PROVOST_TOKEN_FILE");
	if (path == NULL && session_token(c->arena, c->url, &c->token))
		return 0;
	return read_token(c->arena, path == NULL ? DEFAULT_TOKEN_FILE : path,
	    &c->token, e);
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

/* q has method and body. */
static int send_it(struct client *c, struct httpc_request *q,
    const char *path, const char *type, struct client_text *out,
    struct err *e)
{
	const char *headers[] = {
		arena_printf(c->arena, "Content-Type: %s", type),
		arena_printf(c->arena, "Accept: %s", q->body != NULL ||
		    q->file != NULL ? "application/json" : type),
		*c->token == '\0' ? NULL : arena_printf(c->arena,
		    "Authorization: Bearer %s", c->token), NULL };
	struct httpc_answer ans = { 0 };
	char *got = NULL;
	int rc;

	q->headers = headers;
	q->url = arena_printf(c->arena, "%s%s", c->url, path);
	q->insecure = true;
	q->ca_file = c->ca_file;
	q->timeout = TIMEOUT;
	q->max_answer = MAX_ANSWER;
	rc = httpc_call(q, &ans, &got, e);
	*out = (struct client_text){ .s = "" };
	if (rc != 0)
		err_wrap(e, "%s", c->url);
	else if (ans.status >= 400)
		rc = refused(c, &ans, got, e);
	else if (ans.len != 0)
		*out = (struct client_text){ arena_strndup(c->arena, got,
		    ans.len), ans.len };
	free(got);
	return rc;
}

int client_send(struct client *c, const char *method, const char *path,
    const char *type, const void *body, size_t len, struct client_text *out,
    struct err *e)
{
	struct httpc_request q = { .method = method, .body = body,
	    .body_len = len };

	return send_it(c, &q, path, type, out, e);
}

int client_send_file(struct client *c, const char *path, const char *type,
    const struct httpc_file *file, struct client_text *out, struct err *e)
{
	struct httpc_request q = { .method = "POST", .file = file };

	return send_it(c, &q, path, type, out, e);
}

int client_call(struct client *c, const char *method, const char *path,
    const struct json *body, struct json **out, struct err *e)
{
	struct client_text got;
	struct buf text;
	int rc;

	*out = NULL;
	buf_init(&text, MAX_ANSWER);
	if (body != NULL)
		json_write(&text, body);
	rc = client_send(c, method, path, "application/json",
	    body == NULL ? NULL : buf_str(&text), text.len, &got, e);
	if (rc == 0 && got.len != 0)
		rc = json_parse(c->arena, got.s, got.len, out, e);
	buf_fini(&text);
	return rc;
}

/* Secrets are not for the screen. */
static struct json *shown(struct arena *a, const struct json *body)
{
	static const char *const secret[] = { "password", "invitationCodes" };
	struct json *out = json_dup(a, body);
	size_t i;

	for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (json_member(out, secret[i]) != NULL)
			json_put(a, out, secret[i], json_new_str(a, "..."));
	return out;
}

/* plan: what would come of it, NULL where nobody can say. */
static void print_call(struct client *c, const char *method, const char *path,
    const struct json *body, struct json *plan)
{
	struct json *j = json_new(c->arena, JSON_IS_OBJECT);
	struct buf text;

	buf_init(&text, MAX_ANSWER);
	if (c->json) {
		json_put(c->arena, j, "method", json_new_str(c->arena,
		    method));
		json_put(c->arena, j, "path", json_new_str(c->arena, path));
		if (body != NULL)
			json_put(c->arena, j, "body", shown(c->arena, body));
		if (plan != NULL)
			json_put(c->arena, j, "plan", plan);
		json_write_pretty(&text, j);
	} else {
		buf_printf(&text, "would %s %s", method, path);
		if (body != NULL) {
			buf_putc(&text, '\n');
			json_write_pretty(&text, shown(c->arena, body));
		}
	}
	puts(buf_str(&text));
	buf_fini(&text);
	if (plan != NULL && !c->json)
		plan_print(c->arena, plan);
}

int client_change(struct client *c, const char *method, const char *path,
    const struct json *body, struct json **out, struct err *e)
{
	struct json *plan = NULL;
	int rc;

	*out = NULL;
	if (!c->dry_run)
		return client_call(c, method, path, body, out, e);
	if (plan_takes(method, path) &&
	    (rc = plan_call(c, method, path, body, &plan, e)) != 0)
		return rc;
	print_call(c, method, path, body, plan);
	return 0;
}

/* --- lists --------------------------------------------------------------- */

static struct json *resources(const struct json *list)
{
	struct json *r = json_member(list, "Resources");

	return r != NULL && r->kind == JSON_IS_ARRAY ? r : NULL;
}

/* Moves the page's resources into all's. */
static void append(struct client *c, struct json *all, struct json *page)
{
	struct json *to = resources(all), *from = resources(page), *x, *next;

	if (to == NULL)
		to = json_put(c->arena, all, "Resources", json_new(c->arena,
		    JSON_IS_ARRAY));
	for (x = from == NULL ? NULL : from->child; x != NULL; x = next) {
		next = x->next;
		x->next = NULL;
		json_push(to, x);
	}
}

static int next_page(struct client *c, const char *path, const char *query,
    const char *cursor, size_t count, struct json **out, struct err *e)
{
	return client_call(c, "GET", arena_printf(c->arena, "%s%s%scursor=%s"
	    "&count=%zu", path, query, *query == '\0' ? "?" : "&",
	    str_url(c->arena, cursor), count), NULL, out, e);
}

int client_list(struct client *c, const char *path, const char *query,
    size_t limit, struct json **out, struct err *e)
{
	size_t want = limit != 0 && limit < PAGE ? limit : PAGE, total;
	struct progress bar;
	const char *cursor;
	struct json *page;
	int rc = next_page(c, path, query, "", want, out, e);

	if (rc != 0)
		return rc;
	total = (size_t)json_member_int(*out, "totalResults", 0);
	if (limit == 0 || limit > total)
		limit = total;
	cursor = json_member_str(*out, "nextCursor");
	progress_begin(&bar, "reading", limit > PAGE ? limit : 0);
	while (rc == 0 && cursor != NULL && resources(*out) != NULL &&
	    resources(*out)->n < limit) {
		want = limit - resources(*out)->n;
		rc = next_page(c, path, query, cursor, want < PAGE ? want :
		    PAGE, &page, e);
		if (rc != 0)
			break;
		append(c, *out, page);
		progress_to(&bar, resources(*out)->n);
		cursor = json_member_str(page, "nextCursor");
	}
	progress_clear(&bar);
	if (rc == 0 && resources(*out) != NULL)
		json_put(c->arena, *out, "itemsPerPage", json_new_int(c->arena,
		    (int64_t)resources(*out)->n));
	if (json_member(*out, "nextCursor") != NULL)
		json_remove(*out, json_member(*out, "nextCursor"));
	return rc;
}

/* --- finding ------------------------------------------------------------- */

const char *client_filter(struct arena *a, const char *attr, const char *op,
    const char *value)
{
	struct buf text;
	const char *out;

	buf_init(&text, MAX_ANSWER);
	buf_printf(&text, "%s %s ", attr, op);
	json_text(&text, value);
	out = str_url(a, arena_strdup(a, buf_str(&text)));
	buf_fini(&text);
	return out;
}

const char *client_both(struct arena *a, const char *x, const char *y)
{
	return *x == '\0' ? y : arena_printf(a, "%s%%20and%%20%s", x, y);
}

/* Whoever was invited has no user name yet, but a login. */
static const char *named(struct arena *a, const char *key, const char *name)
{
	const char *by_key = client_filter(a, key, "eq", name);

	return !str_eq(key, "userName") ? by_key : arena_printf(a,
	    "%s%%20or%%20%s", by_key, client_filter(a, "temporaryLogin", "eq",
	    name));
}

/* The one that a filter behind query finds. */
static int first(struct client *c, const char *query, const char *key,
    const char *name, struct json **out, struct err *e)
{
	struct json *j;
	int rc = client_call(c, "GET", arena_printf(c->arena, "%sfilter=%s",
	    query, named(c->arena, key, name)), NULL, &j, e);

	if (rc != 0)
		return rc;
	*out = resources(j) != NULL ? resources(j)->child : NULL;
	if (*out != NULL)
		return 0;
	return str_eq(key, "userName") ? err_set(e, ERR_NOT_FOUND, "there is "
	    "no user \"%s\"; name one by user name, temporary login or id",
	    name) : err_set(e, ERR_NOT_FOUND, "there is nothing with the "
	    "%s \"%s\"; name one by %s or id", key, name, key);
}

int client_find(struct client *c, const char *path, const char *key,
    const char *name, struct json **out, struct err *e)
{
	uint8_t uuid[16];

	if (str_uuid(name, uuid))
		return client_call(c, "GET", arena_printf(c->arena, "%s/%s",
		    path, name), NULL, out, e);
	return first(c, arena_printf(c->arena, "%s?", path), key, name, out,
	    e);
}

int client_user(struct client *c, const char *name, const char **id,
    struct err *e)
{
	struct json *j;
	uint8_t uuid[16];
	int rc;

	*id = name;
	if (str_uuid(name, uuid))
		return 0;
	rc = first(c, "/scim/v2/Users?attributes=id&", "userName", name, &j,
	    e);
	if (rc == 0)
		*id = json_member_str(j, "id");
	return rc;
}

int client_me(struct client *c, const char **id, struct err *e)
{
	struct json *j;
	int rc = client_call(c, "GET", "/scim/v2/Me?attributes=id", NULL, &j,
	    e);

	if (rc != 0)
		return rc;
	*id = json_member_str(j, "id");
	return *id != NULL ? 0 : err_set(e, ERR_IO, "the answer of Me has no "
	    "id");
}
