/* SPDX-License-Identifier: ISC */
/* POST /v1/session: a person signs in. Whether the password is right is asked
 * of the directory, with a bind of its own, on threads that nothing else waits
 * for. Who guesses learns nothing from a refusal: an unknown name and a wrong
 * password are refused with the same words, and no sooner than the slowest
 * bind lately took (the directory hashes passwords of people it knows only). */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/hash.h"
#include "base/log.h"
#include "core/invite.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/limits.h"
#include "front/session.h"
#include "front/signer.h"

#define NAME_MAX_LEN 256
#define REFUSED_AFTER (CLOCK_SECOND / 4)

struct signin {
	struct call *c;
	const char *name, *password;
	const char *pair;		/* what limits remembers of them */
	struct entry *person;		/* NULL: nobody has the name */
	int64_t since;			/* mono */
	int64_t asked;			/* before the directory was */
	const char *why;		/* it is refused */
};

/* --- who is it? ----------------------------------------------------------------- */

static const struct scim_attr *attr_of(const struct scim_resource *r,
    const char *ldap)
{
	size_t k, n;

	for (k = 0; k < r->n_schemas; k++)
		for (n = 0; n < r->schema[k].n; n++)
			if (str_ieq(r->schema[k].attr[n].ldap, ldap) &&
			    r->schema[k].attr[n].index != 0)
				return &r->schema[k].attr[n];
	return NULL;
}

/* An index cuts its keys: is it really the name? */
static bool has_name(struct arena *a, const struct entry *person,
    const struct scim_attr *at, const char *key)
{
	const struct attr *names = entry_attr(person, at->ldap);
	size_t i;

	for (i = 0; names != NULL && i < names->n; i++)
		if (strcmp(scim_key(a, at, names->v[i].p), key) == 0)
			return true;
	return false;
}

/* The one who has name in this attribute; a name of two is nobody's. */
static struct entry *person_by(struct signin *s,
    const struct scim_resource *users, const char *ldap)
{
	const struct scim_attr *at = attr_of(users, ldap);
	struct call *c = s->c;
	struct view_item item;
	const char *key;

	if (at == NULL)
		return NULL;
	key = scim_key(c->a, at, s->name);
	if (view_find(c->read, users->type, at->index, key, &item) != 0 ||
	    view_count_key(c->read, users->type, at->index, key) != 1)
		return NULL;
	view_item_entry(c->a, &item);
	return has_name(c->a, &item.entry, at, key) ? entry_dup(c->a,
	    &item.entry) : NULL;
}

static int find_person(struct signin *s, struct err *e)
{
	const struct scim_resource *users = scim_map_name(s->c->f->conf.map,
	    "User");
	struct call *c = s->c;
	int rc = view_read_begin(c->f->conf.view, &c->read, e);

	if (rc != 0 || users == NULL)
		return rc;
	s->person = person_by(s, users, "uid");
	if (s->person == NULL)
		s->person = person_by(s, users, "provostTemporaryLogin");
	view_read_end(c->read);
	c->read = NULL;
	return 0;
}

/* --- refusing ------------------------------------------------------------------- */

static void refused(void *arg, enum view_wait_end how)
{
	struct signin *s = arg;

	(void)how;
	answer_header(s->c, "WWW-Authenticate", "Bearer realm=\"provost\"");
	answer_status(s->c, 401, "", s->why);
}

/* Nobody's entry is waited for, until the time has come. */
static void refuse(struct signin *s, const char *why)
{
	struct front *f = s->c->f;
	uint8_t nobody[16];

	s->why = why;
	counter_add(C_AUTH_FAILURES, 1);
	if (limits_bad(f->limits, s->c->q->peer))
		log_warn("session: too many wrong passwords from %s: what "
		    "comes from there waits", s->c->q->peer);
	hash_random(nobody, sizeof(nobody));
	view_wait(f->conf.view, nobody, "~", s->since +
	    signer_slowest(f->signer, REFUSED_AFTER), refused, s);
}

static const char *why_not(enum ldapc_policy policy)
{
	switch (policy) {
	case POLICY_LOCKED:
		return "too many wrong passwords were entered for this user: "
		    "try again later, or have the password reset (V11)";
	case POLICY_EXPIRED:
		return "the password has expired: have it reset by your "
		    "primary contact or administrator (V11)";
	default:
		return "user name or password is wrong";
	}
}

