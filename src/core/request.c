/* SPDX-License-Identifier: ISC */
#include "core/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/authorise.h"
#include "core/given.h"

#define LIFETIME (30 * 86400 * CLOCK_SECOND)	/* V26 */

struct deciding {
	struct arena *a;
	const struct request *r;
	const struct person *beneficiary;
	const struct world *w;
	int64_t now;
	struct request_plan *out;
};

static void add_right(struct arena *a, struct right **v, size_t *n,
    enum right_kind kind, const char *key, const char *account)
{
	*v = arena_grow(a, *v, *n, *n + 1, sizeof(**v));
	(*v)[(*n)++] = (struct right){ kind, key, account };
}

static void add_rights(struct arena *a, struct right **v, size_t *n,
    enum right_kind kind, const struct strv *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		add_right(a, v, n, kind, keys->v[i], "");
}

size_t request_rights(struct arena *a, const struct request *r,
    struct right **out)
{
	size_t n = 0, i;

	*out = NULL;
	switch (r->kind) {
	case REQUEST_ACCOUNTS:
		add_rights(a, out, &n, RIGHT_ACCOUNT, &r->accounts);
		break;
	case REQUEST_TOOL:
		add_right(a, out, &n, RIGHT_TOOL, r->tool, "");
		for (i = 0; i < r->accounts.n; i++)
			add_right(a, out, &n, RIGHT_TOOL_ACCOUNT, r->tool,
			    r->accounts.v[i]);
		break;
	case REQUEST_ROLE:
		add_right(a, out, &n, RIGHT_ROLE, r->role, "");
		break;
	case REQUEST_COMPANY:
		add_rights(a, out, &n, RIGHT_COMPANY, &r->companies);
		break;
	case REQUEST_GROUP_IDENTIFIER:
		add_rights(a, out, &n, RIGHT_GROUP, &r->group_identifiers);
		break;
	case REQUEST_PORTAL:
		add_right(a, out, &n, RIGHT_PORTAL, "", "");
		break;
	}
	return n;
}

const char *request_item(const struct right *r)
{
	if (r->kind == RIGHT_PORTAL)
		return "portal";
	return r->kind == RIGHT_TOOL_ACCOUNT ? r->account : r->key;
}

bool request_right_approved(const struct request *r,
    const struct right *right)
{
	if (right->kind == RIGHT_TOOL_ACCOUNT &&
	    !request_item_approved(r, right->key))
		return false;
	return request_item_approved(r, request_item(right));
}

/* --- the request's own entry -------------------------------------------- */

static void record(struct deciding *d, enum request_step step,
    enum request_state state, const char *why)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, d->r->dn);
	char t[24];

	clock_print_gt(d->now, t);
	c->assert_csn = *d->r->csn ? d->r->csn : NULL;
	change_set(d->a, c, MOD_REPLACE, "provostRequestState",
	    request_state_word(state));
	if (step != STEP_EXPIRE)
		change_set(d->a, c, MOD_REPLACE, step == STEP_APPLIED ?
		    "provostAppliedAt" : "provostDecidedAt", t);
	if (why != NULL)
		change_set(d->a, c, MOD_REPLACE, "provostStatusText", why);
	d->out->step = step;
	d->out->record = c;
	d->out->why = why ? why : "";
}

static void fail(struct deciding *d, const char *why)
{
	record(d, STEP_FAIL, REQUEST_FAILED, arena_strdup(d->a, why));
}

/* --- the beneficiary's entry -------------------------------------------- */

static const char *attr_of(const struct right *r)
{
	switch (r->kind) {
	case RIGHT_ROLE: return "provostRole";
	case RIGHT_COMPANY: return "provostCompany";
	case RIGHT_ACCOUNT: return "provostAccount";
	case RIGHT_GROUP: return "provostGroupIdentifierId";
	case RIGHT_TOOL: return "provostToolGrant";
	case RIGHT_TOOL_ACCOUNT: return "provostToolAccount";
	default: return "provostPortalAccess";
	}
}

static const char *value_of(struct deciding *d, const struct right *r)
{
	if (r->kind == RIGHT_PORTAL)
		return d->beneficiary->state == PERSON_INVITED ? "invited" :
		    "active";
	if (r->kind != RIGHT_TOOL_ACCOUNT)
		return r->key;
	return arena_printf(d->a, "%s %s", str_word(d->a, r->key),
	    str_word(d->a, r->account));
}

static bool holds(const struct entry *e, const char *attr, const char *value)
{
	const struct attr *at = entry_attr(e, attr);
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (strcasecmp(at->v[i].p, value) == 0)
			return true;
	return false;
}

static bool noted(const struct person *p, const struct right *r,
    const char *origin)
{
	size_t i;

	for (i = 0; i < p->n_provenance; i++)
		if (right_eq(&p->provenance[i].right, r) &&
		    strcmp(p->provenance[i].origin, origin) == 0)
			return true;
	return false;
}

/* A period that has ended would cut what is granted anew. */
static void drop_ended(struct deciding *d, struct change *c,
    const struct entry *e, const struct right *r)
{
	const struct attr *at = entry_attr(e, "provostPeriod");
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++) {
		struct period p;

		if (period_parse(d->a, at->v[i].p, &p, NULL) == 0 &&
		    right_eq(&p.right, r) && p.until <= d->now)
			change_set(d->a, c, MOD_DELETE, at->name, at->v[i].p);
	}
}

