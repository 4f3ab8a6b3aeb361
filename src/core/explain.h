/* SPDX-License-Identifier: ISC */
/*
 * explain: why a right exists, or why not (T2): the entries, rules, requests
 * and receipts behind it as a list of steps, each a fact with its source.
 * Pure; rendered as JSON by front/operations and as text by the command.
 */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include "core/rights.h"
#include "model/request.h"

struct explain_step {
	const char *what;	/* "path" "cut" "provenance" "request"
				 * "decision" "period" "receipt" "missing" */
	const char *text;	/* a sentence */
	const char *dn;		/* the entry it is read from, "" none */
	int64_t time;		/* 0 none */
};

struct explanation {
	bool granted;
	const char *state;	/* wanted confirmed pending failed none */
	struct explain_step *step;
	size_t n;
};

/* request_by_id: NULL-returning look-up for provenance "request:ID". */
void explain_right(struct arena *a, const struct person *p,
	const struct rights *r, const struct right *right,
	const struct receipt *receipt, size_t n_receipts,
	const struct request *(*request_by_id)(void *ctx, const char *id),
	void *ctx, struct explanation *out);
/* wanted, confirmed, pending, failed or removing, from the receipts. */
const char *explain_state(const struct right *right, bool granted,
	const struct receipt *receipt, size_t n_receipts);

#endif
