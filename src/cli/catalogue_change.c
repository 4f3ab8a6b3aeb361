/* SPDX-License-Identifier: ISC */
/* Accounts and group identifiers, made, moved and given in bulk. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/words.h"

#define GROUPS "/scim/v2/GroupIdentifiers"
#define GROUP_SCHEMA "urn:ietf:params:scim:schemas:provost:2.0:GroupIdentifier"
#define XLSX \
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define FILE_MAX ((size_t)1 << 20)	/* L2 */

/* --- files --------------------------------------------------------------- */

static bool is_file(const char *s)
{
	struct stat st;

	return strchr(s, '/') != NULL || strchr(s, '.') != NULL ||
	    stat(s, &st) == 0;
}

/* A zip file begins so; everything else is text. */
static const char *type_of(const struct buf *b)
{
	return b->len > 3 && memcmp(b->data, "PK\003\004", 4) == 0 ? XLSX :
	    "text/csv";
}

/* What the daemon can weigh itself is asked of it: --dry-run then says what
 * would come of each row. */
static const char *planned(const struct command_line *l, const char *path)
{
	if (!l->client->dry_run)
		return path;
	return arena_printf(l->client->arena, "%s%cmode=plan", path,
	    strchr(path, '?') == NULL ? '?' : '&');
}

static int weigh(const struct command_line *l, const char *method,
    const char *path, const struct json *body, struct json **j, struct err *e)
{
	return client_call(l->client, method, planned(l, path), body, j, e);
}

static int upload(const struct command_line *l, const char *path,
    const char *file, struct json **j, struct err *e)
{
	struct client_text got;
	struct buf body;
	int rc;

	*j = NULL;
	buf_init(&body, FILE_MAX);
	rc = command_file(file, &body, e);
	if (rc == 0)
		rc = client_send(l->client, "POST", planned(l, path),
		    type_of(&body), buf_str(&body), body.len, &got, e);
	if (rc == 0 && got.len != 0)
		rc = json_parse(l->client->arena, got.s, got.len, j, e);
	buf_fini(&body);
	return rc;
}

/* --- outcomes ------------------------------------------------------------ */

/* changed and unchanged are as wanted, refused and failed are not. */
static bool row_failed(const struct json *row)
{
	return json_member_int(row, "status", 200) >= 400;
}

static int print_outcomes(const struct command_line *l, const struct json *j,
    struct err *e)
{
	const struct json *list = json_member(j, "outcomes"), *x;
	size_t failed = 0;

	if (l->json)
		print_json(j);
	else
		print_any(l->client->arena, list);
	for (x = list ? list->child : NULL; x != NULL; x = x->next)
		failed += row_failed(x);
	return failed == 0 ? 0 : err_set(e, ERR_DENIED, "%zu of %zu were "
	    "refused", failed, list->n);
}

static struct json *strings(struct arena *a, char *const *argv, int argc)
{
	struct json *list = json_new(a, JSON_IS_ARRAY);
	int i;

	for (i = 0; i < argc; i++)
		json_push(list, json_new_str(a, argv[i]));
	return list;
}

/* --- accounts (L2, L3, L4) ----------------------------------------------- */

int command_accounts_add(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	const char *company = l->opt[OPT_COMPANY];
	const char *path = arena_printf(a, "/v1/enterprises/%s/accounts",
	    str_url(a, l->argv[0]));
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	int rc;

	if (l->argc == 2 && is_file(l->argv[1])) {
		if (company != NULL)
			path = arena_printf(a, "%s?company=%s", path,
			    str_url(a, company));
		rc = upload(l, path, l->argv[1], &j, e);
	} else {
		json_put(a, body, "accounts", strings(a, l->argv + 1,
		    l->argc - 1));
		print_put(a, body, "company", company);
		rc = weigh(l, "POST", path, body, &j, e);
	}
	return rc != 0 ? rc : print_outcomes(l, j, e);
}

