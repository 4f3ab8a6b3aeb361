/* SPDX-License-Identifier: ISC */
/* Pages in another order than that of creation. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/query_p.h"
#include "store/uset.h"

#define SORT_LIMIT 10000
#define WALK_FROM 512		/* matches from which the index is walked */

/* The matches: all of the type, or those. */
struct matches {
	struct query_run *run;
	bool all;
	struct view_pos *v;
	size_t n, cap, most;	/* most: fail beyond */
};

static int too_many(size_t most, struct err *e)
{
	return err_kind(e, ERR_LIMIT, "tooMany", "more than %zu resources are "
	    "not sorted by an attribute without index: narrow the filter, or "
	    "sort by another one", most);
}

static int collect(void *arg, const struct view_pos *pos, struct err *e)
{
	struct matches *m = arg;

	if (m->n == m->most)
		return too_many(m->most, e);
	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 128;

		m->v = arena_grow(m->run->a, m->v, m->cap, cap,
		    sizeof(*m->v));
		m->cap = cap;
	}
	m->v[m->n++] = *pos;
	return 0;
}

/* --- in memory ------------------------------------------------------------------ */

static int place_cmp(const void *x, const void *y)
{
	const struct query_place *a = x, *b = y;
	int c;

	if (a->has_key != b->has_key)
		return a->has_key ? -1 : 1;
	c = a->has_key ? view_key_cmp(&a->key, &b->key) : 0;
	return c != 0 ? c : query_pos_cmp(&a->pos, &b->pos);
}

static int place_cmp_down(const void *x, const void *y)
{
	return place_cmp(y, x);
}

/* Before what, in order, a page begins. */
static bool skipped(const struct query *q, const struct query_place *p,
    uint64_t no)
{
	int c;

	if (q->after == NULL)
		return no < q->offset;
	c = place_cmp(p, q->after);
	return q->reverse ? c >= 0 : c <= 0;
}

static int place_of(struct query_run *r, const struct view_pos *pos,
    struct query_place *out, struct err *e)
{
	const struct query *q = r->q;
	struct view_item item;
	const char *key;
	int rc = query_read(r, pos, &item, e);

	if (rc != 0)
		return rc;
	key = q->sort(q->ctx, r->scratch, &item);
	out->pos = *pos;
	out->has_key = key != NULL;
	if (key != NULL)
		view_key_of(key, &out->key);
	return 0;
}

static int sort_in_memory(struct query_run *r, const struct matches *m,
    struct err *e)
{
	const struct query *q = r->q;
	struct query_place *v = arena_array(r->a, m->n + 1, sizeof(*v));
	size_t i;
	int rc = 0;

	r->out->order = "memory";
	for (i = 0; rc == 0 && i < m->n; i++) {
		rc = query_step(r, e);
		if (rc == 0)
			rc = place_of(r, &m->v[i], &v[i], e);
	}
	if (rc != 0)
		return rc;
	qsort(v, m->n, sizeof(*v), q->reverse ? place_cmp_down : place_cmp);
	for (i = 0; i < m->n && skipped(q, &v[i], i); i++)
		;
	r->out->n = m->n - i < q->count ? m->n - i : q->count;
	r->out->page = v + i;
	r->out->more = r->out->n < m->n - i;
	return 0;
}

/* --- along the index -------------------------------------------------------------- */

struct walk {
	struct query_run *r;
	struct uset *in;	/* owned; NULL: all are in */
	struct uset *having;	/* owned; sort_multi: who has a key */
	uint64_t skip;		/* so many more, before the page */
	bool full;		/* page taken, and more is known */
};

/* The next in order, with its key or NULL. */
static void walk_take(struct walk *w, const struct view_pos *pos,
    const struct view_key *key)
{
	struct query_result *o = w->r->out;

	if (w->in != NULL && !uset_has(w->in, pos->uuid))
		return;
	if (w->skip > 0) {
		w->skip--;
	} else if (o->n == w->r->q->count) {
		o->more = true;
		w->full = true;
	} else {
		query_page_add(w->r, pos, key);
	}
}

/* Of several keys of an entry it stands where it is sorted by. */
static int is_its_key(struct walk *w, const struct view_pos *pos,
    const struct view_key *key, bool *yes, struct err *e)
{
	struct query_place p;
	int rc;

	*yes = true;
	if (!w->r->q->sort_multi)
		return 0;
	rc = place_of(w->r, pos, &p, e);
	*yes = rc == 0 && p.has_key && view_key_cmp(&p.key, key) == 0;
	return rc;
}

/* Those that have a value, by it. */
static int walk_keyed(struct walk *w, const struct query_place *after,
    struct err *e)
{
	const struct query *q = w->r->q;
	struct view_range g = { .index = q->sort_index };
	struct view_iter *it;
	struct view_pos pos;
	struct view_key key;
	bool yes;
	int rc = view_iter_range(w->r->read, q->type, &g, q->reverse,
	    after != NULL ? &after->key : NULL,
	    after != NULL ? &after->pos : NULL, &it, e);

