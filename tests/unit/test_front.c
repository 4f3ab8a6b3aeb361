/* SPDX-License-Identifier: ISC */
/* front over a view that intake has filled, with the mapping that is shipped
 * and no directory behind: tokens and scopes (FAULTS A), lists, paging,
 * cursors, versions, groups and their members, errors. */
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
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "codec/json.h"
#include "codec/scim_render.h"
#include "front/cursor.h"
#include "front/handlers.h"
#include "front_fixture.h"
#include "link/httpc.h"

#define PEOPLE 250

static struct front_fixture f;
static unsigned n_put;

/* --- filling ---------------------------------------------------------------- */

/* name, value, name, value ..., NULL */
static void put(const char *rdn, const char *ou, ...)
{
	struct entry en = { .csn = "1", .creator = "", .modifier = "" };
	const char *name;
	va_list ap;

	en.dn = arena_printf(f.a, "%s,ou=%s,%s", rdn, ou, SUFFIX);
	n_put++;
	en.uuid[14] = (uint8_t)(n_put >> 8);
	en.uuid[15] = (uint8_t)n_put;
	en.created = en.modified = n_put * CLOCK_SECOND;
	va_start(ap, ou);
	while ((name = va_arg(ap, const char *)) != NULL)
		entry_add(f.a, &en, name, va_arg(ap, const char *));
	va_end(ap);
	if (intake_put(&f.in, f.a, &en, false, &f.e) != 0)
		fail_msg("%s", f.e.text);
}

static void put_client(const char *id, const char *scope, const char *enabled,
	const char *expires, const char *token_expires)
{
	const char *hash = hash_sha256_hex(f.a, arena_printf(f.a, "token-%s",
		id));

	put(arena_printf(f.a, "provostClientId=%s", id), "clients",
		"objectClass", "provostClient", "provostClientId", id, "cn",
		id, "provostScope", scope, "provostEnabled", enabled,
		"provostExpiresAt", expires, "provostTokenHash",
		arena_printf(f.a, "%s %s", hash, token_expires), NULL);
}

static void put_person(unsigned i)
{
	const char *id = arena_printf(f.a, "p%u", i);

	put(arena_printf(f.a, "provostPersonId=%s", id), "people",
		"objectClass", "inetOrgPerson", "objectClass", "provostUser",
		"provostPersonId", id, "uid", arena_printf(f.a, "user%03u", i),
		"cn", id, "sn", arena_printf(f.a, "Name%03u", PEOPLE - i),
		"provostState", i % 2 ? "active" : "suspended",
		"provostMemberOf", "Big", i <= 3 ? "provostMemberOf" : NULL,
		"small", NULL);
}

static void put_group(const char *id)
{
	put(arena_printf(f.a, "provostGroupId=%s", id), "groups",
		"objectClass", "provostGroup", "provostGroupId", id,
		"displayName", arena_printf(f.a, "Group %s", id), NULL);
}

static void fill(void)
{
	unsigned i;

	for (i = 1; i <= PEOPLE; i++)
		put_person(i);
	put_group("big");
	put_group("small");
	put_group("empty");
	put("provostToolId=wan", "tools", "objectClass", "provostTool",
		"provostToolId", "wan", "cn", "WAN", NULL);
	put_client("admin", "admin", "TRUE", "99990101000000Z", "-");
	put_client("reader", "read", "TRUE", "99990101000000Z", "-");
	put_client("people", "read:Users", "TRUE", "99990101000000Z", "-");
	put_client("writer", "write", "TRUE", "99990101000000Z", "-");
	put_client("metrics", "metrics", "TRUE", "99990101000000Z", "-");
	put_client("nothing", "none", "TRUE", "99990101000000Z", "-");
	put_client("off", "admin", "FALSE", "99990101000000Z", "-");
	put_client("over", "admin", "TRUE", "20200101000000Z", "-");
	put_client("stale", "admin", "TRUE", "99990101000000Z",
		"20200101000000Z");
	put_client("broken", "admin", "TRUE", "99990101000000Z", "soon");
}

