/* SPDX-License-Identifier: ISC */
/* Lists over a view that intake has filled, with the mapping that is shipped:
 * filters, sorting, cursors (RFC 9865), .search, the root, and that nobody
 * learns through them what he may not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "codec/json.h"
#include "front_fixture.h"
#include "link/httpc.h"

#define PEOPLE 60
#define EXT "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"

static struct front_fixture f;
static unsigned n_put;

/* name, value, name, value ..., NULL */
static void put(const char *rdn, const char *ou, ...)
{
	struct entry en = { .csn = "1", .creator = "", .modifier = "" };
	const char *name, *value;
	va_list ap;

	en.dn = arena_printf(f.a, "%s,ou=%s,%s", rdn, ou, SUFFIX);
	en.uuid[15] = (uint8_t)++n_put;
	en.created = n_put * CLOCK_SECOND;
	en.modified = (1000 - n_put) * CLOCK_SECOND;
	va_start(ap, ou);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value != NULL)
			entry_add(f.a, &en, name, value);
	}
	va_end(ap);
	if (intake_put(&f.in, f.a, &en, false, &f.e) != 0)
		fail_msg("%s", f.e.text);
}

static void put_client(const char *id, const char *scope, const char *owner)
{
	const char *hash = hash_sha256_hex(f.a, arena_printf(f.a, "token-%s",
		id));

	put(arena_printf(f.a, "provostClientId=%s", id), "clients",
		"objectClass", "provostClient", "provostClientId", id, "cn",
		id, "provostScope", scope, "provostOwner", owner,
		"provostTokenHash", arena_printf(f.a, "%s -", hash), NULL);
}

/* Numbers as names; a third has no department, a half is entra's. */
static void put_person(unsigned i)
{
	const char *id = arena_printf(f.a, "p%02u", i);

	put(arena_printf(f.a, "provostPersonId=%s", id), "people",
		"objectClass", "inetOrgPerson", "objectClass", "provostUser",
		"provostPersonId", id, "uid", arena_printf(f.a, "U%02u",
		i * 7 % PEOPLE), "cn", id, "sn", id, "provostState", "active",
		"displayName", i == 1 ? "WAN" : NULL, "title", id,
		"mail;x-work", arena_printf(f.a, "%s@work", id),
		"departmentNumber", i % 3 ? arena_printf(f.a, "D%u", i % 4) :
		NULL, "provostOwner", i % 2 ? "entra" : "okta",
		"provostExternalId", arena_printf(f.a, "E%02u", i), NULL);
}

static int setup(void **state)
{
	unsigned i;

	(void)state;
	front_fixture_open(&f);
	for (i = 0; i < PEOPLE; i++)
		put_person(i);
	put("provostToolId=wan", "tools", "objectClass", "provostTool",
		"provostToolId", "wan", "cn", "WAN", NULL);
	put("provostGroupId=g", "groups", "objectClass", "provostGroup",
		"provostGroupId", "g", "displayName", "WAN", NULL);
	put("provostAccountNumber=1", "accounts", "objectClass",
		"provostBillingAccount", "provostAccountNumber", "1",
		"provostInvitationCode", "secret", NULL);
	put("provostRequestId=r", "requests", "objectClass",
		"provostAccessRequest", "provostRequestId", "r",
		"provostRequestKind", "accounts", "provostInvitationCode",
		"secret", NULL);
	put_client("admin", "admin", "entra");
	put_client("people", "read:Users", "okta");
	put_client("tools", "read:Tools", "entra");
	put_client("nothing", "none", "entra");
	return front_fixture_start(&f, "");
}

static int teardown(void **state)
{
	(void)state;
	return front_fixture_close(&f);
}

/* --- asking ------------------------------------------------------------------ */

static int status;

/* body NULL: GET. */
static struct json *ask(const char *token, const char *path, const char *body)
{
	const char *headers[3] = { arena_printf(f.a, "Authorization: Bearer "
	    "token-%s", token), "Content-Type: application/scim+json", NULL };
	struct httpc_request q = { .method = body != NULL ? "POST" : "GET",
	    .url = arena_printf(f.a, "%s/scim/v2%s", front_url(f.front),
	    path), .headers = headers, .ca_file = "", .insecure = true,
	    .body = body, .body_len = body != NULL ? strlen(body) : 0,
	    .max_answer = 64 << 20 };
	struct httpc_answer got = { 0 };
	struct json *j = NULL;
	char *text = NULL;

