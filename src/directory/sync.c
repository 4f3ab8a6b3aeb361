/* SPDX-License-Identifier: ISC */
#include "directory/sync.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "directory/cookie.h"
#include "directory/sweep.h"
#include "directory/sync_p.h"

#define BATCH_MESSAGES 1000
#define BATCH_BYTES ((size_t)8 << 20)
#define FILL_PART 10000
#define PROBE_EVERY (10 * CLOCK_SECOND)
#define PROBE_WAIT (20 * CLOCK_SECOND)
#define USE_AGAIN (5 * CLOCK_SECOND)	/* after a vain move to the one in use */
#define JOURNAL_EVERY (CLOCK_SECOND / 50)	/* most fdatasyncs under load */
/* So many messages at once, and writes are coming in by the dozen: a commit
 * costs what several entries cost, so the next one waits for more of them. */
#define BUSY 4
#define GATHER (CLOCK_SECOND / 250)
#define NO_SUCH_OBJECT 32
#define NEWER 53		/* unwillingToPerform: "consumer state is newer" */
#define REFRESH_REQUIRED 4096	/* RFC 4533 2.6 e-syncRefreshRequired */

/* --- state ----------------------------------------------------------- */

static void agreed(struct sync *s)
{
	counter_set(C_SYNC_LAST, clock_now() / CLOCK_SECOND);
	pthread_mutex_lock(&s->mutex);
	s->state.agreed_mono = clock_mono();
	pthread_mutex_unlock(&s->mutex);
}

static void set_state(struct sync *s, bool connected, bool held,
	const char *why)
{
	counter_set(C_SYNC_CONNECTED, connected);
	pthread_mutex_lock(&s->mutex);
	s->state.connected = connected;
	s->state.held = held;
	s->state.served |= connected;
	snprintf(s->state.why, sizeof(s->state.why), "%.255s", why);
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->mutex);
}

static bool is_connected(struct sync *s)
{
	bool yes;

	pthread_mutex_lock(&s->mutex);
	yes = s->state.connected;
	pthread_mutex_unlock(&s->mutex);
	return yes;
}

void sync_state(struct sync *s, struct sync_state *out)
{
	pthread_mutex_lock(&s->mutex);
	*out = s->state;
	pthread_mutex_unlock(&s->mutex);
}

bool sync_wait_served(struct sync *s, int64_t deadline_mono)
{
	struct timespec until = { deadline_mono / CLOCK_SECOND,
		deadline_mono % CLOCK_SECOND * 1000 };
	bool served;

	pthread_mutex_lock(&s->mutex);
	while (!s->state.served)
		if (pthread_cond_clockwait(&s->cond, &s->mutex,
		    CLOCK_MONOTONIC, &until) == ETIMEDOUT)
			break;
	served = s->state.served;
	pthread_mutex_unlock(&s->mutex);
	return served;
}

/* --- answers --------------------------------------------------------- */

/* Of several providers it may lag; that shows by its contextCSN, and then
 * nothing is taken away. */
static int provider_newer(struct sync *s, struct err *e)
{
	s->forget = true;
	return err_set(e, ERR_CONFLICT, "the directory was restored from a "
		"backup, or slapd was killed: everything is read again");
}

static int search_ended(struct sync *s, const struct ldapc_result *r,
	struct err *e)
{
	if (r->code == NEWER && !s->phase.full && s->phase.refreshing)
		return provider_newer(s, e);
	if (r->code == REFRESH_REQUIRED && !s->phase.full) {
		s->forget = true;
		return err_set(e, ERR_CONFLICT, "the provider has forgotten "
			"how things stood: everything is read again");
	}
	if (r->code == 0)
		return err_set(e, ERR_UNSUPPORTED, "the server ended the "
			"search: is the overlay syncprov there?");
	if (r->code == NO_SUCH_OBJECT)
		return err_set(e, ERR_NOT_FOUND, "the directory does not show "
			"%s: make it, or give %s read access to it",
			s->conf.base, s->conf.ldap.bind_dn);
	return ldapc_error(r, "reading the directory", e);
}

