/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/intake.h"
#include "directory/overlay.h"
#include "directory/world_p.h"
#include "model/dn.h"

/* --- people, requests, receipts ------------------------------------------ */

struct known_person {
	struct person person;		/* first: it is remembered as this */
	const struct entry *entry;
};

static const struct person *person_of(struct world_view *w,
	const struct entry *e)
{
	struct known_person *p;
	const void *v;
	char id[37];

	str_uuid_text(e->uuid, id);
	if (world_recall(w, PERSON, id, &v))
		return v;
	p = arena_alloc(w->arena, sizeof(*p));
	p->entry = e;
	person_read(w->arena, e, &p->person, &w->problems);
	return world_remember(w, PERSON, id, p);
}

/* Any entry of a type; NULL: there is none. */
static const struct entry *find_uuid(struct world_view *w, const char *type,
	const uint8_t uuid[16])
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct overlaid *x = w->over != NULL ?
		overlay_get(w->over, uuid) : NULL;
	struct view_item it;

	if (r == NULL)
		return NULL;
	if (x != NULL)
		return x->type == r->type ? x->want : NULL;
	return view_get(w->read, uuid, &it) == 0 && it.type == r->type ?
		world_item(w, &it) : NULL;
}

const struct person *world_person(struct world_view *w,
	const uint8_t uuid[16])
{
	const struct entry *e;
	const void *v;
	char id[37];

	str_uuid_text(uuid, id);
	if (world_recall(w, PERSON, id, &v))
		return v;
	e = find_uuid(w, "User", uuid);
	return e != NULL ? person_of(w, e) : NULL;
}

const struct person *world_person_dn(struct world_view *w, const char *dn)
{
	const struct scim_resource *r = scim_map_name(w->map, "User");
	const struct entry *e = r == NULL || *dn == '\0' ? NULL :
		world_find_dn(w, r->type, dn);

	return e != NULL ? person_of(w, e) : NULL;
}

static bool see_contact(struct world_view *w, const struct entry *e, void *arg)
{
	const struct walking *k = arg;
	const struct person *p;

	if (!str_ieq(entry_get(e, "provostRole"), ROLE_PRIMARY_CONTACT))
		return true;
	p = world_person(w, e->uuid);
	return p == NULL || k->each.person(k->arg, p);
}

void world_contacts(void *ctx,
	bool (*each)(void *arg, const struct person *p), void *arg)
{
	struct walking k = { .each.person = each, .arg = arg };
	const char *key = world_key(ctx, "User", "roles", ROLE_PRIMARY_CONTACT);

	world_walk(ctx, "User", key != NULL ? "roles" : NULL, key, see_contact,
		&k);
}

const struct entry *world_entry(struct world_view *w,
	const uint8_t uuid[16])
{
	const struct entry *e;
	const void *known;
	struct view_item it;
	char id[37];

	str_uuid_text(uuid, id);
	if (world_recall(w, PERSON, id, &known) && known != NULL)
		return ((const struct known_person *)known)->entry;
	if (world_over_entry(w, uuid, &e))
		return e;
	return view_get(w->read, uuid, &it) == 0 ? world_item(w, &it) : NULL;
}

const struct request *world_request(struct world_view *w,
	const uint8_t uuid[16])
{
	const struct entry *e = find_uuid(w, "AccessRequest", uuid);
	struct request *q;
	struct err err = { 0 };

	if (e == NULL)
		return NULL;
	q = arena_alloc(w->arena, sizeof(*q));
	if (request_read(w->arena, e, q, &w->problems, &err) == 0)
		return q;
	problem_add(w->arena, &w->problems, e->dn, "provostRequestKind", "",
		arena_strdup(w->arena, err.text));
	return NULL;
}

static void read_receipts(struct world_view *w, const struct attr *a,
	struct receipts *out)
{
	struct err err;
	size_t i;

	out->v = arena_array(w->arena, a->n, sizeof(*out->v));
	for (i = 0; i < a->n; i++) {
		err = (struct err){ 0 };
		if (receipt_parse(w->arena, a->v[i].p, &out->v[out->n],
		    &err) == 0)
			out->n++;
		else
			problem_add(w->arena, &w->problems, out->entry->dn,
				a->name, a->v[i].p,
				arena_strdup(w->arena, err.text));
	}
}

struct receipts world_receipts(struct world_view *w, const char *person_id)
{
	struct receipts out = { 0 };
	const struct attr *a;
	const char *dn = dn_make(w->arena, "provostPersonUuid", person_id,
		arena_printf(w->arena, INTAKE_RECEIPTS_OU ",%s",
			w->map->suffix));

	out.entry = world_find_dn(w, INTAKE_RECEIPTS, dn);
	a = out.entry != NULL ? entry_attr(out.entry, "provostReceipt") : NULL;
	if (a != NULL)
		read_receipts(w, a, &out);
	return out;
}

/* --- those that have a value ---------------------------------------------- */

struct world_iter {
	struct world_view *w;
	int type;
	size_t next;			/* among what lies over the view */
	struct view_iter *rest;		/* owned */
};

struct world_iter *world_having(struct world_view *w, const char *type,
	const char *attr, const char *value)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *at = r != NULL ? world_attr(r, attr) : NULL;
	const char *key = at != NULL ? scim_key(w->arena, at, value) : NULL;
	struct world_iter *it;
	int rc;

	if (r == NULL)
		return NULL;
	it = calloc(1, sizeof(*it));
	if (it == NULL)
		abort();
	it->w = w;
	it->type = r->type;
	rc = key != NULL && at->index != 0
		? view_iter_key(w->read, r->type, at->index, key, true, NULL,
			&it->rest, NULL)
		: view_iter_type(w->read, r->type, true, 0, NULL, &it->rest,
			NULL);
	if (rc == 0)
		return it;
	free(it);
	return NULL;
}

static const struct overlaid *next_over(struct world_iter *it)
{
	const struct overlaid *x;

	while (it->w->over != NULL &&
		(x = overlay_next(it->w->over, &it->next)) != NULL)
		if (x->type == it->type && x->want != NULL)
			return x;
	return NULL;
}

bool world_next(struct world_iter *it, uint8_t uuid[16], int64_t *created)
{
	const struct overlaid *x = next_over(it);
	const struct entry *e;
	struct view_item item;

	if (x != NULL) {
		memcpy(uuid, x->uuid, 16);
		*created = x->want->created != 0 ? x->want->created :
			clock_now();
		return true;
	}
	do
		if (!view_iter_next(it->rest, &item))
			return false;
	while (world_over_entry(it->w, item.uuid, &e));
	memcpy(uuid, item.uuid, 16);
	*created = item.created;
	return true;
}

void world_iter_free(struct world_iter *it)
{
	if (it == NULL)
		return;
	view_iter_free(it->rest);
	free(it);
}

void **world_memo(struct world_view *w)
{
	return &w->memo;
}
