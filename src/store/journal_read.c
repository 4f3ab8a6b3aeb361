/* SPDX-License-Identifier: ISC */
#include "store/journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/journal_file.h"
#include "store/journal_line.h"

#define NEAR ((off_t)65536)	/* so far lines are read one by one */
#define TRIES 8			/* while files are being closed */

struct journal_cursor {
	char *dir;			/* owned */
	int fd;				/* owned; -1 none */
	struct journal_lines *lines;	/* owned; NULL none */
	uint64_t at;			/* the last line that was read */
	uint64_t upto;			/* of the last call */
};

/* --- within a file ------------------------------------------------------- */

static bool line_seq(const struct journal_lines *r, uint64_t *seq)
{
	return r->whole && journal_line_seq(buf_str(&r->line), r->line.len,
	    seq);
}

/* The first line that begins behind from and has a number; false: none. */
static bool look(struct journal_lines *r, off_t from, uint64_t *seq,
    off_t *start)
{
	journal_lines_seek(r, from);
	if (from > 0)
		journal_lines_next(r);
	for (;;) {
		*start = r->end;
		if (!journal_lines_next(r))
			return false;
		if (line_seq(r, seq))
			return true;
	}
}

/* Where to begin to read one by one: not behind the first line with a number
 * above since, and near it. */
static off_t bisect(struct journal_lines *r, off_t size, uint64_t since)
{
	off_t low = 0, high = size, mid, start;
	uint64_t seq;

	while (high - low > NEAR) {
		mid = low + (high - low) / 2;
		if (look(r, mid, &seq, &start) && seq <= since && start < high)
			low = start;
		else
			high = mid;
	}
	return low;
}

/* To the first line above c->at, or to the end. */
static void place(struct journal_cursor *c)
{
	struct stat sb = { 0 };
	off_t start;
	uint64_t seq;

	fstat(c->fd, &sb);
	journal_lines_seek(c->lines, bisect(c->lines, sb.st_size, c->at));
	do
		start = c->lines->end;
	while (journal_lines_next(c->lines) && c->lines->whole &&
	    (!line_seq(c->lines, &seq) || seq <= c->at));
	journal_lines_seek(c->lines, start);
}

/* --- files --------------------------------------------------------------- */

static void leave(struct journal_cursor *c)
{
	journal_lines_free(c->lines);
	c->lines = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* False: it is not there, or has only lines beyond the next one. *empty: it
 * had none. */
static bool enter(struct journal_cursor *c, const char *path, bool *empty)
{
	uint64_t first;

	*empty = false;
	leave(c);
	c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (c->fd < 0)
		return false;
	*empty = !journal_first(c->fd, &first);
	if (!*empty && first > c->at + 1)
		return false;
	c->lines = journal_lines_new(c->fd, 0);
	return true;
}

/* The closed file that has the line, if any has; *any: there are some. */
static const char *closed_with(struct arena *a, const char *dir, uint64_t seq,
    bool *any, struct err *e)
{
	struct journal_closed *f;
	size_t n;

	if (journal_closed_list(a, dir, &f, &n, e) != 0)
		return NULL;
	*any = n > 0;
	while (n > 0 && f[n - 1].first > seq)
		n--;
	return n > 0 ? f[n - 1].path : NULL;
}

/* The file with the next line: the one that is written to, or a closed one; in
 * between it may have become one. Where nothing was written yet, it is the one
 * that will be. */
static bool find_file(struct journal_cursor *c, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = journal_path(a, c->dir), *closed = NULL;
	bool found = false, any = true, empty, unused;
	int i;

	for (i = 0; i < TRIES && !found; i++) {
		found = enter(c, path, &empty) && !empty;
		if (found)
			break;
		closed = closed_with(a, c->dir, c->at + 1, &any, e);
		found = closed != NULL ? enter(c, closed, &unused) : !any &&
		    empty;
	}
	arena_free(a);
	if (found)
		place(c);
	else
		leave(c);
	return found;
}

int journal_oldest(const char *dir, uint64_t *seq, struct err *e)
{
	struct arena *a = arena_new();
	struct journal_closed *f;
	int fd, rc;
	size_t n;

	*seq = 0;
	rc = journal_closed_list(a, dir, &f, &n, e);
	if (rc == 0 && n > 0) {
		*seq = f[0].first;
	} else if (rc == 0) {
		fd = open(journal_path(a, dir), O_RDONLY | O_CLOEXEC);
		if (fd < 0 || !journal_first(fd, seq))
			*seq = 0;
		if (fd >= 0)
			close(fd);
	}
	arena_free(a);
	return rc;
}

/* --- the cursor ---------------------------------------------------------- */

int journal_cursor_open(const char *dir, uint64_t since,
    struct journal_cursor **out, uint64_t *oldest, struct err *e)
{
	struct journal_cursor *c = calloc(1, sizeof(*c));
	int rc = 0;

	*oldest = 0;
	if (c == NULL || (c->dir = strdup(dir)) == NULL)
		abort();
	c->fd = -1;
	c->at = since;
	if (!find_file(c, e)) {
		rc = journal_oldest(dir, oldest, e);
		if (rc == 0)
			rc = err_set(e, ERR_NOT_FOUND, "line %" PRIu64 " of "
			    "the journal is not kept here any more; the "
			    "oldest is %" PRIu64, since + 1, *oldest);
		journal_cursor_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

void journal_cursor_close(struct journal_cursor *c)
{
	if (c == NULL)
		return;
	leave(c);
	free(c->dir);
	free(c);
}

uint64_t journal_cursor_at(const struct journal_cursor *c)
{
	return c->at;
}

static int damaged(const struct journal_cursor *c, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "line %" PRIu64 " of the journal is "
	    "damaged or not there: run provost journal verify; go on behind "
	    "it with since=%" PRIu64, c->at + 1, c->at + 1);
}

static int take(struct journal_cursor *c, const char **line, size_t *n,
    struct err *e)
{
	struct journal_line l;

	*line = buf_str(&c->lines->line);
	*n = c->lines->line.len;
	if (c->lines->line.failed || !journal_line_parse(*line, *n, &l) ||
	    l.seq != c->at + 1)
		return damaged(c, e);
	c->at = l.seq;
	return 0;
}

int journal_cursor_next(struct journal_cursor *c, uint64_t upto,
    const char **line, size_t *n, struct err *e)
{
	if (c->at >= upto)
		return ERR_NOT_FOUND;
	/* What was read ahead may have been taken back since. */
	if (c->upto != upto && c->lines != NULL)
		journal_lines_seek(c->lines, c->lines->end);
	c->upto = upto;
	if (c->lines != NULL && journal_lines_next(c->lines))
		return take(c, line, n, e);
	/* The line is there, so the file was closed before it. */
	if (!find_file(c, e) || !journal_lines_next(c->lines))
		return damaged(c, e);
	return take(c, line, n, e);
}
