/* SPDX-License-Identifier: ISC */
/* Groups of a real directory: members come and go one by one, whoever else is
 * in there stays. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "slapd_run.h"
#include "target/target.h"

#define TOOLS "ou=toolgroups," SLAPD_SUFFIX
#define STAFF "ou=staff," SLAPD_SUFFIX
#define NOBODY "cn=nobody," SLAPD_SUFFIX
#define ANN "0b9b9a3e-0000-4000-8000-000000000001"

static struct slapd_run slapd;
static struct ldapc *ldap;
static struct httpc *http;
static struct arena *a;
static struct target_conf conf;
static struct target_result res;
static bool over, source_down;

/* --- the directory ----------------------------------------------------------- */

static void write_change(const struct change *c)
{
	struct ldapc_result r;
	struct err e;

	if (ldapc_change(ldap, a, c, &r, &e) != 0)
		fail_msg("%s", e.text);
}

/* "attr value" pairs up to NULL. */
static void add(const char *dn, const char *const *pair)
{
	struct change *c = change_new(a, CHANGE_ADD, dn);

	c->entry = arena_alloc(a, sizeof(*c->entry));
	for (; *pair != NULL; pair += 2)
		entry_add(a, c->entry, pair[0], pair[1]);
	write_change(c);
}

static void add_unit(const char *name)
{
	const char *pair[] = { "objectClass", "organizationalUnit", "ou", name,
	    NULL };

	add(arena_printf(a, "ou=%s," SLAPD_SUFFIX, name), pair);
}

static void add_staff(const char *uid, const char *mail)
{
	const char *pair[] = { "objectClass", "inetOrgPerson", "cn", uid, "sn",
	    uid, "uid", uid, "mail", mail, NULL };

	add(arena_printf(a, "cn=%s," STAFF, uid), pair);
}

static void add_group(const char *name, const char *member)
{
	const char *pair[] = { "objectClass", "groupOfNames", "cn", name,
	    "member", member, NULL };

	add(arena_printf(a, "cn=%s," TOOLS, name), pair);
}

static void modify(const char *dn, enum mod_op op, const char *attr,
    const char *value)
{
	struct change *c = change_new(a, CHANGE_MODIFY, dn);

	change_set(a, c, op, attr, value);
	write_change(c);
}

/* The members of a group, sorted, their first values only: "ann nobody"; "-":
 * there is no such group. */
static const char *members_as(const char *group, const char *attr)
{
	struct ldapc_search s = { .base = arena_printf(a, "cn=%s," TOOLS,
	    group), .scope = SCOPE_BASE, .filter = "(objectClass=*)" };
	struct entry **found;
	struct strv list;
	const char *out = "";
	size_t n, i;

	if (ldapc_search_all(ldap, a, &s, &found, &n, NULL) != 0 || n != 1)
		return "-";
	list = entry_list(a, found[0], attr);
	strv_sort(&list);
	for (i = 0; i < list.n; i++)
		out = arena_printf(a, "%s%s%.*s", out, i != 0 ? " " : "",
		    (int)strcspn(list.v[i] + 3, ","), list.v[i] + 3);
	return out;
}

static const char *members(const char *group)
{
	return members_as(group, "member");
}

/* --- the target ---------------------------------------------------------------- */

static int tools(void *ctx, struct arena *to, const char *target,
    struct strv *out, struct err *e)
{
	(void)ctx;
	(void)target;
	if (source_down)
		return err_set(e, ERR_RETRY, "the view cannot be read");
	strv_add(to, out, "wan");
	strv_add(to, out, "wan-analysis");
	return 0;
}

static const struct target_source source = { NULL, NULL, tools };

static void done(void *arg, const struct target_result *r)
{
	(void)arg;
	over = true;
	res = *r;
}

static int apply_with(struct target *t, const struct target_person *p,
    const struct action *act)
{
	over = false;
	t->kind->apply(t, p, act, done, NULL);
	while (!over)
		httpc_drive(http, CLOCK_SECOND);
	return res.code;
}

static struct target *open_target(void)
{
	struct target *t;
	struct err e;

	if (target_open(&conf, http, &t, &e) != 0)
		fail_msg("%s", e.text);
	return t;
}

