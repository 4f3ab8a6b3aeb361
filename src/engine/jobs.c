/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/dispatch_p.h"

#define CONCURRENCY 4

struct tgt *jobs_target(struct dispatch *d, const char *name)
{
	struct tgt *t;

	for (t = d->targets; t != NULL; t = t->next)
		if (!t->removed && str_eq(t->target->conf.name, name))
			return t;
	return NULL;
}

static void count(struct dispatch *d)
{
	counter_set(C_TARGET_PENDING, (int64_t)(d->n_jobs - d->n_parked));
	counter_set(C_TARGET_FAILED, (int64_t)d->n_parked);
}

/* --- a job's contents ------------------------------------------------------ */

static size_t size_of(const char *s)
{
	return s != NULL ? strlen(s) + 1 : 1;
}

static const char *pack(char **at, const char *s)
{
	char *to = *at;
	size_t n = size_of(s);

	memcpy(to, s != NULL ? s : "", n);
	*at += n;
	return to;
}

static uint64_t fingerprint(const struct target_person *p)
{
	const char *all[] = { p->uid, p->display, p->given, p->family,
	    p->mail };
	uint64_t h = p->exists;
	size_t i;

	for (i = 0; i < 5; i++)
		h = hash_fast(all[i] != NULL ? all[i] : "", size_of(all[i]), h);
	return h;
}

/* Copies of who and act in one block. */
static void job_fill(struct job *j, const struct target_person *p,
    const struct action *act)
{
	size_t i, n = size_of(p->id) + size_of(p->uid) + size_of(p->display) +
	    size_of(p->given) + size_of(p->family) + size_of(p->mail) +
	    size_of(act->target) + size_of(act->tool) +
	    size_of(act->remote_id);
	char *at;

	for (i = 0; i < act->accounts.n; i++)
		n += size_of(act->accounts.v[i]);
	free(j->data);
	/* The array of accounts first: it wants alignment. */
	if ((j->data = malloc(act->accounts.n * sizeof(char *) + n)) == NULL)
		abort();
	at = j->data + act->accounts.n * sizeof(char *);
	j->who = (struct target_person){ pack(&at, p->id), pack(&at, p->uid),
	    pack(&at, p->display), pack(&at, p->given), pack(&at, p->family),
	    pack(&at, p->mail), p->exists };
	j->act = *act;
	j->act.target = pack(&at, act->target);
	j->act.tool = pack(&at, act->tool);
	j->act.remote_id = pack(&at, act->remote_id);
	j->act.taken = (struct strv){ 0 };
	j->act.accounts.v = (const char **)(void *)j->data;
	j->act.accounts.cap = act->accounts.n;
	for (i = 0; i < act->accounts.n; i++)
		j->act.accounts.v[i] = pack(&at, act->accounts.v[i]);
	j->fingerprint = fingerprint(p);
}

/* --- life ------------------------------------------------------------------ */

static void job_state(struct job *j, enum job_state state)
{
	if (j->state == JOB_PARKED) {
		j->d->n_parked--;
		j->tgt->parked--;
	}
	if (state == JOB_PARKED) {
		j->d->n_parked++;
		j->tgt->parked++;
	}
	j->state = state;
	count(j->d);
}

/* An end that was let pass is said at once, though the target be away: nobody
 * else knows that it was counted. */
static bool unsaid(const struct job *j)
{
	return j->act.takes && !j->act.announced;
}

static struct heap *queue_of(struct job *j)
{
	return unsaid(j) ? &j->d->unsaid : &j->tgt->waiting;
}

/* Before what it says changes. */
static void unqueue(struct job *j)
{
	heap_del(queue_of(j), &j->node);
}

void job_wait(struct job *j, int64_t at)
{
	job_state(j, JOB_WAITING);
	j->blocked = false;
	heap_put(queue_of(j), &j->node, at);
}

void job_park(struct job *j)
{
	job_state(j, JOB_PARKED);
}

static struct person_jobs *person_of(struct dispatch *d, const char *id)
{
	struct person_jobs *p = map_get(d->people, id);

	if (p != NULL)
		return p;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		abort();
	memcpy(p->id, id, strnlen(id, sizeof(p->id) - 1));
	map_put(d->people, id, p);
	return p;
}

