/* SPDX-License-Identifier: ISC */
#include "core/reach.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "core/rules.h"

/* By hand and by rules: what V13 asks for, whatever the time. */
static void list_companies(struct reach *r)
{
	const struct rule *rule;
	size_t n, i, k;

	for (i = 0; i < r->whom->companies.n; i++)
		strv_add(r->a, &r->companies, r->whom->companies.v[i]);
	rule = r->w->rules(r->w->ctx, &n);
	for (i = 0; i < n; i++)
		for (k = 0; rule[i].companies.n != 0 && rules_apply(r->a,
		    &rule[i], r->whom) && k < rule[i].companies.n; k++)
			strv_add(r->a, &r->companies, rule[i].companies.v[k]);
}

void reach_init(struct arena *a, const struct actor *who,
    const struct person *whom, const struct world *w, struct reach *out)
{
	*out = (struct reach){ .a = a, .who = who, .whom = whom, .w = w };
	if (whom != NULL)
		list_companies(out);
}

/* Clients and provider staff are bounded by no company. */
static bool unbounded(const struct reach *r)
{
	return r->who->rank == ACTOR_CLIENT || actor_is_staff(r->who);
}

static bool administrator(const struct reach *r)
{
	return r->who->rank == ACTOR_ADMINISTRATOR;
}

static bool holds(const struct reach *r, enum right_kind kind,
    const char *key)
{
	return actor_holds(r->who, kind, key, "");
}

static const char *whom_name(const struct reach *r)
{
	return r->whom == NULL ? "nobody" : person_name(r->whom);
}

static int none_such(const char *what, const char *key, struct err *e)
{
	return err_set(e, ERR_DENIED, "there is no %s %s", what, key);
}

/* --- whom ---------------------------------------------------------------- */

int reach_shares(const struct reach *r, struct err *e)
{
	size_t i;

	if (unbounded(r) || r->fresh)
		return 0;
	for (i = 0; i < r->companies.n; i++)
		if (holds(r, RIGHT_COMPANY, r->companies.v[i]))
			return 0;
	return err_set(e, ERR_DENIED, "%s shares no company with %s (V2)",
	    r->who->name, whom_name(r));
}

static bool in_enterprise(const struct reach *r, const char *id)
{
	size_t i;

	if (strv_ihas(&r->whom->enterprises, id))
		return true;
	for (i = 0; i < r->companies.n; i++) {
		const struct company *c = r->w->company(r->w->ctx,
		    r->companies.v[i]);

		if (c != NULL && str_ieq(c->enterprise, id))
			return true;
	}
	return false;
}

static bool scope_covers(const struct reach *r, const char *scope,
    const char *level)
{
	const char *w[2];

	if (str_words(r->a, scope, w, 2) != 2 ||
	    (level != NULL && !str_ieq(w[0], level)))
		return false;
	if (str_ieq(w[0], "enterprise"))
		return in_enterprise(r, w[1]);
	if (str_ieq(w[0], "group"))
		return rules_apply(r->a, &(struct rule){ .group = w[1],
		    .department = "" }, r->whom);
	return str_ieq(w[0], "department") &&
	    str_eq(utf8_fold(r->a, r->whom->department),
	    utf8_fold(r->a, w[1]));
}

int reach_scope(const struct reach *r, const char *level, struct err *e)
{
	const struct strv *scopes;
	size_t i;

	if (unbounded(r) || r->whom == NULL)
		return 0;
	if (!administrator(r))
		level = NULL;
	scopes = &r->who->person->admin_scopes;
	if (scopes->n == 0 && level == NULL)
		return 0;
	for (i = 0; i < scopes->n; i++)
		if (scope_covers(r, scopes->v[i], level))
			return 0;
	return err_set(e, ERR_DENIED, "%s is outside of the %sscope of %s "
	    "(%s)", whom_name(r), level ? "enterprise " : "", r->who->name,
	    level ? "A1" : "A4");
}

