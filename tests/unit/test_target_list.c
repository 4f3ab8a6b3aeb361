/* SPDX-License-Identifier: ISC */
/* J6: a list is complete, or it is said why it is not. Services that page by
 * number and by cursor, and every way to get it wrong. */
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

#define ANN "0b9b9a3e-0000-4000-8000-000000000001"
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static struct {
	struct peer *peer;
	struct httpc *http;
	struct arena *a;
	/* The service: answers in this order, whatever is asked; the last
	 * stays. */
	const char *answer[8];
	size_t n, asked;
	char target[8][300], body[8][512], head[8192];
	/* What was told: */
	char told[1024];
	int code;
	struct err err;
	bool over, full;
	int64_t waited;
} f;

/* --- the other side --------------------------------------------------------------- */

static size_t answer(void *ctx, const struct peer_request *q, char *out,
    size_t size, bool *closing)
{
	const char *text;
	size_t i = f.asked < 8 ? f.asked : 7;

	(void)ctx;
	snprintf(f.target[i], sizeof(f.target[i]), "%s %.240s", q->method,
	    q->target);
	snprintf(f.body[i], sizeof(f.body[i]), "%.500s", q->body);
	snprintf(f.head, sizeof(f.head), "%s", q->head);
	text = f.answer[f.asked < f.n ? f.asked : f.n - 1];
	f.asked++;
	if (*text == '{')
		return peer_reply(out, size, 200, "application/json", "",
		    text);
	*closing = true;
	return (size_t)snprintf(out, size, "%s", text);
}

#define RAW(status, headers, body) "HTTP/1.1 " status "\r\n" headers \
	"Content-Length: 2\r\n\r\n" body
#define NO_CONFIG RAW("404 Not Found", "", "{}")
#define CURSORS "{\"pagination\":{\"cursor\":true}}"

static void say(const char *const *answers)
{
	for (f.n = 0; answers[f.n] != NULL; f.n++)
		f.answer[f.n] = answers[f.n];
	f.asked = 0;
}

/* --- the lister ------------------------------------------------------------------- */

static bool each(void *ctx, const struct target_account *acc)
{
	size_t n = strlen(f.told), i, j;

	(void)ctx;
	n += (size_t)snprintf(f.told + n, sizeof(f.told) - n, "%s%s=%s%s",
	    n != 0 ? " " : "", acc->remote_id, acc->key,
	    acc->active ? "" : "!");
	for (i = 0; i < acc->n; i++) {
		n += (size_t)snprintf(f.told + n, sizeof(f.told) - n, "/%s",
		    acc->held[i].tool);
		for (j = 0; j < acc->held[i].accounts.n; j++)
			n += (size_t)snprintf(f.told + n, sizeof(f.told) - n,
			    ":%s", acc->held[i].accounts.v[j]);
	}
	return !f.full;
}

static void done(void *ctx, int code, const struct err *e)
{
	(void)ctx;
	assert_false(f.over);
	f.over = true;
	f.code = code;
	f.err = *e;
}

/* Time passes as fast as the test likes. */
static void later(void *ctx, int64_t at, void (*again)(void *arg), void *arg)
{
	(void)ctx;
	f.waited += (at - clock_mono() + CLOCK_SECOND - 1) / CLOCK_SECOND;
	again(arg);
}

static int list_of(const char *kind, const char *list_url)
{
	struct target_conf c = { .name = "t", .kind = kind, .insecure = true,
	    .url = arena_printf(f.a, "http://127.0.0.1:%d/scim",
	    peer_port(f.peer)), .token = str_eq(kind, "webhook") ? SECRET :
	    "tok", .list_url = list_url, .timeout = 2 * CLOCK_SECOND };
	struct target_lister l = { .each = each, .done = done,
	    .later = later };
	struct target *t;
	struct err e;

	strv_add(f.a, &l.tools, "wan");
	strv_add(f.a, &l.tools, "lan");
	f.told[0] = '\0';
	f.over = false;
	f.waited = 0;
	if (target_open(&c, f.http, &t, &e) != 0)
		fail_msg("%s", e.text);
	t->kind->list(t, &l);
	while (!f.over)
		httpc_drive(f.http, CLOCK_SECOND);
	target_close(t);
	return f.code;
}

static int scim(const char *const *answers)
{
	say(answers);
	return list_of("scim", NULL);
}

