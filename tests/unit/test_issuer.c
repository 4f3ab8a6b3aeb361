/* SPDX-License-Identifier: ISC */
/* issuer: keys that change under way, files that are no good, and threads that
 * verify meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/issuer.h"
#include "tokens.h"

#define HEADER "{\"alg\":\"ES256\"}"
#define CLAIMS "{\"iss\":\"https://idp\",\"aud\":\"provost\",\"sub\":\"s\"," \
	"\"scope\":\"read\",\"exp\":9999999999}"

static char dir[64], path[128];
static struct arena *a;
static gnutls_privkey_t one, two;
static const char *by_one, *by_two;
static struct issuer *issuer;
static _Atomic int64_t now = 1000 * CLOCK_SECOND;
static struct err e;

static int64_t the_time(void)
{
	return now;
}

/* As whoever keeps it up to date should. */
static void put(const char *text)
{
	const char *next = arena_printf(a, "%s.new", path);
	FILE *f = fopen(next, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(rename(next, path), 0);
}

static void put_keys(gnutls_privkey_t key)
{
	put(arena_printf(a, "{\"keys\":[%s]}", tokens_jwk(a, key, NULL, "")));
}

static struct issuer_conf conf(void)
{
	return (struct issuer_conf){ .jwks_file = path,
	    .issuer = "https://idp", .audience = "provost", .claim = "sub",
	    .narrow = true };
}

static bool good(const char *token)
{
	struct jwt_claims c;

	e = (struct err){ 0 };
	return issuer_verify(issuer, a, token, NULL, &c, &e) == 0;
}

static int setup(void **state)
{
	const struct issuer_conf c = conf();
	struct issuer_keys *k;

	(void)state;
	log_setup(LOG_ERR_, LOG_TEXT);
	strcpy(dir, "/tmp/test-issuer.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/jwks", dir);
	a = arena_new();
	one = tokens_p256();
	two = tokens_p256();
	by_one = tokens_make(a, one, HEADER, CLAIMS);
	by_two = tokens_make(a, two, HEADER, CLAIMS);
	put_keys(one);
	clock_set_source(the_time);
	if (issuer_load(&c, &k, &e) != 0)
		return -1;
	issuer = issuer_new(k);
	return 0;
}

static int teardown(void **state)
{
	char cmd[128];

	(void)state;
	issuer_free(issuer);
	clock_set_source(NULL);
	gnutls_privkey_deinit(one);
	gnutls_privkey_deinit(two);
	arena_free(a);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

static void the_file_changes(void **state)
{
	(void)state;
	assert_true(issuer_is_there(issuer));
	assert_true(good(by_one));
	assert_false(good(by_two));
	put_keys(two);
	assert_true(good(by_one));	/* not looked at again within a second */
	now += CLOCK_SECOND;
	assert_true(good(by_two));
	assert_false(good(by_one));
}

static void a_broken_one(void **state)
{
	static const char *const bad[] = { "", "{", "{\"keys\":[]}", "[]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(bad[i]);
		now += CLOCK_SECOND;
		assert_true(good(by_one));
	}
	assert_int_equal(unlink(path), 0);
	now += CLOCK_SECOND;
	assert_true(good(by_one));
	put_keys(two);
	now += CLOCK_SECOND;
	assert_true(good(by_two));
}

static void settings_that_do_not_do(void **state)
{
	struct issuer_conf c = conf();
	struct issuer_keys *k;

	(void)state;
	c.issuer = "";
	assert_int_equal(issuer_load(&c, &k, &e), ERR_INVALID);
	c = conf();
	c.audience = NULL;
	assert_int_equal(issuer_load(&c, &k, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "auth.jwt_audience"));
	c = conf();
	c.jwks_file = "/nonexistent";
	assert_int_equal(issuer_load(&c, &k, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "/nonexistent"));
	c.jwks_file = "/dev/zero";	/* without an end */
	assert_int_equal(issuer_load(&c, &k, &e), ERR_LIMIT);
	c.jwks_file = dir;
	assert_int_equal(issuer_load(&c, &k, &e), ERR_INVALID);
}

static void none(void **state)
{
	const struct issuer_conf c = { .jwks_file = "" };
	struct issuer_keys *k;

	(void)state;
	assert_int_equal(issuer_load(&c, &k, &e), 0);
	issuer_use(issuer, k);
	assert_false(issuer_is_there(issuer));
	assert_false(good(by_one));
	now += CLOCK_SECOND;
	assert_false(good(by_one));
}

static void scopes_count_or_not(void **state)
{
	struct issuer_conf c = conf();
	struct issuer_keys *k;
	struct jwt_claims got;

	(void)state;
	assert_int_equal(issuer_verify(issuer, a, by_one, NULL, &got, &e), 0);
	assert_true(got.scoped);
	c.narrow = false;
	assert_int_equal(issuer_load(&c, &k, &e), 0);
	issuer_use(issuer, k);
	assert_int_equal(issuer_verify(issuer, a, by_one, NULL, &got, &e), 0);
	assert_false(got.scoped);
}

/* --- at once ------------------------------------------------------------------- */

static _Atomic bool enough;

static void *keep_verifying(void *arg)
{
	struct arena *own = arena_new();
	intptr_t *failed = arg;
	struct jwt_claims c;

	while (!enough) {
		if (issuer_verify(issuer, own, by_one, NULL, &c, NULL) != 0)
			(*failed)++;
		arena_reset(own);
		now += CLOCK_SECOND / 10;
	}
	arena_free(own);
	return NULL;
}

static void swapped_under_way(void **state)
{
	const struct issuer_conf c = conf();
	intptr_t failed[3] = { 0 };
	struct issuer_keys *k;
	pthread_t t[3];
	int i;

	(void)state;
	enough = false;
	for (i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, keep_verifying, &failed[i]);
	for (i = 0; i < 200; i++) {
		put_keys(one);
		assert_int_equal(issuer_load(&c, &k, &e), 0);
		issuer_use(issuer, k);
	}
	enough = true;
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(failed[i], 0);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_file_changes), T(a_broken_one),
		T(settings_that_do_not_do), T(none), T(scopes_count_or_not),
		T(swapped_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