static int all_held(const struct reach *r, enum right_kind kind,
    const char *what, const struct strv *keys, struct err *e)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (!holds(r, kind, keys->v[i]))
			return err_set(e, ERR_DENIED, "%s has %s %s, beyond "
			    "the reach of %s (V4a)", whom_name(r), what,
			    keys->v[i], r->who->name);
	return 0;
}

static bool in_tool(const struct reach *r, const char *tool,
    const char *account)
{
	return actor_holds(r->who, RIGHT_TOOL_ACCOUNT, tool, account) ||
	    holds(r, RIGHT_ACCOUNT, account);
}

/* What an administrator must hold besides the companies. */
static int all_tools_held(const struct reach *r, struct err *e)
{
	const struct person *p = r->whom;
	int rc = all_held(r, RIGHT_TOOL, "tool", &p->tools, e);
	size_t i;

	for (i = 0; rc == 0 && i < p->n_tool_accounts; i++)
		if (!in_tool(r, p->tool_accounts[i].tool,
		    p->tool_accounts[i].account))
			return err_set(e, ERR_DENIED, "%s has account %s in "
			    "tool %s, beyond the reach of %s (V4a)",
			    whom_name(r), p->tool_accounts[i].account,
			    p->tool_accounts[i].tool, r->who->name);
	return rc;
}

int reach_all(const struct reach *r, struct err *e)
{
	const struct person *p = r->whom;
	int rc;

	if (unbounded(r) || r->fresh)
		return 0;
	rc = all_held(r, RIGHT_COMPANY, "company", &r->companies, e);
	if (rc != 0 || !administrator(r))
		return rc;
	rc = all_held(r, RIGHT_ACCOUNT, "account", &p->accounts, e);
	if (rc == 0)
		rc = all_held(r, RIGHT_ALL_ACCOUNTS, "all accounts of",
		    &p->all_accounts_of, e);
	if (rc == 0)
		rc = all_held(r, RIGHT_GROUP, "group identifier",
		    &p->group_identifiers, e);
	return rc != 0 ? rc : all_tools_held(r, e);
}

int reach_role(const struct reach *r, const char *role, struct err *e)
{
	if (actor_is_staff(r->who))
		return 0;
	role = rules_role_key(r->w, role);
	if (str_ieq(role, ROLE_PRIMARY_CONTACT))
		return err_set(e, ERR_DENIED, "only provider staff give or "
		    "take away the role primary contact%s (V3)",
		    r->who->rank == ACTOR_CLIENT ? ": this needs the scope "
		    "admin or provider" : "");
	if (administrator(r) && str_ieq(role, ROLE_ADMINISTRATOR))
		return err_set(e, ERR_DENIED, "an administrator is made or "
		    "unmade by a primary contact or provider staff (V4)");
	return 0;
}

/* --- rights -------------------------------------------------------------- */

bool reach_company(const struct reach *r, const char *company)
{
	return unbounded(r) || holds(r, RIGHT_COMPANY, company);
}

static int check_company(const struct reach *r, const char *id,
    struct err *e)
{
	return reach_company(r, id) ? 0 : err_set(e, ERR_DENIED,
	    "%s does not have company %s (V2)", r->who->name, id);
}

/* The account's company must be the actor's (V2). */
static int account_company(const struct reach *r, const char *number,
    struct err *e)
{
	const struct account *acc = r->w->account(r->w->ctx, number);

	if (acc == NULL)
		return none_such("account", number, e);
	if (check_company(r, acc->company, e) != 0)
		return err_wrap(e, "account %s", acc->number);
	return 0;
}

static int not_held(const struct reach *r, const char *what,
    const char *key, struct err *e)
{
	return err_set(e, ERR_DENIED, "an administrator deals only with what "
	    "they hold themselves: %s does not hold %s %s (V4)",
	    r->who->name, what, key);
}

static int check_account(const struct reach *r, const char *number,
    struct err *e)
{
	int rc = account_company(r, number, e);

	if (rc == 0 && administrator(r) && !holds(r, RIGHT_ACCOUNT, number))
		rc = not_held(r, "account", number, e);
	return rc;
}

static int check_all_accounts(const struct reach *r, const char *company,
    struct err *e)
{
	int rc = check_company(r, company, e);