static int webhook(const char *const *answers)
{
	say(answers);
	return list_of("webhook", arena_printf(f.a,
	    "http://127.0.0.1:%d/list", peer_port(f.peer)));
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.a = arena_new();
	f.peer = peer_start(answer, NULL);
	return httpc_open(2, &f.http, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	httpc_close(f.http);
	peer_stop(f.peer);
	arena_free(f.a);
	return 0;
}

/* --- SCIM -------------------------------------------------------------------------- */

#define USER(id) "{\"id\":\"" id "\",\"userName\":\"n" id "\"}"
#define PAGE(total, users) "{\"totalResults\":" total ",\"Resources\":[" \
	users "]}"

static void test_by_number(void **state)
{
	static const char *const pages[] = { NO_CONFIG,
	    "{\"totalResults\":3,\"startIndex\":1,\"Resources\":[{\"id\":\"u 1"
	    "\",\"externalId\":\"" ANN "\",\"entitlements\":[{\"value\":\"wan"
	    "\",\"type\":\"tool\"},{\"value\":\"100\",\"type\":\"account\","
	    "\"display\":\"wan\"},{\"value\":\"else\",\"type\":\"tool\"}]},"
	    "{\"id\":\"u2\",\"active\":false,\"entitlements\":[{\"value\":"
	    "\"LAN\",\"type\":\"tool\"}]}]}",
	    "{\"totalResults\":3,\"startIndex\":3,\"Resources\":[" USER("u3")
	    "]}", NULL };

	(void)state;
	assert_int_equal(scim(pages), 0);
	assert_string_equal(f.told, "u%201=" ANN "/wan:100 u2=!/lan u3=");
	assert_string_equal(f.target[0],
	    "GET /scim/ServiceProviderConfig");
	assert_string_equal(f.target[1],
	    "GET /scim/Users?startIndex=1&count=100");
	assert_string_equal(f.target[2],
	    "GET /scim/Users?startIndex=3&count=100");
	assert_int_equal(f.asked, 3);
}

static void test_by_cursor(void **state)
{
	static const char *const pages[] = { CURSORS,
	    "{\"totalResults\":2,\"nextCursor\":\"c/2\",\"Resources\":["
	    USER("u1") "]}", "{\"totalResults\":2,\"nextCursor\":\"\","
	    "\"Resources\":[" USER("u2") "]}", NULL };
	/* One that does so without being asked. */
	static const char *const unasked[] = { NO_CONFIG,
	    "{\"totalResults\":2,\"nextCursor\":\"c2\",\"Resources\":["
	    USER("u1") "]}", PAGE("2", USER("u2")), NULL };

	(void)state;
	assert_int_equal(scim(pages), 0);
	assert_string_equal(f.told, "u1= u2=");
	assert_string_equal(f.target[1], "GET /scim/Users?cursor=&count=100");
	assert_string_equal(f.target[2],
	    "GET /scim/Users?cursor=c%2F2&count=100");
	assert_int_equal(scim(unasked), 0);
	assert_string_equal(f.told, "u1= u2=");
	assert_string_equal(f.target[2],
	    "GET /scim/Users?cursor=c2&count=100");
}

static void test_empty(void **state)
{
	static const char *const pages[] = { NO_CONFIG,
	    "{\"totalResults\":0}", NULL };

	(void)state;
	assert_int_equal(scim(pages), 0);
	assert_string_equal(f.told, "");
}

/* What is wrong, and a word that the reason has. */
static const struct {
	const char *why, *answer[4];
} wrong[] = {
	{ "1 of 2", { NO_CONFIG, PAGE("2", USER("u1")), PAGE("2", "") } },
	{ "2 of 1", { NO_CONFIG, PAGE("1", USER("u1") "," USER("u2")) } },
	{ "3 accounts, then 4", { NO_CONFIG, PAGE("3", USER("u1")),
	    PAGE("4", USER("u2")) } },
	{ "came twice", { NO_CONFIG, PAGE("2", USER("u1")),
	    PAGE("2", USER("u1")) } },
	{ "startIndex 2", { NO_CONFIG, PAGE("2", USER("u1")),
	    "{\"totalResults\":2,\"startIndex\":1,\"Resources\":[" USER("u2")
	    "]}" } },
	{ "without an id", { NO_CONFIG, PAGE("1", "{\"userName\":\"x\"}") } },
	{ "without an id", { NO_CONFIG, PAGE("1", "7") } },
	{ "no totalResults", { NO_CONFIG, "{\"Resources\":[]}" } },
	{ "no Resources", { NO_CONFIG, "{}" } },
	{ "no Resources", { NO_CONFIG, "{\"totalResults\":5}" } },
	{ "no array", { NO_CONFIG,
	    "{\"totalResults\":1,\"Resources\":{\"id\":\"u1\"}}" } },
	{ "in circles", { CURSORS, "{\"nextCursor\":\"c\",\"Resources\":["
	    USER("u1") "]}", "{\"nextCursor\":\"c\",\"Resources\":[" USER("u2")
	    "]}" } },
	{ "1 of 2", { CURSORS, "{\"totalResults\":2,\"Resources\":["
	    USER("u1") "]}" } },
	{ "without a JSON object", { NO_CONFIG,
	    RAW("200 OK", "Content-Type: text/html\r\n", "<p") } },
	{ "without a JSON object", { NO_CONFIG, RAW("200 OK", "", "[]") } },
	{ "answered 500", { NO_CONFIG, RAW("500 Oops", "", "{}") } },
};

static void test_wrong(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (scim(wrong[i].answer) != ERR_RETRY ||
		    strstr(f.err.text, wrong[i].why) == NULL)
			fail_msg("%zu: code %d, no \"%s\" in: %s", i, f.code,
			    wrong[i].why, f.err.text);
	}
}

