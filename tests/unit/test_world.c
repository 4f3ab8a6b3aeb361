/* SPDX-License-Identifier: ISC */
/* Typed values out of a view that intake has filled. */
#include <setjmp.h>
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
#include "directory/intake.h"
#include "directory/overlay.h"
#include "directory/owed.h"
#include "directory/world.h"
#include "map_small.h"
#include "model/dn.h"

#define SUFFIX "dc=example,dc=com"
#define ANN "provostPersonId=ann,ou=people," SUFFIX

struct fix {
	char dir[32];
	struct arena *a;
	struct scim_map *map;
	struct view *view;
	struct journal *journal;
	struct intake in;
	struct view_write *w;
	struct view_read *seen;
	struct world_view *world;
	uint8_t last;		/* uuid's last byte */
	struct err e;
};

/* --- filling --------------------------------------------------------- */

static void begin(struct fix *f)
{
	assert_int_equal(view_read_begin(f->view, &f->seen, &f->e), 0);
	assert_int_equal(view_write_begin(f->view, &f->w, &f->e), 0);
	intake_begin(&f->in, f->w, f->seen);
	intake_clear(&f->in);
}

static void commit(struct fix *f)
{
	view_read_end(f->seen);
	assert_int_equal(view_write_commit(f->w, &f->e), 0);
}

/* name, value, name, value ..., NULL */
static uint8_t put(struct fix *f, const char *rdn, const char *ou, ...)
{
	struct entry en = { .csn = "1", .creator = "", .modifier = "" };
	const char *name;
	va_list ap;

	en.dn = arena_printf(f->a, "%s,ou=%s,%s", rdn, ou, SUFFIX);
	en.uuid[15] = ++f->last;
	en.created = f->last;
	va_start(ap, ou);
	while ((name = va_arg(ap, const char *)) != NULL)
		entry_add(f->a, &en, name, va_arg(ap, const char *));
	va_end(ap);
	if (intake_put(&f->in, f->a, &en, false, &f->e) != 0)
		fail_msg("%s", f->e.text);
	return f->last;
}

static void put_account(struct fix *f, const char *number, const char *company)
{
	put(f, arena_printf(f->a, "provostAccountNumber=%s", number),
		"accounts", "objectClass", "provostBillingAccount",
		"provostAccountNumber", number, "provostCompany", company,
		NULL);
}

static void put_rule(struct fix *f, const char *id, const char *priority)
{
	put(f, arena_printf(f->a, "provostRuleId=%s", id), "rules",
		"objectClass", "provostRule", "provostRuleId", id,
		"provostPriority", priority, NULL);
}

static const uint8_t *uuid(uint8_t last)
{
	static uint8_t u[16];

	u[15] = last;
	return u;
}

static void open_world(struct fix *f)
{
	if (world_open(f->view, f->map, &f->world, &f->e) != 0)
		fail_msg("%s", f->e.text);
}

/* --- tests ----------------------------------------------------------- */

static bool count_account(void *arg, const struct account *acc)
{
	assert_non_null(acc->number);
	return ++*(int *)arg < 2;
}

/* How many were met, and the last one. */
struct met {
	const char *last;
	int n;
};

#define MEET(what, key)							\
static bool meet_##what(void *arg, const struct what *x)		\
{									\
	struct met *m = arg;						\
									\
	m->last = x->key;						\
	m->n++;								\
	return true;							\
}

MEET(service, id)
MEET(company, id)
MEET(tool, id)
MEET(person, uid)

static void put_user(struct fix *f, const char *uid, const char *role)
{
	put(f, arena_printf(f->a, "provostPersonId=%s", uid), "people",
		"objectClass", "provostUser", "provostPersonId", uid, "uid",
		uid, "provostState", "active", "provostRole", role, NULL);
}

static void put_service(struct fix *f, const char *id, const char *account)
{
	put(f, arena_printf(f->a, "provostServiceId=%s", id), "services",
		"objectClass", "provostServiceEntry", "provostServiceId", id,
		"provostAccount", account, NULL);
}

