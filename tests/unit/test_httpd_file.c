/* SPDX-License-Identifier: ISC */
/* httpd where a body goes into a file, and httpc where it comes from one: whole
 * or not at all, whatever its size, and no descriptor is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/tempfile.h"
#include "link/httpc.h"
#include "link/httpd.h"

#define TEXT "text/plain"
#define MIB ((size_t)1 << 20)
#define MEMORY ((size_t)100000)		/* what a body in memory may have */
#define FILE_MOST (8 * MIB)
#define IDLE 60

static struct httpd *server;
static int port, before;		/* descriptors, with the server */
static _Atomic int handled;
static _Atomic int seen = -1;		/* the last file, a copy */
static _Atomic int taken = -1;		/* the handler's own */
static _Atomic int64_t shift;		/* of the clock */

static int64_t shifted(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000 + shift;
}

/* Byte i of every body. */
static char byte_at(size_t i)
{
	return (char)('a' + i % 7919 % 26);
}

static char *made(size_t n)
{
	char *p = malloc(n + 1);
	size_t i;

	assert_non_null(p);
	for (i = 0; i < n; i++)
		p[i] = byte_at(i);
	p[n] = '\0';
	return p;
}

/* --- the server ------------------------------------------------------------- */

static bool on_accept(void *ctx, struct httpd_request *q, size_t *max_body)
{
	struct err e;

	(void)ctx;
	*max_body = FILE_MOST;
	if (str_starts(q->path, "/file")) {
		assert_int_equal(tempfile_new("", &q->body_fd, &e), 0);
		if (seen >= 0)
			close(seen);
		seen = fcntl(q->body_fd, F_DUPFD_CLOEXEC, 0);
	}
	if (!str_starts(q->path, "/file/no"))
		return true;
	httpd_answer(q, 401, TEXT, "no", 2);
	return false;
}

/* How many bytes the file has, -1: not those that were sent. */
static long in_file(int fd)
{
	static char part[65536];
	size_t at = 0;
	ssize_t n, i;

	while ((n = pread(fd, part, sizeof(part), (off_t)at)) > 0)
		for (i = 0; i < n; i++, at++)
			if (part[i] != byte_at(at))
				return -1;
	return n == 0 ? (long)at : -1;
}

static void on_handle(void *ctx, struct httpd_request *q)
{
	const char *text;

	(void)ctx;
	handled++;
	text = arena_printf(q->arena, "%zu, memory %zu, file %ld.",
	    q->body_len, strlen(q->body), q->body_fd < 0 ? -1 :
	    in_file(q->body_fd));
	if (str_starts(q->path, "/file/take")) {
		taken = q->body_fd;
		q->body_fd = -1;
	}
	httpd_answer(q, 200, TEXT, text, strlen(text));
}

static void on_refused(void *ctx, struct httpd_request *q, int status,
    const char *why)
{
	(void)ctx;
	httpd_answer(q, status, TEXT, why, strlen(why));
}

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int setup(void **state)
{
	const struct httpd_conf c = { .listen = "127.0.0.1:0",
	    .max_body = MEMORY, .idle_timeout = IDLE };
	const struct httpd_handler h = { NULL, on_accept, on_handle,
	    on_refused };
	struct err e = { 0 };
	int rc;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	clock_set_source(shifted);
	rc = httpd_start(&c, &h, &server, &port, &e);
	before = descriptors();
	return rc;
}

static int teardown(void **state)
{
	(void)state;
	return httpd_stop(server, 5) ? 0 : -1;
}

/* --- the client ------------------------------------------------------------- */

static int dial(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	struct timeval tv = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

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

static void head(int fd, const char *path, const char *framing)
{
	char text[256];

	say(fd, text, (size_t)snprintf(text, sizeof(text), "POST %s HTTP/1.1"
	    "\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n", path, framing));
}

static void head_length(int fd, const char *path, size_t n)
{
	char framing[64];

	snprintf(framing, sizeof(framing), "Content-Length: %zu", n);
	head(fd, path, framing);
}

/* All that is said until the other side closes; closes. */
static const char *heard(int fd)
{
	static char text[4096];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof(text) - 1 &&
	    (k = recv(fd, text + n, sizeof(text) - 1 - n, 0)) > 0)
		n += (size_t)k;
	text[n] = '\0';
	close(fd);
	return text;
}

static const char *post(const char *path, size_t n)
{
	char *body = made(n);
	int fd = dial();

	head_length(fd, path, n);
	say(fd, body, n);
	free(body);
	return heard(fd);
}

