/* SPDX-License-Identifier: ISC */
#include "codec/template.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"

static int line_of(int line, const char *text, const char *at)
{
	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static const char *listed(struct arena *a, const char *const *names)
{
	const char *out = "";

	for (; *names != NULL; names++)
		out = arena_printf(a, "%s%s%s", out, *out ? ", " : "", *names);
	return out;
}

static int value_of(const char *const *names, const char *name, size_t n)
{
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return i;
	return -1;
}

int template_read(struct arena *a, const char *file, int line,
    const char *text, const char *const *names, struct template *out,
    struct err *e)
{
	const char *from = text, *at, *end;
	size_t cap = 0;

	*out = (struct template){ 0 };
	if (!utf8_valid(text, strlen(text)))
		return err_set(e, ERR_INVALID, "%s is not UTF-8", file);
	for (;; from = end + 2) {
		struct template_piece *p;

		if (out->n == cap) {
			out->v = arena_grow(a, out->v, cap, cap + 16,
			    sizeof(*out->v));
			cap += 16;
		}
		at = strstr(from, "{{");
		p = &out->v[out->n++];
		*p = (struct template_piece){ from, at != NULL ?
		    (size_t)(at - from) : strlen(from), -1 };
		if (at == NULL)
			return 0;
		if ((end = strstr(at, "}}")) == NULL)
			return err_set(e, ERR_INVALID, "%s:%d: {{ without }}",
			    file, line_of(line, text, at));
		p->value = value_of(names, at + 2, (size_t)(end - at - 2));
		if (p->value < 0)
			return err_set(e, ERR_INVALID, "%s:%d: there is no "
			    "%.*s; this template knows %s", file,
			    line_of(line, text, at), (int)(end - at < 40 ?
			    end - at + 2 : 40), at, listed(a, names));
	}
}

static void put_html(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\'': buf_puts(out, "&#39;"); break;
		default: buf_putc(out, *s); break;
		}
}

void template_write(const struct template *t, const char *const *value,
    bool html, struct buf *out)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct template_piece *p = &t->v[i];
		const char *s = p->value >= 0 ? value[p->value] : NULL;

		buf_put(out, p->text, p->n);
		if (s != NULL && html)
			put_html(out, s);
		else if (s != NULL)
			buf_puts(out, s);
	}
}
