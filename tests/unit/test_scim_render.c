/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

static const char anna[] =
    "objectClass: inetOrgPerson\nobjectClass: provostUser\n"
    "provostPersonId: anna\nuid: anna\nsn: anna\ncn: Anna \"A\" Arb\n"
    "givenName: Anna\ndisplayName: Anna Arb\nprovostState: active\n"
    "mail;x-primary;x-work: anna@example.com\nmail;x-home: a@home\n"
    "telephoneNumber;x-mobile: +1 2\n"
    "street;x-work: Main St 1\nl;x-work: Bonn\nl;x-home: Köln\n"
    "postalAddress;x-work: Main St 1$53111 Bonn \\241\n"
    "provostMemberOf: g1\nprovostMemberOf: gone\n"
    "provostRole: administrator\n"
    "provostToolGrant: wan-analysis\n"
    "provostToolAccount: wan-analysis A1\n"
    "provostToolAccount: wan-analysis A2\nprovostToolAccount: voip A9\n"
    "provostPeriod: tool:wan-analysis 20260101000000Z -\n"
    "provostPeriod: role:administrator - 20270101000000Z\n"
    "provostCompany: C1\nprovostExternalId: e-1\nprovostOwner: entra\n"
    "departmentNumber: D1\n"
    "manager: provostPersonId=boss,ou=people,dc=example,dc=com\n"
    "userPassword: secret\n";

static void whole(void **state)
{
	char *s = help_render(help_type("User"), help_entry(anna), NULL,
	    &help_rs);
	struct err e = { 0 };
	struct json *j;

	(void)state;
	assert_int_equal(json_parse(help_a, s, strlen(s), &j, &e), 0);
	help_has(s, "\"schemas\":[\"" CORE "\",\"" ENT "\",\"" PRO "\"]");
	help_has(s, "\"id\":\"00000000-0000-0000-0000-000000000007\"");
	help_has(s, "\"externalId\":\"e-1\"");
	help_has(s, "\"name\":{\"formatted\":\"Anna \\\"A\\\" Arb\","
	    "\"givenName\":\"Anna\"}");
	help_has(s, "\"active\":true");
	help_has(s, "\"emails\":[{\"value\":\"anna@example.com\",\"type\":"
	    "\"work\",\"primary\":true},{\"value\":\"a@home\",\"type\":"
	    "\"home\",\"primary\":false}]");
	help_has(s, "\"addresses\":[{\"formatted\":\"Main St 1\\n53111 Bonn $1"
	    "\",\"streetAddress\":\"Main St 1\",\"locality\":\"Bonn\","
	    "\"type\":\"work\",\"primary\":false},{\"locality\":"
	    "\"Köln\",\"type\":\"home\",\"primary\":false}]");
	help_has(s, "\"groups\":[{\"value\":\"33333333-3333-4333-8333-"
	    "333333333333\",\"display\":\"Sales\",\"$ref\":\"https://h/scim/"
	    "v2/Groups/33333333-3333-4333-8333-333333333333\"}]");
	help_has(s, "\"roles\":[{\"value\":\"administrator\",\"display\":"
	    "\"Administrator\",");
	help_has(s, "\"entitlements\":[{\"value\":\"wan-analysis\","
	    "\"display\":\"WAN Analysis\",\"type\":\"tool\"}]");
	help_has(s, "\"tools\":[{\"value\":\"wan-analysis\",\"accounts\":["
	    "\"A1\",\"A2\"],\"notBefore\":\"2026-01-01T00:00:00Z\"}]");
	help_has(s, "\"manager\":{\"value\":\"11111111-1111-4111-8111-"
	    "111111111111\",\"$ref\":");
	help_has(s, "\"displayName\":\"The Boss\"}");
	help_has(s, "\"accountCount\":0,\"groupCount\":0,\"toolCount\":1,"
	    "\"owner\":\"entra\"}");
	help_has(s, "\"meta\":{\"resourceType\":\"User\",\"created\":"
	    "\"2026-01-01T00:00:00Z\",\"lastModified\":"
	    "\"2026-01-01T00:00:01Z\",\"location\":\"https://h/scim/v2/Users/"
	    "00000000-0000-0000-0000-000000000007\",\"version\":\"W/\\\"");
	help_hasnt(s, "secret");
	help_hasnt(s, "familyName");
	help_hasnt(s, "gone");
	help_hasnt(s, "null");
}

