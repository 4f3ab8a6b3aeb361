/* SPDX-License-Identifier: ISC */
/*
 * The keys of a file, sorted on disk: 64 bits each, a hash of the key. While
 * they are added they fall, with a hash of their row, into one of 256 buckets
 * by their first byte; a bucket's full block goes to the temporary file and
 * names the one before. In the end each bucket is read back, sorted and
 * written again behind all blocks:
 *
 *	block block block ... | keys of bucket 0 | keys of bucket 1 | ...
 *
 * So memory holds a block of each bucket, and of a file's rows a 256th at a
 * time. Two keys with one hash would be taken for one; in a file of a million
 * rows that comes once in thirty million files, and then the rows are refused
 * as doubles: nobody is taken for gone.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/tempfile.h"
#include "feed/feed_p.h"

#define BUCKETS 256
#define BLOCK_PAIRS 255
#define BUCKET_MAX (UINT64_C(4) << 20)
#define WINDOW 512		/* keys that are read at once */

struct pair {
	uint64_t key, contents;
};

struct block {			/* 4 KiB, on disk as well */
	uint64_t before;	/* number of the bucket's last one, from 1 */
	uint64_t n;
	struct pair v[BLOCK_PAIRS];
};

struct bucket {
	uint64_t n;		/* keys, each once; before the end: pairs */
	off_t at;		/* where they are */
};

struct double_key {
	uint64_t key;
	bool clash;
};

struct feed_seen {
	int fd;
	uint64_t seed;
	uint64_t blocks;	/* written */
	struct block *block;	/* of each bucket; NULL once all is sorted */
	struct bucket bucket[BUCKETS];
	struct double_key *twice;	/* sorted */
	size_t n_twice, cap_twice;
	struct err err;		/* what an addition failed by */
};

static uint64_t hash(const struct feed_seen *s, const char *key)
{
	return hash_fast(key, strlen(key), s->seed);
}

