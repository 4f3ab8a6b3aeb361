/* SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "front/members.h"

#define WINDOW 256		/* outstanding; the writer takes 10,000 */

struct run;

/* One after the other: each slot sends the next as soon as its last is done. */
struct slot {
	struct run *run;
	struct membership *m;		/* under way */
	struct arena *a;		/* owned; of its change */
};

struct run {
	struct write *w;
	void (*over)(struct write *w, const struct err *e);
	const char *attr, *group;	/* what is written on the people */
	pthread_mutex_t lock;
	size_t next, written;		/* lock */
	unsigned busy;			/* lock: slots that aren't through */
	struct err e;			/* lock: what stopped it */
	unsigned n;
	struct slot slot[];
};

static void step(struct slot *s);

/* What only came at a bad time may be sent again. */
static int code_of(int code)
{
	return code == ERR_TIMEOUT || code == ERR_CONFLICT ? ERR_BUSY : code;
}

static void finish(struct run *r)
{
	void (*over)(struct write *w, const struct err *e) = r->over;
	struct write *w = r->w;
	struct err e = { 0 };
	unsigned i;

	if (r->e.code != 0)
		err_set(&e, code_of(r->e.code), "%zu of %zu memberships were "
		    "written, then: %.250s. %s", r->written, w->n_memberships,
		    r->e.text, w->kind == WRITE_POST ? "The group is there: "
		    "send its members again with PATCH" : "Send the request "
		    "again, it goes on from there");
	for (i = 0; i < r->n; i++)
		arena_free(r->slot[i].a);
	pthread_mutex_destroy(&r->lock);
	free(r);
	over(w, &e);
}

static void done(void *arg, const struct writer_result *res)
{
	struct slot *s = arg;
	struct run *r = s->run;

	pthread_mutex_lock(&r->lock);
	/* A person who is gone is no member of anything. */
	if (res->code == 0 || res->code == ERR_NOT_FOUND) {
		s->m->written = true;
		r->written++;
	} else if (r->e.code == 0) {
		r->e = res->err;
	}
	pthread_mutex_unlock(&r->lock);
	failpoint("membership");
	step(s);
}

static void submit(struct slot *s, struct membership *m)
{
	struct run *r = s->run;
	struct change *c;

	s->m = m;
	arena_reset(s->a);
	c = change_new(s->a, CHANGE_MODIFY, m->dn);
	change_set(s->a, c, m->add ? MOD_ADD : MOD_DELETE, r->attr, r->group);
	c->permissive = true;
	c->act_as = r->w->act_as;
	c->batch = r->w->c->batch;
	writer_submit(r->w->c->f->conf.writer, c, m->uuid, true, done, s);
}

/* Lock held. NULL: there is no more to do. */
static struct membership *next(struct run *r)
{
	if (r->e.code == 0 && r->next < r->w->n_memberships &&
	    r->w->c->f->draining)
		err_set(&r->e, ERR_BUSY, "the daemon is shutting down");
	return r->e.code != 0 || r->next == r->w->n_memberships ? NULL :
	    &r->w->membership[r->next++];
}

static void step(struct slot *s)
{
	struct run *r = s->run;
	struct membership *m;
	bool last = false;

	pthread_mutex_lock(&r->lock);
	m = next(r);
	if (m == NULL)
		last = --r->busy == 0;
	pthread_mutex_unlock(&r->lock);
	/* If there are others still, r is theirs. */
	if (m != NULL)
		submit(s, m);
	else if (last)
		finish(r);
}

void members_write(struct write *w,
    void (*over)(struct write *w, const struct err *e))
{
	unsigned i, n = w->n_memberships < WINDOW ?
	    (unsigned)w->n_memberships : WINDOW;
	struct run *r = calloc(1, sizeof(*r) + n * sizeof(r->slot[0]));

	if (r == NULL)
		abort();
	r->w = w;
	r->over = over;
	r->attr = members_attr(w);
	r->group = members_key(w);
	pthread_mutex_init(&r->lock, NULL);
	r->n = r->busy = n;
	for (i = 0; i < n; i++) {
		r->slot[i].run = r;
		r->slot[i].a = arena_new();
	}
	for (i = 0; i < n; i++)
		step(&r->slot[i]);
}
