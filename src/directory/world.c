/* SPDX-License-Identifier: ISC */
#include "directory/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "directory/intake.h"
#include "directory/overlay.h"
#include "directory/world_p.h"
#include "model/dn.h"

static char nothing;			/* remembered: there is no such thing */

/* --- remembering --------------------------------------------------------- */

bool world_recall(struct world_view *w, enum known kind, const char *key,
	const void **out)
{
	const void *v = w->known[kind] == NULL ? NULL :
		map_get(w->known[kind], key);

	*out = v == &nothing ? NULL : v;
	return v != NULL;
}

const void *world_remember(struct world_view *w, enum known kind,
	const char *key, void *value)
{
	if (w->known[kind] == NULL)
		w->known[kind] = map_new();
	map_put(w->known[kind], key, value != NULL ? value : &nothing);
	return value;
}

/* --- finding ------------------------------------------------------------- */

const struct scim_attr *world_attr(const struct scim_resource *r,
	const char *name)
{
	const struct scim_path path = { .attr = name };
	const struct scim_attr *sub = NULL;

	return scim_attr_find(r, &path, &sub);
}

/* The key as the index has it. */
static const char *natural(struct world_view *w, const struct scim_resource *r,
	const char *key)
{
	const struct scim_attr *a = world_attr(r, r->natural_key);

	return a != NULL ? scim_key(w->arena, a, key) : NULL;
}

const struct entry *world_item(struct world_view *w,
	struct view_item *it)
{
	view_item_entry(w->arena, it);
	return arena_memdup(w->arena, &it->entry, sizeof(it->entry));
}

/* What lies over it: *out, NULL when it is gone. False: nothing does. */
bool world_over_entry(struct world_view *w, const uint8_t uuid[16],
	const struct entry **out)
{
	const struct overlaid *x = w->over != NULL ?
		overlay_get(w->over, uuid) : NULL;

	if (x != NULL)
		*out = x->want;
	return x != NULL;
}

static const struct entry *now(struct world_view *w, struct view_item *it)
{
	const struct entry *e;

	return world_over_entry(w, it->uuid, &e) ? e : world_item(w, it);
}

/* Of a type, by natural key or by DN in normal form. */
static const struct entry *over_named(struct world_view *w, int type,
	const char *key, const char *dn)
{
	const struct overlaid *x;
	size_t i = 0;

	while (w->over != NULL && (x = overlay_next(w->over, &i)) != NULL)
		if (x->type == type && x->want != NULL &&
			(key != NULL ? str_eq(x->key, key) : str_eq(x->dn, dn)))
			return x->want;
	return NULL;
}

/* NULL: there is none. */
static const struct entry *find_key(struct world_view *w, const char *type,
	const char *key)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct entry *e;
	struct view_item it;
	const char *k;

	if (r == NULL || *r->natural_key == '\0')
		return NULL;
	k = natural(w, r, key);
	if (k == NULL)
		return NULL;
	e = over_named(w, r->type, k, NULL);
	if (e != NULL || view_find(w->read, r->type, r->key_index, k, &it) != 0)
		return e;
	return now(w, &it);
}

const struct entry *world_find_dn(struct world_view *w, int type,
	const char *dn)
{
	const char *norm = dn_normal(w->arena, dn, NULL);
	const struct entry *e;
	struct view_item it;

	if (norm == NULL)
		return NULL;
	e = over_named(w, type, NULL, norm);
	if (e != NULL || view_find(w->read, type, SCIM_INDEX_DN, norm, &it)
		!= 0)
		return e;
	return now(w, &it);
}

/* --- the catalog --------------------------------------------------------- */

#define LOOKUP(what, kind, type)					\
static const struct what *find_##what(void *ctx, const char *key)	\
{									\
	struct world_view *w = ctx;					\
	const struct entry *e;						\
	const void *v;							\
	struct what *x;							\
									\
	if (world_recall(w, kind, key, &v))				\
		return v;						\
	e = find_key(w, type, key);					\
	if (e == NULL)							\
		return world_remember(w, kind, key, NULL);		\
	x = arena_alloc(w->arena, sizeof(*x));				\
	what##_read(w->arena, e, x, &w->problems);			\
	return world_remember(w, kind, key, x);				\
}

