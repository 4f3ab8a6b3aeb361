/* SPDX-License-Identifier: ISC */
/* A line of the journal as it is, and with the end that makes it a good one:
 * read, asked for its type's DN, undone against an entry. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/undo.h"
#include "fuzz.h"
#include "store/journal_line.h"

const char fuzz_name[] = "journal";

static bool single(const char *name, void *ctx)
{
	(void)ctx;
	return name[0] == 's';
}

static void undo(struct arena *a, const char *line, size_t n)
{
	const struct strv never = { 0 };
	struct undo *u = undo_new(a, &never);
	struct entry now = { .dn = "cn=a,dc=x", .csn = "" };
	struct undo_look look = { .single = single };
	struct undo_entry at;
	struct undo_result r;

	if (undo_line(u, line, n, NULL) != 0 || undo_count(u) == 0)
		return;
	undo_at(u, 0, &at);
	if (at.dn == NULL)
		abort();
	undo_make(u, 0, a, &look, &r);
	entry_add(a, &now, "cn", "a");
	entry_add(a, &now, "sn", "b");
	look.now = &now;
	undo_make(u, 0, a, &look, &r);
	if (r.change && r.want == NULL && !at.deleted && r.conflict)
		abort();
}

static void read_line(struct arena *a, const char *line, size_t n)
{
	struct journal_chain c = { 0 };
	struct journal_line l;
	uint64_t seq;

	if (!journal_line_parse(line, n, &l))
		return;
	if (!journal_line_seq(line, n, &seq) || seq != l.seq)
		abort();
	if (l.dn_len != 0 && (l.dn < line || l.dn + l.dn_len > line + n ||
	    l.dn[0] != '"' || l.dn[l.dn_len - 1] != '"'))
		abort();
	journal_chain_set(&c, l.seq, line, n);
	if (journal_line_follows(&c, &l))
		abort();
	undo(a, line, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	const char *raw = arena_memdup(a, data, size);
	const char *head = arena_printf(a, "%s,\"prev\":\"%064d",
	    fuzz_text(a, data, size), 0);
	const char *whole = arena_printf(a, "%s\",\"sum\":\"%016" PRIx64
	    "\"}", head, hash_fast(head, strlen(head), 0));

	read_line(a, raw, size);
	read_line(a, whole, strlen(whole));
	return 0;
}
