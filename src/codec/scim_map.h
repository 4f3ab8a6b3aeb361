/* SPDX-License-Identifier: ISC */
/*
 * scim_map: the mapping between SCIM resource types and directory entries:
 * one table, filled by config/mapping from conf/mapping.conf, sealed once,
 * then read-only and shared by all threads. Everything a resource type is -
 * endpoint, schemas, container, object classes, attributes, indexes - stands
 * in it; no code knows a resource type by name except through here.
 *
 * How a SCIM attribute is stored is one of a few kinds (enum scim_how); each
 * kind knows how to render, read, index and compare (codec/scim_render,
 * scim_read, scim_match). Source: RFC 7643 (schemas, characteristics 2.2).
 */
#ifndef CODEC_SCIM_MAP_H
#define CODEC_SCIM_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/entry.h"
#include "model/filter.h"

struct arena;
struct buf;
struct scim_resolver;

enum scim_type { ST_STRING, ST_BOOLEAN, ST_INTEGER, ST_DATETIME,
	ST_REFERENCE, ST_BINARY, ST_COMPLEX };
enum scim_mutability { SM_READ_WRITE, SM_READ_ONLY, SM_IMMUTABLE,
	SM_WRITE_ONLY };
enum scim_returned { SR_DEFAULT, SR_ALWAYS, SR_NEVER, SR_REQUEST };
enum scim_uniqueness { SU_NONE, SU_SERVER, SU_GLOBAL };

enum scim_how {
	SH_PLAIN,	/* LDAP attribute <-> value(s) by type */
	SH_COMPLEX,	/* container of sub-attributes stored each its own way
			 * (name, postal address without type) */
	SH_TYPED,	/* mail;x-work;x-primary <-> [{value,type,primary}] */
	SH_ADDRESS,	/* street;x-work l;x-work ... <-> addresses[] */
	SH_STATE,	/* active <-> provostState (false: suspended) */
	SH_REF_DN,	/* complex {value,$ref,displayName} <-> DN of a person */
	SH_PERSON,	/* string id <-> DN of a person */
	SH_REF_KEY,	/* [{value,display}] <-> natural keys (roles, groups) */
	SH_TOOLS,	/* tools[]{value accounts notBefore notAfter} <->
			 * provostToolGrant, provostToolAccount, provostPeriod */
	SH_ENTITLEMENTS,/* the tools again as entitlements, type "tool" */
	SH_ITEMS,	/* items[]{value billing decision reason} <->
			 * provostItem* */
	SH_SECRET,	/* write only, stored as SHA-256 hex */
	SH_PASSWORD,	/* write only, userPassword */
	SH_TOKENS,	/* Client token: made here, hash stored, returned once */
	SH_COUNT,	/* computed at reading (accountCount ...) */
	SH_MEMBERS,	/* Group members, from the users' side */
	SH_EXTERNAL_ID,	/* shown to its owner only */
	SH_LINES,	/* text of several lines <-> postalAddress syntax */
	/* The common attributes (RFC 7643 3.1): made by the seal, not to be
	 * named in a mapping. */
	SH_ID, SH_META, SH_SCHEMAS,
};

struct scim_attr {
	const char *name;		/* "emails", sub-attribute "value" */
	const char *urn;		/* schema it belongs to */
	const char *description;
	enum scim_type type;
	enum scim_how how;
	const char *ldap;		/* LDAP attribute, "" none */
	const char *more[2];		/* SH_TOOLS, SH_ITEMS: the others */
	const char *refers;		/* resource type name, "" none */
	bool multi, required, case_exact;
	enum scim_mutability mutability;
	enum scim_returned returned;
	enum scim_uniqueness unique;
	struct strv canonical;		/* canonicalValues */
	/* The value when absent, "" none. A literal, on creation; "now+30d", on
	 * creation; "=x|y z|w": the first LDAP attribute that is there ("y z":
	 * both, joined by a space), on every write, as long as the client has
	 * not set something else. */
	const char *dflt;
	bool hide_dflt;			/* not rendered when equal to "=..." */
	int max;			/* most values taken, 0: no limit */
	bool indexed;
	int index;			/* view index id, 0 none */
	struct scim_attr *sub;		/* owned by the map's arena */
	size_t n_sub;
	/* Filled by the seal: */
	int no;				/* within the resource, subs too */
	uint32_t hash;			/* of ldap's base name */
	const struct scim_attr *parent;	/* of a sub-attribute */
	bool by_id;			/* the type referred to has no natural
					 * key: SCIM shows its id */
};

struct scim_schema {
	const char *urn, *name, *description;
	struct scim_attr *attr;
	size_t n;
	bool required;			/* as extension */
};

struct scim_resource {
	int type;			/* 1..: the view's type number */
	const char *name, *endpoint, *description;
	const char *container;		/* relative DN, "ou=people" */
	const char *rdn;		/* RDN attribute */
	const char *natural_key;	/* SCIM attribute that is the RDN, ""
					 * when the RDN is generated */
	struct strv object_classes;	/* written at creation */
	const char *object_class;	/* by which an entry is recognised */
	struct scim_schema *schema;	/* [0] core, then extensions */
	size_t n_schemas;
	const char *owner_attr;		/* LDAP attribute naming the source */
	bool owned;			/* by it alone (and the scope admin) an
					 * entry is changed and deleted */
	const char *display;		/* "x|y z": what names an entry, see
					 * struct scim_attr.dflt */
	int dn_index, id_index;		/* view index: normal DN; entryUUID */
	int key_index;			/* view index: natural key, 0 none */
	/* Filled by the seal: */
	const char *container_norm;	/* its full DN in normal form */
	struct scim_attr *common;	/* schemas id externalId meta */
	size_t n_common;
	int n_attrs;			/* how many struct scim_attr.no */
	const struct scim_attr *members;	/* SH_MEMBERS, NULL none */
	const struct scim_attr *hidden;	/* the one with hide_dflt, or NULL */
};