int feed_seen_new(const char *tmp, struct feed_seen **out, struct err *e)
{
	struct feed_seen *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL || (s->block = calloc(BUCKETS, sizeof(*s->block))) ==
	    NULL)
		abort();
	hash_random(&s->seed, sizeof(s->seed));
	if ((rc = tempfile_new(tmp, &s->fd, e)) != 0) {
		s->fd = -1;
		feed_seen_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void feed_seen_add(struct feed_seen *s, const char *key, uint64_t contents)
{
	uint64_t h = hash(s, key);
	struct block *b = &s->block[h >> 56];

	if (s->err.code != 0)
		return;
	b->v[b->n++] = (struct pair){ h, contents };
	if (++s->bucket[h >> 56].n == BUCKET_MAX)
		err_set(&s->err, ERR_INVALID, "too many rows in all, or with "
		    "one key (\"%.64s\", say): split the file, or see whether "
		    "externalId is the right column", key);
	if (b->n < BLOCK_PAIRS)
		return;
	tempfile_put(s->fd, b, sizeof(*b), &s->err);
	b->before = ++s->blocks;
	b->n = 0;
}

/* --- the end: sorting ----------------------------------------------------- */

static int by_key(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	if (p->key != q->key)
		return p->key < q->key ? -1 : 1;
	return p->contents < q->contents ? -1 : p->contents > q->contents;
}

static int read_at(int fd, void *p, size_t n, off_t at, struct err *e)
{
	ssize_t got = pread(fd, p, n, at);

	return got == (ssize_t)n ? 0 : err_set(e, ERR_IO,
	    "cannot read a temporary file: %m");
}

/* All pairs of a bucket, malloc'd. */
static int gather(struct feed_seen *s, size_t i, struct pair **out,
    struct err *e)
{
	struct block *b = &s->block[i];
	struct pair *v = malloc((s->bucket[i].n + 1) * sizeof(*v));
	size_t n = 0;
	int rc;

	if (v == NULL)
		abort();
	*out = v;
	for (;;) {
		memcpy(v + n, b->v, b->n * sizeof(*v));
		n += b->n;
		if (b->before == 0)
			return 0;
		if ((rc = read_at(s->fd, b, sizeof(*b), (off_t)((b->before -
		    1) * sizeof(*b)), e)) != 0)
			return rc;
	}
}

static int note_double(struct feed_seen *s, uint64_t key, bool clash,
    struct err *e)
{
	struct double_key *last;

	if (s->n_twice > 0) {
		last = &s->twice[s->n_twice - 1];
		if (last->key == key) {
			last->clash |= clash;
			return 0;
		}
	}
	if (s->n_twice == FEED_DOUBLES_MAX)
		return err_set(e, ERR_INVALID, "more than %d keys stand in the "
		    "file twice: is it one file, and is their column the "
		    "right one?", FEED_DOUBLES_MAX);
	if (s->n_twice == s->cap_twice) {
		s->cap_twice = s->cap_twice != 0 ? s->cap_twice * 2 : 64;
		s->twice = realloc(s->twice, s->cap_twice * sizeof(*s->twice));
		if (s->twice == NULL)
			abort();
	}
	s->twice[s->n_twice++] = (struct double_key){ key, clash };
	return 0;
}

/* Sorted, each key once and at the front of v, as keys. */
static int reduce(struct feed_seen *s, struct pair *v, uint64_t *n,
    struct err *e)
{
	uint64_t *keys = (uint64_t *)v, last = 0, contents = 0;
	uint64_t i, out = 0;
	int rc = 0;

	qsort(v, *n, sizeof(*v), by_key);
	for (i = 0; i < *n && rc == 0; i++) {
		const struct pair p = v[i];

		if (out > 0 && p.key == last)
			rc = note_double(s, p.key, p.contents != contents, e);
		else
			keys[out++] = p.key;
		last = p.key;
		contents = p.contents;
	}
	*n = out;
	return rc;
}

int feed_seen_end(struct feed_seen *s, struct err *e)
{
	off_t at = (off_t)(s->blocks * sizeof(*s->block));
	size_t i;
	int rc = s->err.code;

	if (rc != 0)
		*e = s->err;
	for (i = 0; i < BUCKETS && rc == 0; i++) {
		struct bucket *b = &s->bucket[i];
		struct pair *v;

		if ((rc = gather(s, i, &v, e)) == 0 &&
		    (rc = reduce(s, v, &b->n, e)) == 0)
			rc = tempfile_put(s->fd, v, b->n * sizeof(b->n), e);
		b->at = at;
		at += (off_t)(b->n * sizeof(b->n));
		free(v);
	}
	free(s->block);
	s->block = NULL;
	return rc;
}

/* --- asking --------------------------------------------------------------- */

/* 1, 0 or an error. */
static int look_up(const struct feed_seen *s, uint64_t key, struct err *e)
{
	uint64_t n = s->bucket[key >> 56].n, mid, v[WINDOW], i;
	off_t at = s->bucket[key >> 56].at;
	int rc;

	while (n > WINDOW) {
		mid = n / 2;
		if ((rc = read_at(s->fd, v, sizeof(*v), at + (off_t)(mid *
		    sizeof(*v)), e)) != 0)
			return rc;
		if (*v <= key) {
			at += (off_t)(mid * sizeof(*v));
			n -= mid;
		} else {
			n = mid;
		}
	}
	if ((rc = read_at(s->fd, v, n * sizeof(*v), at, e)) != 0)
		return rc;
	for (i = 0; i < n && v[i] < key; i++)
		;
	return i < n && v[i] == key;
}

bool feed_seen_has(const struct feed_seen *s, const char *key)
{
	struct err e;
	int rc = look_up(s, hash(s, key), &e);

	if (rc < 0)
		log_error("%s: nobody is taken for gone", err_text(&e));
	return rc != 0;
}

size_t feed_seen_doubles(const struct feed_seen *s)
{
	return s->n_twice;
}

static int by_double(const void *x, const void *y)
{
	const uint64_t key = *(const uint64_t *)x;
	const struct double_key *d = y;

	return key < d->key ? -1 : key > d->key;
}

static const struct double_key *find_double(const struct feed_seen *s,
    const char *key)
{
	const uint64_t h = hash(s, key);

	return s->n_twice == 0 ? NULL : bsearch(&h, s->twice, s->n_twice,
	    sizeof(*s->twice), by_double);
}

ptrdiff_t feed_seen_double(const struct feed_seen *s, const char *key)
{
	const struct double_key *d = find_double(s, key);

	return d != NULL ? d - s->twice : -1;
}

bool feed_seen_clashes(const struct feed_seen *s, const char *key)
{
	const struct double_key *d = find_double(s, key);

	return d != NULL && d->clash;
}

void feed_seen_free(struct feed_seen *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->block);
	free(s->twice);
	free(s);
}
