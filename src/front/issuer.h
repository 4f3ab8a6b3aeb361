/* SPDX-License-Identifier: ISC */
/*
 * issuer: the OAuth 2 authorisation server whose tokens are taken: its public
 * keys, from a file that something else keeps up to date, and what is pinned.
 * The file is read again when it has changed (looked at once a second, when a
 * token comes) and by a reload; one that can't be read or used is reported
 * once, and the keys that were there go on. Thread safe.
 */
#ifndef FRONT_ISSUER_H
#define FRONT_ISSUER_H

#include <stdbool.h>

#include "codec/jwt.h"

struct issuer;
struct issuer_keys;

struct issuer_conf {
	const char *jwks_file;		/* "" or NULL: no tokens are taken */
	const char *issuer, *audience, *claim;
	bool narrow;			/* a scope claim counts */
};

/* Everything is copied. *out is for issuer_use or issuer_keys_free. */
int issuer_load(const struct issuer_conf *c, struct issuer_keys **out,
	struct err *e);
void issuer_keys_free(struct issuer_keys *k);	/* NULL allowed */
/* k is owned from now on. */
struct issuer *issuer_new(struct issuer_keys *k);
void issuer_use(struct issuer *i, struct issuer_keys *k);
void issuer_free(struct issuer *i);		/* NULL allowed */

bool issuer_is_there(struct issuer *i);
/* As jwt_verify. certificate: the client's, NULL none. */
int issuer_verify(struct issuer *i, struct arena *a, const char *token,
	const char *certificate, struct jwt_claims *out, struct err *e);

#endif
