/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "feed/feed_p.h"
#include "feed/reader.h"
#include "feed/row.h"

#define SNAPSHOT_ROWS 2000	/* before a newer one is taken */

/* --- the first reading ------------------------------------------------------------ */

static int sum_file(int fd, uint8_t sum[32], struct err *e)
{
	struct hash_run *h = hash_run_begin();
	char p[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, p, sizeof(p), at)) > 0) {
		hash_run_add(h, p, (size_t)n);
		at += n;
	}
	hash_run_end(h, sum);
	return n < 0 ? err_set(e, ERR_IO, "cannot read the file: %m") : 0;
}

/* More bad rows than the setting lets pass: ERR_INVALID, with the first. */
static int too_bad(const struct feed *f, const struct feed_counts *c,
    const struct err *first, struct err *e)
{
	uint64_t bad = c->n[FEED_BAD];

	if (bad * 1000 <= (uint64_t)f->conf.bad_rows * c->rows)
		return 0;
	return err_set(e, ERR_INVALID, "%llu of %llu rows are bad, more than "
	    "%lld.%lld %%: nothing of the file was used. The first: %.250s",
	    (unsigned long long)bad, (unsigned long long)c->rows,
	    (long long)f->conf.bad_rows / 10,
	    (long long)f->conf.bad_rows % 10, first->text);
}

static int scan_rows(const struct feed *f, struct reader *r,
    struct feed_seen *seen, struct feed_counts *c, struct err *e)
{
	struct arena *a = arena_new();
	struct err first = { 0 }, why;
	const struct record *rec;
	const char *key;
	uint64_t contents;
	int rc;

	while ((rc = reader_next(r, &rec, &why)) != 0) {
		if (rc < 0 && rc != ERR_ITEM_BAD)
			break;
		c->rows++;
		if (rc > 0)
			rc = row_key(f, a, rec, &key, &contents, &why);
		if (rc == 0)
			feed_seen_add(seen, key, contents);
		else if (c->n[FEED_BAD]++ == 0)
			first = why;
		arena_reset(a);
	}
	arena_free(a);
	if (rc < 0)
		return err_set(e, rc, "%s", why.text);
	c->unknown = c->n[FEED_BAD];
	return too_bad(f, c, &first, e);
}

static int check_file(const struct feed *f, const struct feed_seen *seen,
    const struct feed_counts *c, struct err *e)
{
	if (c->rows == 0 && f->full)
		return err_set(e, ERR_INVALID, "the file has no rows: that "
		    "everybody has left is not believed");
	if (*f->conf.sentinel != '\0' && !feed_seen_has(seen,
	    f->conf.sentinel))
		return err_set(e, ERR_INVALID, "%s is not in the file, and "
		    "must be (feeds.%s.sentinel): it is another file, or not "
		    "the whole one", f->conf.sentinel, f->conf.name);
	return 0;
}

int feed_scan(const struct feed *f, int fd, const char *tmp,
    struct feed_seen **seen, struct feed_counts *counts, uint8_t sum[32],
    struct err *e)
{
	struct feed_seen *s = NULL;
	struct reader *r = NULL;
	int rc = sum_file(fd, sum, e);

	*counts = (struct feed_counts){ 0 };
	if (rc == 0 && (rc = feed_seen_new(tmp, &s, e)) == 0)
		rc = reader_open(f, fd, &r, e);
	if (rc == 0) {
		rc = scan_rows(f, r, s, counts, e);
		reader_close(r);
	}
	if (rc == 0 && (rc = feed_seen_end(s, e)) == 0)
		rc = check_file(f, s, counts, e);
	if (rc != 0)
		feed_seen_free(s);
	else
		*seen = s;
	return rc;
}

/* --- every further one --------------------------------------------------------------- */

struct feed_walk {
	struct feed_walk_conf conf;
	struct reader *reader;		/* NULL: all rows are through */
	struct arena *a;		/* of a step */
	struct view_read *r;
	struct feed_find find;
	bool *done;			/* by double: the first is through */
	struct view_iter *owned;	/* NULL: not yet, or not any more */
	bool over;
	struct feed_counts c;
	uint64_t since;			/* rows since the snapshot */
	enum feed_what last;
	char why[sizeof(((struct err *)NULL)->text)];
	struct err first;		/* bad row */
};

static int snapshot(struct feed_walk *w, struct err *e)
{
	if (w->r != NULL && w->since < SNAPSHOT_ROWS)
		return 0;
	view_read_end(w->r);
	w->r = NULL;
	w->since = 0;
	if (w->conf.read(w->conf.ctx, &w->r, e) != 0)
		return e->code;
	feed_find_init(&w->find, w->conf.feed, w->r);
	return 0;
}

static int bad(struct feed_walk *w, const struct record *rec, const char *key,
    const struct err *why, struct feed_step *out)
{
	if (w->c.n[FEED_BAD] == 0)
		w->first = *why;
	memcpy(w->why, why->text, sizeof(w->why));
	*out = (struct feed_step){ .what = FEED_BAD, .row = rec->row,
	    .line = rec->line, .key = key, .why = w->why };
	return 1;
}

