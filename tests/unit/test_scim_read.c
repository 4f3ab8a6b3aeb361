/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

static struct scim_read_result res;

static const char *read_as(const char *type, const char *json,
    const struct entry *old, const struct scim_resolver *rs)
{
	struct err e = { 0 };

	if (scim_read(help_a, help_map, help_type(type), help_json(json), old,
	    rs, &res, &e) != 0)
		return arena_printf(help_a, "%s: %s", e.kind, e.text);
	return help_ldif(res.entry);
}

static const char *create(const char *type, const char *json)
{
	return read_as(type, json, NULL, &help_rs);
}

static const char *replace(const char *type, const char *json,
    const char *old)
{
	return read_as(type, json, help_entry(old), &help_rs);
}

static void user(void **state)
{
	const char *s = create("User", "{'schemas':['" CORE "','" ENT "',"
	    "'urn:custom'],'id':'x','meta':{},'roles':[],'userName':'anna',"
	    "'externalId':'e1','name':{'givenName':'Anna','familyName':'Arb'},"
	    "'active':true,'password':'pw','emails':[{'value':'a@b','type':"
	    "'Work','primary':'True'},{'value':'c@d'}],'addresses':[{'type':"
	    "'work','streetAddress':'S 1','formatted':'S 1\\nBonn $'}],"
	    "'groups':[{'value':'Z-Z'}],'" ENT "':{'department':'D',"
	    "'manager':[{'value':'11111111-1111-4111-8111-111111111111'}]},"
	    "'x509Certificates':[{'value':'AAEC'}],'favourite':'blue'}");

	(void)state;
	help_has(s, "uid: anna\n");
	help_has(s, "cn: Anna Arb\n");
	help_has(s, "sn: Arb\n");
	help_has(s, "givenName: Anna\n");
	help_has(s, "provostState: active\n");
	help_has(s, "userPassword: pw\n");
	help_has(s, "mail;x-primary;x-work: a@b\n");
	help_has(s, "mail: c@d\n");
	help_has(s, "street;x-work: S 1\n");
	help_has(s, "postalAddress;x-work: S 1$Bonn \\24\n");
	help_has(s, "departmentNumber: D\n");
	help_has(s, "manager: provostPersonId=boss,ou=people,dc=example,"
	    "dc=com\n");
	help_has(s, "provostExternalId: e1\n");
	help_has(s, "provostOwner: entra\n");
	help_has(s, "objectClass: inetOrgPerson\nobjectClass: provostUser\n");
	help_has(s, "userCertificate;binary: ");
	help_has(s, arena_printf(help_a, "provostPersonId: %s\n",
	    res.rdn_value));
	assert_int_equal(strlen(res.rdn_value), 16);
	help_hasnt(s, "Z-Z");
	assert_int_equal(res.ignored.n, 1);
	assert_string_equal(res.ignored.v[0], "favourite");
}

/* V8: whoever is invited chooses a user name later; what else is required
 * stays so, and what is sent is read. */
static void without(void **state)
{
	static const char *const text[] = { "{'name':{'familyName':'Arb'}}",
	    "{'userName':'anna'}" };
	struct err e = { 0 };
	const char *s;

	(void)state;
	assert_int_equal(scim_read_without(help_a, help_map, help_type("User"),
	    help_json(text[0]), "uid", &help_rs, &res, &e), 0);
	s = help_ldif(res.entry);
	help_hasnt(s, "uid:");
	help_has(s, "sn: Arb\n");
	help_has(s, arena_printf(help_a, "provostPersonId: %s\n",
	    res.rdn_value));
	assert_int_equal(scim_read_without(help_a, help_map, help_type("User"),
	    help_json(text[1]), "uid", &help_rs, &res, &e), 0);
	help_has(help_ldif(res.entry), "uid: anna\n");
	assert_int_equal(scim_read_without(help_a, help_map, help_type("User"),
	    help_json(text[0]), "mail", &help_rs, &res, &e), ERR_INVALID);
	help_has(e.text, "userName: is required");
}

