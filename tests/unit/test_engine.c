/* SPDX-License-Identifier: ISC */
/* The whole ring without its front: a private slapd, the view that follows
 * it, the writer, the engine, and a SCIM service over HTTP as the tool. */
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
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/str.h"
#include "directory/held.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "engine/engine.h"
#include "engine/heap.h"
#include "engine/schedule.h"
#include "map_small.h"
#include "model/code.h"
#include "model/dn.h"
#include "scim_peer.h"
#include "slapd_run.h"

#define PATIENCE (20 * CLOCK_SECOND)

struct fix {
	struct slapd_run slapd;
	struct arena *a;
	struct scim_map *map;
	struct view *view;
	struct journal *journal;
	struct sync *sync;
	struct writer *writer;
	struct held *held;
	struct guard_limits limits;	/* of the guard, at targets */
	struct engine *engine;
	struct ldapc *manager;
	struct scim_peer peer;
	int port;
	bool no_target;		/* start without the tool's target */
	struct err e;
};

/* --- the parts ---------------------------------------------------------------- */

static void targets(struct fix *f, struct target_conf t[2])
{
	t[0] = (struct target_conf){ .name = "quiet", .kind = "null" };
	t[1] = (struct target_conf){ .name = "tool", .kind = "scim",
	    .url = arena_printf(f->a, "http://127.0.0.1:%d/scim/v2", f->port),
	    .token = "t", .insecure = true, .timeout = CLOCK_SECOND,
	    .form = "provost" };
}

static struct engine_conf conf(const struct fix *f,
    const struct target_conf *t, size_t n)
{
	return (struct engine_conf){ .view = f->view, .map = f->map,
	    .writer = f->writer, .held = f->held, .sync = f->sync,
	    .target = t, .n_targets = n, .post = "letters",
	    .retry_base = CLOCK_SECOND / 20, .retry_max = CLOCK_SECOND / 2 };
}

static int reload(struct fix *f, const struct target_conf *t, size_t n)
{
	const struct engine_conf c = conf(f, t, n);

	return engine_reload(f->engine, &c, &f->e);
}

