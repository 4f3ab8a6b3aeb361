/* SPDX-License-Identifier: ISC */
#include "model/change.h"

#include <string.h>

#include "base/arena.h"

struct change *change_new(struct arena *a, enum change_kind kind,
    const char *dn)
{
	struct change *c = arena_alloc(a, sizeof(*c));

	c->kind = kind;
	c->dn = arena_strdup(a, dn);
	if (kind == CHANGE_ADD) {
		c->entry = arena_alloc(a, sizeof(*c->entry));
		c->entry->dn = c->dn;
	}
	return c;
}

struct mod *change_mod(struct arena *a, struct change *c, enum mod_op op,
    const char *name)
{
	struct mod *m;

	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 8;

		c->mod = arena_grow(a, c->mod, c->n, cap, sizeof(*c->mod));
		c->cap = cap;
	}
	m = &c->mod[c->n++];
	m->op = op;
	m->name = arena_strdup(a, name);
	return m;
}

void mod_val(struct arena *a, struct mod *m, const struct val *v)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 2;

		m->v = arena_grow(a, m->v, m->n, cap, sizeof(*m->v));
		m->cap = cap;
	}
	m->v[m->n++] = (struct val){ arena_strndup(a, v->p, v->n), v->n };
}

void mod_value(struct arena *a, struct mod *m, const char *value)
{
	mod_val(a, m, &(struct val){ value, strlen(value) });
}

void change_set(struct arena *a, struct change *c, enum mod_op op,
    const char *name, const char *value)
{
	struct mod *m = change_mod(a, c, op, name);

	if (value != NULL)
		mod_value(a, m, value);
}

static bool holds(const struct attr *at, const struct val *v)
{
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (at->v[i].n == v->n && memcmp(at->v[i].p, v->p, v->n) == 0)
			return true;
	return false;
}

/* One mod with the values of x that y does not hold, if there are any. */
static void diff_values(struct arena *a, struct change *c, enum mod_op op,
    const struct attr *x, const struct attr *y)
{
	struct mod *m = NULL;
	size_t i;

	for (i = 0; x != NULL && i < x->n; i++) {
		if (holds(y, &x->v[i]))
			continue;
		if (m == NULL)
			m = change_mod(a, c, op, x->name);
		mod_val(a, m, &x->v[i]);
	}
}

static void replace(struct arena *a, struct change *c, const char *name,
    const struct attr *want)
{
	struct mod *m = change_mod(a, c, MOD_REPLACE, name);
	size_t i;

	for (i = 0; want != NULL && i < want->n; i++)
		mod_val(a, m, &want->v[i]);
}

static void diff_attr(struct arena *a, struct change *c,
    const struct attr *old, const struct attr *want)
{
	if (old != NULL && (want == NULL || want->n == 0)) {
		if (old->n != 0)
			replace(a, c, old->name, NULL);
		return;
	}
	if (old != NULL && old->n == 1 && want->n == 1) {
		if (!holds(old, &want->v[0]))
			replace(a, c, old->name, want);
		return;
	}
	/* Deletes first: a value that changed only its case is the same to
	 * the server until the old one is gone. */
	diff_values(a, c, MOD_DELETE, old, want);
	diff_values(a, c, MOD_ADD, want, old);
}

struct change *change_diff(struct arena *a, const struct entry *old,
    const struct entry *want, bool (*owned)(const char *name, void *ctx),
    void *ctx)
{
	struct change *c = change_new(a, CHANGE_MODIFY, old->dn);
	size_t i;

	c->assert_csn = old->csn;
	for (i = 0; i < old->n; i++)
		if (owned(old->a[i].name, ctx))
			diff_attr(a, c, &old->a[i],
			    entry_attr(want, old->a[i].name));
	for (i = 0; i < want->n; i++)
		if (want->a[i].n != 0 && owned(want->a[i].name, ctx) &&
		    entry_attr(old, want->a[i].name) == NULL)
			diff_attr(a, c, NULL, &want->a[i]);
	return c;
}
