/* SPDX-License-Identifier: ISC */
/* Random PATCHes against an independent model: sets of (type, value) pairs
 * and of words. PROVOST_SEED repeats a run. */
#include "codec_help.h"

#define PAIRS 64

struct pair {
	const char *type, *value;
};

struct model {
	struct pair v[PAIRS];
	size_t n;
};

static const char *const types[] = { "", "work", "home", "other" };
static const char *const values[] = { "a@x", "b@x", "c(*)@x", "d\\u00e9@x" };
static const char *const stored[] = { "a@x", "b@x", "c(*)@x", "dé@x" };

static unsigned rnd(unsigned n)
{
	return (unsigned)random() % n;
}

/* --- the model ------------------------------------------------------------ */

static void model_add(struct model *m, const char *type, const char *value)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i].type, type) == 0 &&
		    strcmp(m->v[i].value, value) == 0)
			return;
	assert_true(m->n < PAIRS);
	m->v[m->n++] = (struct pair){ type, value };
}

/* NULL: any. */
static size_t model_remove(struct model *m, const char *type,
    const char *value)
{
	size_t i, n = 0, gone;

	for (i = 0; i < m->n; i++)
		if ((type != NULL && strcmp(m->v[i].type, type) != 0) ||
		    (value != NULL && strcmp(m->v[i].value, value) != 0))
			m->v[n++] = m->v[i];
	gone = m->n - n;
	m->n = n;
	return gone;
}

/* --- operations: each does to the model what it says in JSON --------------- */

static char *element(unsigned t, unsigned v)
{
	return t == 0 ? arena_printf(help_a, "{'value':'%s'}", values[v]) :
	    arena_printf(help_a, "{'value':'%s','type':'%s'}", values[v],
	    types[t]);
}

static char *email_list(struct model *m, const char *op)
{
	char *s = arena_strdup(help_a, "");
	unsigned i, n = rnd(4);

	if (strcmp(op, "replace") == 0)
		m->n = 0;
	for (i = 0; i < n; i++) {
		unsigned t = rnd(4), v = rnd(4);

		s = arena_printf(help_a, "%s%s%s", s, i == 0 ? "" : ",",
		    element(t, v));
		model_add(m, types[t], stored[v]);
	}
	return arena_printf(help_a, "{'op':'%s','path':'emails','value':"
	    "[%s]}", op, s);
}

static char *email_remove(struct model *m)
{
	unsigned t = 1 + rnd(3), v = rnd(4);

	switch (rnd(4)) {
	case 0:
		model_remove(m, types[t], NULL);
		return arena_printf(help_a, "{'op':'remove','path':'emails["
		    "type eq \\\"%s\\\"]'}", types[t]);
	case 1:
		model_remove(m, NULL, stored[v]);
		return arena_printf(help_a, "{'op':'Remove','path':'emails',"
		    "'value':[{'value':'%s'}]}", values[v]);
	case 2:
		model_remove(m, NULL, stored[v]);
		return arena_printf(help_a, "{'op':'remove','path':'emails["
		    "value eq \\\"%s\\\"]'}", values[v]);
	default:
		model_remove(m, types[t], stored[v]);
		return arena_printf(help_a, "{'op':'remove','path':'emails["
		    "type eq \\\"%s\\\" and value eq \\\"%s\\\"]'}", types[t],
		    values[v]);
	}
}

static char *email_set(struct model *m, const char *op)
{
	unsigned t = 1 + rnd(3), v = rnd(4);

	model_remove(m, types[t], NULL);
	model_add(m, types[t], stored[v]);
	return arena_printf(help_a, rnd(2) ?
	    "{'op':'%s','path':'emails[type eq \\\"%s\\\"].value',"
	    "'value':'%s'}" :
	    "{'op':'%s','value':{'emails[type eq \\\"%s\\\"].value':'%s'}}",
	    op, types[t], values[v]);
}

