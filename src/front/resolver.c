/* SPDX-License-Identifier: ISC */
#include "front/resolver.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_render.h"
#include "core/authorise.h"
#include "model/dn.h"

#define PERSON "User"		/* the type whose rights are counted */
#define MEMBERS_AT_ONCE 100	/* written with the group itself */

/* --- finding --------------------------------------------------------------- */

static bool find_id(struct resolver *r, const struct scim_resource *type,
    const char *id, struct view_item *out)
{
	uint8_t uuid[16];

	return type != NULL && str_uuid(id, uuid) &&
	    view_get(r->read, uuid, out) == 0 && out->type == type->type;
}

static bool find_dn(struct resolver *r, struct arena *a, const char *dn,
    struct view_item *out, const struct scim_resource **type)
{
	const char *norm = dn_normal(a, dn, NULL);
	size_t i;

	for (i = 0; norm != NULL && i < r->map->n; i++) {
		*type = &r->map->resource[i];
		if (view_find(r->read, (*type)->type, SCIM_INDEX_DN, norm,
		    out) == 0)
			return true;
	}
	return false;
}

static const char *uuid_text(struct arena *a, const uint8_t uuid[16])
{
	char *id = arena_alloc(a, 37);

	str_uuid_text(uuid, id);
	return id;
}

static bool dn_of_id(void *ctx, struct arena *a, const char *type,
    const char *id, const char **dn)
{
	struct resolver *r = ctx;
	struct view_item item;

	if (!find_id(r, scim_map_name(r->map, type), id, &item))
		return false;
	view_item_entry(a, &item);
	*dn = item.entry.dn;
	return true;
}

static bool id_of_dn(void *ctx, struct arena *a, const char *dn,
    const char **id, const char **display)
{
	const struct scim_resource *type;
	struct view_item item;

	if (!find_dn(ctx, a, dn, &item, &type))
		return false;
	view_item_entry(a, &item);
	*id = uuid_text(a, item.uuid);
	*display = scim_map_display(a, type, &item.entry);
	return true;
}

/* By RDN: a natural key is one, and so is a generated id. */
static bool find_key(struct resolver *r, struct arena *a,
    const struct scim_resource *type, const char *key, struct view_item *out)
{
	const char *norm = dn_normal(a, dn_make(a, type->rdn, key,
	    scim_map_container(a, r->map, type)), NULL);

	return norm != NULL && view_find(r->read, type->type, SCIM_INDEX_DN,
	    norm, out) == 0;
}

static bool of_key(void *ctx, struct arena *a, const char *type,
    const char *key, const char **id, const char **display)
{
	struct resolver *r = ctx;
	const struct scim_resource *res = scim_map_name(r->map, type);
	struct view_item item;

	if (res == NULL || !find_key(r, a, res, key, &item))
		return false;
	view_item_entry(a, &item);
	*id = uuid_text(a, item.uuid);
	*display = scim_map_display(a, res, &item.entry);
	return true;
}

/* --- what is kept ----------------------------------------------------------- */

static struct arena *keep(struct resolver *r)
{
	if (r->keep == NULL)
		r->keep = arena_new();
	return r->keep;
}

struct world_view *resolver_world(struct resolver *r)
{
	if (r->world == NULL) {
		r->world = world_over(r->read, r->map);
		world_overlay(r->world, r->over);
	}
	return r->world;
}

/* --- counts ---------------------------------------------------------------- */

const struct scim_attr *resolver_attr(const struct scim_resource *type,
    const char *ldap)
{
	size_t i, k;

	for (i = 0; i < type->n_schemas; i++)
		for (k = 0; k < type->schema[i].n; k++)
			if (str_ieq(type->schema[i].attr[k].ldap, ldap))
				return &type->schema[i].attr[k];
	return NULL;
}

/* Is there a rule whose attribute rule_ldap has one of the values of the
 * entry's attribute ldap? Without an index: who knows. */
static bool rule_names(struct resolver *r, struct arena *a,
    const struct scim_resource *rule, const char *rule_ldap,
    const struct entry *e, const char *ldap)
{
	const struct scim_attr *at = resolver_attr(rule, rule_ldap);
	const struct attr *v = entry_attr(e, ldap);
	size_t i;

	if (at == NULL || at->index == 0)
		return true;
	for (i = 0; v != NULL && i < v->n; i++)
		if (view_count_key(r->read, rule->type, at->index,
		    scim_key(a, at, v->v[i].p)) != 0)
			return true;
	return false;
}

/* Nothing on the entry and no rule that could give anything: the case of most
 * people in a large directory, without reading the world for each. */
