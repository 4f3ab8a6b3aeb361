/* SPDX-License-Identifier: ISC */
#include "directory/seed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "directory/child.h"
#include "model/dn.h"

#define SOCKET_MAX 100		/* slapd dies on a path beyond about 105 */
#define FILE_MAX ((size_t)64 << 20)
#define LOCK_WAIT (10 * CLOCK_SECOND)

struct place {
	const char *name, *value;
};

/* --- files ----------------------------------------------------------- */

static int file_read(const char *path, struct buf *out, struct err *e)
{
	char chunk[16384];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"cannot read %s: %s", path, strerror(errno));
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_put(out, chunk, (size_t)n);
	close(fd);
	if (n < 0 || out->failed)
		return err_set(e, ERR_IO, "cannot read %s: %s", path,
			n < 0 ? strerror(errno) : "too large");
	return 0;
}

static bool write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/* Whole or not at all. */
static int file_write(struct arena *a, const char *path, const char *p,
	size_t n, struct err *e)
{
	const char *tmp = arena_printf(a, "%s.new", path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot write %s: %s", tmp,
			strerror(errno));
	ok = write_all(fd, p, n) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || rename(tmp, path) != 0)
		return err_set(e, ERR_IO, "cannot write %s: %s", path,
			strerror(errno));
	return 0;
}

static int make_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_set(e, ERR_IO, "cannot make %s: %s", path,
			strerror(errno));
	return 0;
}

/* --- checks, lock ---------------------------------------------------- */

/* What goes between quotes of slapd.conf must not end them. */
static int check_plain(const char *what, const char *s, struct err *e)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p != '\0'; p++)
		if (*p < ' ' || *p == '"' || *p == '\\')
			return err_set(e, ERR_INVALID, "%s %s: no quotes, "
				"backslashes or control characters here",
				what, s);
	return 0;
}

/* Ours (it has our lock) or empty; anything else is somebody's, and must keep
 * its mode and its files. */
static int check_ours(struct arena *a, const char *dir, struct err *e)
{
	struct dirent *d;
	struct stat sb;
	bool other = false;
	DIR *list;

	if (stat(arena_printf(a, "%s/lock", dir), &sb) == 0 &&
	    S_ISREG(sb.st_mode))
		return 0;
	if ((list = opendir(dir)) == NULL)
		return err_set(e, ERR_IO, "%s: %s", dir, strerror(errno));
	while (!other && (d = readdir(list)) != NULL)
		other = strcmp(d->d_name, ".") != 0 &&
			strcmp(d->d_name, "..") != 0;
	closedir(list);
	if (other)
		return err_set(e, ERR_INVALID, "%s holds other files: take a "
			"new or an empty directory", dir);
	return 0;
}

static int place_dir(struct arena *a, const char *dir, struct seed *s,
	struct err *e)
{
	char *real;
	const char *sock;
	int rc = make_dir(dir, e);

	if (rc == 0)
		rc = check_ours(a, dir, e);
	if (rc != 0)
		return rc;
	real = realpath(dir, NULL);
	if (real == NULL || chmod(real, 0700) != 0) {
		rc = err_set(e, ERR_IO, "%s: %s", dir, strerror(errno));
		free(real);
		return rc;
	}
	s->dir = arena_strdup(a, real);
	free(real);
	sock = arena_printf(a, "%s/ldapi", s->dir);
	if (strlen(sock) > SOCKET_MAX)
		return err_set(e, ERR_INVALID, "%s: the path of a socket can't "
			"be longer than %d bytes: take a shorter directory",
			sock, SOCKET_MAX);
	s->uri = arena_printf(a, "ldapi://%s", str_url(a, sock));
	s->conf = arena_printf(a, "%s/slapd.conf", s->dir);
	return check_plain("directory", s->dir, e);
}

static pid_t lock_owner(int fd)
{
	char text[24] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* The slapd of a daemon that was killed holds the lock until it has ended;
 * that is worth waiting for. A living daemon is not. */
static int lock_wait(int fd, const char *dir, struct err *e)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	int64_t end = clock_mono() + LOCK_WAIT;
	pid_t owner;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, ERR_IO, "cannot lock %s: %s", dir,
				strerror(errno));
		owner = lock_owner(fd);
		if ((owner > 0 && kill(owner, 0) == 0) || clock_mono() > end)
			return err_set(e, ERR_BUSY, "%s is in use by another "
				"daemon (process %ld): end it, or take another "
				"directory", dir, (long)owner);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int lock_dir(struct arena *a, struct seed *s, struct err *e)
{
	const char *path = arena_printf(a, "%s/lock", s->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot open %s: %s", path,
			strerror(errno));
	rc = lock_wait(fd, s->dir, e);
	if (rc == 0 && (ftruncate(fd, 0) != 0 ||
	    dprintf(fd, "%ld\n", (long)getpid()) < 0))
		rc = err_set(e, ERR_IO, "cannot write %s: %s", path,
			strerror(errno));
	if (rc != 0)
		close(fd);
	else
		s->lock = fd;
	return rc;
}

