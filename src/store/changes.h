/* SPDX-License-Identifier: ISC */
/* changes: which entries changed since its one consumer looked last: a set of
 * at most CHANGES_MAX, beyond that "all", as at the beginning. In the order of
 * the first change. Thread safe. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANGES_MAX 65536

struct changes;

struct changes *changes_new(void);
void changes_free(struct changes *c);
/* Does not wake: changes_notify after the last one of a transaction. */
void changes_add(struct changes *c, const uint8_t uuid[16]);
void changes_notify(struct changes *c);
/* As view_changes and view_wake. */
size_t changes_take(struct changes *c, uint8_t (*uuid)[16], size_t max,
	bool *all, int64_t until_mono);
void changes_wake(struct changes *c);

#endif
