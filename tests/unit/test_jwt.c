/* SPDX-License-Identifier: ISC */
/* jwt: FAULTS A5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gnutls/crypto.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "codec/jwt.h"
#include "tokens.h"

#define NOW INT64_C(1800000000)
#define RS "{\"alg\":\"RS256\",\"kid\":\"r\"}"
#define ES "{\"alg\":\"ES256\",\"kid\":\"e\"}"
/* What every good token has; more goes behind it. */
#define BASE "\"iss\":\"https://idp\",\"aud\":\"provost\",\"sub\":\"s1\""
#define CLAIMS "{" BASE ",\"exp\":1800000600}"

static struct arena *a;
static gnutls_privkey_t rsa, ec, other_rsa, other_ec;
static struct jwt_keys *keys;
static struct jwt_policy policy = { .issuer = "https://idp",
    .audience = "provost", .claim = "sub" };
static struct jwt_claims got;
static struct err e;

static int check(const char *token)
{
	e = (struct err){ 0 };
	return jwt_verify(a, keys, &policy, token, NOW * CLOCK_SECOND, &got,
	    &e);
}

static void takes_(const char *token, int line)
{
	if (check(token) != 0)
		fail_msg("line %d: %s", line, e.text);
}

/* why: part of the reason. */
static void refuses_(const char *token, const char *why, int line)
{
	int rc = check(token);

	if (rc != ERR_DENIED || strstr(e.text, why) == NULL)
		fail_msg("line %d: %d, \"%s\"", line, rc, e.text);
}

#define takes(token) takes_(token, __LINE__)
#define refuses(token, why) refuses_(token, why, __LINE__)

static char *es(const char *claims)
{
	return tokens_make(a, ec, ES, claims);
}

static char *header(const char *h)
{
	return tokens_make(a, ec, h, CLAIMS);
}

static int set_of(const char *list, struct jwt_keys **out)
{
	const char *text = arena_printf(a, "{\"keys\":[%s]}", list);

	e = (struct err){ 0 };
	return jwt_keys_parse(text, strlen(text), out, &e);
}

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	rsa = tokens_rsa(2048);
	other_rsa = tokens_rsa(2048);
	ec = tokens_p256();
	other_ec = tokens_p256();
	return set_of(arena_printf(a, "%s,%s", tokens_jwk(a, rsa, "r", ""),
	    tokens_jwk(a, ec, "e", ",\"alg\":\"ES256\",\"use\":\"sig\"")),
	    &keys);
}

static int teardown(void **state)
{
	(void)state;
	jwt_keys_free(keys);
	gnutls_privkey_deinit(rsa);
	gnutls_privkey_deinit(other_rsa);
	gnutls_privkey_deinit(ec);
	gnutls_privkey_deinit(other_ec);
	arena_free(a);
	return 0;
}

/* --- signatures ------------------------------------------------------------- */

static void good(void **state)
{
	(void)state;
	takes(tokens_make(a, rsa, RS, CLAIMS));
	assert_string_equal(got.subject, "s1");
	assert_false(got.scoped);
	takes(tokens_make(a, ec, ES, CLAIMS));
	takes(header("{\"alg\":\"ES256\"}"));
	takes(header("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}"));
	takes(header("{\"alg\":\"ES256\",\"typ\":\"JWT\"}"));
	takes(header("{\"typ\":\"application/at+jwt\",\"alg\":\"ES256\"}"));
}

static void wrong_key(void **state)
{
	(void)state;
	refuses(tokens_make(a, other_rsa, RS, CLAIMS), "signature");
	refuses(tokens_make(a, other_ec, ES, CLAIMS), "signature");
	/* The right key under another's name. */
	refuses(header("{\"alg\":\"ES256\",\"kid\":\"r\"}"), "not known");
	refuses(tokens_make(a, ec, RS, CLAIMS), "signature");
	refuses(tokens_make(a, rsa, "{\"alg\":\"ES256\"}", CLAIMS),
	    "signature");
	refuses(tokens_make(a, ec, "{\"alg\":\"RS256\"}", CLAIMS),
	    "signature");
}

/* With a change anywhere it is another token. */
static void every_character(void **state)
{
	char *t = tokens_make(a, ec, ES, CLAIMS);
	size_t i, n = strlen(t);

	(void)state;
	for (i = 0; i < n; i++) {
		char old = t[i];

		t[i] = old == 'A' ? 'B' : 'A';
		if (check(t) == 0)
			fail_msg("changed at %zu: taken", i);
		t[i] = old;
	}
	takes(t);
	for (i = 0; i < n; i++)
		if (check(arena_strndup(a, t, i)) == 0)
			fail_msg("cut at %zu: taken", i);
}

