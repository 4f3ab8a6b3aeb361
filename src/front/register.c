/* SPDX-License-Identifier: ISC */
#include "front/register.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "core/attempts.h"
#include "core/invite.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/limits.h"
#include "front/render.h"
#include "front/worker.h"

#define NAME_MAX_BYTES 256
#define NOT_GOOD "this invitation is not good: take login and token from the " \
	"newest mail, or ask whoever invited you for another one (V8)"

/* --- what both ways share ---------------------------------------------- */

void register_wrong(struct call *c)
{
	counter_add(C_AUTH_FAILURES, 1);
	if (limits_bad(c->f->limits, c->q->peer))
		log_warn("register: too many wrong tries from %s: what comes "
		    "from there waits", c->q->peer);
}

static void hold_off(struct call *c, int64_t seconds, const char *why)
{
	counter_add(C_HTTP_LIMITED, 1);
	answer_header(c, "Retry-After", arena_printf(c->a, "%lld",
	    (long long)seconds));
	answer_status(c, 429, "", why);
}

static void refuse_counted(struct write *w)
{
	answer_status(w->c, 403, "", w->edit_ctx);
}

static void refuse_unseen(struct write *w)
{
	const int64_t *until = w->edit_ctx;

	hold_off(w->c, (*until - clock_now()) / CLOCK_SECOND + 1,
	    "too many tries were wrong: wait before the next one (V28)");
}

void register_count(struct write *w, const struct wrong_codes *have,
    const char *why)
{
	struct arena *a = w->c->a;
	int64_t *until = arena_alloc(a, sizeof(*until)), now = clock_now();

	if (attempts_judge(have, now, until) != ATTEMPTS_OPEN) {
		w->edit_ctx = until;
		w->then = refuse_unseen;
		return;
	}
	users_set(a, w->want, WRONG_CODES_ATTR, attempts_value(a, have, 1,
	    now));
	w->edit_ctx = arena_strdup(a, why);
	w->then = refuse_counted;
}

bool register_open(const struct wrong_codes *have)
{
	int64_t until;

	return attempts_judge(have, clock_now(), &until) == ATTEMPTS_OPEN;
}

const char *register_text(const struct call *c, const char *name,
    struct err *e)
{
	const char *s = json_member_str(c->body, name);

	if (s == NULL || *s == '\0') {
		err_set(e, ERR_INVALID, "%s: is required", name);
		return NULL;
	}
	return s;
}

/* --- with an invitation ------------------------------------------------ */

struct invited {
	const char *login, *token, *user_name, *password;
};

/* A user name stands in mails, logs and on screens. */
static int check_user_name(const char *s, struct err *e)
{
	size_t left = strlen(s), n;
	uint32_t ch;

	if (left > NAME_MAX_BYTES || s[0] == ' ' || s[left - 1] == ' ')
		return err_kind(e, ERR_INVALID, "invalidValue", "userName: at "
		    "most %d bytes, with no space at either end",
		    NAME_MAX_BYTES);
	for (; left != 0; s += n, left -= n) {
		n = utf8_next(s, left, &ch);
		if (n == 0 || text_unsafe(ch))
			return err_kind(e, ERR_INVALID, "invalidValue",
			    "userName: no control characters");
	}
	return 0;
}

static int read_invited(struct call *c, struct invited *in, struct err *e)
{
	if ((in->login = register_text(c, "login", e)) == NULL ||
	    (in->token = register_text(c, "token", e)) == NULL ||
	    (in->user_name = register_text(c, "userName", e)) == NULL ||
	    (in->password = register_text(c, "password", e)) == NULL)
		return ERR_INVALID;
	return check_user_name(in->user_name, e);
}

/* ERR_DENIED: the token is wrong, which is to be counted, or is not looked at
 * because too many were. Nothing is said
 * about the person before it is right, but that it was used. */
static int check_token(const struct person *p, const struct invited *in,
    struct err *e)
{
	int64_t expiry = 0;
	char when[32];

