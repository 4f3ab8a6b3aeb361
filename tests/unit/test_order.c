/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "store/order.h"
#include "store_util.h"

#define MANY 6000

static struct view_pos list[MANY];
static size_t n_list;

static int cmp(const void *x, const void *y)
{
	const struct view_pos *a = x, *b = y;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return memcmp(a->uuid, b->uuid, 16);
}

static void same_pos(const struct view_pos *x, const struct view_pos *y)
{
	assert_int_equal(x->created, y->created);
	assert_memory_equal(x->uuid, y->uuid, 16);
}

/* Every offset of both directions gives what the sorted list has there. */
static void compare(struct db *d)
{
	struct db_txn *t;
	struct db_cur *c;
	struct view_pos p;
	struct err e = { 0 };
	size_t i, step = 1 + util_random(7);
	uint64_t n;

	qsort(list, n_list, sizeof(list[0]), cmp);
	assert_int_equal(db_read_begin(d, &t, &e), 0);
	assert_int_equal(db_cur_open(t, DB_ORDER, &c, &e), 0);
	if (order_check(t, 7, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(order_count(t, 7), n_list);
	for (i = 0; i < n_list; i += step) {
		assert_int_equal(order_seek(t, c, 7, false, i, &p, &e), 0);
		same_pos(&p, &list[i]);
		assert_int_equal(order_next(c, 7, false, &p, &e),
		    i + 1 < n_list ? 0 : ERR_NOT_FOUND);
		assert_int_equal(order_seek(t, c, 7, true, i, &p, &e), 0);
		same_pos(&p, &list[n_list - 1 - i]);
		assert_int_equal(order_seek_after(c, 7, false, &list[i], &p,
		    &e), i + 1 < n_list ? 0 : ERR_NOT_FOUND);
		assert_int_equal(order_seek_after(c, 7, true, &list[i], &p,
		    &e), i > 0 ? 0 : ERR_NOT_FOUND);
		if (i > 0)
			same_pos(&p, &list[i - 1]);
		assert_int_equal(order_rank(t, 7, &list[i], &n, &e), 0);
		assert_int_equal(n, i);
		p = list[i];
		p.created++;		/* who stands before it: all as old */
		assert_int_equal(order_rank(t, 7, &p, &n, &e), 0);
		assert_true(n > i);
		assert_true(n == n_list || cmp(&p, &list[n]) <= 0);
		assert_true(cmp(&list[n - 1], &p) < 0);
	}
	assert_int_equal(order_seek(t, c, 7, false, n_list, &p, &e),
	    ERR_NOT_FOUND);
	assert_int_equal(order_seek(t, c, 7, true, n_list, &p, &e),
	    ERR_NOT_FOUND);
	db_cur_close(c);
	db_abort(t);
}

static void add(struct db_txn *t, int64_t created, uint32_t n)
{
	struct view_pos *p = &list[n_list++];
	struct err e = { 0 };

	p->created = created;
	util_uuid(p->uuid, n);
	if (order_add(t, 7, p, &e) != 0)
		fail_msg("%s", e.text);
}

static void del(struct db_txn *t, size_t i)
{
	struct err e = { 0 };

	if (order_del(t, 7, &list[i], &e) != 0)
		fail_msg("%s", e.text);
	list[i] = list[--n_list];
}

static struct db_txn *begin(struct db *d)
{
	struct db_txn *t;

	assert_int_equal(db_write_begin(d, &t, NULL), 0);
	return t;
}

/* Neighbours that must not be touched. */
static void neighbours(struct db *d)
{
	struct db_txn *t = begin(d);
	struct view_pos p = { .created = 5 };

	assert_int_equal(order_add(t, 6, &p, NULL), 0);
	assert_int_equal(order_add(t, 8, &p, NULL), 0);
	assert_int_equal(order_add(t, 255, &p, NULL), 0);
	assert_int_equal(db_commit(t, NULL), 0);
}

static void test_random(void **state)
{
	char *dir = util_dir();
	struct db *d;
	struct db_txn *t;
	uint32_t id = 0;
	int round, i;

	(void)state;
	n_list = 0;
	assert_int_equal(db_open(dir, (size_t)1 << 30, &d, NULL), 0);
	neighbours(d);
	compare(d);
	for (round = 0; round < 24; round++) {
		bool grow = round < 8 || (round > 14 && round < 19);
		int ops = (int)util_random(1200);

		t = begin(d);
		for (i = 0; i < ops; i++)
			if (n_list < MANY && (n_list == 0 ||
			    util_random(10) < (grow ? 8 : 1)))
				add(t, (int64_t)util_random(500) - 250, id++);
			else if (n_list > 0)
				del(t, util_random((uint32_t)n_list));
		assert_int_equal(db_commit(t, NULL), 0);
		compare(d);
	}
	t = begin(d);
	while (n_list > 0)
		del(t, n_list - 1);
	assert_int_equal(db_commit(t, NULL), 0);
	compare(d);
	db_close(d);
	util_rmdir(dir);
}

/* What comes in order of time fills its blocks: 6,000 need twelve. */
static void test_append(void **state)
{
	char *dir = util_dir();
	struct db *d;
	struct db_txn *t;
	uint32_t i;

	(void)state;
	n_list = 0;
	assert_int_equal(db_open(dir, (size_t)1 << 30, &d, NULL), 0);
	t = begin(d);
	for (i = 0; i < MANY; i++)
		add(t, i, i);
	assert_int_equal(db_entries(t, DB_BLOCK),
	    (MANY + ORDER_BLOCK - 1) / ORDER_BLOCK);
	assert_int_equal(db_commit(t, NULL), 0);
	compare(d);
	db_close(d);
	util_rmdir(dir);
}

/* Deleting most of it leaves few blocks, or offsets would not get cheaper. */
static void test_join(void **state)
{
	char *dir = util_dir();
	struct db *d;
	struct db_txn *t;
	uint32_t i;

	(void)state;
	n_list = 0;
	assert_int_equal(db_open(dir, (size_t)1 << 30, &d, NULL), 0);
	t = begin(d);
	for (i = 0; i < MANY; i++)
		add(t, i, i);
	while (n_list > MANY / 20)
		del(t, util_random((uint32_t)n_list));
	assert_true(db_entries(t, DB_BLOCK) <= 5);
	assert_int_equal(db_commit(t, NULL), 0);
	compare(d);
	db_close(d);
	util_rmdir(dir);
}

static void test_missing(void **state)
{
	char *dir = util_dir();
	struct view_pos p = { .created = 1 };
	struct err e = { 0 };
	struct db *d;
	struct db_txn *t;

	(void)state;
	assert_int_equal(db_open(dir, (size_t)1 << 30, &d, NULL), 0);
	t = begin(d);
	assert_int_equal(order_del(t, 1, &p, &e), ERR_CORRUPT);
	db_abort(t);
	db_close(d);
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
