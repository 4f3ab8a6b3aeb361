/* SPDX-License-Identifier: ISC */
/*
 * feeds: the thread that takes files of people in: those that are sent, one
 * after the other, and every interval those that lie in the spool directories
 * (engine/feed_spool.h). Of several daemons only the holder of the lease looks
 * into spools.
 */
#ifndef ENGINE_FEEDS_H
#define ENGINE_FEEDS_H

#include "codec/scim_map.h"
#include "directory/held.h"
#include "directory/writer.h"
#include "feed/feed.h"
#include "store/view.h"

struct buf;
struct feeds;
struct journal;
struct lease;

struct feeds_conf {
	struct view *view;
	const struct scim_map *map;
	struct writer *writer;
	struct held *held;
	struct journal *journal;
	struct lease *lease;		/* NULL: there is no other daemon */
	const char *tmp;		/* directory for temporary files */
	/* Live; copied: */
	const struct feed_conf *feed;
	size_t n;
	int64_t interval;		/* us, between looks into spools */
	int64_t max_file;		/* bytes, of those that lie there */
};

/* ERR_INVALID names the feed that cannot be. */
int feeds_start(const struct feeds_conf *c, struct feeds **out,
	struct err *e);
/* Ends the thread: what has been sent to the directory is waited for, nothing
 * more is begun, and whoever waits is told so. NULL allowed. */
void feeds_stop(struct feeds *f);
void feeds_free(struct feeds *f);	/* NULL allowed */
/* Other feeds, all or, on an error, none: from now on, or, while a file is being
 * taken in, from when that is through. */
int feeds_reload(struct feeds *f, const struct feeds_conf *c, struct err *e);

/* For front, which cannot see this floor, as function pointers; ctx is the
 * struct feeds. Any thread. */
/* A file as it was sent; fd, which can seek, is owned from now on, whatever
 * comes of it. done is called once, from another thread: its
 * code as of struct feed_outcome, the report malloc'd and the taker's, NULL
 * there is none. done NULL: nobody waits. *run: its number, which feeds_describe
 * tells when it is over. ERR_NOT_FOUND: no such feed; ERR_BUSY: too many wait. */
int feeds_submit(void *ctx, const char *name, bool apply, const char *hash,
	const char *author, int fd, void (*done)(void *arg, int code,
	const struct err *e, char *report), void *arg, uint64_t *run,
	struct err *e);
/* A JSON object for one (ERR_NOT_FOUND), or for all with name NULL: what is
 * going on, and the last report. */
int feeds_describe(void *ctx, const char *name, struct buf *out,
	struct err *e);

#endif
