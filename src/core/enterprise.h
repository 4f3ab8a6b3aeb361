/* SPDX-License-Identifier: ISC */
/*
 * enterprise: accounts come into an enterprise (L2, L3), move to another one
 * (L4), and let a person register (L5). Pure: who may is authorise's matter,
 * files are read elsewhere, changes are written elsewhere.
 */
#ifndef CORE_ENTERPRISE_H
#define CORE_ENTERPRISE_H

#include "core/stored.h"
#include "model/catalog.h"

#define ENTERPRISE_MAX_ROWS 100

/* Whom a refusal names (L3); "" none. Never who holds the account. */
struct enterprise_help {
	const char *administrator;	/* to ask for access */
	const char *representative;	/* the provider's, for a move */
};

/* One account to add, and what came of it. */
struct enterprise_row {
	size_t row;			/* where it stands in the file */
	const char *number;
	int code;			/* out: 0 or an error */
	const char *text;		/* out: the sentence, "" added */
	struct change *change;		/* out: on the account, NULL none */
};

/* Adds known accounts to an enterprise; company "": the account's own, or the
 * enterprise's only one. Every row gets its outcome; the list is refused whole
 * when it is too long (ERR_LIMIT), or enterprise or company are wrong. */
int enterprise_add(struct arena *a, const char *enterprise,
	const char *company, struct enterprise_row *rows, size_t n,
	const struct enterprise_help *help, const struct world *w,
	struct err *e);

/* L4: the change on the account; the company is one of the enterprise it goes
 * to ("": its only one). */
int enterprise_move(struct arena *a, const char *number,
	const char *enterprise, const char *company, const struct world *w,
	struct change **out, struct err *e);
/* L4: what this person held on the account by hand, which ends; what comes by
 * company ends by itself. n 0: nothing. */
struct stored_list enterprise_move_ends(struct arena *a,
	const struct entry *person, const char *number);
/* L4: takes the account and its services out of a group identifier of another
 * company than the one it goes to; NULL: nothing to take. */
struct change *enterprise_move_group(struct arena *a,
	const struct entry *group, const char *number, const char *company,
	const struct world *w);

/* L5: may people register with this account's code at all? */
bool enterprise_registers(const struct world *w, const struct account *acc);
/* L5: the account whose printed code has this hash, if somebody may register
 * with it. ERR_DENIED says no more than that the code is not good here. */
int enterprise_register(const struct world *w, const char *hash,
	int64_t now, const struct account **out, struct err *e);
/* What they start with: the role that views, company, enterprise, account. */
void enterprise_registrant(struct arena *a, const struct account *acc,
	struct entry *out);

#endif
