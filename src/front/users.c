/* SPDX-License-Identifier: ISC */
#include "front/users.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "core/attempts.h"
#include "core/clone.h"
#include "core/invite.h"
#include "core/stored.h"
#include "core/ways.h"
#include "front/acting.h"
#include "front/answer.h"
#include "front/handlers.h"
#include "front/operations.h"
#include "front/render.h"
#include "front/worker.h"

#define STATE "provostState"
#define INVITATION "provostInvitation"
#define LOGIN "provostTemporaryLogin"
#define RESET "provostReset"
#define MINUTE (60 * CLOCK_SECOND)

/* --- what all share ---------------------------------------------------- */

static void start_now(struct call *c)
{
	write_start(c->work);
}

/* Rights of two people may have to be computed. */
void users_begin(struct call *c, enum write_kind kind,
    int (*edit)(struct write *w, struct err *e))
{
	struct write *w = arena_alloc(c->a, sizeof(*w));
	struct scim_projection *p;

	c->resource = scim_map_name(c->f->conf.map, "User");
	if (c->resource == NULL) {
		answer_status(c, 501, "", "the mapping has no resource type "
		    "User");
		return;
	}
	if (render_projection(c, &p) != 0)
		return;
	w->c = c;
	w->kind = kind;
	w->edit = edit;
	w->nameless = kind == WRITE_POST;
	c->work = w;
	worker_submit(c->f->worker, c, start_now);
}

static int no_user(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no User with this id");
}

int users_ask(struct write *w, enum operation op, const struct entry *whom,
    struct person *p, struct err *e)
{
	struct call *c = w->c;
	const struct world *l = world_lookups(call_world(c));
	struct subject on = { .type = "User" };

	if (whom != NULL) {
		person_read(c->a, whom, p, NULL);
		on.person = p;
	}
	if (whom != NULL &&
	    authorise_sees(c->a, &c->actor, p, l) == SIGHT_NONE)
		return no_user(e);
	return authorise_actor(&c->actor, op, &on, l, e);
}

void users_set(struct arena *a, struct entry *e, const char *name,
    const char *value)
{
	entry_drop(e, name);
	if (value != NULL)
		entry_add(a, e, name, value);
}

void users_as_daemon(struct call *c, const char *name)
{
	c->client = (struct client){ .dn = "", .name = name, .title = name,
	    .owner = "", .rate = -1 };
	strv_add(c->a, &c->client.scopes, "admin");
}

/* --- invitations ------------------------------------------------------- */

/* Secrets are made of whole seconds: one more than what was made just now. */
static int64_t fresh_time(const char *stored, int64_t t)
{
	int64_t was;

	t -= t % CLOCK_SECOND;
	if (invite_time(stored, &was) && was >= t && was < t + MINUTE)
		t = was + CLOCK_SECOND;
	return t;
}

static int no_key(struct err *e)
{
	return err_set(e, ERR_UNSUPPORTED, "there is no code key, and without "
	    "one nobody can be invited: set directory.code_key_file");
}

static int no_mail(const struct person *p, struct err *e)
{
	return err_kind(e, ERR_INVALID, "invalidValue", "%s has no e-mail "
	    "address, which the mail goes to: give one in emails",
	    person_name(p));
}

/* An invitation as of now. Wrong tries with the one before are void with it.
 * The mail follows from it (core/notice). */
static int put_invitation(struct write *w, struct err *e)
{
	struct call *c = w->c;
	const char *value;
	struct person p;
	char id[11];

	person_read(c->a, w->want, &p, NULL);
	if (*p.mail == '\0')
		return no_mail(&p, e);
	value = invite_value(c->a, c->f->conf.map->code_key, p.person_id,
	    fresh_time(p.invitation, clock_now() + INVITE_LIFETIME));
	if (value == NULL)
		return no_key(e);
	users_set(c->a, w->want, INVITATION, value);
	users_set(c->a, w->want, WRONG_CODES_ATTR, NULL);
	if (*p.temporary_login == '\0') {
		hash_random_id(id, 10);
		users_set(c->a, w->want, LOGIN, arena_printf(c->a,
		    "new-%.5s-%s", id, id + 5));
	}
	return 0;
}

static int check_invited(struct write *w, struct err *e)
{
	struct person p;

	person_read(w->c->a, w->want, &p, NULL);
	if (p.state == PERSON_SUSPENDED || p.state == PERSON_LEFT)
		return err_kind(e, ERR_INVALID, "invalidValue", "state: "
		    "without userName somebody is invited, not %s",
		    person_state_word(p.state));
	if (entry_get(w->want, "userPassword") != NULL)
		return err_kind(e, ERR_INVALID, "invalidValue", "password: "
		    "whoever is invited chooses it, with the user name (V8)");
	if (*p.family == '\0')
		return err_kind(e, ERR_INVALID, "invalidValue", "name."
		    "familyName: is required, as long as there is no user "
		    "name to stand for it");
	return 0;
}

/* V8: with a user name the person is active, without invited. */
static int make_invited(struct write *w, struct err *e)
{
	struct arena *a = w->c->a;
	int rc;

	if (entry_get(w->want, "uid") != NULL)
		return 0;
	if ((rc = check_invited(w, e)) != 0)
		return rc;
	users_set(a, w->want, STATE, person_state_word(PERSON_INVITED));
	users_set(a, w->want, "provostCreatedBy", call_origin(w->c));
	if (entry_get(w->want, "cn") == NULL)
		users_set(a, w->want, "cn", entry_get(w->want, "sn"));
	return put_invitation(w, e);
}

