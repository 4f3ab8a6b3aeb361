/* SPDX-License-Identifier: ISC */
#include "slapd_run.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define PASSWORD "test-daemon-secret"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static const char *find(const char *const *paths, const char *file)
{
	static char found[8][PATH_MAX];
	static int n;
	char path[PATH_MAX];

	for (; *paths != NULL; paths++) {
		snprintf(path, sizeof(path), "%s/%s", *paths, file);
		if (access(path, R_OK) == 0) {
			n = (n + 1) % 8;
			return strcpy(found[n], path);
		}
	}
	return NULL;
}

static const char *program(const char *name)
{
	static const char *const dirs[] = { "/usr/sbin", "/sbin",
		"/usr/lib/openldap", "/usr/local/sbin", "/usr/bin", NULL };

	return find(dirs, name);
}

static const char *dir_of(const char *const *dirs, const char *file)
{
	const char *path = find(dirs, file);

	if (path == NULL)
		die(file);
	*strrchr(path, '/') = '\0';
	return path;
}

static pid_t spawn(const struct slapd_run *s, char *const argv[])
{
	char log[PATH_MAX];
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(log, sizeof(log), "%s/log", s->dir);
		if (freopen(log, "a", stderr) == NULL)
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void run(const struct slapd_run *s, char *const argv[])
{
	int status;

	if (waitpid(spawn(s, argv), &status, 0) == -1)
		die("waitpid");
	if (status != 0) {
		fprintf(stderr, "%s failed, see %s/log\n", argv[0], s->dir);
		exit(1);
	}
}

/* --- placeholders ------------------------------------------------------- */
static const char *placeholder(const struct slapd_run *s, const char *name)
{
	static const char *const schema[] = { "/etc/ldap/schema",
		"/etc/openldap/schema", NULL };
	static const char *const modules[] = { "/usr/lib/ldap",
		"/usr/lib64/openldap", "/usr/lib/openldap", NULL };
	static char uid[16];

	snprintf(uid, sizeof(uid), "%u", (unsigned)getuid());
	if (str_eq(name, "SUFFIX"))
		return SLAPD_SUFFIX;
	if (str_eq(name, "DC"))
		return "example";
	if (str_eq(name, "DATADIR") || str_eq(name, "RUNDIR"))
		return s->dir;
	if (str_eq(name, "SCHEMADIR"))
		return dir_of(schema, "core.schema");
	if (str_eq(name, "PROVOSTSCHEMA"))
		return PROVOST_SRCDIR "/schema/provost.schema";
	if (str_eq(name, "MODULEPATH"))
		return dir_of(modules, "syncprov.so");
	if (str_eq(name, "UID"))
		return uid;
	if (str_eq(name, "MAXSIZE"))
		return "268435456";
	if (str_eq(name, "DBEXTRA"))
		return "dbnosync";
	if (str_eq(name, "SERVERID"))
		return s->server_id;
	if (str_eq(name, "PEER"))
		return s->peer;
	if (str_eq(name, "REPLICATOR_PASSWORD"))
		return PASSWORD;
	return str_eq(name, "DAEMON_PASSWORD") ? PASSWORD : NULL;
}

static void put_filled(const struct slapd_run *s, char *line, FILE *out)
{
	const char *value;
	char *at, *end;

	while ((at = strchr(line, '@')) != NULL &&
	    (end = strchr(at + 1, '@')) != NULL) {
		*at = *end = '\0';
		value = placeholder(s, at + 1);
		fputs(line, out);
		if (value != NULL) {
			fputs(value, out);
			line = end + 1;
		} else {
			fprintf(out, "@%s", at + 1);
			*end = '@';
			line = end;
		}
	}
	fputs(line, out);
}

static bool dropped(const char *line, const char *const *drop)
{
	for (; drop != NULL && *drop != NULL; drop++)
		if (str_starts(line, *drop))
			return true;
	return false;
}

static void fill(const struct slapd_run *s, const char *from, const char *to,
    const char *const *drop)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char *line = NULL;
	size_t cap = 0;

	if (in == NULL || out == NULL)
		die(from);
	while (getline(&line, &cap, in) != -1)
		if (!dropped(line, drop))
			put_filled(s, line, out);
	free(line);
	fclose(in);
	if (fclose(out) != 0)
		die(to);
}