	if (rc == 0 && administrator(r) &&
	    !holds(r, RIGHT_ALL_ACCOUNTS, company))
		rc = not_held(r, "all accounts of", company, e);
	return rc;
}

/* A group identifier confers its accounts too (V4a, V16), those that there
 * are. */
static int check_group(const struct reach *r, const char *id, struct err *e)
{
	const struct group_identifier *g =
	    r->w->group_identifier(r->w->ctx, id);
	size_t i;
	int rc;

	if (g == NULL)
		return none_such("group identifier", id, e);
	rc = *g->company == '\0' ? reach_shares(r, e) :
	    check_company(r, g->company, e);
	for (i = 0; rc == 0 && i < g->accounts.n; i++)
		if (r->w->account(r->w->ctx, g->accounts.v[i]) != NULL)
			rc = account_company(r, g->accounts.v[i], e);
	if (rc != 0)
		return err_wrap(e, "group identifier %s", g->id);
	return administrator(r) && !holds(r, RIGHT_GROUP, id) ?
	    not_held(r, "group identifier", id, e) : 0;
}

static int check_tool(const struct reach *r, const char *id, struct err *e)
{
	const struct tool *t = r->w->tool(r->w->ctx, id);
	int rc;

	if (t == NULL)
		return none_such("tool", id, e);
	if (t->restricted && !actor_is_staff(r->who))
		return err_set(e, ERR_DENIED, "tool %s is restricted: only "
		    "provider staff grant it; contact the help desk (V6)",
		    t->id);
	rc = reach_shares(r, e);
	return rc == 0 && administrator(r) && !holds(r, RIGHT_TOOL, t->id) ?
	    not_held(r, "tool", t->id, e) : rc;
}

static int check_tool_account(const struct reach *r,
    const struct right *right, struct err *e)
{
	int rc = account_company(r, right->account, e);

	if (rc == 0 && administrator(r) &&
	    !in_tool(r, right->key, right->account))
		rc = not_held(r, "account", right->account, e);
	return rc;
}

static int check_role(const struct reach *r, const char *role, struct err *e)
{
	const char *now = r->whom != NULL && !r->fresh ? r->whom->role : "";
	int rc;

	if (r->w->role(r->w->ctx, role) == NULL)
		return none_such("role", role, e);
	rc = reach_role(r, role, e);
	if (rc == 0)
		rc = reach_role(r, now, e);
	if (rc == 0)
		rc = reach_shares(r, e);
	return rc != 0 ? rc : reach_all(r, e);
}

static int check_portal(const struct reach *r, struct err *e)
{
	int rc = reach_shares(r, e);

	return rc != 0 ? rc : reach_scope(r, "enterprise", e);
}

/* CPNI opens that of all of somebody's companies. */
static int check_cpni(const struct reach *r, struct err *e)
{
	int rc = reach_shares(r, e);

	if (rc == 0 && administrator(r) && actor_is(r->who, r->whom) &&
	    !holds(r, RIGHT_CPNI, ""))
		return err_set(e, ERR_DENIED, "nobody opens CPNI for "
		    "themselves: ask a primary contact (V4)");
	return rc != 0 || unbounded(r) ? rc : all_held(r, RIGHT_COMPANY,
	    "company", &r->companies, e);
}

int reach_give(const struct reach *r, const struct right *right,
    struct err *e)
{
	int rc = 0;

	switch (right->kind) {
	case RIGHT_ROLE:
		return check_role(r, right->key, e);
	case RIGHT_COMPANY:
		return r->w->company(r->w->ctx, right->key) == NULL ?
		    none_such("company", right->key, e) :
		    check_company(r, right->key, e);
	case RIGHT_ACCOUNT:
		return check_account(r, right->key, e);
	case RIGHT_ALL_ACCOUNTS:
		return check_all_accounts(r, right->key, e);
	case RIGHT_GROUP:
		return check_group(r, right->key, e);
	case RIGHT_TOOL:
		return check_tool(r, right->key, e);
	case RIGHT_TOOL_ACCOUNT:
		rc = check_tool(r, right->key, e);
		return rc != 0 ? rc : check_tool_account(r, right, e);
	case RIGHT_PORTAL:
		return check_portal(r, e);
	default:
		return check_cpni(r, e);
	}
}