/* The same in every resource type; directory/sync puts the DN of entries that
 * are no SCIM resource under it as well. */
#define SCIM_INDEX_DN 1
#define SCIM_INDEX_ID 2
#define SCIM_INDEX_MODIFIED 3	/* meta.lastModified */

struct scim_map {
	struct arena *arena;		/* owned */
	struct scim_resource *resource;
	size_t n;
	const char *suffix;		/* base DN of the directory */
	const char *code_key;		/* SH_SECRET: HMAC key, "" plain hash */
	int n_indexes;
	uint64_t fingerprint;		/* of all that shapes the view */
};

/* An empty map; config/mapping fills it, then scim_map_seal checks it whole
 * (names, duplicates, kinds that need an LDAP attribute), adds the common
 * attributes (id, externalId, meta), numbers types and indexes. */
struct scim_map *scim_map_new(const char *suffix);
int scim_map_seal(struct scim_map *m, struct err *e);
void scim_map_free(struct scim_map *m);

const struct scim_resource *scim_map_endpoint(const struct scim_map *m,
	const char *endpoint);			/* "/Users" */
const struct scim_resource *scim_map_name(const struct scim_map *m,
	const char *name);			/* "User" */
const struct scim_resource *scim_map_type(const struct scim_map *m, int type);
/* Which resource type an entry is, by container and object class; NULL: none.
 * dn_norm is the entry's DN in normal form. */
const struct scim_resource *scim_map_classify(const struct scim_map *m,
	const struct entry *e, const char *dn_norm);
/* What people call the entry (struct scim_resolver's display), "" nothing. */
const char *scim_map_display(struct arena *a, const struct scim_resource *r,
	const struct entry *e);
/* The container's full DN. */
char *scim_map_container(struct arena *a, const struct scim_map *m,
	const struct scim_resource *r);
/* Resolve names case-insensitively, with or without URN, also "URN.attr" and
 * an extension attribute without its URN (leniency). NULL: unknown; *sub is
 * set when the path names one. */
const struct scim_attr *scim_attr_find(const struct scim_resource *r,
	const struct scim_path *path, const struct scim_attr **sub);

/* Must this LDAP attribute's values be unique among the type's entries? */
bool scim_unique(const struct scim_resource *r, const char *ldap);

/* What a reference by id is stored as: the natural key (RDN value) of the
 * entry with this id; NULL: there is none. */
const char *scim_key_of_id(struct arena *a, const struct scim_resolver *rs,
	const char *type, const char *id);
/* The matching key of one stored value of attr: folded, squeezed, a number's
 * or a time's sortable form or DN normal form, as the directory compares it. */
char *scim_key(struct arena *a, const struct scim_attr *attr,
	const char *value);
/* The key of an externalId: unique among its owner's entries only. */
char *scim_external_key(struct arena *a, const char *owner, const char *id);
/* The index of an attribute or of its sub-attribute, 0 none. */
int scim_index_of(const struct scim_attr *at, const struct scim_attr *sub);
/* The same, if its keys are what filters compare and sorting sorts by (as
 * scim_sort_key). *single: an entry has one of them, or the absent one. */
int scim_index_ordered(const struct scim_attr *at,
	const struct scim_attr *sub, bool *single);
/* All index keys of an entry, its normal DN and natural key included. */
size_t scim_index_keys(struct arena *a, const struct scim_resource *r,
	const struct entry *e, const char *dn_norm, struct index_key **out);

/* What the codec must ask the view when it meets a reference. Everything may
 * return false: unknown. Strings are put into a. */
struct scim_resolver {
	void *ctx;
	const char *base_url;		/* "https://host/scim/v2", no slash */
	/* id (entryUUID text) of type -> DN; DN -> id and display. */
	bool (*dn_of_id)(void *ctx, struct arena *a, const char *type,
		const char *id, const char **dn);
	bool (*id_of_dn)(void *ctx, struct arena *a, const char *dn,
		const char **id, const char **display);
	/* natural key of type -> id and display name. */
	bool (*of_key)(void *ctx, struct arena *a, const char *type,
		const char *key, const char **id, const char **display);
	/* accountCount and the like of the entry being rendered. */
	bool (*count)(void *ctx, const struct entry *e, const char *which,
		int64_t *out);
	/* Calls each for every member (user) of the group with this key. */
	bool (*members)(void *ctx, struct arena *a, const char *group_key,
		void (*each)(void *arg, const char *id, const char *display),
		void *arg);
	/* Is the user with this id a member? NULL: members is asked instead,
	 * which costs what the group has of them. */
	bool (*is_member)(void *ctx, const char *group_key, const char *id);
	/* Calls each with the id of every group of this type that the user
	 * with this id is a member of. NULL: nobody knows. */
	bool (*groups_of)(void *ctx, struct arena *a, const char *type,
		const char *id, void (*each)(void *arg, const char *group_id),
		void *arg);
	/* The sum of scim_render_hash over the members, without reading one of
	 * them. NULL: members is asked instead. */
	bool (*members_hash)(void *ctx, const char *group_key, uint64_t *out);
	/* Has it more members than are to be written at once? Then a hole is
	 * left for them (scim_render_hole). NULL: no group has. */
	bool (*many_members)(void *ctx, const char *group_key);
	/* Whose externalId may be shown ("" nobody's). */
	const char *owner;
};

#endif