int command_accounts_move(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	int rc = command_confirm(l, arena_printf(a, "moving account %s, which "
	    "ends the rights on it,", l->argv[0]), e);

	print_put(a, body, "enterprise", l->argv[1]);
	print_put(a, body, "company", l->opt[OPT_COMPANY]);
	if (rc == 0)
		rc = client_change(l->client, "POST", arena_printf(a,
		    "/v1/accounts/%s/move", str_url(a, l->argv[0])), body, &j,
		    e);
	if (rc == 0)
		command_done(l, j, "%s: moved to %s", l->argv[0],
		    l->argv[1]);
	return rc;
}

/* --- group identifiers (V16, V17) ---------------------------------------- */

int command_service_groups_add(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = words_object(a, GROUP_SCHEMA), *j;
	int rc;

	print_put(a, body, "groupIdentifierId", l->argv[0]);
	print_put(a, body, "name", l->opt[OPT_NAME] ? l->opt[OPT_NAME] :
	    l->argv[0]);
	print_put(a, body, "kind", l->opt[OPT_KIND]);
	print_put(a, body, "purpose", l->opt[OPT_PURPOSE]);
	print_put(a, body, "company", l->opt[OPT_COMPANY]);
	if (l->argc > 1)
		json_put(a, body, "services", strings(a, l->argv + 1,
		    l->argc - 1));
	rc = client_change(l->client, "POST", GROUPS, body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: made", l->argv[0]);
	return rc;
}

static int group_id(const struct command_line *l, const char **id,
    struct err *e)
{
	struct json *j;
	int rc = client_find(l->client, GROUPS, "groupIdentifierId",
	    l->argv[0], &j, e);

	if (rc == 0)
		*id = json_member_str(j, "id");
	return rc;
}

int command_service_groups_upload(const struct command_line *l,
    struct err *e)
{
	const char *id;
	struct json *j;
	int rc = group_id(l, &id, e);

	if (rc == 0)
		rc = upload(l, arena_printf(l->client->arena,
		    "/v1/groupIdentifiers/%s/services", id), l->argv[1], &j,
		    e);
	return rc != 0 ? rc : print_outcomes(l, j, e);
}

int command_service_groups_delete(const struct command_line *l,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *j;
	const char *id;
	int rc = command_confirm(l, arena_printf(a, "deleting %s",
	    l->argv[0]), e);

	if (rc == 0)
		rc = group_id(l, &id, e);
	if (rc == 0)
		rc = client_change(l->client, "DELETE", arena_printf(a,
		    GROUPS "/%s", id), NULL, &j, e);
	if (rc == 0)
		command_done(l, j, "%s: deleted", l->argv[0]);
	return rc;
}

/* The users named behind the group, or on standard input. */
static int user_names(const struct command_line *l, struct json **out,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct strv names = { 0 };
	size_t i;
	int rc;

	if (!str_eq(l->argv[1], "-")) {
		*out = strings(a, l->argv + 1, l->argc - 1);
		return 0;
	}
	rc = command_people(a, "-", &names, e);
	*out = json_new(a, JSON_IS_ARRAY);
	for (i = 0; i < names.n; i++)
		json_push(*out, json_new_str(a, names.v[i]));
	return rc;
}

static int assign(const struct command_line *l, const char *method,
    struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *users, *j;
	const char *id;
	int rc = group_id(l, &id, e);

	if (rc == 0)
		rc = user_names(l, &users, e);
	if (rc != 0)
		return rc;
	json_put(a, body, "users", users);
	rc = weigh(l, method, arena_printf(a,
	    "/v1/groupIdentifiers/%s/users", id), body, &j, e);
	return rc != 0 ? rc : print_outcomes(l, j, e);
}

int command_assign(const struct command_line *l, struct err *e)
{
	return assign(l, "POST", e);
}

int command_unassign(const struct command_line *l, struct err *e)
{
	return assign(l, "DELETE", e);
}
