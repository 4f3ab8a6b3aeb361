/* SPDX-License-Identifier: ISC */
/* Which LDAP attributes a resource type writes; declared in scim_read.h. */
#include "codec/scim_read.h"

#include <strings.h>

#include "model/entry.h"

static bool same_base(const char *description, const char *ldap)
{
	size_t n = attr_base_len(description);

	return ldap[0] != '\0' && n == attr_base_len(ldap) &&
	    strncasecmp(description, ldap, n) == 0;
}

static bool attr_writes(const struct scim_attr *at, const char *description)
{
	size_t i;

	if (at->mutability == SM_READ_ONLY || at->how == SH_PASSWORD)
		return false;
	if (same_base(description, at->ldap))
		return true;
	/* A client's expiry is its own attribute; tokens only read it. */
	if (at->how != SH_TOKENS)
		for (i = 0; i < 2; i++)
			if (same_base(description, at->more[i]))
				return true;
	for (i = 0; i < at->n_sub; i++)
		if (attr_writes(&at->sub[i], description))
			return true;
	return false;
}

bool scim_read_owns(const char *description, void *resource)
{
	const struct scim_resource *r = resource;
	size_t i, k;

	for (i = 0; i < r->n_common; i++)
		if (attr_writes(&r->common[i], description))
			return true;
	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++)
			if (attr_writes(&r->schema[i].attr[k], description))
				return true;
	return false;
}
