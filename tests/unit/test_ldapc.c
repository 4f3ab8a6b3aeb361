/* SPDX-License-Identifier: ISC */
/* Against a private slapd: requests, controls, sync messages, failures. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "slapd_run.h"
#include "arena_fixture.h"

static struct slapd_run slapd;
static struct err e;

static struct ldapc *open_conf(const struct ldapc_conf *c)
{
	struct ldapc *l = NULL;
	size_t start = 0;

	if (ldapc_open(c, &start, &l, &e) != 0)
		fail_msg("%s", e.text);
	return l;
}

static struct ldapc *open_daemon(void)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);

	return open_conf(&c);
}

static const char *person_dn(const char *id)
{
	return arena_printf(a, "provostPersonId=%s,%s", id, SLAPD_PEOPLE);
}

static struct change *person(const char *id)
{
	struct change *c = change_new(a, CHANGE_ADD, person_dn(id));

	if (c->entry == NULL)
		c->entry = arena_alloc(a, sizeof(*c->entry));
	entry_add(a, c->entry, "objectClass", "inetOrgPerson");
	entry_add(a, c->entry, "objectClass", "provostUser");
	entry_add(a, c->entry, "provostPersonId", id);
	entry_add(a, c->entry, "uid", id);
	entry_add(a, c->entry, "cn", id);
	entry_add(a, c->entry, "sn", "Person");
	entry_add(a, c->entry, "provostState", "active");
	return c;
}

static struct change *title(const char *id, const char *value)
{
	struct change *c = change_new(a, CHANGE_MODIFY, person_dn(id));

	change_set(a, c, MOD_REPLACE, "title", value);
	return c;
}

static struct ldapc_result must(struct ldapc *l, const struct change *c)
{
	struct ldapc_result r;

	if (ldapc_change(l, a, c, &r, &e) != 0)
		fail_msg("%s", e.text);
	return r;
}

static struct entry *get(struct ldapc *l, const char *dn)
{
	struct ldapc_search s = { .base = dn, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)" };
	struct entry **en;
	size_t n;

	if (ldapc_search_all(l, a, &s, &en, &n, &e) != 0)
		return NULL;
	return n == 1 ? en[0] : NULL;
}

/* --- opening ------------------------------------------------------------ */
static void test_open_refusals(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	const char *bad[] = { "ldapi://%2Fnonexistent%2Fldapi", slapd.uri };
	struct ldapc *l = NULL;
	size_t start = 0;

	(void)state;
	c.password = "wrong";
	assert_int_equal(ldapc_open(&c, &start, &l, &e), ERR_DENIED);
	c.password = "";
	assert_int_equal(ldapc_open(&c, &start, &l, &e), ERR_INVALID);
	c = slapd_run_daemon(&slapd);
	c.uris = (struct strv){ bad, 1, 1 };
	assert_int_equal(ldapc_open(&c, &start, &l, &e), ERR_BUSY);
	assert_non_null(strstr(e.text, "nonexistent"));
	c.uris.n = 2;
	l = open_conf(&c);
	assert_string_equal(ldapc_uri(l), slapd.uri);
	ldapc_close(l);
	bad[0] = "gopher://x";
	assert_int_equal(ldapc_open(&c, &start, &l, &e), ERR_INVALID);
	ldapc_close(NULL);
}

static void test_starttls_never_falls_back(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	const char *uri[] = { "ldap://127.0.0.1:1" };
	struct ldapc *l = NULL;
	size_t start = 0;

	(void)state;
	c.uris = (struct strv){ uri, 1, 1 };
	c.starttls = true;
	assert_int_equal(ldapc_open(&c, &start, &l, &e), ERR_BUSY);
	assert_null(l);
}

/* Is this the password of dn? What the policy says is in policy. */
static enum ldapc_policy policy;

static int open_as(const char *dn, const char *password)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	struct ldapc *l = NULL;
	size_t start = 0;
	int rc = ldapc_open_as(&c, &start, dn, password, &l, &policy, &e);

	assert_true((rc == 0) == (l != NULL));
	ldapc_close(l);
	return rc;
}