static void show_connected(struct sync *s)
{
	char why[256] = "";

	if (sync_lags(s))
		snprintf(why, sizeof(why), "%.120s lags behind what was read "
			"before: nothing is taken away until it has caught up",
			ldapc_uri(s->l));
	set_state(s, true, false, why);
	if (*why != '\0')
		log_warn("sync: %s", why);
}

static void refreshed(struct sync *s)
{
	/* What was read by a cookie of another run is shown at once, and then
	 * compared with everything. */
	s->forget = s->again = s->verify;
	s->lost &= !s->phase.full;
	s->said[0] = '\0';
	counter_add(C_SYNC_REFRESHES, 1);
	sync_look_lag(s);
	sync_settle(s);
	show_connected(s);
	s->changed += s->phase.changed;
	if (s->again)
		return;
	log_info("sync: in step with %s: %lld entries, %llu changed",
		ldapc_uri(s->l), (long long)counter_get(C_VIEW_ENTRIES),
		(unsigned long long)s->changed);
	s->changed = 0;
	if (s->phase.in.unfit != 0)
		log_warn("sync: %llu entries are too large to be served",
			(unsigned long long)s->phase.in.unfit);
}

static int take(struct sync *s, struct ldapc_result *r, struct err *e)
{
	bool before = s->phase.refreshing;
	int rc;

	if (r->msgid == s->probe) {
		if (r->kind == LDAPC_DONE) {
			s->probe = -1;
			s->probe_at = clock_mono() + s->conf.probe_every;
		}
		return 0;
	}
	if (r->msgid != s->search)
		return 0;
	counter_add(C_SYNC_MESSAGES, 1);
	if (r->kind == LDAPC_DONE)
		return search_ended(s, r, e);
	rc = phase_take(&s->phase, s->arena, r, e);
	if (rc == 0 && before && !s->phase.refreshing)
		refreshed(s);
	return rc;
}

/* All that has come, up to a batch; made visible at once. *more: there may be
 * more. */
static int drain(struct sync *s, bool *more, struct err *e)
{
	struct ldapc_result r;
	size_t n = 0, bytes = 0;
	int rc = 0;

	*more = true;
	while (rc == 0 && n < BATCH_MESSAGES && bytes < BATCH_BYTES) {
		arena_reset(s->arena);
		rc = ldapc_next(s->l, s->arena, 0, 0, &r, e);
		if (rc == 0 && r.kind == LDAPC_NONE) {
			*more = false;
			break;
		}
		if (rc == 0)
			rc = take(s, &r, e);
		bytes += arena_used(s->arena);
		n++;
	}
	s->taken = n;
	if (rc == 0)
		rc = phase_commit(&s->phase, s->arena, e);
	if (rc == 0 && n > 0 && !s->phase.refreshing)
		agreed(s);
	if (rc == 0 && s->phase.resync)
		rc = err_set(e, ERR_CONFLICT, "an entry with others below it "
			"was renamed: everything is read again");
	return rc;
}

/* --- the thread ------------------------------------------------------ */

