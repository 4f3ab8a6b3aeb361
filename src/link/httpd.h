/* SPDX-License-Identifier: ISC */
/*
 * httpd: the HTTP server (libmicrohttpd, epoll threads), the only module that
 * speaks to it. Gathers a request whole under the route's size limit, in
 * memory or, where accept says so, in a file, refuses what the header guard
 * refuses (two Content-Length, Content-Length with Transfer-Encoding, other
 * transfer codings, two Host or Authorization, NUL, obs-fold, bare LF; RFC
 * 9112) and hands it to one handler. That either answers on the spot or keeps
 * the request and answers later from another thread: the connection is
 * suspended meanwhile and resumed once.
 *
 * Threads: accept, handle and refused are called on the server's threads and
 * must not block. A request is used by one thread at a time.
 */
#ifndef LINK_HTTPD_H
#define LINK_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct arena;
struct httpd;
struct live;

/* Does the server ask clients for certificates? */
enum httpd_client_cert { HTTPD_CERT_NONE, HTTPD_CERT_REQUEST,
	HTTPD_CERT_REQUIRE };

struct httpd_conf {
	const char *listen;		/* "127.0.0.1:8080", "[::1]:0" */
	unsigned threads;		/* 0: 1 */
	unsigned max_connections, per_ip_connections;	/* 0: unlimited */
	unsigned idle_timeout;		/* seconds; 0: 60 */
	unsigned header_timeout;	/* seconds for a first header; 0: 10 */
	size_t max_body;		/* hard cap for what is gathered in
					 * memory; 0: 16 MiB */
	const char *cert_file, *key_file;	/* "" plain HTTP */
	const char *client_ca_file;	/* who signs clients' certificates */
	enum httpd_client_cert client_cert;
	struct strv trusted_proxies;	/* addresses and networks */
};

/* One request. Lives until it is answered; strings are borrowed from it. */
struct httpd_request {
	struct arena *arena;		/* this request's memory */
	const char *method;
	const char *path;		/* decoded, but for "%2F"; no query */
	const char *host;		/* Host header, "" none (HTTP/1.0) */
	const char *body;		/* NUL-terminated; "" none */
	size_t body_len;
	/* -1; a file that accept has put here takes the body, however large:
	 * body is "" then, body_len counts. Closed with the request, unless
	 * handle has taken it and put -1 here. */
	int body_fd;
	bool tls;
	const char *peer;		/* address as text; behind a trusted
					 * proxy the one that it names */
	/* How the client's certificate, if there was one and it is good now,
	 * may be named: "sha256:HEX" first, "subject:DN" (RFC 4514),
	 * "dns:", "uri:", "email:". */
	struct strv cert;
	char id[20];			/* X-Request-Id, made here */
	void *p;			/* the handler's own, NULL at first */
};

const char *httpd_header(const struct httpd_request *q, const char *name);
/* Decoded query argument ('+' is a space), NULL absent. */
const char *httpd_query(const struct httpd_request *q, const char *name);

struct httpd_handler {
	void *ctx;
	/* Before the body is read: false when it has answered the request
	 * (authentication belongs here), else true with the route's largest
	 * body in *max_body, and body_fd set if it goes into a file. */
	bool (*accept)(void *ctx, struct httpd_request *q, size_t *max_body);
	/* The whole request. Must answer now or later. */
	void (*handle)(void *ctx, struct httpd_request *q);
	/* The header guard or a size limit refuses, or the body's file can't be
	 * written (503): must answer now, with this status. method and path may
	 * be "". */
	void (*refused)(void *ctx, struct httpd_request *q, int status,
		const char *why);
};

/* *port: the port really taken. */
int httpd_start(const struct httpd_conf *c, const struct httpd_handler *h,
	struct httpd **out, int *port, struct err *e);
/* New certificate, key, clients' CAs and trusted proxies for a server that
 * runs: read them, then use them or give them back. Connections that are open
 * go on; their clients' certificates must be good under the new CAs. False: the
 * server can't change between HTTP and HTTPS, nothing was changed. l is gone
 * either way. */
int httpd_live_load(const struct httpd_conf *c, struct live **out,
	struct err *e);
bool httpd_live_use(struct httpd *d, struct live *l);
void httpd_live_free(struct live *l);
/* No new connections; requests under way end. */
void httpd_drain(struct httpd *d);
/* Waits for suspended requests (at most seconds), then stops. False: some are
 * left; whoever holds them may still answer them, so nothing is freed.
 * libmicrohttpd can't be stopped then. */
bool httpd_stop(struct httpd *d, unsigned seconds);

/* Response headers, before the answer; name and value copied. */
void httpd_set_header(struct httpd_request *q, const char *name,
	const char *value);
/* Answer from any thread, once; the body is copied (take: malloc'd, owned
 * from now on). A NULL content_type: none. q is gone afterwards. */
void httpd_answer(struct httpd_request *q, int status,
	const char *content_type, const char *body, size_t len);
void httpd_answer_take(struct httpd_request *q, int status,
	const char *content_type, char *body, size_t len);

struct httpd_flow;
/* A body that is made piece by piece while it is sent, so that it may be of
 * any size. It outlives the request: nothing of q's may be in ctx. */
struct httpd_stream {
	/* Puts 1 to max bytes into out and returns how many; 0: that was all;
	 * -1: it can't go on, the connection is cut, so that nobody takes what
	 * there was for the whole; HTTPD_STREAM_WAIT: there is nothing just
	 * now, ask again after httpd_flow_wake. On a server's thread; must not
	 * block. */
	ssize_t (*read)(void *ctx, char *out, size_t max);
	/* Once, in any case, whether all was read or not. */
	void (*free)(void *ctx);
	void *ctx;
	/* Where to put the handle for waking it, before the first read; NULL:
	 * it never waits. */
	struct httpd_flow **flow;
};
#define HTTPD_STREAM_WAIT (-2)
void httpd_answer_stream(struct httpd_request *q, int status,
	const char *content_type, const struct httpd_stream *s);
/* From any thread, until free has been called. At a stop whoever waits must be
 * woken and end: httpd_stop waits for them. */
void httpd_flow_wake(struct httpd_flow *f);

#endif