static void test_open_as(void **state)
{
	const char *uri[] = { "ldap://127.0.0.1:1" };
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	struct ldapc *l = open_daemon(), *own = NULL;
	struct change *p = person("pw");
	size_t start = 0;
	int64_t locked;
	int i;

	(void)state;
	entry_add(a, p->entry, "userPassword", "a long enough one");
	must(l, p);
	assert_int_equal(open_as(p->dn, "a long enough one"), 0);
	assert_int_equal(open_as(p->dn, ""), ERR_DENIED);
	for (i = 0; i < 10; i++) {
		assert_int_equal(open_as(p->dn, "wrong"), ERR_DENIED);
		assert_int_equal(policy, POLICY_NONE);
	}
	/*
	 * slapd writes the lock with gettimeofday's second and compares with
	 * time's, which begins a tick later: till then it is no lock.
	 */
	locked = clock_now() / CLOCK_SECOND;
	while (time(NULL) < locked)
		usleep(1000);
	assert_int_equal(open_as(p->dn, "a long enough one"), ERR_DENIED);
	assert_int_equal(policy, POLICY_LOCKED);
	/* V11: an administrator's new password unlocks, and must be changed. */
	p = change_new(a, CHANGE_MODIFY, p->dn);
	change_set(a, p, MOD_REPLACE, "userPassword", "a temporary one");
	change_set(a, p, MOD_REPLACE, "pwdReset", "TRUE");
	must(l, p);
	assert_int_equal(open_as(p->dn, "a temporary one"), 0);
	assert_int_equal(policy, POLICY_MUST_CHANGE);
	must(l, change_new(a, CHANGE_DELETE, p->dn));
	assert_int_equal(open_as(p->dn, "a temporary one"), ERR_DENIED);
	c.uris = (struct strv){ uri, 1, 1 };
	assert_int_equal(ldapc_open_as(&c, &start, p->dn, "x", &own, &policy,
	    &e), ERR_BUSY);
	ldapc_close(l);
}

static void test_passwd(void **state)
{
	struct ldapc_conf c = slapd_run_manager(&slapd);
	struct ldapc *l = open_conf(&c);
	struct ldapc_result r;
	int msgid;

	(void)state;
	must(l, person("pm"));
	assert_int_equal(ldapc_send_passwd(l, person_dn("pm"), NULL,
	    "chosen by an admin", &msgid, &e), 0);
	assert_int_equal(ldapc_next(l, a, msgid, 5 * CLOCK_SECOND, &r, &e), 0);
	assert_int_equal(r.kind, LDAPC_DONE);
	assert_int_equal(ldapc_error(&r, "passwd", &e), 0);
	assert_null(r.password);
	assert_int_equal(open_as(person_dn("pm"), "chosen by an admin"), 0);
	assert_int_equal(ldapc_send_passwd(l, person_dn("pm"), NULL, NULL,
	    &msgid, &e), 0);
	assert_int_equal(ldapc_next(l, a, msgid, 5 * CLOCK_SECOND, &r, &e), 0);
	assert_int_equal(ldapc_error(&r, "passwd", &e), 0);
	assert_non_null(r.password);
	assert_int_equal(open_as(person_dn("pm"), r.password), 0);
	must(l, change_new(a, CHANGE_DELETE, person_dn("pm")));
	ldapc_close(l);
}

/* Their own, on their own connection: the policy counts (V11). */
static void test_own_passwd(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	struct ldapc *l = open_daemon(), *own = NULL;
	struct change *p = person("po");
	struct ldapc_result r;
	size_t start = 0;

	(void)state;
	entry_add(a, p->entry, "userPassword", "the first of them");
	entry_add(a, p->entry, "pwdReset", "TRUE");
	must(l, p);
	assert_int_equal(ldapc_open_as(&c, &start, p->dn, "the first of them",
	    &own, &policy, &e), 0);
	assert_int_equal(policy, POLICY_MUST_CHANGE);
	assert_int_equal(ldapc_passwd(own, a, "the first of them", "short", &r,
	    &e), ERR_INVALID);
	assert_int_equal(r.policy, POLICY_TOO_SHORT);
	assert_int_not_equal(ldapc_passwd(own, a, "not the first one",
	    "the second of them", &r, &e), 0);
	assert_int_equal(ldapc_passwd(own, a, "the first of them",
	    "the second of them", &r, &e), 0);
	assert_int_equal(ldapc_passwd(own, a, "the second of them",
	    "the first of them", &r, &e), ERR_INVALID);
	assert_int_equal(r.policy, POLICY_IN_HISTORY);
	ldapc_close(own);
	assert_int_equal(open_as(p->dn, "the second of them"), 0);
	assert_int_equal(policy, POLICY_NONE);
	must(l, change_new(a, CHANGE_DELETE, p->dn));
	ldapc_close(l);
}

