/* SPDX-License-Identifier: ISC */
/*
 * cascade: what goes with a company that is taken away (V14): its accounts,
 * all-accounts, group identifiers and tool accounts that stand on the entry, a
 * tool grant whose every account goes with it, CPNI when no company is left,
 * and the periods and provenance of all that and of the company itself. The
 * same list is the preview and the change. Pure.
 *
 * Only companies that stood on the entry, and that no rule gives now, count: a
 * company lost because a rule no longer gives it takes nothing that was given
 * by hand. CPNI authorisation is one flag for all of a person's companies:
 * while another one is left it stays, and opens the CPNI of a company that is
 * authorised again.
 *
 * Somebody else than the daemon may have taken the company away. So whoever
 * sees an entry before and after keeps with it which companies are pending
 * (CASCADE_TAKEN, an attribute of the view's copy alone, written by
 * directory/intake) for as long as something hangs on them that is to go; the
 * engine looks at the entry, level-triggered, and writes what is missing. A
 * view that is built from nothing knows of none: what hung on a company that
 * was taken away just then stays on the entry, cut by V13.
 */
#ifndef CORE_CASCADE_H
#define CORE_CASCADE_H

#include "core/stored.h"
#include "model/catalog.h"

/* The companies that before has and after has not: gone, unless a rule gives
 * them to after. */
struct strv cascade_gone(struct arena *a, const struct entry *before,
	const struct entry *after, const struct world *w);
#define CASCADE_TAKEN "x-taken"

/* Those of before's companies and pending ones that are gone and on which
 * something hangs in after. */
struct strv cascade_pending(struct arena *a, const struct entry *before,
	const struct entry *after, const struct world *w);
/* What hangs on the companies gone and still stands on the entry; n 0:
 * nothing. The companies' own rights are not among them. */
struct stored_list cascade_list(struct arena *a, const struct entry *after,
	const struct strv *gone, const struct world *w);
/* Mods for the same change that takes the companies away, or for one of its
 * own: the list's values, and periods and provenance, also the companies'. */
void cascade_change(struct arena *a, struct change *c,
	const struct entry *after, const struct strv *gone,
	const struct stored_list *list);
/* The same done to an entry in the arena. */
void cascade_drop(struct arena *a, struct entry *after,
	const struct strv *gone, const struct stored_list *list);

#endif
