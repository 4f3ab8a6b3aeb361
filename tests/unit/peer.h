/* SPDX-License-Identifier: ISC */
/* peer: the other side of an HTTP client's test: a real server on the
 * loopback that answers with the very bytes a test asks for, good or bad. A
 * thread a connection: answer functions lock what they share. */
#ifndef TESTS_UNIT_PEER_H
#define TESTS_UNIT_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define PEER_MAX (64 * 1024)

struct peer_request {
	char method[16], target[2048];
	char head[8192];	/* header lines as they came */
	char body[PEER_MAX];
	size_t body_len;
};

/* Fills out with the whole answer, head included; its length. 0: close
 * without a word. *close: after it. */
typedef size_t peer_answer(void *ctx, const struct peer_request *q, char *out,
	size_t size, bool *close);

struct peer;

struct peer *peer_start(peer_answer *answer, void *ctx);
/* On a port that was peer_port's before. */
struct peer *peer_start_on(int port, peer_answer *answer, void *ctx);
void peer_stop(struct peer *p);
int peer_port(const struct peer *p);
/* Connections accepted, requests read. */
unsigned peer_connections(const struct peer *p);
unsigned peer_requests(const struct peer *p);
/* Value of a header line, copied into out; false: not there. */
bool peer_header(const struct peer_request *q, const char *name, char *out,
	size_t size);
/* A whole answer with Content-Length; extra: more header lines or "". */
size_t peer_reply(char *out, size_t size, int status, const char *type,
	const char *extra, const char *body);

#endif
