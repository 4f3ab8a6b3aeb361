/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "directory/intake.h"
#include "engine/drift_p.h"
#include "engine/reconcile_p.h"

/* One person's tool, on both sides. */
struct tool_sides {
	const char *tool;
	bool confirmed;			/* some receipt is there */
	bool settled;			/* and all of it is confirmed */
	struct strv accounts;		/* of the receipts */
	const char *remote_id;
	int64_t time;
	const struct target_holding *held;	/* NULL none */
	bool usable;			/* the account there is active */
	bool tools_only;		/* its accounts are not shown */
};

struct one {
	struct comparison *c;
	struct arena *a;		/* of a batch */
	const char *id;
	const struct person *p;		/* NULL: gone */
	const struct receipt *v;
	size_t n;
	struct seen *seen;
	bool missing, extra, held;
};

/* --- one tool ----------------------------------------------------------- */

static bool is_tool(const struct one *o, const struct receipt *r)
{
	return str_eq(r->target, o->c->report->target) &&
	    (r->right.kind == RIGHT_TOOL ||
	    r->right.kind == RIGHT_TOOL_ACCOUNT);
}

static void read_side(struct one *o, struct tool_sides *t)
{
	size_t i;

	t->settled = true;
	t->remote_id = "-";
	for (i = 0; i < o->n; i++) {
		const struct receipt *r = &o->v[i];

		if (!is_tool(o, r) || !str_ieq(r->right.key, t->tool))
			continue;
		t->confirmed = true;
		t->settled &= r->state == RECEIPT_CONFIRMED;
		if (r->right.kind == RIGHT_TOOL_ACCOUNT)
			strv_add(o->a, &t->accounts, r->right.account);
		if (!str_eq(r->remote_id, "-"))
			t->remote_id = r->remote_id;
		t->time = r->time > t->time ? r->time : t->time;
	}
	t->held = seen_held(o->seen, t->tool);
	t->usable = o->seen != NULL && o->seen->acc.active;
	t->tools_only = o->seen != NULL && o->seen->acc.tools_only;
	if (str_eq(t->remote_id, "-") && o->seen != NULL)
		t->remote_id = o->seen->acc.remote_id;
}

/* With no account: the tool itself. */
static enum drift_state state_of(const struct tool_sides *t,
    const char *account)
{
	bool tool = *account == '\0';
	bool expected = t->confirmed && (tool ||
	    strv_ihas(&t->accounts, account));
	bool there = t->held != NULL && (tool ? !t->held->partly :
	    t->tools_only || strv_ihas(&t->held->accounts, account));

	if (expected && there && t->usable)
		return DRIFT_SEEN;
	return expected ? DRIFT_MISSING : DRIFT_EXTRA;
}

static void put_row(struct one *o, const struct tool_sides *t,
    const char *account, enum drift_state state)
{
	const struct drift_row row = { state, o->id, o->p != NULL ?
	    o->p->uid : "", t->tool, account, t->remote_id,
	    t->confirmed && t->settled ? t->time : 0 };

	report_row(o->c->report, &row);
}

/* All accounts of both sides, each once. */
static struct strv both(struct one *o, const struct tool_sides *t)
{
	struct strv all = { 0 };
	size_t i;

	for (i = 0; i < t->accounts.n; i++)
		strv_add(o->a, &all, t->accounts.v[i]);
	for (i = 0; t->held != NULL && i < t->held->accounts.n; i++)
		if (!strv_ihas(&all, t->held->accounts.v[i]))
			strv_add(o->a, &all, t->held->accounts.v[i]);
	strv_sort(&all);
	return all;
}

/* What the receipts shall say may be there: all of both sides, so that the
 * engine makes of it what the rights are. */
