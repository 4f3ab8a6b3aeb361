/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "cli/commands.h"
#include "store/journal_verify.h"

#define DEFAULT_DIR "/var/lib/provost"	/* of the setting journal.dir */

static void print_check(struct arena *a, const struct journal_check *k)
{
	printf("%" PRIu64 " lines in %u file%s, %" PRIu64 " to %" PRIu64
	    ", the chain is whole\n", k->lines, k->files,
	    k->files == 1 ? "" : "s", k->first, k->last);
	if (k->first > 1)
		printf("verified from %" PRIu64 " on: the lines before it are "
		    "not here\n", k->first);
	printf("the last line's SHA-256 is %s\n", str_hex(a, k->hash,
	    sizeof(k->hash)));
}

int command_journal_verify(const struct command_line *l, struct err *e)
{
	struct journal_check k;
	int rc = journal_verify(l->argc != 0 ? l->argv[0] : DEFAULT_DIR, &k,
	    e);

	if (rc == 0)
		print_check(l->client->arena, &k);
	return rc;
}
