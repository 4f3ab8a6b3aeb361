/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "store/query_p.h"

#define COUNT_MOST 1000		/* keys that are counted for an estimate */

struct planning {
	struct view_read *read;
	const struct query *q;
	uint64_t everybody;
};

static void plan(const struct planning *pl, const struct filter *f,
    struct query_plan *p);

static void plan_all(const struct planning *pl, struct query_plan *p,
    bool exact)
{
	p->n = 0;
	p->all = true;
	p->exact = exact;
	p->cost = pl->everybody;
}

static void plan_nobody(struct query_plan *p)
{
	p->n = 0;
	p->all = false;
	p->exact = true;
	p->cost = 0;
}

static struct query_term *plan_one(struct query_plan *p, enum query_way way)
{
	plan_nobody(p);
	p->n = 1;
	p->term[0] = (struct query_term){ .way = way };
	return &p->term[0];
}

static void plan_key(const struct planning *pl, struct query_plan *p,
    int index, const char *key)
{
	struct query_term *t = plan_one(p, WAY_KEY);

	t->range.index = index;
	t->key = key;
	p->cost = view_count_key(pl->read, pl->q->type, index, key);
}

/* --- stretches --------------------------------------------------------------- */

/* For an estimate a few keys are counted; more is as good as all. */
static uint64_t range_cost(const struct planning *pl,
    const struct view_range *g)
{
	uint64_t n;

	return view_count_range(pl->read, pl->q->type, g, COUNT_MOST, &n) ? n :
	    pl->everybody;
}

/* The first text behind all that begin with prefix; false: there is none. */
static bool behind_prefix(const char *prefix, char out[VIEW_BOUND + 1])
{
	size_t n = strlen(prefix);

	memcpy(out, prefix, n + 1);
	while (n > 0 && (unsigned char)out[n - 1] == 0xff)
		n--;
	if (n == 0)
		return false;
	out[n] = '\0';
	out[n - 1]++;
	return true;
}

static void set_bounds(struct query_term *t, const struct filter *f)
{
	struct view_range *g = &t->range;

	switch (f->op) {
	case FILTER_SW:
		g->from = f->key;
		if (behind_prefix(f->key, t->to))
			g->to = t->to;
		return;
	case FILTER_GT:
	case FILTER_GE:
		g->from = f->key;
		g->after_from = f->op == FILTER_GT;
		return;
	default:
		g->to = f->key;
		g->with_to = f->op == FILTER_LE;
	}
}

/* Terms are copied: what points into one must point into the copy. */
static void copy_term(struct query_term *to, const struct query_term *from)
{
	*to = *from;
	if (from->range.to == from->to)
		to->range.to = to->to;
}

static void plan_range(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	struct query_term *t;

	/* Keys are cut there and don't stand in order behind it. */
	if (strlen(f->key) > VIEW_BOUND) {
		plan_all(pl, p, false);
		return;
	}
	t = plan_one(p, WAY_RANGE);
	t->range.index = f->index;
	t->single = f->single;
	set_bounds(t, f);
	p->cost = range_cost(pl, &t->range);
}

static void created_cost(const struct planning *pl, struct query_plan *p)
{
	const struct query_term *t = &p->term[0];
	uint64_t from = 0, until = 0;

	if (t->from >= t->until)
		plan_nobody(p);
	else if (view_rank(pl->read, pl->q->type, t->from, &from, NULL) == 0 &&
	    view_rank(pl->read, pl->q->type, t->until, &until, NULL) == 0)
		p->cost = until - from;
}

/* At 0 stand those whose creation is unknown: they have no value. */
static void plan_created(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	struct query_term *t = plan_one(p, WAY_CREATED);
	int64_t next = f->i == INT64_MAX ? f->i : f->i + 1;

	t->from = 1;
	t->until = INT64_MAX;
	if (f->op == FILTER_EQ || f->op == FILTER_GE)
		t->from = f->i;
	if (f->op == FILTER_GT)
		t->from = next;
	if (f->op == FILTER_EQ || f->op == FILTER_LE)
		t->until = next;
	if (f->op == FILTER_LT)
		t->until = f->i;
	if (t->from < 1)
		t->from = 1;
	created_cost(pl, p);
}

/* --- presence ---------------------------------------------------------------- */

/* Blank values have the key "", and whether they count only match knows. */
static uint64_t blanks(const struct planning *pl, const struct filter *f)
{
	return view_count_key(pl->read, pl->q->type, f->index, "");
}

static uint64_t absent(const struct planning *pl, const struct filter *f)
{
	return view_count_key(pl->read, pl->q->type,
	    f->index | INDEX_ABSENT, "");
}

static void plan_present(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	uint64_t missing = absent(pl, f);
	struct query_term *t;

	if (missing == 0) {
		plan_all(pl, p, blanks(pl, f) == 0);
		return;
	}
	t = plan_one(p, WAY_RANGE);
	t->range.index = f->index;
	t->single = true;
	p->exact = blanks(pl, f) == 0;
	p->cost = pl->everybody - missing;
}

static void plan_absent(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	plan_key(pl, p, f->index | INDEX_ABSENT, "");
	if (blanks(pl, f) == 0)
		return;
	p->term[1] = (struct query_term){ .way = WAY_KEY, .key = "",
	    .range.index = f->index };
	p->n = 2;
	p->exact = false;
	p->cost += blanks(pl, f);
}

