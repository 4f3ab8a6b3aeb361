/* SPDX-License-Identifier: ISC */
/* Random filters over random entries: what scim_match and query_run say against
 * an evaluator of the rendered JSON. PROVOST_SEED repeats a run, PROVOST_COUNT
 * says how many pairs. */
#include "codec_help.h"
#include "filter_plain.h"
#include "base/str.h"
#include "model/dn.h"
#include "store/query.h"
#include "store_util.h"

#define ENTRIES 250

static struct {
	struct entry *e;
	struct json *json;
} person[ENTRIES];

/* --- entries ------------------------------------------------------------------ */

/* From few parts, so that filters hit: accents, astral, LDAP's and SQL's
 * wildcards, spaces, nothing at all; now and then longer than a key. */
static const char *random_text(struct arena *a)
{
	static const char *const part[] = { "a", "A", "b", "é", "É",
	    "\xf0\x9f\x98\x80", "*", "(", ")", "\\", " ", "  ", "%", "=",
	    "0", "z" };
	const char *s = "";
	uint32_t n = util_random(4);

	while (n-- > 0)
		s = arena_printf(a, "%s%s", s, part[util_random(16)]);
	if (util_random(60) == 0)
		return arena_printf(a, "%0*d%s", 160 + (int)util_random(40),
		    0, s);
	return s;
}

static void add(struct arena *a, struct entry *e, const char *name)
{
	if (util_random(3) == 0)
		return;
	entry_add(a, e, name, random_text(a));
}

static void add_one_of(struct arena *a, struct entry *e, const char *name,
    const char *const *v, uint32_t n)
{
	uint32_t i = util_random(n + 1);

	if (i < n && !entry_has(e, name, v[i]))
		entry_add(a, e, name, v[i]);
}

static void add_emails(struct arena *a, struct entry *e)
{
	static const char *const name[] = { "mail", "mail;x-work",
	    "mail;x-home", "mail;x-primary;x-work" };
	uint32_t n = util_random(3);

	while (n-- > 0)
		entry_add(a, e, name[util_random(4)], random_text(a));
}

static struct entry *random_entry(struct arena *a, uint32_t n)
{
	static const char *const states[] = { "active", "suspended", "left",
	    "Invited" };
	static const char *const owners[] = { "entra", "okta" };
	static const char *const roles[] = { "administrator", "billing",
	    "gone" };
	static const char *const companies[] = { "C1", "c2", "C3" };
	static const char *const tools[] = { "wan-analysis", "voip" };
	static const char *const accounts[] = { "wan-analysis A1",
	    "wan-analysis A2", "voip A1" };
	static const char *const bools[] = { "TRUE", "FALSE" };
	static const char *const managers[] = {
	    "provostPersonId=boss,ou=people,dc=example,dc=com",
	    "provostPersonId=nobody,ou=people,dc=example,dc=com" };
	struct entry *e = arena_alloc(a, sizeof(*e));

	*e = (struct entry){ .dn = arena_printf(a, "provostPersonId=p%u,"
	    "ou=people,dc=example,dc=com", n), .csn = "1", .creator = "",
	    .modifier = "" };
	util_uuid(e->uuid, n);
	e->created = (INT64_C(1767225600) + util_random(8)) * CLOCK_SECOND;
	e->modified = e->created + util_random(4) * CLOCK_SECOND;
	entry_add(a, e, "uid", random_text(a));
	entry_add(a, e, "sn", util_random(3) ? random_text(a) :
	    entry_get(e, "uid"));
	add(a, e, "cn");
	add(a, e, "givenName");
	add(a, e, "displayName");
	add(a, e, "title");
	add(a, e, "labeledURI");
	add(a, e, "departmentNumber");
	add(a, e, "employeeNumber");
	add(a, e, "provostPreference");
	add(a, e, "provostPreference");
	add(a, e, "provostExternalId");
	add_emails(a, e);
	add_one_of(a, e, "provostState", states, 4);
	add_one_of(a, e, "provostOwner", owners, 2);
	add_one_of(a, e, "provostRole", roles, 3);
	add_one_of(a, e, "provostCompany", companies, 3);
	add_one_of(a, e, "provostCompany", companies, 3);
	add_one_of(a, e, "provostToolGrant", tools, 2);
	add_one_of(a, e, "provostToolGrant", tools, 2);
	add_one_of(a, e, "provostToolAccount", accounts, 3);
	add_one_of(a, e, "provostCpniAuthorized", bools, 2);
	add_one_of(a, e, "manager", managers, 2);
	if (util_random(3) == 0)
		entry_add(a, e, "provostPeriod", arena_printf(a,
		    "tool:wan-analysis 2026010100000%uZ -", util_random(8)));
	return e;
}