static void held_up(struct fix *f)
{
	const struct guard_rules r = { f->limits, f->limits,
	    guard_rules_default.add };
	const struct held_conf c = { .view = f->view, .map = f->map,
	    .writer = f->writer, .limits = { .source = r, .target = r,
	    .total = f->limits } };

	if (held_start(&c, &f->held, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void engine_up(struct fix *f)
{
	struct target_conf t[2];
	const struct engine_conf c = conf(f, t, f->no_target ? 1 : 2);

	targets(f, t);
	if (engine_start(&c, &f->engine, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

static void up(struct fix *f)
{
	struct view_conf vc = { .dir = arena_printf(f->a, "%s/view",
	    f->slapd.dir), .map_size = (size_t)64 << 20, .fingerprint =
	    f->map->fingerprint, .n_indexes = f->map->n_indexes };
	struct sync_conf sc = { .ldap = slapd_run_daemon(&f->slapd),
	    .base = SLAPD_SUFFIX, .accesslog = "", .sweep = { 1000, 1000, 10 },
	    .probe_every = CLOCK_SECOND / 5, .probe_wait = CLOCK_SECOND / 2 };
	struct writer_conf wc = { .ldap = slapd_run_daemon(&f->slapd),
	    .wait = 2 * CLOCK_SECOND };
	const char *note;
	bool fresh;

	if (view_open(&vc, &f->view, &fresh, &f->e) != 0 ||
	    journal_open(f->slapd.dir, &f->journal, &note, &f->e) != 0 ||
	    sync_start(&sc, f->map, f->view, f->journal, &f->sync,
	    &f->e) != 0 || writer_start(&wc, f->view, &f->writer, &f->e) != 0)
		fail_msg("%s", f->e.text);
	held_up(f);
	engine_up(f);
}

static void down(struct fix *f)
{
	engine_stop(f->engine, 5);
	held_stop(f->held);
	writer_stop(f->writer, 1);
	sync_stop(f->sync);
	journal_close(f->journal);
	view_close(f->view);
	f->engine = NULL;
}

static void manager_up(struct fix *f)
{
	struct ldapc_conf c = slapd_run_manager(&f->slapd);
	size_t start = 0;

	ldapc_close(f->manager);
	if (ldapc_open(&c, &start, &f->manager, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

/* --- an administrator with LDAP tools ------------------------------------------- */

static void must(struct fix *f, const struct change *c)
{
	struct ldapc_result r;

	if (ldapc_change(f->manager, f->a, c, &r, &f->e) != 0)
		fail_msg("%s: %s", c->dn, f->e.text);
}

static const char *dn_of(struct fix *f, const char *rdn, const char *ou)
{
	return arena_printf(f->a, "%s,ou=%s," SLAPD_SUFFIX, rdn, ou);
}

static const char *person_dn(struct fix *f, const char *id)
{
	return dn_of(f, arena_printf(f->a, "provostPersonId=%s", id), "people");
}

/* attrs: name, value, name, value ..., NULL. */
static void add(struct fix *f, const char *dn, const char *const *attrs)
{
	struct change *c = change_new(f->a, CHANGE_ADD, dn);
	char *type, *value = dn_rdn_value(f->a, dn, &type);

	c->entry = arena_alloc(f->a, sizeof(*c->entry));
	entry_add(f->a, c->entry, type, value);
	for (; *attrs != NULL; attrs += 2)
		entry_add(f->a, c->entry, attrs[0], attrs[1]);
	must(f, c);
}
#define ADD(f, rdn, ou, ...) add(f, dn_of(f, rdn, ou), \
	(const char *[]){ __VA_ARGS__, NULL })

static void modify(struct fix *f, const char *dn, enum mod_op op,
    const char *attr, const char *value)
{
	struct change *c = change_new(f->a, CHANGE_MODIFY, dn);

	change_set(f->a, c, op, attr, value);
	must(f, c);
}

static void change_person(struct fix *f, const char *id, enum mod_op op,
    const char *attr, const char *value)
{
	modify(f, person_dn(f, id), op, attr, value);
}

static void add_person(struct fix *f, const char *id, const char *role)
{
	ADD(f, arena_printf(f->a, "provostPersonId=%s", id), "people",
	    "objectClass", "inetOrgPerson", "objectClass", "provostUser",
	    "uid", id, "cn", id, "sn", "Ek", "provostState", "active",
	    "provostRole", role, "provostEnterprise", "acme",
	    "provostCompany", "acme-one");
}

static void add_catalogue(struct fix *f)
{
	ADD(f, "provostEnterpriseId=acme", "enterprises", "objectClass",
	    "provostEnterpriseEntry", "cn", "Acme", "provostActive", "TRUE");
	ADD(f, "provostCompanyId=acme-one", "companies", "objectClass",
	    "provostCompanyEntry", "cn", "One", "provostEnterprise", "acme");
	ADD(f, "provostAccountNumber=1", "accounts", "objectClass",
	    "provostBillingAccount", "provostCompany", "acme-one",
	    "provostEnterprise", "acme");
	ADD(f, "provostAccountNumber=2", "accounts", "objectClass",
	    "provostBillingAccount", "provostCompany", "acme-one",
	    "provostEnterprise", "acme");
	ADD(f, "provostToolId=wan", "tools", "objectClass", "provostTool",
	    "cn", "WAN", "provostRestricted", "FALSE", "provostTarget", "tool");
	ADD(f, "provostToolId=voip", "tools", "objectClass", "provostTool",
	    "cn", "VoIP", "provostRestricted", "FALSE", "provostTarget",
	    "tool");
	ADD(f, "provostToolId=calm", "tools", "objectClass", "provostTool",
	    "cn", "Calm", "provostRestricted", "FALSE", "provostTarget",
	    "quiet");
	add_person(f, "contact", "primary-contact");
	add_person(f, "anna", "billing-manager");
}

static int set_up(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	*state = f;
	f->a = arena_new();
	f->limits = (struct guard_limits){ 1000, 1000000, 1000000 };
	f->map = map_small(SLAPD_SUFFIX);
	if (slapd_run_new(&f->slapd, NULL) != 0)
		exit(77);
	slapd_run_start(&f->slapd);
	manager_up(f);
	scim_peer_start(&f->peer);
	f->port = peer_port(f->peer.peer);
	add_catalogue(f);
	return 0;
}

static int tear_down(void **state)
{
	struct fix *f = *state;

	if (f->engine != NULL)
		down(f);
	ldapc_close(f->manager);
	slapd_run_free(&f->slapd);
	scim_peer_free(&f->peer);
	scim_map_free(f->map);
	arena_free(f->a);
	free(f);
	return 0;
}

/* --- what is seen from outside ------------------------------------------------------ */

static const char *status(struct fix *f)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 20);
	engine_describe(f->engine, &b);
	s = arena_strdup(f->a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static void wait_tool(struct fix *f, const char *part, bool there)
{
	int64_t end = clock_mono() + PATIENCE;
	struct arena *a = arena_new();

	while ((strstr(scim_peer_dump(&f->peer, a), part) != NULL) != there &&
	    clock_mono() < end) {
		usleep(1000);
		arena_reset(a);
	}
	if ((strstr(scim_peer_dump(&f->peer, a), part) != NULL) != there)
		fail_msg("%s %s\n%s\n%s", part, there ? "is not in" :
		    "is still in", scim_peer_dump(&f->peer, a), status(f));
	arena_free(a);
}

/* The entries below ou that match a filter. */
static size_t search(struct fix *f, const char *ou, const char *filter)
{
	struct ldapc_search s = { .base = arena_printf(f->a, "ou=%s,"
	    SLAPD_SUFFIX, ou), .scope = SCOPE_ONE, .filter = filter };
	struct entry **entries;
	size_t n = 0;

	if (ldapc_search_all(f->manager, f->a, &s, &entries, &n, &f->e) != 0)
		fail_msg("%s", f->e.text);
	return n;
}

static void wait_found(struct fix *f, const char *ou, const char *filter,
    size_t want)
{
	int64_t end = clock_mono() + PATIENCE;

	while (search(f, ou, filter) != want && clock_mono() < end)
		usleep(2000);
	if (search(f, ou, filter) != want)
		fail_msg("%zu of %s below %s, not %zu\n%s",
		    search(f, ou, filter), filter, ou, want, status(f));
}

static void wait_shown(struct fix *f, const char *part, bool there)
{
	int64_t end = clock_mono() + PATIENCE;

	while ((strstr(status(f), part) != NULL) != there &&
	    clock_mono() < end)
		usleep(2000);
	if ((strstr(status(f), part) != NULL) != there)
		fail_msg("%s %s %s", part, there ? "is not in" : "is still in",
		    status(f));
}

static void wait_status(struct fix *f, const char *part)
{
	wait_shown(f, part, true);
}

/* At least so many full passes. */
static void wait_passes(struct fix *f, long want)
{
	static const char name[] = "\"passes\":";
	int64_t end = clock_mono() + PATIENCE;
	const char *at;

	do {
		at = strstr(status(f), name);
		if (at != NULL && atol(at + strlen(name)) >= want)
			return;
		usleep(2000);
	} while (clock_mono() < end);
	fail_msg("not %ld passes: %s", want, status(f));
}

/* Nothing is owed, and that has stayed so over a full pass. */
static void wait_quiet(struct fix *f)
{
	wait_status(f, "\"pending\":0,");
}

/* --- grants ---------------------------------------------------------------------------- */

#define HOLDS(accounts) "{\"value\":\"wan\",\"accounts\":[" accounts "]}"

static void test_grant_by_ldapmodify(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, HOLDS(""), true);
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 1");
	wait_tool(f, HOLDS("\"1\""), true);
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 2");
	wait_tool(f, HOLDS("\"1\",\"2\""), true);
	change_person(f, "anna", MOD_DELETE, "provostToolAccount", "wan 1");
	wait_tool(f, HOLDS("\"2\""), true);
	wait_quiet(f);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan/2 confirmed*)",
	    1);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan/1*)", 0);
	/* The company goes, and with it what hung on it (V14). */
	change_person(f, "anna", MOD_DELETE, "provostCompany", "acme-one");
	wait_tool(f, "anna", false);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	assert_int_equal(f->peer.deletes, 1);
}

/* V14: a company is taken away with ldapmodify, what hung on it goes from the
 * entry; an account that came before its company stays. */
static void test_company_taken_away(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostAccount", "1");
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 1");
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "calm");
	change_person(f, "anna", MOD_ADD, "provostPeriod",
	    "account:1 20260101000000Z -");
	change_person(f, "anna", MOD_ADD, "provostProvenance",
	    "company:acme-one client:x 20260101000000Z");
	wait_tool(f, HOLDS("\"1\""), true);
	change_person(f, "anna", MOD_DELETE, "provostCompany", "acme-one");
	wait_found(f, "people", "(&(provostPersonId=anna)"
	    "(provostToolGrant=calm)(!(provostAccount=*))"
	    "(!(provostToolGrant=wan))(!(provostToolAccount=*))"
	    "(!(provostPeriod=*))(!(provostProvenance=*)))", 1);
	wait_tool(f, "anna", false);
	/* Back again, it brings nothing back. */
	change_person(f, "anna", MOD_ADD, "provostCompany", "acme-one");
	wait_quiet(f);
	wait_found(f, "people", "(&(provostPersonId=anna)"
	    "(provostAccount=*))", 0);
	/* The account first, the company later. */
	change_person(f, "anna", MOD_DELETE, "provostCompany", "acme-one");
	change_person(f, "anna", MOD_ADD, "provostAccount", "2");
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "anna", true);
	change_person(f, "anna", MOD_ADD, "provostCompany", "acme-one");
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 2");
	wait_tool(f, HOLDS("\"2\""), true);
	wait_found(f, "people", "(&(provostPersonId=anna)(provostAccount=2))",
	    1);
}

/* V14: while nobody was looking. */
static void test_company_taken_while_away(void **state)
{
	struct fix *f = *state;

	change_person(f, "anna", MOD_ADD, "provostAccount", "1");
	up(f);
	wait_passes(f, 1);
	down(f);
	change_person(f, "anna", MOD_DELETE, "provostCompany", "acme-one");
	up(f);
	wait_found(f, "people", "(&(provostPersonId=anna)"
	    "(provostAccount=*))", 0);
}

/* V10: every tool is told. */
static void test_leaver(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "voip");
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "calm");
	wait_tool(f, "voip", true);
	wait_tool(f, "wan", true);
	wait_found(f, "receipts", "(&(provostReceipt=quiet tool:calm conf*)"
	    "(provostReceipt=tool tool:wan conf*)(provostPersonId=anna))", 1);
	must(f, change_new(f->a, CHANGE_DELETE, person_dn(f, "anna")));
	wait_tool(f, "anna", false);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	assert_int_equal(scim_peer_count(&f->peer), 0);
}

