/* SPDX-License-Identifier: ISC */
/*
 * httpc: the HTTP client (libcurl), the only file beside link/smtp that
 * speaks to it; smtp's transfers run on the same handle. A struct httpc is a
 * curl multi handle that one thread drives; requests may be submitted from
 * that thread only. https only unless the request says insecure; no redirects,
 * no proxies from the environment, answers capped, header values checked for
 * CR and LF.
 */
#ifndef LINK_HTTPC_H
#define LINK_HTTPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct httpc;

/* A body that is read while it is sent. */
struct httpc_file {
	int fd;				/* borrowed until done; can seek, but is
					 * not: it may be sent several times */
	int64_t len;			/* what it has, all of which is sent */
};

struct httpc_request {
	const char *method;		/* GET POST PUT PATCH DELETE */
	const char *url;
	const char *const *headers;	/* "Name: value", NULL-terminated */
	const char *body;		/* NULL none */
	size_t body_len;
	const struct httpc_file *file;	/* instead; NULL none */
	bool insecure;			/* plain http allowed */
	const char *ca_file;		/* "" the system's */
	int64_t timeout;		/* microseconds, whole transfer, or, of
					 * a file, without a byte; 0: 10 s */
	size_t max_answer;		/* bytes; 0: 1 MiB */
};

struct httpc_answer {
	int status;			/* 0: no answer, see err */
	const char *body;		/* borrowed until done returns */
	size_t len;
	int retry_after;		/* seconds, 0 none (RFC 9110 10.2.3) */
	const char *content_type, *etag;	/* "" absent */
	struct err err;			/* ERR_BUSY no connection, ERR_TIMEOUT,
					 * ERR_LIMIT answer over the cap, ERR_IO
					 * cut off or unreadable */
};

int httpc_open(unsigned connections_per_host, struct httpc **out,
	struct err *e);
/* What is under way ends with ERR_BUSY, its done is called. NULL allowed. */
void httpc_close(struct httpc *h);
/* Everything in r is copied, but no file. done is called from httpc_drive,
 * once; it may submit. ERR_INVALID: the URL's scheme is not allowed, a header
 * or the URL holds CR, LF or another control byte; done is not called then. */
int httpc_submit(struct httpc *h, const struct httpc_request *r,
	void (*done)(void *arg, const struct httpc_answer *a), void *arg,
	struct err *e);
/* Move transfers on, wait for at most timeout_us or httpc_wake. */
void httpc_drive(struct httpc *h, int64_t timeout_us);
void httpc_wake(struct httpc *h);	/* any thread */
/* Have fn(arg) called from the next httpc_drive, or from httpc_close: how
 * another thread brings something to the one that drives. Any thread. */
void httpc_post(struct httpc *h, void (*fn)(void *arg), void *arg);
/* Blocking, on a handle of its own: for the command and tests. The body is
 * malloc'd into *body (owned; the answer's strings lie in it). 0 when there
 * was an answer, whatever its status; else the answer's err. */
int httpc_call(const struct httpc_request *r, struct httpc_answer *a,
	char **body, struct err *e);

#endif