/* Until something arrives, is due, or we are to stop (true). */
static bool wait_fd(const struct sync *s, int fd, int64_t until)
{
	struct pollfd p[2] = { { .fd = s->wake, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	int64_t wait = until - clock_mono();
	int ms = wait <= 0 ? 0 : (int)((wait + 999) / 1000);
	eventfd_t n;

	poll(p, fd >= 0 ? 2 : 1, ms);
	if (p[0].revents != 0)
		eventfd_read(s->wake, &n);
	return atomic_load(&s->stopping);
}

/* When something is to be done though nothing arrives. */
static int64_t due(const struct sync *s)
{
	int64_t at = phase_due(&s->phase);

	if (at > s->probe_at)
		at = s->probe_at;
	if (at > s->ask_origin && !s->phase.refreshing)
		at = s->ask_origin;
	if (at > s->lag_at && !s->phase.refreshing)
		at = s->lag_at;
	if (at > s->settle_at && !s->phase.refreshing)
		at = s->settle_at;
	if (s->phase.commits != s->commits &&
	    at > s->synced_at + JOURNAL_EVERY)
		at = s->synced_at + JOURNAL_EVERY;
	return at;
}

static void say(struct sync *s, int rc, const struct err *e, int64_t wait)
{
	if (strcmp(s->said, e->text) == 0)
		return;
	snprintf(s->said, sizeof(s->said), "%s", e->text);
	if (rc == ERR_CONFLICT)
		log_warn("sync: %s", e->text);
	else
		log_error("sync: %s; trying again in %lld ms", e->text,
			(long long)(wait / 1000));
}

/* The journal's lines are in its file before the view shows their changes;
 * they reach the disk right behind, under load together with others. */
static int sync_journal(struct sync *s, struct err *e)
{
	int64_t now = clock_mono();

	if (s->phase.commits == s->commits ||
	    now < s->synced_at + JOURNAL_EVERY)
		return 0;
	s->commits = s->phase.commits;
	s->synced_at = now;
	return journal_sync(s->phase.in.journal, e);
}

/* Where sync_use wants us, if that is elsewhere. */
static bool wanted(struct sync *s, size_t *uri)
{
	*uri = atomic_load(&s->use);
	return *uri != NOWHERE && *uri != s->uri % s->conf.ldap.uris.n;
}

/* Another provider is in use now; what this one has sent is taken in. */
static void move(struct sync *s)
{
	size_t uri;

	if (s->phase.refreshing || !wanted(s, &uri) ||
	    clock_mono() < s->moved_at + USE_AGAIN)
		return;
	log_info("sync: going over to %s", s->conf.ldap.uris.v[uri]);
	s->moved_at = clock_mono();
	s->uri = uri;
	s->again = true;
}

/* A file that can't be closed only goes on growing. */
static void rotate(struct sync *s)
{
	struct err e = { 0 };

	if (journal_rotate(s->phase.in.journal, &e) != 0)
		say(s, ERR_CONFLICT, &e, 0);
}

static int session(struct sync *s, struct err *e)
{
	bool more;
	int rc = sync_connect(s, e);

	pthread_mutex_lock(&s->mutex);
	s->phase.limits = s->conf.sweep;
	pthread_mutex_unlock(&s->mutex);
	while (rc == 0) {
		rc = drain(s, &more, e);
		if (rc == 0)
			rc = sync_ask_due(s, e);
		if (rc == 0)
			rc = sync_journal(s, e);
		if (rc == 0)
			move(s);
		if (rc != 0 || s->again)
			break;
		rotate(s);
		if (!more && s->taken >= BUSY &&
		    wait_fd(s, -1, clock_mono() + GATHER))
			break;
		if (wait_fd(s, ldapc_fd(s->l), more ? 0 : due(s)))
			break;
	}
	if (s->phase.resync)
		s->forget = true;
	phase_abort(&s->phase);
	ldapc_close(s->l);
	s->l = NULL;
	return rc;
}

/* The one in use, unless it was just that one. */
static void next_provider(struct sync *s)
{
	size_t uri;

	if (wanted(s, &uri) && clock_mono() >= s->moved_at + USE_AGAIN) {
		s->moved_at = clock_mono();
		s->uri = uri;
	} else {
		s->uri++;
	}
}

static void *run(void *arg)
{
	struct sync *s = arg;
	struct backoff away = { .base = CLOCK_SECOND / 20,
		.max = 5 * CLOCK_SECOND };
	struct backoff held = { .base = CLOCK_SECOND,
		.max = 30 * CLOCK_SECOND };
	struct err e;
	int64_t wait;
	int rc;

	pthread_setname_np(pthread_self(), "sync");
	for (;;) {
		e = (struct err){ 0 };
		s->again = false;
		rc = session(s, &e);
		if (rc == 0 && !s->again)
			return NULL;
		if (rc == 0)
			continue;
		s->lost |= rc != ERR_HELD && rc != ERR_CONFLICT;
		if (is_connected(s)) {
			backoff_reset(&away);
			backoff_reset(&held);
		}
		set_state(s, false, rc == ERR_HELD, e.text);
		wait = backoff_next(rc == ERR_HELD ? &held : &away);
		say(s, rc, &e, wait);
		if (rc != ERR_HELD && rc != ERR_CONFLICT)
			next_provider(s);
		if (wait_fd(s, sweep_fd(s->sweep), clock_mono() + wait))
			return NULL;
		sweep_heard(s->sweep);
	}
}

/* Signals are for the daemon's main thread. */
static int start_thread(struct sync *s, struct err *e)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, ERR_IO, "cannot start a thread: %s",
			strerror(rc));
	return 0;
}

