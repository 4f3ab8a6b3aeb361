/* SPDX-License-Identifier: ISC */
#include "directory/sync_p.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/str.h"
#include "directory/cookie.h"

#define ORIGIN_LATER (3 * CLOCK_SECOND)
#define SETTLES 4		/* times that everything is compared anew */
#define LAG_LOOK CLOCK_SECOND	/* how far has a lagging provider come? */

static void learn_origin(struct sync *s)
{
	snprintf(s->origin, sizeof(s->origin), "%s",
		aside_origin(s->aside, s->arena, ldapc_uri(s->l)));
}

/* Only the run of the server that gave a cookie can be trusted with it. */
static bool same_run(struct sync *s, const struct cookie *c)
{
	learn_origin(s);
	s->ask_origin = s->origin[0] != '\0' ? CLOCK_NEVER
		: clock_mono() + ORIGIN_LATER;
	return !s->lost && s->origin[0] != '\0' &&
		str_eq(s->origin, c->origin);
}

/* A server that had just been started could not yet be told from the one
 * before it. */
static int origin_later(struct sync *s, struct err *e)
{
	if (clock_mono() < s->ask_origin || s->phase.refreshing)
		return 0;
	s->ask_origin = CLOCK_NEVER;
	learn_origin(s);
	return s->origin[0] != '\0' ? phase_stamp(&s->phase, s->arena, e) : 0;
}

static bool several(const struct sync *s)
{
	return s->conf.ldap.uris.n > 1;
}

bool sync_lags(const struct sync *s)
{
	return s->lag_at != CLOCK_NEVER;
}

/* Has this provider come as far as what was read before? */
static void look_context(struct sync *s)
{
	s->lag_at = CLOCK_NEVER;
	if (!several(s))
		return;
	aside_context(s->aside, s->arena, s->conf.base, &s->context);
	if (!phase_behind(&s->phase, &s->context))
		backoff_reset(&s->lag_read);
	else
		s->lag_at = clock_mono() + LAG_LOOK;
}

void sync_look_lag(struct sync *s)
{
	if (!sync_lags(s) || s->phase.kept != 0) {
		s->lag_read_at = clock_mono() + backoff_next(&s->lag_read);
		return;
	}
	phase_caught_up(&s->phase);
	s->lag_at = CLOCK_NEVER;
}

/* It has caught up, or may have: everything is compared. */
static void caught_up(struct sync *s)
{
	struct csns now;

	if (clock_mono() < s->lag_at || s->phase.refreshing)
		return;
	s->lag_at = clock_mono() + LAG_LOOK;
	aside_context(s->aside, s->arena, s->conf.base, &now);
	if (!phase_behind(&s->phase, &now) || clock_mono() >= s->lag_read_at)
		s->forget = s->again = true;
}

/* What is written at its mirror while a provider answers (or catches up) may
 * be left out by it (seen with slapd 2.5.13 under load, a few entries of
 * thousands). So when all is calmer everything is compared once more, and
 * again while that finds anything. */
void sync_settle(struct sync *s)
{
	bool same = s->phase.full && s->phase.changed == 0;

	s->settle_at = CLOCK_NEVER;
	if (!several(s) || same || ++s->settled > SETTLES) {
		s->settled = 0;
		backoff_reset(&s->settle);
		return;
	}
	s->settle_at = clock_mono() + backoff_next(&s->settle);
}

static void settled(struct sync *s)
{
	if (clock_mono() < s->settle_at || s->phase.refreshing)
		return;
	s->settle_at = CLOCK_NEVER;
	s->forget = s->again = true;
}

static int send_search(struct sync *s, bool *full, struct err *e)
{
	/* Not "+": operational attributes of ppolicy and others are nobody's
	 * business here. */
	static const char *const attrs[] = { "*", "entryUUID", "entryCSN",
		"createTimestamp", "modifyTimestamp", "creatorsName",
		"modifiersName", NULL };
	struct ldapc_search q = { .base = s->conf.base, .scope = SCOPE_SUB,
		.filter = "(objectClass=*)", .attrs = attrs, .sync = true,
		.persist = true, .sync_manage = true };
	struct cookie c;
	int rc = cookie_load(s->view, s->arena, &c, e);

	if (rc != 0)
		return rc;
	if (several(s))
		csns_raise_cookie(s->arena, &s->phase.known, c.p, c.n);
	look_context(s);
	*full = s->forget || c.n == 0 || sync_lags(s);
	s->verify = !same_run(s, &c) && !*full;
	if (!*full) {
		q.cookie = c.p;
		q.cookie_len = c.n;
	}
	return ldapc_send_search(s->l, &q, &s->search, e);
}

/* A view filled from nothing sees everything as new; the journal knows what
 * it has a line for. */
static int recall(struct sync *s, struct err *e)
{
	struct sync_state st;
	int rc = 0;

	sync_state(s, &st);
	if (!st.served && !s->recalled)
		rc = journal_recall(s->phase.in.journal, e);
	s->recalled = rc == 0;
	return rc;
}

int sync_connect(struct sync *s, struct err *e)
{
	bool full;
	int rc = ldapc_open(&s->conf.ldap, &s->uri, &s->l, e);

	if (rc != 0)
		return rc;
	if (s->sessions++ > 0)
		counter_add(C_LDAP_RECONNECTS, 1);
	aside_use(s->aside, s->uri);
	rc = send_search(s, &full, e);
	if (rc == 0 && full)
		rc = recall(s, e);
	if (rc != 0)
		return rc;
	phase_start(&s->phase, full, s->origin, several(s) ? &s->context :
		NULL);
	s->probe = -1;
	s->probe_at = clock_mono() + s->conf.probe_every;
	return 0;
}

/* A question that anybody can answer, so that a silent connection is known to
 * be alive or dead. */
static int send_probe(struct sync *s, struct err *e)
{
	static const char *const attrs[] = { "1.1", NULL };
	const struct ldapc_search q = { .base = s->conf.base,
		.scope = SCOPE_BASE, .filter = "(objectClass=*)",
		.attrs = attrs };
	int64_t now = clock_mono();

	if (now < s->probe_at)
		return 0;
	if (s->probe >= 0)
		return err_set(e, ERR_TIMEOUT, "%s has not answered for "
			"%lld ms", ldapc_uri(s->l),
			(long long)s->conf.probe_wait / 1000);
	s->probe_at = now + s->conf.probe_wait;
	return ldapc_send_search(s->l, &q, &s->probe, e);
}

int sync_ask_due(struct sync *s, struct err *e)
{
	int rc = send_probe(s, e);

	if (rc == 0)
		rc = origin_later(s, e);
	if (rc == 0) {
		caught_up(s);
		settled(s);
	}
	return rc;
}
