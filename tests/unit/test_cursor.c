/* SPDX-License-Identifier: ISC */
/* Cursors: every place comes back, nothing else is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "front/cursor.h"
#include "arena_fixture.h"

#define NOW (1800000000 * CLOCK_SECOND)

static uint64_t salt(const char *type, const char *filter)
{
	const char *part[] = { type, filter };

	return cursor_salt(part, 2);
}

static struct cursor some(const char *key)
{
	struct cursor c = { .backward = true, .type = 240,
	    .place.pos = { -7, { 1, 2, 255 } } };

	c.place.has_key = key != NULL;
	if (key != NULL)
		view_key_of(key, &c.place.key);
	return c;
}

static void same(const struct cursor *c)
{
	const char *text = cursor_print(a, 5, c, NOW);
	struct cursor got;
	struct err e = { 0 };

	assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
	    "nopqrstuvwxyz0123456789-_"), strlen(text));
	if (cursor_read(text, 5, NOW, &got, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(got.backward, c->backward);
	assert_int_equal(got.type, c->type);
	assert_int_equal(got.place.pos.created, c->place.pos.created);
	assert_memory_equal(got.place.pos.uuid, c->place.pos.uuid, 16);
	assert_int_equal(got.place.has_key, c->place.has_key);
	assert_int_equal(got.place.key.n, c->place.key.n);
	assert_memory_equal(got.place.key.p, c->place.key.p,
	    c->place.key.n);
}

static void round_trip(void **state)
{
	char text[300];
	size_t n;
	struct cursor c = some(NULL);

	(void)state;
	same(&c);
	memset(text, 'x', sizeof(text));
	for (n = 0; n < sizeof(text); n++) {
		text[n] = '\0';
		c = some(text);
		same(&c);
		text[n] = (char)(n * 37 % 255 + 1);
	}
}

static void refuse(const char *text, uint64_t want, int64_t now,
	const char *kind)
{
	struct cursor got;
	struct err e = { 0 };

	assert_int_equal(cursor_read(text, want, now, &got, &e), ERR_INVALID);
	assert_string_equal(e.kind, kind);
}

static void refused(void **state)
{
	struct cursor c = some("key");
	char *text = cursor_print(a, salt("User", ""), &c, NOW), *bad;
	struct cursor got;
	size_t i, k;

	(void)state;
	refuse(text, salt("User", "x"), NOW, "invalidCursor");
	refuse(text, salt("Use", "r"), NOW, "invalidCursor");
	refuse(text, salt("User", ""), NOW + 3601 * CLOCK_SECOND,
	    "expiredCursor");
	refuse(text, salt("User", ""), NOW - 3601 * CLOCK_SECOND,
	    "expiredCursor");
	assert_int_equal(cursor_read(text, salt("User", ""), NOW + 3599 *
	    CLOCK_SECOND, &got, NULL), 0);
	refuse("", 5, NOW, "invalidCursor");
	refuse("nonsense", 5, NOW, "invalidCursor");
	refuse(arena_printf(a, "%s=", text), salt("User", ""), NOW,
	    "invalidCursor");
	refuse(arena_printf(a, "%0*d", 100000, 0), 5, NOW, "invalidCursor");
	/* Cut off anywhere, and with any character another one. */
	for (i = 0; i < strlen(text); i++) {
		refuse(arena_strndup(a, text, i), salt("User", ""), NOW,
		    "invalidCursor");
		bad = arena_strdup(a, text);
		for (k = 0; k < 3; k++) {
			bad[i] = "A_*"[k] == text[i] ? 'B' : "A_*"[k];
			if (i + 1 < strlen(text))
				refuse(bad, salt("User", ""), NOW,
				    "invalidCursor");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
