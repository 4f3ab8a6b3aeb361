/* SPDX-License-Identifier: ISC */
#include "codec/xlsx.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/xlsx_p.h"

#define MIB ((uint64_t)1 << 20)

static void set_limits(struct xlsx_limits *l)
{
	static const struct xlsx_limits dflt = { .file = 64 * MIB,
	    .inflated = 512 * MIB, .ratio = 100, .ratio_floor = 16 * MIB,
	    .entries = 10000, .cells = 5000000, .strings = 128 * MIB,
	    .columns = 1024, .cell = 131072 };

	l->file = l->file ? l->file : dflt.file;
	l->inflated = l->inflated ? l->inflated : dflt.inflated;
	l->ratio = l->ratio ? l->ratio : dflt.ratio;
	l->ratio_floor = l->ratio_floor ? l->ratio_floor : dflt.ratio_floor;
	l->entries = l->entries ? l->entries : dflt.entries;
	l->cells = l->cells ? l->cells : dflt.cells;
	l->strings = l->strings ? l->strings : dflt.strings;
	l->columns = l->columns ? l->columns : dflt.columns;
	l->cell = l->cell ? l->cell : dflt.cell;
	if (l->columns > XLSX_COLUMN_MAX)
		l->columns = XLSX_COLUMN_MAX;
	if (l->strings > UINT32_MAX)
		l->strings = UINT32_MAX;
}

static struct xlsx *new(const struct xlsx_conf *conf)
{
	struct arena *a = arena_new();
	struct xlsx *x = arena_alloc(a, sizeof(*x));
	size_t i;

	if (conf != NULL)
		x->limits = conf->limits;
	set_limits(&x->limits);
	x->a = a;
	x->cells = arena_new();
	x->value = arena_array(a, x->limits.columns, sizeof(*x->value));
	for (i = 0; i < x->limits.columns; i++)
		x->value[i] = "";
	buf_init(&x->cell.text, x->limits.cell);
	return x;
}

void xlsx_close(struct xlsx *x)
{
	if (x == NULL)
		return;
	xml_close(x->xml);
	xlsx_zip_close(x->zip);
	xlsx_strings_free(&x->strings);
	buf_fini(&x->cell.text);
	arena_free(x->cells);
	arena_free(x->a);
}

/* Everything up to the sheet's first row. */
static int open_sheet(struct xlsx *x, const struct xlsx_conf *conf,
    struct xlsx **out, struct err *e)
{
	int rc;

	if ((rc = xlsx_parts_find(x, conf ? conf->sheet : NULL, e)) == 0 &&
	    (rc = xlsx_style_read(x, e)) == 0 &&
	    (rc = xlsx_strings_read(x, e)) == 0)
		rc = xlsx_parts_open(x, x->part, "worksheet", &x->xml, e);
	*out = x;
	if (rc != 0) {
		xlsx_close(x);
		*out = NULL;
	}
	return rc;
}

int xlsx_open(const void *p, size_t n, const struct xlsx_conf *conf,
    struct xlsx **out, struct err *e)
{
	struct xlsx *x = new(conf);
	int rc = xlsx_zip_open(p, n, &x->limits, &x->zip, e);

	*out = NULL;
	if (rc == 0)
		return open_sheet(x, conf, out, e);
	xlsx_close(x);
	return rc;
}

int xlsx_open_fd(int fd, const struct xlsx_conf *conf, struct xlsx **out,
    struct err *e)
{
	struct xlsx *x = new(conf);
	int rc = xlsx_zip_open_fd(fd, &x->limits, &x->zip, e);

	*out = NULL;
	if (rc == 0)
		return open_sheet(x, conf, out, e);
	xlsx_close(x);
	return rc;
}

/* "AB" of 28. */
static const char *letters(unsigned column, char out[8])
{
	char *p = out + 7;

	for (*p = '\0'; column > 0 && p > out; column = (column - 1) / 26)
		*--p = (char)('A' + (column - 1) % 26);
	return p;
}

__attribute__((format(printf, 3, 0)))
static void say(struct xlsx *x, int code, const char *fmt, va_list ap)
{
	const char *column;
	char text[256], place[8];

	vsnprintf(text, sizeof(text), fmt, ap);
	column = x->cell.column ? letters(x->cell.column, place) : NULL;
	err_set(&x->why, code, "XLSX: sheet \"%.64s\", %s%s%u: %s", x->name,
	    column ? "cell " : "after row ", column ? column : "", x->number,
	    text);
}

