/* SPDX-License-Identifier: ISC */
#include "core/stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define KINDS (RIGHT_CPNI + 1)
#define PERIOD "provostPeriod"
#define PROVENANCE "provostProvenance"

const char *stored_attr(enum right_kind kind)
{
	static const char *const attr[KINDS] = { "provostRole",
	    "provostCompany", "provostAccount", "provostAllAccountsOf",
	    "provostGroupIdentifierId", "provostToolGrant",
	    "provostToolAccount", "provostPortalAccess",
	    "provostCpniAuthorized" };

	return attr[kind];
}

const char *stored_value(struct arena *a, const struct right *r)
{
	switch (r->kind) {
	case RIGHT_PORTAL:
		return "active";
	case RIGHT_CPNI:
		return "TRUE";
	case RIGHT_TOOL_ACCOUNT:
		return arena_printf(a, "%s %s", str_word(a, r->key),
		    str_word(a, r->account));
	default:
		return r->key;
	}
}

/* False: the value gives nothing. */
static bool right_of(struct arena *a, enum right_kind kind, const char *value,
    struct right *r)
{
	const char *word[2];

	*r = (struct right){ kind, value, "" };
	switch (kind) {
	case RIGHT_TOOL_ACCOUNT:
		if (str_words(a, value, word, 2) != 2)
			return false;
		r->key = word[0];
		r->account = word[1];
		return true;
	case RIGHT_PORTAL:
		r->key = "";
		return str_ieq(value, "active") || str_ieq(value, "invited");
	case RIGHT_CPNI:
		r->key = "";
		return str_ieq(value, "TRUE");
	default:
		return *value != '\0';
	}
}

void stored_add(struct arena *a, struct stored_list *l,
    const struct stored *s)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;

		l->v = arena_grow(a, l->v, l->n, cap, sizeof(*l->v));
		l->cap = cap;
	}
	l->v[l->n++] = *s;
}

static int cmp(const void *x, const void *y)
{
	return right_cmp(&((const struct stored *)x)->right,
	    &((const struct stored *)y)->right);
}

void stored_sort(struct stored_list *l)
{
	if (l->n != 0)
		qsort(l->v, l->n, sizeof(*l->v), cmp);
}

struct stored_list stored_read(struct arena *a, const struct entry *e)
{
	struct stored_list l = { 0 };
	struct stored s;
	size_t i;
	int k;

	for (k = 0; e != NULL && k < KINDS; k++) {
		const struct attr *at = entry_attr(e,
		    stored_attr((enum right_kind)k));

		for (i = 0; at != NULL && i < at->n; i++) {
			s.attr = stored_attr((enum right_kind)k);
			s.value = at->v[i].p;
			if (right_of(a, (enum right_kind)k, s.value, &s.right))
				stored_add(a, &l, &s);
		}
	}
	stored_sort(&l);
	return l;
}

const struct stored *stored_find(const struct stored_list *l,
    const struct right *r)
{
	const struct stored want = { .right = *r };

	return l->n == 0 ? NULL : bsearch(&want, l->v, l->n, sizeof(*l->v),
	    cmp);
}

struct stored_list stored_beyond(struct arena *a, const struct stored_list *x,
    const struct stored_list *y)
{
	struct stored_list l = { 0 };
	size_t i;

	for (i = 0; i < x->n; i++)
		if (stored_find(y, &x->v[i].right) == NULL)
			stored_add(a, &l, &x->v[i]);
	return l;
}

/* --- taking away --------------------------------------------------------- */

bool stored_about(struct arena *a, const char *attr, const char *value,
    struct right *right)
{
	struct provenance from;
	struct period p;

	if (str_ieq(attr, PERIOD) && period_parse(a, value, &p, NULL) == 0)
		*right = p.right;
	else if (str_ieq(attr, PROVENANCE) &&
	    provenance_parse(a, value, &from, NULL) == 0)
		*right = from.right;
	else
		return false;
	return true;
}

/* Does this value of e belong to one of l? */
static bool goes(struct arena *a, const struct stored_list *l,
    const char *attr, const char *value)
{
	struct right right;
	size_t i;

	if (stored_about(a, attr, value, &right))
		return stored_find(l, &right) != NULL;
	for (i = 0; i < l->n; i++)
		if (str_ieq(l->v[i].attr, attr) &&
		    str_eq(l->v[i].value, value))
			return true;
	return false;
}

void stored_take(struct arena *a, struct change *c, const struct entry *e,
    const struct stored_list *l)
{
	size_t i, k;

	for (i = 0; i < e->n; i++) {
		struct mod *m = NULL;

		for (k = 0; k < e->a[i].n; k++) {
			if (!goes(a, l, e->a[i].name, e->a[i].v[k].p))
				continue;
			if (m == NULL)
				m = change_mod(a, c, MOD_DELETE, e->a[i].name);
			mod_value(a, m, e->a[i].v[k].p);
		}
	}
}

void stored_drop(struct arena *a, struct entry *e,
    const struct stored_list *l)
{
	size_t i, k, n;

	for (i = 0; i < e->n; i++) {
		struct attr *at = &e->a[i];

		for (k = n = 0; k < at->n; k++)
			if (!goes(a, l, at->name, at->v[k].p))
				at->v[n++] = at->v[k];
		at->n = n;
	}
}
