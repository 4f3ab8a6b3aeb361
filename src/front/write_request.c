/* SPDX-License-Identifier: ISC */
/* Writes of access requests (V23-V28): what would come to nothing is refused
 * before anything is written, while whoever asks or decides is still there to
 * be told. What happens to the request after that is the engine's. */
#include "front/write_request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/request.h"
#include "directory/world.h"
#include "front/users.h"

#define DECISION "provostDecision"
#define DECIDED_BY "provostDecidedBy"
#define STATE "provostRequestState"

bool write_is_request(const struct write *w)
{
	return str_eq(w->c->resource->name, "AccessRequest");
}

/* --- the body -------------------------------------------------------------- */

static bool says(const struct json *body, const char *name)
{
	const struct json *m;

	for (m = body->child; m != NULL; m = m->next)
		if (str_ieq(m->name, name))
			return m->kind != JSON_IS_NULL;
	return false;
}

void write_request_fill(const struct write *w)
{
	struct call *c = w->c;
	char id[37];

	if (!write_is_request(w) || c->person == NULL ||
	    says(c->body, "requester"))
		return;
	str_uuid_text(c->person, id);
	json_put(c->a, c->body, "requester", json_new_str(c->a, id));
}

bool write_request_lane(const struct call *c, uint8_t lane[16])
{
	const char *who = json_member_str(c->body, "beneficiary");
	char id[37];
	uint8_t hash[32];

	if (!str_eq(c->resource->name, "AccessRequest"))
		return false;
	if (who == NULL)
		who = json_member_str(c->body, "requester");
	if (who == NULL && c->person != NULL) {
		str_uuid_text(c->person, id);
		who = id;
	}
	if (who == NULL)
		return false;
	who = arena_printf(c->a, "request\n%s", who);
	hash_sha256(who, strlen(who), hash);
	memcpy(lane, hash, 16);
	return true;
}

/* The values of one entry that another has not. */
static bool beyond(const struct entry *x, const struct entry *y,
    const char *name)
{
	const struct attr *at = entry_attr(x, name);
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (!entry_has(y, name, at->v[i].p))
			return true;
	return false;
}

static bool differs(const struct write *w, const char *name)
{
	return beyond(w->want, w->old, name) || beyond(w->old, w->want, name);
}

int write_request_read(struct write *w, struct err *e)
{
	struct arena *a = w->c->a;
	const char *decision;
	struct request r;
	int rc;

	if (!write_is_request(w) || w->old == NULL ||
	    entry_get(w->want, DECISION) != NULL ||
	    !beyond(w->want, w->old, "provostItemDecision"))
		return 0;
	if ((rc = request_read(a, w->want, &r, NULL, e)) != 0 ||
	    (rc = request_check_items(a, &r, e)) != 0)
		return rc;
	decision = request_decision(a, &r);
	if (decision == NULL)
		return err_kind(e, ERR_INVALID, "invalidValue", "items: decide "
		    "each of them, or say decision for the others (V26)");
	entry_add(a, w->want, DECISION, decision);
	return 0;
}

/* --- making one ------------------------------------------------------------- */

/* What the rules look at, in a world of its own. */
struct looking {
	struct write *w;
	struct world_view *world;
	struct request r;		/* as it shall be */
	struct ways ways;
	struct request_case c;
};

static int look(struct looking *l, struct err *e)
{
	struct call *c = l->w->c;
	const struct front_conf *conf = &c->f->conf;
	int rc = world_open(conf->view, conf->map, &l->world, e);

	if (rc != 0)
		return rc;
	world_overlay(l->world, c->names.over);
	rc = request_read(world_arena(l->world), l->w->want, &l->r, NULL, e);
	if (rc != 0) {
		world_close(l->world);
		return rc;
	}
	if (conf->engine_ways != NULL)
		conf->engine_ways(conf->engine, &l->ways);
	l->c = (struct request_case){ .r = &l->r, .ways = &l->ways,
	    .requester = world_person_dn(l->world, l->r.requester),
	    .beneficiary = world_person_dn(l->world, l->r.beneficiary),
	    .w = world_lookups(l->world), .code_key = conf->map->code_key,
	    .now = clock_now() };
	if (l->c.beneficiary != NULL)
		l->c.beneficiary_entry = world_entry(l->world,
		    l->c.beneficiary->uuid);
	return 0;
}