/* The same in chunks of odd sizes; without the last one when cut. */
static const char *post_chunked(const char *path, size_t n)
{
	char *body = made(n), size[24];
	size_t at = 0, some = 1;
	int fd = dial();

	head(fd, path, "Transfer-Encoding: chunked");
	for (; at < n; at += some, some = some * 3 % 50021 + 1) {
		if (some > n - at)
			some = n - at;
		say(fd, size, (size_t)snprintf(size, sizeof(size), "%zx\r\n",
		    some));
		say(fd, body + at, some);
		say(fd, "\r\n", 2);
	}
	say(fd, "0\r\n\r\n", 5);
	free(body);
	return heard(fd);
}

static void answers(const char *text, int status, const char *what)
{
	if (!str_starts(text, "HTTP/1.1 ") || atoi(text + 9) != status ||
	    strstr(text, what) == NULL)
		fail_msg("not %d with \"%s\" but: %.300s", status, what, text);
}

static void file_of(const char *text, size_t n)
{
	char want[96];

	snprintf(want, sizeof(want), "\r\n\r\n%zu, memory 0, file %zu.", n, n);
	answers(text, 200, want);
}

static void closed_within(int64_t seconds)
{
	int i;

	if (seen >= 0)
		close(seen);
	seen = -1;
	for (i = 0; i < 2000 && descriptors() > before; i++) {
		shift += seconds * CLOCK_SECOND / 2000;
		usleep(5000);
	}
	assert_int_equal(descriptors(), before);
}

/* What the server has open for requests is closed, soon or never. */
static void nothing_open(void)
{
	closed_within(0);
}

/* --- tests ------------------------------------------------------------------- */

static void whole(void **state)
{
	(void)state;
	file_of(post("/file", 0), 0);
	file_of(post("/file", 5), 5);
	file_of(post("/file", 5 * MIB), 5 * MIB);
	file_of(post_chunked("/file", 5), 5);
	file_of(post_chunked("/file", 5 * MIB), 5 * MIB);
	/* Larger than what memory may take, and as large as may be. */
	file_of(post("/file", FILE_MOST), FILE_MOST);
	file_of(post_chunked("/file", FILE_MOST), FILE_MOST);
	nothing_open();
}

/* A request object that had a file is used again; the one descriptor that a
 * zeroed one would name stays open. */
static void in_memory(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		file_of(post("/file", 7), 7);
		answers(post("/memory", 7), 200, "7, memory 7, file -1.");
		answers(post("/memory", MEMORY), 200, "100000, memory 100000, file -1.");
		answers(post("/memory", MEMORY + 1), 413, "too large");
		answers(post_chunked("/memory", MEMORY + 1), 413, "too large");
	}
	nothing_open();
	assert_true(fcntl(0, F_GETFD) >= 0);
}

static void too_large(void **state)
{
	int n = handled, fd = dial();

	(void)state;
	/* Before a byte of it is sent. */
	head_length(fd, "/file", FILE_MOST + 1);
	answers(heard(fd), 413, "too large");
	answers(post_chunked("/file", FILE_MOST + 1), 413, "too large");
	/* One that goes on is not listened to for ever. */
	assert_string_equal(post_chunked("/file", FILE_MOST + 3 * MIB), "");
	answers(post("/file/no", 3), 401, "no");
	assert_int_equal(handled, n);
	nothing_open();
}

/* So much of a body is in its file, at last. */
static bool has_come(size_t n)
{
	struct stat st;
	int tries;

	for (tries = 0; tries < 2000; tries++, usleep(5000))
		if (seen >= 0 && fstat(seen, &st) == 0 &&
		    (size_t)st.st_size == n)
			return true;
	return false;
}

static void client_leaves(void **state)
{
	static const size_t sent[] = { 0, 1, 300000, 2 * MIB - 1 };
	char *body = made(2 * MIB);
	int n = handled, fd;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		fd = dial();
		head_length(fd, "/file", 2 * MIB);
		say(fd, body, sent[i]);
		assert_true(has_come(sent[i]));
		close(fd);
		nothing_open();
	}
	assert_int_equal(handled, n);
	free(body);
}

/* A disk that is full is as good as one on which no file may grow. */
static void full_disk(void **state)
{
	struct rlimit was, most;
	int n = handled;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	most = was;
	most.rlim_cur = MIB + 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &most), 0);
	answers(post("/file", 6 * MIB), 503, "cannot write");
	answers(post_chunked("/file", 6 * MIB), 503, "cannot write");
	/* All that can be kept is. */
	file_of(post("/file", MIB + 1000), MIB + 1000);
	answers(post("/file", MIB + 1001), 503, "cannot write");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	file_of(post("/file", 6 * MIB), 6 * MIB);
	assert_int_equal(handled, n + 2);
	nothing_open();
}

static void handler_takes(void **state)
{
	(void)state;
	file_of(post("/file/take", 3 * MIB), 3 * MIB);
	before++;
	nothing_open();
	assert_int_equal(in_file(taken), 3 * MIB);
	close(taken);
	before--;
	nothing_open();
}

