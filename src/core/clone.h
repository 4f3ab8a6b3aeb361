/* SPDX-License-Identifier: ISC */
/*
 * clone: what a new user gets from one who is cloned (V9): role, companies,
 * accounts, group identifiers, tools with their accounts, and preferences, with
 * the periods of all that. Never primary contact; never CPNI and portal
 * access, which are acts of their own; nothing that the actor could not give
 * (V4a) or that the source does not hold just now: that is left out and
 * reported, or only counted where the actor may not see it. Identifiers,
 * password and history are the caller's to make anew. Pure.
 */
#ifndef CORE_CLONE_H
#define CORE_CLONE_H

#include "core/actor.h"
#include "model/entry.h"

struct clone_omission {
	struct right right;
	const char *why;
};

struct clone {
	struct clone_omission *v;	/* what was left out */
	size_t n, cap;
	size_t unseen;			/* and what the actor may not see */
};

/* Adds to out, the new user's entry. 0, or ERR_DENIED when who may not clone
 * this user at all. */
int clone_rights(struct arena *a, const struct actor *who,
	const struct entry *source, const struct world *w, int64_t now,
	struct entry *out, struct clone *left_out, struct err *e);

#endif
