/* SPDX-License-Identifier: ISC */
/* Who gave a right (T2): a SCIM write that gives or takes rights notes who
 * asked for it in provostProvenance, in the same change. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/stored.h"
#include "front/acting.h"
#include "front/write.h"
#include "model/right.h"

#define PROVENANCE "provostProvenance"

static void note_lost(struct write *w, const struct right *r)
{
	const struct attr *at = entry_attr(w->old, PROVENANCE);
	struct arena *a = w->c->a;
	struct provenance p;
	size_t i;

	for (i = 0; at != NULL && i < at->n; i++)
		if (provenance_parse(a, at->v[i].p, &p, NULL) == 0 &&
		    right_eq(&p.right, r))
			change_set(a, w->change, MOD_DELETE, PROVENANCE,
			    at->v[i].p);
}

static void note_gained(struct write *w, const struct right *r)
{
	struct arena *a = w->c->a;
	struct provenance p = { .right = *r, .time = clock_now(),
	    .origin = call_origin(w->c) };
	const char *value = provenance_print(a, &p);

	if (w->change->kind == CHANGE_ADD)
		entry_add(a, w->want, PROVENANCE, value);
	else
		change_set(a, w->change, MOD_ADD, PROVENANCE, value);
}

void write_rights(struct write *w)
{
	struct stored_list old, want, gained, lost;
	struct arena *a = w->c->a;
	size_t i;

	if (!entry_is(w->want, "provostUser"))
		return;
	old = stored_read(a, w->old);
	want = stored_read(a, w->want);
	lost = stored_beyond(a, &old, &want);
	gained = stored_beyond(a, &want, &old);
	for (i = 0; i < lost.n; i++)
		note_lost(w, &lost.v[i].right);
	for (i = 0; i < gained.n; i++)
		note_gained(w, &gained.v[i].right);
}