/* Redirects, whereto ever, and cut-off answers; a tool that moved is asked
 * nothing behind that. */
static void test_redirect(void **state)
{
	static const char *const to[] = { "http://169.254.169.254/latest",
	    "file:///etc/passwd", "https://other.example/Users" };
	const char *answers[] = { NO_CONFIG, NULL, NULL };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		answers[1] = arena_printf(f.a, "HTTP/1.1 302 Found\r\n"
		    "Location: %s\r\nContent-Length: 0\r\n\r\n", to[i]);
		assert_int_equal(scim(answers), ERR_STOP);
		assert_non_null(strstr(f.err.text, "redirect"));
		assert_int_equal(f.asked, 2);
	}
	answers[1] = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
	    "{\"totalResults\":1,";
	assert_int_equal(scim(answers), ERR_RETRY);
	answers[1] = "";
	assert_int_equal(scim(answers), ERR_RETRY);
}

/* Asked for patience it waits; but not for ever, nor for hours. */
static void test_patience(void **state)
{
	static const char *const busy[] = { NO_CONFIG,
	    RAW("429 Slow", "Retry-After: 7\r\n", "{}"),
	    RAW("429 Slow", "", "{}"), RAW("503 Later", "Retry-After: 3\r\n",
	    "{}"), PAGE("1", USER("u1")), NULL };
	static const char *const hours[] = { NO_CONFIG,
	    RAW("429 Slow", "Retry-After: 7200\r\n", "{}"), NULL };
	static const char *const always[] = { NO_CONFIG,
	    RAW("429 Slow", "Retry-After: 1\r\n", "{}"), NULL };

	(void)state;
	assert_int_equal(scim(busy), 0);
	assert_string_equal(f.told, "u1=");
	assert_int_equal(f.waited, 7 + 1 + 3);
	assert_int_equal(scim(hours), ERR_RETRY);
	assert_int_equal(f.err.retry_after, 7200);
	assert_int_equal(f.waited, 0);
	assert_int_equal(scim(always), ERR_RETRY);
	assert_int_equal(f.asked, 6);
}

static void test_full(void **state)
{
	static const char *const pages[] = { NO_CONFIG,
	    PAGE("3", USER("u1") "," USER("u2")), NULL };

	(void)state;
	f.full = true;
	assert_int_equal(scim(pages), ERR_LIMIT);
	assert_string_equal(f.told, "u1=");
	assert_int_equal(f.asked, 2);
}

/* --- webhook ------------------------------------------------------------------------ */

static void test_webhook(void **state)
{
	static const char *const pages[] = { "{\"total\":2,\"next\":\"c2\","
	    "\"accounts\":[{\"id\":\"a1\",\"externalId\":\"" ANN "\","
	    "\"tools\":[{\"tool\":\"WAN\",\"accounts\":[\"1\",\"2\"]},"
	    "{\"tool\":\"else\"}]}]}", "{\"total\":2,\"accounts\":[{\"id\":"
	    "\"a2\",\"active\":false}]}", NULL };
	static const char *const none[] = { "{\"ok\":true}", NULL };
	static const char *const few[] = { "{\"total\":2,\"accounts\":[]}",
	    NULL };

	(void)state;
	assert_int_equal(webhook(pages), 0);
	assert_string_equal(f.told, "a1=" ANN "/wan:1:2 a2=!");
	assert_string_equal(f.target[0], "POST /list");
	assert_non_null(strstr(f.body[0], "\"type\":\"grants.list\""));
	assert_null(strstr(f.body[0], "cursor"));
	assert_non_null(strstr(f.body[1], "\"cursor\":\"c2\""));
	assert_non_null(strstr(f.head, "webhook-signature: v1,"));
	assert_int_equal(webhook(none), ERR_RETRY);
	assert_int_equal(webhook(few), ERR_RETRY);
	assert_non_null(strstr(f.err.text, "0 of 2"));
	assert_int_equal(list_of("webhook", ""), ERR_UNSUPPORTED);
}

static void test_null(void **state)
{
	(void)state;
	assert_int_equal(list_of("null", ""), ERR_UNSUPPORTED);
	assert_string_equal(f.told, "");
	assert_null(target_file.list);
	assert_null(target_spool.list);
	assert_null(target_mail.list);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(test_by_number),
	    CASE(test_by_cursor), CASE(test_empty), CASE(test_wrong),
	    CASE(test_redirect), CASE(test_patience), CASE(test_full),
	    CASE(test_webhook), CASE(test_null) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
