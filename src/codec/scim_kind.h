/* SPDX-License-Identifier: ISC */
/*
 * scim_kind: the kinds (enum scim_how) in which a SCIM attribute is stored,
 * each a struct scim_kind in codec/scim_kind_*.c. A kind turns an entry into
 * the elements of an attribute - the one accessor that rendering, matching,
 * sorting and indexing share - and JSON into the entry's values. Internal to
 * the codec, but for scim_kind_word, which config/mapping asks. Pure
 * functions; memory from the arena given.
 */
#ifndef CODEC_SCIM_KIND_H
#define CODEC_SCIM_KIND_H

#include "codec/json.h"
#include "codec/scim_map.h"
#include "codec/scim_read.h"

/* An entry, with its attribute names hashed for many look-ups. */
struct scim_src {
	const struct entry *e;
	const uint32_t *hash;	/* one an attribute; NULL: look-ups compare */
	uint64_t bloom[2];	/* which hashes there are, by 6 bits each */
};

void scim_src_init(struct scim_src *s, const struct entry *e);
void scim_src_hash(struct arena *a, struct scim_src *s);
uint32_t scim_hash_name(const char *name, size_t n);
/* The next attribute at or after *i with base name ldap (whose hash is h). */
const struct attr *scim_src_next(const struct scim_src *s, const char *ldap,
	uint32_t h, size_t *i);
/* First value of the exact description at->ldap, NULL none. */
const struct val *scim_src_value(const struct scim_src *s,
	const struct scim_attr *at);

/* One (sub-)attribute of one element, as SCIM shows it. */
enum scim_form {
	SF_TEXT, SF_BOOL, SF_INT,
	SF_TIME,	/* i: microseconds */
	SF_DN,		/* what the person named s is: see what */
	SF_KEY,		/* what the entry of type with natural key s is */
	SF_COUNT,	/* the count named s of this entry */
	SF_MEMBERS,	/* the members, when they were not to be enumerated */
	SF_EXTERNAL,	/* externalId s, for owner type only */
	SF_BASE,	/* the base URL, with s behind it */
	SF_VERSION,
};

struct scim_field {
	const struct scim_attr *sub;	/* NULL: the element itself */
	unsigned elem;			/* 0.. */
	enum scim_form form;
	char what;			/* SF_DN, SF_KEY: 'i' id, 'n' display
					 * name, 'r' $ref, 'k' s itself */
	const char *s;
	const char *type;
	int64_t i;
};

struct scim_elems {
	struct arena *a;
	const struct scim_src *src;
	const struct scim_resource *r;
	const struct scim_resolver *rs;	/* NULL: rendering */
	struct scim_field *f;
	size_t n, cap;
	unsigned n_elems;
};

struct scim_field *scim_elems_add(struct scim_elems *b,
	const struct scim_attr *sub, enum scim_form form, const char *s);
/* A stored value in the form of its type; nothing when it is malformed. */
void scim_elems_value(struct scim_elems *b, const struct scim_attr *at,
	const struct scim_attr *sub, const struct val *v);
void scim_elems_bool(struct scim_elems *b, const struct scim_attr *sub,
	bool v);
/* Empties b and fills it with the elements of at. */
void scim_elems_of(struct scim_elems *b, const struct scim_attr *at);
const struct scim_attr *scim_sub(const struct scim_attr *at, const char *name);

/* Reading one resource: where everything a kind may ask stands. */
struct scim_reading {
	struct arena *a;
	const struct scim_map *m;
	const struct scim_resource *r;
	const struct scim_src *old;	/* NULL: a creation */
	const char *later;		/* LDAP attribute that a creation may
					 * leave out; "" none */
	const struct scim_resolver *rs;	/* NULL: references unchecked */
	const struct json *body;
	bool urn_names;		/* body has "URN:attr" or the core's URN */
	const struct json *before;	/* old as SCIM shows it, or NULL */
	struct strv decided;		/* LDAP attributes that were changed */
	struct map *seen;		/* owned: keys of values added */
	unsigned cleared;		/* ... since the last clearing */
	struct entry *out;
	struct scim_read_result *res;
};