static int setup(void **state)
{
	(void)state;
	front_fixture_open(&f);
	fill();
	return front_fixture_start(&f, "");
}

static int teardown(void **state)
{
	(void)state;
	return front_fixture_close(&f);
}

/* --- asking ------------------------------------------------------------------ */

struct answer {
	int status;
	const char *etag;
	struct json *j;		/* NULL: no JSON */
};

/* token NULL: none; header NULL: none. */
static struct answer ask_with(const char *method, const char *path,
	const char *token, const char *header, const char *body)
{
	const char *headers[4] = { NULL };
	struct httpc_request q = { .method = method, .insecure = true,
	    .url = arena_printf(f.a, "%s%s", front_url(f.front), path),
	    .headers = headers, .ca_file = "", .body = body,
	    .body_len = body != NULL ? strlen(body) : 0,
	    .max_answer = 64 << 20 };
	struct httpc_answer got = { 0 };
	struct answer out = { 0 };
	char *text = NULL;
	size_t n = 0;

	if (token != NULL)
		headers[n++] = arena_printf(f.a,
		    "Authorization: Bearer token-%s", token);
	if (header != NULL)
		headers[n++] = header;
	if (httpc_call(&q, &got, &text, &f.e) != 0)
		fail_msg("%s %s: %s", method, path, f.e.text);
	out.status = got.status;
	out.etag = arena_strdup(f.a, got.etag);
	if (text != NULL && json_parse(f.a, text, got.len, &out.j, NULL) != 0)
		out.j = NULL;
	free(text);
	return out;
}

static struct answer get(const char *path)
{
	return ask_with("GET", path, "admin", NULL, NULL);
}

static int64_t number(struct answer a, const char *name)
{
	return json_member_int(a.j, name, -1);
}

static const char *user_name(struct answer a, unsigned i)
{
	struct json *j = json_member(a.j, "Resources");

	for (j = j != NULL ? j->child : NULL; j != NULL && i > 0; i--)
		j = j->next;
	return j != NULL ? json_member_str(j, "userName") : NULL;
}

/* --- A: who may ------------------------------------------------------------- */

static void a1_tokens(void **state)
{
	static const char *const bad[] = { NULL, "", "x", "off", "over",
		"stale", "broken" };
	struct answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = ask_with("GET", "/scim/v2/Users", bad[i], NULL, NULL);
		if (a.status != 401)
			fail_msg("token-%s gave %d", bad[i], a.status);
		assert_string_equal(json_member_str(a.j, "status"), "401");
		a = ask_with("GET", "/nowhere", bad[i], NULL, NULL);
		assert_int_equal(a.status, 401);
		a = ask_with("GET", "/v1/status", bad[i], NULL, NULL);
		assert_int_equal(a.status, 401);
		assert_int_equal(number(a, "status"), 401);
	}
	a = ask_with("GET", "/scim/v2/Users", NULL,
	    "Authorization: Basic YTpi", NULL);
	assert_int_equal(a.status, 401);
	assert_int_equal(get("/nowhere").status, 404);
}

static bool allowed(const char *scope, const struct route *r,
	const struct scim_resource *res)
{
	const char *type = res != NULL ? res->name : r->type;
	bool read = r->op == OP_READ;

	/* V5: people's own. */
	if (r->handle == session_delete || r->handle == password_post)
		return false;
	/* The guard's word is the provider's. */
	if (r->handle == held_release_call || r->handle == held_reject_call)
		return strcmp(scope, "admin") == 0;
	if (r->type == NULL || strcmp(scope, "admin") == 0)
		return true;
	if (strcmp(r->type, "metrics") == 0 || strcmp(r->type, "feeds") == 0)
		return strcmp(scope, r->type) == 0;
	if (!read && strcmp(type, "Client") == 0)
		return false;
	if (strcmp(scope, "read:Users") == 0)
		return read && strcmp(type, "User") == 0;
	return strcmp(scope, read ? "read" : "write") == 0;
}

/* Refused is 403; let through is anything else. There is no directory behind:
 * an update ends at its missing media type, a deletion at an unknown id. */
