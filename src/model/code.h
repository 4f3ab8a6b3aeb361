/* SPDX-License-Identifier: ISC */
/*
 * code: invitation codes (V23). A printed one is short, so that only its keyed
 * hash is stored; spaces, hyphens and case do not count. A fresh one, for a
 * call or a letter, is made from the key, the request and the account: nobody
 * has to keep it, and whoever delivers it makes the same one again. Wrong ones
 * are counted on the entries of the user and of the account, in one value
 * "count time-of-the-last" (V28).
 */
#ifndef MODEL_CODE_H
#define MODEL_CODE_H

#include <stdint.h>

#include "model/entry.h"
#include "model/problem.h"

#define WRONG_CODES_ATTR "provostWrongCodes"

struct wrong_codes {
	int64_t count;		/* 0: none */
	int64_t last;		/* when the last one came */
};

/* As stored in provostInvitationCode, hexadecimal: HMAC-SHA-256, with an empty
 * key plain SHA-256. */
char *code_hash(struct arena *a, const char *key, const char *code);
/* "ABCD-2345". NULL: the key is empty, anybody could make the code. */
char *code_fresh(struct arena *a, const char *key,
	const uint8_t request[16], const char *account);

void wrong_codes_read(struct arena *a, const struct entry *e,
	struct wrong_codes *out, struct problems *p);
char *wrong_codes_print(struct arena *a, const struct wrong_codes *w);

#endif
