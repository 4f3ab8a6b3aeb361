/* SPDX-License-Identifier: ISC */
/* Against a private slapd: every way in which the view follows it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "directory/child.h"
#include "directory/intake.h"
#include "directory/sweep.h"
#include "directory/sync.h"
#include "map_small.h"
#include "model/dn.h"
#include "relay.h"
#include "slapd_run.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define PEOPLE 40

/* Everything of one test. */
struct fix {
	struct slapd_run slapd, other;	/* the other one is rarely used */
	struct arena *a;
	struct scim_map *map;
	struct view *view;
	struct journal *journal;
	struct sync *sync;
	struct ldapc *manager;
	struct relay *relay;		/* before the slapd; NULL none */
	uint64_t fill_part;
	struct err e;
};

/* --- the parts ------------------------------------------------------- */

static const char *in_dir(struct fix *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->slapd.dir, name);
}

static void sh(struct fix *f, const char *command)
{
	assert_int_equal(system(arena_printf(f->a, "cd %s && %s",
		f->slapd.dir, command)), 0);
}

static void sync_up(struct fix *f)
{
	struct view_conf vc = { .dir = in_dir(f, "view"),
		.map_size = (size_t)64 << 20,
		.fingerprint = f->map->fingerprint,
		.n_indexes = f->map->n_indexes };
	struct sync_conf c = { .ldap = slapd_run_daemon(&f->slapd),
		.base = SLAPD_SUFFIX, .accesslog = "cn=accesslog",
		.sweep = { 50, 50, 10 }, .probe_every = CLOCK_SECOND / 5,
		.probe_wait = CLOCK_SECOND / 2, .fill_part = f->fill_part };
	const char *note;
	bool fresh;

	c.ldap.connect_timeout = CLOCK_SECOND / 2;
	if (f->other.pid != 0)
		strv_add(f->a, &c.ldap.uris, f->other.uri);
	if (f->relay != NULL) {
		c.ldap.uris = (struct strv){ 0 };
		strv_add(f->a, &c.ldap.uris, relay_uri(f->relay));
	}
	if (view_open(&vc, &f->view, &fresh, &f->e) != 0 ||
	    journal_open(f->slapd.dir, &f->journal, &note, &f->e) != 0 ||
	    sync_start(&c, f->map, f->view, f->journal, &f->sync, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void sync_down(struct fix *f)
{
	if (f->sync == NULL)
		return;
	sync_stop(f->sync);
	journal_close(f->journal);
	view_close(f->view);
	f->sync = NULL;
}

static struct sync_state state_of(struct fix *f)
{
	struct sync_state s;

	sync_state(f->sync, &s);
	return s;
}

static void wait_connected(struct fix *f)
{
	int64_t end = clock_mono() + PATIENCE;

	while (!state_of(f).connected && clock_mono() < end)
		usleep(2000);
	if (!state_of(f).connected)
		fail_msg("%s", state_of(f).why);
}

static void wait_away(struct fix *f)
{
	int64_t end = clock_mono() + PATIENCE;

	while (state_of(f).connected && clock_mono() < end)
		usleep(2000);
	assert_false(state_of(f).connected);
}

static void wait_held(struct fix *f)
{
	int64_t end = clock_mono() + PATIENCE;

	while (!state_of(f).held && clock_mono() < end)
		usleep(2000);
	if (!state_of(f).held)
		fail_msg("not held: %s", state_of(f).why);
}

static void manager_at(struct fix *f, struct slapd_run *at)
{
	struct ldapc_conf c = slapd_run_manager(at);
	size_t start = 0;

	ldapc_close(f->manager);
	if (ldapc_open(&c, &start, &f->manager, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void manager_up(struct fix *f)
{
	manager_at(f, &f->slapd);
}

static void slapd_again(struct fix *f, int sig)
{
	slapd_run_stop(&f->slapd, sig);
	slapd_run_start(&f->slapd);
	manager_up(f);
}

/* From the next start on nobody but the manager sees what; until allow. */
static void deny(struct fix *f, const char *what)
{
	sh(f, arena_printf(f->a, "cp slapd.conf right.conf && sed '/^directory "
		"\".*\\/data\"$/a access to %s by anonymous auth by * none' "
		"right.conf >slapd.conf && ! cmp -s right.conf slapd.conf",
		what));
}

static void allow(struct fix *f)
{
	sh(f, "cp right.conf slapd.conf");
}

/* --- changing the directory ------------------------------------------ */

static const char *person_dn(struct fix *f, const char *id)
{
	return arena_printf(f->a, "provostPersonId=%s,%s", id, SLAPD_PEOPLE);
}

static void must(struct fix *f, const struct change *c)
{
	struct ldapc_result r;

	if (ldapc_change(f->manager, f->a, c, &r, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void add_person(struct fix *f, const char *id)
{
	struct change *c = change_new(f->a, CHANGE_ADD, person_dn(f, id));

	c->entry = arena_alloc(f->a, sizeof(*c->entry));
	entry_add(f->a, c->entry, "objectClass", "inetOrgPerson");
	entry_add(f->a, c->entry, "objectClass", "provostUser");
	entry_add(f->a, c->entry, "provostPersonId", id);
	entry_add(f->a, c->entry, "uid", id);
	entry_add(f->a, c->entry, "cn", id);
	entry_add(f->a, c->entry, "sn", id);
	entry_add(f->a, c->entry, "provostState", "active");
	entry_add(f->a, c->entry, "userPassword", "a-secret-of-people");
	must(f, c);
}

static void add_people(struct fix *f)
{
	int i;

	for (i = 0; i < PEOPLE; i++)
		add_person(f, arena_printf(f->a, "p%02d", i));
}

static void set_title(struct fix *f, const char *id, const char *value)
{
	struct change *c = change_new(f->a, CHANGE_MODIFY, person_dn(f, id));

	change_set(f->a, c, MOD_REPLACE, "title", value);
	must(f, c);
}

static void del(struct fix *f, const char *dn)
{
	must(f, change_new(f->a, CHANGE_DELETE, dn));
}

static void rename_dn(struct fix *f, const char *dn, const char *rdn)
{
	const char *const argv[] = { child_find(f->a, "ldapmodrdn"), "-Q",
		"-Y", "EXTERNAL", "-H", f->slapd.uri, "-r", dn, rdn, NULL };
	struct buf out;

	if (argv[0] == NULL)
		skip();
	buf_init(&out, 65536);
	if (child_run(argv, &out, &f->e) != 0)
		fail_msg("%s", f->e.text);
	buf_fini(&out);
}

/* --- looking at the view --------------------------------------------- */

static struct entry *find(struct fix *f, int type, const char *dn)
{
	const char *norm = dn_normal(f->a, dn, &f->e);
	struct entry *e = NULL;
	struct view_read *r;
	struct view_item it;

	assert_non_null(norm);
	assert_int_equal(view_read_begin(f->view, &r, &f->e), 0);
	if (view_find(r, type, SCIM_INDEX_DN, norm, &it) == 0) {
		view_item_entry(f->a, &it);
		e = entry_dup(f->a, &it.entry);
	}
	view_read_end(r);
	return e;
}

static int user_type(struct fix *f)
{
	return scim_map_name(f->map, "User")->type;
}

static struct entry *person(struct fix *f, const char *id)
{
	return find(f, user_type(f), person_dn(f, id));
}

static uint64_t people(struct fix *f)
{
	struct view_read *r;
	uint64_t n;

	assert_int_equal(view_read_begin(f->view, &r, &f->e), 0);
	n = view_count(r, user_type(f));
	view_read_end(r);
	return n;
}

static void wait_title(struct fix *f, const char *id, const char *value)
{
	int64_t end = clock_mono() + PATIENCE;
	struct entry *e;

	for (;;) {
		e = person(f, id);
		if (e != NULL && str_eq(entry_get(e, "title"), value))
			return;
		assert_true(clock_mono() < end);
		usleep(1000);
	}
}

static void wait_person(struct fix *f, const char *id, bool there)
{
	int64_t end = clock_mono() + PATIENCE;

	while ((person(f, id) != NULL) != there) {
		assert_true(clock_mono() < end);
		usleep(1000);
	}
}

static bool journal_has(struct fix *f, const char *x, const char *y)
{
	FILE *in = fopen(in_dir(f, "journal.jsonl"), "r");
	char *line = NULL;
	size_t cap = 0;
	bool found = false;

	assert_non_null(in);
	while (!found && getline(&line, &cap, in) != -1)
		found = strstr(line, x) != NULL && strstr(line, y) != NULL;
	free(line);
	fclose(in);
	return found;
}

/* --- tests ----------------------------------------------------------- */

static void fills(void **state)
{
	struct fix *f = *state;
	struct entry *e;
	size_t i;

	add_people(f);
	sync_up(f);
	assert_true(sync_wait_served(f->sync, clock_mono() + PATIENCE));
	wait_connected(f);
	assert_int_equal(people(f), PEOPLE);
	assert_int_equal(counter_get(C_SYNC_CONNECTED), 1);
	e = person(f, "p07");
	assert_non_null(e);
	assert_string_equal(entry_get(e, "uid"), "p07");
	assert_true(e->created > 0 && *e->csn != '\0');
	for (i = 0; i < e->n; i++)
		assert_false(str_istarts(e->a[i].name, "userPassword"));
	assert_non_null(find(f, INTAKE_OTHER, SLAPD_SUFFIX));
	assert_non_null(find(f, INTAKE_OTHER, SLAPD_PEOPLE));
}

/* An empty view is filled in parts, and served when all are there; what is left
 * of an attempt that was cut off is compared with everything. */
static void fills_in_parts(void **state)
{
	struct fix *f = *state;
	int64_t end = clock_mono() + PATIENCE;
	int i;

	add_people(f);
	for (i = 0; i < 200; i++)
		add_person(f, arena_printf(f->a, "q%03d", i));
	f->fill_part = 7;
	f->relay = relay_start(f->slapd.plain, 60000);
	sync_up(f);
	while ((relay_left(f->relay) > 0 || person(f, "p00") == NULL) &&
	    clock_mono() < end)
		usleep(1000);
	assert_non_null(person(f, "p00"));
	assert_false(state_of(f).served);
	assert_in_range(people(f), 1, PEOPLE + 199);
	del(f, person_dn(f, "p00"));
	relay_give(f->relay, INT64_MAX);
	assert_true(sync_wait_served(f->sync, clock_mono() + PATIENCE));
	assert_int_equal(people(f), PEOPLE + 199);
	assert_null(person(f, "p00"));
	assert_true(journal_has(f, "\"op\":\"delete\"", "provostPersonId=p00"));
}

static void follows_what_it_filled(void **state)
{
	struct fix *f = *state;

	f->fill_part = 7;
	sync_up(f);
	assert_true(sync_wait_served(f->sync, clock_mono() + PATIENCE));
	wait_connected(f);
	add_people(f);
	wait_person(f, arena_printf(f->a, "p%02d", PEOPLE - 1), true);
	assert_int_equal(people(f), PEOPLE);
}

static void keeps_types_of_its_own(void **state)
{
	struct fix *f = *state;
	const char *dn = "provostPersonUuid=7d0b3a52-0000-4000-8000-000000000001"
		",ou=receipts," SLAPD_SUFFIX;
	struct change *c = change_new(f->a, CHANGE_ADD, dn);
	struct entry *e = NULL;
	int64_t end = clock_mono() + PATIENCE;

	sync_up(f);
	wait_connected(f);
	c->entry = arena_alloc(f->a, sizeof(*c->entry));
	entry_add(f->a, c->entry, "objectClass", "provostReceipts");
	entry_add(f->a, c->entry, "provostPersonUuid",
		"7d0b3a52-0000-4000-8000-000000000001");
	must(f, c);
	while (e == NULL && clock_mono() < end) {
		usleep(1000);
		e = find(f, INTAKE_RECEIPTS, dn);
	}
	assert_non_null(e);
}

static void follows(void **state)
{
	struct fix *f = *state;

	sync_up(f);
	wait_connected(f);
	add_person(f, "ann");
	wait_person(f, "ann", true);
	set_title(f, "ann", "first");
	wait_title(f, "ann", "first");
	set_title(f, "ann", "second");
	wait_title(f, "ann", "second");
	del(f, person_dn(f, "ann"));
	wait_person(f, "ann", false);
	sync_down(f);
	assert_true(journal_has(f, "\"op\":\"add\"", "ann"));
	assert_true(journal_has(f, "\"op\":\"modify\"", "second"));
	assert_true(journal_has(f, "\"op\":\"delete\"", "ann"));
	assert_true(journal_has(f, "\"op\":\"delete\"",
		"\"by\":\"cn=manager," SLAPD_SUFFIX "\""));
	assert_false(journal_has(f, "a-secret", ""));
}

static void follows_renames(void **state)
{
	struct fix *f = *state;
	int64_t end = clock_mono() + PATIENCE;

	add_person(f, "old");
	sync_up(f);
	wait_connected(f);
	rename_dn(f, person_dn(f, "old"), "provostPersonId=new");
	wait_person(f, "new", true);
	wait_person(f, "old", false);
	assert_true(state_of(f).connected);
	/* A whole subtree: what is below moves without a message. */
	rename_dn(f, SLAPD_PEOPLE, "ou=persons");
	while (find(f, INTAKE_OTHER, "provostPersonId=new,ou=persons,"
	    SLAPD_SUFFIX) == NULL) {
		assert_true(clock_mono() < end);
		usleep(1000);
	}
}

/* A kept view is served at once and only what changed is sent. */
static void resumes(void **state)
{
	struct fix *f = *state;
	int64_t messages;

	add_people(f);
	usleep(2200000);	/* slapd is known by the second of its start */
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	set_title(f, "p01", "while away");
	del(f, person_dn(f, "p02"));
	add_person(f, "late");
	messages = counter_get(C_SYNC_MESSAGES);
	sync_up(f);
	assert_true(state_of(f).served);
	wait_connected(f);
	wait_title(f, "p01", "while away");
	wait_person(f, "p02", false);
	wait_person(f, "late", true);
	assert_true(counter_get(C_SYNC_MESSAGES) - messages < PEOPLE / 2);
	assert_int_equal(people(f), PEOPLE);
}

/* No session log any more: the present phase tells what is still there. */
static void resumes_after_slapd_restart(void **state)
{
	struct fix *f = *state;

	add_people(f);
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	set_title(f, "p01", "while away");
	del(f, person_dn(f, "p02"));
	slapd_again(f, SIGTERM);
	sync_up(f);
	wait_connected(f);
	wait_title(f, "p01", "while away");
	wait_person(f, "p02", false);
	assert_int_equal(people(f), PEOPLE - 1);
	/* And under way: the connection breaks. */
	slapd_run_stop(&f->slapd, SIGKILL);
	wait_away(f);
	assert_true(*state_of(f).why != '\0');
	assert_true(state_of(f).served);
	slapd_run_start(&f->slapd);
	manager_up(f);
	set_title(f, "p01", "after the kill");
	wait_title(f, "p01", "after the kill");
	assert_int_equal(people(f), PEOPLE - 1);
}

/* The provider has no log of changes: the present phase tells what is still
 * there. */
static void resumes_without_session_log(void **state)
{
	struct fix *f = *state;

	sh(f, "sed -i /^syncprov-sessionlog/d slapd.conf");
	slapd_again(f, SIGTERM);
	add_people(f);
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	set_title(f, "p01", "while away");
	del(f, person_dn(f, "p02"));
	sync_up(f);
	wait_connected(f);
	wait_title(f, "p01", "while away");
	wait_person(f, "p02", false);
	assert_int_equal(people(f), PEOPLE - 1);
	assert_int_equal(f->sync != NULL && state_of(f).held, false);
}

/* slapd 2.5 killed forgets its newest contextCSN: to a cookie from before it
 * says that nothing has changed. */
static void misses_nothing_of_a_killed_slapd(void **state)
{
	struct fix *f = *state;

	add_people(f);
	slapd_again(f, SIGTERM);	/* contextCSN is on the disk now */
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	set_title(f, "p01", "unseen");
	slapd_again(f, SIGKILL);
	sync_up(f);
	wait_title(f, "p01", "unseen");
	add_person(f, "next");
	wait_person(f, "next", true);
}

/* Reading everything again changes nothing where nothing differs. */
static void full_refresh_rewrites_nothing(void **state)
{
	struct fix *f = *state;
	int64_t refreshes, end = clock_mono() + PATIENCE;
	uint8_t changed[8][16];
	bool all;

	add_people(f);
	sync_up(f);
	wait_connected(f);
	while (view_changes(f->view, changed, 8, &all, clock_mono()) > 0 || all)
		;
	refreshes = counter_get(C_SYNC_REFRESHES);
	rename_dn(f, "ou=jobs," SLAPD_SUFFIX, "ou=runs");
	while (counter_get(C_SYNC_REFRESHES) == refreshes) {
		assert_true(clock_mono() < end);
		usleep(1000);
	}
	set_title(f, "p00", "x");
	wait_title(f, "p00", "x");
	assert_true(view_changes(f->view, changed, 8, &all,
		clock_mono()) <= 2);
	assert_false(all);
}

/* A backup is made, the directory and the view live on, the backup is put
 * back. */
static void restore_a_backup(struct fix *f)
{
	slapd_run_stop(&f->slapd, SIGTERM);
	sh(f, "cp data/data.mdb backup.mdb");
	slapd_run_start(&f->slapd);
	manager_up(f);
	add_person(f, "younger");
	set_title(f, "p00", "younger");
	sync_up(f);
	wait_connected(f);
	assert_non_null(person(f, "younger"));
	sync_down(f);
	slapd_run_stop(&f->slapd, SIGTERM);
	sh(f, "cp backup.mdb data/data.mdb && rm -f data/lock.mdb");
}

/* The provider is older than the cookie: result 53. */
static void follows_a_restored_backup(void **state)
{
	struct fix *f = *state;

	add_people(f);
	restore_a_backup(f);
	slapd_run_start(&f->slapd);
	manager_up(f);
	sync_up(f);
	wait_person(f, "younger", false);
	wait_connected(f);
	assert_null(entry_get(person(f, "p00"), "title"));
	assert_int_equal(people(f), PEOPLE);
}

static void wait_why(struct fix *f, const char *text, const char *uri)
{
	int64_t end = clock_mono() + PATIENCE;
	struct sync_state s;

	do {
		assert_true(clock_mono() < end);
		usleep(1000);
		s = state_of(f);
	} while (!s.connected || (*text == '\0' ? *s.why != '\0' :
	    strstr(s.why, text) == NULL || strstr(s.why, uri) == NULL));
}

/* The other provider has not got as far: nothing is gone, old or back again
 * that is so there only. When it has, everything is as it says. */
static void waits_for_a_lagging_provider(void **state)
{
	struct fix *f = *state;

	add_person(f, "bob");
	add_person(f, "carl");
	slapd_run_stop(&f->slapd, SIGTERM);
	assert_int_equal(slapd_run_new(&f->other, NULL), 0);
	sh(f, arena_printf(f->a, "cp data/data.mdb %s/data", f->other.dir));
	slapd_run_start(&f->other);
	slapd_run_start(&f->slapd);
	manager_up(f);
	add_person(f, "ann");
	set_title(f, "bob", "new");
	del(f, person_dn(f, "carl"));
	sync_up(f);
	wait_connected(f);
	slapd_run_stop(&f->slapd, SIGKILL);
	wait_why(f, "lags", f->other.uri);
	assert_non_null(person(f, "ann"));
	assert_string_equal(entry_get(person(f, "bob"), "title"), "new");
	assert_null(person(f, "carl"));

	manager_at(f, &f->other);
	add_person(f, "dora");
	wait_why(f, "", "");
	assert_non_null(person(f, "dora"));
	assert_non_null(person(f, "carl"));
	assert_null(person(f, "ann"));
	assert_null(entry_get(person(f, "bob"), "title"));

	slapd_run_start(&f->slapd);
	sync_use(f->sync, 0);
	wait_why(f, "lags", f->slapd.uri);
	assert_non_null(person(f, "dora"));
}

/* While nobody follows all but five people are deleted; that is held. */
static void lose_most(struct fix *f)
{
	int i;

	add_people(f);
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	for (i = 0; i < PEOPLE - 5; i++)
		del(f, person_dn(f, arena_printf(f->a, "p%02d", i)));
	sync_up(f);
	wait_held(f);
}

/* Many deletions in a refresh are held too, though they were told by name: an
 * entry that can no longer be seen looks the same. */
static void holds_told_deletions(void **state)
{
	struct fix *f = *state;

	lose_most(f);
	assert_int_equal(people(f), PEOPLE);
	sync_down(f);		/* it is right: do as the text says */
	sh(f, "rm -rf view");
	sync_up(f);
	wait_connected(f);
	assert_int_equal(people(f), 5);
}

static struct held_job swept(struct fix *f)
{
	struct held_job j = { 0 };

	if (sweep_get(sync_sweep(f->sync), f->a, NULL, 0, SIZE_MAX, &j,
	    &f->e) != 0)
		fail_msg("%s", f->e.text);
	return j;
}

static void wait_swept(struct fix *f, uint64_t n)
{
	int64_t end = clock_mono() + PATIENCE;

	while (swept(f).n_items != n && clock_mono() < end)
		usleep(2000);
	assert_int_equal(swept(f).n_items, n);
}

/* Or they are let go by a person who has looked at them. */
static void releases_a_sweep(void **state)
{
	struct fix *f = *state;
	struct sweep *sw;
	struct held_job j;

	lose_most(f);
	sw = sync_sweep(f->sync);
	j = swept(f);
	assert_string_equal(j.kind, "refresh");
	assert_int_equal(j.n_items, PEOPLE - 5);
	assert_int_equal(j.n_shown, PEOPLE - 5);
	assert_non_null(strstr(j.item[0].text, "ou=people"));
	assert_non_null(strstr(j.why, "missing"));
	assert_int_equal(sweep_decide(sw, "none", HELD_RELEASED, "client:a",
	    "", &f->e), ERR_NOT_FOUND);
	assert_int_equal(sweep_decide(sw, j.id, HELD_RELEASED, "client:a",
	    "a merger", &f->e), 0);
	assert_int_equal(sweep_decide(sw, j.id, HELD_REFUSED, "client:b", "",
	    &f->e), ERR_EXISTS);
	wait_connected(f);
	assert_false(state_of(f).held);
	assert_int_equal(people(f), 5);
	assert_int_equal(swept(f).state, HELD_RELEASED);
	assert_string_equal(swept(f).reason, "a merger");
}

/* A word for some is none for others; no word keeps them all. */
static void releases_no_other(void **state)
{
	struct fix *f = *state;
	struct held_job j;
	char id[HELD_ID];
	int i;

	add_people(f);
	sync_up(f);
	wait_connected(f);
	sync_down(f);
	for (i = 0; i < 12; i++)
		del(f, person_dn(f, arena_printf(f->a, "p%02d", i)));
	sync_up(f);
	wait_held(f);
	j = swept(f);
	snprintf(id, sizeof(id), "%s", j.id);
	assert_int_equal(sweep_decide(sync_sweep(f->sync), id, HELD_REFUSED,
	    "client:a", "", &f->e), 0);
	assert_int_equal(swept(f).state, HELD_REFUSED);
	for (; i < 30; i++)
		del(f, person_dn(f, arena_printf(f->a, "p%02d", i)));
	wait_swept(f, 30);
	j = swept(f);
	assert_string_not_equal(id, j.id);
	assert_int_equal(j.state, HELD_HELD);
	assert_int_equal(people(f), PEOPLE);
}

/* The access rules no longer show the people when everything is read again:
 * absence is never proof. */
static void holds_a_sweep(void **state)
{
	struct fix *f = *state;

	add_people(f);
	restore_a_backup(f);
	deny(f, "dn.children=\"ou=people," SLAPD_SUFFIX "\"");
	slapd_run_start(&f->slapd);
	sync_up(f);
	wait_held(f);
	assert_non_null(strstr(state_of(f).why, "restore"));
	assert_true(state_of(f).served);
	assert_false(state_of(f).connected);
	assert_int_equal(people(f), PEOPLE + 1);
	allow(f);
	slapd_again(f, SIGTERM);
	wait_connected(f);
	assert_false(state_of(f).held);
	assert_int_equal(people(f), PEOPLE);
}

/* Nothing at all is shown. */
static void holds_an_empty_answer(void **state)
{
	struct fix *f = *state;

	sync_up(f);
	wait_connected(f);
	deny(f, "*");
	slapd_run_stop(&f->slapd, SIGTERM);
	wait_away(f);
	slapd_run_start(&f->slapd);
	usleep(300000);
	assert_false(state_of(f).connected);
	assert_true(*state_of(f).why != '\0');
	assert_non_null(find(f, INTAKE_OTHER, SLAPD_PEOPLE));
	allow(f);
	slapd_again(f, SIGTERM);
	wait_connected(f);
}

/* A server that is alive but silent. */
static void notices_silence(void **state)
{
	struct fix *f = *state;

	add_person(f, "ann");
	sync_up(f);
	wait_connected(f);
	slapd_run_signal(&f->slapd, SIGSTOP);
	wait_away(f);
	assert_true(state_of(f).served);
	slapd_run_signal(&f->slapd, SIGCONT);
	wait_connected(f);
	set_title(f, "ann", "awake");
	wait_title(f, "ann", "awake");
}

/* --- life ------------------------------------------------------------ */

static int setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	f->map = map_small(SLAPD_SUFFIX);
	if (slapd_run_new(&f->slapd, NULL) != 0)
		return 1;
	slapd_run_tcp(&f->slapd);
	slapd_run_start(&f->slapd);
	*state = f;
	manager_up(f);
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	sync_down(f);
	if (f->relay != NULL)
		relay_stop(f->relay);
	ldapc_close(f->manager);
	slapd_run_free(&f->slapd);
	slapd_run_free(&f->other);
	scim_map_free(f->map);
	arena_free(f->a);
	free(f);
	return 0;
}

#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fills), TEST(fills_in_parts),
		TEST(follows_what_it_filled),
		TEST(keeps_types_of_its_own), TEST(follows),
		TEST(follows_renames), TEST(resumes),
		TEST(resumes_after_slapd_restart),
		TEST(resumes_without_session_log),
		TEST(misses_nothing_of_a_killed_slapd),
		TEST(full_refresh_rewrites_nothing),
		TEST(follows_a_restored_backup),
		TEST(waits_for_a_lagging_provider),
		TEST(holds_told_deletions), TEST(releases_a_sweep),
		TEST(releases_no_other), TEST(holds_a_sweep),
		TEST(holds_an_empty_answer), TEST(notices_silence),
	};

	if (access("/usr/sbin/slapd", X_OK) != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
