/* SPDX-License-Identifier: ISC */
#include "engine/circuit.h"

#include "base/clock.h"

void circuit_init(struct circuit *c, unsigned limit, int64_t base,
    int64_t max)
{
	*c = (struct circuit){ .limit = limit,
	    .wait = { .base = base, .max = max } };
}

int64_t circuit_at(const struct circuit *c)
{
	return c->probing ? CLOCK_NEVER : c->until;
}

void circuit_sent(struct circuit *c)
{
	c->probing = c->state != CIRCUIT_CLOSED;
}

bool circuit_answered(struct circuit *c)
{
	bool changed = c->state != CIRCUIT_CLOSED;

	c->state = CIRCUIT_CLOSED;
	c->failures = 0;
	c->probing = false;
	if (changed)
		c->until = 0;
	backoff_reset(&c->wait);
	return changed;
}

bool circuit_down(struct circuit *c, int64_t now)
{
	bool opens;

	c->probing = false;
	c->failures++;
	if (c->state == CIRCUIT_CLOSED && c->failures < c->limit)
		return false;
	/* Several were under way when it opened: they count as one. */
	if (c->state != CIRCUIT_CLOSED && now < c->until)
		return false;
	opens = c->state != CIRCUIT_OPEN;
	c->state = CIRCUIT_OPEN;
	c->until = now + backoff_next(&c->wait);
	return opens;
}

bool circuit_stop(struct circuit *c, int64_t now)
{
	bool changed = c->state != CIRCUIT_STOPPED;

	c->probing = false;
	c->state = CIRCUIT_STOPPED;
	c->until = now + c->wait.max;
	return changed;
}

void circuit_pause(struct circuit *c, int64_t until)
{
	if (until > c->until)
		c->until = until;
}

const char *circuit_word(const struct circuit *c)
{
	static const char *const words[] = { "ok", "down", "stopped" };

	return words[c->state];
}
