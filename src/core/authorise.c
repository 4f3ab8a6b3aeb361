/* SPDX-License-Identifier: ISC */
#include "core/authorise.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "core/request.h"

/* --- clients ------------------------------------------------------------- */

static const char *verb(enum operation op)
{
	return op == OP_READ ? "read" : "write";
}

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

/* What is no resource type must be named: who reads and writes users has not
 * been asked about everybody's files, or the numbers. */
static bool must_be_named(const char *type)
{
	return same_type(type, "metrics") || same_type(type, "feeds");
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
	if (scope[n] == '\0' && must_be_named(type))
		return same_type(scope, type);
	return (scope[n] == '\0' && same_type(scope, type)) ||
	    (n == strlen(verb(op)) && strncasecmp(scope, verb(op), n) == 0);
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
	    "needs %s:%s", verb(op), type);
}

/* Does wide allow all that narrow does? False where that is not plain. */
static bool scope_covers(const char *wide, const char *narrow)
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
	return (same_verb && !must_be_named(narrow + k + 1)) ||
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

			if (scope_covers(h, c))
				strv_add(a, out, c);
			else if (scope_covers(c, h))
				strv_add(a, out, h);
		}
}

/* --- people: what they do to a user ------------------------------------- */

struct asking {
	const struct actor *who;
	enum operation op;
	const struct subject *on;
	const struct world *w;
	struct reach r;
};

static int is_user(const struct asking *q, const char *what, struct err *e)
{
	return err_set(e, ERR_DENIED, "%s is neither primary contact nor "
	    "administrator: %s (V5)", q->who->name, what);
}

/* Whom the actor's companies and scope cover. */
static int covers(const struct asking *q, struct err *e)
{
	int rc = reach_shares(&q->r, e);

	return rc != 0 ? rc : reach_scope(&q->r, NULL, e);
}

/* Delete, suspend, reset, invite again: nothing of what they have, their role
 * included, may lie beyond the actor (V4a). */
static int end_user(const struct asking *q, struct err *e)
{
	int rc = covers(q, e);

	if (rc == 0 && (q->op == OP_DELETE ||
	    q->who->rank == ACTOR_ADMINISTRATOR))
		rc = reach_role(&q->r, q->on->person->role, e);
	return rc != 0 ? rc : reach_all(&q->r, e);
}

static int set_scope(const struct asking *q, struct err *e)
{
	int rc;

	if (actor_is(q->who, q->on->person))
		return err_set(e, ERR_DENIED, "nobody sets their own scope "
		    "(A4)");
	if (q->who->rank != ACTOR_PRIMARY_CONTACT)
		return err_set(e, ERR_DENIED, "whom somebody administers is "
		    "said by a primary contact or provider staff (V4)");
	rc = covers(q, e);
	return rc != 0 ? rc : reach_all(&q->r, e);
}

static int own_password(const struct asking *q, struct err *e)
{
	return actor_is(q->who, q->on->person) ? 0 : err_set(e, ERR_DENIED,
	    "users set their own password only; reset it instead (V5)");
}

static int portal(const struct asking *q, struct err *e)
{
	int rc = covers(q, e);

	return rc != 0 ? rc : reach_give(&q->r, &(struct right){
	    RIGHT_PORTAL, "", "" }, e);
}

static int on_user(const struct asking *q, struct err *e)
{
	bool self = actor_is(q->who, q->on->person);

	if (q->op == OP_READ)
		return authorise_sees(q->r.a, q->who, q->on->person, q->w) !=
		    SIGHT_NONE ? 0 : actor_manages(q->who) ? covers(q, e) :
		    is_user(q, "they read their own profile", e);
	if (q->op == OP_PASSWORD)
		return own_password(q, e);
	if (q->op == OP_PREFER && self)
		return 0;
	if (!actor_manages(q->who))
		return is_user(q, self ? "they change their own preferences "
		    "and password, and ask for the rest" : "they change "
		    "nothing of others", e);
	switch (q->op) {
	case OP_DELETE: case OP_SUSPEND: case OP_RESET: case OP_INVITE:
		return end_user(q, e);
	case OP_PORTAL_GRANT: case OP_PORTAL_REVOKE:
		return portal(q, e);
	case OP_SCOPE:
		return set_scope(q, e);
	default:
		return covers(q, e);
	}
}

/* --- requests ------------------------------------------------------------ */

static bool is_requester(const struct asking *q)
{
	return q->on->request != NULL && strcmp(q->on->request->requester,
	    q->who->person->dn_norm) == 0;
}

static bool of_company(const struct right *r)
{
	return r->kind != RIGHT_ROLE && r->kind != RIGHT_TOOL &&
	    r->kind != RIGHT_PORTAL && r->kind != RIGHT_CPNI;
}

/* Of what hangs on companies some must be within reach (V4a): to share one
 * with whom it is for is not enough. */
