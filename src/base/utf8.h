/* SPDX-License-Identifier: ISC */
/* utf8: validity (RFC 3629) and the folding under which directory strings
 * are the same (RFC 4518: NFKC, case folded, spaces squeezed, what can't be
 * seen left out). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Well-formed, no surrogates, no overlong forms, no NUL. */
bool utf8_valid(const char *s, size_t n);
/* The first character of s and how many bytes it takes; 0: malformed, or n
 * is 0. NUL counts as a character. */
size_t utf8_next(const char *s, size_t n, uint32_t *c);
/* c, no surrogate, at most four bytes of it, to out; returns the end. */
char *utf8_put(char *out, uint32_t c);
/* Columns of a terminal that the character takes: 0 for what joins the one
 * before it and for controls, 2 for wide ones. */
int utf8_columns(uint32_t c);
/* caseIgnoreMatch / caseExactMatch key of s; s must be valid. */
char *utf8_fold(struct arena *a, const char *s);
char *utf8_squeeze(struct arena *a, const char *s);
/* Every letter a small one, or a capital; one character for each. */
char *utf8_lower(struct arena *a, const char *s);
char *utf8_upper(struct arena *a, const char *s);

#endif
