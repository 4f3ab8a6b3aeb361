/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "codec/scim_bulk_p.h"

/* A walk in depth over "must come first" gives an order in which everything
 * comes behind what it needs. What a POST needs that is still under way closes
 * a circle: it is held, for the POST's rest. Only POSTs can be in a circle:
 * nothing needs another operation but the later ones to the same resource.
 *
 * Each step then gets the run it belongs to (neighbours of one method and
 * type; a later one if something it needs is in that) and its level there: all
 * of one run and level can go at the same time. */

enum state { NEW, UNDER_WAY, DONE };

struct waiter {
	struct waiter *next;
	size_t op;
};

/* Nodes: an operation, or n + operation for its rest. */
struct planning {
	struct arena *a;
	struct scim_bulk *b;
	enum state *state;
	size_t *before;		/* 1 + the last one to the same resource */
	unsigned *run0;		/* by op: the run in which it stands */
	size_t *pos;		/* by node: its step */
	struct waiter **waiting;	/* by op: whose rest waits for it */
	size_t *pending;	/* by op: how many its rest waits for */
};

/* --- runs ----------------------------------------------------------------- */

/* PUT and PATCH are the same to others. */
static char kind(const struct scim_bulk_op *op)
{
	return strcmp(op->method, "PATCH") == 0 ||
	    strcmp(op->method, "PUT") == 0 ? 'U' : op->method[0];
}

static bool same_type(const char *x, const char *y)
{
	size_t n = *x == '/' ? 1 + strcspn(x + 1, "/") : strlen(x);

	return n == (*y == '/' ? 1 + strcspn(y + 1, "/") : strlen(y)) &&
	    memcmp(x, y, n) == 0;
}

static void find_runs(struct planning *p)
{
	const struct scim_bulk_op *op = p->b->op;
	size_t i;

	for (i = 1; i < p->b->n; i++)
		p->run0[i] = p->run0[i - 1] + (kind(&op[i]) !=
		    kind(&op[i - 1]) || !same_type(op[i].path,
		    op[i - 1].path));
}

/* Ids are UUIDs, in any case. */
static void find_before(struct planning *p)
{
	struct map *last = map_new();
	struct scim_bulk_op *op;
	size_t i;

	for (i = 0; i < p->b->n; i++) {
		op = &p->b->op[i];
		if (op->wrong == NULL && strcmp(op->method, "POST") != 0) {
			char *key = arena_strdup(p->a, op->path), *c;
			struct scim_bulk_op *was;

			for (c = key; scim_bulk_target(op) == NULL &&
			    *c != '\0'; c++)
				if (*c >= 'A' && *c <= 'Z')
					*c |= 0x20;
			was = map_put(last, key, op);
			p->before[i] = was == NULL ? 0 :
			    1 + (size_t)(was - p->b->op);
		}
	}
	map_free(last, NULL);
}

/* --- steps ---------------------------------------------------------------- */

/* s comes behind the step of node. */
static void behind(struct planning *p, struct scim_bulk_step *s, size_t node)
{
	const struct scim_bulk_step *d = &p->b->step[p->pos[node]];

	if (d->run > s->run) {
		s->run = d->run;
		s->level = d->level + 1;
	} else if (d->run == s->run && d->level >= s->level) {
		s->level = d->level + 1;
	}
	if (p->pos[node] >= s->after)
		s->after = p->pos[node] + 1;
}

/* The POST whose resource an update goes to, if it is made in two steps. */
static const struct scim_bulk_op *two_steps(const struct planning *p,
    const struct scim_bulk_op *op)
{
	const char *id = scim_bulk_target(op);
	const struct scim_bulk_op *post = id != NULL && kind(op) != 'P' ?
	    scim_bulk_find(p->b, id) : NULL;

	return post != NULL && post->n_held != 0 ? post : NULL;
}

static struct scim_bulk_step *step_new(struct planning *p, size_t i,
    bool rest)
{
	struct scim_bulk_step *s = &p->b->step[p->b->n_steps];

	p->pos[rest ? p->b->n + i : i] = p->b->n_steps++;
	*s = (struct scim_bulk_step){ .op = i, .rest = rest,
	    .run = p->run0[i] };
	return s;
}

static void emit_rest(struct planning *p, size_t i)
{
	const struct scim_bulk_op *op = &p->b->op[i];
	struct scim_bulk_step *s = step_new(p, i, true);
	size_t k;

	behind(p, s, i);
	for (k = 0; k < op->n_held; k++)
		behind(p, s, op->held[k]);
}