static void put_belongings(struct fix *f)
{
	begin(f);
	put_account(f, "1", "acme");
	put(f, "provostAccountNumber=2", "accounts", "objectClass",
		"provostBillingAccount", "provostAccountNumber", "2",
		"provostCompany", "acme", "provostInvitationCode", "abc",
		"provostBilling", "paper", "telephoneNumber", "+1 1", "c",
		"US", "postalAddress", "x", "provostWrongCodes",
		"3 20260101000000Z", NULL);
	put_service(f, "S1", "1");
	put_service(f, "S2", "2");
	put(f, "provostCompanyId=acme", "companies", "objectClass",
		"provostCompanyEntry", "provostCompanyId", "acme",
		"provostEnterprise", "big", NULL);
	put(f, "provostToolId=wan", "tools", "objectClass", "provostTool",
		"provostToolId", "wan", "provostTarget", "t", NULL);
	put_user(f, "pat", "Primary-Contact");
	put_user(f, "vic", "viewer");
	commit(f);
}

/* V16, V21, V23, V25: what belongs to what. */
static void belongings(void **state)
{
	struct fix *f = *state;
	const struct world *w;
	const struct account *acc;
	struct met m = { 0 };

	put_belongings(f);
	open_world(f);
	w = world_lookups(f->world);
	w->services_of(w->ctx, "2", meet_service, &m);
	assert_int_equal(m.n, 1);
	assert_string_equal(m.last, "S2");
	assert_string_equal(w->service(w->ctx, "s1")->account, "1");
	w->companies_of(w->ctx, "BIG", meet_company, &m);
	assert_string_equal(m.last, "acme");
	w->tools(w->ctx, meet_tool, &m);
	assert_string_equal(m.last, "wan");
	w->primary_contacts(w->ctx, meet_person, &m);
	assert_string_equal(m.last, "pat");
	assert_int_equal(m.n, 4);
	assert_null(w->account_of_code(w->ctx, "abd"));
	acc = w->account_of_code(w->ctx, "abc");
	assert_string_equal(acc->number, "2");
	assert_ptr_equal(acc, w->account(w->ctx, "2"));
	assert_string_equal(acc->billing, "paper");
	assert_string_equal(acc->country, "US");
	assert_string_not_equal(acc->address, "");
	assert_int_equal(acc->wrong.count, 3);
}

static struct entry *stored(struct fix *f, const char *rdn, const char *ou)
{
	struct view_item it;

	assert_true(intake_find(world_read(f->world), f->map, dn_normal(f->a,
		arena_printf(f->a, "%s,ou=%s,%s", rdn, ou, SUFFIX), NULL),
		&it));
	view_item_entry(f->a, &it);
	return entry_dup(f->a, &it.entry);
}

static struct entry *with(struct fix *f, const struct entry *e,
	const char *name, const char *value)
{
	struct entry *d = entry_dup(f->a, e);

	entry_drop(d, name);
	entry_add(f->a, d, name, value);
	return d;
}

static struct entry *fresh(struct fix *f, const char *dn, const char *cls,
	const char *rdn, const char *value)
{
	struct entry *e = arena_alloc(f->a, sizeof(*e));

	e->dn = arena_printf(f->a, "%s,%s", dn, SUFFIX);
	e->csn = e->creator = e->modifier = "";
	entry_add(f->a, e, "objectClass", cls);
	entry_add(f->a, e, rdn, value);
	return e;
}

/* What a plan would leave behind. */
static void fill_overlay(struct fix *f, struct overlay *o)
{
	struct entry *account = stored(f, "provostAccountNumber=2",
		"accounts"), *vic = stored(f, "provostPersonId=vic", "people");
	struct entry *pat = stored(f, "provostPersonId=pat", "people");
	struct entry *s3 = fresh(f, "provostServiceId=S3,ou=services",
		"provostServiceEntry", "provostServiceId", "S3");

	entry_add(f->a, s3, "provostAccount", "2");
	overlay_add(f->a, o, account, with(f, account, "provostCompany",
		"other"));
	overlay_add(f->a, o, vic, with(f, vic, "provostRole",
		"primary-contact"));
	overlay_add(f->a, o, pat, NULL);
	overlay_add(f->a, o, NULL, s3);
	overlay_add(f->a, o, NULL, fresh(f,
		"provostPersonId=new,ou=people", "provostUser", "uid",
		"new"));
	overlay_add(f->a, o, stored(f, "provostToolId=wan", "tools"), NULL);
}