static void try_route(const struct route *r, const struct scim_resource *res,
	const char *client, const char *scope)
{
	const char *mark = strstr(r->pattern, "{resource}"), *path, *id;
	struct answer a;

	path = mark == NULL ? r->pattern : arena_printf(f.a, "%.*s%s%s",
	    (int)(mark - r->pattern) - 1, r->pattern, res->endpoint,
	    mark + strlen("{resource}"));
	id = strstr(path, "{id}");
	if (id != NULL)
		path = arena_printf(f.a, "%.*snobody%s", (int)(id - path),
		    path, id + strlen("{id}"));
	a = ask_with(r->method, path, client, "Content-Type: text/plain",
	    r->max_body != 0 ? "x" : NULL);
	if ((a.status == 403) == allowed(scope, r, res))
		fail_msg("%s %s as %s: %d", r->method, path, client,
		    a.status);
	if (a.status == 500 || a.status == 401)
		fail_msg("%s %s as %s: %d", r->method, path, client,
		    a.status);
}

static void a4_every_route_every_scope(void **state)
{
	static const char *const clients[][2] = { { "admin", "admin" },
	    { "reader", "read" }, { "people", "read:Users" },
	    { "writer", "write" }, { "metrics", "metrics" },
	    { "nothing", "none" } };
	const struct route *r;
	size_t i, k;

	(void)state;
	for (r = front_routes; r->method != NULL; r++)
		for (i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
			if (r->type == NULL || *r->type != '\0') {
				/* Asks the writer, which isn't here. */
				if (strcmp(r->pattern, "/v1/status") != 0)
					try_route(r, NULL, clients[i][0],
					    clients[i][1]);
				continue;
			}
			for (k = 0; k < f.map->n; k++)
				try_route(r, &f.map->resource[k],
				    clients[i][0], clients[i][1]);
		}
}

static void a11_refusals_are_journalled(void **state)
{
	char line[8192], path[128];
	bool seen = false;
	FILE *j;

	(void)state;
	assert_int_equal(ask_with("DELETE", "/scim/v2/Users/abc", "reader",
	    NULL, NULL).status, 403);
	assert_int_equal(journal_flush(f.journal, &f.e), 0);
	snprintf(path, sizeof(path), "%s/journal.jsonl", f.dir);
	j = fopen(path, "r");
	assert_non_null(j);
	while (fgets(line, sizeof(line), j) != NULL)
		if (strstr(line, "\"refused\"") != NULL &&
		    strstr(line, "provostClientId=reader") != NULL &&
		    strstr(line, "DELETE /scim/v2/Users/abc") != NULL)
			seen = true;
	fclose(j);
	assert_true(seen);
}

/* --- reading ----------------------------------------------------------------- */

static void lists(void **state)
{
	struct answer a = get("/scim/v2/Users");

	(void)state;
	assert_int_equal(a.status, 200);
	assert_int_equal(number(a, "totalResults"), PEOPLE);
	assert_int_equal(number(a, "itemsPerPage"), 100);
	assert_int_equal(number(a, "startIndex"), 1);
	assert_string_equal(user_name(a, 0), "user001");
	a = get("/scim/v2/Users?startIndex=201&count=100");
	assert_int_equal(number(a, "itemsPerPage"), 50);
	assert_string_equal(user_name(a, 49), "user250");
	a = get("/scim/v2/Users?sortBy=meta.created&sortOrder=descending"
	    "&count=1");
	assert_string_equal(user_name(a, 0), "user250");
	a = get("/scim/v2/Users?sortBy=name.familyName&count=2&startIndex=2");
	assert_string_equal(user_name(a, 0), "user249");
	assert_string_equal(user_name(a, 1), "user248");
	assert_int_equal(number(a, "totalResults"), PEOPLE);
	a = get("/scim/v2/Users?filter=userName%20eq%20%22USER007%22");
	assert_int_equal(number(a, "totalResults"), 1);
	assert_string_equal(user_name(a, 0), "user007");
	a = get("/scim/v2/Users?filter=userName+sw+%22user00%22+and+"
	    "active+eq+true&attributes=userName");
	assert_int_equal(number(a, "totalResults"), 5);
	a = get("/scim/v2/Users?filter=userName+eq+%22nobody%22");
	assert_int_equal(number(a, "totalResults"), 0);
	assert_int_equal(json_member(a.j, "Resources")->kind, JSON_IS_ARRAY);
}