	if (httpc_call(&q, &got, &text, &f.e) != 0)
		fail_msg("%s: %s", path, f.e.text);
	status = got.status;
	if (text == NULL || json_parse(f.a, text, got.len, &j, NULL) != 0)
		fail_msg("%s: no JSON", path);
	free(text);
	return j;
}

/* A printf of the arguments' names and values; " is written ', and all that
 * must be is percent-encoded here. */
static const char *query(const char *path, ...)
{
	const char *out = path, *name, *p;
	char sep = '?';
	va_list ap;

	va_start(ap, path);
	while ((name = va_arg(ap, const char *)) != NULL) {
		char *v = arena_strdup(f.a, va_arg(ap, const char *));

		for (p = v; *p != '\0'; p++)
			if (*p == '\'')
				v[p - v] = '"';
		out = arena_printf(f.a, "%s%c%s=%s", out, sep, name,
		    str_url(f.a, v));
		sep = '&';
	}
	va_end(ap);
	return out;
}

static const char *names(const struct json *list)
{
	const struct json *j = json_member(list, "Resources");
	char *out = arena_strdup(f.a, "");

	for (j = j == NULL ? NULL : j->child; j != NULL; j = j->next) {
		const char *s = json_member_str(j, "userName");

		out = arena_printf(f.a, "%s %s", out, s != NULL ? s : "-");
	}
	return *out == ' ' ? out + 1 : out;
}

static int64_t total(const char *token, const char *filter)
{
	struct json *j = ask(token, query("/Users", "filter", filter, NULL),
	    NULL);

	if (status != 200)
		fail_msg("%s: %s", filter, json_member_str(j, "detail"));
	return json_member_int(j, "totalResults", -1);
}

static void refused(const char *path, const char *kind)
{
	struct json *j = ask("admin", path, NULL);

	if (status != 400 || !str_eq(json_member_str(j, "scimType"), kind))
		fail_msg("%s: %d %s", path, status,
		    json_member_str(j, "scimType"));
}

/* --- filters ------------------------------------------------------------------- */

