/* SPDX-License-Identifier: ISC */
#include "engine/feed_run.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "core/authorise.h"
#include "core/cascade.h"
#include "core/given.h"
#include "core/guard.h"
#include "core/plan.h"
#include "core/stored.h"
#include "directory/apply.h"
#include "directory/world.h"
#include "engine/feed_last.h"
#include "engine/feed_report.h"

#define PROVENANCE "provostProvenance"
#define READINGS 4		/* while managers are still set */
#define ITEMS_MAX 20000		/* of a held job */
#define DAY (24 * 60 * 60)	/* clocks and time zones differ by less */

struct run {
	const struct feed_run *c;
	struct feed_outcome *out;
	struct arena *a;		/* of the run */
	struct feed_seen *seen;
	struct feed_counts scan;
	struct feed_walk *walk;
	struct view_read *r;		/* borrowed from the walk */
	struct world_view *world;
	struct actor actor;
	const char *origin;
	struct plan_conf conf;
	struct plan *plan;
	struct guard_tally tally;
	struct held_item *item;
	size_t n_items, cap_items;
	struct feed_report report;
	struct feed_last last;
	struct stat before;		/* the file, as it was at first */
	char sum[65];
	int rc;				/* what ended the walk */
	struct err e;
};

/* --- the snapshots of a walk ------------------------------------------------------- */

static void close_world(struct run *k)
{
	if (k->world != NULL)
		world_close(k->world);
	k->world = NULL;
}

static int new_read(void *ctx, struct view_read **r, struct err *e)
{
	struct run *k = ctx;
	int rc;

	close_world(k);
	if ((rc = view_read_begin(k->c->view, r, e)) != 0)
		return rc;
	k->r = *r;
	k->world = world_over(*r, k->c->map);
	return 0;
}

static int open_walk(struct run *k, struct err *e)
{
	const struct feed_walk_conf wc = { .feed = k->c->feed, .fd = k->c->fd,
	    .seen = k->seen, .counts = &k->scan, .now = clock_now(),
	    .read = new_read, .ctx = k };

	return feed_walk_open(&wc, &k->walk, e);
}

static void close_walk(struct run *k)
{
	close_world(k);
	feed_walk_close(k->walk);
	k->walk = NULL;
}

/* What is written into while it is read is never read twice and the same: 0
 * when it is as it was. */
static int check_still(const struct run *k, struct err *e)
{
	const struct stat *was = &k->before;
	struct stat now;

	if (fstat(k->c->fd, &now) != 0)
		return err_set(e, ERR_IO, "cannot look at the file: %m");
	return now.st_size == was->st_size &&
	    now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == was->st_mtim.tv_nsec ? 0 :
	    err_set(e, ERR_BUSY, "the file is still being written");
}

/* feed_walk_next, of the file that was scanned: what is written is what the
 * guard has weighed. */
static int next_still(struct run *k, struct feed_step *s, struct err *e)
{
	int rc = feed_walk_next(k->walk, s, e);

	return check_still(k, e) != 0 ? e->code : rc;
}

/* --- a step, decided as a client's request would be ------------------------------------ */

static bool same_rights(const struct stored_list *x,
    const struct stored_list *y, struct arena *a)
{
	return stored_beyond(a, x, y).n == 0 && stored_beyond(a, y, x).n == 0;
}

static bool same_value(const struct entry *x, const struct entry *y,
    const char *name)
{
	const struct attr *p = entry_attr(x, name), *q = entry_attr(y, name);
	size_t i;

	if ((p == NULL ? 0 : p->n) != (q == NULL ? 0 : q->n))
		return false;
	for (i = 0; p != NULL && i < p->n; i++)
		if (!entry_has(y, name, p->v[i].p))
			return false;
	return true;
}

/* Who gave what (T2): what is lost is forgotten, what is new is noted. */
static void note(struct run *k, struct arena *a, const struct stored_list *old,
    const struct stored_list *new_list, struct entry *want)
{
	const struct stored_list lost = stored_beyond(a, old, new_list);
	const struct stored_list gained = stored_beyond(a, new_list, old);
	struct provenance p = { .origin = k->origin, .time = clock_now() };
	size_t i;

	if (lost.n > 0)
		stored_drop(a, want, &lost);
	for (i = 0; i < gained.n; i++) {
		p.right = gained.v[i].right;
		entry_add(a, want, PROVENANCE, provenance_print(a, &p));
	}
}

