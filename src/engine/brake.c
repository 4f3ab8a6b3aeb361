/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/str.h"
#include "codec/json.h"
#include "engine/brake_p.h"

#define QUIET (CLOCK_SECOND / 10)	/* then what comes in one go is over */
#define MOST (CLOCK_SECOND / 2)		/* ... or after so long */

/* --- who and where ----------------------------------------------------------- */

struct goal *brake_goal(struct brake *b, const char *name)
{
	struct goal *g = b->goals;

	while (g != NULL && !str_eq(g->name, name))
		g = g->next;
	if (g != NULL)
		return g;
	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    (g->name = strdup(name)) == NULL)
		abort();
	pthread_mutex_lock(&b->lock);
	g->next = b->goals;
	b->goals = g;
	pthread_mutex_unlock(&b->lock);
	return g;
}

struct loser *brake_loser(const struct brake *b, const uint8_t uuid[16])
{
	char id[37];

	if (map_count(b->losers) == 0)
		return NULL;
	str_uuid_text(uuid, id);
	return map_get(b->losers, id);
}

static struct loser *loser_of(struct brake *b, const uint8_t uuid[16])
{
	struct loser *l = brake_loser(b, uuid);

	if (l != NULL)
		return l;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		abort();
	memcpy(l->uuid, uuid, 16);
	str_uuid_text(uuid, l->id);
	map_put(b->losers, l->id, l);
	return l;
}

static struct share *share_of(struct brake *b, struct loser *l,
    const char *target)
{
	struct share *s = l->first;

	while (s != NULL && !str_eq(s->goal->name, target))
		s = s->next;
	if (s != NULL)
		return s;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		abort();
	s->who = l;
	s->goal = brake_goal(b, target);
	s->next = l->first;
	l->first = s;
	return s;
}

static void share_free(struct share *s)
{
	free(s->text);
	free(s->let);
	free(s);
}

static void loser_free(void *arg)
{
	struct loser *l = arg;
	struct share *s, *next;

	for (s = l->first; s != NULL; s = next) {
		next = s->next;
		share_free(s);
	}
	free(l);
}

/* --- states -------------------------------------------------------------------- */

void brake_set(struct brake *b, struct share *s, enum share_state state)
{
	struct goal *g = s->goal;
	enum share_state was = s->state;

	if (was == state)
		return;
	s->state = state;
	g->letting += state == SHARE_PASSED;
	g->letting -= was == SHARE_PASSED;
	pthread_mutex_lock(&b->lock);
	g->waiting += state == SHARE_HELD;
	g->waiting -= was == SHARE_HELD;
	g->refused += state == SHARE_REFUSED;
	g->refused -= was == SHARE_REFUSED;
	pthread_mutex_unlock(&b->lock);
	counter_add(C_HELD_PEOPLE, (state == SHARE_HELD) - (was == SHARE_HELD));
	b->settle |= g->letting == 0 || g->waiting == 0;
}

static void set_let(struct brake *b, struct share *s, size_t n)
{
	s->goal->letting += n - s->n_let;
	s->n_let = n;
	b->settle |= s->goal->letting == 0;
}

static bool is_let(const struct share *s, const struct action *act)
{
	size_t i;

	for (i = 0; i < s->n_let; i++)
		if (str_eq(s->let[i], act->loss))
			return true;
	return false;
}

static void share_drop(struct brake *b, struct share *s)
{
	brake_set(b, s, SHARE_NONE);
	set_let(b, s, 0);
	share_free(s);
}

static void enqueue(struct queue *q, const uint8_t uuid[16])
{
	if (q->n == q->cap) {
		q->cap = q->cap != 0 ? q->cap * 2 : 64;
		q->uuid = realloc(q->uuid, q->cap * sizeof(*q->uuid));
		if (q->uuid == NULL)
			abort();
	}
	memcpy(q->uuid[q->n++], uuid, 16);
}

static void set_aside(struct brake *b, struct share *s, const char *text,
    bool in_pass)
{
	struct queue *q = &b->queue[in_pass];
	int64_t now = clock_mono();

	brake_set(b, s, SHARE_ASIDE);
	s->in_pass = in_pass;
	free(s->text);
	if ((s->text = strdup(text)) == NULL)
		abort();
	enqueue(q, s->who->uuid);
	if (in_pass)
		return;
	b->last_at = now;
	if (q->n == 1)
		b->first_at = now;
}

/* --- one look -------------------------------------------------------------------- */

struct look {
	struct brake *b;
	struct arena *a;
	struct owed *o;
	struct loser *who;
	bool in_pass;
};

static bool concerns(const struct action *act, const struct share *s)
{
	return act->takes && str_eq(act->target, s->goal->name);
}

/* What was let pass and is `ending' by now, or not owed any more. */
static void forget_let(struct look *k, struct share *s)
{
	const struct owed *o = k->o;
	size_t i, j, n = 0;

	for (i = 0; i < s->n_let; i++) {
		for (j = 0; j < o->n; j++)
			if (concerns(&o->act[j], s) &&
			    str_eq(o->act[j].loss, s->let[i]))
				break;
		if (j < o->n)
			memmove(s->let[n++], s->let[i], sizeof(*s->let));
	}
	set_let(k->b, s, n);
}

