/* SPDX-License-Identifier: ISC */
/*
 * reply: what an HTTP answer of the other side means for the action (STYLE 7:
 * the code names the next step), the same for all targets over HTTP:
 *
 *   2xx                          0
 *   400 409 413 422              ERR_ITEM_BAD   this item can't succeed
 *   401 403 404 405 410 and 3xx  ERR_STOP       misconfigured
 *   408 425 429 5xx, cut off,
 *     too large, not JSON        ERR_RETRY      with Retry-After
 *   no connection, time-out      ERR_TARGET_DOWN
 *
 * Of the other side's text at most 64 printable bytes are repeated. Pure.
 */
#ifndef TARGET_REPLY_H
#define TARGET_REPLY_H

#include "base/err.h"
#include "link/httpc.h"

/* what: "creating the user"; goes in front of the text. */
int reply_code(const struct httpc_answer *a, const char *what, struct err *e);
/* Up to 64 printable ASCII bytes of s, the rest dots. */
void reply_excerpt(const char *s, size_t n, char out[65]);

#endif
