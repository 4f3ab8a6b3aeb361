/* SPDX-License-Identifier: ISC */
/* Jobs and windows in memory, and the entries that they shall be. */
#include "directory/held_p.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "directory/intake.h"
#include "model/dn.h"

static void *grown(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (p == NULL)
		abort();
	return p;
}

static char *copy(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		abort();
	return p;
}

const char *held_side_word(enum held_side side)
{
	return side == HELD_SOURCE ? "source" : "target";
}

/* --- windows ----------------------------------------------------------------- */

/* The directory ignores case in ids, and in owners' names. */
static char *window_id(enum held_side side, const char *name)
{
	const char *word = held_side_word(side);
	size_t n = strlen(word) + strlen(name) + 4;
	char *id = grown(NULL, n, 1), *p;

	snprintf(id, n, "w-%s-%s", word, name);
	for (p = id; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return id;
}

struct window *held_window(struct held *h, enum held_side side,
    const char *name)
{
	char *id = window_id(side, name);
	struct window *w = map_get(h->windows, id);

	if (w != NULL) {
		free(id);
		return w;
	}
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		abort();
	w->people = map_new();
	w->side = side;
	w->name = copy(name);
	w->id = id;
	map_put(h->windows, id, w);
	return w;
}

void held_window_free(struct window *w)
{
	map_free(w->people, free);
	free(w->name);
	free(w->id);
	free(w);
}

/* --- jobs --------------------------------------------------------------------- */

struct part *held_part(struct job *j, size_t i)
{
	while (j->n_parts <= i) {
		j->part = grown(j->part, j->n_parts + 1, sizeof(*j->part));
		j->part[j->n_parts++] = (struct part){ 0 };
	}
	return &j->part[i];
}

struct job *held_job_new(struct held *h, const char *id)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->a = arena_new();
	j->by_person = map_new();
	j->v = (struct held_job){ .id = arena_strdup(j->a, id), .kind = "",
	    .name = "", .what = "", .why = "", .by = "", .reason = "",
	    .data = "" };
	held_part(j, 0);
	map_put(h->jobs, id, j);
	return j;
}

void held_job_free(struct job *j)
{
	arena_free(j->a);
	map_free(j->by_person, NULL);
	free(j->item);
	free(j->part);
	free(j);
}

static struct item *push(struct job *j)
{
	struct item *it = arena_alloc(j->a, sizeof(*it));

	if (j->n == j->cap) {
		j->cap = j->cap != 0 ? j->cap * 2 : 16;
		j->item = grown(j->item, j->cap, sizeof(struct item *));
	}
	it->at = j->n;
	j->item[j->n++] = it;
	return it;
}

void held_job_drop(struct job *j, struct item *it)
{
	if (it == NULL)
		return;
	map_del(j->by_person, it->v.person);
	j->part[it->part].n--;
	j->part[it->part].at.dirty |= it->stored || it->sent;
	j->item[it->at] = j->item[--j->n];
	j->item[it->at]->at = it->at;
}

static unsigned room(struct job *j)
{
	size_t last = j->n_parts - 1;

	if (j->part[last].n >= HELD_PART)
		held_part(j, ++last);
	return (unsigned)last;
}

/* What was written already is not written again for its words alone. */
static bool same(const struct held_item *x, const struct held_item *y)
{
	return str_eq(x->person, y->person) && str_eq(x->digest, y->digest);
}

static void fill(struct job *j, struct item *to, const struct held_item *it)
{
	to->v.person = arena_strdup(j->a, it->person);
	to->v.digest = arena_strdup(j->a, it->digest);
	to->v.text = arena_strdup(j->a, it->text);
}

static void put_in(struct job *j, struct item *it, int part)
{
	it->part = part >= 0 ? (unsigned)part : room(j);
	held_part(j, it->part)->n++;
	if (part < 0)
		j->part[it->part].at.dirty = true;
}

/* Another daemon has written it elsewhere. */
static void move(struct job *j, struct item *it, unsigned part)
{
	j->part[it->part].n--;
	j->part[it->part].at.dirty = true;
	held_part(j, part)->n++;
	it->part = part;
}

bool held_job_item(struct job *j, const struct held_item *it, int part)
{
	struct item *have = *it->person == '\0' ? NULL :
	    map_get(j->by_person, it->person);

	if (have != NULL) {
		have->seen |= part >= 0;
		have->stored |= part >= 0;
		if (part >= 0 && have->part != (unsigned)part)
			move(j, have, (unsigned)part);
		if (same(&have->v, it))
			return false;
		fill(j, have, it);
		if (part < 0) {
			j->part[have->part].at.dirty = true;
			have->sent = false;
		}
		return false;
	}
	if (j->n >= HELD_MOST)
		return *it->person != '\0';
	have = push(j);
	fill(j, have, it);
	have->seen = have->stored = part >= 0;
	put_in(j, have, part);
	if (*it->person != '\0')
		map_put(j->by_person, have->v.person, have);
	return *it->person != '\0';
}

/* --- entries ------------------------------------------------------------------ */

const char *held_part_id(struct arena *a, const struct job *j, size_t i)
{
	return i == 0 ? j->v.id : arena_printf(a, "%s-%zu", j->v.id, i);
}

const char *held_dn(struct arena *a, const struct held *h, const char *id)
{
	return dn_make(a, "provostJobId", id, arena_printf(a, "%s,%s",
	    INTAKE_JOBS_OU, h->suffix));
}

/* No word is empty. */
static const char *word(struct arena *a, const char *s)
{
	return *s == '\0' ? "-" : str_word(a, s);
}

