/* SPDX-License-Identifier: ISC */
/* Who gave a right (T2): a SCIM write that gives or takes rights notes the
 * client in provostProvenance, in the same change. What only provider staff
 * give (V3, V6) is refused to other clients. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/rules.h"
#include "front/write.h"
#include "model/dn.h"
#include "model/right.h"

#define PROVENANCE "provostProvenance"

static const struct {
	const char *ldap;
	enum right_kind kind;
} holds[] = {
	{ "provostRole", RIGHT_ROLE },
	{ "provostCompany", RIGHT_COMPANY },
	{ "provostAccount", RIGHT_ACCOUNT },
	{ "provostAllAccountsOf", RIGHT_ALL_ACCOUNTS },
	{ "provostGroupIdentifierId", RIGHT_GROUP },
	{ "provostToolGrant", RIGHT_TOOL },
	{ "provostToolAccount", RIGHT_TOOL_ACCOUNT },
	{ "provostPortalAccess", RIGHT_PORTAL },
	{ "provostCpniAuthorized", RIGHT_CPNI },
};
#define N_HOLDS (sizeof(holds) / sizeof(holds[0]))

/* False: the value gives nothing. */
static bool right_of(struct arena *a, enum right_kind kind, const char *value,
    struct right *r)
{
	const char *word[2];

	*r = (struct right){ .kind = kind, .key = value, .account = "" };
	switch (kind) {
	case RIGHT_TOOL_ACCOUNT:
		if (str_words(a, value, word, 2) != 2)
			return false;
		r->key = word[0];
		r->account = word[1];
		return true;
	case RIGHT_PORTAL:
		r->key = "";
		return !str_ieq(value, "none");
	case RIGHT_CPNI:
		r->key = "";
		return str_ieq(value, "TRUE");
	default:
		return true;
	}
}

static bool has_right(struct arena *a, const struct entry *e, size_t row,
    const struct right *r)
{
	const struct attr *at = e != NULL ? entry_attr(e, holds[row].ldap) :
	    NULL;
	struct right other;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (right_of(a, holds[row].kind, at->v[i].p, &other) &&
		    right_eq(&other, r))
			return true;
	return false;
}

/* Calls each for the rights that x has and y has not. */
static void rights_beyond(struct write *w, const struct entry *x,
    const struct entry *y, void (*each)(struct write *w,
    const struct right *r))
{
	size_t row, i;

	for (row = 0; row < N_HOLDS; row++) {
		const struct attr *at = entry_attr(x, holds[row].ldap);
		struct right r;

		for (i = 0; at != NULL && i < at->n; i++)
			if (right_of(w->c->a, holds[row].kind, at->v[i].p, &r)
			    && !has_right(w->c->a, y, row, &r))
				each(w, &r);
	}
}

bool write_restricted(struct write *w, const char *tool)
{
	struct call *c = w->c;
	const struct scim_map *m = c->f->conf.map;
	const struct scim_resource *r = scim_map_name(m, "Tool");
	struct view_item item;
	const char *norm;

	if (r == NULL)
		return false;
	norm = dn_normal(c->a, dn_make(c->a, r->rdn, tool,
	    scim_map_container(c->a, m, r)), NULL);
	if (norm == NULL || view_find(c->read, r->type, SCIM_INDEX_DN, norm,
	    &item) != 0)
		return false;
	view_item_entry(c->a, &item);
	return entry_bool(&item.entry, "provostRestricted", false);
}

static void check_role(struct write *w, const struct right *r)
{
	if (!w->c->names.provider && r->kind == RIGHT_ROLE &&
	    str_ieq(r->key, RULES_PRIMARY_CONTACT))
		w->refused = "only provider staff give or take away the role "
		    "primary contact: this needs the scope admin (V3)";
}

static void check_gained(struct write *w, const struct right *r)
{
	check_role(w, r);
	if (!w->c->names.provider && (r->kind == RIGHT_TOOL ||
	    r->kind == RIGHT_TOOL_ACCOUNT) && write_restricted(w, r->key))
		w->refused = "this tool is restricted: only provider staff "
		    "grant it; contact the help desk (V6)";
}

static void note_lost(struct write *w, const struct right *r)
{
	const struct attr *at = entry_attr(w->old, PROVENANCE);
	struct arena *a = w->c->a;
	struct provenance p;
	size_t i;

	check_role(w, r);
	for (i = 0; at != NULL && i < at->n; i++)
		if (provenance_parse(a, at->v[i].p, &p, NULL) == 0 &&
		    right_eq(&p.right, r))
			change_set(a, w->change, MOD_DELETE, PROVENANCE,
			    at->v[i].p);
}

static void note_gained(struct write *w, const struct right *r)
{
	struct arena *a = w->c->a;
	struct provenance p = { .right = *r, .time = clock_now(),
	    .origin = arena_printf(a, "client:%s", w->c->client.name) };
	const char *value = provenance_print(a, &p);

	check_gained(w, r);
	if (w->change->kind == CHANGE_ADD)
		entry_add(a, w->want, PROVENANCE, value);
	else
		change_set(a, w->change, MOD_ADD, PROVENANCE, value);
}

int write_rights(struct write *w, struct err *e)
{
	if (!entry_is(w->old != NULL ? w->old : w->want, "provostUser"))
		return 0;
	if (w->old != NULL)
		rights_beyond(w, w->old, w->want, note_lost);
	rights_beyond(w, w->want, w->old, note_gained);
	return w->refused == NULL ? 0 : err_set(e, ERR_DENIED, "%s",
	    w->refused);
}
