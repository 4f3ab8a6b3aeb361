/* SPDX-License-Identifier: ISC */
#include "store/changes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/uset.h"

struct changes {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct uset *in;	/* what stands in the ring */
	uint8_t (*ring)[16];	/* owned; CHANGES_MAX of them */
	size_t first;
	bool all, woken;
};

struct changes *changes_new(void)
{
	struct changes *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c == NULL ||
	    (c->ring = calloc(CHANGES_MAX, sizeof(*c->ring))) == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->more, &attr);
	pthread_condattr_destroy(&attr);
	c->in = uset_new();
	c->all = true;
	return c;
}

void changes_free(struct changes *c)
{
	if (c == NULL)
		return;
	pthread_cond_destroy(&c->more);
	pthread_mutex_destroy(&c->lock);
	uset_free(c->in);
	free(c->ring);
	free(c);
}

void changes_add(struct changes *c, const uint8_t uuid[16])
{
	size_t n;

	pthread_mutex_lock(&c->lock);
	n = uset_count(c->in);
	if (!c->all && n == CHANGES_MAX) {
		c->all = true;
		uset_clear(c->in);
	} else if (!c->all && uset_add(c->in, uuid)) {
		memcpy(c->ring[(c->first + n) % CHANGES_MAX], uuid, 16);
	}
	pthread_mutex_unlock(&c->lock);
}

void changes_notify(struct changes *c)
{
	pthread_mutex_lock(&c->lock);
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

void changes_wake(struct changes *c)
{
	pthread_mutex_lock(&c->lock);
	c->woken = true;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

/* Waits for a signal; false when it is past until. The difference is taken
 * from clock_mono so that a test's clock decides what is past. */
static bool wait_more(struct changes *c, int64_t until_mono)
{
	int64_t left;
	struct timespec ts;

	if (until_mono == CLOCK_NEVER) {
		pthread_cond_wait(&c->more, &c->lock);
		return true;
	}
	left = until_mono - clock_mono();
	if (left <= 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	left += ts.tv_nsec / 1000;
	ts.tv_sec += (time_t)(left / CLOCK_SECOND);
	ts.tv_nsec = (long)(left % CLOCK_SECOND) * 1000;
	return pthread_cond_timedwait(&c->more, &c->lock, &ts) == 0;
}

size_t changes_take(struct changes *c, uint8_t (*uuid)[16], size_t max,
    bool *all, int64_t until_mono)
{
	size_t n = 0;

	pthread_mutex_lock(&c->lock);
	while (!c->woken && !c->all && uset_count(c->in) == 0)
		if (!wait_more(c, until_mono))
			break;
	*all = c->all;
	c->all = c->woken = false;
	while (n < max && uset_count(c->in) > 0) {
		memcpy(uuid[n], c->ring[c->first], 16);
		uset_del(c->in, uuid[n++]);
		c->first = (c->first + 1) % CHANGES_MAX;
	}
	pthread_mutex_unlock(&c->lock);
	return n;
}
