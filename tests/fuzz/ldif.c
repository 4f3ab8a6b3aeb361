/* SPDX-License-Identifier: ISC */
/* LDIF, every record of it. */
#include "codec/ldif.h"
#include "codec/source.h"
#include "fuzz.h"

const char fuzz_name[] = "ldif";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ldif_conf conf = { .base = "dc=example,dc=com",
	    .line_max = 4096, .record_max = 16384 };
	struct source s = source_mem(data, size);
	struct ldif *l = ldif_open(&s, size % 2 ? &conf : NULL);
	struct ldif_record r;
	struct err e;
	int rc;

	do {
		rc = ldif_next(l, fuzz_arena(), &r, &e);
	} while (rc == 1 || rc == ERR_ITEM_BAD);
	ldif_close(l);
	return 0;
}
