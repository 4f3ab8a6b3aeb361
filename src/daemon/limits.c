/* SPDX-License-Identifier: ISC */
#include "daemon/limits.h"

#include "base/arena.h"

static struct guard_limits limits(int64_t share, int64_t count,
    int64_t floor)
{
	return (struct guard_limits){ (uint32_t)share, (uint64_t)count,
	    (uint64_t)floor };
}

struct guard_limits limits_run(const struct config *c)
{
	return limits(c->guard_share, c->guard_count, c->guard_floor);
}

static struct held_rules *add(const struct held_limits *l, enum held_side side,
    const char *name, const struct guard_own *own, struct held_rules *to)
{
	const struct guard_rules *all = side == HELD_SOURCE ? &l->source :
	    &l->target;

	if (!guard_own_any(own))
		return to;
	*to = (struct held_rules){ side, name, guard_rules_own(all, own) };
	return to + 1;
}

static void add_own(const struct config *c, struct held_limits *l)
{
	struct held_rules *own = arena_array(c->arena, c->n_sources +
	    c->n_targets + 1, sizeof(*own)), *end = own;
	size_t i;

	for (i = 0; i < c->n_sources; i++)
		end = add(l, HELD_SOURCE, *c->source[i].name != '\0' ?
		    c->source[i].name : c->source[i].section,
		    &c->source[i].own, end);
	for (i = 0; i < c->n_targets; i++)
		end = add(l, HELD_TARGET, c->target[i].name,
		    &c->target[i].guard, end);
	l->own = own;
	l->n_own = (size_t)(end - own);
}

/* Additions are limited where they come from. */
struct held_limits limits_held(const struct config *c)
{
	const struct guard_rules target = { limits_run(c),
	    limits(c->guard_day_share, c->guard_day_count,
	    c->guard_day_floor), { 1000, 0, 0 } };
	struct held_limits l = { .source = target, .target = target,
	    .total = limits(c->guard_total_share, c->guard_total_count,
	    c->guard_day_floor), .second_person = c->guard_second_person };

	l.source.add = (struct guard_limits){ 1000,
	    (uint64_t)c->guard_add_count, 0 };
	add_own(c, &l);
	return l;
}