/* Gone as soon as the tool knows them: their receipts are still on the way. */
static void test_leaver_at_once(void **state)
{
	struct fix *f = *state;
	const char *id;
	int i;

	up(f);
	for (i = 0; i < 20; i++) {
		id = arena_printf(f->a, "p%d", i);
		add_person(f, id, "billing-manager");
		change_person(f, id, MOD_ADD, "provostToolGrant", "voip");
		change_person(f, id, MOD_ADD, "provostToolGrant", "wan");
		if (i % 2 == 0)
			wait_tool(f, arena_printf(f->a, "\"%s\"", id), true);
		must(f, change_new(f->a, CHANGE_DELETE, person_dn(f, id)));
	}
	wait_quiet(f);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	wait_tool(f, "\"p", false);
	assert_int_equal(scim_peer_count(&f->peer), 0);
}

static void test_catalogue_touches_everybody(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "anna", true);
	wait_quiet(f);
	modify(f, dn_of(f, "provostToolId=wan", "tools"), MOD_REPLACE,
	    "provostTarget", "quiet");
	wait_tool(f, "anna", false);
	wait_found(f, "receipts", "(provostReceipt=quiet tool:wan conf*)", 1);
	must(f, change_new(f->a, CHANGE_DELETE,
	    dn_of(f, "provostToolId=wan", "tools")));
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
}

static void test_second_pass_does_nothing(void **state)
{
	struct fix *f = *state;
	unsigned requests;
	int i;

	up(f);
	for (i = 0; i < 30; i++) {
		add_person(f, arena_printf(f->a, "p%d", i), "billing-manager");
		change_person(f, arena_printf(f->a, "p%d", i), MOD_ADD,
		    "provostToolGrant", "wan");
	}
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 30);
	wait_quiet(f);
	down(f);
	/* Without a view, and with one: no action. */
	requests = peer_requests(f->peer.peer);
	assert_int_equal(system(arena_printf(f->a, "rm -r %s/view",
	    f->slapd.dir)), 0);
	for (i = 0; i < 2; i++) {
		up(f);
		wait_passes(f, 1);
		wait_status(f, "\"people\":32,");
		wait_quiet(f);
		down(f);
	}
	assert_int_equal(peer_requests(f->peer.peer), requests);
	assert_int_equal(scim_peer_count(&f->peer), 30);
}

/* --- time ---------------------------------------------------------------------------------- */

static void test_period_ends(void **state)
{
	struct fix *f = *state;
	char until[24];

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "anna", true);
	wait_quiet(f);
	clock_print_gt(clock_now() + 2 * CLOCK_SECOND, until);
	change_person(f, "anna", MOD_ADD, "provostPeriod",
	    arena_printf(f->a, "tool:wan - %s", until));
	usleep(300 * 1000);
	assert_int_equal(scim_peer_count(&f->peer), 1);
	wait_tool(f, "anna", false);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
}

