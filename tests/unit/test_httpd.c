/* SPDX-License-Identifier: ISC */
/* httpd over raw sockets: the header guard (FAULTS H), limits, suspended
 * requests, order under pipelining. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "link/httpd.h"

#define TEXT "text/plain"
#define AUTH "Host: x\r\n"

static struct httpd *server;
static int port;

/* --- a handler that shows what it got -------------------------------------- */

static bool on_accept(void *ctx, struct httpd_request *q, size_t *max_body)
{
	(void)ctx;
	if (str_starts(q->path, "/secret")) {
		httpd_answer(q, 401, TEXT, "no", 2);
		return false;
	}
	*max_body = strcmp(q->method, "POST") == 0 ? 1000 : 0;
	return true;
}

static void *answer_later(void *arg)
{
	struct httpd_request *q = arg;
	const char *text = arena_printf(q->arena, "later %s", q->body);

	httpd_answer(q, 200, TEXT, text, strlen(text));
	return NULL;
}

/* A body of left bytes, or one that breaks off after them. */
struct long_body {
	size_t left;
	bool breaks;
};

static _Atomic int streams;	/* not freed yet */

static ssize_t long_read(void *ctx, char *out, size_t max)
{
	struct long_body *b = ctx;
	size_t n = b->left < max ? b->left : max;

	if (n == 0)
		return b->breaks ? -1 : 0;
	memset(out, 'x', n);
	b->left -= n;
	return (ssize_t)n;
}

static void long_free(void *ctx)
{
	free(ctx);
	streams--;
}

static void *answer_long(void *arg)
{
	struct httpd_request *q = arg;
	struct long_body *b = calloc(1, sizeof(*b));

	b->left = strtoul(httpd_query(q, "n"), NULL, 10);
	b->breaks = str_starts(q->path, "/breaks");
	streams++;
	httpd_answer_stream(q, 200, TEXT, &(struct httpd_stream){
	    .read = long_read, .free = long_free, .ctx = b });
	return NULL;
}

/* A body that comes drop by drop from another thread. */
static struct {
	pthread_mutex_t lock;
	struct httpd_flow *flow;
	pthread_t giver;
	unsigned n, given;		/* lock: drops that are there, of all */
	bool over, gone;		/* lock */
} drops = { .lock = PTHREAD_MUTEX_INITIALIZER };

static ssize_t drops_read(void *ctx, char *out, size_t max)
{
	ssize_t n;

	(void)ctx;
	pthread_mutex_lock(&drops.lock);
	n = drops.n < max ? (ssize_t)drops.n : (ssize_t)max;
	memset(out, 'o', (size_t)n);
	drops.n -= (unsigned)n;
	if (n == 0 && !drops.over)
		n = HTTPD_STREAM_WAIT;
	pthread_mutex_unlock(&drops.lock);
	return n;
}

static void drops_free(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&drops.lock);
	drops.gone = true;
	pthread_mutex_unlock(&drops.lock);
}

static void *drops_give(void *arg)
{
	unsigned left = drops.given;

	for (;; left--) {
		pthread_mutex_lock(&drops.lock);
		drops.n += left > 0;
		drops.over = left == 0;
		if (!drops.gone)
			httpd_flow_wake(drops.flow);
		pthread_mutex_unlock(&drops.lock);
		if (left == 0)
			return arg;
	}
}

static bool drops_gone(void)
{
	bool gone;

	pthread_mutex_lock(&drops.lock);
	gone = drops.gone;
	pthread_mutex_unlock(&drops.lock);
	return gone;
}

static void answer_drops(struct httpd_request *q)
{
	drops.given = (unsigned)strtoul(httpd_query(q, "n"), NULL, 10);
	drops.n = 0;
	drops.over = drops.gone = false;
	httpd_answer_stream(q, 200, TEXT, &(struct httpd_stream){
	    .read = drops_read, .free = drops_free, .flow = &drops.flow });
	assert_int_equal(pthread_create(&drops.giver, NULL, drops_give, NULL),
	    0);
}

static void on_handle(void *ctx, struct httpd_request *q)
{
	const char *arg = httpd_query(q, "a"), *text;
	pthread_t t;

	(void)ctx;
	if (str_starts(q->path, "/drops")) {
		answer_drops(q);
		return;
	}
	if (str_starts(q->path, "/long") || str_starts(q->path, "/breaks")) {
		answer_long(q);
		return;
	}
	if (str_starts(q->path, "/late-long")) {
		assert_int_equal(pthread_create(&t, NULL, answer_long, q), 0);
		pthread_detach(t);
		return;
	}
	if (str_starts(q->path, "/later")) {
		assert_int_equal(pthread_create(&t, NULL, answer_later, q), 0);
		pthread_detach(t);
		return;
	}
	httpd_set_header(q, "X-Seen", "yes");
	text = arena_printf(q->arena, "%s %s a=%s body=%s", q->method,
	    q->path, arg ? arg : "-", q->body);
	httpd_answer(q, 200, TEXT, text, strlen(text));
}

