/* SPDX-License-Identifier: ISC */
#include "front/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "front/answer.h"

#define QUEUE_MAX 64

struct task {
	struct call *call;
	void (*fn)(struct call *c);
};

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct task queue[QUEUE_MAX];
	unsigned head, n;
	bool stopping;
	unsigned threads;
	pthread_t thread[];
};

static void *run(void *arg)
{
	struct worker *w = arg;
	struct task t;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->n == 0 && !w->stopping)
			pthread_cond_wait(&w->work, &w->lock);
		if (w->n == 0)
			break;
		t = w->queue[w->head];
		w->head = (w->head + 1) % QUEUE_MAX;
		w->n--;
		pthread_mutex_unlock(&w->lock);
		t.fn(t.call);
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

bool worker_take(struct worker *w, struct call *c,
    void (*fn)(struct call *c))
{
	bool full;

	pthread_mutex_lock(&w->lock);
	full = w->n == QUEUE_MAX || w->stopping;
	if (!full) {
		w->queue[(w->head + w->n++) % QUEUE_MAX] =
		    (struct task){ c, fn };
		pthread_cond_signal(&w->work);
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
