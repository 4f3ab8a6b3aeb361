/* SPDX-License-Identifier: ISC */
#include "codec_help.h"

#include <strings.h>

#include "config/mapping.h"

const struct help_thing help_things[] = {
	{ "User", "11111111-1111-4111-8111-111111111111", "boss",
	  "provostPersonId=boss,ou=people,dc=example,dc=com", "The Boss" },
	{ "User", "22222222-2222-4222-8222-222222222222", "anna",
	  "provostPersonId=anna,ou=people,dc=example,dc=com", "Anna" },
	{ "Group", "33333333-3333-4333-8333-333333333333", "g1",
	  "provostGroupId=g1,ou=groups,dc=example,dc=com", "Sales" },
	{ "Role", "44444444-4444-4444-8444-444444444444", "administrator",
	  "provostRoleId=administrator,ou=roles,dc=example,dc=com",
	  "Administrator" },
	{ "Role", "44444444-4444-4444-8444-444444444445", "billing",
	  "provostRoleId=billing,ou=roles,dc=example,dc=com", "Billing" },
	{ "Company", "55555555-5555-4555-8555-555555555555", "C1",
	  "provostCompanyId=C1,ou=companies,dc=example,dc=com", "Acme" },
	{ "Company", "55555555-5555-4555-8555-555555555556", "C2",
	  "provostCompanyId=C2,ou=companies,dc=example,dc=com", "Bolt" },
	{ "Account", "66666666-6666-4666-8666-666666666661", "A1",
	  "provostAccountNumber=A1,ou=accounts,dc=example,dc=com", "A1" },
	{ "Account", "66666666-6666-4666-8666-666666666662", "A2",
	  "provostAccountNumber=A2,ou=accounts,dc=example,dc=com", "A2" },
	{ "Tool", "77777777-7777-4777-8777-777777777771", "wan-analysis",
	  "provostToolId=wan-analysis,ou=tools,dc=example,dc=com",
	  "WAN Analysis" },
	{ "Tool", "77777777-7777-4777-8777-777777777772", "voip",
	  "provostToolId=voip,ou=tools,dc=example,dc=com", "VoIP" },
	{ NULL, NULL, NULL, NULL, NULL }
};

static bool help_dn_of_id(void *ctx, struct arena *a, const char *type,
    const char *id, const char **dn)
{
	const struct help_thing *t = help_things;

	(void)ctx;
	(void)a;
	for (; t->type != NULL; t++)
		if (strcmp(t->type, type) == 0 && strcmp(t->id, id) == 0) {
			*dn = t->dn;
			return true;
		}
	return false;
}

static bool help_id_of_dn(void *ctx, struct arena *a, const char *dn,
    const char **id, const char **display)
{
	const struct help_thing *t = help_things;

	(void)ctx;
	(void)a;
	for (; t->type != NULL; t++)
		if (strcasecmp(t->dn, dn) == 0) {
			*id = t->id;
			*display = t->display;
			return true;
		}
	return false;
}

static bool help_of_key(void *ctx, struct arena *a, const char *type,
    const char *key, const char **id, const char **display)
{
	const struct help_thing *t = help_things;

	(void)ctx;
	(void)a;
	for (; t->type != NULL; t++)
		if (strcmp(t->type, type) == 0 &&
		    strcasecmp(t->key, key) == 0) {
			*id = t->id;
			*display = t->display;
			return true;
		}
	return false;
}

static bool help_count(void *ctx, const struct entry *e, const char *which,
    int64_t *out)
{
	(void)ctx;
	(void)e;
	*out = strcmp(which, "toolCount") == 0 ? 1 : 0;
	return true;
}

static bool help_members(void *ctx, struct arena *a, const char *key,
    void (*each)(void *arg, const char *id, const char *display), void *arg)
{
	(void)ctx;
	(void)a;
	if (strcmp(key, "g1") == 0) {
		each(arg, help_things[0].id, help_things[0].display);
		each(arg, help_things[1].id, help_things[1].display);
	}
	return true;
}

const struct scim_resolver help_rs = {
	.base_url = "https://h/scim/v2", .owner = "entra",
	.dn_of_id = help_dn_of_id, .id_of_dn = help_id_of_dn,
	.of_key = help_of_key, .count = help_count, .members = help_members,
};

struct scim_map *help_map;
struct arena *help_a;

int help_setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	help_a = arena_new();
	if (mapping_read(PROVOST_SRCDIR "/conf/mapping.conf",
	    "dc=example,dc=com", &help_map, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	return 0;
}

int help_teardown(void **state)
{
	(void)state;
	scim_map_free(help_map);
	arena_free(help_a);
	return 0;
}

struct json *help_parse(const char *text)
{
	struct err e = { 0 };
	struct json *j;

	if (json_parse(help_a, text, strlen(text), &j, &e) != 0)
		fail_msg("%s: %s", text, e.text);
	return j;
}

struct json *help_json(const char *text)
{
	char *s = arena_strdup(help_a, text), *p;

	for (p = s; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return help_parse(s);
}

char *help_text(const struct json *j)
{
	struct buf b;
	char *s;

	buf_init(&b, 1 << 20);
	json_write(&b, j);
	s = arena_strdup(help_a, buf_str(&b));
	buf_fini(&b);
	return s;
}

struct entry *help_entry(const char *ldif)
{
	struct entry *e = arena_alloc(help_a, sizeof(*e));
	char *s = arena_strdup(help_a, ldif), *line, *save = NULL;

	e->dn = e->csn = e->creator = e->modifier = "";
	e->uuid[15] = 7;
	e->created = INT64_C(1767225600000000);
	e->modified = e->created + CLOCK_SECOND;
	for (line = strtok_r(s, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		char *colon = strstr(line, ": ");

		*colon = '\0';
		if (strcmp(line, "dn") == 0)
			e->dn = colon + 2;
		else
			entry_add(help_a, e, line, colon + 2);
	}
	return e;
}

char *help_ldif(const struct entry *e)
{
	char *s = arena_strdup(help_a, "");
	size_t i, k;

	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->a[i].n; k++)
			s = arena_printf(help_a, "%s%s: %s\n", s, e->a[i].name,
			    e->a[i].v[k].p);
	return s;
}

char *help_render(const struct scim_resource *r,
    const struct entry *e, const struct scim_projection *p,
    const struct scim_resolver *rs)
{
	struct buf stored, out;
	struct err err = { 0 };
	char *s;

	buf_init(&stored, 1 << 20);
	buf_init(&out, 1 << 20);
	scim_render(help_a, help_map, r, e, p, &stored);
	if (scim_render_fill(help_a, help_map, r, e, buf_str(&stored),
	    stored.len, rs, &out, &err) != 0)
		fail_msg("%s", err.text);
	s = arena_strdup(help_a, buf_str(&out));
	buf_fini(&stored);
	buf_fini(&out);
	return s;
}

const struct scim_resource *help_type(const char *name)
{
	const struct scim_resource *r = scim_map_name(help_map, name);

	assert_non_null(r);
	return r;
}

void help_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no <<%s>> in <<%s>>", part, text);
}

void help_hasnt(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("<<%s>> is in <<%s>>", part, text);
}