	if (rc != 0)
		return rc;
	if (w->in == NULL && w->skip > 0 && !q->sort_multi) {
		view_iter_skip(it, w->skip);
		w->skip = 0;
	}
	while (rc == 0 && !w->full && view_iter_next_key(it, &pos, &key)) {
		rc = is_its_key(w, &pos, &key, &yes, e);
		if (rc == 0 && yes)
			walk_take(w, &pos, &key);
		if (rc == 0)
			rc = query_step(w->r, e);
	}
	view_iter_free(it);
	return rc;
}

static int find_having(struct walk *w, struct err *e)
{
	struct view_range g = { .index = w->r->q->sort_index };
	struct view_iter *it;
	struct view_pos pos;
	int rc = view_iter_range(w->r->read, w->r->q->type, &g, false, NULL,
	    NULL, &it, e);

	if (rc != 0)
		return rc;
	w->having = uset_new();
	while (rc == 0 && view_iter_next_pos(it, &pos)) {
		uset_add(w->having, pos.uuid);
		rc = query_step(w->r, e);
	}
	view_iter_free(it);
	return rc;
}

static int walk_absent(struct walk *w, const struct query_place *after,
    struct err *e)
{
	const struct query *q = w->r->q;
	const struct view_pos *from = after != NULL ? &after->pos : NULL;
	struct view_iter *it;
	struct view_pos pos;
	int rc = q->sort_multi ? find_having(w, e) : 0;

	if (rc == 0)
		rc = q->sort_multi ? view_iter_type(w->r->read, q->type,
		    q->reverse, 0, from, &it, e) :
		    view_iter_key(w->r->read, q->type, q->sort_index |
		    INDEX_ABSENT, "", q->reverse, from, &it, e);
	if (rc != 0)
		return rc;
	while (rc == 0 && !w->full && view_iter_next_pos(it, &pos)) {
		if (w->having == NULL || !uset_has(w->having, pos.uuid))
			walk_take(w, &pos, NULL);
		rc = query_step(w->r, e);
	}
	view_iter_free(it);
	return rc;
}

/* Those without a value go last, and first when it goes down (RFC 7644
 * 3.4.2.3). A half that lies wholly before the page is left out. */
static int walk_halves(struct walk *w, struct err *e)
{
	const struct query *q = w->r->q;
	const struct query_place *after = q->after;
	uint64_t absent = view_count_key(w->r->read, q->type, q->sort_index |
	    INDEX_ABSENT, ""), half[2];
	int i, rc = 0;

	half[0] = view_count(w->r->read, q->type) - absent;
	half[1] = absent;
	for (i = 0; rc == 0 && !w->full && i < 2; i++) {
		bool keyed = (i == 0) != q->reverse;
		const struct query_place *from = after != NULL &&
		    after->has_key == keyed ? after : NULL;

		/* The place stands in the other half, behind this one. */
		if (i == 0 && after != NULL && from == NULL)
			continue;
		if (w->in == NULL && !q->sort_multi &&
		    w->skip >= half[keyed ? 0 : 1]) {
			w->skip -= half[keyed ? 0 : 1];
			continue;
		}
		rc = (keyed ? walk_keyed : walk_absent)(w, from, e);
	}
	return rc;
}

static int sort_by_index(struct query_run *r, const struct matches *m,
    struct err *e)
{
	struct walk w = { .r = r,
	    .skip = r->q->after != NULL ? 0 : r->q->offset };
	size_t i;
	int rc;

	r->out->order = "index";
	if (!m->all) {
		w.in = uset_new();
		for (i = 0; i < m->n; i++)
			uset_add(w.in, m->v[i].uuid);
	}
	rc = walk_halves(&w, e);
	uset_free(w.in);
	uset_free(w.having);
	return rc;
}

int query_sorted(struct query_run *r, struct err *e)
{
	const struct query *q = r->q;
	size_t limit = q->sort_limit ? q->sort_limit : SORT_LIMIT;
	struct matches m = { .run = r, .most = SIZE_MAX,
	    .all = r->plan.all && r->plan.exact };
	int rc = 0;

	if (q->sort_index == 0)
		m.most = limit;
	if (m.all && q->sort_index != 0) {
		r->out->total = view_count(r->read, q->type);
		return sort_by_index(r, &m, e);
	}
	if (m.all && view_count(r->read, q->type) > limit)
		return too_many(limit, e);
	m.all = false;
	rc = query_matches(r, false, collect, &m, e);
	r->out->total = m.n;
	if (rc != 0)
		return rc;
	if (q->sort_index != 0 && m.n > WALK_FROM)
		return sort_by_index(r, &m, e);
	return sort_in_memory(r, &m, e);
}
