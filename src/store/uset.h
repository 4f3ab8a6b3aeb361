/* SPDX-License-Identifier: ISC */
/* uset: a set of 16-byte values (UUIDs), open addressing, in memory. Not
 * thread safe. */
#ifndef STORE_USET_H
#define STORE_USET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uset;

struct uset *uset_new(void);
void uset_free(struct uset *s);		/* NULL allowed */
/* False: it was in already. */
bool uset_add(struct uset *s, const uint8_t v[16]);
bool uset_has(const struct uset *s, const uint8_t v[16]);
void uset_del(struct uset *s, const uint8_t v[16]);
size_t uset_count(const struct uset *s);
/* Empty it; the memory is given back. */
void uset_clear(struct uset *s);
/* Iterate: *pos starts at 0; NULL at the end. No change meanwhile. */
const uint8_t *uset_next(const struct uset *s, size_t *pos);

#endif