/* accounts: words, spaces between; NULL: the tool is taken away. */
static int apply(const char *uid, const char *tool, const char *accounts,
    const char *remote_id)
{
	const struct target_person p = { .id = ANN, .uid = uid, .mail =
	    arena_printf(a, "%s@example.com", uid), .exists = *uid != '\0' };
	struct action act = { .kind = accounts != NULL ? ACTION_PUT :
	    ACTION_REMOVE, .target = "groups", .tool = tool,
	    .remote_id = remote_id };
	struct target *t = open_target();
	const char *word[8];
	int i, n = accounts != NULL && *accounts != '\0' ?
	    str_words(a, accounts, word, 8) : 0;

	for (i = 0; i < n; i++)
		strv_add(a, &act.accounts, word[i]);
	apply_with(t, &p, &act);
	target_close(t);
	return res.code;
}

static int put(const char *uid, const char *tool, const char *accounts)
{
	return apply(uid, tool, accounts, "-");
}

/* --- who holds what ------------------------------------------------------------- */

static struct strv told;
static int list_code;

static bool each(void *ctx, const struct target_account *acc)
{
	char *line = arena_printf(a, "%.*s=%s", (int)strcspn(acc->name, ","),
	    acc->name, acc->key);
	size_t i, j;

	(void)ctx;
	for (i = 0; i < acc->n; i++) {
		line = arena_printf(a, "%s/%s", line, acc->held[i].tool);
		for (j = 0; j < acc->held[i].accounts.n; j++)
			line = arena_printf(a, "%s:%s", line,
			    acc->held[i].accounts.v[j]);
	}
	strv_add(a, &told, line);
	return true;
}

static void listed(void *ctx, int code, const struct err *e)
{
	(void)ctx;
	over = true;
	list_code = code;
	res.err = *e;
}

/* All accounts in order, "|" between. */
static const char *list(void)
{
	struct target_lister l = { .each = each, .done = listed };
	struct target *t = open_target();
	const char *out = "";
	size_t i;

	strv_add(a, &l.tools, "wan");
	strv_add(a, &l.tools, "wan-analysis");
	told = (struct strv){ 0 };
	over = false;
	t->kind->list(t, &l);
	while (!over)
		httpc_drive(http, CLOCK_SECOND);
	target_close(t);
	strv_sort(&told);
	for (i = 0; i < told.n; i++)
		out = arena_printf(a, "%s%s%s", out, i != 0 ? "|" : "",
		    told.v[i]);
	return out;
}

static void test_list(void **state)
{
	(void)state;
	assert_string_equal(list(), "");
	assert_int_equal(list_code, 0);
	assert_int_equal(put("ann", "wan", "1 2"), 0);
	assert_int_equal(put("bob", "wan-analysis", "7"), 0);
	assert_int_equal(put("ann", "wan-analysis", ""), 0);
	add_group("lan", "cn=ann," STAFF);
	modify("cn=wan," TOOLS, MOD_ADD, "member", "cn=stranger,dc=x");
	assert_string_equal(list(), "cn=ann=ann/wan:1:2/wan-analysis|"
	    "cn=bob=bob/wan-analysis:7|cn=stranger=/wan");
	assert_int_equal(list_code, 0);
	conf.person = "mail={mail}";
	assert_non_null(strstr(list(), "cn=ann=ann@example.com/wan"));
	conf.people = "ou=nowhere," SLAPD_SUFFIX;
	list();
	assert_int_equal(list_code, ERR_STOP);
}

/* An account that is nobody's loses what it held of the tool. */
static void test_stranger(void **state)
{
	const struct target_person nobody = { .id = "", .uid = "",
	    .mail = "" };
	const struct action act = { .kind = ACTION_REMOVE, .tool = "wan",
	    .remote_id = "cn=stranger,dc=x" };
	struct target *t = open_target();

	(void)state;
	add_group("wan", "cn=stranger,dc=x");
	add_group("wan-1", "cn=stranger,dc=x");
	add_group("wan-analysis", "cn=stranger,dc=x");
	assert_int_equal(apply_with(t, &nobody, &act), 0);
	assert_string_equal(members("wan"), "nobody");
	assert_string_equal(members("wan-1"), "nobody");
	assert_string_equal(members("wan-analysis"), "stranger");
	target_close(t);
}

/* A server that gives no more than so many entries gives no list. */
static void test_cut_off(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	int i;

	(void)state;
	for (i = 0; i < 6; i++)
		add_group(arena_printf(a, "wan-%d", i), "cn=ann," STAFF);
	assert_string_equal(list(), "cn=ann=ann/wan:0:1:2:3:4:5");
	conf.bind_dn = "cn=reader," SLAPD_SUFFIX;
	conf.token = c.password;
	list();
	assert_int_equal(list_code, ERR_RETRY);
	assert_non_null(strstr(res.err.text, "limit exceeded"));
}

