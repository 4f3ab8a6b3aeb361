/* SPDX-License-Identifier: ISC */
#include "codec/row.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"

struct columns {
	struct arena *a;	/* owned; the names live here */
	const char **name;
	size_t *sorted;		/* indexes, by name */
	size_t n;
};

static const char *trim(struct arena *a, const char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	return arena_strndup(a, s, n);
}

static int by_name(const void *x, const void *y, void *ctx)
{
	const struct columns *c = ctx;

	return strcasecmp(c->name[*(const size_t *)x],
	    c->name[*(const size_t *)y]);
}

static int check_twice(const struct columns *c, const struct row *h,
    struct err *e)
{
	size_t i;

	for (i = 1; i < c->n; i++) {
		size_t x = c->sorted[i - 1], y = c->sorted[i];

		if (c->name[x][0] != '\0' && str_ieq(c->name[x], c->name[y]))
			return err_set(e, ERR_INVALID, "row %llu: columns %zu "
			    "and %zu are both named \"%.64s\": name each "
			    "column once", (unsigned long long)h->number,
			    x < y ? x + 1 : y + 1, x < y ? y + 1 : x + 1,
			    c->name[x]);
	}
	return 0;
}

int columns_new(const struct row *h, struct columns **out, struct err *e)
{
	struct arena *a = arena_new();
	struct columns *c = arena_alloc(a, sizeof(*c));
	size_t i;
	int rc;

	c->a = a;
	c->n = h->n;
	c->name = arena_array(a, c->n, sizeof(*c->name));
	c->sorted = arena_array(a, c->n, sizeof(*c->sorted));
	for (i = 0; i < c->n; i++) {
		c->name[i] = trim(a, h->cell[i]);
		c->sorted[i] = i;
	}
	qsort_r(c->sorted, c->n, sizeof(*c->sorted), by_name, c);
	rc = check_twice(c, h, e);
	if (rc != 0) {
		arena_free(a);
		c = NULL;
	}
	*out = c;
	return rc;
}

void columns_free(struct columns *c)
{
	if (c != NULL)
		arena_free(c->a);
}

int columns_find(const struct columns *c, const char *name)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi && name[0] != '\0') {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcasecmp(c->name[c->sorted[mid]], name);

		if (d == 0)
			return (int)c->sorted[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

size_t columns_count(const struct columns *c)
{
	return c->n;
}

const char *columns_name(const struct columns *c, size_t i)
{
	return i < c->n ? c->name[i] : "";
}

const char *row_cell(const struct row *r, int i)
{
	return i >= 0 && (size_t)i < r->n ? r->cell[i] : "";
}
