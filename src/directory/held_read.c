/* SPDX-License-Identifier: ISC */
/* What the view says of windows and jobs, taken over where it is newer. */
#include "directory/held_p.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/intake.h"

#define WORDS 6

/* One value of provostJobData. */
struct words {
	const char *w[WORDS];
	int n;
};

static bool split(struct arena *a, const char *value, struct words *out)
{
	out->n = str_words(a, value, out->w, WORDS);
	return out->n >= 2;
}

static bool says(const struct words *w, const char *name, int n)
{
	return w->n >= n && strcmp(w->w[0], name) == 0;
}

static const char *text(struct arena *a, const char *w)
{
	return strcmp(w, "-") == 0 ? "" : arena_strdup(a, w);
}

static uint64_t number(const char *s)
{
	int64_t n;

	return str_int(s, &n) && n > 0 ? (uint64_t)n : 0;
}

static int64_t time_of(const char *s)
{
	int64_t t;

	return clock_parse_gt(s, &t) ? t : 0;
}

static enum held_side side_of(const char *s)
{
	return str_eq(s, held_side_word(HELD_TARGET)) ? HELD_TARGET :
	    HELD_SOURCE;
}

/* Is there something newer in the view than what we know? What is being written
 * is looked at once it is. */
static bool newer(struct held *h, struct stand *at, const char *csn)
{
	h->passed_over |= at->flying;
	if (at->flying || (at->exists && strcmp(csn, at->csn) <= 0))
		return false;
	at->exists = true;
	snprintf(at->csn, sizeof(at->csn), "%s", csn);
	return true;
}

/* --- windows ----------------------------------------------------------------- */

static void read_hour(struct window *w, const struct words *v)
{
	enum guard_kind k;
	char gt[16];
	int64_t t;

	snprintf(gt, sizeof(gt), "%.10s0000Z", v->w[1]);
	if (guard_kind_of(v->w[2], &k) && clock_parse_gt(gt, &t))
		hours_put(&w->base, t / HELD_HOUR, k, (int64_t)number(v->w[3]));
}

static bool read_owner(struct arena *a, const struct entry *en,
    enum held_side *side, const char **name)
{
	const struct attr *at = entry_attr(en, "provostJobData");
	struct words v;
	size_t i;

	*name = NULL;
	for (i = 0; at != NULL && i < at->n; i++) {
		if (!split(a, at->v[i].p, &v))
			continue;
		if (says(&v, "side", 2))
			*side = side_of(v.w[1]);
		else if (says(&v, "name", 2))
			*name = text(a, v.w[1]);
	}
	return *name != NULL;
}

static void read_window(struct held *h, struct arena *a,
    const struct entry *en)
{
	const struct attr *at = entry_attr(en, "provostJobData");
	enum held_side side = HELD_SOURCE;
	const char *name;
	struct window *w;
	struct words v;
	size_t i;

	if (!read_owner(a, en, &side, &name))
		return;
	w = held_window(h, side, name);
	if (!newer(h, &w->at, en->csn))
		return;
	w->base.n = 0;
	for (i = 0; i < at->n; i++)
		if (split(a, at->v[i].p, &v) && says(&v, "hour", 4))
			read_hour(w, &v);
}

/* --- jobs --------------------------------------------------------------------- */

static void read_item(struct job *j, const struct words *v, int part)
{
	const struct held_item it = { text(j->a, v->w[1]),
	    text(j->a, v->w[2]), text(j->a, v->w[3]) };

	held_job_item(j, &it, part);
}

static void read_tally(struct job *j, const struct words *v)
{
	enum guard_kind k;

	if (guard_kind_of(v->w[1], &k) && number(v->w[2]) > j->v.tally.n[k])
		j->v.tally.n[k] = number(v->w[2]);
}

static void read_author(struct job *j, const char *who)
{
	if (!strv_has(&j->v.authors, who))
		strv_add(j->a, &j->v.authors, arena_strdup(j->a, who));
}

static void at_least(uint64_t *n, const char *s)
{
	if (number(s) > *n)
		*n = number(s);
}

