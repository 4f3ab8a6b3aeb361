/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/entry.h"

static struct arena *a;
static struct entry e;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	e = (struct entry){ .dn = "cn=a", .csn = "1", .creator = "",
	    .modifier = "" };
	entry_add(a, &e, "objectClass", "inetOrgPerson");
	entry_add(a, &e, "objectClass", "provostUser");
	entry_add(a, &e, "mail;x-work;x-primary", "a@x.example");
	entry_add(a, &e, "MAIL", "b@x.example");
	entry_add(a, &e, "mail", "c@x.example");
	entry_add(a, &e, "mailbox", "no");
	entry_add(a, &e, "flag", "true");
	entry_add(a, &e, "off", "FALSE");
	entry_add_n(a, &e, "photo", "\1\2\3", 3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void test_get(void **state)
{
	(void)state;
	assert_string_equal(entry_get(&e, "mail"), "b@x.example");
	assert_int_equal(entry_attr(&e, "Mail")->n, 2);
	assert_string_equal(entry_get(&e, "mail;X-work;x-primary"),
	    "a@x.example");
	assert_null(entry_get(&e, "mail;x-work"));
	assert_null(entry_get(&e, "mai"));
	assert_true(entry_has(&e, "mail", "c@x.example"));
	assert_false(entry_has(&e, "mail", "C@x.example"));
	assert_false(entry_has(&e, "mail", "a@x.example"));
	assert_true(entry_has_val(&e, "mail", &(struct val){ "c@x.example", 11 }));
	assert_false(entry_has_val(&e, "mail", &(struct val){ "c@x.example", 12 }));
	assert_false(entry_has_val(&e, "mai", &(struct val){ "c@x.example", 11 }));
	assert_false(entry_has_val(NULL, "mail", &(struct val){ "", 0 }));
	assert_true(entry_is(&e, "PROVOSTUSER"));
	assert_false(entry_is(&e, "person"));
	assert_true(entry_bool(&e, "flag", false));
	assert_false(entry_bool(&e, "off", true));
	assert_true(entry_bool(&e, "absent", true));
	assert_string_equal(entry_text(a, &e, "absent"), "");
	assert_int_equal(entry_list(a, &e, "objectclass").n, 2);
}

static void test_options(void **state)
{
	size_t i = 0, n = 0;

	(void)state;
	while (entry_next(&e, "mail", &i) != NULL)
		n++;
	assert_int_equal(n, 2);
	assert_true(attr_option("mail;x-work;x-primary", "X-PRIMARY"));
	assert_false(attr_option("mail;x-work", "x-wor"));
	assert_false(attr_option("mail", "mail"));
	assert_int_equal(attr_base_len("mail;x-work"), 4);
	assert_int_equal(attr_base_len("mail"), 4);
}

static void test_dup(void **state)
{
	const struct entry *d = entry_dup(a, &e);

	(void)state;
	assert_int_equal(d->n, e.n);
	assert_string_equal(d->dn, "cn=a");
	assert_ptr_not_equal(d->a[0].v[0].p, e.a[0].v[0].p);
	assert_int_equal(entry_attr(d, "photo")->v[0].n, 3);
	assert_memory_equal(entry_attr(d, "photo")->v[0].p, "\1\2\3", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_get, setup, teardown),
		cmocka_unit_test_setup_teardown(test_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dup, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
