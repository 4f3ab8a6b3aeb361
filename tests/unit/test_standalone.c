/* SPDX-License-Identifier: ISC */
/* A directory of our own: made, kept, supervised, ended. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/child.h"
#include "directory/standalone.h"
#include "link/ldapc.h"

#define SUFFIX "dc=example,dc=com"

static char top[] = "/tmp/provost-unit.XXXXXX";
static struct arena *a;
static struct err e;

static struct standalone_conf conf(const char *name)
{
	return (struct standalone_conf){
		.dir = arena_printf(a, "%s/%s", top, name), .suffix = SUFFIX,
		.ldap_uri = "", .data_dir = PROVOST_SRCDIR, .sample = true };
}

static struct standalone *start(const struct standalone_conf *c)
{
	struct standalone *s = NULL;

	if (standalone_start(c, &s, &e) != 0)
		fail_msg("%s", e.text);
	return s;
}

static struct ldapc *try_open(const struct standalone *s, bool manager)
{
	static const char *uri;
	struct ldapc_conf c = {
		.ca_file = "", .cert_file = "", .key_file = "",
		.bind_dn = standalone_daemon_dn(s),
		.password = standalone_password(s), .sasl_external = manager,
		.connect_timeout = 5 * CLOCK_SECOND,
		.op_timeout = 5 * CLOCK_SECOND };
	struct ldapc *l = NULL;
	size_t first = 0;

	uri = standalone_uri(s);
	c.uris = (struct strv){ &uri, 1, 1 };
	return ldapc_open(&c, &first, &l, &e) == 0 ? l : NULL;
}

static size_t count(struct ldapc *l, const char *base, const char *filter)
{
	const struct ldapc_search q = { .base = base, .scope = SCOPE_SUB,
		.filter = filter };
	struct entry **v;
	size_t n = 0;

	if (ldapc_search_all(l, a, &q, &v, &n, &e) != 0)
		fail_msg("%s", e.text);
	return n;
}

static int mode_of(const char *dir, const char *file)
{
	struct stat st;

	assert_int_equal(stat(arena_printf(a, "%s/%s", dir, file), &st), 0);
	return st.st_mode & 0777;
}

static void fills_and_keeps(void **state)
{
	struct standalone_conf c = conf("keeps");
	struct standalone *s = start(&c);
	struct ldapc *l = try_open(s, true);
	const char *dn = "provostRuleId=kept,ou=rules," SUFFIX;
	struct change *add = change_new(a, CHANGE_ADD, dn);
	struct ldapc_result r;

	(void)state;
	assert_non_null(l);
	assert_int_equal(count(l, "ou=people," SUFFIX,
		"(objectClass=provostUser)"), 25);
	assert_int_equal(count(l, "ou=roles," SUFFIX,
		"(objectClass=provostRoleEntry)"), 10);
	assert_int_equal(mode_of(c.dir, "daemon.password"), 0600);
	assert_int_equal(mode_of(c.dir, "."), 0700);
	add->entry = arena_alloc(a, sizeof(*add->entry));
	entry_add(a, add->entry, "objectClass", "provostRule");
	entry_add(a, add->entry, "provostRuleId", "kept");
	assert_int_equal(ldapc_change(l, a, add, &r, &e), 0);
	ldapc_close(l);
	standalone_stop(s);
	s = start(&c);		/* nothing is loaded a second time */
	l = try_open(s, false);
	assert_non_null(l);
	assert_int_equal(count(l, dn, "(objectClass=*)"), 1);
	ldapc_close(l);
	standalone_stop(s);
}

static void comes_back(void **state)
{
	struct standalone_conf c = conf("back");
	struct standalone *s = start(&c);
	pid_t pid = standalone_pid(s);
	int64_t end = clock_mono() + 20 * CLOCK_SECOND;
	struct ldapc *l = NULL;

	(void)state;
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (l == NULL && clock_mono() < end) {
		usleep(10000);
		if (standalone_pid(s) != pid && standalone_pid(s) != 0)
			l = try_open(s, false);
	}
	assert_non_null(l);
	assert_int_equal(count(l, "ou=people," SUFFIX,
		"(objectClass=provostUser)"), 25);
	ldapc_close(l);
	pid = standalone_pid(s);
	standalone_stop(s);
	assert_int_equal(kill(pid, 0), -1);
}

static void refuses(void **state)
{
	struct standalone_conf c = conf("refuses");
	struct standalone *s = start(&c), *other = NULL;

	(void)state;
	assert_int_equal(standalone_start(&c, &other, &e), ERR_BUSY);
	assert_non_null(strstr(e.text, "in use"));
	standalone_stop(s);
	c = conf(arena_printf(a, "%090d", 1));
	assert_int_equal(standalone_start(&c, &other, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "shorter"));
	c = conf("suffix");
	c.suffix = "o=Example";
	assert_int_equal(standalone_start(&c, &other, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "dc="));
	c = conf("data");
	c.data_dir = "/nowhere";
	assert_int_equal(standalone_start(&c, &other, &e), ERR_NOT_FOUND);
	assert_null(other);
}

/* The daemon is killed: its slapd ends as well, and the next one starts. */
static void dies_with_us(void **state)
{
	struct standalone_conf c = conf("dies");
	struct standalone *s;
	int fd[2], status;
	pid_t us, slapd = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(fd), 0);
	us = fork();
	if (us == 0) {
		s = start(&c);
		slapd = standalone_pid(s);
		if (write(fd[1], &slapd, sizeof(slapd)) != sizeof(slapd))
			_exit(1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(fd[0], &slapd, sizeof(slapd)), sizeof(slapd));
	assert_int_equal(kill(us, SIGKILL), 0);
	assert_int_equal(waitpid(us, &status, 0), us);
	s = start(&c);		/* waits for the old one's end */
	assert_int_not_equal(standalone_pid(s), slapd);
	assert_int_equal(waitpid(slapd, &status, 0), slapd);
	standalone_stop(s);
	close(fd[0]);
	close(fd[1]);
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return child_find(a, "slapd") == NULL || mkdtemp(top) == NULL;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return system(strcat(strcpy((char[64]){ 0 }, "rm -rf "), top));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_keeps),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(refuses),
		cmocka_unit_test(dies_with_us),
	};

	if (access("/usr/sbin/slapd", X_OK) != 0 &&
	    access("/usr/local/sbin/slapd", X_OK) != 0)
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