/* Time goes on; and whoever looks for connections that take too long has looked:
 * one that never said anything is closed. */
static void later(int64_t seconds)
{
	int n = descriptors(), fd = dial(), i;

	for (i = 0; i < 2000 && descriptors() < n + 2; i++)
		usleep(5000);
	assert_int_equal(descriptors(), n + 2);
	shift += seconds * CLOCK_SECOND;
	assert_string_equal(heard(fd), "");
}

/* It may take longer than a connection may be idle, as long as it moves. */
static void slow(void **state)
{
	const size_t step = MIB, n = 4 * step;
	char *body = made(n);
	int fd = dial();
	size_t at;

	(void)state;
	head_length(fd, "/file", n);
	for (at = 0; at < n; at += step) {
		say(fd, body + at, step);
		assert_true(has_come(at + step));
		if (at + step < n)
			later(IDLE / 2 + 1);
	}
	file_of(heard(fd), n);
	nothing_open();
	fd = dial();
	head_length(fd, "/file", n);
	say(fd, body, step);
	assert_true(has_come(step));
	later(IDLE + 1);
	assert_string_equal(heard(fd), "");
	free(body);
	nothing_open();
}

/* --- httpc, from a file ------------------------------------------------------ */

static int send_file(int to, const char *path, int fd, size_t len,
    struct httpc_answer *a, char **body, struct err *e)
{
	const struct httpc_file file = { fd, (int64_t)len };
	char url[64];
	const struct httpc_request q = { .method = "POST", .url = url,
	    .file = &file, .insecure = true, .timeout = 2 * CLOCK_SECOND };

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", to, path);
	return httpc_call(&q, a, body, e);
}

/* Each size twice from one descriptor, wherever that stands. */
static void client_sends(void **state)
{
	static const size_t sizes[] = { 0, 5, 70000, FILE_MOST };
	struct httpc_answer a;
	char *body, *text, want[96];
	struct err e;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 8; i++) {
		size_t n = sizes[i / 2];

		if (i % 2 == 0) {
			assert_int_equal(tempfile_new("", &fd, &e), 0);
			text = made(n);
			assert_int_equal(tempfile_put(fd, text, n, &e), 0);
			free(text);
		}
		assert_int_equal(send_file(port, "/file", fd, n, &a, &body,
		    &e), 0);
		snprintf(want, sizeof(want), "%zu, memory 0, file %zu.", n, n);
		assert_int_equal(a.status, 200);
		assert_string_equal(body, want);
		free(body);
		if (i % 2 == 1)
			close(fd);
	}
	nothing_open();
}

static void client_is_refused(void **state)
{
	struct httpc_answer a;
	int n = handled, fd;
	struct err e;
	char *body;

	(void)state;
	assert_int_equal(tempfile_new("", &fd, &e), 0);
	assert_int_equal(ftruncate(fd, FILE_MOST + 1), 0);
	assert_int_equal(send_file(port, "/file", fd, FILE_MOST + 1, &a,
	    &body, &e), 0);
	assert_int_equal(a.status, 413);
	free(body);
	assert_int_equal(send_file(port, "/file/no", fd, FILE_MOST + 1, &a,
	    &body, &e), 0);
	assert_int_equal(a.status, 401);
	free(body);
	/* It has become shorter. */
	assert_int_equal(send_file(port, "/file", fd, FILE_MOST, &a, &body,
	    &e), 0);
	free(body);
	assert_int_equal(ftruncate(fd, MIB), 0);
	assert_int_equal(send_file(port, "/file", fd, FILE_MOST, &a, &body,
	    &e), ERR_IO);
	free(body);
	close(fd);
	assert_int_equal(handled, n + 1);
	/* An end that comes along with bytes is one that libmicrohttpd may not
	 * see until the connection has been idle. */
	closed_within(10 * IDLE);
}

/* Somebody who takes connections and reads nothing. */
static void client_gives_up(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd, deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct httpc_answer a;
	struct err e;
	char *body;

	(void)state;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(deaf, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(listen(deaf, 1), 0);
	getsockname(deaf, (struct sockaddr *)&sin, &len);
	assert_int_equal(tempfile_new("", &fd, &e), 0);
	assert_int_equal(ftruncate(fd, 64 * MIB), 0);
	assert_int_equal(send_file(ntohs(sin.sin_port), "/file", fd, 64 * MIB,
	    &a, &body, &e), ERR_TIMEOUT);
	free(body);
	close(fd);
	close(deaf);
	nothing_open();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(in_memory),
		cmocka_unit_test(too_large),
		cmocka_unit_test(client_leaves),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(handler_takes),
		cmocka_unit_test(slow),
		cmocka_unit_test(client_sends),
		cmocka_unit_test(client_is_refused),
		cmocka_unit_test(client_gives_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
