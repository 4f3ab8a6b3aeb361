/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

#include "model/dn.h"

#include <unistd.h>

#include "config/mapping.h"

static const struct scim_attr *find(const char *type, const char *name,
    const struct scim_attr **sub)
{
	struct scim_path p;
	struct err e = { 0 };

	if (scim_path_parse(help_a, name, &p, &e) != 0)
		fail_msg("%s", e.text);
	return scim_attr_find(help_type(type), &p, sub);
}

static void names(void **state)
{
	static const char *const same[] = { "department", "DEPARTMENT",
		ENT ":department", ENT ".department" };
	const struct scim_attr *at, *sub;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		at = find("User", same[i], &sub);
		assert_non_null(at);
		assert_string_equal(at->ldap, "departmentNumber");
		assert_null(sub);
	}
	at = find("User", ENT ".manager.value", &sub);
	assert_string_equal(at->name, "manager");
	assert_string_equal(sub->name, "value");
	at = find("User", CORE ":name.givenName", &sub);
	assert_string_equal(sub->ldap, "givenName");
	assert_non_null(find("User", CORE ":id", &sub));
	assert_non_null(find("User", "meta.created", &sub));
	assert_null(find("User", "name.nothing", &sub));
	assert_null(find("User", "nothing", &sub));
	assert_null(find("User", ENT ":userName", &sub));
	assert_null(find("Tool", "department", &sub));
	assert_ptr_equal(scim_map_endpoint(help_map, "/Users"),
	    scim_map_name(help_map, "user"));
	assert_null(scim_map_endpoint(help_map, "/users"));
	assert_null(scim_map_type(help_map, 0));
	assert_null(scim_map_type(help_map, 99));
	assert_ptr_equal(scim_map_type(help_map, help_type("Tool")->type),
	    help_type("Tool"));
}

static const char *type_of(const char *dn, const char *class)
{
	struct entry *e = help_entry(arena_printf(help_a,
	    "objectClass: top\nobjectClass: %s\n", class));
	const struct scim_resource *r = scim_map_classify(help_map, e,
	    dn_normal(help_a, dn, NULL));

	return r == NULL ? "none" : r->name;
}

static void classes(void **state)
{
	(void)state;
	assert_string_equal(type_of("provostPersonId=x,OU=People,dc=example,"
	    "dc=com", "PROVOSTUSER"), "User");
	assert_string_equal(type_of("provostToolId=x,ou=tools,dc=example,"
	    "dc=com", "provostTool"), "Tool");
	assert_string_equal(type_of("cn=x,ou=people,dc=example,dc=com",
	    "person"), "none");
	assert_string_equal(type_of("a=b,cn=x,ou=people,dc=example,dc=com",
	    "provostUser"), "none");
	assert_string_equal(type_of("ou=people,dc=example,dc=com",
	    "organizationalUnit"), "none");
	assert_string_equal(scim_map_container(help_a, help_map,
	    help_type("Tool")), "ou=tools,dc=example,dc=com");
	assert_string_equal(scim_map_display(help_a, help_type("User"),
	    help_entry("uid: u\ncn: The Name\n")), "The Name");
	assert_string_equal(scim_map_display(help_a, help_type("User"),
	    help_entry("x: y\n")), "");
}

static bool has_key(const struct index_key *k, size_t n, int index,
    const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (k[i].index == index && strcmp(k[i].key, key) == 0)
			return true;
	return false;
}

static int index_of(const char *type, const char *name)
{
	const struct scim_attr *sub;
	const struct scim_attr *at = find(type, name, &sub);

	return sub != NULL && at->how == SH_COMPLEX ? sub->index : at->index;
}

