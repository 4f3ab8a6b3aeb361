/* SPDX-License-Identifier: ISC */
#include "core/guard.h"

#include <inttypes.h>

#include "base/str.h"

#define LIMITS { 50, 50, 10 }

const struct guard_limits guard_defaults = LIMITS;
const struct guard_rules guard_rules_default = { LIMITS, { 50, 50, 50 },
    { 1000, 0, 0 } };

static void set_share(uint32_t *to, int64_t own)
{
	if (own >= 0)
		*to = (uint32_t)own;
}

static void set_count(uint64_t *to, int64_t own)
{
	if (own >= 0)
		*to = (uint64_t)own;
}

struct guard_rules guard_rules_own(const struct guard_rules *r,
    const struct guard_own *own)
{
	struct guard_rules out = *r;

	set_share(&out.run.share_permille, own->share);
	set_count(&out.run.count, own->count);
	set_count(&out.run.floor, own->floor);
	set_share(&out.day.share_permille, own->day_share);
	set_count(&out.day.count, own->day_count);
	set_count(&out.day.floor, own->day_floor);
	set_count(&out.add.count, own->add_count);
	return out;
}

const struct guard_own guard_own_none = { -1, -1, -1, -1, -1, -1,
    -1 };

bool guard_own_any(const struct guard_own *own)
{
	return own->share >= 0 || own->count >= 0 || own->floor >= 0 ||
	    own->day_share >= 0 || own->day_count >= 0 || own->day_floor >= 0 ||
	    own->add_count >= 0;
}

static const char *const words[GUARD_KINDS] = { "disabled", "deleted",
    "memberships", "revoked", "added" };

const char *guard_word(enum guard_kind k)
{
	return words[k];
}

bool guard_kind_of(const char *word, enum guard_kind *out)
{
	int k;

	for (k = 0; k < GUARD_KINDS; k++)
		if (str_eq(words[k], word)) {
			*out = (enum guard_kind)k;
			return true;
		}
	return false;
}

void guard_add(struct guard_tally *to, const struct guard_tally *t)
{
	int k;

	for (k = 0; k < GUARD_KINDS; k++)
		to->n[k] += t->n[k];
}

void guard_keep(struct guard_tally *t, uint64_t n)
{
	static const enum guard_kind order[] = { GUARD_DELETE, GUARD_DISABLE,
	    GUARD_REVOKE, GUARD_MEMBER };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (t->n[order[i]] > n)
			t->n[order[i]] = n;
		n -= t->n[order[i]];
	}
}

uint64_t guard_taken(const struct guard_tally *t)
{
	return t->n[GUARD_DISABLE] + t->n[GUARD_DELETE] +
	    t->n[GUARD_MEMBER] + t->n[GUARD_REVOKE];
}

/* Where n is not under the floor. */
static int over_count(const struct guard_limits *l, uint64_t n,
    uint64_t population, const char *what, struct err *e)
{
	return err_set(e, ERR_HELD, "%s: %" PRIu64 " of %" PRIu64
	    " is over the limit of %" PRIu64, what, n, population, l->count);
}

static int over_share(const struct guard_limits *l, uint64_t n,
    uint64_t population, const char *what, struct err *e)
{
	return err_set(e, ERR_HELD, "%s: %" PRIu64 " of %" PRIu64
	    " is over the share of %" PRIu32 ".%" PRIu32 " %%", what, n,
	    population, l->share_permille / 10, l->share_permille % 10);
}

/* more people than the limits say pass. */
static int check(const struct guard_limits *l, uint64_t n,
    uint64_t population, uint64_t more, const char *what, struct err *e)
{
	uint64_t held = n > more ? n - more : 0;

	if (held < l->floor)
		return 0;
	if (held > l->count)
		return over_count(l, n, population, what, e);
	if (l->share_permille < 1000 &&
	    held * 1000 > l->share_permille * population)
		return over_share(l, n, population, what, e);
	return 0;
}

int guard_check(const struct guard_limits *l, uint64_t n,
    uint64_t population, const char *what, struct err *e)
{
	return check(l, n, population, 0, what, e);
}

/* As many as there were before the day's deletions: a share does not become
 * less with each of them. */
static uint64_t base(const struct guard_case *c)
{
	return c->population + c->gone;
}

static int check_added(const struct guard_rules *r,
    const struct guard_case *c, struct err *e)
{
	if (c->ask.n[GUARD_ADD] == 0 || r->add.count == 0)
		return 0;
	return check(&r->add, c->ask.n[GUARD_ADD] + c->day.n[GUARD_ADD],
	    base(c), c->more.n[GUARD_ADD], "people who get something within 24 "
	    "hours", e);
}

static int named(int rc, const struct guard_case *c, struct err *e)
{
	if (rc != 0)
		err_wrap(e, "%s", c->who);
	return rc;
}

static int check_day(const struct guard_limits *l,
    const struct guard_case *c, struct err *e)
{
	uint64_t now = guard_taken(&c->ask);

	return now <= c->known ? 0 : check(l, now - c->known +
	    guard_taken(&c->day), base(c), guard_taken(&c->more), "people who "
	    "lose something within 24 hours", e);
}

int guard_decide(const struct guard_rules *r, const struct guard_case *c,
    struct err *e)
{
	uint64_t now = guard_taken(&c->ask);
	int rc = 0;

	if (now != 0)
		rc = check(&r->run, now, base(c), guard_taken(&c->more),
		    "people who lose something at once", e);
	if (rc == 0)
		rc = check_day(&r->day, c, e);
	if (rc == 0)
		rc = check_added(r, c, e);
	return named(rc, c, e);
}

int guard_decide_total(const struct guard_limits *l,
    const struct guard_case *c, struct err *e)
{
	return named(check_day(l, c, e), c, e);
}