static bool holds_nothing(struct resolver *r, const struct entry *e)
{
	static const char *const gives[] = { "provostCompany",
	    "provostAccount", "provostAllAccountsOf",
	    "provostGroupIdentifierId", "provostToolGrant",
	    "provostToolAccount" };
	const struct scim_resource *rule = scim_map_name(r->map, "Rule");
	size_t i;

	for (i = 0; i < sizeof(gives) / sizeof(gives[0]); i++)
		if (entry_attr(e, gives[i]) != NULL)
			return false;
	return rule == NULL || view_count(r->read, rule->type) == 0 ||
	    (!rule_names(r, r->scratch, rule, "provostRuleGroup", e,
	    "provostMemberOf") && !rule_names(r, r->scratch, rule,
	    "departmentNumber", e, "departmentNumber"));
}

static bool compute_counts(struct resolver *r, const struct entry *e)
{
	const struct person *p;
	struct rights rights;

	if (memcmp(r->counted, e->uuid, 16) == 0)
		return true;
	memset(r->count, 0, sizeof(r->count));
	if (r->scratch == NULL)
		r->scratch = arena_new();
	if (!holds_nothing(r, e)) {
		p = world_person(resolver_world(r), e->uuid);
		if (p == NULL)
			return false;
		rights_compute(r->scratch, p, world_lookups(r->world),
		    clock_now(), &rights);
		rights_counts(&rights, &r->count[0], &r->count[1],
		    &r->count[2]);
	}
	arena_reset(r->scratch);
	memcpy(r->counted, e->uuid, 16);
	return true;
}

/* V6, and V4: could the caller grant this tool to somebody? */
static bool manageable(struct resolver *r, const struct entry *e)
{
	struct right tool = { RIGHT_TOOL, entry_get(e, "provostToolId"), "" };
	struct reach reach;

	if (r->who == NULL || tool.key == NULL)
		return r->provider || !entry_bool(e, "provostRestricted",
		    false);
	if (!actor_manages(r->who))
		return false;
	reach_init(keep(r), r->who, NULL, world_lookups(resolver_world(r)),
	    &reach);
	reach.fresh = true;
	return reach_give(&reach, &tool, NULL) == 0;
}

static bool count(void *ctx, const struct entry *e, const char *which,
    int64_t *out)
{
	static const char *const names[] = { "accountCount", "groupCount",
	    "toolCount" };
	struct resolver *r = ctx;
	size_t i;

	if (strcmp(which, "manageable") == 0) {
		*out = manageable(r, e);
		return true;
	}
	for (i = 0; i < 3; i++)
		if (strcmp(which, names[i]) == 0) {
			if (r->partly || !compute_counts(r, e))
				return false;
			*out = r->count[i];
			return true;
		}
	return false;
}

/* --- members --------------------------------------------------------------- */

/* The attribute of people that names groups of this type. */
static const struct scim_attr *names_type(const struct scim_resource *people,
    const char *type)
{
	size_t i, k;

	for (i = 0; i < people->n_schemas; i++)
		for (k = 0; k < people->schema[i].n; k++) {
			const struct scim_attr *at =
			    &people->schema[i].attr[k];

			if (at->how == SH_REF_KEY && at->index != 0 &&
			    str_eq(at->refers, type))
				return at;
		}
	return NULL;
}

const struct scim_attr *resolver_member_of(const struct scim_map *m,
    const struct scim_resource **people)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];

		if (r->members == NULL)
			continue;
		*people = scim_map_name(m, r->members->refers);
		return *people == NULL ? NULL : names_type(*people, r->name);
	}
	return NULL;
}

/* Positions of the members, NULL: there is no such attribute. */
static struct view_iter *iterate(struct resolver *r, struct arena *a,
    const char *group_key, const struct scim_resource **people)
{
	const struct scim_attr *at = resolver_member_of(r->map, people);
	struct view_iter *it;

	if (at == NULL || view_iter_key(r->read, (*people)->type, at->index,
	    scim_key(a, at, group_key), false, NULL, &it, NULL) != 0)
		return NULL;
	return it;
}

/* Does who asks see this member? */
static bool shows(struct resolver *r, struct arena *a, const struct entry *e)
{
	struct person p;

	if (r->who == NULL)
		return true;
	person_read(a, e, &p, NULL);
	return authorise_sees(a, r->who, &p, world_lookups(
	    resolver_world(r))) != SIGHT_NONE;
}

static bool members(void *ctx, struct arena *a, const char *group_key,
    void (*each)(void *arg, const char *id, const char *display), void *arg)
{
	const struct scim_resource *people;
	struct view_iter *it = iterate(ctx, a, group_key, &people);
	struct arena *scratch;
	struct view_item item;

	if (it == NULL)
		return false;
	scratch = arena_new();
	while (view_iter_next(it, &item)) {
		view_item_entry(scratch, &item);
		if (shows(ctx, scratch, &item.entry))
			each(arg, uuid_text(scratch, item.uuid),
			    scim_map_display(scratch, people, &item.entry));
		arena_reset(scratch);
	}
	arena_free(scratch);
	view_iter_free(it);
	return true;
}

