/* SPDX-License-Identifier: ISC */
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/text.h"
#include "base/utf8.h"

#define GAP 2			/* between columns */
#define LEAST 8			/* a column is not cut below this */
#define MAX_TEXT ((size_t)256 << 20)

void table_init(struct table *t, struct arena *a, const char *const *heads)
{
	*t = (struct table){ .arena = a };
	while (t->columns < TABLE_COLUMNS && heads[t->columns] != NULL)
		t->columns++;
	table_add(t, heads);
}

const char *table_clean(struct arena *a, const char *s)
{
	const char *in = s;
	char *out, *p;
	uint32_t c;

	if (s == NULL || *s == '\0')
		return "-";
	p = out = arena_strdup(a, s);
	while (*in != '\0') {
		size_t k = utf8_next(in, strlen(in), &c);

		if (k == 0 || text_unsafe(c))
			*p++ = '?';
		else
			p = (char *)memcpy(p, in, k) + k;
		in += k == 0 ? 1 : k;
	}
	*p = '\0';
	return out;
}

void table_add(struct table *t, const char *const *cells)
{
	size_t i;

	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 16;

		t->row = arena_grow(t->arena, t->row, t->n, cap,
		    sizeof(*t->row));
		t->cap = cap;
	}
	for (i = 0; i < t->columns; i++)
		t->row[t->n][i] = table_clean(t->arena, cells[i]);
	t->n++;
}

/* The bytes of s that fit into limit columns; *columns: how many they take. */
static size_t fitting(const char *s, size_t limit, size_t *columns)
{
	size_t n = strlen(s), i = 0;
	uint32_t c;

	*columns = 0;
	while (i < n) {
		size_t k = utf8_next(s + i, n - i, &c);
		size_t w = k == 0 ? 1 : (size_t)utf8_columns(c);

		if (*columns + w > limit)
			break;
		*columns += w;
		i += k == 0 ? 1 : k;
	}
	return i;
}

size_t table_width(const char *s)
{
	size_t w;

	fitting(s, SIZE_MAX, &w);
	return w;
}

size_t table_terminal(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	int64_t n;

	if (columns != NULL && str_int(columns, &n) && n > 0 && n < 10000)
		return (size_t)n;
	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0)
		return 0;
	return ws.ws_col;
}

bool table_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    !str_eq(term, "dumb");
}

/* --- laying out ---------------------------------------------------------- */

struct layout {
	const struct table *t;
	struct buf *out;
	bool colour;
	size_t w[TABLE_COLUMNS];
};

/* What needs a look is red, what waits yellow. */
static const char *colour_of(const char *s)
{
	static const char *const bad[] = { "failed", "denied", "suspended",
	    "down", "stopped", "expired", "refused" };
	static const char *const waits[] = { "pending", "wanted", "invited",
	    "removing", "awaitingCode" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (str_eq(s, bad[i]))
			return "\033[31m";
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (str_eq(s, waits[i]))
			return "\033[33m";
	return NULL;
}

static void put(struct layout *l, const char *s, size_t n, bool head)
{
	const char *colour = !l->colour ? NULL : head ? "\033[1m" :
	    colour_of(s);

	if (colour != NULL)
		buf_puts(l->out, colour);
	buf_put(l->out, s, n);
	if (colour != NULL)
		buf_puts(l->out, "\033[0m");
}

/* One cell in its column; the last is not filled up. */
static void put_cell(struct layout *l, size_t row, size_t i)
{
	const char *s = l->t->row[row][i];
	size_t limit = l->w[i], used, n;

	if (table_width(s) > limit) {
		n = fitting(s, limit - 3, &used);
		put(l, s, n, row == 0);
		buf_puts(l->out, "...");
		used += 3;
	} else {
		put(l, s, strlen(s), row == 0);
		used = table_width(s);
	}
	if (i + 1 < l->t->columns)
		buf_printf(l->out, "%*s", (int)(limit - used + GAP), "");
}

static void put_rows(struct layout *l)
{
	size_t k, i;

	for (k = 0; k < l->t->n; k++) {
		for (i = 0; i < l->t->columns; i++)
			put_cell(l, k, i);
		buf_putc(l->out, '\n');
	}
}

/* A row a block, a cell a line. */
static void put_blocks(struct layout *l)
{
	const struct table *t = l->t;
	size_t k, i, w = 0;

	for (i = 0; i < t->columns; i++)
		if (table_width(t->row[0][i]) > w)
			w = table_width(t->row[0][i]);
	for (k = 1; k < t->n; k++) {
		if (k > 1)
			buf_putc(l->out, '\n');
		for (i = 0; i < t->columns; i++) {
			const char *head = t->row[0][i], *s = t->row[k][i];

			put(l, head, strlen(head), true);
			buf_printf(l->out, "%*s", (int)(w - table_width(head) +
			    GAP), "");
			put(l, s, strlen(s), false);
			buf_putc(l->out, '\n');
		}
	}
}

/* Takes columns from the widest until all fit; false: too little is left. The
 * first one names the row and stays whole. */
static bool shrink(struct layout *l, size_t width)
{
	size_t n = l->t->columns, sum = (n - 1) * GAP, i;

	for (i = 0; i < n; i++)
		sum += l->w[i];
	for (; sum > width; sum--) {
		size_t widest = 1;

		for (i = 2; i < n; i++)
			if (l->w[i] >= l->w[widest])
				widest = i;
		if (n < 2 || l->w[widest] <= LEAST)
			return false;
		l->w[widest]--;
	}
	return true;
}

void table_layout(const struct table *t, size_t width, bool colour,
    struct buf *out)
{
	struct layout l = { .t = t, .out = out, .colour = colour };
	size_t i, k;

	for (k = 0; k < t->n; k++)
		for (i = 0; i < t->columns; i++)
			if (table_width(t->row[k][i]) > l.w[i])
				l.w[i] = table_width(t->row[k][i]);
	if (width == 0 || shrink(&l, width))
		put_rows(&l);
	else
		put_blocks(&l);
}

void table_print(const struct table *t)
{
	struct buf out;

	buf_init(&out, MAX_TEXT);
	table_layout(t, table_terminal(), table_colour(), &out);
	fputs(buf_str(&out), stdout);
	buf_fini(&out);
}