/* V14: what hangs on a company goes with it. */
static void cascade(struct arena *a, const struct entry *old,
    struct entry *want, const struct world *w)
{
	struct strv gone;
	struct stored_list list;

	if (old == NULL || (gone = cascade_gone(a, old, want, w)).n == 0)
		return;
	list = cascade_list(a, want, &gone, w);
	cascade_drop(a, want, &gone, &list);
}

static int decide(struct run *k, struct arena *a, const struct feed_step *s,
    struct entry **out, struct err *e)
{
	const struct world *w = world_lookups(k->world);
	struct entry *want = entry_dup(a, s->want);
	const struct stored_list old = stored_read(a, s->old);
	struct stored_list list = stored_read(a, want);
	int rc = 0;

	*out = want;
	if (same_rights(&old, &list, a) && s->old != NULL &&
	    same_value(s->old, want, "provostAdminScope") &&
	    same_value(s->old, want, "provostState"))
		return 0;
	if ((rc = given_change(a, s->old, want, w, clock_now(), e)) == 0) {
		cascade(a, s->old, want, w);
		rc = authorise_change(&k->actor, s->old, want, w, e);
	}
	if (rc != 0)
		return err_set(e, ERR_ITEM_BAD, "%s", arena_strdup(a,
		    err_text(e)));
	list = stored_read(a, want);
	note(k, a, &old, &list, want);
	return 0;
}

/* --- planning --------------------------------------------------------------------------------- */

/* Whose loss it would be, for the job that is held. */
static void add_item(struct run *k, const struct feed_step *s,
    const struct guard_tally *t)
{
	char id[37] = "";

	if (guard_taken(t) == 0 || k->n_items == ITEMS_MAX)
		return;
	if (k->n_items == k->cap_items) {
		size_t cap = k->cap_items != 0 ? k->cap_items * 2 : 64;

		k->item = arena_grow(k->a, k->item, k->n_items, cap,
		    sizeof(*k->item));
		k->cap_items = cap;
	}
	str_uuid_text(s->old->uuid, id);
	k->item[k->n_items++] = (struct held_item){ arena_strdup(k->a, id), "",
	    arena_printf(k->a, "%s %s: %s", feed_report_word(s->what),
	    s->key != NULL ? s->key : "-", s->why) };
}

static bool is_unique(void *ctx, const struct entry *e, const char *name)
{
	(void)e;
	return scim_unique(ctx, name);
}

/* A joiner's own id is drawn anew each time: the plan is the same without. */
static int fold_joiner(struct run *k, struct arena *a, const struct feed_step *s,
    const struct entry *want, struct err *e)
{
	const char *rdn = scim_map_name(k->c->map, "User")->rdn;
	struct entry *masked = entry_dup(a, want);
	struct plan_step step = { .want = masked, .why = s->why };
	struct change *c;

	entry_drop(masked, rdn);
	entry_add(a, masked, rdn, "new");
	masked->dn = arena_printf(a, "%s=new", rdn);
	c = change_new(a, CHANGE_ADD, masked->dn);
	c->entry = masked;
	step.change = c;
	return plan_take(k->plan, a, &step, e);
}

static void progress(struct run *k)
{
	if (k->c->progress != NULL)
		k->c->progress->done = feed_walk_counts(k->walk)->rows;
}

static int plan_row(struct run *k, struct arena *a, const struct feed_step *s,
    struct err *e)
{
	struct guard_tally t;
	struct entry *want;
	int rc = decide(k, a, s, &want, e);

	if (rc == 0)
		rc = s->old == NULL ? fold_joiner(k, a, s, want, e) :
		    plan_step(k->plan, a, s->old, want, s->why, NULL, e);
	if (rc != 0)
		return rc;
	t = guard_weigh(s->old, want);
	guard_add(&k->tally, &t);
	add_item(k, s, &t);
	return 0;
}

static int plan_rows(struct run *k, struct err *e)
{
	struct arena *a = arena_new();
	struct feed_step s;
	struct err why;
	int rc;

	while ((rc = next_still(k, &s, e)) > 0) {
		int bad = s.want == NULL ? 0 : plan_row(k, a, &s, &why);

		if (bad != 0)
			feed_walk_refuse(k->walk, &why);
		feed_report_row(&k->report, &s, bad != 0 ? why.text : NULL);
		progress(k);
		arena_reset(a);
		if (*k->c->stop) {
			rc = err_set(e, ERR_BUSY, "the daemon is stopping");
			break;
		}
	}
	arena_free(a);
	return rc;
}

