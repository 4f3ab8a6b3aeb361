/* SPDX-License-Identifier: ISC */
/* ldapc_p: what the files of ldapc share, and the one place where libldap's
 * headers come in. Thread rule and life cycle: ldapc.h. */
#ifndef LINK_LDAPC_P_H
#define LINK_LDAPC_P_H

#include <lber.h>
#include <ldap.h>
#include <sys/time.h>

#include "link/ldapc.h"

struct ldapc {
	LDAP *ld;
	char *uri;		/* owned */
	int64_t op_timeout;
	struct arena *scratch;	/* owned; of the request being sent */
	struct berval post_read;	/* owned; the control's value */
	int bind_code;			/* of the answer to the bind */
	enum ldapc_policy policy;	/* that came with it */
};

/* Request controls of one message; values in an arena. */
#define LDAPC_CONTROLS 6
struct ldapc_controls {
	LDAPControl c[LDAPC_CONTROLS];
	LDAPControl *p[LDAPC_CONTROLS + 1];	/* what libldap wants */
	int n;
};

/* Operational attributes that become fields of struct entry. */
extern const char *const ldapc_entry_attrs[];

struct timeval ldapc_timeval(int64_t us);
/* The state of libldap's handle as an error. */
int ldapc_fail(struct ldapc *l, int rc, const char *what, struct err *e);

/* What a response control of the password policy says. */
enum ldapc_policy ldapc_policy(LDAP *ld, LDAPControl *c);

/* --- ldapc_control.c ---------------------------------------------------- */
/* The value of the post-read request (RFC 4527 3.2), malloc'd by liblber. */
int ldapc_post_read_value(struct berval *out);
void ldapc_control(struct ldapc_controls *cs, const char *oid,
	struct berval value, bool critical);
/* Those of a change and of a search. ERR_INVALID for a value too long. */
int ldapc_controls_change(struct ldapc *l, const struct change *c,
	struct ldapc_controls *cs, struct err *e);
int ldapc_controls_search(struct ldapc *l, const struct ldapc_search *s,
	struct ldapc_controls *cs, struct err *e);
/* The request value of RFC 3062 2, in a. */
int ldapc_passwd_value(struct arena *a, const char *dn, const char *old,
	const char *new_password, struct berval *out, struct err *e);

/* --- ldapc_decode.c ----------------------------------------------------- */
/* Message m into r, memory in a. ERR_CORRUPT when it is malformed. */
int ldapc_decode(struct ldapc *l, struct arena *a, LDAPMessage *m,
	struct ldapc_result *r, struct err *e);

#endif
