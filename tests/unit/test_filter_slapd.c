/* SPDX-License-Identifier: ISC */
/* The same filters asked of scim_match and, as LDAP filters, of a real slapd
 * that has the same entries: a comparison means what the directory means by it
 * (P18). What doesn't translate is left out: value paths, "gt" of many values,
 * what is no assertion value. PROVOST_SEED repeats a run. */
#include "base/str.h"
#include "codec_help.h"
#include "link/ldapc.h"
#include "model/change.h"
#include "slapd_run.h"
#include "store_util.h"

#define ENTRIES 60
#define FILTERS 300

/* provostCompany stands under sortvals, where slapd 2.5 compares ">=" with one
 * of the values only: not asked. */
struct attr_def {
	const char *scim, *ldap;
	bool list, ascii, ordered;
};

static const struct attr_def attrs[] = {
	{ "userName", "uid", false, false, false },
	{ "displayName", "displayName", false, false, false },
	{ "title", "title", false, false, false },
	{ "name.givenName", "givenName", false, false, false },
	{ "nickName", "provostNickName", false, false, true },
	{ "department", "departmentNumber", false, false, false },
	{ "employeeNumber", "employeeNumber", false, false, false },
	{ "emails.value", "mail", true, true, false },
	{ "companies", "provostCompany", true, false, false },
	{ "preferences", "provostPreference", true, false, true },
	{ "meta.created", "createTimestamp", false, true, true },
	{ "meta.lastModified", "modifyTimestamp", false, true, true },
};
#define TEXTS (sizeof(attrs) / sizeof(attrs[0]) - 2)
#define ALL (sizeof(attrs) / sizeof(attrs[0]))

static struct {
	struct slapd_run slapd;
	struct ldapc *l;
	struct entry **v;
	size_t n;
	struct err e;
} f;

/* --- entries ------------------------------------------------------------------- */

static const char *random_part(bool ascii)
{
	static const char *const part[] = { "a", "A", "b", "B", "*", "(", ")",
	    "\\", "=", "%", "0", "é", "É", "\xf0\x9f\x98\x80", "ü" };

	return part[util_random(ascii ? 11 : 15)];
}

/* Never blank: that is no value of a Directory String. */
static const char *random_text(const struct attr_def *at, bool spaces)
{
	const char *s = random_part(at->ascii);
	uint32_t n = util_random(3);

	while (n-- > 0)
		s = arena_printf(help_a, "%s%s%s", s, !spaces ? "" :
		    &"   "[util_random(4)], random_part(at->ascii));
	return s;
}

static void add_person(uint32_t i)
{
	char *id = arena_printf(help_a, "p%u", i);
	struct change *c = change_new(help_a, CHANGE_ADD, arena_printf(help_a,
	    "provostPersonId=%s,%s", id, SLAPD_PEOPLE));
	struct entry *e = c->entry = arena_alloc(help_a, sizeof(*e));
	struct ldapc_result res;
	size_t k, n;

	e->dn = c->dn;
	entry_add(help_a, e, "objectClass", "inetOrgPerson");
	entry_add(help_a, e, "objectClass", "provostUser");
	entry_add(help_a, e, "provostPersonId", id);
	entry_add(help_a, e, "cn", id);
	entry_add(help_a, e, "sn", id);
	entry_add(help_a, e, "provostState", "active");
	entry_add(help_a, e, "uid", arena_printf(help_a, "%s%u",
	    random_text(&attrs[0], true), i));
	for (k = 1; k < TEXTS; k++)
		for (n = util_random(attrs[k].list ? 3 : 2); n > 0; n--)
			entry_add(help_a, e, n == 2 && attrs[k].ascii ?
			    "mail;x-work" : attrs[k].ldap, n == 2 ?
			    arena_printf(help_a, "%s2", random_text(&attrs[k],
			    true)) : random_text(&attrs[k], true));
	if (ldapc_change(f.l, help_a, c, &res, &f.e) != 0)
		fail_msg("%s", f.e.text);
	if (res.code != 0 && res.code != 19 && res.code != 68)
		fail_msg("%s: %d %s", c->dn, res.code, res.text);
}

static int setup(void **state)
{
	struct ldapc_search s = { .base = SLAPD_PEOPLE, .scope = SCOPE_ONE,
	    .filter = "(objectClass=provostUser)" };
	struct ldapc_conf c;
	size_t at = 0;
	uint32_t i;

	if (help_setup(state) != 0)
		return -1;
	if (slapd_run_new(&f.slapd, NULL) != 0)
		return 0;
	slapd_run_start(&f.slapd);
	c = slapd_run_daemon(&f.slapd);
	if (ldapc_open(&c, &at, &f.l, &f.e) != 0)
		fail_msg("%s", f.e.text);
	for (i = 0; i < ENTRIES; i++)
		add_person(i);
	if (ldapc_search_all(f.l, help_a, &s, &f.v, &f.n, &f.e) != 0)
		fail_msg("%s", f.e.text);
	return 0;
}

static int teardown(void **state)
{
	ldapc_close(f.l);
	if (f.l != NULL)
		slapd_run_free(&f.slapd);
	return help_teardown(state);
}

/* --- filters -------------------------------------------------------------------- */

/* Both ways of saying the same. */
struct both {
	const char *scim, *ldap;
};

static const char *json_quoted(const char *s)
{
	struct buf b;
	const char *out;

	buf_init(&b, 1 << 16);
	json_text(&b, s);
	out = arena_strdup(help_a, buf_str(&b));
	buf_fini(&b);
	return out;
}