static const char *line(struct arena *a, const char *name, const char *s)
{
	return arena_printf(a, "%s %s", name, word(a, s));
}

static const char *count_line(struct arena *a, const char *name, uint64_t n)
{
	return arena_printf(a, "%s %" PRIu64, name, n);
}

static const char *time_line(struct arena *a, const char *name, int64_t t)
{
	char gt[24];

	return arena_printf(a, "%s %s", name, clock_print_gt(t, gt));
}

static void add_items(struct arena *a, const struct job *j, size_t part,
    struct strv *out)
{
	const struct held_item *v;
	size_t i;

	for (i = 0; i < j->n; i++) {
		if (j->item[i]->part != part)
			continue;
		v = &j->item[i]->v;
		j->item[i]->sent = true;
		strv_add(a, out, arena_printf(a, "item %s %s %s",
		    word(a, v->person), word(a, v->digest),
		    word(a, v->text)));
	}
}

static void add_decided(struct arena *a, const struct job *j,
    struct strv *out)
{
	char gt[24];

	if (j->v.decided != 0)
		strv_add(a, out, arena_printf(a, "decided %s %s %s",
		    clock_print_gt(j->v.decided, gt), word(a, j->v.by),
		    word(a, j->v.reason)));
}

/* What is said of the whole. */
static void add_head(struct arena *a, const struct job *j, struct strv *out)
{
	size_t i;
	int k;

	strv_add(a, out, line(a, "side", held_side_word(j->v.side)));
	strv_add(a, out, line(a, "name", j->v.name));
	strv_add(a, out, line(a, "of", j->v.kind));
	for (i = 0; i < j->v.authors.n; i++)
		strv_add(a, out, line(a, "author", j->v.authors.v[i]));
	strv_add(a, out, count_line(a, "people", j->v.people));
	for (k = 0; k < GUARD_KINDS; k++)
		if (j->v.tally.n[k] != 0)
			strv_add(a, out, count_line(a, arena_printf(a,
			    "tally %s", guard_word((enum guard_kind)k)),
			    j->v.tally.n[k]));
	strv_add(a, out, count_line(a, "asks", j->v.asks));
	strv_add(a, out, time_line(a, "last", j->v.last));
	if (*j->v.data != '\0')
		strv_add(a, out, line(a, "data", j->v.data));
	add_decided(a, j, out);
}

static struct entry *add_entry(struct arena *a, const char *id,
    const char *kind)
{
	struct entry *en = arena_alloc(a, sizeof(*en));

	entry_add(a, en, "objectClass", "provostJob");
	entry_add(a, en, "provostJobId", id);
	entry_add(a, en, "provostJobKind", kind);
	return en;
}

/* An add, or the modify that sets the data. */
static struct change *change_to(struct arena *a, const struct held *h,
    const char *id, const char *kind, const struct stand *at,
    const struct strv *data)
{
	struct change *c = change_new(a, at->exists ? CHANGE_MODIFY :
	    CHANGE_ADD, held_dn(a, h, id));
	struct mod *m;
	size_t i;

	if (!at->exists) {
		c->entry = add_entry(a, id, kind);
		for (i = 0; i < data->n; i++)
			entry_add(a, c->entry, "provostJobData", data->v[i]);
		return c;
	}
	c->assert_csn = arena_strdup(a, at->csn);
	m = change_mod(a, c, MOD_REPLACE, "provostJobData");
	for (i = 0; i < data->n; i++)
		mod_value(a, m, data->v[i]);
	return c;
}

static void set(struct arena *a, struct change *c, const char *name,
    const char *value)
{
	if (*value == '\0')
		return;
	if (c->kind == CHANGE_ADD)
		entry_add(a, c->entry, name, value);
	else
		change_set(a, c, MOD_REPLACE, name, value);
}

struct change *held_part_change(struct arena *a, const struct held *h,
    struct job *j, size_t i)
{
	struct strv data = { 0 };
	struct change *c;
	char gt[24];

	if (i == 0)
		add_head(a, j, &data);
	add_items(a, j, i, &data);
	c = change_to(a, h, held_part_id(a, j, i), i == 0 ? "held" : "part",
	    &j->part[i].at, &data);
	if (i != 0)
		return c;
	set(a, c, "provostJobState", held_state_word(j->want != HELD_HELD ?
	    j->want : j->v.state));
	set(a, c, "description", j->v.what);
	set(a, c, "provostStatusText", j->v.why);
	set(a, c, "provostJobTime", clock_print_gt(j->v.since, gt));
	return c;
}

static void add_hour(struct arena *a, const struct hour *v, struct strv *out)
{
	char gt[24];
	int k;

	clock_print_gt(v->at * HELD_HOUR, gt);
	for (k = 0; k < GUARD_KINDS; k++)
		if (v->n[k] > 0)
			strv_add(a, out, arena_printf(a, "hour %.10s %s %"
			    PRId64, gt, guard_word((enum guard_kind)k),
			    v->n[k]));
}

struct change *held_window_change(struct arena *a, const struct held *h,
    const struct window *w)
{
	struct hours all = w->base, sent = w->sent;
	struct strv data = { 0 };
	size_t i;

	hours_forget(&all, clock_now());
	hours_move(&all, &sent);
	strv_add(a, &data, line(a, "side", held_side_word(w->side)));
	strv_add(a, &data, line(a, "name", w->name));
	for (i = 0; i < all.n; i++)
		add_hour(a, &all.v[i], &data);
	return change_to(a, h, w->id, "window", &w->at, &data);
}
