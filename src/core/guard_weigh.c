/* SPDX-License-Identifier: ISC */
/* What a change takes from one person, and gives them. It is asked of every
 * write, so what most writes touch is compared in place. */
#include "core/guard.h"

#include "base/arena.h"
#include "base/clock.h"
#include "core/stored.h"

#define PERIOD "provostPeriod"
#define STATE "provostState"
#define PORTAL "provostPortalAccess"
#define CPNI "provostCpniAuthorized"
#define MEMBER_OF "provostMemberOf"

static const char *const lists[] = { "provostRole", "provostCompany",
    "provostAccount", "provostAllAccountsOf", "provostGroupIdentifierId",
    "provostToolGrant", "provostToolAccount", "provostEnterprise",
    "provostAdminScope" };

/* --- values -------------------------------------------------------------- */

static bool holds(const struct attr *in, const char *value)
{
	size_t i;

	for (i = 0; in != NULL && i < in->n; i++)
		if (str_ieq(in->v[i].p, value))
			return true;
	return false;
}

/* Does x say something here that y does not? */
static bool beyond(const struct entry *x, const struct entry *y,
    const char *name)
{
	const struct attr *has = entry_attr(x, name);
	const struct attr *other = has == NULL ? NULL : entry_attr(y, name);
	size_t i;

	for (i = 0; has != NULL && i < has->n; i++)
		if (!holds(other, has->v[i].p))
			return true;
	return false;
}

static bool any_beyond(const struct entry *x, const struct entry *y)
{
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (beyond(x, y, lists[i]))
			return true;
	return false;
}

bool guard_heeds(const char *attr)
{
	static const char *const more[] = { PERIOD, STATE, PORTAL, CPNI,
	    MEMBER_OF };
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (str_ieq(attr, lists[i]))
			return true;
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (str_ieq(attr, more[i]))
			return true;
	return false;
}

/* Who is said to be neither may sign in (A2). */
static bool may_enter(const struct entry *e)
{
	return !str_ieq(entry_get(e, PORTAL), "none");
}

static bool is_out(const struct entry *e)
{
	const char *state = entry_get(e, STATE);

	return str_ieq(state, "suspended") || str_ieq(state, "left");
}

/* --- time (T3) ------------------------------------------------------------- */

/* From when until when a right holds: the widest of its periods; all time
 * without any. False: it has none. */
static bool span(struct arena *a, const struct entry *e,
    const struct right *r, struct period *out)
{
	const struct attr *at = entry_attr(e, PERIOD);
	struct period p;
	bool any = false;
	size_t i;

	*out = (struct period){ *r, INT64_MIN, CLOCK_NEVER };
	for (i = 0; at != NULL && i < at->n; i++) {
		if (period_parse(a, at->v[i].p, &p, NULL) != 0 ||
		    !right_eq(&p.right, r))
			continue;
		if (!any || p.from < out->from)
			out->from = p.from;
		if (!any || p.until > out->until)
			out->until = p.until;
		any = true;
	}
	return any;
}

static bool has_right(struct arena *a, const struct entry *e,
    const struct right *r)
{
	const struct stored_list l = stored_read(a, e);

	return stored_find(&l, r) != NULL;
}

/* Does what x holds last shorter, or begin later, with y's periods? The right
 * itself may come from a rule, and then it is not on the entry: a period that
 * was there already tells as well. */
static bool shorter(struct arena *a, const struct entry *x,
    const struct entry *y)
{
	const struct attr *at = entry_attr(y, PERIOD);
	struct period was, is, p;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++) {
		if (period_parse(a, at->v[i].p, &p, NULL) != 0)
			continue;
		span(a, y, &p.right, &is);
		if (!span(a, x, &p.right, &was) && !has_right(a, x, &p.right))
			continue;
		if (is.until < was.until || is.from > was.from)
			return true;
	}
	return false;
}

static bool periods_cut(const struct entry *x, const struct entry *y)
{
	struct arena *a;
	bool cut;

	if (!beyond(y, x, PERIOD) && !beyond(x, y, PERIOD))
		return false;
	a = arena_new();
	cut = shorter(a, x, y);
	arena_free(a);
	return cut;
}

/* --- all of it ------------------------------------------------------------- */

static bool takes_right(const struct entry *old, const struct entry *want)
{
	return any_beyond(old, want) ||
	    (entry_bool(old, CPNI, false) && !entry_bool(want, CPNI, false)) ||
	    (may_enter(old) && !may_enter(want)) || periods_cut(old, want);
}

static bool gives(const struct entry *old, const struct entry *want)
{
	return any_beyond(want, old) || beyond(want, old, MEMBER_OF) ||
	    (entry_bool(want, CPNI, false) && !entry_bool(old, CPNI, false)) ||
	    (is_out(old) && !is_out(want)) ||
	    (may_enter(want) && !may_enter(old));
}

struct guard_tally guard_weigh(const struct entry *old,
    const struct entry *want)
{
	struct guard_tally t = { 0 };

	if (!entry_is(old != NULL ? old : want, "provostUser"))
		return t;
	if (old == NULL) {
		t.n[GUARD_ADD] = 1;
		return t;
	}
	if (want == NULL) {
		t.n[GUARD_DELETE] = 1;
		return t;
	}
	if (is_out(want) && !is_out(old))
		t.n[GUARD_DISABLE] = 1;
	else if (takes_right(old, want))
		t.n[GUARD_REVOKE] = 1;
	else if (beyond(old, want, MEMBER_OF))
		t.n[GUARD_MEMBER] = 1;
	t.n[GUARD_ADD] = gives(old, want);
	return t;
}
