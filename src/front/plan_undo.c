/* SPDX-License-Identifier: ISC */
/* An undo as a plan (FAULTS D10): the lines of a batch, or those between two
 * numbers, turned back over the entries as they are now (core/undo). Applied it
 * is a batch like any other, so an undo is undone in the same way. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "codec/scim_map.h"
#include "core/undo.h"
#include "directory/intake.h"
#include "front/operations.h"
#include "front/plan.h"
#include "model/dn.h"
#include "store/journal_line.h"
#include "store/journal_read.h"

struct range {
	const char *batch;		/* NULL: all of since to until */
	uint64_t since, until;		/* behind, up to */
};

struct finding {
	struct planning *pl;
	struct view_read *read;
	const struct scim_resource *resource;	/* of the entry looked at */
	const char *what;		/* that is undone, in words */
};

/* --- what is asked for ---------------------------------------------------- */

static int read_number(const struct json *j, const char *name, int64_t most,
    uint64_t *out, struct err *e)
{
	int64_t v = json_member_int(j, name, -1);

	if (v < 0 || v > most)
		return err_set(e, ERR_INVALID, "undo.%s: a number up to %"
		    PRId64 ", the newest change, is needed", name, most);
	*out = (uint64_t)v;
	return 0;
}

static int read_range(const struct planning *pl, struct range *r,
    struct err *e)
{
	const struct json *j = json_member(pl->body, "undo");
	uint64_t last = journal_last(pl->c->f->conf.journal);
	int rc;

	r->batch = json_member_str(j, "batch");
	r->until = last;
	if (r->batch != NULL)
		return journal_batch_since(r->batch, &r->since) &&
		    r->since <= last ? 0 : err_set(e, ERR_INVALID,
		    "undo.batch: no batch has this name");
	rc = read_number(j, "since", (int64_t)last, &r->since, e);
	if (rc == 0)
		rc = read_number(j, "until", (int64_t)last, &r->until, e);
	if (rc == 0 && r->until <= r->since)
		rc = err_set(e, ERR_INVALID, "undo: the changes behind since "
		    "up to until: until must be the larger one");
	return rc;
}

/* --- the lines ------------------------------------------------------------ */

static bool is_of(const struct range *r, const char *line, size_t n)
{
	struct journal_line l;

	return r->batch == NULL || (memmem(line, n, r->batch,
	    strlen(r->batch)) != NULL && journal_line_parse(line, n, &l) &&
	    str_eq(l.batch, r->batch));
}

static int read_lines(struct undo *u, const struct range *r,
    struct journal_cursor *cursor, struct err *e)
{
	const char *line;
	size_t n;
	int rc = 0;

	while (rc == 0) {
		rc = journal_cursor_next(cursor, r->until, &line, &n, e);
		if (rc == 0 && is_of(r, line, n))
			rc = undo_line(u, line, n, e);
	}
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int find_lines(const struct planning *pl, struct undo *u,
    const struct range *r, int *status, struct err *e)
{
	struct journal_cursor *cursor;
	uint64_t oldest;
	int rc = journal_cursor_open(journal_dir(pl->c->f->conf.journal),
	    r->since, &cursor, &oldest, e);

	if (rc == ERR_NOT_FOUND)
		*status = 410;
	if (rc != 0)
		return rc;
	rc = read_lines(u, r, cursor, e);
	journal_cursor_close(cursor);
	if (rc == 0 && undo_count(u) == 0)
		rc = err_set(e, ERR_NOT_FOUND, "the journal has no change of "
		    "it that can be undone: receipts, jobs and clients are "
		    "not");
	return rc;
}

/* --- an entry ------------------------------------------------------------- */

static bool has_name(const struct scim_attr *at, const char *name)
{
	return *at->ldap != '\0' && attr_base_len(at->ldap) ==
	    attr_base_len(name) && strncasecmp(at->ldap, name,
	    attr_base_len(name)) == 0;
}

/* Is name stored by one of these, and as one value? */
static bool one_of(const struct scim_attr *at, size_t n, bool multi,
    const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool many = multi || (at[i].multi && at[i].max != 1);

		if ((has_name(&at[i], name) && !many) ||
		    one_of(at[i].sub, at[i].n_sub, many, name))
			return true;
	}
	return false;
}

