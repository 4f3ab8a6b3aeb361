/* SPDX-License-Identifier: ISC */
/* jwt_p: what jwt's own files share. */
#ifndef CODEC_JWT_P_H
#define CODEC_JWT_P_H

#include "base/sign.h"
#include "codec/jwt.h"

#define JWT_RS256 "RS256"
#define JWT_ES256 "ES256"

struct arena;
struct json;

struct jwt_key {
	const char *kid;	/* NULL none */
	const char *alg;	/* JWT_RS256, JWT_ES256 */
	struct sign_key *key;	/* owned */
};

struct jwt_keys {
	struct arena *arena;	/* owned: all of it */
	struct jwt_key v[JWT_KEYS_MAX];
	size_t n;
};

/* The member with exactly this name, NULL none; its value if it is a string. */
const struct json *jwt_member(const struct json *j, const char *name);
const char *jwt_text(const struct json *j, const char *name);

#endif
