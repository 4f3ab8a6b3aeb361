/* SPDX-License-Identifier: ISC */
#include "directory/phase.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "directory/aside.h"
#include "directory/cookie.h"

#define COOKIE_MAX 65536
#define COOKIE_LAG (2 * CLOCK_SECOND)

/* --- life ------------------------------------------------------------ */

int phase_init(struct phase *p, struct view *v, const struct scim_map *m,
	struct journal *j, struct aside *aside, struct sweep *sweep,
	const struct guard_limits *limits, struct err *e)
{
	*p = (struct phase){ .view = v, .limits = *limits, .sweep = sweep,
	    .fill_part = UINT64_MAX };
	buf_init(&p->next.bytes, COOKIE_MAX);
	buf_init(&p->ripe.bytes, COOKIE_MAX);
	return intake_init(&p->in, m, j, aside, e);
}

void phase_fini(struct phase *p)
{
	phase_abort(p);
	intake_fini(&p->in);
	buf_fini(&p->next.bytes);
	buf_fini(&p->ripe.bytes);
	free(p->gone);
	p->gone = NULL;
}

void phase_start(struct phase *p, bool full, const char *origin,
	const struct csns *context)
{
	phase_abort(p);
	p->origin = origin;
	p->context = context;
	p->kept = 0;
	p->refreshing = true;
	p->full = full;
	p->present = p->resync = false;
	p->filling = false;
	p->parts = p->taken = 0;
	p->n_gone = 0;
	p->next.at = p->ripe.at = 0;
	p->changed = 0;
}

/* --- transaction ----------------------------------------------------- */

static int begin(struct phase *p, struct err *e)
{
	int rc;

	if (p->w != NULL)
		return 0;
	rc = view_read_begin(p->view, &p->seen, e);
	if (rc == 0)
		rc = view_write_begin(p->view, &p->w, e);
	if (rc == 0 && p->refreshing)
		rc = view_mark_begin(p->w, e);
	if (rc != 0) {
		phase_abort(p);
	} else {
		intake_begin(&p->in, p->w, p->seen);
		if (p->parts == 0)
			intake_clear(&p->in);
		if (p->parts == 0 && p->refreshing)
			p->filling = p->full && view_empty(p->seen);
	}
	aside_begin(p->in.aside);
	return rc;
}

void phase_abort(struct phase *p)
{
	if (p->w != NULL)
		view_write_abort(p->w);
	if (p->seen != NULL)
		view_read_end(p->seen);
	p->w = NULL;
	p->seen = NULL;
}

static int commit(struct phase *p, struct err *e)
{
	struct view_write *w = p->w;
	int rc = journal_flush(p->in.journal, e);

	if (rc != 0)
		return rc;
	view_read_end(p->seen);
	p->seen = NULL;
	p->w = NULL;
	rc = view_write_commit(w, e);
	if (rc != 0)
		return rc;
	p->changed = p->in.differing;
	p->commits++;
	counter_add(C_SYNC_COMMITS, 1);
	return 0;
}

static int commit_part(struct phase *p, struct err *e)
{
	p->parts++;
	p->taken = 0;
	return commit(p, e);
}

/* What was below a renamed entry moved without a message (and keeps its CSN),
 * so everything must be asked for again. */
static void check_moves(struct phase *p, struct arena *a)
{
	const struct intake *in = &p->in;
	size_t i;

	p->resync |= in->top_moved;
	for (i = 0; i < in->moved.n && !p->resync; i++)
		p->resync = aside_has_children(in->aside, a, in->moved.v[i]);
}

/* --- cookies --------------------------------------------------------- */

bool phase_behind(const struct phase *p, const struct csns *context)
{
	return !csns_cover_all(context, &p->known);
}

void phase_caught_up(struct phase *p)
{
	p->known = *p->context;
}

/* During a refresh what the view has seen is what it had before. */
static void know(struct phase *p, struct arena *a, const void *cookie,
	size_t n)
{
	if (p->context != NULL && !p->refreshing)
		csns_raise_cookie(a, &p->known, cookie, n);
}

