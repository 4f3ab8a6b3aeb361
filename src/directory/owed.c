/* SPDX-License-Identifier: ISC */
#include "directory/owed.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/request.h"

/* A request that is older was closed longer ago than anything is told. */
#define OLDEST (NOTICE_KEPT + 31 * 86400 * CLOCK_SECOND)

struct requests {
	const struct request **v;
	size_t n, cap;
};

/* The same for everybody, in the world's arena. */
struct common {
	struct arena *a;
	struct requests waiting;
	const struct person **contact;
	struct rights **rights;		/* of contact[i], NULL not yet */
	size_t n_contacts, cap_contacts;
};

/* --- what is read once --------------------------------------------------------- */

static void keep_request(struct arena *a, struct requests *to,
    const struct request *r)
{
	if (to->n == to->cap) {
		size_t cap = to->cap ? to->cap * 2 : 16;

		to->v = arena_grow(a, to->v, to->n, cap, sizeof(*to->v));
		to->cap = cap;
	}
	to->v[to->n++] = r;
}

static void read_waiting(struct world_view *w, struct requests *out)
{
	struct world_iter *it = world_having(w, "AccessRequest", "state",
	    request_state_word(REQUEST_PENDING));
	const struct request *r;
	uint8_t uuid[16];
	int64_t created;

	while (it != NULL && world_next(it, uuid, &created))
		if ((r = world_request(w, uuid)) != NULL &&
		    r->state == REQUEST_PENDING)
			keep_request(world_arena(w), out, r);
	world_iter_free(it);
}

static bool keep_contact(void *arg, const struct person *p)
{
	struct common *c = arg;

	if (p->state != PERSON_ACTIVE)
		return true;
	if (c->n_contacts == c->cap_contacts) {
		size_t cap = c->cap_contacts ? c->cap_contacts * 2 : 16;

		c->contact = arena_grow(c->a, c->contact, c->n_contacts, cap,
		    sizeof(*c->contact));
		c->cap_contacts = cap;
	}
	c->contact[c->n_contacts++] = p;
	return true;
}

/* No rule confers this role (V4a): who has it has it on their entry. */
static void read_contacts(struct world_view *w, struct common *c)
{
	const struct world *l = world_lookups(w);

	l->primary_contacts(l->ctx, keep_contact, c);
	c->rights = arena_array(c->a, c->n_contacts + 1, sizeof(*c->rights));
}

static struct common *common(struct world_view *w)
{
	void **memo = world_memo(w);
	struct common *c = *memo;

	if (c != NULL)
		return c;
	*memo = c = arena_alloc(world_arena(w), sizeof(*c));
	c->a = world_arena(w);
	read_waiting(w, &c->waiting);
	read_contacts(w, c);
	return c;
}

const struct person *const *owed_contacts(struct world_view *w, size_t *n)
{
	struct common *c = common(w);

	*n = c->n_contacts;
	return c->contact;
}

bool owed_concerns(struct world_view *w, const struct request *r, size_t i,
    int64_t now)
{
	struct common *c = common(w);

	if (c->rights[i] == NULL) {
		c->rights[i] = arena_alloc(world_arena(w),
		    sizeof(*c->rights[i]));
		rights_compute(world_arena(w), c->contact[i],
		    world_lookups(w), now, c->rights[i]);
	}
	return notice_concerns(r, c->contact[i], c->rights[i],
	    world_person_dn(w, r->beneficiary), world_lookups(w));
}

/* --- one person ------------------------------------------------------------------- */

/* What they asked for, as far back as anything is told of it. */
static struct requests read_own(struct arena *a, struct world_view *w,
    const struct person *p, int64_t now)
{
	struct world_iter *it = world_having(w, "AccessRequest", "requester",
	    p->dn_norm);
	struct requests own = { 0 };
	const struct request *r;
	uint8_t uuid[16];
	int64_t created;

	while (it != NULL && world_next(it, uuid, &created) &&
	    created + OLDEST > now)
		if ((r = world_request(w, uuid)) != NULL &&
		    str_eq(r->requester, p->dn_norm))
			keep_request(a, &own, r);
	world_iter_free(it);
	return own;
}