/* P14, with RFC 7644 3.4.2.4's clamps. */
static void p14_paging_limits(void **state)
{
	(void)state;
	assert_int_equal(number(get("/scim/v2/Users?startIndex=0&count=1"),
	    "startIndex"), 1);
	assert_int_equal(number(get("/scim/v2/Users?startIndex=-1&count=1"),
	    "itemsPerPage"), 1);
	assert_int_equal(number(get("/scim/v2/Users?startIndex=2147483648"),
	    "itemsPerPage"), 0);
	assert_int_equal(number(get("/scim/v2/Users?count=-1"),
	    "itemsPerPage"), 0);
	assert_int_equal(number(get("/scim/v2/Users?count=1000000000"),
	    "itemsPerPage"), PEOPLE);
	assert_int_equal(get("/scim/v2/Users?startIndex=abc").status, 400);
	assert_int_equal(get("/scim/v2/Users?count=1e3").status, 400);
	assert_int_equal(get("/scim/v2/Users?count=9999999999999999999999")
	    .status, 400);
}

static void cursors(void **state)
{
	const char *cursor = "", *path;
	unsigned n = 0, pages = 0;
	struct answer a;

	(void)state;
	while (cursor != NULL) {
		path = arena_printf(f.a, "/scim/v2/Users?count=60&cursor=%s",
		    cursor);
		a = get(path);
		assert_int_equal(a.status, 200);
		assert_int_equal(number(a, "startIndex"), -1);
		assert_string_equal(user_name(a, 0), arena_printf(f.a,
		    "user%03u", n + 1));
		n += (unsigned)number(a, "itemsPerPage");
		cursor = json_member_str(a.j, "nextCursor");
		assert_true(++pages < 10);
	}
	assert_int_equal(n, PEOPLE);
	a = get("/scim/v2/Users?cursor=nonsense");
	assert_int_equal(a.status, 400);
	assert_string_equal(json_member_str(a.j, "scimType"),
	    "invalidCursor");
	cursor = json_member_str(get("/scim/v2/Users?count=1&cursor=").j,
	    "nextCursor");
	assert_int_equal(get(arena_printf(f.a,
	    "/scim/v2/Tools?cursor=%s", cursor)).status, 400);
}

static void search(void **state)
{
	struct answer a = ask_with("POST", "/scim/v2/Users/.search", "reader",
	    "Content-Type: application/scim+json; charset=UTF-8",
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "SearchRequest\"],\"filter\":\"userName sw \\\"user01\\\"\","
	    "\"attributes\":[\"userName\"],\"count\":3,\"startIndex\":2}");

	(void)state;
	assert_int_equal(a.status, 200);
	assert_int_equal(number(a, "totalResults"), 10);
	assert_int_equal(number(a, "itemsPerPage"), 3);
	assert_string_equal(user_name(a, 0), "user011");
}

static void one(void **state)
{
	const char *id = json_member_str(json_member(get(
	    "/scim/v2/Users?filter=userName+eq+%22user001%22").j,
	    "Resources")->child, "id");
	const char *path = arena_printf(f.a, "/scim/v2/Users/%s", id);
	struct answer a = get(path), b;

	(void)state;
	assert_int_equal(a.status, 200);
	assert_string_equal(json_member_str(a.j, "userName"), "user001");
	assert_true(str_starts(a.etag, "W/\""));
	assert_string_equal(a.etag, json_member_str(json_member(a.j, "meta"),
	    "version"));
	b = ask_with("GET", path, "reader", arena_printf(f.a,
	    "If-None-Match: \"x\", %s", a.etag), NULL);
	assert_int_equal(b.status, 304);
	b = ask_with("GET", path, "reader", "If-None-Match: W/\"x\"", NULL);
	assert_int_equal(b.status, 200);
	b = get(arena_printf(f.a, "%s?attributes=userName", path));
	assert_null(json_member(b.j, "name"));
	b = get(arena_printf(f.a, "%s?excludedAttributes=name", path));
	assert_null(json_member(b.j, "name"));
	assert_non_null(json_member(b.j, "userName"));
	assert_int_equal(get(arena_printf(f.a, "/scim/v2/Tools/%s", id))
	    .status, 404);
	assert_int_equal(get("/scim/v2/Users/1").status, 404);
}