static void read_line(struct job *j, const struct words *v, int part)
{
	if (says(v, "item", 4))
		read_item(j, v, part);
	else if (says(v, "side", 2))
		j->v.side = side_of(v->w[1]);
	else if (says(v, "name", 2))
		j->v.name = text(j->a, v->w[1]);
	else if (says(v, "of", 2))
		j->v.kind = text(j->a, v->w[1]);
	else if (says(v, "author", 2))
		read_author(j, text(j->a, v->w[1]));
	else if (says(v, "people", 2))
		at_least(&j->v.people, v->w[1]);
	else if (says(v, "asks", 2))
		at_least(&j->v.asks, v->w[1]);
	else if (says(v, "tally", 3))
		read_tally(j, v);
	else if (says(v, "last", 2) && time_of(v->w[1]) > j->v.last)
		j->v.last = time_of(v->w[1]);
	else if (says(v, "data", 2))
		j->v.data = text(j->a, v->w[1]);
	else if (says(v, "decided", 4)) {
		j->v.decided = time_of(v->w[1]);
		j->v.by = text(j->a, v->w[2]);
		j->v.reason = text(j->a, v->w[3]);
	}
}

/* Those that were written once and are not there any more, need not wait. */
static void drop_unseen(struct job *j, unsigned part)
{
	size_t i;

	for (i = j->n; i-- > 0; )
		if (j->item[i]->part == part && j->item[i]->stored &&
		    !j->item[i]->seen)
			held_job_drop(j, j->item[i]);
}

static void read_data(struct arena *a, struct job *j, const struct entry *en,
    int part)
{
	const struct attr *at = entry_attr(en, "provostJobData");
	struct words v;
	size_t i;

	for (i = 0; i < j->n; i++)
		j->item[i]->seen = false;
	for (i = 0; at != NULL && i < at->n; i++)
		if (split(a, at->v[i].p, &v))
			read_line(j, &v, part);
	drop_unseen(j, (unsigned)part);
}

static enum held_state state_of(const struct entry *en)
{
	const char *s = entry_get(en, "provostJobState");
	int k;

	for (k = HELD_RELEASED; k < HELD_STATES; k++)
		if (str_ieq(s, held_state_word((enum held_state)k)))
			return (enum held_state)k;
	return HELD_HELD;
}

/* Who decided with ldapmodify is the entry's last modifier. */
static void read_decision(struct job *j, const struct entry *en)
{
	enum held_state was = j->v.state;

	j->v.state = state_of(en);
	/* Somebody else's word was there first. */
	if (j->want != HELD_HELD && j->v.state != was) {
		j->want = HELD_HELD;
		j->ticket = TICKET_LOST;
	}
	if (j->v.state == HELD_HELD)
		return;
	j->part[0].at.dirty = false;
	if (j->v.decided != 0)
		return;
	j->v.decided = en->modified != 0 ? en->modified : clock_now();
	j->v.by = arena_strdup(j->a, en->modifier);
}

static struct job *job_of(struct held *h, const char *id)
{
	struct job *j = map_get(h->jobs, id);

	return j != NULL ? j : held_job_new(h, id);
}

static void read_job(struct held *h, struct arena *a, const char *id,
    const struct entry *en)
{
	struct job *j = job_of(h, id);
	int64_t since = 0;

	if (!newer(h, &j->part[0].at, en->csn))
		return;
	j->v.decided = 0;
	j->v.by = j->v.reason = "";
	if (!j->part[0].at.dirty) {
		j->v.tally = (struct guard_tally){ 0 };
		j->v.people = j->v.asks = 0;
	}
	j->v.what = entry_text(j->a, en, "description");
	j->v.why = entry_text(j->a, en, "provostStatusText");
	if (clock_parse_gt(entry_text(a, en, "provostJobTime"), &since))
		j->v.since = since;
	read_data(a, j, en, 0);
	read_decision(j, en);
}

