/* SPDX-License-Identifier: ISC */
/* Every operation for every kind of actor and target, as matrix.txt says: who
 * may do what (V1-V6, V16, V25-V27, A1, A4, L1, L4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "core/authorise.h"
#include "world_table.h"

#define MAX_WORDS 16
#define HAS_C1 "provostState: active\nprovostEnterprise: acme\n" \
	"provostCompany: c1\nprovostAccount: a11\n"
#define PERSON(name) "dn: cn=" name "\nuid: " name "\n"
#define ADMIN(name) PERSON(name) HAS_C1 "provostRole: administrator\n" \
	"provostToolGrant: wan\nprovostToolAccount: wan a11\n"

static struct world_table *t;

static const char *const eight[] = { "billing-manager", "orders-manager",
    "service-manager", "repairs-manager", "viewer", "manager",
    "billing-orders-manager", "service-repairs-manager" };

/* In the order of the columns; the last one stands for eight. */
static const struct {
	const char *name, *person, *scopes[2];
} actors[] = {
	{ "admin", NULL, { "admin" } },
	{ "staff", PERSON("staff") "provostState: active\n"
	    "provostAdminScope: provider\n", { NULL } },
	{ "client", NULL, { "read", "write" } },
	{ "pc", PERSON("pc") HAS_C1 "provostRole: primary-contact\n",
	    { NULL } },
	{ "adm", ADMIN("adm"), { NULL } },
	{ "ent", ADMIN("ent") "provostAdminScope: enterprise acme\n",
	    { NULL } },
	{ "grp", ADMIN("grp") "provostAdminScope: group g1\n", { NULL } },
	{ "dep", ADMIN("dep") "provostAdminScope: department Sales\n",
	    { NULL } },
	{ "other", PERSON("other") HAS_C1, { NULL } },
};
#define N_ACTORS (sizeof(actors) / sizeof(actors[0]))

static const struct {
	const char *name, *person;
} targets[] = {
	{ "member", PERSON("member") HAS_C1 "provostRole: viewer\n"
	    "provostMemberOf: g1\ndepartmentNumber: sales\n" },
	{ "shared", PERSON("shared") HAS_C1 "provostRole: viewer\n" },
	{ "wider", PERSON("wider") HAS_C1 "provostRole: viewer\n"
	    "provostAccount: a12\nprovostToolGrant: voip\n"
	    "provostToolAccount: voip a12\nprovostToolGrant: fire\n" },
	{ "partly", PERSON("partly") HAS_C1 "provostRole: viewer\n"
	    "provostCompany: c2\nprovostAccount: a21\n"
	    "provostToolGrant: wan\nprovostToolAccount: wan a11\n"
	    "provostToolAccount: wan a21\n" },
	{ "stranger", PERSON("stranger") "provostState: active\n"
	    "provostRole: viewer\nprovostCompany: c2\n" },
	{ "contact", PERSON("contact") HAS_C1
	    "provostRole: primary-contact\n" },
	{ "peer", ADMIN("peer") },
};

static const struct {
	const char *word;
	enum operation op;
} operations[] = {
	{ "read", OP_READ }, { "list", OP_READ }, { "create", OP_CREATE },
	{ "update", OP_UPDATE }, { "delete", OP_DELETE },
	{ "suspend", OP_SUSPEND }, { "reset", OP_RESET },
	{ "clone", OP_CLONE }, { "invite", OP_INVITE },
	{ "grant", OP_UPDATE }, { "revoke", OP_UPDATE },
	{ "portal-grant", OP_PORTAL_GRANT },
	{ "portal-revoke", OP_PORTAL_REVOKE }, { "scope", OP_SCOPE },
	{ "prefer", OP_PREFER }, { "password", OP_PASSWORD },
	{ "add-account", OP_ADD_ACCOUNT },
	{ "move-account", OP_MOVE_ACCOUNT },
};