static void test_period_begins_after_restart(void **state)
{
	struct fix *f = *state;
	char from[24];

	clock_print_gt(clock_now() + 2 * CLOCK_SECOND, from);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	change_person(f, "anna", MOD_ADD, "provostPeriod",
	    arena_printf(f->a, "tool:wan %s -", from));
	up(f);
	wait_passes(f, 1);
	down(f);
	assert_int_equal(scim_peer_count(&f->peer), 0);
	up(f);
	wait_tool(f, "anna", true);
}

/* --- requests ------------------------------------------------------------------------------ */

static void add_request(struct fix *f, const char *id, const char *who,
    const char *account)
{
	ADD(f, arena_printf(f->a, "provostRequestId=%s", id), "requests",
	    "objectClass", "provostAccessRequest",
	    "provostRequester", person_dn(f, who), "provostBeneficiary",
	    person_dn(f, who), "provostRequestKind", "tool",
	    "provostToolGrant", "wan", "provostAccount", account,
	    "provostRequestState", "pending");
}

static void decide(struct fix *f, const char *id, const char *word)
{
	struct change *c = change_new(f->a, CHANGE_MODIFY, dn_of(f,
	    arena_printf(f->a, "provostRequestId=%s", id), "requests"));

	change_set(f->a, c, MOD_ADD, "provostDecision", word);
	change_set(f->a, c, MOD_ADD, "provostDecidedBy",
	    person_dn(f, "contact"));
	must(f, c);
}

static void test_request_approved(void **state)
{
	struct fix *f = *state;

	up(f);
	add_request(f, "r1", "anna", "1");
	decide(f, "r1", "approved");
	wait_tool(f, HOLDS("\"1\""), true);
	wait_found(f, "requests", "(&(provostRequestId=r1)"
	    "(provostRequestState=applied)(provostAppliedAt=*))", 1);
	wait_found(f, "people", "(&(provostPersonId=anna)"
	    "(provostProvenance=tool:wan/1 request:r1*))", 1);
	/* A second request of the same person, and one that is denied. */
	add_request(f, "r2", "anna", "2");
	add_request(f, "r3", "anna", "2");
	decide(f, "r3", "denied");
	decide(f, "r2", "approved");
	wait_found(f, "requests", "(provostRequestState=applied)", 2);
	wait_found(f, "requests", "(provostRequestState=denied)", 1);
	wait_tool(f, HOLDS("\"1\",\"2\""), true);
	/* Nobody decides for themselves. */
	add_request(f, "r4", "contact", "2");
	decide(f, "r4", "approved");
	wait_found(f, "requests", "(&(provostRequestId=r4)"
	    "(provostRequestState=failed)(provostStatusText=*))", 1);
}

/* Decided while nobody was there, with the tool away, for several at once. */
static void test_request_stream(void **state)
{
	struct fix *f = *state;
	const char *id;
	int i;

	for (i = 0; i < 60; i++) {
		id = arena_printf(f->a, "p%d", i % 40);
		if (i < 40)
			add_person(f, id, "billing-manager");
		add_request(f, arena_printf(f->a, "r%d", i), id,
		    i < 40 ? "1" : "2");
		decide(f, arena_printf(f->a, "r%d", i), "approved");
	}
	scim_peer_stop(&f->peer);
	up(f);
	wait_found(f, "requests", "(provostRequestState=approved)", 60);
	wait_status(f, "\"state\":\"down\"");
	scim_peer_start_on(&f->peer, f->port);
	wait_found(f, "requests", "(provostRequestState=applied)", 60);
	wait_quiet(f);
	assert_int_equal(scim_peer_count(&f->peer), 40);
	assert_true(f->peer.writes >= 40 && f->peer.writes <= 60);
}

static void add_code_request(struct fix *f, const char *id, const char *attr,
    const char *value)
{
	ADD(f, arena_printf(f->a, "provostRequestId=%s", id), "requests",
	    "objectClass", "provostAccessRequest", "provostRequester",
	    person_dn(f, "anna"), "provostRequestKind", "accounts",
	    "provostItemBilling", "9 paperless", "provostItemBilling",
	    "8 paper", attr, value);
}

static void wait_request(struct fix *f, const char *id, const char *what)
{
	wait_found(f, "requests", arena_printf(f->a,
	    "(&(provostRequestId=%s)%s)", id, what), 1);
}

/* V23, V24: a printed code is enough. */
static void test_code(void **state)
{
	struct fix *f = *state;

	f->map->code_key = "key";
	ADD(f, "provostCompanyId=two", "companies", "objectClass",
	    "provostCompanyEntry", "cn", "Two", "provostEnterprise", "acme");
	ADD(f, "provostAccountNumber=9", "accounts", "objectClass",
	    "provostBillingAccount", "provostCompany", "two",
	    "provostEnterprise", "acme", "provostBilling", "paper",
	    "provostInvitationCode", code_hash(f->a, "key", "NINE"));
	up(f);
	add_code_request(f, "r1", "provostInvitationCode",
	    code_hash(f->a, "key", "nine"));
	wait_request(f, "r1", "(provostRequestState=applied)"
	    "(provostAccount=9)");
	wait_found(f, "people", "(&(provostPersonId=anna)"
	    "(provostCompany=two)(provostAccount=9)"
	    "(!(provostCpniAuthorized=*))(!(provostAllAccountsOf=*))"
	    "(provostProvenance=account:9 request:r1*))", 1);
	wait_found(f, "accounts", "(&(provostAccountNumber=9)"
	    "(provostBilling=paperless))", 1);
}

