/* SPDX-License-Identifier: ISC */
#include "directory/aside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "model/entry.h"

#define BUDGET CLOCK_SECOND
/* After a deletion that no log named: the log leaves deletions out, perhaps.
 * Look, but do not wait for each. */
#define BLIND_WAIT (CLOCK_SECOND / 50)
#define AWAY (60 * CLOCK_SECOND)
/* Start times have seconds: a server that restarts within one can't be told
 * from the one before. */
#define YOUNG (2 * CLOCK_SECOND)

struct aside {
	struct ldapc_conf conf;
	const char *accesslog;
	struct ldapc *l;	/* owned; NULL closed */
	size_t uri;
	int64_t deadline;	/* of this unit of work */
	int64_t away;		/* no log before this time */
	bool blind;
};

struct aside *aside_new(const struct ldapc_conf *c, const char *accesslog)
{
	struct aside *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->conf = *c;
	s->conf.connect_timeout = BUDGET / 2;
	s->conf.op_timeout = BUDGET / 2;
	s->accesslog = accesslog != NULL ? accesslog : "";
	return s;
}

static void hang_up(struct aside *s)
{
	ldapc_close(s->l);
	s->l = NULL;
}

void aside_free(struct aside *s)
{
	if (s == NULL)
		return;
	hang_up(s);
	free(s);
}

void aside_use(struct aside *s, size_t uri)
{
	if (uri != s->uri)
		hang_up(s);
	s->uri = uri;
	s->away = 0;
}

void aside_begin(struct aside *s)
{
	s->deadline = clock_mono() + BUDGET;
}

static int ask(struct aside *s, struct arena *a, const struct ldapc_search *q,
	struct entry ***entries, size_t *n)
{
	size_t start = s->uri;
	struct err e;
	int rc = 0, i;

	/* A kept connection may have died unnoticed: once more on a new one. */
	for (i = 0; i < 2; i++) {
		if (s->l == NULL)
			rc = ldapc_open(&s->conf, &start, &s->l, &e);
		if (rc != 0)
			return rc;
		rc = ldapc_search_all(s->l, a, q, entries, n, &e);
		if (rc != ERR_BUSY && rc != ERR_TIMEOUT && rc != ERR_IO)
			return rc;
		hang_up(s);
		if (rc == ERR_TIMEOUT)
			return rc;
	}
	return rc;
}

/* The newest one's reqAuthzID, NULL none yet. */
static const char *newest(struct entry **v, size_t n)
{
	const char *best = NULL, *start, *who = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		start = entry_get(v[i], "reqStart");
		if (start == NULL || (best != NULL && strcmp(start, best) <= 0))
			continue;
		best = start;
		who = entry_get(v[i], "reqAuthzID");
		if (who == NULL)
			who = "";
	}
	return who;
}

static const char *look(struct aside *s, struct arena *a,
	const struct ldapc_search *q, int64_t until)
{
	struct timespec pause = { 0, 500 * 1000 };
	struct entry **v = NULL;
	const char *who;
	size_t n = 0;
	int rc;

	for (;;) {
		rc = ask(s, a, q, &v, &n);
		who = rc == 0 ? newest(v, n) : NULL;
		if (who != NULL)
			return who;
		if (rc != 0) {
			s->away = clock_mono() + AWAY;
			return "";
		}
		if (clock_mono() >= until)
			return NULL;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 32 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
}

const char *aside_deleter(struct aside *s, struct arena *a,
	const uint8_t uuid[16])
{
	static const char *const attrs[] = { "reqStart", "reqAuthzID", NULL };
	struct ldapc_search q = { .base = s->accesslog, .scope = SCOPE_ONE,
		.attrs = attrs };
	int64_t now = clock_mono(), until = s->deadline;
	const char *who;
	char id[37];

	if (*s->accesslog == '\0' || now < s->away || now >= s->deadline)
		return "";
	if (s->blind && until > now + BLIND_WAIT)
		until = now + BLIND_WAIT;
	str_uuid_text(uuid, id);
	q.filter = arena_printf(a,
		"(&(objectClass=auditDelete)(reqEntryUUID=%s))", id);
	who = look(s, a, &q, until);
	s->blind = who == NULL;
	return who != NULL ? who : "";
}

bool aside_has_children(struct aside *s, struct arena *a, const char *dn)
{
	static const char *const attrs[] = { "1.1", NULL };
	const struct ldapc_search q = { .base = dn, .scope = SCOPE_ONE,
		.filter = "(objectClass=*)", .attrs = attrs, .size_limit = 1 };
	struct entry **v;
	size_t n = 0;

	return ask(s, a, &q, &v, &n) != 0 || n > 0;
}

/* cn=Start or cn=Current below cn=Time, as a time; 0: not among them. */
static int64_t time_named(struct entry **v, size_t n, const char *rdn,
	const char **text)
{
	int64_t t = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!str_istarts(v[i]->dn, rdn))
			continue;
		*text = entry_get(v[i], "monitorTimestamp");
		if (*text == NULL || !clock_parse_gt(*text, &t))
			t = 0;
	}
	return t;
}

const char *aside_origin(struct aside *s, struct arena *a, const char *uri)
{
	static const char *const attrs[] = { "monitorTimestamp", NULL };
	const struct ldapc_search q = { .base = "cn=Time,cn=Monitor",
		.scope = SCOPE_ONE, .filter = "(objectClass=*)",
		.attrs = attrs };
	const char *current, *start = "";
	int64_t from, now;
	struct entry **v;
	size_t n = 0;

	if (ask(s, a, &q, &v, &n) != 0)
		return "";
	from = time_named(v, n, "cn=Start,", &start);
	now = time_named(v, n, "cn=Current,", &current);
	if (from == 0 || now < from + YOUNG)
		return "";
	return arena_printf(a, "%s %s", uri, start);
}

void aside_context(struct aside *s, struct arena *a, const char *base,
	struct csns *out)
{
	static const char *const attrs[] = { "contextCSN", NULL };
	const struct ldapc_search q = { .base = base, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)", .attrs = attrs };
	const struct attr *at;
	struct entry **v;
	size_t n = 0, i;

	out->n = 0;
	if (ask(s, a, &q, &v, &n) != 0 || n != 1)
		return;
	at = entry_attr(v[0], "contextCSN");
	for (i = 0; at != NULL && i < at->n; i++)
		csns_raise(out, at->v[i].p);
}
