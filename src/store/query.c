/* SPDX-License-Identifier: ISC */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

#define SCAN_LIMIT 1000000
#define CHECK_EVERY 256		/* entries between looks at the clock */
#define MAX_TERMS 64		/* as the parser's */

/* The index look-ups whose union holds everything that can match. */
struct plan {
	const struct filter *term[MAX_TERMS];
	size_t n;
	uint64_t cost;		/* entries they lead to */
};

/* Positions in order out of several iterators, doubles out. */
struct source {
	struct view_iter *it[MAX_TERMS];
	struct view_pos head[MAX_TERMS];
	bool more[MAX_TERMS];
	size_t n;
	bool reverse;
};

struct run {
	struct view_read *read;
	struct arena *a, *scratch;
	const struct query *q;
	struct query_result *out;
	uint64_t seen;		/* matches before the page */
	uint64_t scanned;
	size_t cap;
};

static bool is_term(const struct filter *f)
{
	return f->op == FILTER_EQ && f->index > 0 && f->key != NULL;
}

/* False: an index can't answer f (or an or of too many). */
static bool plan_make(const struct run *r, const struct filter *f,
    struct plan *p)
{
	struct plan other;
	bool left;

	p->n = 0;
	p->cost = 0;
	switch (f->op) {
	case FILTER_EQ:
		if (!is_term(f))
			return false;
		p->term[p->n++] = f;
		p->cost = view_count_key(r->read, r->q->type, f->index, f->key);
		return true;
	case FILTER_VALUE:
		return f->left != NULL && plan_make(r, f->left, p);
	case FILTER_AND:
		left = plan_make(r, f->left, p);
		if (!plan_make(r, f->right, &other))
			return left;
		if (!left || other.cost < p->cost)
			*p = other;
		return true;
	case FILTER_OR:
		if (!plan_make(r, f->left, p) ||
		    !plan_make(r, f->right, &other) ||
		    p->n + other.n > MAX_TERMS)
			return false;
		memcpy(p->term + p->n, other.term,
		    other.n * sizeof(other.term[0]));
		p->n += other.n;
		p->cost += other.cost;
		return true;
	default:
		return false;
	}
}

static int pos_cmp(const struct view_pos *a, const struct view_pos *b)
{
	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return memcmp(a->uuid, b->uuid, 16);
}

/* Does a stand before b on the way we go? */
static bool before(bool reverse, const struct view_pos *a,
    const struct view_pos *b)
{
	int c = pos_cmp(a, b);

	return reverse ? c > 0 : c < 0;
}

static void source_add(struct source *s, struct view_iter *it)
{
	size_t i = s->n++;

	s->it[i] = it;
	s->more[i] = view_iter_next_pos(it, &s->head[i]);
}

static bool source_next(struct source *s, struct view_pos *out)
{
	size_t i;
	bool any = false;

	for (i = 0; i < s->n; i++)
		if (s->more[i] &&
		    (!any || before(s->reverse, &s->head[i], out))) {
			*out = s->head[i];
			any = true;
		}
	for (i = 0; any && i < s->n; i++)
		if (s->more[i] && pos_cmp(&s->head[i], out) == 0)
			s->more[i] = view_iter_next_pos(s->it[i],
			    &s->head[i]);
	return any;
}

static void source_fini(struct source *s)
{
	while (s->n > 0)
		view_iter_free(s->it[--s->n]);
}

static void add_pos(struct run *r, const struct view_pos *p)
{
	struct query_result *o = r->out;

	if (o->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 128;

		o->pos = arena_grow(r->a, o->pos, r->cap, cap,
		    sizeof(*o->pos));
		r->cap = cap;
	}
	o->pos[o->n++] = *p;
}

/* The page from an iterator that stands at its beginning. */
static void take_page(struct run *r, struct view_iter *it)
{
	struct view_pos p;

	while (view_iter_next_pos(it, &p)) {
		if (r->out->n == r->q->count) {
			r->out->more = true;
			break;
		}
		add_pos(r, &p);
	}
	view_iter_free(it);
}

