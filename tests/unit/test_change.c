/* SPDX-License-Identifier: ISC */
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
#include "base/str.h"
#include "model/change.h"
#include "arena_fixture.h"

static bool not_class(const char *name, void *ctx)
{
	(void)ctx;
	return !str_ieq(name, "objectClass");
}

/* "name=v1,v2;name2=v" */
static struct entry *entry_of(const char *text)
{
	struct entry *e = arena_alloc(a, sizeof(*e));
	char *copy = arena_strdup(a, text), *one, *save, *value, *more;

	e->dn = "cn=a,dc=x";
	e->csn = "csn1";
	for (one = strtok_r(copy, ";", &save); one != NULL;
	    one = strtok_r(NULL, ";", &save)) {
		char *eq = strchr(one, '=');

		*eq = '\0';
		for (value = strtok_r(eq + 1, ",", &more); value != NULL;
		    value = strtok_r(NULL, ",", &more))
			entry_add(a, e, one, value);
	}
	return e;
}

static const char *print(const struct change *c)
{
	const char *out = "";
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		out = arena_printf(a, "%s%s%c%s", out, i ? " " : "",
		    "+-="[c->mod[i].op], c->mod[i].name);
		for (k = 0; k < c->mod[i].n; k++)
			out = arena_printf(a, "%s:%s", out,
			    c->mod[i].v[k].p);
	}
	return out;
}

static void test_diff(void **state)
{
	static const struct {
		const char *old, *want, *mods;
	} t[] = {
		{ "cn=a", "cn=a", "" },
		{ "cn=a", "CN=a", "" },
		{ "cn=a", "cn=b", "=cn:b" },
		{ "cn=a", "cn=A", "=cn:A" },
		{ "cn=a", "", "=cn" },
		{ "", "cn=a", "+cn:a" },
		{ "", "cn=a,b", "+cn:a:b" },
		{ "m=a,b", "m=b,a", "" },
		{ "m=a,b,c", "m=b", "-m:a:c" },
		{ "m=a", "m=a,b,c", "+m:b:c" },
		{ "m=a,b", "m=b,c", "-m:a +m:c" },
		{ "m=Foo,bar", "m=foo,bar", "-m:Foo +m:foo" },
		{ "objectClass=x;cn=a", "objectClass=y;cn=b", "=cn:b" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct change *c = change_diff(a, entry_of(t[i].old),
		    entry_of(t[i].want), not_class, NULL);

		assert_string_equal(print(c), t[i].mods);
		assert_string_equal(c->dn, "cn=a,dc=x");
		assert_string_equal(c->assert_csn, "csn1");
	}
}

/* Options make descriptions of their own. */
static void test_options(void **state)
{
	struct entry old = { .dn = "", .csn = "" }, want = old;
	struct change *c;

	(void)state;
	entry_add(a, &old, "mail;x-work", "a");
	entry_add(a, &want, "mail;x-home", "a");
	c = change_diff(a, &old, &want, not_class, NULL);
	assert_string_equal(print(c), "=mail;x-work +mail;x-home:a");
}

static void apply_values(struct entry *e, const struct mod *m)
{
	struct attr *at;
	size_t i, k;

	for (i = 0; m->op == MOD_ADD && i < m->n; i++) {
		assert_false(entry_has(e, m->name, m->v[i].p));
		entry_add(a, e, m->name, m->v[i].p);
	}
	if (m->op == MOD_ADD || entry_attr(e, m->name) == NULL)
		return;
	at = &e->a[entry_attr(e, m->name) - e->a];
	if (m->op == MOD_REPLACE) {
		at->n = 0;
		for (i = 0; i < m->n; i++)
			entry_add(a, e, m->name, m->v[i].p);
	}
	for (i = 0; m->op == MOD_DELETE && i < m->n; i++) {
		for (k = 0; k < at->n &&
		    strcmp(at->v[k].p, m->v[i].p) != 0; k++)
			;
		assert_true(k < at->n);
		at->v[k] = at->v[--at->n];
	}
}

static struct entry *random_entry(void)
{
	struct entry *e = arena_alloc(a, sizeof(*e));
	int i, k;

	e->dn = e->csn = "";
	for (i = 0; i < 3; i++)
		for (k = 0; k < 5; k++)
			if (random() % 2)
				entry_add(a, e, arena_printf(a, "at%d", i),
				    arena_printf(a, "v%d", k));
	return e;
}

/* Applying the difference makes one entry of the other. */
static void test_random(void **state)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) :
	    (unsigned)time(NULL);
	int round;
	size_t i;

	(void)state;
	printf("SEED=%u\n", seed);
	srandom(seed);
	for (round = 0; round < 500; round++) {
		struct entry *x = random_entry(), *y = random_entry(), *z;
		struct change *c = change_diff(a, x, y, not_class, NULL);

		assert_int_equal(change_apply(a, x, c, &z, NULL), 0);
		assert_int_equal(change_diff(a, z, y, not_class, NULL)->n, 0);
		c = change_by_value(a, x, c);
		assert_null(c->assert_csn);
		for (i = 0; i < c->n; i++)
			assert_true(c->mod[i].op != MOD_REPLACE);
		assert_int_equal(change_apply(a, x, c, &z, NULL), 0);
		assert_int_equal(change_diff(a, z, y, not_class, NULL)->n, 0);
		for (i = 0; i < c->n; i++)
			apply_values(x, &c->mod[i]);
		assert_int_equal(change_diff(a, x, y, not_class, NULL)->n, 0);
	}
}

