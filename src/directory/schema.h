/* SPDX-License-Identifier: ISC */
/*
 * schema: at start, does the server have what we need? Every attribute and
 * class of schema/provost.schema and those that the caller names beside them;
 * the controls of RFC 4527 (post-read), 4528 (assertion), 4370 (proxied
 * authorisation) and 4533 (sync); and, where cn=config may be read, the
 * overlays syncprov and unique, the latter with serialize (without it twins
 * get in). Blocking, on a connection of the caller's.
 */
#ifndef DIRECTORY_SCHEMA_H
#define DIRECTORY_SCHEMA_H

#include "link/ldapc.h"

/* needed: NULL-terminated names of attributes and classes beside our own
 * (options are allowed: "mail;x-work"); NULL none. *fingerprint: of the
 * provost part of the subschema. ERR_UNSUPPORTED names what is missing, with
 * its OID where we know it, and says what to do. */
int schema_check(struct ldapc *l, const char *const *attrs,
	const char *const *classes, uint64_t *fingerprint, struct err *e);

#endif
