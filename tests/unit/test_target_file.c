/* SPDX-License-Identifier: ISC */
/* One file an action, whole when it appears, the same name when repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/str.h"
#include "codec/csv.h"
#include "codec/ldif.h"
#include "codec/source.h"
#include "model/entry.h"

#include "files_fixture.h"

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ANN "0b9b9a3e-0000-4000-8000-000000000001"

static int apply(const char *form, enum action_kind kind, bool notice)
{
	const struct target_conf c = { .name = "drop", .kind = "file",
	    .dir = dir, .form = form };
	const struct target_person p = { .id = ANN, .uid = "=ann", .display =
	    "Änn, \"A\" Ek", .mail = "ann@example.com", .exists = true };
	struct action act = { .kind = kind, .target = "drop", .tool = "wan",
	    .remote_id = "-", .notice = notice, .key = KEY };

	strv_add(a, &act.accounts, "1 00");
	strv_add(a, &act.accounts, "200");
	return apply_at(&c, &p, &act);
}

static struct source source_of(const char *name)
{
	const char *text = content(name);

	return source_mem(text, strlen(text));
}

/* As anybody would read it. */
static void test_csv(void **state)
{
	struct source src;
	const struct row *row;
	struct csv *c;
	struct stat st;

	(void)state;
	assert_int_equal(apply("", ACTION_PUT, false), 0);
	assert_string_equal(res.remote_id, "-");
	assert_int_equal(stat(in("grant-" KEY ".csv"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	src = source_of("grant-" KEY ".csv");
	c = csv_open(&src, NULL);
	assert_int_equal(csv_next(c, &row, NULL), 1);
	assert_string_equal(row->cell[0], "key");
	assert_int_equal(row->n, 11);
	assert_int_equal(csv_next(c, &row, NULL), 1);
	assert_string_equal(row->cell[0], KEY);
	assert_string_equal(row->cell[2], "put");
	assert_string_equal(row->cell[3], ANN);
	assert_string_equal(row->cell[4], "'=ann");
	assert_string_equal(row->cell[5], "Änn, \"A\" Ek");
	assert_string_equal(row->cell[8], "ann@example.com");
	assert_string_equal(row->cell[9], "wan");
	assert_string_equal(row->cell[10], "1%2000 200");
	assert_int_equal(csv_next(c, &row, NULL), 0);
	assert_true(csv_whole(c));
	csv_close(c);
}

static void test_ldif(void **state)
{
	struct ldif_record r;
	struct source src;
	struct ldif *l;

	(void)state;
	assert_int_equal(apply("ldif", ACTION_PUT, false), 0);
	src = source_of("grant-" KEY ".ldif");
	l = ldif_open(&src, NULL);
	assert_int_equal(ldif_next(l, a, &r, NULL), 1);
	assert_int_equal(r.kind, LDIF_ENTRY);
	assert_string_equal(r.dn, "key=" KEY);
	assert_string_equal(entry_get(r.entry, "displayName"),
	    "Änn, \"A\" Ek");
	assert_string_equal(entry_get(r.entry, "userName"), "=ann");
	assert_null(entry_get(r.entry, "givenName"));
	assert_true(entry_has(r.entry, "account", "1 00"));
	assert_true(entry_has(r.entry, "account", "200"));
	assert_int_equal(ldif_next(l, a, &r, NULL), 0);
	ldif_close(l);
}

/* Repeated it is the same file; taken away it names no accounts. */
static void test_again(void **state)
{
	struct source src;
	const struct row *row;
	struct csv *c;

	(void)state;
	assert_int_equal(apply("csv", ACTION_PUT, false), 0);
	assert_int_equal(apply("csv", ACTION_REMOVE, false), 0);
	src = source_of("grant-" KEY ".csv");
	c = csv_open(&src, NULL);
	assert_int_equal(csv_next(c, &row, NULL), 1);
	assert_int_equal(csv_next(c, &row, NULL), 1);
	assert_string_equal(row->cell[2], "remove");
	assert_string_equal(row->cell[10], "");
	csv_close(c);
}

static void test_not(void **state)
{
	const struct target_conf bad = { .name = "drop", .kind = "file",
	    .dir = dir, .form = "xml" };
	struct target *t;
	struct err e;

	(void)state;
	assert_int_equal(target_open(&bad, NULL, &t, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "csv nor ldif"));
	assert_int_equal(apply("", ACTION_MAIL, true), ERR_ITEM_BAD);
	assert_int_equal(apply("", ACTION_REMOVE, true), 0);
	assert_int_not_equal(access(in("grant-" KEY ".csv"), F_OK), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(test_csv), CASE(test_ldif),
	    CASE(test_again), CASE(test_not) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