/* --- fixtures ------------------------------------------------------------------- */

/* One more schema, and somebody who gets five entries at most. */
static void allow_nis(void)
{
	char path[128], line[512];
	FILE *in, *out;

	snprintf(path, sizeof(path), "%s/slapd.conf", slapd.dir);
	in = fopen(path, "r");
	assert_int_equal(unlink(path), 0);
	out = fopen(path, "w");
	assert_true(in != NULL && out != NULL);
	while (fgets(line, sizeof(line), in) != NULL) {
		fputs(line, out);
		if (strstr(line, "inetorgperson.schema") != NULL)
			fprintf(out, "%.*snis.schema\"\n", (int)(strstr(line,
			    "inetorgperson") - line), line);
		if (str_starts(line, "limits dn.exact=\"cn=provostd,"))
			fprintf(out, "limits dn.exact=\"cn=reader,"
			    SLAPD_SUFFIX "\" size=5\naccess to *\n\tby "
			    "dn.exact=\"cn=reader," SLAPD_SUFFIX "\" read\n"
			    "\tby * break\n");
	}
	fclose(in);
	fclose(out);
}

static void add_reader(void)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	const char *pair[] = { "objectClass", "applicationProcess",
	    "objectClass", "simpleSecurityObject", "cn", "reader",
	    "userPassword", c.password, NULL };

	add("cn=reader," SLAPD_SUFFIX, pair);
}

static int group_setup(void **state)
{
	struct ldapc_conf c;
	size_t start = 0;
	int rc;

	(void)state;
	if ((rc = slapd_run_new(&slapd, NULL)) != 0)
		return rc;
	allow_nis();
	slapd_run_tcp(&slapd);
	slapd_run_start(&slapd);
	c = slapd_run_manager(&slapd);
	a = arena_new();
	if (ldapc_open(&c, &start, &ldap, NULL) != 0 ||
	    httpc_open(2, &http, NULL) != 0)
		return -1;
	add_unit("toolgroups");
	add_unit("staff");
	add_staff("ann", "ann@example.com");
	add_staff("bob", "bob@example.com");
	add_staff("b*b", "star@example.com");
	add_reader();
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	httpc_close(http);
	ldapc_close(ldap);
	arena_free(a);
	slapd_run_free(&slapd);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	source_down = false;
	conf = (struct target_conf){ .name = "groups", .kind = "ldapgroup",
	    .url = slapd.uri, .group_dn = "cn={tool}," TOOLS,
	    .account_dn = "cn={tool}-{account}," TOOLS, .people = STAFF,
	    .placeholder = NOBODY, .create = true, .source = &source };
	return 0;
}

static int teardown(void **state)
{
	struct ldapc_search s = { .base = TOOLS, .scope = SCOPE_ONE,
	    .filter = "(objectClass=*)" };
	struct entry **found;
	size_t n, i;

	(void)state;
	assert_int_equal(ldapc_search_all(ldap, a, &s, &found, &n, NULL), 0);
	for (i = 0; i < n; i++)
		write_change(change_new(a, CHANGE_DELETE, found[i]->dn));
	return 0;
}

/* --- tests ----------------------------------------------------------------------- */

static void test_accounts(void **state)
{
	(void)state;
	assert_int_equal(put("ann", "wan", "1 2"), 0);
	assert_string_equal(res.remote_id, "cn=ann," STAFF);
	assert_string_equal(members("wan"), "ann nobody");
	assert_string_equal(members("wan-1"), "ann nobody");
	assert_string_equal(members("wan-2"), "ann nobody");
	assert_int_equal(put("bob", "wan", "2"), 0);
	assert_string_equal(members("wan-2"), "ann bob nobody");
	/* Exactly these from now on; and again, which changes nothing. */
	assert_int_equal(put("ann", "wan", "2 3"), 0);
	assert_int_equal(put("ann", "wan", "2 3"), 0);
	assert_string_equal(members("wan"), "ann bob nobody");
	assert_string_equal(members("wan-1"), "nobody");
	assert_string_equal(members("wan-3"), "ann nobody");
	assert_int_equal(put("ann", "wan", NULL), 0);
	assert_int_equal(put("ann", "wan", NULL), 0);
	assert_string_equal(res.remote_id, "-");
	assert_string_equal(members("wan"), "bob nobody");
	assert_string_equal(members("wan-2"), "bob nobody");
	assert_string_equal(members("wan-3"), "nobody");
}

/* Who was put there by somebody else is not ours to take out, nor is the group
 * of another tool whose name begins alike. */
