/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_filter.h"
#include "codec/scim_match.h"
#include "core/authorise.h"
#include "directory/world.h"
#include "front/write.h"
#include "front/write_request.h"
#include "model/dn.h"
#include "store/query.h"

#define DECISION "provostDecision"
#define DECIDED_BY "provostDecidedBy"

/* --- uniqueness ------------------------------------------------------------- */

/* A POST that is repeated because its answer was lost (S17) is told where the
 * first one's resource is; nothing is said of what others own. */
static void note_twin(struct write *w, const struct view_item *item)
{
	struct call *c = w->c;
	char id[37];

	str_uuid_text(item->uuid, id);
	w->twin = arena_printf(c->a, "%s%s/%s", c->rs.base_url,
	    c->resource->endpoint, id);
}

static bool taken(struct write *w, const struct scim_attr *at,
    const char *key)
{
	struct view_item item;

	if (key == NULL || view_find(w->c->read, w->c->resource->type,
	    at->index, key, &item) != 0 ||
	    (w->old != NULL && memcmp(item.uuid, w->uuid, 16) == 0))
		return false;
	if (w->kind == WRITE_POST && at->how == SH_EXTERNAL_ID)
		note_twin(w, &item);
	return true;
}

static int unique_attr(struct write *w, const struct scim_attr *at,
    struct err *e)
{
	struct call *c = w->c;
	const char *v, *owner;

	if (at->index == 0 || at->ldap == NULL || *at->ldap == '\0' ||
	    (at->unique == SU_NONE && at->how != SH_EXTERNAL_ID))
		return 0;
	v = entry_get(w->want, at->ldap);
	if (v == NULL || (w->old != NULL && entry_has(w->old, at->ldap, v)))
		return 0;
	owner = *c->resource->owner_attr != '\0' ?
	    entry_get(w->want, c->resource->owner_attr) : NULL;
	if (taken(w, at, at->how == SH_EXTERNAL_ID ?
	    scim_external_key(c->a, owner != NULL ? owner : "", v) :
	    scim_key(c->a, at, v)))
		return err_kind(e, ERR_EXISTS, "uniqueness", "%s: there is a "
		    "%s with this value already", at->name, c->resource->name);
	return 0;
}

int write_unique(struct write *w, struct err *e)
{
	const struct scim_resource *r = w->c->resource;
	size_t i, k;
	int rc = 0;

	for (i = 0; i < r->n_common && rc == 0; i++)
		rc = unique_attr(w, &r->common[i], e);
	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n && rc == 0; k++)
			rc = unique_attr(w, &r->schema[i].attr[k], e);
	return rc;
}

/* --- ownership -------------------------------------------------------------- */

int write_owned(const struct write *w, const struct entry *old, struct err *e)
{
	const struct call *c = w->c;
	const char *owner = entry_get(old, c->resource->owner_attr);

	/* People are bounded by their reach (write_may). */
	if (!c->resource->owned || c->person != NULL ||
	    strv_has(&c->client.scopes, "admin") ||
	    str_ieq(owner, c->client.owner))
		return 0;
	return err_set(e, ERR_DENIED, "this %s is not of the source that this "
	    "client writes for: only %s changes or deletes it",
	    c->resource->name, owner != NULL ? "its own source, or a client "
	    "with the scope admin," : "a client with the scope admin");
}

/* --- references --------------------------------------------------------------- */

struct matching {
	struct call *c;
	const struct scim_resource *r;
	const struct filter *f;
	struct arena *scratch;
};

static bool match(void *ctx, struct view_item *item)
{
	struct matching *m = ctx;
	bool yes = scim_match(m->scratch, m->r, &item->entry, m->f, &m->c->rs);

	arena_reset(m->scratch);
	return yes;
}

/* How many entries of type r name value in at (or its sub). */
static int count_refs(struct call *c, const struct scim_resource *r,
    const struct scim_attr *at, const struct scim_attr *sub,
    const char *value, uint64_t *n, struct err *e)
{
	struct filter f = { .op = FILTER_EQ, .type = FT_STRING, .s = value,
	    .path = { .urn = at->urn, .attr = at->name,
		.sub = sub != NULL ? sub->name : NULL } };
	struct matching m = { .c = c, .r = r, .f = &f };
	struct query q = { .type = r->type, .filter = &f, .match = match,
	    .ctx = &m, .count = 1 };
	struct query_result res;
	int rc = scim_filter_bind(c->a, &f, r, &c->rs, e);

	if (rc != 0)
		return rc;
	m.scratch = arena_new();
	rc = query_run(c->read, c->a, &q, &res, e);
	arena_free(m.scratch);
	*n = rc == 0 ? res.total : 0;
	return rc;
}

/* People may go although they are named; entitlements are the tools again. */
static bool counts(const struct scim_attr *at)
{
	return at->how != SH_REF_DN && at->how != SH_PERSON &&
	    at->how != SH_ENTITLEMENTS && at->how != SH_MEMBERS;
}

/* Who is a member of a group does not hold it: memberships go first. */
static bool is_membership(const struct call *c, const struct scim_attr *at)
{
	const struct scim_resource *people;

	return c->resource->members != NULL &&
	    at == resolver_member_of(c->f->conf.map, &people);
}

static bool refers_to(const struct scim_attr *at, const char *type)
{
	return at->refers != NULL && str_eq(at->refers, type);
}

