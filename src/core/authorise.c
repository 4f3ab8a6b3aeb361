/* SPDX-License-Identifier: ISC */
#include "core/authorise.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "core/rules.h"

#define ADMINISTRATOR "administrator"

/* --- clients ------------------------------------------------------------ */

static const char *const verbs[] = { "read", "write", "write", "write" };

/* "User" and "Users", "Company" and "Companies" name the same type. */
static size_t singular(const char *s)
{
	size_t n = strlen(s);

	if (n > 3 && strcasecmp(s + n - 3, "ies") == 0)
		return n - 3;
	if (n > 1 && (strcasecmp(s + n - 1, "s") == 0 ||
	    strcasecmp(s + n - 1, "y") == 0))
		return n - 1;
	return n;
}

static bool same_type(const char *x, const char *y)
{
	size_t n = singular(x);

	return n == singular(y) && strncasecmp(x, y, n) == 0;
}

static bool scope_allows(const char *scope, const char *type,
    enum operation op)
{
	size_t n = strcspn(scope, ":");

	if (scope[n] == ':' && !same_type(scope + n + 1, type))
		return false;
	if (n == 5 && strncasecmp(scope, "admin", n) == 0)
		return true;
	/* A new client has the scopes that its maker writes. */
	if (op != OP_READ && same_type(type, "Client"))
		return false;
	/* What is no resource type must be named: reading users does not
	 * open metrics. */
	if (scope[n] == '\0' && same_type(type, "metrics"))
		return strcasecmp(scope, "metrics") == 0;
	return (scope[n] == '\0' && same_type(scope, type)) ||
	    (n == strlen(verbs[op]) && strncasecmp(scope, verbs[op], n) == 0);
}

int authorise_client(const struct strv *scopes, const char *type,
    enum operation op, struct err *e)
{
	size_t i;

	for (i = 0; i < scopes->n; i++)
		if (scope_allows(scopes->v[i], type, op))
			return 0;
	if (op != OP_READ && same_type(type, "Client"))
		return err_set(e, ERR_DENIED, "writing clients needs the "
		    "scope admin");
	return err_set(e, ERR_DENIED, "this client has no scope for that: it "
	    "needs %s:%s", verbs[op], type);
}

/* Does wide allow all that narrow does? False where that is not plain. */
static bool covers(const char *wide, const char *narrow)
{
	size_t n = strcspn(wide, ":"), k = strcspn(narrow, ":");
	bool same_verb = n == k && strncasecmp(wide, narrow, n) == 0;

	if (strcasecmp(wide, "admin") == 0 || strcasecmp(wide, narrow) == 0)
		return true;
	if (wide[n] == ':')
		return narrow[k] == ':' &&
		    same_type(wide + n + 1, narrow + k + 1) &&
		    (same_verb || strncasecmp(wide, "admin:", 6) == 0);
	if (narrow[k] == '\0')
		return same_type(wide, narrow);
	/* "read" does not open metrics; "User" opens read:User. */
	return (same_verb && !same_type(narrow + k + 1, "metrics")) ||
	    (same_type(wide, narrow + k + 1) &&
	    strncasecmp(narrow, "admin:", 6) != 0);
}

void authorise_narrow(struct arena *a, const struct strv *have,
    const struct strv *claimed, struct strv *out)
{
	size_t i, k;

	*out = (struct strv){ 0 };
	for (i = 0; i < have->n; i++)
		for (k = 0; k < claimed->n; k++) {
			const char *h = have->v[i], *c = claimed->v[k];

			if (covers(h, c))
				strv_add(a, out, c);
			else if (covers(c, h))
				strv_add(a, out, h);
		}
}

/* --- decisions ---------------------------------------------------------- */

struct judging {
	struct arena *a;
	const struct request *r;
	const struct person *decider, *beneficiary;
	const struct rights *rights;	/* the decider's */
	const struct world *w;
	bool admin, approving;
	struct strv companies;		/* the beneficiary's */
};

static bool has(const struct judging *j, enum right_kind kind,
    const char *key)
{
	const struct right want = { kind, key, "" };
	const struct effective *e = rights_find(j->rights, &want);

	return e != NULL && e->granted;
}

static bool has_in_tool(const struct judging *j, const char *account)
{
	const struct right want = { RIGHT_TOOL_ACCOUNT, j->r->tool, account };
	const struct effective *e = rights_find(j->rights, &want);

	return (e != NULL && e->granted) || has(j, RIGHT_ACCOUNT, account);
}

/* By hand and by rules: what V13 asks for, whatever the time. */
static void list_companies(struct judging *j)
{
	const struct person *p = j->beneficiary;
	const struct rule *r;
	size_t n, i, k;

	for (i = 0; i < p->companies.n; i++)
		strv_add(j->a, &j->companies, p->companies.v[i]);
	r = j->w->rules(j->w->ctx, &n);
	for (i = 0; i < n; i++)
		for (k = 0; rules_apply(j->a, &r[i], p) &&
		    k < r[i].companies.n; k++)
			strv_add(j->a, &j->companies, r[i].companies.v[k]);
}