/* What a server would refuse is refused. */
static void test_apply(void **state)
{
	static const struct {
		const char *old;
		enum mod_op op;
		const char *value;	/* NULL: the whole attribute */
		int rc, lenient;	/* with permissive */
		const char *left;	/* "" none */
	} t[] = {
		{ "m=a,b", MOD_ADD, "c", 0, 0, "m=a,b,c" },
		{ "m=a,b", MOD_ADD, "a", ERR_CONFLICT, 0, "m=a,b" },
		{ "m=a,b", MOD_DELETE, "B", 0, 0, "m=a" },
		{ "m=a,b", MOD_DELETE, "c", ERR_CONFLICT, 0, "m=a,b" },
		{ "m=a", MOD_DELETE, "a", 0, 0, "" },
		{ "m=a", MOD_DELETE, NULL, 0, 0, "" },
		{ "x=a", MOD_DELETE, NULL, ERR_CONFLICT, 0, "x=a" },
		{ "m=a,b", MOD_REPLACE, "c", 0, 0, "m=c" },
		{ "x=a", MOD_REPLACE, NULL, 0, 0, "x=a" },
	};
	struct entry *got;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (k = 0; k < 2; k++) {
			struct change *c = change_new(a, CHANGE_MODIFY, "cn=a");

			change_set(a, c, t[i].op, "m", t[i].value);
			c->permissive = k == 1;
			assert_int_equal(change_apply(a, entry_of(t[i].old), c,
			    &got, NULL), k == 0 ? t[i].rc : t[i].lenient);
			if (k == 1 || t[i].rc == 0)
				assert_int_equal(change_diff(a, got,
				    entry_of(t[i].left), not_class, NULL)->n,
				    0);
		}
}

static void test_apply_whole(void **state)
{
	struct change *add = change_new(a, CHANGE_ADD, "cn=a"),
	    *del = change_new(a, CHANGE_DELETE, "cn=a");
	struct entry *got;

	(void)state;
	entry_add(a, add->entry, "cn", "a");
	assert_int_equal(change_apply(a, NULL, add, &got, NULL), 0);
	assert_string_equal(entry_get(got, "cn"), "a");
	assert_int_equal(change_apply(a, got, add, &got, NULL), ERR_CONFLICT);
	assert_int_equal(change_apply(a, NULL, del, &got, NULL),
	    ERR_CONFLICT);
	assert_int_equal(change_apply(a, add->entry, del, &got, NULL), 0);
	assert_null(got);
}

static void test_build(void **state)
{
	struct change *c = change_new(a, CHANGE_ADD, "cn=x");

	(void)state;
	assert_non_null(c->entry);
	assert_string_equal(c->entry->dn, "cn=x");
	c = change_new(a, CHANGE_MODIFY, "cn=x");
	change_set(a, c, MOD_REPLACE, "cn", "y");
	change_set(a, c, MOD_DELETE, "sn", NULL);
	assert_string_equal(print(c), "=cn:y -sn");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_apply_whole),
		cmocka_unit_test(test_build),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