static char *words(struct model *m, unsigned kind)
{
	unsigned x = rnd(4), y = rnd(4);
	char *list = arena_printf(help_a, "['%s','%s']", values[x],
	    values[y]);

	if (kind == 0) {
		model_remove(m, NULL, stored[x]);
		model_remove(m, NULL, stored[y]);
		return arena_printf(help_a, "{'op':'remove','path':"
		    "'adminScopes','value':%s}", list);
	}
	if (kind == 1)
		m->n = 0;
	model_add(m, "", stored[x]);
	model_add(m, "", stored[y]);
	return arena_printf(help_a, kind == 1 ?
	    "{'op':'replace','value':{'" PRO "':{'adminScopes':%s}}}" :
	    "{'op':'ADD','path':'" PRO ":adminScopes','value':%s}", list);
}

static char *operation(struct model *emails, struct model *scopes)
{
	switch (rnd(9)) {
	case 0:
		return email_list(emails, "add");
	case 1:
		return email_list(emails, "replace");
	case 2:
	case 3:
		return email_remove(emails);
	case 4:
		return email_set(emails, "replace");
	case 5:
		return email_set(emails, "Add");
	case 6:
		return words(scopes, rnd(3));
	case 7:
		scopes->n = 0;
		return arena_strdup(help_a,
		    "{'op':'remove','path':'adminScopes'}");
	default:
		return words(scopes, 2);
	}
}

/* --- comparing ------------------------------------------------------------- */

static size_t count(const struct entry *e, const char *ldap)
{
	size_t i, n = 0;

	for (i = 0; i < e->n; i++)
		if (attr_base_len(e->a[i].name) == strlen(ldap) &&
		    strncmp(e->a[i].name, ldap, strlen(ldap)) == 0)
			n += e->a[i].n;
	return n;
}

static bool same(const struct entry *e, const char *ldap,
    const struct model *m)
{
	size_t i;

	if (count(e, ldap) != m->n)
		return false;
	for (i = 0; i < m->n; i++)
		if (!entry_has(e, m->v[i].type[0] == '\0' ? ldap :
		    arena_printf(help_a, "%s;x-%s", ldap, m->v[i].type),
		    m->v[i].value))
			return false;
	return true;
}

static const struct entry *step(const struct entry *e, struct model *emails,
    struct model *scopes, unsigned seed)
{
	const struct scim_resource *r = help_type("User");
	struct scim_read_result res;
	struct err err = { 0 };
	char *ops = operation(emails, scopes);
	struct json *j = help_parse(help_render(r, e, NULL, &help_rs)), *m;
	unsigned n = rnd(6);

	while (n-- > 0)
		ops = arena_printf(help_a, "%s,%s", ops,
		    operation(emails, scopes));
	m = help_json(arena_printf(help_a, "{'Operations':[%s]}", ops));
	if (scim_patch_apply(help_a, r, m, j, &err) != 0 ||
	    scim_read(help_a, help_map, r, j, e, &help_rs, &res, &err) != 0)
		fail_msg("PROVOST_SEED=%u: %s: %s", seed, ops, err.text);
	if (!same(res.entry, "mail", emails) ||
	    !same(res.entry, "provostAdminScope", scopes) ||
	    entry_get(res.entry, "provostCompany") == NULL)
		fail_msg("PROVOST_SEED=%u: %s\non\n%s\ngave\n%s", seed, ops,
		    help_ldif(e), help_ldif(res.entry));
	return res.entry;
}

/* Fewer under a sanitizer, which makes each ten times as long; PROVOST_COUNT
 * says how many operation lists. */
static unsigned long how_many(void)
{
	const char *given = getenv("PROVOST_COUNT");

	if (given != NULL)
		return strtoul(given, NULL, 10);
#ifdef __SANITIZE_ADDRESS__
	return 10000;
#else
	return 100000;
#endif
}

static void property(void **state)
{
	const char *given = getenv("PROVOST_SEED");
	unsigned long left = how_many();
	unsigned seed;
	int k;

	(void)state;
	hash_random(&seed, sizeof(seed));
	if (given != NULL)
		seed = (unsigned)strtoul(given, NULL, 10);
	printf("# PROVOST_SEED=%u\n", seed);
	srandom(seed);
	while (left > 0) {
		struct model emails = { .n = 0 }, scopes = { .n = 0 };
		const struct entry *e = help_entry("uid: u\ncn: u\nsn: u\n"
		    "provostState: active\nprovostCompany: C1\n");

		for (k = 0; k < 20 && left > 0; k++, left--)
			e = step(e, &emails, &scopes, seed);
		arena_reset(help_a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(property),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
