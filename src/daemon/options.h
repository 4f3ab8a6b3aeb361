/* SPDX-License-Identifier: ISC */
/* options: provostd's command line (provostd(8)), read into one struct. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
	const char *config;		/* -c, --config; NULL none */
	const char *standalone;		/* DIR; NULL: an existing directory */
	const char *ldap_uri;		/* --ldap, "" none */
	const char *listen;		/* --listen, NULL: the setting's */
	bool test, print, sample, dbnosync;
};

/* 0; or -1 for a wrong use (said on standard error); 1: --help or --version
 * was answered. */
int options_read(int argc, char **argv, struct options *o);

#endif