/* "ID-3" */
static void read_part(struct held *h, struct arena *a, const char *id,
    const struct entry *en)
{
	const char *dash = strrchr(id, '-');
	struct job *j;
	int64_t i;

	if (dash == NULL || !str_int(dash + 1, &i) || i < 1 ||
	    i > HELD_MOST / HELD_PART)
		return;
	j = job_of(h, arena_strndup(a, id, (size_t)(dash - id)));
	if (newer(h, &held_part(j, (size_t)i)->at, en->csn))
		read_data(a, j, en, (int)i);
}

/* --- all ------------------------------------------------------------------------ */

static void read_entry(struct held *h, struct arena *a, const char *id,
    const struct entry *en)
{
	const char *kind = entry_get(en, "provostJobKind");

	if (str_ieq(kind, "window"))
		read_window(h, a, en);
	else if (str_ieq(kind, "held"))
		read_job(h, a, id, en);
	else if (str_ieq(kind, "part"))
		read_part(h, a, id, en);
}

static struct known *known_of(struct held *h, const uint8_t uuid[16])
{
	struct known *k;
	char key[37];

	str_uuid_text(uuid, key);
	k = map_get(h->known, key);
	if (k == NULL) {
		k = calloc(1, sizeof(*k));
		if (k == NULL)
			abort();
		map_put(h->known, key, k);
	}
	return k;
}

/* What is as it was is not unpacked: the items of one may be many. */
static void look(struct held *h, struct arena *a, struct view_item *item)
{
	struct known *k = known_of(h, item->uuid);
	const char *id;

	k->pass = h->pass;
	if (strcmp(k->csn, item->csn) == 0)
		return;
	view_item_entry(a, item);
	item->entry.csn = item->csn;
	id = entry_get(&item->entry, "provostJobId");
	h->passed_over = false;
	if (id != NULL)
		read_entry(h, a, id, &item->entry);
	if (h->passed_over)
		return;
	snprintf(k->csn, sizeof(k->csn), "%s", item->csn);
	free(k->id);
	k->id = strdup(id != NULL ? id : "");
}

/* Somebody has removed it: another daemon, or an administrator. */
static void forget(struct held *h, const char *id)
{
	struct window *w = map_get(h->windows, id);
	struct job *j = map_get(h->jobs, id);

	if (w != NULL && !w->at.flying) {
		w->at = (struct stand){ .dirty = w->at.dirty };
		w->base.n = 0;
	} else if (j != NULL && !j->part[0].at.flying &&
	    j->want == HELD_HELD) {
		held_job_free(map_del(h->jobs, id));
	}
}

static void forget_gone(struct held *h)
{
	struct arena *a = arena_new();
	struct strv gone = { 0 };
	struct known *k;
	const char *uuid;
	size_t pos = 0, i;

	while ((uuid = map_next(h->known, &pos, (void **)&k)) != NULL)
		if (k->pass != h->pass)
			strv_add(a, &gone, arena_strdup(a, uuid));
	for (i = 0; i < gone.n; i++) {
		k = map_del(h->known, gone.v[i]);
		if (k->id != NULL)
			forget(h, k->id);
		held_known_free(k);
	}
	arena_free(a);
}

static void read_all(struct held *h, struct view_iter *it)
{
	struct arena *a = arena_new();
	struct view_item item;

	h->pass++;
	while (view_iter_next(it, &item)) {
		look(h, a, &item);
		arena_reset(a);
	}
	forget_gone(h);
	arena_free(a);
}

void held_known_free(struct known *k)
{
	free(k->id);
	free(k);
}

void held_read(struct held *h)
{
	uint64_t now = view_changed(h->view, INTAKE_JOBS);
	struct view_read *r;
	struct view_iter *it;

	if ((h->read && now == h->seen) ||
	    view_read_begin(h->view, &r, NULL) != 0)
		return;
	if (view_iter_type(r, INTAKE_JOBS, false, 0, NULL, &it, NULL) == 0) {
		read_all(h, it);
		view_iter_free(it);
		h->seen = now;
		h->read = true;
		pthread_cond_broadcast(&h->moved);
	}
	view_read_end(r);
}