static void emit(struct planning *p, size_t i)
{
	const struct scim_bulk_op *op = &p->b->op[i];
	const struct scim_bulk_op *made = two_steps(p, op);
	struct scim_bulk_step *s = step_new(p, i, false);
	struct waiter *w;
	size_t k;

	for (k = 0; k < op->n_refs; k++)
		behind(p, s, op->ref[k]);
	if (p->before[i] != 0)
		behind(p, s, p->before[i] - 1);
	if (made != NULL)
		behind(p, s, p->b->n + (size_t)(made - p->b->op));
	for (w = p->waiting[i]; w != NULL; w = w->next)
		if (--p->pending[w->op] == 0)
			emit_rest(p, w->op);
}

/* --- the walk ------------------------------------------------------------- */

static void hold(struct planning *p, size_t i, size_t ref)
{
	struct scim_bulk_op *op = &p->b->op[i];
	struct waiter *w = arena_alloc(p->a, sizeof(*w));

	if (op->held == NULL)
		op->held = arena_array(p->a, op->n_refs, sizeof(*op->held));
	op->held[op->n_held++] = ref;
	p->pending[i]++;
	w->op = i;
	w->next = p->waiting[ref];
	p->waiting[ref] = w;
}

static void visit(struct planning *p, size_t i);

static void need(struct planning *p, size_t i)
{
	if (p->state[i] == NEW)
		visit(p, i);
}

/* What it refers to; what closes a circle stops being something it needs. */
static void visit_refs(struct planning *p, size_t i)
{
	struct scim_bulk_op *op = &p->b->op[i];
	size_t k, n = 0;

	for (k = 0; k < op->n_refs; k++) {
		size_t ref = op->ref[k];

		need(p, ref);
		if (p->state[ref] == UNDER_WAY)
			hold(p, i, ref);
		else
			op->ref[n++] = ref;
	}
	op->n_refs = n;
}

static void visit(struct planning *p, size_t i)
{
	const struct scim_bulk_op *made;
	size_t k;

	p->state[i] = UNDER_WAY;
	visit_refs(p, i);
	if (p->before[i] != 0)
		need(p, p->before[i] - 1);
	made = two_steps(p, &p->b->op[i]);
	for (k = 0; made != NULL && k < made->n_held; k++)
		need(p, made->held[k]);
	p->state[i] = DONE;
	emit(p, i);
}

/* --- the order ------------------------------------------------------------ */

static int by_stage(const void *x, const void *y)
{
	const struct scim_bulk_step *s = x, *t = y;

	if (s->run != t->run)
		return s->run < t->run ? -1 : 1;
	if (s->level != t->level)
		return s->level < t->level ? -1 : 1;
	if (s->op != t->op)
		return s->op < t->op ? -1 : 1;
	return s->rest - t->rest;
}

static void sort(struct scim_bulk *b)
{
	struct scim_bulk_step *s = b->step;
	size_t i, first = 0;

	qsort(s, b->n_steps, sizeof(*s), by_stage);
	for (i = 0; i < b->n_steps; i++) {
		if (s[i].run != s[first].run || s[i].level != s[first].level)
			first = i;
		s[i].after = first;
	}
}

/* In the request's own order, too, only neighbours of one run go together. */
static void keep_order(const struct planning *p)
{
	struct scim_bulk_step *s = p->b->step;
	size_t i, first = 0;

	for (i = 0; i < p->b->n_steps; i++) {
		if (p->run0[s[i].op] != p->run0[s[first].op] ||
		    s[i].rest || s[first].rest)
			first = i;
		if (s[i].after < first)
			s[i].after = first;
	}
}

void scim_bulk_plan(struct arena *a, struct scim_bulk *b)
{
	struct planning p = { .a = a, .b = b };
	size_t i;

	b->step = arena_array(a, 2 * b->n, sizeof(*b->step));
	p.state = arena_array(a, b->n, sizeof(*p.state));
	p.before = arena_array(a, b->n, sizeof(*p.before));
	p.run0 = arena_array(a, b->n, sizeof(*p.run0));
	p.pos = arena_array(a, 2 * b->n, sizeof(*p.pos));
	p.waiting = arena_array(a, b->n, sizeof(struct waiter *));
	p.pending = arena_array(a, b->n, sizeof(*p.pending));
	find_runs(&p);
	find_before(&p);
	for (i = 0; i < b->n; i++)
		need(&p, i);
	if (b->fail_on_errors == 0)
		sort(b);
	else
		keep_order(&p);
}