/* Messages: "name: what is wrong, what is expected" with the path. */
int scim_bad(const struct scim_attr *at, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The member of a resource's JSON that stands for at, NULL: absent. */
const struct json *scim_reading_json(const struct scim_reading *rd,
	const struct json *body, const struct scim_attr *at);
/* null, [] or "": no value. */
bool scim_nothing(const struct json *j);
/* One JSON value in its stored form, by type; *out NULL: an empty string,
 * which is no value. */
int scim_stored(struct scim_reading *rd, const struct scim_attr *at,
	const struct json *j, const char **out, size_t *n, struct err *e);
/* The same for a reference; checks that it exists unless it was there. */
int scim_stored_key(struct scim_reading *rd, const struct scim_attr *at,
	const struct json *j, const char **out, struct err *e);
int scim_stored_dn(struct scim_reading *rd, const struct scim_attr *at,
	const struct json *j, const char **out, struct err *e);
/* A boolean, also as "True" or "False". */
int scim_stored_bool(const struct scim_attr *at, const struct json *j,
	bool *out, struct err *e);
/* The elements of a value: those of an array, or the value itself. */
const struct json *scim_first(const struct json *j);
const struct json *scim_next(const struct json *j, const struct json *c);
/* Adds unless the description has the value already (by matching rule). */
void scim_reading_add(struct scim_reading *rd, const struct scim_attr *at,
	const char *description, const char *v, size_t n);
/* Copies every value of base name ldap from the old entry, unless there is one
 * already. */
void scim_reading_keep(struct scim_reading *rd, const char *ldap);
/* Takes every value of base name ldap out again. */
void scim_reading_clear(struct scim_reading *rd, const char *ldap);
/* The "=..." default of at from the other attributes of s, NULL none. What is
 * itself only a hidden default (of r, unless NULL) doesn't count. */
const char *scim_default(struct arena *a, const struct scim_resource *r,
	const struct scim_attr *at, const struct scim_src *s);
/* Text of several lines -> postalAddress syntax (RFC 4517 3.3.28). */
const char *scim_lines(struct arena *a, const char *text);
const char *scim_unlines(struct arena *a, const char *stored);
bool scim_same_key(struct arena *a, const char *x, const char *y);
/* The key of a string by at's case rule, whatever at's kind. */
char *scim_text_key(struct arena *a, const struct scim_attr *at,
	const char *s);
/* The key of a number or a time; strcmp orders them. */
char *scim_number_key(struct arena *a, int64_t i);
/* utf8_fold, of bytes that are not UTF-8 a copy. */
char *scim_fold(struct arena *a, const char *s);

/* The states in which a person is not active, sorted. */
#define SCIM_STATE_LEFT "left"
#define SCIM_STATE_SUSPENDED "suspended"

struct scim_sub_def {
	const char *name, *description;
	enum scim_type type;
	enum scim_mutability mutability;
	bool multi;
};

struct scim_kind {
	const char *word;		/* in the mapping */
	int n_ldap;			/* LDAP attributes it needs, -1 any */
	bool late;			/* read after all that are not */
	const struct scim_sub_def *subs;	/* made when none are given */
	void (*elements)(struct scim_elems *b, const struct scim_attr *at);
	/* Called when the value is present and not null or []. */
	int (*read)(struct scim_reading *rd, const struct scim_attr *at,
		const struct json *j, struct err *e);
	/* An update in which there is no value any more; given: said so by
	 * null or []. NULL: it is cleared. */
	void (*absent)(struct scim_reading *rd, const struct scim_attr *at,
		bool given);
};

const struct scim_kind *scim_kind(enum scim_how how);
/* -1: no such word. */
int scim_kind_word(const char *word);

extern const struct scim_kind scim_kind_plain, scim_kind_complex,
	scim_kind_state, scim_kind_external_id, scim_kind_lines, scim_kind_id,
	scim_kind_meta, scim_kind_schemas, scim_kind_typed, scim_kind_address,
	scim_kind_ref_dn, scim_kind_person, scim_kind_ref_key,
	scim_kind_tools, scim_kind_entitlements, scim_kind_items,
	scim_kind_secret, scim_kind_password, scim_kind_tokens,
	scim_kind_count, scim_kind_members;

#endif