/* S13: whatever nobody reads is named, wherever it stands. */
static void ignored(void **state)
{
	static const char *const want[] = { "name.nick", "emails.display",
		"urn:x:y", PRO ":nonsense", "name.givenName", "badge" };
	size_t i, k;

	(void)state;
	create("User", "{'schemas':['urn:x:y'],'userName':'anna','id':'x',"
	    "'meta':{'x':1},'groups':[],'name':{'nick':'A','formatted':'A'},"
	    "'emails':[{'value':'a','display':'A'},{'value':'b','display':"
	    "'B'}],'urn:x:y':{'a':1},'" PRO ":nonsense':1,'name.givenName':"
	    "'x','" ENT ":department':'D','department':'D','" CORE "':"
	    "{'title':'T'},'" ENT "':{'badge':1}}");
	assert_int_equal(res.ignored.n, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < res.ignored.n; i++) {
		for (k = 0; k < res.ignored.n; k++)
			if (strcmp(want[i], res.ignored.v[k]) == 0)
				break;
		if (k == res.ignored.n)
			fail_msg("%s is not named", want[i]);
	}
}

static void user_defaults(void **state)
{
	const char *s = create("User", "{'userName':'bob'}");

	(void)state;
	help_has(s, "uid: bob\n");
	help_has(s, "cn: bob\n");
	help_has(s, "sn: bob\n");
	help_has(s, "provostState: active\n");
	help_has(create("User", "{'userName':'bob','active':'False'}"),
	    "provostState: suspended\n");
	help_has(create("User", "{'userName':'bob','" PRO "':{'state':"
	    "'Invited'},'active':true}"), "provostState: invited\n");
	help_has(create("User", "{'userName':'b','displayName':'B B'}"),
	    "cn: B B\n");
}

static void errors(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "userName: is required" },
		{ "{'userName':''}", "userName: is required" },
		{ "{'userName':7}", "userName: is a number" },
		{ "{'userName':['a','b']}", "userName: takes at most 1" },
		{ "{'userName':'x','active':'maybe'}", "active: is a string" },
		{ "{'userName':'x','active':1}", "active: is a number" },
		{ "{'userName':'x','name':'y'}", "name: expected an object" },
		{ "{'userName':'x','emails':[{'value':1}]}", "emails.value" },
		{ "{'userName':'x','emails':[{'value':'a','type':'a b'}]}",
		  "emails.type: \"a b\"" },
		{ "{'userName':'x','emails':[{'value':'a','primary':true},"
		  "{'value':'b','primary':true}]}", "only one may be primary" },
		{ "{'userName':'x','addresses':[{'type':'w','locality':'a'},"
		  "{'type':'w','locality':'b'}]}", "one address of type" },
		{ "{'userName':'x','" ENT "':{'manager':{'value':'q'}}}",
		  "manager: there is no User with id \"q\"" },
		{ "{'userName':'x','roles':['administrator','a']}",
		  "roles: takes at most 1 value" },
		{ "{'userName':'x','roles':['king']}",
		  "roles.value: there is no Role \"king\"" },
		{ "{'userName':'x','" PRO "':{'companies':['C9']}}",
		  "companies: there is no Company \"C9\"" },
		{ "{'userName':'x','" PRO "':{'tools':[{'value':'z'}]}}",
		  "tools.value: there is no Tool \"z\"" },
		{ "{'userName':'x','" PRO "':{'tools':[{'value':'voip',"
		  "'accounts':['A9']}]}}",
		  "tools.accounts: there is no Account \"A9\"" },
		{ "{'userName':'x','" PRO "':{'tools':[{'value':'voip',"
		  "'notBefore':'2026-02-01T00:00:00Z',"
		  "'notAfter':'2026-01-01T00:00:00Z'}]}}", "notAfter must be" },
		{ "{'userName':'x','" PRO "':{'tools':[{'value':'voip',"
		  "'notAfter':'tomorrow'}]}}", "tools.notAfter: expected a" },
		{ "{'userName':'x','" PRO "':{'state':'happy'}}",
		  "\"happy\" is none of: invited, active" },
		{ "{'userName':'x','" ENT "':'D'}", "expected an object" },
		{ "{'userName':'x','x509Certificates':['%']}",
		  "x509Certificates.value: expected base64" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *s = create("User", bad[i][0]);

		help_has(s, "invalidValue: ");
		help_has(s, bad[i][1]);
	}
	help_has(create("User", "[1]"), "invalidSyntax: ");
}

