/* SPDX-License-Identifier: ISC */
/* sign: keys that are none, and signatures with the keys GnuTLS makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/sign.h"
#include "base/str.h"
#include "tokens.h"
#include "arena_fixture.h"

static struct sign_bytes of(gnutls_datum_t d)
{
	return (struct sign_bytes){ d.data, d.size };
}

static struct sign_bytes text(const char *s)
{
	return (struct sign_bytes){ (const unsigned char *)s, strlen(s) };
}

static struct sign_bytes decoded(const char *s)
{
	unsigned char *p;
	size_t n;

	assert_int_equal(str_unbase64url(a, s, strlen(s), &p, &n), 0);
	return (struct sign_bytes){ p, n };
}

static struct sign_key *public_of(gnutls_privkey_t key)
{
	bool rsa = gnutls_privkey_get_pk_algorithm(key, NULL) ==
	    GNUTLS_PK_RSA;
	struct sign_key *k = NULL;
	struct err e = { 0 };
	gnutls_datum_t x, y;

	if (rsa) {
		assert_int_equal(gnutls_privkey_export_rsa_raw2(key, &x, &y,
		    NULL, NULL, NULL, NULL, NULL, NULL, 0), 0);
	} else {
		assert_int_equal(gnutls_privkey_export_ecc_raw2(key, NULL, &x,
		    &y, NULL, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
		if (x.size != 32 || y.size != 32)
			goto out;
	}
	if ((rsa ? sign_key_rsa : sign_key_p256)(of(x), of(y), &k, &e) != 0)
		fail_msg("%s", e.text);
out:
	gnutls_free(x.data);
	gnutls_free(y.data);
	return k;
}

/* Often enough that r and s begin with every kind of byte. */
static void signatures(gnutls_privkey_t key, int rounds)
{
	struct sign_key *k = public_of(key);
	int i;

	assert_non_null(k);
	for (i = 0; i < rounds; i++) {
		const char *s = arena_printf(a, "message %d", i);
		struct sign_bytes sig = decoded(tokens_signature(a, key, s));
		unsigned char *changed = arena_memdup(a, sig.p, sig.n);

		assert_true(sign_verify(k, text(s), sig));
		assert_false(sign_verify(k, text("message"), sig));
		changed[i % (int)sig.n] ^= 1;
		assert_false(sign_verify(k, text(s), (struct sign_bytes){
		    changed, sig.n }));
		assert_false(sign_verify(k, text(s), (struct sign_bytes){
		    sig.p, sig.n - 1 }));
		assert_false(sign_verify(k, text(s), (struct sign_bytes){
		    sig.p, 0 }));
		arena_reset(a);
	}
	sign_key_free(k);
	gnutls_privkey_deinit(key);
}

static void rsa(void **state)
{
	(void)state;
	signatures(tokens_rsa(2048), 20);
}

static void p256(void **state)
{
	gnutls_privkey_t key = tokens_p256();
	struct sign_key *k = public_of(key);

	(void)state;
	/* One key in 128 has a coordinate with a zero in front. */
	while (k == NULL) {
		gnutls_privkey_deinit(key);
		key = tokens_p256();
		k = public_of(key);
	}
	sign_key_free(k);
	signatures(key, 700);
}

static void zero_signature(void **state)
{
	static const unsigned char zeros[256];
	gnutls_privkey_t key = tokens_rsa(2048);
	struct sign_key *k = public_of(key);

	(void)state;
	assert_false(sign_verify(k, text("x"), (struct sign_bytes){ zeros,
	    256 }));
	sign_key_free(k);
	gnutls_privkey_deinit(key);
}

static void bad_keys(void **state)
{
	unsigned char m[1025] = { 0 }, point[33] = { 0 };
	const unsigned char one[] = { 1 }, even[] = { 1, 0 }, f4[] = { 1, 0, 1 },
	    zero[] = { 0, 0 }, nine[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct sign_key *k;

	(void)state;
	memset(m, 0xff, sizeof(m));
#define RSA(n, e) sign_key_rsa((struct sign_bytes){ m, n }, \
	(struct sign_bytes){ e, sizeof(e) }, &k, NULL)
	assert_int_equal(RSA(255, f4), ERR_INVALID);
	assert_int_equal(RSA(1025, f4), ERR_INVALID);
	assert_int_equal(RSA(0, f4), ERR_INVALID);
	assert_int_equal(RSA(256, one), ERR_INVALID);
	assert_int_equal(RSA(256, even), ERR_INVALID);
	assert_int_equal(RSA(256, zero), ERR_INVALID);
	assert_int_equal(RSA(256, nine), ERR_INVALID);
	m[0] = 0;			/* 2,048 bits with the zeros only */
	assert_int_equal(RSA(256, f4), ERR_INVALID);
	m[0] = 0x7f;
	assert_int_equal(RSA(256, f4), ERR_INVALID);
	m[0] = 0xff;
	m[255] = 0xfe;
	assert_int_equal(RSA(256, f4), ERR_INVALID);
#define EC(n, i) sign_key_p256((struct sign_bytes){ point, n }, \
	(struct sign_bytes){ point, i }, &k, NULL)
	assert_int_equal(EC(32, 32), ERR_INVALID);
	memset(point, 5, sizeof(point));
	assert_int_equal(EC(32, 32), ERR_INVALID);
	assert_int_equal(EC(31, 32), ERR_INVALID);
	assert_int_equal(EC(32, 33), ERR_INVALID);
	assert_int_equal(EC(0, 0), ERR_INVALID);
}

/* FIPS 180-4: one digest, however the bytes come. */
static void digest_in_pieces(void **state)
{
	struct hash_run *r = hash_run_begin();
	uint8_t d[32];

	(void)state;
	hash_run_add(r, "a", 1);
	hash_run_add(r, "", 0);
	hash_run_add(r, "bc", 2);
	hash_run_end(r, d);
	assert_string_equal(str_hex(a, d, sizeof(d)),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa),
		cmocka_unit_test(p256),
		cmocka_unit_test(zero_signature),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(digest_in_pieces),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