/* --- taking away --------------------------------------------------------- */

static bool gone(const struct reach *r, const struct right *right)
{
	const struct world *w = r->w;

	switch (right->kind) {
	case RIGHT_ACCOUNT:
		return w->account(w->ctx, right->key) == NULL;
	case RIGHT_TOOL_ACCOUNT:
		return w->account(w->ctx, right->account) == NULL;
	case RIGHT_GROUP:
		return w->group_identifier(w->ctx, right->key) == NULL;
	case RIGHT_TOOL:
		return w->tool(w->ctx, right->key) == NULL;
	default:
		return false;
	}
}

/* A restricted tool is not for administrators to manage; a primary contact
 * may take one away (V6). */
static int take_tool(const struct reach *r, const char *id, struct err *e)
{
	const struct tool *t = r->w->tool(r->w->ctx, id);
	int rc = reach_shares(r, e);

	if (rc == 0 && t->restricted && administrator(r))
		return err_set(e, ERR_DENIED, "tool %s is restricted: a "
		    "primary contact or provider staff take it away (V6)",
		    t->id);
	return rc == 0 && administrator(r) && !holds(r, RIGHT_TOOL, id) ?
	    not_held(r, "tool", id, e) : rc;
}

/* The grant goes with all its accounts. */
static int take_grant(const struct reach *r, const char *tool, struct err *e)
{
	const struct person *p = r->whom;
	int rc = take_tool(r, tool, e);
	size_t i;

	for (i = 0; rc == 0 && p != NULL && i < p->n_tool_accounts; i++) {
		const struct right t = { RIGHT_TOOL_ACCOUNT, tool,
		    p->tool_accounts[i].account };

		if (str_ieq(p->tool_accounts[i].tool, tool) && !gone(r, &t) &&
		    check_tool_account(r, &t, e) != 0)
			return err_wrap(e, "tool %s is held with more than "
			    "the actor reaches (V4a)", tool);
	}
	return rc;
}

static int take_role(const struct reach *r, const char *role, struct err *e)
{
	int rc = reach_role(r, role, e);

	return rc != 0 ? rc : reach_all(r, e);
}

int reach_take(const struct reach *r, const struct right *right,
    struct err *e)
{
	int rc;

	if (unbounded(r) && right->kind != RIGHT_ROLE)
		return 0;
	/* What there is no more hangs on no company. */
	if (gone(r, right))
		return reach_shares(r, e);
	switch (right->kind) {
	case RIGHT_ROLE:
		return take_role(r, right->key, e);
	case RIGHT_COMPANY:
		return check_company(r, right->key, e);
	case RIGHT_TOOL:
		return take_grant(r, right->key, e);
	case RIGHT_TOOL_ACCOUNT:
		rc = r->w->tool(r->w->ctx, right->key) == NULL ? 0 :
		    take_tool(r, right->key, e);
		return rc != 0 ? rc : check_tool_account(r, right, e);
	default:
		return reach_give(r, right, e);
	}
}

/* --- seeing -------------------------------------------------------------- */

bool reach_sees(const struct reach *r, const struct right *right)
{
	const struct group_identifier *g;
	const struct account *acc;

	if (unbounded(r))
		return true;
	switch (right->kind) {
	case RIGHT_COMPANY:
	case RIGHT_ALL_ACCOUNTS:
		return reach_company(r, right->key);
	case RIGHT_ACCOUNT:
	case RIGHT_TOOL_ACCOUNT:
		acc = r->w->account(r->w->ctx, right->kind == RIGHT_ACCOUNT ?
		    right->key : right->account);
		return acc != NULL && reach_company(r, acc->company);
	case RIGHT_GROUP:
		g = r->w->group_identifier(r->w->ctx, right->key);
		return g != NULL && (*g->company == '\0' ||
		    reach_company(r, g->company));
	default:
		return true;
	}
}
