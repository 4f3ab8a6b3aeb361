/* SPDX-License-Identifier: ISC */
#include "codec/xml_write.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* XML 1.0, production 2. */
static bool allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
	    (c >= 0x20 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe) ||
	    c >= 0x10000;
}

/* White space is written as a reference where a reader would change it. */
static void put_char(struct buf *out, const char *s, size_t n, uint32_t c)
{
	if (n == 0 || !allowed(c))
		buf_puts(out, "\xef\xbf\xbd");
	else if (c == '&')
		buf_puts(out, "&amp;");
	else if (c == '<')
		buf_puts(out, "&lt;");
	else if (c == '>')
		buf_puts(out, "&gt;");
	else if (c == '"')
		buf_puts(out, "&quot;");
	else if (c < 0x20)
		buf_printf(out, "&#%u;", (unsigned)c);
	else
		buf_put(out, s, n);
}

static void put_escaped(struct buf *out, const char *s)
{
	size_t n = strlen(s), i, k;
	uint32_t c = 0;

	for (i = 0; i < n; i += k != 0 ? k : 1) {
		k = utf8_next(s + i, n - i, &c);
		put_char(out, s + i, k, c);
	}
}

static void close_tag(struct xml_writer *w)
{
	if (w->tag)
		buf_putc(w->out, '>');
	w->tag = false;
}

void xml_write_init(struct xml_writer *w, struct buf *out)
{
	*w = (struct xml_writer){ .out = out };
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_begin(struct xml_writer *w, const char *name)
{
	assert(w->depth < XML_WRITE_DEPTH);
	close_tag(w);
	buf_printf(w->out, "<%s", name);
	w->open[w->depth++] = name;
	w->tag = true;
}

void xml_put_attr(struct xml_writer *w, const char *name, const char *value)
{
	assert(w->tag);
	buf_printf(w->out, " %s=\"", name);
	put_escaped(w->out, value);
	buf_putc(w->out, '"');
}

void xml_put_text(struct xml_writer *w, const char *text)
{
	close_tag(w);
	put_escaped(w->out, text);
}

void xml_end(struct xml_writer *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->tag)
		buf_puts(w->out, "/>");
	else
		buf_printf(w->out, "</%s>", w->open[w->depth]);
	w->tag = false;
}

void xml_put(struct xml_writer *w, const char *name, const char *text)
{
	xml_begin(w, name);
	if (text[0] != '\0')
		xml_put_text(w, text);
	xml_end(w);
}
