/* SPDX-License-Identifier: ISC */
/* Lines of the journal backwards, value by value (FAULTS D10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/undo.h"
#include "store/journal_line.h"

#define DN "provostPersonId=p1,ou=people,dc=x"

static struct arena *a;
static struct undo *u;
static struct strv never;
static struct journal_chain chain;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	never = (struct strv){ 0 };
	strv_add(a, &never, "ou=receipts,dc=x");
	strv_add(a, &never, "ou=jobs,dc=x");
	u = undo_new(a, &never);
	chain = (struct journal_chain){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* "name=value name=value" */
static struct entry *entry(const char *dn, const char *text)
{
	struct entry *e = arena_alloc(a, sizeof(*e));
	char *s = arena_strdup(a, text), *word, *eq;

	e->dn = dn;
	e->csn = "c";
	e->creator = e->modifier = "cn=x";
	memcpy(e->uuid, "0123456789abcdef", 16);
	for (word = strtok(s, " "); word != NULL; word = strtok(NULL, " ")) {
		eq = strchr(word, '=');
		*eq = '\0';
		entry_add(a, e, word, eq + 1);
	}
	return e;
}

static void line(const struct entry *old, const struct entry *now)
{
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_true(journal_line_diff(&b, a, &chain, old, now, "cn=y", "1-b"));
	journal_chain_set(&chain, chain.seq + 1, b.data, b.len);
	assert_int_equal(undo_line(u, b.data, b.len, &e), 0);
	buf_fini(&b);
}

static bool single(const char *name, void *ctx)
{
	(void)ctx;
	return strcmp(name, "department") == 0 ||
	    strcmp(name, "provostState") == 0;
}

static struct undo_result look(const struct entry *now, bool taken)
{
	const struct undo_look l = { .now = now, .taken = taken,
	    .single = single };
	struct undo_result r;

	assert_int_equal(undo_count(u), 1);
	undo_make(u, 0, a, &l, &r);
	return r;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The values of e, sorted. */
static const char *text(const struct entry *e)
{
	const char *v[200], *out = "";
	size_t i, k, n = 0;

	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			v[n++] = arena_printf(a, "%s=%s", e->a[i].name,
			    e->a[i].v[k].p);
	qsort(v, n, sizeof(v[0]), by_text);
	for (i = 0; i < n; i++)
		out = arena_printf(a, "%s%s%s", out, i > 0 ? " " : "", v[i]);
	return out;
}

static void expect(const struct undo_result *r, const char *want,
    bool conflict, const char *say)
{
	size_t i;

	if (want == NULL) {
		assert_false(r->change);
	} else {
		assert_true(r->change);
		assert_non_null(r->want);
		assert_string_equal(text(r->want), want);
	}
	assert_int_equal(r->conflict, conflict);
	for (i = 0; i < r->notes.n; i++)
		if (strstr(r->notes.v[i], say) != NULL)
			return;
	if (*say != '\0' || r->notes.n != 0)
		fail_msg("no note \"%s\"", say);
}

/* --- values ---------------------------------------------------------------- */

#define MODIFIED() line(entry(DN, "cn=a company=acme company=beta " \
	"department=sales"), entry(DN, "cn=a company=beta company=corp " \
	"department=ops"))

static void test_modify(void **state)
{
	struct undo_result r;

	(void)state;
	MODIFIED();
	r = look(entry(DN, "cn=a company=beta company=corp department=ops"),
	    false);
	expect(&r, "cn=a company=acme company=beta department=sales", false,
	    "");
}

static void test_others_elsewhere(void **state)
{
	struct undo_result r;

	(void)state;
	MODIFIED();
	r = look(entry(DN, "cn=b company=beta company=corp company=delta "
	    "department=ops tel=1"), false);
	expect(&r, "cn=b company=acme company=beta company=delta "
	    "department=sales tel=1", false, "");
}

static void test_others_here(void **state)
{
	struct undo_result r;

	(void)state;
	MODIFIED();
	/* The single value is theirs, the list is merged. */
	r = look(entry(DN, "cn=a company=beta company=corp department=hr"),
	    false);
	expect(&r, "cn=a company=acme company=beta department=hr", true,
	    "department was changed since");
	r = look(entry(DN, "cn=a company=beta department=ops"), false);
	expect(&r, "cn=a company=acme company=beta department=sales", true,
	    "company was changed since");
}

static void test_undone_already(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry(DN, "cn=a company=acme"), entry(DN, "cn=a"));
	r = look(entry(DN, "cn=a company=acme"), false);
	expect(&r, NULL, false, "");
}

static void test_several(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry(DN, "cn=a"), entry(DN, "cn=a company=x"));
	line(entry(DN, "cn=a company=x"), entry(DN, "cn=a company=y"));
	line(entry(DN, "cn=a company=y"), entry(DN, "cn=b company=y"));
	r = look(entry(DN, "cn=b company=y"), false);
	expect(&r, "cn=a", false, "");
}

