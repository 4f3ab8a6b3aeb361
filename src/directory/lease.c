/* SPDX-License-Identifier: ISC */
#include "directory/lease.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/str.h"
#include "directory/intake.h"
#include "directory/lease_p.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "store/view.h"

#define VALID (5 * CLOCK_SECOND)
#define STEPS 5			/* looks, or renewals, while it is valid */
#define SOON (CLOCK_SECOND / 50)	/* until the view has it */
#define NOWHERE SIZE_MAX

struct lease {
	struct lease_conf conf;		/* what it points to is the caller's,
					 * but ldap */
	struct arena *a;		/* owned: ldap's strings, dn */
	const char *dn;
	char process[160];
	int64_t valid, step, away;
	pthread_t thread;
	_Atomic int64_t until;		/* boot; 0: not ours */
	pthread_mutex_t lock;		/* of the rest of this part */
	pthread_cond_t cond;
	bool stopping;
	struct lease_state state;

	/* The thread's own: */
	struct arena *scratch;		/* owned; of one turn */
	struct ldapc **conn;		/* owned, one a provider; NULL: closed */
	size_t at;			/* the provider in use, or NOWHERE */
	struct lease_entry seen;	/* as last read or written */
	int64_t seen_at;		/* since when it is so (boot); 0 never */
	int64_t asked;			/* the last look at the provider in
					 * use, 0 none */
	int64_t fresh;			/* what was seen is not older, 0 that
					 * is not known */
	bool holder, arrived;		/* the entry names us; so does the
					 * view */
	int64_t renewed;		/* sent: the last renewal */
	char taken_csn[64];
	bool soon;			/* something is to be done at once */
	char why[256];
};

static const char *uri_of(const struct lease *l, size_t i)
{
	return l->conf.ldap.uris.v[i];
}

static bool several(const struct lease *l)
{
	return l->conf.ldap.uris.n > 1;
}

static void hang_up(struct lease *l, size_t i)
{
	ldapc_close(l->conn[i]);
	l->conn[i] = NULL;
}

/* --- looking ----------------------------------------------------------- */

static int dial(struct lease *l, size_t i, struct err *e)
{
	struct ldapc_conf one = l->conf.ldap;
	size_t first = 0;

	if (l->conn[i] != NULL)
		return 0;
	one.uris = (struct strv){ &l->conf.ldap.uris.v[i], 1, 1 };
	return ldapc_open(&one, &first, &l->conn[i], e);
}

static int look(struct lease *l, size_t i, struct lease_entry *out)
{
	struct err e = { 0 };
	int rc = dial(l, i, &e);

	if (rc == 0)
		rc = lease_entry_read(l->conn[i], l->scratch, l->dn, out, &e);
	if (rc != 0) {
		hang_up(l, i);
		snprintf(l->why, sizeof(l->why), "%.255s", e.text);
	}
	return rc;
}

/* e was read by a look that began at the time asked. */
static void note(struct lease *l, const struct lease_entry *e, int64_t asked)
{
	if (l->seen_at == 0 || l->seen.there != e->there ||
	    !str_eq(l->seen.text, e->text)) {
		/* It was written after the last look, which did not see it. */
		l->fresh = l->asked;
		l->seen_at = clock_boot();
	}
	l->asked = l->at != NOWHERE ? asked : 0;
	l->seen = *e;
}

/* --- taking and losing --------------------------------------------------- */

static bool ours(const struct lease *l, const struct lease_entry *e)
{
	return e->there && e->held && str_eq(e->process, l->process);
}

static void lost(struct lease *l)
{
	if (!l->holder)
		return;
	l->holder = l->arrived = false;
	atomic_store(&l->until, 0);
	log_warn("lease: lost to %s", *l->seen.name != '\0' ? l->seen.name :
	    "somebody unknown");
}

static bool unchanged_for(const struct lease *l, int64_t t)
{
	return l->seen_at != 0 && clock_boot() - l->seen_at > t;
}