/* --- groups -------------------------------------------------------------------- */

static struct json *group(struct answer a, unsigned i)
{
	struct json *j = json_member(a.j, "Resources");

	for (j = j != NULL ? j->child : NULL; j != NULL && i > 0; i--)
		j = j->next;
	return j;
}

static const char *id_by(const char *type, const char *attr, const char *value)
{
	return json_member_str(group(get(arena_printf(f.a,
	    "/scim/v2/%s?filter=%s+eq+%%22%s%%22&attributes=id", type, attr,
	    value)), 0), "id");
}

static size_t n_members(const struct json *g)
{
	const struct json *m = json_member(g, "members");

	return m != NULL ? m->n : 9999;
}

/* The version is the stored one and the sum over the members' ids. */
static void same_version(const struct json *g, const char *etag)
{
	const char *v = json_member_str(json_member(g, "meta"), "version");
	struct json *m = json_member(g, "members")->child;
	struct view_read *read;
	struct view_item item;
	uint8_t uuid[16];
	uint64_t sum;
	char bare[32];

	assert_string_equal(v, etag);
	assert_true(str_uuid(json_member_str(g, "id"), uuid));
	assert_int_equal(view_read_begin(f.view, &read, &f.e), 0);
	assert_int_equal(view_get(read, uuid, &item), 0);
	scim_render_version(item.json, item.json_len, bare);
	view_read_end(read);
	for (sum = strtoull(bare + 3, NULL, 16); m != NULL; m = m->next)
		sum += scim_render_hash(json_member_str(m, "value"));
	assert_true(strtoull(v + 3, NULL, 16) == sum);
}

static void members(void **state)
{
	const char *big = id_by("Groups", "displayName", "Group+big");
	const char *path = arena_printf(f.a, "/scim/v2/Groups/%s", big);
	struct answer a = get(path), b;
	struct json *m = json_member(a.j, "members");

	(void)state;
	assert_int_equal(a.status, 200);
	assert_int_equal(m->n, PEOPLE);
	m = m->child;
	assert_string_equal(json_member_str(m, "display"), "p1");
	assert_string_equal(json_member_str(m, "type"), "User");
	assert_string_equal(json_member_str(m, "$ref"), arena_printf(f.a,
	    "%s/scim/v2/Users/%s", front_url(f.front), json_member_str(m,
	    "value")));
	same_version(a.j, a.etag);
	b = ask_with("GET", path, "reader", arena_printf(f.a,
	    "If-None-Match: %s", a.etag), NULL);
	assert_int_equal(b.status, 304);
	a = get(arena_printf(f.a, "/scim/v2/Groups/%s", id_by("Groups",
	    "displayName", "Group+small")));
	assert_int_equal(n_members(a.j), 3);
	same_version(a.j, a.etag);
	/* Not looked at, so no version either. */
	b = get(arena_printf(f.a, "%s?excludedAttributes=members", path));
	assert_null(json_member(b.j, "members"));
	assert_string_equal(b.etag, "");
	b = get(arena_printf(f.a, "%s?attributes=displayName", path));
	assert_null(json_member(b.j, "members"));
	assert_non_null(json_member(b.j, "displayName"));
	b = get(arena_printf(f.a, "%s?attributes=members", path));
	assert_int_equal(n_members(b.j), PEOPLE);
	assert_null(json_member(b.j, "displayName"));
	b = get("/scim/v2/Groups");
	assert_int_equal(number(b, "totalResults"), 3);
	assert_int_equal(n_members(group(b, 0)), PEOPLE);
	assert_int_equal(n_members(group(b, 1)), 3);
	assert_int_equal(n_members(group(b, 2)), 0);
	b = get("/scim/v2/Groups?excludedAttributes=members");
	assert_null(json_member(group(b, 0), "members"));
}

