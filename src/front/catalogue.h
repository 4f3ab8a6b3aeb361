/* SPDX-License-Identifier: ISC */
/*
 * catalogue: what the operations on many things at once share (A5, V16, V17,
 * L2-L4): a mode that only looks, an outcome a row, and entries found by what
 * people call them.
 */
#ifndef FRONT_CATALOGUE_H
#define FRONT_CATALOGUE_H

#include "core/authorise.h"
#include "directory/world.h"
#include "front/call.h"

/* What came of one row. */
enum outcome {
	OUTCOME_UNCHANGED,		/* it was so already */
	OUTCOME_CHANGED,		/* with mode=plan: would be */
	OUTCOME_REFUSED,		/* for a reason in the row itself */
	OUTCOME_FAILED,			/* not done: send it again */
	N_OUTCOMES
};

/* mode=plan: look only; mode=apply or none: do it. 0, or it was answered. */
int catalogue_mode(struct call *c, bool *plan);
/* An entry by natural key or id, NULL none; borrowed from the world. */
const struct entry *catalogue_entry(struct world_view *w,
	const struct scim_map *m, const char *type, const char *key);
/* A person by id, user name or provostPersonId; who is not seen does not
 * exist (ERR_NOT_FOUND). */
int catalogue_find(struct call *c, struct world_view *w,
	const struct actor *who, const char *name, uint8_t uuid[16],
	struct err *e);
/* A group identifier, read into *g: its entry. NULL and ERR_NOT_FOUND also where
 * people don't see it: they are not told of others' groups that they exist.
 * Clients' scopes have been asked. */
const struct entry *catalogue_group(struct call *c, struct world_view *w,
	const struct actor *who, const char *key, struct group_identifier *g,
	struct err *e);
/* The rights of the person who is named, as far as the actor sees them; name
 * NULL: of whoever asks. ERR_DENIED. */
int catalogue_rights(struct call *c, struct world_view *w,
	const struct actor *who, const char *name, const struct person **p,
	struct rights *out, struct err *e);
/* code 0: changed or not. */
enum outcome catalogue_outcome(int code, bool changed);
/* What is said of a write that failed with e. */
const char *catalogue_failure(struct arena *a, const struct err *e);

/* The head of the answer: mode, the batch that was written, and under "counts"
 * how many of each. */
struct json *catalogue_answer(struct call *c, bool plan,
	const size_t count[N_OUTCOMES]);
/* The members of one row: outcome, status, detail. */
void catalogue_put(struct arena *a, struct json *row, enum outcome o,
	int code, const char *text);

#endif
