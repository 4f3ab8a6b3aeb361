/* SPDX-License-Identifier: ISC */
#include "codec/source.h"

#include <string.h>

static int read_mem(struct source *s, char *p, size_t cap, size_t *n,
    struct err *e)
{
	(void)e;
	*n = s->left < cap ? s->left : cap;
	if (*n != 0)
		memcpy(p, s->p, *n);
	s->p += *n;
	s->left -= *n;
	return 0;
}

struct source source_mem(const void *p, size_t n)
{
	return (struct source){ .read = read_mem, .p = n ? p : "", .left = n };
}

int source_read(struct source *s, char *p, size_t cap, size_t *n,
    struct err *e)
{
	int rc;

	*n = 0;
	rc = s->read(s, p, cap, n, e);
	s->given += *n;
	if (rc == 0 && s->max != 0 && s->given > s->max)
		return err_set(e, ERR_LIMIT, "the file is larger than %llu "
		    "bytes: split it", (unsigned long long)s->max);
	return rc;
}
