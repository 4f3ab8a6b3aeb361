/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/invite.h"
#include "core/session.h"

#define KEY "a-key-of-the-daemon-that-is-long"
#define HOUR (3600 * CLOCK_SECOND)

static struct arena *a;
static struct err e;
static int64_t now;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	clock_parse_gt("20260115093000.25Z", &now);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct session one(void)
{
	struct session s = { .issued = now, .expiry = now + HOUR };

	memset(s.person, 0xa5, sizeof(s.person));
	return s;
}

static int parse(const char *token, int64_t at)
{
	struct session out;

	e = (struct err){ 0 };
	return session_parse(a, KEY, token, at, &out, &e);
}

/* name, value ..., NULL */
static struct entry *person(const char *name, ...)
{
	struct entry *en = arena_alloc(a, sizeof(*en));
	va_list ap;

	va_start(ap, name);
	for (; name != NULL; name = va_arg(ap, const char *))
		entry_add(a, en, name, va_arg(ap, const char *));
	va_end(ap);
	return en;
}

static void test_round(void **state)
{
	struct session s = one(), out;
	const char *token = session_print(a, KEY, &s);

	(void)state;
	assert_int_equal(strlen(token), 3 + 88);
	assert_true(session_is_one(token));
	assert_int_equal(session_parse(a, KEY, token, now, &out, &e), 0);
	assert_memory_equal(out.person, s.person, 16);
	assert_int_equal(out.issued, s.issued);
	assert_int_equal(out.expiry, s.expiry);
	assert_false(out.must_change);
	s.must_change = true;
	assert_int_equal(session_parse(a, KEY, session_print(a, KEY, &s), now,
	    &out, &e), 0);
	assert_true(out.must_change);
}

/* A daemon's key makes it, and no other opens it. */
static void test_key(void **state)
{
	struct session s = one(), out;
	const char *token = session_print(a, KEY, &s);

	(void)state;
	assert_null(session_print(a, "", &s));
	assert_null(session_print(a, NULL, &s));
	assert_int_equal(session_parse(a, "", token, now, &out, &e),
	    ERR_DENIED);
	assert_int_equal(session_parse(a, KEY "r", token, now, &out, &e),
	    ERR_DENIED);
	assert_string_equal(e.kind, "");
}

static void test_expiry(void **state)
{
	struct session s = one();
	const char *token = session_print(a, KEY, &s);

	(void)state;
	assert_int_equal(parse(token, now + HOUR - 1), 0);
	assert_int_equal(parse(token, now + HOUR), ERR_DENIED);
	assert_string_equal(e.kind, "ended");
	assert_non_null(strstr(e.text, "expired"));
}

/* Every character, every bit of it, every length. */
static void test_tampered(void **state)
{
	struct session s = one();
	const char *token = session_print(a, KEY, &s);
	size_t n = strlen(token), i;
	int bit;

	(void)state;
	for (i = 0; i < n; i++) {
		for (bit = 0; bit < 8; bit++) {
			char *t = arena_strdup(a, token);

			t[i] = (char)(t[i] ^ (1 << bit));
			assert_int_equal(parse(t, now), ERR_DENIED);
			assert_string_equal(e.kind, "");
		}
		assert_int_equal(parse(arena_strndup(a, token, i), now),
		    ERR_DENIED);
	}
	assert_int_equal(parse(arena_printf(a, "%sA", token), now),
	    ERR_DENIED);
	assert_int_equal(parse("", now), ERR_DENIED);
	assert_int_equal(parse("ps_", now), ERR_DENIED);
}

/* A MAC of the same bytes that was made for something else. */
static void test_label(void **state)
{
	struct session s = one();
	const char *token = session_print(a, KEY, &s);
	unsigned char *p;
	size_t n;

	(void)state;
	assert_int_equal(str_unbase64url(a, token + 3, 88, &p, &n), 0);
	hash_hmac256(KEY, strlen(KEY), p, 34, p + 34);
	assert_int_equal(parse(arena_printf(a, "ps_%s", str_base64url(a, p,
	    66)), now), ERR_DENIED);
}

