/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"
#include "store_util.h"

#define PEOPLE 700

/* Entry n has colour n % 5 under index 1, size n % 3 under index 2, its
 * number as shape under no index at all; under index 3 a name or none, under
 * index 4 up to three tags. */
#define TAGS 3
static struct {
	struct view_pos pos;
	bool there;
	const char *name;	/* NULL: none */
	const char *tag[TAGS];
	bool moved;		/* since the flag was cleared */
} person[PEOPLE];
static struct arena *names;

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

/* --- the model: everybody is looked at ------------------------------------- */

static bool text_op(enum filter_op op, const char *x, const char *y)
{
	int c = strcmp(x, y);

	switch (op) {
	case FILTER_SW:
		return strncmp(x, y, strlen(y)) == 0;
	case FILTER_GT:
		return c > 0;
	case FILTER_GE:
		return c >= 0;
	case FILTER_LT:
		return c < 0;
	case FILTER_LE:
		return c <= 0;
	default:
		return c == 0;
	}
}

static bool any_tag(uint32_t n, const struct filter *f)
{
	size_t i;

	for (i = 0; i < TAGS; i++)
		if (person[n].tag[i] != NULL &&
		    text_op(f->op, person[n].tag[i], f->s))
			return true;
	return false;
}

static bool time_op(enum filter_op op, int64_t x, int64_t y)
{
	switch (op) {
	case FILTER_GT:
		return x > y;
	case FILTER_GE:
		return x >= y;
	case FILTER_LT:
		return x < y;
	case FILTER_LE:
		return x <= y;
	default:
		return x == y;
	}
}

static bool term_truth(uint32_t n, const struct filter *f)
{
	if (strcmp(f->path.attr, "name") == 0) {
		if (f->op == FILTER_PR)	/* a blank is no value */
			return person[n].name != NULL &&
			    person[n].name[0] != '\0';
		return person[n].name != NULL &&
		    text_op(f->op, person[n].name, f->s);
	}
	if (strcmp(f->path.attr, "tag") == 0)
		return any_tag(n, f);
	if (strcmp(f->path.attr, "created") == 0)
		return person[n].pos.created != 0 &&
		    time_op(f->op, person[n].pos.created, f->i);
	return has(n, f->path.attr, f->s) == (f->op != FILTER_NE);
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
	case FILTER_TRUE:
	case FILTER_FALSE:
		return f->op == FILTER_TRUE;
	default:
		return term_truth(n, f);
	}
}

struct match_ctx {
	const struct filter *f;
	size_t calls;
	bool no_calls;
};

static bool match(void *ctx, struct view_item *item)
{
	struct match_ctx *m = ctx;

	m->calls++;
	test_now++;
	assert_int_equal(item->entry.n, 1);
	if (m->no_calls)
		fail_msg("an exact plan read an entry");
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

/* Few of them, so that there are equal ones and prefixes; long ones too, which
 * share what is kept of them. */
static const char *random_name(struct arena *a)
{
	static const char *const part[] = { "", "a", "b", "ab", "a b", "é",
	    "\xf0\x9f\x98\x80", "z", "0" };
	const char *s = arena_printf(a, "%s%s%s", part[util_random(9)],
	    part[util_random(9)], part[util_random(9)]);

	if (util_random(12) == 0)
		return arena_printf(a, "%0*d%s", 150 + (int)util_random(60),
		    (int)util_random(3), s);
	return s;
}

static struct filter *name_leaf(struct arena *a)
{
	static const enum filter_op ops[] = { FILTER_EQ, FILTER_SW, FILTER_GT,
	    FILTER_GE, FILTER_LT, FILTER_LE, FILTER_PR };
	bool tag = util_random(3) == 0;
	struct filter *f = leaf(a, ops[util_random(tag ? 6 : 7)],
	    tag ? "tag" : "name", 0);

	f->s = f->key = random_name(a);
	f->index = tag ? 4 : 3;
	f->single = !tag;
	return f;
}

static struct filter *created_leaf(struct arena *a)
{
	static const enum filter_op ops[] = { FILTER_EQ, FILTER_GT, FILTER_GE,
	    FILTER_LT, FILTER_LE };
	struct filter *f = leaf(a, ops[util_random(5)], "created", 0);

	f->i = (int64_t)util_random(104) - 2;
	f->index = INDEX_CREATED;
	return f;
}

static struct filter *random_leaf(struct arena *a)
{
	static const char *const attr[] = { "colour", "size", "shape" };

	switch (util_random(5)) {
	case 0:
	case 1:
		return name_leaf(a);
	case 2:
		return created_leaf(a);
	case 3:
		if (util_random(6) == 0)
			return node(a, util_random(2) ? FILTER_TRUE :
			    FILTER_FALSE, NULL, NULL);
		/* fall through */
	default:
		return leaf(a, util_random(6) ? FILTER_EQ : FILTER_NE,
		    attr[util_random(3)], util_random(6));
	}
}

static struct filter *random_filter(struct arena *a, int depth)
{
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
		return random_leaf(a);
	}
}