/* --- life --------------------------------------------------------------- */
static void load(const struct slapd_run *s, const char *file)
{
	char from[PATH_MAX], to[PATH_MAX], conf[PATH_MAX];
	char *argv[] = { (char *)program("slapadd"), (char *)"-q",
		(char *)"-f", conf, (char *)"-b", (char *)SLAPD_SUFFIX,
		(char *)"-l", to, NULL };

	snprintf(from, sizeof(from), "%s/conf/slapd/%s", PROVOST_SRCDIR, file);
	snprintf(to, sizeof(to), "%s/load.ldif", s->dir);
	snprintf(conf, sizeof(conf), "%s/slapd.conf", s->dir);
	fill(s, from, to, NULL);
	run(s, argv);
}

static int make_dir(struct slapd_run *s)
{
	char path[PATH_MAX];

	memset(s, 0, sizeof(*s));
	if (program("slapd") == NULL || program("slapadd") == NULL)
		return 77;
	strcpy(s->dir, "/tmp/provost-unit.XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		die(s->dir);
	snprintf(s->uri, sizeof(s->uri), "ldapi://%%2Ftmp%%2F%s%%2Fldapi",
	    s->dir + strlen("/tmp/"));
	s->uris[0] = s->uri;
	snprintf(path, sizeof(path), "%s/data", s->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/accesslog", s->dir);
	mkdir(path, 0700);
	return 0;
}

int slapd_run_new(struct slapd_run *s, const char *const *drop)
{
	char path[PATH_MAX];
	int rc = make_dir(s);

	if (rc != 0)
		return rc;
	snprintf(path, sizeof(path), "%s/slapd.conf", s->dir);
	fill(s, PROVOST_SRCDIR "/conf/slapd/slapd.conf.in", path, drop);
	load(s, "base.ldif.in");
	load(s, "roles.ldif.in");
	return 0;
}

int slapd_run_bare(struct slapd_run *s)
{
	char path[PATH_MAX];
	int rc = make_dir(s);
	FILE *f;

	if (rc != 0)
		return rc;
	snprintf(path, sizeof(path), "%s/slapd.conf", s->dir);
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	fprintf(f, "modulepath %s\nmoduleload back_mdb\n"
	    "include %s/core.schema\ndatabase mdb\nsuffix %s\n"
	    "directory %s/data\n", placeholder(s, "MODULEPATH"),
	    placeholder(s, "SCHEMADIR"), SLAPD_SUFFIX, s->dir);
	if (fclose(f) != 0)
		die(path);
	return 0;
}

/* --- two that mirror each other ------------------------------------------- */

/* Each line of a file that begins so becomes another one. */
static void replace_line(const char *path, const char *begin,
    const char *with)
{
	static char old[1 << 17];
	FILE *f = fopen(path, "r+");
	char *at;
	size_t n;

	if (f == NULL)
		die(path);
	n = fread(old, 1, sizeof(old) - 1, f);
	old[n] = '\0';
	at = strstr(old, begin);
	if (at == NULL || (f = freopen(path, "w", f)) == NULL)
		die(begin);
	fprintf(f, "%.*s%s%s", (int)(at - old), old, with,
	    strchr(at + 1, '\n'));
	if (fclose(f) != 0)
		die(path);
}

static void mirror(struct slapd_run *s, const struct slapd_run *peer,
    const char *id)
{
	char conf[PATH_MAX], path[PATH_MAX], line[PATH_MAX * 2];

	s->peer = peer->uri;
	s->server_id = id;
	snprintf(conf, sizeof(conf), "%s/slapd.conf", s->dir);
	snprintf(path, sizeof(path), "%s/mirror.conf", s->dir);
	fill(s, PROVOST_SRCDIR "/conf/slapd/mirror.conf.in", path, NULL);
	snprintf(line, sizeof(line), "\ndbnosync\ninclude %s", path);
	replace_line(conf, "\ndbnosync", line);
	replace_line(conf, "\nsyncprov-checkpoint",
	    "\nsyncprov-checkpoint 1 1");
}

void slapd_run_mirror(struct slapd_run *one, struct slapd_run *two)
{
	char path[PATH_MAX];

	mirror(one, two, "1");
	mirror(two, one, "2");
	snprintf(path, sizeof(path), "%s/data/data.mdb", two->dir);
	unlink(path);
}

static struct ldapc *open_as_manager(struct slapd_run *s)
{
	struct ldapc_conf c = slapd_run_manager(s);
	struct ldapc *l = NULL;
	size_t start = 0;
	struct err e;

	if (ldapc_open(&c, &start, &l, &e) != 0)
		die(e.text);
	return l;
}

static void wait_entry(struct slapd_run *s, const char *dn)
{
	const struct ldapc_search q = { .base = dn, .scope = SCOPE_BASE,
		.filter = "(objectClass=*)" };
	struct ldapc *l = open_as_manager(s);
	struct arena *a = arena_new();
	struct entry **v;
	struct err e;
	size_t n;
	int try;

	for (try = 0; try < 1500; try++) {
		if (ldapc_search_all(l, a, &q, &v, &n, &e) == 0 && n == 1)
			break;
		usleep(20000);
	}
	if (try == 1500)
		die("the servers do not mirror each other");
	ldapc_close(l);
	arena_free(a);
}

static void add_ou(struct slapd_run *s, const char *name)
{
	struct ldapc *l = open_as_manager(s);
	struct arena *a = arena_new();
	struct change *c = change_new(a, CHANGE_ADD,
	    arena_printf(a, "ou=%s," SLAPD_SUFFIX, name));
	struct ldapc_result r;
	struct err e;

	entry_add(a, c->entry, "objectClass", "organizationalUnit");
	entry_add(a, c->entry, "ou", name);
	if (ldapc_change(l, a, c, &r, &e) != 0)
		die(e.text);
	ldapc_close(l);
	arena_free(a);
}

void slapd_run_mirror_ready(struct slapd_run *one, struct slapd_run *two)
{
	struct ldapc *l = open_as_manager(one);
	struct arena *a = arena_new();
	struct change *c = change_new(a, CHANGE_ADD,
	    "cn=replicator," SLAPD_SUFFIX);
	struct ldapc_result r;
	struct err e;

	entry_add(a, c->entry, "objectClass", "organizationalRole");
	entry_add(a, c->entry, "objectClass", "simpleSecurityObject");
	entry_add(a, c->entry, "cn", "replicator");
	entry_add(a, c->entry, "userPassword", PASSWORD);
	if (ldapc_change(l, a, c, &r, &e) != 0)
		die(e.text);
	ldapc_close(l);
	arena_free(a);
	/* Either sees what is made at the other. */
	wait_entry(two, "cn=replicator," SLAPD_SUFFIX);
	add_ou(two, "mirrored");
	wait_entry(one, "ou=mirrored," SLAPD_SUFFIX);
}

/* --- TLS ---------------------------------------------------------------- */
static unsigned free_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &n) != 0)
		die("socket");
	close(fd);
	return ntohs(sin.sin_port);
}