static void has_groups(const char *filter, const char *user,
	const char *wanted)
{
	const char *at = strchr(filter, '@'), *path = arena_printf(f.a,
	    "/scim/v2/Groups?excludedAttributes=members&filter=%.*s%s%s",
	    (int)(at - filter), filter, user, at + 1);
	struct answer a = get(path);
	char got[64] = "";
	unsigned i;

	if (a.status != 200)
		fail_msg("%s: %d", path, a.status);
	for (i = 0; i < 3 && group(a, i) != NULL; i++)
		sprintf(got + strlen(got), "%s%s", i ? " " : "",
		    json_member_str(group(a, i), "displayName") + 6);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", path, got, wanted);
	assert_int_equal(number(a, "totalResults"), i);
}

static void by_member(void **state)
{
	const char *two = id_by("Users", "userName", "user002");
	const char *nine = id_by("Users", "userName", "user009");
	const char *big = id_by("Groups", "displayName", "Group+big");
	struct answer a;

	(void)state;
	has_groups("members.value+eq+%22@%22", two, "big small");
	has_groups("members+eq+%22@%22", two, "big small");
	has_groups("members%5Bvalue+eq+%22@%22%5D", two, "big small");
	has_groups("members%5Btype+eq+%22User%22+and+"
	    "value+eq+%22@%22%5D", two, "big small");
	has_groups("members%5Btype+eq+%22x%22+and+"
	    "value+eq+%22@%22%5D", two, "");
	has_groups("members.value+eq+%22@%22", nine, "big");
	has_groups("members.value+ne+%22@%22", nine, "small empty");
	has_groups("members+eq+%22@%22", "nobody", "");
	has_groups("members+eq+%22@%22", big, "");
	has_groups("not+(members+eq+%22@%22)", two, "empty");
	has_groups(arena_printf(f.a, "id+eq+%%22%s%%22+and+"
	    "members+eq+%%22@%%22", big), two, "big");
	has_groups("members.display+eq+%22@%22", "P3", "big small");
	a = get(arena_printf(f.a, "/scim/v2/Users/%s", two));
	assert_int_equal(json_member(a.j, "groups")->n, 2);
	assert_string_equal(json_member_str(json_member(a.j, "groups")->child,
	    "value"), big);
	assert_string_equal(json_member_str(json_member(a.j, "groups")->child,
	    "display"), "Group big");
	assert_string_equal(json_member_str(json_member(a.j, "groups")->child,
	    "$ref"), arena_printf(f.a, "%s/scim/v2/Groups/%s",
	    front_url(f.front), big));
}

static void bad_filters(void **state)
{
	static const char *const bad[] = { "userName+eq", "nothing+eq+%22x%22",
	    "((userName+pr", "userName+xx+%22a%22", "password+eq+%22x%22",
	    "token+eq+%22x%22" };
	struct answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = get(arena_printf(f.a, "/scim/v2/Users?filter=%s",
		    bad[i]));
		if (a.status != 400)
			fail_msg("%s gave %d", bad[i], a.status);
		assert_string_equal(json_member_str(a.j, "scimType"),
		    "invalidFilter");
	}
}

static void documents(void **state)
{
	struct json *paths, *p;
	unsigned n = 0;

	(void)state;
	assert_int_equal(get("/scim/v2/ServiceProviderConfig").status, 200);
	assert_int_equal(number(get("/scim/v2/ResourceTypes"),
	    "totalResults"), (int)f.map->n);
	assert_int_equal(get("/scim/v2/ResourceTypes/User").status, 200);
	assert_int_equal(get("/scim/v2/ResourceTypes/Nothing").status, 404);
	assert_int_equal(get("/scim/v2/Schemas/urn:ietf:params:scim:schemas:"
	    "core:2.0:User").status, 200);
	assert_int_equal(get("/livez").status, 200);
	paths = json_member(get("/v1/openapi.json").j, "paths");
	assert_non_null(paths);
	for (p = paths->child; p != NULL; p = p->next) {
		assert_null(strstr(p->name, "{resource}"));
		n++;
	}
	assert_true(n > 3 * f.map->n);
}

