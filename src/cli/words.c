/* SPDX-License-Identifier: ISC */
#include "cli/words.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/print.h"

#define PATCH_OP "urn:ietf:params:scim:api:messages:2.0:PatchOp"
#define ENTERPRISE_EXTENSION \
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define X(name) USER_EXTENSION ":" name

/* The member of the extension that holds rights of this kind as a list of
 * keys; NULL: another form. */
static const char *list_of(enum right_kind kind)
{
	switch (kind) {
	case RIGHT_COMPANY: return "companies";
	case RIGHT_ACCOUNT: return "accounts";
	case RIGHT_ALL_ACCOUNTS: return "allAccountsOf";
	case RIGHT_GROUP: return "groupIdentifiers";
	default: return NULL;
	}
}

static void add(struct arena *a, struct stored_list *l,
    const struct right *r)
{
	stored_add(a, l, &(struct stored){ *r, stored_attr(r->kind),
	    stored_value(a, r) });
}

int words_read(struct arena *a, char *const *argv, int argc,
    struct stored_list *out, struct err *e)
{
	struct stored_list l = { 0 };
	struct right r;
	size_t i;
	int k;

	for (k = 0; k < argc; k++) {
		if (right_parse(a, argv[k], &r, e) != 0)
			return command_usage(e, "%s", err_text(e));
		add(a, &l, &r);
	}
	stored_sort(&l);
	for (i = 0; i < l.n; i++)
		if (i == 0 || !right_eq(&l.v[i].right, &l.v[i - 1].right))
			stored_add(a, out, &l.v[i]);
	return 0;
}

/* --- from a user's JSON -------------------------------------------------- */

static void entry_keys(struct arena *a, struct entry *out,
    const struct json *list, const char *attr, const char *member)
{
	const struct json *x;

	for (x = list ? list->child : NULL; x != NULL; x = x->next) {
		const char *s = member ? json_member_str(x, member) : x->s;

		if (s != NULL)
			entry_add(a, out, attr, s);
	}
}

static void entry_tools(struct arena *a, struct entry *out,
    const struct json *tools)
{
	const struct json *x, *acc;

	entry_keys(a, out, tools, stored_attr(RIGHT_TOOL), "value");
	for (x = tools ? tools->child : NULL; x != NULL; x = x->next) {
		acc = json_member(x, "accounts");
		for (acc = acc ? acc->child : NULL; acc; acc = acc->next)
			entry_add(a, out, stored_attr(RIGHT_TOOL_ACCOUNT),
			    stored_value(a, &(struct right){
			    RIGHT_TOOL_ACCOUNT, json_member_str(x, "value"),
			    acc->s }));
	}
}

void words_entry(struct arena *a, const struct json *user, struct entry *out)
{
	const struct json *x = json_member(user, USER_EXTENSION);
	const char *department = json_member_str(json_member(user,
	    ENTERPRISE_EXTENSION), "department");
	const char *portal = json_member_str(x, "portalAccess");
	enum right_kind k;

	*out = (struct entry){ .dn = "", .csn = "", .creator = "",
	    .modifier = "" };
	entry_keys(a, out, json_member(user, "roles"),
	    stored_attr(RIGHT_ROLE), "value");
	entry_keys(a, out, json_member(user, "groups"), "provostMemberOf",
	    "value");
	for (k = RIGHT_COMPANY; k <= RIGHT_GROUP; k++)
		entry_keys(a, out, json_member(x, list_of(k)), stored_attr(k),
		    NULL);
	entry_tools(a, out, json_member(x, "tools"));
	if (portal != NULL)
		entry_add(a, out, stored_attr(RIGHT_PORTAL), portal);
	if (json_member_bool(x, "cpniAuthorized", false))
		entry_add(a, out, stored_attr(RIGHT_CPNI), "TRUE");
	if (department != NULL)
		entry_add(a, out, "departmentNumber", department);
}

/* --- to JSON ------------------------------------------------------------- */

static struct json *list_in(struct arena *a, struct json *obj,
    const char *name)
{
	struct json *l = json_member(obj, name);

	return l != NULL ? l : json_put(a, obj, name, json_new(a,
	    JSON_IS_ARRAY));
}

static struct json *valued(struct arena *a, const char *value)
{
	struct json *j = json_new(a, JSON_IS_OBJECT);

	print_put(a, j, "value", value);
	return j;
}

static struct json *tool_in(struct arena *a, struct json *ext,
    const char *tool)
{
	struct json *tools = list_in(a, ext, "tools"), *x;

	for (x = tools->child; x != NULL; x = x->next)
		if (str_ieq(json_member_str(x, "value"), tool))
			return x;
	return json_push(tools, valued(a, tool));
}

