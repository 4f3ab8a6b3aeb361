/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

/* PATCH as the daemon does it: entry -> JSON -> patched -> entry. */
static const char *patch_as(const char *type, const struct entry *e,
    const char *operations, const struct scim_resolver *rs)
{
	const struct scim_resource *r = help_type(type);
	struct scim_read_result res;
	struct err err = { 0 };
	char *text = help_render(r, e, NULL, rs);
	struct json *j, *m = help_json(arena_printf(help_a,
	    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],"
	    "'Operations':%s}", operations));

	assert_int_equal(json_parse(help_a, text, strlen(text), &j, &err), 0);
	if (scim_patch_apply(help_a, r, m, j, &err) != 0 ||
	    scim_read(help_a, help_map, r, j, e, rs, &res, &err) != 0)
		return arena_printf(help_a, "error %s: %s", err.kind,
		    err.text);
	return help_ldif(res.entry);
}

static const char anna[] =
    "dn: provostPersonId=p,ou=people,dc=example,dc=com\n"
    "objectClass: provostUser\nprovostPersonId: p\nuid: anna\n"
    "cn: Anna Arb\nsn: Arb\ngivenName: Anna\nprovostState: active\n"
    "mail;x-primary;x-work: a@w\nmail;x-home: a@h\n"
    "telephoneNumber;x-mobile: 1\nprovostMemberOf: g1\n"
    "provostRole: administrator\nprovostCompany: C1\nprovostCompany: C2\n"
    "provostToolGrant: wan-analysis\nprovostToolGrant: voip\n"
    "provostToolAccount: wan-analysis A1\n"
    "provostToolAccount: wan-analysis A2\n"
    "provostPeriod: tool:wan-analysis - 20270101000000Z\n"
    "provostExternalId: e1\nprovostOwner: entra\n"
    "manager: provostPersonId=boss,ou=people,dc=example,dc=com\n";

static const char *patch(const char *operations)
{
	return patch_as("User", help_entry(anna), operations, &help_rs);
}

/* Nothing but the attributes that start with one of these may differ. */
static void only(const char *after, const char *a, const char *b)
{
	char *before = arena_strdup(help_a, anna), *line, *save = NULL;

	for (line = strtok_r(before, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "dn:", 3) != 0 &&
		    strncmp(line, a, strlen(a)) != 0 &&
		    (b == NULL || strncmp(line, b, strlen(b)) != 0))
			help_has(after, arena_printf(help_a, "%s\n", line));
}

static void entra(void **state)
{
	const char *s = patch("[{'op':'Replace','path':'active',"
	    "'value':'False'}]");

	(void)state;
	help_has(s, "provostState: suspended\n");
	only(s, "provostState", NULL);
	s = patch("[{'op':'replace','value':{'active':false}}]");
	help_has(s, "provostState: suspended\n");
	s = patch("[{'op':'Add','path':'" ENT ":department','value':'D'},"
	    "{'op':'ADD','path':'" ENT ".costCenter','value':'7'}]");
	help_has(s, "departmentNumber: D\n");
	help_has(s, "provostCostCenter: 7\n");
	only(s, "departmentNumber", NULL);
	s = patch("[{'op':'replace','value':{'name.givenName':'Ann',"
	    "'name.familyName':'Bee','" ENT ":department':'E','" ENT
	    "':{'organization':'O'},'emails[type eq \\\"other\\\"].value':"
	    "'o@o','nothing':1}}]");
	help_has(s, "givenName: Ann\n");
	help_has(s, "sn: Bee\n");
	help_has(s, "cn: Ann Bee\n");
	help_has(s, "departmentNumber: E\n");
	help_has(s, "\no: O\n");
	help_has(s, "mail;x-other: o@o\n");
	help_has(s, "manager: ");
	s = patch("[{'op':'Add','path':'manager','value':[{'value':"
	    "'22222222-2222-4222-8222-222222222222'}]}]");
	help_has(s, "manager: provostPersonId=anna,");
	s = patch("[{'op':'Add','path':'" ENT ":manager','value':"
	    "'22222222-2222-4222-8222-222222222222'}]");
	help_has(s, "manager: provostPersonId=anna,");
	s = patch("[{'op':'Remove','path':'manager'}]");
	help_hasnt(s, "manager");
	only(s, "manager", NULL);
	s = patch("[]");
	only(s, "-", NULL);
	s = patch("[{'op':'Replace','path':'roles[primary eq \\\"True\\\"]"
	    ".value','value':'billing'}]");
	help_has(s, "provostRole: billing\n");
	only(s, "provostRole", NULL);
	s = patch("[{'op':'Add','path':'roles','value':[{'value':'billing',"
	    "'primary':'True'}]}]");
	help_has(s, "provostRole: billing\n");
	help_hasnt(s, "provostRole: administrator\n");
}

