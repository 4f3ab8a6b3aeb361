/* SPDX-License-Identifier: ISC */
/* Who may decide a request, and who may make a rule: in both cases whoever
 * could grant what follows from it (V4a, V27). */
#include <string.h>

#include "base/arena.h"
#include "core/authorise_p.h"
#include "core/request.h"
#include "core/rules.h"

static int check_decider(const struct request *r, const struct actor *who,
    const struct person *beneficiary, struct err *e)
{
	const char *me = who->person->dn_norm;

	if (strcmp(r->requester, me) == 0 ||
	    strcmp(r->beneficiary, me) == 0 || actor_is(who, beneficiary))
		return err_set(e, ERR_DENIED, "nobody decides as requester or "
		    "beneficiary (V26)");
	if (who->person->state != PERSON_ACTIVE)
		return err_set(e, ERR_DENIED, "the decider %s is %s",
		    who->name, person_state_word(who->person->state));
	if (!actor_manages(who) && !actor_is_staff(who))
		return err_set(e, ERR_DENIED, "%s is neither primary contact "
		    "nor administrator (V25)", who->name);
	return 0;
}

/* The scope bounds whom; portal access needs an administrator of the whole
 * enterprise (A1). */
static int check_scope(const struct reach *r, enum request_kind kind,
    struct err *e)
{
	return reach_scope(r, kind == REQUEST_PORTAL ? "enterprise" : NULL,
	    e);
}

/* Who turns a role down needs not reach all that its holder has. */
static int could_deny(const struct reach *r, const struct right *right,
    struct err *e)
{
	int rc;

	if (right->kind != RIGHT_ROLE)
		return reach_give(r, right, e);
	rc = reach_role(r, right->key, e);
	return rc != 0 ? rc : reach_shares(r, e);
}

/* Approving needs reach over every approved item, denying over any. */
static int check_items(struct arena *a, const struct reach *r,
    const struct request *q, struct err *e)
{
	struct right *v;
	size_t n = request_rights(a, q, &v), i;
	bool approving = false;
	int rc = 0;

	for (i = 0; i < n; i++)
		approving |= request_right_approved(q, &v[i]);
	for (i = 0; i < n; i++) {
		if (approving && !request_right_approved(q, &v[i]))
			continue;
		rc = approving ? reach_give(r, &v[i], e) :
		    could_deny(r, &v[i], e);
		if ((rc == 0) != approving)
			return rc;
	}
	return n == 0 ? reach_shares(r, e) : rc;
}

int authorise_decision(const struct request *r, const struct person *decider,
    const struct rights *decider_rights, const struct person *beneficiary,
    const struct world *w, struct err *e)
{
	const struct actor who = actor_person(decider, decider_rights);
	struct arena *a = arena_new();
	struct reach reach;
	int rc = check_decider(r, &who, beneficiary, e);

	reach_init(a, &who, beneficiary, w, &reach);
	if (rc == 0)
		rc = check_scope(&reach, r->kind, e);
	if (rc == 0)
		rc = check_items(a, &reach, r, e);
	arena_free(a);
	return rc;
}

/* --- rules --------------------------------------------------------------- */

static int give_all(const struct reach *r, enum right_kind kind,
    const struct strv *keys, struct err *e)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < keys->n; i++)
		rc = reach_give(r, &(struct right){ kind, keys->v[i], "" }, e);
	return rc;
}

static int give_role(const struct reach *r, const char *role, struct err *e)
{
	if (str_ieq(rules_role_key(r->w, role), ROLE_PRIMARY_CONTACT))
		return err_set(e, ERR_DENIED, "no rule confers primary "
		    "contact (V4a)");
	return *role == '\0' ? 0 : reach_give(r, &(struct right){ RIGHT_ROLE,
	    role, "" }, e);
}

int authorise_rule_gives(const struct reach *r, const struct rule *rule,
    struct err *e)
{
	int rc = give_role(r, rule->role, e);
	size_t i;

	if (rc == 0)
		rc = give_all(r, RIGHT_COMPANY, &rule->companies, e);
	if (rc == 0)
		rc = give_all(r, RIGHT_ACCOUNT, &rule->accounts, e);
	if (rc == 0)
		rc = give_all(r, RIGHT_ALL_ACCOUNTS, &rule->all_accounts_of,
		    e);
	if (rc == 0)
		rc = give_all(r, RIGHT_GROUP, &rule->group_identifiers, e);
	if (rc == 0)
		rc = give_all(r, RIGHT_TOOL, &rule->tools, e);
	for (i = 0; rc == 0 && i < rule->n_tool_accounts; i++)
		rc = reach_give(r, &(struct right){ RIGHT_TOOL_ACCOUNT,
		    rule->tool_accounts[i].tool,
		    rule->tool_accounts[i].account }, e);
	return rc == 0 ? 0 : err_wrap(e, "rule %s", rule->id);
}

int authorise_rule(const struct actor *who, const struct rule *rule,
    const struct world *w, struct err *e)
{
	struct arena *a = arena_new();
	struct reach r;
	int rc;

	reach_init(a, who, NULL, w, &r);
	r.fresh = true;
	/* A rule reaches whoever is, or comes, into a group or department,
	 * which may be beyond the companies of who makes it. */
	if (who->person != NULL && !actor_is_staff(who))
		rc = err_set(e, ERR_DENIED, "rule %s: a rule is for whoever "
		    "comes into a group or department; only provider staff "
		    "and clients make, change and delete rules (V4a)",
		    rule->id);
	else
		rc = authorise_rule_gives(&r, rule, e);
	arena_free(a);
	return rc;
}
