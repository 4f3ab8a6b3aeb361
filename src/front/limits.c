/* SPDX-License-Identifier: ISC */
#include "front/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cidr.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"

#define SETS 1024		/* addresses: four places each */
#define WAYS 4
#define GOOD 4096		/* tokens that are remembered */
#define CLIENTS_MAX 10000
#define PENALTY_MAX (60 * CLOCK_SECOND)
#define FORGET (600 * CLOCK_SECOND)

struct guesser {
	uint64_t key;
	int64_t failures, last, until;	/* mono */
};

/* A bucket as one time: when it would be full. The generic cell rate
 * algorithm (ITU-T I.371), which counts as a token bucket does. */
struct bucket {
	int64_t full;
};

struct limits {
	uint64_t seed;
	pthread_mutex_t lock;		/* conf, guesser, buckets */
	struct limits_conf conf;
	struct guesser guesser[SETS][WAYS];
	struct map *buckets;		/* client -> bucket */
	_Atomic int64_t watch;		/* until then somebody is remembered */
	_Atomic uint64_t good[GOOD];
};

struct limits *limits_new(const struct limits_conf *c)
{
	struct limits *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	hash_random(&l->seed, sizeof(l->seed));
	pthread_mutex_init(&l->lock, NULL);
	l->conf = *c;
	l->buckets = map_new();
	return l;
}

void limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	map_free(l->buckets, free);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void limits_set(struct limits *l, const struct limits_conf *c)
{
	pthread_mutex_lock(&l->lock);
	l->conf = *c;
	pthread_mutex_unlock(&l->lock);
}

static unsigned seconds(int64_t us)
{
	return (unsigned)((us + CLOCK_SECOND - 1) / CLOCK_SECOND);
}

/* --- guesses ---------------------------------------------------------------- */

static uint64_t key_of(const struct limits *l, const char *peer)
{
	struct cidr c = { { 0 }, 128 };

	if (cidr_parse(peer, &c, NULL) == 0 && !cidr_is_v4(&c))
		cidr_cut(&c, 64);
	return hash_fast(c.addr, sizeof(c.addr), l->seed);
}

static _Atomic uint64_t *good_place(struct limits *l, const char *token,
    uint64_t *sum)
{
	*sum = hash_fast(token, strlen(token), l->seed);
	return &l->good[*sum % GOOD];
}

/* Under the lock. NULL: not remembered, or no longer. */
static struct guesser *find(struct limits *l, uint64_t key, int64_t now)
{
	struct guesser *g = l->guesser[key % SETS];
	int i;

	for (i = 0; i < WAYS; i++)
		if (g[i].key == key && g[i].failures != 0 &&
		    now < g[i].last + FORGET)
			return &g[i];
	return NULL;
}

/* The place of the one that was bad least lately. */
static struct guesser *replace(struct limits *l, uint64_t key)
{
	struct guesser *g = l->guesser[key % SETS], *oldest = g;
	int i;

	for (i = 1; i < WAYS; i++)
		if (g[i].last < oldest->last)
			oldest = &g[i];
	*oldest = (struct guesser){ .key = key };
	return oldest;
}

unsigned limits_guess(struct limits *l, const char *peer, const char *token)
{
	int64_t now = clock_mono(), left = 0;
	const struct guesser *g;
	uint64_t sum;

	if (now >= atomic_load(&l->watch) ||
	    (*good_place(l, token, &sum) == sum))
		return 0;
	pthread_mutex_lock(&l->lock);
	g = l->conf.failures > 0 ? find(l, key_of(l, peer), now) : NULL;
	if (g != NULL && g->until > now)
		left = g->until - now;
	pthread_mutex_unlock(&l->lock);
	return seconds(left);
}

/* What the failures beyond the free ones come to. */
static int64_t penalty(int64_t beyond)
{
	int64_t us = CLOCK_SECOND;

	while (--beyond > 0 && us < PENALTY_MAX)
		us *= 2;
	return us < PENALTY_MAX ? us : PENALTY_MAX;
}

bool limits_bad(struct limits *l, const char *peer)
{
	uint64_t key = key_of(l, peer);
	int64_t now = clock_mono();
	struct guesser *g;
	bool begins = false;

	pthread_mutex_lock(&l->lock);
	if (l->conf.failures > 0) {
		g = find(l, key, now);
		if (g == NULL)
			g = replace(l, key);
		g->last = now;
		if (++g->failures > l->conf.failures) {
			begins = g->until <= now;
			g->until = now + penalty(g->failures -
			    l->conf.failures);
		}
		atomic_store(&l->watch, now + FORGET);
	}
	pthread_mutex_unlock(&l->lock);
	return begins;
}

void limits_good(struct limits *l, const char *token)
{
	uint64_t sum;
	_Atomic uint64_t *place = good_place(l, token, &sum);

	if (*place != sum)
		*place = sum;
}

/* --- requests --------------------------------------------------------------- */

/* Under the lock. Full once more when there are too many: a few requests more
 * than allowed are less harm than memory without a limit. */
static struct bucket *bucket_of(struct limits *l, const char *client)
{
	struct bucket *b = map_get(l->buckets, client);

	if (b != NULL)
		return b;
	if (map_count(l->buckets) >= CLIENTS_MAX) {
		map_free(l->buckets, free);
		l->buckets = map_new();
	}
	b = calloc(1, sizeof(*b));
	if (b != NULL)
		map_put(l->buckets, client, b);
	return b;
}

unsigned limits_take(struct limits *l, const char *client, int64_t rate)
{
	int64_t now = clock_mono(), burst = rate * 2, wait = 0, step;
	struct bucket *b;

	pthread_mutex_lock(&l->lock);
	if (rate < 0) {
		rate = l->conf.rate;
		burst = l->conf.burst;
	}
	b = rate > 0 ? bucket_of(l, client) : NULL;
	if (b != NULL) {
		step = CLOCK_SECOND / rate;
		if (b->full < now)
			b->full = now;
		wait = b->full + step - now - burst * step;
		if (wait <= 0)
			b->full += step;
	}
	pthread_mutex_unlock(&l->lock);
	return wait > 0 ? seconds(wait) : 0;
}