static void emails(void **state)
{
	const char *s;

	(void)state;
	s = patch("[{'op':'replace','path':'emails[type eq \\\"work\\\"]"
	    ".value','value':'n@w'}]");
	help_has(s, "mail;x-primary;x-work: n@w\n");
	help_hasnt(s, "a@w");
	only(s, "mail;x-primary", NULL);
	s = patch("[{'op':'add','path':'emails[type eq \\\"other\\\"].value',"
	    "'value':'n@o'}]");
	help_has(s, "mail;x-other: n@o\n");
	only(s, "-", NULL);
	s = patch("[{'op':'add','path':'emails','value':[{'value':'n@o',"
	    "'primary':true}]}]");
	help_has(s, "mail;x-primary: n@o\n");
	help_has(s, "mail;x-work: a@w\n");
	s = patch("[{'op':'add','path':'emails','value':{'value':'A@W',"
	    "'type':'work'}}]");
	only(s, "mail", NULL);
	help_hasnt(s, "mail;x-work: ");
	s = patch("[{'op':'remove','path':'emails','value':[{'value':"
	    "'a@w'}]}]");
	help_hasnt(s, "a@w");
	only(s, "mail;x-primary", NULL);
	s = patch("[{'op':'remove','path':'emails[type eq \\\"home\\\"]'}]");
	help_hasnt(s, "a@h");
	only(s, "mail;x-home", NULL);
	s = patch("[{'op':'remove','path':'emails[value sw \\\"zz\\\"]'}]");
	only(s, "-", NULL);
	s = patch("[{'op':'remove','path':'emails[type eq \\\"home\\\"]"
	    ".value'}]");
	help_hasnt(s, "a@h");
	s = patch("[{'op':'replace','path':'emails','value':[{'value':'x@y'}"
	    "]}]");
	help_has(s, "mail: x@y\n");
	help_hasnt(s, "a@");
	s = patch("[{'op':'replace','path':'emails','value':[]}]");
	help_hasnt(s, "mail");
	s = patch("[{'op':'remove','path':'emails'}]");
	help_hasnt(s, "mail");
	only(s, "mail", NULL);
	s = patch("[{'op':'replace','path':'emails[type eq \\\"home\\\"]',"
	    "'value':{'value':'q@h'}}]");
	help_has(s, "mail;x-home: q@h\n");
	s = patch("[{'op':'replace','path':'emails[type co \\\"z\\\"].value',"
	    "'value':'q@h'}]");
	help_has(s, "error noTarget: operation 1: emails: no value meets");
	s = patch("[{'op':'add','path':'addresses[type eq \\\"work\\\"]"
	    ".locality','value':'Bonn'},{'op':'add','path':'addresses',"
	    "'value':[{'type':'work','country':'DE'}]}]");
	help_has(s, "l;x-work: Bonn\n");
	help_has(s, "c;x-work: DE\n");
}

