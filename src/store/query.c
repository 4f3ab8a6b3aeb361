/* SPDX-License-Identifier: ISC */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/query_p.h"

#define SCAN_LIMIT 1000000
#define CHECK_EVERY 256		/* steps between looks at the clock */
#define COST_READ 4		/* reading and matching an entry, us */
#define COST_STEPS 8		/* positions walked in 1 us */

/* Positions in order out of one look-up. */
struct stream {
	struct view_iter *it;
	const struct view_pos *list;	/* instead; sorted */
	size_t n;
	int64_t from, until;		/* WAY_CREATED: ends there */
	bool bounded, more;
	struct view_pos head;
};

/* Out of all of them, doubles out. */
struct source {
	struct stream s[QUERY_TERMS];
	size_t n;
	bool reverse;
};

int query_step(struct query_run *r, struct err *e)
{
	uint64_t limit = r->q->scan_limit ? r->q->scan_limit : SCAN_LIMIT;

	if (++r->steps > limit)
		return err_kind(e, ERR_LIMIT, "tooMany", "the filter would "
		    "read more than %llu entries: use an indexed attribute",
		    (unsigned long long)limit);
	if (r->steps % CHECK_EVERY == 0 && r->q->deadline_mono != 0 &&
	    clock_mono() >= r->q->deadline_mono)
		return err_kind(e, ERR_LIMIT, "tooMany", "the filter took too "
		    "long: use an indexed attribute");
	return 0;
}

/* Does a stand before b on the way we go? */
static bool before(bool reverse, const struct view_pos *a,
    const struct view_pos *b)
{
	int c = query_pos_cmp(a, b);

	return reverse ? c > 0 : c < 0;
}

/* --- streams ------------------------------------------------------------------ */

static void stream_next(struct stream *s)
{
	if (s->list != NULL) {
		s->more = s->n > 0;
		if (s->more) {
			s->head = *s->list++;
			s->n--;
		}
		return;
	}
	s->more = view_iter_next_pos(s->it, &s->head);
	if (s->bounded && s->more)
		s->more = s->head.created >= s->from &&
		    s->head.created < s->until;
}

static int open_range(struct query_run *r, const struct query_term *t,
    bool reverse, struct stream *s, struct err *e)
{
	struct view_pos *v = NULL;
	int rc = query_range(r, t, reverse, &v, &s->n, e);

	s->list = v != NULL ? v : arena_alloc(r->a, sizeof(*v));
	return rc;
}

static int open_created(struct query_run *r, const struct query_term *t,
    bool reverse, struct stream *s, struct err *e)
{
	uint64_t skip;
	int rc = view_rank(r->read, r->q->type, reverse ? t->until : t->from,
	    &skip, e);

	if (reverse)
		skip = view_count(r->read, r->q->type) - skip;
	s->bounded = true;
	s->from = t->from;
	s->until = t->until;
	return rc != 0 ? rc : view_iter_type(r->read, r->q->type, reverse,
	    skip, NULL, &s->it, e);
}

static int open_term(struct query_run *r, const struct query_term *t,
    bool reverse, struct stream *s, struct err *e)
{
	switch (t->way) {
	case WAY_RANGE:
		return open_range(r, t, reverse, s, e);
	case WAY_CREATED:
		return open_created(r, t, reverse, s, e);
	case WAY_KEY:
		break;
	}
	return view_iter_key(r->read, r->q->type, t->range.index, t->key,
	    reverse, NULL, &s->it, e);
}

static int source_open(struct query_run *r, struct source *s, struct err *e)
{
	size_t i, n = r->plan.all ? 1 : r->plan.n;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		s->s[i] = (struct stream){ 0 };
		rc = r->plan.all ? view_iter_type(r->read, r->q->type,
		    s->reverse, 0, NULL, &s->s[i].it, e) : open_term(r,
		    &r->plan.term[i], s->reverse, &s->s[i], e);
		if (rc == 0)
			stream_next(&s->s[s->n++]);
	}
	return rc;
}