static int setup(void **state)
{
	size_t i;

	(void)state;
	t = table_new();
	table_acme(t);
	for (i = 0; i < 8; i++)
		if (t->world.role(t->world.ctx, eight[i]) == NULL)
			table_fill(t, arena_printf(t->a, "dn: x\n"
			    "objectClass: provostRoleEntry\n"
			    "provostRoleId: %s\n", eight[i]));
#define SERVICE(id, account) "dn: x\nobjectClass: provostServiceEntry\n" \
	"provostServiceId: " id "\nprovostAccount: " account "\n\n"
	table_fill(t, SERVICE("S11", "a11") SERVICE("S12", "a12")
	    SERVICE("S21", "a21"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	table_free(t);
	return 0;
}

/* --- who and what -------------------------------------------------------- */

static struct actor actor_of(size_t column, const char *role)
{
	struct strv *scopes = arena_alloc(t->a, sizeof(*scopes));
	struct rights *r = arena_alloc(t->a, sizeof(*r));
	const struct person *p;
	size_t i;

	for (i = 0; i < 2 && actors[column].scopes[i] != NULL; i++)
		strv_add(t->a, scopes, actors[column].scopes[i]);
	if (actors[column].person == NULL)
		return actor_client(actors[column].name, scopes);
	p = table_person(t, role == NULL ? actors[column].person :
	    arena_printf(t->a, "%sprovostRole: %s\n", actors[column].person,
	    role), NULL);
	rights_compute(t->a, p, &t->world, table_noon(), r);
	return actor_person(p, r);
}

static const struct person *target_of(const char *name,
    const struct actor *who)
{
	size_t i;

	if (strcmp(name, "self") == 0)
		return who->person;
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(targets[i].name, name) == 0)
			return table_person(t, targets[i].person, NULL);
	fail_msg("matrix.txt: nobody is called %s", name);
	return NULL;
}

static const struct right *right_of(const char *word)
{
	struct right *r = arena_alloc(t->a, sizeof(*r));

	if (right_parse(t->a, word, r, NULL) != 0)
		fail_msg("matrix.txt: %s is no right", word);
	return r;
}

/* A request of the target's own for one right, approved. */
static const struct request *request_of(const struct person *p,
    const char *word, const struct actor *who)
{
	static const char *const kind[] = { "role", "company", "accounts",
	    NULL, "groupIdentifier", "tool", NULL, "portal", NULL };
	static const char *const attr[] = { "provostRole", "provostCompany",
	    "provostAccount", NULL, "provostGroupIdentifierId",
	    "provostToolGrant" };
	const struct right *r = right_of(word);
	const char *asked = r->kind == RIGHT_PORTAL ? "" :
	    arena_printf(t->a, "%s: %s\n", attr[r->kind], r->key);

	return table_request(t, arena_printf(t->a, "dn: cn=r\n"
	    "provostRequestId: r\nprovostRequester: %s\n"
	    "provostRequestKind: %s\nprovostDecision: approved\n"
	    "provostDecidedBy: %s\n%s", p->dn, kind[r->kind],
	    who->person ? who->person->dn : "cn=nobody", asked));
}

/* "serviceGroup/c1/S11" */
static const struct group_identifier *group_of(char *word)
{
	struct group_identifier *g = arena_alloc(t->a, sizeof(*g));
	char *save;

	g->id = "new";
	g->kind = strtok_r(word, "/", &save);
	g->company = strtok_r(NULL, "/", &save);
	strv_add(t->a, &g->services, strtok_r(NULL, "/", &save));
	return g;
}

/* "g1/company:c1" */
static const struct rule *rule_of(const char *word)
{
	size_t n = strcspn(word, "/");
	const struct right *r = right_of(word + n + 1);
	struct rule *rule = arena_alloc(t->a, sizeof(*rule));

	*rule = (struct rule){ .id = "new", .department = "", .role = "",
	    .group = arena_strndup(t->a, word, n) };
	if (r->kind == RIGHT_ROLE)
		rule->role = r->key;
	else
		strv_add(t->a, r->kind == RIGHT_COMPANY ? &rule->companies :
		    r->kind == RIGHT_ACCOUNT ? &rule->accounts : &rule->tools,
		    r->key);
	return rule;
}

static struct subject subject_of(char **w, enum operation op,
    const struct actor *who)
{
	struct subject s = { .type = w[1] };
	bool request = strcmp(w[1], "AccessRequest") == 0;

	if (strcmp(w[1], "User") == 0 || request)
		s.person = target_of(w[2], who);
	if (request)
		s.request = request_of(s.person, w[3], who);
	else if (strcmp(w[1], "GroupIdentifier") == 0)
		s.group = group_of(arena_strdup(t->a, w[2]));
	else if (strcmp(w[1], "Rule") == 0 && op != OP_READ)
		s.rule = rule_of(w[2]);
	else if (s.person == NULL)
		s.key = w[2];
	return s;
}

/* --- the table ----------------------------------------------------------- */

static enum operation operation_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].word, word) == 0)
			return operations[i].op;
	if (strcmp(word, "decide") != 0)
		fail_msg("matrix.txt: there is no operation %s", word);
	return OP_READ;
}

