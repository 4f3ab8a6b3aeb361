/* SPDX-License-Identifier: ISC */
/*
 * jwt: OAuth 2 bearer tokens that are signed JWTs (RFC 7519, 7515, 9068),
 * checked against a set of public keys (RFC 7517) and what the caller pins:
 * issuer, audience, the claim that says who it is. RS256 and ES256 (RFC 7518),
 * and of these the one that the key is for: a token's alg must agree with its
 * key, it chooses nothing; nor do jku, jwk, x5u, x5c, which are not read, or
 * kid, which is compared only. A token with crit is refused (RFC 7515 4.1.11),
 * as is one that is bound to a key (cnf) unless that is the client's
 * certificate (RFC 8705). Pure: the clock is passed in.
 *
 * Threads: a set is read-only once it is made.
 */
#ifndef CODEC_JWT_H
#define CODEC_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define JWT_MAX ((size_t)16 << 10)	/* a token */
#define JWT_KEYS_MAX 32
#define JWT_KEYS_SIZE ((size_t)256 << 10)	/* text of a set */
#define JWT_LEEWAY 60			/* seconds between two clocks */

struct jwt_keys;

/* A JWK Set. Keys that are for something else (encryption, other algorithms)
 * are left out. ERR_INVALID: not a set, none of its keys can be used, an RSA
 * key of less than 2048 bits, a private key among them; ERR_LIMIT. */
int jwt_keys_parse(const char *text, size_t len, struct jwt_keys **out,
	struct err *e);
void jwt_keys_free(struct jwt_keys *k);		/* NULL allowed */

struct jwt_policy {
	const char *issuer, *audience;	/* what iss and one aud must be */
	const char *claim;		/* "sub", "client_id", "azp" */
	const char *certificate;	/* SHA-256 of the client's, hex; NULL */
};

struct jwt_claims {
	const char *subject;		/* the value of policy.claim */
	bool scoped;			/* there is a claim scope: */
	struct strv scopes;
};

/* Has it the form of one: three parts? */
bool jwt_is_one(const char *token);
/* now: wall clock, microseconds. Strings in a. ERR_DENIED says what is wrong;
 * of the claims only what a good signature stands for. */
int jwt_verify(struct arena *a, const struct jwt_keys *k,
	const struct jwt_policy *p, const char *token, int64_t now,
	struct jwt_claims *out, struct err *e);

#endif