static void test_others(void **state)
{
	(void)state;
	add_group("wan", "cn=bob," STAFF);
	add_group("wan-analysis", "cn=ann," STAFF);
	add_group("wan-analysis-7", "cn=ann," STAFF);
	add_group("something", "cn=ann," STAFF);
	assert_int_equal(put("ann", "wan", ""), 0);
	assert_string_equal(members("wan"), "ann bob");
	assert_int_equal(put("ann", "wan", NULL), 0);
	assert_string_equal(members("wan"), "bob");
	assert_string_equal(members("wan-analysis"), "ann");
	assert_string_equal(members("wan-analysis-7"), "ann");
	assert_string_equal(members("something"), "ann");
	assert_int_equal(put("ann", "wan-analysis", NULL), 0);
	assert_string_equal(members("wan-analysis"), "nobody");
	assert_string_equal(members("wan-analysis-7"), "nobody");
	assert_string_equal(members("something"), "ann");
	/* Without knowing the tools nothing is done. */
	source_down = true;
	assert_int_equal(put("bob", "wan", NULL), ERR_RETRY);
	assert_string_equal(members("wan"), "bob");
}

static void test_missing_group(void **state)
{
	(void)state;
	conf.create = false;
	conf.placeholder = "";
	assert_int_equal(put("ann", "wan", "1"), ERR_ITEM_BAD);
	assert_non_null(strstr(res.err.text, "cn=wan," TOOLS));
	assert_non_null(strstr(res.err.text, "create = true"));
	/* The last member leaves, and there is no placeholder. */
	add_group("wan", "cn=ann," STAFF);
	assert_int_equal(put("ann", "wan", NULL), ERR_ITEM_BAD);
	assert_non_null(strstr(res.err.text, "placeholder"));
	assert_string_equal(members("wan"), "ann");
	/* Nothing to take away is no error. */
	assert_int_equal(put("bob", "wan", NULL), 0);
}

/* Found by another attribute; gone, known by the receipt alone; renamed. */
static void test_person(void **state)
{
	(void)state;
	conf.person = "mail={mail}";
	conf.account_dn = "";
	assert_int_equal(put("ann", "wan", "1"), 0);
	assert_string_equal(members("wan"), "ann nobody");
	assert_string_equal(members("wan-1"), "-");
	assert_int_equal(put("carl", "wan", ""), ERR_RETRY);
	assert_non_null(strstr(res.err.text, "mail=carl@example.com"));
	assert_int_equal(apply("carl", "wan", NULL, "cn=ann," STAFF), 0);
	assert_string_equal(members("wan"), "nobody");
	conf.person = "uid={uid}";
	assert_int_equal(put("bob", "wan", ""), 0);
	assert_int_equal(apply("ann", "wan", "", "cn=bob," STAFF), 0);
	assert_string_equal(members("wan"), "ann nobody");
	/* Two entries for one person. */
	modify("cn=bob," STAFF, MOD_ADD, "uid", "ann");
	assert_int_equal(put("ann", "wan", ""), ERR_ITEM_BAD);
	assert_non_null(strstr(res.err.text, "several entries"));
	modify("cn=bob," STAFF, MOD_DELETE, "uid", "ann");
	/* A star finds nobody but who is called so. */
	assert_int_equal(put("b*b", "wan", ""), 0);
	assert_string_equal(members("wan"), "ann b*b nobody");
	assert_int_equal(put("", "wan", ""), ERR_ITEM_BAD);
}

/* What a directory must quote in a name arrives as it is. */
static void test_names(void **state)
{
	(void)state;
	assert_int_equal(put("ann", "a, b", "x+1"), 0);
	assert_string_equal(members("a\\2C b"), "ann nobody");
	assert_string_equal(members("a\\2C b-x\\2B1"), "ann nobody");
	assert_int_equal(put("ann", "a, b", ""), 0);
	assert_string_equal(members("a\\2C b-x\\2B1"), "nobody");
	assert_string_equal(members("a\\2C b"), "ann nobody");
}

static void test_posix(void **state)
{
	const char *group[] = { "objectClass", "posixGroup", "cn", "wan",
	    "gidNumber", "7", "memberUid", "uid=root", NULL };
	struct target *t;
	struct err e;

	(void)state;
	conf.people = "";
	conf.member = "memberUid";
	conf.group_class = "posixGroup";
	conf.account_dn = "";
	assert_int_equal(target_open(&conf, http, &t, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "gidNumber"));
	conf.create = false;
	add("cn=wan," TOOLS, group);
	assert_int_equal(put("zoe", "wan", ""), 0);
	assert_string_equal(res.remote_id, "zoe");
	assert_string_equal(members_as("wan", "memberUid"), "=root ");
	assert_int_equal(apply("", "wan", NULL, "zoe"), 0);
	assert_string_equal(members_as("wan", "memberUid"), "=root");
}