static void cookie_met(struct phase *p, struct arena *a,
	const struct ldapc_result *r)
{
	struct phase_cookie *c = &p->next;

	if (r->cookie == NULL || r->cookie_len == 0)
		return;
	know(p, a, r->cookie, r->cookie_len);
	if (p->ripe.at == 0 && !p->refreshing)
		c = &p->ripe;
	buf_reset(&c->bytes);
	buf_put(&c->bytes, r->cookie, r->cookie_len);
	c->at = c->bytes.failed ? 0 : clock_mono();
}

int64_t phase_due(const struct phase *p)
{
	return p->refreshing || p->ripe.at == 0 ? CLOCK_NEVER
		: p->ripe.at + COOKIE_LAG;
}

static int store_cookie(struct phase *p, struct phase_cookie *c, struct err *e)
{
	const struct cookie stored = { .origin = p->origin,
		.p = buf_str(&c->bytes), .n = c->bytes.len };

	c->at = 0;
	return cookie_store(p->w, &stored, e);
}

static int store_ripe(struct phase *p, struct err *e)
{
	struct phase_cookie c = p->ripe;
	int rc;

	if (clock_mono() < phase_due(p))
		return 0;
	rc = begin(p, e);
	if (rc == 0)
		rc = store_cookie(p, &c, e);
	p->ripe = p->next;
	p->next = c;
	return rc;
}

int phase_stamp(struct phase *p, struct arena *a, struct err *e)
{
	struct cookie c;
	int rc = cookie_load(p->view, a, &c, e);

	if (rc != 0 || c.origin == NULL)
		return rc;
	c.origin = p->origin;
	rc = begin(p, e);
	if (rc == 0)
		rc = cookie_store(p->w, &c, e);
	return rc == 0 ? commit(p, e) : rc;
}

/* --- the end of a refresh -------------------------------------------- */

static bool has(uint8_t (*v)[16], size_t n, const uint8_t uuid[16])
{
	size_t i;

	for (i = 0; i < n; i++)
		if (memcmp(v[i], uuid, 16) == 0)
			return true;
	return false;
}

/* A provider that does not even show the top entry shows us nothing. */
static int check_base(struct phase *p, uint8_t (*v)[16], size_t n,
	struct err *e)
{
	struct view_item it;
	bool known = view_find(p->seen, INTAKE_OTHER,
		SCIM_INDEX_DN, p->in.base, &it) == 0;

	if (p->in.base_seen || (known && !has(v, n, it.uuid)))
		return 0;
	return err_set(e, ERR_HELD, "the directory does not show its top "
		"entry %s: nothing is taken over; give the daemon read access "
		"to all of it, or restore it", p->in.map->suffix);
}

static int check_type(const struct phase *p, uint64_t n, uint64_t population,
	const char *what, struct err *e)
{
	int rc = guard_check(&p->limits, n, population, what, NULL);

	if (rc == 0)
		return 0;
	return err_set(e, rc, "%llu of %llu entries (%s) are missing from the "
		"directory and were kept: restore its access rules or data, "
		"or, if it is right, release this (provost held)",
		(unsigned long long)n, (unsigned long long)population, what);
}

/* Absence is never proof (rule 8): of each resource type, and of all. */
static int check_guard(struct phase *p, uint8_t (*v)[16], size_t n,
	struct err *e)
{
	uint64_t missing[INTAKE_TYPES] = { 0 }, all = 0, here = 0;
	const struct scim_map *m = p->in.map;
	struct view_item it;
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		if (!sweep_lets(p->sweep, v[i]) &&
		    view_get(p->seen, v[i], &it) == 0 && it.type >= 0 &&
		    it.type < INTAKE_TYPES)
			missing[it.type]++;
	for (i = 0; i < INTAKE_TYPES; i++) {
		all += missing[i];
		here += view_count(p->seen, (int)i);
	}
	for (i = 0; i < m->n && rc == 0; i++)
		rc = check_type(p, missing[m->resource[i].type],
			view_count(p->seen, m->resource[i].type),
			m->resource[i].name, e);
	return rc == 0 ? check_type(p, all, here, "all", e) : rc;
}

