/* SPDX-License-Identifier: ISC */
#include "core/enterprise.h"

#include "base/arena.h"
#include "core/attempts.h"

#define ACCOUNT "provostAccount"
#define COMPANY "provostCompany"
#define ENTERPRISE "provostEnterprise"

/* --- its companies ------------------------------------------------------- */

struct only {
	const struct company *company;
	size_t n;
};

static bool see_company(void *arg, const struct company *c)
{
	struct only *o = arg;

	o->company = c;
	return ++o->n < 2;
}

/* company, or the only one for ""; NULL and e otherwise. */
static const struct company *company_of(const char *enterprise,
    const char *company, const struct world *w, struct err *e)
{
	const struct company *c = w->company(w->ctx, company);
	struct only o = { 0 };

	if (*company != '\0') {
		if (c != NULL && str_ieq(c->enterprise, enterprise))
			return c;
		err_set(e, ERR_INVALID, "enterprise %s has no company %s: an "
		    "account's company and enterprise belong together (L2)",
		    enterprise, company);
		return NULL;
	}
	w->companies_of(w->ctx, enterprise, see_company, &o);
	if (o.n == 1)
		return o.company;
	err_set(e, ERR_INVALID, "enterprise %s has %s: name the company (L2)",
	    enterprise, o.n == 0 ? "no company" : "several companies");
	return NULL;
}

static struct change *assign(struct arena *a, const struct account *acc,
    const struct company *c)
{
	struct change *out = change_new(a, CHANGE_MODIFY, acc->dn);

	out->assert_csn = *acc->csn ? acc->csn : NULL;
	change_set(a, out, MOD_REPLACE, ENTERPRISE, c->enterprise);
	if (!str_ieq(acc->company, c->id))
		change_set(a, out, MOD_REPLACE, COMPANY, c->id);
	return out;
}

/* --- adding (L2, L3) ----------------------------------------------------- */

struct adding {
	struct arena *a;
	const char *enterprise, *company;
	const struct enterprise_help *help;
	const struct world *w;
};

/* Its own enterprise, or that of its company. */
static bool is_assigned(const struct adding *g, const struct account *acc)
{
	const struct company *c = g->w->company(g->w->ctx, acc->company);

	return *acc->enterprise != '\0' || (c != NULL &&
	    *c->enterprise != '\0' && !str_ieq(c->enterprise,
	    g->enterprise));
}

static const char *or_else(const char *s, const char *other)
{
	return s != NULL && *s != '\0' ? s : other;
}

static int assigned_already(const struct adding *g, struct err *e)
{
	return err_set(e, ERR_EXISTS, "Account has already been assigned to "
	    "the enterprise; for access to it ask %s, to have it moved ask "
	    "%s (L3)", or_else(g->help->administrator,
	    "your system administrator"), or_else(g->help->representative,
	    "the provider's representative"));
}

static int add_one(const struct adding *g, struct enterprise_row *row,
    struct err *e)
{
	const struct account *acc = g->w->account(g->w->ctx, row->number);
	const struct company *c;

	if (acc == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no account %s",
		    row->number);
	if (is_assigned(g, acc))
		return assigned_already(g, e);
	if (*acc->company != '\0' && *g->company != '\0' &&
	    !str_ieq(acc->company, g->company))
		return err_set(e, ERR_INVALID, "account %s is of another "
		    "company than %s (L2)", acc->number, g->company);
	c = company_of(g->enterprise, *acc->company != '\0' ? acc->company :
	    g->company, g->w, e);
	if (c == NULL)
		return ERR_INVALID;
	row->change = assign(g->a, acc, c);
	return 0;
}

/* The first row that has the same number. */
static const struct enterprise_row *twice(const struct enterprise_row *rows,
    size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (str_ieq(rows[k].number, rows[i].number))
			return &rows[k];
	return NULL;
}

static void add_row(const struct adding *g, struct enterprise_row *rows,
    size_t i)
{
	const struct enterprise_row *first = twice(rows, i);
	struct enterprise_row *row = &rows[i];
	struct err e = { 0 };

	row->change = NULL;
	row->code = first == NULL ? add_one(g, row, &e) : err_set(&e,
	    ERR_INVALID, "account %s stands in row %zu already (L2)",
	    row->number, first->row);
	row->text = row->code == 0 ? "" : arena_strdup(g->a, e.text);
}

