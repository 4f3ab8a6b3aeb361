/* SPDX-License-Identifier: ISC */
#include "base/sign.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdlib.h>

#define P256_BYTES 32

struct sign_key {
	gnutls_pubkey_t key;
	bool ec;
};

static gnutls_datum_t datum(struct sign_bytes b)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)b.p,
	    (unsigned)b.n };
}

static int key_new(struct sign_key **out, struct err *e)
{
	struct sign_key *k = calloc(1, sizeof(*k));

	if (k == NULL || gnutls_pubkey_init(&k->key) != 0) {
		free(k);
		return err_set(e, ERR_IO, "out of memory");
	}
	*out = k;
	return 0;
}

void sign_key_free(struct sign_key *k)
{
	if (k == NULL)
		return;
	gnutls_pubkey_deinit(k->key);
	free(k);
}

/* --- keys ------------------------------------------------------------------- */

static struct sign_bytes without_zeros(struct sign_bytes b)
{
	while (b.n != 0 && *b.p == 0) {
		b.p++;
		b.n--;
	}
	return b;
}

static size_t bits_of(struct sign_bytes b)
{
	size_t bits = b.n * 8;
	unsigned top = b.n != 0 ? *b.p : 0x80;

	for (; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

int sign_key_rsa(struct sign_bytes modulus, struct sign_bytes exponent,
    struct sign_key **out, struct err *e)
{
	const struct sign_bytes m = without_zeros(modulus),
	    x = without_zeros(exponent);
	const gnutls_datum_t dm = datum(m), dx = datum(x);
	size_t bits = bits_of(m);
	struct sign_key *k;
	int rc;

	if (bits < SIGN_RSA_MIN || bits > SIGN_RSA_MAX)
		return err_set(e, ERR_INVALID, "an RSA key of %zu bits: %d to "
		    "%d are taken", bits, SIGN_RSA_MIN, SIGN_RSA_MAX);
	/* Odd both; an exponent of 1 would let anything pass. */
	if ((m.p[m.n - 1] & 1) == 0 || x.n == 0 || x.n > 8 ||
	    (x.p[x.n - 1] & 1) == 0 || (x.n == 1 && *x.p == 1))
		return err_set(e, ERR_INVALID, "no RSA key: modulus or "
		    "exponent can't be");
	if ((rc = key_new(&k, e)) != 0)
		return rc;
	rc = gnutls_pubkey_import_rsa_raw(k->key, &dm, &dx);
	if (rc != 0) {
		sign_key_free(k);
		return err_set(e, ERR_INVALID, "no RSA key: %s",
		    gnutls_strerror(rc));
	}
	*out = k;
	return 0;
}

int sign_key_p256(struct sign_bytes x, struct sign_bytes y,
    struct sign_key **out, struct err *e)
{
	const gnutls_datum_t dx = datum(x), dy = datum(y);
	struct sign_key *k;
	int rc;

	if (x.n != P256_BYTES || y.n != P256_BYTES)
		return err_set(e, ERR_INVALID, "no P-256 key: x and y are 32 "
		    "bytes each (RFC 7518 6.2.1)");
	if ((rc = key_new(&k, e)) != 0)
		return rc;
	k->ec = true;
	rc = gnutls_pubkey_import_ecc_raw(k->key, GNUTLS_ECC_CURVE_SECP256R1,
	    &dx, &dy);
	if (rc == 0)
		rc = gnutls_pubkey_verify_params(k->key);
	if (rc != 0) {
		sign_key_free(k);
		return err_set(e, ERR_INVALID, "no P-256 key: %s",
		    gnutls_strerror(rc));
	}
	*out = k;
	return 0;
}

/* --- verifying ------------------------------------------------------------- */

static bool verify_ec(const struct sign_key *k, const gnutls_datum_t *data,
    struct sign_bytes sig)
{
	const struct sign_bytes half[2] = { { sig.p, P256_BYTES },
	    { sig.p + P256_BYTES, P256_BYTES } };
	const gnutls_datum_t r = datum(half[0]), s = datum(half[1]);
	gnutls_datum_t der = { 0 };
	bool good;

	if (sig.n != 2 * P256_BYTES ||
	    gnutls_encode_rs_value(&der, &r, &s) != 0)
		return false;
	good = gnutls_pubkey_verify_data2(k->key, GNUTLS_SIGN_ECDSA_SHA256, 0,
	    data, &der) == 0;
	gnutls_free(der.data);
	return good;
}

bool sign_verify(const struct sign_key *k, struct sign_bytes data,
    struct sign_bytes signature)
{
	const gnutls_datum_t d = datum(data), s = datum(signature);

	if (k->ec)
		return verify_ec(k, &d, signature);
	return gnutls_pubkey_verify_data2(k->key, GNUTLS_SIGN_RSA_SHA256, 0,
	    &d, &s) == 0;
}