/* V2: is one of the beneficiary's companies the decider's? */
static int check_shared(const struct judging *j, struct err *e)
{
	size_t i;

	for (i = 0; i < j->companies.n; i++)
		if (has(j, RIGHT_COMPANY, j->companies.v[i]))
			return 0;
	return err_set(e, ERR_DENIED, "%s shares no company with the "
	    "beneficiary (V2)", j->decider->uid);
}

static int check_company(const struct judging *j, const char *id,
    struct err *e)
{
	return has(j, RIGHT_COMPANY, id) ? 0 : err_set(e, ERR_DENIED,
	    "%s does not have company %s (V2)", j->decider->uid, id);
}

/* The account's company must be the decider's (V2). */
static int account_company(const struct judging *j, const char *number,
    struct err *e)
{
	const struct account *acc = j->w->account(j->w->ctx, number);

	if (acc == NULL)
		return err_set(e, ERR_DENIED, "there is no account %s",
		    number);
	if (check_company(j, acc->company, e) != 0)
		return err_wrap(e, "account %s", acc->number);
	return 0;
}

static int not_held(const struct judging *j, const char *what,
    const char *key, struct err *e)
{
	return err_set(e, ERR_DENIED, "an administrator decides only about "
	    "what they hold themselves: %s does not hold %s %s (V4)",
	    j->decider->uid, what, key);
}

static int check_account(const struct judging *j, const char *number,
    struct err *e)
{
	int rc = account_company(j, number, e);

	if (rc == 0 && j->admin && !has(j, RIGHT_ACCOUNT, number))
		rc = not_held(j, "account", number, e);
	return rc;
}

static int check_tool_account(const struct judging *j, const char *number,
    struct err *e)
{
	int rc = account_company(j, number, e);

	if (rc == 0 && j->admin && !has_in_tool(j, number))
		rc = not_held(j, "account", number, e);
	return rc;
}

/* A group identifier confers its accounts too (V4a, V16). */
static int check_group(const struct judging *j, const char *id,
    struct err *e)
{
	const struct group_identifier *g =
	    j->w->group_identifier(j->w->ctx, id);
	size_t i;
	int rc;

	if (g == NULL)
		return err_set(e, ERR_DENIED, "there is no group identifier "
		    "%s", id);
	rc = *g->company == '\0' ? check_shared(j, e) :
	    check_company(j, g->company, e);
	for (i = 0; rc == 0 && i < g->accounts.n; i++)
		rc = account_company(j, g->accounts.v[i], e);
	if (rc != 0)
		return err_wrap(e, "group identifier %s", g->id);
	return j->admin && !has(j, RIGHT_GROUP, id) ?
	    not_held(j, "group identifier", id, e) : 0;
}

/* Approving needs reach over every approved item, denying over any. */
static int check_items(const struct judging *j, const struct strv *items,
    int (*check)(const struct judging *j, const char *item, struct err *e),
    struct err *e)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < items->n; i++) {
		if (j->approving &&
		    !request_item_approved(j->r, items->v[i]))
			continue;
		rc = check(j, items->v[i], e);
		if ((rc == 0) != j->approving)
			return rc;
	}
	return rc;
}

static int check_tool(const struct judging *j, struct err *e)
{
	const struct tool *t = j->w->tool(j->w->ctx, j->r->tool);
	int rc;

	if (t == NULL)
		return err_set(e, ERR_DENIED, "there is no tool %s",
		    j->r->tool);
	if (t->restricted)
		return err_set(e, ERR_DENIED, "tool %s is restricted: only "
		    "provider staff grant it; contact the help desk (V6)",
		    t->id);
	rc = check_shared(j, e);
	if (rc != 0 || !j->approving)
		return rc;
	if (j->admin && !has(j, RIGHT_TOOL, t->id))
		return not_held(j, "tool", t->id, e);
	return check_items(j, &j->r->accounts, check_tool_account, e);
}

static int all_held(const struct judging *j, enum right_kind kind,
    const char *what, const struct strv *keys, struct err *e)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (!has(j, kind, keys->v[i]))
			return err_set(e, ERR_DENIED, "the beneficiary has "
			    "%s %s, beyond the reach of %s (V4a)", what,
			    keys->v[i], j->decider->uid);
	return 0;
}

/* V4a: who changes a role must reach all that its holder has. */
static int check_reach(const struct judging *j, struct err *e)
{
	const struct person *p = j->beneficiary;
	int rc = all_held(j, RIGHT_COMPANY, "company", &j->companies, e);

	if (rc != 0 || !j->admin)
		return rc;
	rc = all_held(j, RIGHT_ACCOUNT, "account", &p->accounts, e);
	if (rc == 0)
		rc = all_held(j, RIGHT_ALL_ACCOUNTS, "all accounts of",
		    &p->all_accounts_of, e);
	if (rc == 0)
		rc = all_held(j, RIGHT_TOOL, "tool", &p->tools, e);
	return rc;
}