static void note_fix(struct one *o, const struct tool_sides *t,
    const struct strv *all)
{
	struct comparison *c = o->c;
	struct fix *f;
	size_t i;

	if (c->n == c->cap) {
		c->fix = arena_grow(c->a, c->fix, c->n, c->cap * 2 + 64,
		    sizeof(*c->fix));
		c->cap = c->cap * 2 + 64;
	}
	f = &c->fix[c->n++];
	memcpy(f->person, o->id, sizeof(f->person));
	f->act = (struct action){ .kind = ACTION_PUT,
	    .target = c->report->target, .tool = arena_strdup(c->a, t->tool),
	    .remote_id = arena_strdup(c->a, t->remote_id) };
	for (i = 0; i < all->n; i++)
		strv_add(c->a, &f->act.accounts, arena_strdup(c->a,
		    all->v[i]));
}

static void compare_tool(struct one *o, const char *tool)
{
	struct tool_sides t = { .tool = tool };
	struct drift_count *n = report_count(o->c->report, tool);
	enum drift_state worst, s;
	struct strv all;
	bool itself;
	size_t i;

	read_side(o, &t);
	all = both(o, &t);
	/* Not so: an account in a tool that is not held itself. */
	itself = t.confirmed || !t.held->partly;
	worst = itself ? state_of(&t, "") : DRIFT_SEEN;
	for (i = 0; i < all.n; i++)
		if ((s = state_of(&t, all.v[i])) != DRIFT_SEEN &&
		    worst != DRIFT_MISSING)
			worst = s;
	/* The engine is at work there, or has been while it was listed. */
	if ((t.confirmed && !t.settled) || (worst != DRIFT_SEEN &&
	    !dispatch_still(o->c->conf->dispatch, o->id)))
		worst = DRIFT_PENDING;
	if (itself)
		put_row(o, &t, "", worst == DRIFT_PENDING ? worst :
		    state_of(&t, ""));
	for (i = 0; i < all.n; i++)
		put_row(o, &t, all.v[i], worst == DRIFT_PENDING ? worst :
		    state_of(&t, all.v[i]));
	n->people[worst]++;
	o->held |= t.confirmed && t.settled;
	o->missing |= worst == DRIFT_MISSING;
	o->extra |= worst == DRIFT_EXTRA;
	if (worst == DRIFT_MISSING || worst == DRIFT_EXTRA)
		note_fix(o, &t, &all);
}

/* --- one person --------------------------------------------------------- */

static void compare_person(struct one *o)
{
	struct report *r = o->c->report;
	struct strv tools = { 0 };
	size_t i;

	for (i = 0; i < o->n; i++)
		if (is_tool(o, &o->v[i]) &&
		    !strv_ihas(&tools, o->v[i].right.key))
			strv_add(o->a, &tools, o->v[i].right.key);
	for (i = 0; o->seen != NULL && i < o->seen->acc.n; i++)
		if (!strv_ihas(&tools, o->seen->acc.held[i].tool))
			strv_add(o->a, &tools, o->seen->acc.held[i].tool);
	for (i = 0; i < tools.n; i++)
		compare_tool(o, tools.v[i]);
	r->people += o->held;
	r->missing += o->missing;
	r->extra += o->extra;
}

static const char *remote_of(const struct one *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (str_eq(o->v[i].target, o->c->report->target) &&
		    !str_eq(o->v[i].remote_id, "-"))
			return o->v[i].remote_id;
	return NULL;
}

static void look(struct comparison *c, struct world_view *w, const char *id,
    const struct person *p)
{
	struct receipts rec = world_receipts(w, id);
	struct one o = { .c = c, .a = world_arena(w), .id = id, .p = p,
	    .v = rec.v, .n = rec.n };

	o.seen = seen_find(c->list, id, p, remote_of(&o));
	if (o.seen != NULL && o.seen->matched)
		return;
	if (o.seen != NULL)
		o.seen->matched = true;
	compare_person(&o);
}

/* --- everybody, in batches, so that no snapshot is held for long -------- */

static void look_receipts(struct comparison *c, struct world_view *w,
    struct view_item *item)
{
	const char *id;
	uint8_t uuid[16];
	char text[37];

