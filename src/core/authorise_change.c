/* SPDX-License-Identifier: ISC */
/* What a change of a person's entry amounts to: rights that come and go,
 * rules that begin to apply, and everything else, which is all of the person's
 * (V4a). */
#include "base/arena.h"
#include "core/authorise_p.h"
#include "core/cascade.h"
#include "core/review.h"
#include "core/rules.h"
#include "core/stored.h"

struct changing {
	struct arena *a;
	const struct actor *who;
	const struct entry *old, *want;	/* old NULL: a creation */
	struct person before, after;
	struct stored_list gained, lost;
	const struct world *w;
	struct reach r;			/* over before; of a creation, after */
};

/* --- what differs -------------------------------------------------------- */

static bool within(const struct attr *x, const struct attr *y)
{
	size_t i;

	for (i = 0; x != NULL && i < x->n; i++)
		if (!attr_has_val(y, &x->v[i]))
			return false;
	return true;
}

static bool differs(const struct entry *x, const struct entry *y,
    const char *name)
{
	const struct attr *p = x != NULL ? entry_attr(x, name) : NULL;
	const struct attr *q = y != NULL ? entry_attr(y, name) : NULL;

	return !within(p, q) || !within(q, p);
}

/* Rights, and what is asked about by itself or written by the daemon. */
static bool handled(const char *name)
{
	static const char *const names[] = { "provostPeriod",
	    "provostProvenance", "provostAdminScope", "provostState",
	    "provostEnterprise", "provostPreference", "objectClass",
	    "provostStartsAt", "provostEndsAt", "provostLeftAt",
	    REVIEW_ATTR, REVIEW_MOVED, CASCADE_TAKEN, NULL };
	size_t i;
	int k;

	for (i = 0; names[i] != NULL; i++)
		if (str_ieq(name, names[i]))
			return true;
	for (k = RIGHT_ROLE; k <= RIGHT_CPNI; k++)
		if (str_ieq(name, stored_attr((enum right_kind)k)))
			return true;
	return false;
}

/* The first other attribute of x that is not the same in y, NULL none. */
static const char *plain_in(const struct entry *x, const struct entry *y)
{
	size_t i;

	for (i = 0; x != NULL && i < x->n; i++)
		if (!handled(x->a[i].name) && differs(x, y, x->a[i].name))
			return x->a[i].name;
	return NULL;
}

static const char *plain(const struct changing *c)
{
	const char *name = plain_in(c->want, c->old);

	return name != NULL ? name : plain_in(c->old, c->want);
}

/* --- rights -------------------------------------------------------------- */

static int check_rights(const struct changing *c, struct err *e)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < c->lost.n; i++)
		rc = reach_take(&c->r, &c->lost.v[i].right, e);
	for (i = 0; rc == 0 && i < c->gained.n; i++)
		rc = reach_give(&c->r, &c->gained.v[i].right, e);
	return rc;
}

/* Who sets a period gives the right, for another time. */
static int check_periods(const struct changing *c, const struct entry *x,
    const struct entry *y, struct err *e)
{
	const struct attr *p = x ? entry_attr(x, "provostPeriod") : NULL;
	const struct attr *q = y ? entry_attr(y, "provostPeriod") : NULL;
	struct period period;
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && p != NULL && i < p->n; i++)
		if (!attr_has_val(q, &p->v[i]) && period_parse(c->a, p->v[i].p,
		    &period, NULL) == 0 && stored_find(&c->lost,
		    &period.right) == NULL)
			rc = reach_give(&c->r, &period.right, e);
	return rc;
}

/* Rules that apply from now on: a group push, another department (V4a). */
static int check_rules(const struct changing *c, struct err *e)
{
	const struct rule *rule;
	size_t n, i;
	int rc = 0;

	rule = c->w->rules(c->w->ctx, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (rules_apply(c->a, &rule[i], &c->after) && (c->old == NULL
		    || !rules_apply(c->a, &rule[i], &c->before)))
			rc = authorise_rule_gives(&c->r, &rule[i], e);
	return rc;
}

/* --- the rest ------------------------------------------------------------ */

static bool own_enterprise(const struct changing *c, const char *id)
{
	const struct person *me = c->who->person;
	size_t i;

	if (strv_ihas(&me->enterprises, id))
		return true;
	for (i = 0; i < me->companies.n; i++) {
		const struct company *co = c->w->company(c->w->ctx,
		    me->companies.v[i]);

		if (co != NULL && str_ieq(co->enterprise, id) &&
		    reach_company(&c->r, co->id))
			return true;
	}
	return false;
}

/* Those of x that y has not must be the actor's. */
static int check_enterprises(const struct changing *c,
    const struct strv *x, const struct entry *y, struct err *e)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if ((y == NULL || !entry_has(y, "provostEnterprise",
		    x->v[i])) && !own_enterprise(c, x->v[i]))
			return err_set(e, ERR_DENIED, "the profile of %s is "
			    "not assigned to enterprise %s (L1)",
			    c->who->name, x->v[i]);
	return 0;
}

static int ask(const struct changing *c, enum operation op, struct err *e)
{
	const struct subject on = { .type = "User", .person = c->old != NULL ?
	    &c->before : &c->after };

	return authorise_actor(c->who, op, &on, c->w, e);
}

