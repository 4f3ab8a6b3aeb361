/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "directory/intake.h"
#include "engine/brake_p.h"

#define REST 50		/* counts' own lengths between two of them */

/* --- how many people are at a target ----------------------------------------- */

/* The target of a receipt's value is its first word. */
static struct goal *goal_of(struct brake *b, const char *value)
{
	char word[256];
	size_t n = strcspn(value, " ");
	struct goal *g = b->goals;
	struct arena *a;
	const char *w;

	while (g != NULL && (strncmp(g->name, value, n) != 0 ||
	    g->name[n] != '\0'))
		g = g->next;
	if (g != NULL || n >= sizeof(word))
		return g;
	memcpy(word, value, n);
	word[n] = '\0';
	a = arena_new();
	if (str_words(a, word, &w, 1) == 1)
		g = brake_goal(b, w);
	arena_free(a);
	return g;
}

static void count(struct brake *b, const struct entry *receipts, int which)
{
	const struct attr *at = entry_attr(receipts, "provostReceipt");
	struct goal *g;
	size_t i;

	b->stamp++;
	for (i = 0; at != NULL && i < at->n; i++) {
		g = goal_of(b, at->v[i].p);
		if (g == NULL || g->stamp == b->stamp)
			continue;
		g->stamp = b->stamp;
		g->counted[which]++;
	}
}

void brake_pass_receipts(struct brake *b, const struct entry *receipts)
{
	count(b, receipts, 0);
}

static void count_all(struct brake *b, struct world_view *w)
{
	struct arena *a = arena_new();
	struct view_iter *it;
	struct view_item item;
	struct goal *g;

	for (g = b->goals; g != NULL; g = g->next)
		g->counted[1] = 0;
	if (view_iter_type(world_read(w), INTAKE_RECEIPTS, false, 0, NULL, &it,
	    NULL) == 0) {
		while (view_iter_next(it, &item)) {
			view_item_entry(a, &item);
			count(b, &item.entry, 1);
			arena_reset(a);
		}
		view_iter_free(it);
	}
	for (g = b->goals; g != NULL; g = g->next)
		g->population = g->counted[1];
	arena_free(a);
}

/* Who comes and goes in between hardly changes a share. */
static void count_again(struct brake *b, struct world_view *w)
{
	int64_t begun = clock_mono();

	if (b->counted_at != 0 &&
	    begun < b->counted_at + REST * b->count_took)
		return;
	count_all(b, w);
	b->counted_at = clock_mono();
	b->count_took = b->counted_at - begun;
}

/* --- weighing ------------------------------------------------------------------- */

static void gather(struct share *s)
{
	struct goal *g = s->goal;

	if (s->queued)
		return;
	s->queued = true;
	if (g->n == g->cap) {
		g->cap = g->cap != 0 ? g->cap * 2 : 64;
		g->aside = realloc(g->aside, g->cap * sizeof(struct share *));
		if (g->aside == NULL)
			abort();
	}
	g->aside[g->n++] = s;
}

static void gather_all(struct brake *b, int which)
{
	struct queue *q = &b->queue[which];
	struct loser *l;
	struct share *s;
	size_t i;

	for (i = 0; i < q->n; i++) {
		l = brake_loser(b, q->uuid[i]);
		for (s = l != NULL ? l->first : NULL; s != NULL; s = s->next)
			if (s->state == SHARE_ASIDE && s->in_pass == which)
				gather(s);
	}
	q->n = 0;
}

static int ask(struct brake *b, struct goal *g, char id[HELD_ID],
    struct err *e)
{
	struct arena *a = arena_new();
	struct held_item *item = arena_array(a, g->n, sizeof(*item));
	struct guard_tally day = held_counted(b->conf.held, HELD_TARGET,
	    g->name);
	/* A share of those who were there a day ago. */
	struct held_ask q = { .side = HELD_TARGET, .name = g->name,
	    .author = "", .kind = BRAKE_KIND,
	    .population = g->population + guard_taken(&day),
	    .what = arena_printf(a, "people who lose something at target %s",
	    g->name), .item = item, .n_items = g->n };
	size_t i;
	int rc;

