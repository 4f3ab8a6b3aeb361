/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "codec/ldif_p.h"
#include "codec/source.h"

#define BOM "\xef\xbb\xbf"

int ldif_bad(struct ldif *l, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(&l->why, ERR_ITEM_BAD, "LDIF: line %llu: %s",
	    (unsigned long long)l->line, text);
}

bool ldif_line_end(const struct ldif *l)
{
	return l->eof && l->pos == l->end;
}

/* The next byte, -1 at the end of the file or when reading failed. */
static int peek(struct ldif *l)
{
	int rc;

	if (l->pos < l->end)
		return (unsigned char)l->chunk[l->pos];
	if (l->eof || l->dead != 0)
		return -1;
	l->pos = 0;
	rc = source_read(l->src, l->chunk, LDIF_CHUNK, &l->end, &l->why);
	if (rc != 0) {
		l->end = 0;
		l->dead = rc;
	}
	l->eof = l->end == 0;
	return l->eof ? -1 : (unsigned char)l->chunk[0];
}

/* To the end of a line of the file, and past it. Beyond its cap, l->text
 * remembers that it failed and drops the rest. */
static void take_physical(struct ldif *l)
{
	while (peek(l) >= 0) {
		char *p = l->chunk + l->pos;
		char *nl = memchr(p, '\n', l->end - l->pos);
		size_t n = nl != NULL ? (size_t)(nl - p) : l->end - l->pos;

		buf_put(&l->text, p, n);
		l->pos += n;
		l->whole = nl != NULL;
		if (nl != NULL) {
			l->pos++;
			break;
		}
	}
	l->next_line++;
	if (l->text.len > 0 && l->text.data[l->text.len - 1] == '\r')
		l->text.data[--l->text.len] = '\0';
}

/* A line and what is folded under it; a blank line has nothing under it. */
static int take_logical(struct ldif *l)
{
	buf_reset(&l->text);
	l->line = l->next_line;
	if (peek(l) < 0) {
		l->open = l->open || l->inside;
		return l->dead;
	}
	take_physical(l);
	if (l->line == 1 && str_starts(buf_str(&l->text), BOM)) {
		l->text.len -= strlen(BOM);
		memmove(l->text.data, l->text.data + strlen(BOM),
		    l->text.len + 1);
	}
	if (l->dead != 0 || (l->text.len == 0 && !l->text.failed))
		return l->dead;
	while (peek(l) == ' ') {
		l->pos++;
		take_physical(l);
	}
	return l->dead != 0 ? l->dead : 1;
}

int ldif_line_next(struct ldif *l)
{
	int rc;

	do {
		rc = take_logical(l);
	} while (rc == 1 && buf_str(&l->text)[0] == '#');
	l->inside = rc == 1;
	if (rc != 1)
		return rc;
	l->size += l->text.len;
	if (l->text.failed)
		return ldif_bad(l, "longer than %zu bytes", l->conf.line_max);
	if (l->size > l->conf.record_max)
		return ldif_bad(l, "the record is longer than %zu bytes",
		    l->conf.record_max);
	return 1;
}

/* RFC 4512 2.5: a name or numeric OID, with options. */
static bool is_description(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.;_";

	return *s != '\0' && strchr("-.;_", *s) == NULL &&
	    s[strspn(s, letters)] == '\0' && strlen(s) <= 256;
}

static int decode(struct ldif *l, struct arena *a, const char *s,
    struct ldif_line *out)
{
	unsigned char *p;

	s += strspn(s, " ");
	if (str_unbase64(a, s, &p, &out->n) != 0)
		return ldif_bad(l, "%.64s: not base64", out->name);
	/* The decoder's bytes need not end with a NUL. */
	out->value = arena_strndup(a, (const char *)p, out->n);
	return 0;
}

int ldif_line_split(struct ldif *l, struct arena *a, struct ldif_line *out)
{
	char *s = l->text.data, *colon = strchr(s, ':');

	*out = (struct ldif_line){ .value = "" };
	if (strlen(s) != l->text.len)
		return ldif_bad(l, "a NUL byte: write the value in base64");
	if (colon == NULL)
		return ldif_bad(l, "no colon: write attribute: value");
	*colon++ = '\0';
	out->name = arena_strdup(a, s);
	if (!is_description(out->name))
		return ldif_bad(l, "\"%.64s\" is no attribute's name",
		    utf8_valid(s, strlen(s)) ? s : "?");
	if (*colon == '<')
		return ldif_bad(l, "%.64s:< names a URL, which is not "
		    "followed: write the value itself", out->name);
	if (*colon == ':')
		return decode(l, a, colon + 1, out);
	colon += strspn(colon, " ");
	out->n = strlen(colon);
	if (!utf8_valid(colon, out->n))
		return ldif_bad(l, "%.64s: not UTF-8: write the value in "
		    "base64", out->name);
	out->value = arena_strndup(a, colon, out->n);
	return 0;
}
