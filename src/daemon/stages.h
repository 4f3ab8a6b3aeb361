/* SPDX-License-Identifier: ISC */
/*
 * stages: what provostd consists of and in which order it starts: one table of
 * {name, start, stop}, started downward, unwound upward on any failure and at
 * the end. struct daemon holds what the stages made; nobody else does.
 */
#ifndef DAEMON_STAGES_H
#define DAEMON_STAGES_H

#include "config/config.h"
#include "daemon/options.h"
#include "directory/lease.h"
#include "directory/standalone.h"
#include "directory/sync.h"
#include "directory/writer.h"
#include "store/journal.h"

struct engine;
struct feeds;
struct front;
struct held;

struct daemon {
	struct options opt;
	struct config *config;		/* owned; of the start: its strings are
					 * borrowed, a reload is compared
					 * with it */
	struct standalone *standalone;	/* NULL: an existing directory */
	struct ldapc_conf ldap;		/* the settings', or the private slapd's */
	struct scim_map *map;
	struct view *view;
	bool fresh;			/* the view was rebuilt */
	struct journal *journal;
	struct sync *sync;
	struct writer *writer;
	struct held *held;
	struct lease *lease;
	struct engine *engine;
	struct feeds *feeds;
	struct front *front;
	char url[128];
	size_t started;			/* stages that are up */
};

/* Start them all; with -t and -p only those that read settings. On an error
 * what was started stays up until stages_stop. */
int stages_start(struct daemon *d, struct err *e);
void stages_stop(struct daemon *d);
/* Read the settings again and hand over what can change while running; what
 * cannot and is not as at the start is named in the log. All or, on an error,
 * nothing. */
int daemon_reload(struct daemon *d, struct err *e);
/* SIGUSR1: the file of the journal is closed, within ten seconds. */
void daemon_rotate(struct daemon *d);
const char *daemon_url(const struct daemon *d);

#endif
