/* SPDX-License-Identifier: ISC */
#include "core/cascade.h"

#include <string.h>

#include "base/arena.h"
#include "core/rules.h"

struct cascading {
	struct arena *a;
	const struct person *p;		/* after */
	const struct strv *gone;
	const struct world *w;
};

static bool by_rule(struct arena *a, const struct person *p,
    const char *company, const struct world *w)
{
	const struct rule *r;
	size_t n, i;

	r = w->rules(w->ctx, &n);
	for (i = 0; i < n; i++)
		if (strv_ihas(&r[i].companies, company) &&
		    rules_apply(a, &r[i], p))
			return true;
	return false;
}

static void add_gone(struct arena *a, struct strv *gone,
    const struct entry *before, const char *attr, const struct person *after,
    const struct world *w)
{
	struct strv had = entry_list(a, before, attr);
	size_t i;

	for (i = 0; i < had.n; i++)
		if (!strv_ihas(&after->companies, had.v[i]) &&
		    !strv_ihas(gone, had.v[i]) &&
		    !by_rule(a, after, had.v[i], w))
			strv_add(a, gone, had.v[i]);
}

struct strv cascade_gone(struct arena *a, const struct entry *before,
    const struct entry *after, const struct world *w)
{
	struct strv gone = { 0 };
	struct person p;

	person_read(a, after, &p, NULL);
	add_gone(a, &gone, before, stored_attr(RIGHT_COMPANY), &p, w);
	return gone;
}

struct strv cascade_pending(struct arena *a, const struct entry *before,
    const struct entry *after, const struct world *w)
{
	struct strv gone = { 0 }, out = { 0 };
	struct person p;
	size_t i;

	person_read(a, after, &p, NULL);
	add_gone(a, &gone, before, stored_attr(RIGHT_COMPANY), &p, w);
	add_gone(a, &gone, before, CASCADE_TAKEN, &p, w);
	/* CPNI goes with the last one, whichever that is. */
	if (cascade_list(a, after, &gone, w).n == 0)
		return out;
	for (i = 0; i < gone.n; i++) {
		struct strv one = { .v = &gone.v[i], .n = 1, .cap = 1 };

		if (cascade_list(a, after, &one, w).n != 0)
			strv_add(a, &out, gone.v[i]);
	}
	return out.n != 0 ? out : gone;
}

static bool account_goes(const struct cascading *c, const char *number)
{
	const struct account *acc = c->w->account(c->w->ctx, number);

	return acc != NULL && strv_ihas(c->gone, acc->company);
}

/* A tool goes when it has accounts and all of them go. */
static bool tool_goes(const struct cascading *c, const char *tool)
{
	bool any = false;
	size_t i;

	for (i = 0; i < c->p->n_tool_accounts; i++) {
		if (!str_ieq(c->p->tool_accounts[i].tool, tool))
			continue;
		if (!account_goes(c, c->p->tool_accounts[i].account))
			return false;
		any = true;
	}
	return any;
}

static bool company_left(const struct cascading *c)
{
	const struct rule *r;
	size_t n, i;

	if (c->p->companies.n != 0)
		return true;
	r = c->w->rules(c->w->ctx, &n);
	for (i = 0; i < n; i++)
		if (r[i].companies.n != 0 && rules_apply(c->a, &r[i], c->p))
			return true;
	return false;
}

static bool goes(const struct cascading *c, const struct right *r)
{
	const struct group_identifier *g;

	switch (r->kind) {
	case RIGHT_ACCOUNT:
		return account_goes(c, r->key);
	case RIGHT_TOOL_ACCOUNT:
		return account_goes(c, r->account);
	case RIGHT_ALL_ACCOUNTS:
		return strv_ihas(c->gone, r->key);
	case RIGHT_GROUP:
		g = c->w->group_identifier(c->w->ctx, r->key);
		return g != NULL && strv_ihas(c->gone, g->company);
	case RIGHT_TOOL:
		return tool_goes(c, r->key);
	case RIGHT_CPNI:
		return !company_left(c);
	default:
		return false;
	}
}

struct stored_list cascade_list(struct arena *a, const struct entry *after,
    const struct strv *gone, const struct world *w)
{
	struct stored_list all = stored_read(a, after), out = { 0 };
	struct person p;
	struct cascading c = { a, &p, gone, w };
	size_t i;

	if (gone->n == 0)
		return out;
	person_read(a, after, &p, NULL);
	for (i = 0; i < all.n; i++)
		if (goes(&c, &all.v[i].right))
			stored_add(a, &out, &all.v[i]);
	return out;
}

/* With the companies, whose periods and provenance go as well; sorted. */
static struct stored_list whole(struct arena *a, const struct strv *gone,
    const struct stored_list *list)
{
	struct stored_list out = { 0 };
	size_t i;

	for (i = 0; i < gone->n; i++)
		stored_add(a, &out, &(struct stored){ { RIGHT_COMPANY,
		    gone->v[i], "" }, stored_attr(RIGHT_COMPANY),
		    gone->v[i] });
	for (i = 0; i < list->n; i++)
		stored_add(a, &out, &list->v[i]);
	stored_sort(&out);
	return out;
}

void cascade_change(struct arena *a, struct change *c,
    const struct entry *after, const struct strv *gone,
    const struct stored_list *list)
{
	struct stored_list l = whole(a, gone, list);

	stored_take(a, c, after, &l);
}

void cascade_drop(struct arena *a, struct entry *after,
    const struct strv *gone, const struct stored_list *list)
{
	struct stored_list l = whole(a, gone, list);

	stored_drop(a, after, &l);
}