static int run_all(struct run *r, struct err *e)
{
	const struct query *q = r->q;
	struct view_iter *it;
	int rc;

	r->out->plan = "all";
	r->out->total = view_count(r->read, q->type);
	rc = view_iter_type(r->read, q->type, q->reverse, q->offset, q->after,
	    &it, e);
	if (rc == 0)
		take_page(r, it);
	return rc;
}

/* One indexed eq: its index says it all. */
static int run_term(struct run *r, const struct filter *f, struct err *e)
{
	const struct query *q = r->q;
	uint64_t skip = q->after ? 0 : q->offset;
	struct view_iter *it;
	struct view_pos p;
	int rc;

	r->out->plan = "index";
	r->out->total = view_count_key(r->read, q->type, f->index, f->key);
	rc = view_iter_key(r->read, q->type, f->index, f->key, q->reverse,
	    q->after, &it, e);
	if (rc != 0)
		return rc;
	while (skip > 0 && view_iter_next_pos(it, &p))
		skip--;
	take_page(r, it);
	return 0;
}

static int check_limits(struct run *r, struct err *e)
{
	uint64_t limit = r->q->scan_limit ? r->q->scan_limit : SCAN_LIMIT;

	if (r->scanned > limit)
		return err_kind(e, ERR_LIMIT, "tooMany", "the filter would "
		    "read more than %llu entries: use an indexed attribute "
		    "with eq", (unsigned long long)limit);
	if (r->scanned % CHECK_EVERY == 0 && r->q->deadline_mono != 0 &&
	    clock_mono() >= r->q->deadline_mono)
		return err_kind(e, ERR_LIMIT, "tooMany", "the filter took too "
		    "long: use an indexed attribute with eq");
	return 0;
}

/* A match: count it, and take it if it lies in the page. */
static void matched(struct run *r, const struct view_pos *p)
{
	const struct query *q = r->q;

	r->out->total++;
	if (q->after != NULL ? !before(q->reverse, q->after, p) :
	    r->seen++ < q->offset)
		return;
	if (r->out->n == q->count)
		r->out->more = true;
	else
		add_pos(r, p);
}

static int run_source(struct run *r, struct source *s, struct err *e)
{
	struct view_item item;
	struct view_pos p;
	int rc;

	while (source_next(s, &p)) {
		r->scanned++;
		rc = check_limits(r, e);
		if (rc != 0)
			return rc;
		if (view_get(r->read, p.uuid, &item) != 0)
			return err_set(e, ERR_CORRUPT, "view: an order or "
			    "index leads nowhere: stop, remove the view's "
			    "directory and start again");
		arena_reset(r->scratch);
		view_item_entry(r->scratch, &item);
		if (r->q->match(r->q->ctx, &item))
			matched(r, &p);
	}
	return 0;
}

static int open_terms(struct run *r, const struct plan *p, struct source *s,
    struct err *e)
{
	struct view_iter *it;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->n; i++) {
		rc = view_iter_key(r->read, r->q->type, p->term[i]->index,
		    p->term[i]->key, s->reverse, NULL, &it, e);
		if (rc == 0)
			source_add(s, it);
	}
	return rc;
}

static int run_filter(struct run *r, struct err *e)
{
	const struct query *q = r->q;
	struct source s = { .reverse = q->reverse };
	struct view_iter *it;
	struct plan p;
	int rc;

	if (plan_make(r, q->filter, &p)) {
		r->out->plan = "index";
		rc = open_terms(r, &p, &s, e);
	} else {
		r->out->plan = "scan";
		rc = view_iter_type(r->read, q->type, q->reverse, 0, NULL,
		    &it, e);
		if (rc == 0)
			source_add(&s, it);
	}
	r->scratch = arena_new();
	if (rc == 0)
		rc = run_source(r, &s, e);
	arena_free(r->scratch);
	source_fini(&s);
	return rc;
}

int query_run(struct view_read *r, struct arena *a, const struct query *q,
    struct query_result *out, struct err *e)
{
	struct run run = { .read = r, .a = a, .q = q, .out = out };

	*out = (struct query_result){ 0 };
	if (q->filter == NULL)
		return run_all(&run, e);
	if (is_term(q->filter) && !q->check)
		return run_term(&run, q->filter, e);
	return run_filter(&run, e);
}
