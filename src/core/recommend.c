/* SPDX-License-Identifier: ISC */
#include "core/recommend.h"

#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"

/* One product, and the account that has it ("": through a group). */
struct have {
	const char *product, *account;
};

struct recommending {
	struct arena *a;
	const struct rights *r;
	const struct world *w;
	struct have *have;
	size_t n_have, cap_have;
	const char *account;		/* whose services are looked at */
	struct recommendation *out;
	size_t n, cap;
};

static void add_have(struct recommending *g, const char *product,
    const char *account)
{
	if (*product == '\0')
		return;
	if (g->n_have == g->cap_have) {
		size_t cap = g->cap_have ? g->cap_have * 2 : 32;

		g->have = arena_grow(g->a, g->have, g->n_have, cap,
		    sizeof(*g->have));
		g->cap_have = cap;
	}
	g->have[g->n_have++] = (struct have){ product, account };
}

static bool see_service(void *arg, const struct service *s)
{
	struct recommending *g = arg;

	add_have(g, s->product, g->account);
	return true;
}

static void products_of_account(struct recommending *g, const char *number)
{
	const struct account *acc = g->w->account(g->w->ctx, number);
	size_t i;

	if (acc == NULL)
		return;
	for (i = 0; i < acc->products.n; i++)
		add_have(g, acc->products.v[i], acc->number);
	g->account = acc->number;
	g->w->services_of(g->w->ctx, acc->number, see_service, g);
}

static void products_of_group(struct recommending *g, const char *id)
{
	const struct group_identifier *gi =
	    g->w->group_identifier(g->w->ctx, id);
	size_t i;

	for (i = 0; gi != NULL && i < gi->services.n; i++) {
		const struct service *s = g->w->service(g->w->ctx,
		    gi->services.v[i]);

		if (s != NULL)
			add_have(g, s->product, "");
	}
}

static void gather(struct recommending *g)
{
	size_t i;

	for (i = 0; i < g->r->n; i++) {
		const struct effective *x = &g->r->v[i];

		if (!x->granted)
			continue;
		if (x->right.kind == RIGHT_ACCOUNT)
			products_of_account(g, x->right.key);
		else if (x->right.kind == RIGHT_GROUP)
			products_of_group(g, x->right.key);
	}
}

static void add_once(struct arena *a, struct strv *v, const char *s)
{
	if (*s != '\0' && !strv_ihas(v, s))
		strv_add(a, v, s);
}

static bool see_tool(void *arg, const struct tool *t)
{
	struct recommending *g = arg;
	struct recommendation x = { .tool = t };
	size_t i;

	if (rights_hold(g->r, &(struct right){ RIGHT_TOOL, t->id, "" }))
		return true;
	for (i = 0; i < g->n_have; i++) {
		if (!strv_ihas(&t->products, g->have[i].product))
			continue;
		add_once(g->a, &x.products, g->have[i].product);
		add_once(g->a, &x.accounts, g->have[i].account);
	}
	if (x.products.n == 0)
		return true;
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 8;

		g->out = arena_grow(g->a, g->out, g->n, cap,
		    sizeof(*g->out));
		g->cap = cap;
	}
	g->out[g->n++] = x;
	return true;
}

static int cmp(const void *x, const void *y)
{
	const struct recommendation *p = x, *q = y;

	if (p->accounts.n != q->accounts.n)
		return p->accounts.n < q->accounts.n ? 1 : -1;
	return strcasecmp(p->tool->id, q->tool->id);
}

size_t recommend_tools(struct arena *a, const struct rights *r,
    const struct world *w, struct recommendation **out)
{
	struct recommending g = { .a = a, .r = r, .w = w };

	gather(&g);
	w->tools(w->ctx, see_tool, &g);
	if (g.n != 0)
		qsort(g.out, g.n, sizeof(*g.out), cmp);
	*out = g.out;
	return g.n;
}
