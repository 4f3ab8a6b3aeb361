/* SPDX-License-Identifier: ISC */
/* What messages say of a group's members (FAULTS S1-S7): every form that
 * clients send, errors, and random PATCHes against a model that goes through
 * the members one by one. PROVOST_SEED repeats a run. */
#include "codec_help.h"

#include "codec/scim_members.h"

#define GROUP "urn:ietf:params:scim:schemas:core:2.0:Group"
#define IDS 8

static const struct scim_resource *group;
static struct err e;

/* --- ids 0..7, "0" named d0 ... ------------------------------------------- */

static const char *id(unsigned i)
{
	return arena_printf(help_a, "%08x-0000-4000-8000-000000000000", i);
}

static const char *upper(unsigned i)
{
	return arena_printf(help_a, "%08X-0000-4000-8000-000000000000", i);
}

static bool want(const struct scim_members *m, unsigned i, bool is_member)
{
	uint8_t uuid[16];

	assert_true(str_uuid(id(i), uuid));
	return scim_members_want(help_a, group, m, uuid, is_member,
	    arena_printf(help_a, "d%u", i));
}

/* Who is there in the end, of "01" before: "12". */
static const char *after(const struct scim_members *m, const char *before)
{
	char out[IDS + 1] = "";
	unsigned i;

	for (i = 0; i < IDS; i++)
		if (want(m, i, strchr(before, '0' + (int)i) != NULL))
			sprintf(out + strlen(out), "%u", i);
	return arena_strdup(help_a, out);
}

