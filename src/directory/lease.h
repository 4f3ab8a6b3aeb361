/* SPDX-License-Identifier: ISC */
/*
 * lease: several daemons on one directory. What must be done by one at a time
 * (the engine) is done by whoever holds the lease, an entry in ou=jobs:
 *
 *	provostJobId: lease
 *	provostJobKind: lease
 *	provostJobState: held			or free
 *	provostJobData: east:4711 3e1d..:4026531836:4711:88123:k2f7 42 ldap://a
 *			name, process, count and the provider in use
 *	provostJobTime: 20261126101500Z		taken
 *
 * The holder counts it up every fifth of its validity. Who sees the same count
 * for longer than that, by a clock of its own, takes it; so the clocks of two
 * machines are never compared. Every write asserts entryCSN and takes the old
 * value away: of two who take it at once, one does. The holder begins nothing
 * more a fifth before others may take it: who was stopped, and goes on, finds
 * that its time is over before it looks at anything else. A holder whose
 * process on this machine is gone is not waited for, a clean end gives back.
 * It counts from when the view holds the taking, and so all that the holder
 * before has written.
 *
 * Mirrored providers: all daemons write to the one that the entry names, and
 * only while they see it counted up there. When it can't be reached for one
 * and a half times the validity, the holder, or who becomes it, writes another
 * one into the entry there, and the others follow: by then nobody writes to
 * the old one any more. It stays the one in use until it fails itself. Nobody
 * can tell a provider that is away from one that is cut off together with
 * some of the daemons: both sides would go on (provostd(8)).
 */
#ifndef DIRECTORY_LEASE_H
#define DIRECTORY_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/ldapc.h"

struct lease;
struct sync;
struct view;
struct writer;

struct lease_conf {
	struct ldapc_conf ldap;
	const char *suffix;
	const char *name;		/* "" host name and pid */
	int64_t valid;			/* us; 0: 5 s */
	struct view *view;		/* NULL: held as soon as it is taken */
	/* Told which provider is in use, where there are several. NULL none. */
	struct writer *writer;
	struct sync *sync;
};

struct lease_state {
	bool mine;
	bool several;			/* providers */
	char name[128];			/* ours */
	char holder[128];		/* "" nobody, or not known */
	char provider[512];		/* in use; "" not known */
	char why[256];			/* "" or what is wrong */
};

int lease_start(const struct lease_conf *c, struct lease **out,
	struct err *e);
/* Gives it back. NULL allowed. */
void lease_stop(struct lease *l);
/* May an action begin just now? NULL: yes. Any thread. */
bool lease_mine(const struct lease *l);
void lease_state(struct lease *l, struct lease_state *out);

#endif
