/* SPDX-License-Identifier: ISC */
/*
 * target: what is behind a tool. One file per kind; a struct target is one
 * configured section ("targets.sample-tool"). Targets are driven by one thread
 * (engine/dispatch) and never block: apply starts, done is called once from
 * that thread's httpc_drive (or at once). An action carries the whole of what
 * a person shall hold, so repeating it with the same key is harmless.
 *
 * One of the two seams for tests: target/null is the second implementation.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/guard.h"
#include "core/notice.h"
#include "link/httpc.h"
#include "model/person.h"

/* Where a target finds what an action does not carry. */
struct target_source {
	void *ctx;
	/* What a mail, call or letter says, as the directory is when it is sent (act->tool is
	 * its key). Strings in a. 0, ERR_RETRY or ERR_ITEM_BAD. */
	int (*letter)(void *ctx, struct arena *a, const char *person_id,
		const struct action *act, const char *link,
		struct letter *out, struct err *e);
	/* The tools whose other side this target is, NULL: all there are; in
	 * a. 0 or ERR_RETRY. */
	int (*tools)(void *ctx, struct arena *a, const char *target,
		struct strv *out, struct err *e);
};

enum target_unmanaged { TARGET_REPORT, TARGET_DELETE };

struct target_conf {
	const char *name;		/* the section */
	const char *kind;		/* scim webhook ldapgroup file spool
					 * null mail */
	const char *list_url;		/* webhook: who holds what; "" none */
	const char *url;		/* scim: base; webhook: endpoint;
					 * ldapgroup: URIs, spaces between */
	const char *token;		/* bearer token, webhook secret, or
					 * the password: of mail's user, of
					 * ldapgroup's bind_dn */
	const char *ca_file;
	int64_t unmanaged;		/* accounts that are nobody's:
					 * TARGET_REPORT, TARGET_DELETE */
	bool insecure;			/* plain http (mail: no TLS) allowed */
	int64_t timeout;		/* microseconds */
	int64_t concurrency;		/* actions under way, 0: 4 */
	int64_t rate;			/* actions a second, 0: unlimited */
	struct guard_own guard;		/* limits of its own */
	const char *form;		/* how grants are written. scim:
					 * "entitlements" (also "") or
					 * "provost", see target/scim_merge.h;
					 * file: "csv" (also "") or "ldif" */
	const char *dir;		/* spool, file: where the files go */
	/* Of ldapgroup, see target/ldapgroup.c: */
	const char *bind_dn;		/* "" SASL EXTERNAL (ldapi) */
	bool starttls;
	const char *group_dn, *account_dn;	/* with {tool}, {account} */
	const char *people, *person;	/* base; "attribute={id}" */
	const char *member, *group_class, *placeholder;
	bool create;			/* make groups that are missing */
	/* Of mail: */
	const char *from, *from_name, *user;
	const char *hello;		/* EHLO; "" the host's name */
	const char *templates;		/* directory */
	const char *link;		/* URL of the page to register at */
	const struct target_source *source;	/* borrowed; NULL: only to be
						 * tested */
};

/* What became of an action. code: 0, or ERR_ITEM_BAD, ERR_RETRY,
 * ERR_TARGET_DOWN, ERR_STOP: the next action (STYLE 7). */
struct target_result {
	int code;
	struct err err;
	char remote_id[512];		/* percent-encoded word, "-" none */
};

/* The person as targets need it; nothing else leaves the house. */
struct target_person {
	const char *id;			/* entryUUID text: their externalId */
	const char *uid, *display, *given, *family, *mail;
	bool exists;			/* false: the entry is gone */
};

/* By what an account at a target is known to be somebody's of ours. */
enum target_by { TARGET_BY_ID, TARGET_BY_UID, TARGET_BY_MAIL };

struct target_holding {
	const char *tool;		/* as the lister has it */
	bool partly;			/* accounts in it, but not itself */
	struct strv accounts;
};

/* An account as the target shows it; borrowed for the call. */
struct target_account {
	const char *remote_id;		/* as in a result */
	const char *name;		/* for people to read */
	enum target_by by;
	const char *key;		/* entryUUID, uid or mail; "" not
					 * shown: by remote_id only */
	bool active;
	bool tools_only;		/* accounts in tools are not shown */
	const struct target_holding *held;
	size_t n;
};

/* Who wants to know what a target holds. */
struct target_lister {
	struct strv tools;	/* what else accounts hold is not told */
	/* False: no more, done follows with ERR_LIMIT. */
	bool (*each)(void *ctx, const struct target_account *acc);
	/* Once. 0: the list is complete: all pages came, none twice, as many
	 * as were announced. Else why it is not, a code as in a result or
	 * ERR_UNSUPPORTED or ERR_LIMIT, and nothing may be concluded from
	 * what came. An empty list may be complete and still be wrong. */
	void (*done)(void *ctx, int code, const struct err *e);
	/* Have again(arg) called at that time (mono), or sooner to end: for
	 * a target that asks for patience. One at a time. */
	void (*later)(void *ctx, int64_t at, void (*again)(void *arg),
		void *arg);
	void *ctx;
};

struct target;

struct target_kind {
	const char *name;
	int (*open)(const struct target_conf *c, struct httpc *h,
		struct target **out, struct err *e);
	void (*close)(struct target *t);
	/* person and action are borrowed until done is called. A person whose
	 * id is "" is nobody of ours: ACTION_REMOVE takes the tool from the
	 * account that act->remote_id names, whoever's it is. */
	void (*apply)(struct target *t, const struct target_person *p,
		const struct action *act,
		void (*done)(void *arg, const struct target_result *r),
		void *arg);
	/* A line for status: what and where, no secret. */
	const char *(*describe)(const struct target *t);
	/* End what is under way, done is called; before the client is closed.
	 * NULL: the client's closing ends it. */
	void (*stop)(struct target *t);
	/* All accounts there, in any order; never more than one list at a
	 * time. l is borrowed until its done. NULL: the target has nothing
	 * that could be asked. */
	void (*list)(struct target *t, const struct target_lister *l);
};

struct target {
	const struct target_kind *kind;
	struct target_conf conf;	/* copied: owned */
	uint64_t files;			/* a hash of what else it was made of */
};

extern const struct target_kind target_scim, target_webhook, target_null,
	target_mail, target_spool, target_ldapgroup, target_file;

/* Strings copied and owned; NULL becomes "". */
void target_conf_copy(struct target_conf *to, const struct target_conf *from);
void target_conf_fini(struct target_conf *c);
/* Would one do exactly as the other does? */
bool target_same(const struct target *x, const struct target *y);
/* http only with insecure; ERR_INVALID names the target. */
int target_check_url(const struct target_conf *c, const char *url,
	struct err *e);

/* As the lister has it; NULL: it is not to be told. */
const char *target_tool(const struct target_lister *l, const char *tool);

/* By conf->kind; ERR_INVALID for an unknown one or a bad URL. */
int target_open(const struct target_conf *c, struct httpc *h,
	struct target **out, struct err *e);
void target_close(struct target *t);

#endif
