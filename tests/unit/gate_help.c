/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "gate_help.h"
#include "link/httpd.h"

struct front_fixture gate;
static struct map *ids;		/* "Type/name" -> id */
static unsigned last;

/* --- filling ---------------------------------------------------------------- */

static const struct {
	const char *type, *ou, *rdn, *cls;
} kinds[] = {
	{ "User", "people", "provostPersonId", "provostUser" },
	{ "Group", "groups", "provostGroupId", "provostGroup" },
	{ "Role", "roles", "provostRoleId", "provostRoleEntry" },
	{ "Enterprise", "enterprises", "provostEnterpriseId",
	    "provostEnterpriseEntry" },
	{ "Company", "companies", "provostCompanyId", "provostCompanyEntry" },
	{ "Account", "accounts", "provostAccountNumber",
	    "provostBillingAccount" },
	{ "Service", "services", "provostServiceId", "provostServiceEntry" },
	{ "GroupIdentifier", "groupIdentifiers", "provostGroupIdentifierId",
	    "provostGroupIdentifier" },
	{ "Tool", "tools", "provostToolId", "provostTool" },
	{ "Rule", "rules", "provostRuleId", "provostRule" },
	{ "AccessRequest", "requests", "provostRequestId",
	    "provostAccessRequest" },
	{ "Client", "clients", "provostClientId", "provostClient" },
};

/* attrs: "name: value\n" ... */
static void put(const char *type, const char *key, const char *attrs)
{
	struct entry en = { .csn = "1", .creator = "", .modifier = "" };
	char *s = arena_strdup(gate.a, attrs), *save, *line, *value;
	char *id = arena_alloc(gate.a, 37);
	size_t k = 0;

	while (strcmp(kinds[k].type, type) != 0)
		k++;
	en.dn = arena_printf(gate.a, "%s=%s,ou=%s,%s", kinds[k].rdn, key,
	    kinds[k].ou, SUFFIX);
	last++;
	en.uuid[14] = (uint8_t)(last >> 8);
	en.uuid[15] = (uint8_t)last;
	en.created = en.modified = last * CLOCK_SECOND;
	if (k == 0)
		entry_add(gate.a, &en, "objectClass", "inetOrgPerson");
	entry_add(gate.a, &en, "objectClass", kinds[k].cls);
	entry_add(gate.a, &en, kinds[k].rdn, key);
	for (line = strtok_r(s, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		value = strstr(line, ": ");
		*value = '\0';
		entry_add(gate.a, &en, line, value + 2);
	}
	if (intake_put(&gate.in, gate.a, &en, false, &gate.e) != 0)
		fail_msg("%s %s: %s", type, key, gate.e.text);
	str_uuid_text(en.uuid, id);
	map_put(ids, arena_printf(gate.a, "%s/%s", type, key), id);
}

const char *gate_id(const char *type, const char *key)
{
	const char *id = map_get(ids, arena_printf(gate.a, "%s/%s", type,
	    key));

	if (id == NULL)
		fail_msg("there is no %s %s", type, key);
	return id;
}

#define HAS_C1 "provostEnterprise: acme\nprovostCompany: c1\n" \
	"provostAccount: a11\n"
#define ADMIN HAS_C1 "provostRole: administrator\nprovostToolGrant: wan\n" \
	"provostToolAccount: wan a11\n"

/* As those of test_matrix.c; "other" is eight people, one for each role. */
static const struct {
	const char *name, *attrs;
} people[] = {
	{ "staff", "provostAdminScope: provider\n" },
	{ "pc", HAS_C1 "provostRole: primary-contact\n" },
	{ "adm", ADMIN },
	{ "ent", ADMIN "provostAdminScope: enterprise acme\n" },
	{ "grp", ADMIN "provostAdminScope: group g1\n" },
	{ "dep", ADMIN "provostAdminScope: department Sales\n" },
	{ "member", HAS_C1 "provostRole: viewer\nprovostMemberOf: g1\n"
	    "departmentNumber: sales\n" },
	{ "shared", HAS_C1 "provostRole: viewer\n" },
	{ "wider", HAS_C1 "provostRole: viewer\nprovostAccount: a12\n"
	    "provostToolGrant: voip\nprovostToolAccount: voip a12\n"
	    "provostToolGrant: fire\n" },
	{ "partly", HAS_C1 "provostRole: viewer\nprovostCompany: c2\n"
	    "provostAccount: a21\nprovostToolGrant: wan\n"
	    "provostToolAccount: wan a11\nprovostToolAccount: wan a21\n"
	    "provostMemberOf: g3\nprovostPreference: a b\n"
	    "provostProvenance: account:a11 feed:hr 20260101000000Z\n"
	    "provostPeriod: account:a11 - 20990101000000Z\n" },
	{ "stranger", "provostRole: viewer\nprovostCompany: c2\n"
	    "provostMemberOf: g3\n" },
	{ "contact", HAS_C1 "provostRole: primary-contact\n"
	    "departmentNumber: hq\n" },
	{ "peer", ADMIN },
	{ "both", "provostCompany: c1\nprovostCompany: c2\n"
	    "provostRole: primary-contact\n" },
	/* Beyond the reach of pc, all accounts of c2. */
	{ "half", "provostCompany: c1\nprovostCompany: c2\n"
	    "provostRole: viewer\nprovostAllAccountsOf: c2\n" },
	{ "chief", "provostCompany: c3\nprovostRole: primary-contact\n" },
	/* All accounts of c1, and none by itself. */
	{ "all", "provostEnterprise: acme\nprovostCompany: c1\n"
	    "provostRole: viewer\nprovostAllAccountsOf: c1\n" },
};
const char *const gate_eight[8] = { "billing-manager", "orders-manager",
    "service-manager", "repairs-manager", "viewer", "manager",
    "billing-orders-manager", "service-repairs-manager" };
/* matrix.txt's columns. */
const char *const gate_actors[GATE_ACTORS] = { "admin", "staff", "client",
    "pc", "adm", "ent", "grp", "dep", "other" };

static void put_person(const char *name, const char *attrs)
{
	put("User", name, arena_printf(gate.a, "uid: %s\ncn: %s\nsn: %s\n"
	    "displayName: %s\nprovostOwner: hr\nprovostState: active\n%s",
	    name, name, name,
	    name, attrs));
}

static void put_people(void)
{
	size_t i;

	for (i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		put_person(people[i].name, people[i].attrs);
	for (i = 0; i < 8; i++) {
		put("Role", gate_eight[i], "provostPermission: billing view\n");
		put_person(gate_eight[i], arena_printf(gate.a, HAS_C1
		    "provostRole: %s\n", gate_eight[i]));
	}
	for (i = 0; i < GATE_CROWD; i++)
		put_person(arena_printf(gate.a, "crowd%03zu", i), i == 7 ?
		    "provostCompany: c3\nprovostCompany: c2\n"
		    "provostAllAccountsOf: c2\n" : "provostCompany: c3\n");
	put("Role", "primary-contact", "displayName: x\n");
	put("Role", "administrator", "displayName: x\n");
}

#define ACCOUNT(n, c) put("Account", n, "provostCompany: " c "\n" \
	"provostEnterprise: acme\n")
#define SERVICE(n, a) put("Service", n, "provostAccount: " a "\n")
#define GROUP(n, k, c, a) put("GroupIdentifier", n, "cn: " n "\n" \
	"provostKind: " k "\nprovostCompany: " c "\nprovostAccount: " a "\n")