static void let_one(struct look *k, struct share *s, const struct action *act)
{
	if (is_let(s, act))
		return;
	s->let = realloc(s->let, (s->n_let + 1) * sizeof(*s->let));
	if (s->let == NULL)
		abort();
	memcpy(s->let[s->n_let], act->loss, sizeof(*s->let));
	set_let(k->b, s, s->n_let + 1);
}

static void let_all(struct look *k, struct share *s)
{
	const struct owed *o = k->o;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (concerns(&o->act[i], s))
			let_one(k, s, &o->act[i]);
	brake_set(k->b, s, SHARE_NONE);
}

static const char *name_of(struct look *k)
{
	const struct owed *o = k->o;

	return o->person != NULL ? person_name(o->person) :
	    entry_text(k->a, o->receipts.entry, "provostPersonId");
}

/* "tool:wan, tool:voip/1", and a digest of the losses; "" none. */
static const char *losses(struct look *k, const struct share *s,
    char digest[17])
{
	const struct owed *o = k->o;
	const struct action **act = arena_array(k->a, o->n + 1, sizeof(*act));
	const char *text = "";
	size_t i, n = 0;

	for (i = 0; i < o->n; i++) {
		if (!concerns(&o->act[i], s) || is_let(s, &o->act[i]))
			continue;
		act[n++] = &o->act[i];
		text = arena_printf(k->a, "%s%s%s", text, *text ? ", " : "",
		    diff_loss_text(k->a, &o->act[i]));
	}
	if (n != 0)
		diff_loss_digest(k->a, act, n, digest);
	return text;
}

static enum guard_kind kind_of(const struct person *p)
{
	if (p == NULL)
		return GUARD_DELETE;
	return p->state == PERSON_SUSPENDED || p->state == PERSON_LEFT ?
	    GUARD_DISABLE : GUARD_REVOKE;
}

/* Ends that somebody set earlier. What they write about it now changes nothing
 * of that. */
static void let_ended(struct look *k, struct share *s)
{
	const struct owed *o = k->o;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (concerns(&o->act[i], s) && o->act[i].ended)
			let_one(k, s, &o->act[i]);
}

static void judge(struct look *k, struct share *s)
{
	bool same;
	char digest[17];
	const char *text = losses(k, s, digest);

	if (*text == '\0') {
		brake_set(k->b, s, SHARE_NONE);
		return;
	}
	same = str_eq(digest, s->digest);
	memcpy(s->digest, digest, sizeof(s->digest));
	s->kind = kind_of(k->o->person);
	if (same && s->state == SHARE_PASSED) {
		let_all(k, s);
		return;
	}
	switch (held_is(k->b->conf.held, s->goal->name, s->who->id, digest)) {
	case HELD_WAITS:
		brake_set(k->b, s, SHARE_HELD);
		break;
	case HELD_REJECTED:
		brake_set(k->b, s, SHARE_REFUSED);
		break;
	case HELD_PASSED:
		let_all(k, s);
		break;
	case HELD_NONE:
		if (!same || s->state != SHARE_ASIDE ||
		    s->in_pass != k->in_pass)
			set_aside(k->b, s, arena_printf(k->a, "%s loses %s",
			    name_of(k), text), k->in_pass);
	}
}

static struct share *share_at(const struct loser *l, const struct action *act)
{
	struct share *s = l->first;

	while (s != NULL && !concerns(act, s))
		s = s->next;
	return s;
}

/* Only what was let pass, and what gives. */
static void withhold(struct look *k)
{
	struct owed *o = k->o;
	size_t i, n = 0;

	for (i = 0; i < o->n; i++) {
		const struct share *s = share_at(k->who, &o->act[i]);
		struct action left;

		if (s == NULL || is_let(s, &o->act[i]))
			o->act[n++] = o->act[i];
		else if (diff_withheld(k->a, &o->act[i], &left))
			o->act[n++] = left;
	}
	o->n = n;
}

/* Where nothing is owed any more. */
static void drop_unseen(struct brake *b, struct loser *l)
{
	struct share **at = &l->first, *s;

	while ((s = *at) != NULL) {
		if (s->seen) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		share_drop(b, s);
	}
	if (l->first == NULL) {
		map_del(b->losers, l->id);
		free(l);
	}
}

static bool takes_any(const struct owed *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->act[i].takes)
			return true;
	return false;
}

void brake_look(struct brake *b, struct arena *a, const uint8_t uuid[16],
    struct owed *o, bool in_pass)
{
	struct look k = { b, a, o, NULL, in_pass };
	struct share *s;
	size_t i;