static const struct person *creator(struct world_view *w,
    const struct person *p)
{
	uint8_t uuid[16];

	return str_starts(p->created_by, "person:") &&
	    str_uuid(p->created_by + strlen("person:"), uuid) ?
	    world_person(w, uuid) : NULL;
}

static const struct person *by_dn(void *ctx, const char *dn)
{
	return world_person_dn(ctx, dn);
}

static struct notice_facts facts(struct arena *a, struct world_view *w,
    const struct owed *o, const struct ways *ways, int64_t now)
{
	struct requests own = read_own(a, w, o->person, now);
	struct notice_facts f = { .person = o->person, .rights = &o->rights,
	    .creator = creator(w, o->person), .own = own.v, .n_own = own.n,
	    .world = world_lookups(w), .ways = ways, .by_dn = by_dn, .ctx = w,
	    .now = now };

	if (str_ieq(o->person->role, ROLE_PRIMARY_CONTACT)) {
		f.waiting = common(w)->waiting.v;
		f.n_waiting = common(w)->waiting.n;
	}
	return f;
}

static void add_notices(struct arena *a, struct world_view *w,
    const char *id, const struct ways *ways, int64_t now, struct owed *o)
{
	struct notice *list = NULL;
	struct notice_facts f;
	struct action *act;
	size_t n_list = 0, n;

	if (o->person != NULL) {
		f = facts(a, w, o, ways, now);
		notice_list(a, &f, &list, &n_list);
	}
	notice_diff(a, id, o->person == NULL, ways, list, n_list,
	    o->receipts.v, o->receipts.n, now, &act, &n);
	o->act = arena_grow(a, o->act, o->n, o->n + n + 1, sizeof(*o->act));
	if (n != 0)
		memcpy(o->act + o->n, act, n * sizeof(*act));
	o->n += n;
}

void owed_look(struct arena *a, struct world_view *w, const uint8_t uuid[16],
    const struct ways *ways, int64_t now, struct owed *out)
{
	char id[37];

	str_uuid_text(uuid, id);
	*out = (struct owed){ .person = world_person(w, uuid),
	    .receipts = world_receipts(w, id) };
	if (out->person != NULL)
		rights_compute(a, out->person, world_lookups(w), now,
		    &out->rights);
	diff_tools(a, id, out->person != NULL ? &out->rights : NULL,
	    world_lookups(w), out->receipts.v, out->receipts.n, &out->act,
	    &out->n);
	if (ways->mail || *ways->phone != '\0' || *ways->post != '\0')
		add_notices(a, w, id, ways, now, out);
}

/* --- one mail ------------------------------------------------------------------------ */

int owed_letter(struct arena *a, struct world_view *w,
    const struct ways *ways, const char *code_key, const char *person_id,
    const char *key, const char *link, int64_t now, struct letter *out,
    struct err *e)
{
	const struct notice *n = NULL;
	struct notice_facts f;
	struct owed o = { 0 };
	struct notice *list;
	uint8_t uuid[16];
	size_t n_list;

	if (str_uuid(person_id, uuid) &&
	    (o.person = world_person(w, uuid)) != NULL) {
		rights_compute(a, o.person, world_lookups(w), now, &o.rights);
		f = facts(a, w, &o, ways, now);
		notice_list(a, &f, &list, &n_list);
		n = notice_find(list, n_list, key);
	}
	if (n == NULL || !n->due)
		return err_set(e, ERR_RETRY, "it is not owed any more");
	out->kind = n->kind;
	out->name = arena_strdup(a, n->to->display);
	out->address = arena_strdup(a, n->to->mail);
	return notice_values(a, n, &f, code_key, link, &out->value, e);
}
