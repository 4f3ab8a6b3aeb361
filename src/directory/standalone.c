/* SPDX-License-Identifier: ISC */
#include "directory/standalone.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "directory/child.h"
#include "directory/seed.h"
#include "link/ldapc.h"

#define READY_WAIT (30 * CLOCK_SECOND)
#define STOP_WAIT (15 * CLOCK_SECOND)
#define LOOK 100				/* ms */
#define LONG_RUN (30 * CLOCK_SECOND)	/* an end after that is a new trouble */

struct standalone {
	struct arena *arena;	/* owned; everything below lives in it */
	struct seed seed;
	const char *listen;	/* argument of slapd's -h */
	int log, stop;		/* slapd's stderr; eventfd */
	pthread_t thread;
	_Atomic pid_t pid;	/* 0: just now none */
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool tried;		/* the first start has come to its end */
	int code;		/* ... with this */
	struct err err;
};

/* It may be waited for; it is not taken away. */
static bool ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)
		!= 0 || info.si_pid != 0;
}

/* Waits for slapd's end, for stop (an eventfd, -1: none) or for ms (-1: for
 * ever): has it ended? Without a pidfd it is looked at every LOOK. */
static bool wait_end(const struct standalone *s, int pidfd, int stop, int ms)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
		{ .fd = stop, .events = POLLIN } };
	int step;

	do {
		step = pidfd < 0 && (ms < 0 || ms > LOOK) ? LOOK : ms;
		if (poll(p, 2, step) > 0 && p[1].revents != 0)
			break;
		ms -= ms > 0 ? step : 0;
	} while (!ended(s->pid) && ms != 0);
	return ended(s->pid);
}

static bool watch(const struct standalone *s, int pidfd, int ms)
{
	return wait_end(s, pidfd, s->stop, ms);
}

static bool stopping(const struct standalone *s)
{
	struct pollfd p = { .fd = s->stop, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static int answers(const struct standalone *s, struct err *e)
{
	const char *uri = s->seed.uri;
	struct ldapc_conf c = {
		.uris = { &uri, 1, 1 }, .ca_file = "", .cert_file = "",
		.key_file = "", .bind_dn = s->seed.daemon_dn,
		.password = s->seed.password,
		.connect_timeout = 2 * CLOCK_SECOND,
		.op_timeout = 5 * CLOCK_SECOND,
	};
	struct ldapc *l = NULL;
	size_t start = 0;
	int rc = ldapc_open(&c, &start, &l, e);

	if (rc == 0)
		ldapc_close(l);
	return rc;
}

/* Until slapd answers a bind, or has ended. */
static int wait_ready(const struct standalone *s, int pidfd, struct err *e)
{
	int64_t end = clock_mono() + READY_WAIT;
	int rc, ms = 1;

	for (;;) {
		rc = answers(s, e);
		if (rc == 0 || rc == ERR_DENIED)
			return rc;
		if (watch(s, pidfd, ms))
			return err_set(e, ERR_IO, "slapd ended while starting: "
				"see %s/slapd.log", s->seed.dir);
		if (stopping(s))
			return 0;
		if (clock_mono() > end)
			return err_wrap(e, "slapd does not answer");
		ms = ms < 50 ? ms * 2 : 50;
	}
}

static int launch(struct standalone *s, int *pidfd, struct err *e)
{
	const char *const argv[] = { s->seed.slapd, "-h", s->listen, "-f",
		s->seed.conf, "-d", "0", NULL };
	struct child_how how = { .argv = argv, .out_fd = s->log,
		.keep_fd = s->seed.lock, .die_with_us = true };
	pid_t pid;
	int rc = child_start(&how, &pid, e);

	if (rc != 0)
		return rc;
	/* Under valgrind there is none: wait_end does without. */
	*pidfd = pidfd_open(pid, 0);
	if (*pidfd < 0 && errno != ENOSYS) {
		rc = err_set(e, ERR_IO, "cannot watch slapd: %s",
			strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return rc;
	}
	if (*pidfd >= 0)
		fcntl(*pidfd, F_SETFD, FD_CLOEXEC);
	s->pid = pid;
	return 0;
}

static void reap(struct standalone *s, int pidfd)
{
	pid_t pid = s->pid;

	if (!ended(pid)) {
		kill(pid, SIGTERM);
		if (!wait_end(s, pidfd, -1, (int)(STOP_WAIT / 1000))) {
			log_warn("standalone: slapd does not end: killed");
			kill(pid, SIGKILL);
		}
	}
	s->pid = 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
}

/* The outcome of the first start, for standalone_start. */
static void report(struct standalone *s, int code, const struct err *e)
{
	pthread_mutex_lock(&s->mutex);
	s->tried = true;
	s->code = code;
	s->err = *e;
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->mutex);
}

/* One life of slapd; the first error ends everything. */
static int one_life(struct standalone *s, bool first)
{
	struct err e = { 0 };
	int pidfd, rc;

	rc = launch(s, &pidfd, &e);
	if (rc == 0) {
		rc = wait_ready(s, pidfd, &e);
		if (rc == 0 && !first)
			log_info("standalone: slapd is back");
		if (first)
			report(s, rc, &e);
		if (rc == 0)
			watch(s, pidfd, -1);
		reap(s, pidfd);
	} else if (first) {
		report(s, rc, &e);
	}
	if (rc != 0 && !first)
		log_error("standalone: %s", e.text);
	return rc;
}

static void *supervise(void *arg)
{
	struct standalone *s = arg;
	struct backoff b = { .base = CLOCK_SECOND / 10,
		.max = 30 * CLOCK_SECOND };
	struct pollfd p = { .fd = s->stop, .events = POLLIN };
	bool first = true;
	int64_t begun, wait;

	pthread_setname_np(pthread_self(), "slapd");
	for (;;) {
		begun = clock_mono();
		if (one_life(s, first) != 0 && first)
			return NULL;
		first = false;
		if (stopping(s))
			return NULL;
		if (clock_mono() - begun > LONG_RUN)
			backoff_reset(&b);
		wait = backoff_next(&b);
		log_error("standalone: slapd has ended, see %s/slapd.log; "
			"starting it again in %lld ms", s->seed.dir,
			(long long)(wait / 1000));
		if (poll(&p, 1, (int)(wait / 1000)) > 0)
			return NULL;
	}
}

static void standalone_free(struct standalone *s)
{
	if (s->log >= 0)
		close(s->log);
	if (s->stop >= 0)
		close(s->stop);
	if (s->seed.lock >= 0)
		close(s->seed.lock);
	pthread_mutex_destroy(&s->mutex);
	pthread_cond_destroy(&s->cond);
	arena_free(s->arena);
	free(s);
}

/* Signals are for the daemon's main thread. */
static int start_thread(struct standalone *s, struct err *e)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, supervise, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, ERR_IO, "cannot start a thread: %s",
			strerror(rc));
	return 0;
}