/* --- filters -------------------------------------------------------------------- */

static const char *random_time(struct arena *a)
{
	static const char *const form[][2] = { { "2026-01-01T00:00:0", "Z" },
	    { "2026-01-01T00:00:0", ".5Z" },
	    { "2026-01-01T01:00:0", "+01:00" },
	    { "2025-12-31T22:30:0", "-01:30" } };
	uint32_t i = util_random(4);

	return arena_printf(a, "%s%u%s", form[i][0], util_random(9),
	    form[i][1]);
}

/* Something that an entry has there, or like it. */
static const char *random_word(struct arena *a, const struct plain_attr *at)
{
	static const char *const word[] = { "work", "Home", "administrator",
	    "Billing", "the boss", "c1", "C2", "VOIP", "wan-analysis", "A1",
	    "active", "LEFT", "User",
	    "11111111-1111-4111-8111-111111111111", ENT, CORE, PRO,
	    "urn:x" };
	char id[37];

	if (strcmp(at->name, "id") == 0 && util_random(2)) {
		str_uuid_text(person[util_random(ENTRIES)].e->uuid, id);
		return arena_strdup(a, id);
	}
	return util_random(3) ? random_text(a) : word[util_random(18)];
}

static void random_value(struct arena *a, struct filter *f,
    const struct plain_attr *at)
{
	f->type = FT_STRING;
	switch (at->type) {
	case PLAIN_BOOL:
		f->type = FT_BOOL;
		f->s = util_random(2) ? "true" : "false";
		return;
	case PLAIN_INT:
		f->type = FT_NUMBER;
		f->s = arena_printf(a, "%d", (int)util_random(4) - 1);
		return;
	case PLAIN_TIME:
		f->s = random_time(a);
		return;
	default:
		f->s = random_word(a, at);
	}
}

static enum filter_op random_op(const struct plain_attr *at)
{
	static const enum filter_op all[] = { FILTER_EQ, FILTER_EQ, FILTER_EQ,
	    FILTER_NE, FILTER_PR, FILTER_GT, FILTER_GE, FILTER_LT, FILTER_LE,
	    FILTER_CO, FILTER_SW, FILTER_SW, FILTER_EW };

	return all[util_random(at->type == PLAIN_BOOL ? 5 :
	    at->type == PLAIN_INT || at->type == PLAIN_TIME ? 9 : 13)];
}

static const struct plain_attr *random_attr(const char *within)
{
	const struct plain_attr *at;
	uint32_t n = 0, i;

	for (at = plain_attrs; at->name != NULL; at++)
		n += within == NULL || strcmp(at->name, within) == 0;
	i = util_random(n);
	for (at = plain_attrs;; at++)
		if ((within == NULL || strcmp(at->name, within) == 0) &&
		    i-- == 0)
			return at;
}

/* In any case, with its schema or without. */
static void random_name(struct arena *a, struct filter *f,
    const struct plain_attr *at)
{
	char *name = arena_strdup(a, at->name);

	if (util_random(4) == 0)
		name[0] = (char)(name[0] ^ 0x20);
	f->path.attr = name;
	if (util_random(4) == 0)
		f->path.urn = at->urn[0] != '\0' ? at->urn : CORE;
}

static struct filter *random_leaf(struct arena *a, const char *within)
{
	const struct plain_attr *at = random_attr(within);
	struct filter *f = arena_alloc(a, sizeof(*f));

