/* SPDX-License-Identifier: ISC */
/*
 * sign: does a signature belong to these bytes and this public key? RSA with
 * PKCS #1 v1.5 and ECDSA on P-256, both over SHA-256 (GnuTLS): what RFC 7518
 * calls RS256 and ES256. A key is made of raw numbers, big-endian, and is
 * read-only from then on: any number of threads may verify with it.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SIGN_RSA_MIN 2048	/* bits (RFC 7518 3.3) */
#define SIGN_RSA_MAX 8192	/* beyond it verifying costs too much */

struct sign_bytes {
	const unsigned char *p;
	size_t n;
};

struct sign_key;

/* ERR_INVALID: too short, too long, an exponent that is no good, or a point
 * that is not on the curve. */
int sign_key_rsa(struct sign_bytes modulus, struct sign_bytes exponent,
	struct sign_key **out, struct err *e);
int sign_key_p256(struct sign_bytes x, struct sign_bytes y,
	struct sign_key **out, struct err *e);
void sign_key_free(struct sign_key *k);		/* NULL allowed */
/* The signature is the plain number for RSA, r and s of 32 bytes each for
 * ECDSA (RFC 7518 3.4). */
bool sign_verify(const struct sign_key *k, struct sign_bytes data,
	struct sign_bytes signature);

#endif