static void rights(void **state)
{
	const char *s = create("User", "{'userName':'x','roles':[{'value':"
	    "'administrator','primary':true}],'entitlements':[{'value':"
	    "'voip'}],'" PRO "':{'companies':['C1','C2','c1'],'tools':[{"
	    "'value':'wan-analysis','accounts':['A1',{'value':'A2'}],"
	    "'notBefore':'2026-01-01T00:00:00Z'},{'value':'voip',"
	    "'accounts':[]}],'cpniAuthorized':'true','toolCount':9}}");

	(void)state;
	help_has(s, "provostRole: administrator\n");
	help_has(s, "provostCompany: C1\nprovostCompany: C2\n");
	help_hasnt(s, "provostCompany: c1\n");
	help_has(s, "provostToolGrant: wan-analysis\nprovostToolGrant: voip\n");
	help_has(s, "provostToolAccount: wan-analysis A1\n"
	    "provostToolAccount: wan-analysis A2\n");
	help_has(s, "provostPeriod: tool:wan-analysis 20260101000000Z -\n");
	help_has(s, "provostCpniAuthorized: TRUE\n");
	help_has(create("User", "{'userName':'x','entitlements':['voip',"
	    "{'value':'zz','type':'app'}]}"), "provostToolGrant: voip\n");
	assert_int_equal(res.ignored.n, 1);
	help_has(res.ignored.v[0], "entitlements");
}

static const char old[] =
    "dn: provostPersonId=p,ou=people,dc=example,dc=com\n"
    "objectClass: provostUser\nprovostPersonId: p\nuid: anna\n"
    "cn: Anna Arb\ncn: Anna A\nsn: anna\ngivenName: Anna\n"
    "provostState: suspended\nprovostInvitation: h 1\n"
    "mail;x-work: a@b\nmail;lang-de: odd@b\nprovostMemberOf: g1\n"
    "provostToolGrant: wan-analysis\nprovostToolGrant: voip\n"
    "provostToolAccount: wan-analysis A1\nprovostToolAccount: gone G\n"
    "provostPeriod: tool:wan-analysis - 20270101000000Z\n"
    "provostPeriod: tool:wan-analysis/A1 - 20260601000000Z\n"
    "provostPeriod: role:r - 20270101000000Z\nprovostCompany: C1\n"
    "provostCompany: GONE\nprovostExternalId: e1\nprovostOwner: entra\n"
    "provostTemporaryLogin: t\n"
    "manager: provostPersonId=gone,ou=people,dc=example,dc=com\n";

/* A manager may be named by $ref (RFC 7643 8.7.1); null is what Entra sends. */
static void manager(void **state)
{
	static const char boss[] = "manager: provostPersonId=boss,ou=people,"
	    "dc=example,dc=com\n";
	static const char id[] = "11111111-1111-4111-8111-111111111111";
	static const char by_ref[] = "{'userName':'x','" ENT "':{'manager':"
	    "{%s'$ref':'https://h/scim/v2/Users/%s'}}}";

	(void)state;
	help_has(create("User", arena_printf(help_a, by_ref, "", id)), boss);
	help_has(create("User", arena_printf(help_a, "{'userName':'x','" ENT
	    "':{'manager':{'$ref':null,'value':'%s'}}}", id)), boss);
	help_has(create("User", arena_printf(help_a, by_ref, "", "zz")),
	    "no User with id");
	/* An empty one is none, here and in other references. */
	help_hasnt(create("User", "{'userName':'x','" ENT "':{'manager':"
	    "{'value':''}},'roles':[{'value':''}],'entitlements':[''],"
	    "'x509Certificates':[{'value':''}],'" PRO
	    "':{'companies':['']}}"), "invalidValue");
	/* The value goes first, unless it is still the old one. */
	help_has(create("User", arena_printf(help_a, by_ref, arena_printf(
	    help_a, "'value':'%s',", id), "zz")), boss);
	help_has(replace("User", arena_printf(help_a, by_ref, arena_printf(
	    help_a, "'value':'%s',", id), "zz"), boss), "no User with id");
}