static void job_add(struct dispatch *d, struct tgt *t,
    const struct target_person *p, const struct action *act, int64_t since)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->d = d;
	j->tgt = t;
	j->wait = (struct backoff){ d->conf.retry_base, d->conf.retry_max, 0 };
	j->since = since != 0 ? since : clock_now();
	job_fill(j, p, act);
	j->person = person_of(d, p->id);
	j->sibling = j->person->first;
	j->person->first = j;
	t->jobs++;
	d->n_jobs++;
	job_wait(j, clock_mono());
}

void job_free(struct job *j)
{
	struct dispatch *d = j->d;
	struct job **at;

	unqueue(j);
	job_state(j, JOB_WAITING);
	j->tgt->jobs--;
	d->n_jobs--;
	count(d);
	for (at = &j->person->first; *at != j; at = &(*at)->sibling)
		;
	*at = j->sibling;
	if (j->person->first == NULL) {
		map_del(d->people, j->person->id);
		free(j->person);
	}
	free(j->data);
	free(j);
}

void jobs_unblock(struct job *j)
{
	struct job *s;

	for (s = j->person->first; s != NULL; s = s->sibling)
		if (s->blocked && s->tgt == j->tgt)
			job_wait(s, clock_mono());
}

struct job *jobs_find(struct dispatch *d, const char *person_id,
    const char *target, const char *tool)
{
	struct person_jobs *p = map_get(d->people, person_id);
	struct job *j;

	for (j = p != NULL ? p->first : NULL; j != NULL; j = j->sibling)
		if (str_ieq(j->act.tool, tool) && str_eq(j->act.target, target))
			return j;
	return NULL;
}

/* --- what is owed ----------------------------------------------------------- */

static void unknown_target(struct dispatch *d, const struct action *act)
{
	if (map_get(d->unknown, act->target) != NULL)
		return;
	map_put(d->unknown, act->target, d);
	log_warn("tool %s names target \"%s\", which the "
	    "configuration does not have: its grants are not passed on",
	    act->tool, act->target);
}

/* The same action, as far as the receipts have come since. */
static void renew_act(struct job *j, const struct action *act)
{
	struct heap *before = queue_of(j);

	j->act.announced = act->announced;
	j->act.takes = act->takes;
	if (queue_of(j) == before)
		return;
	heap_del(before, &j->node);
	job_wait(j, clock_mono());
}

/* j is for the tool and target of act. */
static void job_again(struct job *j, const struct target_person *p,
    const struct action *act)
{
	if (strcmp(j->act.key, act->key) == 0 &&
	    j->fingerprint == fingerprint(p)) {
		/* Its announcement ends with a look at what is owed then. */
		j->dirty = j->state == JOB_RECEIPT && !j->act.announced;
		if (j->state == JOB_WAITING)
			renew_act(j, act);
		return;
	}
	if (j->state == JOB_SENT || j->state == JOB_RECEIPT) {
		j->dirty = true;
		return;
	}
	unqueue(j);
	job_fill(j, p, act);
	backoff_reset(&j->wait);
	j->failures = 0;
	if (!j->blocked || unsaid(j))
		job_wait(j, clock_mono());
}

static bool among(const struct job *j, const struct action *act, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_ieq(act[i].tool, j->act.tool) &&
		    str_eq(act[i].target, j->act.target))
			return true;
	return false;
}

/* Jobs for tools of which nothing is owed any more. */
static void drop_others(struct dispatch *d, const char *id,
    const struct action *act, size_t n)
{
	struct person_jobs *p = map_get(d->people, id);
	struct job *j, *next;

	for (j = p != NULL ? p->first : NULL; j != NULL; j = next) {
		next = j->sibling;
		if (among(j, act, n))
			continue;
		if (j->state == JOB_SENT)
			j->dirty = true;
		else if (j->state != JOB_RECEIPT)
			job_free(j);
	}
}

void jobs_owed(struct dispatch *d, const struct target_person *p,
    const struct action *act, const int64_t *since, size_t n)
{
	struct tgt *t;
	struct job *j;
	size_t i;

	drop_others(d, p->id, act, n);
	for (i = 0; i < n; i++) {
		if ((t = jobs_target(d, act[i].target)) == NULL)
			unknown_target(d, &act[i]);
		else if ((j = jobs_find(d, p->id, act[i].target,
		    act[i].tool)) != NULL)
			job_again(j, p, &act[i]);
		else
			job_add(d, t, p, &act[i], since[i]);
	}
}