/* @0 in text stands for an id. */
static char *expand(const char *text)
{
	struct buf b;
	char *s;

	buf_init(&b, 1 << 20);
	for (; *text != '\0'; text++)
		if (*text == '@')
			buf_puts(&b, id((unsigned)(*++text - '0')));
		else
			buf_putc(&b, *text);
	s = arena_strdup(help_a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static int patch(const char *ops, struct scim_members *m)
{
	e = (struct err){ 0 };
	return scim_members_patch(help_a, group, help_json(expand(
	    arena_printf(help_a, "{'Operations':[%s]}", ops))), m, &e);
}

static void ends(const char *ops, const char *before, const char *wanted)
{
	struct scim_members m;
	const char *got;

	if (patch(ops, &m) != 0)
		fail_msg("%s: %s", ops, e.text);
	assert_true(m.spoken);
	got = after(&m, before);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s on \"%s\": \"%s\", not \"%s\"", ops, before, got,
		    wanted);
}

static void wrong(const char *ops, const char *kind, const char *text)
{
	struct scim_members m;

	if (patch(ops, &m) != ERR_INVALID)
		fail_msg("%s: taken", ops);
	if (strcmp(e.kind, kind) != 0 || strstr(e.text, text) == NULL)
		fail_msg("%s: %s: %s", ops, e.kind, e.text);
}

/* --- forms ------------------------------------------------------------------- */

static void adds(void **state)
{
	(void)state;
	group = help_type("Group");
	ends("{'op':'Add','path':'members','value':[{'$ref':null,"
	    "'value':'@1'},{'value':'@2','display':'x','type':'User'}]}", "0",
	    "012");
	ends("{'op':'add','path':'MEMBERS','value':{'value':'@1'}}", "", "1");
	ends("{'op':'add','path':'members','value':'@1'}", "1", "1");
	ends("{'op':'add','path':'members','value':['@1','@1']}", "", "1");
	ends("{'op':'add','path':'" GROUP ":members','value':['@1']}", "0",
	    "01");
	ends("{'op':'add','path':'" GROUP "','value':{'members':['@1']}}",
	    "0", "01");
	ends("{'op':'add','value':{'displayName':'x','members':['@1'],"
	    "'id':'y'}}", "0", "01");
	ends("{'op':'add','value':{'" GROUP ":members':['@1']}}", "", "1");
	ends("{'op':'add','value':{'" GROUP "':{'Members':['@1']}}}", "",
	    "1");
	ends("{'op':'add','path':'members[value eq \\\"@1\\\"]',"
	    "'value':{'display':'x'}}", "0", "01");
	ends("{'op':'add','path':'members','value':[]}", "0", "0");
	ends("{'op':'add','path':'members','value':null}", "0", "0");
	ends(arena_printf(help_a, "{'op':'add','path':'members','value':"
	    "['%s','@7']}", upper(7)), "", "7");
}

static void removals(void **state)
{
	(void)state;
	ends("{'op':'Remove','path':'members','value':[{'$ref':null,"
	    "'value':'@1'},{'value':'@5'}]}", "012", "02");
	ends("{'op':'remove','path':'members[value eq \\\"@1\\\"]'}", "012",
	    "02");
	ends("{'op':'remove','path':'members[value eq \\\"@1\\\" or "
	    "value eq \\\"@2\\\"]','value':null}", "012", "0");
	ends("{'op':'remove','path':'members[value eq \\\"nobody\\\"]'}",
	    "01", "01");
	ends("{'op':'remove','path':'members','value':['nobody']}", "01",
	    "01");
	ends("{'op':'remove','path':'members','value':[]}", "01", "01");
	ends("{'op':'remove','path':'members'}", "01", "");
	ends("{'op':'remove','path':'members[display eq \\\"D1\\\"]'}", "012",
	    "02");
	ends("{'op':'remove','path':'members[type eq \\\"User\\\" and "
	    "value ne \\\"@1\\\"]'}", "012", "1");
	ends("{'op':'remove','path':'members[not (display sw \\\"d\\\")]'}",
	    "012", "012");
	ends("{'op':'remove','path':'" GROUP ":members[display pr]'}", "012",
	    "");
}

static void replacements(void **state)
{
	(void)state;
	ends("{'op':'replace','path':'members','value':['@1','@3']}", "012",
	    "13");
	ends("{'op':'replace','path':'members','value':[]}", "012", "");
	ends("{'op':'replace','path':'members','value':null}", "012", "");
	ends("{'op':'replace','value':{'members':[{'value':'@4'}],"
	    "'displayName':'x'}}", "012", "4");
	ends("{'op':'replace','path':'members[value eq \\\"@1\\\"]',"
	    "'value':[{'value':'@4'}]}", "012", "024");
	ends("{'op':'replace','path':'members[value eq \\\"@1\\\"]',"
	    "'value':{'display':'x'}}", "012", "012");
}

static void in_order(void **state)
{
	struct scim_members m;

	(void)state;
	/* As Okta sends them. */
	ends("{'op':'remove','path':'members[value eq \\\"@0\\\"]'},"
	    "{'op':'add','path':'members','value':[{'value':'@1'}]},"
	    "{'op':'replace','value':{'id':'x','displayName':'y'}}", "02",
	    "12");
	ends("{'op':'add','path':'members','value':['@1']},"
	    "{'op':'remove','path':'members','value':['@1']}", "1", "");
	ends("{'op':'remove','path':'members','value':['@1']},"
	    "{'op':'add','path':'members','value':['@1']}", "1", "1");
	ends("{'op':'add','path':'members','value':['@1']},"
	    "{'op':'remove','path':'members'},"
	    "{'op':'add','path':'members','value':['@2']}", "03", "2");
	ends("{'op':'add','path':'members','value':['@1']},"
	    "{'op':'remove','path':'members[display eq \\\"d1\\\" or "
	    "display eq \\\"d2\\\"]'},"
	    "{'op':'add','path':'members','value':['@2']}", "0123", "023");
	assert_int_equal(patch("{'op':'replace','path':'displayName',"
	    "'value':'x'}", &m), 0);
	assert_false(m.spoken);
	assert_int_equal(patch("", &m), 0);
	assert_false(m.spoken);
	/* Whatever was added must exist, also when it went again. */
	assert_int_equal(patch("{'op':'add','path':'members','value':['@1']},"
	    "{'op':'remove','path':'members','value':['@1']}", &m), 0);
	assert_int_equal(m.n, 1);
	assert_true(m.v[0].added && !m.v[0].present);
}

static void bad(void **state)
{
	(void)state;
	wrong("{'op':'add','path':'members','value':['@1']},{'op':'add',"
	    "'path':'members','value':[{'value':'1'}]}", "invalidValue",
	    "operation 2: members: there is no User with the id \"1\"");
	wrong("{'op':'add','path':'members','value':[{'value':'@1',"
	    "'type':'group'}]}", "invalidValue", "nested groups are not");
	wrong("{'op':'add','path':'members','value':[{'value':7}]}",
	    "invalidValue", "expected");
	wrong("{'op':'add','path':'members','value':7}", "invalidValue",
	    "expected");
	wrong("{'op':'add','path':'members'}", "invalidValue", "expected");
	wrong("{'op':'remove','path':'members','value':[{'display':'x'}]}",
	    "invalidValue", "expected");
	wrong("{'op':'add','path':'members.value','value':'@1'}",
	    "mutability", "members.value");
	wrong("{'op':'add','value':{'members.value':'@1'}}", "mutability",
	    "members.value");
	wrong("{'op':'replace','path':'members[value eq \\\"@1\\\"].display',"
	    "'value':'x'}", "mutability", "members.display");
	wrong("{'op':'add','path':'members[display eq \\\"x\\\"]',"
	    "'value':{'display':'x'}}", "noTarget", "eq");
	wrong("{'op':'remove','path':'members[value eq'}", "invalidPath", "");
	wrong("{'op':'remove','path':'members[nonsense eq 1]'}",
	    "invalidPath", "nonsense");
	wrong("{'op':'remove','path':'members.nonsense'}", "invalidPath",
	    "nonsense");
	wrong("{'op':'remove','path':'urn:x:members'}", "invalidPath",
	    "urn:x");
}

static void many_filters(void **state)
{
	struct scim_members m;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < 65; i++)
		buf_printf(&b, "%s{'op':'remove','path':'members[display eq "
		    "\\\"d%d\\\"]'}", i ? "," : "", i);
	assert_int_equal(patch(buf_str(&b), &m), ERR_INVALID);
	assert_string_equal(e.kind, "tooMany");
	buf_reset(&b);
	for (i = 0; i < 5000; i++)
		buf_printf(&b, "%s{'op':'%s','path':'members','value':['%s']}",
		    i ? "," : "", i % 2 ? "add" : "remove", id((unsigned)i));
	assert_int_equal(patch(buf_str(&b), &m), 0);
	assert_int_equal(m.n, 5000);
	buf_fini(&b);
}