static int asked_already(const struct looking *l, const struct request *open,
    struct err *e)
{
	struct call *c = l->w->c;
	char id[37];

	str_uuid_text(open->uuid, id);
	l->w->twin = arena_printf(c->a, "%s%s/%s", c->rs.base_url,
	    c->resource->endpoint, id);
	return err_kind(e, ERR_EXISTS, "uniqueness", "request %s, which is %s, "
	    "asks for this already: withdraw it to ask in another way",
	    open->id, request_state_word(open->state));
}

/* An open one for the same: newest first, so that it is found soon. */
static int check_twins(struct looking *l, struct err *e)
{
	struct world_iter *it = world_having(l->world, "AccessRequest",
	    "beneficiary", l->r.beneficiary);
	struct arena *a = world_arena(l->world);
	const struct request *open;
	uint8_t uuid[16];
	int64_t created;
	int rc = 0;

	while (rc == 0 && it != NULL && world_next(it, uuid, &created)) {
		open = world_request(l->world, uuid);
		if (open != NULL && request_expires(open) > l->c.now &&
		    request_covers(a, open, &l->r))
			rc = asked_already(l, open, e);
	}
	world_iter_free(it);
	return rc;
}

/* What waits for its code is shown so from the start. */
static void set_state(struct write *w, const struct request *r)
{
	if (request_delivers(r))
		users_set(w->c->a, w->want, STATE,
		    request_state_word(REQUEST_AWAITING_CODE));
}

static int check_new(struct looking *l, struct err *e)
{
	int rc = request_check_new(world_arena(l->world), &l->c, e);

	if (rc == 0)
		rc = check_twins(l, e);
	if (rc == 0)
		set_state(l->w, &l->r);
	return rc;
}

/* --- changing one ------------------------------------------------------------ */

static const char *when(struct arena *a, int64_t t)
{
	char text[32];

	return t == 0 ? "" : arena_printf(a, ", %s", clock_print_rfc3339(t,
	    text));
}

static int is_over(const struct request *was, struct arena *a,
    int64_t now, struct err *e)
{
	bool open = was->state == REQUEST_PENDING ||
	    was->state == REQUEST_AWAITING_CODE;

	if (open && request_expires(was) <= now)
		return err_kind(e, ERR_REFERRED, "mutability", "request %s "
		    "has expired%s (V26)", was->id, when(a,
		    request_expires(was)));
	return open ? 0 : err_kind(e, ERR_REFERRED, "mutability", "request %s "
	    "is over: %s%s (V26)", was->id, request_state_word(was->state),
	    when(a, was->decided_at != 0 ? was->decided_at :
	    request_expires(was)));
}

/* Codes go with requests that were made with codes or for one. */
static int check_codes(const struct looking *l, const struct request *was,
    struct err *e)
{
	if (!beyond(l->w->want, l->w->old, "provostInvitationCode"))
		return 0;
	if (was->codes.n == 0 && !request_delivers(was))
		return err_kind(e, ERR_REFERRED, "mutability", "request %s "
		    "awaits no code: make one with invitationCodes (V23)",
		    was->id);
	return request_check(&l->c, e);
}

static int check_delivery(const struct looking *l, const struct request *was,
    struct err *e)
{
	if (!differs(l->w, "provostDelivery") &&
	    !differs(l->w, "telephoneNumber"))
		return 0;
	if (was->state == REQUEST_AWAITING_CODE || request_delivers(&l->r))
		return err_kind(e, ERR_REFERRED, "mutability", "delivery: "
		    "%s: withdraw the request and make another (V23)",
		    was->state == REQUEST_AWAITING_CODE ?
		    "a code is on its way" : "codes are asked for at once");
	return request_check(&l->c, e);
}

