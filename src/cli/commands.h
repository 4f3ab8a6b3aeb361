/* SPDX-License-Identifier: ISC */
/*
 * commands: the subcommands of provost(1), one function each, in one table.
 * A command gets its own arguments, calls the daemon, prints a table or, with
 * --json, the daemon's own JSON. Exit codes: 0 done, 1 refused or failed, 2
 * wrong use.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdbool.h>

#include "cli/client.h"

struct command_line {
	struct client *client;
	bool json, all;
	const char *reason, *as, *expires, *scopes;	/* NULL not given */
	int argc;		/* the subcommand's arguments */
	char **argv;
};

struct command {
	const char *name, *args, *help;
	int min, max;		/* arguments */
	int (*run)(const struct command_line *l, struct err *e);
};

extern const struct command commands[];	/* ends with name NULL */

int command_status(const struct command_line *l, struct err *e);
int command_check(const struct command_line *l, struct err *e);
int command_plan(const struct command_line *l, struct err *e);
int command_why(const struct command_line *l, struct err *e);
int command_rights(const struct command_line *l, struct err *e);
int command_requests(const struct command_line *l, struct err *e);
int command_approve(const struct command_line *l, struct err *e);
int command_deny(const struct command_line *l, struct err *e);
int command_token(const struct command_line *l, struct err *e);
int command_journal(const struct command_line *l, struct err *e);

/* Prints j indented on standard output. */
void command_json(const struct json *j);

#endif
