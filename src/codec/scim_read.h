/* SPDX-License-Identifier: ISC */
/*
 * scim_read: SCIM JSON -> entry, schema-driven validation (type, required,
 * canonical values, mutability; RFC 7643 2.2, 7644 3.3, 3.5.1). Unknown
 * attributes are ignored and named. Booleans as "True"/"False" strings,
 * single objects for one-element arrays and the like are accepted as
 * SCIM-CLIENTS.md names them. Pure functions; everything in the arena.
 */
#ifndef CODEC_SCIM_READ_H
#define CODEC_SCIM_READ_H

#include "base/err.h"
#include "codec/json.h"
#include "codec/scim_map.h"

struct scim_read_result {
	struct entry *entry;	/* attributes as they shall be; dn "" */
	const char *rdn_value;	/* a creation: for the DN; also in entry */
	const char *secret;	/* SH_TOKENS: the token to show once, or NULL */
	const char *secret_name;	/* and the SCIM attribute's name */
	/* An update's new password, to be written as a replace of this LDAP
	 * attribute (nobody sees the old one, so it can't be a difference);
	 * NULL: none. A creation has it in entry. */
	const char *password_attr, *password;
	/* Names that were ignored: unknown ones, also as "attr.sub", and what
	 * only another client may write. The first few. */
	struct strv ignored;
};

/* rs->owner is whose externalId may be read and written; a creation notes it
 * in the resource's owner attribute.
 * old NULL: a creation: defaults are filled in, required checked, RDN value
 * generated or taken from the natural key. Otherwise a replacement (PUT): what
 * is absent is cleared, but active, password and write-only attributes keep
 * their values, read-only ones are kept and ignored in the input; an
 * immutable one that differs is ERR_INVALID, mutability. */
int scim_read(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r, const struct json *j,
	const struct entry *old, const struct scim_resolver *rs,
	struct scim_read_result *out, struct err *e);
/* A creation that may leave out what is stored as this LDAP attribute although
 * it is required: it comes later (whoever is invited chooses their own user
 * name). */
int scim_read_without(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r, const struct json *j,
	const char *later, const struct scim_resolver *rs,
	struct scim_read_result *out, struct err *e);
/* Computed defaults (struct scim_attr.dflt "=...") of want follow what they are
 * computed from, as in an update of old by scim_read. Strings in a. */
void scim_read_follow(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r, const struct entry *old,
	struct entry *want);
/* Is this LDAP attribute description written by mapping r? (for change_diff;
 * ctx is the struct scim_resource) */
bool scim_read_owns(const char *description, void *resource);

#endif