static void on_refused(void *ctx, struct httpd_request *q, int status,
    const char *why)
{
	(void)ctx;
	httpd_answer(q, status, TEXT, why, strlen(why));
}

static int setup(void **state)
{
	const struct httpd_conf c = { .listen = "127.0.0.1:0",
	    .header_timeout = 1, .max_body = 100000 };
	const struct httpd_handler h = { NULL, on_accept, on_handle,
	    on_refused };
	struct err e = { 0 };

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return httpd_start(&c, &h, &server, &port, &e);
}

static int teardown(void **state)
{
	(void)state;
	return httpd_stop(server, 5) ? 0 : -1;
}

/* --- talking ---------------------------------------------------------------- */

static int dial(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	struct timeval tv = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static void say(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n != 0; p += k, n -= (size_t)k) {
		k = send(fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
	}
}

/* Everything until the server closes, or until stop was seen count times. */
static char *hear(int fd, const char *stop, int count)
{
	static char text[1 << 20];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof(text) - 1 &&
	    (k = recv(fd, text + n, sizeof(text) - 1 - n, 0)) > 0) {
		const char *p = text;
		int seen = 0;

		n += (size_t)k;
		text[n] = '\0';
		while (stop != NULL && (p = strstr(p, stop)) != NULL) {
			seen++;
			p++;
		}
		if (stop != NULL && seen >= count)
			break;
	}
	text[n] = '\0';
	return text;
}

/* One request on a connection of its own; its answer. */
static char *ask_n(const char *request, size_t n)
{
	bool head = strncmp(request, "HEAD", 4) == 0;
	static char text[65536];
	char *end = NULL, *len;
	size_t have = 0;
	ssize_t k;
	int fd = dial();

	say(fd, request, n);
	while ((k = recv(fd, text + have, sizeof(text) - 1 - have, 0)) > 0) {
		have += (size_t)k;
		text[have] = '\0';
		end = strstr(text, "\r\n\r\n");
		len = strstr(text, "Content-Length: ");
		if (end != NULL && len != NULL && (head ||
		    (size_t)(text + have - end) >= 4 + strtoul(len + 16, NULL,
		    10)))
			break;
	}
	text[have] = '\0';
	close(fd);
	return text;
}

static char *ask(const char *request)
{
	return ask_n(request, strlen(request));
}

static int status_of(const char *text)
{
	return str_starts(text, "HTTP/1.1 ") ? atoi(text + 9) : 0;
}

static void refuses_n(const char *request, size_t n, int status)
{
	int fd = dial();
	char *text;

	say(fd, request, n);
	text = hear(fd, NULL, 0);	/* until *it* closes */
	if (status_of(text) != status)
		fail_msg("not %d but: %.200s\nfor: %.200s", status, text,
		    request);
	close(fd);
}

static void refuses(const char *request, int status)
{
	refuses_n(request, strlen(request), status);
}

/* --- tests ------------------------------------------------------------------ */

static void answers(void **state)
{
	const char get[] = "GET /a%20b?a=x%26+y&b HTTP/1.1\r\nHost: x\r\n\r\n";
	const char post[] = "POST /p HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 5\r\n\r\nhello";
	const char chunked[] = "POST /p HTTP/1.1\r\nHost: x\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n"
	    "0\r\n\r\n";
	char *t = ask(get);

	(void)state;
	assert_int_equal(status_of(t), 200);
	assert_non_null(strstr(t, "\r\n\r\nGET /a b a=x& y body="));
	assert_non_null(strstr(t, "X-Request-Id: "));
	assert_non_null(strstr(t, "X-Seen: yes"));
	t = ask(post);
	assert_non_null(strstr(t, "POST /p a=- body=hello"));
	t = ask(chunked);
	assert_non_null(strstr(t, "POST /p a=- body=hello"));
}

