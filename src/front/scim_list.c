/* SPDX-License-Identifier: ISC */
/* Lists of one resource type. */
#include "base/arena.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/list.h"
#include "front/render.h"
#include "front/worker.h"

static int read_list(struct list *l)
{
	struct err e = { 0 };
	int rc;

	l->r = l->c->resource;
	rc = list_read_paging(l, l->r->name, &e);
	if (rc == 0)
		rc = list_read_sort(l, &e);
	if (rc == 0)
		rc = list_read_filter(l, false, &e);
	if (rc != 0)
		answer_error(l->c, &e);
	return rc;
}

/* What was found going backward stands the wrong way round. */
static void turn(struct query_result *res)
{
	size_t i;

	for (i = 0; i < res->n / 2; i++) {
		struct query_place p = res->page[i];

		res->page[i] = res->page[res->n - 1 - i];
		res->page[res->n - 1 - i] = p;
	}
}

/* Nothing before the first page is the first page again. */
static int run(struct list *l, struct query_result *res, struct err *e)
{
	struct query q = list_query(l);
	int rc = query_run(l->c->read, l->c->a, &q, res, e);

	if (rc != 0 || !l->has_from || !l->from.backward)
		return rc;
	turn(res);
	if (res->n > 0)
		return 0;
	l->has_from = false;
	q = list_query(l);
	return query_run(l->c->read, l->c->a, &q, res, e);
}

/* Behind a page that was reached going back there is the one it was reached
 * from; before one reached going on, too. */
static void put_head(struct list *l, const struct query_result *res,
    struct buf *out)
{
	bool back = l->has_from && l->from.backward;
	struct list_head h = { .total = res->total, .n = res->n };
	struct cursor previous = { .backward = true, .type = l->r->type };
	struct cursor next = { .type = l->r->type };

	if (l->by_cursor && res->n > 0) {
		previous.place = res->page[0];
		next.place = res->page[res->n - 1];
		if (back ? res->more : l->has_from)
			h.previous = &previous;
		if (back || res->more)
			h.next = &next;
	}
	list_put_head(l, &h, out);
}

static void answer_list(struct list *l)
{
	struct query_result res;
	struct err e = { 0 };
	struct buf out;
	bool first = true;
	int rc;

	buf_init(&out, ANSWER_MAX);
	l->scratch = arena_new();
	rc = run(l, &res, &e);
	if (rc == 0) {
		put_head(l, &res, &out);
		rc = list_put_page(l, &res, &first, &out, &e);
		buf_puts(&out, "]}");
	}
	arena_free(l->scratch);
	if (rc == 0) {
		answer_buf(l->c, 200, &out);
		return;
	}
	buf_fini(&out);
	answer_error(l->c, &e);
}

/* On a worker: the snapshot of the first look has been given back. */
static void list_later(struct call *c)
{
	struct list l = { .c = c };

	if (render_projection(c, &l.projection) == 0 && call_open(c) == 0 &&
	    read_list(&l) == 0)
		answer_list(&l);
}

void scim_list(struct call *c)
{
	struct list l = { .c = c };
	struct query q;

	if (render_projection(c, &l.projection) != 0 || call_open(c) != 0 ||
	    read_list(&l) != 0)
		return;
	q = list_query(&l);
	if (query_cost(c->read, &q) > LIST_QUICK) {
		call_close(c);
		worker_submit(c->f->worker, c, list_later);
		return;
	}
	answer_list(&l);
}

void scim_search(struct call *c)
{
	if (call_search(c) == 0)
		scim_list(c);
}
