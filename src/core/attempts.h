/* SPDX-License-Identifier: ISC */
/*
 * attempts: how wrong codes slow down and lock (V28), for a user and for an
 * account alike: from the fifth in a row on the next one waits a minute, then
 * two, four ...; with the tenth nothing is looked at for 24 hours; 24 hours
 * after the last one they are forgotten. A right code forgets nothing, or an
 * own account's code would buy endless tries. The state is model/code.h's
 * value on the entry, so that it survives a restart. Pure.
 */
#ifndef CORE_ATTEMPTS_H
#define CORE_ATTEMPTS_H

#include "model/change.h"
#include "model/code.h"

enum attempts { ATTEMPTS_OPEN, ATTEMPTS_SLOWED, ATTEMPTS_LOCKED };

/* *until: when the next code is looked at; untouched when that is now. */
enum attempts attempts_judge(const struct wrong_codes *w, int64_t now,
	int64_t *until);
/* The value that counts n more. */
char *attempts_value(struct arena *a, const struct wrong_codes *w, size_t n,
	int64_t now);
/* The change that counts n more on an entry; asserts its CSN. */
struct change *attempts_count(struct arena *a, const char *dn,
	const char *csn, const struct wrong_codes *w, size_t n, int64_t now);

#endif
