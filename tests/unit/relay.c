/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 16

struct relay {
	pthread_t thread;
	int fd, stop[2];
	struct sockaddr_in to;
	char uri[64];
	_Atomic int64_t left;
	struct pollfd p[2 + 2 * PAIRS];	/* stop, listener, pairs: client and
					 * server beside each other */
	size_t n;
};

static void drop(struct relay *r, size_t i)
{
	close(r->p[i].fd);
	close(r->p[i + 1].fd);
	r->n -= 2;
	memmove(&r->p[i], &r->p[i + 2], (r->n - i) * sizeof(r->p[0]));
}

static void take(struct relay *r)
{
	int client = accept(r->fd, NULL, NULL), server;

	if (client < 0)
		return;
	server = socket(AF_INET, SOCK_STREAM, 0);
	if (r->left <= 0 || r->n + 2 > 2 + 2 * PAIRS || connect(server,
	    (struct sockaddr *)&r->to, sizeof(r->to)) != 0) {
		close(client);
		close(server);
		return;
	}
	r->p[r->n++] = (struct pollfd){ client, POLLIN, 0 };
	r->p[r->n++] = (struct pollfd){ server, POLLIN, 0 };
}

static bool pass(struct relay *r, size_t from, size_t to, bool counts)
{
	char b[4096];
	ssize_t n = read(r->p[from].fd, b, sizeof(b));

	if (n <= 0)
		return false;
	if (counts) {
		int64_t left = r->left;

		if (n > left)
			n = left > 0 ? (ssize_t)left : 0;
		r->left -= n;
	}
	return send(r->p[to].fd, b, (size_t)n, MSG_NOSIGNAL) == n &&
	    (!counts || r->left > 0);
}

static void *thread(void *arg)
{
	struct relay *r = arg;
	size_t i;

	while (poll(r->p, r->n, -1) > 0 && r->p[0].revents == 0) {
		bool fresh = r->p[1].revents != 0;

		for (i = 2; i < r->n; ) {
			bool ok = (r->p[i].revents == 0 || pass(r, i, i + 1,
			    false)) && (r->p[i + 1].revents == 0 || pass(r,
			    i + 1, i, true));

			if (ok)
				i += 2;
			else
				drop(r, i);
		}
		while (r->left <= 0 && r->n > 2)
			drop(r, 2);
		if (fresh)
			take(r);
	}
	while (r->n > 2)
		drop(r, 2);
	return NULL;
}

struct relay *relay_start(const char *uri, int64_t bytes)
{
	struct relay *r = calloc(1, sizeof(*r));
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	if (r == NULL)
		abort();
	r->to = at;
	r->to.sin_port = htons((uint16_t)atoi(strrchr(uri, ':') + 1));
	r->left = bytes;
	r->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(r->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(r->fd, 16) != 0 || pipe(r->stop) != 0 ||
	    getsockname(r->fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	snprintf(r->uri, sizeof(r->uri), "ldap://127.0.0.1:%u",
	    (unsigned)ntohs(at.sin_port));
	r->p[0] = (struct pollfd){ r->stop[0], POLLIN, 0 };
	r->p[1] = (struct pollfd){ r->fd, POLLIN, 0 };
	r->n = 2;
	if (pthread_create(&r->thread, NULL, thread, r) != 0)
		abort();
	return r;
}

void relay_stop(struct relay *r)
{
	if (write(r->stop[1], "", 1) != 1)
		abort();
	pthread_join(r->thread, NULL);
	close(r->fd);
	close(r->stop[0]);
	close(r->stop[1]);
	free(r);
}

const char *relay_uri(const struct relay *r)
{
	return r->uri;
}

void relay_give(struct relay *r, int64_t bytes)
{
	r->left = bytes;
}

int64_t relay_left(struct relay *r)
{
	return r->left;
}
