/* SPDX-License-Identifier: ISC */
#include "core/leaver.h"

#include "base/arena.h"
#include "base/clock.h"

#define STATE "provostState"
#define ENDS "provostEndsAt"
#define LEFT LEAVER_LEFT

static void set_time(struct arena *a, struct entry *want, const char *attr,
    int64_t t)
{
	char text[24];

	entry_drop(want, attr);
	entry_add(a, want, attr, clock_print_gt(t, text));
}

static bool drop(struct entry *want, const char *attr)
{
	if (entry_attr(want, attr) == NULL)
		return false;
	entry_drop(want, attr);
	return true;
}

/* Left at that time; when it was set for later, or is not known, now. */
static bool has_left(struct arena *a, struct entry *want,
    const struct person *p, int64_t now)
{
	bool changed = drop(want, ENDS);

	if (p->left != 0)
		return changed;
	set_time(a, want, LEFT, now);
	return true;
}

static bool ended(const struct person *p, int64_t now)
{
	return p->ends != INT64_MIN && p->ends <= now;
}

bool leaver_settle(struct arena *a, struct entry *want, int64_t now)
{
	struct person p;

	person_read(a, want, &p, NULL);
	if (p.state == PERSON_LEFT)
		return has_left(a, want, &p, now);
	/* Back: the end that they left by is over. */
	if (p.state != PERSON_SUSPENDED && p.left != 0) {
		if (ended(&p, now))
			entry_drop(want, ENDS);
		return drop(want, LEFT);
	}
	if (!ended(&p, now))
		return false;
	entry_drop(want, STATE);
	entry_add(a, want, STATE, person_state_word(PERSON_LEFT));
	if (p.left == 0)
		set_time(a, want, LEFT, p.ends);
	entry_drop(want, ENDS);
	return true;
}

int64_t leaver_removal(const struct person *p, int64_t grace)
{
	bool gone = p->state == PERSON_LEFT || p->state == PERSON_SUSPENDED;

	if (!gone || p->left == 0 || grace == 0 ||
	    p->left > CLOCK_NEVER - grace)
		return CLOCK_NEVER;
	return p->left + grace;
}
