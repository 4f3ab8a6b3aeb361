/* SPDX-License-Identifier: ISC */
#include "front/batch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "front/acting.h"
#include "front/worker.h"

#define BLOCK 256		/* outstanding; the writer takes 10,000 */
#define TRIES 5			/* when somebody else wrote in between */
#define NEWER_WAIT CLOCK_SECOND	/* for their entry to arrive */

struct run;

struct slot {
	struct run *run;
	size_t i;			/* the item */
	struct change *change;		/* NULL: nothing is left to do */
	uint8_t uuid[16];
	unsigned tries;
	bool again;			/* in the next block */
};

struct run {
	struct batch *b;
	struct arena *a;		/* owned; of the block */
	size_t next;			/* item that no block has had */
	struct worker_task task;
	pthread_mutex_t lock;
	size_t busy;			/* lock: slots under way, and one */
	struct err stop;		/* lock: why no more is begun */
	size_t n;
	struct slot slot[BLOCK];
};

static void block(void *arg);

/* --- deciding ------------------------------------------------------------ */

/* The person is in charge of what they do (RFC 4370). */
static const char *acts_as(const struct actor *who, struct arena *a)
{
	return who->person != NULL ? arena_strdup(a, who->person->dn) : NULL;
}

static struct change *decide(struct batch *b, size_t i, struct world_view *w,
    const struct actor *who, struct arena *a, uint8_t uuid[16])
{
	struct change *c = b->decide(b, i, w, who, a, uuid);

	if (c == NULL || c->n == 0)
		return NULL;
	if (c->assert_csn != NULL)
		c->assert_csn = arena_strdup(a, c->assert_csn);
	c->act_as = acts_as(who, a);
	c->batch = b->c->batch;
	return c;
}

static int open_world(const struct batch *b, struct world_view **w,
    struct actor *who, struct err *e)
{
	int rc = world_open(b->c->f->conf.view, b->c->f->conf.map, w, e);

	if (rc == 0)
		rc = call_actor(b->c, *w, who, e);
	if (rc != 0) {
		world_close(*w);
		*w = NULL;
	}
	return rc;
}

int batch_weigh(struct batch *b, struct err *e)
{
	struct arena *a = arena_new();
	struct world_view *w;
	struct actor who;
	uint8_t uuid[16];
	size_t i = 0;
	int rc = 0;

	while (i < b->n && (rc = open_world(b, &w, &who, e)) == 0) {
		do
			decide(b, i, w, &who, a, uuid);
		while (++i < b->n && i % BLOCK != 0);
		world_close(w);
		arena_reset(a);
	}
	arena_free(a);
	return rc;
}

/* --- writing ------------------------------------------------------------- */

/* Whoever is the last goes on with the next block. */
static void release(struct run *r)
{
	bool last;

	pthread_mutex_lock(&r->lock);
	last = --r->busy == 0;
	pthread_mutex_unlock(&r->lock);
	if (last)
		worker_resume(r->b->c->f->worker, &r->task);
}

static bool is_general(int code)
{
	return code == ERR_BUSY || code == ERR_TIMEOUT || code == ERR_IO;
}

static void newer(void *arg, enum view_wait_end how)
{
	struct slot *s = arg;

	(void)how;
	s->again = true;
	release(s->run);
}

/* Any later CSN sorts behind this one with a character more. */
static void wait_for_newer(struct slot *s)
{
	char csn[128];

	snprintf(csn, sizeof(csn), "%s~", s->change->assert_csn);
	view_wait(s->run->b->c->f->conf.view, s->uuid, csn, clock_mono() +
	    NEWER_WAIT, newer, s);
}

static void done(void *arg, const struct writer_result *res)
{
	struct slot *s = arg;
	struct run *r = s->run;
	struct err good = { 0 };

	if (res->code == ERR_CONFLICT && s->change->assert_csn != NULL &&
	    ++s->tries < TRIES) {
		wait_for_newer(s);
		return;
	}
	pthread_mutex_lock(&r->lock);
	if (is_general(res->code) && r->stop.code == 0)
		r->stop = res->err;
	r->b->wrote(r->b, s->i, res->code == 0 ? &good : &res->err);
	pthread_mutex_unlock(&r->lock);
	if (res->code == 0)
		failpoint("batch");
	release(r);
}

static void send_block(struct run *r)
{
	size_t i;

	r->busy = r->n + 1;
	for (i = 0; i < r->n; i++)
		if (r->slot[i].change != NULL)
			writer_submit(r->b->c->f->conf.writer,
			    r->slot[i].change, r->slot[i].uuid, true, done,
			    &r->slot[i]);
		else
			release(r);
	release(r);
}

/* --- blocks -------------------------------------------------------------- */

/* Those once more, and as many new ones as there is room for. */
static void fill_block(struct run *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		if (r->slot[i].again)
			r->slot[n++] = r->slot[i];
	while (n < BLOCK && r->next < r->b->n)
		r->slot[n++] = (struct slot){ .run = r, .i = r->next++ };
	r->n = n;
	for (i = 0; i < n; i++)
		r->slot[i].again = false;
	arena_reset(r->a);
}

static void decide_block(struct run *r)
{
	struct world_view *w;
	struct actor who;
	size_t i;

	if (r->b->c->f->draining)
		err_set(&r->stop, ERR_BUSY, "the daemon is shutting down");
	if (r->stop.code != 0 || open_world(r->b, &w, &who, &r->stop) != 0)
		return;
	for (i = 0; i < r->n; i++)
		r->slot[i].change = decide(r->b, r->slot[i].i, w, &who, r->a,
		    r->slot[i].uuid);
	world_close(w);
}

static void tell_stop(struct run *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		r->b->wrote(r->b, r->slot[i].i, &r->stop);
	for (; r->next < r->b->n; r->next++)
		r->b->wrote(r->b, r->next, &r->stop);
	r->n = 0;
}

static void finish(struct run *r)
{
	struct batch *b = r->b;

	arena_free(r->a);
	pthread_mutex_destroy(&r->lock);
	free(r);
	b->over(b);
}

static void block(void *arg)
{
	struct run *r = arg;

	fill_block(r);
	if (r->n != 0)
		decide_block(r);
	if (r->stop.code != 0)
		tell_stop(r);
	if (r->n == 0)
		finish(r);
	else
		send_block(r);
}

void batch_run(struct batch *b)
{
	struct run *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	call_batch(b->c);
	r->b = b;
	r->a = arena_new();
	r->task = (struct worker_task){ .run = block, .arg = r };
	pthread_mutex_init(&r->lock, NULL);
	block(r);
}
