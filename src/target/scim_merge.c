/* SPDX-License-Identifier: ISC */
#include "target/scim_merge.h"

#include "base/arena.h"
#include "base/str.h"

#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"
#define PROVOST "urn:ietf:params:scim:schemas:extension:provost:2.0:User"

static void put(struct arena *a, struct json *o, const char *name,
    const char *value)
{
	if (value != NULL && *value != '\0')
		json_put(a, o, name, json_new_str(a, value));
}

/* The member of that name and kind, made anew if it is not such a thing. */
static struct json *member(struct arena *a, struct json *o, const char *name,
    enum json_kind kind)
{
	struct json *m = json_member(o, name);

	if (m == NULL || m->kind != kind)
		m = json_put(a, o, name, json_new(a, kind));
	return m;
}

static void drop(struct json *o, const char *name)
{
	struct json *m = json_member(o, name);

	if (m != NULL)
		json_remove(o, m);
}

static void need_schema(struct arena *a, struct json *user, const char *urn)
{
	struct json *schemas = member(a, user, "schemas", JSON_IS_ARRAY), *s;

	for (s = schemas->child; s != NULL; s = s->next)
		if (s->kind == JSON_IS_STRING && str_ieq(s->s, urn))
			return;
	json_push(schemas, json_new_str(a, urn));
}

/* What was read without what a client must not send back: meta, and what is
 * only a projection of something else and could contradict it. */
static struct json *base_user(struct arena *a, enum scim_form form,
    const struct json *remote)
{
	struct json *user;

	if (remote == NULL)
		return json_new(a, JSON_IS_OBJECT);
	user = json_dup(a, remote);
	user->name = NULL;
	user->next = NULL;
	drop(user, "meta");
	drop(user, "groups");
	if (form == FORM_PROVOST)
		drop(user, "entitlements");
	return user;
}

static void put_mail(struct arena *a, struct json *user, const char *mail)
{
	struct json *list, *m;

	if (mail == NULL || *mail == '\0')
		return;
	list = member(a, user, "emails", JSON_IS_ARRAY);
	if (list->n == 1 &&
	    str_ieq(json_member_str(list->child, "value"), mail))
		return;
	list = json_put(a, user, "emails", json_new(a, JSON_IS_ARRAY));
	m = json_push(list, json_new(a, JSON_IS_OBJECT));
	put(a, m, "value", mail);
	put(a, m, "type", "work");
	json_put(a, m, "primary", json_new_bool(a, true));
}

static void put_person(struct arena *a, struct json *user,
    const struct target_person *p)
{
	struct json *name;

	need_schema(a, user, CORE);
	put(a, user, "externalId", p->id);
	if (!p->exists)
		return;
	put(a, user, "userName", p->uid);
	put(a, user, "displayName", p->display);
	if ((p->given != NULL && *p->given != '\0') ||
	    (p->family != NULL && *p->family != '\0')) {
		name = member(a, user, "name", JSON_IS_OBJECT);
		put(a, name, "givenName", p->given);
		put(a, name, "familyName", p->family);
	}
	put_mail(a, user, p->mail);
	json_put(a, user, "active", json_new_bool(a, true));
}

static bool is_type(const struct json *e, const char *type)
{
	const char *t = json_member_str(e, "type");

	return t != NULL && str_ieq(t, type);
}

/* How many tools other than tool the list names. */
static size_t other_tools(const struct json *list, const char *tool)
{
	const struct json *e;
	size_t n = 0;

	for (e = list->child; e != NULL; e = e->next)
		if (is_type(e, "tool") &&
		    !str_ieq(json_member_str(e, "value"), tool))
			n++;
	return n;
}

static bool of_tool(const struct json *e, const char *tool, bool alone)
{
	const char *display = json_member_str(e, "display");

	if (is_type(e, "tool"))
		return str_ieq(json_member_str(e, "value"), tool);
	if (!is_type(e, "account"))
		return false;
	return display != NULL ? str_ieq(display, tool) : alone;
}

static void push_entitlement(struct arena *a, struct json *list,
    const char *value, const char *type, const char *display)
{
	struct json *e = json_push(list, json_new(a, JSON_IS_OBJECT));

	put(a, e, "value", value);
	put(a, e, "type", type);
	put(a, e, "display", display);
}

static void push_grant(struct arena *a, struct json *list,
    const struct action *act)
{
	size_t i;

	push_entitlement(a, list, act->tool, "tool", NULL);
	for (i = 0; i < act->accounts.n; i++)
		push_entitlement(a, list, act->accounts.v[i], "account",
		    act->tool);
}

/* What is replaced keeps its place, so that nothing moves without need. */
static bool merge_entitlements(struct arena *a, struct json *user,
    const struct action *act)
{
	struct json *old = member(a, user, "entitlements", JSON_IS_ARRAY);
	struct json *list = json_new(a, JSON_IS_ARRAY), *e;
	size_t others = other_tools(old, act->tool);
	bool owed = act->kind == ACTION_PUT;

	for (e = old->child; e != NULL; e = e->next) {
		if (!of_tool(e, act->tool, others == 0)) {
			json_push(list, json_dup(a, e));
		} else if (owed) {
			push_grant(a, list, act);
			owed = false;
		}
	}
	if (owed)
		push_grant(a, list, act);
	json_put(a, user, "entitlements", list);
	return act->kind == ACTION_REMOVE && others == 0;
}

