/* SPDX-License-Identifier: ISC */
#include "codec/xml_write.h"

#include <assert.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static int put_out(void *out, const char *p, int n)
{
	buf_put(out, p, (size_t)n);
	return n;
}

static const xmlChar *xml(const char *s)
{
	return (const xmlChar *)s;
}

/* XML 1.0, production 2. libxml2 escapes, but does not look. */
static bool allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
	    (c >= 0x20 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe) ||
	    c >= 0x10000;
}

static const xmlChar *clean(struct xml_writer *w, const char *s)
{
	size_t n = strlen(s), i, k;
	uint32_t c = 0;

	buf_reset(&w->clean);
	for (i = 0; i < n; i += k != 0 ? k : 1) {
		k = utf8_next(s + i, n - i, &c);
		if (k == 0 || !allowed(c))
			buf_puts(&w->clean, "\xef\xbf\xbd");
		else
			buf_put(&w->clean, s + i, k);
	}
	return xml(buf_str(&w->clean));
}

void xml_write_init(struct xml_writer *w, struct buf *out)
{
	xmlOutputBufferPtr to = xmlOutputBufferCreateIO(put_out, NULL, out,
	    NULL);

	*w = (struct xml_writer){ .w = xmlNewTextWriter(to) };
	if (w->w == NULL)
		abort();
	buf_init(&w->clean, out->max);
	xmlTextWriterStartDocument(w->w, NULL, "UTF-8", NULL);
}

void xml_begin(struct xml_writer *w, const char *name)
{
	w->depth++;
	xmlTextWriterStartElement(w->w, xml(name));
}

void xml_put_attr(struct xml_writer *w, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(w->w, xml(name), clean(w, value));
}

void xml_put_text(struct xml_writer *w, const char *text)
{
	xmlTextWriterWriteString(w->w, clean(w, text));
}

void xml_end(struct xml_writer *w)
{
	assert(w->depth > 0);
	xmlTextWriterEndElement(w->w);
	if (--w->depth > 0)
		return;
	xmlTextWriterEndDocument(w->w);
	xmlFreeTextWriter(w->w);
	buf_fini(&w->clean);
}

void xml_put(struct xml_writer *w, const char *name, const char *text)
{
	xml_begin(w, name);
	if (text[0] != '\0')
		xml_put_text(w, text);
	xml_end(w);
}
