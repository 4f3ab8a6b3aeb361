/* SPDX-License-Identifier: ISC */
/*
 * field: what a column is in SCIM and which LDAP values it owns. A path is an
 * attribute, with its schema's URN where two have the name, perhaps a
 * sub-attribute, perhaps the element of one type:
 *
 *   externalId   name.familyName   emails[type eq "work"].value   manager
 *   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
 *
 * Compiled once; then read-only. A value goes into the JSON of a resource,
 * which codec/scim_read takes in, so that a feed knows no more of attributes
 * than a SCIM client does.
 */
#ifndef FEED_FIELD_H
#define FEED_FIELD_H

#include "codec/json.h"
#include "feed/feed.h"
#include "feed/transform.h"

enum field_use { FIELD_SCIM, FIELD_KEY, FIELD_MANAGER, FIELD_ACTION,
	FIELD_START, FIELD_END };

struct field {
	const struct feed_field_conf *conf;
	enum field_use use;
	struct transform *transform;
	const char *urn;		/* an extension's; NULL: the core's */
	const struct scim_attr *attr, *sub;	/* sub NULL: the whole */
	const char *type;		/* of the element; NULL: any */
};

int field_compile(struct arena *a, const struct scim_resource *r,
	const struct feed_conf *conf, const struct feed_field_conf *fc,
	struct field *out, struct err *e);
/* The values put where they belong in body; none: nothing. */
void field_put(struct arena *a, const struct field *f,
	const struct strv *value, struct json *body);
/* Does this field own the LDAP attribute description? Pure. */
bool field_owns(const struct field *f, const char *description);
/* The same for all that members of a resource's JSON say (SCIM Bulk). */
bool field_json_owns(struct arena *a, const struct scim_resource *r,
	const struct json *body, const char *description);

#endif