static int ask(char **w, const struct actor *who, enum operation op,
    const struct subject *on, struct err *e)
{
	bool grant = strcmp(w[0], "grant") == 0;
	struct reach r;
	int rc;

	if (strcmp(w[0], "decide") == 0)
		return authorise_decision(on->request, who->person,
		    who->rights, on->person, &t->world, e);
	rc = authorise_actor(who, op, on, &t->world, e);
	if (rc != 0 || (!grant && strcmp(w[0], "revoke") != 0))
		return rc;
	reach_init(t->a, who, on->person, &t->world, &r);
	return grant ? reach_give(&r, right_of(w[3]), e) :
	    reach_take(&r, right_of(w[3]), e);
}

/* Prints what is wrong; 1 then. */
static int cell(char **w, size_t column, const char *role, const char *want)
{
	struct actor who = actor_of(column, role);
	enum operation op = operation_of(w[0]);
	const struct subject on = subject_of(w, op, &who);
	struct err e = { 0 };
	int rc = ask(w, &who, op, &on, &e);
	const char *rule = arena_printf(t->a, "(%s)", want);

	if (strcmp(want, "+") == 0 ? rc == 0 : rc == ERR_DENIED &&
	    (strcmp(want, "-") == 0 || strstr(e.text, rule) != NULL))
		return 0;
	printf("%s %s %s %s: %s%s%s is to be %s, but: %s\n", w[0], w[1],
	    w[2], w[3], actors[column].name, role ? " as " : "",
	    role ? role : "", want, rc == 0 ? "allowed" : e.text);
	return 1;
}

static int line(char *s, int *cells)
{
	char *w[MAX_WORDS], *save, *p;
	int n = 0, bad = 0, first;
	size_t i, k;

	for (p = strtok_r(s, " \t\n", &save); p != NULL && n < MAX_WORDS;
	    p = strtok_r(NULL, " \t\n", &save))
		w[n++] = p;
	first = n - (int)N_ACTORS;
	if (first != 3 && first != 4)
		fail_msg("matrix.txt: %s %s: %d words", w[0], w[1], n);
	for (i = 0; i < N_ACTORS; i++) {
		const char *want = w[first + (int)i];

		if (strcmp(want, ".") == 0)
			continue;
		for (k = 0; k < (i == N_ACTORS - 1 ? 8 : 1); k++, ++*cells)
			bad += cell(w, i, i == N_ACTORS - 1 ? eight[k] : NULL,
			    want);
	}
	return bad;
}

static void test_matrix(void **state)
{
	FILE *f = fopen(PROVOST_SRCDIR "/tests/unit/matrix.txt", "r");
	int bad = 0, cells = 0;
	char buf[512];

	(void)state;
	assert_non_null(f);
	while (fgets(buf, sizeof(buf), f) != NULL)
		if (*buf != '#' && *buf != '\n')
			bad += line(buf, &cells);
	fclose(f);
	printf("%d of %d cells are wrong\n", bad, cells);
	assert_int_equal(bad, 0);
	assert_true(cells > 1000);
}

static bool known_role(const char *id)
{
	size_t i;

	for (i = 0; i < 8; i++)
		if (strcmp(id, eight[i]) == 0)
			return true;
	return strcmp(id, ROLE_PRIMARY_CONTACT) == 0 ||
	    strcmp(id, ROLE_ADMINISTRATOR) == 0;
}

/* V1: ten roles, whose keys are fixed. */
static void test_roles(void **state)
{
	FILE *f = fopen(PROVOST_SRCDIR "/conf/slapd/roles.ldif.in", "r");
	char buf[512], id[64];
	int n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(buf, sizeof(buf), f) != NULL)
		if (sscanf(buf, "provostRoleId: %63s", id) == 1) {
			assert_true(known_role(id));
			n++;
		}
	fclose(f);
	assert_int_equal(n, 10);
	assert_true(known_role(ROLE_VIEWER));
}

/* Who is suspended, or not registered yet, does nothing. */
static void test_inactive(void **state)
{
	const struct person *p = table_person(t, PERSON("pc")
	    "provostState: suspended\nprovostRole: primary-contact\n"
	    "provostCompany: c1\n", NULL);
	const struct subject on = { .type = "User", .person = p };
	struct rights r;
	struct actor who;
	struct err e = { 0 };

	(void)state;
	rights_compute(t->a, p, &t->world, table_noon(), &r);
	who = actor_person(p, &r);
	assert_int_equal(authorise_actor(&who, OP_READ, &on, &t->world, &e),
	    ERR_DENIED);
	assert_non_null(strstr(e.text, "suspended"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matrix, setup, teardown),
		cmocka_unit_test(test_roles),
		cmocka_unit_test_setup_teardown(test_inactive, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
