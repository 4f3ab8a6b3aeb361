/* SPDX-License-Identifier: ISC */
/* feed_last: what a feed brought before, in ou=jobs (engine/feed_run.h). */
#ifndef ENGINE_FEED_LAST_H
#define ENGINE_FEED_LAST_H

#include "codec/scim_map.h"
#include "directory/writer.h"
#include "store/view.h"

#define FEED_LAST_FILES 30

struct feed_last {
	bool there;			/* the entry is */
	uint64_t rows;			/* of the last file, 0 none */
	struct strv file;		/* "SHA256 TIME", the latest last */
	const char *dn;
	const char *csn;
};

/* In a. */
int feed_last_read(struct view *v, const struct scim_map *m, struct arena *a,
	const char *name, struct feed_last *out, struct err *e);
/* When a file with this sum was applied (GeneralizedTime), NULL never;
 * *latest: it was the last one. */
const char *feed_last_when(struct arena *a, const struct feed_last *l,
	const char *sum, bool *latest);
/* Now this one is. Blocks. */
int feed_last_write(struct writer *w, struct arena *a,
	const struct feed_last *l, const char *name, uint64_t rows,
	const char *sum, struct err *e);

#endif
