/* SPDX-License-Identifier: ISC */
/* The changes that grant what a request asks for. */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "core/given.h"
#include "core/request_p.h"
#include "core/stored.h"

/* --- the beneficiary's entry --------------------------------------------- */

static const char *value_of(struct deciding *d, const struct right *r)
{
	return r->kind == RIGHT_PORTAL && d->c->beneficiary->state ==
	    PERSON_INVITED ? "invited" : stored_value(d->a, r);
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
		    right_eq(&p.right, r) && p.until <= d->c->now)
			change_set(d->a, c, MOD_DELETE, at->name, at->v[i].p);
	}
}

static void grant_right(struct deciding *d, struct change *c,
    const struct entry *e, const struct right *r)
{
	const char *attr = stored_attr(r->kind), *value = value_of(d, r);
	struct provenance p = { *r, arena_printf(d->a, "request:%s",
	    d->r->id), d->c->now };
	bool single = r->kind == RIGHT_ROLE || r->kind == RIGHT_PORTAL;

	if (!holds(e, attr, value))
		change_set(d->a, c, single ? MOD_REPLACE : MOD_ADD, attr,
		    value);
	if (!noted(d->c->beneficiary, r, p.origin))
		change_set(d->a, c, MOD_ADD, "provostProvenance",
		    provenance_print(d->a, &p));
	drop_ended(d, c, e, r);
}

/* V18: the company comes first; V19: it opens tool accounts too. */
static const char *company_missing(struct deciding *d,
    const struct rights *have, const struct right *r)
{
	struct err e;

	return given_add(have, r, d->c->w, &e) == 0 ? NULL :
	    arena_strdup(d->a, e.text);
}

/* --- billing (V24) ------------------------------------------------------- */

/* Writes what was chosen for the account. False: nobody has chosen. */
static bool choose_billing(struct deciding *d, const char *number)
{
	const struct account *acc = d->c->w->account(d->c->w->ctx, number);
	const char *word = request_billing(d->r, number);
	struct change *c;

	if (acc == NULL || (*word == '\0' && *acc->billing != '\0'))
		return true;
	if (*word == '\0')
		return false;
	if (!str_ieq(word, acc->billing)) {
		c = change_new(d->a, CHANGE_MODIFY, acc->dn);
		change_set(d->a, c, MOD_REPLACE, "provostBilling", word);
		request_before(d, c);
	}
	return true;
}

/* With accounts inside a tool billing is written when it was chosen. */
static const char *billing_missing(struct deciding *d, const struct right *r)
{
	const char *number = r->kind == RIGHT_ACCOUNT ? r->key : r->account;

	if (r->kind != RIGHT_ACCOUNT && r->kind != RIGHT_TOOL_ACCOUNT)
		return NULL;
	if (choose_billing(d, number) || r->kind == RIGHT_TOOL_ACCOUNT)
		return NULL;
	return arena_printf(d->a, "choose paper or paperless billing for "
	    "account %s (V24)", number);
}

/* --- all of it ----------------------------------------------------------- */

static const char *not_grantable(struct deciding *d)
{
	const struct person *p = d->c->beneficiary;

	if (p == NULL || d->c->beneficiary_entry == NULL)
		return "the beneficiary is gone";
	return p->state == PERSON_ACTIVE || p->state == PERSON_INVITED ?
	    NULL : arena_printf(d->a, "the beneficiary %s is %s",
	    person_name(p), person_state_word(p->state));
}

static struct change *new_grant(struct deciding *d)
{
	const struct entry *e = d->c->beneficiary_entry;
	struct change *c = change_new(d->a, CHANGE_MODIFY, e->dn);

	c->assert_csn = e->csn != NULL && *e->csn ? e->csn : NULL;
	c->permissive = true;
	return c;
}

/* Nothing is written before billing has been chosen for all. */
static void wait_for_billing(struct deciding *d, const char *why)
{
	d->out->n_before = 0;
	if (d->c->now >= request_expires(d->r))
		request_record(d, STEP_EXPIRE, REQUEST_EXPIRED, why);
	else
		request_note(d, why, 0);
}