static void rights(void **state)
{
	const char *s;

	(void)state;
	s = patch("[{'op':'remove','path':'" PRO ":tools[value eq "
	    "\\\"wan-analysis\\\"].accounts','value':['A1']}]");
	help_hasnt(s, "wan-analysis A1");
	only(s, "provostToolAccount: wan-analysis A1", NULL);
	s = patch("[{'op':'remove','path':'tools[value eq \\\"wan-analysis"
	    "\\\"].accounts'}]");
	help_hasnt(s, "provostToolAccount");
	only(s, "provostToolAccount", NULL);
	s = patch("[{'op':'add','path':'tools[value eq \\\"voip\\\"]"
	    ".accounts','value':['A1','a1']}]");
	help_has(s, "provostToolAccount: voip A1\n");
	only(s, "-", NULL);
	s = patch("[{'op':'add','path':'tools','value':[{'value':'voip',"
	    "'accounts':['A2']}]}]");
	help_has(s, "provostToolAccount: voip A2\n");
	only(s, "-", NULL);
	s = patch("[{'op':'remove','path':'tools[value eq \\\"wan-analysis"
	    "\\\"]'}]");
	help_hasnt(s, "wan-analysis");
	help_has(s, "provostToolGrant: voip\n");
	s = patch("[{'op':'remove','path':'tools'}]");
	help_hasnt(s, "provostTool");
	help_hasnt(s, "tool:");
	s = patch("[{'op':'remove','path':'entitlements'}]");
	help_hasnt(s, "provostTool");
	s = patch("[{'op':'remove','path':'entitlements','value':[{'value':"
	    "'voip'}]}]");
	help_hasnt(s, "voip");
	only(s, "provostToolGrant: voip", NULL);
	s = patch("[{'op':'remove','path':'" PRO ":companies','value':["
	    "'c1']}]");
	only(s, "provostCompany: C1", NULL);
	help_hasnt(s, "provostCompany: C1");
	s = patch("[{'op':'add','path':'companies','value':'C1'}]");
	only(s, "-", NULL);
	s = patch("[{'op':'remove','path':'" PRO "'}]");
	help_hasnt(s, "provostCompany");
	help_hasnt(s, "provostToolGrant");
	help_has(s, "provostState: active\n");
	s = patch("[{'op':'replace','path':'roles','value':[{'value':"
	    "'king'}]}]");
	help_has(s, "error invalidValue: roles.value: there is no Role");
	s = patch("[{'op':'replace','path':'state','value':'left'}]");
	help_has(s, "provostState: left\n");
}

