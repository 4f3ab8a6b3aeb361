/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
	int fd, port, stop[2];
	pthread_t thread;
	peer_answer *answer;
	void *ctx;
	atomic_uint connections, requests;
};

bool peer_header(const struct peer_request *q, const char *name, char *out,
    size_t size)
{
	const char *line = q->head;
	size_t n = strlen(name);

	for (; line != NULL && *line != '\0'; line = strstr(line, "\r\n")) {
		line += *line == '\r' ? 2 : 0;
		if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
			line += n + 1;
			line += strspn(line, " ");
			snprintf(out, size, "%.*s", (int)strcspn(line, "\r\n"),
			    line);
			return true;
		}
	}
	return false;
}

size_t peer_reply(char *out, size_t size, int status, const char *type,
    const char *extra, const char *body)
{
	int n = snprintf(out, size, "HTTP/1.1 %d X\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n%s\r\n%s", status, type, strlen(body),
	    extra, body);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* Wait for bytes or for the end of the test. */
static ssize_t get(struct peer *p, int fd, char *to, size_t n)
{
	struct pollfd fds[2] = { { fd, POLLIN, 0 }, { p->stop[0], POLLIN, 0 } };

	if (poll(fds, 2, -1) < 1 || fds[1].revents != 0)
		return -1;
	return read(fd, to, n);
}

/* One request out of what arrives; false: the connection is over. */
static bool read_request(struct peer *p, int fd, struct peer_request *q)
{
	static const char length[] = "Content-Length";
	char buf[PEER_MAX + 8192], number[32], *end;
	size_t have = 0, head, want;
	ssize_t n;

	memset(q, 0, sizeof(*q));
	buf[0] = '\0';
	while ((end = strstr(buf, "\r\n\r\n")) == NULL) {
		if ((n = get(p, fd, buf + have, 8191 - have)) <= 0)
			return false;
		have += (size_t)n;
		buf[have] = '\0';
	}
	head = (size_t)(end + 4 - buf);
	sscanf(buf, "%15s %2047s", q->method, q->target);
	end = strstr(buf, "\r\n") + 2;
	snprintf(q->head, sizeof(q->head), "%.*s", (int)(buf + head - end),
	    end);
	want = peer_header(q, length, number, sizeof(number)) ?
	    (size_t)atol(number) : 0;
	while (have - head < want) {
		if ((n = get(p, fd, buf + have, sizeof(buf) - 1 - have)) <= 0)
			return false;
		have += (size_t)n;
	}
	memcpy(q->body, buf + head, want);
	q->body_len = want;
	return true;
}

static void serve(struct peer *p, int fd)
{
	struct peer_request *q = malloc(sizeof(*q));
	char *out = malloc(PEER_MAX * 64);
	bool closing = false;
	size_t n, at;
	ssize_t w;

	while (!closing && read_request(p, fd, q)) {
		atomic_fetch_add(&p->requests, 1);
		n = p->answer(p->ctx, q, out, PEER_MAX * 64, &closing);
		for (at = 0; at < n; at += (size_t)w)
			if ((w = send(fd, out + at, n - at,
			    MSG_NOSIGNAL)) <= 0)
				break;
		closing |= n == 0 || at < n;
	}
	free(out);
	free(q);
	close(fd);
}

struct connection {
	struct peer *p;
	int fd;
};

static void *serve_thread(void *arg)
{
	struct connection *c = arg;

	serve(c->p, c->fd);
	free(c);
	return NULL;
}

static void *run(void *arg)
{
	struct peer *p = arg;
	struct pollfd fds[2] = { { p->fd, POLLIN, 0 },
	    { p->stop[0], POLLIN, 0 } };
	pthread_t thread[256];
	size_t n = 0;

	while (poll(fds, 2, -1) > 0 && fds[1].revents == 0 && n < 256) {
		struct connection *c = malloc(sizeof(*c));

		*c = (struct connection){ p, accept(p->fd, NULL, NULL) };
		atomic_fetch_add(&p->connections, 1);
		pthread_create(&thread[n++], NULL, serve_thread, c);
	}
	while (n > 0)
		pthread_join(thread[--n], NULL);
	return NULL;
}

struct peer *peer_start_on(int port, peer_answer *answer, void *ctx)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int on = 1;

	p->answer = answer;
	p->ctx = ctx;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (pipe(p->stop) != 0 ||
	    bind(p->fd, (struct sockaddr *)&sa, len) != 0 ||
	    listen(p->fd, 64) != 0 ||
	    getsockname(p->fd, (struct sockaddr *)&sa, &len) != 0) {
		perror("peer");
		abort();
	}
	p->port = ntohs(sa.sin_port);
	pthread_create(&p->thread, NULL, run, p);
	return p;
}

struct peer *peer_start(peer_answer *answer, void *ctx)
{
	return peer_start_on(0, answer, ctx);
}

void peer_stop(struct peer *p)
{
	/* Left unread: every thread of the peer sees it. */
	if (write(p->stop[1], "x", 1) != 1)
		abort();
	pthread_join(p->thread, NULL);
	close(p->fd);
	close(p->stop[0]);
	close(p->stop[1]);
	free(p);
}

int peer_port(const struct peer *p)
{
	return p->port;
}

unsigned peer_connections(const struct peer *p)
{
	return atomic_load(&p->connections);
}

unsigned peer_requests(const struct peer *p)
{
	return atomic_load(&p->requests);
}