static int check_withdrawal(const struct looking *l, struct err *e)
{
	return str_ieq(l->r.decision, "withdrawn") &&
	    (*l->r.reason != '\0' || l->r.n_decisions != 0 ||
	    l->r.n_reasons != 0) ? err_kind(e, ERR_INVALID, "invalidValue",
	    "reasons are for who approves or denies: withdraw without (V26)") :
	    0;
}

static int check_change(struct looking *l, const struct request *was,
    struct err *e)
{
	struct arena *a = world_arena(l->world);
	int rc = is_over(was, a, l->c.now, e);

	if (rc == 0)
		rc = check_codes(l, was, e);
	if (rc == 0)
		rc = check_delivery(l, was, e);
	if (rc == 0)
		rc = check_withdrawal(l, e);
	if (rc == 0 && (differs(l->w, "provostItemDecision") ||
	    differs(l->w, "provostItemReason") ||
	    differs(l->w, "provostItemBilling") || differs(l->w, DECISION)))
		rc = request_check_items(a, &l->r, e);
	return rc;
}

/* Who decided what, when. */
static int decided_twice(const struct write *w, struct err *e)
{
	struct world_view *world = world_over(w->c->read,
	    w->c->f->conf.map);
	const char *by = entry_get(w->old, DECIDED_BY);
	const struct person *p = by != NULL ? world_person_dn(world, by) :
	    NULL;
	const char *at = entry_get(w->old, "provostDecidedAt");
	int64_t t;

	/* The engine has not noted it yet. */
	if (at == NULL || !clock_parse_gt(at, &t))
		t = w->old->modified;
	err_kind(e, ERR_REFERRED, "mutability", "this request was decided "
	    "already: %s by %s%s%s%s%s (V26)", entry_get(w->old, DECISION),
	    p != NULL ? p->display : by != NULL ? by : "nobody named",
	    p != NULL ? " (" : "", p != NULL ? p->uid : "",
	    p != NULL ? ")" : "", when(world_arena(world), t));
	world_close(world);
	return ERR_REFERRED;
}

int write_request(struct write *w, struct err *e)
{
	struct looking l = { .w = w };
	struct request was;
	int rc;

	if (!write_is_request(w) || (w->old != NULL && w->change->n == 0))
		return 0;
	if (w->old != NULL && entry_get(w->old, DECISION) != NULL &&
	    write_decides(w))
		return decided_twice(w, e);
	if ((rc = look(&l, e)) != 0)
		return rc;
	if (w->old == NULL)
		rc = check_new(&l, e);
	else if ((rc = request_read(world_arena(l.world), w->old, &was, NULL,
	    e)) == 0)
		rc = check_change(&l, &was, e);
	world_close(l.world);
	if (rc == ERR_INVALID && e->kind[0] == '\0')
		strcpy(e->kind, "invalidValue");
	return rc;
}

/* --- what a decision would come to ------------------------------------------- */

int write_request_decided(struct world_view *world, const struct front *f,
    const struct request *r, const struct person *decider,
    const struct rights *rights, const struct person *beneficiary,
    struct err *e)
{
	const struct request_case c = { .r = r,
	    .requester = world_person_dn(world, r->requester),
	    .beneficiary = beneficiary, .decider = decider,
	    .beneficiary_entry = world_entry(world, beneficiary->uuid),
	    .decider_rights = rights, .w = world_lookups(world),
	    .code_key = f->conf.map->code_key, .now = clock_now() };
	struct request_plan plan;

	request_next(world_arena(world), &c, &plan);
	return plan.step != STEP_FAIL ? 0 : err_kind(e, ERR_REFERRED,
	    "mutability", "%s", plan.why);
}
