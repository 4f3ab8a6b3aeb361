/* SPDX-License-Identifier: ISC */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "cli/commands.h"
#include "cli/print.h"

/* NULL: neither directory is known. */
static const char *session_file(struct arena *a)
{
	const char *run = getenv("XDG_RUNTIME_DIR"), *home = getenv("HOME");

	if (run != NULL && *run == '/')
		return arena_printf(a, "%s/provost-session", run);
	if (home != NULL && *home == '/')
		return arena_printf(a, "%s/.config/provost/session", home);
	return NULL;
}

static bool read_line(FILE *f, char *line, size_t n)
{
	if (fgets(line, (int)n, f) == NULL)
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

bool session_token(struct arena *a, const char *url, const char **token)
{
	const char *path = session_file(a);
	char line[4096], of[1024];
	FILE *f = path == NULL ? NULL : fopen(path, "re");
	bool found;

	if (f == NULL)
		return false;
	found = read_line(f, line, sizeof(line)) &&
	    read_line(f, of, sizeof(of)) && str_eq(of, url);
	fclose(f);
	if (found)
		*token = arena_strdup(a, line);
	return found;
}

/* The directories above path, those that are missing for the owner alone. */
static void make_dirs(struct arena *a, const char *path)
{
	char *p = arena_strdup(a, path), *s;

	for (s = strchr(p + 1, '/'); s != NULL; s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdir(p, 0700) != 0 && errno != EEXIST)
			return;
		*s = '/';
	}
}

/* Written beside and renamed, so that no other mode ever shows it. */
static int keep(struct arena *a, const char *url, const char *token,
    struct err *e)
{
	const char *path = session_file(a), *tmp, *text;
	int fd, rc = 0;

	if (path == NULL)
		return err_set(e, ERR_INVALID, "neither XDG_RUNTIME_DIR nor "
		    "HOME says where the session is to be kept");
	tmp = arena_printf(a, "%s.%ld", path, (long)getpid());
	text = arena_printf(a, "%s\n%s\n", token, url);
	make_dirs(a, path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_IO, "cannot write %s: %m", tmp);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    fsync(fd) != 0 || rename(tmp, path) != 0) {
		rc = err_set(e, ERR_IO, "cannot write %s: %m", path);
		unlink(tmp);
	}
	close(fd);
	return rc;
}

int command_login(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	const char *password, *token;
	int rc = command_secret(a, "Password: ", &password, e);

	if (rc != 0)
		return rc;
	print_put(a, body, "userName", l->argv[0]);
	print_put(a, body, "password", password);
	rc = client_call(l->client, "POST", "/v1/session", body, &j, e);
	if (rc != 0)
		return rc;
	token = json_member_str(j, "token");
	if (token == NULL)
		return err_set(e, ERR_IO, "the answer has no token");
	if ((rc = keep(a, l->client->url, token, e)) != 0)
		return rc;
	if (getenv("PROVOST_TOKEN_FILE") != NULL)
		fputs("provost: PROVOST_TOKEN_FILE is set and goes before "
		    "the session\n", stderr);
	command_done(l, j, "%s is signed in", l->argv[0]);
	return 0;
}

/* The file goes whatever the daemon says of the session. */
int command_logout(const struct command_line *l, struct err *e)
{
	struct client *c = l->client;
	const char *path = session_file(c->arena);
	struct json *j;
	int rc;

	if (!session_token(c->arena, c->url, &c->token))
		return err_set(e, ERR_NOT_FOUND, "nobody is signed in at %s",
		    c->url);
	rc = client_call(c, "DELETE", "/v1/session", NULL, &j, e);
	unlink(path);
	if (rc == 0)
		command_done(l, j, "signed out");
	return rc;
}

int command_passwd(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	const char *old, *new, *again;
	int rc;

	if ((rc = command_secret(a, "Old password: ", &old, e)) != 0 ||
	    (rc = command_secret(a, "New password: ", &new, e)) != 0 ||
	    (rc = command_secret(a, "The same again: ", &again, e)) != 0)
		return rc;
	if (strcmp(new, again) != 0)
		return err_set(e, ERR_INVALID, "the new passwords differ; "
		    "nothing was changed");
	print_put(a, body, "oldPassword", old);
	print_put(a, body, "newPassword", new);
	rc = client_call(l->client, "POST", "/v1/password", body, &j, e);
	/* The sessions before it have ended; this is the new one. */
	if (rc == 0 && json_member_str(j, "token") != NULL)
		rc = keep(a, l->client->url, json_member_str(j, "token"), e);
	if (rc == 0)
		command_done(l, j, "the password is changed");
	return rc;
}

/* V8: the invitation that was mailed. */
static void put_invitation(const struct command_line *l, struct json *body,
    const char *secret)
{
	print_put(l->client->arena, body, "login", l->opt[OPT_LOGIN]);
	print_put(l->client->arena, body, "token", secret);
}

/* L5: the code printed on an invoice. */
static void put_self(const struct command_line *l, struct json *body,
    const char *secret)
{
	struct arena *a = l->client->arena;
	struct json *name = json_put(a, body, "name", json_new(a,
	    JSON_IS_OBJECT));

	print_put(a, body, "invitationCode", secret);
	print_put(a, name, "givenName", l->opt[OPT_GIVEN]);
	print_put(a, name, "familyName", l->opt[OPT_FAMILY]);
	print_put(a, body, "email", l->opt[OPT_EMAIL]);
	print_put(a, body, "billing", l->opt[OPT_BILLING]);
}

int command_register(const struct command_line *l, struct err *e)
{
	struct arena *a = l->client->arena;
	struct json *body = json_new(a, JSON_IS_OBJECT), *j;
	bool invited = l->opt[OPT_LOGIN] != NULL;
	const char *secret, *password;
	int rc;

	if (!invited && l->opt[OPT_EMAIL] == NULL)
		return command_usage(e, "--login says which invitation it is, "
		    "--email registers with the code of an invoice");
	if ((rc = command_secret(a, invited ? "Invitation: " : "Code: ",
	    &secret, e)) != 0 || (rc = command_secret(a, "New password: ",
	    &password, e)) != 0)
		return rc;
	if (invited)
		put_invitation(l, body, secret);
	else
		put_self(l, body, secret);
	print_put(a, body, "userName", l->argv[0]);
	print_put(a, body, "password", password);
	rc = client_call(l->client, "POST", "/v1/register", body, &j, e);
	if (rc == 0)
		command_done(l, j, "%s is registered; provost login %s signs "
		    "in", l->argv[0], l->argv[0]);
	return rc;
}
