/* SPDX-License-Identifier: ISC */
/* Access requests and clients: what writes. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/table.h"

#define REQUESTS "/scim/v2/AccessRequests"
#define PATCH_OP "urn:ietf:params:scim:api:messages:2.0:PatchOp"
#define CLIENT "urn:ietf:params:scim:schemas:provost:2.0:Client"

/* What a request asks for, in a few words. */
static const char *what(struct arena *a, const struct json *r)
{
	static const char *const names[] = { "tool", "role", "accounts",
	    "companies", "groupIdentifiers" };
	const char *text = json_member_str(r, "kind");
	size_t i;

	for (i = 0; i < 5; i++) {
		const struct json *m = json_member(r, names[i]), *x;

		if (m != NULL && m->kind == JSON_IS_STRING)
			text = arena_printf(a, "%s %s", text, m->s);
		for (x = m && m->kind == JSON_IS_ARRAY ? m->child : NULL;
		    x != NULL; x = x->next)
			text = arena_printf(a, "%s%s%s", text,
			    x == m->child ? " " : ",", x->s ? x->s : "");
	}
	return text;
}

static const char *user_name(struct client *c, const char *id,
    const char **person_id)
{
	struct json *j;
	const char *name = NULL;

	if (id == NULL || client_call(c, "GET", arena_printf(c->arena,
	    "/scim/v2/Users/%s?attributes=userName,personId", id), NULL, &j,
	    NULL) != 0)
		return id;
	name = json_member_str(j, "userName");
	if (person_id != NULL)
		*person_id = json_member_str(json_member(j, "urn:ietf:params:"
		    "scim:schemas:extension:provost:2.0:User"), "personId");
	return name ? name : id;
}

/* Requests are named by their name in the directory or by id. */
static int find(const struct command_line *l, const char *name,
    struct json **out, struct err *e)
{
	struct arena *a = l->client->arena;
	uint8_t uuid[16];
	struct json *j, *list;
	int rc;

	if (str_uuid(name, uuid))
		return client_call(l->client, "GET", arena_printf(a,
		    REQUESTS "/%s", name), NULL, out, e);
	rc = client_call(l->client, "GET", arena_printf(a, REQUESTS
	    "?filter=%s", str_url(a, arena_printf(a,
	    "requestId eq \"%s\"", name))), NULL, &j, e);
	if (rc != 0)
		return rc;
	list = json_member(j, "Resources");
	if (list == NULL || list->child == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no request \"%s\"; "
		    "provost requests --all lists them", name);
	*out = list->child;
	return 0;
}

static int suffix_of(const struct command_line *l, const char **suffix,
    struct err *e)
{
	struct json *j;
	int rc = client_call(l->client, "GET", "/v1/status", NULL, &j, e);

	if (rc == 0)
		*suffix = json_member_str(j, "suffix");
	return rc;
}

/* One request whole, with the text that decides it by ldapmodify. */
static int print_one(const struct command_line *l, const struct json *r,
    struct err *e)
{
	static const char *const names[] = { "requestId", "state",
	    "justification", "decision", "reason", "decidedAt", "expiresAt",
	    "appliedAt", "statusText" };
	struct arena *a = l->client->arena;
	const char *suffix = NULL, *state = json_member_str(r, "state");
	size_t i;
	int rc = suffix_of(l, &suffix, e);

	if (rc != 0)
		return rc;
	printf("%-14s %s\n", "what", what(a, r));
	printf("%-14s %s\n", "requester", user_name(l->client,
	    json_member_str(r, "requester"), NULL));
	printf("%-14s %s\n", "beneficiary", user_name(l->client,
	    json_member_str(r, "beneficiary"), NULL));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member_str(r, names[i]) != NULL)
			printf("%-14s %s\n", names[i],
			    json_member_str(r, names[i]));
	if (json_member_str(r, "decidedBy") != NULL)
		printf("%-14s %s\n", "decidedBy", user_name(l->client,
		    json_member_str(r, "decidedBy"), NULL));
	if (str_eq(state, "pending"))
		printf("\nTo decide it with ldapmodify, bound as the person "
		    "who decides:\n\n"
		    "dn: provostRequestId=%s,ou=requests,%s\n"
		    "changetype: modify\nadd: provostDecision\n"
		    "provostDecision: approved\n-\nadd: provostDecidedBy\n"
		    "provostDecidedBy: provostPersonId=%s,ou=people,%s\n",
		    json_member_str(r, "requestId"), suffix,
		    l->as ? l->as : "YOUR-ID", suffix);
	return 0;
}