static void grant_right(struct deciding *d, struct change *c,
    const struct entry *e, const struct right *r)
{
	const char *attr = attr_of(r), *value = value_of(d, r);
	struct provenance p = { *r, arena_printf(d->a, "request:%s",
	    d->r->id), d->now };
	bool single = r->kind == RIGHT_ROLE || r->kind == RIGHT_PORTAL;

	if (!holds(e, attr, value))
		change_set(d->a, c, single ? MOD_REPLACE : MOD_ADD, attr,
		    value);
	if (!noted(d->beneficiary, r, p.origin))
		change_set(d->a, c, MOD_ADD, "provostProvenance",
		    provenance_print(d->a, &p));
	drop_ended(d, c, e, r);
}

/* V18: the company comes first; V19: it opens tool accounts too. */
static const char *company_missing(struct deciding *d,
    const struct rights *have, const struct right *r)
{
	struct err e;

	return given_add(have, r, d->w, &e) == 0 ? NULL :
	    arena_strdup(d->a, e.text);
}

static void grant(struct deciding *d, const struct entry *e)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, e->dn);
	struct right *v;
	struct rights have;
	size_t n = request_rights(d->a, d->r, &v), i, given = 0;
	const char *why = n == 0 ? "the request asks for nothing" : NULL;

	c->assert_csn = e->csn != NULL && *e->csn ? e->csn : NULL;
	c->permissive = true;
	rights_compute(d->a, d->beneficiary, d->w, d->now, &have);
	for (i = 0; why == NULL && i < n; i++) {
		if (!request_right_approved(d->r, &v[i]))
			continue;
		why = company_missing(d, &have, &v[i]);
		grant_right(d, c, e, &v[i]);
		given++;
	}
	if (why != NULL) {
		fail(d, why);
	} else if (given == 0) {
		record(d, STEP_DENY, REQUEST_DENIED, NULL);
	} else {
		record(d, STEP_GRANT, REQUEST_APPROVED, NULL);
		d->out->grant = c;
	}
}

/* --- what a request needs now ------------------------------------------- */

int64_t request_expires(const struct request *r)
{
	if (r->expires_at != 0)
		return r->expires_at;
	return r->created != 0 ? r->created + LIFETIME : CLOCK_NEVER;
}

static void withdraw(struct deciding *d, const struct person *requester)
{
	if (requester == NULL ||
	    strcmp(d->r->decided_by, requester->dn_norm) != 0)
		fail(d, "only its requester withdraws a request (V26)");
	else
		record(d, STEP_DENY, REQUEST_WITHDRAWN, NULL);
}

static void approve(struct deciding *d, const struct entry *e)
{
	enum person_state state = d->beneficiary->state;

	if (d->r->state == REQUEST_AWAITING_CODE)
		fail(d, "the request awaits its code, which nobody's approval "
		    "replaces (V23)");
	else if (state != PERSON_ACTIVE && state != PERSON_INVITED)
		fail(d, arena_printf(d->a, "the beneficiary %s is %s",
		    d->beneficiary->uid, person_state_word(state)));
	else
		grant(d, e);
}

static void decide(struct deciding *d, const struct person *decider,
    const struct rights *decider_rights, const struct entry *e)
{
	bool yes = strcasecmp(d->r->decision, "approved") == 0;
	struct err err = { 0 };

	if (!yes && strcasecmp(d->r->decision, "denied") != 0)
		fail(d, arena_printf(d->a, "\"%s\" is no decision; one is "
		    "approved, denied or withdrawn", d->r->decision));
	else if (d->beneficiary == NULL || e == NULL)
		fail(d, "the beneficiary is gone");
	else if (decider == NULL || decider_rights == NULL)
		fail(d, arena_printf(d->a, "the decider %s does not exist",
		    d->r->decided_by));
	else if (authorise_decision(d->r, decider, decider_rights,
	    d->beneficiary, d->w, &err) != 0)
		fail(d, err.text);
	else if (yes)
		approve(d, e);
	else
		record(d, STEP_DENY, REQUEST_DENIED, NULL);
}

/* Half a decision is none: it waits for its other half. */
static void wait_for_decision(struct deciding *d)
{
	if (d->now >= request_expires(d->r))
		record(d, STEP_EXPIRE, REQUEST_EXPIRED,
		    "not decided in time (V26)");
	else if (*d->r->decision != '\0')
		d->out->why = "provostDecision without provostDecidedBy: both "
		    "belong in one modify (V26)";
	else if (*d->r->decided_by != '\0')
		d->out->why = "provostDecidedBy without provostDecision: both "
		    "belong in one modify (V26)";
}

void request_next(struct arena *a, const struct request *r,
    const struct person *requester, const struct person *beneficiary,
    const struct person *decider, const struct entry *beneficiary_entry,
    const struct rights *decider_rights, const struct world *w,
    bool confirmed, int64_t now, struct request_plan *out)
{
	struct deciding d = { a, r, beneficiary, w, now, out };

	*out = (struct request_plan){ .why = "" };
	if (r->state == REQUEST_APPROVED && confirmed)
		record(&d, STEP_APPLIED, REQUEST_APPLIED, NULL);
	if (r->state != REQUEST_PENDING && r->state != REQUEST_AWAITING_CODE)
		return;
	/* A decision that came in time counts, also when nobody was there to
	 * see it. */
	if (*r->decision == '\0' || *r->decided_by == '\0')
		wait_for_decision(&d);
	else if (strcasecmp(r->decision, "withdrawn") == 0)
		withdraw(&d, requester);
	else
		decide(&d, decider, decider_rights, beneficiary_entry);
}