static bool members_hash(void *ctx, const char *group_key, uint64_t *out)
{
	struct resolver *r = ctx;
	const struct scim_resource *people;
	struct view_iter *it;
	struct view_pos p;
	char id[37];

	if (!str_eq(r->hashed, group_key)) {
		it = iterate(r, keep(r), group_key, &people);
		if (it == NULL)
			return false;
		r->hashed = arena_strdup(r->keep, group_key);
		for (r->hash = 0; view_iter_next_pos(it, &p); ) {
			str_uuid_text(p.uuid, id);
			r->hash += scim_render_hash(id);
		}
		view_iter_free(it);
	}
	*out = r->hash;
	return true;
}

static bool many_members(void *ctx, const char *group_key)
{
	struct resolver *r = ctx;
	const struct scim_resource *people;
	const struct scim_attr *at = resolver_member_of(r->map, &people);

	return at != NULL && view_count_key(r->read, people->type, at->index,
	    scim_key(keep(r), at, group_key)) > MEMBERS_AT_ONCE;
}

/* Everything the person's entry says of groups, remembered: a filter asks for
 * one person of many groups. */
static void read_groups(struct resolver *r, const struct scim_attr *at,
    const struct scim_resource *people, const char *id)
{
	const struct attr *v;
	struct view_item item;
	size_t i;

	r->groups = (struct strv){ 0 };
	r->member = arena_strdup(keep(r), id);
	if (!find_id(r, people, id, &item))
		return;
	view_item_entry(r->keep, &item);
	v = entry_attr(&item.entry, at->ldap);
	for (i = 0; v != NULL && i < v->n; i++)
		strv_add(r->keep, &r->groups, scim_key(r->keep, at,
		    v->v[i].p));
	strv_sort(&r->groups);
}

static const struct strv *groups(struct resolver *r,
    const struct scim_attr **at, const char *id)
{
	const struct scim_resource *people;

	*at = resolver_member_of(r->map, &people);
	if (*at == NULL)
		return NULL;
	if (!str_eq(r->member, id))
		read_groups(r, *at, people, id);
	return &r->groups;
}

static bool is_member(void *ctx, const char *group_key, const char *id)
{
	struct resolver *r = ctx;
	const struct scim_attr *at;
	const struct strv *in = groups(r, &at, id);

	return in != NULL && strv_find(in, scim_key(keep(r), at, group_key));
}

static bool groups_of(void *ctx, struct arena *a, const char *type,
    const char *id, void (*each)(void *arg, const char *group_id), void *arg)
{
	const struct scim_resource *res = scim_map_name(
	    ((struct resolver *)ctx)->map, type);
	struct resolver *r = ctx;
	const struct scim_attr *at;
	const struct strv *in = groups(r, &at, id);
	struct view_item item;
	size_t i;

	if (in == NULL || res == NULL || !str_eq(at->refers, type))
		return false;
	for (i = 0; i < in->n; i++)
		if (find_key(r, a, res, in->v[i], &item))
			each(arg, uuid_text(a, item.uuid));
	return true;
}

/* --- people by whatever name ------------------------------------------------ */

int resolver_nobody(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no such person: name one "
	    "by id, user name or provostPersonId");
}

int resolver_person(struct resolver *r, struct arena *a, const char *name,
    uint8_t uuid[16], struct err *e)
{
	const struct scim_resource *type = scim_map_name(r->map, PERSON);
	const struct scim_attr *uid;
	struct view_item item;
	bool found;

	if (type == NULL)
		return err_set(e, ERR_NOT_FOUND, "the mapping has no people");
	found = find_id(r, type, name, &item);
	uid = resolver_attr(type, "uid");
	if (!found && uid != NULL && uid->index != 0)
		found = view_find(r->read, type->type, uid->index,
		    scim_key(a, uid, name), &item) == 0;
	if (!found)
		found = find_key(r, a, type, name, &item);
	if (!found)
		return resolver_nobody(e);
	memcpy(uuid, item.uuid, 16);
	return 0;
}

void resolver_init(struct resolver *r, struct scim_resolver *rs,
    const struct scim_map *m, struct view_read *read)
{
	*r = (struct resolver){ .map = m, .read = read };
	*rs = (struct scim_resolver){ .ctx = r, .base_url = "",
	    .dn_of_id = dn_of_id, .id_of_dn = id_of_dn, .of_key = of_key,
	    .count = count, .members = members, .is_member = is_member,
	    .groups_of = groups_of, .members_hash = members_hash,
	    .many_members = many_members, .owner = "" };
}

void resolver_fini(struct resolver *r)
{
	if (r->world != NULL)
		world_close(r->world);
	arena_free(r->scratch);
	arena_free(r->keep);
	r->world = NULL;
	r->scratch = r->keep = NULL;
}