LOOKUP(role, ROLE, "Role")
LOOKUP(enterprise, ENTERPRISE, "Enterprise")
LOOKUP(company, COMPANY, "Company")
LOOKUP(account, ACCOUNT, "Account")
LOOKUP(group_identifier, GROUP_IDENTIFIER, "GroupIdentifier")
LOOKUP(tool, TOOL, "Tool")
LOOKUP(service, SERVICE, "Service")

static int rule_cmp(const void *x, const void *y)
{
	const struct rule *a = x, *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? 1 : -1;
	return strcmp(a->id, b->id);
}

/* Calls each for the entries of a type whose attribute has key, by its index
 * where there is one; without key for all of them. Also for all that lie over
 * the view: each looks again. */
void world_walk(struct world_view *w, const char *type, const char *name,
	const char *key, bool (*each)(struct world_view *w,
	const struct entry *e, void *arg), void *arg)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *a = r && name ? world_attr(r, name) : NULL;
	const struct overlaid *x;
	const struct entry *e;
	struct view_iter *iter;
	struct view_item it;
	bool more = true;
	size_t i = 0;
	int rc;

	if (r == NULL || (name != NULL && (a == NULL || key == NULL)))
		return;
	rc = a != NULL && a->index != 0
		? view_iter_key(w->read, r->type, a->index, key, false, NULL,
			&iter, NULL)
		: view_iter_type(w->read, r->type, false, 0, NULL, &iter, NULL);
	if (rc != 0)
		return;
	while (more && view_iter_next(iter, &it))
		if (!world_over_entry(w, it.uuid, &e))
			more = each(w, world_item(w, &it), arg);
	view_iter_free(iter);
	while (more && w->over != NULL && (x = overlay_next(w->over, &i)))
		if (x->type == r->type && x->want != NULL)
			more = each(w, x->want, arg);
}

struct rules {
	struct rule *v;
	size_t n, cap;
};

static bool see_rule(struct world_view *w, const struct entry *e, void *arg)
{
	struct rules *r = arg;

	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;

		r->v = arena_grow(w->arena, r->v, r->cap, cap, sizeof(*r->v));
		r->cap = cap;
	}
	rule_read(w->arena, e, &r->v[r->n++], &w->problems);
	return true;
}

static void read_rules(struct world_view *w)
{
	struct rules r = { 0 };

	w->rules_read = true;
	world_walk(w, "Rule", NULL, NULL, see_rule, &r);
	if (r.n != 0)
		qsort(r.v, r.n, sizeof(*r.v), rule_cmp);
	w->rules = r.v;
	w->n_rules = r.n;
}

static const struct rule *find_rules(void *ctx, size_t *n)
{
	struct world_view *w = ctx;

	if (!w->rules_read)
		read_rules(w);
	*n = w->n_rules;
	return w->rules;
}

const char *world_key(struct world_view *w, const char *type,
	const char *name, const char *value)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *a = r ? world_attr(r, name) : NULL;

	return a != NULL ? scim_key(w->arena, a, value) : NULL;
}

/* The remembered one, or this. */
#define REMEMBERED(what, kind, key)					\
static const struct what *what##_of(struct world_view *w,		\
	const struct entry *e)						\
{									\
	struct what *x = arena_alloc(w->arena, sizeof(*x));		\
	const void *v;							\
									\
	what##_read(w->arena, e, x, &w->problems);			\
	if (world_recall(w, kind, x->key, &v) && v != NULL)		\
		return v;						\
	return world_remember(w, kind, x->key, x);			\
}

REMEMBERED(account, ACCOUNT, number)
REMEMBERED(service, SERVICE, id)
REMEMBERED(company, COMPANY, id)
REMEMBERED(tool, TOOL, id)

/* Where there is no index others come by, too. */
static bool belongs(struct world_view *w, const struct walking *k,
	const char *value)
{
	return str_eq(world_key(w, k->type, k->name, value), k->key);
}

static bool see_account(struct world_view *w, const struct entry *e, void *arg)
{
	const struct walking *k = arg;
	const struct account *x = account_of(w, e);

	return !belongs(w, k, x->company) || k->each.account(k->arg, x);
}