static void keys(void **state)
{
	struct index_key *k;
	size_t n;

	(void)state;
	n = scim_index_keys(help_a, help_type("Tool"), help_entry(
	    "provostToolId: WAN  Analysis\ncn: W\n"), "dn", &k);
	assert_true(has_key(k, n, SCIM_INDEX_DN, "dn"));
	assert_true(has_key(k, n, SCIM_INDEX_ID,
	    "00000000-0000-0000-0000-000000000007"));
	assert_true(has_key(k, n, SCIM_INDEX_MODIFIED,
	    "09225139262455775808"));
	assert_true(has_key(k, n, index_of("Tool", "target") | INDEX_ABSENT,
	    ""));
	assert_false(has_key(k, n, index_of("Tool", "name") | INDEX_ABSENT,
	    ""));
	assert_true(has_key(k, n, help_type("Tool")->key_index,
	    "wan analysis"));
	assert_true(has_key(k, n, index_of("Tool", "name"), "w"));
	n = scim_index_keys(help_a, help_type("Client"), help_entry(
	    "provostClientId: c\nprovostTokenHash: abcd 20270101000000Z\n"
	    "provostTokenHash: ef -\nprovostTokenHash: broken\n"), "dn", &k);
	assert_true(has_key(k, n, index_of("Client", "token"), "abcd"));
	assert_true(has_key(k, n, index_of("Client", "token"), "ef"));
	assert_false(has_key(k, n, index_of("Client", "token"), "broken"));
	assert_int_equal(help_type("User")->dn_index, SCIM_INDEX_DN);
	assert_int_equal(help_type("User")->key_index, 0);
	assert_true(help_map->n_indexes > 20);
}

/* --- mapping files that are wrong ---------------------------------------- */

#define HEAD "resources = ({ name = \"T\"; endpoint = \"/Ts\"; " \
	"container = \"ou=t\"; rdn = \"cn\"; object_class = \"t\"; " \
	"object_classes = [ \"t\" ]; schemas = ({ urn = \"urn:t\"; " \
	"attributes = (\n"
#define TAIL "\n); }); });\n"

static int with(const char *text, struct err *e, uint64_t *fingerprint)
{
	char path[] = "/tmp/provost-map-XXXXXX";
	int fd = mkstemp(path), rc;
	struct scim_map *m;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	*e = (struct err){ 0 };
	rc = mapping_read(path, "dc=x", &m, e);
	unlink(path);
	if (rc == 0 && fingerprint != NULL)
		*fingerprint = m->fingerprint;
	assert_true((m == NULL) == (rc != 0));
	scim_map_free(m);
	return rc;
}

static void wrong(void **state)
{
	static const char *const bad[][2] = {
		{ "resources = (", "syntax" },
		{ "", "no resource type" },
		{ "colour = 1;", ":1: colour: no such setting" },
		{ "resources = 7;", ":1: resources: expected a list" },
		{ HEAD "{ name = \"a\"; ldap = \"x\"; }, 7" TAIL,
		  "expected { name" },
		{ HEAD "{ name = \"a\"; ldap = \"x\"; colour = 1; }" TAIL,
		  ":2: colour: no such setting here" },
		{ HEAD "{ name = \"a\"; ldap = \"x\"; type = \"text\"; }" TAIL,
		  ":2: type: \"text\" is none of: string boolean" },
		{ HEAD "{ name = \"a\"; how = \"magic\"; }" TAIL,
		  ":2: how: no such kind" },
		{ HEAD "{ name = \"a\"; how = \"meta\"; }" TAIL,
		  ":2: how: no such kind" },
		{ HEAD "{ name = \"a\"; multi = \"yes\"; }" TAIL,
		  ":2: multi: expected true or false" },
		{ HEAD "{ name = \"a\"; max = \"1\"; }" TAIL,
		  ":2: max: expected an integer" },
		{ HEAD "{ name = 1; }" TAIL, ":2: name: expected a string" },
		{ HEAD "{ name = \"a\"; more = [ \"a\", \"b\", \"c\" ]; }"
		  TAIL, "too many" },
		{ HEAD "{ name = \"a\"; canonical = [ 1 ]; }" TAIL,
		  "expected strings" },
		{ HEAD "{ name = \"a b\"; ldap = \"x\"; }" TAIL,
		  "must begin with a letter" },
		{ HEAD "{ name = \"a\"; }" TAIL,
		  "T: a: needs one LDAP attribute" },
		{ HEAD "{ name = \"a\"; ldap = \"x\"; }, { name = \"A\"; "
		  "ldap = \"y\"; }" TAIL, "T: A: is there twice" },
		{ HEAD "{ name = \"a\"; ldap = \"x\"; refers = \"Q\"; }" TAIL,
		  "refers to a resource type that is not" },
		{ HEAD "{ name = \"a\"; how = \"count\"; ldap = \"x\"; }"
		  TAIL, "takes no LDAP attribute" },
		{ "resources = ({ name = \"T\"; });", "are needed" },
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(with(bad[i][0], &e, NULL), ERR_INVALID);
		help_has(e.text, bad[i][1]);
	}
	assert_int_equal(with(HEAD "{ name = \"a\"; ldap = \"x\"; }" TAIL, &e,
	    NULL), 0);
	scim_map_free(help_map);
	assert_int_equal(mapping_read("/nonexistent/x", "dc=x", &help_map,
	    &e), ERR_IO);
	help_has(e.text, "/nonexistent/x");
	assert_null(help_map);
	assert_int_equal(mapping_read(PROVOST_SRCDIR "/conf/mapping.conf",
	    "dc=example,dc=com", &help_map, &e), 0);
}

