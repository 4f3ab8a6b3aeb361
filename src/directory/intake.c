/* SPDX-License-Identifier: ISC */
#include "directory/intake.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/scim_render.h"
#include "core/cascade.h"
#include "core/review.h"
#include "directory/aside.h"
#include "directory/world.h"
#include "model/dn.h"

#define JSON_MAX ((size_t)32 << 20)

int intake_init(struct intake *in, const struct scim_map *m,
	struct journal *j, struct aside *aside, struct err *e)
{
	*in = (struct intake){ .map = m, .journal = j, .aside = aside };
	in->keep = arena_new();
	in->names = arena_new();
	in->base = dn_normal(in->names, m->suffix, e);
	if (in->base == NULL) {
		intake_fini(in);
		return err_wrap(e, "suffix");
	}
	in->receipts = dn_normal(in->names, arena_printf(in->names, "%s,%s",
		INTAKE_RECEIPTS_OU, in->base), NULL);
	in->jobs = dn_normal(in->names, arena_printf(in->names, "%s,%s",
		INTAKE_JOBS_OU, in->base), NULL);
	return 0;
}

void intake_fini(struct intake *in)
{
	arena_free(in->keep);
	arena_free(in->names);
	in->keep = in->names = NULL;
}

void intake_begin(struct intake *in, struct view_write *w,
	struct view_read *seen)
{
	arena_reset(in->keep);
	in->w = w;
	in->seen = seen;
	in->top_moved = false;
	in->moved = (struct strv){ 0 };
}

void intake_clear(struct intake *in)
{
	in->differing = in->unfit = 0;
	in->base_seen = false;
}

/* Never asked for, and never kept should a server send it unasked. */
static void drop_secrets(struct entry *e)
{
	size_t i, n = 0;

	for (i = 0; i < e->n; i++) {
		if (attr_base_len(e->a[i].name) == strlen("userPassword") &&
		    str_istarts(e->a[i].name, "userPassword"))
			continue;
		e->a[n++] = e->a[i];
	}
	e->n = n;
}

static int classify(const struct intake *in, const struct entry *e,
	const char *dn, const struct scim_resource **r)
{
	*r = scim_map_classify(in->map, e, dn);
	if (*r != NULL)
		return (*r)->type;
	if (dn_child(dn, in->receipts) && entry_is(e, "provostReceipts"))
		return INTAKE_RECEIPTS;
	if (dn_child(dn, in->jobs) && entry_is(e, "provostJob"))
		return INTAKE_JOBS;
	return INTAKE_OTHER;
}

/* Counted up all the time: who has the lease stands in the log, and whom the
 * guard has counted was journalled with what became of them. */
static bool is_counter(int type, const struct entry *e)
{
	const char *kind = type == INTAKE_JOBS ?
		entry_get(e, "provostJobKind") : NULL;

	return str_ieq(kind, "lease") || str_ieq(kind, "window");
}

static void note_move(struct intake *in, int type, const char *dn)
{
	if (type == INTAKE_OTHER)
		in->top_moved = true;
	else
		strv_add(in->keep, &in->moved, arena_strdup(in->keep, dn));
}

/* Was exactly this there before? A child of a renamed entry keeps its CSN, so
 * the DN counts too. Without a CSN nobody can tell. */
static bool unchanged(struct intake *in, struct arena *a,
	const struct entry *e)
{
	struct view_item it;

	if (*e->csn == '\0' || view_get(in->seen, e->uuid, &it) != 0 ||
	    !str_eq(it.csn, e->csn))
		return false;
	view_item_entry(a, &it);
	return str_eq(it.entry.dn, e->dn);
}

/* Has a company gone from the entry, now or before? */
static bool lost_company(const struct entry *old, const struct entry *e)
{
	const struct attr *had = entry_attr(old, "provostCompany");
	size_t i;

	for (i = 0; had != NULL && i < had->n; i++)
		if (!entry_has(e, "provostCompany", had->v[i].p))
			return true;
	return entry_attr(old, CASCADE_TAKEN) != NULL;
}

/* V14: the companies that were taken away and on which something hangs. */
static struct strv still_taken(struct intake *in, struct arena *a,
	const struct entry *old, const struct entry *e)
{
	struct strv taken = { 0 };
	struct world_view *w;

	if (!lost_company(old, e))
		return taken;
	w = world_over(in->seen, in->map);
	taken = cascade_pending(a, old, e, world_lookups(w));
	world_close(w);
	return taken;
}