static void plan_not(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	if (f->op == FILTER_PR && f->index > 0)
		plan_absent(pl, f, p);
	else if (f->op == FILTER_TRUE)
		plan_nobody(p);
	else
		plan_all(pl, p, f->op == FILTER_FALSE);
}

/* --- and, or ------------------------------------------------------------------ */

static bool is_nobody(const struct query_plan *p)
{
	return !p->all && p->n == 0;
}

/* Is x the tighter bound? Lower ones: from; upper ones: to. */
static bool tighter_from(const struct view_range *x,
    const struct view_range *y)
{
	int c;

	if (x->from == NULL || y->from == NULL)
		return y->from == NULL;
	c = strcmp(x->from, y->from);
	return c > 0 || (c == 0 && x->after_from);
}

static bool tighter_to(const struct view_range *x, const struct view_range *y)
{
	int c;

	if (x->to == NULL || y->to == NULL)
		return y->to == NULL;
	c = strcmp(x->to, y->to);
	return c < 0 || (c == 0 && !x->with_to);
}

/* Two stretches of the same index in which an entry stands once, or of the
 * order: p becomes what they share. */
static bool intersect(const struct planning *pl, struct query_plan *p,
    const struct query_plan *o)
{
	struct query_term *t = &p->term[0];
	const struct query_term *u = &o->term[0];

	if (p->n != 1 || o->n != 1 || t->way != u->way)
		return false;
	if (t->way == WAY_CREATED) {
		t->from = t->from > u->from ? t->from : u->from;
		t->until = t->until < u->until ? t->until : u->until;
		created_cost(pl, p);
		p->exact = p->exact && o->exact;
		return true;
	}
	if (t->way != WAY_RANGE || !t->single ||
	    t->range.index != u->range.index)
		return false;
	if (tighter_from(&u->range, &t->range)) {
		t->range.from = u->range.from;
		t->range.after_from = u->range.after_from;
	}
	if (tighter_to(&u->range, &t->range)) {
		bool own = u->range.to == u->to;

		memcpy(t->to, u->to, sizeof(t->to));
		t->range.to = own ? t->to : u->range.to;
		t->range.with_to = u->range.with_to;
	}
	p->exact = p->exact && o->exact;
	p->cost = range_cost(pl, &t->range);
	return true;
}

static void copy_plan(struct query_plan *to, const struct query_plan *from)
{
	size_t i;

	to->n = from->n;
	to->all = from->all;
	to->exact = from->exact;
	to->cost = from->cost;
	for (i = 0; i < from->n; i++)
		copy_term(&to->term[i], &from->term[i]);
}

static void plan_and(const struct planning *pl, const struct filter *f,
    struct query_plan *p, struct query_plan *o)
{
	bool whole;

	plan(pl, f->left, p);
	if (is_nobody(p))
		return;
	plan(pl, f->right, o);
	if (is_nobody(o)) {
		plan_nobody(p);
		return;
	}
	if (intersect(pl, p, o))
		return;
	/* The other side says nothing when everybody meets it. */
	whole = (p->exact && o->all && o->exact) ||
	    (o->exact && p->all && p->exact);
	if (p->all ? !o->all || whole : !o->all && o->cost < p->cost)
		copy_plan(p, o);
	p->exact = whole;
}

static void plan_or(const struct planning *pl, const struct filter *f,
    struct query_plan *p, struct query_plan *o)
{
	size_t i;

	plan(pl, f->left, p);
	plan(pl, f->right, o);
	if (p->all || o->all || p->n + o->n > QUERY_TERMS) {
		plan_all(pl, p, (p->all && p->exact) || (o->all && o->exact));
		return;
	}
	for (i = 0; i < o->n; i++)
		copy_term(&p->term[p->n++], &o->term[i]);
	p->cost += o->cost;
	p->exact = p->exact && o->exact;
}

/* The other side's plan is too large for the stack of a deep filter. */
static void plan_both(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	struct query_plan *o = malloc(sizeof(*o));

	if (o == NULL)
		plan_all(pl, p, false);
	else if (f->op == FILTER_AND)
		plan_and(pl, f, p, o);
	else
		plan_or(pl, f, p, o);
	free(o);
}

/* An element must meet it, so its entry has what it leads to. */
static void plan_value(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	plan(pl, f->left, p);
	if (!is_nobody(p))
		p->exact = false;
}

static void plan(const struct planning *pl, const struct filter *f,
    struct query_plan *p)
{
	switch (f->op) {
	case FILTER_AND:
	case FILTER_OR:
		plan_both(pl, f, p);
		return;
	case FILTER_NOT:
		plan_not(pl, f->left, p);
		return;
	case FILTER_VALUE:
		plan_value(pl, f, p);
		return;
	case FILTER_TRUE:
		plan_all(pl, p, true);
		return;
	case FILTER_FALSE:
		plan_nobody(p);
		return;
	default:
		break;
	}
	if (f->index == INDEX_CREATED)
		plan_created(pl, f, p);
	else if (f->index == 0 || (f->key == NULL && f->op != FILTER_PR))
		plan_all(pl, p, false);
	else if (f->op == FILTER_EQ)
		plan_key(pl, p, f->index, f->key);
	else if (f->op == FILTER_PR)
		plan_present(pl, f, p);
	else
		plan_range(pl, f, p);
}

void query_plan_make(struct view_read *r, const struct query *q,
    struct query_plan *p)
{
	struct planning pl = { r, q, view_count(r, q->type) };

	if (q->filter == NULL)
		plan_all(&pl, p, true);
	else
		plan(&pl, q->filter, p);
	if (q->check)
		p->exact = false;
}
