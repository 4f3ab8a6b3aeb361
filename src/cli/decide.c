/* SPDX-License-Identifier: ISC */
/* Access requests made and decided, and API clients. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/requests.h"
#include "cli/words.h"

#define REQUEST "urn:ietf:params:scim:schemas:provost:2.0:AccessRequest"
#define CLIENT "urn:ietf:params:scim:schemas:provost:2.0:Client"

/* --as, or who is signed in. */
static int actor(const struct command_line *l, const char **id,
    struct err *e)
{
	if (l->opt[OPT_AS] != NULL)
		return client_user(l->client, l->opt[OPT_AS], id, e);
	if (client_me(l->client, id, NULL) == 0)
		return 0;
	return command_usage(e, "--as USER is needed: nobody is signed in, "
	    "and this is done by a person");
}

/* --- deciding ------------------------------------------------------------ */

struct deciding {
	const char *decision;	/* of the whole */
	struct json *items;	/* decided singly; NULL none */
};

/* What the request asks for, item by item. */
static struct strv items_of(struct arena *a, const struct json *r)
{
	static const char *const names[] = { "accounts", "companies",
	    "groupIdentifiers" };
	struct strv out = { 0 };
	const char *s;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *m = json_member(r, names[i]);

		for (m = m ? m->child : NULL; m != NULL; m = m->next)
			strv_add(a, &out, m->s);
	}
	if ((s = json_member_str(r, "tool")) != NULL)
		strv_add(a, &out, s);
	if ((s = json_member_str(r, "role")) != NULL)
		strv_add(a, &out, s);
	return out;
}

static bool given(const struct command_line *l, const char *item)
{
	int i;

	for (i = 1; i < l->argc; i++)
		if (str_ieq(l->argv[i], item))
			return true;
	return false;
}

/* The items named are decided so, all others the other way: a request is
 * decided once (V26). An approved tool goes with each of its accounts. */
static int by_items(const struct command_line *l, const struct json *r,
    struct deciding *d, struct err *e)
{
	struct arena *a = l->client->arena;
	struct strv all = items_of(a, r);
	const char *tool = json_member_str(r, "tool");
	bool approve = str_eq(d->decision, "approved"), any = false;
	size_t i;
	int k;

	for (k = 1; k < l->argc; k++)
		for (i = 0; !str_ieq(all.v == NULL ? NULL : all.v[i],
		    l->argv[k]); i++)
			if (i + 1 >= all.n)
				return command_usage(e, "the request has no "
				    "item \"%s\"", l->argv[k]);
	d->items = json_new(a, JSON_IS_ARRAY);
	for (i = 0; i < all.n; i++) {
		bool yes = given(l, all.v[i]) == approve ||
		    (approve && str_ieq(all.v[i], tool));
		struct json *x = json_push(d->items, json_new(a,
		    JSON_IS_OBJECT));

		print_put(a, x, "value", all.v[i]);
		print_put(a, x, "decision", yes ? "approved" : "denied");
		if (!yes)
			print_put(a, x, "reason", l->opt[OPT_REASON]);
		any |= yes;
	}
	d->decision = any ? "approved" : "denied";
	return 0;
}

static void put_text(struct arena *a, struct json *ops, const char *path,
    const char *value)
{
	if (value != NULL)
		words_operation(a, ops, "add", path, json_new_str(a, value));
}

static void tell(const struct command_line *l, const struct deciding *d,
    const struct json *j)
{
	struct arena *a = l->client->arena;
	const struct json *x;
	const char *by = l->opt[OPT_AS];

	command_done(l, j, "%s: %s%s%s", l->argv[0], d->decision,
	    by ? " by " : "", by ? by : "");
	if (l->json || l->client->dry_run || d->items == NULL)
		return;
	for (x = d->items->child; x != NULL; x = x->next)
		printf("  %s: %s\n", print_cell(a, x, "value"),
		    print_cell(a, x, "decision"));
}

static int decide(const struct command_line *l, const char *decision,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct deciding d = { .decision = decision };
	struct json *ops, *body = words_patch(a, &ops), *r, *j;
	const char *id;
	int rc;

	if ((rc = actor(l, &id, e)) != 0 || (rc = request_find(l->client,
	    l->argv[0], &r, e)) != 0)
		return rc;
	if (l->argc > 1 && (rc = by_items(l, r, &d, e)) != 0)
		return rc;
	put_text(a, ops, "decision", d.decision);
	put_text(a, ops, "decidedBy", id);
	put_text(a, ops, "reason", l->opt[OPT_REASON]);
	if (d.items != NULL)
		words_operation(a, ops, "add", "items", d.items);
	rc = client_change(l->client, "PATCH", arena_printf(a, REQUESTS "/%s",
	    json_member_str(r, "id")), body, &j, e);
	if (rc == 0)
		tell(l, &d, j);
	return rc;
}

int command_approve(const struct command_line *l, struct err *e)
{
	return decide(l, "approved", e);
}

int command_deny(const struct command_line *l, struct err *e)
{
	return decide(l, "denied", e);
}

int command_withdraw(const struct command_line *l, struct err *e)
{
	return decide(l, "withdrawn", e);
}

/* --- asking -------------------------------------------------------------- */

/* The kind that rights of one request have; NULL: not together. A tool goes
 * with its accounts. */
