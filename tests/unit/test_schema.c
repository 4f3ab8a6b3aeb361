/* SPDX-License-Identifier: ISC */
/* Against private slapds: one that has everything, some that lack a part. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "directory/schema.h"
#include "slapd_run.h"

static int check(struct slapd_run *s, const struct ldapc_conf *c,
    const char *const *attrs, uint64_t *fp, struct err *e)
{
	struct ldapc *l = NULL;
	size_t at = 0;
	int rc;

	if (ldapc_open(c, &at, &l, e) != 0)
		fail_msg("%s: %s", s->uri, e->text);
	rc = schema_check(l, attrs, NULL, fp, e);
	ldapc_close(l);
	return rc;
}

static void test_complete(void **state)
{
	static const char *const good[] = { "mail;x-work", "CN", "commonName",
		"entryUUID", "provostState", NULL };
	static const char *const bad[] = { "provostNonsense", "mail",
		"provostnonsense;x-work", NULL };
	struct slapd_run s;
	struct ldapc_conf c;
	uint64_t first = 0, second = 0;
	struct err e = { .text = "" };

	(void)state;
	if (slapd_run_new(&s, NULL) != 0)
		skip();
	slapd_run_start(&s);
	c = slapd_run_daemon(&s);
	if (check(&s, &c, good, &first, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(first != 0);
	assert_int_equal(check(&s, &c, NULL, &second, &e), 0);
	assert_true(first == second);
	assert_int_equal(check(&s, &c, bad, &second, &e), ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "lacks provostNonsense: load"));
	slapd_run_free(&s);
}

static void lacks(const char *const *drop, const char *text)
{
	struct slapd_run s;
	struct ldapc_conf c;
	uint64_t fp;
	struct err e = { .text = "" };

	if (slapd_run_new(&s, drop) != 0)
		skip();
	slapd_run_start(&s);
	c = slapd_run_daemon(&s);
	assert_int_equal(check(&s, &c, NULL, &fp, &e), ERR_UNSUPPORTED);
	if (strstr(e.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, e.text);
	slapd_run_free(&s);
}

static void test_no_syncprov(void **state)
{
	static const char *const drop[] = { "overlay syncprov", "syncprov-",
		NULL };

	(void)state;
	lacks(drop, "overlay syncprov");
}

static void test_no_unique(void **state)
{
	static const char *const drop[] = { "overlay unique", "unique_uri",
		NULL };

	(void)state;
	lacks(drop, "overlay unique with serialize");
}

/* The manager of a server that has never heard of us. */
static void test_no_schema(void **state)
{
	struct slapd_run s;
	struct ldapc_conf c;
	uint64_t fp;
	struct err e = { .text = "" };

	(void)state;
	if (slapd_run_bare(&s) != 0)
		skip();
	slapd_run_start(&s);
	c = slapd_run_manager(&s);
	assert_int_equal(check(&s, &c, NULL, &fp, &e), ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "provostPersonId "
	    "(2.25.66798495518326817641058095357487235460.1.1)"));
	assert_non_null(strstr(e.text, "more: load schema/provost.schema"));
	slapd_run_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_no_syncprov),
		cmocka_unit_test(test_no_unique),
		cmocka_unit_test(test_no_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
