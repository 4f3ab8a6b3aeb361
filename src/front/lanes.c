/* SPDX-License-Identifier: ISC */
#include "front/lanes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "front/write.h"

#define BUCKETS 256

struct lane {
	struct lane *next;
	uint8_t uuid[16];
	struct write *first, *last;	/* those who wait */
};

struct lanes {
	pthread_mutex_t lock;
	pthread_cond_t empty;
	size_t n;			/* lanes there are */
	struct lane *bucket[BUCKETS];
};

struct lanes *lanes_new(void)
{
	struct lanes *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->empty, NULL);
	return l;
}

void lanes_free(struct lanes *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	while (l->n > 0)
		pthread_cond_wait(&l->empty, &l->lock);
	pthread_mutex_unlock(&l->lock);
	pthread_cond_destroy(&l->empty);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* The link that points to the lane of uuid, or to NULL at the end. Of an
 * entryUUID the first bytes are a clock's: the fastest ones. */
static struct lane **find(struct lanes *l, const uint8_t uuid[16])
{
	struct lane **p = &l->bucket[(uuid[2] ^ uuid[3]) % BUCKETS];

	while (*p != NULL && memcmp((*p)->uuid, uuid, 16) != 0)
		p = &(*p)->next;
	return p;
}

bool lanes_enter(struct lanes *l, const uint8_t uuid[16], struct write *w)
{
	struct lane **p, *lane;
	bool free_lane;

	pthread_mutex_lock(&l->lock);
	p = find(l, uuid);
	free_lane = *p == NULL;
	if (free_lane) {
		lane = calloc(1, sizeof(*lane));
		if (lane == NULL)
			abort();
		memcpy(lane->uuid, uuid, 16);
		*p = lane;
		l->n++;
	} else {
		lane = *p;
		if (lane->first == NULL)
			lane->first = w;
		else
			lane->last->next = w;
		lane->last = w;
	}
	pthread_mutex_unlock(&l->lock);
	return free_lane;
}

struct write *lanes_leave(struct lanes *l, const uint8_t uuid[16])
{
	struct lane **p, *lane;
	struct write *w;

	pthread_mutex_lock(&l->lock);
	p = find(l, uuid);
	lane = *p;
	w = lane->first;
	if (w != NULL) {
		lane->first = w->next;
	} else {
		*p = lane->next;
		free(lane);
		if (--l->n == 0)
			pthread_cond_signal(&l->empty);
	}
	pthread_mutex_unlock(&l->lock);
	return w;
}