static void as_it_would_be(void **state)
{
	struct fix *f = *state;
	struct overlay *o;
	const struct world *w;
	struct met m = { 0 };
	uint8_t uuid[16];
	int n = 0;

	put_belongings(f);
	open_world(f);
	o = overlay_new(f->a, f->map);
	fill_overlay(f, o);
	world_overlay(f->world, o);
	w = world_lookups(f->world);
	assert_string_equal(w->account(w->ctx, "2")->company, "other");
	w->accounts_of(w->ctx, "acme", count_account, &n);
	assert_int_equal(n, 1);
	w->accounts_of(w->ctx, "OTHER", count_account, &n);
	assert_int_equal(n, 2);
	w->services_of(w->ctx, "2", meet_service, &m);
	assert_int_equal(m.n, 2);
	assert_string_equal(w->service(w->ctx, "s3")->account, "2");
	assert_null(w->tool(w->ctx, "wan"));
	w->tools(w->ctx, meet_tool, &m);
	assert_int_equal(m.n, 2);
	w->primary_contacts(w->ctx, meet_person, &m);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.last, "vic");
	assert_null(world_person_dn(f->world,
		"provostPersonId=pat,ou=people," SUFFIX));
	overlay_uuid(f->a, "provostPersonId=new,ou=people," SUFFIX, uuid);
	assert_string_equal(world_person(f->world, uuid)->uid, "new");
	assert_string_equal(world_person_dn(f->world,
		"provostPersonId=NEW,ou=people," SUFFIX)->uid, "new");
}

static void catalog(void **state)
{
	struct fix *f = *state;
	const struct world *w;
	const struct rule *r;
	size_t n;
	int seen = 0;

	begin(f);
	put(f, "provostCompanyId=acme", "companies", "objectClass",
		"provostCompanyEntry", "provostCompanyId", "acme", "cn",
		"Acme Ltd", "provostEnterprise", "big", NULL);
	put(f, "provostToolId=wan", "tools", "objectClass", "provostTool",
		"provostToolId", "wan", "provostTarget", "null", NULL);
	put_account(f, "1", "acme");
	put_account(f, "2", "Acme");
	put_account(f, "3", "acme");
	put_account(f, "4", "other");
	put_rule(f, "b", "5");
	put_rule(f, "a", "5");
	put_rule(f, "c", "9");
	commit(f);
	open_world(f);
	w = world_lookups(f->world);
	assert_string_equal(w->company(w->ctx, "ACME")->name, "Acme Ltd");
	assert_ptr_equal(w->company(w->ctx, "acme"),
		w->company(w->ctx, "acme"));
	assert_null(w->company(w->ctx, "nobody"));
	assert_null(w->company(w->ctx, "nobody"));
	assert_string_equal(w->tool(w->ctx, "wan")->target, "null");
	assert_string_equal(w->account(w->ctx, "4")->company, "other");
	assert_null(w->role(w->ctx, "wan"));
	r = w->rules(w->ctx, &n);
	assert_int_equal(n, 3);
	assert_string_equal(r[0].id, "c");
	assert_string_equal(r[1].id, "a");
	assert_string_equal(r[2].id, "b");
	w->accounts_of(w->ctx, "acme", count_account, &seen);
	assert_int_equal(seen, 2);	/* stopped when told so */
	seen = -10;
	w->accounts_of(w->ctx, "acme", count_account, &seen);
	assert_int_equal(seen, -7);
	seen = 0;
	w->accounts_of(w->ctx, "nobody", count_account, &seen);
	assert_int_equal(seen, 0);
}

