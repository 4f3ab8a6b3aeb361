/* SPDX-License-Identifier: ISC */
/*
 * session: people who have signed in (core/session has the token). A request
 * that shows a session is looked up in the view, so that what ends it ends it
 * with the next request, on every daemon. Who must change their password first
 * gets nothing else done.
 */
#ifndef FRONT_SESSION_H
#define FRONT_SESSION_H

#include "core/session.h"
#include "front/call.h"

/* The token of a session that the request shows; NULL: it shows none. */
const char *session_shown(const struct call *c);
/* Fills in c->person, c->session and c->client, which has no scopes.
 * ERR_DENIED, with the kind "ended" when it was good once; ERR_BUSY. */
int session_admit(struct call *c, const char *token, struct err *e);
/* Is the route one for who has to change their password? ERR_DENIED. */
int session_permits(const struct call *c, struct err *e);

/* The entry of the call's person: a copy that outlives the snapshot.
 * ERR_DENIED: they are gone. */
int session_entry(struct call *c, struct entry **out, struct err *e);
/* False: there is no person behind the call, it was answered. */
bool session_needed(struct call *c);
/* Answers 200 with a new session of this person. */
void session_answer(struct call *c, const struct entry *person,
	int64_t issued, bool must_change);

/* From here on c is about the person's own entry, as if /Users/ID had been
 * asked for (RFC 7644 3.11). */
void me_alias(struct call *c);

#endif