static void bodies(void **state)
{
	struct scim_members m;
	struct json *j = help_json(expand("{'displayName':'x','members':["
	    "{'value':'@1'},{'value':'@2'}]}"));

	(void)state;
	assert_int_equal(scim_members_body(help_a, group, j, false, &m, &e),
	    0);
	assert_true(m.spoken);
	assert_string_equal(after(&m, ""), "12");
	assert_int_equal(scim_members_body(help_a, group, j, true, &m, &e),
	    0);
	assert_string_equal(after(&m, "01"), "12");
	j = help_json(expand("{'" GROUP "':{'members':['@3']}}"));
	assert_int_equal(scim_members_body(help_a, group, j, true, &m, &e),
	    0);
	assert_string_equal(after(&m, "01"), "3");
	j = help_json("{'displayName':'x'}");
	assert_int_equal(scim_members_body(help_a, group, j, false, &m, &e),
	    0);
	assert_false(m.spoken);
	assert_int_equal(scim_members_body(help_a, group, j, true, &m, &e),
	    0);
	assert_true(m.spoken);
	assert_string_equal(after(&m, "01"), "");
	assert_int_equal(scim_members_body(help_a, help_type("User"), j, true,
	    &m, &e), 0);
	assert_false(m.spoken);
}

/* --- at random ------------------------------------------------------------------ */

static unsigned rnd(unsigned n)
{
	return (unsigned)random() % n;
}

static void set_all(bool *set, bool to)
{
	memset(set, to, IDS);
}

static const char *random_op(bool *set)
{
	unsigned i = rnd(IDS), k = rnd(IDS);

	switch (rnd(7)) {
	case 0:
		set[i] = set[k] = true;
		return arena_printf(help_a, "{'op':'add','path':'members',"
		    "'value':['@%u',{'value':'@%u'}]}", i, k);
	case 1:
		set[i] = set[k] = false;
		return arena_printf(help_a, "{'op':'remove','path':'members',"
		    "'value':['@%u',{'value':'@%u'}]}", i, k);
	case 2:
		set[i] = false;
		return arena_printf(help_a, "{'op':'remove','path':"
		    "'members[value eq \\\"@%u\\\"]'}", i);
	case 3:
		set[i] = false;
		return arena_printf(help_a, "{'op':'remove','path':"
		    "'members[display eq \\\"d%u\\\"]'}", i);
	case 4:
		if (rnd(3) != 0)
			return random_op(set);
		set_all(set, false);
		set[i] = set[k] = true;
		return arena_printf(help_a, "{'op':'replace','value':{"
		    "'members':['@%u','@%u']}}", i, k);
	case 5:
		if (rnd(4) != 0)
			return random_op(set);
		set_all(set, false);
		return "{'op':'remove','path':'members'}";
	default:
		for (k = 0; k < IDS; k++)
			if (k != i)
				set[k] = set[k] && k >= 4;
		return arena_printf(help_a, "{'op':'remove','path':'members["
		    "value ne \\\"@%u\\\" and display lt \\\"d4\\\"]'}", i);
	}
}

static void random_patches(void **state)
{
	const char *seed = getenv("PROVOST_SEED");
	unsigned s = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) :
	    (unsigned)clock_now(), run, i, n;

	(void)state;
	print_message("PROVOST_SEED=%u\n", s);
	srandom(s);
	for (run = 0; run < 20000; run++) {
		bool before[IDS], set[IDS];
		const char *ops = "";
		struct scim_members m;

		for (i = 0; i < IDS; i++)
			before[i] = set[i] = rnd(2);
		for (n = rnd(8); n > 0; n--)
			ops = arena_printf(help_a, "%s%s%s", ops,
			    *ops ? "," : "", random_op(set));
		if (patch(ops, &m) != 0)
			fail_msg("%s: %s", ops, e.text);
		for (i = 0; i < IDS; i++)
			if (want(&m, i, before[i]) != set[i])
				fail_msg("PROVOST_SEED=%u: id %u: %s", s, i,
				    ops);
		arena_reset(help_a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds), cmocka_unit_test(removals),
		cmocka_unit_test(replacements), cmocka_unit_test(in_order),
		cmocka_unit_test(bad), cmocka_unit_test(many_filters),
		cmocka_unit_test(bodies), cmocka_unit_test(random_patches),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