static int check_role(const struct judging *j, struct err *e)
{
	const char *role = j->r->role, *now = j->beneficiary->role;
	int rc;

	if (j->w->role(j->w->ctx, role) == NULL)
		return err_set(e, ERR_DENIED, "there is no role %s", role);
	if (str_ieq(role, RULES_PRIMARY_CONTACT) ||
	    str_ieq(now, RULES_PRIMARY_CONTACT))
		return err_set(e, ERR_DENIED, "only provider staff give or "
		    "take away the role primary contact (V3)");
	if (j->admin && (str_ieq(role, ADMINISTRATOR) ||
	    str_ieq(now, ADMINISTRATOR)))
		return err_set(e, ERR_DENIED, "an administrator is made or "
		    "unmade by a primary contact or provider staff (V4)");
	rc = check_shared(j, e);
	return rc != 0 || !j->approving ? rc : check_reach(j, e);
}

static int check_what(const struct judging *j, struct err *e)
{
	switch (j->r->kind) {
	case REQUEST_ACCOUNTS:
		return check_items(j, &j->r->accounts, check_account, e);
	case REQUEST_TOOL:
		return check_tool(j, e);
	case REQUEST_ROLE:
		return check_role(j, e);
	case REQUEST_COMPANY:
		return check_items(j, &j->r->companies, check_company, e);
	case REQUEST_GROUP_IDENTIFIER:
		return check_items(j, &j->r->group_identifiers, check_group,
		    e);
	default:
		return check_shared(j, e);
	}
}

/* --- levels of administration (A4) -------------------------------------- */

static bool in_enterprise(const struct judging *j, const char *id)
{
	const struct person *p = j->beneficiary;
	size_t i;

	for (i = 0; i < p->enterprises.n; i++)
		if (str_ieq(p->enterprises.v[i], id))
			return true;
	for (i = 0; i < j->companies.n; i++) {
		const struct company *c = j->w->company(j->w->ctx,
		    j->companies.v[i]);

		if (c != NULL && str_ieq(c->enterprise, id))
			return true;
	}
	return false;
}

static bool scope_covers(const struct judging *j, const char *scope,
    const char *level)
{
	const char *w[2];

	if (str_words(j->a, scope, w, 2) != 2 ||
	    (level != NULL && !str_ieq(w[0], level)))
		return false;
	if (str_ieq(w[0], "enterprise"))
		return in_enterprise(j, w[1]);
	if (str_ieq(w[0], "group"))
		return rules_apply(j->a, &(struct rule){ .group = w[1],
		    .department = "" }, j->beneficiary);
	return str_ieq(w[0], "department") &&
	    str_eq(utf8_fold(j->a, j->beneficiary->department),
	    utf8_fold(j->a, w[1]));
}

/* The scope bounds whom; portal access needs an administrator of the whole
 * enterprise (A1). */
static int check_scope(const struct judging *j, struct err *e)
{
	const char *level = j->admin && j->r->kind == REQUEST_PORTAL ?
	    "enterprise" : NULL;
	size_t i;

	if (j->decider->admin_scopes.n == 0 && level == NULL)
		return 0;
	for (i = 0; i < j->decider->admin_scopes.n; i++)
		if (scope_covers(j, j->decider->admin_scopes.v[i], level))
			return 0;
	return err_set(e, ERR_DENIED, "the beneficiary is outside of the "
	    "%sscope of %s (%s)", level ? "enterprise " : "", j->decider->uid,
	    level ? "A1" : "A4");
}

static int check_decider(struct judging *j, struct err *e)
{
	const char *me = j->decider->dn_norm;

	if (strcmp(j->r->requester, me) == 0 ||
	    strcmp(j->r->beneficiary, me) == 0 ||
	    strcmp(j->beneficiary->dn_norm, me) == 0)
		return err_set(e, ERR_DENIED, "nobody decides as requester or "
		    "beneficiary (V26)");
	if (j->decider->state != PERSON_ACTIVE)
		return err_set(e, ERR_DENIED, "the decider %s is %s",
		    j->decider->uid, person_state_word(j->decider->state));
	j->admin = has(j, RIGHT_ROLE, ADMINISTRATOR);
	if (!j->admin && !has(j, RIGHT_ROLE, RULES_PRIMARY_CONTACT))
		return err_set(e, ERR_DENIED, "%s is neither primary contact "
		    "nor administrator (V25)", j->decider->uid);
	return 0;
}

int authorise_decision(const struct request *r, const struct person *decider,
    const struct rights *decider_rights, const struct person *beneficiary,
    const struct world *w, struct err *e)
{
	struct judging j = { arena_new(), r, decider, beneficiary,
	    decider_rights, w, false, str_ieq(r->decision, "approved"),
	    { 0 } };
	int rc = check_decider(&j, e);

	list_companies(&j);
	if (rc == 0)
		rc = check_scope(&j, e);
	if (rc == 0)
		rc = check_what(&j, e);
	arena_free(j.a);
	return rc;
}
