/* SPDX-License-Identifier: ISC */
/* problem: something stored that breaks a rule; it grants nothing until it is
 * mended. Listed for `provost check`; in an arena. */
#ifndef MODEL_PROBLEM_H
#define MODEL_PROBLEM_H

#include <stddef.h>

struct arena;

struct problem {
	const char *dn, *attr, *value;
	const char *text;	/* what is wrong and what to do */
};

struct problems {
	struct problem *v;
	size_t n, cap;
};

/* Copies; p may be NULL. */
void problem_add(struct arena *a, struct problems *p, const char *dn,
	const char *attr, const char *value, const char *text);

#endif
