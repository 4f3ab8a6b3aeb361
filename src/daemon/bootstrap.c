/* SPDX-License-Identifier: ISC */
#include "daemon/bootstrap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "model/dn.h"

#define CLIENT_ID "admin"
#define SECRET_MAX 200

/* The secret in path; NULL when there is none. */
static char *read_line(struct arena *a, const char *path)
{
	char line[SECRET_MAX];
	FILE *f = fopen(path, "re");
	char *ok;

	if (f == NULL)
		return NULL;
	ok = fgets(line, sizeof(line), f);
	fclose(f);
	if (ok == NULL)
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return line[0] == '\0' ? NULL : arena_strdup(a, line);
}

/* Whole or not at all: written beside, then renamed. */
static int write_line(struct arena *a, const char *path, const char *secret,
    struct err *e)
{
	const char *tmp = arena_printf(a, "%s.new", path);
	const char *line = arena_printf(a, "%s\n", secret);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot write %s: %m", tmp);
	ok = write(fd, line, strlen(line)) == (ssize_t)strlen(line) &&
	    fsync(fd) == 0;
	close(fd);
	if (!ok || rename(tmp, path) != 0)
		return err_set(e, ERR_IO, "cannot write %s: %m", path);
	return 0;
}

static struct change *client_entry(struct arena *a, const char *dn,
    const char *hash)
{
	struct change *c = change_new(a, CHANGE_ADD, dn);

	entry_add(a, c->entry, "objectClass", "provostClient");
	entry_add(a, c->entry, "provostClientId", CLIENT_ID);
	entry_add(a, c->entry, "cn", "Administrator of this directory");
	entry_add(a, c->entry, "provostScope", "admin");
	entry_add(a, c->entry, "provostEnabled", "TRUE");
	entry_add(a, c->entry, "provostTokenHash",
	    arena_printf(a, "%s -", hash));
	return c;
}

static int ensure_entry(struct ldapc *l, struct arena *a, const char *suffix,
    const char *token, struct err *e)
{
	const char *dn = dn_make(a, "provostClientId", CLIENT_ID,
	    arena_printf(a, "ou=clients,%s", suffix));
	const char *hash = hash_sha256_hex(a, token);
	struct ldapc_result r;
	struct change *c;
	int rc = ldapc_change(l, a, client_entry(a, dn, hash), &r, e);

	if (rc != ERR_EXISTS)
		return rc;
	/* Not permissive: that would touch the entry at every start. */
	c = change_new(a, CHANGE_MODIFY, dn);
	change_set(a, c, MOD_ADD, "provostTokenHash",
	    arena_printf(a, "%s -", hash));
	rc = ldapc_change(l, a, c, &r, e);
	return rc == ERR_CONFLICT ? 0 : rc;
}

int bootstrap_admin(const char *dir, const struct ldapc_conf *ldap,
    const char *suffix, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/admin.token", dir);
	char fresh[53], *token = read_line(a, path);
	struct ldapc *l = NULL;
	size_t start = 0;
	int rc = ldapc_open(ldap, &start, &l, e);

	if (rc != 0)
		goto out;
	if (token == NULL) {
		hash_random_id(fresh, sizeof(fresh) - 1);
		token = fresh;
		rc = write_line(a, path, token, e);
	}
	if (rc == 0)
		rc = ensure_entry(l, a, suffix, token, e);
	if (rc != 0)
		err_wrap(e, "first client");
out:
	ldapc_close(l);
	arena_free(a);
	return rc;
}

int bootstrap_code_key(const char *dir, struct arena *a, const char **key,
    struct err *e)
{
	const char *path = arena_printf(a, "%s/code.key", dir);
	uint8_t fresh[32];

	if ((*key = read_line(a, path)) != NULL)
		return 0;
	hash_random(fresh, sizeof(fresh));
	*key = str_hex(a, fresh, sizeof(fresh));
	return write_line(a, path, *key, e);
}
