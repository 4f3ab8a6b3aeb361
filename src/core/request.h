/* SPDX-License-Identifier: ISC */
/*
 * request (core): the states of an access request and the changes that follow
 * from a decision or from codes. Pure. V23-V28.
 *
 *   (phone, post) -> awaitingCode --all codes--> approved -> applied
 *   pending --decision, or printed codes-----> approved -> applied
 *   either  -> denied, withdrawn, expired, failed
 *
 * Accounts are asked for in one of four ways (V23): with printed codes, which
 * nobody has to approve; by phone or post, whose fresh codes (model/code.h)
 * are awaited, each account granted as its code comes in; or by decision, as
 * everything else. A code authorises its account's company too, without CPNI.
 * Wrong codes are counted first and then taken off the request, so that one
 * may count twice when the process dies between, but never not at all. Paper or
 * paperless billing is written to an account before it is granted (V24): what
 * the requester chose for it, or else what stands there; when neither is there
 * the request waits and says so.
 *
 * request.c moves it along; request_new.c is for who makes or decides one, so
 * that they learn at once what would come to nothing.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "core/rights.h"
#include "core/ways.h"
#include "model/change.h"
#include "model/request.h"

/* What a request needs now. */
enum request_step {
	STEP_NONE,
	STEP_DENY,	/* record denied / withdrawn */
	STEP_EXPIRE,
	STEP_GRANT,	/* change the beneficiary, then record approved, if
			 * that was all */
	STEP_APPLIED,	/* the targets have confirmed: record applied */
	STEP_FAIL,	/* record failed with why */
	STEP_AWAIT,	/* record awaitingCode: its delivery may begin */
	STEP_WRONG,	/* count wrong codes, then take them off the request */
	STEP_NOTE,	/* record why it waits */
};

/* Everything that decides. requester, beneficiary, decider NULL: no such
 * person. Who wrote the decision does not matter here (slapd's ACL sees to
 * that, and its manager may name any decider, API.md): who is named must be
 * allowed to decide. confirmed: all of its rights have confirmed receipts or
 * need none. */
struct request_case {
	const struct request *r;
	const struct person *requester, *beneficiary, *decider;
	const struct entry *beneficiary_entry;
	const struct rights *decider_rights;
	const struct world *w;
	const char *code_key;	/* "": there is none */
	const struct ways *ways;	/* NULL: whoever delivers */
	bool confirmed;
	int64_t now;
};

/* In this order, each repeatable: before, grant, record. */
struct request_plan {
	enum request_step step;
	struct change **before;	/* on accounts (billing, wrong codes), on the
				 * requester (wrong codes) */
	size_t n_before;
	struct change *grant;	/* STEP_GRANT: on the beneficiary, n 0 if it
				 * holds everything already */
	struct change *record;	/* on the request; NULL: it stays as it is */
	const char *why;	/* also for STEP_NONE, when it waits */
	int64_t again;		/* look again then; 0: when things change */
};

void request_next(struct arena *a, const struct request_case *c,
	struct request_plan *out);
/* May the request be made so? What STEP_FAIL would say of it at once: whether
 * the delivery is offered for its accounts, the number is the account's, codes
 * are the requester's own (V23). 0 or ERR_INVALID. */
int request_check(const struct request_case *c, struct err *e);
/* The same and all else that can be said of a new one: that it asks for what
 * its kind is about and no more (V27); that both people are there and work
 * here; that it is not had already (ERR_EXISTS); that billing is chosen (V24).
 * 0 or ERR_INVALID, ERR_REFERRED, ERR_EXISTS. */
int request_check_new(struct arena *a, const struct request_case *c,
	struct err *e);
/* Are the items those of the request, and their decisions not at odds with the
 * decision (V26)? */
int request_check_items(struct arena *a, const struct request *r,
	struct err *e);
/* Does an open request ask for all that r asks for, for the same person? Codes
 * are not compared. */
bool request_covers(struct arena *a, const struct request *open,
	const struct request *r);
/* What the decisions on single items come to (V26), NULL: not on all. */
const char *request_decision(struct arena *a, const struct request *r);
/* Does it wait for a code that comes by phone or post? */
bool request_delivers(const struct request *r);
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