static bool may_take(const struct lease *l, const struct lease_entry *e)
{
	return !e->there || !e->held || ours(l, e) ||
	    lease_process_gone(e->process) || unchanged_for(l, l->valid);
}

static void taken(struct lease *l, size_t i, const struct lease_entry *want)
{
	l->arrived &= l->holder;
	if (!l->holder) {
		log_info("lease: taken by %s", want->name);
		snprintf(l->taken_csn, sizeof(l->taken_csn), "%s", want->csn);
		counter_add(C_LEASE_TAKEN, 1);
	}
	if (several(l) && !str_eq(want->uri, l->seen.uri))
		log_info("lease: %s is the provider in use", want->uri);
	l->holder = true;
	l->at = i;
	l->seen = *want;
	l->seen_at = clock_boot();
}

/* Take or renew it at a provider, from what was read there. */
static int put(struct lease *l, size_t i, const struct lease_entry *old)
{
	struct lease_entry want = *old;
	int64_t sent = clock_boot();
	struct err e = { 0 };
	int rc;

	want.held = true;
	snprintf(want.name, sizeof(want.name), "%s", l->state.name);
	snprintf(want.process, sizeof(want.process), "%s", l->process);
	snprintf(want.uri, sizeof(want.uri), "%s", uri_of(l, i));
	want.count++;
	rc = lease_entry_write(l->conn[i], l->scratch, l->dn, old, &want,
	    ours(l, old) ? 0 : clock_now(), &e);
	if (rc == 0) {
		l->renewed = sent;
		taken(l, i, &want);
		return 0;
	}
	snprintf(l->why, sizeof(l->why), "%.255s", e.text);
	if (rc != ERR_CONFLICT)
		hang_up(l, i);
	l->soon = rc == ERR_CONFLICT;
	return rc;
}

/* --- providers ------------------------------------------------------------ */

/* Not the one in use any more, as far as we can see. */
static void leave(struct lease *l)
{
	l->at = NOWHERE;
	l->asked = l->fresh = 0;
	l->soon = several(l);
}

/* Does another provider know of something newer than what this one shows? */
static bool overtaken(struct lease *l, size_t here,
    const struct lease_entry *e)
{
	struct lease_entry other;
	size_t i;

	for (i = 0; several(l) && i < l->conf.ldap.uris.n; i++)
		if (i != here && look(l, i, &other) == 0 && other.there &&
		    (!e->there || other.count > e->count))
			return true;
	return false;
}

static void decide(struct lease *l, const struct lease_entry *e)
{
	if (!ours(l, e))
		lost(l);
	l->why[0] = '\0';
	if (!may_take(l, e))
		return;
	if (overtaken(l, l->at, e))
		leave(l);
	else
		(void)put(l, l->at, e);
}

/* There is one in use, and we are connected to it. */
static void stay(struct lease *l)
{
	int64_t asked = clock_boot();
	struct lease_entry e;

	if (l->holder && l->conn[l->at] != NULL &&
	    put(l, l->at, &l->seen) == 0) {
		l->why[0] = '\0';
		return;
	}
	if (look(l, l->at, &e) != 0) {
		leave(l);
		return;
	}
	note(l, &e, asked);
	if (several(l) && e.there && !str_eq(e.uri, uri_of(l, l->at)))
		leave(l);
	else
		decide(l, &e);
}

static size_t index_of(const struct lease *l, const char *uri)
{
	size_t i;

	for (i = 0; i < l->conf.ldap.uris.n; i++)
		if (str_eq(uri_of(l, i), uri))
			return i;
	return NOWHERE;
}

/* The one that the newest entry names, if it can be reached and agrees. */
static size_t named(const struct lease *l, const struct lease_entry *v,
    const bool *seen, size_t newest)
{
	size_t i = index_of(l, v[newest].uri);

	if (!several(l))
		return 0;
	if (!v[newest].there)
		return newest;
	return i != NOWHERE && seen[i] && v[i].there &&
	    str_eq(v[i].uri, uri_of(l, i)) ? i : NOWHERE;
}

/* The provider in use can't be reached, so far as we see. The holder goes
 * first; whoever is not waits a little longer. */