static void put_catalogue(void)
{
	put("Enterprise", "acme", "cn: acme\nprovostActive: TRUE\n");
	put("Enterprise", "dormant", "cn: d\nprovostActive: FALSE\n");
	put("Company", "c1", "cn: c1\nprovostEnterprise: acme\n");
	put("Company", "c2", "cn: c2\nprovostEnterprise: acme\n");
	put("Company", "c3", "cn: c3\n");
	ACCOUNT("a11", "c1");
	ACCOUNT("a12", "c1");
	ACCOUNT("a21", "c2");
	ACCOUNT("a22", "c2");
	SERVICE("S11", "a11");
	SERVICE("S12", "a12");
	SERVICE("S21", "a21");
	put("Tool", "wan", "provostRestricted: FALSE\n");
	put("Tool", "voip", "provostRestricted: FALSE\n");
	put("Tool", "fire", "provostRestricted: TRUE\n");
	GROUP("sites", "serviceGroup", "c1", "a11");
	GROUP("cgi1", "cgi", "c1", "a12");
	GROUP("media", "emedia", "c2", "a22");
	put("Group", "g1", "displayName: g1\n");
	put("Group", "g2", "displayName: g2\n");
	put("Group", "g3", "displayName: g3\n");
	put("Rule", "any", "departmentNumber: nowhere\n"
	    "provostRole: viewer\n");
	put("Rule", "mine", "departmentNumber: nowhere\n"
	    "provostCompany: c1\nprovostAccount: a11\n");
	put("Rule", "theirs", "departmentNumber: nowhere\n"
	    "provostCompany: c1\nprovostAccount: a21\n");
	put("Client", "any", "cn: any\nprovostScope: read\n");
}

const char *gate_request(const char *whom, const char *right)
{
	return arena_printf(gate.a, "%s-%s", whom, strchr(right, ':') != NULL ?
	    strchr(right, ':') + 1 : right);
}