static void people(void **state)
{
	struct fix *f = *state;
	const struct person *p;
	uint8_t ann, tool;

	begin(f);
	ann = put(f, "provostPersonId=ann", "people", "objectClass",
		"inetOrgPerson", "objectClass", "provostUser",
		"provostPersonId", "ann", "uid", "ann.lee", "cn", "Ann",
		"provostState", "active", "provostToolGrant", "wan", NULL);
	tool = put(f, "provostToolId=wan", "tools", "objectClass",
		"provostTool", "provostToolId", "wan", NULL);
	commit(f);
	open_world(f);
	p = world_person(f->world, uuid(ann));
	assert_non_null(p);
	assert_string_equal(p->uid, "ann.lee");
	assert_int_equal(p->tools.n, 1);
	assert_ptr_equal(world_person_dn(f->world,
		"ProvostPersonID = ANN, ou=People," SUFFIX), p);
	assert_null(world_person(f->world, uuid(tool)));
	assert_null(world_person(f->world, uuid(77)));
	assert_null(world_person_dn(f->world, "no dn"));
	assert_null(world_person_dn(f->world, SUFFIX));
}

static void requests(void **state)
{
	struct fix *f = *state;
	const struct request *q;
	uint8_t good, bad;

	begin(f);
	good = put(f, "provostRequestId=r1", "requests", "objectClass",
		"provostAccessRequest", "provostRequestId", "r1",
		"provostRequester", ANN, "provostRequestKind", "tool",
		"provostToolGrant", "wan", "provostRequestState", "pending",
		NULL);
	bad = put(f, "provostRequestId=r2", "requests", "objectClass",
		"provostAccessRequest", "provostRequestId", "r2",
		"provostRequester", ANN, "provostRequestKind", "nonsense",
		"provostRequestState", "pending", NULL);
	commit(f);
	open_world(f);
	q = world_request(f->world, uuid(good));
	assert_non_null(q);
	assert_string_equal(q->tool, "wan");
	assert_int_equal(world_problems(f->world)->n, 0);
	assert_null(world_request(f->world, uuid(bad)));
	assert_true(world_problems(f->world)->n > 0);
	assert_null(world_request(f->world, uuid(99)));
}

static void receipts(void **state)
{
	struct fix *f = *state;
	static const char id[] = "7d0b3a52-0000-4000-8000-000000000001";
	struct receipts r;

	begin(f);
	put(f, arena_printf(f->a, "provostPersonUuid=%s", id), "receipts",
		"objectClass", "provostReceipts", "provostPersonUuid", id,
		"provostReceipt",
		"wan tool:wan confirmed 20260101000000Z 17 1",
		"provostReceipt", "broken", NULL);
	commit(f);
	open_world(f);
	r = world_receipts(f->world, id);
	assert_non_null(r.entry);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.v[0].target, "wan");
	assert_string_equal(r.v[0].remote_id, "17");
	assert_int_equal(world_problems(f->world)->n, 1);
	r = world_receipts(f->world, "7d0b3a52-0000-4000-8000-000000000002");
	assert_null(r.entry);
	assert_int_equal(r.n, 0);
}

static uint8_t put_person(struct fix *f, const char *id, const char *role)
{
	return put(f, arena_printf(f->a, "provostPersonId=%s", id), "people",
		"objectClass", "provostUser", "provostPersonId", id, "uid", id,
		"displayName", id, "mail", arena_printf(f->a, "%s@x", id),
		"provostState", "active", "provostRole", role,
		"provostCompany", "acme", NULL);
}

