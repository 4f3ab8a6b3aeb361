/* SPDX-License-Identifier: ISC */
/* Self registration (L5): whoever has the code printed on an account's invoice
 * becomes an active user who views, with that account. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/enterprise.h"
#include "front/answer.h"
#include "front/register.h"
#include "model/dn.h"

#define NOT_GOOD "nobody registers with this code: ask your primary contact " \
	"for an invitation (L5)"

struct self {
	const char *hash;		/* of the code */
	const char *number;		/* of the account, "" not said */
	const char *billing;		/* chosen, "" not */
	const char *named;		/* the account's DN, by number */
	const char *account;		/* by code; NULL: it is wrong */
	const char *billed;		/* what stands there, "" nothing */
};

/* --- the code ---------------------------------------------------------- */

static int judge_code(const struct self *s, const struct account *named,
    const struct world *w, const struct account **out, struct err *e)
{
	if ((named == NULL || register_open(&named->wrong)) &&
	    enterprise_register(w, s->hash, clock_now(), out, e) == 0 &&
	    (*s->number == '\0' || str_ieq((*out)->number, s->number)))
		return 0;
	return err_set(e, ERR_DENIED, "%s", NOT_GOOD);
}

/* want NULL: only looked at; else what they start with is added. */
static int check_code(struct call *c, struct self *s, struct entry *want,
    struct err *e)
{
	struct world_view *view = world_over(c->read, c->f->conf.map);
	const struct world *w = world_lookups(view);
	const struct account *acc = NULL, *named = *s->number != '\0' ?
	    w->account(w->ctx, s->number) : NULL;
	int rc = judge_code(s, named, w, &acc, e);

	/* Where nobody registers nothing is guessed, and nobody locks it. */
	s->named = named != NULL && enterprise_registers(w, named) ?
	    arena_strdup(c->a, named->dn) : NULL;
	if (rc == 0) {
		s->account = arena_strdup(c->a, acc->dn);
		s->billed = arena_strdup(c->a, acc->billing);
		if (want != NULL)
			enterprise_registrant(c->a, acc, want);
	}
	world_close(view);
	return rc;
}

/* --- the account's entry ----------------------------------------------- */

static bool to_account(struct call *c, const char *dn)
{
	struct view_item item;
	const char *norm = dn_normal(c->a, dn, NULL);
	char id[37];

	c->resource = scim_map_name(c->f->conf.map, "Account");
	if (c->resource == NULL || norm == NULL || view_find(c->read,
	    c->resource->type, SCIM_INDEX_DN, norm, &item) != 0)
		return false;
	str_uuid_text(item.uuid, id);
	c->id = arena_strdup(c->a, id);
	return true;
}

static void edit_account(struct call *c, const char *dn,
    int (*edit)(struct write *w, struct err *e), void (*then)(struct write *w))
{
	struct write *w = arena_alloc(c->a, sizeof(*w));

	w->c = c;
	w->kind = WRITE_EDIT;
	w->edit = edit;
	w->then = then;
	if (!to_account(c, dn)) {
		answer_status(c, 403, "", NOT_GOOD);
		return;
	}
	call_close(c);
	write_start(w);
}

/* What was tried is wrong for the account that was named. */
static int edit_wrong(struct write *w, struct err *e)
{
	struct wrong_codes have;

	(void)e;
	wrong_codes_read(w->c->a, w->old, &have, NULL);
	register_count(w, &have, NOT_GOOD);
	return 0;
}

/* --- the person -------------------------------------------------------- */

static int edit_person(struct write *w, struct err *e)
{
	struct call *c = w->c;
	int rc = check_code(c, w->edit_ctx, w->want, e);

	/* In their own name; see become_active in register.c. */
	if (rc == 0)
		w->act_as = dn_make(c->a, c->resource->rdn, entry_get(w->want,
		    c->resource->rdn), scim_map_container(c->a,
		    c->f->conf.map, c->resource));
	return rc;
}

static int read_address(struct call *c, struct json *user, struct err *e)
{
	const char *address = register_text(c, "email", e);
	struct json *list, *j;

	if (address == NULL)
		return ERR_INVALID;
	if (!text_address(address))
		return err_set(e, ERR_INVALID, "email: this is no e-mail "
		    "address");
	list = json_put(c->a, user, "emails", json_new(c->a, JSON_IS_ARRAY));
	j = json_push(list, json_new(c->a, JSON_IS_OBJECT));
	json_put(c->a, j, "value", json_new_str(c->a, address));
	json_put(c->a, j, "type", json_new_str(c->a, "work"));
	json_put(c->a, j, "primary", json_new_bool(c->a, true));
	return 0;
}

