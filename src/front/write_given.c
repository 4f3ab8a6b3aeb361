/* SPDX-License-Identifier: ISC */
/* What a SCIM write may do to a person: who asks must be able to give and take
 * all that changes (V2-V6), what hung on a company goes with it in the same
 * modify (V14), and what nobody gives or takes singly stays (V15, V18). */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "codec/scim_filter.h"
#include "core/authorise.h"
#include "core/cascade.h"
#include "core/given.h"
#include "front/acting.h"
#include "front/write.h"

static const struct world *world_of(const struct write *w)
{
	return world_lookups(call_world(w->c));
}

/* --- V18 ------------------------------------------------------------------- */

/* A client mirrors a tool's list of accounts as it stands elsewhere; what of
 * it has no company here grants nothing (V13, V19). */
static const struct entry *named(struct write *w)
{
	struct entry *e;

	if (w->c->person != NULL)
		return w->want;
	e = entry_dup(w->c->a, w->want);
	entry_drop(e, stored_attr(RIGHT_TOOL_ACCOUNT));
	return e;
}

static int check_companies(struct write *w, struct err *e)
{
	return given_change(w->c->a, w->old, named(w), world_of(w),
	    clock_now(), e);
}

/* --- V14 ------------------------------------------------------------------- */

static void drop_gone(struct write *w)
{
	struct arena *a = w->c->a;
	struct strv gone = cascade_gone(a, w->old, w->want, world_of(w));
	struct stored_list list;

	if (gone.n == 0)
		return;
	list = cascade_list(a, w->want, &gone, world_of(w));
	cascade_drop(a, w->want, &gone, &list);
}

/* --- V15 ------------------------------------------------------------------- */

struct taking {
	struct write *w;
	struct person p;		/* as they were */
	struct rights rights;
	struct reach reach;
	bool ready;
};

static void ready(struct taking *t)
{
	struct call *c = t->w->c;

	if (t->ready)
		return;
	t->ready = true;
	person_read(c->a, t->w->old, &t->p, NULL);
	rights_compute(c->a, &t->p, world_of(t->w), clock_now(), &t->rights);
	reach_init(c->a, &c->actor, &t->p, world_of(t->w), &t->reach);
}

/* An account that stands on the entry is taken like any value; of one that
 * doesn't, who asks thinks that it does. */
static int take_account(struct taking *t, const char *number, struct err *e)
{
	const struct right r = { RIGHT_ACCOUNT, number, "" };

	ready(t);
	if (!reach_sees(&t->reach, &r) || given_take(&t->rights, &r, e) == 0)
		return 0;
	return err_kind(e, ERR_INVALID, "invalidValue", "%s",
	    arena_strdup(t->w->c->a, e->text));
}

static int take_value(struct taking *t, const struct json *v, struct err *e)
{
	const char *s = v->kind == JSON_IS_STRING ? v->s :
	    v->kind == JSON_IS_OBJECT ? json_member_str(v, "value") : NULL;

	return s == NULL ? 0 : take_account(t, s, e);
}

static int take_values(struct taking *t, const struct json *v, struct err *e)
{
	const struct json *el;
	int rc = 0;

	if (v == NULL || v->kind != JSON_IS_ARRAY)
		return v == NULL ? 0 : take_value(t, v, e);
	for (el = v->child; rc == 0 && el != NULL; el = el->next)
		rc = take_value(t, el, e);
	return rc;
}

/* accounts[value eq "A"], and several joined by or. */
static int take_filtered(struct taking *t, const struct filter *f,
    struct err *e)
{
	int rc;

	if (f->op == FILTER_EQ && f->type == FT_STRING)
		return take_account(t, f->s, e);
	if (f->op != FILTER_OR)
		return 0;
	rc = take_filtered(t, f->left, e);
	return rc != 0 ? rc : take_filtered(t, f->right, e);
}

static int take_op(struct taking *t, const struct json *op, struct err *e)
{
	const struct scim_attr *at, *sub = NULL;
	const char *path = json_member_str(op, "path");
	struct call *c = t->w->c;
	struct scim_path sp;

	if (path == NULL || !str_ieq(json_member_str(op, "op"), "remove") ||
	    scim_path_parse(c->a, path, &sp, NULL) != 0)
		return 0;
	at = scim_attr_find(c->resource, &sp, &sub);
	if (at == NULL || !str_ieq(at->ldap, stored_attr(RIGHT_ACCOUNT)))
		return 0;
	return sp.value != NULL ? take_filtered(t, sp.value, e) :
	    take_values(t, json_member(op, "value"), e);
}

static int check_taken(struct write *w, struct err *e)
{
	const struct json *ops = w->kind == WRITE_PATCH ?
	    json_member(w->c->body, "Operations") : NULL, *op;
	struct taking t = { .w = w };
	int rc = 0;

	for (op = ops != NULL ? ops->child : NULL; rc == 0 && op != NULL;
	    op = op->next)
		rc = take_op(&t, op, e);
	return rc;
}

/* --- all of it --------------------------------------------------------------- */

/* Of a creation: whoever makes a user doesn't know their password. */
static int check_password(struct write *w, struct err *e)
{
	struct person p;
	const struct subject on = { .type = "User", .person = &p };

	if (w->c->person == NULL || (!w->new_password &&
	    entry_get(w->want, "userPassword") == NULL))
		return 0;
	person_read(w->c->a, w->old != NULL ? w->old : w->want, &p, NULL);
	return authorise_actor(&w->c->actor, OP_PASSWORD, &on, world_of(w),
	    e);
}

static int check_delete(struct write *w, struct err *e)
{
	struct person p;
	const struct subject on = { .type = "User", .person = &p };

	person_read(w->c->a, w->old, &p, NULL);
	return authorise_actor(&w->c->actor, OP_DELETE, &on, world_of(w), e);
}

/* V4a names what it is that lies beyond: not to who doesn't see it. */
static int veil(const struct write *w, int rc, struct err *e)
{
	if (rc != ERR_DENIED || w->seen == w->old ||
	    strstr(e->text, "(V4a)") == NULL)
		return rc;
	return err_set(e, ERR_DENIED, "this user has more than who asks "
	    "reaches: only what they share can be changed (V4a)");
}

/* What may not be given at all is said to those only who might give it. */
int write_given(struct write *w, struct err *e)
{
	struct err first = { 0 };
	int rc;

	if (w->kind == WRITE_DELETE)
		return veil(w, check_delete(w, e), e);
	check_companies(w, &first);
	if (w->old != NULL)
		drop_gone(w);
	rc = veil(w, authorise_change(&w->c->actor, w->old, w->want,
	    world_of(w), e), e);
	if (rc == 0)
		rc = check_password(w, e);
	if (rc == 0 && first.code != 0)
		return err_kind(e, first.code, "invalidValue", "%s",
		    first.text);
	return rc != 0 ? rc : check_taken(w, e);
}
