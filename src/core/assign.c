/* SPDX-License-Identifier: ISC */
#include "core/assign.h"

#include "base/arena.h"
#include "core/authorise.h"
#include "core/cascade.h"
#include "core/given.h"
#include "core/review.h"
#include "core/stored.h"

#define STATE "provostState"
#define PROVENANCE "provostProvenance"

struct assigning {
	struct arena *a;
	const struct actor *who;
	const struct entry *old;
	struct entry *want;
	const struct assign_order *o;
	const struct world *w;
	struct person p;		/* of old */
	struct rights have;		/* by old */
	struct stored_list stands;	/* on old */
};

/* --- the order ----------------------------------------------------------- */

static bool exists(const struct right *r, const struct world *w)
{
	switch (r->kind) {
	case RIGHT_ROLE:
		return w->role(w->ctx, r->key) != NULL;
	case RIGHT_COMPANY: case RIGHT_ALL_ACCOUNTS:
		return w->company(w->ctx, r->key) != NULL;
	case RIGHT_ACCOUNT:
		return w->account(w->ctx, r->key) != NULL;
	case RIGHT_GROUP:
		return w->group_identifier(w->ctx, r->key) != NULL;
	case RIGHT_TOOL:
		return w->tool(w->ctx, r->key) != NULL;
	case RIGHT_TOOL_ACCOUNT:
		return w->tool(w->ctx, r->key) != NULL &&
		    w->account(w->ctx, r->account) != NULL;
	default:
		return true;
	}
}

static int check_right(struct arena *a, const struct assign_order *o,
    const struct right *r, const struct world *w, struct err *e)
{
	if (r->kind == RIGHT_PORTAL || r->kind == RIGHT_MAIL)
		return err_set(e, ERR_INVALID, "%s is not assigned like this: "
		    "portal access is granted to each by mail (A1)",
		    right_print(a, r));
	if (r->kind == RIGHT_ROLE && o->kind == ASSIGN_TAKE)
		return err_set(e, ERR_INVALID, "%s: a user has exactly one "
		    "role: assign another one (V1)", right_print(a, r));
	/* What was given of things that are gone may still be taken. */
	return o->kind == ASSIGN_TAKE || exists(r, w) ? 0 : err_set(e,
	    ERR_INVALID, "%s: there is no such thing", right_print(a, r));
}

int assign_check(struct arena *a, const struct assign_order *o,
    const struct world *w, struct err *e)
{
	bool rights = o->kind == ASSIGN_GIVE || o->kind == ASSIGN_TAKE;
	size_t i, roles = 0;
	int rc = 0;

	if (rights != (o->n != 0))
		return err_set(e, ERR_INVALID, rights ? "which rights? Name "
		    "one at least, such as group:telecom-headquarters" :
		    "to suspend or reactivate takes no rights");
	for (i = 0; rc == 0 && i < o->n; i++) {
		roles += o->right[i].kind == RIGHT_ROLE;
		rc = check_right(a, o, &o->right[i], w, e);
	}
	return rc != 0 || roles < 2 ? rc : err_set(e, ERR_INVALID, "a user "
	    "has exactly one role (V1)");
}

/* --- giving -------------------------------------------------------------- */

static bool is_single(enum right_kind k)
{
	return k == RIGHT_ROLE || k == RIGHT_CPNI;
}

/* What stands there of a right that there is one of, with its provenance. */
static void drop_kind(struct assigning *g, enum right_kind kind)
{
	struct stored_list l = { 0 };
	size_t i;

	for (i = 0; i < g->stands.n; i++)
		if (g->stands.v[i].right.kind == kind)
			stored_add(g->a, &l, &g->stands.v[i]);
	stored_drop(g->a, g->want, &l);
	entry_drop(g->want, stored_attr(kind));
}

static void give(struct assigning *g, const struct right *r)
{
	const struct provenance from = { *r, g->o->origin, g->o->now };

	if (is_single(r->kind))
		drop_kind(g, r->kind);
	entry_add(g->a, g->want, stored_attr(r->kind), stored_value(g->a, r));
	entry_add(g->a, g->want, PROVENANCE, provenance_print(g->a, &from));
}

static bool has_tool(const struct assigning *g, const char *tool)
{
	const struct right r = { RIGHT_TOOL, tool, "" };
	size_t i;

	for (i = 0; i < g->o->n; i++)
		if (right_cmp(&g->o->right[i], &r) == 0)
			return true;
	return rights_find(&g->have, &r) != NULL;
}

static int give_all(struct assigning *g, struct err *e)
{
	size_t i;

	if (g->p.state == PERSON_LEFT)
		return err_set(e, ERR_INVALID, "%s has left",
		    person_name(&g->p));
	for (i = 0; i < g->o->n; i++) {
		const struct right *r = &g->o->right[i];

		if (stored_find(&g->stands, r) != NULL)
			continue;
		if (r->kind == RIGHT_TOOL_ACCOUNT && !has_tool(g, r->key))
			return err_set(e, ERR_INVALID, "%s: give %s the tool "
			    "%s first (V19)", right_print(g->a, r),
			    person_name(&g->p), r->key);
		give(g, r);
	}
	return given_change(g->a, g->old, g->want, g->w, g->o->now, e);
}