/* What the provider does not know yet is not gone. */
static size_t drop_unknown(struct phase *p, uint8_t (*v)[16], size_t n)
{
	struct view_item it;
	size_t i, left = 0;

	for (i = 0; i < n; i++) {
		if (p->context != NULL && view_get(p->seen, v[i], &it) == 0 &&
		    !csns_cover(p->context, it.csn)) {
			p->kept++;
			continue;
		}
		memmove(v[left++], v[i], 16);
	}
	return left;
}

/* What is missing, as people know it. */
struct missing {
	struct phase *p;
	struct arena *a;
	uint8_t (*v)[16];
};

static const char *line(void *ctx, size_t i)
{
	struct missing *m = ctx;
	struct view_item it;

	arena_reset(m->a);
	if (view_get(m->p->seen, m->v[i], &it) != 0)
		return "";
	view_item_entry(m->a, &it);
	return arena_strdup(m->a, it.entry.dn);
}

static void hold(struct phase *p, struct arena *scratch, uint8_t (*v)[16],
	size_t n, const struct err *why)
{
	struct missing m = { p, scratch, v };

	sweep_hold(p->sweep, v, n, err_text(why), line, &m);
}

static int remove_all(struct phase *p, uint8_t (*v)[16], size_t n,
	struct err *e)
{
	struct arena *scratch = arena_new();
	size_t i;
	int rc = check_base(p, v, n, e);

	if (rc == 0 && (rc = check_guard(p, v, n, e)) == ERR_HELD)
		hold(p, scratch, v, n, e);
	for (i = 0; i < n && rc == 0; i++) {
		arena_reset(scratch);
		rc = intake_del(&p->in, scratch, v[i], e);
	}
	arena_free(scratch);
	return rc;
}

static int finish(struct phase *p, struct arena *a, struct err *e)
{
	uint8_t (*v)[16] = p->gone;
	size_t n = p->n_gone;
	bool sweep = p->full || p->present;
	int rc = 0;

	/* Nothing changed, nothing said: nothing to do. */
	if (p->w == NULL && !sweep && n == 0 && p->next.at == 0) {
		p->refreshing = false;
		sweep_over(p->sweep);
		return 0;
	}
	rc = begin(p, e);
	if (rc == 0 && sweep && !p->filling)
		rc = view_unmarked(p->w, a, &v, &n, e);
	if (rc == 0 && sweep && !p->filling)
		n = drop_unknown(p, v, n);
	if (rc == 0 && (sweep || n > 0))
		rc = remove_all(p, v, n, e);
	if (p->full && p->next.at == 0)
		buf_reset(&p->next.bytes);
	if (rc == 0 && (p->full || p->next.at != 0))
		rc = store_cookie(p, &p->next, e);
	if (rc == 0)
		rc = commit(p, e);
	if (rc != 0)
		return rc;
	p->refreshing = p->filling = false;
	p->parts = 0;
	know(p, a, p->next.bytes.data, p->next.bytes.len);
	sweep_over(p->sweep);
	if (!p->full)
		check_moves(p, a);
	return 0;
}

/* --- messages -------------------------------------------------------- */

static void gone_add(struct phase *p, const uint8_t uuid[16])
{
	if (p->n_gone == p->cap_gone) {
		p->cap_gone = p->cap_gone != 0 ? p->cap_gone * 2 : 64;
		p->gone = realloc(p->gone, p->cap_gone * sizeof(*p->gone));
		if (p->gone == NULL)
			abort();
	}
	memcpy(p->gone[p->n_gone++], uuid, 16);
}

/* Unchanged, says the provider; so we must have it. */
static int take_present(struct phase *p, const uint8_t uuid[16], struct err *e)
{
	struct view_item it;
	int rc;

	if (!p->refreshing)
		return 0;
	p->present = true;
	rc = view_get(p->seen, uuid, &it);
	if (rc != 0) {
		p->resync = true;
		return err_set(e, ERR_CONFLICT, "the view lacks an entry that "
			"the provider takes for known");
	}
	return view_mark(p->w, uuid, e);
}

