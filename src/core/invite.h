/* SPDX-License-Identifier: ISC */
/*
 * invite: the secrets that are mailed and never stored. An invitation's token
 * (V8) and a temporary password (V11) are derived from the daemon's code key,
 * the person and a time, so that whoever looks can send the mail, now or after
 * a crash, on any daemon with the same key. The entry has their hash only:
 *
 *   provostInvitation: 5b1c..e9 20260129093000Z	hash, expiry
 *   provostReset: 0c77..12 20260115093000Z		hash, when it was set
 *
 * The hash is SHA-256, which is enough for secrets of 100 bits and more. The
 * person goes in as provostPersonId, which is known before the entry is added,
 * unlike its entryUUID: creating and inviting stay one operation (V7). Times
 * count in whole seconds. A key that is empty would let everybody derive them:
 * then every function returns NULL. Pure.
 */
#ifndef CORE_INVITE_H
#define CORE_INVITE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* How long an invitation is good (V8), in microseconds. */
#define INVITE_LIFETIME (INT64_C(14) * 86400 * 1000000)

/* HMAC-SHA-256 of "invite person_id expiry", base64url, 32 characters. */
char *invite_token(struct arena *a, const char *code_key,
	const char *person_id, int64_t expiry);
/* The value of provostInvitation for that token. */
char *invite_value(struct arena *a, const char *code_key,
	const char *person_id, int64_t expiry);
/* HMAC-SHA-256 of "reset person_id time" in four groups of five characters
 * without those that are easily confused: "h3kd7-...", 100 bits. */
char *invite_password(struct arena *a, const char *code_key,
	const char *person_id, int64_t time);
/* The value of provostReset for that password. */
char *invite_reset_value(struct arena *a, const char *code_key,
	const char *person_id, int64_t time);

/* The time of a stored value of either kind; false: malformed. */
bool invite_time(const char *value, int64_t *time);
/* Was value made for this secret, whatever its time? Takes the same time
 * whatever differs. */
bool invite_matches(const char *value, const char *secret);

#endif