	if (p->state == PERSON_ACTIVE && *p->invitation == '\0')
		return err_set(e, ERR_REFERRED, "this invitation was used "
		    "already: sign in with the user name that was chosen, or "
		    "ask for a new password (V8)");
	if (!register_open(&p->wrong) ||
	    !invite_matches(p->invitation, in->token) ||
	    !invite_time(p->invitation, &expiry) ||
	    p->state != PERSON_INVITED)
		return err_set(e, ERR_DENIED, "%s", NOT_GOOD);
	if (expiry > clock_now())
		return 0;
	clock_print_rfc3339(expiry, when);
	return err_set(e, ERR_REFERRED, "this invitation expired on %.10s: "
	    "ask whoever invited you to invite you again (V8)", when);
}

/* One change: the directory judges the password, the DN stays, the temporary
 * login as well. In their own name, or the password would be somebody else's
 * that must be changed. */
static void become_active(struct write *w, const struct invited *in)
{
	struct arena *a = w->c->a;

	users_set(a, w->want, "uid", in->user_name);
	users_set(a, w->want, "provostState", person_state_word(
	    PERSON_ACTIVE));
	users_set(a, w->want, "provostInvitation", NULL);
	if (str_ieq(entry_get(w->want, "provostPortalAccess"), "invited"))
		users_set(a, w->want, "provostPortalAccess", "active");
	w->unseen = arena_alloc(a, sizeof(*w->unseen));
	entry_add(a, w->unseen, "userPassword", in->password);
	w->act_as = w->old->dn;
}

static int edit_invited(struct write *w, struct err *e)
{
	const struct invited *in = w->c->work;
	struct person p;
	int rc;

	w->then = NULL;
	w->act_as = NULL;
	person_read(w->c->a, w->old, &p, NULL);
	rc = check_token(&p, in, e);
	if (rc == ERR_DENIED) {
		*e = (struct err){ 0 };
		register_wrong(w->c);
		register_count(w, &p.wrong, NOT_GOOD);
		return 0;
	}
	if (rc == 0)
		become_active(w, in);
	return rc;
}

static bool find_login(struct call *c, const char *login)
{
	const struct scim_attr *at = resolver_attr(c->resource,
	    "provostTemporaryLogin");
	struct view_item item;
	char id[37];

	if (at == NULL || at->index == 0 || view_find(c->read,
	    c->resource->type, at->index, scim_key(c->a, at, login),
	    &item) != 0)
		return false;
	str_uuid_text(item.uuid, id);
	c->id = arena_strdup(c->a, id);
	return true;
}

static void register_invited(struct call *c)
{
	struct invited *in = arena_alloc(c->a, sizeof(*in));
	struct write *w = arena_alloc(c->a, sizeof(*w));
	struct err e = { 0 };

	if (read_invited(c, in, &e) != 0) {
		answer_error(c, &e);
		return;
	}
	if (call_open(c) != 0)
		return;
	if (!find_login(c, in->login)) {
		/* As long as for somebody who is there. */
		invite_matches("", in->token);
		register_wrong(c);
		answer_status(c, 403, "", NOT_GOOD);
		return;
	}
	w->c = c;
	w->kind = WRITE_EDIT;
	w->edit = edit_invited;
	c->work = in;
	call_close(c);
	write_start(w);
}

/* --- the route --------------------------------------------------------- */

static void register_now(struct call *c)
{
	if (json_member(c->body, "invitationCode") != NULL)
		register_self(c);
	else
		register_invited(c);
}

/* Not a way round the limits that tokens have. */
static bool may_try(struct call *c)
{
	unsigned wait = limits_guess(c->f->limits, c->q->peer, "register");

	if (wait == 0)
		wait = limits_take(c->f->limits, c->q->peer, -1);
	if (wait != 0)
		hold_off(c, wait, "too many tries to register came from this "
		    "address: wait");
	return wait == 0;
}

void register_post(struct call *c)
{
	struct scim_projection *p;

	if (!may_try(c) || call_body(c) != 0)
		return;
	users_as_daemon(c, "registration");
	c->resource = scim_map_name(c->f->conf.map, "User");
	if (c->resource == NULL)
		answer_status(c, 501, "", "the mapping has no resource type "
		    "User");
	else if (render_projection(c, &p) == 0)
		worker_submit(c->f->worker, c, register_now);
}
