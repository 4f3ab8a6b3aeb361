/* SPDX-License-Identifier: ISC */
/*
 * ldapc: the only file that speaks to libldap. A struct ldapc is one
 * connection to one of several URIs, used by one thread: requests are sent
 * without waiting (many outstanding), answers are taken one by one. Bind,
 * StartTLS (never falling back to clear) and time-outs included; reconnecting
 * is the caller's loop with base/backoff. Sources: RFC 4511; controls 4527
 * (post-read), 4528 (assertion), 4370 (proxied authorisation), 4533 (sync).
 *
 * libldap may hold messages that it has read already: poll ldapc_fd only
 * after ldapc_next with time-out 0 returned LDAPC_NONE. ldapc_open makes the
 * process ignore SIGPIPE if it has no handler of its own.
 */
#ifndef LINK_LDAPC_H
#define LINK_LDAPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/change.h"
#include "model/entry.h"

struct arena;
struct ldapc;

struct ldapc_conf {
	struct strv uris;	/* ldap:// ldaps:// ldapi:// tried in order */
	bool starttls;
	const char *ca_file, *cert_file, *key_file;	/* "" none */
	const char *bind_dn;	/* "" with sasl_external, else simple bind */
	const char *password;	/* never logged */
	bool sasl_external;
	int64_t connect_timeout, op_timeout;	/* microseconds */
};

/* A copy that lives as long as a. */
struct ldapc_conf ldapc_conf_dup(struct arena *a, const struct ldapc_conf *c);

/* Connects and binds to the first URI that works, starting at *start (modulo
 * their number), which is set to the one taken. ERR_BUSY when none answers,
 * ERR_DENIED when the bind is refused, ERR_INVALID for a bad URI. */
int ldapc_open(const struct ldapc_conf *c, size_t *start, struct ldapc **out,
	struct err *e);
void ldapc_close(struct ldapc *l);	/* NULL allowed */
int ldapc_fd(const struct ldapc *l);	/* for poll */
const char *ldapc_uri(const struct ldapc *l);
/* Is there room in the socket for a request? Sending without is no error but
 * may block up to the operation's time-out. */
bool ldapc_writable(const struct ldapc *l);

enum ldapc_kind {
	LDAPC_NONE,		/* nothing arrived in time */
	LDAPC_ENTRY,		/* one search entry */
	LDAPC_INTERMEDIATE,	/* sync info message (RFC 4533 2.5) */
	LDAPC_REFERRAL,		/* a search reference; url in text */
	LDAPC_DONE,		/* the operation's result */
};

enum ldapc_sync { SYNC_NONE = -1, SYNC_PRESENT = 0, SYNC_ADD = 1,
	SYNC_MODIFY = 2, SYNC_DELETE = 3 };
enum ldapc_info { INFO_NONE, INFO_NEWCOOKIE, INFO_REFRESH_DELETE,
	INFO_REFRESH_PRESENT, INFO_ID_SET };

/* What a password policy says of a bind or a change of password
 * (draft-behera-ldap-password-policy-10 6.2). */
enum ldapc_policy { POLICY_NONE, POLICY_EXPIRED, POLICY_LOCKED,
	POLICY_MUST_CHANGE, POLICY_NOT_ALLOWED, POLICY_NEEDS_OLD,
	POLICY_QUALITY, POLICY_TOO_SHORT, POLICY_TOO_YOUNG, POLICY_IN_HISTORY };

struct ldapc_result {
	enum ldapc_kind kind;
	int msgid;
	int code;		/* LDAP result code (RFC 4511 A) */
	const char *text;	/* diagnostic message, or referral */
	const char *matched;
	const char *password;	/* DONE of ldapc_send_passwd: made by the
				 * server; NULL none */
	enum ldapc_policy policy;	/* of the same */
	struct entry *entry;	/* ENTRY; or DONE with a post-read answer */
	/* sync: */
	enum ldapc_sync state;	/* of an ENTRY, with uuid below */
	uint8_t uuid[16];
	enum ldapc_info info;
	bool refresh_done, refresh_deletes;
	uint8_t (*set)[16];	/* INFO_ID_SET */
	size_t n_set;
	const void *cookie;	/* NULL none */
	size_t cookie_len;
};