static int find_programs(struct arena *a, struct seed *s, struct err *e)
{
	s->slapd = child_find(a, "slapd");
	s->slapadd = child_find(a, "slapadd");
	s->slappasswd = child_find(a, "slappasswd");
	if (s->slapd == NULL || s->slapadd == NULL || s->slappasswd == NULL)
		return err_set(e, ERR_NOT_FOUND, "slapd, slapadd or slappasswd "
			"is not there: install OpenLDAP's server (Debian: "
			"slapd)");
	return 0;
}

/* --- password -------------------------------------------------------- */

static const char *password_path(struct arena *a, const struct seed *s)
{
	return arena_printf(a, "%s/daemon.password", s->dir);
}

static int password_make(struct arena *a, struct seed *s, struct err *e)
{
	char word[53];
	struct buf b;
	int rc;

	buf_init(&b, 4096);
	rc = file_read(password_path(a, s), &b, NULL);
	if (rc == 0 && b.len >= 16) {
		s->password = arena_strndup(a, b.data, strcspn(b.data, "\r\n"));
	} else if (rc == 0 || rc == ERR_NOT_FOUND) {
		hash_random_id(word, sizeof(word) - 1);
		s->password = arena_strdup(a, word);
		rc = file_write(a, password_path(a, s), word, strlen(word), e);
	} else {
		err_set(e, rc, "cannot read %s", password_path(a, s));
	}
	buf_fini(&b);
	return rc;
}

/* SHA-1 is slapd's own; it is good enough for 260 random bits. */
static int password_hash(struct arena *a, const struct seed *s,
	const char **out, struct err *e)
{
	const char *const argv[] = { s->slappasswd, "-n", "-h", "{SSHA}", "-T",
		password_path(a, s), NULL };
	const char *hash;
	struct buf b;
	int rc;

	buf_init(&b, 4096);
	rc = child_run(argv, &b, e);
	hash = strstr(buf_str(&b), "{SSHA}");
	if (rc == 0 && hash == NULL)
		rc = err_set(e, ERR_IO, "slappasswd gave no hash: %s",
			buf_str(&b));
	else if (rc == 0)
		*out = arena_strndup(a, hash, strcspn(hash, "\r\n"));
	buf_fini(&b);
	return rc;
}

/* --- templates ------------------------------------------------------- */

static const char *first_dir(const char *const *dirs, const char *file,
	struct arena *a)
{
	for (; *dirs != NULL; dirs++)
		if (access(arena_printf(a, "%s/%s", *dirs, file), R_OK) == 0)
			return *dirs;
	return NULL;
}

static void fill(struct buf *out, const char *text, const struct place *p)
{
	const struct place *q;
	const char *at;
	size_t n;

	while ((at = strchr(text, '@')) != NULL) {
		buf_put(out, text, (size_t)(at - text));
		for (q = p; q->name != NULL; q++) {
			n = strlen(q->name);
			if (strncmp(at + 1, q->name, n) == 0 &&
			    at[1 + n] == '@')
				break;
		}
		if (q->name != NULL) {
			buf_puts(out, q->value);
			text = at + n + 2;
		} else {
			buf_putc(out, '@');
			text = at + 1;
		}
	}
	buf_puts(out, text);
}

/* Appends data_dir/file with its placeholders filled. */
static int fill_file(struct arena *a, const char *data_dir, const char *file,
	const struct place *p, struct buf *out, struct err *e)
{
	struct buf in;
	int rc;

	buf_init(&in, FILE_MAX);
	rc = file_read(arena_printf(a, "%s/%s", data_dir, file), &in, e);
	if (rc == 0)
		fill(out, buf_str(&in), p);
	buf_puts(out, "\n");
	buf_fini(&in);
	return rc;
}

static int write_conf(struct arena *a, const struct standalone_conf *c,
	const struct seed *s, struct err *e)
{
	static const char *const schemas[] = { "/etc/ldap/schema",
		"/etc/openldap/schema", "/usr/local/etc/openldap/schema", NULL };
	static const char *const modules[] = { "/usr/lib/ldap",
		"/usr/lib64/openldap", "/usr/lib/openldap",
		"/usr/local/libexec/openldap", NULL };
	const char *schema = first_dir(schemas, "core.schema", a);
	const char *module = first_dir(modules, "back_mdb.la", a);
	const struct place p[] = {
		{ "SUFFIX", c->suffix }, { "DATADIR", s->dir },
		{ "RUNDIR", s->dir }, { "SCHEMADIR", schema },
		{ "PROVOSTSCHEMA", arena_printf(a, "%s/schema/provost.schema",
			c->data_dir) },
		{ "MODULEPATH", module },
		{ "UID", arena_printf(a, "%lu", (unsigned long)getuid()) },
		{ "MAXSIZE", "17179869184" },
		{ "DBEXTRA", c->durable ? "" : "dbnosync" },
		{ NULL, NULL },
	};
	struct buf out;
	int rc;

	if (schema == NULL || module == NULL)
		return err_set(e, ERR_NOT_FOUND, "OpenLDAP's %s not found: "
			"install its server (Debian: slapd)",
			schema == NULL ? "core.schema was" : "modules were");
	buf_init(&out, FILE_MAX);
	rc = fill_file(a, c->data_dir, "conf/slapd/slapd.conf.in", p, &out, e);
	if (rc == 0)
		rc = file_write(a, s->conf, buf_str(&out), out.len, e);
	buf_fini(&out);
	return rc;
}