struct granting {
	struct change *c;
	size_t given;
	const char *why, *billing;	/* NULL: nothing in the way */
	const char *company;		/* granted just now, NULL none */
};

static void grant_decided(struct deciding *d, struct granting *g)
{
	const struct entry *e = d->c->beneficiary_entry;
	struct rights have;
	struct right *v;
	size_t n = request_rights(d->a, d->r, &v), i;

	if (n == 0)
		g->why = "the request asks for nothing";
	rights_compute(d->a, d->c->beneficiary, d->c->w, d->c->now, &have);
	for (i = 0; g->why == NULL && i < n; i++) {
		if (!request_right_approved(d->r, &v[i]))
			continue;
		g->why = company_missing(d, &have, &v[i]);
		if (g->billing == NULL)
			g->billing = billing_missing(d, &v[i]);
		grant_right(d, g->c, e, &v[i]);
		g->given++;
	}
}

void request_grant_decided(struct deciding *d)
{
	struct granting g = { .why = not_grantable(d) };

	if (g.why == NULL) {
		g.c = new_grant(d);
		grant_decided(d, &g);
	}
	if (g.why != NULL) {
		d->out->n_before = 0;
		request_fail(d, g.why);
	} else if (g.given == 0) {
		request_record(d, STEP_DENY, REQUEST_DENIED, NULL);
	} else if (g.billing != NULL) {
		wait_for_billing(d, g.billing);
	} else {
		request_record(d, STEP_GRANT, REQUEST_APPROVED, NULL);
		d->out->grant = g.c;
	}
}

/* The account's company, unless they have it or it was just granted. */
static void grant_company(struct deciding *d, struct granting *g,
    const struct rights *have, const char *id)
{
	const struct right r = { RIGHT_COMPANY, id, "" };

	if (rights_hold(have, &r) || str_ieq(g->company, id))
		return;
	grant_right(d, g->c, d->c->beneficiary_entry, &r);
	g->company = id;
}

/* The account, and its company, without other accounts and CPNI (V23). */
static void grant_account(struct deciding *d, struct granting *g,
    const struct rights *have, const char *number)
{
	const struct account *acc = d->c->w->account(d->c->w->ctx, number);
	const struct entry *e = d->c->beneficiary_entry;
	struct right r;

	grant_company(d, g, have, acc->company);
	r = (struct right){ RIGHT_ACCOUNT, acc->number, "" };
	if (g->billing == NULL)
		g->billing = billing_missing(d, &r);
	grant_right(d, g->c, e, &r);
}

/* The request names its accounts from now on, also those of its codes. */
static void record_accounts(struct deciding *d, const struct strv *accounts)
{
	struct mod *m = change_mod(d->a, d->out->record, MOD_REPLACE,
	    "provostAccount");
	size_t i;

	for (i = 0; i < accounts->n; i++)
		mod_value(d->a, m, accounts->v[i]);
}

void request_grant_codes(struct deciding *d, const struct strv *accounts,
    bool all)
{
	struct granting g = { .why = not_grantable(d) };
	struct rights have;
	size_t i;

	if (g.why != NULL) {
		request_fail(d, g.why);
		return;
	}
	g.c = new_grant(d);
	rights_compute(d->a, d->c->beneficiary, d->c->w, d->c->now, &have);
	for (i = 0; i < accounts->n; i++)
		grant_account(d, &g, &have, accounts->v[i]);
	if (g.billing != NULL) {
		wait_for_billing(d, g.billing);
		return;
	}
	if (all) {
		request_record(d, STEP_GRANT, REQUEST_APPROVED,
		    "granted by code (V23)");
		record_accounts(d, accounts);
	} else if (g.c->n != 0) {
		d->out->step = STEP_GRANT;
	}
	d->out->grant = g.c;
}
