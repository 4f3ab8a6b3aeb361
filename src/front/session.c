/* SPDX-License-Identifier: ISC */
#include "front/session.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "front/answer.h"
#include "front/handlers.h"

const char *session_shown(const struct call *c)
{
	const char *h = httpd_header(c->q, "Authorization");

	if (h == NULL || strncasecmp(h, "Bearer ", 7) != 0)
		return NULL;
	h += 7;
	h += strspn(h, " ");
	return session_is_one(h) ? h : NULL;
}

/* --- admission ----------------------------------------------------------------- */

static int look_up(struct call *c, const uint8_t uuid[16], struct entry **out,
    struct err *e)
{
	const struct scim_resource *users = scim_map_name(c->f->conf.map,
	    "User");
	struct view_read *read;
	struct view_item item;
	int rc = view_read_begin(c->f->conf.view, &read, e);

	if (rc != 0)
		return rc;
	if (view_get(read, uuid, &item) == 0 && users != NULL &&
	    item.type == users->type) {
		view_item_entry(c->a, &item);
		*out = entry_dup(c->a, &item.entry);
	} else {
		rc = err_kind(e, ERR_DENIED, "ended", "the person of this "
		    "session is not in the directory any more");
	}
	view_read_end(read);
	return rc;
}

static void take_person(struct call *c, const struct session *s,
    const struct entry *person)
{
	char id[37];

	str_uuid_text(s->person, id);
	c->session = s;
	c->person = s->person;
	c->client = (struct client){ .dn = person->dn,
	    .name = arena_strdup(c->a, id), .owner = "", .rate = -1 };
	c->client.title = arena_printf(c->a, "person %s", id);
}

int session_admit(struct call *c, const char *token, struct err *e)
{
	struct session *s = arena_alloc(c->a, sizeof(*s));
	struct entry *person;
	int rc = session_parse(c->a, c->f->conf.map->code_key, token,
	    clock_now(), s, e);

	if (rc == 0)
		rc = look_up(c, s->person, &person, e);
	if (rc == 0)
		rc = session_alive(c->a, s, person, clock_now(), e);
	if (rc == 0)
		take_person(c, s, person);
	return rc;
}

int session_permits(const struct call *c, struct err *e)
{
	const struct route *r = c->route;

	if (!c->session->must_change || r == NULL ||
	    r->handle == password_post || r->handle == session_delete ||
	    (r->handle == me && r->op == OP_READ))
		return 0;
	return err_set(e, ERR_DENIED, "your password must be changed first: "
	    "POST /v1/password with oldPassword and newPassword (V11)");
}

int session_entry(struct call *c, struct entry **out, struct err *e)
{
	return look_up(c, c->person, out, e);
}

bool session_needed(struct call *c)
{
	if (c->person == NULL)
		answer_status(c, 403, "", "this is for people who have signed "
		    "in with POST /v1/session, not for a client's token");
	return c->person != NULL;
}

/* --- answering ------------------------------------------------------------------ */

static struct json *user_json(struct call *c, const struct entry *person)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	const char *name = entry_get(person, "uid");
	const char *display = entry_get(person, "displayName");
	char id[37];

	str_uuid_text(person->uuid, id);
	json_put(c->a, j, "id", json_new_str(c->a, id));
	if (name != NULL)
		json_put(c->a, j, "userName", json_new_str(c->a, name));
	if (display != NULL)
		json_put(c->a, j, "displayName", json_new_str(c->a, display));
	json_put(c->a, j, "$ref", json_new_str(c->a, arena_printf(c->a,
	    "%s/scim/v2/Users/%s", c->base, id)));
	return j;
}

void session_answer(struct call *c, const struct entry *person,
    int64_t issued, bool must_change)
{
	struct json *j = json_new(c->a, JSON_IS_OBJECT);
	struct session s = { .issued = issued, .must_change = must_change,
	    .expiry = clock_now() + c->f->conf.session };
	char t[32];
	struct buf out;

	memcpy(s.person, person->uuid, sizeof(s.person));
	json_put(c->a, j, "token", json_new_str(c->a, session_print(c->a,
	    c->f->conf.map->code_key, &s)));
	json_put(c->a, j, "expiresAt", json_new_str(c->a,
	    clock_print_rfc3339(s.expiry, t)));
	json_put(c->a, j, "mustChangePassword", json_new_bool(c->a,
	    must_change));
	json_put(c->a, j, "user", user_json(c, person));
	buf_init(&out, ANSWER_MAX);
	json_write(&out, j);
	answer_header(c, "Cache-Control", "no-store");
	answer_buf(c, 200, &out);
}

/* --- DELETE /v1/session --------------------------------------------------------- */

static void ended(void *arg, const struct writer_result *r)
{
	struct call *c = arg;

	if (r->code == 0)
		answer_empty(c, 204);
	else
		answer_error(c, &r->err);
}

/* All of them: that a token is not used any more can only be said of the
 * person. */
void session_delete(struct call *c)
{
	struct change *ch;

	if (!session_needed(c))
		return;
	ch = change_new(c->a, CHANGE_MODIFY, c->client.dn);
	ch->act_as = c->client.dn;
	session_end(c->a, ch, clock_now(), c->session->issued);
	writer_submit(c->f->conf.writer, ch, c->person, true, ended, c);
}
