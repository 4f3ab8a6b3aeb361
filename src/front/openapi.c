/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "config.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"

/* OpenAPI 3.1 of exactly the routes that there are: generated from the table,
 * with a path for each resource type. */

static struct json *object(struct arena *a, struct json *o, const char *name)
{
	struct json *j = json_member(o, name);

	return j != NULL ? j : json_put(a, o, name, json_new(a,
	    JSON_IS_OBJECT));
}

static void put_parameter(struct arena *a, struct json *op)
{
	struct json *list = json_put(a, op, "parameters", json_new(a,
	    JSON_IS_ARRAY));
	struct json *p = json_push(list, json_new(a, JSON_IS_OBJECT));

	operations_put(a, p, "name", "id");
	operations_put(a, p, "in", "path");
	json_put(a, p, "required", json_new_bool(a, true));
	operations_put(a, object(a, p, "schema"), "type", "string");
}

static const char *scope_of(struct arena *a, const struct route *r,
    const struct scim_resource *res)
{
	if (r->type == NULL)
		return NULL;
	if (strcmp(r->type, ROUTE_BULK) == 0)
		return "write";
	return arena_printf(a, "%s:%s", r->op == OP_READ ? "read" : "write",
	    *r->type != '\0' ? r->type : res->name);
}

static void put_operation(struct arena *a, struct json *paths,
    const char *path, const struct route *r, const struct scim_resource *res)
{
	struct json *item = object(a, paths, path), *op, *answers;
	char *method = arena_strdup(a, r->method);
	const char *scope = scope_of(a, r, res);
	size_t i;

	for (i = 0; method[i] != '\0'; i++)
		method[i] = (char)(method[i] | 0x20);
	op = object(a, item, method);
	operations_put(a, op, "summary", res == NULL ? r->summary :
	    arena_printf(a, "%s: %s", res->name, r->summary));
	if (scope != NULL)
		operations_put(a, op, "x-scope", scope);
	if (r->open)
		json_put(a, op, "security", json_new(a, JSON_IS_ARRAY));
	if (strstr(path, "{id}") != NULL)
		put_parameter(a, op);
	answers = object(a, op, "responses");
	operations_put(a, object(a, answers, "default"), "description",
	    "The answer, or an error");
}

static void put_route(struct call *c, struct json *paths,
    const struct route *r)
{
	const struct scim_map *m = c->f->conf.map;
	const char *mark = strstr(r->pattern, "/{resource}");
	size_t i;

	if (mark == NULL) {
		put_operation(c->a, paths, r->pattern, r, NULL);
		return;
	}
	for (i = 0; i < m->n; i++)
		put_operation(c->a, paths, arena_printf(c->a, "%.*s%s%s",
		    (int)(mark - r->pattern), r->pattern,
		    m->resource[i].endpoint, mark + strlen("/{resource}")), r,
		    &m->resource[i]);
}

static void put_security(struct arena *a, struct json *j)
{
	struct json *bearer = object(a, object(a, object(a, j, "components"),
	    "securitySchemes"), "bearer");
	struct json *list = json_put(a, j, "security", json_new(a,
	    JSON_IS_ARRAY));

	operations_put(a, bearer, "type", "http");
	operations_put(a, bearer, "scheme", "bearer");
	json_put(a, json_push(list, json_new(a, JSON_IS_OBJECT)), "bearer",
	    json_new(a, JSON_IS_ARRAY));
}

void operations_openapi(struct call *c)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT), *paths, *info, *s;
	const struct route *r;

	operations_put(c->a, j, "openapi", "3.1.0");
	info = object(c->a, j, "info");
	operations_put(c->a, info, "title", "Provost");
	operations_put(c->a, info, "version", PACKAGE_VERSION);
	s = json_put(c->a, j, "servers", json_new(c->a, JSON_IS_ARRAY));
	operations_put(c->a, json_push(s, json_new(c->a, JSON_IS_OBJECT)),
	    "url", c->base);
	put_security(c->a, j);
	paths = object(c->a, j, "paths");
	for (r = front_routes; r->method != NULL; r++)
		put_route(c, paths, r);
	operations_answer(c, j);
}