static void a5_algorithms(void **state)
{
	static const char *const bad[] = { "{\"alg\":\"none\"}",
	    "{\"alg\":\"None\"}", "{\"alg\":\"\"}", "{}", "{\"alg\":null}",
	    "{\"alg\":[\"ES256\"]}", "{\"alg\":\"es256\"}",
	    "{\"ALG\":\"ES256\"}", "{\"alg\":\"ES384\"}", "{\"alg\":\"PS256\"}",
	    "{\"alg\":\"EdDSA\"}", "{\"alg\":\"PBES2-HS256+A128KW\","
	    "\"p2c\":2147483647,\"p2s\":\"AAAA\"}" };
	const char *h, *text;
	uint8_t mac[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuses(header(bad[i]), "not known");
		h = str_base64url(a, bad[i], strlen(bad[i]));
		refuses(arena_printf(a, "%s.%s.", h, str_base64url(a, CLAIMS,
		    strlen(CLAIMS))), "not known");
	}
	/* HS256 with what everybody knows as its key. */
	h = "{\"alg\":\"HS256\",\"kid\":\"r\"}";
	text = arena_printf(a, "%s.%s", str_base64url(a, h, strlen(h)),
	    str_base64url(a, CLAIMS, strlen(CLAIMS)));
	h = tokens_jwk(a, rsa, "r", "");
	hash_hmac256(h, strlen(h), text, strlen(text), mac);
	refuses(arena_printf(a, "%s.%s", text, str_base64url(a, mac, 32)),
	    "not known");
}

static void a5_headers(void **state)
{
	const char *own = tokens_jwk(a, other_ec, "e", "");

	(void)state;
	refuses(header("{\"alg\":\"ES256\",\"crit\":[\"exp\"]}"), "crit");
	refuses(header("{\"alg\":\"ES256\",\"crit\":[]}"), "crit");
	refuses(header("{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}"),
	    "crit");
	refuses(header("{\"alg\":\"ES256\",\"kid\":\"../../dev/null\"}"),
	    "not known");
	refuses(header("{\"alg\":\"ES256\",\"kid\":\"E\"}"), "not known");
	refuses(header("{\"alg\":\"ES256\",\"kid\":\"\"}"), "not known");
	refuses(header("{\"alg\":\"ES256\",\"kid\":1}"), "kid");
	refuses(header("{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}"), "typ");
	refuses(header("{\"alg\":\"ES256\",\"typ\":\"logout+jwt\"}"), "typ");
	refuses(header("{\"alg\":\"ES256\",\"typ\":1}"), "typ");
	refuses(header("{\"alg\":\"none\",\"alg\":\"ES256\"}"), "read");
	refuses(header("{\"alg\":\"none\",\"Alg\":\"ES256\"}"), "read");
	refuses(header("[]"), "read");
	refuses(header(""), "read");
	/* Where else to find a key: not looked at, one way or the other. */
	takes(header("{\"alg\":\"ES256\",\"jku\":\"http://127.0.0.1:1/\","
	    "\"x5u\":\"file:///etc/passwd\",\"x5c\":[\"AAAA\"]}"));
	refuses(tokens_make(a, other_ec, arena_printf(a, "{\"alg\":\"ES256\","
	    "\"jwk\":%s}", own), CLAIMS), "signature");
}

static void forms(void **state)
{
	const char *t = tokens_make(a, ec, ES, CLAIMS);
	char *long_one;

	(void)state;
	refuses("", "read");
	refuses(".", "read");
	refuses("..", "read");
	refuses("...", "read");
	refuses("a.b.c", "read");
	refuses(arena_printf(a, "%s.", t), "read");
	refuses(arena_printf(a, "%s=", t), "read");
	refuses(arena_printf(a, " %s", t), "read");
	refuses(arena_printf(a, "%s ", t), "read");
	refuses(arena_printf(a, ".%s", t), "read");
	/* Five parts: encrypted. */
	refuses(arena_printf(a, "%s.a.b", t), "read");
	long_one = arena_alloc(a, JWT_MAX + 2);
	memset(long_one, 'A', JWT_MAX + 1);
	long_one[9] = long_one[99] = '.';
	refuses(long_one, "too long");
	assert_true(jwt_is_one("a.b.c"));
	assert_true(jwt_is_one(".."));
	assert_false(jwt_is_one("a.b"));
	assert_false(jwt_is_one("a.b.c.d"));
	assert_false(jwt_is_one(""));
}

