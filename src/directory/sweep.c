/* SPDX-License-Identifier: ISC */
#include "directory/sweep.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "directory/uuids.h"

#define LINES 10000			/* shown; more are only counted */

struct sweep {
	pthread_mutex_t lock;
	const char *suffix;		/* borrowed */
	int fd;				/* eventfd */
	struct arena *a;		/* owned; of the job */
	struct held_job job;		/* id "": there is none */
	char id[HELD_ID];
	struct held_item *item;
	size_t n_lines;
	struct uuids waiting, let;	/* sorted */
};

struct sweep *sweep_new(const char *suffix)
{
	struct sweep *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	pthread_mutex_init(&s->lock, NULL);
	s->suffix = suffix;
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->a = arena_new();
	return s;
}

void sweep_free(struct sweep *s)
{
	if (s == NULL)
		return;
	uuids_fini(&s->waiting);
	uuids_fini(&s->let);
	arena_free(s->a);
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* --- the sync thread -------------------------------------------------------- */

static void take_lines(struct sweep *s, uint8_t (*uuid)[16], size_t n,
    const char *(*line)(void *ctx, size_t i), void *ctx)
{
	char id[37];
	size_t i;

	s->n_lines = n < LINES ? n : LINES;
	s->item = arena_array(s->a, s->n_lines + 1, sizeof(*s->item));
	for (i = 0; i < s->n_lines; i++) {
		str_uuid_text(uuid[i], id);
		s->item[i] = (struct held_item){ arena_strdup(s->a, id), "",
		    arena_strdup(s->a, line(ctx, i)) };
	}
}

static void new_job(struct sweep *s, size_t n, const char *why)
{
	arena_reset(s->a);
	hash_random_id(s->id, HELD_ID - 1);
	s->job = (struct held_job){ .id = s->id, .kind = SWEEP_KIND,
	    .side = HELD_SOURCE, .name = s->suffix,
	    .what = "entries that the directory does not show any more",
	    .why = arena_strdup(s->a, why), .since = clock_now(),
	    .by = "", .reason = "", .data = "", .n_items = n, .people = n };
}

void sweep_hold(struct sweep *s, uint8_t (*uuid)[16], size_t n,
    const char *why, const char *(*line)(void *ctx, size_t i), void *ctx)
{
	pthread_mutex_lock(&s->lock);
	if (s->id[0] == '\0' || !uuids_same(&s->waiting, uuid, n)) {
		uuids_set(&s->waiting, uuid, n);
		new_job(s, n, why);
		take_lines(s, uuid, n, line, ctx);
	}
	s->job.last = clock_now();
	s->job.asks++;
	pthread_mutex_unlock(&s->lock);
}

bool sweep_lets(struct sweep *s, const uint8_t uuid[16])
{
	bool lets;

	pthread_mutex_lock(&s->lock);
	lets = uuids_has(&s->let, uuid);
	pthread_mutex_unlock(&s->lock);
	return lets;
}

void sweep_over(struct sweep *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->job.state == HELD_HELD)
		s->id[0] = '\0';
	uuids_fini(&s->waiting);
	uuids_fini(&s->let);
	pthread_mutex_unlock(&s->lock);
}

int sweep_fd(const struct sweep *s)
{
	return s->fd;
}

void sweep_heard(struct sweep *s)
{
	eventfd_t n;

	eventfd_read(s->fd, &n);
}

/* --- for people ---------------------------------------------------------------- */

/* Lock held. */
static int find(const struct sweep *s, const char *id, struct err *e)
{
	if (s->id[0] != '\0' && (id == NULL || str_eq(id, s->id)))
		return 0;
	return err_set(e, ERR_NOT_FOUND, "there is no held job %.40s",
	    id != NULL ? id : "of a refresh");
}

static void copy(const struct sweep *s, struct arena *a, size_t skip,
    size_t most, struct held_job *out)
{
	size_t n = skip < s->n_lines ? s->n_lines - skip : 0, i;
	struct held_item *v;

	*out = s->job;
	out->id = arena_strdup(a, s->id);
	out->why = arena_strdup(a, s->job.why);
	out->by = arena_strdup(a, s->job.by);
	out->reason = arena_strdup(a, s->job.reason);
	out->n_shown = n < most ? n : most;
	v = arena_array(a, out->n_shown + 1, sizeof(*v));
	for (i = 0; i < out->n_shown; i++)
		v[i] = (struct held_item){ arena_strdup(a,
		    s->item[skip + i].person), "", arena_strdup(a,
		    s->item[skip + i].text) };
	out->item = v;
}

int sweep_get(struct sweep *s, struct arena *a, const char *id, size_t skip,
    size_t most, struct held_job *out, struct err *e)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = find(s, id, e);
	if (rc == 0)
		copy(s, a, skip, most, out);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void decide(struct sweep *s, enum held_state state, const char *by,
    const char *reason)
{
	s->job.state = state;
	s->job.decided = clock_now();
	s->job.by = arena_strdup(s->a, by);
	s->job.reason = arena_strdup(s->a, reason);
	if (state != HELD_RELEASED)
		return;
	uuids_copy(&s->let, &s->waiting);
	eventfd_write(s->fd, 1);
}

int sweep_decide(struct sweep *s, const char *id, enum held_state state,
    const char *by, const char *reason, struct err *e)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = find(s, id, e);
	if (rc == 0 && s->job.state != HELD_HELD)
		rc = err_set(e, ERR_EXISTS, "held job %s has been %s by "
		    "%.100s", s->id, held_state_word(s->job.state),
		    s->job.by);
	if (rc == 0)
		decide(s, state, by, reason);
	pthread_mutex_unlock(&s->lock);
	return rc;
}