/* --- letting in ----------------------------------------------------------------- */

/* The first sign-in is noted once (V8), and whoever was invited to the portal
 * has come (A1). If it fails the next one does it. */
static void note(struct signin *s)
{
	const char *portal = entry_get(s->person, "provostPortalAccess");
	struct arena *a = s->c->a;
	struct change *ch = change_new(a, CHANGE_MODIFY, s->person->dn);
	struct writer_result r;
	char t[24];

	ch->act_as = s->person->dn;
	if (entry_get(s->person, "provostFirstLogin") == NULL)
		change_set(a, ch, MOD_ADD, "provostFirstLogin",
		    clock_print_gt(clock_now(), t));
	if (portal != NULL && str_ieq(portal, "invited")) {
		change_set(a, ch, MOD_DELETE, "provostPortalAccess", portal);
		change_set(a, ch, MOD_ADD, "provostPortalAccess", "active");
	}
	if (ch->n == 0)
		return;
	if (writer_call(s->c->f->conf.writer, ch, NULL, true, &r) != 0)
		log_warn("session: what goes with a sign-in could not be "
		    "written: %s", err_text(&r.err));
}

/* The temporary password of a reset is good for changing it only, also where
 * the directory's policy doesn't say so. */
static bool must_change(const struct signin *s, enum ldapc_policy policy)
{
	const char *reset = entry_get(s->person, "provostReset");

	return policy == POLICY_MUST_CHANGE || (reset != NULL &&
	    invite_matches(reset, s->password));
}

/* The session counts from before the bind: where the password is changed in
 * between, the end of sessions that goes with that is later. */
static void let_in(struct signin *s, enum ldapc_policy policy)
{
	struct call *c = s->c;
	struct err e = { 0 };

	limits_good(c->f->limits, s->pair);
	if (session_allowed(c->a, s->person, s->asked, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	note(s);
	session_answer(c, s->person, session_begin(s->person, s->asked),
	    must_change(s, policy));
}

static void broken(struct call *c, const struct err *e)
{
	log_error("session: %s", err_text(e));
	answer_status(c, 503, "", "the directory can't be asked just now: try "
	    "again later");
}

/* On a signer. */
static void signin_now(struct call *c)
{
	enum ldapc_policy policy = POLICY_NONE;
	struct signin *s = c->work;
	struct err e = { 0 };
	int rc = find_person(s, &e);

	s->asked = clock_now();
	if (rc == 0)
		rc = s->person == NULL ? ERR_DENIED : signer_check(
		    c->f->signer, s->person->dn, s->password, &policy, &e);
	if (rc == 0)
		let_in(s, policy);
	else if (rc == ERR_DENIED)
		refuse(s, why_not(policy));
	else
		broken(c, &e);
}

/* --- the request ---------------------------------------------------------------- */

static bool read_body(struct signin *s)
{
	struct call *c = s->c;

	if (call_body(c) != 0)
		return false;
	s->name = json_member_str(c->body, "userName");
	s->password = json_member_str(c->body, "password");
	if (s->name != NULL && *s->name != '\0' && s->password != NULL &&
	    *s->password != '\0' && strlen(s->name) <= NAME_MAX_LEN &&
	    strlen(s->password) <= PASSWORD_MAX)
		return true;
	answer_status(c, 400, "", "userName and password are needed, each a "
	    "string of a sensible length");
	return false;
}

void session_post(struct call *c)
{
	struct signin *s = arena_alloc(c->a, sizeof(*s));
	unsigned wait;

	s->c = c;
	s->since = clock_mono();
	if (!read_body(s) || !signer_ready(c))
		return;
	s->pair = arena_printf(c->a, "%s\n%s", s->name, s->password);
	wait = limits_guess(c->f->limits, c->q->peer, s->pair);
	if (wait != 0) {
		counter_add(C_HTTP_LIMITED, 1);
		answer_header(c, "Retry-After", arena_printf(c->a, "%u",
		    wait));
		answer_status(c, 429, "", "too many wrong passwords or tokens "
		    "came from this address");
		return;
	}
	c->work = s;
	signer_submit(c->f->signer, c, signin_now);
}