/* --- claims ------------------------------------------------------------------- */

static char *times(const char *rest)
{
	return es(arena_printf(a, "{" BASE "%s}", rest));
}

static void a5_times(void **state)
{
	(void)state;
	refuses(times(""), "exp");
	refuses(times(",\"exp\":null"), "exp");
	refuses(times(",\"exp\":\"1800000600\""), "exp");
	refuses(times(",\"EXP\":1800000600"), "exp");
	refuses(times(",\"exp\":1799999940"), "expired");
	takes(times(",\"exp\":1799999941"));
	takes(times(",\"exp\":1799999941.5"));
	refuses(times(",\"exp\":0"), "expired");
	refuses(times(",\"exp\":-1"), "expired");
	refuses(times(",\"exp\":-9223372036854775808"), "expired");
	takes(times(",\"exp\":9223372036854775807"));
	refuses(times(",\"exp\":1e300"), "exp");
	refuses(times(",\"exp\":1e999"), "read");
	refuses(times(",\"exp\":1800000600,\"exp\":1800000600"), "read");
	takes(times(",\"exp\":1800000600,\"nbf\":1800000060"));
	refuses(times(",\"exp\":1800000600,\"nbf\":1800000061"), "yet");
	takes(times(",\"exp\":1800000600,\"iat\":1800000060"));
	refuses(times(",\"exp\":1800000600,\"iat\":1800000061"), "yet");
	refuses(times(",\"exp\":1800000600,\"nbf\":9223372036854775807"),
	    "yet");
	refuses(times(",\"exp\":1800000600,\"nbf\":\"0\""), "times");
	refuses(times(",\"exp\":1800000600,\"iat\":[]"), "times");
}

#define END ",\"exp\":1800000600}"

static void a5_who_and_for_whom(void **state)
{
	(void)state;
#define SUB "{\"sub\":\"s\""
#define AUD SUB ",\"aud\":\"provost\""
#define ISS SUB ",\"iss\":\"https://idp\""
	refuses(es(AUD END), "iss");
	refuses(es(AUD ",\"iss\":\"https://idp/\"" END), "iss");
	refuses(es(AUD ",\"iss\":\"HTTPS://idp\"" END), "iss");
	refuses(es(AUD ",\"iss\":[\"https://idp\"]" END), "iss");
	refuses(es(ISS END), "aud");
	refuses(es(ISS ",\"aud\":\"provost2\"" END), "aud");
	refuses(es(ISS ",\"aud\":\"\"" END), "aud");
	refuses(es(ISS ",\"aud\":[]" END), "aud");
	refuses(es(ISS ",\"aud\":[[\"provost\"]]" END), "aud");
	refuses(es(ISS ",\"aud\":{\"provost\":\"provost\"}" END), "aud");
	refuses(es(ISS ",\"aud\":null" END), "aud");
	takes(es(ISS ",\"aud\":[\"x\",\"provost\"]" END));
#define NOBODY "{\"iss\":\"https://idp\",\"aud\":\"provost\""
	refuses(es(NOBODY END), "sub");
	refuses(es(NOBODY ",\"sub\":\"\"" END), "sub");
	refuses(es(NOBODY ",\"sub\":1" END), "sub");
	refuses(es(NOBODY ",\"Sub\":\"s1\"" END), "sub");
	refuses(es(NOBODY ",\"sub\":\"s\\u0000\"" END), "read");
	policy.claim = "client_id";
	refuses(es(CLAIMS), "client_id");
	takes(es("{" BASE ",\"client_id\":\"c1\"" END));
	assert_string_equal(got.subject, "c1");
	policy.claim = "sub";
}

static void scopes(void **state)
{
	(void)state;
	takes(es("{" BASE ",\"scope\":\"read  write:Users \"" END));
	assert_true(got.scoped);
	assert_int_equal(got.scopes.n, 2);
	assert_string_equal(got.scopes.v[1], "write:Users");
	takes(es("{" BASE ",\"scope\":[\"read\",\"metrics\"]" END));
	assert_int_equal(got.scopes.n, 2);
	takes(es("{" BASE ",\"scope\":\"\"" END));
	assert_true(got.scoped);
	assert_int_equal(got.scopes.n, 0);
	refuses(es("{" BASE ",\"scope\":null" END), "scope");
	refuses(es("{" BASE ",\"scope\":{\"x\":\"read\"}" END), "scope");
	refuses(es("{" BASE ",\"scope\":[1]" END), "scope");
}

