/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/guard.h"

#include "arena_fixture.h"

/* J3: over 5 % or over 50, never fewer than 10. */
static void test_defaults(void **state)
{
	static const struct {
		uint64_t n, of;
		int rc;
	} t[] = {
		{ 0, 0, 0 }, { 9, 9, 0 }, { 9, 0, 0 }, { 10, 10, ERR_HELD },
		{ 10, 200, 0 }, { 10, 199, ERR_HELD }, { 50, 1000, 0 },
		{ 51, 1000, ERR_HELD }, { 51, 1000000, ERR_HELD },
		{ 50, 1000000, 0 }, { 10, 0, ERR_HELD }, { 4, 5, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(guard_check(&guard_defaults, t[i].n,
		    t[i].of, "suspensions", &e), t[i].rc);
		assert_int_equal(e.text[0] != '\0', t[i].rc != 0);
	}
}

static void test_limits(void **state)
{
	const struct guard_limits none = { 0, 0, 0 };
	const struct guard_limits wide = { 1000, UINT64_MAX, 0 };

	(void)state;
	assert_int_equal(guard_check(&none, 0, 0, "x", NULL), 0);
	assert_int_equal(guard_check(&none, 1, 100, "x", NULL), ERR_HELD);
	assert_int_equal(guard_check(&wide, 100, 100, "x", NULL), 0);
	assert_int_equal(guard_check(&wide, 5, 0, "x", NULL), 0);
}

/* --- cases ---------------------------------------------------------------- */

/* 10 at once, 20 a day, 5 to be added. */
static const struct guard_rules rules = { { 500, 10, 3 }, { 500, 20, 6 },
    { 1000, 5, 0 } };

struct row {
	uint64_t ask, day, known, more, of;
	int rc;
	const char *text;
};

static void check_rows(const struct row *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct guard_case c = { .ask.n[GUARD_DELETE] = t[i].ask,
		    .day.n[GUARD_DISABLE] = t[i].day, .known = t[i].known,
		    .more.n[GUARD_MEMBER] = t[i].more,
		    .population = t[i].of, .who = "source hr" };
		struct err e = { 0 };
		int rc = guard_decide(&rules, &c, &e);

		if (rc != t[i].rc || (rc != 0 &&
		    strstr(e.text, t[i].text) == NULL))
			fail_msg("row %zu: %d, not %d: %s", i, rc, t[i].rc,
			    e.text);
	}
}

/* D4: one below, at, above, of each limit; slow bleed; tiny populations. */
static void test_decide(void **state)
{
	static const struct row t[] = {
		/* at once */
		{ 9, 0, 0, 0, 1000, 0, "" },
		{ 10, 0, 0, 0, 1000, 0, "" },
		{ 11, 0, 0, 0, 1000, ERR_HELD, "at once: 11 of 1000 is over "
		    "the limit of 10" },
		{ 5, 0, 0, 0, 10, 0, "" },
		{ 6, 0, 0, 0, 10, ERR_HELD, "at once: 6 of 10 is over the "
		    "share of 50.0 %" },
		/* fewer than 3 pass, whoever is there */
		{ 2, 0, 0, 0, 2, 0, "" },
		{ 3, 0, 0, 0, 3, ERR_HELD, "at once" },
		/* within 24 hours, by little */
		{ 1, 18, 0, 0, 1000, 0, "" },
		{ 1, 19, 0, 0, 1000, 0, "" },
		{ 1, 20, 0, 0, 1000, ERR_HELD, "within 24 hours: 21 of 1000" },
		{ 1, 4, 0, 0, 9, 0, "" },
		{ 1, 5, 0, 0, 11, ERR_HELD, "within 24 hours: 6 of 11 is over "
		    "the share" },
		{ 1, 5, 0, 0, 12, 0, "" },
		/* who is counted already is nobody new */
		{ 5, 20, 5, 0, 1000, 0, "" },
		{ 5, 20, 4, 0, 1000, ERR_HELD, "within 24 hours: 21" },
		{ 11, 20, 11, 0, 1000, ERR_HELD, "at once" },
		/* what somebody let pass */
		{ 12, 0, 0, 2, 1000, 0, "" },
		{ 13, 0, 0, 2, 1000, ERR_HELD, "at once" },
		{ 2, 20, 0, 2, 1000, 0, "" },
		{ 3, 20, 0, 2, 1000, ERR_HELD, "within 24 hours: 23" },
		/* nothing is always right */
		{ 0, 1000, 0, 0, 10, 0, "" },
	};

	(void)state;
	check_rows(t, sizeof(t) / sizeof(t[0]));
}

