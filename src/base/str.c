/* SPDX-License-Identifier: ISC */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

bool str_eq(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool str_ieq(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_istarts(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ct_eq(const char *a, const char *b)
{
	size_t n = strlen(a), i;
	unsigned char d = 0;

	if (n != strlen(b))
		return false;
	for (i = 0; i < n; i++)
		d |= (unsigned char)(a[i] ^ b[i]);
	return d == 0;
}

bool str_int(const char *s, int64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)s[0]) &&
	    !(s[0] == '-' && isdigit((unsigned char)s[1])))
		return false;
	errno = 0;
	*out = strtoll(s, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool plain(unsigned char c)
{
	return c > ' ' && c != '%' && c != 0x7f;
}

char *str_word(struct arena *a, const char *raw)
{
	char *out = arena_alloc(a, strlen(raw) * 3 + 1), *p = out;

	for (; *raw != '\0'; raw++) {
		if (plain((unsigned char)*raw))
			*p++ = *raw;
		else
			p += sprintf(p, "%%%02X", (unsigned char)*raw);
	}
	return out;
}

static int hexval(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One word from *s up to a space or the end, to *to, behind which it goes on;
 * false when it is malformed. */
static bool word_decode(const char **s, char **to)
{
	const char *end = strchrnul(*s, ' ');
	char *p = *to;

	if (end == *s)
		return false;
	for (; *s < end; (*s)++) {
		int hi, lo;

		if (**s != '%') {
			*p++ = **s;
			continue;
		}
		if (end - *s < 3 || (hi = hexval((*s)[1])) < 0 ||
		    (lo = hexval((*s)[2])) < 0 || hi * 16 + lo == 0)
			return false;
		*p++ = (char)(hi * 16 + lo);
		*s += 2;
	}
	*p++ = '\0';
	*to = p;
	return true;
}

int str_words(struct arena *a, const char *value, const char **word, int max)
{
	char *to = arena_alloc(a, strlen(value) + 1);
	int n = 0;

	for (;;) {
		if (n == max)
			return -1;
		word[n++] = to;
		if (!word_decode(&value, &to))
			return -1;
		if (*value == '\0')
			return n;
		value++;
	}
}

char *str_url(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) * 3 + 1), *p = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || strchr("-._~", c) != NULL)
			*p++ = (char)c;
		else
			p += sprintf(p, "%%%02X", c);
	}
	return out;
}

static const char digit[] = "0123456789abcdef";

void str_hex_u64(uint64_t v, char out[17])
{
	int i;

	for (i = 15; i >= 0; i--, v >>= 4)
		out[i] = digit[v & 15];
	out[16] = '\0';
}

char *str_hex(struct arena *a, const void *p, size_t n)
{
	const unsigned char *b = p;
	char *out = arena_alloc(a, n * 2 + 1);
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digit[b[i] >> 4];
		out[2 * i + 1] = digit[b[i] & 15];
	}
	return out;
}

static const char b64std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char b64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *base64(struct arena *a, const void *p, size_t n,
    const char *set, bool pad)
{
	const unsigned char *b = p;
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *o = out;
	size_t i;

	for (i = 0; i < n; i += 3) {
		size_t left = n - i;
		unsigned v = (unsigned)b[i] << 16 |
		    (left > 1 ? (unsigned)b[i + 1] << 8 : 0) |
		    (left > 2 ? b[i + 2] : 0u);

		*o++ = set[v >> 18];
		*o++ = set[v >> 12 & 63];
		if (left > 1)
			*o++ = set[v >> 6 & 63];
		else if (pad)
			*o++ = '=';
		if (left > 2)
			*o++ = set[v & 63];
		else if (pad)
			*o++ = '=';
	}
	return out;
}

char *str_base64url(struct arena *a, const void *p, size_t n)
{
	return base64(a, p, n, b64url, false);
}

char *str_base64(struct arena *a, const void *p, size_t n)
{
	return base64(a, p, n, b64std, true);
}

int str_unbase64(struct arena *a, const char *s, unsigned char **out,
    size_t *n)
{
	size_t len = strlen(s), i, pad = 0;
	unsigned char *o;

	if (len % 4 != 0)
		return -1;
	while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
		pad++;
	*n = len / 4 * 3 - pad;
	*out = o = arena_alloc(a, len / 4 * 3 + 1);
	for (i = 0; i < len; i += 4) {
		unsigned v = 0;
		size_t k;

		for (k = 0; k < 4; k++) {
			const char *q = i + k >= len - pad ? b64std :
			    memchr(b64std, s[i + k], 64);

			if (q == NULL)
				return -1;
			v = v << 6 | (unsigned)(q - b64std);
		}
		*o++ = (unsigned char)(v >> 16);
		*o++ = (unsigned char)(v >> 8);
		*o++ = (unsigned char)v;
	}
	return strcmp(s, str_base64(a, *out, *n)) == 0 ? 0 : -1;
}

int str_unbase64url(struct arena *a, const char *s, size_t len,
    unsigned char **out, size_t *n)
{
	char *std = arena_alloc(a, len + 4);
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '+' || s[i] == '/' || s[i] == '=')
			return -1;
		std[i] = s[i];
		if (s[i] == '-')
			std[i] = '+';
		else if (s[i] == '_')
			std[i] = '/';
	}
	while (i % 4 != 0)
		std[i++] = '=';
	return str_unbase64(a, std, out, n);
}

bool str_uuid(const char *s, uint8_t uuid[16])
{
	size_t i, k = 0;

	if (strlen(s) != 36)
		return false;
	for (i = 0; i < 36; i++) {
		int hi, lo;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return false;
			continue;
		}
		if ((hi = hexval(s[i])) < 0 || (lo = hexval(s[i + 1])) < 0)
			return false;
		uuid[k++] = (uint8_t)(hi * 16 + lo);
		i++;
	}
	return true;
}

void str_uuid_text(const uint8_t u[16], char out[37])
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 16; i++) {
		*out++ = hex[u[i] >> 4];
		*out++ = hex[u[i] & 15];
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*out++ = '-';
	}
	*out = '\0';
}

void strv_add(struct arena *a, struct strv *sv, const char *s)
{
	if (sv->n == sv->cap) {
		size_t cap = sv->cap ? sv->cap * 2 : 4;

		sv->v = arena_grow(a, sv->v, sv->n, cap, sizeof(*sv->v));
		sv->cap = cap;
	}
	sv->v[sv->n++] = s;
}

bool strv_has(const struct strv *sv, const char *s)
{
	size_t i;

	for (i = 0; i < sv->n; i++)
		if (strcmp(sv->v[i], s) == 0)
			return true;
	return false;
}

bool strv_ihas(const struct strv *sv, const char *s)
{
	size_t i;

	for (i = 0; i < sv->n; i++)
		if (str_ieq(sv->v[i], s))
			return true;
	return false;
}

static int cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void strv_sort(struct strv *sv)
{
	size_t i, n = 0;

	if (sv->n < 2)
		return;
	qsort(sv->v, sv->n, sizeof(*sv->v), cmp);
	for (i = 0; i < sv->n; i++)
		if (n == 0 || strcmp(sv->v[n - 1], sv->v[i]) != 0)
			sv->v[n++] = sv->v[i];
	sv->n = n;
}

bool strv_find(const struct strv *sv, const char *s)
{
	return sv->n != 0 &&
	    bsearch(&s, sv->v, sv->n, sizeof(*sv->v), cmp) != NULL;
}