static int take_deleted(struct phase *p, struct arena *a,
	const uint8_t uuid[16], struct err *e)
{
	if (!p->refreshing)
		return intake_del(&p->in, a, uuid, e);
	gone_add(p, uuid);
	return 0;
}

/* Does the provider show an older state of an entry than the view has, or one
 * that the view has seen go, because it has not come as far? */
static bool behind(struct phase *p, const struct ldapc_result *r, bool *here)
{
	struct view_item it;

	*here = false;
	if (p->context == NULL || !p->refreshing)
		return false;
	*here = view_get(p->seen, r->uuid, &it) == 0;
	if (*here)
		return strcmp(it.csn, r->entry->csn) > 0 &&
			!csns_cover(p->context, it.csn);
	return phase_behind(p, p->context) && *r->entry->csn != '\0' &&
		csns_cover(&p->known, r->entry->csn);
}

static int take_state(struct phase *p, struct arena *a,
	struct ldapc_result *r, struct err *e)
{
	bool here;

	memcpy(r->entry->uuid, r->uuid, 16);
	if (!behind(p, r, &here))
		return intake_put(&p->in, a, r->entry, p->refreshing, e);
	p->kept++;
	return here ? view_mark(p->w, r->uuid, e) : 0;
}

static int take_entry(struct phase *p, struct arena *a, struct ldapc_result *r,
	struct err *e)
{
	switch (r->state) {
	case SYNC_ADD:
	case SYNC_MODIFY:
		return take_state(p, a, r, e);
	case SYNC_DELETE:
		return take_deleted(p, a, r->uuid, e);
	case SYNC_PRESENT:
		return take_present(p, r->uuid, e);
	case SYNC_NONE:
		break;
	}
	return err_set(e, ERR_UNSUPPORTED, "the server sends entries without "
		"the sync state control (RFC 4533): is the overlay syncprov "
		"there?");
}

static int take_set(struct phase *p, struct arena *a,
	const struct ldapc_result *r, struct err *e)
{
	size_t i;
	int rc = 0;

	if (p->refreshing && !r->refresh_deletes)
		p->present = true;
	for (i = 0; i < r->n_set && rc == 0; i++)
		rc = r->refresh_deletes ? take_deleted(p, a, r->set[i], e)
			: take_present(p, r->set[i], e);
	return rc;
}

static int take_info(struct phase *p, struct arena *a,
	const struct ldapc_result *r, struct err *e)
{
	int rc = 0;

	switch (r->info) {
	case INFO_ID_SET:
		rc = begin(p, e);
		return rc == 0 ? take_set(p, a, r, e) : rc;
	case INFO_REFRESH_PRESENT:
		if (p->refreshing)
			p->present = true;
		/* fall through */
	case INFO_REFRESH_DELETE:
		if (p->refreshing && r->refresh_done)
			return finish(p, a, e);
		return 0;
	case INFO_NEWCOOKIE:
	case INFO_NONE:
		break;
	}
	return 0;
}

int phase_take(struct phase *p, struct arena *a, struct ldapc_result *r,
	struct err *e)
{
	int rc;

	cookie_met(p, a, r);
	if (r->kind == LDAPC_INTERMEDIATE)
		return take_info(p, a, r, e);
	if (r->kind != LDAPC_ENTRY)
		return 0;
	if (p->filling && p->taken >= p->fill_part &&
	    (rc = commit_part(p, e)) != 0)
		return rc;
	p->taken++;
	rc = begin(p, e);
	return rc == 0 ? take_entry(p, a, r, e) : rc;
}

int phase_commit(struct phase *p, struct arena *a, struct err *e)
{
	int rc;

	if (p->refreshing)
		return 0;
	rc = store_ripe(p, e);
	if (rc != 0 || p->w == NULL)
		return rc;
	rc = commit(p, e);
	if (rc == 0)
		check_moves(p, a);
	return rc;
}
