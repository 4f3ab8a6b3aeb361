/* SPDX-License-Identifier: ISC */
#include "core/rights.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/rights_p.h"
#include "core/stored.h"

static int effective_cmp(const void *x, const void *y)
{
	return right_cmp(&((const struct effective *)x)->right,
	    &((const struct effective *)y)->right);
}

static struct effective *search(struct effective *v, size_t n,
    enum right_kind kind, const char *key, const char *account)
{
	const struct effective want = { .right = { kind, key, account } };

	return n == 0 ? NULL : bsearch(&want, v, n, sizeof(*v), effective_cmp);
}

static struct effective *source(const struct calc *c, enum right_kind kind,
    const char *key)
{
	return search(c->source, c->n_sources, kind, key, "");
}

static bool has(const struct calc *c, enum right_kind kind, const char *key)
{
	const struct effective *e = source(c, kind, key);

	return e != NULL && e->granted;
}

/* --- why a right does not hold ------------------------------------------ */

static const char *no_such(struct calc *c, const char *what, const char *key)
{
	return arena_printf(c->a, "there is no %s %s", what, key);
}

static const char *not_authorised(struct calc *c, const char *company)
{
	const struct effective *e = source(c, RIGHT_COMPANY, company);

	return arena_printf(c->a, "company %s is not authorised (V13)%s%s",
	    company, e ? ": " : "", e ? e->why : "");
}

/* L1, for the account's own enterprise and its company's. */
static const char *enterprise_cut(struct calc *c, const char *id)
{
	const struct enterprise *en;

	if (*id == '\0')
		return NULL;
	en = c->w->enterprise(c->w->ctx, id);
	if (en == NULL)
		return no_such(c, "enterprise", id);
	return en->active ? NULL : arena_printf(c->a,
	    "enterprise %s is inactive (L1)", en->id);
}

/* V13 and L1 for an account, wherever it is used. */
static const char *account_cut(struct calc *c, const char *number)
{
	const struct account *acc = c->w->account(c->w->ctx, number);
	const struct company *co;
	const char *why;

	if (acc == NULL)
		return no_such(c, "account", number);
	if (!has(c, RIGHT_COMPANY, acc->company))
		return not_authorised(c, acc->company);
	why = enterprise_cut(c, acc->enterprise);
	if (why != NULL)
		return why;
	co = c->w->company(c->w->ctx, acc->company);
	return co == NULL || str_ieq(co->enterprise, acc->enterprise) ? NULL :
	    enterprise_cut(c, co->enterprise);
}

static const char *group_cut(struct calc *c, const char *id)
{
	static const char *const kinds[] = { "serviceGroup", "cgi", "emedia" };
	const struct group_identifier *g =
	    c->w->group_identifier(c->w->ctx, id);
	size_t i;

	if (g == NULL)
		return no_such(c, "group identifier", id);
	if (*g->company != '\0' && !has(c, RIGHT_COMPANY, g->company))
		return not_authorised(c, g->company);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_ieq(g->kind, kinds[i]))
			return NULL;
	return arena_printf(c->a, "group identifier %s is of no known kind "
	    "(V16)", g->id);
}

static const char *tool_account_cut(struct calc *c, const struct right *r)
{
	const struct effective *tool = source(c, RIGHT_TOOL, r->key);
	const char *why = account_cut(c, r->account);

	if (why != NULL || (tool != NULL && tool->granted))
		return why;
	return arena_printf(c->a, "tool %s is not granted (V19)%s%s", r->key,
	    tool ? ": " : "", tool ? tool->why : "");
}

static const char *unless(const void *there, struct calc *c,
    const char *what, const char *key)
{
	return there != NULL ? NULL : no_such(c, what, key);
}

/* Why this right does not hold, NULL: it does. Companies come first in the
 * order of rights, so what hangs on them finds them evaluated. */
static const char *cut(struct calc *c, const struct right *r)
{
	const struct world *w = c->w;
	const char *why = window_cut(c->a, &c->window, r, c->now);

	if (why != NULL)
		return why;
	switch (r->kind) {
	case RIGHT_ROLE:
		return unless(w->role(w->ctx, r->key), c, "role", r->key);
	case RIGHT_COMPANY:
		return unless(w->company(w->ctx, r->key), c, "company",
		    r->key);
	case RIGHT_ALL_ACCOUNTS:
		return has(c, RIGHT_COMPANY, r->key) ? NULL :
		    not_authorised(c, r->key);
	case RIGHT_GROUP:
		return group_cut(c, r->key);
	case RIGHT_TOOL:
		return unless(w->tool(w->ctx, r->key), c, "tool", r->key);
	case RIGHT_ACCOUNT:
		return account_cut(c, r->key);
	case RIGHT_TOOL_ACCOUNT:
		return tool_account_cut(c, r);
	case RIGHT_PORTAL:
		return strcasecmp(c->p->portal, "active") == 0 ? NULL :
		    "invited, not registered yet (A1)";
	default:
		return NULL;
	}
}

