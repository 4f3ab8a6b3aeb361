/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_filter.h"
#include "codec/scim_match.h"
#include "front/answer.h"
#include "front/cursor.h"
#include "front/handlers.h"
#include "front/render.h"
#include "front/worker.h"
#include "store/query.h"

#define COUNT_DEFAULT 100
#define COUNT_MAX 1000
#define SORT_MAX 10000		/* matches that are sorted in memory */
#define SCAN_TIME (10 * CLOCK_SECOND)

/* --- one resource ----------------------------------------------------------- */

static void not_found(struct call *c)
{
	answer_status(c, 404, "", arena_printf(c->a, "there is no %s with "
	    "this id", c->resource->name));
}

void scim_get(struct call *c)
{
	const char *known = httpd_header(c->q, "If-None-Match");
	struct scim_projection *p;
	struct view_item item;
	struct buf out;
	struct err e = { 0 };
	uint8_t uuid[16];
	char etag[32];

	if (render_projection(c, &p) != 0 || call_open(c) != 0)
		return;
	if (!str_uuid(c->id, uuid) || view_get(c->read, uuid, &item) != 0 ||
	    item.type != c->resource->type) {
		not_found(c);
		return;
	}
	view_item_entry(c->a, &item);
	if (render_has_etag(c, p)) {
		render_etag(c, &item, etag);
		httpd_set_header(c->q, "ETag", etag);
		if (known != NULL && render_etag_among(known, etag)) {
			answer_empty(c, 304);
			return;
		}
	}
	buf_init(&out, ANSWER_MAX);
	if (render_item(c, c->a, &item, p, &out, &e) == 0) {
		answer_buf(c, 200, &out);
	} else {
		buf_fini(&out);
		answer_error(c, &e);
	}
}

/* --- lists: what is asked for ------------------------------------------------ */

struct list {
	struct call *c;
	struct filter *filter;
	struct scim_projection *projection;
	const struct scim_attr *sort, *sort_sub;	/* NULL: by creation */
	bool descending, by_cursor;
	int64_t start, count;
	struct view_pos after;
	bool has_after;
	uint64_t salt;			/* what a cursor belongs to */
	struct arena *scratch;
};

static int number(struct call *c, const char *name, int64_t dflt,
    int64_t *out, struct err *e)
{
	const char *s = call_arg(c, name);

	*out = dflt;
	if (s == NULL || *s == '\0' || str_int(s, out))
		return 0;
	return err_kind(e, ERR_INVALID, "invalidValue", "%s must be an "
	    "integer", name);
}

/* RFC 7644 3.4.2.4: out of range means the nearest. */
static int read_paging(struct list *l, struct err *e)
{
	struct call *c = l->c;
	const char *cursor = call_arg(c, "cursor");
	int rc = number(c, "startIndex", 1, &l->start, e);

	if (rc == 0)
		rc = number(c, "count", COUNT_DEFAULT, &l->count, e);
	if (rc != 0)
		return rc;
	if (l->start < 1)
		l->start = 1;
	if (l->count < 0)
		l->count = 0;
	if (l->count > COUNT_MAX)
		l->count = COUNT_MAX;
	l->by_cursor = cursor != NULL;
	if (cursor == NULL || *cursor == '\0')
		return 0;
	l->has_after = true;
	return cursor_read(cursor, l->salt, &l->after, e);
}

static bool by_creation(const struct scim_attr *at,
    const struct scim_attr *sub)
{
	return at->how == SH_META && sub != NULL &&
	    strcmp(sub->name, "created") == 0;
}

static int read_sort(struct list *l, struct err *e)
{
	struct call *c = l->c;
	const char *by = call_arg(c, "sortBy"), *order;
	struct scim_path path = { 0 };
	int rc;

	order = call_arg(c, "sortOrder");
	l->descending = order != NULL && str_ieq(order, "descending");
	if (by == NULL || *by == '\0')
		return 0;
	rc = scim_path_parse(c->a, by, &path, e);
	if (rc != 0)
		return rc;
	l->sort = scim_attr_find(c->resource, &path, &l->sort_sub);
	if (l->sort == NULL || l->sort->returned == SR_NEVER ||
	    path.value != NULL)
		return err_kind(e, ERR_INVALID, "invalidValue", "sortBy: "
		    "there is no such attribute to sort by");
	if (by_creation(l->sort, l->sort_sub))
		l->sort = NULL;
	if (l->sort != NULL && l->by_cursor)
		return err_kind(e, ERR_INVALID, "invalidValue", "cursors go "
		    "by creation only: leave sortBy out");
	return 0;
}

static int read_filter(struct list *l, struct err *e)
{
	struct call *c = l->c;
	const char *text = call_arg(c, "filter");
	int rc;

	if (text == NULL || *text == '\0')
		return 0;
	rc = scim_filter_parse(c->a, text, &l->filter, e);
	if (rc == 0)
		rc = scim_filter_bind(c->a, l->filter, c->resource, &c->rs, e);
	return rc;
}

static uint64_t salt_of(struct call *c)
{
	const char *filter = call_arg(c, "filter");

	return cursor_salt(c->resource->name, filter != NULL ? filter : "");
}

static int read_list(struct list *l)
{
	struct err e = { 0 };
	int rc;

	l->salt = salt_of(l->c);
	rc = read_paging(l, &e);
	if (rc == 0)
		rc = read_sort(l, &e);
	if (rc == 0)
		rc = read_filter(l, &e);
	if (rc != 0)
		answer_error(l->c, &e);
	return rc;
}

