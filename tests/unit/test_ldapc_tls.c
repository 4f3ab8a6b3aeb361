/* SPDX-License-Identifier: ISC */
/* ldaps:// and StartTLS against a private slapd: the certificate is checked,
 * and where TLS was asked for nothing is sent without (FAULTS L11). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "slapd_run.h"

static struct slapd_run tls, bare;
static char why[512];

static int try(const char *uri, bool starttls, const char *ca)
{
	struct ldapc_conf c = slapd_run_daemon(&tls);
	struct ldapc *l = NULL;
	struct err e = { .text = "" };
	size_t at = 0;
	int rc;

	c.uris = (struct strv){ &uri, 1, 1 };
	c.starttls = starttls;
	c.ca_file = ca;
	rc = ldapc_open(&c, &at, &l, &e);
	assert_true((rc == 0) == (l != NULL));
	assert_true(rc == 0 || strstr(e.text, uri) != NULL);
	ldapc_close(l);
	strcpy(why, e.text);
	return rc;
}

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(try(tls.plain, true, tls.cert), 0);
	assert_int_equal(try(tls.tls, false, tls.cert), 0);
	assert_int_equal(try(tls.tls, true, tls.cert), 0);
	assert_int_equal(try(tls.uri, true, ""), 0);
}

static void test_other_certificate(void **state)
{
	(void)state;
	assert_int_equal(try(tls.plain, true, tls.other), ERR_BUSY);
	assert_int_equal(try(tls.tls, false, tls.other), ERR_BUSY);
	assert_int_equal(try(tls.plain, true, "/nonexistent"), ERR_INVALID);
}

static void test_no_tls_there(void **state)
{
	(void)state;
	/* It knows nobody, but the bind gets through in clear: */
	assert_int_equal(try(bare.plain, false, ""), ERR_DENIED);
	/* It has no certificate: no bind is tried. */
	assert_int_equal(try(bare.plain, true, tls.cert), ERR_DENIED);
	assert_non_null(strstr(why, "StartTLS refused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_other_certificate),
		cmocka_unit_test(test_no_tls_there),
	};
	int rc;

	if (slapd_run_new(&tls, NULL) != 0 || slapd_run_bare(&bare) != 0)
		return 77;
	if (slapd_run_tls(&tls) != 0) {
		slapd_run_free(&tls);
		slapd_run_free(&bare);
		return 77;
	}
	slapd_run_tcp(&bare);
	slapd_run_start(&tls);
	slapd_run_start(&bare);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	slapd_run_free(&tls);
	slapd_run_free(&bare);
	return rc;
}
