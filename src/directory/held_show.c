/* SPDX-License-Identifier: ISC */
/* Held jobs as people see them, and what they decide. */
#include "directory/held_p.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

static const char *const states[HELD_STATES] = { "held", "released",
    "rejected", "applied", "over" };

const char *held_state_word(enum held_state s)
{
	return states[s];
}

/* --- showing ------------------------------------------------------------------ */

bool held_job_there(const struct job *j)
{
	const struct stand *at = &j->part[0].at;

	return at->exists || at->dirty || at->flying;
}

void held_job_copy(struct arena *a, const struct job *j,
    struct held_job *out)
{
	size_t i;

	*out = j->v;
	out->id = arena_strdup(a, j->v.id);
	out->kind = arena_strdup(a, j->v.kind);
	out->name = arena_strdup(a, j->v.name);
	out->what = arena_strdup(a, j->v.what);
	out->why = arena_strdup(a, j->v.why);
	out->by = arena_strdup(a, j->v.by);
	out->reason = arena_strdup(a, j->v.reason);
	out->data = arena_strdup(a, j->v.data);
	out->authors = (struct strv){ 0 };
	for (i = 0; i < j->v.authors.n; i++)
		strv_add(a, &out->authors, arena_strdup(a,
		    j->v.authors.v[i]));
	out->n_items = j->n;
	out->item = NULL;
	out->n_shown = 0;
}

static int newest_first(const void *x, const void *y)
{
	const struct held_job *p = x, *q = y;

	if (p->since != q->since)
		return p->since > q->since ? -1 : 1;
	return strcmp(p->id, q->id);
}

void held_list(struct held *h, struct arena *a, bool all,
    struct held_job **job, size_t *n)
{
	struct job *j;
	size_t pos = 0;

	*n = 0;
	pthread_mutex_lock(&h->lock);
	held_read(h);
	*job = arena_array(a, map_count(h->jobs) + 1, sizeof(**job));
	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (held_job_there(j) && (all || j->v.state == HELD_HELD))
			held_job_copy(a, j, &(*job)[(*n)++]);
	pthread_mutex_unlock(&h->lock);
	qsort(*job, *n, sizeof(**job), newest_first);
}

struct job *held_find(struct held *h, const char *id, struct err *e)
{
	struct job *j = map_get(h->jobs, id);

	if (j != NULL && held_job_there(j))
		return j;
	err_set(e, ERR_NOT_FOUND, "there is no held job %.40s", id);
	return NULL;
}

static void copy_items(struct arena *a, const struct job *j, size_t skip,
    size_t most, struct held_job *out)
{
	size_t n = skip < j->n ? j->n - skip : 0, i;
	struct held_item *v;

	if (n > most)
		n = most;
	v = arena_array(a, n + 1, sizeof(*v));
	for (i = 0; i < n; i++) {
		const struct held_item *it = &j->item[skip + i]->v;

		v[i] = (struct held_item){ arena_strdup(a, it->person),
		    arena_strdup(a, it->digest), arena_strdup(a, it->text) };
	}
	out->item = v;
	out->n_shown = n;
}

int held_get(struct held *h, struct arena *a, const char *id, size_t skip,
    size_t most, struct held_job *out, struct err *e)
{
	struct job *j;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	j = held_find(h, id, e);
	if (j != NULL) {
		held_job_copy(a, j, out);
		copy_items(a, j, skip, most, out);
	}
	pthread_mutex_unlock(&h->lock);
	return j != NULL ? 0 : ERR_NOT_FOUND;
}

struct guard_tally held_counted(struct held *h, enum held_side side,
    const char *name)
{
	struct guard_tally t;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	t = held_sum(held_window(h, side, name), clock_now());
	pthread_mutex_unlock(&h->lock);
	return t;
}

uint64_t held_behind(struct held *h)
{
	uint64_t n = 0;
	struct window *w;
	struct job *j;
	size_t pos = 0;

	pthread_mutex_lock(&h->lock);
	while (map_next(h->windows, &pos, (void **)&w) != NULL)
		n += w->at.dirty || w->at.flying;
	for (pos = 0; map_next(h->jobs, &pos, (void **)&j) != NULL; )
		n += held_unwritten(j);
	pthread_mutex_unlock(&h->lock);
	return n;
}

uint64_t held_waiting(struct held *h)
{
	uint64_t n = 0;
	struct job *j;
	size_t pos = 0;

	pthread_mutex_lock(&h->lock);
	held_read(h);
	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		n += held_job_there(j) && j->v.state == HELD_HELD;
	pthread_mutex_unlock(&h->lock);
	return n;
}
