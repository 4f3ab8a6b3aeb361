/* SPDX-License-Identifier: ISC */
#include "core/clone.h"

#include "base/arena.h"
#include "core/authorise.h"
#include "core/given.h"
#include "core/stored.h"

struct cloning {
	struct arena *a;
	const struct entry *source;
	const struct world *w;
	struct reach r;			/* over nobody yet */
	struct rights has;		/* the source's */
	struct stored_list copied;
	struct entry *out;
	struct clone *left_out;
};

static void omit(struct cloning *c, const struct right *r, const char *why)
{
	struct clone *l = c->left_out;

	/* What it is would be told by its name. */
	if (!reach_sees(&c->r, r)) {
		l->unseen++;
		return;
	}
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 8;

		l->v = arena_grow(c->a, l->v, l->n, cap, sizeof(*l->v));
		l->cap = cap;
	}
	l->v[l->n++] = (struct clone_omission){ *r, arena_strdup(c->a, why) };
}

static bool copied(const struct cloning *c, enum right_kind kind,
    const char *key)
{
	return stored_find(&c->copied, &(struct right){ kind, key, "" }) !=
	    NULL;
}

/* Its company and tool must have come along; NULL: they have. */
static const char *without(struct cloning *c, const struct right *r)
{
	const char *company = given_company(c->w, r);

	if (company != NULL && *company != '\0' &&
	    !copied(c, RIGHT_COMPANY, company))
		return arena_printf(c->a, "company %s is left out (V18)",
		    company);
	if (r->kind == RIGHT_TOOL_ACCOUNT && !copied(c, RIGHT_TOOL, r->key))
		return arena_printf(c->a, "tool %s is left out (V19)",
		    r->key);
	return NULL;
}

static const char *not_cloned(struct cloning *c, const struct right *r)
{
	const struct effective *x = rights_find(&c->has, r);
	struct err e = { 0 };

	if (r->kind == RIGHT_ROLE && str_ieq(r->key, ROLE_PRIMARY_CONTACT))
		return "primary contact is never copied (V4a)";
	if (x == NULL || !x->granted)
		return x != NULL ? x->why : "it is not held";
	if (reach_give(&c->r, r, &e) != 0)
		return arena_strdup(c->a, e.text);
	return without(c, r);
}

/* Sorted: companies come before what hangs on them, tools before their
 * accounts. */
static void copy_rights(struct cloning *c)
{
	struct stored_list all = stored_read(c->a, c->source);
	const char *why;
	size_t i;

	for (i = 0; i < all.n; i++) {
		const struct right *r = &all.v[i].right;

		if (r->kind == RIGHT_PORTAL || r->kind == RIGHT_CPNI)
			continue;
		if ((why = not_cloned(c, r)) != NULL) {
			omit(c, r, why);
			continue;
		}
		stored_add(c->a, &c->copied, &all.v[i]);
		entry_add(c->a, c->out, all.v[i].attr, all.v[i].value);
	}
}

static void copy_periods(struct cloning *c)
{
	const struct attr *at = entry_attr(c->source, "provostPeriod");
	struct period p;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (period_parse(c->a, at->v[i].p, &p, NULL) == 0 &&
		    stored_find(&c->copied, &p.right) != NULL)
			entry_add(c->a, c->out, at->name, at->v[i].p);
}

static void copy_preferences(struct cloning *c)
{
	const struct attr *at = entry_attr(c->source, "provostPreference");
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		entry_add(c->a, c->out, at->name, at->v[i].p);
}

/* The enterprises of the companies that came along. */
static void add_enterprises(struct cloning *c)
{
	size_t i;

	for (i = 0; i < c->copied.n; i++) {
		const struct right *r = &c->copied.v[i].right;
		const struct company *co = r->kind != RIGHT_COMPANY ? NULL :
		    c->w->company(c->w->ctx, r->key);

		if (co != NULL && *co->enterprise != '\0' &&
		    !entry_has(c->out, "provostEnterprise", co->enterprise))
			entry_add(c->a, c->out, "provostEnterprise",
			    co->enterprise);
	}
}

int clone_rights(struct arena *a, const struct actor *who,
    const struct entry *source, const struct world *w, int64_t now,
    struct entry *out, struct clone *left_out, struct err *e)
{
	struct cloning c = { .a = a, .source = source, .w = w, .out = out,
	    .left_out = left_out };
	struct subject on = { .type = "User" };
	struct person p;
	int rc;

	person_read(a, source, &p, NULL);
	on.person = &p;
	*left_out = (struct clone){ 0 };
	if ((rc = authorise_actor(who, OP_CLONE, &on, w, e)) != 0)
		return rc;
	if (p.state != PERSON_ACTIVE)
		return err_set(e, ERR_DENIED, "%s is %s: only active users are "
		    "cloned (V9)", person_name(&p),
		    person_state_word(p.state));
	reach_init(a, who, NULL, w, &c.r);
	c.r.fresh = true;
	rights_compute(a, &p, w, now, &c.has);
	copy_rights(&c);
	copy_periods(&c);
	copy_preferences(&c);
	add_enterprises(&c);
	return 0;
}
