/* SPDX-License-Identifier: ISC */
/*
 * request: an access request (V23-V28) as typed values. People are DNs. The
 * states and who moves between them stand in core/request.h. In the arena.
 */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/person.h"

enum request_state { REQUEST_AWAITING_CODE, REQUEST_PENDING,
	REQUEST_APPROVED, REQUEST_DENIED, REQUEST_WITHDRAWN, REQUEST_EXPIRED,
	REQUEST_APPLIED, REQUEST_FAILED };
enum request_kind { REQUEST_ACCOUNTS, REQUEST_TOOL, REQUEST_ROLE,
	REQUEST_COMPANY, REQUEST_GROUP_IDENTIFIER, REQUEST_PORTAL };

struct request_item {		/* "item approved", or "item reason" */
	const char *item, *word;
};

struct request {
	const char *dn, *id;
	uint8_t uuid[16];
	const char *csn;
	const char *requester, *beneficiary;	/* DNs in normal form; the
				 * beneficiary defaults to the requester */
	enum request_kind kind;
	struct strv accounts, companies, group_identifiers;
	struct strv codes;		/* hashes of those entered */
	const char *tool, *role;		/* "" none */
	const char *delivery, *phone;		/* "" none */
	enum request_state state;
	const char *decision, *decided_by;	/* "" none; word, normal DN */
	const char *reason, *justification, *status_text;
	struct request_item *decisions, *reasons;
	size_t n_decisions, n_reasons;
	struct request_item *billing;		/* "account paperless" */
	size_t n_billing;
	int64_t created, decided_at, expires_at, applied_at;	/* 0 none */
};

/* 0, or ERR_INVALID when it can't be a request at all (kind or requester
 * malformed); lesser faults go to problems. */
int request_read(struct arena *a, const struct entry *e, struct request *r,
	struct problems *p, struct err *err);
/* Is item (an account, tool, company ... of the request) approved by the
 * decision? Items that were not decided singly follow it; none is approved
 * while it is not "approved". */
bool request_item_approved(const struct request *r, const char *item);
/* Why this item was decided so, "" if nobody says. */
const char *request_item_reason(const struct request *r, const char *item);
/* paper, paperless or "": what the requester chose for an account (V24). */
const char *request_billing(const struct request *r, const char *account);
const char *request_state_word(enum request_state s);
const char *request_kind_word(enum request_kind k);

#endif