/* Only who is active; V8, A2. */
static void test_allowed(void **state)
{
	static const struct {
		const char *state, *portal, *text;
	} row[] = {
		{ "active", NULL, NULL }, { "Active", "active", NULL },
		{ "active", "invited", NULL },
		{ "active", "none", "portal" }, { "active", "None", "portal" },
		{ "invited", "invited", "invitation" },
		{ "suspended", "active", "not active" },
		{ "left", NULL, "not active" }, { "x", NULL, "not active" },
		{ NULL, NULL, "not active" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct entry *p = person(NULL);
		struct session s = one();

		if (row[i].state != NULL)
			entry_add(a, p, "provostState", row[i].state);
		if (row[i].portal != NULL)
			entry_add(a, p, "provostPortalAccess", row[i].portal);
		e = (struct err){ 0 };
		assert_int_equal(session_allowed(a, p, now, &e), row[i].text == NULL ?
		    0 : ERR_DENIED);
		if (row[i].text != NULL)
			assert_non_null(strstr(e.text, row[i].text));
		assert_int_equal(session_alive(a, &s, p, now, &e), row[i].text == NULL
		    ? 0 : ERR_DENIED);
	}
}

/* A2: access for a time, from 09:00 to 10:00 and it is 09:30. */
static void test_period(void **state)
{
	static const struct {
		const char *period;
		int rc;
	} row[] = {
		{ "portal 20260115090000Z 20260115100000Z", 0 },
		{ "portal - -", 0 },
		{ "portal - 20260115093000Z", ERR_DENIED },
		{ "portal 20260115093001Z -", ERR_DENIED },
		{ "portal - 20260101000000Z", ERR_DENIED },
		{ "portal - whenever", ERR_DENIED },
		{ "portal", ERR_DENIED },
		{ "tool:portal - 20260101000000Z", 0 },
		{ "", 0 } };
	struct session s = one();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct entry *p = person("provostState", "active",
		    "provostPortalAccess", "active", "provostPeriod",
		    row[i].period, NULL);

		p->dn = "cn=x";
		assert_int_equal(session_allowed(a, p, now, &e), row[i].rc);
		assert_int_equal(session_alive(a, &s, p, now, &e),
		    row[i].rc);
	}
}

/* T3: who has not joined yet, or has left; it is 09:30. */
static void test_time(void **state)
{
	static const struct {
		const char *attr, *time;
		int rc;
	} row[] = {
		{ "provostStartsAt", "20260115093000Z", 0 },
		{ "provostStartsAt", "20260115093001Z", ERR_DENIED },
		{ "provostStartsAt", "soon", ERR_DENIED },
		{ "provostEndsAt", "20260115093001Z", 0 },
		{ "provostEndsAt", "20260115093000Z", ERR_DENIED },
		{ "provostEndsAt", "soon", ERR_DENIED } };
	struct session s = one();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct entry *p = person("provostState", "active",
		    row[i].attr, row[i].time, NULL);

		p->dn = "cn=x";
		assert_int_equal(session_allowed(a, p, now, &e), row[i].rc);
		assert_int_equal(session_alive(a, &s, p, now, &e),
		    row[i].rc);
	}
}

static void test_ended(void **state)
{
	struct session s = one();
	struct change *c = change_new(a, CHANGE_MODIFY, "x");
	struct entry *p = person("provostState", "active", NULL);
	int64_t begun;

	(void)state;
	assert_int_equal(session_alive(a, &s, p, now, &e), 0);
	session_end(a, c, now, 0);
	assert_int_equal(c->n, 1);
	assert_string_equal(c->mod[0].name, SESSION_ENDED_ATTR);
	entry_add(a, p, c->mod[0].name, c->mod[0].v[0].p);
	assert_int_equal(session_alive(a, &s, p, now, &e), ERR_DENIED);
	assert_string_equal(e.kind, "ended");
	/* The next one, in the same microsecond or by a clock that is slow. */
	begun = session_begin(p, now);
	assert_int_equal(begun, now + 1);
	s.issued = session_begin(p, now - HOUR);
	assert_int_equal(session_alive(a, &s, p, now, &e), 0);
	/* It ends as well, though it is of the future. */
	c = change_new(a, CHANGE_MODIFY, "x");
	session_end(a, c, now - HOUR, s.issued);
	p = person("provostState", "active", c->mod[0].name,
	    c->mod[0].v[0].p, NULL);
	assert_int_equal(session_alive(a, &s, p, now, &e), ERR_DENIED);
	assert_int_equal(session_begin(p, now + HOUR), now + HOUR);
}

/* V11: a reset ends what was before it, by whomever. */
static void test_reset(void **state)
{
	struct session s = one();
	struct entry *p = person("provostState", "active", "provostReset",
	    invite_reset_value(a, KEY, "p1", now), NULL);

	(void)state;
	assert_int_equal(session_alive(a, &s, p, now, &e), ERR_DENIED);
	s.issued = session_begin(p, now);
	assert_int_equal(session_alive(a, &s, p, now, &e), 0);
	assert_true(s.issued - now < CLOCK_SECOND);
}

static void test_unreadable(void **state)
{
	struct session s = one();
	struct entry *p = person("provostState", "active", SESSION_ENDED_ATTR,
	    "2026011509Z", NULL);

	(void)state;
	assert_int_equal(session_alive(a, &s, p, now, &e), ERR_DENIED);
	assert_int_equal(session_allowed(a, p, now, &e), ERR_DENIED);
	assert_int_equal(session_begin(p, now), now);
	p = person("provostState", "active", "provostReset", "x", NULL);
	assert_int_equal(session_alive(a, &s, p, now, &e), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tampered, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_label, setup, teardown),
		cmocka_unit_test_setup_teardown(test_allowed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_period, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