static int pos_cmp(const void *x, const void *y)
{
	const struct view_pos *a = x, *b = y;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return memcmp(a->uuid, b->uuid, 16);
}

static int name_cmp(const struct view_pos *a, const char *x,
    const struct view_pos *b, const char *y)
{
	struct view_key kx, ky;
	int c = 0;

	if ((x == NULL) != (y == NULL))
		return x == NULL ? 1 : -1;
	if (x != NULL) {
		view_key_of(x, &kx);
		view_key_of(y, &ky);
		c = view_key_cmp(&kx, &ky);
	}
	return c != 0 ? c : pos_cmp(a, b);
}

static const char *name_of(const struct view_pos *p)
{
	uint32_t n;

	memcpy(&n, p->uuid + 12, 4);
	return person[n].name;
}

static int by_name(const void *x, const void *y)
{
	return name_cmp(x, name_of(x), y, name_of(y));
}

static const char *first_tag(uint32_t n)
{
	size_t i;

	for (i = 0; i < TAGS; i++)
		if (person[n].tag[i] != NULL)
			return person[n].tag[i];
	return NULL;
}

static const char *tag_of(const struct view_pos *p)
{
	uint32_t n;

	memcpy(&n, p->uuid + 12, 4);
	return first_tag(n);
}

static int by_tag(const void *x, const void *y)
{
	return name_cmp(x, tag_of(x), y, tag_of(y));
}

static int (*const by[])(const void *, const void *) = { pos_cmp, by_name,
	by_name, by_tag };

static void invent(uint32_t n)
{
	size_t i;

	person[n].there = util_random(10) != 0;
	person[n].pos.created = (int64_t)util_random(100);
	util_uuid(person[n].pos.uuid, n);
	person[n].name = util_random(4) ? random_name(names) : NULL;
	for (i = 0; i < TAGS; i++)
		person[n].tag[i] = util_random(2) ? random_name(names) : NULL;
}

static void put_person(struct view_write *w, struct arena *a, uint32_t n)
{
	struct index_key k[3 + TAGS] = { { 1, arena_printf(a, "%u", n % 5) },
	    { 2, arena_printf(a, "%u", n % 3) }, { 3, person[n].name } };
	struct entry en = { .dn = "x", .csn = "1",
	    .created = person[n].pos.created };
	struct view_record rec = { .entry = &en, .type = 1, .key = k,
	    .n_keys = 3 };
	size_t i;

	if (person[n].name == NULL)
		k[2] = (struct index_key){ 3 | INDEX_ABSENT, "" };
	for (i = 0; i < TAGS; i++)
		if (person[n].tag[i] != NULL)
			k[rec.n_keys++] = (struct index_key){ 4,
			    person[n].tag[i] };
	util_uuid(en.uuid, n);
	entry_add(a, &en, "cn", "x");
	if (person[n].there)
		assert_int_equal(view_put(w, a, &rec, NULL, NULL), 0);
}

static struct view *people(const char *dir)
{
	struct view *v = util_open(dir, 1, NULL);
	struct arena *a = arena_new();
	struct view_write *w;
	uint32_t n;

	names = names != NULL ? names : arena_new();
	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (n = 0; n < PEOPLE; n++) {
		invent(n);
		put_person(w, a, n);
	}
	assert_int_equal(view_write_commit(w, NULL), 0);
	arena_free(a);
	return v;
}