/* --- whose end was set earlier ------------------------------------------- */

/* Who writes an end that lies in the past takes away now. The entry tells when
 * it was written last; that the end was set even later, it can't be. */
static bool end_came(struct calc *c, const struct right *r)
{
	int64_t ended = window_ended(&c->window, r, c->now);

	return ended != INT64_MIN && c->p->modified != 0 &&
	    c->p->modified < ended;
}

static bool source_ended(const struct calc *c, enum right_kind kind,
    const char *key)
{
	const struct effective *e = source(c, kind, key);

	return e != NULL && e->ended;
}

static bool account_ended(const struct calc *c, const char *number)
{
	const struct account *acc = c->w->account(c->w->ctx, number);

	return acc != NULL && source_ended(c, RIGHT_COMPANY, acc->company);
}

/* Its own period, or one of what it hangs on. */
static bool ended(struct calc *c, const struct right *r)
{
	const struct group_identifier *g;

	if (end_came(c, r))
		return true;
	switch (r->kind) {
	case RIGHT_ALL_ACCOUNTS:
		return source_ended(c, RIGHT_COMPANY, r->key);
	case RIGHT_GROUP:
		g = c->w->group_identifier(c->w->ctx, r->key);
		return g != NULL && source_ended(c, RIGHT_COMPANY, g->company);
	case RIGHT_ACCOUNT:
		return account_ended(c, r->key);
	case RIGHT_TOOL_ACCOUNT:
		return source_ended(c, RIGHT_TOOL, r->key) ||
		    account_ended(c, r->account);
	default:
		return false;
	}
}

/* --- what breaks a rule ------------------------------------------------- */

static const struct rule *rule_by_id(const struct calc *c, const char *id)
{
	size_t n, i;
	const struct rule *r = c->w->rules(c->w->ctx, &n);

	for (i = 0; i < n; i++)
		if (str_ieq(r[i].id, id))
			return &r[i];
	return NULL;
}

/* Time, an inactive enterprise and a pending registration cut without anything
 * being wrong. */
static bool in_order(const char *why)
{
	return strstr(why, "(T3)") != NULL || strstr(why, "(L1)") != NULL ||
	    strstr(why, "(A1)") != NULL || strstr(why, "(V14)") != NULL;
}

/* A value that grants nothing although neither time nor state says so. What
 * is cut on its way (a company's accounts) is reported at its source. */
static void report(struct calc *c, const struct effective *e)
{
	const char *value = e->right.key, *text;
	const struct rule *rule;

	if (e->granted || in_order(e->why))
		return;
	if (e->right.kind == RIGHT_TOOL_ACCOUNT)
		value = arena_printf(c->a, "%s %s", str_word(c->a,
		    e->right.key), str_word(c->a, e->right.account));
	text = arena_printf(c->a, "%s; it grants nothing until that is "
	    "mended or the value is taken away", e->why);
	if (e->path[0].kind == PATH_DIRECT)
		problem_add(c->a, &c->out->problems, c->p->dn,
		    stored_attr(e->right.kind), value, text);
	/* A rule's accounts may lie beyond a person's companies (V13). */
	else if (e->path[0].kind == PATH_RULE && strstr(e->why, "(V13)") ==
	    NULL && (rule = rule_by_id(c, e->path[0].via)) != NULL)
		rights_rule_problem(c, rule, value, text);
}

/* --- judging ------------------------------------------------------------ */

static void evaluate(struct calc *c, struct effective *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *why = cut(c, &v[i].right);

		if (why != NULL) {
			v[i].granted = false;
			v[i].why = why;
			v[i].ended = ended(c, &v[i].right);
		}
		report(c, &v[i]);
	}
}

static bool company_closed(struct calc *c, const char *number)
{
	const struct account *acc = c->w->account(c->w->ctx, number);

	return acc != NULL && !has(c, RIGHT_COMPANY, acc->company);
}

/* V14: a tool whose every account is cut with its company is cut too. A grant
 * that never had an account is not (V19). */