/* This row is wrong; its first fault counts. */
__attribute__((format(printf, 2, 3)))
static void bad(struct xlsx *x, const char *fmt, ...)
{
	va_list ap;

	if (x->bad || x->dead != 0)
		return;
	va_start(ap, fmt);
	say(x, ERR_ITEM_BAD, fmt, ap);
	va_end(ap);
	x->bad = true;
}

/* The file is refused. */
__attribute__((format(printf, 3, 4)))
static void die(struct xlsx *x, int code, const char *fmt, ...)
{
	va_list ap;

	if (x->dead != 0)
		return;
	va_start(ap, fmt);
	say(x, code, fmt, ap);
	va_end(ap);
	x->dead = code;
}

static void begin_row(struct xlsx *x, const struct xml_node *n)
{
	const char *r = xml_attr(n, "r");
	int64_t number = (int64_t)x->number + 1;
	size_t i;

	for (i = 0; i < x->row.n; i++)
		x->value[i] = "";
	x->row.n = 0;
	x->column = x->cell.column = 0;
	x->bad = false;
	x->in_row = true;
	arena_reset(x->cells);
	if (r != NULL && (!str_int(r, &number) || number <= x->number))
		die(x, ERR_INVALID, "the next row is \"%.16s\": rows must "
		    "ascend", r);
	else if (number > XLSX_ROW_MAX)
		die(x, ERR_LIMIT, "more than %u rows", XLSX_ROW_MAX);
	else
		x->number = (unsigned)number;
}

/* The column of "AB12", 0 when it is no place in this row. */
static unsigned column_of(const struct xlsx *x, const char *ref)
{
	unsigned column = 0;
	int64_t number;

	for (; *ref >= 'A' && *ref <= 'Z' && column < XLSX_COLUMN_MAX; ref++)
		column = column * 26 + (unsigned)(*ref - 'A') + 1;
	if (!isdigit((unsigned char)*ref) || !str_int(ref, &number) ||
	    number != x->number || column > XLSX_COLUMN_MAX)
		return 0;
	return column;
}

static void begin_cell(struct xlsx *x, const struct xml_node *n)
{
	struct xlsx_cell *c = &x->cell;
	const char *r = xml_attr(n, "r"), *t = xml_attr(n, "t");
	const char *s = xml_attr(n, "s");
	struct buf text = c->text;
	int64_t style;

	*c = (struct xlsx_cell){ .column = x->column + 1, .text = text };
	buf_reset(&c->text);
	snprintf(c->type, sizeof(c->type), "%s", t != NULL ? t : "n");
	if (s != NULL && str_int(s, &style) && style > 0)
		c->style = (unsigned long)style;
	x->in_cell = true;
	if (++x->n_cells > x->limits.cells)
		die(x, ERR_LIMIT, "more than %llu cells: split the file, or "
		    "send CSV", (unsigned long long)x->limits.cells);
	if (r != NULL && (c->column = column_of(x, r)) <= x->column) {
		c->column = x->column + 1;
		bad(x, "\"%.16s\" is out of order", r);
	}
	x->column = c->column;
}

/* A value counts where it is used, so that one string in a million cells is a
 * million strings. */
static void set_value(struct xlsx *x, const char *s, size_t n)
{
	unsigned i = x->cell.column - 1;

	if (n == 0)
		return;
	x->given += n;
	if (x->given > x->limits.inflated) {
		die(x, ERR_LIMIT, "the cells hold more than %llu bytes",
		    (unsigned long long)x->limits.inflated);
	} else if (i >= x->limits.columns) {
		bad(x, "beyond column %zu", x->limits.columns);
	} else {
		x->value[i] = s;
		x->row.n = i + 1;
	}
}

static void end_shared(struct xlsx *x, const char *s)
{
	const char *v = NULL;
	int64_t i;
	size_t n = 0;

	if (str_int(s, &i) && i >= 0)
		v = xlsx_strings_get(&x->strings, (size_t)i, &n);
	if (v != NULL)
		set_value(x, v, n);
	else
		bad(x, "shared string \"%.16s\" is not in the file, which has "
		    "%zu", s, x->strings.n);
}

static void end_number(struct xlsx *x, const char *s)
{
	size_t style = x->cell.style;
	char *v = xlsx_value_number(x->cells, s);

	if (v == NULL) {
		bad(x, "\"%.32s\" is no number", s);
		return;
	}
	if (style < x->n_styles && x->style[style] != XLSX_NUMBER)
		v = xlsx_value_date(x->cells, v, x->style[style],
		    x->date1904);
	if (v == NULL)
		bad(x, "%.32s is formatted as a date, which it is not", s);
	else
		set_value(x, v, strlen(v));
}

