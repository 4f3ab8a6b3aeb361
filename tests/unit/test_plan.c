/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "core/plan.h"
#include "arena_fixture.h"

static struct err e;

static struct entry *person(const char *id, const char *csn)
{
	struct entry *p = arena_alloc(a, sizeof(*p));

	p->dn = arena_printf(a, "provostPersonId=%s,ou=people,dc=x", id);
	p->csn = csn;
	p->creator = p->modifier = "";
	memset(p->uuid, id[0], sizeof(p->uuid));
	entry_add(a, p, "objectClass", "provostUser");
	entry_add(a, p, "provostPersonId", id);
	entry_add(a, p, "uid", id);
	return p;
}

static struct entry *with(const struct entry *p, const char *name,
    const char *value)
{
	struct entry *d = entry_dup(a, p);

	entry_drop(d, name);
	entry_add(a, d, name, value);
	return d;
}

static bool is_uid(void *ctx, const struct entry *p, const char *name)
{
	(void)ctx;
	return entry_is(p, "provostUser") && str_ieq(name, "uid");
}

static struct plan *begin(const char *author)
{
	return plan_begin(&(struct plan_conf){ .author = author,
	    .source = "test", .unique = is_uid });
}

static void step(struct plan *p, const struct entry *old,
    const struct entry *want)
{
	if (plan_step(p, a, old, want, "because", NULL, &e) != 0)
		fail_msg("%s", e.text);
}

/* One of each kind; title: of the one that changes. */
static struct plan *three(const char *author, const char *csn,
    const char *title)
{
	struct entry *old = person("b", csn);
	struct plan *p = begin(author);

	step(p, NULL, person("a", ""));
	step(p, old, with(old, "title", title));
	step(p, old, entry_dup(a, old));		/* nothing */
	step(p, person("c", "2"), NULL);
	plan_end(p);
	return p;
}

static void steps(void **state)
{
	struct plan *p = three("client:x", "3", "t");
	struct buf text;
	size_t i;

	(void)state;
	assert_int_equal(p->n, 3);
	assert_int_equal(p->adds, 1);
	assert_int_equal(p->modifies, 1);
	assert_int_equal(p->deletes, 1);
	assert_false(p->cut);
	assert_string_equal(p->csn, "3");
	assert_memory_equal(p->id, p->hash, 16);
	assert_null(p->step[0].change->assert_csn);
	assert_string_equal(p->step[1].change->assert_csn, "3");
	assert_string_equal(p->step[2].change->assert_csn, "2");
	assert_string_equal(entry_get(p->step[1].want, "title"), "t");
	buf_init(&text, 65536);
	for (i = 0; i < p->n; i++)
		plan_put_step(&text, a, &p->step[i]);
	assert_string_equal(buf_str(&text),
	    "# because\n"
	    "dn: provostPersonId=a,ou=people,dc=x\nchangetype: add\n"
	    "objectClass: provostUser\nprovostPersonId: a\nuid: a\n\n"
	    "# because\n"
	    "# entryUUID 62626262-6262-6262-6262-626262626262 entryCSN 3\n"
	    "dn: provostPersonId=b,ou=people,dc=x\nchangetype: modify\n"
	    "add: title\ntitle: t\n-\n\n"
	    "# because\n"
	    "# entryUUID 63636363-6363-6363-6363-636363636363 entryCSN 2\n"
	    "dn: provostPersonId=c,ou=people,dc=x\nchangetype: delete\n\n");
	buf_fini(&text);
	plan_free(p);
}

/* FAULTS D6: the same has the same hash, and everything counts. */
static void hashes(void **state)
{
	static const struct {
		const char *author, *csn, *title;
		bool hash, sense;	/* as the first one's */
	} t[] = {
		{ "client:x", "3", "at 20260724103000Z", true, true },
		{ "client:y", "3", "at 20260724103000Z", false, false },
		{ "client:x", "4", "at 20260724103000Z", false, false },
		{ "client:x", "3", "at 20260724103000Y", false, false },
		{ "client:x", "3", "at 20260724103000.25Z", false, true },
		{ "client:x", "3", "at 20260724103001Z", false, true },
		{ "client:x", "3", "on 20260724103000Z", false, false },
	};
	struct plan *first = three(t[0].author, t[0].csn, t[0].title), *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p = three(t[i].author, t[i].csn, t[i].title);
		assert_int_equal(strcmp(p->hash, first->hash) == 0,
		    t[i].hash);
		assert_int_equal(strcmp(p->sense, first->sense) == 0,
		    t[i].sense);
		plan_free(p);
	}
	plan_free(first);
}

static struct plan *made(const char *id)
{
	struct entry *old = person("b", "3");
	struct plan *p = begin("client:x");
	struct change *c = change_new(a, CHANGE_ADD, person(id, "")->dn);
	const struct plan_step s = { .change = c, .made = id };

	c->entry = person(id, "");
	assert_int_equal(plan_take(p, a, &s, &e), 0);
	assert_string_equal(entry_get(p->step[0].want, "uid"), id);
	step(p, old, with(old, "manager", c->dn));
	plan_end(p);
	return p;
}

/* A name that was drawn by lot is another one each time. */
static void lots(void **state)
{
	struct plan *p = made("kq3x"), *q = made("z2aa");

	(void)state;
	assert_string_not_equal(p->hash, q->hash);
	assert_string_equal(p->sense, q->sense);
	plan_free(p);
	plan_free(q);
}

/* Where the directory looks for twins an assertion would be in the way. */
static void unique(void **state)
{
	struct entry *old = person("b", "3");
	struct plan *p = begin("client:x");
	struct change *c = NULL;

	(void)state;
	assert_int_equal(plan_step(p, a, old, with(old, "uid", "new"), "", &c,
	    &e), 0);
	assert_null(c->assert_csn);
	assert_int_equal(c->n, 2);
	assert_int_equal(c->mod[0].op, MOD_DELETE);
	assert_string_equal(c->mod[0].v[0].p, "b");
	assert_int_equal(c->mod[1].op, MOD_ADD);
	plan_free(p);
}

/* What isn't kept is counted, and covered by the hash. */
static void cut(void **state)
{
	struct plan_conf conf = { .author = "x", .source = "y",
	    .max_steps = 2 };
	struct plan *p = plan_begin(&conf), *q;

	(void)state;
	step(p, NULL, person("a", ""));
	step(p, NULL, person("b", ""));
	assert_false(p->cut);
	step(p, NULL, person("c", ""));
	plan_end(p);
	assert_true(p->cut);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->adds, 3);
	q = plan_begin(&conf);
	step(q, NULL, person("a", ""));
	step(q, NULL, person("b", ""));
	step(q, NULL, person("d", ""));
	plan_end(q);
	assert_string_not_equal(p->hash, q->hash);
	plan_free(p);
	plan_free(q);
}

static void no_rename(void **state)
{
	struct entry *old = person("b", "3"), *want = entry_dup(a, old);
	struct plan *p = begin("client:x");

	(void)state;
	want->dn = "provostPersonId=c,ou=people,dc=x";
	assert_int_equal(plan_step(p, a, old, want, "", NULL, &e),
	    ERR_UNSUPPORTED);
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps), cmocka_unit_test(hashes),
		cmocka_unit_test(lots), cmocka_unit_test(unique),
		cmocka_unit_test(cut), cmocka_unit_test(no_rename),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
