/* SPDX-License-Identifier: ISC */
#include "directory/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

char *child_find(struct arena *a, const char *name)
{
	const char *path = getenv("PATH");
	char *list = arena_printf(a, "%s:/usr/local/sbin:/usr/sbin:/sbin:"
		"/usr/local/libexec:/usr/libexec", path ? path : "");
	char *save = NULL, *dir, *p;

	for (dir = strtok_r(list, ":", &save); dir != NULL;
	    dir = strtok_r(NULL, ":", &save)) {
		p = arena_printf(a, "%s/%s", dir, name);
		if (*dir == '/' && access(p, X_OK) == 0)
			return p;
	}
	return NULL;
}

/* Only what is safe between fork and exec of a program with threads. */
static void become(const struct child_how *how, pid_t parent)
{
	sigset_t none;
	int null;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	if (how->die_with_us) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(126);
	}
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0 || dup2(how->out_fd, 1) < 0 ||
	    dup2(how->out_fd, 2) < 0)
		_exit(126);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (how->keep_fd >= 0)
		fcntl(how->keep_fd, F_SETFD, 0);
	execv(how->argv[0], (char *const *)(uintptr_t)how->argv);
	_exit(127);
}

int child_start(const struct child_how *how, pid_t *pid, struct err *e)
{
	pid_t parent = getpid();
	sigset_t all, before;

	/* No handler of ours may run in the child before it is cleaned. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (*pid == 0)
		become(how, parent);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (*pid < 0)
		return err_set(e, ERR_IO, "cannot start %s: %s", how->argv[0],
			strerror(errno));
	return 0;
}

static void read_all(int fd, struct buf *out)
{
	char chunk[4096];
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return;
	}
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int child_run(const char *const *argv, struct buf *out, struct err *e)
{
	struct child_how how = { .argv = argv, .keep_fd = -1 };
	size_t from = out->len, tail;
	int fd[2], rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_set(e, ERR_IO, "cannot make a pipe: %s",
			strerror(errno));
	how.out_fd = fd[1];
	rc = child_start(&how, &pid, e);
	close(fd[1]);
	if (rc == 0)
		read_all(fd[0], out);
	close(fd[0]);
	if (rc != 0)
		return rc;
	rc = wait_for(pid);
	if (rc == 0)
		return 0;
	tail = out->len - from > 300 ? out->len - 300 : from;
	return err_set(e, ERR_IO, "%s failed (%d): %s", argv[0], rc,
		buf_str(out) + tail);
}
