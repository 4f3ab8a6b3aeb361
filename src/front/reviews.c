/* SPDX-License-Identifier: ISC */
/* Reviews (J4): who has moved, and what they were given by hand, until
 * somebody has said that it is right. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "core/reach.h"
#include "core/review.h"
#include "core/rights.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/users.h"
#include "front/worker.h"

#define MOST 1000		/* people in an answer */

struct reviews {
	struct call *c;
	struct world_view *w;
	struct actor who;
	struct json *list;
	size_t n;
	bool more;
};

/* --- one of them ------------------------------------------------------------ */

/* A group is shown by its name; one that is gone, by its id. */
static void put_place(struct reviews *v, struct json *o, const char *name,
    const struct review_move *m, const char *place)
{
	const struct scim_resolver *rs = &v->c->rs;
	const char *id, *display;

	if (str_eq(m->kind, "group") && rs->of_key(rs->ctx, v->c->a, "Group",
	    place, &id, &display) && display != NULL)
		place = display;
	operations_put(v->c->a, o, name, place);
}

static void put_moves(struct reviews *v, struct json *o,
    const struct entry *e)
{
	struct arena *a = v->c->a;
	struct json *list = json_put(a, o, "moves", json_new(a,
	    JSON_IS_ARRAY)), *j;
	struct strv moves = entry_list(a, e, REVIEW_ATTR);
	struct review_move m;
	char when[32];
	size_t i;

	for (i = 0; i < moves.n; i++) {
		if (!review_parse(a, moves.v[i], &m))
			continue;
		j = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, j, "kind", m.kind);
		put_place(v, j, "from", &m, m.from);
		put_place(v, j, "to", &m, m.to);
		operations_put(a, j, "time", clock_print_rfc3339(m.time,
		    when));
	}
}

/* Who gave it last. */
static void put_origin(struct arena *a, struct json *j,
    const struct person *p, const struct right *r)
{
	const struct provenance *newest = NULL;
	char when[32];
	size_t i;

	for (i = 0; i < p->n_provenance; i++)
		if (right_eq(&p->provenance[i].right, r) && (newest == NULL ||
		    p->provenance[i].time > newest->time))
			newest = &p->provenance[i];
	if (newest == NULL)
		return;
	operations_put(a, j, "origin", newest->origin);
	operations_put(a, j, "since", clock_print_rfc3339(newest->time, when));
}

static void put_rights(struct reviews *v, struct json *o,
    const struct person *p, const struct entry *e)
{
	struct arena *a = v->c->a;
	struct json *list = json_put(a, o, "rights", json_new(a,
	    JSON_IS_ARRAY)), *j;
	struct stored_list hand = review_by_hand(a, e);
	size_t i;

	for (i = 0; i < hand.n; i++) {
		j = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, j, "right", right_print(a,
		    &hand.v[i].right));
		put_origin(a, j, p, &hand.v[i].right);
	}
}

/* Of whom one sees in part, what hangs on one's own companies (V4a). */
static void put_review(struct reviews *v, const struct person *p,
    const struct entry *e)
{
	struct arena *a = v->c->a;
	const struct world *w = world_lookups(v->w);
	enum sight sight = authorise_sees(a, &v->who, p, w);
	struct json *o, *j;

	if (sight < SIGHT_SHARED || actor_is(&v->who, p))
		return;
	if (v->n == MOST) {
		v->more = true;
		return;
	}
	v->n++;
	o = json_push(v->list, json_new(a, JSON_IS_OBJECT));
	j = json_put(a, o, "user", json_new(a, JSON_IS_OBJECT));
	operations_put(a, j, "id", p->id);
	operations_put(a, j, "userName", p->uid);
	operations_put(a, j, "displayName", p->display);
	operations_put(a, j, "department", p->department);
	put_moves(v, o, e);
	put_rights(v, o, p, authorise_view(a, &v->who, p, e, sight, w));
}

/* --- all ---------------------------------------------------------------------- */

static const struct scim_attr *review_attr(const struct scim_resource *r)
{
	return r != NULL ? resolver_attr(r, REVIEW_ATTR) : NULL;
}

static void look(struct reviews *v, const uint8_t uuid[16])
{
	const struct person *p = world_person(v->w, uuid);
	const struct entry *e = p != NULL ? world_entry(v->w, uuid) : NULL;

	if (e != NULL && entry_attr(e, REVIEW_ATTR) != NULL &&
	    review_by_hand(world_arena(v->w), e).n != 0)
		put_review(v, p, e);
}

/* By the index; somebody with several moves comes several times. */
static int walk(struct reviews *v, struct err *e)
{
	const struct scim_resource *r = scim_map_name(v->c->f->conf.map,
	    "User");
	const struct scim_attr *at = review_attr(r);
	struct view_range all = { 0 };
	struct map *seen;
	struct view_iter *it;
	struct view_pos pos;
	struct view_key key;
	char id[37];
	int rc;

	if (at == NULL || at->index == 0)
		return err_set(e, ERR_UNSUPPORTED, "the mapping has no indexed "
		    "attribute of User that is stored as " REVIEW_ATTR);
	all.index = at->index;
	rc = view_iter_range(world_read(v->w), r->type, &all, false, NULL,
	    NULL, &it, e);
	if (rc != 0)
		return rc;
	seen = map_new();
	while (!v->more && view_iter_next_key(it, &pos, &key)) {
		str_uuid_text(pos.uuid, id);
		if (map_put(seen, id, v) == NULL)
			look(v, pos.uuid);
	}
	view_iter_free(it);
	map_free(seen, NULL);
	return 0;
}

static int list_all(struct call *c, struct json *j, struct err *e)
{
	struct reviews v = { .c = c, .w = call_world(c) };
	int rc = call_actor(c, v.w, &v.who, e);

	v.list = json_put(c->a, j, "reviews", json_new(c->a, JSON_IS_ARRAY));
	if (rc == 0)
		rc = walk(&v, e);
	json_put(c->a, j, "more", json_new_bool(c->a, v.more));
	return rc;
}

static void list_now(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct err e = { 0 };

	if (call_open(c) != 0)
		return;
	if (list_all(c, j, &e) != 0)
		answer_error(c, &e);
	else
		operations_answer(c, j);
}

void reviews_list(struct call *c)
{
	worker_submit(c->f->worker, c, list_now);
}

/* --- confirming ----------------------------------------------------------------- */

/* To say that all of it is right is as much as to give it. */
static int edit_done(struct write *w, struct err *e)
{
	struct call *c = w->c;
	struct person p;
	struct reach r;
	int rc = users_ask(w, OP_UPDATE, w->old, &p, e);

	if (rc != 0)
		return rc;
	if (actor_is(&c->actor, &p))
		return err_set(e, ERR_DENIED, "nobody confirms their own "
		    "rights (J4)");
	reach_init(c->a, &c->actor, &p, world_lookups(call_world(c)), &r);
	if ((rc = reach_all(&r, e)) != 0)
		return rc;
	users_set(c->a, w->want, REVIEW_ATTR, NULL);
	return 0;
}

void reviews_done(struct call *c)
{
	users_begin(c, WRITE_EDIT, edit_done);
}
