/* SPDX-License-Identifier: ISC */
/* Codes and deliveries of a request for accounts (V23, V28). */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/attempts.h"
#include "core/contacts.h"
#include "core/request_p.h"

static const struct account *account(const struct request_case *c,
    const char *number)
{
	return c->w->account(c->w->ctx, number);
}

/* --- deliveries ---------------------------------------------------------- */

/* A US number as its ten digits; false: it is none. */
static bool us_number(const char *s, char out[11])
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s))
			continue;
		/* The country code. */
		if (n == 0 && *s == '1')
			continue;
		if (n == 10)
			return false;
		out[n++] = *s;
	}
	out[n] = '\0';
	return n == 10;
}

static int check_phone(const struct request *r, const struct account *acc,
    struct err *e)
{
	char given[11], is[11];

	if (!str_ieq(acc->country, "US") || !us_number(acc->phone, is))
		return err_set(e, ERR_INVALID, "account %s has no wireline "
		    "number in the US: choose post or primaryContact (V23)",
		    acc->number);
	if (!us_number(r->phone, given) || strcmp(given, is) != 0)
		return err_set(e, ERR_INVALID, "the number to call is not "
		    "that of account %s (V23)", acc->number);
	return 0;
}

static int check_delivery(const struct request_case *c,
    const struct account *acc, struct err *e)
{
	const char *how = c->r->delivery;

	if (str_ieq(how, "phone"))
		return check_phone(c->r, acc, e);
	if (str_ieq(how, "post"))
		return *acc->address != '\0' ? 0 : err_set(e, ERR_INVALID,
		    "account %s has no invoice address: choose phone or "
		    "primaryContact (V23)", acc->number);
	if (!str_ieq(how, "primaryContact"))
		return err_set(e, ERR_INVALID, "\"%.64s\" is no delivery; one "
		    "is primaryContact, phone or post (V23)", how);
	return contacts_any(c->w, acc->company, c->now) ? 0 : err_set(e,
	    ERR_INVALID, "company %s of account %s has no primary contact: "
	    "choose phone or post (V23)", acc->company, acc->number);
}

static int check_accounts(const struct request_case *c, struct err *e)
{
	const struct account *acc;
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < c->r->accounts.n; i++) {
		acc = account(c, c->r->accounts.v[i]);
		if (acc == NULL)
			return err_set(e, ERR_INVALID, "there is no account "
			    "%s", c->r->accounts.v[i]);
		if (*c->r->delivery != '\0')
			rc = check_delivery(c, acc, e);
	}
	return rc;
}

bool request_delivers(const struct request *r)
{
	return str_ieq(r->delivery, "phone") || str_ieq(r->delivery, "post");
}

/* Does anybody call, or write letters? */
static bool has_way(const struct request_case *c)
{
	const struct ways *w = c->ways;

	return w == NULL || *(str_ieq(c->r->delivery, "phone") ? w->phone :
	    w->post) != '\0';
}

int request_check(const struct request_case *c, struct err *e)
{
	const struct request *r = c->r;
	bool coded = r->codes.n != 0 || request_delivers(r);

	if (r->kind != REQUEST_ACCOUNTS)
		return !coded ? 0 : err_set(e, ERR_INVALID, "codes and "
		    "deliveries of codes are for accounts (V23)");
	if (r->accounts.n == 0 && r->codes.n == 0)
		return err_set(e, ERR_INVALID, "the request asks for nothing");
	if (coded && strcmp(r->requester, r->beneficiary) != 0)
		return err_set(e, ERR_INVALID, "a code is entered for "
		    "oneself (V23)");
	if (request_delivers(r) && r->accounts.n == 0)
		return err_set(e, ERR_INVALID, "name the accounts whose codes "
		    "are to be delivered (V23)");
	if (request_delivers(r) && *c->code_key == '\0')
		return err_set(e, ERR_INVALID, "no codes are delivered here: "
		    "directory.code_key_file is not set (V23)");
	if (request_delivers(r) && !has_way(c))
		return err_set(e, ERR_INVALID, "no codes are delivered by %s "
		    "here: choose another delivery (V23)", r->delivery);
	return check_accounts(c, e);
}

/* --- wrong codes (V28) --------------------------------------------------- */

static const char *until_text(struct arena *a, const char *what,
    int64_t until)
{
	char t[32];

	return arena_printf(a, "too many wrong codes for %s: the next one is "
	    "looked at from %s on (V28)", what, clock_print_rfc3339(until, t));
}

/* The codes leave the request, which is over when nothing is left of it. */
static void take_off(struct deciding *d, const struct strv *codes,
    const char *why)
{
	bool over = d->r->state == REQUEST_PENDING &&
	    codes->n == d->r->codes.n;
	struct mod *m;
	size_t i;

	if (over)
		request_record(d, STEP_WRONG, REQUEST_FAILED, why);
	else
		request_text(d, STEP_WRONG, why);
	m = change_mod(d->a, d->out->record, MOD_DELETE,
	    "provostInvitationCode");
	for (i = 0; i < codes->n; i++)
		mod_value(d->a, m, codes->v[i]);
}

