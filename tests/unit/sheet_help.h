/* SPDX-License-Identifier: ISC */
/* What the tests of the file codecs share. */
#ifndef TESTS_SHEET_HELP_H
#define TESTS_SHEET_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "codec/source.h"

/* A source that gives one byte at a time. */
static inline int sheet_one_byte(struct source *s, char *p, size_t cap,
    size_t *n, struct err *e)
{
	(void)e;
	*n = s->left != 0 && cap != 0;
	if (*n != 0)
		*p = *s->p++;
	s->left -= *n;
	return 0;
}

/* A source that fails behind its bytes. */
static inline int sheet_broken(struct source *s, char *p, size_t cap,
    size_t *n, struct err *e)
{
	int rc = sheet_one_byte(s, p, cap, n, e);

	return *n != 0 ? rc : err_set(e, ERR_IO, "the disk is on fire");
}

static inline void sheet_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

#endif
