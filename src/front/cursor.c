/* SPDX-License-Identifier: ISC */
#include "front/cursor.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"

#define RAW 28			/* created 8, uuid 16, check 4 */
#define PRINTED 38		/* of base64url without padding */

static void put(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint32_t check(const uint8_t *raw, uint64_t salt)
{
	return (uint32_t)hash_fast(raw, RAW - 4, salt);
}

uint64_t cursor_salt(const char *type, const char *filter)
{
	return hash_fast(filter, strlen(filter), hash_fast(type, strlen(type),
	    1));
}

char *cursor_print(struct arena *a, uint64_t salt,
    const struct view_pos *pos)
{
	uint8_t raw[RAW];

	put(raw, (uint64_t)pos->created, 8);
	memcpy(raw + 8, pos->uuid, 16);
	put(raw + RAW - 4, check(raw, salt), 4);
	return str_base64url(a, raw, RAW);
}

static int digit(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *p = strchr(set, c);

	return p != NULL && c != '\0' ? (int)(p - set) : -1;
}

static bool decode(const char *text, uint8_t raw[RAW])
{
	unsigned bits = 0, have = 0, n = 0;

	if (strlen(text) != PRINTED)
		return false;
	for (; *text != '\0'; text++) {
		int d = digit(*text);

		if (d < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		have += 6;
		if (have >= 8 && n < RAW) {
			have -= 8;
			raw[n++] = (uint8_t)(bits >> have);
		}
	}
	return n == RAW;
}

int cursor_read(const char *text, uint64_t salt, struct view_pos *pos,
    struct err *e)
{
	uint8_t raw[RAW], sum[4];
	uint64_t created = 0;
	int i;

	if (!decode(text, raw))
		return err_kind(e, ERR_INVALID, "invalidCursor", "this is no "
		    "cursor of this server: begin with an empty one");
	put(sum, check(raw, salt), 4);
	if (memcmp(sum, raw + RAW - 4, 4) != 0)
		return err_kind(e, ERR_INVALID, "invalidCursor", "this "
		    "cursor belongs to another list: begin with an empty one");
	for (i = 0; i < 8; i++)
		created = created << 8 | raw[i];
	pos->created = (int64_t)created;
	memcpy(pos->uuid, raw + 8, 16);
	return 0;
}
