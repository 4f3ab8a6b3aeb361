/* SPDX-License-Identifier: ISC */
/* May who asks make this change? One question for people and clients, by what
 * the change is about: people (write_given), requests, service groups, rules,
 * and the rest of the catalogue. */
#include <string.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "core/service_group.h"
#include "front/acting.h"
#include "front/write.h"

static enum operation op_of(const struct write *w)
{
	return w->kind == WRITE_POST ? OP_CREATE : w->kind == WRITE_DELETE ?
	    OP_DELETE : OP_UPDATE;
}

static int ask(struct write *w, enum operation op, const struct subject *on,
    struct err *e)
{
	return authorise_actor(&w->c->actor, op, on,
	    world_lookups(call_world(w->c)), e);
}

/* --- the catalogue ----------------------------------------------------------- */

/* As it is, and as it shall be: NULL none. */
static int may_group(struct write *w, const struct entry *en, struct err *e)
{
	struct group_identifier g;
	const struct subject on = { .type = "GroupIdentifier", .group = &g };

	if (en == NULL)
		return 0;
	group_identifier_read(w->c->a, en, &g, NULL);
	return ask(w, op_of(w), &on, e);
}

/* V16: what a service group is. Clients mirror what others have made. */
static int check_group(struct write *w, struct err *e)
{
	struct group_identifier g;

	if (w->want == NULL || w->c->person == NULL)
		return 0;
	group_identifier_read(w->c->a, w->want, &g, NULL);
	return service_group_check(&g, world_lookups(call_world(w->c)), e);
}

/* The maker's own company where there is only one (V16). */
static void default_company(struct write *w)
{
	const char *own = w->c->person != NULL && w->kind == WRITE_POST ?
	    service_group_company(&w->c->actor) : NULL;

	if (own != NULL && entry_get(w->want, "provostCompany") == NULL)
		entry_add(w->c->a, w->want, "provostCompany", own);
}

static int may_groups(struct write *w, struct err *e)
{
	int rc;

	default_company(w);
	rc = may_group(w, w->old, e);
	if (rc == 0)
		rc = may_group(w, w->want, e);
	return rc != 0 ? rc : check_group(w, e);
}

static int may_rule(struct write *w, const struct entry *en, struct err *e)
{
	struct rule r;
	const struct subject on = { .type = "Rule", .rule = &r };

	if (en == NULL)
		return 0;
	rule_read(w->c->a, en, &r, NULL);
	return ask(w, op_of(w), &on, e);
}

static int may_thing(struct write *w, struct err *e)
{
	const struct subject on = { .type = w->c->resource->name,
	    .key = entry_get(w->old != NULL ? w->old : w->want,
	    w->c->resource->rdn) };

	return ask(w, op_of(w), &on, e);
}

/* --- requests ---------------------------------------------------------------- */

static const char *const decides[] = { "provostDecision", "provostDecidedBy",
	"provostReason", "provostItemDecision", "provostItemReason" };
#define N_DECIDES (sizeof(decides) / sizeof(decides[0]))

static bool is_of_decision(const char *name)
{
	size_t i;

	for (i = 0; i < N_DECIDES; i++)
		if (str_ieq(name, decides[i]))
			return true;
	return false;
}

/* Does x have a value that y has not, among what belongs to a decision, or
 * among all else? */
static bool beyond(const struct entry *x, const struct entry *y, bool decision)
{
	const struct attr *at;
	size_t i, k;

	for (i = 0; x != NULL && i < x->n; i++) {
		at = &x->a[i];
		for (k = 0; is_of_decision(at->name) == decision && k < at->n;
		    k++)
			if (y == NULL || !entry_has(y, at->name, at->v[k].p))
				return true;
	}
	return false;
}

static bool differs(const struct write *w, bool decision)
{
	return beyond(w->want, w->old, decision) ||
	    beyond(w->old, w->want, decision);
}

bool write_decides(const struct write *w)
{
	return differs(w, true);
}

/* Whether who decides may is write_decision's question; here that they do
 * nothing else with it, nor part of it. */
static int may_update(struct write *w, const struct subject *on,
    struct err *e)
{
	bool decided = beyond(w->want, w->old, true) &&
	    entry_get(w->want, decides[0]) != NULL;

	/* The same sent again changes nothing. */
	if (!differs(w, true) && !differs(w, false))
		return 0;
	if (differs(w, true) && !decided)
		return err_set(e, ERR_DENIED, "reasons and what was decided "
		    "of items go with the decision (V26)");
	return decided && !differs(w, false) ? 0 : ask(w, OP_UPDATE, on, e);
}

static int may_create(struct write *w, const struct subject *on,
    struct err *e)
{
	if (strcmp(on->request->requester, w->c->actor.person->dn_norm) != 0)
		return err_set(e, ERR_DENIED, "requester: a request is made "
		    "in one's own name (V5)");
	if (differs(w, true))
		return err_set(e, ERR_DENIED, "a request is not decided when "
		    "it is made (V26)");
	return ask(w, OP_CREATE, on, e);
}

static int may_request(struct write *w, struct err *e)
{
	struct request q;
	struct subject on = { .type = "AccessRequest", .request = &q };
	int rc;

	if (!w->c->bounded)
		return may_thing(w, e);
	rc = request_read(w->c->a, w->old != NULL ? w->old : w->want, &q,
	    NULL, e);
	if (rc != 0)
		return rc;
	on.person = world_person_dn(call_world(w->c), q.beneficiary);
	return w->kind == WRITE_POST ? may_create(w, &on, e) :
	    w->kind == WRITE_DELETE ? ask(w, OP_DELETE, &on, e) :
	    may_update(w, &on, e);
}

int write_may(struct write *w, struct err *e)
{
	const char *type = w->c->resource->name;
	int rc;

	if (str_eq(type, "User"))
		return write_given(w, e);
	if (str_eq(type, "GroupIdentifier"))
		return may_groups(w, e);
	if (str_eq(type, "AccessRequest"))
		return may_request(w, e);
	if (!str_eq(type, "Rule"))
		return may_thing(w, e);
	/* One that nobody may make can still be mended. */
	rc = actor_is_staff(&w->c->actor) ? 0 : may_rule(w, w->old, e);
	if (rc == 0 && w->want == NULL)
		rc = may_thing(w, e);
	return rc != 0 ? rc : may_rule(w, w->want, e);
}