int enterprise_add(struct arena *a, const char *enterprise,
    const char *company, struct enterprise_row *rows, size_t n,
    const struct enterprise_help *help, const struct world *w, struct err *e)
{
	const struct adding g = { a, enterprise, company, help, w };
	size_t i;

	if (n > ENTERPRISE_MAX_ROWS)
		return err_set(e, ERR_LIMIT, "%zu accounts are too many: at "
		    "most %d at once (L2)", n, ENTERPRISE_MAX_ROWS);
	if (w->enterprise(w->ctx, enterprise) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no enterprise %s",
		    enterprise);
	if (*company != '\0' && company_of(enterprise, company, w, e) == NULL)
		return ERR_INVALID;
	for (i = 0; i < n; i++)
		add_row(&g, rows, i);
	return 0;
}

/* --- moving (L4) --------------------------------------------------------- */

int enterprise_move(struct arena *a, const char *number,
    const char *enterprise, const char *company, const struct world *w,
    struct change **out, struct err *e)
{
	const struct account *acc = w->account(w->ctx, number);
	const struct company *c;

	if (acc == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no account %s",
		    number);
	if (w->enterprise(w->ctx, enterprise) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no enterprise %s",
		    enterprise);
	if (str_ieq(acc->enterprise, enterprise))
		return err_set(e, ERR_EXISTS, "account %s is in enterprise "
		    "%s (L4)", acc->number, enterprise);
	if ((c = company_of(enterprise, company, w, e)) == NULL)
		return ERR_INVALID;
	*out = assign(a, acc, c);
	return 0;
}

struct stored_list enterprise_move_ends(struct arena *a,
    const struct entry *person, const char *number)
{
	struct stored_list all = stored_read(a, person), out = { 0 };
	size_t i;

	for (i = 0; i < all.n; i++) {
		const struct right *r = &all.v[i].right;

		if (r->kind == RIGHT_ACCOUNT ? str_ieq(r->key, number) :
		    r->kind == RIGHT_TOOL_ACCOUNT &&
		    str_ieq(r->account, number))
			stored_add(a, &out, &all.v[i]);
	}
	return out;
}

struct change *enterprise_move_group(struct arena *a,
    const struct entry *group, const char *number, const char *company,
    const struct world *w)
{
	struct strv accounts = entry_list(a, group, ACCOUNT);
	struct strv services = entry_list(a, group, "provostService");
	struct change *c = change_new(a, CHANGE_MODIFY, group->dn);
	size_t i;

	if (str_ieq(entry_text(a, group, COMPANY), company))
		return NULL;
	c->assert_csn = group->csn != NULL && *group->csn ? group->csn : NULL;
	for (i = 0; i < accounts.n; i++)
		if (str_ieq(accounts.v[i], number))
			change_set(a, c, MOD_DELETE, ACCOUNT, accounts.v[i]);
	for (i = 0; i < services.n; i++) {
		const struct service *s = w->service(w->ctx, services.v[i]);

		if (s != NULL && str_ieq(s->account, number))
			change_set(a, c, MOD_DELETE, "provostService",
			    services.v[i]);
	}
	return c->n != 0 ? c : NULL;
}

/* --- registering (L5) ---------------------------------------------------- */

static const struct enterprise *of_account(const struct world *w,
    const struct account *acc)
{
	const struct company *c = w->company(w->ctx, acc->company);

	return w->enterprise(w->ctx, *acc->enterprise != '\0' || c == NULL ?
	    acc->enterprise : c->enterprise);
}

bool enterprise_registers(const struct world *w, const struct account *acc)
{
	const struct enterprise *en = of_account(w, acc);

	return en != NULL && *acc->company != '\0' && en->active &&
	    en->self_registration;
}

int enterprise_register(const struct world *w, const char *hash, int64_t now,
    const struct account **out, struct err *e)
{
	const struct account *acc = w->account_of_code(w->ctx, hash);
	int64_t until;

	if (acc == NULL || !enterprise_registers(w, acc) ||
	    attempts_judge(&acc->wrong, now, &until) != ATTEMPTS_OPEN)
		return err_set(e, ERR_DENIED, "nobody registers with this "
		    "code: ask your primary contact for an invitation (L5)");
	*out = acc;
	return 0;
}

void enterprise_registrant(struct arena *a, const struct account *acc,
    struct entry *out)
{
	entry_add(a, out, stored_attr(RIGHT_ROLE), ROLE_VIEWER);
	entry_add(a, out, stored_attr(RIGHT_COMPANY), acc->company);
	entry_add(a, out, stored_attr(RIGHT_ACCOUNT), acc->number);
	if (*acc->enterprise != '\0')
		entry_add(a, out, ENTERPRISE, acc->enterprise);
}
