/* SPDX-License-Identifier: ISC */
#include "target/reply.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"

void reply_excerpt(const char *s, size_t n, char out[65])
{
	size_t i;

	for (i = 0; i < n && i < 64; i++)
		out[i] = s[i] >= ' ' && s[i] < 0x7f ? s[i] : '.';
	out[i] = '\0';
}

static int no_answer(const struct httpc_answer *a, const char *what,
    struct err *e)
{
	switch (a->err.code) {
	case ERR_BUSY:
	case ERR_TIMEOUT:
		return err_set(e, ERR_TARGET_DOWN, "%s: %s", what, a->err.text);
	case ERR_INVALID:
		return err_set(e, ERR_STOP, "%s: %s", what, a->err.text);
	default:
		return err_set(e, ERR_RETRY, "%s: %s", what, a->err.text);
	}
}

static int by_status(int status)
{
	if (status >= 200 && status < 300)
		return 0;
	if (status >= 500)
		return ERR_RETRY;
	switch (status) {
	case 400: case 409: case 413: case 422:
		return ERR_ITEM_BAD;
	case 408: case 425: case 429: case 412:
		return ERR_RETRY;
	default:
		return ERR_STOP;
	}
}

/* What the other side says in a SCIM error (RFC 7644 3.12) or in problem
 * details (RFC 9457), else the start of the body. */
static void reason(const struct httpc_answer *a, char out[65])
{
	struct arena *arena = arena_new();
	struct json *j;
	const char *detail = NULL;

	if (json_parse(arena, a->body, a->len, &j, NULL) == 0)
		detail = json_member_str(j, "detail");
	if (detail != NULL)
		reply_excerpt(detail, strlen(detail), out);
	else
		reply_excerpt(a->body, a->len, out);
	arena_free(arena);
}

int reply_code(const struct httpc_answer *a, const char *what, struct err *e)
{
	char excerpt[65];
	int code;

	if (a->status == 0)
		return no_answer(a, what, e);
	if ((code = by_status(a->status)) == 0)
		return 0;
	if (a->status >= 300 && a->status < 400)
		return err_set(e, ERR_STOP, "%s: answered %d, a redirect; these "
		    "are not followed: set the final URL", what, a->status);
	reason(a, excerpt);
	err_set(e, code, "%s: answered %d%s%s", what, a->status,
	    excerpt[0] != '\0' ? ": " : "", excerpt);
	/* Too many requests are too many for all: a second at least. */
	if (e != NULL)
		e->retry_after = a->retry_after != 0 || a->status != 429 ?
		    a->retry_after : 1;
	return code;
}
