/* SPDX-License-Identifier: ISC */
/*
 * given: what may be given and taken, whoever does it: an account needs its
 * company (V18), and what is held through a company or group identifier is not
 * taken away one by one (V15). Pure; 0 or ERR_INVALID with a sentence.
 */
#ifndef CORE_GIVEN_H
#define CORE_GIVEN_H

#include "core/rights.h"

/* V18: may right be added to somebody with these rights (computed with the
 * change's companies)? Accounts, all-accounts, group identifiers and tool
 * accounts (V19) need their company; the error names it. */
int given_add(const struct rights *have, const struct right *right,
	const struct world *w, struct err *e);
/* V18 for all that want has and old (NULL: nothing) has not. */
int given_change(struct arena *a, const struct entry *old,
	const struct entry *want, const struct world *w, int64_t now,
	struct err *e);
/* V15: may this account (or tool account) be taken away singly? Not when it
 * comes only through a company, a group identifier or a rule: the error names
 * the path. */
int given_take(const struct rights *have, const struct right *right,
	struct err *e);
/* The company that a right hangs on, "" none; NULL: there is no such thing. */
const char *given_company(const struct world *w, const struct right *right);

#endif