	if (within != NULL) {
		f->path.attr = at->sub != NULL ? at->sub : "value";
	} else {
		random_name(a, f, at);
		f->path.sub = at->sub;
		if (at->sub != NULL && at->list &&
		    strcmp(at->sub, "value") == 0 && util_random(2))
			f->path.sub = NULL;
	}
	f->op = random_op(at);
	if (f->path.sub == NULL && at->sub != NULL && within == NULL &&
	    f->op == FILTER_PR)
		f->op = FILTER_EQ;
	if (f->op == FILTER_PR)
		return f;
	random_value(a, f, at);
	if ((f->op == FILTER_EQ || f->op == FILTER_NE) &&
	    f->path.sub == at->sub && util_random(20) == 0) {
		f->type = FT_NULL;
		f->s = "null";
	}
	return f;
}

static struct filter *random_filter(struct arena *a, int depth,
    const char *within);

static struct filter *random_path(struct arena *a, int depth)
{
	const struct plain_attr *at = random_attr(NULL), *sub;
	struct filter *f = arena_alloc(a, sizeof(*f));

	if (at->sub == NULL && !at->list)
		return random_leaf(a, NULL);
	if (strcmp(at->name, "meta") == 0 || strcmp(at->name, "schemas") == 0)
		return random_leaf(a, NULL);
	random_name(a, f, at);
	f->path.value = random_filter(a, depth - 1, at->name);
	sub = random_attr(at->name);
	if (util_random(2) || sub->sub == NULL) {
		f->op = FILTER_VALUE;
		f->left = f->path.value;
		f->path.value = NULL;
		return f;
	}
	f->path.sub = sub->sub;
	f->op = random_op(sub);
	if (f->op != FILTER_PR)
		random_value(a, f, sub);
	return f;
}

static struct filter *random_filter(struct arena *a, int depth,
    const char *within)
{
	uint32_t kind = depth <= 0 ? 9 : util_random(10);
	struct filter *f;

	if (kind > 5)
		return random_leaf(a, within);
	if (kind == 5)
		return within != NULL ? random_leaf(a, within) :
		    random_path(a, depth);
	f = arena_alloc(a, sizeof(*f));
	f->op = kind < 2 ? FILTER_AND : kind < 4 ? FILTER_OR : FILTER_NOT;
	f->left = random_filter(a, depth - 1, within);
	if (kind < 4)
		f->right = random_filter(a, depth - 1, within);
	return f;
}

/* --- the comparison --------------------------------------------------------------- */

static struct view *fill(const char *dir)
{
	struct view *v = util_open(dir, 1, NULL);
	const struct scim_resource *r = help_type("User");
	struct view_write *w;
	uint32_t i;

	assert_int_equal(view_write_begin(v, &w, NULL), 0);
	for (i = 0; i < ENTRIES; i++) {
		struct view_record rec = { .type = r->type, .json = "{}",
		    .json_len = 2 };
		struct index_key *k;

		rec.entry = person[i].e = random_entry(help_a, i);
		rec.n_keys = scim_index_keys(help_a, r, rec.entry,
		    dn_normal(help_a, rec.entry->dn, NULL), &k);
		rec.key = k;
		person[i].json = help_parse(help_render(r, rec.entry, NULL,
		    &help_rs));
		assert_int_equal(view_put(w, help_a, &rec, NULL, NULL), 0);
	}
	assert_int_equal(view_write_commit(w, NULL), 0);
	assert_int_equal(view_check(v, NULL), 0);
	return v;
}

struct matching {
	struct arena *a;
	const struct filter *f;
};

static bool match(void *ctx, struct view_item *item)
{
	struct matching *m = ctx;

	return scim_match(m->a, help_type("User"), &item->entry, m->f,
	    &help_rs);
}

static const char *printed(struct arena *a, const struct filter *f)
{
	struct buf b;
	char *s;

	buf_init(&b, 1 << 20);
	scim_filter_print(&b, f);
	s = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static bool among(const struct query_result *res, const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < res->n; i++)
		if (memcmp(res->page[i].pos.uuid, uuid, 16) == 0)
			return true;
	return false;
}

/* Which of the plans there are have been seen. */
static unsigned by_index, by_scan, by_all;