/* externalId is its owner's; a manager who is gone leaves no trace. */
static void absent(void **state)
{
	struct scim_resolver rs = help_rs;
	char *s;

	(void)state;
	rs.owner = "okta";
	s = help_render(help_type("User"), help_entry("provostPersonId: x\n"
	    "uid: x\nprovostState: suspended\nprovostMemberOf: gone\n"
	    "manager: provostPersonId=gone,ou=people,dc=example,dc=com\n"
	    "provostExternalId: e-1\nprovostOwner: entra\n"), NULL, &rs);
	assert_non_null(help_json(s));
	help_hasnt(s, "externalId");
	help_has(s, "\"groups\":[]");
	help_has(s, "\"" ENT "\":{}");
	help_has(s, "\"active\":false");
}

static struct scim_projection *projection(const char *type, const char *yes,
    const char *no)
{
	struct scim_projection *p;
	struct err e = { 0 };

	if (scim_projection_parse(help_a, help_type(type), yes, no, &p, &e))
		fail_msg("%s", e.text);
	return p;
}

static void projections(void **state)
{
	const struct scim_resource *r = help_type("User");
	struct entry *e = help_entry(anna);
	struct scim_projection *p;
	struct err err = { 0 };
	char *s, *many;
	int i;

	(void)state;
	s = help_render(r, e, projection("User", "USERNAME,name.givenName,"
	    ENT ":department,nothing,password", NULL), &help_rs);
	help_has(s, "\"userName\":\"anna\",\"name\":{\"givenName\":\"Anna\"},"
	    "\"" ENT "\":{\"department\":\"D1\"}}");
	help_has(s, "\"id\":");
	help_hasnt(s, "emails");
	help_hasnt(s, "secret");
	help_hasnt(s, "meta");
	s = help_render(r, e, projection("User", NULL, "emails,id," PRO
	    ",name.formatted,groups.$ref"), &help_rs);
	help_hasnt(s, "emails");
	help_hasnt(s, "\"" PRO "\":");
	help_hasnt(s, "formatted\":\"Anna");
	help_hasnt(s, "Groups/");
	help_has(s, "Sales");
	help_has(s, "\"id\":");
	help_has(s, "givenName");
	many = arena_strdup(help_a, "a");
	for (i = 0; i < 300; i++)
		many = arena_printf(help_a, "%s,a%d", many, i);
	assert_int_equal(scim_projection_parse(help_a, r, many, NULL, &p,
	    &err), ERR_INVALID);
	assert_int_equal(scim_projection_parse(help_a, r, "id", "id", &p,
	    &err), ERR_INVALID);
	assert_false(scim_projection_wants(projection("Group", NULL,
	    "members"), help_type("Group")->members));
}

/* The version is the same whoever reads and whatever is asked for, and it
 * does not move with what slapd touches at a failed bind. */
static void versions(void **state)
{
	const struct scim_resource *r = help_type("User");
	struct entry *e = help_entry(anna);
	char *all = help_render(r, e, NULL, &help_rs), *part;
	char v[32], *q;
	struct buf stored;

	(void)state;
	buf_init(&stored, 1 << 20);
	scim_render(help_a, help_map, r, e, NULL, &stored);
	scim_render_version(stored.data, stored.len, v);
	q = strstr(all, "\"version\":\"W/\\\"") + strlen("\"version\":\"W/\\\"");
	assert_memory_equal(q, v + 3, 16);
	part = help_render(r, e, projection("User", "meta", NULL), &help_rs);
	help_has(part, arena_strndup(help_a, q, 16));
	e->modified += CLOCK_SECOND;
	help_has(help_render(r, e, NULL, &help_rs),
	    arena_strndup(help_a, q, 16));
	entry_add(help_a, e, "title", "Boss");
	help_hasnt(help_render(r, e, NULL, &help_rs),
	    arena_strndup(help_a, q, 16));
	buf_fini(&stored);
}

static bool no_members(void *ctx, struct arena *a, const char *key,
    void (*each)(void *arg, const char *id, const char *display), void *arg)
{
	(void)ctx;
	(void)a;
	(void)key;
	(void)each;
	(void)arg;
	return true;
}