/* The right answer, by looking at everybody. */
static size_t wanted(const struct filter *f,
    int (*cmp)(const void *, const void *), bool reverse,
    struct view_pos *out)
{
	size_t n = 0, i;

	for (i = 0; i < PEOPLE; i++)
		if (person[i].there &&
		    (f == NULL || truth((uint32_t)i, f)))
			out[n++] = person[i].pos;
	qsort(out, n, sizeof(*out), cmp);
	for (i = 0; reverse && i < n / 2; i++) {
		struct view_pos t = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = t;
	}
	return n;
}

static const char *sort_name(void *ctx, struct arena *a,
    struct view_item *item)
{
	(void)ctx;
	(void)a;
	return person[number(item)].name;
}

static const char *sort_tag(void *ctx, struct arena *a,
    struct view_item *item)
{
	(void)ctx;
	(void)a;
	return first_tag(number(item));
}

static struct query_place place_of(const struct view_pos *p, bool tag)
{
	struct query_place out = { .pos = *p };
	const char *name = tag ? tag_of(p) : name_of(p);

	out.has_key = name != NULL;
	if (name != NULL)
		view_key_of(name, &out.key);
	return out;
}

static void check_page(const struct query *q, const struct query_result *res,
    const struct view_pos *want, size_t n, size_t from)
{
	size_t len = from >= n ? 0 : n - from < q->count ? n - from :
	    q->count, i;

	assert_int_equal(res->total, n);
	assert_int_equal(res->n, len);
	for (i = 0; i < len; i++)
		assert_int_equal(pos_cmp(&res->page[i].pos, &want[from + i]),
		    0);
	assert_int_equal(res->more, from + len < n);
}

