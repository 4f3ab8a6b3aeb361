/* SPDX-License-Identifier: ISC */
#include "core/rights_p.h"

#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"
#include "core/rules.h"

static int given_cmp(const void *x, const void *y)
{
	const struct provenance *p = x, *q = y;
	int d = right_cmp(&p->right, &q->right);

	return d != 0 ? d : p->time < q->time ? 1 : p->time > q->time ? -1 : 0;
}

static void sort_provenance(struct calc *c)
{
	size_t n = c->p->n_provenance;

	c->given = arena_memdup(c->a, c->p->provenance,
	    n * sizeof(*c->given));
	if (n != 0)
		qsort(c->given, n, sizeof(*c->given), given_cmp);
}

/* The newest origin of r. */
static const struct provenance *provenance_of(const struct calc *c,
    const struct right *r)
{
	size_t low = 0, high = c->p->n_provenance, n = high;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (right_cmp(&c->given[mid].right, r) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && right_eq(&c->given[low].right, r) ?
	    &c->given[low] : NULL;
}

static struct reason *give(struct calc *c, enum right_kind kind,
    const char *key, const char *account, enum path_kind path,
    const char *via)
{
	struct bag *b = kind == RIGHT_ACCOUNT || kind == RIGHT_TOOL_ACCOUNT ?
	    &c->accounts : &c->sources;
	struct reason *r;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 32;

		b->v = arena_grow(c->a, b->v, b->n, cap, sizeof(*b->v));
		b->cap = cap;
	}
	r = &b->v[b->n++];
	r->right = (struct right){ kind, key, account };
	r->path = (struct path){ path, via, path == PATH_DIRECT ?
	    provenance_of(c, &r->right) : NULL };
	return r;
}

static void give_all(struct calc *c, enum right_kind kind,
    const struct strv *keys, enum path_kind path, const char *via)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		give(c, kind, keys->v[i], "", path, via);
}

static void gather_portal(struct calc *c)
{
	const char *w = c->p->portal;

	if (strcasecmp(w, "active") == 0 || strcasecmp(w, "invited") == 0)
		give(c, RIGHT_PORTAL, "", "", PATH_DIRECT, "");
	else if (strcasecmp(w, "none") != 0)
		problem_add(c->a, &c->out->problems, c->p->dn,
		    "provostPortalAccess", w, "must be none, invited or "
		    "active; until then it grants nothing");
}

static void gather_stored(struct calc *c)
{
	const struct person *p = c->p;
	size_t i;

	if (*p->role != '\0')
		give(c, RIGHT_ROLE, p->role, "", PATH_DIRECT, "");
	give_all(c, RIGHT_COMPANY, &p->companies, PATH_DIRECT, "");
	give_all(c, RIGHT_ACCOUNT, &p->accounts, PATH_DIRECT, "");
	give_all(c, RIGHT_ALL_ACCOUNTS, &p->all_accounts_of, PATH_DIRECT, "");
	give_all(c, RIGHT_GROUP, &p->group_identifiers, PATH_DIRECT, "");
	give_all(c, RIGHT_TOOL, &p->tools, PATH_DIRECT, "");
	for (i = 0; i < p->n_tool_accounts; i++)
		give(c, RIGHT_TOOL_ACCOUNT, p->tool_accounts[i].tool,
		    p->tool_accounts[i].account, PATH_DIRECT, "");
	gather_portal(c);
	if (p->cpni)
		give(c, RIGHT_CPNI, "", "", PATH_DIRECT, "");
}

void rights_rule_problem(struct calc *c, const struct rule *r,
    const char *value, const char *text)
{
	problem_add(c->a, &c->out->problems, r->dn ? r->dn :
	    arena_printf(c->a, "provostRuleId=%s", r->id), "provostRuleId",
	    value, text);
}

static void gather_rule_role(struct calc *c, const struct rule *r, bool *role)
{
	if (str_ieq(rules_role_key(c->w, r->role), ROLE_PRIMARY_CONTACT)) {
		rights_rule_problem(c, r, r->role,
		    "no rule confers primary contact (V4a); give it by hand, "
		    "as provider staff");
	} else if (*r->role != '\0' && !*role) {
		give(c, RIGHT_ROLE, r->role, "", PATH_RULE, r->id);
		*role = true;
	}
}

static bool may_give(struct calc *c, const struct rule *r, const char *tool)
{
	if (rules_may_give_tool(c->w, tool))
		return true;
	rights_rule_problem(c, r, tool, "no rule gives a restricted tool "
	    "(V4a, V6); give it by hand, as provider staff");
	return false;
}