/* The share is of those who were there before the day's deletions. */
static void test_shrinking(void **state)
{
	struct guard_case c = { .ask.n[GUARD_DELETE] = 1,
	    .day.n[GUARD_DELETE] = 9, .gone = 9, .population = 11,
	    .who = "x" };

	(void)state;
	assert_int_equal(guard_decide(&rules, &c, NULL), 0);
	c.population = 10;
	assert_int_equal(guard_decide(&rules, &c, NULL), ERR_HELD);
}

static void test_added(void **state)
{
	struct guard_rules r = rules;
	struct guard_case c = { .ask.n[GUARD_ADD] = 2,
	    .day.n[GUARD_ADD] = 3, .population = 0, .who = "x" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(guard_decide(&r, &c, &e), 0);
	c.day.n[GUARD_ADD] = 4;
	assert_int_equal(guard_decide(&r, &c, &e), ERR_HELD);
	assert_non_null(strstr(e.text, "get something within 24 hours: 6"));
	c.more.n[GUARD_DELETE] = 1;
	assert_int_equal(guard_decide(&r, &c, &e), ERR_HELD);
	c.more.n[GUARD_ADD] = 1;
	assert_int_equal(guard_decide(&r, &c, &e), 0);
	r.add.count = 0;
	c.ask.n[GUARD_ADD] = 1000000;
	assert_int_equal(guard_decide(&r, &c, &e), 0);
}

static void test_total(void **state)
{
	const struct guard_limits l = { 100, 30, 5 };
	struct guard_case c = { .ask.n[GUARD_REVOKE] = 1,
	    .day.n[GUARD_DISABLE] = 29, .population = 1000, .who = "all" };

	(void)state;
	assert_int_equal(guard_decide_total(&l, &c, NULL), 0);
	c.day.n[GUARD_DISABLE] = 30;
	assert_int_equal(guard_decide_total(&l, &c, NULL), ERR_HELD);
	c.known = 1;
	assert_int_equal(guard_decide_total(&l, &c, NULL), 0);
	c.known = 0;
	c.more.n[GUARD_REVOKE] = 1;
	assert_int_equal(guard_decide_total(&l, &c, NULL), 0);
	c.more.n[GUARD_REVOKE] = 0;
	c.day.n[GUARD_DISABLE] = 4;
	c.population = 49;
	assert_int_equal(guard_decide_total(&l, &c, NULL), ERR_HELD);
	c.population = 50;
	assert_int_equal(guard_decide_total(&l, &c, NULL), 0);
}

/* Settings of one source: what is said of it, and else what is said of all. */
static void test_own(void **state)
{
	struct guard_own own = guard_own_none;
	struct guard_rules r;

	(void)state;
	assert_false(guard_own_any(&own));
	r = guard_rules_own(&rules, &own);
	assert_int_equal(r.run.count, rules.run.count);
	assert_int_equal(r.day.share_permille, rules.day.share_permille);
	assert_int_equal(r.add.count, rules.add.count);
	own.day_count = 7;
	own.share = 0;
	assert_true(guard_own_any(&own));
	r = guard_rules_own(&rules, &own);
	assert_int_equal(r.day.count, 7);
	assert_int_equal(r.run.share_permille, 0);
	assert_int_equal(r.run.count, rules.run.count);
	assert_int_equal(r.day.floor, rules.day.floor);
}

static void test_tallies(void **state)
{
	struct guard_tally t = { { 1, 2, 3, 4, 5 } };
	const struct guard_tally u = { { 2, 1, 0, 0, 0 } };
	enum guard_kind k;
	int i;

	(void)state;
	assert_int_equal(guard_taken(&t), 10);
	guard_add(&t, &u);
	assert_int_equal(guard_taken(&t), 13);
	t = (struct guard_tally){ { 0, 1, 3, 4, 5 } };
	guard_keep(&t, 5);
	assert_int_equal(t.n[GUARD_DELETE], 1);
	assert_int_equal(t.n[GUARD_REVOKE], 4);
	assert_int_equal(guard_taken(&t), 5);
	assert_int_equal(t.n[GUARD_ADD], 5);
	for (i = 0; i < GUARD_KINDS; i++) {
		assert_true(guard_kind_of(guard_word((enum guard_kind)i), &k));
		assert_int_equal(k, i);
	}
	assert_false(guard_kind_of("nothing", &k));
}

/* --- one person -------------------------------------------------------------- */

/* "name=value|name=value" */
static struct entry *person(const char *text)
{
	struct entry *e = arena_alloc(a, sizeof(*e));
	char *s = arena_strdup(a, text), *save, *w, *eq;

	entry_add(a, e, "objectClass", "provostUser");
	for (w = strtok_r(s, "|", &save); w != NULL;
	    w = strtok_r(NULL, "|", &save)) {
		eq = strchr(w, '=');
		*eq = '\0';
		entry_add(a, e, w, eq + 1);
	}
	return e;
}

static void weigh(const char *old, const char *want, int taken, bool given)
{
	const struct guard_tally t = guard_weigh(old == NULL ? NULL :
	    person(old), want == NULL ? NULL : person(want));

	if (guard_taken(&t) != (taken != GUARD_ADD) ||
	    (taken != GUARD_ADD && t.n[taken] != 1) ||
	    t.n[GUARD_ADD] != given)
		fail_msg("%s -> %s: %d %d %d %d, %d", old, want,
		    (int)t.n[0], (int)t.n[1], (int)t.n[2], (int)t.n[3],
		    (int)t.n[4]);
}

#define NOTHING GUARD_ADD	/* is taken */
#define T "provostToolGrant=t"
#define P "|provostPeriod=tool:t "

static void test_weigh(void **state)
{
	(void)state;
	weigh(NULL, "uid=x", NOTHING, true);
	weigh("uid=x", NULL, GUARD_DELETE, false);
	weigh("uid=x", "uid=y|title=z", NOTHING, false);
	weigh("provostState=active", "provostState=suspended", GUARD_DISABLE,
	    false);
	weigh("uid=x", "provostState=left", GUARD_DISABLE, false);
	weigh("provostState=suspended", "provostState=left", NOTHING, false);
	weigh("provostState=suspended", "provostState=active", NOTHING, true);
	weigh("provostState=invited", "provostState=active", NOTHING, false);
	weigh("provostRole=a", "provostRole=b", GUARD_REVOKE, true);
	weigh("provostRole=a", "provostRole=A", NOTHING, false);
	weigh("provostCompany=a|provostCompany=b", "provostCompany=b",
	    GUARD_REVOKE, false);
	weigh("provostCompany=b", "provostCompany=a|provostCompany=b",
	    NOTHING, true);
	weigh("provostMemberOf=g", "uid=x", GUARD_MEMBER, false);
	weigh("provostMemberOf=g", "provostMemberOf=h", GUARD_MEMBER, true);
	weigh("provostMemberOf=g|provostAccount=1", "uid=x", GUARD_REVOKE,
	    false);
	weigh("provostAccount=1", "provostState=suspended", GUARD_DISABLE,
	    false);
	weigh("provostAdminScope=enterprise x", "uid=x", GUARD_REVOKE, false);
	weigh("provostEnterprise=x", "uid=x", GUARD_REVOKE, false);
	weigh("provostAllAccountsOf=x", "uid=x", GUARD_REVOKE, false);
	weigh("provostGroupIdentifierId=x", "uid=x", GUARD_REVOKE, false);
	weigh("provostToolAccount=t 1", "uid=x", GUARD_REVOKE, false);
	weigh("provostCpniAuthorized=TRUE", "provostCpniAuthorized=FALSE",
	    GUARD_REVOKE, false);
	weigh("provostCpniAuthorized=FALSE", "provostCpniAuthorized=TRUE",
	    NOTHING, true);
	weigh("provostPortalAccess=active", "provostPortalAccess=none",
	    GUARD_REVOKE, false);
	weigh("uid=x", "provostPortalAccess=none", GUARD_REVOKE, false);
	weigh("provostPortalAccess=none", "provostPortalAccess=invited",
	    NOTHING, true);
}

/* T3: an end that is set, or comes sooner, is a loss when it is set; when it
 * comes it is none any more. */
static void test_weigh_time(void **state)
{
	(void)state;
	weigh(T, T P "- 20270101000000Z", GUARD_REVOKE, false);
	weigh(T P "- 20270101000000Z", T P "- 20260101000000Z", GUARD_REVOKE,
	    false);
	weigh(T P "- 20260101000000Z", T P "- 20270101000000Z", NOTHING,
	    false);
	weigh(T P "- 20260101000000Z", T, NOTHING, false);
	weigh(T P "20260101000000Z -", T P "20270101000000Z -", GUARD_REVOKE,
	    false);
	/* one that comes with its right takes nothing */
	weigh("uid=x", T P "- 20270101000000Z", NOTHING, true);
	/* from a rule: the right is not on the entry */
	weigh("provostPeriod=tool:t - 20270101000000Z",
	    "provostPeriod=tool:t - 20260101000000Z", GUARD_REVOKE, false);
	weigh(T P "- 20270101000000Z" P "20280101000000Z 20290101000000Z",
	    T P "- 20270101000000Z", GUARD_REVOKE, false);
}

static void test_others(void **state)
{
	struct entry *company = arena_alloc(a, sizeof(*company));
	struct guard_tally t;

	(void)state;
	entry_add(a, company, "objectClass", "provostCompanyEntry");
	t = guard_weigh(company, NULL);
	assert_int_equal(guard_taken(&t), 0);
	t = guard_weigh(NULL, company);
	assert_int_equal(t.n[GUARD_ADD], 0);
	assert_true(guard_heeds("provostState"));
	assert_true(guard_heeds("PROVOSTMEMBEROF"));
	assert_false(guard_heeds("title"));
}

/* J3: nine passed under the floor, six were held and released: all six pass,
 * and nobody beyond. */
static void test_released(void **state)
{
	const struct guard_rules r = { guard_defaults, guard_defaults,
	    { 1000, 0, 0 } };
	struct guard_case c = { .ask.n[GUARD_DELETE] = 1, .population = 31,
	    .more.n[GUARD_DELETE] = 6, .who = "source x" };
	uint64_t day;
	struct err e = { 0 };

	(void)state;
	for (day = 0; day < 15; day++) {
		c.day.n[GUARD_DELETE] = day;
		assert_int_equal(guard_decide(&r, &c, &e), 0);
	}
	c.day.n[GUARD_DELETE] = 15;
	assert_int_equal(guard_decide(&r, &c, &e), ERR_HELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_released),
		cmocka_unit_test(test_decide),
		cmocka_unit_test(test_shrinking),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_tallies),
		cmocka_unit_test(test_weigh),
		cmocka_unit_test(test_weigh_time),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