/* What shapes the view changes the fingerprint, what does not does not. */
static void fingerprints(void **state)
{
	uint64_t x, y, z;
	struct err e;

	(void)state;
	assert_int_equal(with(HEAD "{ name = \"a\"; ldap = \"x\"; }" TAIL, &e,
	    &x), 0);
	assert_int_equal(with(HEAD "{ name = \"a\"; ldap = \"x\"; "
	    "description = \"d\"; required = true; }" TAIL, &e, &y), 0);
	assert_int_equal(with(HEAD "{ name = \"a\"; ldap = \"x\"; "
	    "indexed = true; }" TAIL, &e, &z), 0);
	assert_true(x == y);
	assert_true(x != z);
}

/* --- generated documents -------------------------------------------------- */

static const char *schemas(const char *urn, int want)
{
	struct buf b;
	struct err e = { 0 };
	char *s;

	buf_init(&b, 1 << 20);
	assert_int_equal(scim_doc_schemas(help_map, urn, "https://h/scim/v2",
	    &b, &e), want);
	s = arena_strdup(help_a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static void documents(void **state)
{
	const char *s = schemas(NULL, 0);
	struct json *j = help_parse(s);
	struct buf b;
	struct err e = { 0 };

	(void)state;
	help_hasnt(s, "null");
	assert_int_equal(json_member_int(j, "totalResults", 0), 14);
	assert_int_equal(json_member(j, "Resources")->n, 14);
	s = schemas(CORE, 0);
	assert_non_null(help_parse(s));
	help_has(s, "{\"name\":\"userName\",\"type\":\"string\","
	    "\"multiValued\":false,\"description\":\"The name by which the "
	    "person signs in\",\"required\":true,\"caseExact\":false,"
	    "\"mutability\":\"readWrite\",\"returned\":\"default\","
	    "\"uniqueness\":\"server\"}");
	help_has(s, "\"canonicalValues\":[\"work\",\"home\",\"other\"]");
	help_has(s, "\"referenceTypes\":[\"external\"]");
	help_has(s, "\"location\":\"https://h/scim/v2/Schemas/" CORE "\"");
	help_hasnt(s, "\"name\":\"id\"");
	s = schemas(ENT, 0);
	help_has(s, "\"name\":\"$ref\",\"type\":\"reference\"");
	help_has(s, "\"referenceTypes\":[\"User\"]");
	schemas("urn:nothing", ERR_NOT_FOUND);
	buf_init(&b, 1 << 20);
	assert_int_equal(scim_doc_resource_types(help_map, NULL, "https://h",
	    &b, &e), 0);
	j = help_parse(buf_str(&b));
	assert_int_equal(json_member(j, "Resources")->n, 12);
	help_has(buf_str(&b), "\"schemaExtensions\":[{\"schema\":\"" ENT
	    "\",\"required\":false}");
	buf_reset(&b);
	assert_int_equal(scim_doc_resource_types(help_map, "User",
	    "https://h", &b, &e), 0);
	help_has(buf_str(&b), "\"endpoint\":\"/Users\"");
	assert_int_equal(scim_doc_resource_types(help_map, "X", "https://h",
	    &b, &e), ERR_NOT_FOUND);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(classes),
		cmocka_unit_test(keys),
		cmocka_unit_test(wrong),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(documents),
	};

	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
