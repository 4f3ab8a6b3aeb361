/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "link/httpc.h"
#include "peer.h"

/* What the other side says is chosen by the path. */
static size_t answer(void *ctx, const struct peer_request *q, char *out,
    size_t size, bool *closing)
{
	char value[256] = "", body[4096];

	(void)ctx;
	if (strcmp(q->target, "/silent") == 0)
		return 0;
	if (strcmp(q->target, "/slow") == 0)
		usleep(600 * 1000);
	if (strcmp(q->target, "/half") == 0) {
		*closing = true;
		return (size_t)snprintf(out, size, "HTTP/1.1 200 OK\r\n"
		    "Content-Length: 100\r\n\r\nhalf");
	}
	if (strcmp(q->target, "/garbage") == 0) {
		*closing = true;
		return (size_t)snprintf(out, size, "this is no HTTP\r\n\r\n");
	}
	if (strcmp(q->target, "/large") == 0) {
		size_t n = (size_t)snprintf(out, size,
		    "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");

		memset(out + n, 'x', 2000000);
		return n + 2000000;
	}
	if (strcmp(q->target, "/away") == 0)
		return peer_reply(out, size, 302, "text/plain",
		    "Location: http://169.254.169.254/latest\r\n", "");
	if (strcmp(q->target, "/later") == 0)
		return peer_reply(out, size, 429, "text/plain",
		    "Retry-After: 17\r\n", "slow down");
	peer_header(q, "X-Test", value, sizeof(value));
	snprintf(body, sizeof(body), "%s %s %zu [%s]", q->method, q->target,
	    q->body_len, value);
	return peer_reply(out, size, 200, "text/plain",
	    "ETag: W/\"7\"\r\n", body);
}

static struct peer *peer;

static int set_up(void **state)
{
	(void)state;
	peer = peer_start(answer, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	peer_stop(peer);
	return 0;
}

static const char *url(const char *path)
{
	static char u[128];

	snprintf(u, sizeof(u), "http://127.0.0.1:%d%s", peer_port(peer), path);
	return u;
}

static int call(struct httpc_request q, struct httpc_answer *a, char **body,
    struct err *e)
{
	q.insecure = true;
	if (q.method == NULL)
		q.method = "GET";
	return httpc_call(&q, a, body, e);
}

static void test_methods(void **state)
{
	static const char *const headers[] = { "X-Test: a b", NULL };
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH",
	    "DELETE" };
	struct httpc_answer a;
	struct err e;
	char *body, want[64];
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		assert_int_equal(call((struct httpc_request){ .url = url("/x"),
		    .method = methods[i], .headers = headers,
		    .body = i % 4 != 0 ? "12345" : NULL,
		    .body_len = i % 4 != 0 ? 5 : 0 }, &a, &body, &e), 0);
		assert_int_equal(a.status, 200);
		snprintf(want, sizeof(want), "%s /x %d [a b]", methods[i],
		    i % 4 != 0 ? 5 : 0);
		assert_string_equal(a.body, want);
		assert_string_equal(a.etag, "W/\"7\"");
		assert_string_equal(a.content_type, "text/plain");
		free(body);
	}
}

static void test_redirect_is_not_followed(void **state)
{
	struct httpc_answer a;
	char *body;

	(void)state;
	assert_int_equal(call((struct httpc_request){ .url = url("/away") },
	    &a, &body, NULL), 0);
	assert_int_equal(a.status, 302);
	free(body);
}

static void test_retry_after(void **state)
{
	struct httpc_answer a;
	char *body;

	(void)state;
	assert_int_equal(call((struct httpc_request){ .url = url("/later") },
	    &a, &body, NULL), 0);
	assert_int_equal(a.status, 429);
	assert_int_equal(a.retry_after, 17);
	free(body);
}

static void test_bad_answers(void **state)
{
	struct httpc_answer a;
	struct err e;
	char *body;

	(void)state;
	assert_int_equal(call((struct httpc_request){ .url = url("/half") },
	    &a, &body, &e), ERR_IO);
	assert_int_equal(a.status, 0);
	free(body);
	assert_int_equal(call((struct httpc_request){ .url = url("/silent") },
	    &a, &body, &e), ERR_IO);
	free(body);
	assert_int_equal(call((struct httpc_request){ .url = url("/garbage") },
	    &a, &body, &e), ERR_IO);
	free(body);
	assert_int_equal(call((struct httpc_request){ .url = url("/large"),
	    .max_answer = 1000 }, &a, &body, &e), ERR_LIMIT);
	assert_non_null(strstr(e.text, "larger than 1000"));
	free(body);
	assert_int_equal(call((struct httpc_request){ .url = url("/slow"),
	    .timeout = CLOCK_SECOND / 5 }, &a, &body, &e), ERR_TIMEOUT);
	free(body);
}

static void test_refused_before_sending(void **state)
{
	static const char *const bad[] = { "X-Test: a\r\nEvil: b", NULL };
	struct httpc_request q = { .method = "GET", .url = url("/x") };
	struct httpc_answer a;
	struct err e;
	char *body;

	(void)state;
	assert_int_equal(httpc_call(&q, &a, &body, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "insecure"));
	assert_int_equal(call((struct httpc_request){ .url = url("/x"),
	    .headers = bad }, &a, &body, &e), ERR_INVALID);
	assert_int_equal(call((struct httpc_request){
	    .url = "file:///etc/passwd" }, &a, &body, &e), ERR_INVALID);
	assert_int_equal(call((struct httpc_request){
	    .url = "http://127.0.0.1/a b" }, &a, &body, &e), ERR_INVALID);
	assert_int_equal(peer_requests(peer), 0);
}

static void test_nobody_there(void **state)
{
	struct httpc_answer a;
	struct err e;
	char *body;
	const char *u = url("/x");
	struct peer *gone = peer;

	(void)state;
	peer_stop(gone);
	assert_int_equal(call((struct httpc_request){ .url = u }, &a, &body,
	    &e), ERR_BUSY);
	free(body);
	peer = peer_start(answer, NULL);
}

struct tally {
	struct httpc *h;
	int left, ok;
};

static void counted(void *arg, const struct httpc_answer *a)
{
	struct tally *t = arg;

	t->left--;
	t->ok += a->status == 200;
}

static void test_reuse_and_many(void **state)
{
	struct httpc_request q = { .method = "GET", .url = url("/x"),
	    .insecure = true };
	struct tally t = { .left = 100 };
	int i;

	(void)state;
	assert_int_equal(httpc_open(4, &t.h, NULL), 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(httpc_submit(t.h, &q, counted, &t, NULL), 0);
	while (t.left > 0)
		httpc_drive(t.h, CLOCK_SECOND);
	assert_int_equal(t.ok, 100);
	assert_true(peer_connections(peer) <= 4);
	/* What is under way when it closes is told so. */
	t.left = 1;
	assert_int_equal(httpc_submit(t.h, &q, counted, &t, NULL), 0);
	httpc_close(t.h);
	assert_int_equal(t.left, 0);
	assert_int_equal(t.ok, 100);
}

static void test_wake(void **state)
{
	struct httpc *h;

	(void)state;
	assert_int_equal(httpc_open(1, &h, NULL), 0);
	httpc_wake(h);
	httpc_drive(h, 600 * CLOCK_SECOND);
	httpc_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_methods), T(test_redirect_is_not_followed),
		T(test_retry_after), T(test_bad_answers),
		T(test_refused_before_sending), T(test_nobody_there),
		T(test_reuse_and_many), T(test_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
