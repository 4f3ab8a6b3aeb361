/* SPDX-License-Identifier: ISC */
/*
 * auth: who asks? A bearer token (RFC 6750) leads to the client entry that
 * holds its SHA-256 hash (ou=clients): enabled, not expired, and neither is
 * the token ("hash expiry"). Looked up in the view for each request, so that a
 * revoked token ends with the next one. Thread safe.
 */
#ifndef FRONT_AUTH_H
#define FRONT_AUTH_H

#include "front/call.h"

/* Which resource type and index hold token hashes; 0 in both: none. */
void auth_init(struct front *f);
/* authorization: the header, NULL absent. ERR_DENIED says what is wrong, never
 * more than its sender knows. */
int auth_client(const struct front *f, struct arena *a,
	const char *authorization, struct client *out, struct err *e);

#endif
