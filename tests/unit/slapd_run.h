/* SPDX-License-Identifier: ISC */
/*
 * slapd_run: a private slapd for a test, on conf/slapd/slapd.conf.in, in a
 * directory of its own below /tmp, reached through a socket there. It starts
 * with the empty tree and the roles, is ended by its pid and dies with the
 * test. One thread. A failure that is not the test's matter ends the process.
 */
#ifndef TESTS_SLAPD_RUN_H
#define TESTS_SLAPD_RUN_H

#include <sys/types.h>

#include "link/ldapc.h"

#define SLAPD_SUFFIX "dc=example,dc=com"
#define SLAPD_DAEMON "cn=provostd," SLAPD_SUFFIX
#define SLAPD_PEOPLE "ou=people," SLAPD_SUFFIX

struct slapd_run {
	pid_t pid;		/* 0: not running */
	char dir[64];
	char uri[160];
	const char *uris[1];
	char plain[64], tls[64];	/* ldap:// and ldaps://; "" none */
	const char *peer, *server_id;	/* of a mirror */
	char cert[96], other[96];	/* its certificate; another one */
};

/* Makes the directory and fills the database; not started yet. drop: lines of
 * slapd.conf that begin so are left out ("syncprov-sessionlog"); NULL none.
 * 77 when there is no slapd here: the test is to be skipped. */
int slapd_run_new(struct slapd_run *s, const char *const *drop);
/* One without our schema, overlays and entries. */
int slapd_run_bare(struct slapd_run *s);
/* Between new and start. tcp: ldap:// on loopback as well. tls: that, ldaps://
 * and a certificate for 127.0.0.1; 77 without an openssl command to make it. */
void slapd_run_tcp(struct slapd_run *s);
int slapd_run_tls(struct slapd_run *s);
/* Between new and start: two that mirror each other. The second has nothing but
 * what it reads from the first. */
void slapd_run_mirror(struct slapd_run *one, struct slapd_run *two);
/* After both were started: lets them in at each other, waits until both have
 * everything. */
void slapd_run_mirror_ready(struct slapd_run *one, struct slapd_run *two);
void slapd_run_free(struct slapd_run *s);

/* Starts it and waits until it answers. */
void slapd_run_start(struct slapd_run *s);
/* Ends it with that signal and waits until it is gone; data stay. */
void slapd_run_stop(struct slapd_run *s, int sig);
void slapd_run_signal(const struct slapd_run *s, int sig);

/* Renames an entry, as the manager (what struct change does not do). */
void slapd_run_rename(const struct slapd_run *s, const char *dn,
	const char *rdn);

/* How the daemon and how the manager (SASL EXTERNAL) connect. */
struct ldapc_conf slapd_run_daemon(struct slapd_run *s);
struct ldapc_conf slapd_run_manager(struct slapd_run *s);

#endif