static void make_cert(const struct slapd_run *s, const char *cert,
    const char *key)
{
	char *argv[] = { (char *)program("openssl"), (char *)"req",
		(char *)"-x509", (char *)"-newkey", (char *)"rsa:2048",
		(char *)"-nodes", (char *)"-keyout", (char *)key,
		(char *)"-out", (char *)cert, (char *)"-days", (char *)"2",
		(char *)"-subj", (char *)"/CN=provost test",
		(char *)"-addext", (char *)"subjectAltName=IP:127.0.0.1",
		NULL };

	run(s, argv);
}

static void prepend(const char *path, const char *text)
{
	FILE *f = fopen(path, "r+");
	static char old[1 << 17];
	size_t n;

	if (f == NULL)
		die(path);
	n = fread(old, 1, sizeof(old), f);
	rewind(f);
	fputs(text, f);
	if (fwrite(old, 1, n, f) != n || fclose(f) != 0)
		die(path);
}

void slapd_run_tcp(struct slapd_run *s)
{
	snprintf(s->plain, sizeof(s->plain), "ldap://127.0.0.1:%u",
	    free_port());
}

int slapd_run_tls(struct slapd_run *s)
{
	char key[PATH_MAX], conf[PATH_MAX], lines[PATH_MAX * 3];

	if (program("openssl") == NULL)
		return 77;
	snprintf(s->cert, sizeof(s->cert), "%s/cert.pem", s->dir);
	snprintf(s->other, sizeof(s->other), "%s/other.pem", s->dir);
	snprintf(key, sizeof(key), "%s/key.pem", s->dir);
	make_cert(s, s->other, key);
	make_cert(s, s->cert, key);
	snprintf(conf, sizeof(conf), "%s/slapd.conf", s->dir);
	snprintf(lines, sizeof(lines), "TLSCertificateFile %s\n"
	    "TLSCertificateKeyFile %s\n", s->cert, key);
	prepend(conf, lines);
	slapd_run_tcp(s);
	snprintf(s->tls, sizeof(s->tls), "ldaps://127.0.0.1:%u", free_port());
	return 0;
}