static int one_row(struct feed_walk *w, const struct record *rec,
    struct feed_step *out, struct err *e)
{
	struct err why = { 0 };
	bool deferred = false;
	ptrdiff_t twice;
	int rc = row_step(&w->find, w->a, w->conf.seen, rec, w->conf.now, out,
	    &deferred, &why);

	if (rc == ERR_ITEM_BAD)
		return bad(w, rec, out->key, &why, out);
	if (rc != 0)
		return err_set(e, rc, "%s", why.text);
	if ((twice = feed_seen_double(w->conf.seen, out->key)) >= 0) {
		if (w->done[twice]) {
			out->what = FEED_SAME;
			out->want = NULL;
			out->why = "stands in the file twice";
		}
		w->done[twice] = true;
	}
	w->c.deferred += deferred;
	return 1;
}

static int next_row(struct feed_walk *w, struct feed_step *out, struct err *e)
{
	const struct record *rec;
	struct err why;
	int rc = snapshot(w, e), got;

	if (rc != 0)
		return rc;
	got = reader_next(w->reader, &rec, &why);
	if (got == 0)
		return 0;
	if (got < 0 && got != ERR_ITEM_BAD)
		return err_set(e, got, "%s", why.text);
	w->c.rows++;
	w->since++;
	return got > 0 ? one_row(w, rec, out, e) :
	    bad(w, rec, NULL, &why, out);
}

/* --- who is not in a full list --------------------------------------------------------- */

/* All rows are through: from now on those of the feed who are in none. Whoever's
 * row could not be read may be anybody, so then nobody is gone. */
static int begin_owned(struct feed_walk *w, struct err *e)
{
	const struct feed *f = w->conf.feed;
	const struct scim_attr *at = feed_owner_attr(f);
	int rc = too_bad(f, &w->c, &w->first, e);

	reader_close(w->reader);
	w->reader = NULL;
	w->over = !f->full || w->c.unknown > 0;
	if (rc != 0 || w->over)
		return rc;
	if (at == NULL)
		return err_set(e, ERR_INVALID, "the mapping has no index of "
		    "people by their owner: a full list needs one");
	w->since = SNAPSHOT_ROWS;
	if ((rc = snapshot(w, e)) != 0)
		return rc;
	return view_iter_key(w->r, f->people->type, scim_index_of(at, NULL),
	    scim_key(w->a, at, f->owner), false, NULL, &w->owned, e);
}

static int next_owned(struct feed_walk *w, struct feed_step *out)
{
	struct view_item item;

	while (view_iter_next(w->owned, &item)) {
		arena_reset(w->a);
		view_item_entry(w->a, &item);
		*out = (struct feed_step){ .what = FEED_LEAVE,
		    .why = "is not in the file any more",
		    .key = entry_get(&item.entry, "provostExternalId") };
		if (out->key == NULL || feed_seen_has(w->conf.seen, out->key))
			continue;
		out->old = entry_dup(w->a, &item.entry);
		if ((out->want = row_left(w->a, out->old)) != NULL)
			return 1;
	}
	view_iter_free(w->owned);
	w->owned = NULL;
	w->over = true;
	return 0;
}

int feed_walk_next(struct feed_walk *w, struct feed_step *out, struct err *e)
{
	int rc = 0;

	arena_reset(w->a);
	if (w->reader != NULL) {
		rc = next_row(w, out, e);
		if (rc == 0 && (rc = begin_owned(w, e)) != 0)
			return rc;
	}
	if (rc == 0 && !w->over)
		rc = next_owned(w, out);
	if (rc > 0)
		w->c.n[w->last = out->what]++;
	return rc;
}

void feed_walk_refuse(struct feed_walk *w, const struct err *why)
{
	if (w->c.n[FEED_BAD] == 0)
		w->first = *why;
	w->c.n[w->last]--;
	w->c.n[w->last = FEED_BAD]++;
}

const struct feed_counts *feed_walk_counts(const struct feed_walk *w)
{
	return &w->c;
}

int feed_walk_open(const struct feed_walk_conf *conf, struct feed_walk **out,
    struct err *e)
{
	struct feed_walk *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL || (w->done = calloc(feed_seen_doubles(conf->seen) + 1,
	    sizeof(*w->done))) == NULL)
		abort();
	w->conf = *conf;
	w->a = arena_new();
	w->c.unknown = conf->counts->unknown;
	if ((rc = reader_open(conf->feed, conf->fd, &w->reader, e)) != 0) {
		feed_walk_close(w);
		return rc;
	}
	*out = w;
	return 0;
}

void feed_walk_close(struct feed_walk *w)
{
	if (w == NULL)
		return;
	if (w->reader != NULL)
		reader_close(w->reader);
	if (w->owned != NULL)
		view_iter_free(w->owned);
	view_read_end(w->r);
	free(w->done);
	arena_free(w->a);
	free(w);
}
