/* SPDX-License-Identifier: ISC */
#include "base/counters.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/buf.h"

static const struct {
	const char *name, *type, *help;
} table[C_COUNT] = {
	[C_HTTP_REQUESTS] = { "http_requests_total", "counter", "Requests answered." },
	[C_HTTP_ERRORS] = { "http_errors_total", "counter", "Requests answered with 5xx." },
	[C_HTTP_REFUSED] = { "http_refused_total", "counter", "Requests refused by the header guard." },
	[C_HTTP_WAITING] = { "http_waiting", "gauge", "Requests waiting for the directory or the view." },
	[C_HTTP_LIMITED] = { "http_limited_total", "counter", "Requests answered 429." },
	[C_LDAP_WRITES] = { "ldap_writes_total", "counter", "LDAP writes that succeeded." },
	[C_LDAP_WRITE_ERRORS] = { "ldap_write_errors_total", "counter", "LDAP writes that failed." },
	[C_LDAP_RECONNECTS] = { "ldap_reconnects_total", "counter", "LDAP connections lost and made again." },
	[C_SYNC_MESSAGES] = { "sync_messages_total", "counter", "syncrepl messages taken in." },
	[C_SYNC_COMMITS] = { "sync_commits_total", "counter", "Transactions written to the view." },
	[C_SYNC_REFRESHES] = { "sync_refreshes_total", "counter", "Refresh phases completed." },
	[C_SYNC_CONNECTED] = { "sync_connected", "gauge", "1 while the consumer is in its persist phase." },
	[C_SYNC_LAST] = { "sync_last_seconds", "gauge", "When the provider was last known to agree, epoch." },
	[C_VIEW_ENTRIES] = { "view_entries", "gauge", "Entries in the view." },
	[C_JOURNAL_LINES] = { "journal_lines_total", "counter", "Lines appended to the journal." },
	[C_CHANGE_STREAMS] = { "change_streams", "gauge", "Streams of changes that are open." },
	[C_ENGINE_PASSES] = { "engine_passes_total", "counter", "Reconciliation passes." },
	[C_ENGINE_PEOPLE] = { "engine_people_total", "counter", "People compared with their receipts." },
	[C_ENGINE_PROBLEMS] = { "engine_problems", "gauge", "Values that break a rule, as the last full pass met them with people and requests." },
	[C_TARGET_CALLS] = { "target_calls_total", "counter", "Actions sent to targets." },
	[C_TARGET_ERRORS] = { "target_errors_total", "counter", "Actions that targets refused or that failed." },
	[C_TARGET_PENDING] = { "target_pending", "gauge", "Actions waiting or under way." },
	[C_TARGET_FAILED] = { "target_failed", "gauge", "Actions parked until something changes." },
	[C_REQUESTS_APPLIED] = { "requests_applied_total", "counter", "Access requests applied." },
	[C_REQUESTS_FAILED] = { "requests_failed_total", "counter", "Access requests that failed." },
	[C_AUTH_FAILURES] = { "auth_failures_total", "counter", "Requests without a good token." },
	[C_LEASE_HELD] = { "lease_held", "gauge", "1 while this daemon is the one that tells targets." },
	[C_LEASE_TAKEN] = { "lease_taken_total", "counter", "Times this daemon took the lease." },
	[C_HELD] = { "guard_held", "gauge", "Jobs that the guard holds." },
	[C_HELD_BEHIND] = { "guard_behind", "gauge", "Counts and jobs of the guard not yet in the directory." },
	[C_HELD_PEOPLE] = { "guard_held_people", "gauge", "People whose losses at targets are held." },
};
static _Atomic int64_t value[C_COUNT];

void counter_add(enum counter c, int64_t n)
{
	atomic_fetch_add_explicit(&value[c], n, memory_order_relaxed);
}

void counter_set(enum counter c, int64_t v)
{
	atomic_store_explicit(&value[c], v, memory_order_relaxed);
}

int64_t counter_get(enum counter c)
{
	return atomic_load_explicit(&value[c], memory_order_relaxed);
}

void counters_print(struct buf *out)
{
	int i;

	for (i = 0; i < C_COUNT; i++)
		buf_printf(out, "# HELP provost_%s %s\n# TYPE provost_%s %s\n"
		    "provost_%s %" PRId64 "\n", table[i].name, table[i].help,
		    table[i].name, table[i].type, table[i].name,
		    counter_get((enum counter)i));
}
