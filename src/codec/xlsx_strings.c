/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "codec/xlsx_p.h"

void xlsx_strings_free(struct xlsx_strings *s)
{
	buf_fini(&s->text);
	free(s->off);
	*s = (struct xlsx_strings){ 0 };
}

/* The code in _xHHHH_ at s, -1: there is none that XML or C could hold. */
static int escape_at(const char *s)
{
	char hex[5];
	int i;
	long c;

	if (s[0] != '_' || s[1] != 'x')
		return -1;
	for (i = 2; i < 6; i++)
		if (!isxdigit((unsigned char)s[i]))
			return -1;
	if (s[6] != '_')
		return -1;
	memcpy(hex, s + 2, 4);
	hex[4] = '\0';
	c = strtol(hex, NULL, 16);
	return c == 0 || (c >= 0xd800 && c < 0xe000) || c >= 0xfffe ? -1 :
	    (int)c;
}

void xlsx_unescape(struct buf *text, size_t from)
{
	char *in, *out;
	int c;

	if (text->len == from || strstr(text->data + from, "_x") == NULL)
		return;
	for (in = out = text->data + from; *in != '\0'; ) {
		c = escape_at(in);
		if (c < 0) {
			*out++ = *in++;
			continue;
		}
		out = utf8_put(out, (uint32_t)c);
		in += 7;
	}
	*out = '\0';
	text->len = (size_t)(out - text->data);
}

static void begin_string(struct xlsx_strings *s)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1024;
		s->off = realloc(s->off, s->cap * sizeof(*s->off));
		if (s->off == NULL)
			abort();
	}
	s->off[s->n++] = (uint32_t)s->text.len;
}

/* Every string costs its offset and its NUL as well. */
static int end_string(struct xlsx *x, struct err *e)
{
	struct xlsx_strings *s = &x->strings;
	size_t from = s->off[s->n - 1];

	xlsx_unescape(&s->text, from);
	if (s->text.len - from > x->limits.cell)
		return err_set(e, ERR_LIMIT, "XLSX: shared string %zu is "
		    "longer than %zu bytes", s->n - 1, x->limits.cell);
	buf_putc(&s->text, '\0');
	if (s->text.failed ||
	    s->text.len + s->n * sizeof(*s->off) > x->limits.strings)
		return err_set(e, ERR_LIMIT, "XLSX: its strings take more than "
		    "%llu bytes: split it, or send CSV",
		    (unsigned long long)x->limits.strings);
	return 0;
}

/* sst/si/t and sst/si/r/t; si/rPh/t says how to read it aloud. */
static int read_strings(struct xlsx *x, struct xml *xml, struct err *e)
{
	const struct xml_node *n;
	bool item = false, run = false;
	int rc, text = 0;

	while ((rc = xml_next(xml, &n, e)) == 1) {
		if (n->event == XML_TEXT) {
			if (text != 0)
				buf_put(&x->strings.text, n->text, n->n);
		} else if (n->event == XML_END) {
			if (n->depth == text)
				text = 0;
			if (n->depth == 2 && item &&
			    (rc = end_string(x, e)) != 0)
				break;
		} else if (n->depth == 2) {
			item = str_eq(n->name, "si");
			if (item)
				begin_string(&x->strings);
		} else if (n->depth == 3) {
			run = item && str_eq(n->name, "r");
			text = item && str_eq(n->name, "t") ? 3 : 0;
		} else if (n->depth == 4 && run && str_eq(n->name, "t")) {
			text = 4;
		}
	}
	return rc;
}

int xlsx_strings_read(struct xlsx *x, struct err *e)
{
	struct xml *xml;
	int rc;

	buf_init(&x->strings.text, (size_t)x->limits.strings);
	if (x->strings_part == NULL)
		return 0;
	rc = xlsx_parts_open(x, x->strings_part, "sst", &xml, e);
	if (rc != 0)
		return rc;
	rc = read_strings(x, xml, e);
	xml_close(xml);
	return rc;
}

const char *xlsx_strings_get(const struct xlsx_strings *s, size_t i,
    size_t *n)
{
	size_t end;

	if (i >= s->n)
		return NULL;
	end = i + 1 < s->n ? s->off[i + 1] : s->text.len;
	*n = end - s->off[i] - 1;
	return s->text.data + s->off[i];
}