/* Sending: returns 0 and the message id; ERR_BUSY when the connection is no
 * good any more (the request has had no effect), ERR_INVALID when the request
 * can't be put into a message. Post-read of entryUUID, entryCSN,
 * createTimestamp, modifyTimestamp, creatorsName, modifiersName is asked for
 * with every add and modify. */
int ldapc_send_change(struct ldapc *l, const struct change *c, int *msgid,
	struct err *e);
enum ldapc_scope { SCOPE_BASE, SCOPE_ONE, SCOPE_SUB };
struct ldapc_search {
	const char *base;
	enum ldapc_scope scope;
	const char *filter;
	const char *const *attrs;	/* NULL-terminated; NULL: "*" and what
					 * struct entry has fields for */
	int size_limit;			/* 0 none */
	bool sync;			/* add the RFC 4533 control */
	bool persist;			/* refreshAndPersist */
	bool sync_manage;		/* ManageDsaIT as well */
	const void *cookie;
	size_t cookie_len;
	const char *act_as;		/* RFC 4370, NULL none */
};
int ldapc_send_search(struct ldapc *l, const struct ldapc_search *s,
	int *msgid, struct err *e);
int ldapc_abandon(struct ldapc *l, int msgid);
/* Password modify (RFC 3062); new_password NULL: the server makes one. */
int ldapc_send_passwd(struct ldapc *l, const char *dn, const char *old,
	const char *new_password, int *msgid, struct err *e);

/* The next answer to msgid (0: to anything), waiting at most timeout_us
 * (0: do not wait). ERR_BUSY: the connection is lost, ERR_CORRUPT: the server
 * sends what it should not: close it in either case. Memory in a.
 * Entries: entryUUID, entryCSN, createTimestamp, modifyTimestamp,
 * creatorsName and modifiersName become the fields of struct entry;
 * userPassword is dropped; all else is kept as sent. */
int ldapc_next(struct ldapc *l, struct arena *a, int msgid,
	int64_t timeout_us, struct ldapc_result *out, struct err *e);

/* Blocking shorthands for start-up and tests. */
int ldapc_change(struct ldapc *l, struct arena *a, const struct change *c,
	struct ldapc_result *out, struct err *e);
/* Collects all entries; ERR_NOT_FOUND for noSuchObject. */
int ldapc_search_all(struct ldapc *l, struct arena *a,
	const struct ldapc_search *s, struct entry ***entries, size_t *n,
	struct err *e);
/* A connection of its own, bound as dn with this password: is it right?
 * ERR_DENIED: no, and policy may say why. ERR_IO: refused for another reason.
 * 0: yes; with POLICY_MUST_CHANGE the server does nothing for them but change
 * it. Servers are asked from *start on until one answers: each would count a
 * failure. */
int ldapc_open_as(const struct ldapc_conf *c, size_t *start, const char *dn,
	const char *password, struct ldapc **out, enum ldapc_policy *policy,
	struct err *e);
/* Password modify (RFC 3062) by who is bound, of their own password. */
int ldapc_passwd(struct ldapc *l, struct arena *a, const char *old,
	const char *new_password, struct ldapc_result *out, struct err *e);

/* A result code as our error: 68 EXISTS, 32 NOT_FOUND, 122 CONFLICT, 50
 * DENIED, 19/constraint by the unique overlay EXISTS, 51/52 BUSY, ... with a
 * sentence made from code and text. */
int ldapc_error(const struct ldapc_result *r, const char *what,
	struct err *e);
/* RFC 4515 escaping of an assertion value. */
char *ldapc_filter_escape(struct arena *a, const char *value);

#endif
