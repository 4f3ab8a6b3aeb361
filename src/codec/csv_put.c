/* SPDX-License-Identifier: ISC */
#include "codec/csv.h"

#include <string.h>

#include "base/buf.h"

static bool must_quote(const char *s, char delimiter)
{
	for (; *s != '\0'; s++)
		if (*s == delimiter || *s == '"' || *s == '\r' || *s == '\n')
			return true;
	return false;
}

static void put_quoted(struct buf *out, const char *s)
{
	const char *q;

	while ((q = strchr(s, '"')) != NULL) {
		buf_put(out, s, (size_t)(q - s) + 1);
		buf_putc(out, '"');
		s = q + 1;
	}
	buf_puts(out, s);
}

static void put_cell(struct buf *out, const struct csv_format *f, char d,
    const char *s)
{
	bool quote = must_quote(s, d);

	if (quote)
		buf_putc(out, '"');
	if (f != NULL && f->guard && s[0] != '\0' &&
	    strchr("=+-@\t\r\n", s[0]) != NULL)
		buf_putc(out, '\'');
	put_quoted(out, s);
	if (quote)
		buf_putc(out, '"');
}

void csv_put(struct buf *out, const struct csv_format *f,
    const char *const *cell, size_t n)
{
	char d = f != NULL && f->delimiter != '\0' ? f->delimiter : ',';
	size_t i;

	for (i = 0; i < n; i++) {
		if (i != 0)
			buf_putc(out, d);
		put_cell(out, f, d, cell[i]);
	}
	/* One empty cell would be a blank line, which is no row. */
	if (n == 1 && cell[0][0] == '\0')
		buf_puts(out, "\"\"");
	buf_puts(out, "\r\n");
}
