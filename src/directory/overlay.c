/* SPDX-License-Identifier: ISC */
#include "directory/overlay.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "model/dn.h"

struct overlay {
	const struct scim_map *map;
	struct overlaid *v;		/* in the order they came */
	size_t n, cap;
	size_t *slot;			/* by uuid: index + 1, 0 empty */
	size_t n_slots;			/* a power of two */
};

static size_t place(const struct overlay *o, const uint8_t uuid[16])
{
	size_t i = (size_t)hash_fast(uuid, 16, 0) & (o->n_slots - 1);

	while (o->slot[i] != 0 && memcmp(o->v[o->slot[i] - 1].uuid, uuid, 16)
	    != 0)
		i = (i + 1) & (o->n_slots - 1);
	return i;
}

static void grow(struct arena *a, struct overlay *o)
{
	size_t i;

	o->v = arena_grow(a, o->v, o->n, o->cap * 2, sizeof(*o->v));
	o->cap *= 2;
	o->n_slots = o->cap * 2;
	o->slot = arena_array(a, o->n_slots, sizeof(*o->slot));
	for (i = 0; i < o->n; i++)
		o->slot[place(o, o->v[i].uuid)] = i + 1;
}

struct overlay *overlay_new(struct arena *a, const struct scim_map *m)
{
	struct overlay *o = arena_alloc(a, sizeof(*o));

	o->map = m;
	o->cap = 8;
	grow(a, o);
	return o;
}

void overlay_uuid(struct arena *a, const char *dn, uint8_t uuid[16])
{
	const char *norm = dn_normal(a, dn, NULL);
	uint8_t sum[32];

	norm = norm != NULL ? norm : dn;
	hash_sha256(norm, strlen(norm), sum);
	memcpy(uuid, sum, 16);
}

static const char *key_of(struct arena *a, const struct scim_resource *r,
    const struct entry *e)
{
	const struct scim_path path = { .attr = r->natural_key };
	const struct scim_attr *sub = NULL, *at = *r->natural_key != '\0' ?
	    scim_attr_find(r, &path, &sub) : NULL;
	const char *value = entry_get(e, r->rdn);

	return at != NULL && value != NULL ? scim_key(a, at, value) : "";
}

void overlay_add(struct arena *a, struct overlay *o, const struct entry *old,
    const struct entry *want)
{
	const struct entry *e = old != NULL ? old : want;
	const struct scim_resource *r;
	struct overlaid x = { .want = want };
	struct entry *copy;
	size_t i;

	x.dn = dn_normal(a, e->dn, NULL);
	if (x.dn == NULL)
		x.dn = e->dn;
	r = scim_map_classify(o->map, e, x.dn);
	x.type = r != NULL ? r->type : 0;
	x.key = r != NULL ? key_of(a, r, e) : "";
	if (old != NULL)
		memcpy(x.uuid, old->uuid, 16);
	else
		overlay_uuid(a, e->dn, x.uuid);
	if (want != NULL) {
		x.want = copy = arena_memdup(a, want, sizeof(*want));
		memcpy(copy->uuid, x.uuid, 16);
		copy->dn = e->dn;
	}
	i = place(o, x.uuid);
	if (o->slot[i] != 0) {		/* once more: as it is now */
		o->v[o->slot[i] - 1] = x;
		return;
	}
	if (o->n == o->cap) {
		grow(a, o);
		i = place(o, x.uuid);
	}
	o->v[o->n++] = x;
	o->slot[i] = o->n;
}

const struct overlaid *overlay_get(const struct overlay *o,
    const uint8_t uuid[16])
{
	size_t i = o->slot[place(o, uuid)];

	return i != 0 ? &o->v[i - 1] : NULL;
}

const struct overlaid *overlay_next(const struct overlay *o, size_t *i)
{
	return *i < o->n ? &o->v[(*i)++] : NULL;
}