static void gather_rule(struct calc *c, const struct rule *r, bool *role)
{
	size_t i;

	gather_rule_role(c, r, role);
	give_all(c, RIGHT_COMPANY, &r->companies, PATH_RULE, r->id);
	give_all(c, RIGHT_ACCOUNT, &r->accounts, PATH_RULE, r->id);
	give_all(c, RIGHT_ALL_ACCOUNTS, &r->all_accounts_of, PATH_RULE, r->id);
	give_all(c, RIGHT_GROUP, &r->group_identifiers, PATH_RULE, r->id);
	for (i = 0; i < r->tools.n; i++)
		if (may_give(c, r, r->tools.v[i]))
			give(c, RIGHT_TOOL, r->tools.v[i], "", PATH_RULE,
			    r->id);
	for (i = 0; i < r->n_tool_accounts; i++)
		if (rules_may_give_tool(c->w, r->tool_accounts[i].tool))
			give(c, RIGHT_TOOL_ACCOUNT, r->tool_accounts[i].tool,
			    r->tool_accounts[i].account, PATH_RULE, r->id);
}

void rights_gather(struct calc *c)
{
	const struct right by_hand = { RIGHT_ROLE, c->p->role, "" };
	/* By hand wins while it lasts; then the rules' own order. */
	bool role = *c->p->role != '\0' &&
	    window_cut(c->a, &c->window, &by_hand, c->now) == NULL;
	const struct rule *r;
	size_t n, i;

	sort_provenance(c);
	gather_stored(c);
	r = c->w->rules(c->w->ctx, &n);
	for (i = 0; i < n; i++)
		if (rules_apply(c->a, &r[i], c->p))
			gather_rule(c, &r[i], &role);
}

struct giving {
	struct calc *c;
	const struct effective *source;
};

static bool give_account(void *arg, const struct account *acc)
{
	struct giving *g = arg;

	give(g->c, RIGHT_ACCOUNT, acc->number, "", PATH_ALL_ACCOUNTS,
	    g->source->right.key)->dead =
	    g->source->granted ? NULL : g->source->why;
	return true;
}

static void give_group(struct calc *c, const struct effective *e)
{
	const struct group_identifier *g =
	    c->w->group_identifier(c->w->ctx, e->right.key);
	size_t i;

	/* A service group gives its services, not their accounts (V16). */
	if (g == NULL || strcasecmp(g->kind, "serviceGroup") == 0)
		return;
	for (i = 0; i < g->accounts.n; i++)
		give(c, RIGHT_ACCOUNT, g->accounts.v[i], "",
		    PATH_GROUP_IDENTIFIER, e->right.key)->dead =
		    e->granted ? NULL : e->why;
}

void rights_expand(struct calc *c)
{
	size_t i;

	for (i = 0; i < c->n_sources; i++) {
		struct giving to = { c, &c->source[i] };

		if (to.source->right.kind == RIGHT_ALL_ACCOUNTS)
			c->w->accounts_of(c->w->ctx, to.source->right.key,
			    give_account, &to);
		else if (to.source->right.kind == RIGHT_GROUP)
			give_group(c, to.source);
	}
}

/* What gives something stands before what does not. */
static int reason_cmp(const void *x, const void *y)
{
	const struct reason *p = x, *q = y;
	int d = right_cmp(&p->right, &q->right);

	if (d == 0)
		d = (p->dead != NULL) - (q->dead != NULL);
	if (d == 0)
		d = (int)p->path.kind - (int)q->path.kind;
	return d != 0 ? d : strcasecmp(p->path.via, q->path.via);
}

struct effective *rights_merge(struct calc *c, struct bag *b, size_t *n)
{
	struct effective *v = arena_array(c->a, b->n + 1, sizeof(*v));
	struct path *path = arena_array(c->a, b->n + 1, sizeof(*path));
	size_t i;

	*n = 0;
	if (b->n != 0)
		qsort(b->v, b->n, sizeof(*b->v), reason_cmp);
	for (i = 0; i < b->n; i++) {
		const struct reason *r = &b->v[i];
		struct effective *e = *n ? &v[*n - 1] : NULL;

		if (i != 0 && reason_cmp(&b->v[i - 1], r) == 0)
			continue;
		if (e == NULL || !right_eq(&e->right, &r->right)) {
			e = &v[(*n)++];
			*e = (struct effective){ r->right, r->dead == NULL,
			    r->dead ? r->dead : "", path, 0, false };
		} else if (e->granted && r->dead != NULL) {
			continue;
		}
		*path++ = r->path;
		e->n_paths++;
	}
	return v;
}
