/* SPDX-License-Identifier: ISC */
#include "front/router.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"

/* The segment at *p, which begins behind a slash; its length. */
static size_t segment(const char *p)
{
	return strcspn(p, "/");
}

static const struct scim_resource *endpoint(const struct scim_map *m,
    const char *seg, size_t n)
{
	char name[64];

	if (n == 0 || n >= sizeof(name) - 1)
		return NULL;
	name[0] = '/';
	memcpy(name + 1, seg, n);
	name[n + 1] = '\0';
	return scim_map_endpoint(m, name);
}

/* Does path have this form? Both begin with a slash. */
static bool matches(const struct route *r, const struct scim_map *m,
    struct arena *a, const char *path, struct router_match *out)
{
	const char *p = r->pattern;
	size_t n, k;

	out->resource = NULL;
	out->id = NULL;
	while (*p == '/' && *path == '/') {
		n = segment(++p);
		k = segment(++path);
		if (k == 0 && n != 0)
			return false;
		if (strncmp(p, "{resource}", n) == 0 && n == 10) {
			out->resource = endpoint(m, path, k);
			if (out->resource == NULL)
				return false;
		} else if (*p == '{') {
			out->id = arena_strndup(a, path, k);
		} else if (n != k || memcmp(p, path, n) != 0) {
			return false;
		}
		p += n;
		path += k;
	}
	return *p == '\0' && *path == '\0';
}

static void allow(struct router_match *out, const char *method)
{
	size_t n = strlen(out->allow);

	if (strstr(out->allow, method) == NULL)
		snprintf(out->allow + n, sizeof(out->allow) - n, "%s%s%s",
		    n != 0 ? ", " : "", method,
		    strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

int router_find(const struct route *table, const struct scim_map *m,
    struct arena *a, const char *method, const char *path,
    struct router_match *out)
{
	const struct route *r;

	*out = (struct router_match){ 0 };
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (r = table; r->method != NULL; r++) {
		struct router_match got = { 0 };

		if (!matches(r, m, a, path, &got))
			continue;
		if (strcmp(r->method, method) != 0) {
			allow(out, r->method);
			continue;
		}
		out->route = r;
		out->resource = got.resource;
		out->id = got.id;
		return 0;
	}
	return out->allow[0] != '\0' ? 405 : 404;
}
