/* SPDX-License-Identifier: ISC */
/* Lists of all resource types that who asks may read, one type after the
 * other (RFC 7644 3.4.2.1, 3.4.3). */
#include "base/arena.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/list.h"
#include "front/render.h"
#include "front/sight.h"
#include "front/worker.h"

struct part {
	struct list l;
	struct query_result res;
};

struct root {
	struct call *c;
	struct part *v;
	size_t n;
	struct list all;	/* what was asked for */
	struct cursor last;
	struct list_head head;
};

/* One type's part; 0, or the call was answered. */
static int read_part(struct root *t, const struct scim_resource *r)
{
	struct part *p = &t->v[t->n++];
	struct err e = { 0 };

	p->l = t->all;
	p->l.r = t->c->resource = r;
	if (render_projection(t->c, &p->l.projection) != 0)
		return -1;
	if (list_read_filter(&p->l, true, &e) == 0)
		return 0;
	answer_error(t->c, &e);
	return -1;
}

static int read_root(struct root *t)
{
	struct call *c = t->c;
	const struct scim_map *m = c->f->conf.map;
	const char *by = call_arg(c, "sortBy");
	struct err e = { 0 };
	size_t i;
	int rc;

	t->all.c = c;
	rc = list_read_paging(&t->all, "", &e);
	if (rc == 0 && by != NULL && *by != '\0')
		rc = err_kind(&e, ERR_INVALID, "invalidValue", "sortBy: "
		    "several resource types come one after the other: sort "
		    "one of them, below its endpoint");
	if (rc != 0) {
		answer_error(c, &e);
		return rc;
	}
	t->v = arena_array(c->a, m->n, sizeof(*t->v));
	for (i = 0; rc == 0 && i < m->n; i++)
		if (sight_type(c, &m->resource[i]))
			rc = read_part(t, &m->resource[i]);
	return rc;
}

/* skip, left: what of the page the types before have left over. */
static struct query query_of(struct part *p, uint64_t skip, uint64_t left)
{
	struct list *l = &p->l;
	struct query q = list_query(l);

	q.offset = skip;
	q.count = left;
	if (!l->has_from)
		return q;
	if (l->r->type != l->from.type)
		q.after = NULL;
	if (l->r->type < l->from.type)	/* only to be counted */
		q.count = 0;
	return q;
}

static int run(struct root *t, struct err *e)
{
	uint64_t skip = t->all.by_cursor ? 0 : (uint64_t)t->all.start - 1;
	uint64_t left = (uint64_t)t->all.count;
	bool more = false;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < t->n; i++) {
		struct part *p = &t->v[i];
		struct query q = query_of(p, skip, left);

		p->l.scratch = t->all.scratch;
		rc = query_run(t->c->read, t->c->a, &q, &p->res, e);
		if (rc != 0)
			return rc;
		skip -= skip < p->res.total ? skip : p->res.total;
		left -= p->res.n;
		t->head.total += p->res.total;
		t->head.n += p->res.n;
		if (t->all.has_from && p->l.r->type < t->all.from.type)
			continue;
		more = more || p->res.more;
		if (p->res.n > 0)
			t->last = (struct cursor){ .type = p->l.r->type,
			    .place = p->res.page[p->res.n - 1] };
	}
	if (t->all.by_cursor && more && t->head.n > 0)
		t->head.next = &t->last;
	return rc;
}

static int put(struct root *t, struct buf *out, struct err *e)
{
	bool first = true;
	size_t i;
	int rc = 0;

	list_put_head(&t->all, &t->head, out);
	for (i = 0; rc == 0 && i < t->n; i++)
		rc = list_put_page(&t->v[i].l, &t->v[i].res, &first, out, e);
	buf_puts(out, "]}");
	return rc;
}

static void answer_root(struct root *t)
{
	struct err e = { 0 };
	struct buf out;
	int rc;

	buf_init(&out, ANSWER_MAX);
	t->all.scratch = arena_new();
	rc = run(t, &e);
	if (rc == 0)
		rc = put(t, &out, &e);
	arena_free(t->all.scratch);
	if (rc == 0) {
		answer_buf(t->c, 200, &out);
		return;
	}
	buf_fini(&out);
	answer_error(t->c, &e);
}

static void root_later(struct call *c)
{
	struct root t = { .c = c };

	if (call_open(c) == 0 && read_root(&t) == 0)
		answer_root(&t);
}

void scim_root(struct call *c)
{
	struct root t = { .c = c };
	uint64_t cost = 0;
	size_t i;

	if (call_open(c) != 0 || read_root(&t) != 0)
		return;
	for (i = 0; i < t.n && cost <= LIST_QUICK; i++) {
		struct query q = query_of(&t.v[i], (uint64_t)t.all.start - 1,
		    0);

		cost += query_cost(c->read, &q);
	}
	if (cost > LIST_QUICK) {
		call_close(c);
		worker_submit(c->f->worker, c, root_later);
		return;
	}
	answer_root(&t);
}

void scim_root_search(struct call *c)
{
	if (call_search(c) == 0)
		scim_root(c);
}