static void move(struct lease *l, size_t to, const struct lease_entry *e)
{
	if (!ours(l, e))
		lost(l);
	snprintf(l->why, sizeof(l->why), "the provider in use, %.150s, "
	    "can't be reached, or lags", e->uri);
	if (unchanged_for(l, l->away + (l->holder ? 0 : 2 * l->step)))
		(void)put(l, to, e);
}

/* Which one is in use? */
static void find(struct lease *l)
{
	size_t n = l->conf.ldap.uris.n, newest = NOWHERE, i;
	struct lease_entry *v = arena_array(l->scratch, n, sizeof(*v));
	bool *seen = arena_array(l->scratch, n, sizeof(*seen));
	int64_t asked = clock_boot();

	for (i = 0; i < n; i++) {
		seen[i] = look(l, i, &v[i]) == 0;
		if (seen[i] && (newest == NOWHERE || (v[i].there &&
		    (!v[newest].there || v[i].count > v[newest].count))))
			newest = i;
	}
	if (newest == NOWHERE)
		return;
	note(l, &v[newest], 0);
	if ((i = named(l, v, seen, newest)) == NOWHERE) {
		move(l, newest, &v[newest]);
		return;
	}
	l->at = i;
	note(l, &v[i], asked);
	decide(l, &v[i]);
}

/* --- what others see -------------------------------------------------------- */

/* Has the view come as far as our taking it? What the holder before us has
 * written came before that. */
static bool arrived(struct lease *l)
{
	struct view_read *r = NULL;
	struct view_item item;
	struct err e;
	bool yes;

	if (l->conf.view == NULL)
		return true;
	if (view_read_begin(l->conf.view, &r, &e) != 0)
		return false;
	yes = view_get(r, l->seen.uuid, &item) == 0 &&
	    strcmp(item.csn, l->taken_csn) >= 0;
	view_read_end(r);
	return yes;
}

static void show(struct lease *l)
{
	const struct lease_entry *e = &l->seen;

	counter_set(C_LEASE_HELD, lease_mine(l));
	pthread_mutex_lock(&l->lock);
	snprintf(l->state.holder, sizeof(l->state.holder), "%s",
	    e->there && e->held ? e->name : "");
	snprintf(l->state.provider, sizeof(l->state.provider), "%s",
	    !several(l) ? uri_of(l, 0) : e->uri);
	snprintf(l->state.why, sizeof(l->state.why), "%s", l->why);
	pthread_mutex_unlock(&l->lock);
}

/* Where there are several providers: which, and until when. */
static void tell(struct lease *l)
{
	int64_t from = l->holder ? l->renewed : l->fresh;

	if (!several(l) || l->at == NOWHERE || from == 0)
		return;
	if (l->conf.writer != NULL)
		writer_use(l->conf.writer, l->at, from + l->away - l->step);
	if (l->conf.sync != NULL)
		sync_use(l->conf.sync, l->at);
}

static void turn(struct lease *l)
{
	arena_reset(l->scratch);
	l->soon = false;
	if (l->at == NOWHERE)
		find(l);
	else
		stay(l);
	if (l->holder && !l->arrived)
		l->arrived = arrived(l);
	if (l->holder && l->arrived)
		atomic_store(&l->until, l->renewed + l->valid - l->step);
	tell(l);
	show(l);
}

/* --- the thread -------------------------------------------------------------- */

/* False: stop. */
static bool pause_for(struct lease *l, int64_t us)
{
	struct timespec t;
	bool go;

	clock_gettime(CLOCK_MONOTONIC, &t);
	us += t.tv_nsec / 1000;
	t.tv_sec += (time_t)(us / CLOCK_SECOND);
	t.tv_nsec = (long)(us % CLOCK_SECOND) * 1000;
	pthread_mutex_lock(&l->lock);
	while (!l->stopping && pthread_cond_timedwait(&l->cond, &l->lock,
	    &t) != ETIMEDOUT)
		;
	go = !l->stopping;
	pthread_mutex_unlock(&l->lock);
	return go;
}