/* --- changes ------------------------------------------------------------ */
static void test_post_read(void **state)
{
	static const uint8_t none[16];
	struct ldapc *l = open_daemon();
	struct ldapc_result r, r2;
	struct entry *en;

	(void)state;
	r = must(l, person("post"));
	assert_non_null(r.entry);
	assert_string_equal(r.entry->dn, person_dn("post"));
	assert_memory_not_equal(r.entry->uuid, none, 16);
	assert_true(strlen(r.entry->csn) > 20);
	assert_true(r.entry->created > 0 && r.entry->modified > 0);
	assert_string_equal(r.entry->creator, SLAPD_DAEMON);
	assert_int_equal(r.entry->n, 0);
	r2 = must(l, title("post", "one"));
	assert_memory_equal(r2.entry->uuid, r.entry->uuid, 16);
	assert_true(strcmp(r2.entry->csn, r.entry->csn) > 0);
	en = get(l, person_dn("post"));
	assert_string_equal(en->csn, r2.entry->csn);
	assert_string_equal(entry_get(en, "title"), "one");
	assert_true(entry_is(en, "provostUser"));
	assert_null(entry_get(en, "entryCSN"));
	assert_null(must(l, change_new(a, CHANGE_DELETE, en->dn)).entry);
	assert_null(get(l, en->dn));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	ldapc_close(l);
}

static void test_no_password_comes_in(void **state)
{
	struct ldapc_conf c = slapd_run_manager(&slapd);
	struct ldapc *l = open_conf(&c);
	static const char *const attrs[] = { "*", "+", NULL };
	struct ldapc_search s = { .base = SLAPD_DAEMON, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)", .attrs = attrs };
	struct entry **en;
	size_t n;

	(void)state;
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_null(entry_attr(en[0], "userPassword"));
	assert_non_null(entry_get(en[0], "authzTo"));
	ldapc_close(l);
}

static void test_refusals(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_result r;
	struct change *c;
	const char *csn;

	(void)state;
	csn = must(l, person("ref")).entry->csn;
	assert_int_equal(ldapc_change(l, a, person("ref"), &r, &e),
	    ERR_EXISTS);
	c = person("ref2");
	c->entry->a = NULL;
	c->entry->n = c->entry->cap = 0;
	entry_add(a, c->entry, "objectClass", "provostUser");
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_INVALID);
	c = person("ref3");
	entry_add(a, c->entry, "uid", "ref");
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_EXISTS);
	assert_string_equal(e.kind, "uniqueness");
	assert_int_equal(ldapc_change(l, a, title("nobody", "x"), &r, &e),
	    ERR_NOT_FOUND);
	c = title("ref", "one");
	c->assert_csn = csn;
	must(l, c);
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_CONFLICT);
	assert_int_equal(r.code, 122);
	c = change_new(a, CHANGE_DELETE, person_dn("ref"));
	c->assert_csn = csn;
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_CONFLICT);
	c = title("ref", "two");
	c->mod[0].name = "noSuchAttribute";
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "provost.schema"));
	must(l, change_new(a, CHANGE_DELETE, person_dn("ref")));
	ldapc_close(l);
}

static void test_permissive(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_result r;
	struct change *c;

	(void)state;
	must(l, person("perm"));
	c = change_new(a, CHANGE_MODIFY, person_dn("perm"));
	change_set(a, c, MOD_ADD, "provostToolGrant", "t1");
	must(l, c);
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_CONFLICT);
	c->permissive = true;
	must(l, c);
	c->mod[0].op = MOD_DELETE;
	must(l, c);
	must(l, c);
	c->permissive = false;
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_CONFLICT);
	must(l, change_new(a, CHANGE_DELETE, person_dn("perm")));
	ldapc_close(l);
}

static void test_act_as(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_result r;
	struct change *c;

	(void)state;
	must(l, person("boss"));
	must(l, person("staff"));
	c = title("staff", "promoted");
	c->act_as = person_dn("boss");
	c->assert_csn = get(l, person_dn("staff"))->csn;
	r = must(l, c);
	assert_string_equal(r.entry->modifier, person_dn("boss"));
	assert_true(r.entry->csn[0] != '\0');
	c = title("staff", "by the manager");
	c->act_as = "cn=manager," SLAPD_SUFFIX;
	assert_int_equal(ldapc_change(l, a, c, &r, &e), ERR_DENIED);
	must(l, change_new(a, CHANGE_DELETE, person_dn("boss")));
	must(l, change_new(a, CHANGE_DELETE, person_dn("staff")));
	ldapc_close(l);
}

