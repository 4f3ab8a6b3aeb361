/* SPDX-License-Identifier: ISC */
#include "front/cursor.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

/*
 * flags 1, type 1, time 4, created 8, uuid 16, the sort key, check 4;
 * in base64url without padding.
 */
#define HEAD 30
#define CHECK 4
#define RAW_MAX (HEAD + VIEW_KEY + CHECK)
#define VERSION 0x20		/* flags: the upper half */
#define BACKWARD 1
#define HAS_KEY 2

static void put(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void put_check(uint8_t out[CHECK], const uint8_t *raw, size_t n,
    uint64_t salt)
{
	put(out, (uint32_t)hash_fast(raw, n, salt), CHECK);
}

uint64_t cursor_salt(const char *const *part, size_t n)
{
	uint64_t h = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		const char *s = part[i] != NULL ? part[i] : "";

		h = hash_fast(s, strlen(s) + 1, h);
	}
	return h;
}

char *cursor_print(struct arena *a, uint64_t salt, const struct cursor *c,
    int64_t now)
{
	const struct query_place *p = &c->place;
	uint8_t raw[RAW_MAX];
	size_t n = HEAD;

	raw[0] = (uint8_t)(VERSION | (c->backward ? BACKWARD : 0) |
	    (p->has_key ? HAS_KEY : 0));
	raw[1] = (uint8_t)c->type;
	put(raw + 2, (uint64_t)(now / CLOCK_SECOND), 4);
	put(raw + 6, (uint64_t)p->pos.created, 8);
	memcpy(raw + 14, p->pos.uuid, 16);
	if (p->has_key) {
		memcpy(raw + n, p->key.p, p->key.n);
		n += p->key.n;
	}
	put_check(raw + n, raw, n, salt);
	return str_base64url(a, raw, n + CHECK);
}

static int digit(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *p = strchr(set, c);

	return p != NULL && c != '\0' ? (int)(p - set) : -1;
}

static bool decode(const char *text, uint8_t raw[RAW_MAX], size_t *n)
{
	unsigned bits = 0, have = 0;

	for (*n = 0; *text != '\0'; text++) {
		int d = digit(*text);

		if (d < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		have += 6;
		if (have < 8)
			continue;
		if (*n == RAW_MAX)
			return false;
		have -= 8;
		raw[(*n)++] = (uint8_t)(bits >> have);
	}
	return *n >= HEAD + CHECK && (raw[0] & 0xf0) == VERSION;
}

static bool expired(uint64_t made, int64_t now)
{
	int64_t age = now / CLOCK_SECOND - (int64_t)made;

	return age > CURSOR_TIMEOUT || age < -CURSOR_TIMEOUT;
}

int cursor_read(const char *text, uint64_t salt, int64_t now,
    struct cursor *c, struct err *e)
{
	uint8_t raw[RAW_MAX], sum[CHECK];
	size_t n;

	if (!decode(text, raw, &n))
		return err_kind(e, ERR_INVALID, "invalidCursor", "this is no "
		    "cursor of this server: begin with an empty one");
	n -= CHECK;
	put_check(sum, raw, n, salt);
	if (memcmp(sum, raw + n, CHECK) != 0)
		return err_kind(e, ERR_INVALID, "invalidCursor", "this "
		    "cursor belongs to another list: begin with an empty one");
	if (expired(get(raw + 2, 4), now))
		return err_kind(e, ERR_INVALID, "expiredCursor", "this cursor "
		    "is older than %d seconds: begin with an empty one",
		    CURSOR_TIMEOUT);
	*c = (struct cursor){ .backward = raw[0] & BACKWARD, .type = raw[1] };
	c->place.pos.created = (int64_t)get(raw + 6, 8);
	memcpy(c->place.pos.uuid, raw + 14, 16);
	c->place.has_key = raw[0] & HAS_KEY;
	c->place.key.n = (uint16_t)(n - HEAD);
	memcpy(c->place.key.p, raw + HEAD, n - HEAD);
	return 0;
}
