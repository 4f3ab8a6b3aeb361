/* SPDX-License-Identifier: ISC */
#include "core/invite.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#define TOKEN 32		/* characters of base64url: 192 bits */
#define GROUPS 4
#define GROUP 5
#define HASH 64			/* hex digits */

/* Thirty-two characters, five bits each; no l, o, 0 or 1. */
static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

static bool derive(struct arena *a, const char *code_key, const char *what,
    const char *person_id, int64_t time, uint8_t mac[32])
{
	const char *text;
	char t[24];

	if (code_key == NULL || *code_key == '\0')
		return false;
	text = arena_printf(a, "%s %s %s", what, person_id,
	    clock_print_gt(time, t));
	hash_hmac256(code_key, strlen(code_key), text, strlen(text), mac);
	return true;
}

char *invite_token(struct arena *a, const char *code_key,
    const char *person_id, int64_t expiry)
{
	uint8_t mac[32];

	if (!derive(a, code_key, "invite", person_id, expiry, mac))
		return NULL;
	return arena_strndup(a, str_base64url(a, mac, sizeof(mac)), TOKEN);
}

char *invite_password(struct arena *a, const char *code_key,
    const char *person_id, int64_t time)
{
	char out[GROUPS * (GROUP + 1)];
	uint8_t mac[32];
	size_t i;

	if (!derive(a, code_key, "reset", person_id, time, mac))
		return NULL;
	for (i = 0; i < sizeof(out); i++)
		out[i] = i % (GROUP + 1) == GROUP ? '-' :
		    letters[mac[i] % 32];
	return arena_strndup(a, out, sizeof(out) - 1);
}

static char *value_of(struct arena *a, const char *secret, int64_t time)
{
	char t[24];

	return secret == NULL ? NULL : arena_printf(a, "%s %s",
	    hash_sha256_hex(a, secret), clock_print_gt(time, t));
}

char *invite_value(struct arena *a, const char *code_key,
    const char *person_id, int64_t expiry)
{
	return value_of(a, invite_token(a, code_key, person_id, expiry),
	    expiry);
}

char *invite_reset_value(struct arena *a, const char *code_key,
    const char *person_id, int64_t time)
{
	return value_of(a, invite_password(a, code_key, person_id, time),
	    time);
}

bool invite_time(const char *value, int64_t *time)
{
	return strspn(value, "0123456789abcdef") == HASH &&
	    value[HASH] == ' ' && clock_parse_gt(value + HASH + 1, time);
}

bool invite_matches(const char *value, const char *secret)
{
	char hash[HASH + 1] = "";
	struct arena *a = arena_new();
	bool same;

	memcpy(hash, value, strnlen(value, HASH));
	same = str_ct_eq(hash, hash_sha256_hex(a, secret));
	arena_free(a);
	return same;
}
