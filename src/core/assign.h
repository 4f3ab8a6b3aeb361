/* SPDX-License-Identifier: ISC */
/*
 * assign: the same rights given to or taken from somebody, one of many, by
 * hand (A5, V17), or their state changed: the one change of the entry, decided
 * whole. V14, V15, V18, V20 and what the actor may are all asked; provenance
 * is part of the change. The same decision is the preview. Pure.
 */
#ifndef CORE_ASSIGN_H
#define CORE_ASSIGN_H

#include "core/actor.h"
#include "model/change.h"

enum assign_kind {
	ASSIGN_GIVE, ASSIGN_TAKE,
	ASSIGN_SUSPEND, ASSIGN_REACTIVATE,	/* without rights */
};

struct assign_order {
	enum assign_kind kind;
	const struct right *right;
	size_t n;
	const char *origin;		/* of the provenance */
	int64_t now;
};

struct assign_result {
	int code;			/* 0 or an error; then no change */
	const char *text;		/* the sentence, "" good */
	struct strv given, taken;	/* rights; taken: also what goes with
					 * them (V14, V20) */
};

/* Is this an order at all: rights of things that there are, of kinds that are
 * given and taken like this? 0 or ERR_INVALID. */
int assign_check(struct arena *a, const struct assign_order *o,
	const struct world *w, struct err *e);
/* The change of the entry e of a person, guarded by its CSN; NULL: there is
 * nothing to do, or it is refused. */
struct change *assign_person(struct arena *a, const struct actor *who,
	const struct entry *e, const struct assign_order *o,
	const struct world *w, struct assign_result *out);

#endif
