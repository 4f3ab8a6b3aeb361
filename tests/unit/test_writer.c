/* SPDX-License-Identifier: ISC */
/* Against a private slapd: many at once, order within one entry, refusals,
 * a directory that stops, dies, comes back. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "directory/writer.h"
#include "people_fixture.h"
#include "slapd_run.h"

static struct slapd_run slapd;
static struct err e;

/* --- collecting results ------------------------------------------------- */
struct slot {
	struct writer_result r;
	int order;		/* 1..: the how-manieth to be done */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int n_done;

static void done(void *arg, const struct writer_result *r)
{
	struct slot *s = arg;

	pthread_mutex_lock(&lock);
	assert_int_equal(s->order, 0);
	s->r = *r;
	s->order = ++n_done;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&lock);
}

static void wait_done(int n)
{
	pthread_mutex_lock(&lock);
	while (n_done < n)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	n_done = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* --- changes ------------------------------------------------------------ */
static struct change *removal(const char *id)
{
	return change_new(a, CHANGE_DELETE, person_dn(id));
}

static struct writer *start_conf(struct ldapc_conf ldap)
{
	struct writer_conf c = { .ldap = ldap };
	struct writer *w = NULL;

	if (writer_start(&c, NULL, &w, &e) != 0)
		fail_msg("%s", e.text);
	return w;
}

static struct writer *start(void)
{
	return start_conf(slapd_run_daemon(&slapd));
}

static int call(struct writer *w, const struct change *c,
    struct writer_result *r)
{
	return writer_call(w, c, NULL, false, r);
}

static const struct entry *stored(const char *dn)
{
	struct ldapc_conf c = slapd_run_daemon(&slapd);
	struct ldapc_search s = { .base = dn, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)" };
	struct ldapc *l = NULL;
	struct entry **en;
	size_t n, at = 0;

	assert_int_equal(ldapc_open(&c, &at, &l, &e), 0);
	if (ldapc_search_all(l, a, &s, &en, &n, &e) != 0)
		n = 0;
	ldapc_close(l);
	return n == 1 ? en[0] : NULL;
}

static const char *stored_title(const char *dn)
{
	return entry_get(stored(dn), "title");
}

static void wait_up(struct writer *w, bool up)
{
	int i;

	for (i = 0; i < 1000 && writer_up(w) != up; i++)
		usleep(10000);
	assert_true(writer_up(w) == up);
}

/* --- while all is well -------------------------------------------------- */
#define MANY 1000

static void submit_many(struct writer *w, struct slot *slot,
    struct change *(*make)(const char *id))
{
	int i;

	n_done = 0;
	memset(slot, 0, MANY * sizeof(*slot));
	for (i = 0; i < MANY; i++)
		writer_submit(w, make(arena_printf(a, "w%d", i)), NULL, false,
		    done, &slot[i]);
	wait_done(MANY);
	for (i = 0; i < MANY; i++)
		if (slot[i].r.code != 0)
			fail_msg("%d: %s", i, slot[i].r.err.text);
}

static struct change *title_of(const char *id)
{
	return title(person_dn(id), "x");
}

static void test_many(void **state)
{
	struct slot *slot = arena_array(a, MANY, sizeof(*slot));
	int64_t before = counter_get(C_LDAP_WRITES);
	struct writer *w = start();
	char csn[64];
	int i;

	(void)state;
	assert_true(writer_up(w));
	submit_many(w, slot, person);
	for (i = 0; i < MANY; i++) {
		assert_true(slot[i].r.csn[0] != '\0');
		assert_true(slot[i].r.created > 0);
		assert_false(slot[i].r.in_view);
	}
	strcpy(csn, slot[0].r.csn);
	submit_many(w, slot, title_of);
	assert_true(strcmp(csn, slot[0].r.csn) < 0);
	submit_many(w, slot, removal);
	assert_string_equal(slot[0].r.csn, "");
	assert_int_equal(counter_get(C_LDAP_WRITES) - before, 3 * MANY);
	writer_stop(w, 5);
}

#define HOT 200

/* One entry under two spellings of its DN, others in between. */
static void test_order(void **state)
{
	const char *dn = person_dn("hot"), *same = "ProvostPersonID = HOT , "
		"OU=people,dc=example,dc=com";
	struct slot slot[2 * HOT];
	struct writer *w = start();
	struct writer_result r;
	int i, last = 0;

	(void)state;
	memset(slot, 0, sizeof(slot));
	assert_int_equal(call(w, person("hot"), &r), 0);
	for (i = 0; i < HOT; i++) {
		writer_submit(w, title(i % 2 ? dn : same,
		    arena_printf(a, "title %d", i)), NULL, false, done,
		    &slot[2 * i]);
		writer_submit(w, person(arena_printf(a, "cold%d", i)), NULL,
		    false, done, &slot[2 * i + 1]);
	}
	wait_done(2 * HOT);
	for (i = 0; i < HOT; i++) {
		assert_int_equal(slot[2 * i].r.code, 0);
		assert_int_equal(slot[2 * i + 1].r.code, 0);
		assert_true(slot[2 * i].order > last);
		last = slot[2 * i].order;
	}
	assert_string_equal(stored_title(dn),
	    arena_printf(a, "title %d", HOT - 1));
	writer_stop(w, 5);
}

static void test_refusals(void **state)
{
	struct writer *w = start();
	struct writer_result r;
	struct change *c;
	char csn[64];

	(void)state;
	assert_int_equal(call(w, person("twin"), &r), 0);
	strcpy(csn, r.csn);
	assert_int_equal(call(w, person("twin"), &r), ERR_EXISTS);
	assert_non_null(strstr(r.err.text, "add provostPersonId=twin"));
	assert_int_equal(call(w, title(person_dn("nobody"), "x"), &r),
	    ERR_NOT_FOUND);
	c = title(person_dn("twin"), "x");
	c->assert_csn = csn;
	assert_int_equal(call(w, c, &r), 0);
	assert_int_equal(call(w, c, &r), ERR_CONFLICT);
	assert_int_equal(call(w, title("no dn", "x"), &r), ERR_INVALID);
	assert_int_equal(call(w, removal("twin"), &r), 0);
	assert_int_equal(call(w, removal("twin"), &r), ERR_NOT_FOUND);
	writer_stop(w, 5);
}

static void test_queue_limit(void **state)
{
	struct writer_conf c = { .ldap = slapd_run_daemon(&slapd),
		.connections = 1, .max_queue = 10 };
	struct slot slot[40];
	struct writer *w = NULL;
	int i, busy = 0;

	(void)state;
	memset(slot, 0, sizeof(slot));
	assert_int_equal(writer_start(&c, NULL, &w, &e), 0);
	slapd_run_signal(&slapd, SIGSTOP);
	for (i = 0; i < 40; i++)
		writer_submit(w, title(person_dn("nobody"), "x"), NULL, false,
		    done, &slot[i]);
	slapd_run_signal(&slapd, SIGCONT);
	wait_done(40);
	for (i = 0; i < 40; i++)
		busy += slot[i].r.code == ERR_BUSY;
	assert_int_equal(busy, 30);
	writer_stop(w, 5);
}

/* --- waiting for the view (rule 4) -------------------------------------- */
static void put_in_view(struct view *v, const struct entry *en)
{
	struct view_record rec = { .entry = en, .type = 1, .json = "{}",
		.json_len = 2 };
	struct view_write *t = NULL;

	assert_int_equal(view_write_begin(v, &t, &e), 0);
	assert_int_equal(view_put(t, a, &rec, NULL, &e), 0);
	assert_int_equal(view_write_commit(t, &e), 0);
}

static void take_from_view(struct view *v, const uint8_t uuid[16])
{
	struct view_write *t = NULL;

	assert_int_equal(view_write_begin(v, &t, &e), 0);
	assert_int_equal(view_del(t, a, uuid, NULL, &e), 0);
	assert_int_equal(view_write_commit(t, &e), 0);
}

static void wait_stored(const char *dn)
{
	int i;

	for (i = 0; i < 500 && stored(dn) == NULL; i++)
		usleep(10000);
}

static void test_view(void **state)
{
	const char *dir = arena_printf(a, "%s/view", slapd.dir);
	struct view_conf vc = { .dir = dir, .map_size = 64 << 20,
		.fingerprint = 1, .n_indexes = 1 };
	struct writer_conf c = { .ldap = slapd_run_daemon(&slapd),
		.wait = 30 * CLOCK_SECOND };
	struct slot slot[3];
	struct writer *w = NULL;
	struct view *v = NULL;
	bool fresh;

	(void)state;
	memset(slot, 0, sizeof(slot));
	assert_int_equal(view_open(&vc, &v, &fresh, &e), 0);
	assert_int_equal(writer_start(&c, v, &w, &e), 0);
	writer_submit(w, person("viewed"), NULL, true, done, &slot[0]);
	wait_stored(person_dn("viewed"));
	assert_int_equal(n_done, 0);
	put_in_view(v, stored(person_dn("viewed")));
	wait_done(1);
	assert_int_equal(slot[0].r.code, 0);
	assert_true(slot[0].r.in_view);
	writer_submit(w, removal("viewed"), slot[0].r.uuid, true, done,
	    &slot[1]);
	while (stored(person_dn("viewed")) != NULL)
		usleep(10000);
	assert_int_equal(n_done, 1);
	take_from_view(v, slot[0].r.uuid);
	wait_done(2);
	assert_true(slot[1].r.in_view);
	writer_stop(w, 5);
	c.wait = CLOCK_SECOND / 10;
	assert_int_equal(writer_start(&c, v, &w, &e), 0);
	writer_submit(w, person("unseen"), NULL, true, done, &slot[2]);
	wait_done(3);
	assert_int_equal(slot[2].r.code, 0);
	assert_false(slot[2].r.in_view);
	writer_stop(w, 5);
	view_close(v);
}

/* --- when it is not ----------------------------------------------------- */
static void test_no_directory_at_start(void **state)
{
	struct ldapc_conf ldap = slapd_run_daemon(&slapd);
	const char *uri[] = { "ldapi://%2Fnonexistent%2Fldapi", slapd.uri };
	struct writer_conf c = { .ldap = ldap };
	struct writer_result r;
	struct writer *w;

	(void)state;
	c.ldap.password = "wrong";
	assert_int_equal(writer_start(&c, NULL, &w, &e), ERR_DENIED);
	ldap.uris = (struct strv){ uri, 1, 1 };
	w = start_conf(ldap);
	assert_false(writer_up(w));
	assert_int_equal(call(w, person("nowhere"), &r), ERR_BUSY);
	writer_stop(w, 5);
	/* Of two it waits to be told which. */
	ldap.uris.n = 2;
	w = start_conf(ldap);
	assert_int_equal(call(w, person("second"), &r), ERR_BUSY);
	writer_use(w, 1, CLOCK_NEVER);
	wait_up(w, true);
	assert_int_equal(call(w, person("second"), &r), 0);
	writer_use(w, 1, clock_boot());
	assert_int_equal(call(w, person("third"), &r), ERR_BUSY);
	writer_use(w, 0, CLOCK_NEVER);
	wait_up(w, false);
	assert_int_equal(call(w, person("third"), &r), ERR_BUSY);
	writer_use(w, 1, CLOCK_NEVER);
	wait_up(w, true);
	assert_int_equal(call(w, person("third"), &r), 0);
	writer_stop(w, 5);
}

static struct change *guarded_title(const char *dn, const char *value)
{
	struct change *c = title(dn, value);

	c->assert_csn = stored(dn)->csn;
	return c;
}

/* What timed out may still take effect later: only the assertion keeps it
 * from undoing what was written in between. */
static void test_stopped_server(void **state)
{
	struct ldapc_conf ldap = slapd_run_daemon(&slapd);
	struct writer_result r;
	struct slot slot[2];
	struct change *first;
	struct writer *w;

	(void)state;
	memset(slot, 0, sizeof(slot));
	ldap.op_timeout = CLOCK_SECOND / 4;
	ldap.connect_timeout = CLOCK_SECOND / 2;
	w = start_conf(ldap);
	assert_int_equal(call(w, person("stopped"), &r), 0);
	first = guarded_title(person_dn("stopped"), "1");
	slapd_run_signal(&slapd, SIGSTOP);
	writer_submit(w, first, NULL, false, done, &slot[0]);
	writer_submit(w, title(person_dn("stopped"), "2"), NULL, false, done,
	    &slot[1]);
	wait_done(2);
	assert_int_equal(slot[0].r.code, ERR_TIMEOUT);
	assert_int_equal(slot[1].r.code, ERR_BUSY);
	slapd_run_signal(&slapd, SIGCONT);
	wait_up(w, true);
	while (call(w, guarded_title(person_dn("stopped"), "3"), &r) != 0)
		usleep(10000);
	assert_string_equal(stored_title(person_dn("stopped")), "3");
	writer_stop(w, 5);
}

static void test_killed_server(void **state)
{
	struct writer_result r;
	struct writer *w = start();

	(void)state;
	assert_int_equal(call(w, person("killed"), &r), 0);
	slapd_run_stop(&slapd, SIGKILL);
	wait_up(w, false);
	assert_int_equal(call(w, title(person_dn("killed"), "1"), &r),
	    ERR_BUSY);
	slapd_run_start(&slapd);
	wait_up(w, true);
	assert_int_equal(call(w, title(person_dn("killed"), "2"), &r), 0);
	writer_stop(w, 5);
}

/* Nothing that was handed over stays without an answer. */
static void test_killed_under_load(void **state)
{
	struct slot *slot = arena_array(a, MANY, sizeof(*slot));
	int i, ok = 0, unknown = 0, busy = 0;
	struct writer *w = start();

	(void)state;
	for (i = 0; i < MANY; i++)
		writer_submit(w, person(arena_printf(a, "load%d", i)), NULL,
		    false, done, &slot[i]);
	wait_done(20);
	slapd_run_stop(&slapd, SIGKILL);
	wait_done(MANY);
	for (i = 0; i < MANY; i++) {
		ok += slot[i].r.code == 0;
		unknown += slot[i].r.code == ERR_TIMEOUT;
		busy += slot[i].r.code == ERR_BUSY;
	}
	assert_int_equal(ok + unknown + busy, MANY);
	assert_true(ok >= 20);
	assert_true(unknown <= 128);
	writer_stop(w, 5);
	slapd_run_start(&slapd);
}

static void test_stop_answers_all(void **state)
{
	struct ldapc_conf ldap = slapd_run_daemon(&slapd);
	struct slot slot[100];
	struct writer *w;
	int i;

	(void)state;
	memset(slot, 0, sizeof(slot));
	ldap.connect_timeout = CLOCK_SECOND / 2;
	w = start_conf(ldap);
	slapd_run_signal(&slapd, SIGSTOP);
	for (i = 0; i < 100; i++)
		writer_submit(w, title(person_dn("hot"), "x"), NULL, false,
		    done, &slot[i]);
	writer_stop(w, 0);
	slapd_run_signal(&slapd, SIGCONT);
	assert_int_equal(n_done, 100);
	for (i = 0; i < 100; i++)
		assert_true(slot[i].r.code == ERR_BUSY ||
		    slot[i].r.code == ERR_TIMEOUT);
	writer_stop(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_queue_limit, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_view, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_directory_at_start,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped_server, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_killed_server, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_killed_under_load, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_stop_answers_all, setup,
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