static void compare(struct view_read *r, struct arena *a)
{
	const struct scim_resource *type = help_type("User");
	const char *text = printed(a, random_filter(a, 3, NULL));
	struct filter *f, *bound;
	struct matching m = { .a = a };
	struct query q = { .type = type->type, .match = match, .ctx = &m,
	    .count = ENTRIES };
	struct query_result res;
	struct err e = { 0 };
	size_t i, n = 0;

	if (scim_filter_parse(a, text, &f, &e) != 0 ||
	    scim_filter_parse(a, text, &bound, &e) != 0 ||
	    scim_filter_bind(a, bound, type, &help_rs, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	q.filter = m.f = bound;
	if (query_run(r, a, &q, &res, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	by_index += res.plan[0] == 'i';
	by_scan += res.plan[0] == 's';
	by_all += res.plan[0] == 'a';
	for (i = 0; i < ENTRIES; i++) {
		bool want = plain_match(a, person[i].json, f);
		bool got = scim_match(a, type, person[i].e, bound, &help_rs);

		n += want;
		if (got != want || among(&res, person[i].e->uuid) != want)
			fail_msg("%s: should be %d, match says %d, the %s "
			    "%d of\n%s", text, want, got, res.plan,
			    among(&res, person[i].e->uuid),
			    help_text(person[i].json));
	}
	assert_int_equal(res.total, n);
	assert_int_equal(res.n, n);
}

static unsigned long how_many(void)
{
	const char *given = getenv("PROVOST_COUNT");

	if (given != NULL)
		return strtoul(given, NULL, 10);
#ifdef __SANITIZE_ADDRESS__
	return 40000;
#else
	return 400000;
#endif
}

static void filters(void **state)
{
	char *dir = util_dir();
	struct view *v = fill(dir);
	struct arena *a = arena_new();
	unsigned long left;
	struct view_read *r;

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	for (left = how_many() / ENTRIES + 1; left > 0; left--) {
		compare(r, a);
		arena_reset(a);
	}
	print_message("# %u by index, %u by scan, %u without a look\n",
	    by_index, by_scan, by_all);
	assert_true(by_index > 0 && by_scan > 0);
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

/* --- sorting -------------------------------------------------------------------- */

struct sorting {
	const struct scim_attr *at, *sub;
};

static const char *sort_key(void *ctx, struct arena *a,
    struct view_item *item)
{
	struct sorting *s = ctx;

	return scim_sort_key(a, help_type("User"), &item->entry, s->at, s->sub,
	    &help_rs);
}

/* Along the index and in memory: the same. */
static void sort_by(struct view_read *r, struct arena *a, const char *name)
{
	struct sorting s;
	struct query q = { .type = help_type("User")->type, .sort = sort_key,
	    .ctx = &s, .count = ENTRIES, .reverse = util_random(2) };
	struct query_result index, memory;
	struct scim_path path;
	bool single;
	size_t i;

	assert_int_equal(scim_path_parse(a, name, &path, NULL), 0);
	s.at = scim_attr_find(help_type("User"), &path, &s.sub);
	assert_non_null(s.at);
	assert_int_equal(query_run(r, a, &q, &memory, NULL), 0);
	q.sort_index = scim_index_ordered(s.at, s.sub, &single);
	q.sort_multi = !single;
	assert_true(q.sort_index != 0);
	assert_int_equal(query_run(r, a, &q, &index, NULL), 0);
	assert_string_equal(memory.order, "memory");
	assert_string_equal(index.order, "index");
	assert_int_equal(memory.n, ENTRIES);
	assert_int_equal(index.n, ENTRIES);
	for (i = 0; i < ENTRIES; i++)
		if (memcmp(index.page[i].pos.uuid, memory.page[i].pos.uuid,
		    16) != 0)
			fail_msg("%s: %zu", name, i);
}

static void sorts(void **state)
{
	static const char *const by[] = { "userName", "displayName",
	    "name.familyName", ENT ":department", "employeeNumber", "emails",
	    "emails.value", "companies", "roles", "tools", "state", "id",
	    "meta.lastModified", "personId", "owner" };
	char *dir = util_dir();
	struct view *v = fill(dir);
	struct arena *a = arena_new();
	struct view_read *r;
	size_t i;

	(void)state;
	assert_int_equal(view_read_begin(v, &r, NULL), 0);
	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++)
		sort_by(r, a, by[i]);
	view_read_end(r);
	view_close(v);
	arena_free(a);
	util_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(sorts),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
