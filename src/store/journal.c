/* SPDX-License-Identifier: ISC */
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/counters.h"
#include "store/journal_line.h"
#include "store/uset.h"

#define TAIL (8 << 20)		/* bytes checked and remembered at start */
#define QUEUE (1u << 20)	/* written through beyond */
#define REMEMBER 65536		/* doubles known, twice that at most */

/* A state of the file that can be returned to. */
struct mark {
	struct journal_chain chain;
	off_t size;
};

struct journal {
	pthread_mutex_t lock;
	int fd;
	char *path;		/* owned */
	struct mark now;	/* with all lines made, size: those written */
	struct mark safe;	/* at the last flush */
	off_t durable;		/* size at the last fdatasync */
	struct buf line, queue;
	struct arena *scratch;	/* owned */
	bool cut;		/* bytes beyond now.size may be in the file */
	/* Keys of lines not flushed, flushed, and flushed longer ago. */
	struct uset *pending, *seen, *older;
	struct err failed;	/* since the last flush */
};

/* --- reading ------------------------------------------------------------ */

/* Lines of a file. */
struct reader {
	int fd;			/* borrowed */
	struct buf line;	/* the last one, without its newline; cut and
				 * failed when it was too long */
	bool whole;		/* it had a newline */
	off_t end;		/* where the next one begins */
	int error;		/* errno of a failed read */
	char chunk[65536];
	size_t pos, len;
};

static struct reader *reader_new(int fd, off_t from)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	r->fd = fd;
	r->end = from;
	buf_init(&r->line, JOURNAL_LINE_MAX + 65536);
	return r;
}

static void reader_free(struct reader *r)
{
	buf_fini(&r->line);
	free(r);
}