	for (i = 0; i < g->n; i++) {
		const struct share *s = g->aside[i];

		item[i] = (struct held_item){ s->who->id, s->digest, s->text };
		q.tally.n[s->kind]++;
	}
	failpoint("before-weigh");
	rc = held_ask(b->conf.held, &q, id, e);
	failpoint("after-weigh");
	arena_free(a);
	return rc;
}

static void weigh_goal(struct brake *b, struct goal *g)
{
	char id[HELD_ID] = "";
	struct err e = { 0 };
	int rc = ask(b, g, id, &e);
	size_t i;

	for (i = 0; i < g->n; i++) {
		struct share *s = g->aside[i];

		s->queued = false;
		brake_set(b, s, rc == 0 ? SHARE_PASSED : held_is(
		    b->conf.held, g->name, s->who->id, s->digest) ==
		    HELD_REJECTED ? SHARE_REFUSED : SHARE_HELD);
		if (rc == 0)
			b->conf.again(b->conf.ctx, s->who->uuid, clock_now());
	}
	g->n = 0;
	if (rc != 0 && !str_eq(g->job, id)) {
		memcpy(g->job, id, sizeof(g->job));
		log_error("held: %s", e.text);
	}
}

void brake_weigh(struct brake *b, int which, struct world_view *w)
{
	struct goal *g;

	gather_all(b, which);
	if (w != NULL && !b->passing)
		count_again(b, w);
	for (g = b->goals; g != NULL; g = g->next)
		if (g->n != 0)
			weigh_goal(b, g);
}

/* --- jobs of which nothing is left ---------------------------------------------- */

static bool ours(const struct held_job *job)
{
	return job->side == HELD_TARGET && str_eq(job->kind, BRAKE_KIND);
}

static bool known(const struct brake *b, const struct held_job *job)
{
	const struct release *r = b->releases;

	while (r != NULL && !str_eq(r->id, job->id))
		r = r->next;
	return r != NULL;
}

static void note(struct brake *b, const struct held_job *job)
{
	struct release *r = calloc(1, sizeof(*r));

	if (r == NULL || (r->target = strdup(job->name)) == NULL)
		abort();
	memcpy(r->id, job->id, strnlen(job->id, HELD_ID - 1));
	r->run = b->run;
	r->next = b->releases;
	b->releases = r;
}

bool brake_releases(struct brake *b)
{
	struct arena *a = arena_new();
	struct held_job *job;
	bool news = false;
	size_t n, i;

	held_list(b->conf.held, a, true, &job, &n);
	for (i = 0; i < n; i++)
		if (ours(&job[i]) && job[i].state == HELD_RELEASED &&
		    !known(b, &job[i])) {
			note(b, &job[i]);
			news = true;
		}
	arena_free(a);
	return news;
}

static void close_released(struct brake *b)
{
	struct release **at = &b->releases, *r;

	while ((r = *at) != NULL) {
		if (!r->looked || brake_goal(b, r->target)->letting != 0) {
			at = &r->next;
			continue;
		}
		held_close(b->conf.held, r->id, HELD_APPLIED);
		*at = r->next;
		free(r->target);
		free(r);
	}
}

void brake_settle(struct brake *b)
{
	struct arena *a = arena_new();
	struct held_job *job;
	size_t n, i;

	b->settle = false;
	close_released(b);
	held_list(b->conf.held, a, false, &job, &n);
	for (i = 0; i < n; i++)
		if (ours(&job[i]) &&
		    brake_goal(b, job[i].name)->waiting == 0)
			held_close(b->conf.held, job[i].id, HELD_OVER);
	arena_free(a);
}
