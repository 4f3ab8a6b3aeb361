/* SPDX-License-Identifier: ISC */
#include "cli/table.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"

void table_init(struct table *t, struct arena *a, const char *const *heads)
{
	*t = (struct table){ .arena = a };
	while (t->columns < TABLE_COLUMNS && heads[t->columns] != NULL)
		t->columns++;
	table_add(t, heads);
}

/* Nothing that a terminal would act on. */
static const char *clean(struct arena *a, const char *s)
{
	char *out, *p;

	if (s == NULL || *s == '\0')
		return "-";
	out = arena_strdup(a, s);
	for (p = out; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
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
		t->row[t->n][i] = clean(t->arena, cells[i]);
	t->n++;
}

/* Characters, not bytes: continuation bytes take no column. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t terminal(void)
{
	struct winsize ws;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0)
		return 0;
	return ws.ws_col;
}

void table_print(const struct table *t)
{
	size_t w[TABLE_COLUMNS] = { 0 }, limit = terminal(), i, k;

	for (k = 0; k < t->n; k++)
		for (i = 0; i < t->columns; i++)
			if (width(t->row[k][i]) > w[i])
				w[i] = width(t->row[k][i]);
	for (k = 0; k < t->n; k++) {
		size_t used = 0;

		for (i = 0; i + 1 < t->columns; i++) {
			const char *s = t->row[k][i];

			printf("%s%*s", s, (int)(w[i] - width(s) + 2), "");
			used += w[i] + 2;
		}
		if (limit > used + 8)
			printf("%.*s\n", (int)(limit - used), t->row[k][i]);
		else
			printf("%s\n", t->row[k][i]);
	}
}
