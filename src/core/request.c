/* SPDX-License-Identifier: ISC */
#include "core/request_p.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/authorise.h"

#define LIFETIME (30 * 86400 * CLOCK_SECOND)	/* V26 */

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

/* --- the request's own entry --------------------------------------------- */

void request_record(struct deciding *d, enum request_step step,
    enum request_state state, const char *why)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, d->r->dn);
	char t[24];

	clock_print_gt(d->c->now, t);
	c->assert_csn = *d->r->csn ? d->r->csn : NULL;
	change_set(d->a, c, MOD_REPLACE, "provostRequestState",
	    request_state_word(state));
	if (step != STEP_EXPIRE && step != STEP_AWAIT)
		change_set(d->a, c, MOD_REPLACE, step == STEP_APPLIED ?
		    "provostAppliedAt" : "provostDecidedAt", t);
	/* What it waited for is no longer so. */
	if (why != NULL || (*d->r->status_text != '\0' &&
	    (step == STEP_GRANT || step == STEP_DENY)))
		change_set(d->a, c, MOD_REPLACE, "provostStatusText", why);
	d->out->step = step;
	d->out->record = c;
	d->out->why = why ? why : "";
}

void request_fail(struct deciding *d, const char *why)
{
	request_record(d, STEP_FAIL, REQUEST_FAILED, arena_strdup(d->a, why));
}

void request_text(struct deciding *d, enum request_step step,
    const char *why)
{
	struct change *c = change_new(d->a, CHANGE_MODIFY, d->r->dn);

	c->assert_csn = *d->r->csn ? d->r->csn : NULL;
	change_set(d->a, c, MOD_REPLACE, "provostStatusText", why);
	d->out->step = step;
	d->out->record = c;
	d->out->why = arena_strdup(d->a, why);
}

void request_note(struct deciding *d, const char *why, int64_t again)
{
	d->out->again = again;
	if (str_eq(d->r->status_text, why))
		d->out->why = arena_strdup(d->a, why);
	else
		request_text(d, STEP_NOTE, why);
}

void request_before(struct deciding *d, struct change *c)
{
	struct request_plan *p = d->out;

	p->before = arena_grow(d->a, p->before, p->n_before, p->n_before + 1,
	    sizeof(struct change *));
	p->before[p->n_before++] = c;
}

/* --- what a request needs now -------------------------------------------- */

int64_t request_expires(const struct request *r)
{
	if (r->expires_at != 0)
		return r->expires_at;
	return r->created != 0 ? r->created + LIFETIME : CLOCK_NEVER;
}

static void withdraw(struct deciding *d)
{
	if (d->c->requester == NULL ||
	    strcmp(d->r->decided_by, d->c->requester->dn_norm) != 0)
		request_fail(d, "only its requester withdraws a request "
		    "(V26)");
	else
		request_record(d, STEP_DENY, REQUEST_WITHDRAWN, NULL);
}

static void approve(struct deciding *d)
{
	if (d->r->state == REQUEST_AWAITING_CODE)
		request_fail(d, "the request awaits its code, which nobody's "
		    "approval replaces (V23)");
	else
		request_grant_decided(d);
}

static void decide(struct deciding *d)
{
	const struct request_case *c = d->c;
	bool yes = strcasecmp(d->r->decision, "approved") == 0;
	struct err err = { 0 };

	if (!yes && strcasecmp(d->r->decision, "denied") != 0)
		request_fail(d, arena_printf(d->a, "\"%s\" is no decision; "
		    "one is approved, denied or withdrawn", d->r->decision));
	else if (c->beneficiary == NULL || c->beneficiary_entry == NULL)
		request_fail(d, "the beneficiary is gone");
	else if (c->decider == NULL || c->decider_rights == NULL)
		request_fail(d, arena_printf(d->a, "the decider %s does not "
		    "exist", d->r->decided_by));
	else if (authorise_decision(d->r, c->decider, c->decider_rights,
	    c->beneficiary, c->w, &err) != 0)
		request_fail(d, err.text);
	else if (yes)
		approve(d);
	else
		request_record(d, STEP_DENY, REQUEST_DENIED, NULL);
}

/* Half a decision is none: it waits for its other half. */
static void wait_for_decision(struct deciding *d)
{
	if (d->c->now >= request_expires(d->r))
		request_record(d, STEP_EXPIRE, REQUEST_EXPIRED,
		    d->r->state == REQUEST_AWAITING_CODE ?
		    "its code was not entered in time (V26)" :
		    "not decided in time (V26)");
	else if (request_by_code(d))
		return;
	else if (*d->r->decision != '\0')
		d->out->why = "provostDecision without provostDecidedBy: both "
		    "belong in one modify (V26)";
	else if (*d->r->decided_by != '\0')
		d->out->why = "provostDecidedBy without provostDecision: both "
		    "belong in one modify (V26)";
}

void request_next(struct arena *a, const struct request_case *c,
    struct request_plan *out)
{
	const struct request *r = c->r;
	struct deciding d = { a, c, r, out };

	*out = (struct request_plan){ .why = "" };
	if (r->state == REQUEST_APPROVED && c->confirmed)
		request_record(&d, STEP_APPLIED, REQUEST_APPLIED, NULL);
	if (r->state != REQUEST_PENDING && r->state != REQUEST_AWAITING_CODE)
		return;
	/* A decision that came in time counts, also when nobody was there to
	 * see it. */
	if (*r->decision == '\0' || *r->decided_by == '\0')
		wait_for_decision(&d);
	else if (strcasecmp(r->decision, "withdrawn") == 0)
		withdraw(&d);
	else
		decide(&d);
}
