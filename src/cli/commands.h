/* SPDX-License-Identifier: ISC */
/*
 * commands: the subcommands of provost(1), one function each, in one table.
 * A command gets its own arguments, calls the daemon, prints a table or, with
 * --json, the daemon's own JSON. Exit codes: 0 done, 1 refused or failed, 2
 * wrong use. A command is refused options that it does not name, so that none
 * writes under --dry-run.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdbool.h>

#include "base/str.h"
#include "cli/client.h"

struct buf;

enum option_id {
	/* --json and where the daemon is; every command takes these */
	OPT_URL, OPT_TOKEN_FILE, OPT_JSON, OPT_VERSION, OPT_HELP,
	OPT_DRY_RUN, OPT_YES, OPT_ALL, OPT_NEWEST, OPT_CSV, OPT_COUNT,
	OPT_AS, OPT_FOR, OPT_REASON, OPT_SCOPES, OPT_EXPIRES, OPT_STATE,
	OPT_KIND, OPT_COMPANY, OPT_ENTERPRISE, OPT_GIVEN, OPT_FAMILY,
	OPT_EMAIL, OPT_PHONE, OPT_LOGIN, OPT_FROM, OPT_UNTIL, OPT_CODE,
	OPT_SINCE, OPT_USER, OPT_FOLLOW, OPT_DELIVERY, OPT_BILLING,
	OPT_PURPOSE, OPT_NAME, OPT_LDIF, OPT_NOW, OPT_ACCEPT,
	OPTIONS
};

struct command;

struct command_line {
	struct client *client;
	const struct command *command;
	bool json;
	const char *opt[OPTIONS];	/* NULL not given; "" of a flag */
	int argc;		/* the subcommand's arguments */
	char **argv;
};

struct command {
	const char *name;	/* one word or two */
	const char *args, *help;
	int min, max;		/* arguments */
	const char *takes;	/* names of its options, spaces between */
	bool open;		/* asks without a token */
	int (*run)(const struct command_line *l, struct err *e);
};

extern const struct command commands[];	/* ends with name NULL */

/* show.c */
int command_status(const struct command_line *l, struct err *e);
int command_check(const struct command_line *l, struct err *e);
int command_why(const struct command_line *l, struct err *e);
int command_rights(const struct command_line *l, struct err *e);
int command_schema(const struct command_line *l, struct err *e);
/* journal.c */
int command_journal_verify(const struct command_line *l, struct err *e);
int command_journal_show(const struct command_line *l, struct err *e);
/* held.c */
int command_held(const struct command_line *l, struct err *e);
int command_release(const struct command_line *l, struct err *e);
int command_reject(const struct command_line *l, struct err *e);
/* targets.c */
int command_targets(const struct command_line *l, struct err *e);
int command_retry(const struct command_line *l, struct err *e);
int command_drift(const struct command_line *l, struct err *e);
/* plan.c */
int command_plan(const struct command_line *l, struct err *e);
int command_apply(const struct command_line *l, struct err *e);
int command_undo(const struct command_line *l, struct err *e);
/* users.c */
int command_users(const struct command_line *l, struct err *e);
int command_user(const struct command_line *l, struct err *e);
/* users_change.c */
int command_users_add(const struct command_line *l, struct err *e);
int command_users_clone(const struct command_line *l, struct err *e);
int command_users_invite(const struct command_line *l, struct err *e);
int command_users_reset(const struct command_line *l, struct err *e);
int command_users_suspend(const struct command_line *l, struct err *e);
int command_users_reactivate(const struct command_line *l, struct err *e);
int command_users_delete(const struct command_line *l, struct err *e);
int command_portal_grant(const struct command_line *l, struct err *e);
int command_portal_revoke(const struct command_line *l, struct err *e);
/* reviews.c */
int command_reviews(const struct command_line *l, struct err *e);
int command_reviews_done(const struct command_line *l, struct err *e);
/* grant.c */
int command_grant(const struct command_line *l, struct err *e);
int command_revoke(const struct command_line *l, struct err *e);
/* catalogue.c: lists and single things, by the command's own name */
int command_things(const struct command_line *l, struct err *e);
int command_thing(const struct command_line *l, struct err *e);
int command_inventory(const struct command_line *l, struct err *e);
int command_recommended(const struct command_line *l, struct err *e);
/* catalogue_change.c */
int command_accounts_add(const struct command_line *l, struct err *e);
int command_accounts_move(const struct command_line *l, struct err *e);
int command_service_groups_add(const struct command_line *l, struct err *e);
int command_service_groups_upload(const struct command_line *l,
	struct err *e);
int command_service_groups_delete(const struct command_line *l,
	struct err *e);
int command_assign(const struct command_line *l, struct err *e);
int command_unassign(const struct command_line *l, struct err *e);
/* requests.c, decide.c */
int command_requests(const struct command_line *l, struct err *e);
int command_request_new(const struct command_line *l, struct err *e);
int command_approve(const struct command_line *l, struct err *e);
int command_deny(const struct command_line *l, struct err *e);
int command_withdraw(const struct command_line *l, struct err *e);
int command_token(const struct command_line *l, struct err *e);
/* export.c */
int command_export(const struct command_line *l, struct err *e);
int command_template(const struct command_line *l, struct err *e);
/* feed.c */
int command_feeds(const struct command_line *l, struct err *e);
int command_feed(const struct command_line *l, struct err *e);
/* session.c */
int command_login(const struct command_line *l, struct err *e);
int command_logout(const struct command_line *l, struct err *e);
int command_passwd(const struct command_line *l, struct err *e);
int command_register(const struct command_line *l, struct err *e);

/* --- what they share ------------------------------------------------------ */

/* Wrong use: main prints how it is used and exits 2. */
int command_usage(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* 0 with --yes or --dry-run, or when a terminal says yes. unasked: the wrong use
 * that it is where nobody can be asked. */
int command_ask(const struct command_line *l, const char *question,
	const char *unasked, struct err *e);
/* The same for a deletion or another end. */
int command_confirm(const struct command_line *l, const char *what,
	struct err *e);
/* After a change: the answer with --json, else the sentence; nothing when it
 * was only shown. */
void command_done(const struct command_line *l, const struct json *j,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* --count, 0 when it is not given. */
int command_count(const struct command_line *l, size_t *n, struct err *e);
/* What stands there; with --json it is printed. */
int command_get(const struct command_line *l, const char *path,
	struct json **j, struct err *e);
/* A list of the daemon's as it is with --json, else as a table. */
int command_list(const struct command_line *l, const char *path,
	const char *query, const char *const *heads,
	const char *const *members, struct err *e);
/* The people that name stands for: that one, or with "-" the lines of standard
 * input. */
int command_people(struct arena *a, const char *name, struct strv *out,
	struct err *e);
/* Calls each for all that argv[0] stands for, with a bar; says on standard
 * error who failed, and goes on. */
int command_each(const struct command_line *l, int (*each)(
	const struct command_line *l, const char *user, void *arg,
	struct err *e), void *arg, struct err *e);
/* The whole of a file, of standard input with "-". */
int command_file(const char *path, struct buf *out, struct err *e);
/* A line of standard input; from a terminal asked for, hidden. */
int command_secret(struct arena *a, const char *ask, const char **out,
	struct err *e);

#endif