/* As SCIM has it, or the whole name as one string. */
static int read_name(struct call *c, struct json *user, struct err *e)
{
	const struct json *name = json_member(c->body, "name");

	if (name != NULL && name->kind == JSON_IS_OBJECT)
		json_put(c->a, user, "name", json_dup(c->a, name));
	else if (name != NULL && name->kind == JSON_IS_STRING && *name->s)
		json_put(c->a, user, "displayName", json_new_str(c->a,
		    name->s));
	else
		return err_set(e, ERR_INVALID, "name: is required");
	return 0;
}

/* What a person may say of themselves, and nothing else: the SCIM User that is
 * made of it. */
static int read_person(struct call *c, struct json **out, struct err *e)
{
	struct json *user = json_new(c->a, JSON_IS_OBJECT);
	const char *name = register_text(c, "userName", e);
	const char *password = name == NULL ? NULL : register_text(c,
	    "password", e);
	int rc;

	if (password == NULL)
		return ERR_INVALID;
	json_put(c->a, user, "userName", json_new_str(c->a, name));
	json_put(c->a, user, "password", json_new_str(c->a, password));
	rc = read_address(c, user, e);
	if (rc == 0)
		rc = read_name(c, user, e);
	*out = user;
	return rc;
}

static void make_person(struct call *c, struct self *s)
{
	struct write *w = arena_alloc(c->a, sizeof(*w));

	c->resource = scim_map_name(c->f->conf.map, "User");
	c->id = NULL;
	w->c = c;
	w->kind = WRITE_POST;
	w->edit = edit_person;
	w->edit_ctx = s;
	call_close(c);
	write_start(w);
}

/* --- billing (V24) ----------------------------------------------------- */

static int edit_billing(struct write *w, struct err *e)
{
	const struct self *s = w->c->work;

	(void)e;
	users_set(w->c->a, w->want, "provostBilling", s->billing);
	return 0;
}

static void billing_chosen(struct write *w)
{
	make_person(w->c, w->c->work);
}

static int check_billing(const struct self *s, struct err *e)
{
	if (*s->billing != '\0')
		return str_ieq(s->billing, "paper") || str_ieq(s->billing,
		    "paperless") ? 0 : err_set(e, ERR_INVALID, "billing: is "
		    "paper or paperless");
	return *s->billed != '\0' ? 0 : err_set(e, ERR_INVALID,
	    "billing: choose paper or paperless for the account (V24)");
}

/* --- all of it --------------------------------------------------------- */

static void refuse(struct call *c, const struct self *s,
    const struct err *e)
{
	if (e->code == ERR_DENIED)
		register_wrong(c);
	if (e->code == ERR_DENIED && s->named != NULL)
		edit_account(c, s->named, edit_wrong, NULL);
	else
		answer_error(c, e);
}

static void accept(struct call *c, struct self *s)
{
	if (*s->billing != '\0' && !str_ieq(s->billing, s->billed))
		edit_account(c, s->account, edit_billing, billing_chosen);
	else
		make_person(c, s);
}

static const char *text_or_none(const struct call *c, const char *name)
{
	const char *s = json_member_str(c->body, name);

	return s != NULL ? s : "";
}

void register_self(struct call *c)
{
	struct self *s = arena_alloc(c->a, sizeof(*s));
	const char *code;
	struct err e = { 0 };
	struct json *user;
	int rc;

	if (read_person(c, &user, &e) != 0 || (code = register_text(c,
	    "invitationCode", &e)) == NULL) {
		answer_error(c, &e);
		return;
	}
	if (call_open(c) != 0)
		return;
	s->hash = code_hash(c->a, c->f->conf.map->code_key, code);
	s->number = text_or_none(c, "accountNumber");
	s->billing = text_or_none(c, "billing");
	rc = check_code(c, s, NULL, &e);
	if (rc == 0)
		rc = check_billing(s, &e);
	c->body = user;
	c->work = s;
	if (rc == 0)
		accept(c, s);
	else
		refuse(c, s, &e);
}