	view_item_entry(world_arena(w), item);
	id = entry_get(&item->entry, "provostPersonUuid");
	if (id == NULL || !str_uuid(id, uuid))
		return;
	str_uuid_text(uuid, text);
	look(c, w, text, world_person(w, uuid));
}

/* Without receipts, but with an account there that their uid or mail names. */
static void look_person(struct comparison *c, struct world_view *w,
    struct view_item *item)
{
	const struct person *p = world_person(w, item->uuid);
	struct seen *s = p != NULL ? seen_find(c->list, p->id, p, NULL) : NULL;

	if (s != NULL && !s->matched)
		look(c, w, p->id, p);
}

struct place {
	struct view_pos after;
	bool begun;
};

/* True: more are to come. */
static bool walk_some(struct comparison *c, int type, struct place *at,
    void (*each)(struct comparison *c, struct world_view *w,
    struct view_item *item))
{
	struct world_view *w;
	struct view_iter *it;
	struct view_item item;
	struct err e;
	size_t n = 0;
	bool more = true;

	if (world_open(c->conf->view, c->conf->map, &w, &e) != 0 ||
	    view_iter_type(world_read(w), type, false, 0, at->begun ?
	    &at->after : NULL, &it, &e) != 0) {
		c->report->complete = false;
		c->report->why = arena_strdup(c->report->a, e.text);
		return false;
	}
	while (n++ < BATCH && (more = view_iter_next(it, &item))) {
		at->after.created = item.created;
		memcpy(at->after.uuid, item.uuid, 16);
		at->begun = true;
		each(c, w, &item);
	}
	view_iter_free(it);
	world_close(w);
	return more;
}

static void walk(struct comparison *c, int type,
    void (*each)(struct comparison *c, struct world_view *w,
    struct view_item *item))
{
	struct place at = { .begun = false };

	while (!*c->stop && walk_some(c, type, &at, each))
		;
}

/* --- accounts that no receipts led to ----------------------------------- */

static bool named_otherwise(const struct seen_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!l->v[i]->matched && l->v[i]->acc.by != TARGET_BY_ID)
			return true;
	return false;
}

static void count_unmanaged(struct comparison *c, const struct seen *s)
{
	const struct target_account *acc = &s->acc;
	size_t i, j;

	c->report->unmanaged++;
	for (i = 0; i < acc->n; i++) {
		struct drift_row row = { DRIFT_UNMANAGED, "", acc->name,
		    acc->held[i].tool, "", acc->remote_id, 0 };

		report_count(c->report, acc->held[i].tool)
		    ->people[DRIFT_UNMANAGED]++;
		report_row(c->report, &row);
		for (j = 0; j < acc->held[i].accounts.n; j++) {
			row.account = acc->held[i].accounts.v[j];
			report_row(c->report, &row);
		}
	}
}

static void look_others(struct comparison *c)
{
	struct world_view *w;
	const struct person *p;
	uint8_t uuid[16];
	size_t i;

	if (named_otherwise(c->list))
		walk(c, reconcile_type_of(c->conf->map, "provostUser"),
		    look_person);
	if (world_open(c->conf->view, c->conf->map, &w, NULL) != 0)
		return;
	for (i = 0; i < c->list->n && !*c->stop; i++) {
		struct seen *s = c->list->v[i];

		if (!s->matched && !s->twin && s->acc.by == TARGET_BY_ID &&
		    str_uuid(s->acc.key, uuid) &&
		    (p = world_person(w, uuid)) != NULL)
			look(c, w, p->id, p);
		if (!s->matched)
			count_unmanaged(c, s);
	}
	world_close(w);
}

/* --- what is done about it ---------------------------------------------- */

