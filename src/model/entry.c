/* SPDX-License-Identifier: ISC */
#include "model/entry.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"

size_t attr_base_len(const char *name)
{
	return strcspn(name, ";");
}

const struct attr *entry_attr(const struct entry *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (strcasecmp(e->a[i].name, name) == 0)
			return &e->a[i];
	return NULL;
}

const struct attr *entry_next(const struct entry *e, const char *name,
    size_t *i)
{
	size_t n = attr_base_len(name);

	for (; *i < e->n; (*i)++) {
		const char *have = e->a[*i].name;

		if (strncasecmp(have, name, n) == 0 &&
		    (have[n] == '\0' || have[n] == ';'))
			return &e->a[(*i)++];
	}
	return NULL;
}

const char *entry_get(const struct entry *e, const char *name)
{
	const struct attr *a = entry_attr(e, name);

	return a == NULL || a->n == 0 ? NULL : a->v[0].p;
}

bool entry_has(const struct entry *e, const char *name, const char *value)
{
	const struct attr *a = entry_attr(e, name);
	size_t i;

	for (i = 0; a != NULL && i < a->n; i++)
		if (strcmp(a->v[i].p, value) == 0)
			return true;
	return false;
}

bool val_eq(const struct val *x, const struct val *y)
{
	return x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
}

bool attr_has_val(const struct attr *at, const struct val *v)
{
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (val_eq(&at->v[i], v))
			return true;
	return false;
}

bool entry_has_val(const struct entry *e, const char *name,
    const struct val *v)
{
	return e != NULL && attr_has_val(entry_attr(e, name), v);
}

bool entry_is(const struct entry *e, const char *cls)
{
	const struct attr *a = entry_attr(e, "objectClass");
	size_t i;

	for (i = 0; a != NULL && i < a->n; i++)
		if (strcasecmp(a->v[i].p, cls) == 0)
			return true;
	return false;
}

bool entry_bool(const struct entry *e, const char *name, bool dflt)
{
	const char *v = entry_get(e, name);

	return v == NULL ? dflt : strcasecmp(v, "TRUE") == 0;
}

const char *entry_text(struct arena *a, const struct entry *e,
    const char *name)
{
	const char *v = entry_get(e, name);

	return v ? arena_strdup(a, v) : "";
}

struct strv entry_list(struct arena *a, const struct entry *e,
    const char *name)
{
	const struct attr *at = entry_attr(e, name);
	struct strv sv = { 0 };
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		strv_add(a, &sv, arena_strdup(a, at->v[i].p));
	return sv;
}

bool attr_secret(const char *name)
{
	static const char *const secret[] = { "userPassword", "authPassword",
	    "provostTokenHash", "provostInvitation", "provostReset",
	    "provostInvitationCode" };
	size_t n = attr_base_len(name), i;

	for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (strlen(secret[i]) == n &&
		    strncasecmp(secret[i], name, n) == 0)
			return true;
	return false;
}

bool attr_option(const char *name, const char *option)
{
	size_t n = strlen(option);

	for (name += attr_base_len(name); *name == ';';) {
		size_t k = strcspn(++name, ";");

		if (k == n && strncasecmp(name, option, n) == 0)
			return true;
		name += k;
	}
	return false;
}

static struct attr *attr_for(struct arena *a, struct entry *e,
    const char *name)
{
	const struct attr *have = entry_attr(e, name);

	if (have != NULL)
		return &e->a[have - e->a];
	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 16;

		e->a = arena_grow(a, e->a, e->n, cap, sizeof(*e->a));
		e->cap = cap;
	}
	e->a[e->n].name = arena_strdup(a, name);
	return &e->a[e->n++];
}

void entry_add_n(struct arena *a, struct entry *e, const char *name,
    const char *value, size_t n)
{
	struct attr *at = attr_for(a, e, name);

	if (at->n == at->cap) {
		size_t cap = at->cap ? at->cap * 2 : 2;

		at->v = arena_grow(a, at->v, at->n, cap, sizeof(*at->v));
		at->cap = cap;
	}
	at->v[at->n++] = (struct val){ arena_strndup(a, value, n), n };
}

void entry_add(struct arena *a, struct entry *e, const char *name,
    const char *value)
{
	entry_add_n(a, e, name, value, strlen(value));
}

void entry_drop(struct entry *e, const char *name)
{
	const struct attr *at = entry_attr(e, name);
	size_t i;

	if (at == NULL)
		return;
	for (i = (size_t)(at - e->a); i + 1 < e->n; i++)
		e->a[i] = e->a[i + 1];
	e->a[--e->n] = (struct attr){ 0 };	/* a place is empty */
}

struct entry *entry_dup(struct arena *a, const struct entry *e)
{
	struct entry *d = arena_memdup(a, e, sizeof(*e));
	size_t i, k;

	d->dn = e->dn ? arena_strdup(a, e->dn) : NULL;
	d->csn = e->csn ? arena_strdup(a, e->csn) : NULL;
	d->creator = e->creator ? arena_strdup(a, e->creator) : NULL;
	d->modifier = e->modifier ? arena_strdup(a, e->modifier) : NULL;
	d->a = NULL;
	d->n = d->cap = 0;
	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			entry_add_n(a, d, e->a[i].name, e->a[i].v[k].p,
			    e->a[i].v[k].n);
	return d;
}
