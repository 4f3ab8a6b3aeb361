/* SPDX-License-Identifier: ISC */
/*
 * answer: bodies and headers of answers. Errors are SCIM errors (RFC 7644
 * 3.12: application/scim+json, status a string) or, below /v1, problem details
 * (RFC 9457). The call is gone when one of these has returned. They go where
 * the call's answers go: over HTTP or to its sink.
 */
#ifndef FRONT_ANSWER_H
#define FRONT_ANSWER_H

#include "base/buf.h"
#include "front/call.h"

#define ANSWER_MAX ((size_t)256 << 20)

/* What an error's code and kind come to; 503 and 504 with Retry-After. A 403
 * is journalled. */
void answer_error(struct call *c, const struct err *e);
/* kind: a scimType or "". */
void answer_status(struct call *c, int status, const char *kind,
	const char *detail);
/* For the header guard, which has no call. */
void answer_refused(struct httpd_request *q, int status, const char *why);
/* A header of the answer that comes next. */
void answer_header(struct call *c, const char *name, const char *value);
/* Takes the buffer's content. SCIM media type below /scim, else JSON. Notes
 * the view's age when it is not connected. What render_item left out of large
 * groups is filled in while it is sent (front/stream). */
void answer_buf(struct call *c, int status, struct buf *body);
/* Over HTTP only: no route with it goes to a sink. */
void answer_text(struct call *c, int status, const char *type,
	const char *text);
void answer_empty(struct call *c, int status);
/* Appends a SCIM error (RFC 7644 3.12). */
void answer_scim_error(struct buf *b, int status, const char *kind,
	const char *detail);
/* Problem details (RFC 9457) with the members of more, a JSON object that has
 * some. */
void answer_problem(struct call *c, int status, const char *detail,
	const char *more);
/* The HTTP status of an error. */
int answer_code(const struct err *e);

#endif