/* The target's own, for one right. */
static void put_request(const char *whom, const char *word)
{
	static const char *const kind[] = { "role", "company", "accounts",
	    NULL, "groupIdentifier", "tool", NULL, "portal", NULL };
	static const char *const attr[] = { "provostRole", "provostCompany",
	    "provostAccount", NULL, "provostGroupIdentifierId",
	    "provostToolGrant" };
	const char *name = gate_request(whom, word);
	struct right r;

	if (map_get(ids, arena_printf(gate.a, "AccessRequest/%s", name)) !=
	    NULL) return;
	assert_int_equal(right_parse(gate.a, word, &r, NULL), 0);
	put("AccessRequest", name, arena_printf(gate.a,
	    "provostRequester: provostPersonId=%s,ou=people,%s\n"
	    "provostBeneficiary: provostPersonId=%s,ou=people,%s\n"
	    "provostRequestState: pending\nprovostRequestKind: %s\n"
	    "provostExpiresAt: 20990101000000Z\n%s",
	    whom, SUFFIX, whom, SUFFIX, kind[r.kind], r.kind == RIGHT_PORTAL ?
	    "" : arena_printf(gate.a, "%s: %s\n", attr[r.kind], r.key)));
}

const char *gate_dashed(const char *word)
{
	char *s = arena_strdup(gate.a, word), *p;

	while ((p = strchr(s, '/')) != NULL)
		*p = '-';
	return s;
}

/* "serviceGroup/c1/S11" */
static void put_group(const char *word)
{
	char *s = arena_strdup(gate.a, word), *save;
	const char *kind = strtok_r(s, "/", &save);
	const char *company = strtok_r(NULL, "/", &save);
	const char *service = strtok_r(NULL, "/", &save);
	const char *id = gate_dashed(word);

	if (map_get(ids, arena_printf(gate.a, "GroupIdentifier/%s", id)) !=
	    NULL) return;
	put("GroupIdentifier", id, arena_printf(gate.a,
	    "cn: %s\nprovostKind: %s"
	    "\nprovostPurpose: businessSite\nprovostCompany: %s\n"
	    "provostService: %s\n", id, kind, company, service));
}

static int words(char *s, char **w)
{
	char *save, *p;
	int n = 0;

	for (p = strtok_r(s, " \t\n", &save); p != NULL && n < GATE_WORDS;
	    p = strtok_r(NULL, " \t\n", &save))
		w[n++] = p;
	return n;
}

/* Calls each with the words of every line of matrix.txt. */
void gate_rows(void (*each)(char **w, int n))
{
	FILE *file = fopen(PROVOST_SRCDIR "/tests/unit/matrix.txt", "r");
	char buf[512], *w[GATE_WORDS];

	assert_non_null(file);
	while (fgets(buf, sizeof(buf), file) != NULL)
		if (*buf != '#' && *buf != '\n')
			each(w, words(buf, w));
	fclose(file);
}

static void put_of_row(char **w, int n)
{
	size_t i;

	(void)n;
	if (strcmp(w[1], "GroupIdentifier") == 0)
		put_group(w[2]);
	if (strcmp(w[1], "AccessRequest") != 0)
		return;
	if (strcmp(w[2], "self") != 0) {
		put_request(w[2], w[3]);
		return;
	}
	for (i = 0; i < 8; i++)
		put_request(gate_eight[i], w[3]);
	for (i = 0; i < GATE_ACTORS - 1; i++)
		put_request(gate_actors[i], w[3]);
}

int gate_setup(void **state)
{
	(void)state;
	front_fixture_open(&gate);
	ids = map_new();
	put_people();
	put_catalogue();
	gate_rows(put_of_row);
	return front_fixture_start(&gate, "http://x");
}

int gate_teardown(void **state)
{
	(void)state;
	map_free(ids, NULL);
	return front_fixture_close(&gate);
}

/* --- asking ------------------------------------------------------------------ */

struct asking {
	struct call c;
	struct call_sink sink;
	struct httpd_request q;
	uint8_t person[16];
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int status;			/* 0: not answered yet */
	struct json *j;
	struct err e;			/* of a write */
};

static void answered(struct call *c, int status, char *body)
{
	struct asking *q = c->sink->ctx;

	if (body != NULL)
		json_parse(gate.a, body, strlen(body), &q->j, NULL);
	free(body);
	pthread_mutex_lock(&q->lock);
	q->status = status;
	pthread_cond_signal(&q->cond);
	pthread_mutex_unlock(&q->lock);
}

/* "admin" and "client" are clients, all others people. True: the route is
 * there and open to them. */
