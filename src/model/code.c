/* SPDX-License-Identifier: ISC */
#include "model/code.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

/* Codes are typed in: spaces and case don't count. */
static const char *squeeze(struct arena *a, const char *code)
{
	char *s = arena_strdup(a, code), *w = s;
	const char *p;

	for (p = code; *p != '\0'; p++)
		if (*p != ' ' && *p != '-')
			*w++ = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	*w = '\0';
	return s;
}

char *code_hash(struct arena *a, const char *key, const char *code)
{
	const char *s = squeeze(a, code);
	uint8_t mac[32];

	if (*key == '\0')
		return hash_sha256_hex(a, s);
	hash_hmac256(key, strlen(key), s, strlen(s), mac);
	return str_hex(a, mac, sizeof(mac));
}

char *code_fresh(struct arena *a, const char *key, const uint8_t request[16],
    const char *account)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char id[37], out[10];
	const char *text;
	uint8_t mac[32];
	size_t i;

	if (*key == '\0')
		return NULL;
	str_uuid_text(request, id);
	/* Accounts are the same in any case. */
	text = arena_printf(a, "fresh %s %s", id, squeeze(a, account));
	hash_hmac256(key, strlen(key), text, strlen(text), mac);
	for (i = 0; i < 8; i++)
		out[i + (i >= 4)] = digits[mac[i] & 31];
	out[4] = '-';
	out[9] = '\0';
	return arena_strdup(a, out);
}

void wrong_codes_read(struct arena *a, const struct entry *e,
    struct wrong_codes *out, struct problems *p)
{
	const char *v = entry_get(e, WRONG_CODES_ATTR), *w[2];

	*out = (struct wrong_codes){ 0 };
	if (v == NULL)
		return;
	if (str_words(a, v, w, 2) == 2 && str_int(w[0], &out->count) &&
	    out->count >= 0 && clock_parse_gt(w[1], &out->last))
		return;
	*out = (struct wrong_codes){ 0 };
	problem_add(a, p, e->dn, WRONG_CODES_ATTR, v,
	    "must be two words: count YYYYmmddHHMMSSZ");
}

char *wrong_codes_print(struct arena *a, const struct wrong_codes *w)
{
	char t[24];

	return arena_printf(a, "%" PRId64 " %s", w->count,
	    clock_print_gt(w->last, t));
}
