/* SPDX-License-Identifier: ISC */
/*
 * fuzz: what the targets share. A target defines FUZZ_NAME (its corpus) and
 * LLVMFuzzerTestOneInput; fuzz.c has a main that replays files: those on the
 * command line, without any those of tests/fuzz/corpus/NAME.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "codec/scim_map.h"

extern const char fuzz_name[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* conf/mapping.conf, read once. */
const struct scim_map *fuzz_map(void);
/* An arena that is empty again. */
struct arena *fuzz_arena(void);
/* The input as a string, cut at a NUL. */
char *fuzz_text(struct arena *a, const uint8_t *data, size_t size);
/* A resolver that knows everything it is asked for. */
extern const struct scim_resolver fuzz_resolver;

#endif
