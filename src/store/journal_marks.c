/* SPDX-License-Identifier: ISC */
#include "store/journal_marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"

#define LATER (600 * CLOCK_SECOND)

struct journal_mark {
	struct journal_mark *next;	/* of the same DN */
	struct journal_mark *after;	/* left later */
	char *batch, *dn, *by;		/* owned; by NULL anybody */
	bool used;
	int64_t until;			/* of those that were left */
};

struct journal_marks {
	struct map *by_dn;		/* the oldest mark of each */
	struct journal_mark *first, *last;	/* those that were left */
	size_t n;
	char taken[64];			/* what was handed out last */
};

struct journal_marks *journal_marks_new(void)
{
	struct journal_marks *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->by_dn = map_new();
	return m;
}

static void mark_free(struct journal_mark *k)
{
	free(k->batch);
	free(k->dn);
	free(k->by);
	free(k);
}

static void free_all(void *value)
{
	struct journal_mark *k = value, *next;

	for (; k != NULL; k = next) {
		next = k->next;
		mark_free(k);
	}
}

void journal_marks_free(struct journal_marks *m)
{
	map_free(m->by_dn, free_all);
	free(m);
}

size_t journal_marks_count(const struct journal_marks *m)
{
	return m->n;
}

static void drop(struct journal_marks *m, struct journal_mark *k)
{
	struct journal_mark *first = map_get(m->by_dn, k->dn), *x = first;

	if (x == k) {
		if (k->next != NULL)
			map_put(m->by_dn, k->dn, k->next);
		else
			map_del(m->by_dn, k->dn);
	} else {
		while (x->next != k)
			x = x->next;
		x->next = k->next;
	}
	m->n--;
	mark_free(k);
}

static void drop_old(struct journal_marks *m)
{
	int64_t now = clock_mono();
	struct journal_mark *k;

	while ((k = m->first) != NULL && (k->used || k->until < now)) {
		m->first = k->after;
		if (m->first == NULL)
			m->last = NULL;
		drop(m, k);
	}
}

static char *copy(const char *s)
{
	char *out = s != NULL ? strdup(s) : NULL;

	if (s != NULL && out == NULL)
		abort();
	return out;
}

struct journal_mark *journal_marks_add(struct journal_marks *m,
    const char *batch, const char *dn, const char *by)
{
	struct journal_mark *k, *x;

	drop_old(m);
	if (m->n == JOURNAL_MARKS)
		return NULL;
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		abort();
	k->batch = copy(batch);
	k->dn = copy(dn);
	k->by = copy(by);
	x = map_get(m->by_dn, dn);
	if (x == NULL) {
		map_put(m->by_dn, dn, k);
	} else {
		while (x->next != NULL)
			x = x->next;
		x->next = k;
	}
	m->n++;
	return k;
}

void journal_marks_end(struct journal_marks *m, struct journal_mark *k,
    bool later)
{
	if (!later || k->used) {
		drop(m, k);
		return;
	}
	k->until = clock_mono() + LATER;
	if (m->last != NULL)
		m->last->after = k;
	else
		m->first = k;
	m->last = k;
}

const char *journal_marks_take(struct journal_marks *m, const char *dn,
    const char *by)
{
	struct journal_mark *k = map_get(m->by_dn, dn);

	while (k != NULL && (k->used || (k->by != NULL && *by != '\0' &&
	    !str_eq(k->by, by))))
		k = k->next;
	if (k == NULL)
		return NULL;
	k->used = true;
	strncpy(m->taken, k->batch, sizeof(m->taken) - 1);
	return m->taken;
}
