/* SPDX-License-Identifier: ISC */
/*
 * circuit: may something be sent to a target now? Closed: yes. After limit
 * failures in a row it opens: nothing is sent for a while, then one probe; if
 * it fails the wait doubles, any answer closes it. A Retry-After pauses a
 * closed circuit. A target that is misconfigured (ERR_STOP) stays stopped and
 * is probed at the longest wait only. Times are monotonic microseconds.
 * Plain values of the dispatch thread.
 */
#ifndef ENGINE_CIRCUIT_H
#define ENGINE_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

enum circuit_state { CIRCUIT_CLOSED, CIRCUIT_OPEN, CIRCUIT_STOPPED };

struct circuit {
	enum circuit_state state;
	struct backoff wait;
	unsigned limit, failures;
	bool probing;		/* the probe is under way */
	int64_t until;		/* nothing before */
};

void circuit_init(struct circuit *c, unsigned limit, int64_t base,
	int64_t max);
/* The earliest time something may be sent; CLOCK_NEVER while probing. */
int64_t circuit_at(const struct circuit *c);
/* Something is being sent. */
void circuit_sent(struct circuit *c);
/* What came of it; true: the state has changed, which is worth a line. */
bool circuit_answered(struct circuit *c);
bool circuit_down(struct circuit *c, int64_t now);
bool circuit_stop(struct circuit *c, int64_t now);
void circuit_pause(struct circuit *c, int64_t until);
const char *circuit_word(const struct circuit *c);

#endif