	if (!takes_any(o) && brake_loser(b, uuid) == NULL)
		return;
	k.who = loser_of(b, uuid);
	k.who->run = b->run;
	for (s = k.who->first; s != NULL; s = s->next)
		s->seen = false;
	for (i = 0; i < o->n; i++)
		if (o->act[i].takes && b->conf.has(b->conf.ctx,
		    o->act[i].target))
			share_of(b, k.who, o->act[i].target)->seen = true;
	for (s = k.who->first; s != NULL; s = s->next)
		if (s->seen) {
			forget_let(&k, s);
			let_ended(&k, s);
			judge(&k, s);
		}
	withhold(&k);
	drop_unseen(b, k.who);
}

/* --- turns ------------------------------------------------------------------------- */

int64_t brake_due(const struct brake *b)
{
	int64_t quiet = b->last_at + QUIET, most = b->first_at + MOST;

	if (b->settle && b->complete && !b->passing)
		return 0;
	return b->queue[0].n == 0 ? CLOCK_NEVER : quiet < most ? quiet : most;
}

/* The pass that is to come will weigh them with the others. */
static void join_pass(struct brake *b)
{
	struct queue *q = &b->queue[0];
	struct loser *l;
	struct share *s;
	size_t i;

	for (i = 0; i < q->n; i++) {
		l = brake_loser(b, q->uuid[i]);
		for (s = l != NULL ? l->first : NULL; s != NULL; s = s->next)
			s->in_pass = true;
		enqueue(&b->queue[1], q->uuid[i]);
	}
	q->n = 0;
}

void brake_run(struct brake *b, struct world_view *w, bool joins)
{
	if (joins)
		join_pass(b);
	if (b->queue[0].n != 0 && brake_due(b) <= clock_mono())
		brake_weigh(b, 0, w);
	if (b->settle && b->complete && !b->passing)
		brake_settle(b);
}

void brake_pass_begin(struct brake *b)
{
	struct goal *g;

	for (g = b->goals; g != NULL; g = g->next)
		g->counted[0] = 0;
	brake_releases(b);
	b->passing = true;
	b->run++;
}

/* People of whom neither entry nor receipts are left. */
static void forget_gone(struct brake *b)
{
	struct loser **all = calloc(map_count(b->losers) + 1, sizeof(*all));
	struct loser *l;
	struct share *s;
	size_t pos = 0, n = 0;

	if (all == NULL)
		abort();
	while (map_next(b->losers, &pos, (void **)&l) != NULL)
		if (l->run != b->run)
			all[n++] = l;
	while (n-- > 0) {
		for (s = all[n]->first; s != NULL; s = s->next)
			s->seen = false;
		drop_unseen(b, all[n]);
	}
	free(all);
}

void brake_pass_end(struct brake *b, bool complete)
{
	struct release *r;
	struct goal *g;

	b->passing = false;
	if (!complete)
		return;
	for (g = b->goals; g != NULL; g = g->next)
		g->population = g->counted[0];
	for (r = b->releases; r != NULL; r = r->next)
		r->looked |= r->run != b->run;
	forget_gone(b);
	brake_weigh(b, 1, NULL);
	b->complete = b->settle = true;
}

/* --- what is shown ----------------------------------------------------------------- */

void brake_describe(struct brake *b, struct buf *out)
{
	const struct goal *g;
	const char *comma = "";

	buf_puts(out, "\"held\":[");
	pthread_mutex_lock(&b->lock);
	for (g = b->goals; g != NULL; g = g->next) {
		if (g->waiting + g->refused == 0)
			continue;
		buf_printf(out, "%s{\"target\":", comma);
		json_text(out, g->name);
		buf_printf(out, ",\"people\":%llu,\"rejected\":%llu}",
		    (unsigned long long)g->waiting,
		    (unsigned long long)g->refused);
		comma = ",";
	}
	pthread_mutex_unlock(&b->lock);
	buf_putc(out, ']');
}

/* --- life --------------------------------------------------------------------------- */

struct brake *brake_new(const struct brake_conf *c)
{
	struct brake *b = calloc(1, sizeof(*b));

	if (b == NULL)
		abort();
	b->conf = *c;
	b->losers = map_new();
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

static void forget_losers(struct brake *b)
{
	struct loser *l;
	struct share *s;
	size_t pos = 0;

	while (map_next(b->losers, &pos, (void **)&l) != NULL)
		for (s = l->first; s != NULL; s = s->next) {
			brake_set(b, s, SHARE_NONE);
			set_let(b, s, 0);
		}
	map_free(b->losers, loser_free);
	b->losers = map_new();
}

static void forget_releases(struct brake *b)
{
	struct release *r;

	while ((r = b->releases) != NULL) {
		b->releases = r->next;
		free(r->target);
		free(r);
	}
}

void brake_forget(struct brake *b)
{
	if (map_count(b->losers) != 0)
		forget_losers(b);
	forget_releases(b);
	b->queue[0].n = b->queue[1].n = 0;
	b->passing = b->complete = b->settle = false;
}

void brake_free(struct brake *b)
{
	struct goal *g;

	if (b == NULL)
		return;
	brake_forget(b);
	map_free(b->losers, NULL);
	while ((g = b->goals) != NULL) {
		b->goals = g->next;
		free(g->name);
		free(g->aside);
		free(g);
	}
	free(b->queue[0].uuid);
	free(b->queue[1].uuid);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