static int wait_first(struct standalone *s, struct err *e)
{
	int rc;

	pthread_mutex_lock(&s->mutex);
	while (!s->tried)
		pthread_cond_wait(&s->cond, &s->mutex);
	rc = s->code;
	if (rc != 0 && e != NULL)
		*e = s->err;
	pthread_mutex_unlock(&s->mutex);
	if (rc != 0)
		pthread_join(s->thread, NULL);
	return rc;
}

int standalone_start(const struct standalone_conf *c, struct standalone **out,
	struct err *e)
{
	struct standalone *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(e, ERR_IO, "out of memory");
	*out = NULL;
	s->arena = arena_new();
	s->log = s->stop = -1;
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->cond, NULL);
	rc = seed_prepare(s->arena, c, &s->seed, e);
	if (rc == 0) {
		s->listen = arena_printf(s->arena, "%s%s%s", s->seed.uri,
			*c->ldap_uri != '\0' ? " " : "", c->ldap_uri);
		s->log = open(arena_printf(s->arena, "%s/slapd.log",
			s->seed.dir), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			0600);
		s->stop = eventfd(0, EFD_CLOEXEC);
		if (s->log < 0 || s->stop < 0)
			rc = err_set(e, ERR_IO, "%s/slapd.log: %s",
				s->seed.dir, strerror(errno));
	}
	if (rc == 0)
		rc = start_thread(s, e);
	if (rc == 0)
		rc = wait_first(s, e);
	if (rc != 0)
		standalone_free(s);
	else
		*out = s;
	return rc;
}

void standalone_stop(struct standalone *s)
{
	if (s == NULL)
		return;
	eventfd_write(s->stop, 1);
	pthread_join(s->thread, NULL);
	standalone_free(s);
}

const char *standalone_uri(const struct standalone *s)
{
	return s->seed.uri;
}

const char *standalone_daemon_dn(const struct standalone *s)
{
	return s->seed.daemon_dn;
}

const char *standalone_password(const struct standalone *s)
{
	return s->seed.password;
}

pid_t standalone_pid(const struct standalone *s)
{
	return s->pid;
}
