/* SPDX-License-Identifier: ISC */
/*
 * reach: how far an actor reaches into what somebody has. A primary contact
 * reaches what hangs on their own companies (V2), an administrator of that
 * what they hold themselves (V4), and both only those whom their scope covers
 * (A4); clients are bounded by their scopes alone, but for what only provider
 * staff do (V3, V6); provider staff reach everything that there is.
 *
 * Every check returns 0 or ERR_DENIED with a sentence that names the rule.
 * Pure; the reach lives in an arena and borrows what it was made of.
 */
#ifndef CORE_REACH_H
#define CORE_REACH_H

#include "core/actor.h"

struct reach {
	struct arena *a;
	const struct actor *who;
	const struct person *whom;	/* NULL: nobody yet */
	const struct world *w;
	struct strv companies;		/* whom's, by hand and by rules,
					 * whatever the time */
	bool fresh;	/* what whom has is being given just now: whether it
			 * is within reach is asked right by right */
};

void reach_init(struct arena *a, const struct actor *who,
	const struct person *whom, const struct world *w, struct reach *out);

/* V2: do they share a company? */
int reach_shares(const struct reach *r, struct err *e);
/* A4: does the actor's scope cover whom? level NULL: any; "enterprise": an
 * administrator needs a scope of that level (A1). */
int reach_scope(const struct reach *r, const char *level, struct err *e);
/* V4a: everything that whom has. */
int reach_all(const struct reach *r, struct err *e);
/* The role that whom has, or shall have, is one that the actor may give and
 * take (V3, V4). */
int reach_role(const struct reach *r, const char *role, struct err *e);
/* Could the actor grant this right; may they take it away? */
int reach_give(const struct reach *r, const struct right *right,
	struct err *e);
int reach_take(const struct reach *r, const struct right *right,
	struct err *e);

/* Is this company, account (through its company), or what the right hangs on,
 * within reach, so that it may be seen? Without a sentence. */
bool reach_company(const struct reach *r, const char *company);
bool reach_sees(const struct reach *r, const struct right *right);

#endif