static void run_one(struct view_read *r, const struct filter *f)
{
	struct view_pos want[PEOPLE];
	struct arena *a = arena_new();
	struct match_ctx ctx = { .f = f };
	struct query q = { .type = 1, .filter = f, .match = match,
	    .ctx = &ctx, .reverse = util_random(2),
	    .count = util_random(40) };
	uint32_t sorted = util_random(4);
	size_t n = wanted(f, by[sorted], q.reverse, want), from;
	struct query_place after;
	struct query_result res;
	struct err e = { 0 };

	if (sorted > 0)
		q.sort = sorted == 3 ? sort_tag : sort_name;
	q.sort_index = sorted == 2 ? 3 : sorted == 3 ? 4 : 0;
	q.sort_multi = sorted == 3;
	from = util_random((uint32_t)n + 3);
	if (from > 0 && from <= n && util_random(2)) {
		after = place_of(&want[from - 1], sorted == 3);
		q.after = &after;
	} else {
		q.offset = from;
	}
	if (query_run(r, a, &q, &res, &e) != 0)
		fail_msg("%s", e.text);
	check_page(&q, &res, want, n, from);
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
	for (i = 0; i < 3000; i++) {
		run_one(r, i % 20 ? random_filter(a, 4) : NULL);
		arena_reset(a);
	}
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* --- pages while people come and go ------------------------------------------ */

static void come_and_go(struct view *v)
{
	struct arena *a = arena_new();
	struct view_write *w;
	uint32_t i;

	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (i = 0; i < 20; i++) {
		uint32_t n = util_random(PEOPLE);

		if (person[n].there) {
			assert_int_equal(view_del(w, a, person[n].pos.uuid,
			    NULL, NULL), 0);
			person[n].there = false;
			person[n].moved = true;
			continue;
		}
		invent(n);
		person[n].there = true;
		put_person(w, a, n);
	}
	assert_int_equal(view_write_commit(w, NULL), 0);
	arena_free(a);
}

/* Through all pages by cursor, in one direction, with changes between them:
 * whoever was there all the time comes exactly once. */
static void walk_pages(struct view *v, struct query *q, size_t *pages)
{
	uint32_t seen[PEOPLE] = { 0 };
	bool stayed[PEOPLE];
	struct query_place last;
	struct query_result res;
	struct arena *a = arena_new();
	struct view_read *r;
	size_t i;

	for (i = 0; i < PEOPLE; i++) {
		stayed[i] = person[i].there;
		person[i].moved = false;
	}
	do {
		assert_int_equal(view_read_begin(v, &r, NULL), 0);
		assert_int_equal(query_run(r, a, q, &res, NULL), 0);
		view_read_end(r);
		for (i = 0; i < res.n; i++) {
			uint32_t n;

			memcpy(&n, res.page[i].pos.uuid + 12, 4);
			seen[n]++;
		}
		if (res.n > 0)
			last = res.page[res.n - 1];
		q->after = &last;
		come_and_go(v);
		for (i = 0; i < PEOPLE; i++)
			stayed[i] = stayed[i] && !person[i].moved;
		++*pages;
	} while (res.more);
	for (i = 0; i < PEOPLE; i++)
		assert_true(!stayed[i] || seen[i] == 1);
	arena_free(a);
}

static void test_moving(void **state)
{
	char *dir = util_dir();
	struct view *v = people(dir);
	size_t pages = 0;
	int i;

	(void)state;
	for (i = 0; i < 24; i++) {
		struct match_ctx ctx = { 0 };
		struct query q = { .type = 1, .match = match, .ctx = &ctx,
		    .reverse = i % 2, .count = 10 + util_random(80) };

		q.sort = i % 4 == 3 ? sort_tag : i % 4 ? sort_name : NULL;
		q.sort_index = i % 4 == 3 ? 4 : i % 4 == 2 ? 3 : 0;
		q.sort_multi = i % 4 == 3;
		walk_pages(v, &q, &pages);
	}
	assert_true(pages > 100);
	assert_int_equal(view_check(v, NULL), 0);
	view_close(v);
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

static struct filter *named(struct arena *a, enum filter_op op,
    const char *text)
{
	struct filter *f = leaf(a, op, "name", 0);

	f->s = f->key = text;
	f->index = 3;
	f->single = true;
	return f;
}

static struct filter *made(struct arena *a, enum filter_op op, int64_t t)
{
	struct filter *f = leaf(a, op, "created", 0);

	f->i = t;
	f->index = INDEX_CREATED;
	return f;
}

/* Nothing is read where the indexes say it all. */
static void test_ranges(struct view_read *r, struct arena *a,
    struct filter *shape)
{
	struct filter *some = named(a, FILTER_SW, "ab");

	expect_plan(r, some, "index", 0);
	expect_plan(r, node(a, FILTER_AND, named(a, FILTER_GE, "a"),
	    named(a, FILTER_LT, "b")), "index", 0);
	expect_plan(r, node(a, FILTER_OR, some, made(a, FILTER_GT, 90)),
	    "index", 0);
	expect_plan(r, node(a, FILTER_AND, made(a, FILTER_GT, 10),
	    made(a, FILTER_LE, 12)), "index", 0);
	expect_plan(r, node(a, FILTER_AND, made(a, FILTER_EQ, 10), shape),
	    "index", PEOPLE / 20);
	expect_plan(r, named(a, FILTER_GT, arena_printf(a, "%0200d", 1)),
	    "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_TRUE, NULL, NULL), "all", 0);
	expect_plan(r, node(a, FILTER_FALSE, NULL, NULL), "index", 0);
	expect_plan(r, node(a, FILTER_AND, shape, node(a, FILTER_FALSE, NULL,
	    NULL)), "index", 0);
	expect_plan(r, node(a, FILTER_AND, some, node(a, FILTER_TRUE, NULL,
	    NULL)), "index", 0);
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
	expect_plan(r, node(a, FILTER_OR, colour, size), "index", 0);
	expect_plan(r, node(a, FILTER_OR, colour, shape), "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_NOT, colour, NULL), "scan", PEOPLE);
	expect_plan(r, node(a, FILTER_VALUE, colour, NULL), "index",
	    PEOPLE / 5);
	test_ranges(r, a, shape);
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
	q.sort = sort_name;
	q.sort_limit = res.total - 1;
	assert_int_equal(query_run(r, a, &q, &res, &e), ERR_LIMIT);
	assert_string_equal(e.kind, "tooMany");
	q.sort_limit++;
	assert_int_equal(query_run(r, a, &q, &res, &e), 0);
	assert_string_equal(res.order, "memory");
	q.sort = NULL;
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

static int teardown(void **state)
{
	(void)state;
	arena_free(names);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