/* --- running ------------------------------------------------------------ */
void slapd_run_start(struct slapd_run *s)
{
	struct ldapc_conf c = slapd_run_manager(s);
	char conf[PATH_MAX], uris[PATH_MAX];
	char *argv[] = { (char *)program("slapd"), (char *)"-d", (char *)"0",
		(char *)"-h", uris, (char *)"-f", conf, NULL };
	struct ldapc *l = NULL;
	struct err e;
	size_t start = 0;
	int try;

	snprintf(conf, sizeof(conf), "%s/slapd.conf", s->dir);
	snprintf(uris, sizeof(uris), "%s %s %s", s->uri, s->plain, s->tls);
	s->pid = spawn(s, argv);
	for (try = 0; try < 500; try++) {
		if (ldapc_open(&c, &start, &l, &e) == 0) {
			ldapc_close(l);
			return;
		}
		usleep(20000);
	}
	fprintf(stderr, "slapd does not answer (%s), see %s/log\n", e.text,
	    s->dir);
	exit(1);
}

void slapd_run_signal(const struct slapd_run *s, int sig)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, sig);
	/* Its threads may run on for a moment. */
	if (sig == SIGSTOP)
		waitpid(s->pid, NULL, WUNTRACED);
}

void slapd_run_stop(struct slapd_run *s, int sig)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, sig);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

void slapd_run_free(struct slapd_run *s)
{
	char *argv[] = { (char *)"/bin/rm", (char *)"-rf", s->dir, NULL };

	if (s->dir[0] == '\0')
		return;
	slapd_run_stop(s, SIGKILL);
	run(s, argv);
	s->dir[0] = '\0';
}

void slapd_run_rename(const struct slapd_run *s, const char *dn,
    const char *rdn)
{
	char *argv[] = { (char *)program("ldapmodrdn"), (char *)"-r",
		(char *)"-Q", (char *)"-Y", (char *)"EXTERNAL", (char *)"-H",
		(char *)s->uri, (char *)dn, (char *)rdn, NULL };

	run(s, argv);
}

struct ldapc_conf slapd_run_manager(struct slapd_run *s)
{
	struct ldapc_conf c = {
		.uris = { s->uris, 1, 1 },
		.ca_file = "", .cert_file = "", .key_file = "",
		.bind_dn = "", .password = "", .sasl_external = true,
		.connect_timeout = 5 * CLOCK_SECOND,
		.op_timeout = 10 * CLOCK_SECOND,
	};

	return c;
}

struct ldapc_conf slapd_run_daemon(struct slapd_run *s)
{
	struct ldapc_conf c = slapd_run_manager(s);

	c.sasl_external = false;
	c.bind_dn = SLAPD_DAEMON;
	c.password = PASSWORD;
	return c;
}
