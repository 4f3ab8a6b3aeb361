/* SPDX-License-Identifier: ISC */
/*
 * aside: questions the sync thread puts to the directory beside its own
 * search, on a connection of their own that is opened when needed: who
 * deleted an entry (slapo-accesslog, slapo-accesslog(5) auditDelete), is
 * there anything below an entry. Answers are bounded in time and may be
 * "unknown". One thread.
 */
#ifndef DIRECTORY_ASIDE_H
#define DIRECTORY_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "directory/csn.h"
#include "link/ldapc.h"

struct aside;

/* c is borrowed for its life; accesslog: suffix of the log, "" none. */
struct aside *aside_new(const struct ldapc_conf *c, const char *accesslog);
void aside_free(struct aside *s);	/* NULL allowed */
/* Ask this one of the URIs; drops the connection to another one. */
void aside_use(struct aside *s, size_t uri);
/* A new unit of work: one second for everything asked in it. */
void aside_begin(struct aside *s);
/* The DN of whoever deleted the entry, in a; "" unknown. The log may be a
 * moment behind the sync message, so this waits a little. */
const char *aside_deleter(struct aside *s, struct arena *a,
	const uint8_t uuid[16]);
/* Which run of the server this is: its start time by cn=monitor, "URI time" in
 * a; "" when that may not be read, or is less than two seconds ago. */
const char *aside_origin(struct aside *s, struct arena *a, const char *uri);
/* How far the server has come: its contextCSN at base. None when that may not
 * be read. */
void aside_context(struct aside *s, struct arena *a, const char *base,
	struct csns *out);
/* Is there an entry below dn? True when nobody can tell. */
bool aside_has_children(struct aside *s, struct arena *a, const char *dn);

#endif
