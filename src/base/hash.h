/* SPDX-License-Identifier: ISC */
/* hash: SHA-256, HMAC-SHA-256 (GnuTLS), random bytes and short ids.
 * Thread safe. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct arena;

void hash_sha256(const void *p, size_t n, uint8_t out[32]);
/* The same of what comes in pieces: begin, add as often as wanted, end (which
 * frees it). One thread at a time. */
struct hash_run;
struct hash_run *hash_run_begin(void);
void hash_run_add(struct hash_run *r, const void *p, size_t n);
void hash_run_end(struct hash_run *r, uint8_t out[32]);
/* FIPS 180-4 digest of a string as 64 hex digits. */
char *hash_sha256_hex(struct arena *a, const char *s);
void hash_hmac256(const void *key, size_t key_len, const void *p, size_t n,
	uint8_t out[32]);
/* Fast, not cryptographic: for versions (ETags) and fingerprints. */
uint64_t hash_fast(const void *p, size_t n, uint64_t seed);
/* Cryptographically strong; ends the process if the system has none. */
void hash_random(void *p, size_t n);
/* n characters of [a-z2-7] (5 bits each) from hash_random; out n + 1. */
void hash_random_id(char *out, size_t n);

#endif