static bool source_next(struct source *s, struct view_pos *out)
{
	size_t i;
	bool any = false;

	for (i = 0; i < s->n; i++)
		if (s->s[i].more && (!any ||
		    before(s->reverse, &s->s[i].head, out))) {
			*out = s->s[i].head;
			any = true;
		}
	for (i = 0; any && i < s->n; i++)
		if (s->s[i].more && query_pos_cmp(&s->s[i].head, out) == 0)
			stream_next(&s->s[i]);
	return any;
}

static void source_fini(struct source *s)
{
	while (s->n > 0)
		view_iter_free(s->s[--s->n].it);
}

/* --- matches ------------------------------------------------------------------ */

int query_read(struct query_run *r, const struct view_pos *pos,
    struct view_item *item, struct err *e)
{
	if (view_get(r->read, pos->uuid, item) != 0)
		return err_set(e, ERR_CORRUPT, "view: an order or index "
		    "leads nowhere: stop, remove the view's directory and "
		    "start again");
	arena_reset(r->scratch);
	view_item_entry(r->scratch, item);
	return 0;
}

static int is_match(struct query_run *r, const struct view_pos *pos,
    bool *yes, struct err *e)
{
	struct view_item item;
	int rc;

	*yes = true;
	if (r->plan.exact)
		return 0;
	rc = query_read(r, pos, &item, e);
	if (rc == 0)
		*yes = r->q->match(r->q->ctx, &item);
	return rc;
}

int query_matches(struct query_run *r, bool reverse,
    int (*each)(void *arg, const struct view_pos *pos, struct err *e),
    void *arg, struct err *e)
{
	struct source *s = arena_alloc(r->a, sizeof(*s));
	struct view_pos pos;
	bool yes;
	int rc;

	s->reverse = reverse;
	rc = source_open(r, s, e);
	while (rc == 0 && source_next(s, &pos)) {
		rc = query_step(r, e);
		if (rc == 0)
			rc = is_match(r, &pos, &yes, e);
		if (rc == 0 && yes)
			rc = each(arg, &pos, e);
	}
	source_fini(s);
	return rc;
}

/* --- the page, by creation ------------------------------------------------------ */

void query_page_add(struct query_run *r, const struct view_pos *pos,
    const struct view_key *key)
{
	struct query_result *o = r->out;
	struct query_place *p;

	if (o->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 128;

		o->page = arena_grow(r->a, o->page, r->cap, cap,
		    sizeof(*o->page));
		r->cap = cap;
	}
	p = &o->page[o->n++];
	p->pos = *pos;
	p->has_key = key != NULL;
	if (key != NULL) {
		p->key.n = key->n;
		memcpy(p->key.p, key->p, key->n);
	}
}

/* The page from an iterator that stands at its beginning; within NULL: as far
 * as it goes. */
static void take_page(struct query_run *r, struct view_iter *it,
    const struct query_term *within)
{
	struct view_pos p;

	while (view_iter_next_pos(it, &p)) {
		if (within != NULL && (p.created < within->from ||
		    p.created >= within->until))
			break;
		if (r->out->n == r->q->count) {
			r->out->more = true;
			break;
		}
		query_page_add(r, &p, NULL);
	}
	view_iter_free(it);
}

static const struct view_pos *after_pos(const struct query *q)
{
	return q->after != NULL ? &q->after->pos : NULL;
}

static int run_all(struct query_run *r, struct err *e)
{
	const struct query *q = r->q;
	struct view_iter *it;
	int rc;

	r->out->plan = "all";
	r->out->total = view_count(r->read, q->type);
	rc = view_iter_type(r->read, q->type, q->reverse, q->offset,
	    after_pos(q), &it, e);
	if (rc == 0)
		take_page(r, it, NULL);
	return rc;
}

/* One key of an index: it says it all. */
static int run_key(struct query_run *r, const struct query_term *t,
    struct err *e)
{
	const struct query *q = r->q;
	uint64_t skip = q->after ? 0 : q->offset;
	struct view_iter *it;
	struct view_pos p;
	int rc;