static void errors(void **state)
{
	static const char *const t[][2] = {
		{ "[{'op':'remove'}]", "error noTarget: operation 1" },
		{ "[{'op':'delete','path':'title'}]", "error invalidSyntax" },
		{ "[{'path':'title','value':'x'}]", "error invalidSyntax" },
		{ "[7]", "error invalidSyntax" },
		{ "7", "error invalidSyntax" },
		{ "[{'op':'add','path':'title'}]", "error invalidValue" },
		{ "[{'op':'add','value':'x'}]", "error invalidValue" },
		{ "[{'op':'add','path':7,'value':'x'}]", "error invalidPath" },
		{ "[{'op':'add','path':'a b','value':'x'}]",
		  "error invalidPath: operation 1: path: column 3" },
		{ "[{'op':'add','path':'title','value':'t'},{'op':'add',"
		  "'path':'nothing','value':'x'}]",
		  "error invalidPath: operation 2: path: User has no" },
		{ "[{'op':'add','path':'name.nothing','value':'x'}]",
		  "error invalidPath" },
		{ "[{'op':'add','path':'emails[x eq 1].value','value':'x'}]",
		  "error invalidPath" },
		{ "[{'op':'add','path':'title[value eq 1]','value':'x'}]",
		  "error invalidPath" },
		{ "[{'op':'replace','path':'id','value':'x'}]",
		  "error mutability" },
		{ "[{'op':'replace','path':'groups','value':[]}]",
		  "error mutability" },
		{ "[{'op':'replace','path':'meta.created','value':'x'}]",
		  "error mutability" },
		{ "[{'op':'remove','path':'userName'}]",
		  "error invalidValue: userName: is required" },
		{ "[{'op':'replace','path':'active','value':'maybe'}]",
		  "error invalidValue: active" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		help_has(patch(t[i][0]), t[i][1]);
	/* An immutable one may be repeated, but not taken away. */
	help_has(patch_as("Company", help_entry("provostCompanyId: C1\n"),
	    "[{'op':'remove','path':'companyId'}]", &help_rs),
	    "error mutability: operation 1: companyId can't be taken away");
	help_has(patch_as("Company", help_entry("provostCompanyId: C1\n"),
	    "[{'op':'replace','path':'companyId','value':null}]", &help_rs),
	    "error mutability");
	help_has(patch_as("Company", help_entry("provostCompanyId: C1\n"),
	    "[{'op':'add','path':'companyId','value':'C1'}]", &help_rs),
	    "provostCompanyId: C1\n");
}

static void okta(void **state)
{
	const char *s = patch("[{'op':'replace','value':{'id':'zz','title':"
	    "'T','groups':[],'meta':{},'schemas':['x']}}]");

	(void)state;
	help_has(s, "title: T\n");
	only(s, "-", NULL);
	s = patch("[{'op':'replace','value':{'password':'pw'}}]");
	help_hasnt(s, "userPassword");
}

/* From "What other servers got wrong". */
static void others_got_wrong(void **state)
{
	const char *s = patch("[{'op':'replace','path':'active','value':false"
	    "},{'op':'replace','path':'userName','value':'anna2'}]");

	(void)state;
	help_has(s, "provostState: suspended\n");
	help_has(s, "uid: anna2\n");
	s = patch_as("User", help_entry("uid: a\ncn: a\nsn: a\n"
	    "provostState: suspended\n"), "[{'op':'replace','path':'active',"
	    "'value':true}]", &help_rs);
	help_has(s, "provostState: active\n");
	s = patch("[{'op':'replace','path':'externalId','value':'1'}]");
	help_has(s, "provostExternalId: 1\n");
	s = patch("[{'op':'replace','path':'name.familyName','value':"
	    "'O\\u0027Neil %*(=)'}]");
	help_has(s, "sn: O'Neil %*(=)\n");
}

/* They are scim_members' business. */
static void members(void **state)
{
	const struct entry *e = help_entry("provostGroupId: g1\n"
	    "displayName: Sales\n");
	struct json *j, *m;
	struct err err = { 0 };
	char *text = help_render(help_type("Group"), e, NULL, &help_rs);
	size_t n;

	(void)state;
	assert_int_equal(json_parse(help_a, text, strlen(text), &j, &err), 0);
	n = json_member(j, "members")->n;
	m = help_json("{'Operations':[{'op':'Remove','path':'members'},"
	    "{'op':'remove','path':'members[value eq \\\"absent\\\"]'},"
	    "{'op':'replace','value':{'id':'x','displayName':'New',"
	    "'members':[]}}]}");
	if (scim_patch_apply(help_a, help_type("Group"), m, j, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(json_member(j, "members")->n, n);
	assert_string_equal(json_member_str(j, "displayName"), "New");
}

static void limits(void **state)
{
	struct buf b;
	struct json *m;
	struct err err = { 0 };
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, "{'Operations':[");
	for (i = 0; i < 1001; i++)
		buf_puts(&b, i == 0 ? "{}" : ",{}");
	buf_puts(&b, "]}");
	m = help_json(buf_str(&b));
	assert_int_equal(scim_patch_apply(help_a, help_type("User"), m,
	    json_new(help_a, JSON_IS_OBJECT), &err), ERR_INVALID);
	assert_string_equal(err.kind, "tooMany");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entra),
		cmocka_unit_test(emails),
		cmocka_unit_test(rights),
		cmocka_unit_test(errors),
		cmocka_unit_test(okta),
		cmocka_unit_test(others_got_wrong),
		cmocka_unit_test(members),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
