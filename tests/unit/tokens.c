/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gnutls/crypto.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "tokens.h"

static gnutls_privkey_t generate(gnutls_pk_algorithm_t kind, unsigned bits)
{
	gnutls_privkey_t key;

	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(gnutls_privkey_generate(key, kind, bits, 0), 0);
	return key;
}

gnutls_privkey_t tokens_rsa(unsigned bits)
{
	return generate(GNUTLS_PK_RSA, bits);
}

gnutls_privkey_t tokens_p256(void)
{
	return generate(GNUTLS_PK_EC,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
}

/* As many bytes as a coordinate of the curve has, or all. */
static char *number(struct arena *a, gnutls_datum_t *d, size_t fixed)
{
	unsigned char *p = d->data;
	size_t n = d->size;
	unsigned char out[1100] = { 0 };

	while (n > 1 && *p == 0) {
		p++;
		n--;
	}
	memcpy(out + (fixed > n ? fixed - n : 0), p, n);
	gnutls_free(d->data);
	return str_base64url(a, out, fixed > n ? fixed : n);
}

char *tokens_jwk(struct arena *a, gnutls_privkey_t key, const char *kid,
    const char *more)
{
	gnutls_datum_t x, y;
	const char *id = kid == NULL ? "" : arena_printf(a, ",\"kid\":\"%s\"",
	    kid);

	if (gnutls_privkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA) {
		assert_int_equal(gnutls_privkey_export_rsa_raw2(key, &x, &y,
		    NULL, NULL, NULL, NULL, NULL, NULL, 0), 0);
		return arena_printf(a, "{\"kty\":\"RSA\",\"n\":\"%s\","
		    "\"e\":\"%s\"%s%s}", number(a, &x, 0), number(a, &y, 0),
		    id, more);
	}
	assert_int_equal(gnutls_privkey_export_ecc_raw2(key, NULL, &x, &y,
	    NULL, 0), 0);
	return arena_printf(a, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
	    "\"y\":\"%s\"%s%s}", number(a, &x, 32), number(a, &y, 32), id,
	    more);
}

char *tokens_signature(struct arena *a, gnutls_privkey_t key,
    const char *text)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)text,
	    (unsigned)strlen(text) };
	unsigned char raw[64] = { 0 };
	gnutls_datum_t sig, v[2];
	char *out;
	int i;

	assert_int_equal(gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0,
	    &data, &sig), 0);
	if (gnutls_privkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA) {
		out = str_base64url(a, sig.data, sig.size);
		gnutls_free(sig.data);
		return out;
	}
	assert_int_equal(gnutls_decode_rs_value(&sig, &v[0], &v[1]), 0);
	for (i = 0; i < 2; i++) {
		size_t n = v[i].size, skip = n > 32 ? n - 32 : 0;

		memcpy(raw + 32 * i + 32 - (n - skip), v[i].data + skip,
		    n - skip);
		gnutls_free(v[i].data);
	}
	gnutls_free(sig.data);
	return str_base64url(a, raw, sizeof(raw));
}

char *tokens_make(struct arena *a, gnutls_privkey_t key, const char *header,
    const char *claims)
{
	char *text = arena_printf(a, "%s.%s", str_base64url(a, header,
	    strlen(header)), str_base64url(a, claims, strlen(claims)));

	return arena_printf(a, "%s.%s", text, tokens_signature(a, key, text));
}