	r->out->total = r->plan.cost;
	rc = view_iter_key(r->read, q->type, t->range.index, t->key,
	    q->reverse, after_pos(q), &it, e);
	if (rc != 0)
		return rc;
	while (skip > 0 && view_iter_next_pos(it, &p))
		skip--;
	take_page(r, it, NULL);
	return 0;
}

/* A stretch of the order. A place outside of it is none of its cursors, but
 * may be of one before something was deleted. */
static int run_created(struct query_run *r, const struct query_term *t,
    struct err *e)
{
	const struct query *q = r->q;
	const struct view_pos *after = after_pos(q);
	struct view_iter *it;
	uint64_t skip;
	int rc = view_rank(r->read, q->type, q->reverse ? t->until : t->from,
	    &skip, e);

	r->out->total = r->plan.cost;
	if (q->reverse)
		skip = view_count(r->read, q->type) - skip;
	if (after != NULL && (q->reverse ? after->created >= t->until :
	    after->created < t->from))
		after = NULL;
	if (rc == 0)
		rc = view_iter_type(r->read, q->type, q->reverse, skip +
		    (q->after != NULL ? 0 : q->offset), after, &it, e);
	if (rc == 0)
		take_page(r, it, t);
	return rc;
}

/* A match: count it, and take it if it lies in the page. */
static int matched(void *arg, const struct view_pos *p, struct err *e)
{
	struct query_run *r = arg;
	const struct query *q = r->q;

	(void)e;
	r->out->total++;
	if (q->after != NULL ? !before(q->reverse, &q->after->pos, p) :
	    r->out->total <= q->offset)
		return 0;
	if (r->out->n == q->count)
		r->out->more = true;
	else
		query_page_add(r, p, NULL);
	return 0;
}

static int run_by_creation(struct query_run *r, struct err *e)
{
	const struct query_plan *p = &r->plan;

	if (p->all && p->exact)
		return run_all(r, e);
	if (p->exact && p->n == 1 && p->term[0].way == WAY_KEY)
		return run_key(r, &p->term[0], e);
	if (p->exact && p->n == 1 && p->term[0].way == WAY_CREATED)
		return run_created(r, &p->term[0], e);
	if (p->exact && p->n == 1 && p->term[0].single)
		return query_range_page(r, &p->term[0], e);
	return query_matches(r, r->q->reverse, matched, r, e);
}

int query_run(struct view_read *r, struct arena *a, const struct query *q,
    struct query_result *out, struct err *e)
{
	struct query_run run = { .read = r, .a = a, .q = q, .out = out };
	int rc;

	*out = (struct query_result){ .order = "creation" };
	query_plan_make(r, q, &run.plan);
	out->plan = !run.plan.all ? "index" : run.plan.exact ? "all" : "scan";
	run.scratch = arena_new();
	rc = q->sort != NULL ? query_sorted(&run, e) :
	    run_by_creation(&run, e);
	arena_free(run.scratch);
	return rc;
}

uint64_t query_cost(struct view_read *r, const struct query *q)
{
	struct query_plan *p = malloc(sizeof(*p));
	uint64_t us;

	if (p == NULL)
		return UINT64_MAX;
	query_plan_make(r, q, p);
	us = p->exact ? p->cost / COST_STEPS : p->cost * COST_READ;
	if (p->exact && q->sort == NULL && (p->all || (p->n == 1 &&
	    p->term[0].way != WAY_RANGE)))
		us = q->after != NULL ? 0 : q->offset / COST_STEPS;
	if (p->all && p->exact)
		us = q->after != NULL ? 0 : q->offset / 512;
	if (q->sort != NULL && q->sort_index == 0)
		us += p->cost * COST_READ;
	else if (q->sort != NULL)
		us += (p->all && p->exact ? q->offset :
		    view_count(r, q->type)) / (q->sort_multi ? 1 : COST_STEPS);
	free(p);
	return us;
}
