/* SPDX-License-Identifier: ISC */
/* uuids: a sorted set of entryUUIDs, made at once. Not thread safe. */
#ifndef DIRECTORY_UUIDS_H
#define DIRECTORY_UUIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuids {
	uint8_t (*v)[16];		/* owned */
	size_t n;
};

void uuids_set(struct uuids *u, uint8_t (*v)[16], size_t n);
void uuids_copy(struct uuids *to, const struct uuids *from);
void uuids_fini(struct uuids *u);	/* empty then */
bool uuids_has(const struct uuids *u, const uint8_t uuid[16]);
/* Are these n, in any order, each once, the set? */
bool uuids_same(const struct uuids *u, uint8_t (*v)[16], size_t n);

#endif
