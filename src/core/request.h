/* SPDX-License-Identifier: ISC */
/*
 * request (core): the states of an access request and the changes that follow
 * from a decision. Pure. V23-V27.
 *
 *   awaitingCode -> pending -> approved -> applied
 *                           \-> denied  \-> failed
 *                           \-> withdrawn, expired
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "core/rights.h"
#include "model/change.h"
#include "model/request.h"

/* What a request needs now. */
enum request_step {
	STEP_NONE,
	STEP_DENY,	/* record denied / withdrawn */
	STEP_EXPIRE,
	STEP_GRANT,	/* change the beneficiary, then record approved */
	STEP_APPLIED,	/* the targets have confirmed: record applied */
	STEP_FAIL,	/* record failed with why */
};

struct request_plan {
	enum request_step step;
	struct change *grant;	/* STEP_GRANT: on the beneficiary, n 0 if it
				 * holds everything already */
	struct change *record;	/* on the request */
	const char *why;
};

/* Everything that decides is passed in; requester, beneficiary, decider NULL:
 * no such person. Who wrote the decision does not matter here (slapd's ACL
 * sees to that, and its manager may name any decider, API.md): who is named
 * must be allowed to decide. confirmed: all of its rights have confirmed
 * receipts or need none. why is set for STEP_NONE too when half a decision is
 * there. */
void request_next(struct arena *a, const struct request *r,
	const struct person *requester, const struct person *beneficiary,
	const struct person *decider, const struct entry *beneficiary_entry,
	const struct rights *decider_rights, const struct world *w,
	bool confirmed, int64_t now, struct request_plan *out);
/* The rights a request asks for, for confirmed and for display. */
size_t request_rights(struct arena *a, const struct request *r,
	struct right **out);
/* The item of the request that stands for one of them; is that approved by the
 * decision? (request_item_approved; without the tool its accounts are not.) */
const char *request_item(const struct right *r);
bool request_right_approved(const struct request *r,
	const struct right *right);
/* When it expires if nobody decides (V26). */
int64_t request_expires(const struct request *r);

#endif