/* The same look for engine and plan, then the letter when it is sent. */
static void owed(void **state)
{
	struct fix *f = *state;
	uint8_t ann, pat;
	size_t n;
	const struct ways mail = { .mail = true }, none = { 0 };
	struct letter l;
	struct owed o;
	const char *id;

	begin(f);
	put(f, "provostRoleId=primary-contact", "roles", "objectClass",
		"provostRoleEntry", "provostRoleId", "primary-contact", NULL);
	put(f, "provostCompanyId=acme", "companies", "objectClass",
		"provostCompanyEntry", "provostCompanyId", "acme", NULL);
	put_account(f, "1", "acme");
	ann = put_person(f, "ann", "viewer");
	pat = put_person(f, "pat", "primary-contact");
	put(f, "provostRequestId=r1", "requests", "objectClass",
		"provostAccessRequest", "provostRequestId", "r1",
		"provostRequester", ANN, "provostRequestKind", "accounts",
		"provostAccount", "1", "provostRequestState", "pending", NULL);
	commit(f);
	open_world(f);
	owed_look(f->a, f->world, uuid(pat), &mail, 1000, &o);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.act[0].kind, ACTION_MAIL);
	assert_string_equal(o.act[0].tool, "request/r1");
	assert_string_equal(o.person->uid, "pat");
	id = arena_strdup(f->a, o.person->id);
	owed_look(f->a, f->world, uuid(pat), &none, 1000, &o);
	assert_int_equal(o.n, 0);
	owed_look(f->a, f->world, uuid(ann), &mail, 1000, &o);
	assert_int_equal(o.n, 0);
	owed_look(f->a, f->world, uuid(99), &mail, 1000, &o);
	assert_null(o.person);
	assert_int_equal(o.n, 0);
	assert_string_equal(owed_contacts(f->world, &n)[0]->uid, "pat");
	assert_int_equal(n, 1);
	assert_true(owed_concerns(f->world, world_request(f->world,
		uuid(pat + 1)), 0, 1000));
	assert_int_equal(owed_letter(f->a, f->world, &mail, "k", id,
		"request/r1", "https://x", 1000, &l, &f->e), 0);
	assert_string_equal(l.address, "pat@x");
	assert_string_equal(l.value[2], "ann");
	assert_int_equal(owed_letter(f->a, f->world, &mail, "k", id,
		"request/r2", "https://x", 1000, &l, &f->e), ERR_RETRY);
}

/* What the intake does besides. */
static void intake(void **state)
{
	struct fix *f = *state;
	struct view_item it;

	begin(f);
	put(f, "provostPersonId=ann", "people", "objectClass",
		"provostUser", "provostPersonId", "ann", "userPassword", "x",
		"userpassword;x-old", "y", "uid", "ann", NULL);
	assert_int_equal(f->in.differing, 1);
	commit(f);
	begin(f);
	assert_int_equal(view_get(f->seen, uuid(1), &it), 0);
	view_item_entry(f->a, &it);
	assert_null(entry_attr(&it.entry, "userPassword"));
	assert_null(entry_attr(&it.entry, "userpassword;x-old"));
	f->last = 0;		/* the same entry, the same CSN */
	put(f, "provostPersonId=ann", "people", "objectClass",
		"provostUser", "uid", "ann", NULL);
	assert_int_equal(f->in.differing, 0);
	f->last = 0;		/* moved by its parent */
	put(f, "provostPersonId=ann", "persons", "objectClass",
		"provostUser", "uid", "ann", NULL);
	assert_int_equal(f->in.differing, 1);
	assert_int_equal(f->in.top_moved, true);
	commit(f);
}

/* --- life ------------------------------------------------------------ */

static int setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));
	struct view_conf vc = { .map_size = (size_t)16 << 20 };
	const char *note;
	bool fresh;

	strcpy(f->dir, "/tmp/provost-unit.XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return 1;
	f->a = arena_new();
	f->map = map_small(SUFFIX);
	vc.dir = arena_printf(f->a, "%s/view", f->dir);
	vc.n_indexes = f->map->n_indexes;
	*state = f;
	return view_open(&vc, &f->view, &fresh, &f->e) != 0 ||
		journal_open(f->dir, &f->journal, &note, &f->e) != 0 ||
		intake_init(&f->in, f->map, f->journal, NULL, &f->e) != 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	int rc;

	world_close(f->world);
	intake_fini(&f->in);
	journal_close(f->journal);
	view_close(f->view);
	rc = system(arena_printf(f->a, "rm -rf %s", f->dir));
	scim_map_free(f->map);
	arena_free(f->a);
	free(f);
	return rc;
}

#define TEST(x) cmocka_unit_test_setup_teardown(x, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(catalog), TEST(belongings), TEST(as_it_would_be),
		TEST(people), TEST(requests),
		TEST(receipts), TEST(owed), TEST(intake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
