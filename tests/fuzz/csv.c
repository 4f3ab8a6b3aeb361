/* SPDX-License-Identifier: ISC */
/* CSV, its first byte the charset and the delimiter: the rows that are good,
 * written and read again, are the same. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/csv.h"
#include "codec/source.h"
#include "fuzz.h"

const char fuzz_name[] = "csv";

static void same_again(const struct row *r)
{
	const struct csv_conf conf = { .delimiter = ',' };
	const struct row *again;
	struct source s;
	struct buf b;
	struct csv *c;
	struct err e;
	size_t i;

	buf_init(&b, 16u << 20);
	csv_put(&b, NULL, r->cell, r->n);
	s = source_mem(b.data, b.len);
	c = csv_open(&s, &conf);
	if (csv_next(c, &again, &e) != 1 || again->n != r->n)
		abort();
	for (i = 0; i < r->n; i++)
		if (strcmp(r->cell[i], again->cell[i]) != 0)
			abort();
	if (csv_next(c, &again, &e) != 0 || !csv_whole(c))
		abort();
	csv_close(c);
	buf_fini(&b);
}

/* A cell that begins with a mark would be taken for the file's. */
static bool has_mark(const struct row *r)
{
	return strncmp(r->cell[0], "\xef\xbb\xbf", 3) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_conf conf = { .row_max = 4096, .cell_max = 1024,
	    .columns_max = 64 };
	const struct row *r;
	struct columns *names;
	struct source s;
	struct csv *c;
	struct err e;
	int rc;

	if (size == 0)
		return 0;
	conf.charset = data[0] & 3;
	conf.delimiter = "\0,;\t"[data[0] >> 2 & 3];
	s = source_mem(data + 1, size - 1);
	c = csv_open(&s, &conf);
	while ((rc = csv_next(c, &r, &e)) == 1 || rc == ERR_ITEM_BAD) {
		if (rc != 1)
			continue;
		if (columns_new(r, &names, &e) == 0)
			columns_free(names);
		if (!has_mark(r))
			same_again(r);
	}
	csv_close(c);
	return 0;
}