struct sweep *sync_sweep(struct sync *s)
{
	return s->sweep;
}

void sync_use(struct sync *s, size_t uri)
{
	if (atomic_exchange(&s->use, uri) != uri)
		eventfd_write(s->wake, 1);
}

void sync_limits(struct sync *s, const struct guard_limits *sweep)
{
	pthread_mutex_lock(&s->mutex);
	s->conf.sweep = *sweep;
	pthread_mutex_unlock(&s->mutex);
}

static void sync_free(struct sync *s)
{
	phase_fini(&s->phase);
	aside_free(s->aside);
	sweep_free(s->sweep);
	arena_free(s->arena);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->mutex);
	pthread_cond_destroy(&s->cond);
	free(s);
}

/* A cookie means that a refresh was completed: cookie and entries are
 * committed together. */
static int was_served(struct sync *s, bool *yes, struct err *e)
{
	struct cookie c;
	int rc = cookie_load(s->view, s->arena, &c, e);

	*yes = rc == 0 && c.origin != NULL;
	return rc;
}

int sync_start(const struct sync_conf *c, const struct scim_map *m,
	struct view *v, struct journal *j, struct sync **out, struct err *e)
{
	struct sync *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_IO, "out of memory");
	s->conf = *c;
	if (s->conf.probe_every == 0)
		s->conf.probe_every = PROBE_EVERY;
	if (s->conf.probe_wait == 0)
		s->conf.probe_wait = PROBE_WAIT;
	s->view = v;
	s->arena = arena_new();
	s->aside = aside_new(&s->conf.ldap, c->accesslog);
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->cond, NULL);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	atomic_init(&s->use, NOWHERE);
	s->lag_at = s->settle_at = CLOCK_NEVER;
	s->settle = (struct backoff){ .base = 2 * CLOCK_SECOND,
		.max = 30 * CLOCK_SECOND };
	s->lag_read = (struct backoff){ .base = 5 * CLOCK_SECOND,
		.max = 300 * CLOCK_SECOND };
	s->moved_at = -USE_AGAIN;
	s->sweep = sweep_new(c->base);
	rc = phase_init(&s->phase, v, m, j, s->aside, s->sweep, &c->sweep,
		e);
	s->phase.fill_part = c->fill_part != 0 ? c->fill_part : FILL_PART;
	if (rc == 0)
		rc = was_served(s, &s->state.served, e);
	snprintf(s->state.why, sizeof(s->state.why),
		"the directory is being read");
	if (rc == 0)
		rc = start_thread(s, e);
	if (rc != 0)
		sync_free(s);
	else
		*out = s;
	return rc;
}

void sync_stop(struct sync *s)
{
	if (s == NULL)
		return;
	atomic_store(&s->stopping, true);
	eventfd_write(s->wake, 1);
	pthread_join(s->thread, NULL);
	counter_set(C_SYNC_CONNECTED, 0);
	sync_free(s);
}
