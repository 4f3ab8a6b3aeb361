/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "config/config.h"

static char path[64];

static void put(const char *text)
{
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/test_config.%d", (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

#define GOOD "directory: { suffix = \"dc=x\"; uris = [ \"ldapi:///\" ]; };\n"

static int load(const char *text, struct config **c, struct err *e)
{
	int rc;

	put(text);
	rc = config_load(path, NULL, 0, c, e);
	unlink(path);
	return rc;
}

static void test_good(void **state)
{
	struct config *c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(load(GOOD "view: { size = \"64MiB\"; };\n"
	    "http: { idle_timeout = \"5s\"; threads = 2; };\n"
	    "log: { level = \"debug\"; };\nguard: { share = \"7%\"; };\n"
	    "targets: { t-1: { kind = \"null\"; }; };\n", &c, &e), 0);
	assert_string_equal(c->suffix, "dc=x");
	assert_int_equal(c->view_size, 64 << 20);
	assert_int_equal(c->idle_timeout, 5 * CLOCK_SECOND);
	assert_int_equal(c->log_level, LOG_DEBUG_);
	assert_int_equal(c->guard_share, 70);
	assert_int_equal(c->n_targets, 1);
	assert_string_equal(c->target[0].name, "t-1");
	assert_int_equal(c->target[0].timeout, 10 * CLOCK_SECOND);
	config_free(c);
}

/* Every fault names its place and what would be right. */
static void test_bad(void **state)
{
	static const struct {
		const char *text, *says;
	} row[] = {
		{ "view: { size = \"64MiB\"; };", "directory.suffix is missing" },
		{ GOOD "view: { sise = \"1GiB\"; };", ":2: there is no setting \"view.sise\"" },
		{ GOOD "view: { size = \"1 GiB\"; };", "a size like 64MiB" },
		{ GOOD "view: { size = \"1KiB\"; };", "out of range" },
		{ GOOD "view: { size = \"9999999999TiB\"; };", "a size like" },
		{ GOOD "log: { level = \"loud\"; };", "none of: error warning" },
		{ GOOD "http: { threads = \"many\"; };", "not an integer" },
		{ GOOD "http: { cert_file = \"/nonexistent/x\"; };", "cannot read /nonexistent/x" },
		{ GOOD "targets: { t: { url = \"x\"; }; };", "targets.t.kind is missing" },
		{ GOOD "targets: { t: { kind = \"null\"; odd = 1; }; };", "targets.t.odd" },
		{ GOOD "targets: { t: { kind = \"mail\"; }; };", "section of its own" },
		{ GOOD "targets: { mail: { kind = \"null\"; }; };", "section of its own" },
		{ GOOD "view = 3;", "view" },
		{ "directory: {", "syntax error" },
	};
	struct config *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(load(row[i].text, &c, &e), ERR_INVALID);
		if (strstr(e.text, row[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text,
			    row[i].says);
	}
}

static void test_override(void **state)
{
	static const char *const over[] = { "directory.suffix=dc=a,dc=b",
	    "directory.uris=ldapi://%2Ftmp", "http.listen=127.0.0.1:0" };
	static const char *const wrong[] = { "http.listen" };
	struct config *c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_load(NULL, over, 3, &c, &e), 0);
	assert_string_equal(c->suffix, "dc=a,dc=b");
	assert_string_equal(c->ldap.uris.v[0], "ldapi://%2Ftmp");
	config_free(c);
	assert_int_equal(config_load(NULL, wrong, 1, &c, &e), ERR_INVALID);
}

/* Secrets come from files, are never printed, and an empty one is an error. */
static void test_secret(void **state)
{
	char name[80], text[400];
	struct config *c;
	struct err e = { 0 };
	struct buf out;
	FILE *f;

	(void)state;
	snprintf(name, sizeof(name), "/tmp/test_config.%d.s", (int)getpid());
	f = fopen(name, "w");
	fputs("hunter2\n", f);
	fclose(f);
	snprintf(text, sizeof(text), GOOD "targets: { t: { kind = \"scim\"; "
	    "url = \"https://x\"; token_file = \"%s\"; }; };", name);
	assert_int_equal(load(text, &c, &e), 0);
	assert_string_equal(c->target[0].token, "hunter2");
	buf_init(&out, 1 << 20);
	config_print(&out, c);
	assert_null(strstr(buf_str(&out), "hunter2"));
	assert_non_null(strstr(buf_str(&out), "targets.t.kind = \"scim\""));
	buf_fini(&out);
	config_free(c);
	fclose(fopen(name, "w"));
	assert_int_equal(load(text, &c, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "is empty"));
	unlink(name);
}

/* A secret as systemd hands it over. */
static void test_credential(void **state)
{
#define TARGET(which) GOOD "targets: { t: { kind = \"scim\"; url = " \
	"\"https://x\"; token_file = \"credential:" which "\"; }; };"
	char dir[] = "/tmp/test_config.XXXXXX", name[64];
	struct config *c;
	struct err e = { 0 };
	FILE *f;

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(load(TARGET("wan"), &c, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "LoadCredential=wan:FILE"));
	assert_non_null(mkdtemp(dir));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_int_equal(load(TARGET("wan"), &c, &e), ERR_INVALID);
	snprintf(name, sizeof(name), "%s/wan", dir);
	f = fopen(name, "w");
	fputs("hunter3\n", f);
	fclose(f);
	assert_int_equal(load(TARGET("wan"), &c, &e), 0);
	assert_string_equal(c->target[0].token, "hunter3");
	config_free(c);
	assert_int_equal(load(TARGET("../wan"), &c, &e), ERR_INVALID);
	assert_int_equal(load(TARGET("a/wan"), &c, &e), ERR_INVALID);
	assert_int_equal(load(TARGET(""), &c, &e), ERR_INVALID);
	unlink(name);
	rmdir(dir);
	unsetenv("CREDENTIALS_DIRECTORY");
#undef TARGET
}

/* Mail is the last target; its password is in no print. */
static void test_mail(void **state)
{
	char name[] = "/tmp/provost-config-XXXXXX", text[1024];
	int fd = mkstemp(name);
	struct config *c;
	struct err e = { 0 };
	struct buf out;

	(void)state;
	assert_true(fd >= 0 && write(fd, "hunter2\n", 8) == 8);
	close(fd);
	snprintf(text, sizeof(text), GOOD "targets: { t: { kind = \"null\"; }; "
	    "};\nmail: { url = \"smtp://x\"; user = \"u\"; rate = 5; "
	    "password_file = \"%s\"; };", name);
	if (load(text, &c, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(c->n_targets, 2);
	assert_string_equal(c->target[1].name, "mail");
	assert_string_equal(c->target[1].kind, "mail");
	assert_string_equal(c->target[1].token, "hunter2");
	assert_string_equal(c->target[1].from_name, "Provost");
	assert_int_equal(c->target[1].rate, 5);
	buf_init(&out, 1 << 20);
	config_print(&out, c);
	assert_null(strstr(buf_str(&out), "hunter2"));
	assert_null(strstr(buf_str(&out), "targets.mail"));
	assert_non_null(strstr(buf_str(&out), "mail.url = \"smtp://x\""));
	buf_fini(&out);
	config_free(c);
	unlink(name);
}

static void test_restart(void **state)
{
	struct config *x, *y;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(load(GOOD, &x, &e), 0);
	assert_int_equal(load(GOOD "log: { level = \"debug\"; };", &y, &e), 0);
	assert_null(config_needs_restart(x, y));
	config_free(y);
	assert_int_equal(load(GOOD "http: { listen = \"[::1]:1\"; };", &y, &e),
	    0);
	assert_string_equal(config_needs_restart(x, y), "http.listen");
	config_free(x);
	config_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_credential),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
