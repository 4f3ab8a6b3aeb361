/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

static const char anna[] =
    "provostPersonId: anna\nuid: Anna Á\nsn: Arb\ncn: Anna Arb\n"
    "displayName: %*(=)\\\nprovostState: suspended\n"
    "mail;x-primary;x-work: anna@example.com\nmail;x-home: a@home\n"
    "provostMemberOf: g1\nprovostRole: administrator\n"
    "provostToolGrant: wan-analysis\n"
    "provostToolAccount: wan-analysis A1\n"
    "provostPeriod: tool:wan-analysis 20260101000000Z -\n"
    "provostCompany: C1\nprovostExternalId: e-1\nprovostOwner: entra\n"
    "manager: provostPersonId=boss,ou=people,dc=example,dc=com\n";

static bool match(const char *text, const struct scim_resolver *rs)
{
	struct filter *f;
	struct err e = { 0 };

	if (scim_filter_parse(help_a, text, &f, &e) != 0 ||
	    scim_filter_bind(help_a, f, help_type("User"), rs, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	return scim_match(help_a, help_type("User"), help_entry(anna), f, rs);
}

static void yes(const char *text)
{
	if (!match(text, &help_rs))
		fail_msg("no match: %s", text);
}

static void no(const char *text)
{
	if (match(text, &help_rs))
		fail_msg("match: %s", text);
}

static void strings(void **state)
{
	(void)state;
	yes("userName eq \"anna á\"");
	yes("userName eq \" ANNA  Á \"");
	no("userName eq \"anna\"");
	yes("userName ne \"anna\"");
	yes("userName sw \"AN\"");
	yes("userName co \"na á\"");
	yes("userName ew \"á\"");
	no("userName ew \"anna\"");
	yes("userName gt \"ann\" and userName lt \"annb\"");
	yes("userName ge \"anna á\" and userName le \"anna á\"");
	yes("displayName eq \"%*(=)\\\\\"");
	no("displayName eq \"*\"");
	no("displayName sw \"%%\"");
	yes("displayName co \"*\"");
	no("title pr");
	yes("not (title pr) and title ne \"x\" and title eq null");
	yes("title eq \"x\" or userName pr");
	yes("name pr and name.familyName eq \"ARB\"");
	yes("name.formatted co \"a a\"");
	yes("schemas eq \"" PRO "\"");
}

static void lists(void **state)
{
	(void)state;
	yes("emails eq \"anna@example.com\"");
	yes("emails.value eq \"A@HOME\"");
	yes("emails[type eq \"work\"].value eq \"anna@example.com\"");
	no("emails[type eq \"home\"].value eq \"anna@example.com\"");
	yes("emails[type eq \"home\" and value sw \"a@\"]");
	no("emails[type eq \"home\" and primary eq true]");
	yes("emails[primary eq true and type ne \"home\"]");
	yes("emails.type eq \"WORK\"");
	no("emails[not (type pr)]");
	yes("emails[type eq \"work\"].value pr");
	yes("companies eq \"c1\" and companies.value eq \"C1\"");
	yes("tools[value eq \"wan-analysis\"].accounts eq \"a1\"");
	no("tools[value eq \"wan-analysis\"].accounts eq \"a2\"");
	yes("tools.notBefore lt \"2026-01-01T00:00:01Z\"");
	no("tools.notAfter pr");
	yes("entitlements[type eq \"tool\"].display co \"analysis\"");
}

static void references(void **state)
{
	(void)state;
	yes("manager eq \"11111111-1111-4111-8111-111111111111\"");
	no("manager eq \"22222222-2222-4222-8222-222222222222\"");
	no("manager eq \"nobody\"");
	yes("manager ne \"nobody\"");
	yes("manager.displayName co \"boss\"");
	yes("manager.value sw \"1111\"");
	yes("groups.value eq \"33333333-3333-4333-8333-333333333333\"");
	yes("groups.display eq \"sales\"");
	no("groups eq \"g1\"");
	yes("roles.value eq \"ADMINISTRATOR\" and roles.display pr");
	yes("roles eq \"administrator\"");
}

static void others(void **state)
{
	struct scim_resolver rs = help_rs;

	(void)state;
	yes("ActiVe eq false");
	no("active eq \"True\"");
	yes("active ne true");
	yes("toolCount eq 1 and toolCount gt 0 and toolCount lt 2");
	yes("id eq \"00000000-0000-0000-0000-000000000007\"");
	yes("meta.created eq \"2026-01-01T00:00:00Z\"");
	yes("meta.lastModified gt \"2026-01-01T01:00:00.5+01:00\"");
	no("meta.lastModified gt \"2026-01-01T00:00:01Z\"");
	yes("meta.resourceType eq \"User\"");
	yes("meta.location ew \"/Users/00000000-0000-0000-0000-000000000007"
	    "\"");
	yes("externalId eq \"e-1\" and externalId pr and externalId sw \"e\"");
	no("externalId eq \"E-1\"");
	rs.owner = "okta";
	assert_false(match("externalId eq \"e-1\"", &rs));
	assert_false(match("externalId pr", &rs));
	assert_false(match("externalId sw \"e\"", &rs));
	rs.owner = "";
	assert_false(match("externalId eq \"e-1\"", &rs));
}

/* What an index answers is what the matcher answers. */
static void index_agrees(void **state)
{
	static const char *const eq[] = { "userName eq \"ANNA á\"",
		"emails eq \"A@home\"", "externalId eq \"e-1\"",
		"companies eq \"c1\"", "tools.value eq \"Wan-Analysis\"",
		"roles.value eq \"administrator\"", "state eq \"suspended\"",
		"manager eq \"11111111-1111-4111-8111-111111111111\"",
		"groups.value eq \"33333333-3333-4333-8333-333333333333\"",
		"id eq \"00000000-0000-0000-0000-000000000007\"",
		"name.familyName eq \"arb\"", "owner eq \"Entra\"" };
	struct index_key *k;
	size_t i, n, j;

	(void)state;
	n = scim_index_keys(help_a, help_type("User"), help_entry(anna),
	    "provostpersonid=anna", &k);
	for (i = 0; i < sizeof(eq) / sizeof(eq[0]); i++) {
		struct filter *f;
		struct err e = { 0 };

		yes(eq[i]);
		assert_int_equal(scim_filter_parse(help_a, eq[i], &f, &e), 0);
		assert_int_equal(scim_filter_bind(help_a, f,
		    help_type("User"), &help_rs, &e), 0);
		for (j = 0; j < n; j++)
			if (k[j].index == f->index &&
			    strcmp(k[j].key, f->key) == 0)
				break;
		if (f->index == 0 || j == n)
			fail_msg("not in the index: %s", eq[i]);
	}
}

static const char *sort_key(const char *name)
{
	const struct scim_attr *sub, *at;
	struct scim_path p;
	struct err e;

	assert_int_equal(scim_path_parse(help_a, name, &p, &e), 0);
	at = scim_attr_find(help_type("User"), &p, &sub);
	return scim_sort_key(help_a, help_type("User"), help_entry(anna), at,
	    sub, &help_rs);
}

static void sorting(void **state)
{
	(void)state;
	assert_string_equal(sort_key("userName"), "anna á");
	assert_string_equal(sort_key("emails"), "anna@example.com");
	assert_string_equal(sort_key("name.familyName"), "arb");
	assert_true(strcmp(sort_key("meta.created"),
	    sort_key("meta.lastModified")) < 0);
	assert_null(sort_key("title"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(lists),
		cmocka_unit_test(references),
		cmocka_unit_test(others),
		cmocka_unit_test(index_agrees),
		cmocka_unit_test(sorting),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
