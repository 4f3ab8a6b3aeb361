/* SPDX-License-Identifier: ISC */
/*
 * auth: who asks? Each way leads to a client's entry (ou=clients), which must
 * be enabled and not expired:
 *  - a bearer token (RFC 6750), to the entry that holds its SHA-256 hash and
 *    says that it has not expired ("hash expiry");
 *  - a bearer token that is a signed JWT of the configured issuer, to the entry
 *    with its subject; a scope claim narrows what the entry allows;
 *  - without a token, a client certificate, to the entry that names it.
 * Looked up in the view for each request, so that what is revoked ends with
 * the next one. Thread safe.
 */
#ifndef FRONT_AUTH_H
#define FRONT_AUTH_H

#include "front/call.h"

/* Which resource type, index and attributes say how clients prove themselves;
 * none: nobody can. */
void auth_init(struct front *f);
/* ERR_DENIED says what is wrong, never more than its sender knows; ERR_BUSY. */
int auth_client(const struct front *f, const struct httpd_request *q,
	struct client *out, struct err *e);

#endif