static struct both text_leaf(void)
{
	const struct attr_def *at = &attrs[util_random(TEXTS)];
	const char *any = at->ldap, *v, *q;
	uint32_t op = util_random(at->ordered ? at->list ? 9 : 11 : 7);
	const char *x;
	struct both b;

	v = random_text(at, op < 3);
	if (op < 3 && util_random(2) && f.n > 0) {
		x = entry_get(f.v[util_random((uint32_t)f.n)], any);
		v = x != NULL ? x : v;
	}
	q = json_quoted(v);
	x = ldapc_filter_escape(help_a, v);
	switch (op) {
	case 0:
	case 1:
		b = (struct both){ "eq", arena_printf(help_a, "(%s=%s)", any,
		    x) };
		break;
	case 2:
		b = (struct both){ "ne", arena_printf(help_a, "(!(%s=%s))",
		    any, x) };
		break;
	case 3:
		b = (struct both){ "co", arena_printf(help_a, "(%s=*%s*)", any,
		    x) };
		break;
	case 4:
		b = (struct both){ "sw", arena_printf(help_a, "(%s=%s*)", any,
		    x) };
		break;
	case 5:
		b = (struct both){ "ew", arena_printf(help_a, "(%s=*%s)", any,
		    x) };
		break;
	case 6:
		return (struct both){ arena_printf(help_a, "%s pr", at->scim),
		    arena_printf(help_a, "(%s=*)", any) };
	case 7:
		b = (struct both){ "ge", arena_printf(help_a, "(%s>=%s)", any,
		    x) };
		break;
	case 8:
		b = (struct both){ "le", arena_printf(help_a, "(%s<=%s)", any,
		    x) };
		break;
	case 9:
		b = (struct both){ "gt", arena_printf(help_a,
		    "(&(%s=*)(!(%s<=%s)))", any, any, x) };
		break;
	default:
		b = (struct both){ "lt", arena_printf(help_a,
		    "(&(%s=*)(!(%s>=%s)))", any, any, x) };
	}
	b.scim = arena_printf(help_a, "%s %s %s", at->scim, b.scim, q);
	return b;
}

static struct both time_leaf(void)
{
	bool created = util_random(2);
	const struct attr_def *at = &attrs[ALL - 1 - created];
	const struct entry *e = f.v[util_random((uint32_t)f.n)];
	int64_t t = (created ? e->created : e->modified) +
	    ((int64_t)util_random(3) - 1) * CLOCK_SECOND;
	uint32_t op = util_random(3);
	char gt[24], text[32];

	clock_print_gt(t, gt);
	clock_print_rfc3339(t, text);
	return (struct both){ arena_printf(help_a, "%s %s \"%s\"", at->scim,
	    op == 0 ? "eq" : op == 1 ? "ge" : "le", text),
	    arena_printf(help_a, "(%s%s=%s)", at->ldap, op == 0 ? "" :
	    op == 1 ? ">" : "<", gt) };
}

static struct both random_filter(int depth)
{
	uint32_t kind = depth == 0 ? 9 : util_random(10);
	struct both x, y;

	if (kind > 5)
		return kind == 6 ? time_leaf() : text_leaf();
	x = random_filter(depth - 1);
	if (kind == 5)
		return (struct both){ arena_printf(help_a, "not (%s)", x.scim),
		    arena_printf(help_a, "(!%s)", x.ldap) };
	y = random_filter(depth - 1);
	return (struct both){ arena_printf(help_a, "(%s %s %s)", x.scim,
	    kind < 3 ? "and" : "or", y.scim), arena_printf(help_a, "(%c%s%s)",
	    kind < 3 ? '&' : '|', x.ldap, y.ldap) };
}

/* --- the comparison --------------------------------------------------------------- */

static bool among(struct entry **v, size_t n, const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < n; i++)
		if (memcmp(v[i]->uuid, uuid, 16) == 0)
			return true;
	return false;
}

static size_t compare(struct both b)
{
	static const char *const want[] = { "entryUUID", NULL };
	struct ldapc_search s = { .base = SLAPD_PEOPLE, .scope = SCOPE_ONE,
	    .filter = b.ldap, .attrs = want };
	const struct scim_resource *r = help_type("User");
	struct entry **found;
	struct filter *flt;
	size_t n, i;

	if (ldapc_search_all(f.l, help_a, &s, &found, &n, &f.e) != 0)
		fail_msg("%s: %s", b.ldap, f.e.text);
	if (scim_filter_parse(help_a, b.scim, &flt, &f.e) != 0 ||
	    scim_filter_bind(help_a, flt, r, &help_rs, &f.e) != 0)
		fail_msg("%s: %s", b.scim, f.e.text);
	for (i = 0; i < f.n; i++) {
		bool there = among(found, n, f.v[i]->uuid);

		if (scim_match(help_a, r, f.v[i], flt, &help_rs) != there)
			fail_msg("%s\n%s\nslapd says %d of\n%s", b.scim,
			    b.ldap, there, help_ldif(f.v[i]));
	}
	return n;
}

static void as_slapd(void **state)
{
	size_t hits = 0, i;

	(void)state;
	if (f.l == NULL)
		skip();
	assert_true(f.n > ENTRIES / 2);
	for (i = 0; i < FILTERS; i++)
		hits += compare(random_filter(3));
	print_message("# %zu pairs, %zu of them match\n", i * f.n, hits);
	assert_true(hits > 0 && hits < i * f.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_slapd),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