static int write_free(struct lease *l, struct err *e)
{
	struct lease_entry now, want;
	int rc = look(l, l->at, &now);

	if (rc != 0 || !ours(l, &now))
		return err_set(e, ERR_BUSY, "%.200s", rc != 0 ? l->why :
		    "it is another's");
	want = now;
	want.held = false;
	want.count++;
	strcpy(want.name, "-");
	strcpy(want.process, "-");
	return lease_entry_write(l->conn[l->at], l->scratch, l->dn, &now,
	    &want, clock_now(), e);
}

static void give_back(struct lease *l)
{
	struct err e = { 0 };

	atomic_store(&l->until, 0);
	if (!l->holder || l->at == NOWHERE)
		return;
	arena_reset(l->scratch);
	/* A connection that had died unnoticed is made anew. */
	if (write_free(l, &e) != 0 && write_free(l, &e) != 0)
		log_warn("lease: not given back: %s", e.text);
	else
		log_info("lease: given back");
}

static void *run(void *arg)
{
	struct lease *l = arg;
	int64_t wait;

	pthread_setname_np(pthread_self(), "lease");
	do {
		turn(l);
		wait = l->holder && !l->arrived ? SOON : l->step;
	} while (pause_for(l, l->soon ? SOON : wait));
	give_back(l);
	return NULL;
}

/* --- life ----------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void name_it(struct lease *l, const char *name)
{
	char host[65] = "";

	lease_process(l->process, sizeof(l->process));
	if (*name == '\0' && gethostname(host, sizeof(host) - 1) == 0)
		snprintf(l->state.name, sizeof(l->state.name), "%s:%d", host,
		    (int)getpid());
	else
		snprintf(l->state.name, sizeof(l->state.name), "%s", name);
}

static struct lease *lease_new(const struct lease_conf *c)
{
	struct lease *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;

	if (l == NULL)
		abort();
	l->a = arena_new();
	l->scratch = arena_new();
	l->conf = *c;
	l->conf.ldap = ldapc_conf_dup(l->a, &c->ldap);
	l->dn = arena_printf(l->a, "provostJobId=lease," INTAKE_JOBS_OU ",%s",
	    c->suffix);
	l->valid = c->valid > 0 ? c->valid : VALID;
	l->step = l->valid / STEPS;
	l->away = l->valid * 3 / 2;
	/* Who waits longer for an answer has lost it anyway. */
	l->conf.ldap.connect_timeout = least(c->ldap.connect_timeout,
	    l->valid / 2);
	l->conf.ldap.op_timeout = least(c->ldap.op_timeout, l->valid / 2);
	l->conn = arena_array(l->a, c->ldap.uris.n, sizeof(*l->conn));
	l->at = NOWHERE;
	l->state.several = several(l);
	name_it(l, c->name != NULL ? c->name : "");
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->cond, &attr);
	pthread_condattr_destroy(&attr);
	return l;
}

static void lease_free(struct lease *l)
{
	size_t i;

	for (i = 0; i < l->conf.ldap.uris.n; i++)
		hang_up(l, i);
	pthread_cond_destroy(&l->cond);
	pthread_mutex_destroy(&l->lock);
	arena_free(l->scratch);
	arena_free(l->a);
	free(l);
}

int lease_start(const struct lease_conf *c, struct lease **out,
    struct err *e)
{
	struct lease *l = lease_new(c);
	int rc = pthread_create(&l->thread, NULL, run, l);

	if (rc != 0) {
		lease_free(l);
		return err_set(e, ERR_IO, "lease: no thread: %s",
		    strerror(rc));
	}
	*out = l;
	return 0;
}

void lease_stop(struct lease *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->cond);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	lease_free(l);
}

bool lease_mine(const struct lease *l)
{
	return l == NULL || clock_boot() < atomic_load(&l->until);
}

void lease_state(struct lease *l, struct lease_state *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->state;
	pthread_mutex_unlock(&l->lock);
	out->mine = lease_mine(l);
}
