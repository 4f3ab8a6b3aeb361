/* SPDX-License-Identifier: ISC */
/* LDIF as part of a plan: what an administrator would give ldapmodify, shown as
 * the differences that it really makes. Records for one entry see each
 * other. */
#include <string.h>

#include "base/arena.h"
#include "codec/ldif.h"
#include "codec/source.h"
#include "core/cascade.h"
#include "directory/intake.h"
#include "front/plan.h"
#include "model/dn.h"

struct reading {
	struct planning *pl;
	struct view_read *read;
	const char *jobs, *receipts;	/* normal DNs: the daemon's own */
	uint64_t line;
};

static int bad(const struct reading *r, const char *dn, const char *why,
    struct err *e)
{
	return err_set(e, ERR_INVALID, "line %llu: %.200s: %.200s",
	    (unsigned long long)r->line, dn, why);
}

/* --- what may stand in it ------------------------------------------------- */

static bool is_operational(const char *name)
{
	static const char *const other[] = { "entryUUID", "entryCSN",
	    "createTimestamp", "modifyTimestamp", "creatorsName",
	    "modifiersName", "structuralObjectClass", "subschemaSubentry",
	    "entryDN", "hasSubordinates", "contextCSN", CASCADE_TAKEN };
	size_t i;

	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (str_ieq(name, other[i]))
			return true;
	return str_istarts(name, "pwd");
}

static int check_name(const struct reading *r, const char *dn,
    const char *name, struct err *e)
{
	if (attr_secret(name))
		return bad(r, dn, arena_printf(r->pl->a, "%s is a secret, "
		    "which a plan would show and keep: leave it out", name),
		    e);
	if (is_operational(name))
		return bad(r, dn, arena_printf(r->pl->a, "%s is the server's "
		    "own: leave it out", name), e);
	return 0;
}

static int check_entry(const struct reading *r, const struct entry *en,
    struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < en->n; i++)
		rc = check_name(r, en->dn, en->a[i].name, e);
	return rc;
}

static int check_change(const struct reading *r, const struct change *c,
    struct err *e)
{
	size_t i;
	int rc = c->kind == CHANGE_ADD ? check_entry(r, c->entry, e) : 0;

	for (i = 0; rc == 0 && i < c->n; i++)
		rc = check_name(r, c->dn, c->mod[i].name, e);
	return rc;
}

static int check_record(const struct reading *r,
    const struct ldif_record *rec, struct err *e)
{
	const char *dn = dn_normal(r->pl->a, rec->dn, NULL);

	if (dn_under(dn, r->jobs) || dn_under(dn, r->receipts))
		return bad(r, rec->dn, "what stands here is the daemon's own "
		    "book-keeping", e);
	if (rec->kind == LDIF_MODRDN)
		return bad(r, rec->dn, "a plan renames nothing", e);
	return rec->kind == LDIF_ENTRY ? check_entry(r, rec->entry, e) :
	    check_change(r, rec->change, e);
}

/* --- what it comes to ----------------------------------------------------- */

static const struct entry *find(const struct reading *r, const char *dn)
{
	struct arena *a = r->pl->a;
	struct view_item item;

	return intake_find(r->read, r->pl->c->f->conf.map, dn_normal(a, dn,
	    NULL), &item) ? planning_entry(r->pl, &item) : NULL;
}

/* An entry that is there already gets the attributes that are named; the
 * others stay. */
static struct entry *as_said(const struct reading *r,
    const struct entry *now, const struct entry *said)
{
	struct arena *a = r->pl->a;
	struct entry *want;
	size_t i, k;

	if (now == NULL)
		return entry_dup(a, said);
	want = entry_dup(a, now);
	for (i = 0; i < said->n; i++) {
		entry_drop(want, said->a[i].name);
		for (k = 0; k < said->a[i].n; k++)
			entry_add_n(a, want, said->a[i].name,
			    said->a[i].v[k].p, said->a[i].v[k].n);
	}
	return want;
}

static int take(const struct reading *r, const struct ldif_record *rec,
    struct err *e)
{
	struct planning *pl = r->pl;
	const struct touched *have = planning_find(pl, rec->dn);
	struct touched t = { .made = "", .by = 1, .why = have != NULL ?
	    arena_printf(pl->a, "%s, %llu", have->why,
	    (unsigned long long)r->line) : arena_printf(pl->a, "line %llu",
	    (unsigned long long)r->line) };
	const struct entry *now = have != NULL ? have->want :
	    find(r, rec->dn);
	struct err why = { 0 };
	struct entry *want;

	t.old = have != NULL ? have->old : now;
	if (rec->kind == LDIF_ENTRY)
		want = as_said(r, now, rec->entry);
	else if (change_apply(pl->a, now, rec->change, &want, &why) != 0)
		return bad(r, "", why.text, e);
	t.want = want;
	if (want != NULL)
		want->dn = now != NULL ? now->dn : rec->dn;
	if (t.old == NULL && t.want == NULL) {	/* made, and gone again */
		t.change = change_new(pl->a, CHANGE_MODIFY, rec->dn);
		return planning_touch(pl, &t, e);
	}
	planning_change(pl, &t);
	return planning_touch(pl, &t, e);
}

static int read_all(struct reading *r, const char *text, struct err *e)
{
	const struct ldif_conf conf = { .base = dn_normal(r->pl->a,
	    r->pl->c->f->conf.map->suffix, NULL) };
	struct source src = source_mem(text, strlen(text));
	struct ldif *l = ldif_open(&src, &conf);
	struct ldif_record rec;
	int rc;

	while ((rc = ldif_next(l, r->pl->a, &rec, e)) == 1) {
		r->line = rec.line;
		rc = check_record(r, &rec, e);
		if (rc == 0)
			rc = take(r, &rec, e);
		if (rc != 0)
			break;
	}
	if (rc == ERR_ITEM_BAD)
		e->code = rc = ERR_INVALID;
	if (rc == 0 && !ldif_whole(l))
		rc = err_set(e, ERR_INVALID, "the last line has no end: is "
		    "the file cut off?");
	ldif_close(l);
	return rc;
}

int plan_ldif(struct planning *pl, const char *text, struct err *e)
{
	const char *suffix = pl->c->f->conf.map->suffix;
	struct reading r = { .pl = pl,
	    .jobs = dn_normal(pl->a, arena_printf(pl->a, INTAKE_JOBS_OU ",%s",
	    suffix), NULL), .receipts = dn_normal(pl->a, arena_printf(pl->a,
	    INTAKE_RECEIPTS_OU ",%s", suffix), NULL) };
	int rc = view_read_begin(pl->c->f->conf.view, &r.read, e);

	if (rc != 0)
		return rc;
	rc = read_all(&r, text, e);
	view_read_end(r.read);
	return rc;
}
