/* SPDX-License-Identifier: ISC */
#include "feed/feed_p.h"

#include "model/dn.h"

/* --- what the codec asks ------------------------------------------------------- */

static bool dn_of_id(void *ctx, struct arena *a, const char *type,
    const char *id, const char **dn)
{
	struct feed_find *w = ctx;
	const struct scim_resource *r = scim_map_name(w->f->map, type);
	struct view_item item;
	uint8_t uuid[16];

	if (r == NULL || !str_uuid(id, uuid) ||
	    view_get(w->r, uuid, &item) != 0 || item.type != r->type)
		return false;
	view_item_entry(a, &item);
	*dn = arena_strdup(a, item.entry.dn);
	return true;
}

static bool of_key(void *ctx, struct arena *a, const char *type,
    const char *key, const char **id, const char **display)
{
	struct feed_find *w = ctx;
	const struct scim_resource *r = scim_map_name(w->f->map, type);
	struct view_item item;
	const char *norm;
	char *text;

	if (r == NULL)
		return false;
	norm = dn_normal(a, dn_make(a, r->rdn, key, scim_map_container(a,
	    w->f->map, r)), NULL);
	if (norm == NULL || view_find(w->r, r->type, SCIM_INDEX_DN, norm,
	    &item) != 0)
		return false;
	text = arena_alloc(a, 37);
	str_uuid_text(item.uuid, text);
	*id = text;
	*display = key;
	return true;
}

void feed_find_init(struct feed_find *w, const struct feed *f,
    struct view_read *r)
{
	*w = (struct feed_find){ .f = f, .r = r };
	w->rs = (struct scim_resolver){ .ctx = w, .base_url = "",
	    .owner = f->owner, .dn_of_id = dn_of_id, .of_key = of_key };
}

/* --- people --------------------------------------------------------------------- */

static const struct entry *taken(struct arena *a, struct view_item *item)
{
	view_item_entry(a, item);
	return entry_dup(a, &item->entry);
}

static const struct scim_attr *external_id(const struct scim_resource *r)
{
	size_t i;

	for (i = 0; i < r->n_common; i++)
		if (r->common[i].how == SH_EXTERNAL_ID)
			return &r->common[i];
	return NULL;
}

const struct entry *feed_find_key(struct feed_find *w, struct arena *a,
    const char *key)
{
	const struct scim_attr *at = external_id(w->f->people);
	struct view_item item;

	if (at == NULL || view_find(w->r, w->f->people->type,
	    scim_index_of(at, NULL), scim_external_key(a, w->f->owner, key),
	    &item) != 0)
		return NULL;
	return taken(a, &item);
}

const struct entry *feed_find_value(struct feed_find *w, struct arena *a,
    const struct scim_attr *at, const char *value)
{
	const char *key = scim_key(a, at, value);
	int index = scim_index_of(at, NULL), type = w->f->people->type;
	struct view_item item;

	if (key == NULL || index == 0 ||
	    view_count_key(w->r, type, index, key) != 1 ||
	    view_find(w->r, type, index, key, &item) != 0)
		return NULL;
	return taken(a, &item);
}

/* --- whose they are ---------------------------------------------------------------- */

const struct scim_attr *feed_owner_attr(const struct feed *f)
{
	const struct scim_resource *r = f->people;
	size_t i, k;

	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++)
			if (str_ieq(r->schema[i].attr[k].ldap, r->owner_attr) &&
			    scim_index_of(&r->schema[i].attr[k], NULL) != 0)
				return &r->schema[i].attr[k];
	return NULL;
}

uint64_t feed_count_owned(const struct feed *f, struct view_read *r,
    struct arena *a)
{
	const struct scim_attr *at = feed_owner_attr(f);

	return at == NULL ? 0 : view_count_key(r, f->people->type,
	    scim_index_of(at, NULL), scim_key(a, at, f->owner));
}
