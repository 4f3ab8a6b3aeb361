/* SPDX-License-Identifier: ISC */
/*
 * authorise: may this client or person do that? One pure decision with a
 * reason, used by every way in. Scopes of clients: "read", "write", "admin",
 * each also for one resource type ("read:Users", "read:User"), and the name
 * alone ("metrics", "operations"). Clients are written with "admin" only.
 * Nothing but "admin" or its name opens metrics. V2-V6, V25-V27, A1, A4.
 */
#ifndef CORE_AUTHORISE_H
#define CORE_AUTHORISE_H

#include "core/rights.h"
#include "model/request.h"

struct arena;

enum operation { OP_READ, OP_CREATE, OP_UPDATE, OP_DELETE };

/* type: resource name ("User"), or "operations", "metrics" for /v1 and
 * /metrics. 0 or ERR_DENIED naming the missing scope. */
int authorise_client(const struct strv *scopes, const char *type,
	enum operation op, struct err *e);
/* What both lists allow, into out: the narrower of every two scopes of which
 * one covers the other. Never more than have. Strings are borrowed. */
void authorise_narrow(struct arena *a, const struct strv *have,
	const struct strv *claimed, struct strv *out);
/* May decider decide r as r->decision says (approving needs reach over every
 * approved item, denying over one)? 0 or ERR_DENIED with the rule. */
int authorise_decision(const struct request *r, const struct person *decider,
	const struct rights *decider_rights, const struct person *beneficiary,
	const struct world *w, struct err *e);

#endif