static struct answer bulk(const char *client, const char *operations)
{
	return ask_with("POST", "/scim/v2/Bulk", client,
	    "Content-Type: application/scim+json", arena_printf(f.a,
	    "{\"Operations\":[%s]}", operations));
}

/* What a client may not do it may not do in a Bulk, and the other way. */
static void a4_bulk_asks_for_each(void **state)
{
	static const char *const clients[] = { "admin", "reader", "people",
		"writer", "metrics", "nothing" };
	const char *path;
	struct answer a, one;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		for (k = 0; k < f.map->n; k++) {
			path = arena_printf(f.a, "%s/nobody",
			    f.map->resource[k].endpoint);
			one = ask_with("DELETE", arena_printf(f.a,
			    "/scim/v2%s", path), clients[i], NULL, NULL);
			a = bulk(clients[i], arena_printf(f.a, "{\"method\":"
			    "\"DELETE\",\"path\":\"%s\"}", path));
			if (i != 0 && i != 3) {
				assert_int_equal(a.status, 403);
				assert_int_equal(one.status, 403);
				continue;
			}
			assert_int_equal(a.status, 200);
			assert_string_equal(json_member_str(json_member(a.j,
			    "Operations")->child, "status"), arena_printf(f.a,
			    "%d", one.status));
		}
	assert_int_equal(ask_with("POST", "/scim/v2/Bulk", "admin",
	    "Content-Type: text/plain", "{}").status, 415);
}

static void bulk_limits(void **state)
{
	struct json *j = json_member(get("/scim/v2/ServiceProviderConfig").j,
	    "bulk");
	int64_t n = json_member_int(j, "maxOperations", 0);
	struct buf ops;

	(void)state;
	assert_true(json_member_bool(j, "supported", false));
	assert_int_equal(json_member_int(j, "maxPayloadSize", 0), 16 << 20);
	buf_init(&ops, 1 << 20);
	for (; n > 0; n--)
		buf_puts(&ops, n > 1 ? "{}," : "{}");
	assert_int_equal(bulk("writer", buf_str(&ops)).status, 200);
	buf_puts(&ops, ",{}");
	assert_int_equal(bulk("writer", buf_str(&ops)).status, 413);
	buf_fini(&ops);
	assert_int_equal(get("/scim/v2/Me").status, 501);
	assert_int_equal(ask_with("PATCH", "/scim/v2/Me", "nothing",
	    "Content-Type: application/json", "{}").status, 501);
}

/* P12, H11. */
static void p12_media_types(void **state)
{
	static const char *const bad[] = { "Content-Type: text/plain",
	    "Content-Type: application/json; charset=utf-16",
	    "Content-Type: application/jsonx", "Content-Type:" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ask_with("POST", "/scim/v2/Users", "admin",
		    bad[i], "{}").status, 415);
	assert_int_equal(ask_with("POST", "/scim/v2/Users", "admin",
	    "Content-Type: application/json", "[]").status, 400);
	assert_int_equal(ask_with("POST", "/scim/v2/Users", "admin",
	    "Content-Type: application/json", "{").status, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a1_tokens),
		cmocka_unit_test(a4_every_route_every_scope),
		cmocka_unit_test(a11_refusals_are_journalled),
		cmocka_unit_test(lists),
		cmocka_unit_test(p14_paging_limits),
		cmocka_unit_test(cursors),
		cmocka_unit_test(search),
		cmocka_unit_test(one),
		cmocka_unit_test(members),
		cmocka_unit_test(by_member),
		cmocka_unit_test(bad_filters),
		cmocka_unit_test(documents),
		cmocka_unit_test(a4_bulk_asks_for_each),
		cmocka_unit_test(bulk_limits),
		cmocka_unit_test(p12_media_types),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
