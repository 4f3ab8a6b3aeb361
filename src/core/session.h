/* SPDX-License-Identifier: ISC */
/*
 * session: what a person who has signed in shows with each request. The token
 * holds all of it, so that sessions survive a restart and are good on every
 * daemon with the same code key:
 *
 *   ps_ and, in base64url, 66 bytes:
 *   version 1 | flags | entryUUID 16 | issued 8 | expiry 8 | MAC 32
 *
 * Times are microseconds, big-endian. The MAC is HMAC-SHA-256, with the code
 * key, of "session", a NUL and all before it; times begin with a NUL, so that
 * no text that the key is used for elsewhere (core/invite, model/code) can be
 * one. Flag 1: the password must be changed first.
 *
 * What ends a session before its time is read from the person's entry at each
 * request: provostState other than active, portal access taken away or
 * out of its period (A2), provostSessionsEnded, and a reset of the password
 * (V11). Pure.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/change.h"

#define SESSION_PREFIX "ps_"
#define SESSION_ENDED_ATTR "provostSessionsEnded"

struct session {
	uint8_t person[16];		/* entryUUID */
	int64_t issued, expiry;
	bool must_change;		/* the password, before all else */
};

/* Does it look like one? */
bool session_is_one(const char *token);
/* NULL: the key is empty, everybody could make one. */
char *session_print(struct arena *a, const char *code_key,
	const struct session *s);
/* ERR_DENIED: it was not made with this key; or, with the kind "ended", it was
 * and is over. */
int session_parse(struct arena *a, const char *code_key, const char *token,
	int64_t now, struct session *out, struct err *e);

/* May this person sign in, and stay so? ERR_DENIED, "ended", says what is in
 * the way. Portal access that nobody ever gave or took (who was made by a feed or an
 * IdP) is no obstacle, "none" is: it was taken away. So is a
 * provostPeriod of the portal that has ended or has not begun. */
int session_allowed(struct arena *a, const struct entry *person, int64_t now,
	struct err *e);
/* Is s still good, as the person's entry stands? ERR_DENIED, "ended". */
int session_alive(struct arena *a, const struct session *s,
	const struct entry *person, int64_t now, struct err *e);
/* The time a session is issued at whose password was asked about at now: later
 * than what ended those before it, whatever clock that was written by. person
 * is read before the password is asked about: an end that is seen by then was
 * not before the change of password that it goes with. What can't be read
 * counts for nothing here (session_allowed refuses it). */
int64_t session_begin(const struct entry *person, int64_t now);
/* Adds to a person's modify that all their sessions up to now are over, at
 * least those begun until issued (0: none in particular). */
void session_end(struct arena *a, struct change *c, int64_t now,
	int64_t issued);

#endif
