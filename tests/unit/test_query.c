/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"
#include "store_util.h"

#define PEOPLE 700

/* Entry n has colour n % 5 under index 1, size n % 3 under index 2, and its
 * number as shape under no index at all. */
static struct {
	struct view_pos pos;
	bool there;
} person[PEOPLE];

static int64_t test_now;

static int64_t fake_clock(void)
{
	return test_now;
}

static uint32_t number(const struct view_item *item)
{
	uint32_t n;

	memcpy(&n, item->uuid + 12, 4);
	return n;
}

static bool has(uint32_t n, const char *attr, const char *value)
{
	uint32_t v = (uint32_t)atoi(value);

	if (strcmp(attr, "colour") == 0)
		return n % 5 == v;
	if (strcmp(attr, "size") == 0)
		return n % 3 == v;
	return n % 7 == v;
}

static bool truth(uint32_t n, const struct filter *f)
{
	switch (f->op) {
	case FILTER_AND:
		return truth(n, f->left) && truth(n, f->right);
	case FILTER_OR:
		return truth(n, f->left) || truth(n, f->right);
	case FILTER_NOT:
		return !truth(n, f->left);
	case FILTER_VALUE:
		return truth(n, f->left);
	case FILTER_NE:
		return !has(n, f->path.attr, f->s);
	default:
		return has(n, f->path.attr, f->s);
	}
}

struct match_ctx {
	const struct filter *f;
	size_t calls;
};

static bool match(void *ctx, struct view_item *item)
{
	struct match_ctx *m = ctx;

	m->calls++;
	test_now++;
	assert_int_equal(item->entry.n, 1);
	return truth(number(item), m->f);
}

static struct filter *leaf(struct arena *a, enum filter_op op,
    const char *attr, uint32_t v)
{
	struct filter *f = arena_alloc(a, sizeof(*f));

	f->op = op;
	f->path.attr = attr;
	f->s = arena_printf(a, "%u", v);
	if (op == FILTER_EQ && strcmp(attr, "shape") != 0) {
		f->index = strcmp(attr, "colour") == 0 ? 1 : 2;
		f->key = f->s;
	}
	return f;
}

static struct filter *node(struct arena *a, enum filter_op op,
    struct filter *l, struct filter *r)
{
	struct filter *f = arena_alloc(a, sizeof(*f));

	f->op = op;
	f->left = l;
	f->right = r;
	return f;
}

static struct filter *random_filter(struct arena *a, int depth)
{
	static const char *const attr[] = { "colour", "size", "shape" };
	uint32_t k = util_random(depth > 0 ? 8 : 2);

	switch (k) {
	case 2:
	case 3:
		return node(a, FILTER_AND, random_filter(a, depth - 1),
		    random_filter(a, depth - 1));
	case 4:
	case 5:
		return node(a, FILTER_OR, random_filter(a, depth - 1),
		    random_filter(a, depth - 1));
	case 6:
		return node(a, FILTER_NOT, random_filter(a, depth - 1), NULL);
	case 7:
		return node(a, FILTER_VALUE, random_filter(a, depth - 1),
		    NULL);
	default:
		return leaf(a, util_random(6) ? FILTER_EQ : FILTER_NE,
		    attr[util_random(3)], util_random(6));
	}
}

static int pos_cmp(const void *x, const void *y)
{
	const struct view_pos *a = x, *b = y;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return memcmp(a->uuid, b->uuid, 16);
}

static struct view *people(const char *dir)
{
	struct view *v = util_open(dir, 1, NULL);
	struct arena *a = arena_new();
	struct view_write *w;
	uint32_t n;

	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (n = 0; n < PEOPLE; n++) {
		struct index_key k[2] = { { 1, arena_printf(a, "%u", n % 5) },
		    { 2, arena_printf(a, "%u", n % 3) } };
		struct entry en = { .dn = "x", .csn = "1",
		    .created = (int64_t)util_random(100) };
		struct view_record rec = { .entry = &en, .type = 1, .key = k,
		    .n_keys = 2 };

		person[n].there = util_random(10) != 0;
		person[n].pos.created = en.created;
		util_uuid(person[n].pos.uuid, n);
		util_uuid(en.uuid, n);
		entry_add(a, &en, "cn", "x");
		if (person[n].there)
			assert_int_equal(view_put(w, a, &rec, NULL, NULL), 0);
	}
	assert_int_equal(view_write_commit(w, NULL), 0);
	arena_free(a);
	return v;
}

/* The right answer, by looking at everybody. */
static size_t wanted(const struct filter *f, bool reverse,
    struct view_pos *out)
{
	size_t n = 0, i;

	for (i = 0; i < PEOPLE; i++)
		if (person[i].there &&
		    (f == NULL || truth((uint32_t)i, f)))
			out[n++] = person[i].pos;
	qsort(out, n, sizeof(*out), pos_cmp);
	for (i = 0; reverse && i < n / 2; i++) {
		struct view_pos t = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = t;
	}
	return n;
}

