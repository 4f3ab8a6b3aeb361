/* SPDX-License-Identifier: ISC */
#include "model/change.h"

#include <string.h>
#include <strings.h>

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

struct change *change_dup(struct arena *a, const struct change *c)
{
	struct change *d = arena_memdup(a, c, sizeof(*c));
	size_t i, k;

	d->dn = arena_strdup(a, c->dn);
	d->batch = NULL;
	d->mod = NULL;
	d->n = d->cap = 0;
	if (c->entry != NULL)
		d->entry = entry_dup(a, c->entry);
	if (c->assert_csn != NULL)
		d->assert_csn = arena_strdup(a, c->assert_csn);
	if (c->act_as != NULL)
		d->act_as = arena_strdup(a, c->act_as);
	for (i = 0; i < c->n; i++) {
		struct mod *m = change_mod(a, d, c->mod[i].op,
		    c->mod[i].name);

		for (k = 0; k < c->mod[i].n; k++)
			mod_val(a, m, &c->mod[i].v[k]);
	}
	return d;
}

/* One mod with the values of x that y does not hold, if there are any. */
static void diff_values(struct arena *a, struct change *c, enum mod_op op,
    const struct attr *x, const struct attr *y)
{
	struct mod *m = NULL;
	size_t i;

	for (i = 0; x != NULL && i < x->n; i++) {
		if (attr_has_val(y, &x->v[i]))
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
		if (!attr_has_val(old, &want->v[0]))
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

/* --- done to an entry ----------------------------------------------------- */

static struct val *find_val(const struct attr *at, const struct val *v)
{
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (val_eq(&at->v[i], v))
			return &at->v[i];
	for (i = 0; at != NULL && i < at->n; i++)
		if (at->v[i].n == v->n &&
		    strncasecmp(at->v[i].p, v->p, v->n) == 0)
			return &at->v[i];
	return NULL;
}

static int no_value(const struct entry *e, const char *name,
    const char *which, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "%s: %s: %s", e->dn, name, which);
}

static int take_value(const struct change *c, struct entry *e,
    const char *name, const struct val *v, struct err *err)
{
	const struct attr *at = entry_attr(e, name);
	struct val *have = find_val(at, v);
	struct attr *own;

	if (have == NULL)
		return c->permissive ? 0 : no_value(e, name, "a value to be "
		    "taken away is not there", err);
	own = &e->a[at - e->a];
	*have = own->v[--own->n];
	if (own->n == 0)
		entry_drop(e, name);
	return 0;
}

static int take_values(const struct change *c, struct entry *e,
    const struct mod *m, struct err *err)
{
	size_t i;
	int rc = 0;

	if (m->n == 0 && entry_attr(e, m->name) == NULL && !c->permissive)
		return no_value(e, m->name, "it is not there", err);
	if (m->n == 0)
		entry_drop(e, m->name);
	for (i = 0; rc == 0 && i < m->n; i++)
		rc = take_value(c, e, m->name, &m->v[i], err);
	return rc;
}

static int give_values(struct arena *a, const struct change *c,
    struct entry *e, const struct mod *m, struct err *err)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!entry_has_val(e, m->name, &m->v[i]))
			entry_add_n(a, e, m->name, m->v[i].p, m->v[i].n);
		else if (!c->permissive && m->op == MOD_ADD)
			return no_value(e, m->name, "a value to be added is "
			    "there already", err);
	return 0;
}

static int apply_mods(struct arena *a, const struct change *c,
    struct entry *e, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->n; i++) {
		if (c->mod[i].op == MOD_DELETE)
			rc = take_values(c, e, &c->mod[i], err);
		else if (c->mod[i].op == MOD_REPLACE)
			entry_drop(e, c->mod[i].name);
		if (rc == 0 && c->mod[i].op != MOD_DELETE)
			rc = give_values(a, c, e, &c->mod[i], err);
	}
	return rc;
}

int change_apply(struct arena *a, const struct entry *old,
    const struct change *c, struct entry **out, struct err *e)
{
	*out = NULL;
	if ((old == NULL) != (c->kind == CHANGE_ADD))
		return err_set(e, ERR_CONFLICT, "%s: %s", c->dn, old == NULL ?
		    "it is not there" : "it is there already");
	if (c->kind == CHANGE_DELETE)
		return 0;
	*out = entry_dup(a, c->kind == CHANGE_ADD ? c->entry : old);
	return c->kind == CHANGE_ADD ? 0 : apply_mods(a, c, *out, e);
}

/* --- guarded by values ---------------------------------------------------- */

static void copy_mod(struct arena *a, struct change *to, enum mod_op op,
    const char *name, const struct val *v, size_t n)
{
	struct mod *m = n != 0 ? change_mod(a, to, op, name) : NULL;
	size_t i;

	for (i = 0; i < n; i++)
		mod_val(a, m, &v[i]);
}

struct change *change_by_value(struct arena *a, const struct entry *old,
    const struct change *c)
{
	struct change *to = change_new(a, CHANGE_MODIFY, c->dn);
	size_t i;

	to->act_as = c->act_as;
	for (i = 0; i < c->n; i++) {
		const struct mod *m = &c->mod[i];
		const struct attr *had = entry_attr(old, m->name);

		if (had != NULL && (m->op == MOD_REPLACE ||
		    (m->op == MOD_DELETE && m->n == 0)))
			copy_mod(a, to, MOD_DELETE, m->name, had->v, had->n);
		copy_mod(a, to, m->op == MOD_DELETE ? MOD_DELETE : MOD_ADD,
		    m->name, m->v, m->n);
	}
	return to;
}