static const char *kind_of(const struct stored_list *rights)
{
	static const char *const kind[] = { [RIGHT_ROLE] = "role",
	    [RIGHT_COMPANY] = "company", [RIGHT_ACCOUNT] = "accounts",
	    [RIGHT_GROUP] = "groupIdentifier", [RIGHT_TOOL] = "tool",
	    [RIGHT_TOOL_ACCOUNT] = "tool", [RIGHT_PORTAL] = "portal",
	    [RIGHT_MAIL] = NULL };
	const char *found = rights->n == 0 ? "accounts" : NULL;
	size_t i;

	for (i = 0; i < rights->n; i++) {
		const struct right *r = &rights->v[i].right, *first =
		    &rights->v[0].right;
		bool tool = r->kind == RIGHT_TOOL ||
		    r->kind == RIGHT_TOOL_ACCOUNT;

		if (kind[r->kind] == NULL || (i > 0 && !str_eq(kind[r->kind],
		    found)) || (tool && !str_ieq(r->key, first->key)))
			return NULL;
		found = kind[r->kind];
	}
	return found;
}

static void push(struct arena *a, struct json *body, const char *name,
    const char *value)
{
	struct json *list = json_member(body, name);

	if (list == NULL)
		list = json_put(a, body, name, json_new(a, JSON_IS_ARRAY));
	json_push(list, json_new_str(a, value));
}

static void put_rights(struct arena *a, struct json *body,
    const struct stored_list *rights)
{
	size_t i;

	for (i = 0; i < rights->n; i++) {
		const struct right *r = &rights->v[i].right;

		if (r->kind == RIGHT_ROLE)
			print_put(a, body, "role", r->key);
		else if (r->kind == RIGHT_COMPANY)
			push(a, body, "companies", r->key);
		else if (r->kind == RIGHT_ACCOUNT)
			push(a, body, "accounts", r->key);
		else if (r->kind == RIGHT_GROUP)
			push(a, body, "groupIdentifiers", r->key);
		else if (r->kind != RIGHT_PORTAL)
			print_put(a, body, "tool", r->key);
		if (r->kind == RIGHT_TOOL_ACCOUNT)
			push(a, body, "accounts", r->account);
	}
}

/* V24: the same for every account. */
static void put_billing(struct arena *a, struct json *body,
    const char *billing)
{
	const struct json *x = json_member(body, "accounts");
	struct json *items, *item;

	if (billing == NULL || x == NULL)
		return;
	items = json_put(a, body, "items", json_new(a, JSON_IS_ARRAY));
	for (x = x->child; x != NULL; x = x->next) {
		item = json_push(items, json_new(a, JSON_IS_OBJECT));
		print_put(a, item, "value", x->s);
		print_put(a, item, "billing", billing);
	}
}

static void put_codes(struct arena *a, struct json *body, const char *codes)
{
	char *save, *w, *text = arena_strdup(a, codes ? codes : "");

	for (w = strtok_r(text, ", ", &save); w != NULL;
	    w = strtok_r(NULL, ", ", &save))
		push(a, body, "invitationCodes", w);
}

static int ask(const struct command_line *l, const struct stored_list *rights,
    struct json *body, struct err *e)
{
	struct arena *a = l->client->arena;
	const char *kind = kind_of(rights), *by, *whom = NULL;
	int rc;

	if (kind == NULL)
		return command_usage(e, "one request asks for one kind of "
		    "right: accounts, a tool with its accounts, a role, "
		    "companies, group identifiers or the portal");
	if (rights->n == 0 && l->opt[OPT_CODE] == NULL)
		return command_usage(e, "what is asked for? Name rights, or "
		    "--code");
	if ((rc = actor(l, &by, e)) != 0 || (l->opt[OPT_FOR] != NULL &&
	    (rc = client_user(l->client, l->opt[OPT_FOR], &whom, e)) != 0))
		return rc;
	print_put(a, body, "requester", by);
	print_put(a, body, "beneficiary", whom);
	print_put(a, body, "kind", kind);
	put_rights(a, body, rights);
	put_codes(a, body, l->opt[OPT_CODE]);
	put_billing(a, body, l->opt[OPT_BILLING]);
	print_put(a, body, "delivery", l->opt[OPT_DELIVERY]);
	print_put(a, body, "phone", l->opt[OPT_PHONE]);
	print_put(a, body, "justification", l->opt[OPT_REASON]);
	return 0;
}

int command_request_new(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = words_object(a, REQUEST), *j;
	struct stored_list rights = { 0 };
	int rc;

	if ((rc = words_read(a, l->argv, l->argc, &rights, e)) != 0 ||
	    (rc = ask(l, &rights, body, e)) != 0)
		return rc;
	rc = client_change(l->client, "POST", REQUESTS, body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: %s", json_member_str(j, "requestId"),
		    json_member_str(j, "state"));
	return rc;
}

/* --- clients ------------------------------------------------------------- */

int command_token(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = words_object(a, CLIENT), *scopes, *j;
	char *words = arena_strdup(a, l->opt[OPT_SCOPES] ?
	    l->opt[OPT_SCOPES] : "read write");
	char *save, *w;
	int rc;

	print_put(a, body, "name", l->argv[0]);
	print_put(a, body, "owner", l->argv[0]);
	scopes = json_put(a, body, "scopes", json_new(a, JSON_IS_ARRAY));
	for (w = strtok_r(words, " ,", &save); w != NULL;
	    w = strtok_r(NULL, " ,", &save))
		json_push(scopes, json_new_str(a, w));
	print_put(a, body, "expires", l->opt[OPT_EXPIRES]);
	rc = client_change(l->client, "POST", "/scim/v2/Clients", body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s", json_member_str(j, "token"));
	return rc;
}
