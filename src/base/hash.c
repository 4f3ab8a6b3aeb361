/* SPDX-License-Identifier: ISC */
#include "base/hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static void must(int rc, const char *what)
{
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", what, gnutls_strerror(rc));
		abort();
	}
}

void hash_sha256(const void *p, size_t n, uint8_t out[32])
{
	must(gnutls_hash_fast(GNUTLS_DIG_SHA256, p, n, out), "SHA-256");
}

struct hash_run *hash_run_begin(void)
{
	gnutls_hash_hd_t h;

	must(gnutls_hash_init(&h, GNUTLS_DIG_SHA256), "SHA-256");
	return (struct hash_run *)(void *)h;
}

void hash_run_add(struct hash_run *r, const void *p, size_t n)
{
	must(gnutls_hash((gnutls_hash_hd_t)(void *)r, p, n), "SHA-256");
}

void hash_run_end(struct hash_run *r, uint8_t out[32])
{
	gnutls_hash_deinit((gnutls_hash_hd_t)(void *)r, out);
}

char *hash_sha256_hex(struct arena *a, const char *s)
{
	uint8_t d[32];

	hash_sha256(s, strlen(s), d);
	return str_hex(a, d, sizeof(d));
}

void hash_hmac256(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[32])
{
	must(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, p, n, out),
	    "HMAC-SHA-256");
}

uint64_t hash_fast(const void *p, size_t n, uint64_t seed)
{
	const unsigned char *b = p;
	uint64_t h = seed ^ UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(1099511628211);
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 33;
}

void hash_random(void *p, size_t n)
{
	must(gnutls_rnd(GNUTLS_RND_RANDOM, p, n), "random bytes");
}

void hash_random_id(char *out, size_t n)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz234567";
	size_t i;

	hash_random(out, n);
	for (i = 0; i < n; i++)
		out[i] = set[(unsigned char)out[i] & 31];
	out[n] = '\0';
}

