/* SPDX-License-Identifier: ISC */
/* bootstrap: secrets of a standalone directory, in files of mode 0600: the
 * token of its first client in DIR/admin.token, the hash of which stands in the
 * directory; the key of invitation codes in DIR/code.key. */
#ifndef DAEMON_BOOTSTRAP_H
#define DAEMON_BOOTSTRAP_H

#include "base/err.h"
#include "link/ldapc.h"

/* Makes token file and client entry where one of them is missing. Safe to
 * repeat and to be interrupted: an entry without its file is replaced. */
int bootstrap_admin(const char *dir, const struct ldapc_conf *ldap,
	const char *suffix, struct err *e);
/* Makes the file where it is missing; *key lives in a. */
int bootstrap_code_key(const char *dir, struct arena *a, const char **key,
	struct err *e);

#endif