static int make_plan(struct run *k, struct err *e)
{
	int rc = open_walk(k, e);

	if (rc != 0)
		return rc;
	k->plan = plan_begin(&k->conf);
	rc = plan_rows(k, e);
	k->report.counts = *feed_walk_counts(k->walk);
	close_walk(k);
	plan_end(k->plan);
	memcpy(k->report.hash, k->plan->sense, sizeof(k->report.hash));
	return rc;
}

/* --- the guard ------------------------------------------------------------------------------------ */

static uint64_t owned(struct run *k)
{
	const struct scim_resource *people = scim_map_name(k->c->map, "User");
	struct view_read *r;
	uint64_t n;
	struct err e;

	if (view_read_begin(k->c->view, &r, &e) != 0)
		return 0;
	n = feed_count_owned(k->c->feed, r, k->a);
	k->report.people = view_count(r, people->type);
	view_read_end(r);
	return n;
}

/* A person has looked at just this file and released it. */
static bool released(struct run *k)
{
	struct held_job *job;
	size_t n, i;

	held_list(k->c->held, k->a, true, &job, &n);
	for (i = 0; i < n; i++)
		if (job[i].state == HELD_RELEASED && str_eq(job[i].kind,
		    "feed") && str_eq(job[i].data, k->sum))
			return true;
	return false;
}

/* What is odd about the file itself (FAULTS D1, D3); NULL nothing. */
static const char *odd(struct run *k)
{
	const struct feed_conf *c = feed_config(k->c->feed);
	bool latest = false;
	char day[24];
	const char *when = feed_last_when(k->a, &k->last, k->sum, &latest);

	if (k->before.st_mtim.tv_sec > clock_now() / CLOCK_SECOND + DAY)
		return arena_printf(k->a, "the file is dated %s, which is yet "
		    "to come", clock_print_gt(k->before.st_mtim.tv_sec *
		    CLOCK_SECOND, day));
	if (when != NULL && !latest)
		return arena_printf(k->a, "this very file was applied at %s, "
		    "and another one since: an old file has come again", when);
	if (feed_is_full(k->c->feed) && k->scan.rows * 1000 <
	    k->last.rows * (uint64_t)(1000 - c->shrink))
		return arena_printf(k->a, "the file has %" PRIu64 " rows, the "
		    "last one had %" PRIu64 ": it may not be the whole",
		    k->scan.rows, k->last.rows);
	return NULL;
}

static int ask_guard(struct run *k, struct err *e)
{
	struct held_ask q = { .side = HELD_SOURCE,
	    .name = feed_owner(k->c->feed), .author = k->c->author,
	    .kind = "feed", .tally = k->tally, .population = owned(k),
	    .what = arena_printf(k->a, "people who lose something by the feed "
	    "%s", feed_config(k->c->feed)->name), .item = k->item,
	    .n_items = k->n_items, .data = k->sum };
	bool go = released(k);
	const char *why = go ? NULL : odd(k);

	q.everybody = k->report.people;
	if (!k->c->apply)
		return why != NULL ? err_set(e, ERR_HELD, "%s", why) :
		    held_would(k->c->held, &q, e);
	if (why != NULL)
		return held_hold(k->c->held, &q, why, k->out->held, e);
	return held_ask(k->c->held, &q, k->out->held, e);
}

/* --- writing ---------------------------------------------------------------------------------------- */

static bool next_step(void *ctx, struct arena *a, struct apply_step *out)
{
	struct run *k = ctx;
	struct feed_step s;
	struct change *change;
	struct entry *want;
	struct err why;

	while ((k->rc = next_still(k, &s, &k->e)) > 0) {
		progress(k);
		if (s.want == NULL)
			continue;
		/* The walk goes on while this one is still being written. */
		if (s.old != NULL)
			s.old = entry_dup(a, s.old);
		if (decide(k, a, &s, &want, &why) != 0 || plan_change(&k->conf,
		    a, s.old, want, &change, &why) != 0) {
			feed_walk_refuse(k->walk, &why);
			continue;
		}
		if (change == NULL)
			continue;
		change->batch = k->report.batch;
		*out = (struct apply_step){ .change = change, .csn = "",
		    .item = arena_strdup(a, s.key != NULL ? s.key : "") };
		if (s.old != NULL) {
			memcpy(out->uuid, s.old->uuid, 16);
			out->csn = s.old->csn;
		}
		return true;
	}
	return false;
}