static struct entry *mark(struct arena *a, const struct entry *e,
	struct entry *marked, const char *attr, const struct strv *values)
{
	size_t i;

	if (values->n != 0 && marked == NULL)
		marked = entry_dup(a, e);
	for (i = 0; i < values->n; i++)
		entry_add(a, marked, attr, values->v[i]);
	return marked;
}

/* A person as the view keeps them for the engine: with what came of the change
 * and is to be written yet. NULL: nothing is. What old has of that is nobody's
 * change. */
static struct entry *marked(struct intake *in, struct arena *a,
	struct entry *old, const struct entry *e)
{
	struct strv taken = still_taken(in, a, old, e);
	struct strv moved = review_pending(a, old, e);
	struct entry *m = mark(a, e, NULL, CASCADE_TAKEN, &taken);

	entry_drop(old, CASCADE_TAKEN);
	entry_drop(old, REVIEW_MOVED);
	return mark(a, e, m, REVIEW_MOVED, &moved);
}

static int store(struct intake *in, struct arena *a, const struct entry *e,
	const char *dn, struct buf *json, struct err *err)
{
	const struct scim_resource *r;
	struct index_key *keys, only = { SCIM_INDEX_DN, dn };
	struct view_record rec = { .entry = e, .key = &only, .n_keys = 1 };
	struct entry old = { 0 }, again = { 0 };
	const struct entry *m = NULL;
	int rc;

	rec.type = classify(in, e, dn, &r);
	if (r != NULL)
		scim_render(a, in->map, r, e, NULL, json);
	if (json->failed) {
		in->unfit++;
		rec.type = INTAKE_OTHER;
		buf_reset(json);
	} else if (r != NULL) {
		rec.n_keys = scim_index_keys(a, r, e, dn, &keys);
		rec.key = keys;
	}
	rec.json = buf_str(json);
	rec.json_len = json->len;
	rc = view_put(in->w, a, &rec, &old, err);
	if (rc == ERR_INVALID) {	/* too large: the others go on */
		in->unfit++;
		return 0;
	}
	if (rc != 0)
		return rc;
	in->differing++;
	if (old.dn != NULL && !str_eq(dn_normal(a, old.dn, NULL), dn))
		note_move(in, rec.type, e->dn);
	if (old.dn != NULL && entry_is(e, "provostUser"))
		m = marked(in, a, &old, e);
	if (!is_counter(rec.type, e))
		journal_diff(in->journal, old.dn != NULL ? &old : NULL, e, "");
	if (m == NULL)
		return 0;
	rec.entry = m;
	return view_put(in->w, a, &rec, &again, err);
}

int intake_put(struct intake *in, struct arena *a, struct entry *e,
	bool marking, struct err *err)
{
	const char *dn = dn_normal(a, e->dn, NULL);
	struct buf json;
	int rc;

	if (dn == NULL)		/* no server should; keep it findable as is */
		dn = e->dn;
	in->base_seen |= str_eq(dn, in->base);
	if (unchanged(in, a, e))
		return marking ? view_mark(in->w, e->uuid, err) : 0;
	drop_secrets(e);
	buf_init(&json, JSON_MAX);
	rc = store(in, a, e, dn, &json, err);
	buf_fini(&json);
	return rc;
}

int intake_del(struct intake *in, struct arena *a, const uint8_t uuid[16],
	struct err *err)
{
	struct entry old = { 0 };
	int rc = view_del(in->w, a, uuid, &old, err);

	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc != 0)
		return rc;
	in->differing++;
	journal_diff(in->journal, &old, NULL,
		in->aside != NULL ? aside_deleter(in->aside, a, uuid) : "");
	return 0;
}

bool intake_find(struct view_read *r, const struct scim_map *m,
	const char *dn, struct view_item *out)
{
	static const int other[] = { INTAKE_OTHER, INTAKE_RECEIPTS,
		INTAKE_JOBS };
	size_t i;

	for (i = 0; i < m->n; i++)
		if (view_find(r, m->resource[i].type, SCIM_INDEX_DN, dn, out)
			== 0)
			return true;
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (view_find(r, other[i], SCIM_INDEX_DN, dn, out) == 0)
			return true;
	return false;
}
