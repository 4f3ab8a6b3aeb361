/* SPDX-License-Identifier: ISC */
#include "front/admit.h"

#include <string.h>

#include "base/arena.h"
#include "base/counters.h"
#include "base/log.h"
#include "front/answer.h"
#include "front/auth.h"
#include "front/limits.h"
#include "front/session.h"

static bool refuse(struct call *c, const char *token, const struct err *e)
{
	counter_add(C_AUTH_FAILURES, 1);
	if (token != NULL && strcmp(e->kind, "ended") != 0 &&
	    limits_bad(c->f->limits, c->q->peer))
		log_warn("auth: too many bad tokens from %s: what comes from "
		    "there waits", c->q->peer);
	httpd_set_header(c->q, "WWW-Authenticate", token == NULL ?
	    "Bearer realm=\"provost\"" :
	    "Bearer realm=\"provost\", error=\"invalid_token\"");
	answer_status(c, 401, "", e->text);
	return false;
}

static bool hold_off(struct call *c, unsigned wait, const char *why)
{
	counter_add(C_HTTP_LIMITED, 1);
	httpd_set_header(c->q, "Retry-After", arena_printf(c->a, "%u", wait));
	answer_status(c, 429, "", why);
	return false;
}

/* Provider staff and their tools are not held up unless their entry says so. */
static unsigned take(struct call *c)
{
	const struct client *cl = &c->client;

	if (cl->rate < 0 && strv_has(&cl->scopes, "admin"))
		return 0;
	return limits_take(c->f->limits, cl->dn, cl->rate);
}

/* Whom the token is of, and may they do anything at all? */
static int identify(struct call *c, struct err *e)
{
	const char *session = session_shown(c);

	if (session == NULL)
		return auth_client(c->f, c->q, &c->client, e);
	return session_admit(c, session, e);
}

bool admit(struct call *c)
{
	const char *token = httpd_header(c->q, "Authorization");
	struct err e = { 0 };
	unsigned wait;
	int rc;

	if (token != NULL && (wait = limits_guess(c->f->limits, c->q->peer,
	    token)) != 0)
		return hold_off(c, wait, "too many bad tokens came from this "
		    "address");
	rc = identify(c, &e);
	if (rc == ERR_DENIED)
		return refuse(c, token, &e);
	if (rc != 0) {
		answer_error(c, &e);
		return false;
	}
	if (token != NULL)
		limits_good(c->f->limits, token);
	if ((wait = take(c)) != 0)
		return hold_off(c, wait, "this client asks more often than it "
		    "may");
	if (c->session == NULL || session_permits(c, &e) == 0)
		return true;
	answer_error(c, &e);
	return false;
}
