/* SPDX-License-Identifier: ISC */
#include "core/review.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/person.h"

#define FEED "feed:"

bool review_parse(struct arena *a, const char *value,
    struct review_move *out)
{
	const char *w[4];

	if (str_words(a, value, w, 4) != 4 || !clock_parse_gt(w[3],
	    &out->time))
		return false;
	out->kind = w[0];
	out->from = strcmp(w[1], "-") == 0 ? "" : w[1];
	out->to = strcmp(w[2], "-") == 0 ? "" : w[2];
	return true;
}

/* --- what is to be looked at ------------------------------------------------- */

/* The newest origin of a right is a feed. */
static bool by_feed(const struct person *p, const struct right *r)
{
	const struct provenance *newest = NULL;
	size_t i;

	for (i = 0; i < p->n_provenance; i++)
		if (right_eq(&p->provenance[i].right, r) && (newest == NULL ||
		    p->provenance[i].time > newest->time))
			newest = &p->provenance[i];
	return newest != NULL && str_starts(newest->origin, FEED);
}

struct stored_list review_by_hand(struct arena *a, const struct entry *e)
{
	struct stored_list all = stored_read(a, e), out = { 0 };
	struct person p;
	size_t i;

	person_read(a, e, &p, NULL);
	for (i = 0; p.state != PERSON_LEFT && i < all.n; i++)
		if (!by_feed(&p, &all.v[i].right))
			stored_add(a, &out, &all.v[i]);
	return out;
}

/* --- moves --------------------------------------------------------------------- */

struct moves {
	struct arena *a;
	struct strv *out;
	char time[24];
};

static const char *word(struct arena *a, const char *s)
{
	return *s != '\0' ? str_word(a, s) : "-";
}

static void add(struct moves *m, const char *kind, const char *from,
    const char *to)
{
	strv_add(m->a, m->out, arena_printf(m->a, "%s %s %s %s", kind,
	    word(m->a, from), word(m->a, to), m->time));
}

static void add_groups(struct moves *m, const struct strv *x,
    const struct strv *y, bool lost)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (!strv_ihas(y, x->v[i]))
			add(m, "group", lost ? x->v[i] : "",
			    lost ? "" : x->v[i]);
}

static void add_moves(struct moves *m, const struct entry *before,
    const struct entry *after, bool open)
{
	const char *from = entry_text(m->a, before, "departmentNumber");
	const char *to = entry_text(m->a, after, "departmentNumber");
	struct strv had = entry_list(m->a, before, "provostMemberOf");
	struct strv has = entry_list(m->a, after, "provostMemberOf");

	if (*from != '\0' && !str_ieq(from, to))
		add(m, "department", from, to);
	add_groups(m, &had, &has, true);
	/* A first group or department is no move. */
	if (open || m->out->n != 0)
		add_groups(m, &has, &had, false);
}

struct strv review_pending(struct arena *a, const struct entry *before,
    const struct entry *after)
{
	struct strv found = entry_list(a, before, REVIEW_MOVED), out = { 0 };
	struct moves m = { .a = a, .out = &found };
	size_t i;

	clock_print_gt(after->modified, m.time);
	add_moves(&m, before, after, found.n != 0 ||
	    entry_attr(after, REVIEW_ATTR) != NULL);
	if (found.n == 0 || review_by_hand(a, after).n == 0)
		return out;
	for (i = 0; i < found.n; i++)
		if (!entry_has(after, REVIEW_ATTR, found.v[i]) &&
		    !strv_has(&out, found.v[i]))
			strv_add(a, &out, found.v[i]);
	return out;
}

bool review_settle(struct arena *a, struct entry *want)
{
	struct strv moved = entry_list(a, want, REVIEW_MOVED);
	bool changed = false;
	size_t i;

	if (moved.n == 0 && entry_attr(want, REVIEW_ATTR) == NULL)
		return false;
	if (review_by_hand(a, want).n == 0) {
		changed = entry_attr(want, REVIEW_ATTR) != NULL;
		entry_drop(want, REVIEW_ATTR);
		return changed;
	}
	for (i = 0; i < moved.n; i++)
		if (!entry_has(want, REVIEW_ATTR, moved.v[i])) {
			entry_add(a, want, REVIEW_ATTR, moved.v[i]);
			changed = true;
		}
	return changed;
}
