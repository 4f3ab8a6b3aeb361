/* SPDX-License-Identifier: ISC */
/* httpc's own, and smtp's: what is under way on one curl multi handle,
 * whatever its protocol. A struct httpc_transfer stands first in the caller's
 * own struct. */
#ifndef LINK_HTTPC_P_H
#define LINK_HTTPC_P_H

#include "link/httpc.h"

#define HTTPC_CLOSING (-1)	/* in place of a CURLcode */

struct httpc_transfer {
	struct httpc_transfer *next, **prev;	/* all that are under way */
	void *easy;				/* CURL; owned */
	/* How it ended: a CURLcode or HTTPC_CLOSING. Called once, when it is
	 * no longer under way; frees it. */
	void (*ended)(struct httpc_transfer *t, int code);
	char text[256];				/* curl's, CURL_ERROR_SIZE */
};

/* What every transfer has: URL, error text, no proxy, time limits, CA. */
void httpc_prepare(struct httpc_transfer *t, const char *url,
	int64_t timeout, const char *ca_file);
/* Start it; on an error it is the caller's to free. */
int httpc_begin(struct httpc *h, struct httpc_transfer *t, struct err *e);
/* ERR_BUSY no connection, ERR_TIMEOUT, ERR_INVALID, else ERR_IO. */
int httpc_code(int code);
/* In words. */
const char *httpc_text(const struct httpc_transfer *t, int code);

#endif