static int reaches_request(const struct asking *q, struct err *e)
{
	const struct request *r = q->on->request;
	int rc = covers(q, e);
	bool any = false;
	struct right *v;
	size_t n, i;

	if (rc != 0 || r == NULL)
		return rc;
	n = request_rights(q->r.a, r, &v);
	for (i = 0; i < n; i++) {
		if (of_company(&v[i]) && reach_sees(&q->r, &v[i]))
			return 0;
		any |= of_company(&v[i]);
	}
	return !any ? 0 : err_set(e, ERR_DENIED, "nothing that the request "
	    "asks for is of a company of %s (V4a)", q->who->name);
}

static int on_request(const struct asking *q, struct err *e)
{
	bool mine = is_requester(q) || actor_is(q->who, q->on->person);

	switch (q->op) {
	case OP_CREATE:
		if (actor_is(q->who, q->on->person))
			return 0;
		return actor_manages(q->who) ? covers(q, e) :
		    is_user(q, "they ask for themselves", e);
	case OP_READ:
		if (mine)
			return 0;
		return actor_manages(q->who) ? reaches_request(q, e) :
		    is_user(q, "they see their own requests", e);
	case OP_UPDATE:
		return is_requester(q) ? 0 : err_set(e, ERR_DENIED, "only its "
		    "requester changes or withdraws a request (V26)");
	default:
		return err_set(e, ERR_DENIED, "a request stays; its requester "
		    "may withdraw it (V26)");
	}
}

/* --- service groups ------------------------------------------------------ */

/* An administrator groups services of accounts that they hold (V4). */
static int group_services(const struct asking *q, struct err *e)
{
	const struct group_identifier *g = q->on->group;
	size_t i;

	if (q->who->rank != ACTOR_ADMINISTRATOR)
		return 0;
	for (i = 0; i < g->services.n; i++) {
		const struct service *s = q->w->service(q->w->ctx,
		    g->services.v[i]);

		if (s != NULL && !actor_holds(q->who, RIGHT_ACCOUNT,
		    s->account, ""))
			return err_set(e, ERR_DENIED, "service %s is under "
			    "account %s, which %s does not hold (V4)", s->id,
			    s->account, q->who->name);
	}
	return 0;
}

static int providers_kind(const struct group_identifier *g, struct err *e)
{
	return str_ieq(g->kind, "serviceGroup") ? 0 : err_set(e, ERR_DENIED,
	    "group identifiers of the kind %s are made by the provider (V16)",
	    g->kind);
}

static int on_group(const struct asking *q, struct err *e)
{
	const struct group_identifier *g = q->on->group;
	int rc;

	if (q->op == OP_READ &&
	    actor_holds(q->who, RIGHT_GROUP, g->id, ""))
		return 0;
	if (!actor_manages(q->who))
		return is_user(q, "they see the groups that they hold", e);
	if (*g->company == '\0' && q->op != OP_READ)
		return err_set(e, ERR_DENIED, "a group identifier without a "
		    "company is the provider's: name one of your companies "
		    "(V2)");
	if (*g->company != '\0' && !reach_company(&q->r, g->company))
		return err_set(e, ERR_DENIED, "%s does not have company %s "
		    "(V2)", q->who->name, g->company);
	if (q->op == OP_READ)
		return 0;
	rc = providers_kind(g, e);
	return rc != 0 ? rc : group_services(q, e);
}

/* --- the catalogue ------------------------------------------------------- */

static bool sees_account(const struct asking *q, const char *number)
{
	const struct account *acc = q->w->account(q->w->ctx, number);

	return actor_holds(q->who, RIGHT_ACCOUNT, number, "") ||
	    (acc != NULL && actor_manages(q->who) &&
	    reach_company(&q->r, acc->company));
}

static bool in_own_group(const struct asking *q, const char *service)
{
	const struct strv *ids = &q->who->person->group_identifiers;
	const struct group_identifier *g;
	size_t i;

	for (i = 0; i < ids->n; i++) {
		g = q->w->group_identifier(q->w->ctx, ids->v[i]);
		if (g == NULL || !actor_holds(q->who, RIGHT_GROUP, g->id, ""))
			continue;
		if (strv_ihas(&g->services, service))
			return true;
	}
	return false;
}

static bool sees_service(const struct asking *q, const char *id)
{
	const struct service *s = q->w->service(q->w->ctx, id);

	return (s != NULL && sees_account(q, s->account)) ||
	    in_own_group(q, id);
}

static bool assigned(const struct actor *who, const char *enterprise)
{
	return strv_ihas(&who->person->enterprises, enterprise);
}

static bool sees_all(const struct asking *q, enum right_kind kind,
    const struct strv *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (!reach_sees(&q->r, &(struct right){ kind, keys->v[i],
		    "" }))
			return false;
	return true;
}

/* All that it names (V4a). */
static bool sees_rule(const struct asking *q)
{
	const struct rule *r = q->on->rule;
	size_t i;

	for (i = 0; r != NULL && i < r->n_tool_accounts; i++)
		if (!reach_sees(&q->r, &(struct right){ RIGHT_TOOL_ACCOUNT,
		    r->tool_accounts[i].tool, r->tool_accounts[i].account }))
			return false;
	return r == NULL || (sees_all(q, RIGHT_COMPANY, &r->companies) &&
	    sees_all(q, RIGHT_ALL_ACCOUNTS, &r->all_accounts_of) &&
	    sees_all(q, RIGHT_ACCOUNT, &r->accounts) &&
	    sees_all(q, RIGHT_GROUP, &r->group_identifiers));
}

