/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "model/dn.h"
#include "arena_fixture.h"

static void test_normal(void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "", "" },
		{ "provostPersonId=P1,ou=People,dc=Example,dc=com",
		    "provostpersonid=p1,ou=people,dc=example,dc=com" },
		{ "CN = Anna  Bell , DC=x", "cn=anna bell,dc=x" },
		{ "cn=a\\,b,dc=x", "cn=a\\,b,dc=x" },
		{ "cn=a\\2Cb,dc=x", "cn=a\\,b,dc=x" },
		{ "cn=a\\2cB;dc=x", "cn=a\\,b,dc=x" },
		{ "cn=#0403414243,dc=x", "cn=abc,dc=x" },
		{ "cn=#0403414243 , dc=x", "cn=abc,dc=x" },
		{ "cn=\\23a", "cn=\\#a" },
		{ "cn=b+CN=A,dc=x", "cn=a+cn=b,dc=x" },
		{ "uid=Z+cn=a+sn=q", "cn=a+sn=q+uid=z" },
		{ "cn=\xc3\x84rger", "cn=\xc3\xa4rger" },
		{ "cn=\\C3\\84rger", "cn=\xc3\xa4rger" },
		{ "cn=Stra\xc3\x9f" "e", "cn=strasse" },
		{ "2.5.4.3=A", "2.5.4.3=a" },
		{ "cn=a=b", "cn=a\\=b" },
		{ "cn=a\\=b", "cn=a\\=b" },
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *got = dn_normal(a, t[i].in, &e);

		assert_non_null(got);
		assert_string_equal(got, t[i].out);
		/* The normal form is its own normal form. */
		assert_string_equal(dn_normal(a, got, &e), got);
	}
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "x", "=a", "cn", "cn=a,", ",cn=a",
	    "cn=a,,dc=x", "cn=a\\", "cn=a\\zz", "cn=a\\2", "cn=\"a\"",
	    "cn=<a>", "cn=\\00", "cn=\\ff", "cn=#", "cn=#04", "cn=#0403",
	    "cn=#040341", "cn=#04024142g", "cn=#0400,", "c n=a", "c@n=a,dc=x",
	    "cn=a+", "cn=a+b", "cn=\xc3", "a@b=c" };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (dn_normal(a, bad[i], &e) != NULL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(e.code, ERR_INVALID);
		assert_null(dn_normal(a, bad[i], NULL));
	}
}

static void test_make(void **state)
{
	static const char *const values[] = { "p1", " a", "a ", "#a", "a,b",
	    "a+b=c", "\"\\<>;", "\xc3\xa4" };
	struct err e;
	size_t i;

	(void)state;
	assert_string_equal(dn_make(a, "cn", "a,b", "dc=x"),
	    "cn=a\\,b,dc=x");
	assert_string_equal(dn_make(a, "dc", "x", ""), "dc=x");
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *dn = dn_make(a, "cn", values[i], "dc=x");
		char *attr;

		assert_non_null(dn_normal(a, dn, &e));
		assert_string_equal(dn_parent(dn), "dc=x");
		assert_string_equal(dn_rdn_value(a, dn, &attr), values[i]);
		assert_string_equal(attr, "cn");
	}
}

static void test_parts(void **state)
{
	char *attr;

	(void)state;
	assert_string_equal(dn_parent("cn=a\\,b, dc=x"), "dc=x");
	assert_string_equal(dn_parent("cn=a\\\\,dc=x"), "dc=x");
	assert_string_equal(dn_parent("dc=x"), "");
	assert_string_equal(dn_parent(""), "");
	assert_string_equal(dn_rdn_value(a, "UID=Ann\\2C x,dc=x", &attr),
	    "Ann, x");
	assert_string_equal(attr, "uid");
	assert_null(dn_rdn_value(a, "nothing", NULL));
	assert_null(dn_rdn_value(a, "cn=\\zz", NULL));
}

static void test_tree(void **state)
{
	(void)state;
	assert_true(dn_under("cn=a,dc=x", "dc=x"));
	assert_true(dn_under("dc=x", "dc=x"));
	assert_true(dn_under("cn=a,dc=x", ""));
	assert_true(dn_under("cn=a,ou=b,dc=x", "dc=x"));
	assert_true(dn_under("cn=a\\\\,dc=x", "dc=x"));
	assert_false(dn_under("cn=a\\,dc=x", "dc=x"));
	assert_false(dn_under("cn=adc=x", "dc=x"));
	assert_false(dn_under("dc=x", "cn=a,dc=x"));
	assert_true(dn_child("cn=a,dc=x", "dc=x"));
	assert_true(dn_child("dc=x", ""));
	assert_false(dn_child("cn=a,ou=b,dc=x", "dc=x"));
	assert_false(dn_child("dc=x", "dc=x"));
	assert_false(dn_child("", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
