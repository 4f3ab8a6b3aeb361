/* SPDX-License-Identifier: ISC */
#include "front/list.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_filter.h"
#include "codec/scim_match.h"
#include "front/render.h"
#include "front/sight.h"

#define SCAN_TIME (10 * CLOCK_SECOND)

/* --- what is asked for ------------------------------------------------------- */

static bool given(const char *s)
{
	return s != NULL && *s != '\0';
}

static int number(struct call *c, const char *name, int64_t dflt,
    const char *kind, int64_t *out, struct err *e)
{
	const char *s = call_arg(c, name);

	*out = dflt;
	if (!given(s) || str_int(s, out))
		return 0;
	return err_kind(e, ERR_INVALID, kind, "%s must be an integer", name);
}

/* Everything that must stay the same from page to page. */
static uint64_t salt_of(struct call *c, const char *name)
{
	const char *part[] = { name, call_arg(c, "filter"),
	    call_arg(c, "sortBy"), call_arg(c, "sortOrder") };

	return cursor_salt(part, sizeof(part) / sizeof(part[0]));
}

/* RFC 9865 2: a page of nothing would never come to an end. */
static int read_cursor(struct list *l, const char *cursor, struct err *e)
{
	if (given(call_arg(l->c, "startIndex")))
		return err_kind(e, ERR_INVALID, "invalidCursor", "cursor and "
		    "startIndex exclude each other: send one of them");
	if (l->count < 1)
		return err_kind(e, ERR_INVALID, "invalidCount", "with a "
		    "cursor count must be from 1 to %d", LIST_COUNT_MAX);
	if (*cursor == '\0')
		return 0;
	l->has_from = true;
	return cursor_read(cursor, l->salt, clock_now(), &l->from, e);
}

/* RFC 7644 3.4.2.4: out of range means the nearest. */
int list_read_paging(struct list *l, const char *name, struct err *e)
{
	const char *cursor = call_arg(l->c, "cursor");
	int rc = number(l->c, "startIndex", 1, "invalidValue", &l->start, e);

	l->by_cursor = cursor != NULL;
	l->salt = salt_of(l->c, name);
	if (rc == 0)
		rc = number(l->c, "count", LIST_COUNT, l->by_cursor ?
		    "invalidCount" : "invalidValue", &l->count, e);
	if (rc == 0 && l->by_cursor)
		rc = read_cursor(l, cursor, e);
	if (l->start < 1)
		l->start = 1;
	if (l->count < 0)
		l->count = 0;
	if (l->count > LIST_COUNT_MAX)
		l->count = LIST_COUNT_MAX;
	return rc;
}

static bool by_creation(const struct scim_attr *at,
    const struct scim_attr *sub)
{
	return at->how == SH_META && sub != NULL &&
	    strcmp(sub->name, "created") == 0;
}

static bool sortable(const struct list *l)
{
	const struct scim_attr *at = l->sort;

	return at != NULL && at->returned != SR_NEVER &&
	    (l->sort_sub == NULL || l->sort_sub->returned != SR_NEVER);
}

/* Has it parts, of which none is its value? */
static bool in_parts(const struct scim_attr *at)
{
	size_t i;

	for (i = 0; i < at->n_sub; i++)
		if (strcmp(at->sub[i].name, "value") == 0)
			return false;
	return at->n_sub > 0;
}

static int read_order(struct list *l, struct err *e)
{
	const char *order = call_arg(l->c, "sortOrder");

	l->descending = given(order) && str_ieq(order, "descending");
	if (!given(order) || l->descending || str_ieq(order, "ascending"))
		return 0;
	return err_kind(e, ERR_INVALID, "invalidValue", "sortOrder must be "
	    "ascending or descending");
}

int list_read_sort(struct list *l, struct err *e)
{
	const char *by = call_arg(l->c, "sortBy");
	struct scim_path path = { 0 };
	int rc = read_order(l, e);

	if (rc != 0 || !given(by))
		return rc;
	if (scim_path_parse(l->c->a, by, &path, NULL) == 0 &&
	    path.value == NULL)
		l->sort = scim_attr_find(l->r, &path, &l->sort_sub);
	if (!sortable(l))
		return err_kind(e, ERR_INVALID, "invalidValue", "sortBy: "
		    "there is no such attribute to sort by");
	if (l->sort_sub == NULL && in_parts(l->sort))
		return err_kind(e, ERR_INVALID, "invalidValue", "sortBy: %s "
		    "has sub-attributes: name one of them", l->sort->name);
	if (by_creation(l->sort, l->sort_sub))
		l->sort = NULL;
	return 0;
}

