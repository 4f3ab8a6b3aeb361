/* SPDX-License-Identifier: ISC */
/* Keys and signed tokens for tests, made by GnuTLS; strings are in a. */
#ifndef TESTS_UNIT_TOKENS_H
#define TESTS_UNIT_TOKENS_H

#include <gnutls/abstract.h>

struct arena;

gnutls_privkey_t tokens_rsa(unsigned bits);
gnutls_privkey_t tokens_p256(void);
/* A key of a JWK Set; more: further members, ",\"alg\":\"RS256\"". */
char *tokens_jwk(struct arena *a, gnutls_privkey_t key, const char *kid,
	const char *more);
/* RFC 7518's form of a signature, base64url. */
char *tokens_signature(struct arena *a, gnutls_privkey_t key,
	const char *text);
/* header and claims as JSON. */
char *tokens_make(struct arena *a, gnutls_privkey_t key, const char *header,
	const char *claims);

#endif
