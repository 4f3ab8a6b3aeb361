/* SPDX-License-Identifier: ISC */
/* feed's own: what a feed is after it was checked, and what rows are made
 * of. */
#ifndef FEED_FEED_P_H
#define FEED_FEED_P_H

#include "base/arena.h"
#include "codec/charset.h"
#include "codec/xml_record.h"
#include "feed/feed.h"
#include "feed/field.h"

enum feed_kind { FEED_CSV, FEED_XML, FEED_XLSX, FEED_LDIF, FEED_BULK };

struct feed {
	struct arena *a;		/* owned, and all strings in it */
	struct feed_conf conf;
	const struct scim_map *map;
	const struct scim_resource *people;
	enum feed_kind kind;
	bool full;
	const char *owner;
	char delimiter;			/* 0: found out */
	enum charset_kind charset;
	struct xml_prefix *prefix;
	size_t n_prefixes;
	struct field *field;
	size_t n_fields;
	int key;			/* the field of externalId; -1: bulk */
	const struct scim_attr **correlate;	/* conf.correlate's */
};

/* --- seen: what one reading of a file has shown ----------------------------- */

#define FEED_DOUBLES_MAX 10000	/* keys that may stand there twice */

/* Its temporary file is in the directory tmp. ERR_IO. */
int feed_seen_new(const char *tmp, struct feed_seen **out, struct err *e);
/* A key and what its row says. */
void feed_seen_add(struct feed_seen *s, const char *key, uint64_t contents);
/* That was all; from now on it can be asked. An error: what was added can't be
 * (ERR_IO), or too much stands there twice (ERR_INVALID). */
int feed_seen_end(struct feed_seen *s, struct err *e);
/* True as well where the temporary file can't be read any more. */
bool feed_seen_has(const struct feed_seen *s, const char *key);
/* The keys that stand there twice have numbers below this. */
size_t feed_seen_doubles(const struct feed_seen *s);
/* The key's number; -1: it does not stand there twice. */
ptrdiff_t feed_seen_double(const struct feed_seen *s, const char *key);
/* Stands there twice, and not the same. */
bool feed_seen_clashes(const struct feed_seen *s, const char *key);

/* --- find: entries of the view ------------------------------------------------ */

/* What the codec asks of the view when it reads a row. */
struct feed_find {
	const struct feed *f;
	struct view_read *r;
	struct scim_resolver rs;
};
void feed_find_init(struct feed_find *w, const struct feed *f,
	struct view_read *r);
/* The person of this feed with the key; NULL: there is none. In a. */
const struct entry *feed_find_key(struct feed_find *w, struct arena *a,
	const char *key);
/* The person whose attribute at has this value, unless there are several. */
const struct entry *feed_find_value(struct feed_find *w, struct arena *a,
	const struct scim_attr *at, const char *value);

/* The attribute that names the owner, indexed; NULL: it is not. */
const struct scim_attr *feed_owner_attr(const struct feed *f);

#endif