static void filters(void **state)
{
	static const struct { const char *text; int n; } want[] = {
		{ "userName sw 'u0'", 10 }, { "USERNAME SW 'U1'", 10 },
		{ "userName ge 'u05' and userName lt 'u10'", 5 },
		{ "userName gt 'u05' and userName le 'U10'", 5 },
		{ CORE ":userName gt 'U57'", 2 },
		{ EXT ":department eq 'd1'", 10 },
		{ EXT ".department eq 'd1'", 10 },
		{ "department pr", 40 }, { "not (department pr)", 20 },
		{ "department eq null", 20 }, { "department ne null", 40 },
		{ "emails.value sw 'p0'", 10 }, { "emails ew '@work'", 60 },
		{ "emails[type eq 'work' and value sw 'p1']", 10 },
		{ "meta.created gt '1970-01-01T00:00:50Z'", 10 },
		{ "meta.created le '1970-01-01T00:00:50Z'", 50 },
		{ "meta.created eq '1970-01-01T01:00:50+01:00'", 1 },
		{ "meta.lastModified ge '1970-01-01T00:16:30Z'", 10 },
		{ "meta.lastModified lt '1970-01-01T00:16:30Z'", 50 },
		{ "meta.lastModified gt '1970-01-01T00:16:30Z' and "
		  "meta.lastModified lt '1970-01-01T00:16:35Z'", 4 },
		{ "schemas eq '" CORE "'", 60 }, { "schemas eq 'urn:x'", 0 },
		{ "schemas eq '" EXT "'", 40 },
		{ "meta.resourceType eq 'User'", 60 },
		{ "meta.resourceType eq 'Group'", 0 },
		{ "id eq '00000000-0000-0000-0000-000000000005'", 1 },
		{ "id eq 'x' and manager eq 'y'", 0 },
		{ "title co '1' or userName eq 'u00'", 16 },
		{ "title pr and id pr", 60 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (total("admin", want[i].text) != want[i].n)
			fail_msg("%s: %d", want[i].text,
			    (int)total("admin", want[i].text));
}

/* --- sorting --------------------------------------------------------------------- */

static const char *sorted(const char *by, const char *order, const char *start,
	const char *count)
{
	return names(ask("admin", query("/Users", "sortBy", by, "sortOrder",
	    order, "startIndex", start, "count", count, NULL), NULL));
}

static void sorting(void **state)
{
	(void)state;
	assert_string_equal(sorted("userName", "", "1", "3"), "U00 U01 U02");
	assert_string_equal(sorted("username", "ASCENDING", "58", "9"),
	    "U57 U58 U59");
	assert_string_equal(sorted(CORE ":userName", "descending", "2", "2"),
	    "U58 U57");
	assert_string_equal(sorted("userName", "", "61", "2"), "");
	assert_string_equal(sorted("emails", "", "1", "3"), "U00 U07 U14");
	assert_string_equal(sorted("emails.value", "", "60", "3"), "U53");
	assert_string_equal(sorted("title", "descending", "60", "3"), "U00");
	assert_string_equal(sorted("meta.lastModified", "", "1", "2"),
	    "U53 U46");
	/* Without a value: last, and first the other way round. */
	assert_string_equal(sorted(EXT ":department", "", "40", "3"),
	    "U53 U00 U21");
	assert_string_equal(sorted("department", "descending", "20", "2"),
	    "U00 U53");
	refused("/Users?sortBy=nonsense", "invalidValue");
	refused("/Users?sortBy=password", "invalidValue");
	refused("/Users?sortBy=name", "invalidValue");
	refused("/Users?sortBy=userName&sortOrder=upward", "invalidValue");
	refused("/Users?sortBy=emails%5Btype%20pr%5D", "invalidValue");
}

/* --- cursors ---------------------------------------------------------------------- */

/* All there are, going on, then back again, page by page. */
static void there_and_back(const char *by, const char *order,
	const char *filter)
{
	char *pages[32];
	const char *cursor = "";
	struct json *j;
	unsigned n = 0, k;

	for (;;) {
		j = ask("admin", query("/Users", "sortBy", by, "sortOrder",
		    order, "filter", filter, "count", "7", "cursor", cursor,
		    NULL), NULL);
		assert_int_equal(status, 200);
		assert_null(json_member(j, "startIndex"));
		pages[n++] = arena_strdup(f.a, names(j));
		assert_int_equal(json_member(j, "previousCursor") != NULL,
		    n > 1);
		cursor = json_member_str(j, "nextCursor");
		if (cursor == NULL)
			break;
		assert_true(n < 32);
	}
	assert_int_equal(n, (json_member_int(j, "totalResults", 0) + 6) / 7);
	for (k = n - 1; k > 0; k--) {
		cursor = json_member_str(j, "previousCursor");
		j = ask("admin", query("/Users", "sortBy", by, "sortOrder",
		    order, "filter", filter, "count", "7", "cursor", cursor,
		    NULL), NULL);
		assert_int_equal(status, 200);
		assert_string_equal(names(j), pages[k - 1]);
		assert_non_null(json_member(j, "nextCursor"));
	}
	assert_null(json_member(j, "previousCursor"));
}

static void cursors(void **state)
{
	static const char *const by[] = { "", "userName", "emails", "title",
	    "department", "meta.lastModified", "meta.created", "roles" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		there_and_back(by[i], "", "");
		there_and_back(by[i], "descending", "");
		there_and_back(by[i], "", "userName sw 'u1' or title co '3'");
		there_and_back(by[i], "descending", "department pr");
	}
}

static void bad_cursors(void **state)
{
	const char *c = json_member_str(ask("admin",
	    "/Users?cursor&count=2&sortBy=userName", NULL), "nextCursor");

	(void)state;
	assert_non_null(c);
	assert_string_equal(names(ask("admin", query("/Users", "cursor", c,
	    "sortBy", "userName", NULL), NULL)), sorted("userName", "", "3",
	    "100"));
	refused(query("/Users", "cursor", c, NULL), "invalidCursor");
	refused(query("/Users", "cursor", c, "sortBy", "userName",
	    "sortOrder", "descending", NULL), "invalidCursor");
	refused(query("/Groups", "cursor", c, "sortBy", "id", NULL),
	    "invalidCursor");
	refused(query("/Users", "cursor", c, "sortBy", "userName",
	    "startIndex", "1", NULL), "invalidCursor");
	refused("/Users?cursor=&count=0", "invalidCount");
	refused("/Users?cursor=&count=-1", "invalidCount");
	refused("/Users?cursor=&count=x", "invalidCount");
	refused("/Users?count=x", "invalidValue");
	assert_int_equal(json_member_int(ask("admin",
	    "/Users?cursor=&count=99999", NULL), "itemsPerPage", 0), PEOPLE);
}

static void described(void **state)
{
	struct json *p = json_member(ask("admin", "/ServiceProviderConfig",
	    NULL), "pagination");

	(void)state;
	assert_true(json_member_bool(p, "cursor", false));
	assert_true(json_member_bool(p, "index", false));
	assert_string_equal(json_member_str(p, "defaultPaginationMethod"),
	    "index");
	assert_int_equal(json_member_int(p, "defaultPageSize", 0), 100);
	assert_int_equal(json_member_int(p, "maxPageSize", 0), 1000);
	assert_int_equal(json_member_int(p, "cursorTimeout", 0), 3600);
}

/* --- .search, and the root ----------------------------------------------------------- */

static void search(void **state)
{
	struct json *j = ask("admin", "/Users/.search",
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "SearchRequest\"],\"filter\":\"userName ge \\\"u10\\\"\","
	    "\"sortBy\":\"userName\",\"sortOrder\":\"descending\",\"count\":2,"
	    "\"cursor\":\"\",\"attributes\":[\"USERNAME\",\"name.formatted\","
	    "\"" EXT ":department\"]}"), *r;

	(void)state;
	assert_int_equal(status, 200);
	assert_string_equal(names(j), "U59 U58");
	assert_int_equal(json_member_int(j, "totalResults", 0), 50);
	assert_non_null(json_member(j, "nextCursor"));
	r = json_member(j, "Resources")->child;
	assert_null(json_member(r, "title"));
	assert_non_null(json_member(json_member(r, "name"), "formatted"));
	assert_null(json_member(json_member(r, "name"), "familyName"));
	assert_non_null(json_member(json_member(r, EXT), "department"));
	j = ask("admin", "/Users/.search", "{\"excludedAttributes\":[\"" CORE
	    ":emails.value\",\"" EXT "\"],\"startIndex\":2,\"count\":1}");
	r = json_member(j, "Resources")->child;
	assert_null(json_member(r, EXT));
	assert_null(json_member(json_member(r, "emails")->child, "value"));
	assert_string_equal(json_member_str(r, "userName"), "U07");
	assert_int_equal(json_member_int(j, "startIndex", 0), 2);
}

static int64_t root(const char *token, const char *filter)
{
	struct json *j = ask(token, query("", "filter", filter, NULL), NULL);

	if (status != 200)
		fail_msg("%s: %s", filter, json_member_str(j, "detail"));
	return json_member_int(j, "totalResults", -1);
}

static void root_filters(void **state)
{
	(void)state;
	assert_int_equal(root("admin", "displayName eq 'wan'"), 2);
	assert_int_equal(root("admin", "displayName eq 'wan' or name eq "
	    "'wan'"), 3);
	assert_int_equal(root("people", "displayName eq 'wan'"), 1);
	assert_int_equal(root("tools", "displayName eq 'wan' or name sw "
	    "'W'"), 1);
	assert_int_equal(root("nothing", "displayName eq 'wan'"), 0);
	assert_int_equal(root("admin", "meta.resourceType eq 'Tool'"), 1);
	assert_int_equal(root("admin", "toolId eq 'wan'"), 1);
	assert_int_equal(root("tools", "userName pr"), 0);
	assert_int_equal(root("admin", "emails[type eq 'work' and value pr]"),
	    PEOPLE);
	assert_int_equal(root("admin", "id pr"), PEOPLE + 8);
	assert_int_equal(root("admin", "not (userName pr)"), 8);
	assert_int_equal(root("admin", "userName eq null"), 8);
	refused(query("", "filter", "nonsense eq 'x'", NULL), "invalidFilter");
	refused(query("", "filter", "nonsense ne 'x'", NULL), "invalidFilter");
	refused(query("", "filter", "password pr", NULL), "invalidFilter");
	refused(query("", "filter", "invitationCode ne 'x'", NULL),
	    "invalidFilter");
	refused(query("", "filter", "active eq 'maybe'", NULL),
	    "invalidFilter");
	refused(query("", "sortBy", "displayName", NULL), "invalidValue");
}

/* Pages over the types that the client may read, in one row. */
static void root_pages(void **state)
{
	const char *cursor = "", *last = "", *id;
	struct json *j, *r;
	unsigned n = 0, pages = 0;

	(void)state;
	for (; cursor != NULL; pages++) {
		j = ask("admin", query("", "count", "9", "cursor", cursor,
		    "attributes", "userName", NULL), NULL);
		assert_int_equal(json_member_int(j, "totalResults", 0),
		    PEOPLE + 8);
		for (r = json_member(j, "Resources")->child; r != NULL;
		    r = r->next, n++) {
			id = json_member_str(r, "id");
			assert_true(strcmp(last, id) != 0);
			last = id;
		}
		cursor = json_member_str(j, "nextCursor");
	}
	assert_int_equal(n, PEOPLE + 8);
	assert_int_equal(pages, 8);
	j = ask("admin", "/?startIndex=60&count=3", NULL);
	assert_int_equal(json_member_int(j, "itemsPerPage", 0), 3);
	assert_string_equal(names(j), "U53 - -");
	j = ask("people", "/.search", "{\"startIndex\":60,\"count\":3}");
	assert_string_equal(names(j), "U53");
	assert_int_equal(json_member_int(j, "totalResults", 0), PEOPLE);
	j = ask("nothing", "", NULL);
	assert_int_equal(json_member_int(j, "totalResults", -1), 0);
}

/* --- what may not be read -------------------------------------------------------------- */

/* Somebody else's externalId neither matches nor sorts. */
static void external_ids(void **state)
{
	(void)state;
	assert_int_equal(total("admin", "externalId eq 'E01'"), 1);
	assert_int_equal(total("admin", "externalId eq 'E02'"), 0);
	assert_int_equal(total("people", "externalId eq 'E01'"), 0);
	assert_int_equal(total("people", "externalId eq 'E02'"), 1);
	assert_int_equal(total("people", "externalId sw 'E'"), 30);
	assert_int_equal(total("people", "externalId pr"), 30);
	assert_int_equal(total("people", "externalId ne 'E01'"), 60);
	assert_int_equal(total("people", "not (externalId eq 'E01')"), 60);
	assert_int_equal(total("people", "externalId gt 'E58'"), 0);
	assert_string_equal(names(ask("people", "/Users?sortBy=externalId&"
	    "sortOrder=descending&count=1&startIndex=31", NULL)), "U46");
	assert_string_equal(names(ask("people", "/Users?sortBy=externalId&"
	    "count=2&startIndex=31", NULL)), "U07 U21");
}

static void secrets(void **state)
{
	static const char *const where[][2] = { { "/Users", "password" },
	    { "/Clients", "token" }, { "/Accounts", "invitationCode" },
	    { "/AccessRequests", "invitationCodes" },
	    { "/Users", CORE ":PassWord" } };
	static const char *const ops[] = { "pr", "eq 'x'", "ne 'x'", "sw 'a'",
	    "gt 'a'", "eq null" };
	struct json *j;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
			refused(query(where[i][0], "filter", arena_printf(f.a,
			    "id pr or %s %s", where[i][1], ops[k]), NULL),
			    "invalidFilter");
		refused(query(where[i][0], "sortBy", where[i][1], NULL),
		    "invalidValue");
		j = ask("admin", query(where[i][0], "attributes", where[i][1],
		    NULL), NULL);
		assert_int_equal(status, 200);
		j = json_member(j, "Resources")->child;
		assert_non_null(j);
		for (; j != NULL; j = j->next)
			assert_null(json_member(j, where[i][1]));
	}
}

/* P13. */
static void many_names(void **state)
{
	char *list = arena_strdup(f.a, "userName");
	int i;

	(void)state;
	for (i = 0; i < 127; i++)
		list = arena_printf(f.a, "%s,a%d", list, i);
	ask("admin", query("/Users", "attributes", list, NULL), NULL);
	assert_int_equal(status, 200);
	refused(query("/Users", "attributes", arena_printf(f.a, "%s,b", list),
	    NULL), "invalidValue");
	refused(query("/Users", "excludedAttributes", arena_printf(f.a,
	    "%s,b", list), NULL), "invalidValue");
	refused(query("", "attributes", arena_printf(f.a, "%s,b", list),
	    NULL), "invalidValue");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(sorting),
		cmocka_unit_test(cursors),
		cmocka_unit_test(bad_cursors),
		cmocka_unit_test(described),
		cmocka_unit_test(search),
		cmocka_unit_test(root_filters),
		cmocka_unit_test(root_pages),
		cmocka_unit_test(external_ids),
		cmocka_unit_test(secrets),
		cmocka_unit_test(many_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
