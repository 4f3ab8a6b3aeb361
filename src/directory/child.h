/* SPDX-License-Identifier: ISC */
/*
 * child: starting other programs: fork and exec with clean signals, standard
 * input from /dev/null and no descriptor passed on but the ones named. Any
 * thread; a child started with die_with_us ends when the *thread* that
 * started it ends (prctl(2), PR_SET_PDEATHSIG), so start it from one that
 * stays.
 */
#ifndef DIRECTORY_CHILD_H
#define DIRECTORY_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct arena;
struct buf;

struct child_how {
	const char *const *argv;	/* [0] is the path; NULL-terminated */
	int out_fd;			/* standard output and error */
	int keep_fd;			/* left open in the child; -1 none */
	bool die_with_us;		/* SIGTERM when we are gone */
};

/* The program's path by PATH, then the sbin directories; NULL: not there. */
char *child_find(struct arena *a, const char *name);
/* Starts it in a process group of its own. */
int child_start(const struct child_how *how, pid_t *pid, struct err *e);
/* Runs it to its end. What it wrote is appended to out. ERR_IO with the end
 * of that output when it did not exit with 0. */
int child_run(const char *const *argv, struct buf *out, struct err *e);

#endif
