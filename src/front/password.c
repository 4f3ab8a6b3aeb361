/* SPDX-License-Identifier: ISC */
/* POST /v1/password: people change their own (V5, V11), by RFC 3062, bound as
 * themselves, so that the directory's policy counts. Their sessions end; the
 * answer has a new one. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/limits.h"
#include "front/session.h"
#include "front/signer.h"

static const struct {
	int status;
	const char *why;
} refusal[] = {
	[POLICY_NOT_ALLOWED] = { 403, "the directory does not let you change "
	    "your password: have it reset" },
	[POLICY_NEEDS_OLD] = { 403, "oldPassword is wrong" },
	[POLICY_QUALITY] = { 400, "newPassword is too simple for the policy "
	    "of the directory" },
	[POLICY_TOO_SHORT] = { 400, "newPassword is too short for the policy "
	    "of the directory" },
	[POLICY_TOO_YOUNG] = { 403, "the password was changed not long ago: "
	    "the policy of the directory wants you to wait" },
	[POLICY_IN_HISTORY] = { 400, "newPassword was used before: choose one "
	    "that is new" },
};

static void refuse_old(struct call *c, enum ldapc_policy policy)
{
	if (policy == POLICY_NONE)
		limits_bad(c->f->limits, c->q->peer);
	if (policy == POLICY_LOCKED)
		answer_status(c, 403, "", "too many wrong passwords were "
		    "entered: try again later, or have the password reset");
	else if (policy == POLICY_EXPIRED)
		answer_status(c, 403, "", "oldPassword has expired: have the "
		    "password reset (V11)");
	else
		answer_status(c, 403, "", "oldPassword is wrong");
}

static void refuse_new(struct call *c, const struct ldapc_result *r,
    const struct err *e)
{
	size_t n = sizeof(refusal) / sizeof(refusal[0]);

	if ((size_t)r->policy < n && refusal[r->policy].status != 0)
		answer_status(c, refusal[r->policy].status, "",
		    refusal[r->policy].why);
	else if (e->code == ERR_INVALID)
		answer_status(c, 400, "", arena_printf(c->a, "the directory "
		    "refuses newPassword: %s", r->text));
	else
		answer_error(c, e);
}

/* The password is changed; what was before it is over. */
static void finish(struct call *c, const struct entry *person)
{
	struct change *ch = change_new(c->a, CHANGE_MODIFY, person->dn);
	int64_t now = clock_now(), issued = c->session->issued, begun;
	struct writer_result r;

	ch->act_as = person->dn;
	session_end(c->a, ch, now, issued);
	change_set(c->a, ch, MOD_REPLACE, "provostReset", NULL);
	if (writer_call(c->f->conf.writer, ch, NULL, true, &r) != 0) {
		log_warn("password: sessions could not be ended: %s",
		    err_text(&r.err));
		answer_status(c, 503, "", "the password is changed, but your "
		    "other sessions could not be ended: sign in with it and "
		    "DELETE /v1/session");
		return;
	}
	begun = (issued > now ? issued : now) + 1;
	if (session_begin(person, now) > begun)
		begun = session_begin(person, now);
	session_answer(c, person, begun, false);
}

static void change_it(struct call *c, const struct entry *person,
    struct ldapc *l)
{
	struct ldapc_result r = { 0 };
	struct err e = { 0 };

	if (ldapc_passwd(l, c->a, json_member_str(c->body, "oldPassword"),
	    json_member_str(c->body, "newPassword"), &r, &e) == 0)
		finish(c, person);
	else
		refuse_new(c, &r, &e);
}

/* On a signer. */
static void password_now(struct call *c)
{
	const char *old = json_member_str(c->body, "oldPassword");
	enum ldapc_policy policy = POLICY_NONE;
	struct ldapc *l = NULL;
	struct entry *person;
	struct err e = { 0 };
	int rc = session_entry(c, &person, &e);

	if (rc != 0) {
		answer_error(c, &e);
		return;
	}
	rc = signer_open(c->f->signer, person->dn, old, &l, &policy, &e);
	if (rc == 0)
		change_it(c, person, l);
	else if (rc == ERR_DENIED)
		refuse_old(c, policy);
	else
		answer_error(c, &e);
	ldapc_close(l);
}

static bool is_password(const struct json *body, const char *name)
{
	const char *s = json_member_str(body, name);

	return s != NULL && *s != '\0' && strlen(s) <= PASSWORD_MAX;
}

void password_post(struct call *c)
{
	if (!session_needed(c) || call_body(c) != 0)
		return;
	if (is_password(c->body, "oldPassword") &&
	    is_password(c->body, "newPassword"))
		signer_submit(c->f->signer, c, password_now);
	else
		answer_status(c, 400, "", "oldPassword and newPassword are "
		    "needed, each a string of a sensible length");
}