/* Okta PUTs back what it got: nothing may change. */
static void put_back(void **state)
{
	struct entry *e = help_entry(old);
	char *got = help_render(help_type("User"), e, NULL, &help_rs);
	struct json *j;
	struct err err = { 0 };
	size_t i, k;

	(void)state;
	assert_int_equal(json_parse(help_a, got, strlen(got), &j, &err), 0);
	if (scim_read(help_a, help_map, help_type("User"), j, e, &help_rs,
	    &res, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(res.entry->n, e->n);
	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			if (!entry_has(res.entry, e->a[i].name,
			    e->a[i].v[k].p))
				fail_msg("lost %s: %s", e->a[i].name,
				    e->a[i].v[k].p);
	assert_string_equal(res.entry->dn, e->dn);
	assert_null(res.password);
}

/* A client that knows neither active nor the extension. */
static void put_small(void **state)
{
	const char *s = replace("User", "{'userName':'anna2','name':{"
	    "'givenName':'Anna'},'title':'T','password':'new'}", old);

	(void)state;
	help_has(s, "uid: anna2\n");
	help_has(s, "sn: anna2\n");
	help_has(s, "title: T\n");
	help_has(s, "provostState: suspended\n");
	help_has(s, "provostCompany: C1\n");
	help_has(s, "provostToolGrant: voip\n");
	help_has(s, "tool:wan-analysis - 2027");
	help_has(s, "provostMemberOf: g1\n");
	help_has(s, "provostInvitation: h 1\n");
	help_has(s, "manager: provostPersonId=gone");
	help_hasnt(s, "mail");
	help_hasnt(s, "provostExternalId");
	help_hasnt(s, "userPassword");
	assert_string_equal(res.password, "new");
	assert_string_equal(res.password_attr, "userPassword");
}

static void put_extension(void **state)
{
	const char *s = replace("User", "{'schemas':['" CORE "','" PRO "'],"
	    "'userName':'anna','active':true}", old);

	(void)state;
	help_has(s, "provostState: active\n");
	help_hasnt(s, "provostCompany");
	help_hasnt(s, "provostToolGrant");
	help_hasnt(s, "provostToolAccount");
	help_hasnt(s, "tool:");
	help_has(s, "provostPeriod: role:r - 20270101000000Z\n");
	help_has(s, "provostTemporaryLogin: t\n");
	s = replace("User", "{'userName':'anna','entitlements':[{'value':"
	    "'wan-analysis'}]}", old);
	help_hasnt(s, "provostToolGrant: voip");
	help_has(s, "provostToolAccount: wan-analysis A1\n");
	help_has(s, "tool:wan-analysis - 2027");
	help_has(s, "tool:wan-analysis/A1 -");
	s = replace("User", "{'userName':'anna','" PRO "':{'companies':["
	    "'GONE','C2'],'tools':[{'value':'wan-analysis'}]},"
	    "'entitlements':[{'value':'wan-analysis'},{'value':'voip'}]}",
	    old);
	help_has(s, "provostCompany: GONE\nprovostCompany: C2\n");
	help_hasnt(s, "provostToolGrant: voip");
	help_hasnt(s, "provostToolAccount");
	help_hasnt(s, "tool:wan-analysis - ");
	s = replace("User", "{'userName':'anna','" PRO "':{'tools':[]},"
	    "'entitlements':[{'value':'wan-analysis'}]}", old);
	help_hasnt(s, "provostToolGrant");
}

static void states(void **state)
{
	static const char *const t[][3] = {
		{ "active", "{'userName':'a','active':false}", "suspended" },
		{ "suspended", "{'userName':'a','active':true}", "active" },
		{ "left", "{'userName':'a','active':true}", "active" },
		{ "invited", "{'userName':'a','active':true}", "invited" },
		{ "invited", "{'userName':'a','active':false}", "suspended" },
		{ "active", "{'userName':'a','active':false,'" PRO
		  "':{'state':'active'}}", "suspended" },
		{ "active", "{'userName':'a','active':true,'" PRO
		  "':{'state':'left'}}", "left" },
		{ "suspended", "{'userName':'a','active':false,'" PRO
		  "':{'state':'active'}}", "active" },
		{ "active", "{'userName':'a'}", "active" },
		{ "active", "{'userName':'a','active':null}", "active" },
		{ "suspended", "{'userName':'a','" PRO "':{}}", "suspended" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		replace("User", t[i][1], arena_printf(help_a,
		    "uid: a\ncn: a\nsn: a\nprovostState: %s\n", t[i][0]));
		if (strcmp(entry_get(res.entry, "provostState"), t[i][2]) != 0)
			fail_msg("%s + %s: %s", t[i][0], t[i][1],
			    entry_get(res.entry, "provostState"));
	}
}

/* externalId is its owner's. */
static void owners(void **state)
{
	struct scim_resolver rs = help_rs;
	const char *s;

	(void)state;
	rs.owner = "okta";
	s = read_as("User", "{'userName':'anna','externalId':'mine'}",
	    help_entry(old), &rs);
	help_has(s, "provostExternalId: e1\n");
	help_hasnt(s, "mine");
	assert_int_equal(res.ignored.n, 1);
	rs.owner = "";
	s = read_as("User", "{'userName':'x','externalId':'e'}", NULL, &rs);
	help_hasnt(s, "provostOwner");
	help_hasnt(s, "provostExternalId");
}

/* cn and sn follow what they are made of, until somebody sets them. */
static void computed(void **state)
{
	const char *s = create("User", "{'userName':'u1','name':{"
	    "'givenName':'Anna'}}");

	(void)state;
	help_has(s, "cn: Anna\n");
	help_has(s, "sn: u1\n");
	s = replace("User", "{'userName':'u2','name':{'givenName':'Ann',"
	    "'formatted':'Anna'}}", s);
	help_has(s, "cn: Ann\n");
	help_has(s, "sn: u2\n");
	s = replace("User", "{'userName':'u2','name':{'givenName':'Ann',"
	    "'formatted':'Dr. Ann','familyName':'B'}}", s);
	help_has(s, "cn: Dr. Ann\n");
	s = replace("User", "{'userName':'u2','name':{'givenName':'Bea',"
	    "'formatted':'Dr. Ann'}}", s);
	help_has(s, "cn: Dr. Ann\n");
	help_has(s, "sn: u2\n");
	s = replace("User", "{'title':'T','name':{'givenName':'I'}}",
	    "cn: In Vited\nsn: Vited\nprovostState: invited\n");
	help_has(s, "title: T\n");
	help_has(s, "sn: Vited\n");
}

static int64_t noon(void)
{
	return INT64_C(1767225600000000);
}

static const char *many_codes(void)
{
	const char *out = "0";
	int i;

	for (i = 1; i <= 100; i++)
		out = arena_printf(help_a, "%s,%d", out, i);
	return out;
}

static void other_types(void **state)
{
	const char *s = create("Tool", "{'toolId':'T 1','name':'N',"
	    "'restricted':true,'products':['P'],'manageable':true}");

	(void)state;
	help_has(s, "provostToolId: T 1\n");
	help_has(s, "provostRestricted: TRUE\n");
	assert_string_equal(res.rdn_value, "T 1");
	help_has(create("Tool", "{'name':'N'}"), "toolId: is required");
	help_has(replace("Tool", "{'toolId':'T2'}", "provostToolId: T1\n"),
	    "mutability: toolId: can't be changed");
	help_has(replace("Tool", "{'toolId':'t1','name':'X'}",
	    "provostToolId: T1\n"), "cn: X\n");
	help_has(replace("Tool", "{'name':'X'}", "provostToolId: T1\n"),
	    "provostToolId: T1\n");
	clock_set_source(noon);
	s = create("AccessRequest", "{'requester':'22222222-2222-4222-8222-"
	    "222222222222','kind':'tool','tool':'voip','accounts':['A1'],"
	    "'state':'approved','invitationCodes':['ab-12 3'],"
	    "'items':[{'value':'A1','billing':'Paperless','reason':'so so'}]}");
	clock_set_source(NULL);
	help_has(s, "provostRequester: provostPersonId=anna,");
	help_has(s, "provostBeneficiary: provostPersonId=anna,");
	help_has(s, "provostRequestState: pending\n");
	help_has(s, "provostExpiresAt: 20260131000000Z\n");
	help_has(s, arena_printf(help_a, "provostInvitationCode: %s\n",
	    hash_sha256_hex(help_a, "AB123")));
	/* V23: several codes, with commas between. */
	s = create("AccessRequest", "{'requester':'22222222-2222-4222-8222-"
	    "222222222222','kind':'accounts','invitationCodes':['a, b,',"
	    "' ,c'],'items':[{'value':'A1','billing':'Paperless','reason':"
	    "'so so'}]}");
	help_has(s, arena_printf(help_a, "provostInvitationCode: %s\n",
	    hash_sha256_hex(help_a, "A")));
	help_has(s, arena_printf(help_a, "provostInvitationCode: %s\n",
	    hash_sha256_hex(help_a, "B")));
	help_has(s, arena_printf(help_a, "provostInvitationCode: %s\n",
	    hash_sha256_hex(help_a, "C")));
	help_hasnt(s, hash_sha256_hex(help_a, ""));
	help_has(create("AccessRequest", arena_printf(help_a, "{'requester':"
	    "'22222222-2222-4222-8222-222222222222','kind':'accounts',"
	    "'invitationCodes':'%s'}", many_codes())),
	    "invitationCodes: takes at most 100 codes");
	s = create("AccessRequest", "{'requester':'22222222-2222-4222-8222-"
	    "222222222222','kind':'tool','tool':'voip','items':[{'value':'A1',"
	    "'billing':'Paperless','reason':'so so'}]}");
	help_has(s, "provostItemBilling: A1 paperless\n");
	help_has(s, "provostItemReason: A1 so%20so\n");
	assert_int_equal(strlen(res.rdn_value), 16);
	s = create("Rule", "{'ruleId':'r','priority':5,'group':"
	    "'33333333-3333-4333-8333-333333333333','role':'administrator',"
	    "'tools':[{'value':'voip','accounts':['A1']}]}");
	help_has(s, "provostRuleGroup: g1\n");
	help_has(s, "provostPriority: 5\n");
	help_has(s, "provostToolAccount: voip A1\n");
	help_has(create("Rule", "{'ruleId':'r','priority':'5'}"),
	    "priority: is a string, expected an integer");
}

static void decisions(void **state)
{
	const char *s = replace("AccessRequest", "{'decision':'approved',"
	    "'reason':'ok','state':'applied','appliedAt':'x'}",
	    "provostRequestId: r\nprovostRequester: provostPersonId=anna,"
	    "ou=people,dc=example,dc=com\nprovostRequestKind: tool\n"
	    "provostToolGrant: voip\nprovostRequestState: pending\n"
	    "provostInvitationCode: h\n");

	(void)state;
	help_hasnt(replace("AccessRequest", "{'requester':'22222222-2222-4222-"
	    "8222-222222222222','beneficiary':'22222222-2222-4222-8222-"
	    "222222222222','reason':'x'}", "provostRequestId: r\n"
	    "provostRequester: provostPersonId=anna,ou=people,dc=example,"
	    "dc=com\nprovostRequestKind: role\nprovostRole: a\n"),
	    "provostBeneficiary");
	help_has(s, "provostDecision: approved\n");
	help_has(s, "provostRequestState: pending\n");
	help_has(s, "provostToolGrant: voip\n");
	help_has(s, "provostInvitationCode: h\n");
	help_hasnt(s, "provostAppliedAt");
}

static void clients(void **state)
{
	const char *s = create("Client", "{'name':'idp','scopes':['users'],"
	    "'expires':'2027-01-01T00:00:00Z','token':'mine'}"), *first, *old_s;

	(void)state;
	assert_int_equal(strlen(res.secret), 43);
	assert_string_equal(res.secret_name, "token");
	first = arena_printf(help_a, "provostTokenHash: %s 20270101000000Z\n",
	    hash_sha256_hex(help_a, res.secret));
	help_has(s, first);
	help_has(s, "provostEnabled: TRUE\n");
	help_hasnt(s, res.secret);
	old_s = s;
	s = replace("Client", "{'name':'idp'}", old_s);
	help_has(s, "provostTokenHash: ");
	assert_null(res.secret);
	s = replace("Client", "{'name':'idp','token':'new'}", old_s);
	help_has(s, first);
	help_has(s, hash_sha256_hex(help_a, res.secret));
	assert_int_equal(entry_attr(res.entry, "provostTokenHash")->n, 2);
	s = replace("Client", "{'name':'idp','token':'new'}", s);
	assert_int_equal(entry_attr(res.entry, "provostTokenHash")->n, 2);
	help_hasnt(s, first);
}

static void owned(void **state)
{
	void *user_type = (void *)(uintptr_t)help_type("User");

	(void)state;
	assert_true(scim_read_owns("MAIL;x-work", user_type));
	assert_true(scim_read_owns("provostToolAccount", user_type));
	assert_true(scim_read_owns("provostState", user_type));
	assert_true(scim_read_owns("sn", user_type));
	assert_true(scim_read_owns("l;x-home", user_type));
	assert_true(scim_read_owns("userCertificate;binary", user_type));
	assert_false(scim_read_owns("provostMemberOf", user_type));
	assert_false(scim_read_owns("provostOwner", user_type));
	assert_false(scim_read_owns("userPassword", user_type));
	assert_false(scim_read_owns("objectClass", user_type));
	assert_false(scim_read_owns("provostProvenance", user_type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user),
		cmocka_unit_test(without),
		cmocka_unit_test(ignored),
		cmocka_unit_test(user_defaults),
		cmocka_unit_test(errors),
		cmocka_unit_test(rights),
		cmocka_unit_test(manager),
		cmocka_unit_test(put_back),
		cmocka_unit_test(put_small),
		cmocka_unit_test(put_extension),
		cmocka_unit_test(states),
		cmocka_unit_test(owners),
		cmocka_unit_test(computed),
		cmocka_unit_test(other_types),
		cmocka_unit_test(decisions),
		cmocka_unit_test(clients),
		cmocka_unit_test(owned),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