static void h1_to_h4_framing(void **state)
{
#define POST "POST /p HTTP/1.1\r\nHost: x\r\n"
	(void)state;
	refuses(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400);
	refuses(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400);
	refuses(POST "Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc", 400);
	refuses(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n", 400);
	refuses(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400);
	refuses(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
	    400);
	refuses(POST "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
	refuses(POST "Content-Length: +3\r\n\r\nabc", 400);
	refuses(POST "Content-Length: 0x3\r\n\r\nabc", 400);
	refuses(POST "Content-Length: 3, 3\r\n\r\nabc", 400);
	refuses("POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n", 400);
}

static void h5_lines(void **state)
{
	static const char nul[] = "GET /p HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n"
	    "X-B: d\r\n\r\n";
	static const char nul_path[] = "GET /p\0q HTTP/1.1\r\nHost: x\r\n\r\n";
#define GET "GET /p HTTP/1.1\r\nHost: x\r\n"
	(void)state;
	refuses(GET "X-A : b\r\n\r\n", 400);
	refuses(GET "X-A: b\r\n c\r\nX-B: d\r\n\r\n", 400);
	refuses(GET "X-A: b\r\n c\r\n\r\n", 400);
	refuses(GET "X-A: b\nX-B: c\r\n\r\n", 400);
	refuses("GET /p HTTP/1.1\nHost: x\n\n", 400);
	refuses_n(nul, sizeof(nul) - 1, 400);
	refuses_n(nul_path, sizeof(nul_path) - 1, 400);
	refuses("GET /p%00q HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refuses("GET /p%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refuses("GET /p%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refuses("GET /p?a=%c0%af HTTP/1.1\r\nHost: x\r\n\r\n", 400);
}

/* What the check of the wire must not mistake. */
static void odd_but_good(void **state)
{
	static const char *const good[] = {
		"GET /p HTTP/1.1\r\nHost: x\r\nX-A:b\r\n\r\n",
		"GET /p HTTP/1.1\r\nHost: x\r\nX-A: \r\nX-B:\r\n\r\n",
		"GET /p HTTP/1.1\r\nHost: x\r\nX-A: \t b \t \r\nX-B: c\r\n\r\n",
		"GET /p HTTP/1.1\r\nhost:x\r\nCookie: a=b; c=d\r\nX-B: c\r\n\r\n",
		"GET http://x/p HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /p? HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /p?a=b&c=%20&d HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /p HTTP/1.0\r\n\r\n",
		"\r\nGET /p HTTP/1.1\r\nHost: x\r\n\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *t = ask(good[i]);

		if (strstr(t, " 200 OK") == NULL)
			fail_msg("%s\ngave: %.200s", good[i], t);
	}
}

/* Bytes that come one at a time must not look different from all at once. */
static void byte_by_byte(void **state)
{
	const char *r = "POST /p?a=b HTTP/1.1\r\nHost: x\r\nX-A: b\r\n"
	    "Content-Length: 3\r\n\r\nabc";
	int fd = dial();
	const char *p;

	(void)state;
	for (p = r; *p != '\0'; p++)
		say(fd, p, 1);
	assert_non_null(strstr(hear(fd, "body=abc", 1), "200 OK"));
	close(fd);
}

/* A header that grows over many reads stays where it was. */
static void large_header(void **state)
{
	struct buf b;
	size_t i;
	int k, fd = dial();

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, "GET /p?a=");
	for (k = 0; k < 6000; k++)
		buf_putc(&b, 'x');
	buf_puts(&b, " HTTP/1.1\r\nHost: x\r\n");
	for (k = 0; k < 12; k++)
		buf_printf(&b, "X-%d: %01000d\r\n", k, 0);
	buf_puts(&b, "\r\n");
	for (i = 0; i < b.len; i += 500)
		say(fd, b.data + i, b.len - i < 500 ? b.len - i : 500);
	assert_non_null(strstr(hear(fd, "body=", 1), "200 OK"));
	buf_fini(&b);
	close(fd);
}

static void h6_h7_once(void **state)
{
	(void)state;
	refuses("GET /p HTTP/1.1\r\nX: y\r\n\r\n", 400);
	refuses("GET /p HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400);
	refuses(GET "Authorization: Bearer a\r\n"
	    "authorization: Bearer b\r\n\r\n", 400);
}

static void h8_header_block(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, GET);
	for (i = 0; i < 20; i++)
		buf_printf(&b, "X-%d: %01000d\r\n", i, 0);
	buf_puts(&b, "\r\n");
	refuses_n(b.data, b.len, 431);
	for (i = 0; i < 200; i++)
		buf_printf(&b, "X-%d: %01000d\r\n", i, 0);
	buf_reset(&b);
	buf_puts(&b, GET);
	for (i = 0; i < 200; i++)
		buf_printf(&b, "X-%d: %01000d\r\n", i, 0);
	buf_puts(&b, "\r\n");
	refuses_n(b.data, b.len, 431);
	buf_fini(&b);
}

static void bodies(void **state)
{
	struct buf b;
	int i;

	(void)state;
	/* H11: refused without a 100 and without reading. */
	refuses(POST "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
	    413);
	refuses(POST "Content-Length: 99999999999999999999\r\n\r\n", 413);
	refuses(POST "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
	    415);
	refuses("POST /secret HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
	    "\r\n", 401);
	buf_init(&b, 1 << 20);
	buf_puts(&b, POST "Connection: close\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	for (i = 0; i < 11; i++)
		buf_printf(&b, "64\r\n%0100d\r\n", 0);
	buf_puts(&b, "0\r\n\r\n");
	refuses_n(b.data, b.len, 413);
	buf_fini(&b);
}

static void continues(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
	    strlen(POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
	assert_non_null(strstr(hear(fd, "\r\n\r\n", 1), "100 Continue"));
	say(fd, "abc", 3);
	assert_non_null(strstr(hear(fd, "body=abc", 1), "200 OK"));
	close(fd);
}

static void h12_pipelined(void **state)
{
	struct buf b;
	char *t, want[40];
	int i, fd = dial();

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < 100; i++)
		buf_printf(&b, "POST /%s HTTP/1.1\r\nHost: x\r\n"
		    "Content-Length: 4\r\n\r\n%04d", i % 3 ? "now" : "later",
		    i);
	say(fd, b.data, b.len);
	t = hear(fd, "later 0099", 1);
	for (i = 0; i < 100; i++) {
		snprintf(want, sizeof(want), i % 3 ? "body=%04d" :
		    "later %04d", i);
		t = strstr(t, want);
		if (t == NULL)
			fail_msg("\"%s\" is missing or out of order", want);
	}
	buf_fini(&b);
	close(fd);
}

static void h13_methods(void **state)
{
	char *t = ask("HEAD /p HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	assert_int_equal(status_of(t), 200);
	assert_non_null(strstr(t, "Content-Length: "));
	assert_null(strstr(t, "HEAD /p"));
	assert_true(str_starts(t + strlen(t) - 4, "\r\n\r\n"));
}

static void h14_paths(void **state)
{
	char *t = ask("GET /a%2fb/%2e%2e/c HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	assert_non_null(strstr(t, "GET /a%2Fb/../c a="));
}

#define CONNECTIONS 20
#define ROUNDS 100

static void *keep_asking(void *arg)
{
	const char *r = "POST /later HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 3\r\n\r\nabc";
	char text[1000];
	int i, fd = dial();
	intptr_t good = 0;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		ssize_t k, n = 0;

		say(fd, r, strlen(r));
		do {
			k = recv(fd, text + n, sizeof(text) - 1 - (size_t)n, 0);
			n += k > 0 ? k : 0;
			text[n] = '\0';
		} while (k > 0 && strstr(text, "later abc") == NULL);
		good += strstr(text, "later abc") != NULL;
	}
	close(fd);
	return (void *)good;
}

static void suspended(void **state)
{
	pthread_t t[CONNECTIONS];
	intptr_t sum = 0;
	void *good;
	int i;

	(void)state;
	for (i = 0; i < CONNECTIONS; i++)
		pthread_create(&t[i], NULL, keep_asking, NULL);
	for (i = 0; i < CONNECTIONS; i++) {
		pthread_join(t[i], &good);
		sum += (intptr_t)good;
	}
	assert_int_equal(sum, CONNECTIONS * ROUNDS);
}

/* H16: a client that goes away at any byte leaves nothing behind. */
static void client_leaves(void **state)
{
	const char *r = "POST /later HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 3\r\n\r\nabc";
	size_t n;
	int fd;

	(void)state;
	for (n = 0; n <= strlen(r); n++) {
		fd = dial();
		say(fd, r, n);
		close(fd);
	}
	assert_int_equal(status_of(ask(GET "\r\n")), 200);
}

/* H9: one who does not finish a header is shown the door. */
/* All chunks of an answer, or -1 when it ends without the last one. */
static long chunks(const char *p)
{
	long total = 0, n;
	char *end;

	p = strstr(p, "\r\n\r\n");
	for (p = p != NULL ? p + 4 : ""; *p != '\0'; p = end + 2 + n + 2) {
		n = strtol(p, &end, 16);
		if (n == 0)
			return total;
		if (strlen(end) < (size_t)n + 4)
			break;
		total += n;
	}
	return -1;
}

static char *stream(const char *path, const char *end)
{
	char request[128];
	int fd = dial();
	char *text;

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" AUTH "\r\n",
	    path);
	say(fd, request, strlen(request));
	text = hear(fd, end, 1);
	close(fd);
	return text;
}

static void streamed(void **state)
{
	char *text = stream("/long?n=500000", "\r\n0\r\n\r\n");
	int tries = 0;

	(void)state;
	assert_int_equal(status_of(text), 200);
	assert_non_null(strstr(text, "Transfer-Encoding: chunked"));
	assert_int_equal(chunks(text), 500000);
	text = stream("/late-long?n=400000", "\r\n0\r\n\r\n");
	assert_int_equal(chunks(text), 400000);
	text = stream("/long?n=0", "\r\n0\r\n\r\n");
	assert_int_equal(chunks(text), 0);
	/* It closes, without the last chunk. */
	text = stream("/breaks?n=100000", NULL);
	assert_int_equal(status_of(text), 200);
	assert_int_equal(chunks(text), -1);
	text = ask("HEAD /long?n=100000 HTTP/1.1\r\n" AUTH
	    "Connection: close\r\n\r\n");
	assert_int_equal(status_of(text), 200);
	/* A client that has heard enough. */
	stream("/long?n=1000000000", "xxxx");
	while (streams != 0 && tries++ < 2000)
		usleep(5000);
	assert_int_equal(streams, 0);
}

/* Woken at any moment, also while it says that it has nothing: no waking is
 * lost, or the body would not come to its end. */
static void dripped(void **state)
{
	static const char *const paths[] = { "/drops?n=0", "/drops?n=1",
	    "/drops?n=20000", "/drops?n=100000" };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		char *text = stream(paths[i], "\r\n0\r\n\r\n");

		assert_int_equal(chunks(text), strtol(paths[i] + 9, NULL,
		    10));
		pthread_join(drops.giver, NULL);
		while (!drops_gone())
			usleep(1000);
	}
}

static void slow_header(void **state)
{
	int i, fd = dial();
	char c;

	(void)state;
	for (i = 0; i < 100; i++) {
		if (recv(fd, &c, 1, MSG_DONTWAIT) == 0)
			break;
		say(fd, "G", 1);
		usleep(100000);
	}
	assert_true(i < 100);
	close(fd);
}

static int dial_from(const char *from, int to)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct timeval tv = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, from, &sin.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	sin.sin_port = htons((uint16_t)to);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static bool is_served(int fd)
{
	say(fd, GET "\r\n", strlen(GET "\r\n"));
	return strstr(hear(fd, "body=", 1), "200 OK") != NULL;
}

/* H10: one address gets so many connections, others don't notice. */
static void h10_per_address(void **state)
{
	const struct httpd_conf c = { .listen = "127.0.0.1:0", .threads = 2,
	    .per_ip_connections = 50, .idle_timeout = 60 };
	const struct httpd_handler h = { NULL, on_accept, on_handle,
	    on_refused };
	struct httpd *small = NULL;
	int fd[51], other, to, i;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(httpd_start(&c, &h, &small, &to, &e), 0);
	for (i = 0; i < 50; i++) {
		fd[i] = dial_from("127.0.0.1", to);
		assert_true(is_served(fd[i]));
	}
	fd[50] = dial_from("127.0.0.1", to);
	assert_false(is_served(fd[50]));
	other = dial_from("127.0.0.2", to);
	assert_true(is_served(other));
	assert_true(is_served(fd[0]));
	close(other);
	for (i = 0; i < 51; i++)
		close(fd[i]);
	/* They are gone when the server has noticed. */
	for (i = 0; i < 1000; i++) {
		bool good;

		other = dial_from("127.0.0.1", to);
		good = is_served(other);
		close(other);
		if (good)
			break;
	}
	assert_true(i < 1000);
	assert_true(httpd_stop(small, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(h1_to_h4_framing),
		cmocka_unit_test(h5_lines),
		cmocka_unit_test(odd_but_good),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(large_header),
		cmocka_unit_test(h6_h7_once),
		cmocka_unit_test(h8_header_block),
		cmocka_unit_test(bodies),
		cmocka_unit_test(continues),
		cmocka_unit_test(h12_pipelined),
		cmocka_unit_test(h13_methods),
		cmocka_unit_test(h14_paths),
		cmocka_unit_test(suspended),
		cmocka_unit_test(streamed),
		cmocka_unit_test(dripped),
		cmocka_unit_test(client_leaves),
		cmocka_unit_test(slow_header),
		cmocka_unit_test(h10_per_address),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