static void test_binary_value(void **state)
{
	static const char raw[] = { '0', 0, 1, (char)0xff, 0 };
	struct ldapc *l = open_daemon();
	struct change *c = person("bin");
	const struct attr *at;

	(void)state;
	entry_add_n(a, c->entry, "jpegPhoto", raw, sizeof(raw));
	must(l, c);
	at = entry_attr(get(l, c->dn), "jpegPhoto");
	assert_non_null(at);
	assert_int_equal(at->v[0].n, sizeof(raw));
	assert_memory_equal(at->v[0].p, raw, sizeof(raw));
	must(l, change_new(a, CHANGE_DELETE, c->dn));
	ldapc_close(l);
}

#define MANY 500

static void test_pipelined(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_search s = { .base = SLAPD_PEOPLE, .scope = SCOPE_ONE,
		.filter = "(provostPersonId=many*)" };
	struct ldapc_result r;
	struct entry **en;
	size_t n;
	int i, msgid, done = 0;

	(void)state;
	for (i = 0; i < MANY; i++)
		assert_int_equal(ldapc_send_change(l,
		    person(arena_printf(a, "many%d", i)), &msgid, &e), 0);
	for (done = 0; done < MANY; done++) {
		assert_int_equal(ldapc_next(l, a, 0, 10 * CLOCK_SECOND, &r,
		    &e), 0);
		assert_int_equal(r.kind, LDAPC_DONE);
		assert_int_equal(r.code, 0);
		assert_non_null(r.entry);
	}
	assert_int_equal(ldapc_next(l, a, 0, 0, &r, &e), 0);
	assert_int_equal(r.kind, LDAPC_NONE);
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e), 0);
	assert_int_equal(n, MANY);
	for (i = 0; i < MANY; i++)
		ldapc_send_change(l, change_new(a, CHANGE_DELETE, en[i]->dn),
		    &msgid, &e);
	for (done = 0; done < MANY; done++)
		assert_int_equal(ldapc_next(l, a, 0, 10 * CLOCK_SECOND, &r,
		    &e), 0);
	ldapc_close(l);
}

static void test_search_errors(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_search s = { .base = "ou=nowhere," SLAPD_SUFFIX,
		.scope = SCOPE_SUB, .filter = "(objectClass=*)" };
	struct entry **en;
	size_t n;

	(void)state;
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e),
	    ERR_NOT_FOUND);
	s.filter = "(((";
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e),
	    ERR_INVALID);
	s.base = SLAPD_SUFFIX;
	s.filter = "(objectClass=*)";
	s.size_limit = 3;
	assert_int_equal(ldapc_search_all(l, a, &s, &en, &n, &e), ERR_LIMIT);
	assert_int_equal(n, 3);
	assert_string_equal(ldapc_filter_escape(a, "a*(b)\\c"),
	    "a\\2a\\28b\\29\\5cc");
	ldapc_close(l);
}

/* --- sync --------------------------------------------------------------- */
static struct ldapc_result sync_next(struct ldapc *l, int msgid)
{
	struct ldapc_result r;