static int edit_new(struct write *w, struct err *e)
{
	int rc = users_ask(w, OP_CREATE, NULL, NULL, e);

	return rc != 0 ? rc : make_invited(w, e);
}

void users_post(struct call *c)
{
	if (call_body(c) == 0)
		users_begin(c, WRITE_POST, edit_new);
}

static int edit_invite(struct write *w, struct err *e)
{
	struct person p;
	int rc = users_ask(w, OP_INVITE, w->old, &p, e);

	if (rc != 0)
		return rc;
	return p.state == PERSON_INVITED ? put_invitation(w, e) :
	    err_set(e, ERR_REFERRED, "%s is %s: only who was invited and has "
	    "not registered yet is invited again (V8)", person_name(&p),
	    person_state_word(p.state));
}

void users_invite(struct call *c)
{
	users_begin(c, WRITE_EDIT, edit_invite);
}

/* --- clones ------------------------------------------------------------ */

static const struct entry *source_of(struct call *c, struct err *e)
{
	struct view_item item;
	uint8_t uuid[16];

	if (!str_uuid(c->id, uuid) || view_get(c->read, uuid, &item) != 0 ||
	    item.type != c->resource->type) {
		no_user(e);
		return NULL;
	}
	view_item_entry(c->a, &item);
	return entry_dup(c->a, &item.entry);
}

static const struct json *left_out_json(struct arena *a,
    const struct clone *left)
{
	struct json *list = json_new(a, JSON_IS_ARRAY), *j;
	size_t i;

	for (i = 0; i < left->n; i++) {
		j = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, j, "right", right_print(a,
		    &left->v[i].right));
		operations_put(a, j, "why", left->v[i].why);
	}
	if (left->unseen != 0) {
		j = json_push(list, json_new(a, JSON_IS_OBJECT));
		operations_put(a, j, "right", "");
		operations_put(a, j, "why", arena_printf(a, "%zu others that "
		    "you may not see (V4a)", left->unseen));
	}
	return list;
}

/* What the source holds is what is given: a body that says more would be a
 * way round what was left out. */
static int check_clone_body(struct write *w, struct err *e)
{
	if (stored_read(w->c->a, w->want).n == 0 &&
	    entry_attr(w->want, "provostPreference") == NULL)
		return 0;
	return err_kind(e, ERR_INVALID, "invalidValue", "rights and "
	    "preferences of a clone are those of whom is cloned: leave them "
	    "out, and change them afterwards (V9)");
}

static int edit_clone(struct write *w, struct err *e)
{
	struct call *c = w->c;
	const struct entry *source = source_of(c, e);
	struct person p;
	struct clone left;
	int rc = source == NULL ? ERR_NOT_FOUND : users_ask(w, OP_CLONE,
	    source, &p, e);

	if (rc != 0)
		return rc;
	rc = check_clone_body(w, e);
	if (rc == 0)
		rc = clone_rights(c->a, &c->actor, source,
		    world_lookups(call_world(c)), clock_now(), w->want, &left,
		    e);
	if (rc == 0)
		rc = make_invited(w, e);
	w->also_name = "leftOut";
	w->also = rc == 0 ? left_out_json(c->a, &left) : NULL;
	return rc;
}

void users_clone(struct call *c)
{
	if (call_body(c) == 0)
		users_begin(c, WRITE_POST, edit_clone);
}

/* --- temporary passwords ----------------------------------------------- */

static int check_reset(const struct person *p, struct err *e)
{
	if (p->state != PERSON_ACTIVE)
		return err_set(e, ERR_REFERRED, "%s is %s: only active people "
		    "have a password to be reset (V11)", person_name(p),
		    person_state_word(p->state));
	return *p->mail != '\0' ? 0 : no_mail(p, e);
}

/* Whoever looks makes the same password again, to mail it (core/invite); the
 * directory keeps its hash, has it changed at the first use, and unlocks. */
static int put_password(struct write *w, const struct person *p,
    struct err *e)
{
	struct arena *a = w->c->a;
	const char *key = w->c->f->conf.map->code_key;
	int64_t t = fresh_time(p->reset, clock_now());
	const char *password = invite_password(a, key, p->person_id, t);

	if (password == NULL)
		return no_key(e);
	users_set(a, w->want, RESET, invite_reset_value(a, key, p->person_id,
	    t));
	w->unseen = arena_alloc(a, sizeof(*w->unseen));
	entry_add(a, w->unseen, "userPassword", password);
	entry_add(a, w->unseen, "pwdReset", "TRUE");
	w->ends_sessions = true;
	return 0;
}

static int edit_reset(struct write *w, struct err *e)
{
	struct person p;
	int rc = users_ask(w, OP_RESET, w->old, &p, e);

	if (rc == 0)
		rc = check_reset(&p, e);
	return rc != 0 ? rc : put_password(w, &p, e);
}

/* Nobody could tell them the new password, and the old one would be gone. */
void users_reset(struct call *c)
{
	const struct front_conf *conf = &c->f->conf;
	struct ways ways = { 0 };

	if (conf->engine_ways != NULL)
		conf->engine_ways(conf->engine, &ways);
	if (!ways.mail)
		answer_status(c, 501, "", "mail is not set up, so that a "
		    "temporary password reaches nobody: see mail in "
		    "provostd.conf");
	else
		users_begin(c, WRITE_EDIT, edit_reset);
}
