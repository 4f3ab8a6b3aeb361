/* SPDX-License-Identifier: ISC */
/*
 * limits: how much one client may ask, and how often one address may be wrong.
 *
 * Each client has a bucket of tokens (rate a second, burst at most). An
 * address (of IPv6 its /64) that has shown more than so many bad tokens is not
 * listened to for a second, after the next one for two, and so on up to a
 * minute; it is forgotten when nothing bad has come for ten minutes. Tokens
 * that were good lately get through meanwhile: whoever shares an address with
 * a guesser can go on. All of it is in memory and bounded, on the monotonic
 * clock. Thread safe.
 */
#ifndef FRONT_LIMITS_H
#define FRONT_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits;

struct limits_conf {
	int64_t rate, burst;	/* requests of one client; rate 0: no limit */
	int64_t failures;	/* that an address has free; 0: no limit */
};

struct limits *limits_new(const struct limits_conf *c);
void limits_free(struct limits *l);		/* NULL allowed */
void limits_set(struct limits *l, const struct limits_conf *c);

/* Before a token is looked at: 0, or for how many seconds nothing from there
 * is. */
unsigned limits_guess(struct limits *l, const char *peer, const char *token);
/* It was bad: true when this begins a penalty. */
bool limits_bad(struct limits *l, const char *peer);
void limits_good(struct limits *l, const char *token);

/* Takes one request from the client's bucket: 0, or in how many seconds there
 * is one. rate: the client's own, with a burst of two seconds; -1: the
 * setting's. */
unsigned limits_take(struct limits *l, const char *client, int64_t rate);

#endif