	if (ldapc_next(l, a, msgid, 5 * CLOCK_SECOND, &r, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_not_equal(r.kind, LDAPC_NONE);
	return r;
}

static int sync_search(struct ldapc *l, bool persist, const void *cookie,
    size_t len)
{
	struct ldapc_search s = { .base = SLAPD_SUFFIX, .scope = SCOPE_SUB,
		.filter = "(objectClass=*)", .sync = true, .persist = persist,
		.cookie = cookie, .cookie_len = len };
	int msgid;

	assert_int_equal(ldapc_send_search(l, &s, &msgid, &e), 0);
	return msgid;
}

static void test_sync_refresh(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_result r, again;
	int msgid, n = 0, seen = 0;

	(void)state;
	must(l, person("sync"));
	msgid = sync_search(l, false, NULL, 0);
	while ((r = sync_next(l, msgid)).kind != LDAPC_DONE) {
		if (r.kind != LDAPC_ENTRY)
			continue;
		assert_int_equal(r.state, SYNC_ADD);
		assert_memory_equal(r.uuid, r.entry->uuid, 16);
		n++;
		seen += strstr(r.entry->dn, "=sync,") != NULL;
	}
	assert_int_equal(seen, 1);
	assert_true(n > 20);
	assert_int_equal(r.code, 0);
	assert_true(r.cookie_len > 0);
	must(l, title("sync", "changed"));
	must(l, change_new(a, CHANGE_DELETE, person_dn("sync")));
	msgid = sync_search(l, false, r.cookie, r.cookie_len);
	while ((again = sync_next(l, msgid)).kind != LDAPC_DONE)
		if (again.kind == LDAPC_INTERMEDIATE) {
			assert_int_equal(again.info, INFO_ID_SET);
			assert_true(again.refresh_deletes);
			assert_int_equal(again.n_set, 1);
		}
	assert_true(again.refresh_deletes);
	ldapc_close(l);
}

static void test_sync_persist(void **state)
{
	struct ldapc *l = open_daemon(), *w = open_daemon();
	struct ldapc_result r;
	uint8_t uuid[16];
	int msgid;

	(void)state;
	msgid = sync_search(l, true, NULL, 0);
	while ((r = sync_next(l, msgid)).kind == LDAPC_ENTRY)
		;
	assert_int_equal(r.kind, LDAPC_INTERMEDIATE);
	assert_int_equal(r.info, INFO_REFRESH_DELETE);
	assert_true(r.refresh_done);
	assert_true(r.cookie_len > 0);
	must(w, person("per"));
	r = sync_next(l, msgid);
	assert_int_equal(r.state, SYNC_ADD);
	assert_string_equal(r.entry->dn, person_dn("per"));
	memcpy(uuid, r.uuid, 16);
	must(w, title("per", "x"));
	r = sync_next(l, msgid);
	assert_int_equal(r.state, SYNC_MODIFY);
	assert_string_equal(entry_get(r.entry, "title"), "x");
	slapd_run_rename(&slapd, person_dn("per"), "provostPersonId=per2");
	r = sync_next(l, msgid);
	assert_int_equal(r.state, SYNC_MODIFY);
	assert_memory_equal(r.uuid, uuid, 16);
	assert_string_equal(r.entry->dn, person_dn("per2"));
	must(w, change_new(a, CHANGE_DELETE, person_dn("per2")));
	r = sync_next(l, msgid);
	assert_int_equal(r.state, SYNC_DELETE);
	assert_memory_equal(r.uuid, uuid, 16);
	ldapc_abandon(l, msgid);
	ldapc_close(l);
	ldapc_close(w);
}

/* --- failures ----------------------------------------------------------- */
static void test_stopped_server(void **state)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	struct ldapc *l, *other = NULL;
	struct ldapc_result r;
	size_t start = 0;

	(void)state;
	c.op_timeout = CLOCK_SECOND / 4;
	l = open_conf(&c);
	c.connect_timeout = CLOCK_SECOND / 4;
	slapd_run_signal(&slapd, SIGSTOP);
	assert_int_equal(ldapc_change(l, a, person("stop"), &r, &e),
	    ERR_TIMEOUT);
	assert_int_equal(ldapc_open(&c, &start, &other, &e), ERR_BUSY);
	slapd_run_signal(&slapd, SIGCONT);
	ldapc_close(l);
}

static void test_killed_server(void **state)
{
	struct ldapc *l = open_daemon();
	struct ldapc_result r;

	(void)state;
	slapd_run_stop(&slapd, SIGKILL);
	assert_int_equal(ldapc_next(l, a, 0, 5 * CLOCK_SECOND, &r, &e),
	    ERR_BUSY);
	assert_int_equal(ldapc_change(l, a, person("kill"), &r, &e),
	    ERR_BUSY);
	ldapc_close(l);
	slapd_run_start(&slapd);
	l = open_daemon();
	must(l, person("kill"));
	ldapc_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open_refusals, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_starttls_never_falls_back,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_as, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_passwd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_passwd, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_post_read, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_no_password_comes_in,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_permissive, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_act_as, setup, teardown),
		cmocka_unit_test_setup_teardown(test_binary_value, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_pipelined, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_search_errors, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_sync_refresh, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_sync_persist, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_stopped_server, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_killed_server, setup,
		    teardown),
	};
	int rc;

	if (slapd_run_new(&slapd, NULL) != 0)
		return 77;
	slapd_run_start(&slapd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	slapd_run_free(&slapd);
	return rc;
}
