/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/journal_file.h"
#include "store/journal_p.h"

#define TAIL ((off_t)8 << 20)	/* bytes checked and remembered at start */

/* --- reading ------------------------------------------------------------ */

static void remember(struct uset *s, const struct journal_line *l)
{
	if (l->keyed)
		uset_add(s, l->key);
}

/* What reading the tail found, in one file after the other. */
struct tail {
	struct mark good;	/* behind the last good line */
	uint64_t lines;		/* complete ones of this file, good or not */
	bool here;		/* a good one of this file */
	bool any;		/* good is set */
	bool last;		/* the file's last line was good */
	bool before;		/* there are closed files */
	bool broken;		/* the chain does not hold within it */
};

static void tail_line(struct journal *j, const struct journal_lines *r,
    struct tail *t)
{
	const struct buf *b = &r->line;
	struct journal_line l;

	t->lines += r->whole;
	t->last = r->whole && !b->failed &&
	    journal_line_parse(buf_str(b), b->len, &l);
	if (!t->last)
		return;
	if (t->any && !journal_line_follows(&t->good.chain, &l))
		t->broken = true;
	journal_chain_set(&t->good.chain, l.seq, b->data, b->len);
	t->good.size = r->end;
	t->any = t->here = true;
	remember(j->older, &l);
}

/* Read all lines from the start, or all behind the first line end that is
 * behind from. */
static int read_lines(struct journal *j, int fd, const char *path, off_t from,
    struct tail *t, struct err *e)
{
	struct journal_lines *r = journal_lines_new(fd, from);
	int error;

	t->good.size = 0;
	t->lines = 0;
	t->here = t->last = false;
	if (from > 0)
		journal_lines_next(r);
	while (journal_lines_next(r))
		tail_line(j, r, t);
	error = r->error;
	journal_lines_free(r);
	return error == 0 ? 0 : err_set(e, ERR_IO, "journal: read %s: %s",
	    path, strerror(error));
}

static int read_closed(struct journal *j, const char *path, off_t from,
    struct tail *t, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;

	if (fd < 0)
		return err_set(e, ERR_IO, "journal: open %s: %s", path,
		    strerror(errno));
	rc = read_lines(j, fd, path, from, t, e);
	close(fd);
	t->broken |= !t->last;
	t->any = t->here;
	return rc;
}

static off_t size_of(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 ? sb.st_size : 0;
}

/* The last bytes, so many, of what was closed before. */
static int read_before(struct journal *j, off_t most, struct tail *t,
    struct err *e)
{
	struct arena *a = arena_new();
	struct journal_closed *c;
	off_t from = 0, size;
	size_t n, i;
	int rc = journal_closed_list(a, j->dir, &c, &n, e);

	for (i = n; rc == 0 && i > 0 && most > 0; most -= size) {
		size = size_of(c[--i].path);
		from = size > most ? size - most : 0;
	}
	for (; rc == 0 && i < n; i++, from = 0)
		rc = read_closed(j, c[i].path, from, t, e);
	t->before = rc == 0 && n > 0;
	arena_free(a);
	return rc;
}

/* Find where the journal ends and make it end there. */
static int check_tail(struct journal *j, const char **note, struct err *e)
{
	struct tail t = { 0 };
	struct stat sb;
	int rc;

	if (fstat(j->fd, &sb) < 0)
		return err_set(e, ERR_IO, "journal: %s: %s", j->path,
		    strerror(errno));
	rc = read_before(j, TAIL - sb.st_size, &t, e);
	if (rc == 0)
		rc = read_lines(j, j->fd, j->path, sb.st_size > TAIL ?
		    sb.st_size - TAIL : 0, &t, e);
	if (rc != 0)
		return rc;
	if (!t.here && (t.lines > 0 || sb.st_size > TAIL ||
	    (t.before && !t.any)))
		return err_set(e, ERR_CORRUPT, "journal: no good line at the "
		    "end of %s: keep it elsewhere and start with a new one",
		    j->path);
	j->now = j->safe = t.good;
	j->durable = t.good.size;
	if (!journal_first(j->fd, &j->first))
		j->first = t.good.chain.seq + 1;
	if (t.broken)
		*note = "the journal's chain is broken near its end: run "
		    "provost journal verify";
	if (sb.st_size == t.good.size)
		return 0;
	*note = "the journal's end was torn or damaged and has been cut off";
	if (ftruncate(j->fd, t.good.size) < 0 || fdatasync(j->fd) < 0)
		return err_set(e, ERR_IO, "journal: cut %s: %s", j->path,
		    strerror(errno));
	return 0;
}