static void each_step(void *ctx, const struct apply_step *s, enum apply_is is,
    const struct err *err)
{
	struct run *k = ctx;

	if (is == APPLY_DONE || is == APPLY_ALREADY) {
		k->report.written++;
		return;
	}
	k->report.failed++;
	feed_report_failed(&k->report, s->item, err_text(err));
}

/* One reading with writes. */
static int write_rows(struct run *k, struct err *e)
{
	const struct apply ap = { .writer = k->c->writer, .view = k->c->view,
	    .map = k->c->map, .go_on = true, .stop = k->c->stop, .ctx = k,
	    .next = next_step, .each = each_step };
	int rc = open_walk(k, e);

	if (rc != 0)
		return rc;
	rc = apply_run(&ap, e);
	if (rc == 0 && k->rc < 0) {
		rc = k->rc;
		*e = k->e;
	}
	k->report.counts.deferred = feed_walk_counts(k->walk)->deferred;
	close_walk(k);
	return rc;
}

static int write_all(struct run *k, struct err *e)
{
	uint64_t before = UINT64_MAX;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < READINGS; i++) {
		rc = write_rows(k, e);
		if (k->report.counts.deferred == 0 ||
		    k->report.counts.deferred >= before)
			break;
		before = k->report.counts.deferred;
	}
	if (rc == 0)
		rc = feed_last_write(k->c->writer, k->a, &k->last,
		    feed_config(k->c->feed)->name, k->scan.rows, k->sum, e);
	return rc;
}

/* --- all of it --------------------------------------------------------------------------------------- */

static void phase(struct run *k, const char *name)
{
	if (k->c->progress == NULL)
		return;
	k->c->progress->phase = name;
	k->c->progress->done = 0;
	k->c->progress->of = k->scan.rows;
}

static int plan_and_ask(struct run *k, struct err *e)
{
	int rc;

	phase(k, "planning");
	rc = make_plan(k, e);
	plan_free(k->plan);
	k->plan = NULL;
	if (rc != 0)
		return rc;
	if (*k->c->hash != '\0' && strcmp(k->c->hash, k->report.hash) != 0)
		return err_set(e, ERR_CONFLICT, "the plan is another one by "
		    "now: the file or the directory has changed since it was "
		    "made. Plan again");
	return ask_guard(k, e);
}

static int run(struct run *k, struct err *e)
{
	uint8_t sum[32];
	int rc;

	phase(k, "reading");
	if (fstat(k->c->fd, &k->before) != 0)
		return err_set(e, ERR_IO, "cannot look at the file: %m");
	if ((rc = feed_scan(k->c->feed, k->c->fd, k->c->tmp, &k->seen,
	    &k->scan, sum, e)) != 0)
		return rc;
	memcpy(k->sum, str_hex(k->a, sum, sizeof(sum)), sizeof(k->sum));
	if ((rc = feed_last_read(k->c->view, k->c->map, k->a,
	    feed_config(k->c->feed)->name, &k->last, e)) != 0)
		return rc;
	feed_last_when(k->a, &k->last, k->sum, &k->out->again);
	if (k->c->once && k->out->again)
		return 0;
	if ((rc = plan_and_ask(k, e)) != 0 || !k->c->apply)
		return rc;
	phase(k, "writing");
	journal_batch_name(k->c->journal, k->report.batch);
	return write_all(k, e);
}

void feed_run(const struct feed_run *r, struct feed_outcome *out)
{
	const struct feed_conf *fc = feed_config(r->feed);
	struct run k = { .c = r, .out = out, .a = arena_new() };
	struct strv scopes = fc->scopes;

	*out = (struct feed_outcome){ 0 };
	k.origin = arena_printf(k.a, "feed:%s", fc->name);
	k.actor = actor_client(k.origin, &scopes);
	k.conf = (struct plan_conf){ .author = r->author, .source = k.origin,
	    .max_steps = 1, .unique = is_unique,
	    .ctx = (void *)(uintptr_t)scim_map_name(r->map, "User") };
	feed_report_init(&k.report, r->rows);
	out->code = run(&k, &out->err);
	memcpy(k.report.sum, k.sum, sizeof(k.sum));
	feed_report_end(&k.report, r, out);
	plan_free(k.plan);
	close_world(&k);
	feed_walk_close(k.walk);
	feed_seen_free(k.seen);
	arena_free(k.a);
}
