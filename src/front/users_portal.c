/* SPDX-License-Identifier: ISC */
/* Access to the portal (A1, A2): a mail follows from its being given
 * (core/notice); with its end sessions and open invitations end, whichever way
 * it is taken. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/session.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/users.h"

#define PORTAL "provostPortalAccess"
#define INVITATION "provostInvitation"

static bool has_portal(const struct entry *e)
{
	const char *v = entry_get(e, PORTAL);

	return v != NULL && !str_ieq(v, "none");
}

void write_portal_none(struct write *w)
{
	if (entry_get(w->old, PORTAL) != NULL &&
	    entry_get(w->want, PORTAL) == NULL)
		users_set(w->c->a, w->want, PORTAL, "none");
}

/* A session ends by the value "none" already; the time keeps it ended when
 * access is given again. */
void write_portal_ends(struct write *w)
{
	const char *open = entry_get(w->want, INVITATION);
	int64_t now = clock_now();

	if (!has_portal(w->old) || has_portal(w->want))
		return;
	session_end(w->c->a, w->change, now, session_begin(w->old, now));
	if (open != NULL)
		change_set(w->c->a, w->change, MOD_DELETE, INVITATION, open);
}

static bool is_theirs(const struct entry *e, const char *address)
{
	const struct attr *at;
	size_t i = 0, k;

	for (; (at = entry_next(e, "mail", &i)) != NULL; i++)
		for (k = 0; k < at->n; k++)
			if (str_ieq(at->v[k].p, address))
				return true;
	return false;
}

/* A1: by their e-mail address. Who has none gets this one; another one than
 * theirs is a mistake about the person. Who chooses where somebody's mail goes
 * could choose their password: all that they have must be within reach. */
static int check_address(struct write *w, const struct person *p,
    struct err *e)
{
	const char *address = json_member_str(w->c->body, "email");
	struct reach r;

	if (address == NULL || !text_address(address))
		return err_set(e, ERR_INVALID, "email: the e-mail address of "
		    "the person is needed (A1)");
	if (*p->mail == '\0') {
		entry_add(w->c->a, w->want, "mail", address);
		reach_init(w->c->a, &w->c->actor, p,
		    world_lookups(call_world(w->c)), &r);
		return reach_all(&r, e);
	}
	return is_theirs(w->old, address) ? 0 : err_set(e, ERR_INVALID,
	    "email: %s is not an address of %s: change their emails first, or "
	    "choose the right person", address, person_name(p));
}

static int edit_give(struct write *w, struct err *e)
{
	struct person p;
	int rc = users_ask(w, OP_PORTAL_GRANT, w->old, &p, e);

	if (rc != 0)
		return rc;
	if (p.state != PERSON_ACTIVE && p.state != PERSON_INVITED)
		return err_set(e, ERR_REFERRED, "%s is %s and gets no access "
		    "to the portal", person_name(&p),
		    person_state_word(p.state));
	rc = check_address(w, &p, e);
	if (rc == 0 && !has_portal(w->old))
		users_set(w->c->a, w->want, PORTAL, "invited");
	return rc;
}

void users_portal_give(struct call *c)
{
	if (call_body(c) == 0)
		users_begin(c, WRITE_EDIT, edit_give);
}

static int edit_take(struct write *w, struct err *e)
{
	struct person p;
	int rc = users_ask(w, OP_PORTAL_REVOKE, w->old, &p, e);

	if (rc != 0)
		return rc;
	if (has_portal(w->old))
		users_set(w->c->a, w->want, PORTAL, "none");
	users_set(w->c->a, w->want, INVITATION, NULL);
	return 0;
}

void users_portal_take(struct call *c)
{
	users_begin(c, WRITE_EDIT, edit_take);
}