static bool single(const char *name, void *ctx)
{
	const struct finding *f = ctx;
	const struct scim_resource *r = f->resource;
	size_t i;

	for (i = 0; r != NULL && i < r->n_schemas; i++)
		if (one_of(r->schema[i].attr, r->schema[i].n, false, name))
			return true;
	return false;
}

static struct entry *now_is(const struct finding *f, const uint8_t uuid[16])
{
	struct view_item item;

	return view_get(f->read, uuid, &item) == 0 ?
	    planning_entry(f->pl, &item) : NULL;
}

static void note(const struct finding *f, const char *dn,
    const struct undo_result *r)
{
	struct planning *pl = f->pl;
	struct json *j;

	if (r->notes.n == 0)
		return;
	if (pl->notes == NULL)
		pl->notes = json_new(pl->a, JSON_IS_ARRAY);
	j = json_push(pl->notes, json_new(pl->a, JSON_IS_OBJECT));
	operations_put(pl->a, j, "dn", dn);
	json_put(pl->a, j, "conflict", json_new_bool(pl->a, r->conflict));
	operations_put_list(pl->a, j, "notes", &r->notes);
}

static int undo_one(struct finding *f, const struct undo *u, size_t i,
    struct err *e)
{
	struct planning *pl = f->pl;
	const struct scim_map *m = pl->c->f->conf.map;
	struct undo_look look = { .single = single, .ctx = f };
	struct touched t = { .made = "", .by = 1, .why = f->what };
	struct undo_entry at;
	struct undo_result r;
	struct view_item item;
	const char *dn;

	undo_at(u, i, &at);
	dn = dn_normal(pl->a, at.dn, NULL);
	look.now = now_is(f, at.uuid);
	look.taken = look.now == NULL && intake_find(f->read, m, dn, &item);
	f->resource = look.now != NULL ? scim_map_classify(m, look.now, dn) :
	    NULL;
	undo_make(u, i, pl->a, &look, &r);
	note(f, at.dn, &r);
	if (!r.change)
		return 0;
	t.old = look.now;
	t.want = r.want;
	planning_change(pl, &t);
	return planning_touch(pl, &t, e);
}

static int undo_all(struct planning *pl, const struct undo *u,
    const struct range *r, struct err *e)
{
	struct finding f = { .pl = pl, .what = r->batch != NULL ?
	    arena_printf(pl->a, "undo of %s", r->batch) :
	    arena_printf(pl->a, "undo of %" PRIu64 " to %" PRIu64,
	    r->since + 1, r->until) };
	int rc = view_read_begin(pl->c->f->conf.view, &f.read, e);
	size_t i;

	if (rc != 0)
		return rc;
	for (i = 0; rc == 0 && i < undo_count(u); i++)
		rc = undo_one(&f, u, i, e);
	view_read_end(f.read);
	return rc;
}

int plan_undo(struct planning *pl, int *status, struct err *e)
{
	static const char *const ou[] = { INTAKE_RECEIPTS_OU, INTAKE_JOBS_OU };
	const struct scim_map *m = pl->c->f->conf.map;
	struct strv never = { 0 };
	struct range r = { 0 };
	struct undo *u;
	size_t i;
	int rc;

	if (pl->c->f->conf.journal == NULL)
		return err_set(e, ERR_UNSUPPORTED, "there is no journal");
	for (i = 0; i < sizeof(ou) / sizeof(ou[0]); i++)
		strv_add(pl->a, &never, dn_normal(pl->a, arena_printf(pl->a,
		    "%s,%s", ou[i], m->suffix), NULL));
	strv_add(pl->a, &never, scim_map_type(m, pl->c->f->token_type)->
	    container_norm);
	u = undo_new(pl->a, &never);
	rc = read_range(pl, &r, e);
	if (rc == 0)
		rc = find_lines(pl, u, &r, status, e);
	return rc != 0 ? rc : undo_all(pl, u, &r, e);
}
