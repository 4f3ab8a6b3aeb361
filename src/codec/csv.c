/* SPDX-License-Identifier: ISC */
#include "codec/csv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/source.h"

#define CHUNK 65536
#define TEXT_MAX ((size_t)1 << 30)	/* row_max holds before */

/* win[start..end) is the text from the beginning of the current row on: it
 * stays until the row is known to be good, to go back into. */
struct csv {
	struct source *src;	/* borrowed */
	struct csv_conf conf;
	struct charset cs;
	char *win, *raw;	/* owned */
	size_t start, pos, end;
	bool begun, eof;
	bool whole;		/* the last thing read was a line's end */
	char stop[256];		/* bytes that end a run of plain text */
	struct buf text;	/* the row's cells, each with its NUL */
	size_t *off;		/* where each begins in text */
	const char **cell;
	size_t n, width;	/* cells of this row, of every row */
	struct row row;
	uint64_t number, line;	/* of the row that comes next */
	int dead;		/* the file is refused, again and again */
	struct err why;		/* what is wrong with it, or with this row */
};

static size_t or_default(size_t n, size_t dflt)
{
	return n != 0 ? n : dflt;
}

static void *need(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

struct csv *csv_open(struct source *src, const struct csv_conf *conf)
{
	struct csv *c = need(calloc(1, sizeof(*c)));

	if (conf != NULL)
		c->conf = *conf;
	assert(strchr("\"\r\n", c->conf.delimiter) == NULL ||
	    c->conf.delimiter == '\0');
	c->conf.columns_max = or_default(c->conf.columns_max, 1024);
	c->conf.cell_max = or_default(c->conf.cell_max, 65536);
	c->conf.row_max = or_default(c->conf.row_max, (size_t)1 << 20);
	c->src = src;
	c->win = need(malloc(c->conf.row_max + CHARSET_GROWTH * CHUNK + 4));
	c->raw = need(malloc(CHUNK));
	c->off = need(calloc(c->conf.columns_max, sizeof(*c->off)));
	c->cell = need(calloc(c->conf.columns_max, sizeof(*c->cell)));
	buf_init(&c->text, TEXT_MAX);
	c->number = c->line = 1;
	c->whole = true;
	return c;
}

void csv_close(struct csv *c)
{
	if (c == NULL)
		return;
	free(c->win);
	free(c->raw);
	free(c->off);
	free(c->cell);
	buf_fini(&c->text);
	free(c);
}

bool csv_whole(const struct csv *c)
{
	return c->whole;
}

static int die(struct csv *c, int code)
{
	c->dead = code;
	return code;
}

/* This row is wrong, at the cell that is being read. */
__attribute__((format(printf, 2, 3)))
static int bad(struct csv *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(&c->why, ERR_ITEM_BAD, "CSV: row %llu (line %llu), "
	    "column %zu: %s", (unsigned long long)c->number,
	    (unsigned long long)c->row.line, c->n + 1, text);
}

/* The mark takes up to three bytes, a pipe may give one at a time. */
static int begin(struct csv *c, size_t *n)
{
	size_t k, mark;
	int rc;

	while (*n < 4) {
		rc = source_read(c->src, c->raw + *n, CHUNK - *n, &k, &c->why);
		if (rc != 0)
			return rc;
		if (k == 0)
			break;
		*n += k;
	}
	c->begun = true;
	c->cs.kind = charset_detect(c->raw, *n, c->conf.charset, &mark);
	*n -= mark;
	memmove(c->raw, c->raw + mark, *n);
	return 0;
}

/* More text behind end; what lies before start is given up. */
static int fill(struct csv *c)
{
	size_t n = 0;
	int rc;

	memmove(c->win, c->win + c->start, c->end - c->start);
	c->pos -= c->start;
	c->end -= c->start;
	c->start = 0;
	rc = c->begun ? source_read(c->src, c->raw, CHUNK, &n, &c->why) :
	    begin(c, &n);
	if (rc != 0)
		return die(c, rc);
	c->eof = n == 0;
	c->end += charset_decode(&c->cs, n == 0 ? NULL : c->raw, n,
	    c->win + c->end);
	return 0;
}

enum { END = -1, FAILED = -2, LONG = -3 };

/* The byte at pos, or one of the above. */
static int peek(struct csv *c)
{
	while (c->pos == c->end) {
		if (c->eof)
			return END;
		if (c->end - c->start > c->conf.row_max)
			return LONG;
		if (fill(c) != 0)
			return FAILED;
	}
	return (unsigned char)c->win[c->pos];
}

static int too_long(struct csv *c, bool quoted)
{
	return bad(c, "the row is longer than %zu bytes%s",
	    c->conf.row_max, quoted ? "; is this quoted cell closed?" : "");
}

/* peek has given no byte: what to say. */
static int no_byte(struct csv *c, int what, bool quoted)
{
	if (what == LONG)
		return too_long(c, quoted);
	if (what == END)
		return bad(c, "the quoted cell is not closed: add the "
		    "closing quote");
	return c->dead;
}

/* The end of a line at pos, if there is one, is passed: 1, 0, or an error. */
static int pass_line_end(struct csv *c)
{
	int b = peek(c);

	if (b == FAILED)
		return c->dead;
	if (b != '\r' && b != '\n')
		return 0;
	c->pos++;
	c->line++;
	if (b == '\r' && (b = peek(c)) == '\n')
		c->pos++;
	return b == FAILED ? c->dead : 1;
}

/* Bytes up to the next one that stop knows. */
static void take_run(struct csv *c, const char *stop)
{
	size_t from = c->pos;

	while (c->pos < c->end && !stop[(unsigned char)c->win[c->pos]])
		c->pos++;
	buf_put(&c->text, c->win + from, c->pos - from);
}

static const char quote_stops[256] = { ['"'] = 1, ['\0'] = 1, ['\r'] = 1,
	['\n'] = 1 };

static int check_size(struct csv *c)
{
	if (c->text.len - c->off[c->n] > c->conf.cell_max)
		return bad(c, "the cell is longer than %zu bytes",
		    c->conf.cell_max);
	return 0;
}

static int take_break(struct csv *c)
{
	size_t from = c->pos;
	int rc;

	/* A row's text does not move while a line's end is passed, or only
	 * together with pos. */
	from -= c->start;
	rc = pass_line_end(c);
	if (rc < 0)
		return rc;
	from += c->start;
	buf_put(&c->text, c->win + from, c->pos - from);
	return 0;
}

/* Behind the opening quote; ends behind the closing one. */
static int read_quoted(struct csv *c)
{
	int b, rc;

	for (;;) {
		take_run(c, quote_stops);
		if ((rc = check_size(c)) != 0)
			return rc;
		b = peek(c);
		if (b == '"') {
			c->pos++;
			if (peek(c) != '"')
				return c->dead;
			buf_putc(&c->text, '"');
			c->pos++;
		} else if (b == '\r' || b == '\n') {
			if ((rc = take_break(c)) != 0)
				return rc;
		} else if (b == '\0') {
			return bad(c, "a NUL byte");
		} else if (b < 0) {
			return no_byte(c, b, true);
		}
	}
}

static int read_plain(struct csv *c)
{
	int b, rc;

	for (;;) {
		take_run(c, c->stop);
		if ((rc = check_size(c)) != 0)
			return rc;
		b = peek(c);
		if (b == '"')
			return bad(c, "a quote inside an unquoted cell: "
			    "quote the whole cell and write the quote twice");
		if (b == '\0')
			return bad(c, "a NUL byte");
		if (b == END || (b >= 0 && c->stop[b]))
			return 0;
		if (b < 0)
			return no_byte(c, b, false);
	}
}

static int check_text(struct csv *c)
{
	const char *s = buf_str(&c->text) + c->off[c->n];
	size_t n = c->text.len - c->off[c->n], i;

	for (i = 0; i < n && (unsigned char)s[i] < 0x80; i++)
		;
	if (i < n && !utf8_valid(s + i, n - i))
		return bad(c, "not valid %s: convert the file, or set its "
		    "charset", charset_name(c->cs.kind));
	return 0;
}

/* One cell; *more: a delimiter came behind it. */
static int read_cell(struct csv *c, bool *more)
{
	int b, rc;

	if (c->n == c->conf.columns_max)
		return bad(c, "more than %zu columns", c->conf.columns_max);
	c->off[c->n] = c->text.len;
	b = peek(c);
	if (b == '"') {
		c->pos++;
		rc = read_quoted(c);
	} else {
		rc = read_plain(c);
	}
	if (rc != 0 || (rc = check_text(c)) != 0)
		return rc;
	b = peek(c);
	if (b == FAILED)
		return c->dead;
	if (b == LONG)
		return too_long(c, false);
	*more = b == (unsigned char)c->conf.delimiter;
	if (*more)
		c->pos++;
	else if (b != END && b != '\r' && b != '\n')
		return bad(c, "text behind the closing quote: write a "
		    "quote inside a quoted cell twice");
	buf_putc(&c->text, '\0');
	c->n++;
	return 0;
}

static int read_row(struct csv *c)
{
	bool more = true;
	size_t i;
	int rc;

	c->n = 0;
	buf_reset(&c->text);
	while (more)
		if ((rc = read_cell(c, &more)) != 0)
			return rc;
	if (c->width != 0 && c->n != c->width)
		return err_set(&c->why, ERR_ITEM_BAD, "CSV: row %llu (line "
		    "%llu): %zu cells, the first row has %zu: give every row "
		    "the same number", (unsigned long long)c->number,
		    (unsigned long long)c->row.line, c->n, c->width);
	for (i = 0; i < c->n; i++)
		c->cell[i] = c->text.data + c->off[i];
	rc = pass_line_end(c);
	c->whole = rc == 1;
	return rc < 0 ? rc : 0;
}

/* To the line behind the one where the bad row began. */
static int skip_row(struct csv *c)
{
	int b, rc;

	c->pos = c->start;
	while ((b = peek(c)) != END && b != FAILED && b != '\r' && b != '\n') {
		while (c->pos < c->end && c->win[c->pos] != '\r' &&
		    c->win[c->pos] != '\n')
			c->pos++;
		c->start = c->pos;
	}
	c->start = c->pos;
	c->line = c->row.line;
	rc = pass_line_end(c);
	c->whole = rc == 1;
	return rc < 0 ? rc : 0;
}

/* The candidate that stands most often in the first line, outside quotes. */
static void detect_delimiter(struct csv *c)
{
	static const char candidate[] = ",;\t|";
	size_t count[4] = { 0 }, best = 0, i, k;
	bool quoted = false;

	for (i = c->pos; i < c->end && (quoted || (c->win[i] != '\r' &&
	    c->win[i] != '\n')); i++) {
		if (c->win[i] == '"')
			quoted = !quoted;
		for (k = 0; k < 4; k++)
			if (!quoted && c->win[i] == candidate[k])
				count[k]++;
	}
	for (k = 1; k < 4; k++)
		if (count[k] > count[best])
			best = k;
	c->conf.delimiter = candidate[best];
}

/* A pipe may give the first line in pieces. */
static int begin_rows(struct csv *c)
{
	while (!c->eof && c->end - c->pos < c->conf.row_max &&
	    memchr(c->win + c->pos, '\n', c->end - c->pos) == NULL &&
	    memchr(c->win + c->pos, '\r', c->end - c->pos) == NULL)
		if (fill(c) != 0)
			return c->dead;
	if (c->conf.delimiter == '\0')
		detect_delimiter(c);
	c->stop[(unsigned char)c->conf.delimiter] = 1;
	c->stop['"'] = c->stop['\0'] = c->stop['\r'] = c->stop['\n'] = 1;
	return 0;
}

static int pass_blank_lines(struct csv *c)
{
	int rc;

	while ((rc = pass_line_end(c)) == 1) {
		c->whole = true;
		c->number++;
		c->start = c->pos;
	}
	return rc;
}

/* A row, the end or a fault, without the rules on what comes after one. */
static int next_row(struct csv *c)
{
	int rc = pass_blank_lines(c);

	if (rc == 0 && c->width == 0)
		rc = begin_rows(c);
	if (rc != 0 || peek(c) == END)
		return rc;
	c->start = c->pos;
	c->row.line = c->line;
	rc = read_row(c);
	if (rc == ERR_ITEM_BAD && c->width != 0)
		return skip_row(c) != 0 ? c->dead : rc;
	if (rc == ERR_ITEM_BAD)
		return die(c, c->why.code = ERR_INVALID);
	return rc != 0 ? rc : 1;
}

int csv_next(struct csv *c, const struct row **row, struct err *e)
{
	int rc = c->dead != 0 ? c->dead : next_row(c);

	*row = NULL;
	if (rc < 0 && e != NULL)
		*e = c->why;
	if (rc == 1) {
		c->row.number = c->number;
		c->row.cell = c->cell;
		c->row.n = c->width = c->n;
		*row = &c->row;
		c->start = c->pos;
	}
	if (rc != 0)
		c->number++;
	return rc;
}