/* V28: wrong codes are counted, and locked out; a restart forgets nothing. */
static void test_wrong_codes(void **state)
{
	struct fix *f = *state;
	int i;

	f->map->code_key = "key";
	ADD(f, "provostAccountNumber=9", "accounts", "objectClass",
	    "provostBillingAccount", "provostCompany", "acme-one",
	    "provostInvitationCode", code_hash(f->a, "key", "NINE"));
	up(f);
	for (i = 0; i < 4; i++) {
		add_code_request(f, arena_printf(f->a, "w%d", i),
		    "provostInvitationCode", code_hash(f->a, "key",
		    arena_printf(f->a, "wrong%d", i)));
		wait_found(f, "people", arena_printf(f->a,
		    "(provostWrongCodes=%d *)", i + 1), 1);
		wait_request(f, arena_printf(f->a, "w%d", i),
		    "(provostRequestState=failed)"
		    "(!(provostInvitationCode=*))");
	}
	down(f);
	change_person(f, "anna", MOD_REPLACE, "provostWrongCodes",
	    arena_printf(f->a, "10 %s", clock_print_gt(clock_now(),
	    arena_alloc(f->a, 24))));
	up(f);
	add_code_request(f, "right", "provostInvitationCode",
	    code_hash(f->a, "key", "NINE"));
	wait_request(f, "right", "(provostRequestState=failed)"
	    "(provostStatusText=too many wrong codes*)");
	wait_found(f, "people", "(provostAccount=9)", 0);
	/* Whoever takes the count away unlocks. */
	change_person(f, "anna", MOD_DELETE, "provostWrongCodes", NULL);
	add_code_request(f, "again", "provostInvitationCode",
	    code_hash(f->a, "key", "NINE"));
	wait_request(f, "again", "(provostRequestState=applied)");
}

/* V23: the code comes by post; until it is entered the request waits. */
static void test_fresh_code(void **state)
{
	struct fix *f = *state;
	const char *dn = dn_of(f, "provostRequestId=r1", "requests");
	struct ldapc_search s = { .base = dn, .scope = SCOPE_BASE,
	    .filter = "(objectClass=*)" };
	struct entry **found;
	size_t n;

	f->map->code_key = "key";
	ADD(f, "provostAccountNumber=8", "accounts", "objectClass",
	    "provostBillingAccount", "provostCompany", "acme-one",
	    "postalAddress", "Main Street 1");
	up(f);
	ADD(f, "provostRequestId=r1", "requests", "objectClass",
	    "provostAccessRequest", "provostRequester", person_dn(f, "anna"),
	    "provostRequestKind", "accounts", "provostAccount", "8",
	    "provostItemBilling", "8 paper", "provostDelivery", "post");
	wait_request(f, "r1", "(provostRequestState=awaitingCode)");
	modify(f, dn, MOD_ADD, "provostInvitationCode",
	    code_hash(f->a, "key", "guess"));
	wait_found(f, "accounts", "(&(provostAccountNumber=8)"
	    "(provostWrongCodes=*))", 1);
	wait_request(f, "r1", "(provostRequestState=awaitingCode)"
	    "(!(provostInvitationCode=*))");
	assert_int_equal(ldapc_search_all(f->manager, f->a, &s, &found, &n,
	    &f->e), 0);
	modify(f, dn, MOD_ADD, "provostInvitationCode", code_hash(f->a,
	    "key", code_fresh(f->a, "key", found[0]->uuid, "8")));
	wait_request(f, "r1", "(provostRequestState=applied)");
	wait_found(f, "people", "(&(provostPersonId=anna)(provostAccount=8))",
	    1);
	wait_found(f, "accounts", "(&(provostAccountNumber=8)"
	    "(provostBilling=paper))", 1);
}

/* --- what goes wrong --------------------------------------------------------------------------- */

static void test_tool_away(void **state)
{
	struct fix *f = *state;

	scim_peer_stop(&f->peer);
	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan pending*)", 1);
	wait_status(f, "\"state\":\"down\"");
	/* Changed meanwhile: only the last is sent. */
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 2");
	scim_peer_start_on(&f->peer, f->port);
	wait_tool(f, HOLDS("\"2\""), true);
	wait_quiet(f);
	wait_found(f, "receipts", "(provostReceipt=*pending*)", 0);
	wait_status(f, "\"state\":\"ok\"");
}

/* What was never sent, or may have been, and is not owed any more. */
static void test_taken_back_while_away(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "anna", true);
	wait_quiet(f);
	scim_peer_stop(&f->peer);
	change_person(f, "anna", MOD_DELETE, "provostToolGrant", "wan");
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan ending*)", 1);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	scim_peer_start_on(&f->peer, f->port);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 1);
	wait_quiet(f);
	assert_int_equal(scim_peer_count(&f->peer), 1);
}

static void test_answers_that_fail(void **state)
{
	struct fix *f = *state;

	f->peer.fail = 3;
	f->peer.fail_status = 500;
	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 1);
	f->peer.fail = 1;
	f->peer.fail_status = 401;
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "voip");
	wait_found(f, "receipts", "(provostReceipt=tool tool:voip conf*)", 1);
	f->peer.lose_answer = true;
	change_person(f, "anna", MOD_DELETE, "provostToolGrant", "voip");
	wait_found(f, "receipts", "(provostReceipt=*voip*)", 0);
	wait_tool(f, "voip", false);
}

static void test_poison_is_parked(void **state)
{
	struct fix *f = *state;

	scim_peer_add(&f->peer, "{\"userName\":\"anna\",\"externalId\":\"x\"}");
	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	change_person(f, "contact", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "contact", true);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan failed*)", 1);
	wait_status(f, "\"pending\":0,\"failed\":1,");
	assert_non_null(strstr(status(f), "the userName is taken there"));
	/* A change to the person is a reason to try again. */
	change_person(f, "anna", MOD_REPLACE, "uid", "anna.ek");
	wait_tool(f, "anna.ek", true);
	wait_status(f, "\"pending\":0,\"failed\":0,");
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 2);
}

static void test_directory_away(void **state)
{
	struct fix *f = *state;

	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	/* The tool has it, the receipt may or may not be there. */
	wait_tool(f, "anna", true);
	slapd_run_stop(&f->slapd, SIGKILL);
	usleep(200 * 1000);
	slapd_run_start(&f->slapd);
	manager_up(f);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 1);
	wait_quiet(f);
	assert_int_equal(f->peer.writes, 1);
	change_person(f, "anna", MOD_DELETE, "provostToolGrant", "wan");
	wait_tool(f, "anna", false);
}