static bool held(struct comparison *c)
{
	struct report *r = c->report;
	struct err e;

	if (c->accept)
		return false;
	if (c->list->accounts == 0 && r->people != 0)
		r->held = arena_printf(r->a, "the list is empty, but %" PRIu64
		    " people have confirmed rights there: absence is no "
		    "proof; if it is right, accept it", r->people);
	else if (guard_check(&c->conf->guard, r->missing, r->people,
	    "people whose confirmed rights the list does not show", &e) != 0)
		r->held = arena_printf(r->a, "%s; if the list is right, "
		    "accept it", e.text);
	return *r->held != '\0';
}

static void correct(struct comparison *c)
{
	size_t i;

	for (i = 0; i < c->n && !*c->stop; i++)
		if (dispatch_correct(c->conf->dispatch, c->fix[i].person,
		    &c->fix[i].act))
			c->report->corrected++;
}

/* "tool:wan, tool:lan": what an account that is nobody's would lose. */
static const char *loss_text(struct arena *a, const struct seen *s)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < s->acc.n; i++)
		text = arena_printf(a, "%s%stool:%s", text, i != 0 ? ", " : "",
		    s->acc.held[i].tool);
	return text;
}

static void strip_one(struct comparison *c, const struct seen *s)
{
	size_t i;

	for (i = 0; i < s->acc.n; i++)
		if (dispatch_strip(c->conf->dispatch, c->report->target,
		    s->acc.remote_id, s->acc.held[i].tool))
			c->report->stripped++;
}

struct strips {
	struct seen **asked;		/* that nobody was asked about yet */
	struct held_item *item;
	size_t n;
	uint64_t wait;			/* held, or rejected */
};

static void sort_out(struct comparison *c, struct strips *k, struct seen *s)
{
	const char *text = loss_text(c->a, s);
	const char *digest = arena_strndup(c->a, hash_sha256_hex(c->a, text),
	    16);

	switch (held_is(c->conf->held, c->report->target, s->acc.remote_id,
	    digest)) {
	case HELD_PASSED:
		strip_one(c, s);
		break;
	case HELD_NONE:
		k->asked[k->n] = s;
		k->item[k->n++] = (struct held_item){ s->acc.remote_id, digest,
		    arena_printf(c->a, "%s: %s", s->acc.name, text) };
		break;
	default:
		k->wait++;
	}
}

/* They pass together or are held together. */
static void ask_guard(struct comparison *c, const struct strips *k)
{
	struct report *r = c->report;
	struct held_ask q = { .side = HELD_TARGET, .name = r->target,
	    .author = "", .kind = DRIFT_KIND, .population = c->list->accounts,
	    .tally.n[GUARD_REVOKE] = k->n, .item = k->item, .n_items = k->n,
	    .what = "accounts that are nobody's lose their tools" };
	char id[HELD_ID];
	struct err e;
	size_t i;

	if (held_ask(c->conf->held, &q, id, &e) != 0)
		r->held = arena_strdup(r->a, e.text);
	else
		for (i = 0; i < k->n; i++)
			strip_one(c, k->asked[i]);
}

/* Those that a person let pass go at once. */
static void strip(struct comparison *c)
{
	struct strips k = { arena_array(c->a, c->list->n + 1,
	    sizeof(struct seen *)), arena_array(c->a, c->list->n + 1,
	    sizeof(*k.item)), 0, 0 };
	size_t i;

	for (i = 0; i < c->list->n; i++)
		if (!c->list->v[i]->matched && !c->list->v[i]->twin)
			sort_out(c, &k, c->list->v[i]);
	if (k.wait != 0)
		c->report->held = arena_printf(c->report->a, "%" PRIu64
		    " accounts that are nobody's wait for a decision, or were "
		    "rejected: provost held", k.wait);
	if (k.n != 0)
		ask_guard(c, &k);
}

void drift_compare(struct comparison *c)
{
	walk(c, INTAKE_RECEIPTS, look_receipts);
	if (c->report->complete && !*c->stop)
		look_others(c);
	if (!c->report->complete || *c->stop || held(c))
		return;
	correct(c);
	/* Where no account says whose it is, none is known to be nobody's. */
	if (c->strips && c->conf->held != NULL && c->list->keyed)
		strip(c);
}
