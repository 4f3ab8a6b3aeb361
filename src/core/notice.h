/* SPDX-License-Identifier: ISC */
/*
 * notice: which mails follow from what is stored (DOMAIN V8, V11, V25, A1), to
 * whom, and what they say. As with tools nothing is queued: a mail is owed as
 * long as its cause is there and its receipt is not, whoever looks and when.
 * Its receipt stands with the person in the second column, "kind/id" in it:
 *
 *   kind/id                 receipt of, mail to   owed
 *   invitation/EXPIRY       the invited           V8, until it expires
 *   reset/TIME              the person            V11
 *   confirmation/CREATOR    the new user; the     V8, when they have signed
 *                           mail to the creator   in for the first time
 *   request/REQUEST         a primary contact     V25, while it waits
 *   decision/REQUEST        the requester         V25, once it is closed
 *   portal/GIVEN            the person            A1; not to those who have
 *                                                 an invitation as well
 *   phone/REQUEST/ACCOUNT   the requester         V23: a call or a letter with
 *   post/REQUEST/ACCOUNT                          the code, while it is awaited
 *
 * Calls and letters go to the targets that core/ways names instead of the mail
 * server; all else is the same. What no way is set up for is not owed, and its
 * receipts are left alone. Nobody who is suspended or has left is told
 * anything; what is older than NOTICE_KEPT is not told any more. Pure.
 */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include "core/diff.h"
#include "core/ways.h"
#include "model/request.h"

/* The section of provostd.conf, and the receipts' target. */
#define NOTICE_TARGET "mail"
/* Thirty days, in microseconds. */
#define NOTICE_KEPT (INT64_C(30) * 86400 * 1000000)

enum notice_kind { NOTICE_INVITATION, NOTICE_RESET, NOTICE_CONFIRMATION,
	NOTICE_REQUEST, NOTICE_DECISION, NOTICE_PORTAL,
	NOTICE_PHONE, NOTICE_POST, NOTICE_KINDS };
#define NOTICE_MAILS NOTICE_PHONE	/* those before it */

struct notice {
	enum notice_kind kind;
	const char *key;		/* "kind/id" */
	bool due;			/* false: there is a cause, but nothing
					 * is to be sent now */
	const struct person *to;
	const char *target;
	const struct request *request;	/* NULL none */
	const char *account;		/* whose code it is, NULL none */
	int64_t time;			/* expiry, time of a reset */
};

/* All that a person's notices follow from. */
struct notice_facts {
	const struct person *person;
	const struct rights *rights;		/* theirs */
	const struct person *creator;		/* NULL: none, or no person */
	const struct request *const *waiting;	/* everybody's that wait */
	size_t n_waiting;
	const struct request *const *own;	/* asked for by the person */
	size_t n_own;
	const struct world *world;
	const struct ways *ways;
	/* NULL: no such person. */
	const struct person *(*by_dn)(void *ctx, const char *dn);
	void *ctx;
	int64_t now;
};

/* Everything there is a cause for, sorted by key. */
void notice_list(struct arena *a, const struct notice_facts *f,
	struct notice **out, size_t *n);
/* NULL: there is none with this key. */
const struct notice *notice_find(const struct notice *v, size_t n,
	const char *key);
/* Against the receipts: ACTION_MAIL for what is due and not confirmed, and
 * ACTION_REMOVE (which sends nothing) for receipts of no use any more: their
 * cause is gone, for closed requests since NOTICE_KEPT. Without a person, gone
 * true and n 0, that is all of them. */
void notice_diff(struct arena *a, const char *person_id, bool gone,
	const struct ways *ways, const struct notice *v, size_t n,
	const struct receipt *receipt, size_t n_receipts, int64_t now,
	struct action **out, size_t *n_out);
/* Is contact one of those to tell of a request that waits: a primary contact
 * who may decide about it? */
bool notice_concerns(const struct request *r, const struct person *contact,
	const struct rights *rights, const struct person *beneficiary,
	const struct world *w);

/* "invitation": also the name of its template. */
const char *notice_word(enum notice_kind k);
/* The names its template may use; ends with NULL. */
const char *const *notice_names(enum notice_kind k);
/* What stands for each of them, in a: one line without control characters, but
 * for items and the lines of an address. link: where people register, login
 * and token are added. ERR_ITEM_BAD: what is stored was not made with this code
 * key. */
int notice_values(struct arena *a, const struct notice *n,
	const struct notice_facts *f, const char *code_key, const char *link,
	const char *const **value, struct err *e);

/* A mail with what it says. */
struct letter {
	enum notice_kind kind;
	const char *name, *address;	/* of a mail; "" none */
	const char *const *value;	/* for notice_names(kind) */
};

#endif