static bool gives_provider(const struct changing *c)
{
	return differs(c->old, c->want, "provostAdminScope") &&
	    (actor_scopes_staff(&c->after.admin_scopes) ||
	    actor_scopes_staff(&c->before.admin_scopes));
}

static int check_scopes(const struct changing *c, struct err *e)
{
	if (gives_provider(c))
		return err_set(e, ERR_DENIED, "only provider staff make "
		    "provider staff (A4)");
	return differs(c->old, c->want, "provostAdminScope") ?
	    ask(c, OP_SCOPE, e) : 0;
}

static int check_plain(const struct changing *c, struct err *e)
{
	const char *name = c->old != NULL ? plain(c) : NULL;

	if (name == NULL || actor_is(c->who, &c->before))
		return 0;
	return reach_all(&c->r, e) == 0 ? 0 : err_wrap(e, "%s", name);
}

static bool times_differ(const struct changing *c)
{
	return differs(c->old, c->want, "provostStartsAt") ||
	    differs(c->old, c->want, "provostEndsAt") ||
	    differs(c->old, c->want, "provostLeftAt");
}

/* Whether the person can use anything at all, and from when until when. */
static bool state_differs(const struct changing *c)
{
	return differs(c->old, c->want, "provostState") || times_differ(c);
}

static int check_state(const struct changing *c, struct err *e)
{
	if (c->old == NULL || !state_differs(c))
		return 0;
	if (times_differ(c) && actor_is(c->who, &c->before))
		return err_set(e, ERR_DENIED, "nobody says when they join or "
		    "leave themselves (T3)");
	return ask(c, OP_SUSPEND, e);
}

static int check_person(const struct changing *c, struct err *e)
{
	int rc = check_scopes(c, e);

	if (rc == 0)
		rc = check_state(c, e);
	if (rc == 0)
		rc = check_enterprises(c, &c->after.enterprises, c->old, e);
	if (rc == 0 && c->old != NULL)
		rc = check_enterprises(c, &c->before.enterprises, c->want, e);
	return rc != 0 ? rc : check_plain(c, e);
}

/* --- who changes whom ---------------------------------------------------- */

static bool prefers_only(const struct changing *c)
{
	static const char *const names[] = { "provostPeriod",
	    "provostAdminScope", "provostEnterprise", REVIEW_ATTR, NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (differs(c->old, c->want, names[i]))
			return false;
	return !state_differs(c) && c->old != NULL && c->gained.n == 0 && c->lost.n == 0 &&
	    plain(c) == NULL;
}

/* A new user belongs to one of the actor's companies (V2). */
static int check_new(const struct changing *c, struct err *e)
{
	size_t i;

	for (i = 0; i < c->r.companies.n; i++)
		if (reach_company(&c->r, c->r.companies.v[i]))
			return reach_scope(&c->r, NULL, e);
	return err_set(e, ERR_DENIED, "a new user belongs to a company of "
	    "%s: authorise one (V2)", c->who->name);
}

/* What begins or goes on is given, what ends is taken away (T3). */
static int check_all_periods(const struct changing *c, struct err *e)
{
	int rc = check_periods(c, c->want, c->old, e);

	return rc != 0 ? rc : check_periods(c, c->old, c->want, e);
}

static int check_change(struct changing *c, struct err *e)
{
	int rc;

	if (c->who->rank == ACTOR_CLIENT && gives_provider(c))
		return check_scopes(c, e);
	if (c->who->rank == ACTOR_CLIENT) {
		rc = check_rights(c, e);
		return rc != 0 ? rc : check_all_periods(c, e);
	}
	if (actor_is(c->who, &c->before) && prefers_only(c))
		return ask(c, OP_PREFER, e);
	rc = ask(c, OP_UPDATE, e);
	if (rc == 0 && c->old == NULL)
		rc = check_new(c, e);
	if (rc == 0)
		rc = check_person(c, e);
	/* Here what a new one gets is asked about right by right. */
	c->r.fresh = c->old == NULL;
	if (rc == 0)
		rc = check_rights(c, e);
	if (rc == 0)
		rc = check_all_periods(c, e);
	return rc != 0 ? rc : check_rules(c, e);
}

/* Nobody need look at the rules for that: most of what clients write. */
static bool is_free(const struct changing *c)
{
	return actor_is_staff(c->who) || (c->who->rank == ACTOR_CLIENT &&
	    c->gained.n == 0 && c->lost.n == 0 && !gives_provider(c) &&
	    !differs(c->old, c->want, "provostPeriod"));
}

int authorise_change(const struct actor *who, const struct entry *old,
    const struct entry *want, const struct world *w, struct err *e)
{
	struct changing c = { .a = arena_new(), .who = who, .old = old,
	    .want = want, .w = w };
	struct stored_list x = stored_read(c.a, old);
	struct stored_list y = stored_read(c.a, want);
	int rc = 0;

	c.gained = stored_beyond(c.a, &y, &x);
	c.lost = stored_beyond(c.a, &x, &y);
	person_read(c.a, want, &c.after, NULL);
	if (old != NULL)
		person_read(c.a, old, &c.before, NULL);
	else
		c.before.dn_norm = "";
	if (!is_free(&c)) {
		reach_init(c.a, who, old != NULL ? &c.before : &c.after, w,
		    &c.r);
		c.r.fresh = who->rank == ACTOR_CLIENT && old == NULL;
		rc = check_change(&c, e);
	}
	arena_free(c.a);
	return rc;
}
