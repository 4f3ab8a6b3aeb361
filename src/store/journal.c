/* SPDX-License-Identifier: ISC */
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "model/dn.h"
#include "store/journal_file.h"
#include "store/journal_p.h"

#define REMEMBER 16384		/* doubles known at least; more than one
				 * commit has */

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
	if (j->queue.len > JOURNAL_QUEUE)
		write_out(j);
}

static bool is_double(const struct journal *j, const uint8_t key[16])
{
	return uset_has(j->pending, key) || uset_has(j->seen, key) ||
	    uset_has(j->older, key);
}

/* What the change belongs to; in scratch memory. */
static const char *batch_of(struct journal *j, const struct entry *en,
    const struct entry *now)
{
	const char *dn, *by;

	if (journal_marks_count(j->marks) == 0)
		return NULL;
	dn = dn_normal(j->scratch, en->dn, NULL);
	by = now != NULL && now->modifier != NULL ?
	    dn_normal(j->scratch, now->modifier, NULL) : NULL;
	return dn == NULL ? NULL : journal_marks_take(j->marks, dn,
	    by != NULL ? by : "");
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
		    old, now, deleter, batch_of(j, en, now))) {
			take_line(j);
			if (keyed)
				uset_add(j->pending, key);
		}
	}
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
	pthread_cond_broadcast(&j->grown);
	if (uset_count(j->seen) < REMEMBER ||
	    uset_count(j->seen) < uset_count(j->older))
		return;
	uset_free(j->older);
	j->older = j->seen;
	j->seen = uset_new();
}

/* With no batch under way it counts at once. */
void journal_refused(struct journal *j, const char *who, const char *what,
    const char *why)
{
	bool alone;

	pthread_mutex_lock(&j->lock);
	alone = j->now.chain.seq == j->safe.chain.seq && j->failed.code == 0;
	journal_line_refused(&j->line, &j->now.chain, who, what, why);
	take_line(j);
	write_out(j);
	if (alone && j->failed.code == 0)
		keep(j);
	pthread_mutex_unlock(&j->lock);
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
	j->failing = j->failed.code != 0;
	if (!j->failing) {
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

/* --- closing the file; the lock is held ---------------------------------- */

/* An empty file takes its place. The lines are on the disk before: a chain
 * must not go on from what may be lost. */
static int put_next(struct journal *j, const char *next, const char *closed,
    int *fd, struct err *e)
{
	if (fdatasync(j->fd) < 0)
		return err_set(e, ERR_IO, "journal: sync %s: %s", j->path,
		    strerror(errno));
	*fd = open(next, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, ERR_IO, "journal: make %s: %s", next,
		    strerror(errno));
	failpoint("journal-next");
	if (link(j->path, closed) < 0)
		return err_set(e, ERR_IO, "journal: name %s: %s", closed,
		    strerror(errno));
	failpoint("journal-linked");
	if (rename(next, j->path) < 0) {
		err_set(e, ERR_IO, "journal: rename %s: %s", next,
		    strerror(errno));
		unlink(closed);
		return ERR_IO;
	}
	failpoint("journal-renamed");
	return 0;
}

static int close_file(struct journal *j, struct err *e)
{
	const char *next, *closed;
	int fd = -1, rc;

	arena_reset(j->scratch);
	next = arena_printf(j->scratch, "%s.next", j->path);
	closed = journal_path_closed(j->scratch, j->dir, j->first);
	rc = put_next(j, next, closed, &fd, e);
	if (rc != 0) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	close(j->fd);
	j->fd = fd;
	j->now.size = j->safe.size = j->durable = 0;
	j->first = j->now.chain.seq + 1;
	j->asked = false;
	return journal_sync_dir(j->dir, e);
}

int journal_rotate(struct journal *j, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	if (j->safe.size == 0)
		j->asked = false;
	if ((j->asked || (uint64_t)j->safe.size >= j->limit) &&
	    j->now.chain.seq == j->safe.chain.seq && j->failed.code == 0 &&
	    !j->cut)
		rc = close_file(j, e);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

void journal_limit(struct journal *j, uint64_t bytes)
{
	pthread_mutex_lock(&j->lock);
	j->limit = bytes;
	pthread_mutex_unlock(&j->lock);
}

void journal_ask(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->asked = true;
	pthread_mutex_unlock(&j->lock);
}

bool journal_failing(struct journal *j)
{
	bool failing;

	pthread_mutex_lock(&j->lock);
	failing = j->failing;
	pthread_mutex_unlock(&j->lock);
	return failing;
}

/* --- batches ------------------------------------------------------------- */

void journal_batch_name(struct journal *j, char out[JOURNAL_BATCH])
{
	char some[9];

	hash_random_id(some, 8);
	snprintf(out, JOURNAL_BATCH, "%" PRIu64 "-%s", journal_last(j), some);
}

bool journal_batch_since(const char *batch, uint64_t *since)
{
	size_t n = strspn(batch, "0123456789");

	*since = 0;
	if (n == 0 || n > 18 || batch[n] != '-' ||
	    strlen(batch) >= JOURNAL_BATCH)
		return false;
	*since = strtoull(batch, NULL, 10);
	return true;
}

struct journal_mark *journal_mark_begin(struct journal *j, const char *batch,
    const char *dn, const char *by)
{
	struct journal_mark *k = NULL;
	struct arena *a = arena_new();
	const char *norm = dn_normal(a, dn, NULL);
	const char *who = by != NULL ? dn_normal(a, by, NULL) : NULL;

	pthread_mutex_lock(&j->lock);
	if (norm != NULL)
		k = journal_marks_add(j->marks, batch, norm, who);
	pthread_mutex_unlock(&j->lock);
	arena_free(a);
	return k;
}

void journal_mark_end(struct journal *j, struct journal_mark *k, bool later)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	journal_marks_end(j->marks, k, later);
	pthread_mutex_unlock(&j->lock);
}

/* --- for who reads ------------------------------------------------------- */

const char *journal_dir(const struct journal *j)
{
	return j->dir;
}

uint64_t journal_last(struct journal *j)
{
	uint64_t seq;

	pthread_mutex_lock(&j->lock);
	seq = j->safe.chain.seq;
	pthread_mutex_unlock(&j->lock);
	return seq;
}

void journal_wait(struct journal *j, uint64_t seq, int64_t until_mono)
{
	struct timespec ts = { until_mono / CLOCK_SECOND,
		until_mono % CLOCK_SECOND * 1000 };
	unsigned wakes;

	pthread_mutex_lock(&j->lock);
	wakes = j->wakes;
	while (j->safe.chain.seq <= seq && j->wakes == wakes)
		if (pthread_cond_timedwait(&j->grown, &j->lock, &ts) ==
		    ETIMEDOUT)
			break;
	pthread_mutex_unlock(&j->lock);
}

void journal_wake(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->wakes++;
	pthread_cond_broadcast(&j->grown);
	pthread_mutex_unlock(&j->lock);
}