static int check_attr(struct write *w, const struct scim_resource *r,
    const struct scim_attr *at, struct err *e)
{
	struct call *c = w->c;
	const struct scim_resource *me = c->resource;
	const char *value = at->by_id ? c->id : dn_rdn_value(c->a,
	    w->old->dn, NULL);
	uint64_t n = 0;
	size_t i;
	int rc = 0;

	if (!counts(at) || is_membership(c, at))
		return 0;
	if (refers_to(at, me->name))
		rc = count_refs(c, r, at, NULL, value, &n, e);
	for (i = 0; i < at->n_sub && rc == 0 && n == 0; i++)
		if (refers_to(&at->sub[i], me->name))
			rc = count_refs(c, r, at, &at->sub[i], value, &n, e);
	if (rc == 0 && n != 0)
		return err_set(e, ERR_REFERRED, "%s %s is still referred to "
		    "by %s of %llu of %s: take that away first", me->name,
		    value, at->name, (unsigned long long)n, r->endpoint + 1);
	return rc;
}

/* Requests that name it are history. */
static bool is_history(const struct scim_resource *r)
{
	size_t i, k;

	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++)
			if (str_ieq(r->schema[i].attr[k].ldap, DECISION))
				return true;
	return false;
}

int write_referred(struct write *w, struct err *e)
{
	const struct scim_map *m = w->c->f->conf.map;
	size_t i, s, k;
	int rc = 0;

	for (i = 0; i < m->n; i++) {
		const struct scim_resource *r = &m->resource[i];

		if (is_history(r))
			continue;
		for (s = 0; s < r->n_schemas; s++)
			for (k = 0; k < r->schema[s].n && rc == 0; k++)
				rc = check_attr(w, r, &r->schema[s].attr[k],
				    e);
	}
	return rc;
}

/* --- decisions ------------------------------------------------------------------ */

static const struct mod *mod_of(const struct change *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcasecmp(c->mod[i].name, name) == 0)
			return &c->mod[i];
	return NULL;
}

static bool may_decide(const struct call *c)
{
	return c->person != NULL || strv_has(&c->client.scopes, "admin") ||
	    strv_has(&c->client.scopes, "decide");
}

/* What the engine would refuse later is refused now, while the request can
 * still be decided by somebody else. */
static int check_decider(struct write *w, const char *decider_dn,
    struct err *e)
{
	struct world_view *view;
	struct request r;
	const struct person *decider, *beneficiary;
	struct rights rights;
	struct arena *a;
	int rc = world_open(w->c->f->conf.view, w->c->f->conf.map, &view, e);

	if (rc != 0)
		return rc;
	world_overlay(view, w->c->names.over);
	a = world_arena(view);
	rc = request_read(a, w->want, &r, NULL, e);
	decider = world_person_dn(view, decider_dn);
	beneficiary = rc == 0 ? world_person_dn(view, r.beneficiary) : NULL;
	if (rc == 0 && (decider == NULL || beneficiary == NULL))
		rc = err_kind(e, ERR_INVALID, "invalidValue", "the %s is gone",
		    decider == NULL ? "decider" : "beneficiary");
	if (rc == 0 && strcasecmp(r.decision, "withdrawn") == 0) {
		rc = strcmp(decider->dn_norm, r.requester) == 0 ? 0 :
		    err_set(e, ERR_DENIED, "only its requester withdraws a "
		    "request (V26)");
	} else if (rc == 0) {
		rights_compute(a, decider, world_lookups(view), clock_now(),
		    &rights);
		rc = authorise_decision(&r, decider, &rights, beneficiary,
		    world_lookups(view), e);
		if (rc == 0)
			rc = write_request_decided(view, w->c->f, &r, decider,
			    &rights, beneficiary, e);
	}
	world_close(view);
	return rc;
}

/* Who has signed in need not say who they are. */
static void add_decider(struct write *w)
{
	const char *dn = w->c->actor.person->dn;

	change_set(w->c->a, w->change, MOD_ADD, DECIDED_BY, dn);
	entry_add(w->c->a, w->want, DECIDED_BY, dn);
}

int write_decision(struct write *w, struct err *e)
{
	const struct mod *decision, *by;
	int rc;

	if (w->kind == WRITE_POST)
		return entry_get(w->want, DECISION) == NULL &&
		    entry_get(w->want, DECIDED_BY) == NULL ? 0 :
		    err_kind(e, ERR_INVALID, "invalidValue", "a request is "
		    "not decided when it is made: leave decision and "
		    "decidedBy out");
	decision = mod_of(w->change, DECISION);
	by = mod_of(w->change, DECIDED_BY);
	if (decision == NULL && by == NULL)
		return 0;
	if (decision != NULL && by == NULL && w->c->person != NULL) {
		add_decider(w);
		decision = mod_of(w->change, DECISION);
		by = mod_of(w->change, DECIDED_BY);
	}
	if (decision == NULL || by == NULL || by->n != 1)
		return err_kind(e, ERR_INVALID, "invalidValue", "a client is "
		    "no person: decision and decidedBy (the id of the person "
		    "who decides) go together");
	if (!may_decide(w->c))
		return err_set(e, ERR_DENIED, "naming who decided needs the "
		    "scope decide or admin");
	if (w->c->person != NULL && strcasecmp(by->v[0].p,
	    w->c->actor.person->dn) != 0)
		return err_set(e, ERR_DENIED, "decidedBy: nobody decides in "
		    "another's name (V26)");
	if ((rc = check_decider(w, by->v[0].p, e)) != 0)
		return rc;
	/* In the decider's own name, so that the directory's rules hold. */
	w->change->act_as = by->v[0].p;
	return 0;
}