static void test_down(void **state)
{
	const struct target_person p = { .id = ANN, .uid = "ann", .mail = "",
	    .exists = true };
	const struct action act = { .kind = ACTION_PUT, .tool = "wan",
	    .remote_id = "-" };
	struct target *t = open_target();
	struct ldapc_conf c = slapd_run_manager(&slapd);
	size_t start = 0;

	(void)state;
	assert_int_equal(apply_with(t, &p, &act), 0);
	slapd_run_stop(&slapd, SIGTERM);
	assert_int_equal(apply_with(t, &p, &act), ERR_TARGET_DOWN);
	slapd_run_start(&slapd);
	ldapc_close(ldap);
	assert_int_equal(ldapc_open(&c, &start, &ldap, NULL), 0);
	assert_int_equal(apply_with(t, &p, &act), 0);
	/* A connection that went away while nothing was asked. */
	slapd_run_stop(&slapd, SIGTERM);
	slapd_run_start(&slapd);
	ldapc_close(ldap);
	assert_int_equal(ldapc_open(&c, &start, &ldap, NULL), 0);
	assert_int_equal(apply_with(t, &p, &act), 0);
	target_close(t);
}

static void test_refused(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);

	(void)state;
	conf.bind_dn = c.bind_dn;
	conf.token = "wrong";
	assert_int_equal(put("ann", "wan", ""), ERR_STOP);
	/* Signed in, but not allowed to make groups there. */
	conf.token = c.password;
	conf.group_dn = "cn={tool}," SLAPD_SUFFIX;
	assert_int_equal(put("ann", "wan", ""), ERR_STOP);
	conf.people = "ou=nowhere," SLAPD_SUFFIX;
	assert_int_equal(put("ann", "wan", ""), ERR_STOP);
}

/* Closed while something waits: everything is told. */
static void test_stop(void **state)
{
	const struct target_person p = { .id = ANN, .uid = "ann", .mail = "",
	    .exists = true };
	const struct action act = { .kind = ACTION_PUT, .tool = "wan",
	    .remote_id = "-" };
	struct target *t = open_target();

	(void)state;
	slapd_run_signal(&slapd, SIGSTOP);
	over = false;
	t->kind->apply(t, &p, &act, done, NULL);
	slapd_run_signal(&slapd, SIGCONT);
	t->kind->stop(t);
	assert_true(over);
	target_close(t);
}

static void check_bad(const char *text)
{
	struct target *t;
	struct err e;

	assert_int_equal(target_open(&conf, http, &t, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "target groups"));
	if (strstr(e.text, text) == NULL)
		fail_msg("no \"%s\" in: %s", text, e.text);
	setup(NULL);
}

static void test_settings(void **state)
{
	(void)state;
	conf.url = "";
	check_bad("url");
	conf.url = slapd.plain;
	check_bad("insecure");
	conf.url = "ldapi:/// http://x";
	check_bad("url");
	conf.group_dn = "cn=x," TOOLS;
	check_bad("group_dn");
	conf.group_dn = "cn={tool},ou={tool}," SLAPD_SUFFIX;
	check_bad("group_dn");
	conf.group_dn = "no dn";
	check_bad("group_dn");
	conf.account_dn = "cn={tool}," TOOLS;
	check_bad("{account}");
	conf.person = "uid=ann";
	check_bad("person");
	conf.person = "(uid={uid}";
	check_bad("person");
	conf.people = "no dn";
	check_bad("people");
	conf.placeholder = "no dn";
	check_bad("placeholder");
	conf.url = slapd.plain;
	conf.insecure = true;
	conf.bind_dn = SLAPD_DAEMON;
	conf.token = slapd_run_daemon(&slapd).password;
	assert_int_equal(put("ann", "wan", ""), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(test_accounts),
	    CASE(test_others), CASE(test_missing_group), CASE(test_person),
	    CASE(test_names), CASE(test_posix), CASE(test_down),
	    CASE(test_refused), CASE(test_stop), CASE(test_settings),
	    CASE(test_list), CASE(test_stranger), CASE(test_cut_off) };

	if (access("/usr/sbin/slapd", X_OK) != 0)
		return 77;
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
