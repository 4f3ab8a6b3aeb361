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
	const char *raw;		/* the request target as sent */
	const char *wire;		/* where MHD holds it */
	size_t raw_len;
	struct pair arg[ARGS_MAX];
	size_t n_args;
	struct pair header[HEADERS_MAX];
	size_t n_headers;
	size_t max_body;
	size_t overrun;			/* bytes thrown away behind max_body */
	bool begun;			/* the first callback was made */
	bool handed;			/* the handler has it, or had it */
	bool waiting;			/* counted as suspended */
	bool close;			/* the connection ends with this */
};

struct conn;

struct httpd {
	struct MHD_Daemon *mhd;
	struct httpd_handler h;
	struct httpd_conf conf;
	char *cert, *key;		/* owned */
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
/* Certificate and key into d, where they are set. */
int httpd_read_tls(struct httpd *d, struct err *e);

/* --- httpd_conn.c: connections that take too long ------------------------- */
/* For MHD_OPTION_NOTIFY_CONNECTION; cls is the struct httpd. */
void conn_notify(void *cls, struct MHD_Connection *c, void **socket_context,
	enum MHD_ConnectionNotificationCode what);
/* A request's header has arrived; it has ended. */
void conn_busy(struct MHD_Connection *c);
void conn_idle(struct MHD_Connection *c);
int conn_reaper_start(struct httpd *d, struct err *e);
void conn_reaper_stop(struct httpd *d);

#endif
