/* SPDX-License-Identifier: ISC */
#include "codec/charset.h"

#include <string.h>

#include "base/utf8.h"

#define BAD '\xff'

/* The WHATWG and Unicode tables for 0x80 to 0x9f; 0: no character. */
static const uint16_t high_1252[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

enum charset_kind charset_detect(const char *p, size_t n,
    enum charset_kind dflt, size_t *mark)
{
	*mark = 0;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		*mark = 3;
		return CHARSET_UTF8;
	}
	if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0) {
		*mark = 2;
		return CHARSET_UTF16LE;
	}
	if (n >= 2 && memcmp(p, "\xfe\xff", 2) == 0) {
		*mark = 2;
		return CHARSET_UTF16BE;
	}
	return dflt;
}

static char *put_1252(char *out, uint8_t b)
{
	uint32_t c = b >= 0x80 && b < 0xa0 ? high_1252[b - 0x80] : b;

	if (c == 0 && b != 0)
		*out++ = BAD;
	else
		out = utf8_put(out, c);
	return out;
}

static char *put_unit(struct charset *c, char *out, uint16_t u)
{
	bool low = u >= 0xdc00 && u < 0xe000;

	if (c->high != 0 && low) {
		out = utf8_put(out, 0x10000 + (((uint32_t)c->high - 0xd800)
		    << 10) + (u - 0xdc00u));
		c->high = 0;
		return out;
	}
	if (c->high != 0 || low)
		*out++ = BAD;
	c->high = 0;
	if (u >= 0xd800 && u < 0xdc00)
		c->high = u;
	else if (!low)
		out = utf8_put(out, u);
	return out;
}

static char *put_16(struct charset *c, char *out, uint8_t b)
{
	uint8_t a = c->half;

	c->odd = !c->odd;
	c->half = b;
	if (c->odd)
		return out;
	return put_unit(c, out, c->kind == CHARSET_UTF16LE ?
	    (uint16_t)(b << 8 | a) : (uint16_t)(a << 8 | b));
}

size_t charset_decode(struct charset *c, const char *p, size_t n, char *out)
{
	char *o = out;
	size_t i;

	if (p == NULL) {
		if (c->odd || c->high != 0)
			*o++ = BAD;
		c->odd = false;
		c->high = 0;
		return (size_t)(o - out);
	}
	if (c->kind == CHARSET_UTF8) {
		memcpy(out, p, n);
		return n;
	}
	for (i = 0; i < n; i++)
		o = c->kind == CHARSET_WINDOWS_1252 ?
		    put_1252(o, (uint8_t)p[i]) :
		    put_16(c, o, (uint8_t)p[i]);
	return (size_t)(o - out);
}

const char *charset_name(enum charset_kind kind)
{
	static const char *const name[] = {
		[CHARSET_UTF8] = "UTF-8", [CHARSET_UTF16LE] = "UTF-16",
		[CHARSET_UTF16BE] = "UTF-16",
		[CHARSET_WINDOWS_1252] = "Windows-1252",
	};

	return name[kind];
}
