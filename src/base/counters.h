/* SPDX-License-Identifier: ISC */
/*
 * counters: the numbers /metrics shows (Prometheus text format 0.0.4).
 * Every number is declared in the one table in counters.c; updates are
 * atomic, from any thread.
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

struct buf;

enum counter {
	C_HTTP_REQUESTS, C_HTTP_ERRORS, C_HTTP_REFUSED, C_HTTP_WAITING,
	C_HTTP_LIMITED,
	C_LDAP_WRITES, C_LDAP_WRITE_ERRORS, C_LDAP_RECONNECTS,
	C_SYNC_MESSAGES, C_SYNC_COMMITS, C_SYNC_REFRESHES, C_SYNC_CONNECTED,
	C_SYNC_LAST, C_VIEW_ENTRIES, C_JOURNAL_LINES,
	C_ENGINE_PASSES, C_ENGINE_PEOPLE, C_ENGINE_PROBLEMS,
	C_TARGET_CALLS, C_TARGET_ERRORS, C_TARGET_PENDING, C_TARGET_FAILED,
	C_CHANGE_STREAMS, C_REQUESTS_APPLIED, C_REQUESTS_FAILED,
	C_AUTH_FAILURES, C_HELD, C_HELD_BEHIND,
	C_LEASE_HELD, C_LEASE_TAKEN,
	C_HELD_PEOPLE,
	C_COUNT
};

void counter_add(enum counter c, int64_t n);
void counter_set(enum counter c, int64_t value);
int64_t counter_get(enum counter c);
void counters_print(struct buf *out);

#endif
