/* SPDX-License-Identifier: ISC */
/*
 * standalone: a private slapd as a supervised child (provostd --standalone
 * DIR). Makes DIR (0700), writes slapd.conf from conf/slapd/slapd.conf.in with
 * its placeholders filled, loads base, roles and (once) sample data with
 * slapadd before the first start, starts slapd on DIR/ldapi (and an ldap://
 * URI if wanted), waits until it answers, restarts it with back-off when it
 * dies, ends it by pid. Never touches another slapd.
 */
#ifndef DIRECTORY_STANDALONE_H
#define DIRECTORY_STANDALONE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct standalone;

struct standalone_conf {
	const char *dir;
	const char *suffix;		/* "dc=example,dc=com" */
	const char *ldap_uri;		/* extra listener, "" none */
	const char *data_dir;		/* where schema/ and conf/ are installed */
	bool sample;
	bool durable;			/* false: dbnosync (benchmark) */
};

int standalone_start(const struct standalone_conf *c, struct standalone **out,
	struct err *e);
void standalone_stop(struct standalone *s);
const char *standalone_uri(const struct standalone *s);	/* ldapi://... */
const char *standalone_daemon_dn(const struct standalone *s);
const char *standalone_password(const struct standalone *s);
pid_t standalone_pid(const struct standalone *s);

#endif