int list_read_filter(struct list *l, bool any, struct err *e)
{
	struct call *c = l->c;
	const char *text = call_arg(c, "filter");
	int rc;

	if (!given(text))
		return 0;
	rc = scim_filter_parse(c->a, text, &l->filter, e);
	if (rc != 0)
		return rc;
	return any ? scim_filter_bind_any(c->a, l->filter, c->f->conf.map,
	    l->r, &c->rs, e) :
	    scim_filter_bind(c->a, l->filter, l->r, &c->rs, e);
}

/* --- finding ------------------------------------------------------------------- */

/* Only what who asks sees of the entry is looked at. */
static bool match(void *ctx, struct view_item *item)
{
	struct list *l = ctx;
	bool yes = (!l->c->bounded || sight_item(l->c, l->scratch, l->r,
	    item)) && (l->filter == NULL || scim_match(l->scratch, l->r,
	    &item->entry, l->filter, &l->c->rs));

	arena_reset(l->scratch);
	return yes;
}

static const char *sort_key(void *ctx, struct arena *a,
    struct view_item *item)
{
	struct list *l = ctx;

	if (l->c->bounded)
		sight_item(l->c, a, l->r, item);
	return scim_sort_key(a, l->r, &item->entry, l->sort, l->sort_sub,
	    &l->c->rs);
}

/* Does an entry meet it for what it has not? */
static bool denies(const struct filter *f)
{
	if (f == NULL || f->op == FILTER_NOT || f->op == FILTER_NE)
		return f != NULL;
	return (f->op == FILTER_AND || f->op == FILTER_OR ||
	    f->op == FILTER_VALUE) && (denies(f->left) || denies(f->right));
}

/* Indexes know of what who asks doesn't see. They lead to all that has a
 * value, and more, but not to all that seems to have none; nor is their order
 * that of what is seen. */
static void bound(const struct list *l, struct query *q)
{
	q->check = true;
	q->sort_index = 0;
	if (denies(l->filter))
		q->filter = NULL;
}

struct query list_query(struct list *l)
{
	struct query q = { .type = l->r->type, .filter = l->filter,
	    .match = match, .ctx = l, .reverse = l->descending,
	    .offset = (uint64_t)l->start - 1, .count = (uint64_t)l->count,
	    .deadline_mono = clock_mono() + SCAN_TIME };
	bool single;

	if (l->by_cursor)
		q.offset = 0;
	if (l->has_from) {
		q.after = &l->from.place;
		q.reverse = l->descending != l->from.backward;
	}
	if (l->sort != NULL) {
		q.sort = sort_key;
		q.sort_index = scim_index_ordered(l->sort, l->sort_sub,
		    &single);
		q.sort_multi = !single;
	}
	if (l->c->bounded)
		bound(l, &q);
	return q;
}

/* --- answering ----------------------------------------------------------------- */

static void put_cursor(struct list *l, const char *name,
    const struct cursor *c, struct buf *out)
{
	if (c != NULL)
		buf_printf(out, ",\"%s\":\"%s\"", name, cursor_print(l->c->a,
		    l->salt, c, clock_now()));
}

void list_put_head(struct list *l, const struct list_head *h, struct buf *out)
{
	buf_printf(out, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:"
	    "2.0:ListResponse\"],\"totalResults\":%llu,\"itemsPerPage\":%zu",
	    (unsigned long long)h->total, h->n);
	if (!l->by_cursor)
		buf_printf(out, ",\"startIndex\":%lld", (long long)l->start);
	put_cursor(l, "previousCursor", h->previous, out);
	put_cursor(l, "nextCursor", h->next, out);
	buf_puts(out, ",\"Resources\":[");
}

int list_put_page(struct list *l, const struct query_result *res, bool *first,
    struct buf *out, struct err *e)
{
	struct view_item item;
	size_t i;
	int rc = 0;

	l->c->resource = l->r;
	for (i = 0; i < res->n && rc == 0; i++) {
		rc = view_get(l->c->read, res->page[i].pos.uuid, &item);
		if (rc != 0)
			return err_set(e, rc, "the view has lost an entry");
		if (!*first)
			buf_putc(out, ',');
		*first = false;
		view_item_entry(l->scratch, &item);
		if (l->c->bounded && sight_item(l->c, l->scratch, l->r, &item))
			sight_render(l->c, l->scratch, &item);
		rc = render_item(l->c, l->scratch, &item, l->projection, out,
		    e);
		arena_reset(l->scratch);
	}
	return rc;
}
