/* SPDX-License-Identifier: ISC */
/* People made, changed and removed. */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/words.h"

#define USERS "/scim/v2/Users"
#define USER_SCHEMA "urn:ietf:params:scim:schemas:core:2.0:User"

/* --- who it is ----------------------------------------------------------- */

static void put_typed(struct arena *a, struct json *user, const char *name,
    const char *value)
{
	struct json *list, *x;

	if (value == NULL)
		return;
	list = json_put(a, user, name, json_new(a, JSON_IS_ARRAY));
	x = json_push(list, json_new(a, JSON_IS_OBJECT));
	print_put(a, x, "value", value);
	print_put(a, x, "type", "work");
}

/* What the options say of a new person. */
static struct json *new_user(const struct command_line *l)
{
	struct arena *a = l->client->arena;
	struct json *user = words_object(a, USER_SCHEMA), *name;
	const char *given = l->opt[OPT_GIVEN], *family = l->opt[OPT_FAMILY];

	print_put(a, user, "userName", l->opt[OPT_LOGIN]);
	if (given != NULL || family != NULL) {
		name = json_put(a, user, "name", json_new(a, JSON_IS_OBJECT));
		print_put(a, name, "givenName", given);
		print_put(a, name, "familyName", family);
		print_put(a, user, "displayName", arena_printf(a, "%s%s%s",
		    given ? given : "", given && family ? " " : "",
		    family ? family : ""));
	}
	put_typed(a, user, "emails", l->opt[OPT_EMAIL]);
	put_typed(a, user, "phoneNumbers", l->opt[OPT_PHONE]);
	return user;
}

static const char *made(struct arena *a, const struct json *j)
{
	const char *s = print_cell(a, j, "userName|+temporaryLogin|id");

	return s != NULL ? s : "the user";
}

/* The rights with --company's among them. */
static int rights_of(const struct command_line *l, struct stored_list *out,
    struct err *e)
{
	struct arena *a = l->client->arena;
	const char *company = l->opt[OPT_COMPANY];
	char **argv = arena_array(a, (size_t)l->argc + 1, sizeof(*argv));
	int n = l->argc, i;

	for (i = 0; i < n; i++)
		argv[i] = l->argv[i];
	if (company != NULL)
		argv[n++] = arena_printf(a, "company:%s", company);
	return words_read(a, argv, n, out, e);
}

/* V7, V8: without a user name the person is invited. */
int command_users_add(const struct command_line *l, struct err *e)
{
	bool named = l->opt[OPT_LOGIN] != NULL;
	struct stored_list rights = { 0 };
	struct json *user, *j;
	int rc = rights_of(l, &rights, e);

	if (rc != 0)
		return rc;
	if (!named && l->opt[OPT_EMAIL] == NULL)
		return command_usage(e, "--email says where the invitation "
		    "goes; --login names a user who needs none");
	user = new_user(l);
	words_user(l->client->arena, user, &rights);
	rc = client_change(l->client, "POST", named ? USERS : "/v1/users",
	    user, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: %s", made(l->client->arena, j),
		    named ? "made" : "made and invited");
	return rc;
}

static int at_user(const struct command_line *l, const char *method,
    const char *what, const struct json *body, struct json **j, struct err *e)
{
	const char *id;
	int rc = client_user(l->client, l->argv[0], &id, e);

	if (rc == 0)
		rc = client_change(l->client, method, arena_printf(
		    l->client->arena, "/v1/users/%s/%s", id, what), body, j,
		    e);
	return rc;
}

/* V9: what could not be given is told. */
int command_users_clone(const struct command_line *l, struct err *e)
{
	struct json *j;
	int rc = at_user(l, "POST", "clone", new_user(l), &j, e);

	if (rc != 0)
		return rc;
	command_done(l, j, "%s: made as a clone of %s", made(l->client->arena,
	    j), l->argv[0]);
	if (!l->json && json_member(j, "leftOut") != NULL)
		print_any(l->client->arena, json_member(j, "leftOut"));
	return 0;
}

int command_users_invite(const struct command_line *l, struct err *e)
{
	struct json *j;
	int rc = at_user(l, "POST", "invite", json_new(l->client->arena,
	    JSON_IS_OBJECT), &j, e);

	if (rc == 0)
		command_done(l, j, "%s: invited", l->argv[0]);
	return rc;
}

int command_users_reset(const struct command_line *l, struct err *e)
{
	struct json *j;
	int rc = at_user(l, "POST", "reset-password", json_new(
	    l->client->arena, JSON_IS_OBJECT), &j, e);

	if (rc == 0)
		command_done(l, j, "%s: a temporary password is mailed",
		    l->argv[0]);
	return rc;
}

/* --- there or not -------------------------------------------------------- */

static int set_active(const struct command_line *l, const char *name,
    void *arg, struct err *e)
{
	const bool *active = arg;
	struct arena *a = l->client->arena;
	struct json *ops, *body = words_patch(a, &ops), *j;
	const char *id;
	int rc = client_user(l->client, name, &id, e);

	words_operation(a, ops, "replace", "active", json_new_bool(a,
	    *active));
	if (rc == 0)
		rc = client_change(l->client, "PATCH", arena_printf(a,
		    USERS "/%s", id), body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: %s", name, *active ? "active" :
		    "suspended");
	return rc;
}

static int delete_one(const struct command_line *l, const char *name,
    void *arg, struct err *e)
{
	struct json *j;
	const char *id;
	int rc = client_user(l->client, name, &id, e);

	(void)arg;
	if (rc == 0)
		rc = client_change(l->client, "DELETE", arena_printf(
		    l->client->arena, USERS "/%s", id), NULL, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: deleted", name);
	return rc;
}

int command_users_suspend(const struct command_line *l, struct err *e)
{
	return command_each(l, set_active, &(bool){ false }, e);
}

int command_users_reactivate(const struct command_line *l, struct err *e)
{
	return command_each(l, set_active, &(bool){ true }, e);
}

/* V10 */
int command_users_delete(const struct command_line *l, struct err *e)
{
	int rc = command_confirm(l, arena_printf(l->client->arena,
	    "deleting %s", strcmp(l->argv[0], "-") == 0 ? "these users" :
	    l->argv[0]), e);

	return rc != 0 ? rc : command_each(l, delete_one, NULL, e);
}

/* --- the portal (A1, A2) ------------------------------------------------- */

int command_portal_grant(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	int rc;

	print_put(a, body, "email", l->argv[1]);
	rc = at_user(l, "POST", "portal", body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: invited to the portal", l->argv[0]);
	return rc;
}

/* A2: it is shown, confirmed, and then exactly that is done. */
int command_portal_revoke(const struct command_line *l, struct err *e)
{
	struct client *c = l->client;
	struct json *plan, *j;
	const char *id;
	int rc = client_user(c, l->argv[0], &id, e);

	if (rc == 0 && c->dry_run)
		return at_user(l, "DELETE", "portal", NULL, &j, e);
	if (rc == 0)
		rc = plan_call(c, "DELETE", arena_printf(c->arena,
		    "/v1/users/%s/portal", id), NULL, &plan, e);
	if (rc != 0)
		return rc;
	if (l->opt[OPT_YES] == NULL)
		plan_print(c->arena, plan);
	rc = command_confirm(l, arena_printf(c->arena, "ending the portal "
	    "access of %s", l->argv[0]), e);
	if (rc == 0)
		rc = plan_apply(c, plan, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: has no access to the portal",
		    l->argv[0]);
	return rc;
}
