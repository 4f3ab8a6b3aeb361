/* SPDX-License-Identifier: ISC */
/* What was asked in vain passes after all, at a later hour or with other
 * limits: then nobody need decide it. */
#include "directory/held_p.h"

#include "base/clock.h"

bool held_job_of(const struct job *j, enum held_side side, const char *name)
{
	return j->v.side == side && str_ieq(j->v.name, name);
}

static bool waits(const struct job *j)
{
	return j->v.state == HELD_HELD && j->want == HELD_HELD;
}

struct job *held_find_waiting(struct held *h, const struct held_ask *q)
{
	struct job *j;
	size_t pos = 0;

	while (map_next(h->jobs, &pos, (void **)&j) != NULL)
		if (waits(j) && held_job_of(j, q->side, q->name) &&
		    str_eq(j->v.kind, q->kind) && str_eq(j->v.data,
		    q->data != NULL ? q->data : ""))
			return j;
	return NULL;
}

static uint64_t drop(struct job *j, const struct held_ask *q)
{
	uint64_t n = 0;
	struct item *it;
	size_t i;

	for (i = 0; i < q->n_items; i++) {
		it = map_get(j->by_person, q->item[i].person);
		held_job_drop(j, it);
		n += it != NULL;
	}
	return n;
}

static void less(struct job *j, uint64_t n)
{
	j->v.people -= n < j->v.people ? n : j->v.people;
	guard_keep(&j->v.tally, j->v.people);
	if (j->v.tally.n[GUARD_ADD] > j->v.people)
		j->v.tally.n[GUARD_ADD] = j->v.people;
}

void held_passed(struct held *h, const struct held_ask *q)
{
	struct job *j = held_find_waiting(h, q);
	uint64_t n = j == NULL ? 0 : drop(j, q);

	if (n == 0)
		return;
	less(j, n);
	if (j->n == 0) {
		j->want = HELD_OVER;
		j->v.decided = clock_now();
		j->v.by = "provostd";
		j->v.reason = "asked again, and within the limits";
	}
	j->part[0].at.dirty = true;
	pthread_cond_signal(&h->wake);
}
