/* SPDX-License-Identifier: ISC */
/* What may be refused while a request is being made or decided, so that
 * whoever does it learns of it (V23, V24, V26, V27). */
#include <string.h>

#include "base/arena.h"
#include "core/request.h"

/* --- what a kind is about (V27) ------------------------------------------ */

#define FOR(kind) (1u << REQUEST_##kind)

struct part {
	const char *name;
	bool given, needed;
	unsigned kinds;			/* which have it */
};

static int check_parts(const struct request *r, struct err *e)
{
	const struct part part[] = {
	    { "accounts", r->accounts.n != 0, false,
	      FOR(ACCOUNTS) | FOR(TOOL) },
	    { "invitationCodes", r->codes.n != 0, false, FOR(ACCOUNTS) },
	    { "delivery", *r->delivery != '\0' && !str_ieq(r->delivery,
	      "primaryContact"), false, FOR(ACCOUNTS) },
	    { "tool", *r->tool != '\0', true, FOR(TOOL) },
	    { "role", *r->role != '\0', true, FOR(ROLE) },
	    { "companies", r->companies.n != 0, true, FOR(COMPANY) },
	    { "groupIdentifiers", r->group_identifiers.n != 0, true,
	      FOR(GROUP_IDENTIFIER) } };
	const char *kind = request_kind_word(r->kind);
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		bool fits = part[i].kinds & (1u << r->kind);

		if (part[i].given && !fits)
			return err_set(e, ERR_INVALID, "%s: a request of kind "
			    "%s has none: ask for that in another request "
			    "(V27)", part[i].name, kind);
		if (part[i].needed && fits && !part[i].given)
			return err_set(e, ERR_INVALID, "%s: a request of kind "
			    "%s says which (V27)", part[i].name, kind);
	}
	if (*r->phone != '\0' && !str_ieq(r->delivery, "phone"))
		return err_set(e, ERR_INVALID, "phone: the number to call "
		    "goes with the delivery phone (V23)");
	return 0;
}

/* --- for whom ------------------------------------------------------------ */

/* Nobody asks for what they have; a code authorises a company as well. */
static int check_news(struct arena *a, const struct request_case *c,
    const struct right *v, size_t n, struct err *e)
{
	const struct person *p = c->beneficiary;
	struct rights have;
	size_t i;

	rights_compute(a, p, c->w, c->now, &have);
	for (i = 0; i < n; i++)
		if (!rights_hold(&have, &v[i]))
			return 0;
	return n == 0 ? 0 : err_set(e, ERR_EXISTS, "%s has all of that "
	    "already", person_name(p));
}

static int check_people(const struct request_case *c, struct err *e)
{
	const struct person *p = c->beneficiary;

	if (c->requester == NULL || p == NULL)
		return err_set(e, ERR_INVALID, "%s: there is no such person",
		    p == NULL ? "beneficiary" : "requester");
	if (c->requester->state != PERSON_ACTIVE)
		return err_set(e, ERR_REFERRED, "the requester %s is %s",
		    person_name(c->requester),
		    person_state_word(c->requester->state));
	return p->state == PERSON_ACTIVE || p->state == PERSON_INVITED ? 0 :
	    err_set(e, ERR_REFERRED, "the beneficiary %s is %s", person_name(p),
	    person_state_word(p->state));
}

/* --- items --------------------------------------------------------------- */

static bool asks_for(const struct right *v, size_t n, const char *item)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_ieq(request_item(&v[i]), item))
			return true;
	return false;
}

static int check_named(const struct request_item *item, size_t n_items,
    const struct right *v, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n_items; i++)
		if (!asks_for(v, n, item[i].item))
			return err_set(e, ERR_INVALID, "items: the request "
			    "does not ask for %s", item[i].item);
	return 0;
}

/* V24: chosen, or known, for each account that is named; of those of printed
 * codes nothing is told. */
static int check_billing(const struct request_case *c, struct err *e)
{
	const struct request *r = c->r;
	size_t i;

	for (i = 0; r->kind == REQUEST_ACCOUNTS && i < r->accounts.n; i++) {
		const struct account *acc = c->w->account(c->w->ctx,
		    r->accounts.v[i]);

		if (acc != NULL && *acc->billing == '\0' &&
		    *request_billing(r, acc->number) == '\0')
			return err_set(e, ERR_INVALID, "items: choose paper "
			    "or paperless billing for account %s (V24)",
			    acc->number);
	}
	return 0;
}

int request_check_items(struct arena *a, const struct request *r,
    struct err *e)
{
	struct right *v;
	size_t n = request_rights(a, r, &v), i;
	int rc = check_named(r->decisions, r->n_decisions, v, n, e);

	if (rc == 0)
		rc = check_named(r->reasons, r->n_reasons, v, n, e);
	/* Printed codes are for accounts that nobody has named. */
	if (rc == 0 && r->codes.n == 0)
		rc = check_named(r->billing, r->n_billing, v, n, e);
	if (rc != 0 || str_ieq(r->decision, "approved"))
		return rc;
	for (i = 0; i < r->n_decisions && *r->decision != '\0'; i++)
		if (str_ieq(r->decisions[i].word, "approved"))
			return err_set(e, ERR_INVALID, "items: %s is approved "
			    "and the request %s: with mixed items it is "
			    "approved (V26)", r->decisions[i].item,
			    r->decision);
	return 0;
}

/* --- all of it ----------------------------------------------------------- */

int request_check_new(struct arena *a, const struct request_case *c,
    struct err *e)
{
	const struct request *r = c->r;
	struct right *v;
	size_t n = request_rights(a, r, &v);
	int rc = check_parts(r, e);

	if (rc == 0)
		rc = check_people(c, e);
	if (rc == 0)
		rc = request_check(c, e);
	if (rc == 0 && (r->n_decisions != 0 || r->n_reasons != 0))
		rc = err_set(e, ERR_INVALID, "items: a request is not decided "
		    "when it is made: leave decision and reason out (V26)");
	if (rc == 0)
		rc = request_check_items(a, r, e);
	if (rc == 0 && r->codes.n == 0)
		rc = check_news(a, c, v, n, e);
	return rc != 0 ? rc : check_billing(c, e);
}

bool request_covers(struct arena *a, const struct request *open,
    const struct request *r)
{
	struct right *v, *has;
	size_t n = request_rights(a, r, &v);
	size_t n_has = request_rights(a, open, &has), i, k;

	if (r->codes.n != 0 || n == 0 ||
	    strcmp(open->beneficiary, r->beneficiary) != 0 ||
	    (open->state != REQUEST_PENDING &&
	    open->state != REQUEST_AWAITING_CODE))
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < n_has && !right_eq(&v[i], &has[k]); k++)
			;
		if (k == n_has)
			return false;
	}
	return true;
}

const char *request_decision(struct arena *a, const struct request *r)
{
	struct right *v;
	size_t n = request_rights(a, r, &v), i, k;
	bool any = false;

	for (i = 0; i < n; i++) {
		for (k = 0; k < r->n_decisions; k++)
			if (str_ieq(r->decisions[k].item, request_item(&v[i])))
				break;
		if (k == r->n_decisions)
			return NULL;
		any |= str_ieq(r->decisions[k].word, "approved");
	}
	return n == 0 ? NULL : any ? "approved" : "denied";
}
