/* SPDX-License-Identifier: ISC */
/*
 * feed: a file of people (J1) turned into what the directory should say. A
 * struct feed is one section of feeds in provostd.conf, checked once, then
 * read-only and shared by threads: which codec, which column is which SCIM
 * attribute, whose entries these are.
 *
 *   file --codec--> record --fields--> row --correlate--> step: old and want
 *
 * A file is gone through several times (feed_scan, then feed_walk as often as
 * wanted), so that memory does not grow with it: the keys that were seen are
 * kept in a temporary file (feed/seen). Nothing is written from here; each
 * step goes to whoever asked. What a feed does not own it does not touch
 * (FAULTS D9), and of what it owns only the attributes that its fields name.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/scim_map.h"
#include "store/view.h"

struct feed;
struct feed_seen;

/* One column and what it is. */
struct feed_field_conf {
	const char *column;	/* a header's name, "#3" the third column, a
				 * path (XML), an attribute (LDIF); "" none */
	const char *path;	/* SCIM, or one of: feed:action feed:start
				 * feed:end */
	struct strv transform;	/* feed/transform.h */
};

struct feed_table_conf {	/* of the transform "lookup" */
	const char *name;
	struct strv from, to;	/* as many each */
};

struct feed_conf {
	const char *name;
	const char *kind;		/* csv xml xlsx ldif bulk */
	const char *list;		/* full changes */
	const char *owner;		/* provostOwner; "": feed:NAME */
	const char *delimiter;		/* csv: one character; "" found out */
	const char *charset;		/* csv: utf-8 utf-16le utf-16be
					 * windows-1252; "" utf-8 */
	bool header;			/* csv, xlsx: the first row has names */
	const char *sheet;		/* xlsx; "" the first visible */
	const char *record;		/* xml: path of the records */
	struct strv namespaces;		/* xml: "prefix=uri" */
	struct strv leaver;		/* what feed:action says of a leaver */
	struct strv correlate;		/* SCIM paths by which an entry without
					 * this key is found, in order */
	struct strv scopes;		/* what the feed may, as a client's */
	const char *sentinel;		/* a key that must be there; "" none */
	int64_t bad_rows;		/* permille: more refuse the file */
	int64_t shrink;			/* permille: so many rows fewer than
					 * last time are held */
	struct feed_field_conf *field;
	size_t n_fields;
	struct feed_table_conf *table;
	size_t n_tables;
	/* The spool: */
	const char *dir;		/* "" none */
	bool marker;			/* FILE waits for FILE.done */
};

/* ERR_INVALID names the setting. What conf holds is copied, map borrowed. */
int feed_open(const struct feed_conf *conf, const struct scim_map *map,
	struct feed **out, struct err *e);
void feed_close(struct feed *f);	/* NULL allowed */
const struct feed_conf *feed_config(const struct feed *f);
const char *feed_owner(const struct feed *f);
bool feed_is_full(const struct feed *f);
/* How many people are this feed's. Scratch memory in a. */
uint64_t feed_count_owned(const struct feed *f, struct view_read *r,
	struct arena *a);

/* --- going through a file ------------------------------------------------- */

enum feed_what { FEED_JOIN, FEED_MOVE, FEED_LEAVE, FEED_SAME, FEED_BAD };
#define FEED_WHATS 5

struct feed_step {
	enum feed_what what;
	uint64_t row, line;		/* 0: of no row (a leaver of a full
					 * list) */
	const char *key;		/* externalId */
	const char *why;		/* a sentence; of FEED_BAD the error */
	const struct entry *old;	/* NULL: a joiner */
	const struct entry *want;	/* NULL: nothing changes */
};

struct feed_counts {
	uint64_t rows;			/* read */
	uint64_t n[FEED_WHATS];
	uint64_t deferred;		/* managers who are not there yet */
	uint64_t unknown;		/* rows of which not even the key can be
					 * read: while there are any, nobody is
					 * taken for gone */
};

/* Reads all of fd once: the keys, doubles among them, and what is wrong with
 * the file as a whole (truncated, no such column, the sentinel missing, more
 * bad rows than the setting lets pass): then an error, and nothing was done.
 * tmp: the directory for temporary files; sum: the file's SHA-256. Free seen
 * with feed_seen_free. */
int feed_scan(const struct feed *f, int fd, const char *tmp,
	struct feed_seen **seen, struct feed_counts *counts, uint8_t sum[32],
	struct err *e);
void feed_seen_free(struct feed_seen *s);	/* NULL allowed */

/* Goes through fd again, against the view's present state (read is called
 * again and again for a newer one): a step for every row and, of a full list,
 * for everybody owned who is not in it. */
struct feed_walk_conf {
	const struct feed *feed;
	int fd;
	const struct feed_seen *seen;	/* of feed_scan, and its counts: */
	const struct feed_counts *counts;
	int64_t now;			/* wall clock */
	int (*read)(void *ctx, struct view_read **r, struct err *e);
	void *ctx;
};
struct feed_walk;
int feed_walk_open(const struct feed_walk_conf *conf, struct feed_walk **out,
	struct err *e);
/* 1: a step, borrowed until the next call; 0: the end; an error ends it, too
 * many bad rows (ERR_INVALID) behind the last row, before anybody is said to
 * have left. */
int feed_walk_next(struct feed_walk *w, struct feed_step *out, struct err *e);
/* Whoever was told the last step can't do it: it counts as a bad row. */
void feed_walk_refuse(struct feed_walk *w, const struct err *why);
/* As far as it has come. */
const struct feed_counts *feed_walk_counts(const struct feed_walk *w);
void feed_walk_close(struct feed_walk *w);	/* NULL allowed */

#endif
