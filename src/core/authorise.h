/* SPDX-License-Identifier: ISC */
/*
 * authorise: may this client or person do that? One pure decision with a
 * reason, used by every way in. V2-V6, V16, V25-V27, A1, A4, L1, L4.
 *
 * Scopes of clients: "read", "write", "admin", each also for one resource type
 * ("read:Users", "read:User"), and the name alone ("metrics", "operations",
 * "feeds").
 * Clients are written with "admin" only. Nothing but "admin" or its name opens
 * metrics and feeds. "admin" and "provider" alone make provider staff (core/actor.h).
 * People are bounded by core/reach.h. Every function returns 0 or ERR_DENIED
 * with a sentence that names the rule.
 */
#ifndef CORE_AUTHORISE_H
#define CORE_AUTHORISE_H

#include "core/reach.h"
#include "model/request.h"

struct arena;

enum operation {
	OP_READ, OP_CREATE, OP_UPDATE, OP_DELETE,	/* any type */
	/* Of a User, whatever changes it: */
	OP_SUSPEND,		/* and put back to active */
	OP_RESET,		/* a new temporary password (V11) */
	OP_CLONE,		/* this one (V9) */
	OP_INVITE,		/* again (V8) */
	OP_PORTAL_GRANT, OP_PORTAL_REVOKE,	/* A1, A2 */
	OP_SCOPE,		/* change whom they administer (A4) */
	OP_PREFER, OP_PASSWORD,	/* preferences; set the password (V5) */
	/* Of an Enterprise, an Account: */
	OP_ADD_ACCOUNT,		/* to it (L2) */
	OP_MOVE_ACCOUNT,	/* to another enterprise (L4) */
};

/* What it is about: type, and what the type has. */
struct subject {
	const char *type;	/* resource name: "User", "Account" ... */
	const char *key;	/* natural key of a catalogue entry */
	const struct person *person;	/* User; AccessRequest: beneficiary */
	const struct request *request;
	const struct group_identifier *group;	/* as it is, or shall be */
	const struct rule *rule;
};

/* type: resource name ("User"), or "operations", "metrics" for /v1 and
 * /metrics. 0 or ERR_DENIED naming the missing scope. */
int authorise_client(const struct strv *scopes, const char *type,
	enum operation op, struct err *e);
/* What both lists allow, into out: the narrower of every two scopes of which
 * one covers the other. Never more than have. Strings are borrowed. */
void authorise_narrow(struct arena *a, const struct strv *have,
	const struct strv *claimed, struct strv *out);
/* The whole question for a client or a person. What a change of a User's entry
 * amounts to is authorise_change's question. */
int authorise_actor(const struct actor *who, enum operation op,
	const struct subject *on, const struct world *w, struct err *e);

/* May who turn old (NULL: nothing, a creation) into want, both entries of a
 * person? Names the first refusal. What V14 takes along should be gone from
 * want already (core/cascade.h), so that it is asked about. */
int authorise_change(const struct actor *who, const struct entry *old,
	const struct entry *want, const struct world *w, struct err *e);
/* May decider decide r as r->decision says (approving needs reach over every
 * approved item, denying over one)? */
int authorise_decision(const struct request *r, const struct person *decider,
	const struct rights *decider_rights, const struct person *beneficiary,
	const struct world *w, struct err *e);
/* V4a: may who make, change or delete this rule? Everything that it confers
 * they must be able to grant; nobody's rule confers primary contact. */
int authorise_rule(const struct actor *who, const struct rule *rule,
	const struct world *w, struct err *e);

/* --- seeing: cheap enough for every entry of a page ----------------------- */

enum sight {
	SIGHT_NONE,
	SIGHT_CONTACT,	/* whom to ask: name, address, role (V5) */
	SIGHT_SHARED,	/* what hangs on companies within reach (V4a) */
	SIGHT_FULL,
};

/* How much who sees of whom; scratch memory in a. A client's scopes have been
 * asked before. */
enum sight authorise_sees(struct arena *a, const struct actor *who,
	const struct person *whom, const struct world *w);
/* The entry with what is visible only: e itself for SIGHT_FULL, a copy in a
 * otherwise, NULL for SIGHT_NONE. */
const struct entry *authorise_view(struct arena *a, const struct actor *who,
	const struct person *whom, const struct entry *e, enum sight sight,
	const struct world *w);

#endif
