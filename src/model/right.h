/* SPDX-License-Identifier: ISC */
/*
 * right: the words of the directory: a right ("tool:T/A"), a period ("right
 * from until"), a provenance value ("right origin time") and a receipt
 * ("target right state time remote-id attempts"). ARCHITECTURE, "The
 * directory". Parsed values live in the arena given; keys are the natural
 * keys as written, compared case-insensitively (right_cmp) because the
 * directory does.
 */
#ifndef MODEL_RIGHT_H
#define MODEL_RIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

enum right_kind {
	RIGHT_ROLE, RIGHT_COMPANY, RIGHT_ACCOUNT, RIGHT_ALL_ACCOUNTS,
	RIGHT_GROUP, RIGHT_TOOL, RIGHT_TOOL_ACCOUNT, RIGHT_PORTAL, RIGHT_CPNI,
	RIGHT_MAIL,		/* only in receipts: a mail that was sent */
};

struct right {
	enum right_kind kind;
	const char *key;	/* role, company ... tool; "" portal, cpni;
				 * RIGHT_MAIL: "kind/id" (core/notice) */
	const char *account;	/* RIGHT_TOOL_ACCOUNT only, else "" */
};

struct period {
	struct right right;
	/* [from, until); open ends INT64_MIN and CLOCK_NEVER. until INT64_MIN:
	 * the value was malformed, the right is closed whatever other periods
	 * say (person_read). */
	int64_t from, until;
};

struct provenance {
	struct right right;
	const char *origin;	/* request:ID rule:ID feed:NAME client:NAME
				 * person:entryUUID */
	int64_t time;
};

/* ENDING: its end was let pass (core/guard), whether the other side has
 * carried it out is not known yet. */
enum receipt_state { RECEIPT_PENDING, RECEIPT_CONFIRMED, RECEIPT_FAILED,
	RECEIPT_ENDING, RECEIPT_STATES };

struct receipt {
	const char *target;
	struct right right;	/* tool:T, tool:T/A or mail:KIND/ID */
	enum receipt_state state;
	int64_t time;
	const char *remote_id;	/* "-" none yet */
	int attempts;
};

/* s is the decoded word. 0, or ERR_INVALID naming the value and the form it
 * should have. A mail is none: nobody holds it; receipt_parse alone takes it. */
int right_parse(struct arena *a, const char *s, struct right *r,
	struct err *e);
char *right_print(struct arena *a, const struct right *r);
/* Order: kind, key, account, case ignored; a tool's accounts follow the tool
 * itself. */
int right_cmp(const struct right *x, const struct right *y);
bool right_eq(const struct right *x, const struct right *y);

int period_parse(struct arena *a, const char *s, struct period *p,
	struct err *e);
char *period_print(struct arena *a, const struct period *p);
int provenance_parse(struct arena *a, const char *s, struct provenance *p,
	struct err *e);
char *provenance_print(struct arena *a, const struct provenance *p);
int receipt_parse(struct arena *a, const char *s, struct receipt *r,
	struct err *e);
char *receipt_print(struct arena *a, const struct receipt *r);
const char *receipt_state_word(enum receipt_state s);

#endif
