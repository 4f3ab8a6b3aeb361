/* SPDX-License-Identifier: ISC */
/*
 * lanes: writes to one and the same entry go one after the other, so that ten
 * clients changing one user don't make each other's assertions fail; so do
 * POSTs of what would be twins. A write
 * enters the lane of its entry; who finds it taken waits in it and is handed
 * over by whoever leaves. Thread safe.
 */
#ifndef FRONT_LANES_H
#define FRONT_LANES_H

#include <stdbool.h>
#include <stdint.h>

struct lanes;
struct write;

struct lanes *lanes_new(void);
/* Nobody may enter any more. Waits for those who have answered already and are
 * about to leave. NULL allowed. */
void lanes_free(struct lanes *l);
/* True: go ahead. False: it waits, and lanes_leave will return it. */
bool lanes_enter(struct lanes *l, const uint8_t uuid[16], struct write *w);
/* The next in the lane, which has it now; NULL: it is free. */
struct write *lanes_leave(struct lanes *l, const uint8_t uuid[16]);

#endif