static void find_accounts_of(void *ctx, const char *company,
	bool (*each)(void *arg, const struct account *acc), void *arg)
{
	struct walking k = { .type = "Account", .name = "company",
		.key = world_key(ctx, "Account", "company", company),
		.each.account = each, .arg = arg };

	world_walk(ctx, k.type, k.name, k.key, see_account, &k);
}

static bool see_service(struct world_view *w, const struct entry *e, void *arg)
{
	const struct walking *k = arg;
	const struct service *x = service_of(w, e);

	return !belongs(w, k, x->account) || k->each.service(k->arg, x);
}

static void find_services_of(void *ctx, const char *account,
	bool (*each)(void *arg, const struct service *s), void *arg)
{
	struct walking k = { .type = "Service", .name = "account",
		.key = world_key(ctx, "Service", "account", account),
		.each.service = each, .arg = arg };

	world_walk(ctx, k.type, k.name, k.key, see_service, &k);
}

static bool see_company(struct world_view *w, const struct entry *e, void *arg)
{
	const struct walking *k = arg;
	const struct company *x = company_of(w, e);

	return !belongs(w, k, x->enterprise) || k->each.company(k->arg, x);
}

static void find_companies_of(void *ctx, const char *enterprise,
	bool (*each)(void *arg, const struct company *c), void *arg)
{
	struct walking k = { .type = "Company", .name = "enterprise",
		.key = world_key(ctx, "Company", "enterprise", enterprise),
		.each.company = each, .arg = arg };

	world_walk(ctx, k.type, k.name, k.key, see_company, &k);
}

static bool see_tool(struct world_view *w, const struct entry *e, void *arg)
{
	const struct walking *k = arg;

	return k->each.tool(k->arg, tool_of(w, e));
}

static void find_tools(void *ctx,
	bool (*each)(void *arg, const struct tool *t), void *arg)
{
	struct walking k = { .each.tool = each, .arg = arg };

	world_walk(ctx, "Tool", NULL, NULL, see_tool, &k);
}

struct coded {
	const char *hash;
	const struct account *account;
};

static bool see_code(struct world_view *w, const struct entry *e, void *arg)
{
	struct coded *c = arg;

	if (entry_has(e, "provostInvitationCode", c->hash))
		c->account = account_of(w, e);
	return c->account == NULL;
}

/* Without an index every account is looked at. */
static const struct account *find_account_of_code(void *ctx, const char *hash)
{
	struct coded c = { .hash = hash };
	const char *key = world_key(ctx, "Account", "invitationCode", hash);

	world_walk(ctx, "Account", key != NULL ? "invitationCode" : NULL, key,
		see_code, &c);
	return c.account;
}

/* --- life ------------------------------------------------------------ */

struct world_view *world_over(struct view_read *r, const struct scim_map *m)
{
	struct world_view *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->arena = arena_new();
	w->read = r;
	w->map = m;
	w->lookups = (struct world){ .ctx = w, .role = find_role,
		.enterprise = find_enterprise, .company = find_company,
		.account = find_account,
		.group_identifier = find_group_identifier,
		.tool = find_tool, .service = find_service,
		.rules = find_rules, .accounts_of = find_accounts_of,
		.services_of = find_services_of,
		.companies_of = find_companies_of, .tools = find_tools,
		.account_of_code = find_account_of_code,
		.primary_contacts = world_contacts };
	return w;
}

int world_open(struct view *v, const struct scim_map *m,
	struct world_view **out, struct err *e)
{
	struct view_read *r;
	int rc = view_read_begin(v, &r, e);

	*out = NULL;
	if (rc != 0)
		return rc;
	*out = world_over(r, m);
	(*out)->owned = true;
	return 0;
}

void world_overlay(struct world_view *w, const struct overlay *o)
{
	w->over = o;
}

void world_close(struct world_view *w)
{
	int i;

	if (w == NULL)
		return;
	if (w->owned)
		view_read_end(w->read);
	for (i = 0; i < KINDS; i++)
		map_free(w->known[i], NULL);
	arena_free(w->arena);
	free(w);
}

const struct world *world_lookups(struct world_view *w)
{
	return &w->lookups;
}

struct view_read *world_read(struct world_view *w)
{
	return w->read;
}

struct arena *world_arena(struct world_view *w)
{
	return w->arena;
}

const struct problems *world_problems(struct world_view *w)
{
	return &w->problems;
}
