/* SPDX-License-Identifier: ISC */
/*
 * seed: the files of a standalone directory: makes DIR, keeps it for one
 * daemon (lock), makes the daemon's password once, writes slapd.conf and loads
 * base, roles and sample data once. What it makes:
 *
 *	DIR/lock		held by us and by our slapd; our pid
 *	DIR/daemon.password	0600, no newline
 *	DIR/slapd.conf		written at every start
 *	DIR/data DIR/accesslog	databases
 *	DIR/loaded		the first load is complete; without it the
 *				databases are thrown away and loaded again
 */
#ifndef DIRECTORY_SEED_H
#define DIRECTORY_SEED_H

#include "directory/standalone.h"

struct arena;

struct seed {
	const char *dir;	/* absolute */
	int lock;		/* descriptor, to be closed by the caller */
	const char *slapd, *slapadd, *slappasswd;	/* paths */
	const char *conf;	/* DIR/slapd.conf */
	const char *uri;	/* ldapi://%2F... */
	const char *daemon_dn, *password;
};

/* Everything in a. On failure nothing stays open. */
int seed_prepare(struct arena *a, const struct standalone_conf *c,
	struct seed *out, struct err *e);

#endif