/* --- what may be sent -------------------------------------------------------- */

static bool sibling_sent(const struct job *j)
{
	const struct job *s;

	for (s = j->person->first; s != NULL; s = s->sibling)
		if (s != j && s->tgt == j->tgt && s->state == JOB_SENT)
			return true;
	return false;
}

static void lower(int64_t *wake, int64_t at)
{
	if (at < *wake)
		*wake = at;
}

size_t jobs_limit(const struct tgt *t)
{
	int64_t limit = t->target->conf.concurrency;

	return limit > 0 ? (size_t)limit : CONCURRENCY;
}

static struct job *ready_of(struct tgt *t, int64_t now, int64_t *wake)
{
	struct job *j;
	int64_t at;

	while (t->under_way < jobs_limit(t) &&
	    (j = (struct job *)(void *)heap_first(&t->waiting)) != NULL) {
		at = j->node.at;
		at = at < circuit_at(&t->circuit) ? circuit_at(&t->circuit) :
		    at;
		at = at < t->next_send ? t->next_send : at;
		if (at > now) {
			lower(wake, at);
			return NULL;
		}
		heap_del(&t->waiting, &j->node);
		if (!sibling_sent(j))
			return j;
		j->blocked = true;
	}
	return NULL;
}

/* Its receipts first; then the person is looked at again. */
static void announce(struct job *j)
{
	unqueue(j);
	job_state(j, JOB_RECEIPT);
	j->dirty = true;
}

/* The new configuration takes effect when nothing of the old is under way. */
static bool renew(struct tgt *t)
{
	if (t->replacement == NULL)
		return true;
	if (t->under_way != 0)
		return false;
	target_close(t->target);
	t->target = t->replacement;
	t->replacement = NULL;
	return true;
}

static struct job *first_unsaid(struct dispatch *d, int64_t now,
    int64_t *wake)
{
	struct job *j = (struct job *)(void *)heap_first(&d->unsaid);

	if (j != NULL && j->node.at > now) {
		lower(wake, j->node.at);
		return NULL;
	}
	if (j != NULL)
		announce(j);
	return j;
}

struct job *jobs_ready(struct dispatch *d, int64_t now, int64_t *wake)
{
	struct job *j = first_unsaid(d, now, wake);
	struct tgt *t;

	for (t = d->targets; t != NULL && j == NULL; t = t->next) {
		if (!renew(t) || (j = ready_of(t, now, wake)) == NULL)
			continue;
		if (!j->act.announced) {
			announce(j);
			break;
		}
		job_state(j, JOB_SENT);
		t->under_way++;
		circuit_sent(&t->circuit);
		if (t->target->conf.rate > 0)
			t->next_send = now +
			    CLOCK_SECOND / t->target->conf.rate;
	}
	return j;
}

/* --- reload ------------------------------------------------------------------ */

void jobs_each(struct dispatch *d, struct tgt *t,
    void (*what)(struct job *j, void *arg), void *arg)
{
	struct job **all = calloc(t->jobs + 1, sizeof(*all)), *j;
	size_t pos = 0, n = 0, i;
	void *p;

	if (all == NULL)
		abort();
	while (map_next(d->people, &pos, &p) != NULL)
		for (j = ((struct person_jobs *)p)->first; j != NULL;
		    j = j->sibling)
			if (j->tgt == t)
				all[n++] = j;
	for (i = 0; i < n; i++)
		what(all[i], arg);
	free(all);
}

static void unpark(struct job *j, void *arg)
{
	(void)arg;
	if (j->state == JOB_PARKED)
		job_wait(j, clock_mono());
}

static void drop(struct job *j, void *arg)
{
	(void)arg;
	if (j->state == JOB_PARKED || j->state == JOB_WAITING)
		job_free(j);
}

void jobs_unpark(struct dispatch *d, struct tgt *t)
{
	jobs_each(d, t, unpark, NULL);
}

void jobs_drop(struct dispatch *d, struct tgt *t)
{
	jobs_each(d, t, drop, NULL);
}
