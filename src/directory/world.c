/* SPDX-License-Identifier: ISC */
#include "directory/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "directory/intake.h"
#include "model/dn.h"

enum known { ROLE, ENTERPRISE, COMPANY, ACCOUNT, GROUP_IDENTIFIER, TOOL,
	SERVICE, PERSON, KINDS };

struct world_view {
	struct arena *arena;		/* owned */
	struct view_read *read;
	bool owned;			/* read is */
	const struct scim_map *map;
	struct map *known[KINDS];	/* key -> value or &nothing;
					 * NULL: none yet */
	struct problems problems;
	struct world lookups;
	const struct rule *rules;
	size_t n_rules;
	bool rules_read;
	void *memo;
};

static char nothing;			/* remembered: there is no such thing */

/* --- remembering --------------------------------------------------------- */

static bool recall(struct world_view *w, enum known kind, const char *key,
	const void **out)
{
	const void *v = w->known[kind] == NULL ? NULL :
		map_get(w->known[kind], key);

	*out = v == &nothing ? NULL : v;
	return v != NULL;
}

static const void *remember(struct world_view *w, enum known kind,
	const char *key, void *value)
{
	if (w->known[kind] == NULL)
		w->known[kind] = map_new();
	map_put(w->known[kind], key, value != NULL ? value : &nothing);
	return value;
}

/* --- finding ------------------------------------------------------------- */

static const struct scim_attr *plain_attr(const struct scim_resource *r,
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
	const struct scim_attr *a = plain_attr(r, r->natural_key);

	return a != NULL ? scim_key(w->arena, a, key) : NULL;
}

static const struct entry *item_entry(struct world_view *w,
	struct view_item *it)
{
	view_item_entry(w->arena, it);
	return arena_memdup(w->arena, &it->entry, sizeof(it->entry));
}

/* NULL: there is none. */
static const struct entry *find_key(struct world_view *w, const char *type,
	const char *key)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	struct view_item it;
	const char *k;

	if (r == NULL || *r->natural_key == '\0')
		return NULL;
	k = natural(w, r, key);
	if (k == NULL || view_find(w->read, r->type, r->key_index, k, &it) != 0)
		return NULL;
	return item_entry(w, &it);
}

static bool find_dn(struct world_view *w, int type, const char *dn,
	struct view_item *it)
{
	const char *norm = dn_normal(w->arena, dn, NULL);

	return norm != NULL && view_find(w->read, type,
		SCIM_INDEX_DN, norm, it) == 0;
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
	if (recall(w, kind, key, &v))					\
		return v;						\
	e = find_key(w, type, key);					\
	if (e == NULL)							\
		return remember(w, kind, key, NULL);			\
	x = arena_alloc(w->arena, sizeof(*x));				\
	what##_read(w->arena, e, x, &w->problems);			\
	return remember(w, kind, key, x);				\
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

static void read_rules(struct world_view *w)
{
	const struct scim_resource *r = scim_map_name(w->map, "Rule");
	struct view_iter *iter;
	struct view_item it;
	struct rule *v;
	size_t n = 0, cap;

	w->rules_read = true;
	if (r == NULL || view_iter_type(w->read, r->type, false, 0, NULL,
	    &iter, NULL) != 0)
		return;
	cap = (size_t)view_count(w->read, r->type);
	v = arena_array(w->arena, cap + 1, sizeof(*v));
	while (n < cap && view_iter_next(iter, &it))
		rule_read(w->arena, item_entry(w, &it), &v[n++], &w->problems);
	view_iter_free(iter);
	qsort(v, n, sizeof(*v), rule_cmp);
	w->rules = v;
	w->n_rules = n;
}

static const struct rule *find_rules(void *ctx, size_t *n)
{
	struct world_view *w = ctx;

	if (!w->rules_read)
		read_rules(w);
	*n = w->n_rules;
	return w->rules;
}

/* Calls each for the entries of a type whose attribute has key, by its index
 * where there is one; without key for all of them. */
static void walk(struct world_view *w, const char *type, const char *name,
	const char *key, bool (*each)(struct world_view *w,
	const struct entry *e, void *arg), void *arg)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *a = r && name ? plain_attr(r, name) : NULL;
	struct view_iter *iter;
	struct view_item it;
	int rc;

	if (r == NULL || (name != NULL && (a == NULL || key == NULL)))
		return;
	rc = a != NULL && a->index != 0
		? view_iter_key(w->read, r->type, a->index, key, false, NULL,
			&iter, NULL)
		: view_iter_type(w->read, r->type, false, 0, NULL, &iter, NULL);
	if (rc != 0)
		return;
	while (view_iter_next(iter, &it) && each(w, item_entry(w, &it), arg))
		;
	view_iter_free(iter);
}

static const char *key_of(struct world_view *w, const char *type,
	const char *name, const char *value)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *a = r ? plain_attr(r, name) : NULL;

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
	if (recall(w, kind, x->key, &v) && v != NULL)			\
		return v;						\
	return remember(w, kind, x->key, x);				\
}

REMEMBERED(account, ACCOUNT, number)
REMEMBERED(service, SERVICE, id)
REMEMBERED(company, COMPANY, id)
REMEMBERED(tool, TOOL, id)