int journal_recall(struct journal *j, struct err *e)
{
	struct tail t = { 0 };
	int rc;

	pthread_mutex_lock(&j->lock);
	rc = read_before(j, INT64_MAX, &t, e);
	if (rc == 0)
		rc = read_lines(j, j->fd, j->path, 0, &t, e);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

/* --- life cycle ---------------------------------------------------------- */

int journal_sync_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? err_set(e, ERR_IO, "journal: "
	    "%s: %s", dir, strerror(errno)) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* False also where another process has closed it between our open and our
 * lock: errno says it is in use. */
static bool is_open(const struct journal *j, const char *path)
{
	if (journal_is_file(j->fd, path))
		return true;
	errno = EWOULDBLOCK;
	return false;
}

/* Somebody died while closing the file: it has its later name already. */
static int take_back(struct journal *j, struct err *e)
{
	struct arena *a = arena_new();
	struct journal_closed *c;
	size_t n;
	int rc = journal_closed_list(a, j->dir, &c, &n, e);

	if (rc == 0 && n > 0 && is_open(j, c[n - 1].path) &&
	    unlink(c[n - 1].path) < 0)
		rc = err_set(e, ERR_IO, "journal: %s: %s", c[n - 1].path,
		    strerror(errno));
	arena_free(a);
	return rc == 0 ? journal_sync_dir(j->dir, e) : rc;
}

static int open_file(struct journal *j, const char *dir, struct err *e)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, ERR_IO, "journal: make %s: %s", dir,
		    strerror(errno));
	j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return err_set(e, ERR_IO, "journal: open %s: %s", j->path,
		    strerror(errno));
	if (flock(j->fd, LOCK_EX | LOCK_NB) == 0 && is_open(j, j->path))
		return take_back(j, e);
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, "journal: %s is in use by another "
		    "provostd", j->path);
	return err_set(e, ERR_IO, "journal: lock %s: %s", j->path,
	    strerror(errno));
}

static void free_journal(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	buf_fini(&j->line);
	buf_fini(&j->queue);
	arena_free(j->scratch);
	uset_free(j->pending);
	uset_free(j->seen);
	uset_free(j->older);
	journal_marks_free(j->marks);
	pthread_cond_destroy(&j->grown);
	pthread_mutex_destroy(&j->lock);
	free(j->dir);
	free(j->path);
	free(j);
}

static void init_locks(struct journal *j)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->grown, &attr);
	pthread_condattr_destroy(&attr);
}

int journal_open(const char *dir, struct journal **out, const char **note,
    struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	*note = NULL;
	if (j == NULL || (j->dir = strdup(dir)) == NULL ||
	    asprintf(&j->path, "%s/journal.jsonl", dir) < 0)
		abort();
	j->fd = -1;
	j->limit = UINT64_MAX;
	init_locks(j);
	buf_init(&j->line, 2 * JOURNAL_LINE_MAX);
	buf_init(&j->queue, JOURNAL_QUEUE + 2 * JOURNAL_LINE_MAX);
	j->scratch = arena_new();
	j->pending = uset_new();
	j->seen = uset_new();
	j->older = uset_new();
	j->marks = journal_marks_new();
	rc = open_file(j, dir, e);
	if (rc == 0)
		rc = check_tail(j, note, e);
	if (rc != 0) {
		free_journal(j);
		return rc;
	}
	*out = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	(void)journal_flush(j, NULL);
	(void)journal_sync(j, NULL);
	free_journal(j);
}
