/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

size_t utf8_next(const char *s, size_t n, uint32_t *c)
{
	utf8proc_int32_t v;
	utf8proc_ssize_t k;

	if (n > 0 && (unsigned char)*s < 0x80) {
		*c = (unsigned char)*s;
		return 1;
	}
	k = n == 0 ? 0 : utf8proc_iterate((const utf8proc_uint8_t *)s,
	    (utf8proc_ssize_t)(n < 4 ? n : 4), &v);
	if (k <= 0)
		return 0;
	*c = (uint32_t)v;
	return (size_t)k;
}

int utf8_columns(uint32_t c)
{
	return utf8proc_charwidth((utf8proc_int32_t)c);
}

bool utf8_valid(const char *s, size_t n)
{
	while (n > 0) {
		uint32_t c;
		size_t k = utf8_next(s, n, &c);

		if (k == 0 || c == 0)
			return false;
		s += k;
		n -= k;
	}
	return true;
}

/* Leading and trailing spaces out, inner runs to one (RFC 4518 2.6.1). */
static char *squeeze(char *s)
{
	char *in = s, *out = s;

	for (; *in != '\0'; in++)
		if (*in != ' ' || (out != s && out[-1] != ' '))
			*out++ = *in;
	if (out != s && out[-1] == ' ')
		out--;
	*out = '\0';
	return s;
}

static bool ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* What can't be seen (soft hyphen, zero width space) is nothing: 4518 2.2. */
static char *map(struct arena *a, const char *s, int options)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t n;
	char *r;

	n = utf8proc_map((const utf8proc_uint8_t *)s, 0, &out,
	    (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE |
	    UTF8PROC_COMPOSE | UTF8PROC_IGNORE | options));
	r = n < 0 ? arena_strdup(a, s) :
	    arena_strndup(a, (char *)out, (size_t)n);
	free(out);
	return squeeze(r);
}

char *utf8_fold(struct arena *a, const char *s)
{
	char *r, *p;

	if (!ascii(s))
		return map(a, s, UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
	r = arena_strdup(a, s);
	for (p = r; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return squeeze(r);
}

char *utf8_squeeze(struct arena *a, const char *s)
{
	return ascii(s) ? squeeze(arena_strdup(a, s)) :
	    map(a, s, UTF8PROC_COMPAT);
}

char *utf8_put(char *w, uint32_t c)
{
	if (c < 0x80) {
		*w++ = (char)c;
	} else if (c < 0x800) {
		*w++ = (char)(0xc0 | c >> 6);
		*w++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*w++ = (char)(0xe0 | c >> 12);
		*w++ = (char)(0x80 | (c >> 6 & 0x3f));
		*w++ = (char)(0x80 | (c & 0x3f));
	} else {
		*w++ = (char)(0xf0 | c >> 18);
		*w++ = (char)(0x80 | (c >> 12 & 0x3f));
		*w++ = (char)(0x80 | (c >> 6 & 0x3f));
		*w++ = (char)(0x80 | (c & 0x3f));
	}
	return w;
}

static char *mapped(struct arena *a, const char *s,
    utf8proc_int32_t (*of)(utf8proc_int32_t c))
{
	size_t n = strlen(s), k;
	/* A letter's other case may take a byte or two more. */
	char *out = arena_alloc(a, 2 * n + 1), *to = out;
	uint32_t c;

	for (; (k = utf8_next(s, n, &c)) > 0; s += k, n -= k)
		to = utf8_put(to, (uint32_t)of((utf8proc_int32_t)c));
	return out;
}

char *utf8_lower(struct arena *a, const char *s)
{
	return mapped(a, s, utf8proc_tolower);
}

char *utf8_upper(struct arena *a, const char *s)
{
	return mapped(a, s, utf8proc_toupper);
}
