/* SPDX-License-Identifier: ISC */
#include "model/dn.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#define MAX_AVAS 16

static int hexval(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of an escaped value at *s (RFC 4514 3); -1: malformed. */
static int unescape(const char **s)
{
	int hi, lo;

	if (**s != '\\')
		return (unsigned char)*(*s)++;
	hi = hexval((*s)[1]);
	lo = hi < 0 ? -1 : hexval((*s)[2]);
	if (hi >= 0 && lo >= 0) {
		*s += 3;
		return hi * 16 + lo == 0 ? -1 : hi * 16 + lo;
	}
	if ((*s)[1] == '\0' || strchr(" \"#+,;<=>\\", (*s)[1]) == NULL)
		return -1;
	*s += 2;
	return (unsigned char)(*s)[-1];
}

/* "#04..." : the bytes of a BER string, without its tag and short length. */
static char *hexstring(struct arena *a, const char **s)
{
	char *out = arena_alloc(a, strlen(*s) / 2 + 1), *p = out;
	int hi, lo, n = 0, length = -1;

	for ((*s)++; (hi = hexval(**s)) >= 0; *s += 2, n++) {
		if ((lo = hexval((*s)[1])) < 0)
			return NULL;
		if (n == 1)
			length = hi * 16 + lo;
		if (n >= 2 && (*p++ = (char)(hi * 16 + lo)) == '\0')
			return NULL;
	}
	while (**s == ' ')
		(*s)++;
	return n < 2 || length > 127 || length != n - 2 ||
	    (**s != '\0' && strchr(",+;", **s) == NULL) ? NULL : out;
}

/* The value at *s, unescaped, up to ',', '+' or the end. */
static char *value(struct arena *a, const char **s)
{
	char *out, *p, *keep;

	while (**s == ' ')
		(*s)++;
	if (**s == '#')
		return hexstring(a, s);
	out = p = keep = arena_alloc(a, strlen(*s) + 1);
	while (**s != '\0' && strchr(",+;", **s) == NULL) {
		bool escaped = **s == '\\';
		int c;

		if (strchr("\"<>", **s) != NULL || (c = unescape(s)) < 0)
			return NULL;
		*p++ = (char)c;
		if (c != ' ' || escaped)
			keep = p;
	}
	*keep = '\0';
	return out;
}

/* "type=" at *s, lower case. */
static char *type(struct arena *a, const char **s)
{
	size_t n, i;
	char *out;

	while (**s == ' ')
		(*s)++;
	n = strcspn(*s, " =,+\\\"");
	out = arena_strndup(a, *s, n);
	*s += n;
	while (**s == ' ')
		(*s)++;
	if (n == 0 || **s != '=')
		return NULL;
	(*s)++;
	for (i = 0; i < n; i++) {
		out[i] = (char)tolower((unsigned char)out[i]);
		if (!isalnum((unsigned char)out[i]) && out[i] != '-' &&
		    out[i] != '.')
			return NULL;
	}
	return out;
}

static char *escape(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) * 2 + 3), *p = out;
	const char *start = s;

	for (; *s != '\0'; s++) {
		if (strchr("\"+,;<=>\\", *s) != NULL ||
		    (*s == '#' && s == start) ||
		    (*s == ' ' && (s == start || s[1] == '\0')))
			*p++ = '\\';
		*p++ = *s;
	}
	return out;
}

static int cmp(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* One RDN at *s in normal form, its parts sorted. */
static char *rdn(struct arena *a, const char **s)
{
	char *ava[MAX_AVAS], *out;
	size_t n = 0, i;

	do {
		char *t, *v;

		if (n != 0)
			(*s)++;
		if (n == MAX_AVAS || (t = type(a, s)) == NULL ||
		    (v = value(a, s)) == NULL || !utf8_valid(v, strlen(v)))
			return NULL;
		ava[n++] = arena_printf(a, "%s=%s", t,
		    escape(a, utf8_fold(a, v)));
	} while (**s == '+');
	qsort(ava, n, sizeof(ava[0]), cmp);
	for (out = ava[0], i = 1; i < n; i++)
		out = arena_printf(a, "%s+%s", out, ava[i]);
	return out;
}

/* Plain ASCII without escapes and spaces needs only its case folded. */
static char *fast(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p;
	bool equals = false;

	for (p = out; *p != '\0'; p++) {
		if (isupper((unsigned char)*p))
			*p = (char)tolower((unsigned char)*p);
		else if (*p == '=' && !equals && p != out && p[-1] != ',')
			equals = p[1] != '\0' && p[1] != ',';
		else if (*p == ',' && equals)
			equals = false;
		else if (!isalnum((unsigned char)*p) &&
		    strchr(equals ? "-.@_:" : "-.", *p) == NULL)
			return NULL;
	}
	return equals ? out : NULL;
}

char *dn_normal(struct arena *a, const char *s, struct err *e)
{
	char *out = fast(a, s);
	const char *p = s;

	if (out != NULL || *s == '\0')
		return out != NULL ? out : arena_strdup(a, "");
	for (;;) {
		char *r = rdn(a, &p);

		if (r == NULL || (*p != '\0' && *p != ',' && *p != ';')) {
			err_set(e, ERR_INVALID, "\"%.64s\" is no distinguished "
			    "name (RFC 4514): see character %d", s,
			    (int)(p - s) + 1);
			return NULL;
		}
		out = out ? arena_printf(a, "%s,%s", out, r) : r;
		if (*p++ == '\0')
			return out;
	}
}

char *dn_make(struct arena *a, const char *attr, const char *v,
    const char *base)
{
	return arena_printf(a, "%s=%s%s%s", attr, escape(a, v),
	    *base ? "," : "", base);
}

const char *dn_parent(const char *dn)
{
	for (; *dn != '\0'; dn++) {
		if (*dn == '\\' && dn[1] != '\0')
			dn++;
		else if (*dn == ',' || *dn == ';') {
			dn++;
			return dn + strspn(dn, " ");
		}
	}
	return dn;
}

char *dn_rdn_value(struct arena *a, const char *dn, char **attr)
{
	char *t = type(a, &dn);

	if (attr != NULL)
		*attr = t;
	return t == NULL ? NULL : value(a, &dn);
}

bool dn_under(const char *dn, const char *base)
{
	const char *end = dn + strlen(dn);
	size_t k = strlen(base);

	while ((size_t)(end - dn) > k)
		dn = dn_parent(dn);
	return strcmp(dn, base) == 0;
}

bool dn_child(const char *dn, const char *base)
{
	return *dn != '\0' && strcmp(dn_parent(dn), base) == 0;
}