/* One walk over a kind of thing that belongs to something with this key. */
struct walking {
	const char *type, *name, *key;
	union {
		bool (*account)(void *arg, const struct account *x);
		bool (*service)(void *arg, const struct service *x);
		bool (*company)(void *arg, const struct company *x);
		bool (*tool)(void *arg, const struct tool *x);
		bool (*person)(void *arg, const struct person *x);
	} each;
	void *arg;
};

/* Where there is no index others come by, too. */
static bool belongs(struct world_view *w, const struct walking *k,
	const char *value)
{
	return str_eq(key_of(w, k->type, k->name, value), k->key);
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
		.key = key_of(ctx, "Account", "company", company),
		.each.account = each, .arg = arg };

	walk(ctx, k.type, k.name, k.key, see_account, &k);
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
		.key = key_of(ctx, "Service", "account", account),
		.each.service = each, .arg = arg };

	walk(ctx, k.type, k.name, k.key, see_service, &k);
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
		.key = key_of(ctx, "Company", "enterprise", enterprise),
		.each.company = each, .arg = arg };

	walk(ctx, k.type, k.name, k.key, see_company, &k);
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

	walk(ctx, "Tool", NULL, NULL, see_tool, &k);
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
	const char *key = key_of(ctx, "Account", "invitationCode", hash);

	walk(ctx, "Account", key != NULL ? "invitationCode" : NULL, key,
		see_code, &c);
	return c.account;
}

/* --- people, requests, receipts ------------------------------------------ */

struct known_person {
	struct person person;		/* first: it is remembered as this */
	const struct entry *entry;
};

static const struct person *person_of(struct world_view *w,
	struct view_item *it)
{
	const struct scim_resource *r = scim_map_name(w->map, "User");
	char id[37];
	const void *v;
	struct known_person *p;

	if (r == NULL || it->type != r->type)
		return NULL;
	str_uuid_text(it->uuid, id);
	if (recall(w, PERSON, id, &v))
		return v;
	p = arena_alloc(w->arena, sizeof(*p));
	p->entry = item_entry(w, it);
	person_read(w->arena, p->entry, &p->person, &w->problems);
	return remember(w, PERSON, id, p);
}

const struct person *world_person(struct world_view *w,
	const uint8_t uuid[16])
{
	struct view_item it;

	if (view_get(w->read, uuid, &it) != 0)
		return NULL;
	return person_of(w, &it);
}

const struct person *world_person_dn(struct world_view *w, const char *dn)
{
	const struct scim_resource *r = scim_map_name(w->map, "User");
	struct view_item it;

	if (r == NULL || *dn == '\0' || !find_dn(w, r->type, dn, &it))
		return NULL;
	return person_of(w, &it);
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

static void find_primary_contacts(void *ctx,
	bool (*each)(void *arg, const struct person *p), void *arg)
{
	struct walking k = { .each.person = each, .arg = arg };
	const char *key = key_of(ctx, "User", "roles", ROLE_PRIMARY_CONTACT);

	walk(ctx, "User", key != NULL ? "roles" : NULL, key, see_contact, &k);
}

const struct entry *world_entry(struct world_view *w,
	const uint8_t uuid[16])
{
	const void *known;
	struct view_item it;
	char id[37];

	str_uuid_text(uuid, id);
	if (recall(w, PERSON, id, &known) && known != NULL)
		return ((const struct known_person *)known)->entry;
	return view_get(w->read, uuid, &it) == 0 ? item_entry(w, &it) : NULL;
}

const struct request *world_request(struct world_view *w,
	const uint8_t uuid[16])
{
	const struct scim_resource *r = scim_map_name(w->map, "AccessRequest");
	const struct entry *e;
	struct view_item it;
	struct request *q;
	struct err err = { 0 };

	if (r == NULL || view_get(w->read, uuid, &it) != 0 ||
	    it.type != r->type)
		return NULL;
	e = item_entry(w, &it);
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
	struct view_item it;
	const char *dn = dn_make(w->arena, "provostPersonUuid", person_id,
		arena_printf(w->arena, INTAKE_RECEIPTS_OU ",%s",
			w->map->suffix));

	if (!find_dn(w, INTAKE_RECEIPTS, dn, &it))
		return out;
	out.entry = item_entry(w, &it);
	a = entry_attr(out.entry, "provostReceipt");
	if (a != NULL)
		read_receipts(w, a, &out);
	return out;
}

struct view_iter *world_having(struct world_view *w, const char *type,
	const char *attr, const char *value)
{
	const struct scim_resource *r = scim_map_name(w->map, type);
	const struct scim_attr *at = r != NULL ? plain_attr(r, attr) : NULL;
	const char *key = at != NULL ? scim_key(w->arena, at, value) : NULL;
	struct view_iter *iter;
	int rc;

	if (r == NULL)
		return NULL;
	rc = key != NULL && at->index != 0
		? view_iter_key(w->read, r->type, at->index, key, true, NULL,
			&iter, NULL)
		: view_iter_type(w->read, r->type, true, 0, NULL, &iter, NULL);
	return rc == 0 ? iter : NULL;
}

void **world_memo(struct world_view *w)
{
	return &w->memo;
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
		.primary_contacts = find_primary_contacts };
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
