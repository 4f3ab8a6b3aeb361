/* SPDX-License-Identifier: ISC */
/* store_util: what the tests of the store share: a directory of their own,
 * numbers from a seed that is printed and can be given (PROVOST_SEED), and
 * small entries. */
#ifndef TEST_STORE_UTIL_H
#define TEST_STORE_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "store/journal.h"
#include "store/view.h"

/* A new directory under TMPDIR; free. */
char *util_dir(void);
/* Remove it with what is in it; frees dir. */
void util_rmdir(char *dir);

/* From PROVOST_SEED or the clock; printed once. */
void util_seed(void);
uint32_t util_random(uint32_t below);

/* A UUID made of n. */
void util_uuid(uint8_t uuid[16], uint32_t n);
/* "n" as a CSN that sorts by n. */
const char *util_csn(struct arena *a, uint32_t n);

struct view *util_open(const char *dir, uint64_t fingerprint, bool *fresh);
/* Put one entry in a transaction of its own. */
void util_put(struct view *v, uint32_t n, int type, int64_t created,
	uint32_t csn, const struct index_key *key, size_t n_keys);
void util_del(struct view *v, uint32_t n);
void util_cookie(struct view *v, const char *cookie);

/* note may be NULL. */
struct journal *util_journal(const char *dir, const char **note);

#endif