static void test_secrets(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry(DN, "cn=a provostInvitation=h1"),
	    entry(DN, "cn=b provostInvitation=h2"));
	r = look(entry(DN, "cn=b provostInvitation=h2"), false);
	expect(&r, "cn=a provostInvitation=h2", false,
	    "provostInvitation is not kept");
}

/* --- entries ---------------------------------------------------------------- */

static void test_added(void **state)
{
	struct undo_result r;

	(void)state;
	line(NULL, entry(DN, "cn=a company=acme"));
	r = look(entry(DN, "company=acme cn=a"), false);
	assert_true(r.change);
	assert_null(r.want);
	/* Failed binds are no change. */
	r = look(entry(DN, "company=acme cn=a pwdFailureTime=1"), false);
	assert_true(r.change);
	assert_null(r.want);
	r = look(entry(DN, "company=acme company=x cn=a"), false);
	expect(&r, NULL, true, "changed since it was made");
	r = look(entry(DN, "cn=a"), false);
	expect(&r, NULL, true, "changed since it was made");
	r = look(entry(DN, "company=acme cn=a tel=1"), false);
	expect(&r, NULL, true, "changed since it was made");
	r = look(NULL, false);
	expect(&r, NULL, true, "deleted since");
}

static void test_added_and_changed(void **state)
{
	struct undo_result r;

	(void)state;
	line(NULL, entry(DN, "cn=a"));
	line(entry(DN, "cn=a"), entry(DN, "cn=a company=x"));
	r = look(entry(DN, "cn=a company=x"), false);
	assert_true(r.change);
	assert_null(r.want);
	assert_false(r.conflict);
}

/* V10: no undo restores password or login. */
static void test_deleted(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry(DN, "objectClass=provostUser cn=a uid=ann company=acme "
	    "provostState=active provostReset=x"), NULL);
	r = look(NULL, false);
	expect(&r, "cn=a company=acme objectClass=provostUser "
	    "provostState=invited", false, "(V10)");
	assert_string_equal(r.want->dn, DN);
	r = look(NULL, true);
	expect(&r, NULL, true, "its name");
}

static void test_deleted_thing(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry(DN, "objectClass=provostCompany cn=a uid=x"), NULL);
	r = look(NULL, false);
	expect(&r, "cn=a objectClass=provostCompany uid=x", false, "new id");
}

static void test_gone(void **state)
{
	struct undo_result r;

	(void)state;
	MODIFIED();
	r = look(NULL, false);
	expect(&r, NULL, true, "deleted since");
}

static void test_renamed(void **state)
{
	struct undo_result r;

	(void)state;
	line(entry("cn=z,dc=x", "cn=a"), entry(DN, "cn=a"));
	r = look(entry(DN, "cn=a"), false);
	expect(&r, NULL, true, "renamed");
}

static void test_never(void **state)
{
	(void)state;
	line(NULL, entry("provostPersonUuid=1,OU=Receipts, dc=x", "cn=a"));
	line(NULL, entry("cn=b,ou=jobs,dc=x", "cn=b"));
	assert_int_equal(undo_count(u), 0);
	line(NULL, entry("cn=b,ou=job,dc=x", "cn=b"));
	assert_int_equal(undo_count(u), 1);
}

/* --- many ------------------------------------------------------------------- */

static struct entry *any(unsigned seed)
{
	struct entry *e = entry(DN, "cn=a");
	unsigned i;

	for (i = 0; i < 12; i++)
		if (rand_r(&seed) % 2 == 0)
			entry_add(a, e, i % 3 == 0 ? "company" : i % 3 == 1 ?
			    "tool" : "account", arena_printf(a, "v%u", i));
	return e;
}

/* Whatever a batch did to an entry, its undo gives what was before, and the
 * undo of that gives what was before that. */
static void test_random(void **state)
{
	const char *s = getenv("PROVOST_SEED");
	unsigned seed = s != NULL ? (unsigned)atoi(s) : (unsigned)time(NULL);
	const struct entry *was, *now, *then, *undone;
	struct undo_result r;
	int i, k;

	printf("# PROVOST_SEED=%u\n", seed);
	teardown(state);
	for (i = 0; i < 2000; i++) {
		setup(state);
		now = then = was = any(rand_r(&seed));
		for (k = 0; k < 1 + i % 4; k++) {
			now = any(rand_r(&seed));
			if (strcmp(text(then), text(now)) != 0)
				line(then, now);
			then = now;
		}
		if (undo_count(u) == 0 || strcmp(text(was), text(now)) == 0) {
			teardown(state);
			continue;
		}
		r = look(now, false);
		expect(&r, text(was), false, "");
		undone = r.want;
		u = undo_new(a, &never);
		line(now, undone);
		r = look(undone, false);
		expect(&r, text(now), false, "");
		teardown(state);
	}
	setup(state);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_modify),
		T(test_others_elsewhere),
		T(test_others_here),
		T(test_undone_already),
		T(test_several),
		T(test_secrets),
		T(test_added),
		T(test_added_and_changed),
		T(test_deleted),
		T(test_deleted_thing),
		T(test_gone),
		T(test_renamed),
		T(test_never),
		T(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