/* A value between its tags, without the spaces around it. */
static const char *trimmed(struct xlsx *x)
{
	struct buf *b = &x->cell.text;
	const char *s;

	while (b->len > 0 && isspace((unsigned char)b->data[b->len - 1]))
		b->data[--b->len] = '\0';
	for (s = buf_str(b); isspace((unsigned char)*s); s++)
		;
	return s;
}

static void end_plain(struct xlsx *x, const char *type, const char *s)
{
	if (*s == '\0')
		return;
	if (str_eq(type, "s"))
		end_shared(x, s);
	else if (str_eq(type, "n"))
		end_number(x, s);
	else if (str_eq(type, "b"))
		set_value(x, str_eq(s, "0") || str_eq(s, "false") ? "FALSE" :
		    "TRUE", 5);
	else if (str_eq(type, "d"))
		set_value(x, arena_strdup(x->cells, s), strlen(s));
	else if (str_eq(type, "e"))
		bad(x, "holds the error %.16s", s);
	else
		bad(x, "is of the unknown type \"%s\"", type);
}

static void end_cell(struct xlsx *x)
{
	struct xlsx_cell *c = &x->cell;

	x->in_cell = false;
	if (c->text.failed) {
		bad(x, "longer than %zu bytes", x->limits.cell);
	} else if (c->has_formula && (!c->has_value ||
	    (c->text.len == 0 && !str_eq(c->type, "str")))) {
		bad(x, "a formula without its value: open the file in a "
		    "spreadsheet program and save it");
	} else if (str_eq(c->type, "str") || str_eq(c->type, "inlineStr")) {
		xlsx_unescape(&c->text, 0);
		set_value(x, arena_strndup(x->cells, buf_str(&c->text),
		    c->text.len), c->text.len);
	} else {
		end_plain(x, c->type, trimmed(x));
	}
}

/* c/v, c/f, c/is/t, c/is/r/t. */
static void begin_inside(struct xlsx *x, const struct xml_node *n)
{
	struct xlsx_cell *c = &x->cell;
	bool t = str_eq(n->name, "t");

	if (n->depth == 5) {
		c->inline_string = str_eq(n->name, "is");
		if (str_eq(n->name, "f"))
			c->has_formula = true;
		if (str_eq(n->name, "v")) {
			c->has_value = true;
			c->collect = 5;
		}
	} else if (c->inline_string && n->depth == 6) {
		c->run = str_eq(n->name, "r");
		c->collect = t ? 6 : 0;
	} else if (c->inline_string && n->depth == 7 && c->run && t) {
		c->collect = 7;
	}
}

static void on_start(struct xlsx *x, const struct xml_node *n)
{
	if (!xlsx_is_main(n->ns))
		return;
	if (n->depth == 2)
		x->in_data = str_eq(n->name, "sheetData");
	else if (n->depth == 3 && x->in_data && str_eq(n->name, "row"))
		begin_row(x, n);
	else if (n->depth == 4 && x->in_row && str_eq(n->name, "c"))
		begin_cell(x, n);
	else if (n->depth > 4 && x->in_cell)
		begin_inside(x, n);
}

/* True: a row is at its end. */
static bool on_end(struct xlsx *x, const struct xml_node *n)
{
	if (n->depth == x->cell.collect)
		x->cell.collect = 0;
	if (n->depth == 4 && x->in_cell)
		end_cell(x);
	if (n->depth != 3 || !x->in_row)
		return false;
	x->in_row = false;
	return true;
}

/* To the end of the next row: 1, of the sheet: 0. */
static int read_row(struct xlsx *x)
{
	const struct xml_node *n;
	int rc = 0;

	while (x->dead == 0 && (rc = xml_next(x->xml, &n, &x->why)) != 0) {
		if (rc < 0)
			x->dead = rc;
		else if (n->event == XML_START)
			on_start(x, n);
		else if (n->event == XML_TEXT && x->cell.collect != 0)
			buf_put(&x->cell.text, n->text, n->n);
		else if (n->event == XML_END && on_end(x, n))
			break;
	}
	return x->dead != 0 ? x->dead : rc;
}

int xlsx_next(struct xlsx *x, const struct row **row, struct err *e)
{
	int rc;

	*row = NULL;
	do {
		rc = read_row(x);
	} while (rc == 1 && !x->bad && x->row.n == 0);
	if (rc == 1 && x->bad)
		rc = ERR_ITEM_BAD;
	if (rc < 0 && e != NULL)
		*e = x->why;
	if (rc == 1) {
		x->row.number = x->number;
		x->row.cell = x->value;
		*row = &x->row;
	}
	return rc;
}