static void user_right(struct arena *a, struct json *user, struct json *ext,
    const struct right *r)
{
	switch (r->kind) {
	case RIGHT_ROLE:
		json_push(list_in(a, user, "roles"), valued(a, r->key));
		break;
	case RIGHT_TOOL:
		tool_in(a, ext, r->key);
		break;
	case RIGHT_TOOL_ACCOUNT:
		json_push(list_in(a, tool_in(a, ext, r->key), "accounts"),
		    json_new_str(a, r->account));
		break;
	case RIGHT_PORTAL:
		print_put(a, ext, "portalAccess", "invited");
		break;
	case RIGHT_CPNI:
		json_put(a, ext, "cpniAuthorized", json_new_bool(a, true));
		break;
	default:
		json_push(list_in(a, ext, list_of(r->kind)),
		    json_new_str(a, r->key));
	}
}

void words_user(struct arena *a, struct json *user,
    const struct stored_list *rights)
{
	struct json *ext;
	size_t i;

	if (rights->n == 0)
		return;
	ext = json_put(a, user, USER_EXTENSION, json_new(a, JSON_IS_OBJECT));
	for (i = 0; i < rights->n; i++)
		user_right(a, user, ext, &rights->v[i].right);
	if (ext->n == 0)
		json_remove(user, ext);
}

/* --- operations ---------------------------------------------------------- */

struct json *words_object(struct arena *a, const char *urn)
{
	struct json *j = json_new(a, JSON_IS_OBJECT);

	json_push(list_in(a, j, "schemas"), json_new_str(a, urn));
	return j;
}

struct json *words_patch(struct arena *a, struct json **ops)
{
	struct json *body = words_object(a, PATCH_OP);

	*ops = json_put(a, body, "Operations", json_new(a, JSON_IS_ARRAY));
	return body;
}

void words_operation(struct arena *a, struct json *ops, const char *op,
    const char *path, struct json *value)
{
	struct json *j = json_push(ops, json_new(a, JSON_IS_OBJECT));

	print_put(a, j, "op", op);
	print_put(a, j, "path", path);
	if (value != NULL)
		json_put(a, j, "value", value);
}

static struct json *one(struct arena *a, struct json *value)
{
	struct json *l = json_new(a, JSON_IS_ARRAY);

	json_push(l, value);
	return l;
}

/* path[value eq "key"]rest */
static const char *where(struct arena *a, const char *path, const char *key,
    const char *rest)
{
	struct buf quoted;
	const char *out;

	buf_init(&quoted, 1 << 16);
	json_text(&quoted, key);
	out = arena_printf(a, "%s[value eq %s]%s", path, buf_str(&quoted),
	    rest);
	buf_fini(&quoted);
	return out;
}

static void give_tool(struct arena *a, struct json *ops,
    const struct right *r, const char *from, const char *until)
{
	struct json *v = valued(a, r->key);

	if (r->kind == RIGHT_TOOL_ACCOUNT)
		json_put(a, v, "accounts", one(a, json_new_str(a,
		    r->account)));
	if (r->kind == RIGHT_TOOL) {
		print_put(a, v, "notBefore", from);
		print_put(a, v, "notAfter", until);
	}
	words_operation(a, ops, "add", X("tools"), one(a, v));
}

void words_give(struct arena *a, struct json *ops,
    const struct stored_list *rights, const char *from, const char *until)
{
	size_t i;

	for (i = 0; i < rights->n; i++) {
		const struct right *r = &rights->v[i].right;

		if (r->kind == RIGHT_ROLE)
			words_operation(a, ops, "replace", "roles", one(a,
			    valued(a, r->key)));
		else if (r->kind == RIGHT_TOOL ||
		    r->kind == RIGHT_TOOL_ACCOUNT)
			give_tool(a, ops, r, from, until);
		else if (r->kind == RIGHT_PORTAL)
			words_operation(a, ops, "replace", X("portalAccess"),
			    json_new_str(a, "invited"));
		else if (r->kind == RIGHT_CPNI)
			words_operation(a, ops, "replace",
			    X("cpniAuthorized"), json_new_bool(a, true));
		else
			words_operation(a, ops, "add", arena_printf(a, X("%s"),
			    list_of(r->kind)), one(a, json_new_str(a,
			    r->key)));
	}
}

void words_take(struct arena *a, struct json *ops,
    const struct stored_list *rights)
{
	size_t i;

	for (i = 0; i < rights->n; i++) {
		const struct right *r = &rights->v[i].right;

		if (r->kind == RIGHT_ROLE)
			words_operation(a, ops, "remove", where(a, "roles",
			    r->key, ""), NULL);
		else if (r->kind == RIGHT_TOOL)
			words_operation(a, ops, "remove", where(a, X("tools"),
			    r->key, ""), NULL);
		else if (r->kind == RIGHT_TOOL_ACCOUNT)
			words_operation(a, ops, "remove", where(a, X("tools"),
			    r->key, ".accounts"), one(a, json_new_str(a,
			    r->account)));
		else if (r->kind == RIGHT_PORTAL)
			words_operation(a, ops, "replace", X("portalAccess"),
			    json_new_str(a, "none"));
		else if (r->kind == RIGHT_CPNI)
			words_operation(a, ops, "replace",
			    X("cpniAuthorized"), json_new_bool(a, false));
		else
			words_operation(a, ops, "remove", where(a,
			    arena_printf(a, X("%s"), list_of(r->kind)),
			    r->key, ""), NULL);
	}
}