static void push_tool(struct arena *a, struct json *list,
    const struct action *act)
{
	struct json *t = json_push(list, json_new(a, JSON_IS_OBJECT)), *acc;
	size_t i;

	put(a, t, "value", act->tool);
	acc = json_put(a, t, "accounts", json_new(a, JSON_IS_ARRAY));
	for (i = 0; i < act->accounts.n; i++)
		json_push(acc, json_new_str(a, act->accounts.v[i]));
}

static bool merge_tools(struct arena *a, struct json *user,
    const struct action *act)
{
	struct json *ext = member(a, user, PROVOST, JSON_IS_OBJECT);
	struct json *old = member(a, ext, "tools", JSON_IS_ARRAY);
	struct json *list = json_new(a, JSON_IS_ARRAY), *t;
	bool owed = act->kind == ACTION_PUT;

	need_schema(a, user, PROVOST);
	for (t = old->child; t != NULL; t = t->next) {
		if (!str_ieq(json_member_str(t, "value"), act->tool)) {
			json_push(list, json_dup(a, t));
		} else if (owed) {
			push_tool(a, list, act);
			owed = false;
		}
	}
	if (owed)
		push_tool(a, list, act);
	json_put(a, ext, "tools", list);
	return list->n == 0;
}

struct json *scim_merge(struct arena *a, enum scim_form form,
    const struct target_person *p, const struct action *act,
    const struct json *remote, bool *empty)
{
	struct json *user = base_user(a, form, remote);

	put_person(a, user, p);
	*empty = form == FORM_PROVOST ? merge_tools(a, user, act) :
	    merge_entitlements(a, user, act);
	return user;
}

/* --- is there anything to write? ------------------------------------------- */

/* What a user holds of one tool, however a service orders and decorates it. */
struct held {
	bool tool;
	struct strv accounts;
};

static void hold(struct arena *a, struct held *h, const char *account)
{
	if (account != NULL)
		strv_add(a, &h->accounts, account);
}

static struct held held_entitlements(struct arena *a, const struct json *user,
    const char *tool)
{
	const struct json *list = json_member(user, "entitlements"), *e;
	struct held h = { 0 };
	bool alone = list != NULL && other_tools(list, tool) == 0;

	for (e = list != NULL ? list->child : NULL; e != NULL; e = e->next) {
		if (!of_tool(e, tool, alone))
			continue;
		if (is_type(e, "tool"))
			h.tool = true;
		else
			hold(a, &h, json_member_str(e, "value"));
	}
	return h;
}

static struct held held_tools(struct arena *a, const struct json *user,
    const char *tool)
{
	const struct json *list = json_member(json_member(user, PROVOST),
	    "tools"), *t, *acc;
	struct held h = { 0 };

	for (t = list != NULL ? list->child : NULL; t != NULL; t = t->next) {
		if (!str_ieq(json_member_str(t, "value"), tool))
			continue;
		h.tool = true;
		acc = json_member(t, "accounts");
		for (acc = acc != NULL ? acc->child : NULL; acc != NULL;
		    acc = acc->next)
			hold(a, &h, acc->s);
	}
	return h;
}

static struct held held_of(struct arena *a, enum scim_form form,
    const struct json *user, const char *tool)
{
	return form == FORM_PROVOST ? held_tools(a, user, tool) :
	    held_entitlements(a, user, tool);
}

bool scim_merge_held(struct arena *a, enum scim_form form,
    const struct json *user, const char *tool, struct strv *accounts)
{
	struct held h = held_of(a, form, user, tool);

	*accounts = h.accounts;
	return h.tool;
}

static bool holds_the_same(struct arena *a, enum scim_form form,
    const struct json *x, const struct json *y, const char *tool)
{
	struct held h = held_of(a, form, x, tool);
	struct held k = held_of(a, form, y, tool);
	size_t i;

	strv_sort(&h.accounts);
	strv_sort(&k.accounts);
	if (h.tool != k.tool || h.accounts.n != k.accounts.n)
		return false;
	for (i = 0; i < h.accounts.n; i++)
		if (!str_eq(h.accounts.v[i], k.accounts.v[i]))
			return false;
	return true;
}

static struct json *without_lists(struct arena *a, enum scim_form form,
    const struct json *user)
{
	struct json *u = base_user(a, form, user);

	drop(u, "entitlements");
	if (form == FORM_PROVOST)
		drop(u, PROVOST);
	return u;
}

bool scim_merge_same(struct arena *a, enum scim_form form,
    const struct json *remote, const struct json *want, const char *tool)
{
	return holds_the_same(a, form, remote, want, tool) &&
	    json_same(without_lists(a, form, remote),
	    without_lists(a, form, want));
}
