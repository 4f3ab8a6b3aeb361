/* SPDX-License-Identifier: ISC */
#include "front/plans.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "core/plan.h"

#define PLANS 256			/* in all */
#define PLANS_OF_ONE 16
#define BYTES ((size_t)256 << 20)	/* in all */

struct plans {
	pthread_mutex_t lock;
	struct planned *first;		/* lock; newest first */
	size_t n, bytes;		/* lock */
};

static const char *const word[] = { [PLANNED_OPEN] = "open",
	[PLANNED_APPLYING] = "applying", [PLANNED_APPLIED] = "applied",
	[PLANNED_STOPPED] = "stopped", [PLANNED_HELD] = "held" };

void planned_free(struct planned *p)
{
	if (p == NULL)
		return;
	plan_free(p->plan);
	arena_free(p->a);
}

/* Lock held. */
static void drop(struct planned *p)
{
	if (--p->refs == 0)
		planned_free(p);
}

static void take_out(struct plans *s, struct planned **at)
{
	struct planned *p = *at;

	*at = p->next;
	s->n--;
	s->bytes -= p->size;
	drop(p);
}

struct plans *plans_new(void)
{
	struct plans *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void plans_free(struct plans *s)
{
	if (s == NULL)
		return;
	while (s->first != NULL)
		take_out(s, &s->first);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Those whose time is over, one of the same name, and the author's oldest
 * beyond what one may have. One that is being applied stays. */
static void make_room(struct plans *s, const struct planned *p)
{
	struct planned **at = &s->first;
	int64_t now = clock_now();
	size_t own = 1;

	while (*at != NULL) {
		struct planned *x = *at;
		bool busy = x->state == PLANNED_APPLYING;

		own += str_eq(x->author, p->author);
		if (!busy && (x->expires <= now || str_eq(x->id, p->id) ||
		    (str_eq(x->author, p->author) && own > PLANS_OF_ONE)))
			take_out(s, at);
		else
			at = &x->next;
	}
}

int plans_put(struct plans *s, struct planned *p, struct err *e)
{
	bool full;

	pthread_mutex_lock(&s->lock);
	make_room(s, p);
	full = s->n == PLANS || s->bytes + p->size > BYTES;
	if (!full) {
		p->refs = 1;
		p->next = s->first;
		s->first = p;
		s->n++;
		s->bytes += p->size;
	}
	pthread_mutex_unlock(&s->lock);
	if (!full)
		return 0;
	planned_free(p);
	return err_set(e, ERR_BUSY, "too many plans are kept just now: each is "
	    "for ten minutes");
}

struct planned *plans_get(struct plans *s, const char *id)
{
	struct planned *p;

	pthread_mutex_lock(&s->lock);
	for (p = s->first; p != NULL && !str_eq(p->id, id); p = p->next)
		;
	if (p != NULL && p->expires <= clock_now() &&
	    p->state != PLANNED_APPLYING)
		p = NULL;
	if (p != NULL)
		p->refs++;
	pthread_mutex_unlock(&s->lock);
	return p;
}

void plans_let_go(struct plans *s, struct planned *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	drop(p);
	pthread_mutex_unlock(&s->lock);
}

enum planned_state plans_state(struct plans *s, const struct planned *p)
{
	enum planned_state state;

	pthread_mutex_lock(&s->lock);
	state = p->state;
	pthread_mutex_unlock(&s->lock);
	return state;
}

void plans_put_state(struct plans *s, const struct planned *p,
    struct buf *out)
{
	pthread_mutex_lock(&s->lock);
	buf_printf(out, ",\"state\":\"%s\"", word[p->state]);
	if (p->result != NULL)
		buf_printf(out, ",\"result\":%s", p->result);
	pthread_mutex_unlock(&s->lock);
}

enum planned_state plans_begin(struct plans *s, struct planned *p)
{
	enum planned_state was;

	pthread_mutex_lock(&s->lock);
	was = p->state;
	if (was == PLANNED_OPEN || was == PLANNED_STOPPED)
		p->state = PLANNED_APPLYING;
	pthread_mutex_unlock(&s->lock);
	return was;
}

void plans_end(struct plans *s, struct planned *p,
    enum planned_state state, const char *result)
{
	pthread_mutex_lock(&s->lock);
	p->state = state;
	if (result != NULL)
		p->result = arena_strdup(p->a, result);
	pthread_mutex_unlock(&s->lock);
}