static void cut_tools(struct calc *c, const struct effective *acc, size_t n)
{
	size_t i = 0;

	while (i < n && acc[i].right.kind != RIGHT_TOOL_ACCOUNT)
		i++;
	while (i < n) {
		const char *tool = acc[i].right.key;
		struct effective *e;
		bool closed = true, past = true;

		for (; i < n && strcasecmp(acc[i].right.key, tool) == 0; i++) {
			closed = closed && company_closed(c,
			    acc[i].right.account);
			past = past && account_ended(c, acc[i].right.account);
		}
		e = closed ? source(c, RIGHT_TOOL, tool) : NULL;
		if (e == NULL || !e->granted)
			continue;
		e->granted = false;
		e->why = "every account of it is cut with its company (V14)";
		e->ended = past;
	}
}

/* What the person's time and state cut; NULL: nothing. */
static const char *state_cut(const struct calc *c, const struct right *r)
{
	bool tool = r->kind == RIGHT_TOOL || r->kind == RIGHT_TOOL_ACCOUNT;

	if (c->p->state != PERSON_LEFT && c->now < c->p->starts)
		return "the person has not joined yet (T3)";
	if (c->p->state != PERSON_LEFT && c->now >= c->p->ends)
		return "the person's time has ended (T3)";
	switch (c->p->state) {
	case PERSON_ACTIVE:
		return NULL;
	case PERSON_INVITED:
		return tool ? "the person is invited: tools open with the "
		    "first sign-in (V8)" : NULL;
	case PERSON_SUSPENDED:
		return "the person is suspended";
	default:
		return "the person has left";
	}
}

/* Have they left at a time that was set before it came? The daemon's own note
 * of it on the entry comes later. */
static bool time_came(const struct calc *c)
{
	const struct person *p = c->p;
	int64_t end = p->state == PERSON_LEFT ? p->left : p->ends;

	return end <= c->now && p->modified != 0 && p->modified < end;
}

static void finish(struct calc *c, const struct effective *acc, size_t n)
{
	struct rights *out = c->out;
	size_t i;

	out->n = c->n_sources + n;
	out->v = arena_array(c->a, out->n + 1, sizeof(*out->v));
	if (c->n_sources != 0)
		memcpy(out->v, c->source, c->n_sources * sizeof(*out->v));
	if (n != 0)
		memcpy(out->v + c->n_sources, acc, n * sizeof(*out->v));
	if (out->n != 0)
		qsort(out->v, out->n, sizeof(*out->v), effective_cmp);
	for (i = 0; i < out->n; i++) {
		struct effective *e = &out->v[i];
		const char *why = state_cut(c, &e->right);

		if (why != NULL) {
			e->granted = false;
			e->why = why;
			e->ended |= time_came(c);
		}
		if (e->granted && e->right.kind == RIGHT_ROLE)
			out->permissions = c->w->role(c->w->ctx,
			    e->right.key)->permissions;
	}
}

static int64_t next_change(const struct calc *c)
{
	int64_t next = window_next(&c->window, c->now);

	if (c->p->starts > c->now && c->p->starts < next)
		next = c->p->starts;
	return c->p->ends > c->now && c->p->ends < next ? c->p->ends : next;
}

void rights_compute(struct arena *a, const struct person *p,
    const struct world *w, int64_t now, struct rights *out)
{
	struct calc c = { .a = a, .p = p, .w = w, .now = now, .out = out };
	struct effective *acc;
	size_t n;

	*out = (struct rights){ 0 };
	window_make(a, p, &c.window);
	out->next_change = next_change(&c);
	rights_gather(&c);
	c.source = rights_merge(&c, &c.sources, &c.n_sources);
	evaluate(&c, c.source, c.n_sources);
	rights_expand(&c);
	acc = rights_merge(&c, &c.accounts, &n);
	cut_tools(&c, acc, n);
	evaluate(&c, acc, n);
	finish(&c, acc, n);
}

const struct effective *rights_find(const struct rights *r,
    const struct right *right)
{
	return search(r->v, r->n, right->kind, right->key, right->account);
}

bool rights_hold(const struct rights *r, const struct right *right)
{
	const struct effective *e = rights_find(r, right);

	return e != NULL && e->granted;
}

void rights_counts(const struct rights *r, int64_t *accounts,
    int64_t *groups, int64_t *tools)
{
	size_t i;

	*accounts = *groups = *tools = 0;
	for (i = 0; i < r->n; i++) {
		const struct effective *e = &r->v[i];

		if (!e->granted)
			continue;
		if (e->right.kind == RIGHT_ACCOUNT)
			*accounts += e->path[0].kind == PATH_DIRECT ||
			    e->path[0].kind == PATH_RULE;
		*groups += e->right.kind == RIGHT_ALL_ACCOUNTS ||
		    e->right.kind == RIGHT_GROUP;
		*tools += e->right.kind == RIGHT_TOOL;
	}
}
