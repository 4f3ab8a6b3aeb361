/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "engine/drift_p.h"

#define MAX_LIST ((size_t)512 << 20)	/* bytes of one target's accounts */

void seen_init(struct seen_list *l)
{
	*l = (struct seen_list){ .a = arena_new(), .by = map_new() };
}

void seen_fini(struct seen_list *l)
{
	map_free(l->by, NULL);
	arena_free(l->a);
}

/* "i" and an id, "u" and a uid, "m" and an address, "r" and a remote id: the
 * first three in lower case. */
static const char *key_for(struct arena *a, char kind, const char *text)
{
	char *key = arena_printf(a, "%c%s", kind, text), *p;

	for (p = key + 1; kind != 'r' && *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	return key;
}

static const char *key_of(struct arena *a, const struct target_account *acc)
{
	static const char kind[] = { [TARGET_BY_ID] = 'i',
	    [TARGET_BY_UID] = 'u', [TARGET_BY_MAIL] = 'm' };

	return *acc->key != '\0' ? key_for(a, kind[acc->by], acc->key) :
	    key_for(a, 'r', acc->remote_id);
}

static struct target_holding *copy_held(struct arena *a,
    const struct target_account *acc)
{
	struct target_holding *to = arena_array(a, acc->n, sizeof(*to));
	size_t i, j;

	for (i = 0; i < acc->n; i++) {
		to[i].tool = arena_strdup(a, acc->held[i].tool);
		to[i].partly = acc->held[i].partly;
		for (j = 0; j < acc->held[i].accounts.n; j++)
			strv_add(a, &to[i].accounts, arena_strdup(a,
			    acc->held[i].accounts.v[j]));
	}
	return to;
}

bool seen_add(struct seen_list *l, const struct target_account *acc)
{
	struct seen *s, *other;

	l->accounts++;
	l->keyed |= *acc->key != '\0';
	if (acc->n == 0)
		return true;
	if (arena_used(l->a) > MAX_LIST)
		return false;
	s = arena_alloc(l->a, sizeof(*s));
	s->acc = *acc;
	s->acc.remote_id = arena_strdup(l->a, acc->remote_id);
	s->acc.name = arena_strdup(l->a, acc->name);
	s->acc.key = arena_strdup(l->a, acc->key);
	s->acc.held = copy_held(l->a, acc);
	if (l->n == l->cap) {
		l->v = arena_grow(l->a, l->v, l->n, l->cap * 2 + 64,
		    sizeof(struct seen *));
		l->cap = l->cap * 2 + 64;
	}
	l->v[l->n++] = s;
	other = map_put(l->by, key_of(l->a, acc), s);
	if (other != NULL)
		other->twin = s->twin = true;
	return true;
}

struct seen *seen_find(const struct seen_list *l, const char *id,
    const struct person *p, const char *remote_id)
{
	struct arena *a = arena_new();
	struct seen *s = map_get(l->by, key_for(a, 'i', id));

	if (s == NULL && p != NULL && *p->uid != '\0')
		s = map_get(l->by, key_for(a, 'u', p->uid));
	if (s == NULL && p != NULL && *p->mail != '\0')
		s = map_get(l->by, key_for(a, 'm', p->mail));
	if (s == NULL && remote_id != NULL)
		s = map_get(l->by, key_for(a, 'r', remote_id));
	arena_free(a);
	return s != NULL && !s->twin ? s : NULL;
}

const struct target_holding *seen_held(const struct seen *s,
    const char *tool)
{
	size_t i;

	for (i = 0; s != NULL && i < s->acc.n; i++)
		if (str_ieq(s->acc.held[i].tool, tool))
			return &s->acc.held[i];
	return NULL;
}