static int list_requests(const struct command_line *l, struct err *e)
{
	static const char *const heads[] = { "REQUEST", "STATE", "FOR",
	    "WHAT", "EXPIRES", "WHY", NULL };
	struct arena *a = l->client->arena;
	struct json *j, *x;
	struct table t;
	int rc = client_call(l->client, "GET", l->all ? REQUESTS "?count=1000" :
	    REQUESTS "?count=1000&filter=state%20eq%20%22pending%22", NULL, &j,
	    e);

	if (rc != 0)
		return rc;
	if (l->json) {
		command_json(j);
		return 0;
	}
	table_init(&t, a, heads);
	j = json_member(j, "Resources");
	for (x = j ? j->child : NULL; x != NULL; x = x->next)
		table_add(&t, (const char *[]){
		    json_member_str(x, "requestId"),
		    json_member_str(x, "state"), user_name(l->client,
		    json_member_str(x, "beneficiary"), NULL), what(a, x),
		    json_member_str(x, "expiresAt"),
		    json_member_str(x, "justification") });
	table_print(&t);
	if (t.n > 1)
		puts("\nprovost requests ID shows one whole and how to decide "
		    "it with ldapmodify.");
	return 0;
}

int command_requests(const struct command_line *l, struct err *e)
{
	struct command_line one = *l;
	const char *id, *person_id = NULL;
	struct json *r;
	int rc;

	if (l->argc == 0)
		return list_requests(l, e);
	if ((rc = find(l, l->argv[0], &r, e)) != 0)
		return rc;
	if (l->json) {
		command_json(r);
		return 0;
	}
	if (l->as != NULL) {
		if ((rc = client_user(l->client, l->as, &id, e)) != 0)
			return rc;
		user_name(l->client, id, &person_id);
		one.as = person_id;
	}
	return print_one(&one, r, e);
}

/* --- deciding ------------------------------------------------------------ */

static void operation(struct arena *a, struct json *ops, const char *path,
    const char *value)
{
	struct json *op = json_push(ops, json_new(a, JSON_IS_OBJECT));

	json_put(a, op, "op", json_new_str(a, "add"));
	json_put(a, op, "path", json_new_str(a, path));
	json_put(a, op, "value", json_new_str(a, value));
}

static int decide(const struct command_line *l, const char *decision,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *ops, *r, *j;
	const char *id;
	int rc;

	if (l->as == NULL)
		return err_set(e, ERR_INVALID, "--as USER is needed: a "
		    "decision has a person who makes it");
	if ((rc = find(l, l->argv[0], &r, e)) != 0 ||
	    (rc = client_user(l->client, l->as, &id, e)) != 0)
		return rc;
	json_push(json_put(a, body, "schemas", json_new(a, JSON_IS_ARRAY)),
	    json_new_str(a, PATCH_OP));
	ops = json_put(a, body, "Operations", json_new(a, JSON_IS_ARRAY));
	operation(a, ops, "decision", decision);
	operation(a, ops, "decidedBy", id);
	if (l->reason != NULL)
		operation(a, ops, "reason", l->reason);
	rc = client_call(l->client, "PATCH", arena_printf(a, REQUESTS "/%s",
	    json_member_str(r, "id")), body, &j, e);
	if (rc == 0 && l->json)
		command_json(j);
	else if (rc == 0)
		printf("%s: %s by %s\n", l->argv[0], decision, l->as);
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

/* --- clients -------------------------------------------------------------- */

int command_token(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *scopes, *j;
	char *words = arena_strdup(a, l->scopes ? l->scopes : "read write");
	char *save, *w;
	int rc;

	json_push(json_put(a, body, "schemas", json_new(a, JSON_IS_ARRAY)),
	    json_new_str(a, CLIENT));
	json_put(a, body, "name", json_new_str(a, l->argv[0]));
	json_put(a, body, "owner", json_new_str(a, l->argv[0]));
	scopes = json_put(a, body, "scopes", json_new(a, JSON_IS_ARRAY));
	for (w = strtok_r(words, " ,", &save); w != NULL;
	    w = strtok_r(NULL, " ,", &save))
		json_push(scopes, json_new_str(a, w));
	if (l->expires != NULL)
		json_put(a, body, "expires", json_new_str(a, l->expires));
	rc = client_call(l->client, "POST", "/scim/v2/Clients", body, &j, e);
	if (rc == 0 && l->json)
		command_json(j);
	else if (rc == 0)
		printf("%s\n", json_member_str(j, "token"));
	return rc;
}
