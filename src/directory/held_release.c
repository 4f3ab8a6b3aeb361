/* SPDX-License-Identifier: ISC */
/* What people say of held jobs, and who carries out what was released. */
#include "directory/held_p.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

#define LOOK 1000		/* ms: is there a release in the view? */

/* --- one word ------------------------------------------------------------------ */

static int say_decided(const struct job *j, struct err *e)
{
	char at[32];

	return err_set(e, ERR_EXISTS, "held job %s has been %s by %.100s at "
	    "%s", j->v.id, held_state_word(j->v.state), j->v.by,
	    clock_print_rfc3339(j->v.decided, at));
}

static int may_decide(const struct held *h, const struct job *j,
    enum held_state state, const char *by, struct err *e)
{
	if (j->v.state != HELD_HELD)
		return say_decided(j, e);
	if (state != HELD_RELEASED || !h->limits.second_person ||
	    !strv_has(&j->v.authors, by))
		return 0;
	return err_set(e, ERR_DENIED, "%.100s asked for what held job %s "
	    "holds: somebody else must release it (guard.second_person)", by,
	    j->v.id);
}

/* Lock held: until it is written, or could not be, or somebody else's word was
 * there first. */
static int speak(struct held *h, const char *id, enum held_state state,
    struct err *e)
{
	struct job *j = map_get(h->jobs, id);

	j->want = state;
	j->ticket = TICKET_OPEN;
	j->part[0].at.dirty = true;
	pthread_cond_signal(&h->wake);
	do {
		pthread_cond_wait(&h->moved, &h->lock);
		j = map_get(h->jobs, id);
	} while (j != NULL && j->ticket == TICKET_OPEN && !h->stopping);
	if (j == NULL)
		return err_set(e, ERR_NOT_FOUND, "held job %.40s is gone",
		    id);
	if (j->ticket == TICKET_WON)
		return 0;
	return j->v.state != HELD_HELD && j->v.state != HELD_RELEASED ?
	    say_decided(j, e) : err_set(e, ERR_BUSY, "that held job %s is to "
	    "be %s could not be written: try again", id,
	    held_state_word(state));
}

static int find(struct held *h, const char *id, struct job **out,
    struct err *e)
{
	struct job *j;

	held_read(h);
	j = held_find(h, id, e);
	if (j == NULL)
		return ERR_NOT_FOUND;
	*out = j;
	return j->want == HELD_HELD ? 0 : err_set(e, ERR_BUSY, "somebody "
	    "decides held job %s just now: try again", id);
}

int held_decide(struct held *h, const char *id, enum held_state state,
    const char *by, const char *reason, struct err *e)
{
	struct job *j = NULL;
	int rc;

	pthread_mutex_lock(&h->lock);
	rc = find(h, id, &j, e);
	if (rc == 0)
		rc = may_decide(h, j, state, by, e);
	if (rc == 0) {
		j->v.decided = clock_now();
		j->v.by = arena_strdup(j->a, by);
		j->v.reason = arena_strdup(j->a, reason);
		rc = speak(h, id, state, e);
	}
	pthread_mutex_unlock(&h->lock);
	return rc;
}

int held_claim(struct held *h, const char *id, struct err *e)
{
	struct job *j = NULL;
	int rc;

	pthread_mutex_lock(&h->lock);
	rc = find(h, id, &j, e);
	if (rc == 0 && j->v.state != HELD_RELEASED)
		rc = j->v.state == HELD_HELD ? err_set(e, ERR_DENIED, "held "
		    "job %s has not been released", id) : say_decided(j, e);
	if (rc == 0)
		rc = speak(h, id, HELD_APPLIED, e);
	pthread_mutex_unlock(&h->lock);
	return rc;
}

void held_close(struct held *h, const char *id, enum held_state state)
{
	enum held_state from = state == HELD_OVER ? HELD_HELD : HELD_RELEASED;
	struct job *j = NULL;

	pthread_mutex_lock(&h->lock);
	if (find(h, id, &j, NULL) == 0 && j->v.state == from) {
		if (state == HELD_OVER) {
			j->v.decided = clock_now();
			j->v.by = "provostd";
			j->v.reason = "nothing of it is owed any more";
		}
		j->want = state;
		j->ticket = TICKET_NONE;
		j->part[0].at.dirty = true;
		pthread_cond_signal(&h->wake);
	}
	pthread_mutex_unlock(&h->lock);
}

/* --- who is told --------------------------------------------------------------- */

void held_on_release(struct held *h, const char *kind,
    void (*fn)(void *ctx, const struct held_job *job), void *ctx)
{
	struct hook *k = calloc(1, sizeof(*k));

	if (k == NULL || (k->kind = strdup(kind)) == NULL)
		abort();
	k->fn = fn;
	k->ctx = ctx;
	pthread_mutex_lock(&h->lock);
	k->next = h->hooks;
	h->hooks = k;
	pthread_cond_broadcast(&h->moved);
	pthread_mutex_unlock(&h->lock);
}

void held_off_release(struct held *h, const char *kind)
{
	struct hook **at, *k;

	pthread_mutex_lock(&h->lock);
	for (at = &h->hooks; *at != NULL && !str_eq((*at)->kind, kind);
	    at = &(*at)->next)
		;
	k = *at;
	if (k != NULL)
		*at = k->next;
	while (k != NULL && h->telling == k)
		pthread_cond_wait(&h->moved, &h->lock);
	pthread_mutex_unlock(&h->lock);
	if (k != NULL)
		free(k->kind);
	free(k);
}

static struct hook *hook_of(struct held *h, const char *kind)
{
	struct hook *k = h->hooks;

	while (k != NULL && !str_eq(k->kind, kind))
		k = k->next;
	return k;
}

static struct job *find_untold(struct held *h, struct hook **hook)
{
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (!j->told && j->v.state == HELD_RELEASED &&
		    (*hook = hook_of(h, j->v.kind)) != NULL)
			return j;
	return NULL;
}

void *held_tell(void *arg)
{
	struct held *h = arg;
	struct held_job v;
	struct arena *a;
	struct hook *k;
	struct job *j;

	pthread_mutex_lock(&h->lock);
	while (!h->stopping) {
		held_read(h);
		j = find_untold(h, &k);
		if (j == NULL) {
			held_nap(h, &h->moved, LOOK);
			continue;
		}
		j->told = true;
		h->telling = k;
		a = arena_new();
		held_job_copy(a, j, &v);
		pthread_mutex_unlock(&h->lock);
		k->fn(k->ctx, &v);
		arena_free(a);
		pthread_mutex_lock(&h->lock);
		h->telling = NULL;
		pthread_cond_broadcast(&h->moved);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}
