/* SPDX-License-Identifier: ISC */
#include "mailbox_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "codec/json.h"

#define SCRIPT PROVOST_SRCDIR "/tests/it/mailbox.py"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A command that is told where by $dir. */
static bool shell(const struct mailbox_run *m, const char *command)
{
	setenv("dir", m->dir, 1);
	return system(command) == 0;
}

#define CERT "openssl req -x509 -newkey rsa:2048 -nodes -days 2 2>/dev/null " \
	"-keyout \"$dir/key.pem\" -out "

bool mailbox_init(struct mailbox_run *m)
{
	*m = (struct mailbox_run){ .dir = "/tmp/provost-mailbox.XXXXXX" };
	if (mkdtemp(m->dir) == NULL)
		die(m->dir);
	return shell(m, CERT "\"$dir/other.pem\" -subj /CN=other") &&
	    shell(m, CERT "\"$dir/cert.pem\" -subj /CN=mailbox -addext "
	    "subjectAltName=IP:127.0.0.1") &&
	    (shell(m, "python3 -c 'import aiosmtpd' 2>/dev/null") || shell(m,
	    "/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null"));
}

void mailbox_fini(struct mailbox_run *m)
{
	mailbox_stop(m);
	if (!shell(m, "rm -rf \"$dir\""))
		die(m->dir);
}

static FILE *open_in(const struct mailbox_run *m, const char *name,
    const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	return fopen(path, mode);
}

static int read_port(const struct mailbox_run *m)
{
	FILE *f = open_in(m, "port", "r");
	int port = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%d", &port) != 1)
		port = 0;
	fclose(f);
	return port;
}

void mailbox_start(struct mailbox_run *m, const char *mode)
{
	char port[16];
	int i;

	mailbox_set(m, "port", NULL);
	snprintf(port, sizeof(port), "%d", m->port);
	if ((m->pid = fork()) == 0) {
		execlp("python3", "python3", SCRIPT, m->dir, mode, port, NULL);
		_exit(127);
	}
	m->port = 0;
	for (i = 0; i < 1000 && (m->port = read_port(m)) == 0; i++) {
		if (waitpid(m->pid, NULL, WNOHANG) != 0)
			die("mailbox.py");
		usleep(20000);
	}
	if (m->port == 0)
		die("mailbox.py does not start");
}

void mailbox_stop(struct mailbox_run *m)
{
	if (m->pid == 0)
		return;
	kill(m->pid, SIGKILL);
	waitpid(m->pid, NULL, 0);
	m->pid = 0;
}

void mailbox_set(const struct mailbox_run *m, const char *name,
    const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	if (text == NULL) {
		unlink(path);
		return;
	}
	if ((f = fopen(path, "w")) == NULL || fputs(text, f) < 0 ||
	    fclose(f) != 0)
		die(path);
}

const struct json *mailbox_mail(const struct mailbox_run *m, struct arena *a,
    int i)
{
	FILE *f = open_in(m, "mails.jsonl", "r");
	struct json *j = NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while (f != NULL && (n = getline(&line, &cap, f)) > 0)
		if (i-- == 0 && json_parse(a, line, (size_t)n, &j, NULL) != 0)
			die("mails.jsonl");
	free(line);
	if (f != NULL)
		fclose(f);
	return j;
}

int mailbox_count(const struct mailbox_run *m)
{
	struct arena *a = arena_new();
	int n = 0;

	while (mailbox_mail(m, a, n) != NULL)
		n++;
	arena_free(a);
	return n;
}