static bool refill(struct reader *r)
{
	ssize_t n = pread(r->fd, r->chunk, sizeof(r->chunk), r->end);

	r->error = n < 0 ? errno : 0;
	r->pos = 0;
	r->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* False at the end of the file. */
static bool next_line(struct reader *r)
{
	buf_reset(&r->line);
	r->whole = false;
	while (!r->whole && (r->pos < r->len || refill(r))) {
		const char *from = r->chunk + r->pos;
		const char *nl = memchr(from, '\n', r->len - r->pos);
		size_t n = nl ? (size_t)(nl - from) : r->len - r->pos;

		buf_put(&r->line, from, n);
		r->whole = nl != NULL;
		r->pos += n + r->whole;
		r->end += (off_t)(n + r->whole);
	}
	return r->whole || r->line.len > 0 || r->line.failed;
}

static void remember(struct uset *s, const struct journal_line *l)
{
	if (l->keyed)
		uset_add(s, l->key);
}

/* What reading the tail found. */
struct tail {
	struct mark good;	/* behind the last good line */
	uint64_t lines;		/* complete ones, good or not */
	bool any;		/* good is set */
	bool broken;		/* the chain does not hold within it */
};

static void tail_line(struct journal *j, const struct reader *r,
    struct tail *t)
{
	const struct buf *b = &r->line;
	struct journal_line l;

	t->lines++;
	if (b->failed || !journal_line_parse(buf_str(b), b->len, &l))
		return;
	if (t->any && !journal_line_follows(&t->good.chain, &l))
		t->broken = true;
	journal_chain_set(&t->good.chain, l.seq, b->data, b->len);
	t->good.size = r->end;
	t->any = true;
	remember(j->older, &l);
}

/* Read all lines from the start, or all behind the first line end that is
 * behind from. */
static int read_lines(struct journal *j, off_t from, struct tail *t,
    struct err *e)
{
	struct reader *r = reader_new(j->fd, from);
	int error;

	if (from > 0)
		next_line(r);
	while (next_line(r))
		if (r->whole)
			tail_line(j, r, t);
	error = r->error;
	reader_free(r);
	return error == 0 ? 0 : err_set(e, ERR_IO, "journal: read %s: %s",
	    j->path, strerror(error));
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
	rc = read_lines(j, sb.st_size > TAIL ? sb.st_size - TAIL : 0, &t, e);
	if (rc != 0)
		return rc;
	if (!t.any && (t.lines > 0 || sb.st_size > TAIL))
		return err_set(e, ERR_CORRUPT, "journal: no good line at the "
		    "end of %s: keep it elsewhere and start with a new one",
		    j->path);
	j->now = j->safe = t.good;
	j->durable = t.good.size;
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
	rc = read_lines(j, 0, &t, e);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

/* --- life cycle ---------------------------------------------------------- */

static int sync_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? err_set(e, ERR_IO, "journal: "
	    "%s: %s", dir, strerror(errno)) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
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
	if (flock(j->fd, LOCK_EX | LOCK_NB) == 0)
		return sync_dir(dir, e);
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
	pthread_mutex_destroy(&j->lock);
	free(j->path);
	free(j);
}

int journal_open(const char *dir, struct journal **out, const char **note,
    struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	*note = NULL;
	if (j == NULL || asprintf(&j->path, "%s/journal.jsonl", dir) < 0) {
		free(j);
		return err_set(e, ERR_IO, "journal: out of memory");
	}
	j->fd = -1;
	pthread_mutex_init(&j->lock, NULL);
	buf_init(&j->line, 2 * JOURNAL_LINE_MAX);
	buf_init(&j->queue, QUEUE + 2 * JOURNAL_LINE_MAX);
	j->scratch = arena_new();
	j->pending = uset_new();
	j->seen = uset_new();
	j->older = uset_new();
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

/* --- writing; the lock is held ------------------------------------------- */

static void fail(struct journal *j, const char *what)
{
	if (j->failed.code == 0)
		err_set(&j->failed, ERR_IO, "journal: %s %s: %s: make room "
		    "or mend the disk; until then nothing is taken in", what,
		    j->path, strerror(errno));
}

/* The queue into the file, not yet durable. */
static void write_out(struct journal *j)
{
	size_t done = 0;

	if (j->failed.code != 0)
		return;
	if (j->cut && ftruncate(j->fd, j->now.size) < 0) {
		fail(j, "cut");
		return;
	}
	j->cut = false;
	while (done < j->queue.len) {
		ssize_t n = pwrite(j->fd, j->queue.data + done,
		    j->queue.len - done, j->now.size + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fail(j, "write");
			return;
		}
		done += (size_t)n;
	}
	j->now.size += (off_t)done;
	buf_reset(&j->queue);
}

/* Put the line that was made into the queue. */
static void take_line(struct journal *j)
{
	if (j->line.failed || j->failed.code != 0)
		return;
	journal_chain_set(&j->now.chain, j->now.chain.seq + 1, j->line.data,
	    j->line.len);
	buf_put(&j->queue, j->line.data, j->line.len);
	buf_putc(&j->queue, '\n');
	if (j->queue.len > QUEUE)
		write_out(j);
}

static bool is_double(const struct journal *j, const uint8_t key[16])
{
	return uset_has(j->pending, key) || uset_has(j->seen, key) ||
	    uset_has(j->older, key);
}

void journal_diff(struct journal *j, const struct entry *old,
    const struct entry *now, const char *deleter)
{
	const struct entry *en = now ? now : old;
	uint8_t key[16];
	bool keyed = journal_key(en->uuid, en->csn, now == NULL, key);

	pthread_mutex_lock(&j->lock);
	if (!keyed || !is_double(j, key)) {
		arena_reset(j->scratch);
		if (journal_line_diff(&j->line, j->scratch, &j->now.chain,
		    old, now, deleter)) {
			take_line(j);
			if (keyed)
				uset_add(j->pending, key);
		}
	}
	pthread_mutex_unlock(&j->lock);
}

void journal_refused(struct journal *j, const char *who, const char *what,
    const char *why)
{
	pthread_mutex_lock(&j->lock);
	journal_line_refused(&j->line, &j->now.chain, who, what, why);
	take_line(j);
	write_out(j);
	pthread_mutex_unlock(&j->lock);
}

/* Everything is in the file: this is what we come back to. */
static void keep(struct journal *j)
{
	const uint8_t *key;
	size_t pos = 0;

	counter_add(C_JOURNAL_LINES,
	    (int64_t)(j->now.chain.seq - j->safe.chain.seq));
	j->safe = j->now;
	while ((key = uset_next(j->pending, &pos)) != NULL)
		uset_add(j->seen, key);
	uset_clear(j->pending);
	if (uset_count(j->seen) < REMEMBER)
		return;
	uset_free(j->older);
	j->older = j->seen;
	j->seen = uset_new();
}

static void go_back(struct journal *j)
{
	j->now = j->safe;
	j->cut = ftruncate(j->fd, j->safe.size) < 0;
	buf_reset(&j->queue);
	uset_clear(j->pending);
}

int journal_flush(struct journal *j, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	write_out(j);
	if (j->failed.code == 0) {
		keep(j);
	} else {
		rc = err_set(e, ERR_IO, "%s", j->failed.text);
		j->failed.code = 0;
		go_back(j);
	}
	pthread_mutex_unlock(&j->lock);
	return rc;
}

int journal_sync(struct journal *j, struct err *e)
{
	off_t size;
	int fd;

	pthread_mutex_lock(&j->lock);
	size = j->safe.size;
	fd = size != j->durable ? j->fd : -1;
	pthread_mutex_unlock(&j->lock);
	if (fd < 0)
		return 0;
	if (fdatasync(fd) < 0)
		return err_set(e, ERR_IO, "journal: sync %s: %s: mend the "
		    "disk", j->path, strerror(errno));
	pthread_mutex_lock(&j->lock);
	j->durable = size;
	pthread_mutex_unlock(&j->lock);
	return 0;
}

/* --- verifying ------------------------------------------------------------ */

static int bad_line(struct err *e, const char *path, uint64_t line,
    const char *what)
{
	return err_set(e, ERR_CORRUPT, "journal: %s: line %" PRIu64 ": %s",
	    path, line, what);
}

static int verify_line(const char *path, uint64_t line,
    const struct reader *r, struct journal_chain *c, struct err *e)
{
	const struct buf *b = &r->line;
	struct journal_line l;

	if (!r->whole)
		return bad_line(e, path, line, "torn: it has no end");
	if (b->failed || !journal_line_parse(buf_str(b), b->len, &l))
		return bad_line(e, path, line, "damaged: its form or sum is "
		    "wrong");
	/* A file that does not begin with number 1 goes on from another. */
	if (line == 1 && l.seq > 1) {
		c->seq = l.seq - 1;
		memcpy(c->hash, l.prev, 32);
	}
	if (l.seq != c->seq + 1)
		return bad_line(e, path, line, "lines are missing or moved "
		    "before it: its number does not follow");
	if (!journal_line_follows(c, &l))
		return bad_line(e, path, line, "the line before it was "
		    "changed: its hash does not match");
	journal_chain_set(c, l.seq, b->data, b->len);
	return 0;
}

int journal_verify(const char *path, uint64_t *lines, struct err *e)
{
	struct journal_chain c = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct reader *r;

	*lines = 0;
	if (fd < 0)
		return err_set(e, ERR_IO, "journal: open %s: %s", path,
		    strerror(errno));
	r = reader_new(fd, 0);
	while (rc == 0 && next_line(r)) {
		rc = verify_line(path, *lines + 1, r, &c, e);
		*lines += rc == 0;
	}
	if (rc == 0 && r->error != 0)
		rc = err_set(e, ERR_IO, "journal: read %s: %s", path,
		    strerror(r->error));
	reader_free(r);
	close(fd);
	return rc;
}