/* --- taking -------------------------------------------------------------- */

/* V15: is what does not stand on the entry held some other way? */
static int not_by_hand(const struct assigning *g, const struct right *r,
    struct err *e)
{
	const struct effective *x = rights_find(&g->have, r);

	if (x == NULL || x->n_paths == 0)
		return 0;
	if (r->kind == RIGHT_ACCOUNT || r->kind == RIGHT_TOOL_ACCOUNT)
		return given_take(&g->have, r, e);
	return err_set(e, ERR_INVALID, "%s is held through the rule %s and is "
	    "taken away by the same means (V15)", right_print(g->a, r),
	    x->path[0].via != NULL ? x->path[0].via : "");
}

/* A tool goes with its accounts (V20). */
static void lose(const struct assigning *g, const struct stored *s,
    struct stored_list *lost)
{
	size_t i;

	stored_add(g->a, lost, s);
	for (i = 0; s->right.kind == RIGHT_TOOL && i < g->stands.n; i++)
		if (g->stands.v[i].right.kind == RIGHT_TOOL_ACCOUNT &&
		    str_ieq(g->stands.v[i].right.key, s->right.key))
			stored_add(g->a, lost, &g->stands.v[i]);
}

/* V14 */
static void cascade(struct assigning *g)
{
	struct strv gone = cascade_gone(g->a, g->old, g->want, g->w);
	struct stored_list l = cascade_list(g->a, g->want, &gone, g->w);

	cascade_drop(g->a, g->want, &gone, &l);
}

static int take_all(struct assigning *g, struct err *e)
{
	struct stored_list lost = { 0 };
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < g->o->n; i++) {
		const struct stored *s = stored_find(&g->stands,
		    &g->o->right[i]);

		if (s != NULL)
			lose(g, s, &lost);
		else
			rc = not_by_hand(g, &g->o->right[i], e);
	}
	if (rc != 0 || lost.n == 0)
		return rc;
	stored_sort(&lost);
	stored_drop(g->a, g->want, &lost);
	cascade(g);
	return 0;
}

/* --- states -------------------------------------------------------------- */

static int set_state(struct assigning *g, struct err *e)
{
	bool suspend = g->o->kind == ASSIGN_SUSPEND;

	if (g->p.state == PERSON_LEFT)
		return err_set(e, ERR_INVALID, "%s has left",
		    person_name(&g->p));
	if (!suspend && g->p.state == PERSON_INVITED)
		return err_set(e, ERR_INVALID, "%s is invited and becomes "
		    "active with the invitation (V8)", person_name(&g->p));
	if (suspend == (g->p.state == PERSON_SUSPENDED))
		return 0;
	entry_drop(g->want, STATE);
	entry_add(g->a, g->want, STATE, suspend ? "suspended" : "active");
	return 0;
}

/* --- one person ---------------------------------------------------------- */

static bool owned(const char *name, void *ctx)
{
	(void)ctx;
	return !str_ieq(name, CASCADE_TAKEN) && !str_ieq(name, REVIEW_MOVED);
}

static int decide(struct assigning *g, struct err *e)
{
	int rc = g->o->kind == ASSIGN_GIVE ? give_all(g, e) :
	    g->o->kind == ASSIGN_TAKE ? take_all(g, e) : set_state(g, e);

	return rc != 0 ? rc : authorise_change(g->who, g->old, g->want, g->w,
	    e);
}

static struct strv differing(struct arena *a, const struct entry *x,
    const struct entry *y)
{
	struct stored_list l = stored_read(a, x), m = stored_read(a, y);
	struct stored_list beyond = stored_beyond(a, &l, &m);
	struct strv out = { 0 };
	size_t i;

	for (i = 0; i < beyond.n; i++)
		strv_add(a, &out, right_print(a, &beyond.v[i].right));
	return out;
}

struct change *assign_person(struct arena *a, const struct actor *who,
    const struct entry *e, const struct assign_order *o,
    const struct world *w, struct assign_result *out)
{
	struct assigning g = { .a = a, .who = who, .old = e, .o = o, .w = w };
	struct err why = { 0 };
	struct change *c;

	*out = (struct assign_result){ .text = "" };
	g.want = entry_dup(a, e);
	g.stands = stored_read(a, e);
	person_read(a, e, &g.p, NULL);
	rights_compute(a, &g.p, w, o->now, &g.have);
	out->code = decide(&g, &why);
	if (out->code != 0) {
		out->text = arena_strdup(a, why.text);
		return NULL;
	}
	out->given = differing(a, g.want, e);
	out->taken = differing(a, e, g.want);
	c = change_diff(a, e, g.want, owned, NULL);
	return c->n != 0 ? c : NULL;
}
