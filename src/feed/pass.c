/* SPDX-License-Identifier: ISC */
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

int feed_too_bad(const struct feed *f, const struct feed_counts *c,
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
	return feed_too_bad(f, c, &first, e);
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

int feed_scan(const struct feed *f, int fd, struct feed_seen **seen,
    struct feed_counts *counts, uint8_t sum[32], struct err *e)
{
	struct feed_seen *s = feed_seen_new();
	struct reader *r = NULL;
	int rc = sum_file(fd, sum, e);

	*counts = (struct feed_counts){ 0 };
	if (rc == 0)
		rc = reader_open(f, fd, &r, e);
	if (rc == 0) {
		rc = scan_rows(f, r, s, counts, e);
		reader_close(r);
	}
	if (rc == 0)
		rc = check_file(f, s, counts, e);
	if (rc != 0)
		feed_seen_free(s);
	else
		*seen = s;
	return rc;
}

/* --- every further one --------------------------------------------------------------- */

struct pass {
	const struct feed_pass *p;
	struct arena *a;		/* of a row */
	struct view_read *r;
	struct feed_find find;
	struct feed_seen *done;		/* doubles of this pass */
	struct feed_counts *c;
	uint64_t since;			/* rows since the snapshot */
	struct err first;		/* bad row */
};

static int snapshot(struct pass *s, struct err *e)
{
	if (s->r != NULL && s->since < SNAPSHOT_ROWS)
		return 0;
	view_read_end(s->r);
	s->r = NULL;
	s->since = 0;
	if (s->p->read(s->p->ctx, &s->r, e) != 0)
		return e->code;
	feed_find_init(&s->find, s->p->feed, s->r);
	return 0;
}

/* Tells of the step; a row that whoever is told refuses is a bad one, of which
 * they are told as well. */
static int tell(struct pass *s, struct feed_step *step, struct err *e)
{
	struct err why;
	int rc = s->p->step(s->p->ctx, step, &why);

	if (rc == ERR_ITEM_BAD && step->what != FEED_BAD) {
		step->what = FEED_BAD;
		step->why = why.text;
		step->want = NULL;
		if (s->c->n[FEED_BAD] == 0)
			s->first = why;
		rc = s->p->step(s->p->ctx, step, &why);
	}
	s->c->n[step->what]++;
	return rc != 0 ? err_set(e, rc, "%s", why.text) : 0;
}

static int tell_bad(struct pass *s, const struct record *rec, const char *key,
    const struct err *why, struct err *e)
{
	struct feed_step step = { .what = FEED_BAD, .row = rec->row,
	    .line = rec->line, .key = key, .why = why->text };

	if (s->c->n[FEED_BAD] == 0)
		s->first = *why;
	return tell(s, &step, e);
}

static int one_row(struct pass *s, const struct record *rec, struct err *e)
{
	struct feed_step step;
	struct err why = { 0 };
	bool deferred = false;
	int rc = row_step(&s->find, s->a, s->p->seen, rec, s->p->now, &step,
	    &deferred, &why);

	if (rc == ERR_ITEM_BAD)
		return tell_bad(s, rec, step.key, &why, e);
	if (rc != 0)
		return err_set(e, rc, "%s", why.text);
	if (!feed_seen_add(s->done, step.key, 0)) {
		step.what = FEED_SAME;
		step.want = NULL;
		step.why = "stands in the file twice";
	}
	s->c->deferred += deferred;
	return tell(s, &step, e);
}

static int rows(struct pass *s, struct reader *r, struct err *e)
{
	const struct record *rec;
	struct err why;
	int rc = 0, got;

	while (rc == 0 && (got = reader_next(r, &rec, &why)) != 0) {
		if (got < 0 && got != ERR_ITEM_BAD)
			return err_set(e, got, "%s", why.text);
		s->c->rows++;
		s->since++;
		if (got > 0 && (rc = snapshot(s, e)) != 0)
			break;
		rc = got > 0 ? one_row(s, rec, e) :
		    tell_bad(s, rec, NULL, &why, e);
		arena_reset(s->a);
	}
	return rc;
}

/* --- who is not in a full list --------------------------------------------------------- */

static int one_owned(struct pass *s, struct view_item *item, struct err *e)
{
	struct feed_step step = { .what = FEED_LEAVE,
	    .why = "is not in the file any more" };

	view_item_entry(s->a, item);
	step.key = entry_get(&item->entry, "provostExternalId");
	if (step.key == NULL || feed_seen_has(s->p->seen, step.key))
		return 0;
	step.old = entry_dup(s->a, &item->entry);
	step.want = row_left(s->a, step.old);
	return step.want == NULL ? 0 : tell(s, &step, e);
}

static const struct scim_attr *owner_attr(const struct scim_resource *r)
{
	size_t i, k;

	for (i = 0; i < r->n_schemas; i++)
		for (k = 0; k < r->schema[i].n; k++)
			if (str_ieq(r->schema[i].attr[k].ldap, r->owner_attr))
				return &r->schema[i].attr[k];
	return NULL;
}

static int leavers(struct pass *s, struct err *e)
{
	const struct feed *f = s->p->feed;
	const struct scim_attr *at = owner_attr(f->people);
	struct view_iter *it;
	struct view_item item;
	int rc;

	if (at == NULL || scim_index_of(at, NULL) == 0)
		return err_set(e, ERR_INVALID, "the mapping has no index of "
		    "people by their owner: a full list needs one");
	s->since = SNAPSHOT_ROWS;
	if ((rc = snapshot(s, e)) != 0 || (rc = view_iter_key(s->r,
	    f->people->type, scim_index_of(at, NULL), scim_key(s->a, at,
	    f->owner), false, NULL, &it, e)) != 0)
		return rc;
	while (rc == 0 && view_iter_next(it, &item)) {
		rc = one_owned(s, &item, e);
		arena_reset(s->a);
	}
	view_iter_free(it);
	return rc;
}

int feed_pass(const struct feed_pass *p, struct feed_counts *counts,
    struct err *e)
{
	struct pass s = { .p = p, .a = arena_new(), .c = counts,
	    .done = feed_seen_new() };
	struct reader *r = NULL;
	uint64_t unknown = counts->unknown;
	int rc = reader_open(p->feed, p->fd, &r, e);

	*counts = (struct feed_counts){ .unknown = unknown };
	if (rc == 0)
		rc = rows(&s, r, e);
	if (rc == 0)
		rc = feed_too_bad(p->feed, counts, &s.first, e);
	/* Whoever's row could not be read may be in it. */
	if (rc == 0 && p->feed->full && counts->unknown == 0)
		rc = leavers(&s, e);
	if (r != NULL)
		reader_close(r);
	view_read_end(s.r);
	feed_seen_free(s.done);
	arena_free(s.a);
	return rc;
}
