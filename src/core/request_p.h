/* SPDX-License-Identifier: ISC */
/* request's own: request.c moves it along, request_grant.c makes the changes,
 * request_code.c deals with codes and deliveries. */
#ifndef CORE_REQUEST_P_H
#define CORE_REQUEST_P_H

#include "core/request.h"

struct deciding {
	struct arena *a;
	const struct request_case *c;
	const struct request *r;	/* c's */
	struct request_plan *out;
};

/* The request's own entry. */
void request_record(struct deciding *d, enum request_step step,
	enum request_state state, const char *why);
/* Only the text of the request changes. */
void request_text(struct deciding *d, enum request_step step,
	const char *why);
void request_fail(struct deciding *d, const char *why);
/* It waits: why is written unless it stands there already. */
void request_note(struct deciding *d, const char *why, int64_t again);
void request_before(struct deciding *d, struct change *c);

/* Grants what the decision approves; these accounts, whose codes came in, with
 * their companies: all of the request's, or a part. */
void request_grant_decided(struct deciding *d);
void request_grant_codes(struct deciding *d, const struct strv *accounts,
	bool all);

/* Nobody has decided and it is not over: codes and deliveries of a request for
 * accounts. False: there are none, somebody decides. */
bool request_by_code(struct deciding *d);

#endif
