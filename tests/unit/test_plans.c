/* SPDX-License-Identifier: ISC */
/* Plans that are kept: for how long, how many, whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "front/plans.h"

static int64_t now;
static struct plans *s;
static struct err e;

static int64_t source(void)
{
	return now;
}

static int setup(void **state)
{
	(void)state;
	now = 1000 * CLOCK_SECOND;
	clock_set_source(source);
	s = plans_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plans_free(s);
	clock_set_source(NULL);
	return 0;
}

static struct planned *make(const char *id, const char *author, size_t size)
{
	struct arena *a = arena_new();
	struct planned *p = arena_alloc(a, sizeof(*p));

	p->a = a;
	p->id = p->hash = arena_strdup(a, id);
	p->author = arena_strdup(a, author);
	p->made = now;
	p->expires = now + PLANS_KEPT;
	p->size = size;
	return p;
}

static void put(const char *id, const char *author)
{
	assert_int_equal(plans_put(s, make(id, author, 1000), &e), 0);
}

static bool has(const char *id)
{
	struct planned *p = plans_get(s, id);
	bool there = p != NULL;

	plans_let_go(s, p);
	return there;
}

static void ten_minutes(void **state)
{
	struct planned *p;

	(void)state;
	put("a", "x");
	now += PLANS_KEPT - 1;
	assert_true(has("a"));
	p = plans_get(s, "a");
	now++;
	assert_false(has("a"));
	put("b", "x");
	assert_string_equal(p->id, "a");	/* who has it, has it */
	plans_let_go(s, p);
}

/* One that is being applied is not taken away. */
static void applying(void **state)
{
	struct planned *p;
	struct buf b;

	(void)state;
	put("a", "x");
	p = plans_get(s, "a");
	assert_int_equal(plans_begin(s, p), PLANNED_OPEN);
	assert_int_equal(plans_begin(s, p), PLANNED_APPLYING);
	now += PLANS_KEPT;
	put("b", "x");
	assert_true(has("a"));
	plans_end(s, p, PLANNED_STOPPED, "{\"done\":1}");
	buf_init(&b, 1000);
	plans_put_state(s, p, &b);
	assert_string_equal(buf_str(&b),
	    ",\"state\":\"stopped\",\"result\":{\"done\":1}");
	buf_fini(&b);
	assert_int_equal(plans_begin(s, p), PLANNED_STOPPED);
	plans_end(s, p, PLANNED_APPLIED, NULL);
	assert_int_equal(plans_begin(s, p), PLANNED_APPLIED);
	plans_let_go(s, p);
}

static void again(void **state)
{
	struct planned *p;

	(void)state;
	put("a", "x");
	p = plans_get(s, "a");
	plans_begin(s, p);
	plans_end(s, p, PLANNED_APPLIED, NULL);
	plans_let_go(s, p);
	put("a", "x");
	p = plans_get(s, "a");
	assert_int_equal(plans_state(s, p), PLANNED_OPEN);
	plans_let_go(s, p);
}

/* Who makes many loses their own oldest, nobody else's. */
static void of_one(void **state)
{
	char id[16];
	int i;

	(void)state;
	put("theirs", "y");
	for (i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "p%d", i);
		put(id, "x");
	}
	assert_true(has("theirs"));
	assert_true(has("p19"));
	assert_true(has("p4"));
	assert_false(has("p3"));
}

static void bounded(void **state)
{
	char id[16], author[16];
	int i, rc = 0;

	(void)state;
	for (i = 0; i < 1000 && rc == 0; i++) {
		snprintf(id, sizeof(id), "p%d", i);
		snprintf(author, sizeof(author), "x%d", i);
		rc = plans_put(s, make(id, author, 1000), &e);
	}
	assert_int_equal(rc, ERR_BUSY);
	assert_true(i < 1000);
	assert_true(has("p0"));
	now += PLANS_KEPT;
	put("later", "y");
	assert_int_equal(plans_put(s, make("big", "z", (size_t)1 << 40), &e),
	    ERR_BUSY);
}

int main(void)
{
#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(ten_minutes), TEST(applying), TEST(again), TEST(of_one),
		TEST(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