/* RFC 8705 3.1, RFC 9449 7.1. */
static void bound(void **state)
{
	static const unsigned char sum[32] = { 1, 2, 3 };
	const char *good_one = arena_printf(a, "{" BASE ",\"cnf\":{"
	    "\"x5t#S256\":\"%s\"}" END, str_base64url(a, sum, 32));

	(void)state;
	refuses(es(good_one), "cnf");
	refuses(es("{" BASE ",\"cnf\":{\"jkt\":\"x\"}" END), "cnf");
	refuses(es("{" BASE ",\"cnf\":null" END), "cnf");
	policy.certificate = str_hex(a, sum, 32);
	takes(es(good_one));
	takes(es(CLAIMS));
	refuses(es("{" BASE ",\"cnf\":{\"jkt\":\"x\"}" END), "cnf");
	policy.certificate = str_hex(a, "another certificate's sum, 32 by",
	    32);
	refuses(es(good_one), "cnf");
	policy.certificate = NULL;
}

static void no_claims(void **state)
{
	static const char *const bad[] = { "", "[]", "1", "{", "null",
	    "{\"iss\":\"\xff\"}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(es(bad[i]), "read");
}

/* --- sets of keys -------------------------------------------------------------- */

static void refuses_set(const char *list, const char *why)
{
	struct jwt_keys *k;
	int rc = set_of(list, &k);

	if (rc == 0 || strstr(e.text, why) == NULL)
		fail_msg("%.100s: %d \"%s\"", list, rc, e.text);
}

static void sets(void **state)
{
	gnutls_privkey_t weak = tokens_rsa(1024);
	const char *many = "";
	struct jwt_keys *k;
	int i;

	(void)state;
	refuses_set("", "no key");
	refuses_set("1,null,{}", "no key");
	refuses_set(tokens_jwk(a, weak, "w", ""), "1024 bits");
	refuses_set(tokens_jwk(a, rsa, "r", ",\"use\":\"enc\""), "no key");
	refuses_set(tokens_jwk(a, rsa, "r", ",\"alg\":\"RS512\""), "no key");
	refuses_set(tokens_jwk(a, rsa, "r", ",\"alg\":\"ES256\""), "no key");
	refuses_set(tokens_jwk(a, rsa, "r", ",\"key_ops\":[\"sign\"]"),
	    "no key");
	refuses_set(tokens_jwk(a, rsa, "r", ",\"d\":\"AAAA\""), "private");
	refuses_set("{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}",
	    "no key");
	refuses_set("{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "\"n\"");
	refuses_set("{\"kty\":\"RSA\",\"n\":\"A+/=\",\"e\":\"AQAB\"}", "\"n\"");
	refuses_set("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\","
	    "\"y\":\"AAAA\"}", "32 bytes");
	refuses_set("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AAAA\","
	    "\"y\":\"AAAA\"}", "no key");
	assert_int_equal(jwt_keys_parse("[]", 2, &k, &e), ERR_INVALID);
	assert_int_equal(jwt_keys_parse("{\"keys\":1}", 10, &k, &e),
	    ERR_INVALID);
	assert_int_equal(jwt_keys_parse("x", JWT_KEYS_SIZE + 1, &k, &e),
	    ERR_LIMIT);
	/* Others do no harm beside a good one. */
	assert_int_equal(set_of(arena_printf(a, "{\"kty\":\"OKP\"},%s,%s",
	    tokens_jwk(a, weak, NULL, ",\"use\":\"enc\""), tokens_jwk(a, ec,
	    NULL, ",\"key_ops\":[\"verify\"],\"x5u\":\"http://x/\"")), &k),
	    0);
	assert_int_equal(jwt_verify(a, k, &policy, es(CLAIMS),
	    NOW * CLOCK_SECOND, &got, &e), 0);
	jwt_keys_free(k);
	for (i = 0; i <= JWT_KEYS_MAX; i++)
		many = arena_printf(a, "%s%s%s", many, i ? "," : "",
		    tokens_jwk(a, ec, NULL, ""));
	refuses_set(many, "more than");
	gnutls_privkey_deinit(weak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(every_character),
		cmocka_unit_test(a5_algorithms),
		cmocka_unit_test(a5_headers),
		cmocka_unit_test(forms),
		cmocka_unit_test(a5_times),
		cmocka_unit_test(a5_who_and_for_whom),
		cmocka_unit_test(scopes),
		cmocka_unit_test(bound),
		cmocka_unit_test(no_claims),
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