static void run_one(struct view_read *r, const struct filter *f)
{
	struct view_pos want[PEOPLE];
	struct arena *a = arena_new();
	struct match_ctx ctx = { .f = f };
	struct query q = { .type = 1, .filter = f, .match = match,
	    .ctx = &ctx, .reverse = util_random(2),
	    .count = util_random(40) };
	size_t n = wanted(f, q.reverse, want), from, i, len;
	struct query_result res;
	struct err e = { 0 };

	from = util_random((uint32_t)n + 3);
	if (from > 0 && from <= n && util_random(2))
		q.after = &want[from - 1];
	else
		q.offset = from;
	if (query_run(r, a, &q, &res, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(res.total, n);
	len = from >= n ? 0 : n - from < q.count ? n - from : q.count;
	assert_int_equal(res.n, len);
	for (i = 0; i < len; i++)
		assert_int_equal(pos_cmp(&res.pos[i], &want[from + i]), 0);
	assert_int_equal(res.more, from + len < n);
	arena_free(a);
}

static void test_random(void **state)
{
	char *dir = util_dir();
	struct view *v = people(dir);
	struct arena *a = arena_new();
	struct view_read *r;
	int i;

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	for (i = 0; i < 600; i++) {
		run_one(r, i % 20 ? random_filter(a, 4) : NULL);
		arena_reset(a);
	}
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* limit: match may be called so often, and is at all unless that is 0. */
static void expect_plan(struct view_read *r, const struct filter *f,
    const char *plan, size_t limit)
{
	struct arena *a = arena_new();
	struct match_ctx ctx = { .f = f };
	struct query q = { .type = 1, .filter = f, .match = match,
	    .ctx = &ctx, .count = 10 };
	struct query_result res;

	assert_int_equal(query_run(r, a, &q, &res, NULL), 0);
	assert_string_equal(res.plan, plan);
	assert_int_equal(ctx.calls > 0, limit > 0);
	assert_true(ctx.calls <= limit);
	arena_free(a);
}

static void test_plan(void **state)
{
	char *dir = util_dir();
	struct view *v = people(dir);
	struct arena *a = arena_new();
	struct filter *colour = leaf(a, FILTER_EQ, "colour", 1);
	struct filter *size = leaf(a, FILTER_EQ, "size", 1);
	struct filter *shape = leaf(a, FILTER_EQ, "shape", 1);
	struct view_read *r;

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	expect_plan(r, NULL, "all", 0);
	expect_plan(r, colour, "index", 0);
	expect_plan(r, shape, "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_AND, shape, colour), "index",
	    PEOPLE / 5);
	/* The one with fewest, on whichever side. */
	expect_plan(r, node(a, FILTER_AND, size, colour), "index",
	    PEOPLE / 5);
	expect_plan(r, node(a, FILTER_AND, colour, size), "index",
	    PEOPLE / 5);
	expect_plan(r, node(a, FILTER_OR, colour, colour), "index",
	    PEOPLE / 5);
	expect_plan(r, node(a, FILTER_OR, colour, shape), "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_NOT, colour, NULL), "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_VALUE, colour, NULL), "index",
	    PEOPLE / 5);
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* What may be seen depends on the caller: every hit is asked about. */
static void test_check(void **state)
{
	char *dir = util_dir();
	struct view *v = people(dir);
	struct arena *a = arena_new();
	struct match_ctx ctx = { .f = leaf(a, FILTER_EQ, "shape", 1) };
	struct query q = { .type = 1, .match = match, .ctx = &ctx,
	    .filter = leaf(a, FILTER_EQ, "colour", 1), .count = 1000,
	    .check = true };
	struct query_result res;
	struct view_read *r;

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	assert_int_equal(query_run(r, a, &q, &res, NULL), 0);
	assert_string_equal(res.plan, "index");
	assert_int_equal(ctx.calls, view_count_key(r, 1, 1, "1"));
	assert_true(res.total < ctx.calls);
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

static void test_limits(void **state)
{
	char *dir = util_dir();
	struct view *v = people(dir);
	struct arena *a = arena_new();
	struct match_ctx ctx = { .f = leaf(a, FILTER_EQ, "shape", 1) };
	struct query q = { .type = 1, .filter = ctx.f, .match = match,
	    .ctx = &ctx, .count = 10, .scan_limit = 100 };
	struct query_result res;
	struct view_read *r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	assert_int_equal(query_run(r, a, &q, &res, &e), ERR_LIMIT);
	assert_string_equal(e.kind, "tooMany");
	assert_int_equal(ctx.calls, 100);
	q.scan_limit = 0;
	assert_int_equal(query_run(r, a, &q, &res, &e), 0);
	/* Time goes on by one with each entry. */
	clock_set_source(fake_clock);
	test_now = 1000;
	q.deadline_mono = 1300;
	ctx.calls = 0;
	assert_int_equal(query_run(r, a, &q, &res, &e), ERR_LIMIT);
	assert_string_equal(e.kind, "tooMany");
	assert_in_range(ctx.calls, 300, 300 + 256);
	clock_set_source(NULL);
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