static void groups(void **state)
{
	const struct scim_resource *r = help_type("Group");
	struct entry *e = help_entry("provostGroupId: g1\n"
	    "displayName: Sales\n");
	struct scim_resolver rs = help_rs;
	struct buf stored;
	char *s, v[32], w[32];

	(void)state;
	s = help_render(r, e, NULL, &help_rs);
	help_has(s, "\"members\":[{\"value\":\"11111111-1111-4111-8111-"
	    "111111111111\",\"display\":\"The Boss\",\"type\":\"User\","
	    "\"$ref\":\"https://h/scim/v2/Users/11111111-");
	help_has(s, "\"version\"");
	buf_init(&stored, 1 << 20);
	scim_render(help_a, help_map, r, e, NULL, &stored);
	scim_render_etag(help_a, r, e, stored.data, stored.len, &help_rs, v);
	help_has(s, arena_strndup(help_a, v + 3, 16));
	rs.members = no_members;
	scim_render_etag(help_a, r, e, stored.data, stored.len, &rs, w);
	assert_string_not_equal(v, w);
	help_has(help_render(r, e, NULL, &rs), "\"members\":[]");
	s = help_render(r, e, projection("Group", NULL, "members"), &help_rs);
	help_hasnt(s, "members");
	help_hasnt(s, "version");
	buf_fini(&stored);
}

static bool many(void *ctx, const char *key)
{
	(void)ctx;
	return strcmp(key, "g1") == 0;
}

/* What is left out and filled in later is the same in the end. */
static void many_members(void **state)
{
	const struct scim_resource *r = help_type("Group");
	struct entry *e = help_entry("provostGroupId: g1\n"
	    "displayName: Sales\n");
	struct scim_resolver rs = help_rs;
	struct scim_hole h;
	struct buf stored, text;
	struct err err;
	int i;

	(void)state;
	rs.many_members = many;
	buf_init(&stored, 1 << 20);
	buf_init(&text, 1 << 20);
	scim_render(help_a, help_map, r, e, NULL, &stored);
	assert_int_equal(scim_render_fill(help_a, help_map, r, e, stored.data,
	    stored.len, &rs, &text, &err), 0);
	assert_true(scim_render_hole(text.data, text.len, &h));
	assert_string_equal(h.type, "User");
	assert_string_equal(h.key, "g1");
	buf_reset(&stored);
	buf_put(&stored, text.data, h.at);
	for (i = 0; i < 2; i++) {
		if (i > 0)
			buf_putc(&stored, ',');
		scim_render_member(help_map, h.type, help_rs.base_url,
		    help_things[i].id, help_things[i].display, &stored);
	}
	buf_put(&stored, text.data + h.at + h.len, text.len - h.at - h.len);
	assert_string_equal(stored.data, help_render(r, e, NULL, &help_rs));
	assert_false(scim_render_hole(stored.data, stored.len, &h));
	buf_fini(&stored);
	buf_fini(&text);
}

static void requests(void **state)
{
	char *s = help_render(help_type("AccessRequest"), help_entry(
	    "provostRequestId: r\nprovostRequester: provostPersonId=anna,"
	    "ou=people,dc=example,dc=com\nprovostRequestKind: tool\n"
	    "provostToolGrant: voip\nprovostInvitationCode: deadbeef\n"
	    "provostItemDecision: A1 approved\n"
	    "provostItemReason: A1 is%20fine\nprovostItemBilling: A2 paper\n"
	    "provostExpiresAt: 20260201000000Z\n"), NULL, &help_rs);

	(void)state;
	help_has(s, "\"requester\":\"22222222-2222-4222-8222-222222222222\"");
	help_has(s, "{\"value\":\"A1\",\"decision\":\"approved\",\"reason\":"
	    "\"is fine\"}");
	help_has(s, "{\"value\":\"A2\",\"billing\":\"paper\"}");
	help_has(s, "\"tool\":\"voip\"");
	help_has(s, "\"expiresAt\":\"2026-02-01T00:00:00Z\"");
	help_hasnt(s, "deadbeef");
}

static void corrupt(void **state)
{
	const struct scim_resource *r = help_type("User");
	struct buf out;
	struct err e = { 0 };
	const char bad[] = "0000000000000000{\"a\":1\001K\xff\x00xx";

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(scim_render_fill(help_a, help_map, r, NULL, bad,
	    sizeof(bad) - 1, &help_rs, &out, &e), ERR_CORRUPT);
	assert_int_equal(scim_render_fill(help_a, help_map, r, NULL, "x", 1,
	    &help_rs, &out, &e), ERR_CORRUPT);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(absent),
		cmocka_unit_test(projections),
		cmocka_unit_test(versions),
		cmocka_unit_test(groups),
		cmocka_unit_test(many_members),
		cmocka_unit_test(requests),
		cmocka_unit_test(corrupt),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