static void test_reload(void **state)
{
	struct fix *f = *state;
	struct target_conf t[2];

	f->no_target = true;
	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_status(f, "\"unknownTargets\":[\"tool\"]");
	targets(f, t);
	t[1].url = "gopher://x";
	assert_int_equal(reload(f, t, 2), ERR_INVALID);
	targets(f, t);
	assert_int_equal(reload(f, t, 2), 0);
	wait_tool(f, "anna", true);
	/* Changed, and taken away again. */
	t[1].token = "other";
	assert_int_equal(reload(f, t, 2), 0);
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 1");
	wait_tool(f, HOLDS("\"1\""), true);
	wait_quiet(f);
	assert_int_equal(reload(f, t, 1), 0);
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 2");
	wait_status(f, "\"unknownTargets\":[\"tool\"]");
	wait_shown(f, "\"name\":\"tool\"", false);
}

/* Intervals, times and limits of a running engine. */
static void test_reload_times(void **state)
{
	struct fix *f = *state;
	struct target_conf t[2];
	struct engine_conf c;

	scim_peer_stop(&f->peer);
	up(f);
	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	wait_status(f, "\"state\":\"down\"");
	wait_status(f, "\"overdue\":0");
	targets(f, t);
	c = conf(f, t, 2);
	c.overdue = 1;
	c.full_interval = CLOCK_SECOND / 50;
	assert_int_equal(engine_reload(f->engine, &c, &f->e), 0);
	wait_status(f, "\"overdue\":1");
	wait_passes(f, 9);
}

static void wait_problems(int64_t want)
{
	int64_t end = clock_mono() + PATIENCE;

	while (counter_get(C_ENGINE_PROBLEMS) != want && clock_mono() < end)
		usleep(2000);
	assert_int_equal(counter_get(C_ENGINE_PROBLEMS), want);
}

/* What breaks a rule is counted, once, and not any more when it is mended. */
static void test_problems(void **state)
{
	struct fix *f = *state;
	struct target_conf t[2];
	struct engine_conf c;

	change_person(f, "anna", MOD_ADD, "provostToolGrant", "wan");
	change_person(f, "anna", MOD_ADD, "provostToolAccount", "wan 99");
	up(f);
	wait_passes(f, 1);
	assert_int_equal(counter_get(C_ENGINE_PROBLEMS), 1);
	change_person(f, "anna", MOD_DELETE, "provostToolAccount", "wan 99");
	targets(f, t);
	c = conf(f, t, 2);
	c.full_interval = CLOCK_SECOND / 50;
	assert_int_equal(engine_reload(f->engine, &c, &f->e), 0);
	wait_problems(0);
}

/* --- the guard (J3) ------------------------------------------------------------------------- */

#define JOBS(state) "(&(provostJobKind=held)(provostJobState=" state "))"

/* The one job in this state. */
static const char *job_dn(struct fix *f, const char *state)
{
	struct ldapc_search s = { .base = "ou=jobs," SLAPD_SUFFIX,
	    .scope = SCOPE_ONE, .filter = arena_printf(f->a,
	    "(&(provostJobKind=held)(provostJobState=%s))", state) };
	struct entry **entries;
	size_t n = 0;

	if (ldapc_search_all(f->manager, f->a, &s, &entries, &n, &f->e) != 0)
		fail_msg("%s", f->e.text);
	assert_int_equal(n, 1);
	return entries[0]->dn;
}

static void decide_job(struct fix *f, const char *word)
{
	modify(f, job_dn(f, "held"), MOD_REPLACE, "provostJobState", word);
}

static void wait_held(struct fix *f, const char *target, int people)
{
	wait_status(f, arena_printf(f->a,
	    "{\"target\":\"%s\",\"people\":%d,", target, people));
}

/* Until all that is left of CALM is held; so many. */
static size_t wait_rest(struct fix *f)
{
	int64_t end = clock_mono() + PATIENCE;
	size_t left;

	do {
		left = search(f, "receipts", "(provostReceipt=quiet tool:calm "
		    "conf*)");
		if (strstr(status(f), arena_printf(f->a,
		    "{\"target\":\"quiet\",\"people\":%zu,", left)) != NULL)
			return left;
		usleep(2000);
	} while (clock_mono() < end);
	fail_msg("%zu are left: %s", left, status(f));
	return 0;
}

static void wait_none_held(struct fix *f)
{
	wait_status(f, "\"held\":[]");
}

/* n people of a department; attr, if not NULL, has value on each. */
static void add_crowd(struct fix *f, int n, const char *attr,
    const char *value)
{
	int i;

	f->limits = guard_defaults;
	for (i = 0; i < n; i++) {
		const char *id = arena_printf(f->a, "c%d", i);

		add_person(f, id, "billing-manager");
		change_person(f, id, MOD_ADD, "departmentNumber", "crowd");
		if (attr != NULL)
			change_person(f, id, MOD_ADD, attr, value);
	}
}

static void each_of_crowd(struct fix *f, int n, enum mod_op op,
    const char *attr, const char *value)
{
	int i;

	for (i = 0; i < n; i++)
		change_person(f, arena_printf(f->a, "c%d", i), op, attr,
		    value);
}

static void delete_crowd(struct fix *f, int n)
{
	int i;

	for (i = 0; i < n; i++)
		must(f, change_new(f->a, CHANGE_DELETE, person_dn(f,
		    arena_printf(f->a, "c%d", i))));
}

static void add_rule(struct fix *f)
{
	ADD(f, "provostRuleId=crowd", "rules", "objectClass", "provostRule",
	    "departmentNumber", "crowd", "provostPriority", "1",
	    "provostToolGrant", "calm");
}

static void delete_rule(struct fix *f)
{
	must(f, change_new(f->a, CHANGE_DELETE,
	    dn_of(f, "provostRuleId=crowd", "rules")));
}

#define CALM "(provostReceipt=quiet tool:calm conf*)"

