/* SPDX-License-Identifier: ISC */
/* httpd_p: what httpd's own files share. */
#ifndef LINK_HTTPD_P_H
#define LINK_HTTPD_P_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "link/httpd.h"

/* Who may touch a request, and what becomes of the connection:
 *
 *	HANDLING -> ANSWERED			answered on the server's thread
 *	HANDLING -> SUSPENDED -> ANSWERED	answered later: resume
 *
 * Both arrows out of HANDLING are one atomic exchange, so that an answer that
 * comes before the suspension is never lost and nobody resumes twice. */
enum request_state { HANDLING, SUSPENDED, ANSWERED };

#define HEADERS_MAX 12		/* response headers a handler may set */
#define ARGS_MAX 32		/* query arguments */
#define HTTPD_STREAM_BLOCK ((size_t)32 << 10)	/* of a streamed body */

struct pair {
	const char *name, *value;
};

struct request {
	struct httpd_request pub;	/* first: what the handler sees */
	struct httpd *d;
	struct MHD_Connection *conn;
	struct request *next;		/* in the pool */
	_Atomic int state;
	struct MHD_Response *response;	/* owned until queued */
	int status;
	struct buf body;
	bool filed;			/* the body goes into pub.body_fd */
	int lost;			/* status: it could not be kept */
	const char *why;		/* ... in words */
	const char *raw;		/* the request target as sent */
	const char *wire;		/* where MHD holds it */
	size_t raw_len;
	struct pair arg[ARGS_MAX];
	size_t n_args;
	struct pair header[HEADERS_MAX];
	size_t n_headers;
	size_t max_body;
	size_t seen;			/* bytes of the body that have come */
	bool begun;			/* the first callback was made */
	bool handed;			/* the handler has it, or had it */
	bool waiting;			/* counted as suspended */
	bool close;			/* the connection ends with this */
};

struct conn;
struct cidr;
struct tls_peer;

/* See httpd_live.c. Read-only, but for the count, once it is in use. */
struct live {
	_Atomic unsigned users;
	unsigned number;		/* no two have the same; not 0 */
	void *cred;			/* GnuTLS's; NULL: plain HTTP */
	enum httpd_client_cert client_cert;
	struct cidr *proxy;		/* owned */
	size_t n_proxies;
};

struct httpd {
	struct MHD_Daemon *mhd;
	struct httpd_handler h;
	struct httpd_conf conf;
	bool tls;
	struct live *live;		/* under lock: the current one */
	_Atomic unsigned live_number;	/* its number */
	int listen_fd;
	_Atomic unsigned suspended;
	_Atomic bool draining;
	_Atomic uint64_t next_id;
	pthread_mutex_t lock;		/* pool and connections */
	struct request *pool;
	unsigned pooled;
	struct conn *conns;		/* all open ones */
	pthread_t reaper;
	pthread_cond_t stop_cond;
	bool stopping;
	bool wire_known;		/* this libmicrohttpd's buffers are as
					 * httpd_guard knows them */
};

/* --- httpd.c --------------------------------------------------------------- */
struct request *request_of(const struct httpd_request *q);
/* response NULL: there was no memory for it; the connection ends. */
void httpd_answer_with(struct request *q, int status,
	const char *content_type, struct MHD_Response *response);

/* --- httpd_guard.c: is this a request at all (RFC 9112)? ------------------ */
struct guard_result {
	int status;			/* 0: good */
	const char *why;
	bool has_body;
};
void httpd_guard_check(struct request *q, const char *version,
	struct guard_result *out);
/* Splits and decodes raw into pub.path and arg; 0 or a status with *why. */
int guard_target(struct request *q, const char **why);

/* --- httpd_listen.c -------------------------------------------------------- */
int httpd_listen(const char *listen, int *fd, int *port, struct err *e);

/* --- httpd_live.c: what may be given anew ---------------------------------- */
/* The current one; to be given back with httpd_live_free. */
struct live *live_hold(struct httpd *d);
/* The client's address: this one, or what a trusted proxy says. */
const char *live_peer(const struct live *l, struct request *q,
	const char *address);

/* --- httpd_tls.c ------------------------------------------------------------- */
extern const char httpd_tls_priority[];
/* Certificate, key and CAs into l, where they are set. */
int tls_load(struct live *l, const struct httpd_conf *c, struct err *e);
void tls_unload(struct live *l);
/* A new connection, before it shakes hands. */
void tls_attach(const struct live *l, struct MHD_Connection *c);
/* Names of the client's certificate, if it is good under now, into out; *p
 * remembers them for the connection. */
void tls_names(struct tls_peer **p, struct MHD_Connection *c,
	const struct live *now, struct strv *out);
void tls_peer_free(struct tls_peer *p);
/* A gnutls_certificate_retrieve_function2 that has none. */
void *tls_no_certificate(void);

/* --- httpd_conn.c: connections that take too long ------------------------- */
/* For MHD_OPTION_NOTIFY_CONNECTION; cls is the struct httpd. */
void conn_notify(void *cls, struct MHD_Connection *c, void **socket_context,
	enum MHD_ConnectionNotificationCode what);
/* Who sent the request, into peer, tls and cert. */
void conn_identify(struct request *q);
/* A request's header has arrived; it has ended. */
void conn_busy(struct MHD_Connection *c);
void conn_idle(struct MHD_Connection *c);
int conn_reaper_start(struct httpd *d, struct err *e);
void conn_reaper_stop(struct httpd *d);

#endif
