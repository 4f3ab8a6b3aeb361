/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "peer.h"
#include "target/target.h"

/* The example secret of the specification. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

struct fix {
	struct peer *peer;
	struct httpc *http;
	struct arena *a;
	struct peer_request last;
	int status;
	bool over;
	struct target_result res;
};

static size_t answer(void *ctx, const struct peer_request *q, char *out,
    size_t size, bool *closing)
{
	struct fix *f = ctx;

	(void)closing;
	f->last = *q;
	return peer_reply(out, size, f->status, "text/plain", "", "ok");
}

static int set_up(void **state)
{
	static struct fix fix;

	memset(&fix, 0, sizeof(fix));
	*state = &fix;
	fix.status = 200;
	fix.a = arena_new();
	fix.peer = peer_start(answer, &fix);
	return httpc_open(2, &fix.http, NULL);
}

static int tear_down(void **state)
{
	struct fix *f = *state;

	httpc_close(f->http);
	peer_stop(f->peer);
	arena_free(f->a);
	return 0;
}

static void done(void *arg, const struct target_result *r)
{
	struct fix *f = arg;

	f->over = true;
	f->res = *r;
}

static int letter(void *ctx, struct arena *a, const char *person_id,
    const struct action *act, const char *link, struct letter *out,
    struct err *e)
{
	static const char *const value[] = { "r1", "2026-04-09T00:00:00Z",
	    "Ann", "ABCD-2345", "a11", "+1 202 555 0100" };

	(void)ctx;
	(void)a;
	(void)person_id;
	(void)act;
	(void)link;
	(void)e;
	*out = (struct letter){ NOTICE_PHONE, "", "", value };
	return 0;
}

static const struct target_source source = { NULL, letter, NULL };

static int apply(struct fix *f, enum action_kind kind, bool notice)
{
	struct target_conf c = { .name = "hook", .kind = "webhook",
	    .url = arena_printf(f->a, "http://127.0.0.1:%d/hook",
	    peer_port(f->peer)), .token = SECRET, .ca_file = "",
	    .insecure = true, .timeout = CLOCK_SECOND, .source = &source };
	struct target_person p = { .id = "0b9b9a3e-0000-4000-8000-000000000001",
	    .uid = "anna", .display = "Anna \"A\" Ek", .given = "", .family =
	    "", .mail = "anna@example.com", .exists = true };
	struct action act = { .kind = kind, .target = "hook", .tool = "wan",
	    .remote_id = "-", .notice = notice, .key = KEY };
	struct target *t;
	struct err e;

	strv_add(f->a, &act.accounts, "100001");
	strv_add(f->a, &act.accounts, "100002");
	if (target_open(&c, f->http, &t, &e) != 0)
		fail_msg("%s", e.text);
	f->over = false;
	t->kind->apply(t, &p, &act, done, f);
	while (!f->over)
		httpc_drive(f->http, CLOCK_SECOND);
	target_close(t);
	return f->res.code;
}

static const char *header(struct fix *f, const char *name)
{
	char value[512];

	if (!peer_header(&f->last, name, value, sizeof(value)))
		fail_msg("no header %s in %s", name, f->last.head);
	return arena_strdup(f->a, value);
}

/* As a receiver would: a signature over what arrived, byte for byte. */
static void check_signature(struct fix *f)
{
	const char *signed_text = arena_printf(f->a, "%s.%s.%s",
	    header(f, "webhook-id"), header(f, "webhook-timestamp"),
	    f->last.body);
	unsigned char *key;
	uint8_t mac[32];
	size_t n;

	assert_int_equal(str_unbase64(f->a, &SECRET[6], &key, &n), 0);
	assert_int_equal(n, 24);
	hash_hmac256(key, n, signed_text, strlen(signed_text), mac);
	assert_string_equal(header(f, "webhook-signature"),
	    arena_printf(f->a, "v1,%s", str_base64(f->a, mac, 32)));
}

/* V23: a call; to forget it tells nobody. */
static void test_delivery(void **state)
{
	struct fix *f = *state;

	assert_int_equal(apply(f, ACTION_MAIL, true), 0);
	assert_string_equal(header(f, "webhook-id"), KEY);
	assert_non_null(strstr(f->last.body, "\"type\":\"delivery.phone\""));
	assert_non_null(strstr(f->last.body, "\"data\":{\"request\":\"r1\","
	    "\"expires\":\"2026-04-09T00:00:00Z\",\"name\":\"Ann\","
	    "\"code\":\"ABCD-2345\",\"account\":\"a11\","
	    "\"phone\":\"+1 202 555 0100\"}}"));
	check_signature(f);
	memset(&f->last, 0, sizeof(f->last));
	assert_int_equal(apply(f, ACTION_REMOVE, true), 0);
	assert_string_equal(f->last.method, "");
}

static void test_put(void **state)
{
	struct fix *f = *state;
	int64_t stamp;

	assert_int_equal(apply(f, ACTION_PUT, false), 0);
	assert_string_equal(f->res.remote_id, "-");
	assert_string_equal(f->last.method, "POST");
	assert_string_equal(header(f, "webhook-id"), KEY);
	assert_true(str_int(header(f, "webhook-timestamp"), &stamp));
	assert_true(llabs(stamp - clock_now() / CLOCK_SECOND) < 60);
	assert_non_null(strstr(f->last.body, "\"type\":\"grant.put\""));
	assert_non_null(strstr(f->last.body,
	    "\"accounts\":[\"100001\",\"100002\"]"));
	assert_non_null(strstr(f->last.body,
	    "\"displayName\":\"Anna \\\"A\\\" Ek\""));
	check_signature(f);
}

static void test_removed(void **state)
{
	struct fix *f = *state;

	f->status = 204;
	assert_int_equal(apply(f, ACTION_REMOVE, false), 0);
	assert_non_null(strstr(f->last.body, "\"type\":\"grant.removed\""));
	assert_non_null(strstr(f->last.body, "\"accounts\":[]"));
	check_signature(f);
}

static void test_answers(void **state)
{
	static const int rows[][2] = { { 410, ERR_STOP }, { 404, ERR_STOP },
	    { 401, ERR_STOP }, { 307, ERR_STOP }, { 400, ERR_ITEM_BAD },
	    { 429, ERR_RETRY }, { 500, ERR_RETRY } };
	struct fix *f = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->status = rows[i][0];
		assert_int_equal(apply(f, ACTION_PUT, false), rows[i][1]);
	}
}

static void test_secrets(void **state)
{
	static const char *const bad[] = { "", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "whsec_", "whsec_!!!!" };
	struct fix *f = *state;
	struct target_conf c = { .name = "hook", .kind = "webhook",
	    .url = "https://example.com/hook", .ca_file = "" };
	struct target *t;
	struct err e;
	size_t i;

	for (i = 0; i < 4; i++) {
		c.token = bad[i];
		assert_int_equal(target_open(&c, f->http, &t, &e),
		    ERR_INVALID);
		assert_non_null(strstr(e.text, "whsec_"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_put), T(test_removed), T(test_answers),
		T(test_secrets), T(test_delivery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