static bool begin(struct asking *q, const char *who, const char *method,
    const char *path, const char *body)
{
	struct router_match m;

	*q = (struct asking){ .sink = { .ctx = q, .answered = answered } };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->cond, NULL);
	q->q = (struct httpd_request){ .arena = gate.a, .host = "x", .peer = "",
	    .method = method, .path = path, .body = "" };
	q->c = (struct call){ .f = gate.front, .q = &q->q, .sink = &q->sink,
	    .a = gate.a, .base = "http://x", .client = { .dn = "", .name = who,
	    .title = who, .owner = "hr" } };
	if (strcmp(who, "admin") == 0) {
		strv_add(gate.a, &q->c.client.scopes, "admin");
	} else if (strcmp(who, "client") == 0) {
		strv_add(gate.a, &q->c.client.scopes, "read");
		strv_add(gate.a, &q->c.client.scopes, "write");
	} else {
		assert_true(str_uuid(gate_id("User", who), q->person));
		q->c.person = q->person;
	}
	if (body != NULL && json_parse(gate.a, body, strlen(body), &q->c.body,
	    &q->e) != 0)
		fail_msg("%s: %s", body, q->e.text);
	if (call_route(&q->c, &m) != 0)
		fail_msg("%s %s: no such route", method, path);
	return call_authorise(&q->c, &q->e) == 0;
}

struct answer gate_ask(const char *who, const char *method,
    const char *path, const char *body)
{
	struct asking q;

	if (begin(&q, who, method, path, body))
		q.c.route->handle(&q.c);
	else
		answer_error(&q.c, &q.e);
	pthread_mutex_lock(&q.lock);
	while (q.status == 0)
		pthread_cond_wait(&q.cond, &q.lock);
	pthread_mutex_unlock(&q.lock);
	return (struct answer){ q.status, q.j };
}

int gate_get(const char *who, const char *type, const char *key)
{
	const struct scim_resource *r = scim_map_name(gate.map, type);

	return gate_ask(who, "GET", arena_printf(gate.a, "/scim/v2%s/%s",
	    r->endpoint, gate_id(type, key)), NULL).status;
}

/* totalResults, with the list in *out. */
int64_t gate_find(const char *who, const char *endpoint,
    const char *filter, struct json **out)
{
	struct json *j = json_new(gate.a, JSON_IS_OBJECT);
	struct answer q;
	struct buf text;

	json_put(gate.a, j, "filter", json_new_str(gate.a, filter));
	if (strcmp(endpoint, "Users") == 0)
		json_put(gate.a, j, "sortBy", json_new_str(gate.a, "userName"));
	buf_init(&text, 8192);
	json_write(&text, j);
	q = gate_ask(who, "POST", arena_printf(gate.a, "/scim/v2/%s/.search",
	    endpoint), buf_str(&text));
	buf_fini(&text);
	if (q.status != 200)
		fail_msg("%s: %s: %d", who, filter, q.status);
	if (out != NULL)
		*out = json_member(q.j, "Resources");
	return json_member_int(q.j, "totalResults", -1);
}

/* What a write would come to: 0 or an error; *said: its mods, "-name value"
 * "+name value" "=name value", one a line. */
int gate_try(const char *who, enum write_kind kind, const char *type,
    const char *key, const char *body, struct err *e, struct buf *said)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH",
	    "DELETE" };
	const struct scim_resource *r = scim_map_name(gate.map, type);
	struct write w = { .kind = kind };
	struct asking q;
	size_t i, k;
	int rc;

	*e = (struct err){ 0 };
	if (!begin(&q, who, methods[kind], kind == WRITE_POST ?
	    arena_printf(gate.a, "/scim/v2%s", r->endpoint) :
	    arena_printf(gate.a,
	    "/scim/v2%s/%s", r->endpoint, gate_id(type, key)), body)) {
		*e = q.e;
		return e->code;
	}
	w.c = &q.c;
	rc = call_view(&q.c, e);
	if (rc == 0)
		rc = write_prepare(&w, e);
	for (i = 0; rc == 0 && said != NULL && i < w.change->n; i++)
		for (k = 0; k < w.change->mod[i].n || k == 0; k++)
			buf_printf(said, "%c%s %s\n",
			    "+-="[w.change->mod[i].op], w.change->mod[i].name,
			    k < w.change->mod[i].n ? w.change->mod[i].v[k].p :
			    "");
	if (rc == 0 && q.c.person != NULL)
		assert_string_equal(w.change->act_as, q.c.actor.person->dn);
	if (rc == 0 && q.c.person == NULL &&
	    strcmp(type, "AccessRequest") != 0)
		assert_null(w.change->act_as);
	call_close(&q.c);
	return rc;
}

const char *gate_patch(const char *op, const char *path,
    const char *value)
{
	return arena_printf(gate.a, "{\"Operations\":[{\"op\":\"%s\","
	    "\"path\":\"%s\"%s%s}]}", op, path, value != NULL ?
	    ",\"value\":" : "", value != NULL ? value : "");
}