/* Receipts of many people who are not there: absence is no proof. */
static void test_guard_holds_orphans(void **state)
{
	struct fix *f = *state;
	int i;

	f->limits = guard_defaults;
	for (i = 0; i < 60; i++)
		ADD(f, arena_printf(f->a, "provostPersonUuid="
		    "0b9b9a3e-0000-4000-8000-0000000000%02d", i), "receipts",
		    "objectClass", "provostReceipts", "provostPersonId",
		    arena_printf(f->a, "p%02d", i), "provostReceipt",
		    "quiet tool:calm confirmed 20260101000000Z - 0");
	up(f);
	wait_held(f, "quiet", 60);
	wait_found(f, "jobs", JOBS("held") , 1);
	assert_int_equal(search(f, "receipts", CALM), 60);
	/* Held is held, also when few are left of it. */
	down(f);
	for (i = 9; i < 60; i++)
		must(f, change_new(f->a, CHANGE_DELETE, dn_of(f, arena_printf(
		    f->a, "provostPersonUuid=0b9b9a3e-0000-4000-8000-"
		    "0000000000%02d", i), "receipts")));
	up(f);
	wait_held(f, "quiet", 9);
	assert_int_equal(search(f, "receipts", CALM), 9);
	decide_job(f, "released");
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	wait_none_held(f);
	wait_found(f, "jobs", JOBS("applied"), 1);
}

/* At the limit and one above it: 200 people, 5 %. */
static void test_guard_at_the_limit(void **state)
{
	struct fix *f = *state;

	add_crowd(f, 200, "provostToolGrant", "calm");
	up(f);
	wait_found(f, "receipts", CALM, 200);
	each_of_crowd(f, 10, MOD_DELETE, "provostToolGrant", "calm");
	wait_found(f, "receipts", CALM, 190);
	wait_quiet(f);
	assert_int_equal(search(f, "jobs", JOBS("held")), 0);
	/* The same day. */
	must(f, change_new(f->a, CHANGE_DELETE, person_dn(f, "c10")));
	wait_held(f, "quiet", 1);
	assert_int_equal(search(f, "receipts", CALM), 190);
}

/* Somebody deletes people one by one: one job, which grows. */
static void test_guard_burst(void **state)
{
	struct fix *f = *state;
	size_t left;

	add_crowd(f, 300, "provostToolGrant", "calm");
	up(f);
	wait_found(f, "receipts", CALM, 300);
	delete_crowd(f, 300);
	wait_found(f, "people", "(departmentNumber=crowd)", 0);
	/* Nothing was let pass but, at most, what the limit lets pass. */
	wait_found(f, "jobs", JOBS("held"), 1);
	left = wait_rest(f);
	assert_true(left >= 285);
	/* Restarted, without a view: held. */
	down(f);
	assert_int_equal(system(arena_printf(f->a, "rm -r %s/view",
	    f->slapd.dir)), 0);
	up(f);
	wait_passes(f, 1);
	wait_held(f, "quiet", (int)left);
	assert_int_equal(search(f, "receipts", CALM), left);
	assert_int_equal(search(f, "jobs", JOBS("held")), 1);
	decide_job(f, "released");
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	wait_found(f, "jobs", JOBS("applied"), 1);
	wait_none_held(f);
}

/* One entry goes, sixty people lose: held before the first. */
static void test_guard_rule(void **state)
{
	struct fix *f = *state;

	add_crowd(f, 60, NULL, NULL);
	add_rule(f);
	up(f);
	wait_found(f, "receipts", CALM, 60);
	wait_quiet(f);
	delete_rule(f);
	wait_held(f, "quiet", 60);
	wait_found(f, "jobs", JOBS("held"), 1);
	assert_int_equal(search(f, "receipts", CALM), 60);
	/* What they get goes on, however often they are looked at. */
	change_person(f, "c0", MOD_ADD, "provostToolGrant", "wan");
	wait_tool(f, "c0", true);
	each_of_crowd(f, 60, MOD_REPLACE, "title", "held");
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 1);
	wait_held(f, "quiet", 60);
	assert_int_equal(search(f, "receipts", CALM), 60);
	/* The right comes back: nothing is owed, the job is over. */
	add_rule(f);
	wait_none_held(f);
	wait_found(f, "jobs", JOBS("over"), 1);
	assert_int_equal(search(f, "receipts", CALM), 60);
	/* Again, and rejected: it stays, also over a restart. */
	delete_rule(f);
	wait_held(f, "quiet", 60);
	wait_found(f, "jobs", JOBS("held"), 1);
	decide_job(f, "rejected");
	down(f);
	up(f);
	wait_passes(f, 1);
	wait_status(f, "\"people\":0,\"rejected\":60}");
	assert_int_equal(search(f, "receipts", CALM), 60);
	assert_int_equal(search(f, "jobs", JOBS("held")), 0);
}

/* Released is what was held, and nothing that came later (D5). */
static void test_guard_release_is_exact(void **state)
{
	struct fix *f = *state;
	size_t left;

	add_crowd(f, 60, "provostToolGrant", "calm");
	ADD(f, "provostToolId=mild", "tools", "objectClass", "provostTool",
	    "cn", "Mild", "provostRestricted", "FALSE", "provostTarget",
	    "quiet");
	each_of_crowd(f, 20, MOD_ADD, "provostToolGrant", "mild");
	up(f);
	wait_found(f, "receipts", CALM, 60);
	wait_found(f, "receipts", "(provostReceipt=quiet tool:mild conf*)",
	    20);
	down(f);
	each_of_crowd(f, 60, MOD_DELETE, "provostToolGrant", "calm");
	up(f);
	wait_held(f, "quiet", 60);
	wait_found(f, "jobs", JOBS("held"), 1);
	down(f);
	each_of_crowd(f, 20, MOD_DELETE, "provostToolGrant", "mild");
	change_person(f, "c59", MOD_ADD, "provostToolGrant", "calm");
	decide_job(f, "released");
	up(f);
	wait_found(f, "jobs", JOBS("applied"), 1);
	wait_held(f, "quiet", 20);
	wait_found(f, "jobs", JOBS("held"), 1);
	/* Twenty lose more than was released; the engine may have looked at
	 * some of them before it saw that, never after. */
	left = search(f, "receipts", CALM);
	assert_true(left >= 1 && left <= 21);
	wait_found(f, "receipts", "(&(provostPersonId=c59)" CALM ")", 1);
	assert_int_equal(search(f, "receipts",
	    "(provostReceipt=quiet tool:mild conf*)"), 20);
}

