/* SPDX-License-Identifier: ISC */
/*
 * router: the table of routes: which method and path lead to which handler,
 * what they need of a client's scopes and how large a body may be. A path that
 * no route has does not exist; /v1/openapi.json is generated from the same
 * table. Pure functions.
 */
#ifndef FRONT_ROUTER_H
#define FRONT_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/scim_map.h"
#include "core/authorise.h"

struct arena;
struct call;

/* What Bulk's route asks of scopes: any that writes something. */
#define ROUTE_BULK "bulk"
/* The largest body of a route whose body goes into a file: spool.max_file. */
#define ROUTE_FILE SIZE_MAX

struct route {
	const char *method;
	/* Segments; "{resource}" is the endpoint of a resource type, "{id}"
	 * anything but empty. */
	const char *pattern;
	/* What scopes are asked for: "operations", "metrics", ROUTE_BULK; ""
	 * for the resource type's own, NULL: any client. */
	const char *type;
	enum operation op;
	size_t max_body;		/* or ROUTE_FILE */
	bool open;			/* no token needed */
	void (*handle)(struct call *c);
	const char *summary;
};

struct router_match {
	const struct route *route;	/* NULL unless found */
	const struct scim_resource *resource;	/* NULL none */
	const char *id;			/* borrowed from path; NULL none */
	char allow[64];			/* 405: the methods there are */
};

/* 0, 404 or 405. table ends with method NULL; HEAD is found as GET. */
int router_find(const struct route *table, const struct scim_map *m,
	struct arena *a, const char *method, const char *path,
	struct router_match *out);

#endif