/* --- first load ------------------------------------------------------ */

static int write_ldif(struct arena *a, const struct standalone_conf *c,
	const struct seed *s, const char *path, struct err *e)
{
	const char *dc = dn_rdn_value(a, c->suffix, NULL), *hash = NULL;
	struct place p[] = { { "SUFFIX", c->suffix }, { "DC", dc },
		{ "DAEMON_PASSWORD", NULL }, { NULL, NULL } };
	struct buf out;
	int rc = password_hash(a, s, &hash, e);

	if (rc != 0)
		return rc;
	p[2].value = hash;
	buf_init(&out, FILE_MAX);
	rc = fill_file(a, c->data_dir, "conf/slapd/base.ldif.in", p, &out, e);
	if (rc == 0)
		rc = fill_file(a, c->data_dir, "conf/slapd/roles.ldif.in", p,
			&out, e);
	if (rc == 0 && c->sample)
		rc = fill_file(a, c->data_dir, "conf/sample/sample.ldif.in", p,
			&out, e);
	if (rc == 0)
		rc = file_write(a, path, buf_str(&out), out.len, e);
	buf_fini(&out);
	return rc;
}

static int clear_database(struct arena *a, const char *dir, struct err *e)
{
	int rc = make_dir(dir, e);

	if (rc == 0) {
		unlink(arena_printf(a, "%s/data.mdb", dir));
		unlink(arena_printf(a, "%s/lock.mdb", dir));
	}
	return rc;
}

static int load(struct arena *a, const struct standalone_conf *c,
	const struct seed *s, struct err *e)
{
	const char *ldif = arena_printf(a, "%s/initial.ldif", s->dir);
	const char *done = arena_printf(a, "%s/loaded", s->dir);
	const char *const argv[] = { s->slapadd, "-q", "-w", "-b", c->suffix,
		"-f", s->conf, "-l", ldif, NULL };
	struct buf out;
	int rc;

	if (access(done, F_OK) == 0)
		return 0;
	rc = clear_database(a, arena_printf(a, "%s/data", s->dir), e);
	if (rc == 0)
		rc = clear_database(a, arena_printf(a, "%s/accesslog", s->dir),
			e);
	if (rc == 0)
		rc = write_ldif(a, c, s, ldif, e);
	if (rc != 0)
		return rc;
	buf_init(&out, 65536);
	rc = child_run(argv, &out, e);
	buf_fini(&out);
	if (rc == 0)
		rc = file_write(a, done, "", 0, e);
	else
		err_wrap(e, "loading the first data into %s", s->dir);
	unlink(ldif);
	return rc;
}

static int check_conf(struct arena *a, const struct standalone_conf *c,
	struct err *e)
{
	char *attr = NULL;
	int rc = check_plain("suffix", c->suffix, e);

	if (rc == 0)
		rc = check_plain("data directory", c->data_dir, e);
	if (rc == 0)
		rc = check_plain("ldap URI", c->ldap_uri, e);
	if (rc != 0)
		return rc;
	if (dn_rdn_value(a, c->suffix, &attr) == NULL || attr == NULL ||
	    !str_ieq(attr, "dc"))
		return err_set(e, ERR_INVALID, "suffix %s: must begin with "
			"dc=, such as dc=example,dc=com", c->suffix);
	if (*c->ldap_uri != '\0' && (!str_istarts(c->ldap_uri, "ldap://") ||
	    strchr(c->ldap_uri, ' ') != NULL))
		return err_set(e, ERR_INVALID, "%s: the extra listener is one "
			"ldap:// URI, such as ldap://127.0.0.1:3890",
			c->ldap_uri);
	return 0;
}

int seed_prepare(struct arena *a, const struct standalone_conf *c,
	struct seed *out, struct err *e)
{
	int rc;

	*out = (struct seed){ .lock = -1 };
	out->daemon_dn = arena_printf(a, "cn=provostd,%s", c->suffix);
	rc = check_conf(a, c, e);
	if (rc == 0)
		rc = find_programs(a, out, e);
	if (rc == 0)
		rc = place_dir(a, c->dir, out, e);
	if (rc == 0)
		rc = lock_dir(a, out, e);
	if (rc != 0)
		return rc;
	rc = password_make(a, out, e);
	if (rc == 0)
		rc = write_conf(a, c, out, e);
	if (rc == 0)
		rc = load(a, c, out, e);
	if (rc != 0) {
		close(out->lock);
		out->lock = -1;
	}
	return rc;
}
