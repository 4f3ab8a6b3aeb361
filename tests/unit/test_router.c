/* SPDX-License-Identifier: ISC */
/* The table of routes: what leads where, what is 404 and what 405 (FAULTS
 * H13, H14), and that the real table is in itself sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "front/handlers.h"
#include "map_small.h"

static struct scim_map *map;
static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	map = map_small("dc=example,dc=com");
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scim_map_free(map);
	arena_free(arena);
	return 0;
}

static int find(const char *method, const char *path, struct router_match *m)
{
	return router_find(front_routes, map, arena, method, path, m);
}

static void leads(const char *method, const char *path, const char *pattern,
	const char *type, const char *id)
{
	struct router_match m;

	assert_int_equal(find(method, path, &m), 0);
	assert_string_equal(m.route->pattern, pattern);
	if (type == NULL)
		assert_null(m.resource);
	else
		assert_string_equal(m.resource->name, type);
	if (id == NULL)
		assert_null(m.id);
	else
		assert_string_equal(m.id, id);
}

static void found(void **state)
{
	(void)state;
	leads("GET", "/scim/v2/Users", "/scim/v2/{resource}", "User", NULL);
	leads("HEAD", "/scim/v2/Users", "/scim/v2/{resource}", "User", NULL);
	leads("POST", "/scim/v2/Tools", "/scim/v2/{resource}", "Tool", NULL);
	leads("POST", "/scim/v2/Tools/.search",
		"/scim/v2/{resource}/.search", "Tool", NULL);
	leads("GET", "/scim/v2", "/scim/v2", NULL, NULL);
	leads("GET", "/scim/v2/", "/scim/v2/", NULL, NULL);
	leads("POST", "/scim/v2/.search", "/scim/v2/.search", NULL, NULL);
	leads("PATCH", "/scim/v2/Users/17", "/scim/v2/{resource}/{id}", "User",
		"17");
	leads("DELETE", "/scim/v2/Roles/x y", "/scim/v2/{resource}/{id}",
		"Role", "x y");
	leads("GET", "/scim/v2/Schemas", "/scim/v2/Schemas", NULL, NULL);
	leads("GET", "/scim/v2/Schemas/urn:a:b", "/scim/v2/Schemas/{id}", NULL,
		"urn:a:b");
	leads("GET", "/v1/users/nina/rights", "/v1/users/{id}/rights", NULL,
		"nina");
	leads("POST", "/scim/v2/Bulk", "/scim/v2/Bulk", NULL, NULL);
	leads("PATCH", "/scim/v2/Me", "/scim/v2/Me", NULL, NULL);
	leads("GET", "/livez", "/livez", NULL, NULL);
}

static void not_found(void **state)
{
	static const char *const paths[] = { "", "/", "*", "/scim",
		"/scim/", "/scim/v2//", "/scim/v2/Users/", "//scim/v2/Users",
		"/scim/v2//Users", "/scim//v2/Users", "/scim/v2/users",
		"/SCIM/v2/Users", "/scim/v2/Users/1/2", "/scim/v2/./Users",
		"/scim/v2/../v2/Users", "/scim/v2/Users;x", "/scim/v2/Nothing",
		"/scim/v2%2FUsers", "/livez/", "/v1", "/v1/", "/v1/users/x",
		"/v1/users//rights", "/scim/v2/{resource}", "/metrics/x" };
	struct router_match m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (find("GET", paths[i], &m) != 404)
			fail_msg("%s leads somewhere", paths[i]);
}

static void not_allowed(void **state)
{
	static const char *const methods[] = { "OPTIONS", "TRACE", "CONNECT",
		"get", "FOO" };
	struct router_match m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_int_equal(find(methods[i], "/scim/v2/Users", &m), 405);
	assert_int_equal(find("DELETE", "/scim/v2/Users", &m), 405);
	assert_string_equal(m.allow, "GET, HEAD, POST");
	assert_int_equal(find("POST", "/scim/v2/Users/1", &m), 405);
	assert_string_equal(m.allow, "GET, HEAD, PUT, PATCH, DELETE");
	assert_int_equal(find("POST", "/livez", &m), 405);
	assert_null(m.route);
}

/* Each route is complete, is no other's double, and what is open to everybody
 * is named here. */
static void sound(void **state)
{
	const struct route *r, *s;

	(void)state;
	for (r = front_routes; r->method != NULL; r++) {
		assert_non_null(r->handle);
		assert_non_null(r->summary);
		assert_true(r->pattern[0] == '/');
		if (r->open)
			assert_true(strcmp(r->pattern, "/livez") == 0 ||
			    strcmp(r->pattern, "/readyz") == 0 ||
			    strcmp(r->pattern, "/v1/register") == 0 ||
			    strcmp(r->pattern, "/v1/session") == 0 ||
			    strncmp(r->pattern, "/v1/templates/", 14) == 0);
		if (strstr(r->pattern, "{resource}") != NULL)
			assert_string_equal(r->type, "");
		if (strcmp(r->method, "GET") == 0)
			assert_int_equal(r->max_body, 0);
		for (s = front_routes; s < r; s++)
			assert_false(strcmp(r->method, s->method) == 0 &&
			    strcmp(r->pattern, s->pattern) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(not_found),
		cmocka_unit_test(not_allowed),
		cmocka_unit_test(sound),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
