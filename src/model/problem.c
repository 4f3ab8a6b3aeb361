/* SPDX-License-Identifier: ISC */
#include "model/problem.h"

#include "base/arena.h"

void problem_add(struct arena *a, struct problems *p, const char *dn,
    const char *attr, const char *value, const char *text)
{
	if (p == NULL)
		return;
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 8;

		p->v = arena_grow(a, p->v, p->n, cap, sizeof(*p->v));
		p->cap = cap;
	}
	p->v[p->n++] = (struct problem){ arena_strdup(a, dn),
	    arena_strdup(a, attr), arena_strdup(a, value),
	    arena_strdup(a, text) };
}
