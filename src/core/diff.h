/* SPDX-License-Identifier: ISC */
/*
 * diff: rights against receipts: what the targets must be told (rule 7). Sort
 * both sides, walk once. One action a tool and person: the whole of what the
 * person shall hold there, so that repeating it is harmless. Pure.
 *
 * An action knows what it takes away of what the receipts say the person may
 * hold there, because the guard counts that (rule 8). Not counted is what was
 * let pass before (its receipt is `ending') and what ends because an end came
 * that somebody had set earlier.
 */
#ifndef CORE_DIFF_H
#define CORE_DIFF_H

#include "core/rights.h"
#include "model/right.h"

enum action_kind { ACTION_PUT, ACTION_REMOVE,
	ACTION_MAIL };		/* core/notice: a mail instead of a tool */

struct action {
	enum action_kind kind;
	const char *target;	/* section of provostd.conf */
	const char *tool;	/* or "kind/id" of a mail */
	struct strv accounts;	/* PUT: exactly these, sorted */
	const char *remote_id;	/* from the receipt, "-" none */
	int attempts;		/* failed before */
	bool notice;		/* of core/notice, whatever the kind */
	bool announced;		/* the receipts say already that this may have
				 * happened: it may be sent */
	bool takes;		/* something whose end no receipt says yet */
	bool ended;		/* ... all of which ends because an end came
				 * that somebody had set earlier */
	bool takes_tool;	/* the grant itself */
	bool covered;		/* as announced, leaving aside what it takes */
	bool gives;		/* PUT: something that is not confirmed */
	struct strv taken;	/* which accounts, sorted */
	char loss[17];		/* takes: a digest of target, tool and what is
				 * taken of it; neither of times nor of what
				 * is given */
	char key[65];		/* idempotency key: hash of person, target,
				 * tool, kind, accounts, when they were given
				 * and what was confirmed before: the same
				 * action repeated before its receipt has the
				 * same key, the next round another one */
};

/* rights NULL: the person is gone, everything is removed. Tools whose receipts
 * are confirmed and equal give no action. A receipt of a tool that the
 * directory no longer has is removed through the target it names. */
void diff_tools(struct arena *a, const char *person_id,
	const struct rights *rights, const struct world *w,
	const struct receipt *receipt, size_t n_receipts,
	struct action **out, size_t *n);
/* What is left of an action that takes while the guard holds it: the PUT of
 * what it gives, with what it would have taken. False: nothing. */
bool diff_withheld(struct arena *a, const struct action *act,
	struct action *out);
/* "tool:wan, tool:wan/7": what it takes, as rights. */
const char *diff_loss_text(struct arena *a, const struct action *act);
/* What of several actions is taken at one target, as one digest; n not 0. */
void diff_loss_digest(struct arena *a, const struct action *const *act,
	size_t n, char out[17]);
/* All receipt values of the action's tool (or mail) at its target after it ended so; n
 * 0: none left. old: the person's receipts before. confirmed: what the action
 * asked for and nothing else. Otherwise one attempt more, on what it asked for
 * and on what it should have ended, which may still be held there and is
 * `ending' from then on. remote_id
 * NULL or "-": the action's. */
void diff_receipts_after(struct arena *a, const struct action *act,
	enum receipt_state state, int64_t now, const char *remote_id,
	const struct receipt *old, size_t n_old, struct receipt **out,
	size_t *n);

#endif
