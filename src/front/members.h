/* SPDX-License-Identifier: ISC */
/*
 * members: what a write of a group does to the people in it. A membership is
 * one value on the person's own entry (rule 5), so it is one small LDAP modify
 * a person, whatever the group's size, and it needs no look at the group. All
 * is weighed first, against one snapshot: who is meant, whether they exist,
 * what the group's rules confer (V4a). Then, if the gate is open, the modifies
 * are sent, a few hundred outstanding at a time, each harmless to repeat:
 * what is broken off midway is completed by the same request again.
 *
 * Between members_read and the end of members_write all belongs to one write
 * (front/write.h), which its lane keeps from others to the same group.
 */
#ifndef FRONT_MEMBERS_H
#define FRONT_MEMBERS_H

#include "front/write.h"

struct membership {
	uint8_t uuid[16];		/* the person's */
	const char *dn;
	bool add;			/* false: take away */
	bool written;
};

/* Fills w->said from the body, which is there already; of a DELETE: all go. */
int members_read(struct write *w, struct err *e);
/* Does it take long enough that no server's thread should do it? */
bool members_heavy(const struct write *w);
/* Fills w->membership with what is to be written; the snapshot must be open.
 * ERR_INVALID names who doesn't exist or is a group; ERR_DENIED: a rule of the
 * group gives what this client may not. May be called again. */
int members_prepare(struct write *w, struct err *e);
/* The attribute of people that names their groups, and the group's key. */
const char *members_attr(const struct write *w);
const char *members_key(const struct write *w);
/* Writes them. over is called once, from any thread, also from this one, with
 * code 0 or what stopped it: ERR_BUSY: try the same again. */
void members_write(struct write *w,
	void (*over)(struct write *w, const struct err *e));

#endif
