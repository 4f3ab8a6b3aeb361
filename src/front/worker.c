/* SPDX-License-Identifier: ISC */
#include "front/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "front/answer.h"

#define WAITING_MAX 64

/* A call as a task; in its arena. */
struct handed {
	struct worker_task task;
	struct worker *w;
	struct call *call;
	void (*fn)(struct call *c);
};

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct worker_task *first, **last;
	unsigned calls;			/* that wait to be begun */
	bool stopping;
	unsigned threads;
	pthread_t thread[];
};

static _Thread_local bool is_worker;

static void *run(void *arg)
{
	struct worker *w = arg;
	struct worker_task *t;

	is_worker = true;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->first == NULL && !w->stopping)
			pthread_cond_wait(&w->work, &w->lock);
		t = w->first;
		if (t == NULL)
			break;
		w->first = t->next;
		if (w->first == NULL)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		t->run(t->arg);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int worker_start(unsigned threads, struct worker **out, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w) + threads *
	    sizeof(w->thread[0]));

	if (w == NULL)
		return err_set(e, ERR_IO, "front: out of memory");
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	w->last = &w->first;
	for (; w->threads < threads; w->threads++)
		if (pthread_create(&w->thread[w->threads], NULL, run, w) != 0) {
			worker_stop(w);
			return err_set(e, ERR_IO, "front: cannot start a "
			    "thread");
		}
	*out = w;
	return 0;
}

void worker_stop(struct worker *w)
{
	unsigned i;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (i = 0; i < w->threads; i++)
		pthread_join(w->thread[i], NULL);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->work);
	free(w);
}

/* The lock is held. */
static void enqueue(struct worker *w, struct worker_task *t)
{
	t->next = NULL;
	*w->last = t;
	w->last = &t->next;
	pthread_cond_signal(&w->work);
}

static void begin(void *arg)
{
	struct handed *h = arg;

	pthread_mutex_lock(&h->w->lock);
	h->w->calls--;
	pthread_mutex_unlock(&h->w->lock);
	h->fn(h->call);
}

bool worker_take(struct worker *w, struct call *c,
    void (*fn)(struct call *c))
{
	struct handed *h;
	bool full;

	if (is_worker) {
		fn(c);
		return true;
	}
	h = arena_alloc(c->a, sizeof(*h));
	*h = (struct handed){ .task = { .run = begin, .arg = h }, .w = w,
	    .call = c, .fn = fn };
	pthread_mutex_lock(&w->lock);
	full = w->calls == WAITING_MAX || w->stopping;
	if (!full) {
		w->calls++;
		enqueue(w, &h->task);
	}
	pthread_mutex_unlock(&w->lock);
	return !full;
}

void worker_submit(struct worker *w, struct call *c,
    void (*fn)(struct call *c))
{
	if (!worker_take(w, c, fn))
		answer_status(c, 503, "", "too many large requests at a time");
}

void worker_resume(struct worker *w, struct worker_task *t)
{
	pthread_mutex_lock(&w->lock);
	enqueue(w, t);
	pthread_mutex_unlock(&w->lock);
}
