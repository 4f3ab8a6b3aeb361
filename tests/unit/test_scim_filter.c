/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

static const char *printed(const struct filter *f)
{
	struct buf b;
	char *s;

	buf_init(&b, 1 << 20);
	scim_filter_print(&b, f);
	s = arena_strdup(help_a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static void same(const char *text, const char *canonical)
{
	struct filter *f;
	struct err e = { 0 };

	if (scim_filter_parse(help_a, text, &f, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	assert_string_equal(printed(f), canonical);
}

static void refuse(const char *text)
{
	struct filter *f;
	struct err e = { 0 };

	if (scim_filter_parse(help_a, text, &f, &e) != ERR_INVALID)
		fail_msg("taken: %.80s", text);
	assert_null(f);
	assert_string_equal(e.kind, "invalidFilter");
	assert_true(strlen(e.text) < 200);
}

static void grammar(void **state)
{
	(void)state;
	same("userName eq \"x\"", "userName eq \"x\"");
	same("userName EQ jyoung", "userName eq \"jyoung\"");
	same("(active Eq True)", "active eq true");
	same("a pr or b pr and c pr", "a pr or b pr and c pr");
	same("(a pr or b pr) and not(c pr)",
	    "(a pr or b pr) and not (c pr)");
	same("a pr and (b pr and c pr)", "a pr and (b pr and c pr)");
	same("emails[type eq \"work\" and value co \"@x\"]",
	    "emails[type eq \"work\" and value co \"@x\"]");
	same("emails[type eq \"work\"].value eq \"x\"",
	    "emails[type eq \"work\"].value eq \"x\"");
	same(ENT ":department sw \"a\"", ENT ":department sw \"a\"");
	same("urn:x:2.0:User:name.givenName pr",
	    "urn:x:2.0:User:name.givenName pr");
	same("n gt -1.5e3 and m le 10 and o eq null and p ne false",
	    "n gt -1.5e3 and m le 10 and o eq null and p ne false");
	same("a eq \"Jos\\u00e9 \\ud83d\\ude00\\n\\\"\"",
	    "a eq \"José \xf0\x9f\x98\x80\\n\\\"\"");
	same("a eq \"%*(=)\\\\ \"", "a eq \"%*(=)\\\\ \"");
	same("not pr", "not pr");
	same("members.$ref pr", "members.$ref pr");
}

static void refused(void **state)
{
	static const char *const bad[] = { "", " ", "a", "a eq", "a eq \"x",
		"a eq \"\\u12\"", "a eq \"\\ud800\"", "a eq \"\\udc00x\"",
		"a eq \"\\u0000\"", "a eq \"\\q\"", "a xx 1", "a eq 1 b pr",
		"(a pr", "a pr)", "a pr and", "and a pr", "not a pr",
		"a[b pr", "a[b pr]x", "a[]", "a[b pr].", "a.b[c pr]",
		"a.b.c pr", "1a pr", "a eq 1e999", "x:y:z pr", "a\"b\" eq 1",
		("\xef\xbb\xbf" "a pr"), "a eq \"\xc0\xaf\"", "a eq \"\xff\"",
		"a eq \"\x01\"", "a eq (x)", "a pr or", "urn: pr" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse(bad[i]);
}

static char *repeat(const char *part, int n, const char *end)
{
	size_t k = strlen(part);
	char *s = arena_alloc(help_a, k * (size_t)n + strlen(end) + 1);
	int i;

	for (i = 0; i < n; i++)
		memcpy(s + k * (size_t)i, part, k);
	strcat(s + k * (size_t)n, end);
	return s;
}

/* P1-P4: refused while parsing, whatever their size. */
static void limits(void **state)
{
	static const char *const open[] = { "(", "not (", "a[", "not(a[(" };
	int sizes[] = { 33, 64, 3000, 1000000 };
	struct scim_path p;
	struct err e = { 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++)
		for (k = 0; k < 4; k++)
			refuse(repeat(open[i], sizes[k], "a pr"));
	same(repeat("(", 32, arena_printf(help_a, "a pr%s", repeat(")", 32,
	    ""))), "a pr");
	refuse(repeat("a pr or ", 64, "a pr"));
	refuse(repeat("a pr or ", 1500, "a pr"));
	assert_non_null(repeat("a pr or ", 63, "a pr"));
	refuse(arena_printf(help_a, "a eq \"%s\"", repeat("x", 16384, "")));
	assert_int_equal(scim_path_parse(help_a, repeat("a.", 8000, "a"), &p,
	    &e), ERR_INVALID);
	assert_string_equal(e.kind, "invalidPath");
}

static void paths(void **state)
{
	struct scim_path p;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(scim_path_parse(help_a, ENT ":manager.value", &p,
	    &e), 0);
	assert_string_equal(p.urn, ENT);
	assert_string_equal(p.attr, "manager");
	assert_string_equal(p.sub, "value");
	assert_int_equal(scim_path_parse(help_a,
	    "emails[type eq \"work\"].value", &p, &e), 0);
	assert_string_equal(p.attr, "emails");
	assert_string_equal(p.sub, "value");
	assert_int_equal(p.value->op, FILTER_EQ);
	assert_int_equal(scim_path_parse(help_a, "a b", &p, &e), ERR_INVALID);
	assert_int_equal(scim_path_parse(help_a, "a eq 1", &p, &e),
	    ERR_INVALID);
}

/* --- print and parse give the same tree ---------------------------------- */

static unsigned rnd(unsigned n)
{
	return (unsigned)random() % n;
}

static const char *random_text(void)
{
	static const char *const part[] = { "a", "\"", "\\", " ", "é", ")",
		"]", "\xf0\x9f\x98\x80", "\n", "*", "(", "=", "%", "\x7f",
		"null", "\x01" };
	char *s = arena_strdup(help_a, "");
	unsigned i, n = rnd(6);

	for (i = 0; i < n; i++)
		s = arena_printf(help_a, "%s%s", s, part[rnd(16)]);
	return s;
}

static void random_value(struct filter *f)
{
	switch (rnd(4)) {
	case 0:
		f->type = FT_NUMBER;
		f->s = arena_printf(help_a, "%d", (int)rnd(2000) - 1000);
		f->num = atof(f->s);
		return;
	case 1:
		f->type = FT_BOOL;
		f->b = rnd(2) != 0;
		f->s = f->b ? "true" : "false";
		return;
	case 2:
		f->type = FT_NULL;
		f->s = "null";
		return;
	default:
		f->type = FT_STRING;
		f->s = random_text();
	}
}

static struct filter *random_filter(int depth, bool inner)
{
	static const char *const name[] = { "userName", "and", "not", "pr",
		"x-y", "a_1", "$ref" };
	struct filter *f = arena_alloc(help_a, sizeof(*f));
	unsigned kind = depth == 0 ? 9 : rnd(10);

	if (kind < 4) {
		f->op = kind < 2 ? FILTER_AND : FILTER_OR;
		f->left = random_filter(depth - 1, inner);
		f->right = random_filter(depth - 1, inner);
		return f;
	}
	if (kind == 4) {
		f->op = FILTER_NOT;
		f->left = random_filter(depth - 1, inner);
		return f;
	}
	f->path.attr = name[rnd(7)];
	if (kind < 7 && !inner) {
		f->path.value = random_filter(depth - 1, true);
		if (kind == 5) {
			f->op = FILTER_VALUE;
			f->left = f->path.value;
			f->path.value = NULL;
			return f;
		}
		f->path.sub = "value";
	} else if (rnd(3) == 0) {
		f->path.sub = name[rnd(7)];
	}
	if (rnd(4) == 0)
		f->path.urn = "urn:a:2.0:U";
	f->op = (enum filter_op)(FILTER_EQ + rnd(10));
	if (f->op != FILTER_PR)
		random_value(f);
	return f;
}

static bool eq(const char *x, const char *y)
{
	return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

static bool same_tree(const struct filter *x, const struct filter *y)
{
	if (x == NULL || y == NULL)
		return x == y;
	return x->op == y->op && same_tree(x->left, y->left) &&
	    same_tree(x->right, y->right) && eq(x->path.urn, y->path.urn) &&
	    eq(x->path.attr, y->path.attr) && eq(x->path.sub, y->path.sub) &&
	    same_tree(x->path.value, y->path.value) && x->type == y->type &&
	    eq(x->s, y->s) && x->b == y->b;
}

static void property(void **state)
{
	const char *given = getenv("PROVOST_SEED");
	unsigned seed;
	int i;

	(void)state;
	hash_random(&seed, sizeof(seed));
	if (given != NULL)
		seed = (unsigned)strtoul(given, NULL, 10);
	printf("# PROVOST_SEED=%u\n", seed);
	srandom(seed);
	for (i = 0; i < 20000; i++) {
		struct filter *f = random_filter(4, false), *g;
		const char *s = printed(f);
		struct err e = { 0 };

		if (scim_filter_parse(help_a, s, &g, &e) != 0 ||
		    !same_tree(f, g))
			fail_msg("PROVOST_SEED=%u: %s: %s", seed, s, e.text);
		if (i % 100 == 0)
			arena_reset(help_a);
	}
}

/* --- binding ------------------------------------------------------------- */

static struct filter *bound(const char *type, const char *text)
{
	struct filter *f;
	struct err e = { 0 };

	if (scim_filter_parse(help_a, text, &f, &e) != 0 ||
	    scim_filter_bind(help_a, f, help_type(type), &help_rs, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	return f;
}

static void indexed(const char *type, const char *text, const char *key)
{
	struct filter *f = bound(type, text);

	if (f->op == FILTER_VALUE)
		f = f->left;
	if (f->op == FILTER_AND)
		f = f->left->index != 0 ? f->left : f->right;
	if (f->index == 0 || strcmp(f->key, key) != 0)
		fail_msg("%s: index %d, key %s", text, f->index, f->key);
}

static void unbindable(const char *text)
{
	struct filter *f;
	struct err e = { 0 };

	assert_int_equal(scim_filter_parse(help_a, text, &f, &e), 0);
	if (scim_filter_bind(help_a, f, help_type("User"), &help_rs, &e) !=
	    ERR_INVALID)
		fail_msg("bound: %s", text);
	assert_string_equal(e.kind, "invalidFilter");
}

static void binding(void **state)
{
	(void)state;
	indexed("User", "USERNAME eq \" Anna  B\"", "anna b");
	indexed("User", CORE ":userName eq \"x\"", "x");
	indexed("User", "id eq \"ABC\"", "abc");
	indexed("User", "emails eq \"A@b\"", "a@b");
	indexed("User", "emails.value eq \"A@b\"", "a@b");
	indexed("User", "emails[type eq \"work\"].value eq \"A@b\"", "a@b");
	indexed("User", "emails[type eq \"work\" and value eq \"A@b\"]",
	    "a@b");
	indexed("User", "externalId eq \"E 1\"", "entra\x1f" "E 1");
	indexed("User", "externalId eq 0815", "entra\x1f" "0815");
	indexed("User", "manager eq \"11111111-1111-4111-8111-111111111111\"",
	    "provostpersonid=boss,ou=people,dc=example,dc=com");
	indexed("User", "manager.value eq \"nobody\"", "");
	indexed("User", "groups.value eq \"33333333-3333-4333-8333-"
	    "333333333333\"", "g1");
	indexed("User", "roles.value eq \"Administrator\"", "administrator");
	indexed("User", "tools.value eq \"Voip\"", "voip");
	indexed("User", "companies eq \"C1\"", "c1");
	indexed("User", "companies.value eq \"C1\"", "c1");
	indexed("User", ENT ".department eq \"D\"", "d");
	indexed("User", "name.familyName eq \"X\"", "x");
	indexed("Tool", "toolId eq \"X\"", "x");
	indexed("Account", "company eq \"C\"", "c");
	indexed("AccessRequest", "state eq \"pending\"", "pending");
	indexed("AccessRequest", "requester eq \"22222222-2222-4222-8222-"
	    "222222222222\"",
	    "provostpersonid=anna,ou=people,dc=example,dc=com");
	unbindable("nothing eq 1");
	unbindable("password eq \"x\"");
	unbindable("password pr");
	unbindable("emails[password eq \"x\"]");
	unbindable("emails.nothing pr");
	unbindable("active gt true");
	unbindable("active eq \"x\"");
	unbindable("name eq \"x\"");
	unbindable("meta.created gt \"yesterday\"");
	unbindable("toolCount eq \"x\"");
	unbindable("emails[value eq \"x\" and a[b pr]]");
	unbindable("userName.x eq 1");
}

static unsigned of_how_many;

static bool groups_of(void *ctx, struct arena *a, const char *type,
    const char *id, void (*each)(void *arg, const char *group_id), void *arg)
{
	unsigned i;

	(void)ctx;
	assert_string_equal(type, "Group");
	assert_string_equal(id, "Z");
	for (i = 0; i < of_how_many; i++)
		each(arg, arena_printf(a, "G%u", i));
	return true;
}

/* The filter on groups as it is run, for a person in n groups. */
static void by_groups(unsigned n, const char *text, const char *wanted)
{
	struct scim_resolver rs = help_rs;
	struct filter *f;
	struct err e = { 0 };
	struct buf b;

	of_how_many = n;
	rs.groups_of = groups_of;
	if (scim_filter_parse(help_a, text, &f, &e) != 0 ||
	    scim_filter_bind(help_a, f, help_type("Group"), &rs, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	buf_init(&b, 1 << 20);
	scim_filter_print(&b, f);
	assert_string_equal(buf_str(&b), wanted);
	buf_fini(&b);
}

/* Members stand on their own entries: no group is asked. */
static void memberships(void **state)
{
	(void)state;
	by_groups(1, "members.value eq \"Z\"", "id eq \"G0\"");
	by_groups(2, "members eq \"Z\"", "id eq \"G0\" or id eq \"G1\"");
	by_groups(1, "members[value eq \"Z\"]", "id eq \"G0\"");
	by_groups(1, "members[type pr and value eq \"Z\"]",
	    "id eq \"G0\" and members[type pr and value eq \"Z\"]");
	by_groups(0, "members eq \"Z\"", "id eq \"\"");
	by_groups(1, "displayName eq \"x\" and members eq \"Z\"",
	    "displayName eq \"x\" and id eq \"G0\"");
	by_groups(61, "members eq \"Z\"", "members eq \"Z\"");
	by_groups(61, "members[value eq \"Z\"]", "members.value eq \"Z\"");
	by_groups(1, "members ne \"Z\"", "members ne \"Z\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memberships),
		cmocka_unit_test(grammar),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(paths),
		cmocka_unit_test(property),
		cmocka_unit_test(binding),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