/* True: no code is looked at now. */
static bool blocked(struct deciding *d, const struct wrong_codes *w,
    const char *what)
{
	int64_t until = 0;

	switch (attempts_judge(w, d->c->now, &until)) {
	case ATTEMPTS_OPEN:
		return false;
	case ATTEMPTS_SLOWED:
		request_note(d, until_text(d->a, what, until), until);
		return true;
	default:
		take_off(d, &d->r->codes, until_text(d->a, what, until));
		return true;
	}
}

static bool account_blocked(struct deciding *d, const char *number)
{
	const struct account *acc = account(d->c, number);

	return acc != NULL && blocked(d, &acc->wrong, arena_printf(d->a,
	    "account %s", acc->number));
}

static bool any_blocked(struct deciding *d, const struct strv *accounts)
{
	size_t i;

	for (i = 0; i < accounts->n; i++)
		if (account_blocked(d, accounts->v[i]))
			return true;
	return false;
}

/* Counted for the user, and for the accounts that they were meant for. */
static void count_wrong(struct deciding *d, const struct strv *wrong,
    const struct strv *proven)
{
	const struct person *p = d->c->requester;
	const struct account *acc;
	size_t i;

	request_before(d, attempts_count(d->a, p->dn, p->csn, &p->wrong,
	    wrong->n, d->c->now));
	for (i = 0; i < d->r->accounts.n; i++) {
		acc = account(d->c, d->r->accounts.v[i]);
		if (acc != NULL && !strv_ihas(proven, acc->number))
			request_before(d, attempts_count(d->a, acc->dn,
			    acc->csn, &acc->wrong, wrong->n, d->c->now));
	}
	take_off(d, wrong, wrong->n == 1 ? "a code is wrong (V23)" :
	    arena_printf(d->a, "%zu codes are wrong (V23)", wrong->n));
}

/* --- right ones ---------------------------------------------------------- */

/* The account a printed code opens: one of those named, if any are. */
static const char *of_printed(struct deciding *d, const char *hash)
{
	const struct account *acc = d->c->w->account_of_code(d->c->w->ctx,
	    hash);

	return acc != NULL && (d->r->accounts.n == 0 ||
	    strv_ihas(&d->r->accounts, acc->number)) ? acc->number : NULL;
}

static const char *of_fresh(struct deciding *d, const char *hash)
{
	const char *code;
	size_t i;

	for (i = 0; i < d->r->accounts.n; i++) {
		code = code_fresh(d->a, d->c->code_key, d->r->uuid,
		    d->r->accounts.v[i]);
		if (code != NULL && account(d->c, d->r->accounts.v[i]) !=
		    NULL && str_ct_eq(code_hash(d->a, d->c->code_key, code),
		    hash))
			return d->r->accounts.v[i];
	}
	return NULL;
}

static void sort_out(struct deciding *d, struct strv *proven,
    struct strv *wrong)
{
	const char *number;
	size_t i;

	for (i = 0; i < d->r->codes.n; i++) {
		number = d->r->state == REQUEST_AWAITING_CODE ?
		    of_fresh(d, d->r->codes.v[i]) :
		    of_printed(d, d->r->codes.v[i]);
		if (number == NULL)
			strv_add(d->a, wrong, d->r->codes.v[i]);
		else if (!strv_ihas(proven, number))
			strv_add(d->a, proven, number);
	}
}

static void grant_proven(struct deciding *d, const struct strv *proven)
{
	size_t i;

	for (i = 0; i < d->r->accounts.n; i++) {
		if (strv_ihas(proven, d->r->accounts.v[i]))
			continue;
		if (d->r->state == REQUEST_AWAITING_CODE)
			request_grant_codes(d, proven, false);
		else
			request_fail(d, arena_printf(d->a, "the code of "
			    "account %s is missing: ask for it in a request "
			    "of its own (V23)", d->r->accounts.v[i]));
		return;
	}
	request_grant_codes(d, proven, true);
}

/* Whether a code is right is not to be learnt from one who is locked out. */
static void look_at_codes(struct deciding *d)
{
	struct strv proven = { 0 }, wrong = { 0 };
	const struct person *p = d->c->requester;

	if (p == NULL) {
		request_fail(d, "the requester is gone");
		return;
	}
	if (blocked(d, &p->wrong, person_name(p)) ||
	    any_blocked(d, &d->r->accounts))
		return;
	sort_out(d, &proven, &wrong);
	if (wrong.n != 0)
		count_wrong(d, &wrong, &proven);
	else if (!any_blocked(d, &proven))
		grant_proven(d, &proven);
}

bool request_by_code(struct deciding *d)
{
	const struct request *r = d->r;
	struct err e = { 0 };

	if (r->kind != REQUEST_ACCOUNTS ||
	    (r->codes.n == 0 && !request_delivers(r)))
		return false;
	/* Once its code is on the way, what was asked for stands. */
	if (r->state == REQUEST_PENDING && request_check(d->c, &e) != 0)
		request_fail(d, e.text);
	else if (r->state == REQUEST_PENDING && request_delivers(r))
		request_record(d, STEP_AWAIT, REQUEST_AWAITING_CODE, NULL);
	else if (r->codes.n != 0)
		look_at_codes(d);
	return true;
}
