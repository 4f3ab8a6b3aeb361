/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

bool text_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define LOCAL_MAX 64
#define ADDRESS_MAX 254

/* Words of these characters with single dots between them. */
static bool dotted(const char *s, size_t n, const char *chars)
{
	size_t i = 0, k;

	for (;; i++) {
		k = strspn(s + i, chars);
		i += k;
		if (k == 0 || i >= n)
			return k != 0 && i == n;
		if (s[i] != '.')
			return false;
	}
}

bool text_address(const char *s)
{
	size_t n = strlen(s), local = strcspn(s, "@");

	return n <= ADDRESS_MAX && local <= LOCAL_MAX && local < n &&
	    dotted(s, local, ALNUM "!#$%&'*+-/=?^_`{|}~") &&
	    dotted(s + local + 1, n - local - 1, ALNUM "-");
}

static void put_char(struct buf *b, const char *s, size_t n, uint32_t c)
{
	if (n == 0)
		buf_puts(b, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", (int)c);
	else if (text_unsafe(c))
		buf_printf(b, "\\u%04x", (unsigned)c);
	else
		buf_put(b, s, n);
}

void text_json(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, k;
	uint32_t c = 0;

	buf_putc(b, '"');
	while (i < n) {
		/* Most of it is plain: one copy. */
		for (k = i; k < n && s[k] >= ' ' && s[k] < 0x7f &&
		    s[k] != '"' && s[k] != '\\'; k++)
			;
		buf_put(b, s + i, k - i);
		if ((i = k) == n)
			break;
		k = utf8_next(s + i, n - i, &c);
		put_char(b, s + i, k, c);
		i += k ? k : 1;
	}
	buf_putc(b, '"');
}