/* Part of a grant is held: what is added to it goes on. */
static void test_guard_part_of_a_grant(void **state)
{
	struct fix *f = *state;

	add_crowd(f, 12, "provostToolGrant", "wan");
	each_of_crowd(f, 12, MOD_ADD, "provostToolAccount", "wan 1");
	up(f);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan/1 conf*)",
	    12);
	wait_quiet(f);
	down(f);
	each_of_crowd(f, 12, MOD_DELETE, "provostToolAccount", "wan 1");
	up(f);
	wait_held(f, "tool", 12);
	change_person(f, "c3", MOD_ADD, "provostToolAccount", "wan 2");
	wait_tool(f, HOLDS("\"1\",\"2\""), true);
	wait_held(f, "tool", 12);
	wait_quiet(f);
	decide_job(f, "released");
	wait_tool(f, "\"1\"", false);
	wait_tool(f, HOLDS("\"2\""), true);
	wait_none_held(f);
	assert_int_equal(scim_peer_count(&f->peer), 12);
}

/* Ends that somebody set earlier are nobody's batch. */
static void test_guard_lets_ends_pass(void **state)
{
	struct fix *f = *state;
	char until[24];

	add_crowd(f, 60, "provostToolGrant", "calm");
	up(f);
	wait_found(f, "receipts", CALM, 60);
	clock_print_gt(clock_now() + 4 * CLOCK_SECOND, until);
	each_of_crowd(f, 60, MOD_ADD, "provostPeriod",
	    arena_printf(f->a, "tool:calm - %s", until));
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	assert_int_equal(search(f, "jobs", "(provostJobKind=held)"), 0);
}

/* What a source's gate let pass is not held again where it arrives. */
static void test_guard_after_the_gate(void **state)
{
	struct fix *f = *state;
	const struct held_ask q = { .side = HELD_SOURCE, .name = "idp",
	    .author = "client:idp", .kind = "gate", .tally.n = {
	    [GUARD_DELETE] = 60 }, .population = 62, .what = "people" };
	char id[HELD_ID];

	add_crowd(f, 60, "provostToolGrant", "calm");
	up(f);
	wait_found(f, "receipts", CALM, 60);
	assert_int_equal(held_ask(f->held, &q, id, &f->e), ERR_HELD);
	assert_int_equal(held_decide(f->held, id, HELD_RELEASED, "person:x",
	    "", &f->e), 0);
	assert_int_equal(held_ask(f->held, &q, id, &f->e), 0);
	delete_crowd(f, 60);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	assert_int_equal(search(f, "jobs", JOBS("held")), 0);
}

/* The target is away when the release comes, and the daemon goes: what was let
 * pass is known by the receipts. */
static void test_guard_counts_once(void **state)
{
	struct fix *f = *state;

	f->limits = guard_defaults;
	add_crowd(f, 9, "provostToolGrant", "wan");
	up(f);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan conf*)", 9);
	wait_quiet(f);
	scim_peer_stop(&f->peer);
	delete_crowd(f, 9);
	wait_found(f, "receipts", "(provostReceipt=tool tool:wan ending*)",
	    9);
	down(f);
	up(f);
	wait_passes(f, 1);
	scim_peer_start_on(&f->peer, f->port);
	wait_found(f, "receipts", "(objectClass=provostReceipts)", 0);
	assert_int_equal(held_counted(f->held, HELD_TARGET, "tool")
	    .n[GUARD_DELETE], 9);
	assert_int_equal(search(f, "jobs", JOBS("held")), 0);
}

/* --- the small parts -------------------------------------------------------------------------- */

static void test_schedule(void **state)
{
	struct schedule *s = schedule_new();
	uint8_t u[16] = { 0 }, got[16];
	int i, last = -1, n = 0;

	(void)state;
	for (i = 0; i < 500; i++) {
		u[0] = (uint8_t)i;
		u[1] = (uint8_t)(i >> 8);
		schedule_set(s, u, (i * 7919) % 1000);
	}
	for (i = 0; i < 500; i += 2) {
		u[0] = (uint8_t)i;
		u[1] = (uint8_t)(i >> 8);
		schedule_set(s, u, i % 4 == 0 ? CLOCK_NEVER : 2000);
	}
	assert_int_equal(schedule_count(s), 375);
	assert_false(schedule_take(s, -1, got));
	while (schedule_next(s) < 2000) {
		assert_true(schedule_next(s) >= last);
		last = (int)schedule_next(s);
		assert_true(schedule_take(s, last, got));
		n++;
	}
	assert_int_equal(n, 250);
	assert_int_equal(schedule_count(s), 125);
	schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		cmocka_unit_test(test_schedule),
		T(test_grant_by_ldapmodify), T(test_leaver),
		T(test_company_taken_away), T(test_company_taken_while_away),
		T(test_leaver_at_once),
		T(test_catalogue_touches_everybody),
		T(test_second_pass_does_nothing), T(test_period_ends),
		T(test_period_begins_after_restart), T(test_request_approved),
		T(test_request_stream), T(test_code), T(test_wrong_codes),
		T(test_fresh_code), T(test_tool_away),
		T(test_taken_back_while_away), T(test_answers_that_fail),
		T(test_poison_is_parked), T(test_directory_away),
		T(test_reload), T(test_reload_times), T(test_problems),
		T(test_guard_holds_orphans), T(test_guard_at_the_limit),
		T(test_guard_burst), T(test_guard_rule),
		T(test_guard_release_is_exact), T(test_guard_part_of_a_grant),
		T(test_guard_lets_ends_pass), T(test_guard_after_the_gate),
		T(test_guard_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