static int read_catalogue(const struct asking *q, struct err *e)
{
	const char *type = q->on->type, *key = q->on->key;

	if (str_ieq(type, "Role") || str_ieq(type, "Tool"))
		return 0;
	if (str_ieq(type, "Company"))
		return actor_holds(q->who, RIGHT_COMPANY, key, "") ? 0 :
		    err_set(e, ERR_DENIED, "%s does not have company %s (V2)",
		    q->who->name, key);
	if (str_ieq(type, "Enterprise"))
		return assigned(q->who, key) ? 0 : err_set(e, ERR_DENIED,
		    "the profile of %s is not assigned to enterprise %s (L1)",
		    q->who->name, key);
	if (str_ieq(type, "Account"))
		return sees_account(q, key) ? 0 : err_set(e, ERR_DENIED,
		    "%s does not have account %s (V5)", q->who->name, key);
	if (str_ieq(type, "Service"))
		return sees_service(q, key) ? 0 : err_set(e, ERR_DENIED,
		    "%s does not have service %s (V5)", q->who->name, key);
	if (str_ieq(type, "Rule") && actor_manages(q->who))
		return sees_rule(q) ? 0 : err_set(e, ERR_DENIED, "the rule "
		    "names what %s does not reach (V4a)", q->who->name);
	if (str_ieq(type, "Group") && actor_manages(q->who))
		return 0;
	return is_user(q, arena_printf(q->r.a, "they do not see a %s", type),
	    e);
}

static int add_account(const struct asking *q, struct err *e)
{
	if (!actor_manages(q->who))
		return is_user(q, "they do not add accounts to enterprises",
		    e);
	return assigned(q->who, q->on->key) ? 0 : err_set(e, ERR_DENIED,
	    "the profile of %s is not assigned to enterprise %s (L1)",
	    q->who->name, q->on->key);
}

static int for_staff(const struct asking *q, struct err *e)
{
	if (q->op == OP_MOVE_ACCOUNT)
		return err_set(e, ERR_DENIED, "only provider staff move "
		    "accounts to another enterprise (L4)");
	if (!actor_manages(q->who))
		return is_user(q, "they change nothing of others", e);
	return err_set(e, ERR_DENIED, "%s entries are the provider's to "
	    "change; primary contacts and administrators deal with users, "
	    "requests and service groups (V2)", q->on->type);
}

static int on_rule(const struct asking *q, struct err *e)
{
	return q->on->rule == NULL || q->op == OP_READ ?
	    0 : authorise_rule(q->who, q->on->rule, q->w, e);
}

static int on_catalogue(const struct asking *q, struct err *e)
{
	if (q->op == OP_READ)
		return read_catalogue(q, e);
	if (q->op == OP_ADD_ACCOUNT)
		return add_account(q, e);
	return q->on->rule != NULL && actor_manages(q->who) ? on_rule(q, e) :
	    for_staff(q, e);
}

/* --- everybody ----------------------------------------------------------- */

static int ask_person(const struct asking *q, struct err *e)
{
	const struct person *me = q->who->person;

	if (actor_is_staff(q->who))
		return on_rule(q, e);
	if (me->state != PERSON_ACTIVE)
		return err_set(e, ERR_DENIED, "%s is %s", q->who->name,
		    person_state_word(me->state));
	if (str_ieq(q->on->type, "User"))
		return on_user(q, e);
	if (str_ieq(q->on->type, "AccessRequest"))
		return on_request(q, e);
	if (str_ieq(q->on->type, "GroupIdentifier"))
		return on_group(q, e);
	return on_catalogue(q, e);
}

/* What a client's scopes do not open: the provider's own. */
static int ask_client(const struct asking *q, struct err *e)
{
	int rc = authorise_client(q->who->scopes, q->on->type, q->op, e);

	if (rc != 0 || actor_is_staff(q->who))
		return rc != 0 ? rc : on_rule(q, e);
	if (q->op == OP_MOVE_ACCOUNT)
		return for_staff(q, e);
	if (q->op == OP_DELETE && q->on->person != NULL)
		return reach_role(&q->r, q->on->person->role, e);
	if (q->on->group != NULL && q->op != OP_READ)
		return providers_kind(q->on->group, e);
	return on_rule(q, e);
}

int authorise_actor(const struct actor *who, enum operation op,
    const struct subject *on, const struct world *w, struct err *e)
{
	struct asking q = { .who = who, .op = op, .on = on, .w = w };
	struct arena *a = arena_new();
	int rc;

	reach_init(a, who, on->person, w, &q.r);
	q.r.fresh = op == OP_CREATE && on->person == NULL;
	rc = who->person != NULL ? ask_person(&q, e) : ask_client(&q, e);
	arena_free(a);
	return rc;
}