/* --- lists: finding ------------------------------------------------------------ */

static bool match(void *ctx, struct view_item *item)
{
	struct list *l = ctx;
	bool yes = scim_match(l->scratch, l->c->resource, &item->entry,
	    l->filter, &l->c->rs);

	arena_reset(l->scratch);
	return yes;
}

static int run(struct list *l, struct query_result *res, struct err *e)
{
	struct query q = { .type = l->c->resource->type,
	    .filter = l->filter, .match = match, .ctx = l,
	    .reverse = l->sort == NULL && l->descending,
	    .offset = (uint64_t)l->start - 1, .count = (uint64_t)l->count,
	    .after = l->has_after ? &l->after : NULL,
	    .deadline_mono = clock_mono() + SCAN_TIME };

	if (l->by_cursor)
		q.offset = 0;
	if (l->sort != NULL) {
		q.offset = 0;
		q.count = SORT_MAX + 1;
	}
	return query_run(l->c->read, l->c->a, &q, res, e);
}

struct sorted {
	const char *key;		/* NULL: none, goes last */
	struct view_pos pos;
	size_t no;
};

static int by_key(const void *x, const void *y)
{
	const struct sorted *a = x, *b = y;
	int cmp;

	if ((a->key == NULL) != (b->key == NULL))
		return a->key == NULL ? 1 : -1;
	cmp = a->key == NULL ? 0 : strcmp(a->key, b->key);
	return cmp != 0 ? cmp : a->no < b->no ? -1 : 1;
}

static int by_key_descending(const void *x, const void *y)
{
	return -by_key(x, y);
}

/* Sort all matches and cut out the page. */
static int sort_page(struct list *l, struct query_result *res, struct err *e)
{
	struct call *c = l->c;
	struct sorted *v = arena_array(c->a, res->n + 1, sizeof(*v));
	size_t i, from = (size_t)l->start - 1, n;

	if (res->n > SORT_MAX)
		return err_kind(e, ERR_INVALID, "tooMany", "more than %d "
		    "resources are not sorted: narrow the filter, or sort by "
		    "meta.created", SORT_MAX);
	for (i = 0; i < res->n; i++) {
		struct view_item item;

		v[i].pos = res->pos[i];
		v[i].no = i;
		if (view_get(c->read, v[i].pos.uuid, &item) != 0)
			continue;
		view_item_entry(l->scratch, &item);
		v[i].key = scim_sort_key(l->scratch, c->resource,
		    &item.entry, l->sort, l->sort_sub, &c->rs);
		if (v[i].key != NULL)
			v[i].key = arena_strdup(c->a, v[i].key);
		arena_reset(l->scratch);
	}
	qsort(v, res->n, sizeof(*v), l->descending ? by_key_descending :
	    by_key);
	n = from < res->n ? res->n - from : 0;
	if (n > (size_t)l->count)
		n = (size_t)l->count;
	for (i = 0; i < n; i++)
		res->pos[i] = v[from + i].pos;
	res->n = n;
	return 0;
}

/* --- lists: answering ----------------------------------------------------------- */

static void put_head(struct list *l, const struct query_result *res,
    struct buf *out)
{
	buf_printf(out, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:"
	    "2.0:ListResponse\"],\"totalResults\":%llu,\"itemsPerPage\":%zu",
	    (unsigned long long)res->total, res->n);
	if (!l->by_cursor)
		buf_printf(out, ",\"startIndex\":%lld", (long long)l->start);
	else if (res->more && res->n > 0)
		buf_printf(out, ",\"nextCursor\":\"%s\"", cursor_print(l->c->a,
		    l->salt, &res->pos[res->n - 1]));
	buf_puts(out, ",\"Resources\":[");
}

static int put_all(struct list *l, const struct query_result *res,
    struct buf *out, struct err *e)
{
	struct view_item item;
	size_t i;
	int rc = 0;

	put_head(l, res, out);
	for (i = 0; i < res->n && rc == 0; i++) {
		rc = view_get(l->c->read, res->pos[i].uuid, &item);
		if (rc != 0)
			return err_set(e, rc, "the view has lost an entry");
		if (i != 0)
			buf_putc(out, ',');
		view_item_entry(l->scratch, &item);
		rc = render_item(l->c, l->scratch, &item, l->projection, out,
		    e);
		arena_reset(l->scratch);
	}
	buf_puts(out, "]}");
	return rc;
}

/* A filter that an index does not answer, or a sort, looks at everybody. */
static bool is_quick(const struct filter *f)
{
	switch (f->op) {
	case FILTER_EQ:
		return f->index > 0 && f->key != NULL;
	case FILTER_AND:
		return is_quick(f->left) || is_quick(f->right);
	case FILTER_OR:
		return is_quick(f->left) && is_quick(f->right);
	case FILTER_VALUE:
		return f->left != NULL && is_quick(f->left);
	default:
		return false;
	}
}

static void answer_list(struct list *l)
{
	struct query_result res = { 0 };
	struct err e = { 0 };
	struct buf out;
	int rc;

	buf_init(&out, ANSWER_MAX);
	l->scratch = arena_new();
	rc = run(l, &res, &e);
	if (rc == 0 && l->sort != NULL)
		rc = sort_page(l, &res, &e);
	if (rc == 0)
		rc = put_all(l, &res, &out, &e);
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

	if (render_projection(c, &l.projection) != 0 || call_open(c) != 0 ||
	    read_list(&l) != 0)
		return;
	if (l.sort != NULL || (l.filter != NULL && !is_quick(l.filter))) {
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
